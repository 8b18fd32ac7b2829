#include "initsweep/runner.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <ctime>
#include <exception>
#include <fstream>
#include <future>
#include <latch>
#include <list>
#include <mutex>
#include <new>
#include <sstream>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "host.hpp"

#ifndef INITSWEEP_STD_THREADS
#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>
#endif

namespace initsweep {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double thread_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Linux counts what the process that started this one had into ru_maxrss (it outlives exec), so VmHWM is asked first.
double peak_memory_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (double kilobytes = 0; word == "VmHWM:" && status >> kilobytes) return 1024 * kilobytes;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

Record failed_record(std::string error) {
  Record record;
  record.status = JobStatus::failed;
  record.error = std::move(error);
  return record;
}

// One run: what is left to do, what runs, and what has come of the rest. `mutex_` guards all that follows it, and its
// holder is the only one to call the observer.
class Run {
 public:
  Run(std::vector<JobRequest> requests, const TrainFunction& train, const RunOptions& options, RunObserver& observer)
      : train_(train), options_(options), observer_(observer), host_(host_name()) {
    std::stable_sort(requests.begin(), requests.end(),
                     [](const JobRequest& a, const JobRequest& b) { return a.work > b.work; });
    waiting_.assign(requests.begin(), requests.end());
  }

  // What each thread does until nothing is left to start.
  void work(int thread) {
    while (const std::optional<JobRequest> request = take_next(thread)) run_one(*request, thread);
  }

  void tick() {
    const std::lock_guard lock(mutex_);
    if (!aborted_) observe([this] { observer_.tick(); });
  }

  void sync() {
    try {
      observer_.sync();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      observe([] { throw; });
    }
  }

  RunReport report() {
    if (error_) std::rethrow_exception(error_);
    report_.stopped = stop_level() >= StopLevel::finish_running && (interrupted_ || !waiting_.empty());
    return report_;
  }

 private:
  StopLevel stop_level() const {
    return options_.stop == nullptr ? StopLevel::none : static_cast<StopLevel>(options_.stop->load());
  }

  bool may_start() const {
    return !waiting_.empty() && !aborted_ && !report_.too_many_failures && stop_level() == StopLevel::none;
  }

  bool fits(const JobRequest& request) const {
    return n_running_ == 0 || !options_.memory_limit || bytes_running_ + request.bytes <= *options_.memory_limit;
  }

  // The longest job that fits beside those running; waits for one of them to end where none does.
  std::optional<JobRequest> take_next(int thread) {
    std::unique_lock lock(mutex_);
    while (may_start()) {
      const auto next = std::find_if(waiting_.begin(), waiting_.end(), [this](const auto& r) { return fits(r); });
      if (next == waiting_.end()) {
        job_ended_.wait(lock);
        continue;
      }
      const JobRequest request = *next;
      observe([&] { observer_.job_started(request, thread); });
      if (aborted_) break;
      waiting_.erase(next);
      ++n_running_;
      bytes_running_ += request.bytes;
      return request;
    }
    return std::nullopt;
  }

  void run_one(const JobRequest& request, int thread) {
    Trace trace;
    trace.start = utc_now();
    trace.thread = thread;
    trace.host = host_;
    const double cpu_start = thread_cpu_seconds();
    const Clock::time_point start = Clock::now();
    std::optional<Record> record = train_caught(request.job, [this, start](std::int64_t) { return poll(start); });
    trace.duration_s = seconds_since(start);
    trace.cpu_s = thread_cpu_seconds() - cpu_start;
    trace.peak_memory_bytes = peak_memory_bytes();

    const std::lock_guard lock(mutex_);
    --n_running_;
    bytes_running_ -= request.bytes;
    if (record)
      count_and_hand_over(request, std::move(*record), std::move(trace));
    else
      interrupted_ = true;
    job_ended_.notify_all();
  }

  // The job's edge: whatever is thrown in it becomes its outcome.
  std::optional<Record> train_caught(std::size_t job, const InterruptPoll& poll) const {
    try {
      return train_(job, poll);
    } catch (const std::bad_alloc&) {
      return failed_record("not enough memory");
    } catch (const std::exception& error) {
      return failed_record(error.what());
    } catch (...) {
      return failed_record("unknown error");
    }
  }

  Interrupt poll(Clock::time_point start) const {
    if (aborted_ || stop_level() >= StopLevel::now) return Interrupt::stop;
    if (options_.job_timeout && seconds_since(start) > *options_.job_timeout) return Interrupt::timeout;
    return Interrupt::none;
  }

  void count_and_hand_over(const JobRequest& request, Record&& record, Trace&& trace) {
    if (aborted_) return;  // the observer has thrown and is not called again
    ++report_.finished;
    if (record.status == JobStatus::diverged) ++report_.diverged;
    if (record.status == JobStatus::failed || record.status == JobStatus::timeout) {
      ++report_.failed;
      if (options_.max_failures && report_.failed >= static_cast<std::size_t>(*options_.max_failures))
        report_.too_many_failures = true;
    }
    observe([&] { observer_.job_finished(request, std::move(record), std::move(trace)); });
  }

  template <class Call>
  void observe(const Call& call) {
    try {
      call();
    } catch (...) {
      if (!error_) error_ = std::current_exception();
      aborted_ = true;
    }
  }

  const TrainFunction& train_;
  const RunOptions& options_;
  RunObserver& observer_;
  const std::string host_;
  std::atomic<bool> aborted_ = false;  // read by running jobs without the mutex

  std::mutex mutex_;
  std::condition_variable job_ended_;
  std::list<JobRequest> waiting_;  // longest first
  std::size_t n_running_ = 0;
  double bytes_running_ = 0;
  bool interrupted_ = false;  // a job was told to stop
  std::exception_ptr error_;  // of the observer
  RunReport report_;
};

// Throws std::system_error if the system grants fewer threads than that beside this one: oneTBB would abort.
void require_threads(int n_threads) {
  std::latch started(n_threads);
  std::vector<std::jthread> threads;
  try {
    while (threads.size() < static_cast<std::size_t>(n_threads))
      threads.emplace_back([&started] { started.arrive_and_wait(); });  // all there at once
  } catch (...) {
    started.count_down(n_threads - static_cast<std::ptrdiff_t>(threads.size()));
    throw;
  }
}

// Makes the run tick, from a thread of its own, for as long as it lives.
class Ticker {
 public:
  explicit Ticker(Run& run) : thread_([this, &run](const std::stop_token& stop) { loop(run, stop); }) {}

 private:
  void loop(Run& run, const std::stop_token& stop) {
    constexpr int kTicksPerSync = 10;
    std::unique_lock lock(mutex_);
    for (int n = 1; !wake_.wait_for(lock, stop, std::chrono::milliseconds(100), [&] { return stop.stop_requested(); });
         ++n) {
      run.tick();
      if (n % kTicksPerSync == 0) run.sync();
    }
  }
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last, so that it ends first
};

// Calls work(0) to work(n_threads - 1), each on a thread of its own; what one throws is rethrown.
#ifdef INITSWEEP_STD_THREADS  // ThreadSanitizer cannot see into the packaged oneTBB
template <class Work>
void work_on_threads(int n_threads, const Work& work) {
  std::vector<std::future<void>> threads;
  for (int i = 0; i < n_threads; ++i) threads.push_back(std::async(std::launch::async, [&work, i] { work(i); }));
  for (std::future<void>& thread : threads) thread.wait();
  for (std::future<void>& thread : threads) thread.get();
}
#else
template <class Work>
void work_on_threads(int n_threads, const Work& work) {
  // Without the control oneTBB never runs more threads than there are processors.
  const tbb::global_control allow(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(n_threads));
  tbb::task_arena arena(n_threads);
  arena.execute([&] {
    tbb::task_group group;
    for (int i = 0; i < n_threads; ++i) group.run([&work, i] { work(i); });
    group.wait();
  });
}
#endif

// "max 100000" or "50000 100000" (quota and period in microseconds) -> processors.
std::optional<double> quota_v2(const std::filesystem::path& folder) {
  std::ifstream file(folder / "cpu.max");
  double quota = 0, period = 0;
  if (!(file >> quota >> period) || quota <= 0 || period <= 0) return std::nullopt;  // "max" is not a number
  return quota / period;
}

// Two files; a quota of -1 is none.
std::optional<double> quota_v1(const std::filesystem::path& folder) {
  std::ifstream quota_file(folder / "cpu.cfs_quota_us"), period_file(folder / "cpu.cfs_period_us");
  double quota = 0, period = 0;
  if (!(quota_file >> quota) || !(period_file >> period) || quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

}  // namespace

RunReport run_jobs(std::vector<JobRequest> requests, const TrainFunction& train, const RunOptions& options,
                   RunObserver& observer) {
  const int n_threads = static_cast<int>(std::min<std::size_t>(std::max(options.threads, 1), requests.size()));
  Run run(std::move(requests), train, options, observer);
  if (n_threads > 0) {
    require_threads(n_threads);
    const Ticker ticker(run);
    work_on_threads(n_threads, [&run](int thread) { run.work(thread); });
  }
  return run.report();
}

void parallel_for(std::size_t n, int threads, const std::function<void(std::size_t)>& body) {
  std::atomic<std::size_t> next = 0;
  const int n_threads = static_cast<int>(std::clamp<std::size_t>(n, 1, static_cast<std::size_t>(std::max(threads, 1))));
  work_on_threads(n_threads, [&](int) {
    for (std::size_t i = next++; i < n; i = next++) body(i);
  });
}

std::optional<double> cgroup_cpu_quota(const std::filesystem::path& root) {
  // Lines of /proc/self/cgroup: hierarchy:controllers:path, with no controllers for v2. Inside a container the path may
  // be the host's, which does not exist here: then the walk up reaches the mount itself, where the limit is shown.
  const std::filesystem::path mount = root / "sys/fs/cgroup";
  std::ifstream memberships(root / "proc/self/cgroup");
  std::optional<double> tightest;
  for (std::string line; std::getline(memberships, line);) {
    std::istringstream fields(line);
    std::string hierarchy, controllers, path;
    std::getline(fields, hierarchy, ':');
    std::getline(fields, controllers, ':');
    std::getline(fields, path);
    const bool is_v2 = controllers.empty();
    if (!is_v2 && ("," + controllers + ",").find(",cpu,") == std::string::npos) continue;
    const std::filesystem::path base = is_v2 ? mount : mount / controllers;
    std::filesystem::path below = std::filesystem::path(path).relative_path();
    while (true) {
      const std::optional<double> quota = is_v2 ? quota_v2(base / below) : quota_v1(base / below);
      if (quota) tightest = std::min(*quota, tightest.value_or(*quota));
      if (below.empty()) break;
      below = below.parent_path();
    }
  }
  return tightest;
}

int usable_processors() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  int n = static_cast<int>(std::thread::hardware_concurrency());  // where the mask is wider than cpu_set_t
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) n = CPU_COUNT(&mask);
  if (const std::optional<double> quota = cgroup_cpu_quota()) n = std::min(n, static_cast<int>(std::ceil(*quota)));
  return std::max(n, 1);
}

}  // namespace initsweep
