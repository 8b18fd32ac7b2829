// Claims that a net starts as mean-field theory says. The nets are linear, 10 units wide everywhere, of weights with
// variance 4 / 10 and no biases, for which theory has a closed form: every layer doubles the rms, going up and going
// down. With an input of rms 1 the preactivations are 2, 4, 8, and 16 in the output layer; with an output delta of 1
// the hidden deltas are 8, 4, 2, a slope of log10(2) a layer toward the input.
#include <gtest/gtest.h>
#include <cmath>
#include <string>
#include <vector>

#include "judged_claims.hpp"

namespace initsweep {
namespace {

// Three hidden layers and an output layer.
Record looked_at(const Numbers& preactivation_rms, double input_rms = 1, const Numbers& delta_rms = {8, 4, 2, 1}) {
  Record record;
  record.digest = "d_0";
  record.delta_slope_start = delta_slope({delta_rms.begin(), delta_rms.end() - 1});
  const auto add = [&](int layer, TensorKind tensor, double rms) {
    LayerRow row{.layer = layer, .tensor = tensor, .fan_in = 10, .fan_out = 10, .summary = {}};
    row.summary.rms = rms;
    record.layers.push_back(row);
  };
  add(0, TensorKind::activation, input_rms);
  for (std::size_t i = 0; i < preactivation_rms.size(); ++i) {
    const int layer = static_cast<int>(i) + 1;
    add(layer, TensorKind::preactivation, preactivation_rms[i]);
    add(layer, TensorKind::activation, preactivation_rms[i]);
    add(layer, TensorKind::delta, delta_rms[i]);
  }
  return record;
}
Record scaled(double factor) { return looked_at({2 * factor, 4 * factor, 8 * factor, 16 * factor}); }

std::string sweep(const std::string& fields,
                  const std::string& initializer = "variance_scaling: {scale: 4, distribution: normal}") {
  return "settings: {activation: linear, depth: 3, width: 10, initializer: {" + initializer +
         "}, epochs: 0}\nseeds: 2\nexpect: [{claim: a, equals: predicted, " + fields + "}]";
}

constexpr const char* kPreactivation = "metric: layers.preactivation.rms, ";

TEST(ClaimPrediction, IsOfTheRatio) {
  const std::string claim = sweep(std::string(kPreactivation) + "layer: 2, rtol: 0.1");
  const Finding f = judged(claim, {scaled(1.05), scaled(1.05)}).at(0);
  EXPECT_EQ(f.verdict, "holds");
  EXPECT_EQ(f.expected, "as mean-field theory predicts, within a share of 0.1");
  EXPECT_TRUE(f.is_prediction);
  EXPECT_EQ(f.quantity, "layers.preactivation.rms, start, layer 2");
  EXPECT_NEAR(f.before, 4, 1e-6);  // far above the error of a quadrature
  EXPECT_NEAR(f.now, 4.2, 1e-12);
  EXPECT_NEAR(f.effect, 0.05, 1e-6);
  EXPECT_EQ(f.layer, 2);
  EXPECT_EQ(verdicts(claim, {scaled(1.12), scaled(1.12)}), "fails\n");
  EXPECT_EQ(verdicts(claim, {scaled(0.88), scaled(0.88)}), "fails\n");
  EXPECT_EQ(verdicts(claim, {scaled(0.9), scaled(1.1)}), "inconclusive\n");  // level, but two seeds are far apart
}

TEST(ClaimPrediction, IsOfTheDifference) {
  const std::string claim = sweep("metric: layers.delta.rms, layer: first, atol: 1");
  const Record high = looked_at({2, 4, 8, 16}, 1, {8.5, 4, 2, 1});
  const Finding f = judged(claim, {high, high}).at(0);
  EXPECT_EQ(f.verdict, "holds");
  EXPECT_EQ(f.expected, "as mean-field theory predicts, within 1");
  EXPECT_NEAR(f.before, 8, 1e-6);
  EXPECT_NEAR(f.now, 8.5, 1e-12);
  EXPECT_NEAR(f.effect, 0.5, 1e-6);
  const Record higher = looked_at({2, 4, 8, 16}, 1, {9.5, 4, 2, 1});
  EXPECT_EQ(verdicts(claim, {higher, higher}), "fails\n");
}

TEST(ClaimPrediction, HoldsInEveryLayerOrTheWorstIsShown) {
  const std::string claim = sweep(std::string(kPreactivation) + "rtol: 0.1");
  const Record low = looked_at({2, 4, 6, 16}), open = looked_at({2, 4, 8.1, 99});  // the output layer is not asked
  EXPECT_EQ(verdicts(claim, {low, low}), "fails (layer 3 decides)\n");
  EXPECT_EQ(verdicts(claim, {open, open}), "holds (layer 3 decides)\n");
  EXPECT_EQ(verdicts(sweep(std::string(kPreactivation) + "layer: all, rtol: 0.1"), {open, open}),
            "fails (layer 4 decides)\n");
}

TEST(ClaimPrediction, EachSeedHasItsOwn) {
  const Records records = {looked_at({2, 4, 8, 16}, 1), looked_at({4, 8, 16, 32}, 2)};
  const Finding f = judged(sweep(std::string(kPreactivation) + "layer: 1, rtol: 0.001"), records).at(0);
  EXPECT_EQ(f.verdict, "holds");
  EXPECT_NEAR(f.before, 3, 1e-6);
  EXPECT_NEAR(f.now, 3, 1e-12);
  EXPECT_EQ(verdicts(sweep("metric: layers.activation.rms, rtol: 0.001, over: every_seed"), records),
            verdicts(sweep("metric: layers.activation.rms, rtol: 0.001"), records));
}

TEST(ClaimPrediction, OfTheSlopeOfDelta) {
  const Finding f = judged(sweep("metric: delta_slope_start, atol: 0.01"), {scaled(1), scaled(1)}).at(0);
  EXPECT_EQ(f.verdict, "holds");
  EXPECT_NEAR(f.before, std::log10(2), 1e-6);
  const Record level = looked_at({2, 4, 8, 16}, 1, {1, 1, 1, 1});
  EXPECT_EQ(verdicts(sweep("metric: delta_slope_start, atol: 0.01"), {level, level}), "fails\n");
}

TEST(ClaimPrediction, AcrossLayersOfBoth) {
  const std::string claim = sweep(std::string(kPreactivation) + "across: slope, atol: 0.01");
  const Finding f = judged(claim, {scaled(7), scaled(7)}).at(0);  // a factor changes no slope
  EXPECT_EQ(f.verdict, "holds");
  EXPECT_EQ(f.reason, "");
  EXPECT_NEAR(f.before, std::log10(2), 1e-6);
  EXPECT_NEAR(f.now, std::log10(2), 1e-12);
  const Record level = looked_at({2, 2, 2, 2});
  EXPECT_EQ(verdicts(claim, {level, level}), "fails\n");
}

TEST(ClaimPrediction, WhatTheorySaysNothingOfIsOpen) {
  const std::string nothing =
      "mean-field theory predicts no layers.preactivation.rms, start, hidden layers in the only "
      "cell";
  const std::string fields = std::string(kPreactivation) + "rtol: 0.1";
  EXPECT_EQ(verdicts(sweep(fields, "constant: {value: 0.1}"), {scaled(1), scaled(1)}),
            "inconclusive (" + nothing + ")\n");
  // A share of nothing is no number.
  EXPECT_EQ(verdicts(sweep(fields), {looked_at({0, 0, 0, 0}, 0), scaled(1)}), "inconclusive (" + nothing + ")\n");
  EXPECT_EQ(verdicts(sweep(std::string(kPreactivation) + "atol: 0.1"), {looked_at({0, 0, 0, 0}, 0), scaled(1)}),
            "holds (layer 1 decides)\n");
  EXPECT_EQ(verdicts(sweep("metric: delta_slope_start, atol: 1", "constant: {value: 0.1}"), {scaled(1), scaled(1)}),
            "inconclusive (mean-field theory predicts no delta_slope_start in the only cell)\n");
}

}  // namespace
}  // namespace initsweep
