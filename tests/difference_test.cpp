#include "initsweep/difference.hpp"

#include <gtest/gtest.h>
#include <functional>
#include <limits>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace initsweep {
namespace {

LayerRow layer_row(std::int64_t epoch, std::int64_t step, int layer, TensorKind tensor) {
  LayerRow row{.epoch = epoch, .step = step, .layer = layer, .tensor = tensor, .summary = {}};
  row.summary.count = 100;
  row.summary.rms = 0.5;
  return row;
}

// Two hidden layers, recorded before training and at the end of each of two epochs of ten steps, in the file's order.
Record record_of_two_epochs() {
  using enum TensorKind;
  Record record;
  record.epochs_run = 2;
  record.steps_run = 20;
  for (const std::int64_t epoch : {0, 1, 2}) {
    record.layers.push_back(layer_row(epoch, 10 * epoch, 0, activation));
    for (const int layer : {1, 2, 3})
      for (const TensorKind tensor : {weight, preactivation, activation, delta, weight_gradient, bias_gradient})
        record.layers.push_back(layer_row(epoch, 10 * epoch, layer, tensor));
    record.epochs.push_back({.epoch = epoch, .step = 10 * epoch, .test_loss = 2.25, .test_accuracy = 0.25});
  }
  return record;
}

LayerRow& find(Record& record, std::int64_t step, int layer, TensorKind tensor) {
  for (LayerRow& row : record.layers)
    if (row.step == step && row.layer == layer && row.tensor == tensor) return row;
  throw std::logic_error("no such row");
}

std::string found(const Record& before, const Record& now, bool same_record = true) {
  const auto difference = first_difference(before, now, same_record);
  return difference ? difference_text(*difference) : "none";
}

TEST(Difference, EqualRecordsHaveNone) {
  // Missing values (no training values at epoch 0, no dead fraction of a weight) are NaN on both sides.
  EXPECT_EQ(found(record_of_two_epochs(), record_of_two_epochs()), "none");
  EXPECT_EQ(found({}, {}), "none");
}

struct NumberCase {
  const char* name;
  std::function<void(Record&)> change;
  const char* expected;
};
void PrintTo(const NumberCase& c, std::ostream* out) { *out << c.name; }
class DifferenceNumber : public testing::TestWithParam<NumberCase> {};

TEST_P(DifferenceNumber, IsFoundWhereItStands) {
  Record now = record_of_two_epochs();
  GetParam().change(now);
  EXPECT_EQ(found(record_of_two_epochs(), now), GetParam().expected);
}

// One unit in the last place of 0.5.
constexpr double kNearHalf = 0.5 + std::numeric_limits<double>::epsilon() / 2;

INSTANTIATE_TEST_SUITE_P(
    Numbers, DifferenceNumber,
    testing::Values(
        NumberCase{"last_bit", [](Record& now) { find(now, 10, 2, TensorKind::delta).summary.rms = kNearHalf; },
                   "epoch 1, step 10, layer 2: delta rms was 0.5, is 0.5000000000000001"},
        NumberCase{"input", [](Record& now) { find(now, 0, 0, TensorKind::activation).summary.mean = 0.125; },
                   "epoch 0, step 0, layer 0: activation mean was 0, is 0.125"},
        NumberCase{"count", [](Record& now) { find(now, 20, 1, TensorKind::weight).summary.count = 101; },
                   "epoch 2, step 20, layer 1: weight count was 100, is 101"},
        NumberCase{"nonfinite", [](Record& now) { find(now, 20, 1, TensorKind::weight).summary.nonfinite = 7; },
                   "epoch 2, step 20, layer 1: weight nonfinite was 0, is 7"},
        NumberCase{"other", [](Record& now) { find(now, 20, 3, TensorKind::weight).update_ratio = 1e-5; },
                   "epoch 2, step 20, layer 3: weight update_ratio was none, is 1e-05"},
        NumberCase{"lost", [](Record& now) { find(now, 20, 3, TensorKind::preactivation).summary.q99 = kNoValue; },
                   "epoch 2, step 20, layer 3: preactivation q99 was 0, is none"},
        NumberCase{"infinite", [](Record& now) { now.epochs[1].test_loss = std::numeric_limits<double>::infinity(); },
                   "epoch 1, step 10: test_loss was 2.25, is infinite"},
        NumberCase{"epochs", [](Record& now) { now.epochs[2].test_accuracy = 0.5; },
                   "epoch 2, step 20: test_accuracy was 0.25, is 0.5"}),
    [](const auto& test) { return test.param.name; });

TEST(Difference, RmsIsLookedAtFirst) {
  Record now = record_of_two_epochs();
  LayerRow& row = find(now, 10, 1, TensorKind::weight);
  row.summary.mean = row.summary.min = row.update_ratio = 1;
  row.summary.rms = 0.75;
  EXPECT_EQ(found(record_of_two_epochs(), now), "epoch 1, step 10, layer 1: weight rms was 0.5, is 0.75");
}

// Everything differs at step 10; each time the row found is put right, the next one in the order of a training is
// found.
TEST(Difference, RowsComeInTheOrderInWhichATrainingMakesThem) {
  const Record before = record_of_two_epochs();
  Record now = before;
  for (LayerRow& row : now.layers)
    if (row.step == 10) row.summary.rms = 0.75;
  now.epochs[1].test_loss = 1;
  std::vector<std::string> order;
  while (const auto difference = first_difference(before, now, /*same_record=*/true)) {
    EXPECT_EQ(difference->step, 10);
    if (!difference->layer) {
      order.push_back(difference->statistic);
      break;
    }
    order.push_back(std::to_string(*difference->layer) + ' ' + difference->tensor);
    find(now, 10, *difference->layer, *parse_kind<TensorKind>(difference->tensor)).summary.rms = 0.5;
  }
  const std::vector<std::string> forward = {"0 activation",    "1 weight",        "1 preactivation", "1 activation",
                                            "2 weight",        "2 preactivation", "2 activation",    "3 weight",
                                            "3 preactivation", "3 activation"};
  const std::vector<std::string> backward = {"3 delta", "3 weight_gradient", "3 bias_gradient",
                                             "2 delta", "2 weight_gradient", "2 bias_gradient",
                                             "1 delta", "1 weight_gradient", "1 bias_gradient"};
  std::vector<std::string> expected = forward;
  expected.insert(expected.end(), backward.begin(), backward.end());
  expected.emplace_back("test_loss");
  EXPECT_EQ(order, expected);
}

TEST(Difference, OfOtherRecordOptionsOnlyEpochsAreCompared) {
  const Record before = record_of_two_epochs();
  Record now = before;
  for (LayerRow& row : now.layers) row.summary.rms = 0.75;
  now.layers.erase(now.layers.begin());
  EXPECT_EQ(found(before, now, /*same_record=*/false), "none");
  now.epochs[2].test_loss = 1;
  EXPECT_EQ(found(before, now, /*same_record=*/false), "epoch 2, step 20: test_loss was 2.25, is 1");
}

// The record of a training that was left in its second epoch.
Record cut_in_epoch_2(JobStatus status) {
  Record record = record_of_two_epochs();
  record.status = status;
  record.epochs_run = 1;
  if (status == JobStatus::diverged) record.diverged_step = 12;
  record.epochs.pop_back();
  std::erase_if(record.layers, [](const LayerRow& row) { return row.step == 20; });
  return record;
}

TEST(Difference, ARowThatOneSideLacksIsOneAndSaysWhy) {
  const Record whole = record_of_two_epochs();
  EXPECT_EQ(found(whole, cut_in_epoch_2(JobStatus::diverged)),
            "epoch 2, step 20, layer 0: activation missing now (diverged at step 12)");
  EXPECT_EQ(found(cut_in_epoch_2(JobStatus::ok), whole),
            "epoch 2, step 20, layer 0: activation missing before (ended after 1 epoch)");
  EXPECT_EQ(found(whole, cut_in_epoch_2(JobStatus::ok), /*same_record=*/false),
            "epoch 2, step 20: missing now (ended after 1 epoch)");
  EXPECT_EQ(found(whole, cut_in_epoch_2(JobStatus::timeout), false), "epoch 2, step 20: missing now (timed out)");
  EXPECT_EQ(found(whole, cut_in_epoch_2(JobStatus::failed), false), "epoch 2, step 20: missing now (failed)");
  Record now = whole;  // ended alike: no reason is known
  std::erase_if(now.layers, [](const LayerRow& row) { return row.tensor == TensorKind::delta; });
  EXPECT_EQ(found(whole, now), "epoch 0, step 0, layer 3: delta missing now");
}

TEST(Difference, ANumberComesBeforeAnyRowThatIsMissing) {
  Record now = record_of_two_epochs();
  now.layers.erase(now.layers.begin());
  now.epochs[2].test_loss = 1;
  EXPECT_EQ(found(record_of_two_epochs(), now), "epoch 2, step 20: test_loss was 2.25, is 1");
}

TEST(Difference, OfTheSameRowsThatDivergedAtOtherSteps) {
  const Record before = cut_in_epoch_2(JobStatus::diverged);
  Record now = before;
  now.diverged_step = 11;
  EXPECT_EQ(found(before, now), "epoch 1, step 11: diverged_step was 12, is 11");
  now.diverged_step.reset();
  EXPECT_EQ(found(before, now), "epoch 1, step 12: diverged_step was 12, is none");
}

}  // namespace
}  // namespace initsweep
