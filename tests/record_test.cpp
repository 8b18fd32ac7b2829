#include "initsweep/record.hpp"
#include <gtest/gtest.h>
#include <cmath>

namespace initsweep {
namespace {

Record record_of(const std::vector<double>& test_accuracies) {
  Record record;
  for (std::size_t epoch = 0; epoch < test_accuracies.size(); ++epoch) {
    EpochRow row;
    row.epoch = static_cast<std::int64_t>(epoch);
    row.train_loss = 10.0 - static_cast<double>(epoch);
    row.train_accuracy = 0.25 * static_cast<double>(epoch);
    row.test_loss = 20.0 - static_cast<double>(epoch);
    row.test_accuracy = test_accuracies[epoch];
    record.epochs.push_back(row);
  }
  return record;
}

TEST(FinalValues, AreTheLastEpochsAndTheFirstOfTheBest) {
  const FinalValues values = final_values(record_of({0.99, 0.5, 0.75, 0.75, 0.625}));
  EXPECT_EQ(values.train_loss, 6);
  EXPECT_EQ(values.train_accuracy, 1);
  EXPECT_EQ(values.test_loss, 16);
  EXPECT_EQ(values.test_accuracy, 0.625);
  EXPECT_EQ(values.best_test_accuracy, 0.75);  // epoch 0 is before training
  EXPECT_EQ(values.best_epoch, 2);
}

TEST(FinalValues, AreEmptyUnlessTheJobIsOk) {
  for (const JobStatus status : {JobStatus::diverged, JobStatus::failed, JobStatus::timeout}) {
    Record record = record_of({0.1, 0.5});
    record.status = status;
    const FinalValues values = final_values(record);
    EXPECT_TRUE(std::isnan(values.train_loss) && std::isnan(values.train_accuracy) && std::isnan(values.test_loss) &&
                std::isnan(values.test_accuracy) && std::isnan(values.best_test_accuracy))
        << to_text(status);
    EXPECT_EQ(values.best_epoch, std::nullopt);
  }
}

TEST(DeltaSlope, IsInDecadesALayerTowardTheInput) {
  // Exact lines; the fit rounds a few times.
  EXPECT_NEAR(delta_slope({1e-4, 1e-3, 1e-2, 1e-1}), -1, 1e-14);  // smaller toward the input: vanishing
  EXPECT_NEAR(delta_slope({100, 10, 1}), 1, 1e-14);
  EXPECT_NEAR(delta_slope({3, 3, 3}), 0, 1e-14);
  // By hand: distances 2, 1, 0 and logs 0, 1, -1: sum (x - 1) y = 1 * 0 + 0 + (-1)(-1) = 1 over sum (x - 1)^2 = 2.
  EXPECT_NEAR(delta_slope({1, 10, 0.1}), 0.5, 1e-14);
}

TEST(DeltaSlope, LeavesOutLayersThatHaveVanished) {
  EXPECT_NEAR(delta_slope({0, 1e-31, 1e-4, 1e-2, 1}), -2, 1e-14);
  EXPECT_NEAR(delta_slope({1e-2, 0, 1}), -1, 1e-14);  // a gap keeps its distance
}

TEST(DeltaSlope, IsMissingForFewerThanTwoLayers) {
  EXPECT_TRUE(std::isnan(delta_slope({})));
  EXPECT_TRUE(std::isnan(delta_slope({1})));
  EXPECT_TRUE(std::isnan(delta_slope({0, 1e-40, 1})));
  EXPECT_TRUE(std::isnan(delta_slope({kNoValue, 1})));
  EXPECT_TRUE(std::isnan(delta_slope({std::numeric_limits<double>::infinity(), 1})));
}

}  // namespace
}  // namespace initsweep
