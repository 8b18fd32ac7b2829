// How far a run is, and when it will be done, as one line of text.
//
// Remaining time comes from FLOPs: what a thread has done per second so far, held against what is left. Jobs run the
// most expensive first, so counting jobs would promise too long a night at first.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include "initsweep/record.hpp"

namespace initsweep {

struct ProgressState {
  std::size_t total = 0, done = 0;  // jobs; done counts the failed, the diverged, and those of earlier runs
  std::size_t running = 0, failed = 0, diverged = 0;
  double elapsed_s = 0;
  std::optional<double> seconds_left = std::nullopt;  // not before the first job has finished
};

// "[########............] 35/72 done, 2 running, 1 failed, 3 diverged, 45 s, about 50 s left": at most `width` columns;
// what does not fit goes from the bar first, then from the end.
[[nodiscard]] std::string progress_bar(const ProgressState& state, std::size_t width);

// The same in words, for logs: no bar, any length.
[[nodiscard]] std::string progress_sentence(const ProgressState& state);

// Counts what happens to jobs. Times are seconds since the run began.
class ProgressMeter {
 public:
  // `total` jobs, `done` of them in earlier runs; `flops` for those still to do, on `threads` threads.
  ProgressMeter(std::size_t total, std::size_t done, double flops, int threads);
  void job_started(std::size_t job, double flops, double now);
  void job_finished(std::size_t job, JobStatus status, double now);
  [[nodiscard]] ProgressState state(double now) const;

 private:
  struct Running {
    double flops, start;
  };
  [[nodiscard]] std::optional<double> seconds_left(double now) const;
  ProgressState counts_;
  double flops_left_;  // of jobs not finished
  double flops_finished_ = 0, seconds_finished_ = 0;
  int threads_;
  std::unordered_map<std::size_t, Running> running_;
};

// When a plain line is due: at each tenth of the jobs and every half minute, but two seconds apart.
class PlainPace {
 public:
  [[nodiscard]] bool is_due(const ProgressState& state);

 private:
  double last_ = 0;
  std::size_t tenths_ = 0;
};

}  // namespace initsweep
