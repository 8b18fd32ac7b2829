#include "initsweep/runner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace initsweep {
namespace {

Record record_with(JobStatus status) {
  Record record;
  record.status = status;
  return record;
}

// Keeps what it hears, and notices if it hears two things at once.
struct Notebook : RunObserver {
  std::vector<std::size_t> started;
  std::map<std::size_t, Record> finished;
  std::map<std::size_t, Trace> traces;
  std::vector<int> threads;
  std::atomic<bool> busy = false, was_concurrent = false;

  void job_started(const JobRequest& request, int thread) override {
    if (busy.exchange(true)) was_concurrent = true;
    started.push_back(request.job);
    threads.push_back(thread);
    std::this_thread::yield();
    busy = false;
  }
  void job_finished(const JobRequest& request, Record&& record, Trace&& trace) override {
    if (busy.exchange(true)) was_concurrent = true;
    finished[request.job] = std::move(record);
    traces[request.job] = std::move(trace);
    std::this_thread::yield();
    busy = false;
  }
};

std::vector<JobRequest> requests_of(const std::vector<double>& work) {
  std::vector<JobRequest> requests;
  for (std::size_t i = 0; i < work.size(); ++i) requests.push_back({.job = i, .work = work[i], .bytes = 1});
  return requests;
}

std::optional<Record> succeed(std::size_t, const InterruptPoll&) { return record_with(JobStatus::ok); }

TEST(Runner, StartsTheLongestFirstAndTiesByPosition) {
  Notebook notebook;
  const RunReport report = run_jobs(requests_of({1, 5, 3, 5, 2}), succeed, {.threads = 1}, notebook);
  EXPECT_EQ(notebook.started, (std::vector<std::size_t>{1, 3, 2, 4, 0}));
  EXPECT_EQ(report.finished, 5u);
  EXPECT_FALSE(report.stopped);
}

TEST(Runner, NothingToDoIsDone) {
  Notebook notebook;
  EXPECT_EQ(run_jobs({}, succeed, {.threads = 4}, notebook).finished, 0u);
}

TEST(Runner, RunsAsManyThreadsAsAskedForOnAnyMachine) {
  constexpr int kThreads = 8;
  std::atomic<int> running = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  // Each job ends when all eight run together; fewer threads would only reach the deadline.
  const TrainFunction meet = [&](std::size_t, const InterruptPoll&) {
    ++running;
    while (running < kThreads && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return record_with(JobStatus::ok);
  };
  Notebook notebook;
  (void)run_jobs(requests_of(std::vector<double>(kThreads, 1.0)), meet, {.threads = kThreads}, notebook);
  EXPECT_LT(std::chrono::steady_clock::now(), deadline);
  std::sort(notebook.threads.begin(), notebook.threads.end());
  EXPECT_EQ(notebook.threads, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST(Runner, ObserverIsNeverCalledByTwoThreadsAtOnce) {
  Notebook notebook;
  const RunReport report = run_jobs(requests_of(std::vector<double>(2000, 1.0)), succeed, {.threads = 8}, notebook);
  EXPECT_FALSE(notebook.was_concurrent);
  EXPECT_EQ(report.finished, 2000u);
  EXPECT_EQ(notebook.finished.size(), 2000u);
}

// The largest sum of bytes that ran at once.
double peak_bytes(const std::vector<double>& bytes, std::optional<double> limit) {
  std::vector<JobRequest> requests;
  for (std::size_t i = 0; i < bytes.size(); ++i) requests.push_back({.job = i, .work = 1, .bytes = bytes[i]});
  std::atomic<double> running = 0, peak = 0;
  const TrainFunction train = [&](std::size_t job, const InterruptPoll&) {
    const double now = running.fetch_add(bytes[job]) + bytes[job];
    for (double seen = peak; seen < now && !peak.compare_exchange_weak(seen, now);) {
    }
    for (int i = 0; i < 2000; ++i) std::this_thread::yield();  // so that jobs do meet
    running.fetch_sub(bytes[job]);
    return record_with(JobStatus::ok);
  };
  Notebook notebook;
  const RunReport report = run_jobs(requests, train, {.threads = 4, .memory_limit = limit}, notebook);
  EXPECT_EQ(report.finished, bytes.size());
  return peak;
}

TEST(Runner, RunningJobsStayBelowTheMemoryLimit) {
  const std::vector<double> bytes = {40, 30, 30, 20, 40, 10, 10, 50, 30, 20};
  EXPECT_LE(peak_bytes(bytes, 60), 60);
  EXPECT_GT(peak_bytes(bytes, std::nullopt), 60) << "without a limit the same jobs must go beyond it";
}

TEST(Runner, OneJobAloneMayExceedTheMemoryLimit) { EXPECT_EQ(peak_bytes({100, 1, 1}, 10), 100); }

TEST(Runner, WhatIsThrownInAJobIsARowAndTheSweepGoesOn) {
  const TrainFunction train = [](std::size_t job, const InterruptPoll&) -> std::optional<Record> {
    if (job == 0) throw std::runtime_error("train_samples is 70000, but mnist has 60000");
    if (job == 1) throw std::bad_alloc();
    if (job == 2) throw 7;
    return record_with(JobStatus::ok);
  };
  Notebook notebook;
  const RunReport report = run_jobs(requests_of({1, 1, 1, 1}), train, {.threads = 2}, notebook);
  EXPECT_EQ(report.finished, 4u);
  EXPECT_EQ(report.failed, 3u);
  EXPECT_EQ(notebook.finished[0].status, JobStatus::failed);
  EXPECT_EQ(notebook.finished[0].error, "train_samples is 70000, but mnist has 60000");
  EXPECT_EQ(notebook.finished[1].error, "not enough memory");
  EXPECT_EQ(notebook.finished[2].error, "unknown error");
  EXPECT_EQ(notebook.finished[3].status, JobStatus::ok);
}

TEST(Runner, DivergedIsFinishedAndNotFailed) {
  const TrainFunction train = [](std::size_t, const InterruptPoll&) { return record_with(JobStatus::diverged); };
  Notebook notebook;
  const RunReport report = run_jobs(requests_of({1, 1}), train, {.threads = 1, .max_failures = 1}, notebook);
  EXPECT_EQ(report.finished, 2u);
  EXPECT_EQ(report.diverged, 2u);
  EXPECT_EQ(report.failed, 0u);
}

// Works until told otherwise.
std::optional<Record> train_on(std::size_t, const InterruptPoll& poll) {
  while (true) {
    const Interrupt interrupt = poll(0);
    if (interrupt == Interrupt::stop) return std::nullopt;
    if (interrupt == Interrupt::timeout) return record_with(JobStatus::timeout);
  }
}

TEST(Runner, AJobOverItsTimeIsToldSoAndCountsAsFailed) {
  Notebook notebook;
  const RunReport report = run_jobs(requests_of({1, 1}), train_on, {.threads = 1, .job_timeout = 1e-6}, notebook);
  EXPECT_EQ(report.finished, 2u);
  EXPECT_EQ(report.failed, 2u);
  EXPECT_FALSE(report.stopped);
}

TEST(Runner, FirstStopLevelFinishesWhatRunsAndStartsNothingNew) {
  std::atomic<int> stop = 0;
  const TrainFunction train = [&](std::size_t, const InterruptPoll& poll) {
    stop = static_cast<int>(StopLevel::finish_running);
    EXPECT_EQ(poll(0), Interrupt::none);
    return record_with(JobStatus::ok);
  };
  Notebook notebook;
  const RunReport report = run_jobs(requests_of({1, 1, 1}), train, {.threads = 1, .stop = &stop}, notebook);
  EXPECT_EQ(report.finished, 1u);
  EXPECT_TRUE(report.stopped);
}

TEST(Runner, SecondStopLevelLeavesNoRowOfWhatRan) {
  std::atomic<int> stop = 0;
  const TrainFunction train = [&](std::size_t job, const InterruptPoll& poll) {
    stop = static_cast<int>(StopLevel::now);
    return train_on(job, poll);
  };
  Notebook notebook;
  const RunReport report = run_jobs(requests_of({1, 1, 1}), train, {.threads = 2, .stop = &stop}, notebook);
  EXPECT_EQ(report.finished, 0u);
  EXPECT_TRUE(report.stopped);
  EXPECT_TRUE(notebook.finished.empty());
}

TEST(Runner, AStopAfterTheLastJobIsNoStop) {
  std::atomic<int> stop = 0;
  const TrainFunction train = [&](std::size_t job, const InterruptPoll&) {
    if (job == 1) stop = static_cast<int>(StopLevel::now);
    return record_with(JobStatus::ok);
  };
  Notebook notebook;
  const RunReport report = run_jobs(requests_of({2, 1}), train, {.threads = 1, .stop = &stop}, notebook);
  EXPECT_EQ(report.finished, 2u);
  EXPECT_FALSE(report.stopped);
}

TEST(Runner, StartsNothingNewAfterTooManyFailures) {
  const TrainFunction train = [](std::size_t, const InterruptPoll&) { return record_with(JobStatus::failed); };
  Notebook notebook;
  const RunReport report = run_jobs(requests_of({1, 1, 1, 1, 1}), train, {.threads = 1, .max_failures = 2}, notebook);
  EXPECT_EQ(report.finished, 2u);
  EXPECT_TRUE(report.too_many_failures);
}

struct FullDisk : Notebook {
  void job_finished(const JobRequest& request, Record&& record, Trace&& trace) override {
    if (request.job == 1) throw std::runtime_error("No space left on device");
    Notebook::job_finished(request, std::move(record), std::move(trace));
  }
};

TEST(Runner, AnErrorOfTheObserverEndsTheRunAndIsRethrown) {
  FullDisk observer;
  try {
    (void)run_jobs(requests_of({3, 2, 1}), succeed, {.threads = 1}, observer);
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "No space left on device");
  }
  EXPECT_EQ(observer.started, (std::vector<std::size_t>{0, 1}));
}

// Jobs work until they are told otherwise, so only the ticks can end this run.
struct LostFolder : Notebook {
  int n_ticks = 0;
  void tick() override {
    if (busy.exchange(true)) was_concurrent = true;
    if (started.size() == 2 && ++n_ticks == 3) throw std::runtime_error("is no longer there");
    busy = false;
  }
};

TEST(Runner, TicksWhileJobsRunAndAnErrorOfATickEndsTheRun) {
  LostFolder observer;
  try {
    (void)run_jobs(requests_of({1, 1, 1}), train_on, {.threads = 2}, observer);
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "is no longer there");
  }
  EXPECT_EQ(observer.n_ticks, 3) << "an observer that has thrown is not called again";
  EXPECT_EQ(observer.started.size(), 2u);
  EXPECT_TRUE(observer.finished.empty());
  EXPECT_FALSE(observer.was_concurrent);
}

struct LostDisk : Notebook {
  std::atomic<int> n_syncs = 0;
  void sync() override {
    ++n_syncs;
    throw std::runtime_error("Input/output error");
  }
};

TEST(Runner, SyncsBesideTheJobsAndAnErrorOfThatEndsTheRun) {
  LostDisk observer;
  EXPECT_THROW((void)run_jobs(requests_of({1, 1}), train_on, {.threads = 2}, observer), std::runtime_error);
  EXPECT_EQ(observer.n_syncs, 1);
}

TEST(Runner, TraceSaysWhenWhereAndHowLong) {
  const TrainFunction train = [](std::size_t, const InterruptPoll&) {
    const auto start = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - start < std::chrono::milliseconds(5)) {
    }
    return record_with(JobStatus::ok);
  };
  Notebook notebook;
  (void)run_jobs(requests_of({1}), train, {.threads = 1}, notebook);
  const Trace& trace = notebook.traces[0];
  EXPECT_GE(trace.duration_s, 0.005);
  EXPECT_GT(trace.cpu_s, 0);
  EXPECT_LE(trace.cpu_s, trace.duration_s + 0.05);  // the clock of the thread ticks apart from the one on the wall
  EXPECT_GT(trace.peak_memory_bytes, 1e6);          // no process of ours fits a megabyte
  EXPECT_EQ(trace.start.size(), std::string("2026-11-22T09:48:08Z").size());
  EXPECT_EQ(trace.start.back(), 'Z');
  EXPECT_FALSE(trace.host.empty());
}

TEST(ParallelFor, CallsEachOnceOnSeveralThreads) {
  for (const int threads : {1, 3, 8}) {
    std::vector<std::atomic<int>> calls(1000);
    parallel_for(calls.size(), threads, [&](std::size_t i) { ++calls[i]; });
    EXPECT_TRUE(std::all_of(calls.begin(), calls.end(), [](const auto& n) { return n == 1; })) << threads;
  }
  parallel_for(0, 4, [](std::size_t) { FAIL() << "there is nothing to do"; });
}

TEST(ParallelFor, RethrowsWhatIsThrown) {
  EXPECT_THROW(parallel_for(100, 4,
                            [](std::size_t i) {
                              if (i == 50) throw std::runtime_error("here");
                            }),
               std::runtime_error);
}

// A folder that stands for "/", holding /proc/self/cgroup and files below /sys/fs/cgroup.
struct QuotaCase {
  const char* name;
  const char* memberships;
  std::map<std::string, std::string> files;
  std::optional<double> expected;
};

class CpuQuota : public testing::TestWithParam<QuotaCase> {};

TEST_P(CpuQuota, IsTheTightestOnTheWayUp) {
  const QuotaCase& c = GetParam();
  const std::filesystem::path root = std::filesystem::path(testing::TempDir()) / "cgroup" / c.name;
  std::filesystem::remove_all(root);
  const auto write = [&](const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text;
  };
  write("proc/self/cgroup", c.memberships);
  for (const auto& [path, text] : c.files) write("sys/fs/cgroup/" + path, text);
  EXPECT_EQ(cgroup_cpu_quota(root), c.expected);
}

INSTANTIATE_TEST_SUITE_P(
    Recorded, CpuQuota,
    testing::Values(QuotaCase{"docker_v2_cpus_1_5", "0::/\n", {{"cpu.max", "150000 100000\n"}}, 1.5},
                    QuotaCase{"v2_without_limit", "0::/\n", {{"cpu.max", "max 100000\n"}}, std::nullopt},
                    QuotaCase{"v2_limit_of_a_parent",
                              "0::/user.slice/user-1000.slice/session-2.scope\n",
                              {{"user.slice/user-1000.slice/cpu.max", "200000 100000\n"},
                               {"user.slice/cpu.max", "800000 100000\n"},
                               {"user.slice/user-1000.slice/session-2.scope/cpu.max", "max 100000\n"}},
                              2.0},
                    QuotaCase{
                        "v1_docker_shows_the_hosts_path",
                        "11:cpu,cpuacct:/docker/3f1c\n2:memory:/docker/3f1c\n0::/system.slice\n",
                        {{"cpu,cpuacct/cpu.cfs_quota_us", "50000\n"}, {"cpu,cpuacct/cpu.cfs_period_us", "100000\n"}},
                        0.5},
                    QuotaCase{"v1_without_limit",
                              "1:cpu:/\n",
                              {{"cpu/cpu.cfs_quota_us", "-1\n"}, {"cpu/cpu.cfs_period_us", "100000\n"}},
                              std::nullopt},
                    QuotaCase{"cpuset_and_cpuacct_are_not_cpu",
                              "3:cpuset:/\n2:cpuacct:/\n",
                              {{"cpuacct/cpu.cfs_quota_us", "50000\n"}, {"cpuacct/cpu.cfs_period_us", "100000\n"}},
                              std::nullopt},
                    QuotaCase{"no_cgroups", "", {}, std::nullopt}),
    [](const auto& recorded) { return recorded.param.name; });

TEST(Runner, AtLeastOneProcessorIsUsable) { EXPECT_GE(usable_processors(), 1); }

}  // namespace
}  // namespace initsweep
