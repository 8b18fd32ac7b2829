#include "console.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "initsweep/diagnostic.hpp"
#include "initsweep/file.hpp"

namespace initsweep {
namespace {

constexpr std::string_view kEraseLine = "\r\x1b[K";

}  // namespace

bool open_standard_streams() {
  // open takes the lowest number that is free, so those below are open already.
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) != descriptor) return false;
  return true;
}

Console::Console() : answer_is_terminal_(isatty(STDOUT_FILENO) == 1), stderr_is_terminal_(isatty(STDERR_FILENO) == 1) {}

bool Console::answer(std::string_view text) { return answer_as_is(printable_lines(text)); }

bool Console::answer_as_is(std::string_view text) {
  if (answer_is_closed_) return false;
  const int error = write_all(STDOUT_FILENO, text);
  if (error == 0) return true;
  answer_is_closed_ = true;
  if (error != EPIPE)
    throw EnvironmentError(std::string("standard output: error: cannot write: ") + std::strerror(error));
  return false;
}

void Console::say(std::string_view text) {
  const std::lock_guard lock(mutex_);
  std::string bytes;  // in one write, so that the line never flickers
  if (!bar_.empty()) bytes += kEraseLine;
  bytes += printable_lines(text);
  bytes += bar_;
  write_stderr(bytes);
}

void Console::show_bar(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (text == bar_) return;
  std::string bytes(kEraseLine);
  bytes += text;
  bar_ = text;
  write_stderr(bytes);
}

// A paused terminal or pager must not hold up a night of trainings, which speak while they hold their locks.
void Console::write_stderr(std::string_view text) {
  constexpr int kPatience = 1000;  // milliseconds, the first time
  while (!text.empty()) {
    pollfd ready{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
    const int n = poll(&ready, 1, is_stalled_ ? 0 : kPatience);
    if (n < 0 && errno == EINTR) continue;
    is_stalled_ = n == 0;
    const std::string_view piece = text.substr(0, PIPE_BUF);  // what a pipe that is ready has room for
    if (is_stalled_ || write_all(STDERR_FILENO, piece) != 0) return;
    text.remove_prefix(piece.size());
  }
}

std::size_t Console::width() const {
  constexpr std::size_t kWithoutTerminal = 100;
  winsize size{};
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO})
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kWithoutTerminal;
}

}  // namespace initsweep
