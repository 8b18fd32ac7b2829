// How far a run is, and when it will be done, as one line of text.
//
// Remaining time comes from work (Cost::work): the seconds that a thread has taken for one so far tell the pace, and
// what is left is laid out on the threads as the runner will do it, longest first.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>
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
  // `total` jobs, `done` of them in earlier runs; `work` of each of those still to do, on `threads` threads.
  ProgressMeter(std::size_t total, std::size_t done, std::vector<double> work, int threads);
  // `work` is one of those given.
  void job_started(std::size_t job, double work, double now);
  // `work_done` is less than its work where it diverged, and 0 where nobody knows: then it tells no pace.
  void job_finished(std::size_t job, JobStatus status, double work_done, double now);
  [[nodiscard]] ProgressState state(double now) const;

 private:
  struct Running {
    double work, start;
  };
  [[nodiscard]] std::optional<double> seconds_left(double now) const;
  ProgressState counts_;
  std::vector<double> waiting_;  // work of jobs not started, most first, behind room for those that are
  std::size_t n_started_ = 0;
  double work_finished_ = 0, seconds_finished_ = 0;
  std::size_t threads_;
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
