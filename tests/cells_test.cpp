#include "initsweep/cells.hpp"
#include <gtest/gtest.h>
#include <cmath>
#include <limits>

namespace initsweep {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

JobDigest ok_job(double accuracy) {
  JobDigest job;
  job.test_accuracy = accuracy;
  return job;
}

JobDigest ended(JobStatus status) {
  JobDigest job;
  job.status = status;
  return job;
}

// A three-layer job whose gradients start as given, first hidden layer first.
JobDigest started(std::vector<double> delta_rms, double dead = 0, double saturated = 0) {
  JobDigest job;
  job.delta_rms_start = std::move(delta_rms);
  job.dead_start = {0, dead, 0};
  job.saturated_start = {0, saturated, 0};
  return job;
}

// Rscript -e 'x <- c(0.912, 0.934, 0.921, 0.9305);
//             cat(sprintf("%.17g ", c(mean(x), sd(x), t.test(x)$conf.int, median(x))))'
TEST(SummarizeCell, AgreesWithR) {
  const CellSummary cell = summarize_cell({ok_job(0.912), ok_job(0.934), ok_job(0.921), ok_job(0.9305)});
  constexpr double tolerance = 1e-12;  // a dozen roundings of numbers near 1, and the quantile of t
  EXPECT_EQ(cell.n_ok, 4);
  EXPECT_NEAR(cell.test_accuracy.mean, 0.92437500000000006, tolerance);
  EXPECT_NEAR(cell.test_accuracy.std, 0.0099110628424335309, tolerance);
  EXPECT_NEAR(cell.test_accuracy.low, 0.90860428733783138, tolerance);
  EXPECT_NEAR(cell.test_accuracy.high, 0.94014571266216873, tolerance);
  EXPECT_NEAR(cell.median, 0.92575000000000007, tolerance);
  EXPECT_EQ(cell.min, 0.912);
  EXPECT_EQ(cell.max, 0.934);
}

TEST(SummarizeCell, OneSeedHasNoSpread) {
  const CellSummary cell = summarize_cell({ok_job(0.9)});
  EXPECT_EQ(cell.test_accuracy.mean, 0.9);
  EXPECT_TRUE(std::isnan(cell.test_accuracy.std));
  EXPECT_TRUE(std::isnan(cell.test_accuracy.low));
  EXPECT_EQ(cell.median, 0.9);
}

TEST(SummarizeCell, NoSeedsHaveNoValues) {
  const CellSummary cell = summarize_cell({});
  EXPECT_EQ(cell.n_ok + cell.n_diverged + cell.n_failed, 0);
  EXPECT_TRUE(std::isnan(cell.test_accuracy.mean));
  EXPECT_TRUE(std::isnan(cell.min));
  EXPECT_EQ(cell.health, std::nullopt);
  EXPECT_TRUE(cell.delta_rms_start.empty());
}

TEST(SummarizeCell, AccuracyIsThatOfOkSeedsAndTimeoutsCountAsFailed) {
  JobDigest diverged = ended(JobStatus::diverged);
  diverged.delta_slope_start = 0.5;
  const CellSummary cell = summarize_cell({ok_job(0.9), diverged, ended(JobStatus::failed), ended(JobStatus::timeout)});
  EXPECT_EQ(cell.n_ok, 1);
  EXPECT_EQ(cell.n_diverged, 1);
  EXPECT_EQ(cell.n_failed, 2);
  EXPECT_EQ(cell.test_accuracy.mean, 0.9);
  EXPECT_EQ(cell.delta_slope_start_mean, 0.5) << "a diverged seed has a start all the same";
}

TEST(SummarizeCell, LayersAreMediansOverTheSeedsThatHaveOne) {
  const CellSummary cell = summarize_cell({started({1, 4, 7}), started({2, 5, kNoValue}), started({9, 6, 8})});
  EXPECT_EQ(cell.delta_rms_start, (std::vector<double>{2, 5, 7.5}));
}

struct HealthCase {
  const char* name;
  std::vector<JobDigest> seeds;
  std::optional<Health> expected;
};
void PrintTo(const HealthCase& c, std::ostream* out) { *out << c.name; }

class HealthOf : public testing::TestWithParam<HealthCase> {};
TEST_P(HealthOf, IsTheFirstThatApplies) { EXPECT_EQ(summarize_cell(GetParam().seeds).health, GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(
    Thresholds, HealthOf,
    testing::Values(
        HealthCase{"level", {started({1, 1, 1})}, Health::healthy},
        HealthCase{"hundredfold", {started({100, 10, 1})}, Health::healthy},
        HealthCase{"more_than_hundredfold", {started({101, 10, 1})}, Health::exploding},
        HealthCase{"a_hundredth", {started({1, 10, 100})}, Health::healthy},
        HealthCase{"less_than_a_hundredth", {started({1, 10, 101})}, Health::vanishing},
        HealthCase{"underflow", {started({0, 0, 1e-30})}, Health::vanishing},
        HealthCase{"no_gradient_at_all", {started({0, 0, 0})}, Health::vanishing},
        HealthCase{"gone_at_the_top_only", {started({1, 0, 0}), started({1, 0, 0})}, Health::exploding},
        HealthCase{"nearly_dead", {started({1, 1, 1}, 0.899)}, Health::healthy},
        HealthCase{"dead", {started({1, 1, 1}, 0.9)}, Health::dead},
        HealthCase{"dead_before_saturated", {started({1, 1, 1}, 0.9, 0.5)}, Health::dead},
        HealthCase{"dead_before_vanishing", {started({1, 10, 1000}, 0.9)}, Health::dead},
        HealthCase{"exploding_before_dead", {started({1000, 10, 1}, 0.9)}, Health::exploding},
        HealthCase{"nearly_saturated", {started({1, 1, 1}, 0, 0.499)}, Health::healthy},
        HealthCase{"saturated", {started({1, 1, 1}, 0, 0.5)}, Health::saturated},
        HealthCase{"saturated_before_vanishing", {started({1, 10, 1000}, 0, 0.5)}, Health::saturated},
        HealthCase{"median_of_seeds", {started({1, 1, 1}), started({1, 1, 1}), started({1000, 1, 1})}, Health::healthy},
        HealthCase{"median_layer_by_layer",
                   {started({1, 1, 1}, 0.95), started({1, 1, 1}, 0.95), started({1, 1, 1}, 0)},
                   Health::dead},
        HealthCase{"any_seed_diverged",
                   {started({1, 1, 1}), started({1, 1, 1}), ended(JobStatus::diverged)},
                   Health::exploding},
        HealthCase{"no_start_record", {ok_job(0.9)}, std::nullopt},
        HealthCase{"all_failed", {ended(JobStatus::failed)}, std::nullopt}),
    [](const auto& test) { return test.param.name; });

LayerRow row(std::int64_t step, int layer, TensorKind tensor, double rms) {
  LayerRow row;
  row.step = step;
  row.layer = layer;
  row.tensor = tensor;
  row.summary.rms = rms;
  return row;
}

// Two hidden layers (3 is the output), recorded at the start, in the middle and at the end.
Record recorded_three_times() {
  Record record;
  record.epochs = {{.epoch = 0, .test_accuracy = 0.1}, {.epoch = 1, .test_accuracy = 0.9}};
  record.delta_slope_start = -0.5;
  record.delta_slope_end = -0.25;
  for (const std::int64_t step : {0, 10, 20}) {
    for (const int layer : {1, 2, 3}) {
      LayerRow z = row(step, layer, TensorKind::preactivation, 7);
      if (layer < 3) z.dead_fraction = layer * 0.25;
      record.layers.push_back(z);
      record.layers.push_back(row(step, layer, TensorKind::delta, static_cast<double>(step) + layer));
    }
  }
  return record;
}

TEST(DigestOf, TakesHiddenLayersOfTheFirstAndTheLastRecord) {
  const JobDigest digest = digest_of(recorded_three_times(), /*depth=*/2);
  EXPECT_EQ(digest.test_accuracy, 0.9);
  EXPECT_EQ(digest.delta_slope_start, -0.5);
  EXPECT_EQ(digest.delta_slope_end, -0.25);
  EXPECT_EQ(digest.delta_rms_start, (std::vector<double>{1, 2}));
  EXPECT_EQ(digest.delta_rms_end, (std::vector<double>{21, 22}));
  EXPECT_EQ(digest.dead_start, (std::vector<double>{0.25, 0.5}));
  EXPECT_TRUE(digest.saturated_start.empty()) << "an activation that cannot saturate";
}

TEST(DigestOf, OneRecordHasNoEnd) {
  Record record = recorded_three_times();
  record.layers.resize(6);
  const JobDigest digest = digest_of(record, 2);
  EXPECT_EQ(digest.delta_rms_start, (std::vector<double>{1, 2}));
  EXPECT_TRUE(digest.delta_rms_end.empty());
}

TEST(DigestOf, ATimeoutShowsNothingOfHowFarItCame) {
  Record record = recorded_three_times();
  record.status = JobStatus::timeout;
  const JobDigest digest = digest_of(record, 2);
  EXPECT_EQ(digest.status, JobStatus::timeout);
  EXPECT_TRUE(std::isnan(digest.delta_slope_start));
  EXPECT_TRUE(digest.delta_rms_start.empty());
}

TEST(SummarizeCell, AnInfiniteGradientExplodesAndHasNoValue) {
  const CellSummary cell = summarize_cell({started({kInfinity, 1, 1})});
  EXPECT_EQ(cell.health, Health::exploding);
  EXPECT_TRUE(std::isnan(cell.delta_rms_start.front()));
}

}  // namespace
}  // namespace initsweep
