#include "progress.hpp"

#include <gtest/gtest.h>

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

TEST(Progress, RemainingTimeComesFromFlopsAndThreads) {
  // 10 + 8 + 2 * 4 flops on two threads. The first job ends after 5 s: a thread makes 2 flops a second. At 5 s the
  // second job (8 flops, started at 0) is all but done by that measure, so 8 flops are left: 8 / (2 * 2) s.
  ProgressMeter meter(4, 0, 26, 2);
  meter.job_started(0, 10, 0);
  meter.job_started(1, 8, 0);
  EXPECT_FALSE(meter.state(4).seconds_left.has_value());
  meter.job_finished(0, JobStatus::ok, 5);
  EXPECT_DOUBLE_EQ(meter.state(5).seconds_left.value(), 2.0);
}

TEST(Progress, RemainingTimeIsNoLessThanTheLongestRunningJobNeeds) {
  ProgressMeter meter(2, 0, 40, 8);
  meter.job_started(0, 4, 0);
  meter.job_started(1, 36, 0);
  meter.job_finished(0, JobStatus::ok, 1);
  EXPECT_DOUBLE_EQ(meter.state(1).seconds_left.value(), 8.0);  // 32 flops at 4 a second on one thread
}

TEST(Progress, NothingIsLeftAfterTheLastJob) {
  ProgressMeter meter(1, 0, 4, 1);
  meter.job_started(0, 4, 0);
  meter.job_finished(0, JobStatus::ok, 1);
  EXPECT_EQ(progress_sentence(meter.state(1)), "1/1 done, 0 running, 0 failed, 0 diverged, 1 s");
}

TEST(Progress, CountsHowJobsEnded) {
  ProgressMeter meter(10, 5, 5, 1);
  for (std::size_t job = 0; job < 4; ++job) meter.job_started(job, 1, 0);
  meter.job_finished(0, JobStatus::ok, 1);
  meter.job_finished(1, JobStatus::diverged, 1);
  meter.job_finished(2, JobStatus::timeout, 1);
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
