// What the terminal, the scheduler and `kill` ask of a run.
//
// SIGINT once: start nothing new; twice: stop at the next mini-batch; three times: exit at once. SIGTERM and SIGHUP act
// like the second, however often they come. SIGUSR1 asks for the status. Handlers only set atomics.
#pragma once
#include <atomic>
#include <string_view>

namespace initsweep {

// Handlers are in force from here on, to the end of the process: a signal that comes while the ending is printed must
// not kill what the run has become.
class RunSignals {
 public:
  RunSignals();
  RunSignals(const RunSignals&) = delete;
  RunSignals& operator=(const RunSignals&) = delete;

  [[nodiscard]] const std::atomic<int>& stop_level() const;  // a StopLevel
  // The last signal that raised the level, 0 if none has.
  [[nodiscard]] int stop_signal() const;
  // Whether SIGUSR1 has come since the last time of asking.
  [[nodiscard]] bool take_status_request();
};

[[nodiscard]] std::string_view signal_name(int signal);  // SIGINT, SIGTERM, SIGHUP

// A pipe that nobody reads and a file over its size limit are then errors of write(), not the end of the process.
void take_write_errors_as_errors();

}  // namespace initsweep
