// Runs jobs in parallel, one thread each, the longest first, and hands each outcome to one observer.
//
// Parallel across jobs only, so no job's arithmetic ever depends on the thread count. A job that throws is an outcome,
// not an end. The train function and the observer are seams: tests run fake jobs.
#pragma once
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>
#include "initsweep/record.hpp"
#include "initsweep/train.hpp"

namespace initsweep {

struct JobRequest {
  std::size_t job = 0;  // the caller's number of it
  double work = 0;      // what it takes, in any unit of time
  double bytes = 0;
};

// nullopt: stopped before it was finished.
using TrainFunction = std::function<std::optional<Record>(std::size_t job, const InterruptPoll& poll)>;

class RunObserver {
 public:
  virtual ~RunObserver() = default;
  // Never called by two threads at once. An exception out of any of them ends the run as StopLevel::now would and is
  // rethrown by run_jobs.
  virtual void job_started(const JobRequest& request, int thread) = 0;
  virtual void job_finished(const JobRequest& request, Record&& record, Trace&& trace) = 0;
  // Ten times a second while jobs run: for what cannot wait until one ends.
  virtual void tick() {}
  // Once a second while jobs run, and unlike the others at any time beside them: for waiting for a disk.
  virtual void sync() {}
};

enum class StopLevel : int {
  none = 0,
  finish_running = 1,  // start nothing new
  now = 2              // running jobs stop at their next mini-batch and leave no row
};

struct RunOptions {
  int threads = 1;
  // Bytes; running jobs together stay below it, one alone may always run.
  std::optional<double> memory_limit = std::nullopt;
  std::optional<double> job_timeout = std::nullopt;  // seconds
  std::optional<int> max_failures = std::nullopt;    // start nothing new after this many failed or timed-out jobs
  const std::atomic<int>* stop = nullptr;            // a StopLevel, raised by a signal handler
};

struct RunReport {
  std::size_t finished = 0, failed = 0, diverged = 0;  // failed counts timeouts too; both are among finished
  bool stopped = false;                                // by RunOptions::stop before all were finished
  bool too_many_failures = false;
};

// Blocks until every job has finished or been stopped. The trace's samples_per_s is left to the observer.
RunReport run_jobs(std::vector<JobRequest> requests, const TrainFunction& train, const RunOptions& options,
                   RunObserver& observer);

// Calls body(0) to body(n - 1), several at once on as many threads. What one of them throws is rethrown.
void parallel_for(std::size_t n, int threads, const std::function<void(std::size_t)>& body);

// Processors that the CPU quota of this process' cgroup (v2 or v1, the tightest on the way up) leaves; nullopt if
// there is none. `root` is "/" but in tests.
[[nodiscard]] std::optional<double> cgroup_cpu_quota(const std::filesystem::path& root = "/");

// Processors this process may use: its affinity mask or its CPU quota (rounded up), whichever is less, at least 1.
[[nodiscard]] int usable_processors();

}  // namespace initsweep
