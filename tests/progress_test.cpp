#include "progress.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <vector>

namespace initsweep {
namespace {

const ProgressState kHalfway = {
    .total = 72, .done = 36, .running = 2, .failed = 1, .diverged = 3, .elapsed_s = 45, .seconds_left = 130};

TEST(Progress, SentenceSaysEverything) {
  EXPECT_EQ(progress_sentence(kHalfway), "36/72 done, 2 running, 1 failed, 3 diverged, 45 s, about 2 min 10 s left");
}

TEST(Progress, NothingIsPromisedBeforeTheFirstJobHasFinished) {
  EXPECT_EQ(progress_sentence({.total = 3, .running = 2, .elapsed_s = 2.6}),
            "0/3 done, 2 running, 0 failed, 0 diverged, 3 s");
}

TEST(Progress, BarShowsTheShareThatIsDone) {
  EXPECT_EQ(progress_bar(kHalfway, 200), "[###############...............] " + progress_sentence(kHalfway));
}

struct WidthCase {
  std::size_t width;
  const char* expected;
};
class ProgressWidth : public testing::TestWithParam<WidthCase> {};

TEST_P(ProgressWidth, FitsTheTerminal) { EXPECT_EQ(progress_bar(kHalfway, GetParam().width), GetParam().expected); }
INSTANTIATE_TEST_SUITE_P(
    Widths, ProgressWidth,
    testing::Values(WidthCase{81, "[##...] 36/72 done, 2 running, 1 failed, 3 diverged, 45 s, about 2 min 10 s left"},
                    WidthCase{79, "36/72 done, 2 running, 1 failed, 3 diverged, 45 s, about 2 min 10 s left"},
                    WidthCase{60, "[##...] 36/72 done, 2 running, 1 failed, 3 diverged, 45 s"},
                    WidthCase{31, "36/72 done, 2 running, 1 failed"}, WidthCase{12, "36/72 done"},
                    WidthCase{4, "36/7"}));

TEST(Progress, RemainingTimeIsThatOfTheScheduleToCome) {
  // On two threads: 10 and 8 run, then 4, 4 and 2. The first ends after 5 s, half a second for one of work. The second
  // is all but done by that measure; what waits takes one thread 4 + 2 and the other 4.
  ProgressMeter meter(5, 0, {4, 10, 2, 8, 4}, 2);
  meter.job_started(0, 10, 0);
  meter.job_started(1, 8, 0);
  EXPECT_FALSE(meter.state(4).seconds_left.has_value());
  meter.job_finished(0, JobStatus::ok, 10, 5);
  EXPECT_DOUBLE_EQ(meter.state(5).seconds_left.value(), 3.0);
}

TEST(Progress, RemainingTimeIsNoLessThanTheLongestRunningJobNeeds) {
  ProgressMeter meter(2, 0, {36, 4}, 8);
  meter.job_started(0, 4, 0);
  meter.job_started(1, 36, 0);
  meter.job_finished(0, JobStatus::ok, 4, 1);
  EXPECT_DOUBLE_EQ(meter.state(1).seconds_left.value(), 8.0);  // 32 of work, four a second on one thread
}

TEST(Progress, AJobThatEndsEarlyTellsThePaceByWhatItDid) {
  ProgressMeter meter(4, 0, {10, 10, 10, 10}, 1);
  meter.job_started(0, 10, 0);
  meter.job_finished(0, JobStatus::diverged, 2, 1);  // half a second for one
  EXPECT_DOUBLE_EQ(meter.state(1).seconds_left.value(), 15.0);
  meter.job_started(1, 10, 1);
  meter.job_finished(1, JobStatus::failed, 0, 2);  // nobody knows what it did
  EXPECT_DOUBLE_EQ(meter.state(2).seconds_left.value(), 10.0);
}

// Jobs of known durations, run the longest first as the runner does; the true end beside what the meter says of it
// after a tenth of them. A job's duration is its work but for an error of the model that alternates.
struct Foretold {
  double said, true_end;
};
Foretold foretold_after_a_tenth(std::vector<double> work, std::size_t threads, double error) {
  std::sort(work.begin(), work.end(), std::greater<>());
  ProgressMeter meter(work.size(), 0, work, static_cast<int>(threads));
  std::multimap<double, std::size_t> running;  // by when they end
  double now = 0, said = 0;
  std::size_t n_started = 0, n_finished = 0;
  const auto start = [&] {
    meter.job_started(n_started, work[n_started], now);
    running.emplace(now + 3 * work[n_started] * (1 + (n_started % 2 == 0 ? error : -error)), n_started);
    ++n_started;
  };
  while (n_started < threads) start();
  while (!running.empty()) {
    now = running.begin()->first;
    const std::size_t job = running.begin()->second;
    running.erase(running.begin());
    meter.job_finished(job, JobStatus::ok, work[job], now);
    if (n_started < work.size()) start();
    if (++n_finished == work.size() / 10) said = now + meter.state(now).seconds_left.value();
  }
  return {said, now};
}

TEST(Progress, ATenthOfTheJobsTellsTheEnd) {
  std::vector<double> work;
  for (int i = 0; i < 96; ++i) work.push_back(1 + 0.37 * (i * 29 % 96));  // no two alike, largest 36 times the least
  for (const std::size_t threads : {1U, 2U, 7U, 32U}) {
    const Foretold exact = foretold_after_a_tenth(work, threads, 0);
    EXPECT_NEAR(exact.said, exact.true_end, 1e-9 * exact.true_end) << threads << " threads";
    const Foretold rough = foretold_after_a_tenth(work, threads, 0.1);
    EXPECT_NEAR(rough.said, rough.true_end, 0.15 * rough.true_end) << threads << " threads";
  }
}

TEST(Progress, NothingIsLeftAfterTheLastJob) {
  ProgressMeter meter(1, 0, {4}, 1);
  meter.job_started(0, 4, 0);
  meter.job_finished(0, JobStatus::ok, 4, 1);
  EXPECT_EQ(progress_sentence(meter.state(1)), "1/1 done, 0 running, 0 failed, 0 diverged, 1 s");
}

TEST(Progress, CountsHowJobsEnded) {
  ProgressMeter meter(10, 5, {1, 1, 1, 1, 1}, 1);
  for (std::size_t job = 0; job < 4; ++job) meter.job_started(job, 1, 0);
  meter.job_finished(0, JobStatus::ok, 1, 1);
  meter.job_finished(1, JobStatus::diverged, 0.5, 1);
  meter.job_finished(2, JobStatus::timeout, 0, 1);
  const ProgressState state = meter.state(2);
  EXPECT_EQ(state.done, 8u);
  EXPECT_EQ(state.running, 1u);
  EXPECT_EQ(state.failed, 1u);
  EXPECT_EQ(state.diverged, 1u);
}

TEST(Progress, PlainLinesComeAtEachTenthAndEveryHalfMinuteButNeverInARush) {
  PlainPace pace;
  const auto due = [&](std::size_t done, double elapsed) {
    return pace.is_due({.total = 100, .done = done, .elapsed_s = elapsed});
  };
  EXPECT_FALSE(due(30, 1)) << "two seconds have not passed";
  EXPECT_TRUE(due(30, 2.5));
  EXPECT_FALSE(due(39, 10)) << "the same tenth";
  EXPECT_TRUE(due(40, 11));
  EXPECT_FALSE(due(41, 40));
  EXPECT_TRUE(due(41, 41)) << "half a minute has passed";
}

}  // namespace
}  // namespace initsweep
