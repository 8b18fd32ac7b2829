// What a claim measures, as a sweep file says it.
#include <gtest/gtest.h>

#include <string>

#include "initsweep/spec.hpp"
#include "sweep_text.hpp"

namespace initsweep {
namespace {

Expectation claimed(const std::string& fields) {
  return parsed("settings: {validation_samples: 5000}\nseeds: 3\nexpect: [{claim: a, " + fields + "}]").expect.at(0);
}

TEST(SpecQuantity, WhereItLooks) {
  const Expectation claim = claimed(
      "metric: layers.preactivation.dead_fraction, at_least: 0, at: epoch 3, layer: 2, where: {activation: relu, "
      "depth: 5}");
  EXPECT_EQ(claim.metric, "layers.preactivation.dead_fraction");
  EXPECT_EQ(claim.at, Expectation::At::epoch);
  EXPECT_EQ(claim.epoch, 3);
  EXPECT_EQ(claim.layer, "2");
  EXPECT_EQ(claim.where.settings.size(), 2U);
  EXPECT_EQ(claimed("metric: layers.delta.rms, at_least: 0, at: end, layer: hidden").at, Expectation::At::end);
  EXPECT_EQ(claimed("metric: layers.activation.std, at_least: 0, at: start, layer: 0").layer, "0");
}

TEST(SpecQuantity, NumbersOfAnEpoch) {
  const Expectation claim = claimed("metric: validation_loss, at_most: 1, at: epoch 3");
  EXPECT_EQ(claim.metric, "validation_loss");
  EXPECT_EQ(claim.at, Expectation::At::epoch);
  EXPECT_EQ(claim.epoch, 3);
  EXPECT_EQ(claimed("metric: test_accuracy, at_least: 0, at: end").at, Expectation::At::end);
  EXPECT_EQ(claimed("metric: test_accuracy, at_least: 0, at: start").at, Expectation::At::start);
  EXPECT_EQ(claimed("metric: test_accuracy, at_least: 0").at, Expectation::At::unsaid);
  EXPECT_EQ(claimed("metric: train_loss, at_most: 1, at: epoch 1").epoch, 1);
  // Numbers of epochs are there whether or not layers are recorded.
  EXPECT_EQ(
      problems_of("record: {layers: {every: never}}\nexpect: [{claim: a, metric: test_loss, at_most: 1, at: end}]"),
      "");
}

TEST(SpecQuantity, SomeLayersAndWhatIsMadeOfThem) {
  const Expectation range = claimed("metric: layers.delta.rms, at_least: 0, layer: {from: 2, to: 9}, across: slope");
  EXPECT_EQ(range.layer_from, 2);
  EXPECT_EQ(range.layer_to, 9);
  EXPECT_EQ(range.layer, "");
  EXPECT_EQ(range.across, Expectation::Across::slope);
  const Expectation from = claimed("metric: layers.delta.rms, at_least: 0, layer: {from: 3}, across: spread");
  EXPECT_EQ(from.layer_from, 3);
  EXPECT_FALSE(from.layer_to);
  EXPECT_EQ(from.across, Expectation::Across::spread);
  EXPECT_EQ(claimed("metric: layers.delta.rms, at_least: 0").across, Expectation::Across::none);
  EXPECT_EQ(claimed("metric: layers.delta.rms, includes: 1, across: slope").across, Expectation::Across::slope);
}

const BadInput kBadQuantity[] = {
    {"Metric", "expect: [{claim: a, metric: test_acc, at_least: 1}]",
     R"(s.yaml:3:29: error: unknown metric 'test_acc'
    3 | expect: [{claim: a, metric: test_acc, at_least: 1}]
      |                             ^~~~~~~~
  expected one of: best_epoch, best_test_accuracy, delta_slope_end, delta_slope_start, diverged_step, epochs_run, layers.<tensor>.<statistic>, steps_run, test_accuracy, test_loss, train_accuracy, train_loss, validation_accuracy, validation_loss
)"},
    {"Tensor", "expect: [{claim: a, metric: layers.weights.std, at_least: 1}]",
     R"(s.yaml:3:29: error: unknown tensor 'weights' in 'layers.weights.std'
    3 | expect: [{claim: a, metric: layers.weights.std, at_least: 1}]
      |                             ^~~~~~~~~~~~~~~~~~
  expected one of: activation, bias_gradient, delta, preactivation, weight, weight_gradient
  did you mean 'weight'?
)"},
    {"Statistic", "expect: [{claim: a, metric: layers.weight.stdev, at_least: 1}]",
     R"(s.yaml:3:29: error: unknown statistic 'stdev' in 'layers.weight.stdev'
    3 | expect: [{claim: a, metric: layers.weight.stdev, at_least: 1}]
      |                             ^~~~~~~~~~~~~~~~~~~
  expected one of: between_sample_std, correlation, count, dead_fraction, jacobian_sv_max, jacobian_sv_mean, jacobian_sv_min, jacobian_sv_rms, l2, max, mean, min, nonfinite, q01, q50, q99, rms, saturated_fraction, std, unit_mean_median, update_ratio, zero_fraction
)"},
    {"NoStatistic", "expect: [{claim: a, metric: layers.weight, at_least: 1}]",
     R"(s.yaml:3:29: error: no statistic in 'layers.weight'
    3 | expect: [{claim: a, metric: layers.weight, at_least: 1}]
      |                             ^~~~~~~~~~~~~
  expected one of: between_sample_std, correlation, count, dead_fraction, jacobian_sv_max, jacobian_sv_mean, jacobian_sv_min, jacobian_sv_rms, l2, max, mean, min, nonfinite, q01, q50, q99, rms, saturated_fraction, std, unit_mean_median, update_ratio, zero_fraction
)"},
    {"StatisticOfOther", "expect: [{claim: a, metric: layers.weight.dead_fraction, at_most: 1}]",
     R"(s.yaml:3:29: error: dead_fraction is no statistic of weight, but of preactivation
    3 | expect: [{claim: a, metric: layers.weight.dead_fraction, at_most: 1}]
      |                             ^~~~~~~~~~~~~~~~~~~~~~~~~~~
)"},
    {"AtOfJob", "expect: [{claim: a, metric: best_epoch, at_most: 1, at: start}]",
     R"(s.yaml:3:53: error: 'at' has no place here; it goes with a loss, an accuracy or a metric of layers.csv
    3 | expect: [{claim: a, metric: best_epoch, at_most: 1, at: start}]
      |                                                     ^~
)"},
    {"At", "expect: [{claim: a, metric: layers.delta.rms, at_most: 1, at: begin}]",
     R"(s.yaml:3:63: error: unknown value of at 'begin'
    3 | expect: [{claim: a, metric: layers.delta.rms, at_most: 1, at: begin}]
      |                                                               ^~~~~
  expected one of: end, epoch N, start
)"},
    {"AtEpoch", "expect: [{claim: a, metric: layers.delta.rms, at_most: 1, at: epoch x}]",
     R"(s.yaml:3:63: error: epoch must be an integer, got 'x'
    3 | expect: [{claim: a, metric: layers.delta.rms, at_most: 1, at: epoch x}]
      |                                                               ^~~~~~~
)"},
    {"Layer", "expect: [{claim: a, metric: layers.delta.rms, at_most: 1, layer: middle}]",
     R"(s.yaml:3:66: error: unknown layer 'middle'
    3 | expect: [{claim: a, metric: layers.delta.rms, at_most: 1, layer: middle}]
      |                                                                  ^~~~~~
  expected one of: a number or {from: N, to: M}, all, first, hidden, last
)"},
    {"InputLayer", "expect: [{claim: a, metric: layers.delta.rms, at_most: 1, layer: 0}]",
     R"(s.yaml:3:66: error: layer 0 is the input, of which there is only the tensor activation
    3 | expect: [{claim: a, metric: layers.delta.rms, at_most: 1, layer: 0}]
      |                                                                  ^
)"},
    {"AtWithoutRecord",
     "record: {layers: {every: never}}\nexpect: [{claim: a, metric: layers.delta.rms, at_most: 1, at: end}]",
     R"(s.yaml:4:63: error: record.layers.every is never, so layers are seen at the start only
    4 | expect: [{claim: a, metric: layers.delta.rms, at_most: 1, at: end}]
      |                                                               ^~~
)"},
    {"NoEpoch", "settings: {validation_samples: 5000}\nexpect: [{claim: a, metric: validation_loss, at_most: 1}]",
     R"(s.yaml:4:29: error: validation_loss is a number of an epoch; say which
    4 | expect: [{claim: a, metric: validation_loss, at_most: 1}]
      |                             ^~~~~~~~~~~~~~~
  write at: end, or at: epoch N
)"},
    {"NoValidation", "expect: [{claim: a, metric: validation_accuracy, at_least: 1, at: end}]",
     R"(s.yaml:3:29: error: validation_accuracy needs validation_samples
    3 | expect: [{claim: a, metric: validation_accuracy, at_least: 1, at: end}]
      |                             ^~~~~~~~~~~~~~~~~~~
  write validation_samples: 5000 under settings
)"},
    {"TrainAtStart", "expect: [{claim: a, metric: train_loss, at_most: 1, at: start}]",
     R"(s.yaml:3:57: error: train_loss is a mean over the steps of an epoch, of which epoch 1 is the first
    3 | expect: [{claim: a, metric: train_loss, at_most: 1, at: start}]
      |                                                         ^~~~~
)"},
    {"TrainAtEpoch0", "expect: [{claim: a, metric: train_loss, at_most: 1, at: epoch 0}]",
     R"(s.yaml:3:57: error: train_loss is a mean over the steps of an epoch, of which epoch 1 is the first
    3 | expect: [{claim: a, metric: train_loss, at_most: 1, at: epoch 0}]
      |                                                         ^~~~~~~
)"},
    {"AtOfEpochs", "expect: [{claim: a, metric: test_loss, at_most: 1, at: epoch 1.5}]",
     R"(s.yaml:3:56: error: epoch must be an integer, got 1.5
    3 | expect: [{claim: a, metric: test_loss, at_most: 1, at: epoch 1.5}]
      |                                                        ^~~~~~~~~
)"},
    {"LayerOfJob", "expect: [{claim: a, metric: test_loss, at_most: 1, layer: 2}]",
     R"(s.yaml:3:52: error: 'layer' has no place here; it goes with a metric of layers.csv
    3 | expect: [{claim: a, metric: test_loss, at_most: 1, layer: 2}]
      |                                                    ^~~~~
)"},
    {"AcrossOfJob", "expect: [{claim: a, metric: test_loss, at_most: 1, across: slope}]",
     R"(s.yaml:3:52: error: 'across' has no place here; it goes with a metric of layers.csv
    3 | expect: [{claim: a, metric: test_loss, at_most: 1, across: slope}]
      |                                                    ^~~~~~
)"},
    {"Across", "expect: [{claim: a, metric: layers.delta.rms, at_most: 1, across: range}]",
     R"(s.yaml:3:67: error: unknown value of across 'range'
    3 | expect: [{claim: a, metric: layers.delta.rms, at_most: 1, across: range}]
      |                                                                   ^~~~~
  expected one of: slope, spread
)"},
    {"AcrossLast", "expect: [{claim: a, metric: layers.delta.rms, at_most: 1, across: slope, layer: last}]",
     R"(s.yaml:3:81: error: across needs several layers, and this is one
    3 | expect: [{claim: a, metric: layers.delta.rms, at_most: 1, across: slope, layer: last}]
      |                                                                                 ^~~~
)"},
    {"AcrossNumber", "expect: [{claim: a, metric: layers.delta.rms, at_most: 1, across: slope, layer: 2}]",
     R"(s.yaml:3:81: error: across needs several layers, and this is one
    3 | expect: [{claim: a, metric: layers.delta.rms, at_most: 1, across: slope, layer: 2}]
      |                                                                                 ^
)"},
    {"AcrossRangeOfOne",
     "expect: [{claim: a, metric: layers.delta.rms, at_most: 1, across: slope, layer: {from: 2, to: 2}}]",
     R"(s.yaml:3:81: error: across needs several layers, and this is one
    3 | expect: [{claim: a, metric: layers.delta.rms, at_most: 1, across: slope, layer: {from: 2, to: 2}}]
      |                                                                                 ^
)"},
    {"RangeBackwards", "expect: [{claim: a, metric: layers.delta.rms, at_most: 1, layer: {from: 5, to: 2}}]",
     R"(s.yaml:3:80: error: to must be at least from, which is 5, got 2
    3 | expect: [{claim: a, metric: layers.delta.rms, at_most: 1, layer: {from: 5, to: 2}}]
      |                                                                                ^
)"},
    {"RangeFromInput", "expect: [{claim: a, metric: layers.delta.rms, at_most: 1, layer: {from: 0, to: 2}}]",
     R"(s.yaml:3:73: error: from must be at least 1, got 0
    3 | expect: [{claim: a, metric: layers.delta.rms, at_most: 1, layer: {from: 0, to: 2}}]
      |                                                                         ^
)"},
    {"RangeWithoutFrom", "expect: [{claim: a, metric: layers.delta.rms, at_most: 1, layer: {to: 2}}]",
     R"(s.yaml:3:66: error: missing key 'from' in layer
    3 | expect: [{claim: a, metric: layers.delta.rms, at_most: 1, layer: {to: 2}}]
      |                                                                  ^
)"},
    {"RangeOfOther", "expect: [{claim: a, metric: layers.delta.rms, at_most: 1, layer: {from: 1, till: 2}}]",
     R"(s.yaml:3:76: error: unknown key 'till' in layer
    3 | expect: [{claim: a, metric: layers.delta.rms, at_most: 1, layer: {from: 1, till: 2}}]
      |                                                                            ^~~~
  expected one of: from, to
)"},
};
class BadQuantity : public testing::TestWithParam<BadInput> {};
TEST_P(BadQuantity, SaysWhereAndWhatToDo) {
  EXPECT_EQ(problems_of(GetParam().body), whole_message(GetParam().message));
}
INSTANTIATE_TEST_SUITE_P(Spec, BadQuantity, testing::ValuesIn(kBadQuantity), name_of);

}  // namespace
}  // namespace initsweep
