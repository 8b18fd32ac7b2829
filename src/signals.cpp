#include "signals.hpp"

#include <signal.h>
#include <unistd.h>

namespace initsweep {
namespace {

// A handler can reach nothing but what has a fixed place.
std::atomic<int> g_stop_level = 0;
std::atomic<int> g_stop_signal = 0;
std::atomic<bool> g_status_requested = false;
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

void handle(int signal) {
  if (signal == SIGUSR1) {
    g_status_requested = true;
    return;
  }
  if (signal == SIGINT) {
    if (g_stop_level.fetch_add(1) >= 2) _exit(128 + signal);
  } else if (g_stop_level < 2) {
    g_stop_level = 2;
  }
  g_stop_signal = signal;
}

constexpr int kHandled[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};

}  // namespace

RunSignals::RunSignals() {
  g_stop_level = 0;
  g_stop_signal = 0;
  g_status_requested = false;
  struct sigaction action {};
  action.sa_handler = handle;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signal : kHandled) {
    struct sigaction before {};
    sigaction(signal, nullptr, &before);
    // Whoever started us to outlive the terminal (nohup) or in the background has said so by ignoring the signal.
    if (before.sa_handler != SIG_IGN || signal == SIGUSR1) sigaction(signal, &action, nullptr);
  }
}

const std::atomic<int>& RunSignals::stop_level() const { return g_stop_level; }
int RunSignals::stop_signal() const { return g_stop_signal; }
bool RunSignals::take_status_request() { return g_status_requested.exchange(false); }

std::string_view signal_name(int signal) {
  return signal == SIGINT ? "SIGINT" : signal == SIGTERM ? "SIGTERM" : signal == SIGHUP ? "SIGHUP" : "a signal";
}

void take_write_errors_as_errors() {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

}  // namespace initsweep
