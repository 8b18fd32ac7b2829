// Claims about layers: when, which, and which one is shown.
#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "initsweep/claims.hpp"
#include "judged_claims.hpp"

namespace initsweep {
namespace {

// Three hidden layers and an output layer with these preactivation stds at the start.
Record layered(const Numbers& std) { return learned(0.5, kNoValue, std); }

std::string sweep(const std::string& fields) {
  return "settings: {depth: 3}\nseeds: 2\nexpect: [{claim: a, metric: layers.preactivation.std, " + fields + "}]";
}
Finding shown(const std::string& fields, const Numbers& std) {
  return judged(sweep(fields), {layered(std), layered(std)}).at(0);
}

// The stds are 3, 5, 4 and 2 at the start, twice and three times that after the epochs; the input's activation has 100.
struct WhereCase {
  const char* name;
  const char* fields;  // with a bound that nothing meets
  const char* quantity;
  double now;  // the lowest of the layers asked for
  const char* reason;
};
void PrintTo(const WhereCase& c, std::ostream* out) { *out << c.name; }
class ClaimLayers : public testing::TestWithParam<WhereCase> {};

TEST_P(ClaimLayers, AreThoseAskedFor) {
  const WhereCase& c = GetParam();
  const Finding f = shown(std::string("at_least: 1e9, ") + c.fields, {3, 5, 4, 2});
  EXPECT_EQ(f.verdict, "fails");
  EXPECT_EQ(f.quantity, std::string("layers.preactivation.std, ") + c.quantity);
  EXPECT_EQ(f.now, c.now);
  EXPECT_EQ(f.reason, c.reason);
}

INSTANTIATE_TEST_SUITE_P(
    Layers, ClaimLayers,
    testing::Values(WhereCase{"unsaid", "", "start, hidden layers", 3, "layer 1 decides"},
                    WhereCase{"hidden", "layer: hidden", "start, hidden layers", 3, "layer 1 decides"},
                    WhereCase{"all", "layer: all", "start, all layers", 2, "layer 4 decides"},
                    WhereCase{"first", "layer: first", "start, first hidden layer", 3, ""},
                    WhereCase{"last", "layer: last", "start, last hidden layer", 4, ""},
                    WhereCase{"second", "layer: 2", "start, layer 2", 5, ""},
                    WhereCase{"output", "layer: 4", "start, layer 4", 2, ""},
                    WhereCase{"at_start", "at: start, layer: 2", "start, layer 2", 5, ""},
                    WhereCase{"at_end", "at: end, layer: 2", "end, layer 2", 15, ""},
                    WhereCase{"before_training", "at: epoch 0, layer: 2", "epoch 0, layer 2", 5, ""},
                    WhereCase{"after_one_epoch", "at: epoch 1", "epoch 1, hidden layers", 6, "layer 1 decides"},
                    WhereCase{"after_two", "at: epoch 2, layer: last", "epoch 2, last hidden layer", 12, ""},
                    WhereCase{"range", "layer: {from: 2, to: 3}", "start, layers 2 to 3", 4, "layer 3 decides"},
                    WhereCase{"from", "layer: {from: 2}", "start, layers from 2 on", 4, "layer 3 decides"},
                    WhereCase{"range_of_one", "layer: {from: 2, to: 2}", "start, layer 2", 5, ""},
                    WhereCase{"range_is_of_hidden", "layer: {from: 3, to: 9}", "start, layers 3 to 9", 4, ""}),
    [](const auto& test) { return test.param.name; });

TEST(ClaimLayers, InputIsALayerOfActivationsAlone) {
  const Records two = {layered({3, 5, 4, 2}), layered({3, 5, 4, 2})};
  const auto now = [&](const std::string& fields) {
    return judged("settings: {depth: 3}\nseeds: 2\nexpect: [{claim: a, metric: layers.activation.std, at_most: 0, " +
                      fields + "}]",
                  two)
        .at(0)
        .now;
  };
  EXPECT_EQ(now("layer: 0"), 100);
  EXPECT_EQ(now("layer: all"), 100);
  EXPECT_EQ(now("layer: hidden"), 5);
}

TEST(ClaimLayers, WhatWasNotRecordedLeavesItOpen) {
  const Records two = {layered({3, 5, 4, 2}), layered({3, 5, kNoValue, 2})};
  EXPECT_EQ(verdicts(sweep("at_least: 0, at: epoch 3"), two),
            "inconclusive (seeds 1, 2 have no layers.preactivation.std, epoch 3, hidden layers in the only cell)\n");
  EXPECT_EQ(verdicts(sweep("at_least: 0, layer: 5"), two),
            "inconclusive (seeds 1, 2 have no layers.preactivation.std, start, layer 5 in the only cell)\n");
  EXPECT_EQ(verdicts(sweep("at_least: 0"), two),
            "inconclusive (seed 2 has no layers.preactivation.std, start, hidden layers in the only cell)\n");
  EXPECT_EQ(verdicts(sweep("at_least: 0, layer: 2"), two), "holds\n");
}

TEST(ClaimLayers, AnEpochIsItsLastRecord) {
  Record record = layered({3, 5, 4, 2});
  std::vector<LayerRow> within;  // as with every: {steps: 5}
  for (LayerRow row : record.layers) {
    if (row.epoch != 1) continue;
    row.step = 5;
    row.summary.std = 1000;
    within.push_back(row);
  }
  const auto place =
      std::find_if(record.layers.begin(), record.layers.end(), [](const LayerRow& r) { return r.epoch == 1; });
  record.layers.insert(place, within.begin(), within.end());
  EXPECT_EQ(judged(sweep("at_least: 0, at: epoch 1, layer: 2"), {record, record}).at(0).now, 10);
}

// Holding takes every layer, failing one.
TEST(ClaimLayers, OneLayerIsEnoughToFail) {
  EXPECT_EQ(shown("at_least: 3", {3, 5, 4, 2}).verdict, "holds");
  EXPECT_EQ(shown("at_least: 3", {3, 2, 4, 2}).verdict, "fails");
  EXPECT_EQ(shown("at_least: 3, layer: all", {3, 5, 4, 2}).verdict, "fails");
  EXPECT_EQ(shown("at_least: 3, over: every_seed", {3, 2, 4, 2}).verdict, "fails");
  EXPECT_EQ(shown("at_least: 3, over: every_seed", {3, 5, 4, 2}).verdict, "holds");
}

// The one farthest on the wrong side; of those that fail before those that are open, however far these are.
TEST(ClaimLayers, TheWorstIsShown) {
  EXPECT_EQ(shown("at_most: 4", {3, 5, 6, 2}).reason, "layer 3 decides");
  EXPECT_EQ(shown("at_most: 9", {3, 5, 4, 2}).reason, "layer 2 decides");
  EXPECT_EQ(shown("between: [3, 5]", {2.5, 5, 6, 2}).reason, "layer 3 decides");
  const Finding mixed = judged(sweep("at_most: 4"), {layered({3, 4.5, -50, 2}), layered({3, 4.5, 100, 2})}).at(0);
  EXPECT_EQ(mixed.verdict, "fails");
  EXPECT_EQ(mixed.reason, "layer 2 decides");
  EXPECT_EQ(mixed.now, 4.5);
  const Finding open = judged(sweep("at_most: 4"), {layered({3, 4, -50, 2}), layered({3, 4, 50, 2})}).at(0);
  EXPECT_EQ(open.verdict, "inconclusive");
  EXPECT_EQ(open.reason, "layer 3 decides");
}

// Two seeds at m - 1 and m + 1 have a standard error of 1, and with one degree of freedom t is the tangent of
// pi (p - 1/2): bounds lie 6.31 away at 95 %, and 19.08 at 1 - 0.05 / 3, the share of one of three layers. Holding
// needs no such correction.
TEST(ClaimLayers, FailingAllowsForTheirNumber) {
  const auto verdict = [&](const std::string& fields, double middle) {
    return judged(sweep(fields), {layered({0, middle - 1, 0, 0}), layered({0, middle + 1, 0, 0})}).at(0).verdict;
  };
  EXPECT_EQ(verdict("at_most: 0, layer: 2", 6.3), "inconclusive");
  EXPECT_EQ(verdict("at_most: 0, layer: 2", 6.4), "fails");
  EXPECT_EQ(verdict("at_most: 0", 6.4), "inconclusive");
  EXPECT_EQ(verdict("at_most: 0", 19.0), "inconclusive");
  EXPECT_EQ(verdict("at_most: 0", 19.2), "fails");
  EXPECT_EQ(verdict("at_most: 0", -6.3), "inconclusive");
  EXPECT_EQ(verdict("at_most: 0", -6.4), "holds");
}

TEST(ClaimLayers, LayersOfTwoCellsPairByNumber) {
  const std::string body =
      "settings: {depth: 3}\ngrid: {activation: [tanh, relu]}\nseeds: 2\nexpect: [{claim: a, metric: "
      "layers.preactivation.std, higher: {activation: relu}, than: {activation: tanh}}]";
  const Record low = layered({1, 2, 3, 9}), high = layered({2, 3, 4, 1}), crossing = layered({2, 1, 4, 9});
  EXPECT_EQ(verdicts(body, {low, low, high, high}), "relu: holds (layer 1 decides)\n");
  EXPECT_EQ(verdicts(body, {low, low, crossing, crossing}), "relu: fails (layer 2 decides)\n");
}

TEST(ClaimLayers, NetsOfDifferentDepthsCompareByNamedLayers) {
  const auto body = [](const std::string& layer) {
    return "grid: {depth: [2, 3]}\nseeds: 2\nexpect: [{claim: a, metric: layers.preactivation.std, higher: {depth: 3}, "
           "than: {depth: 2}, layer: " +
           layer + "}]";
  };
  const Record two = layered({1, 2, 9}), three = layered({0, 5, 3, 9});
  EXPECT_EQ(
      verdicts(body("hidden"), {two, two, three, three}),
      "depth=3: inconclusive (the two have different numbers of layers; compare first, last or one by its number)\n");
  EXPECT_EQ(verdicts(body("last"), {two, two, three, three}), "depth=3: holds\n");  // 3 against 2
  EXPECT_EQ(verdicts(body("first"), {two, two, three, three}), "depth=3: fails\n");
  EXPECT_EQ(verdicts(body("2"), {two, two, three, three}), "depth=3: holds\n");
}

// Each claim takes its own values from a record.
TEST(ClaimLayers, ClaimsDoNotMixTheirValues) {
  const std::string body =
      "settings: {depth: 3}\ngrid: {activation: [tanh, relu]}\nseeds: 2\nexpect:\n"
      "- {claim: a, metric: test_accuracy, where: {activation: tanh}, equals: 0.5}\n"
      "- {claim: b, status: ok}\n"
      "- {claim: c, metric: layers.preactivation.std, where: {activation: relu}, layer: 2, equals: 5}\n"
      "- {claim: d, metric: test_loss, equals: 0.5}\n";
  const Record record = layered({3, 5, 4, 2});
  for (const Finding& f : judged(body, {record, record, record, record})) EXPECT_EQ(f.verdict, "holds") << f.claim;
}

// Powers of ten: the logarithms are 0, 2, 1 and 9, of the hidden layers a least-squares slope of 1 / 2.
TEST(ClaimLayers, AcrossThemIsOneNumber) {
  const Numbers std = {1, 100, 10, 1e9};
  const Finding slope = shown("across: slope, at_least: 0", std);
  EXPECT_EQ(slope.verdict, "holds");
  EXPECT_EQ(slope.quantity, "layers.preactivation.std, start, slope over hidden layers");
  EXPECT_EQ(slope.reason, "");
  EXPECT_NEAR(slope.now, 0.5, 1e-12);
  EXPECT_FALSE(slope.layer);
  const Finding spread = shown("across: spread, at_most: 1", std);
  EXPECT_EQ(spread.verdict, "fails");
  EXPECT_EQ(spread.quantity, "layers.preactivation.std, start, spread over hidden layers");
  EXPECT_NEAR(spread.now, 2, 1e-12);
  // 0, 2, 1, 9 against 1, 2, 3, 4: (-1.5 * 0 - 0.5 * 2 + 0.5 * 1 + 1.5 * 9) / 5
  EXPECT_NEAR(shown("across: slope, at_least: 0, layer: all", std).now, 13.0 / 5, 1e-12);
  EXPECT_NEAR(shown("across: spread, at_least: 0, layer: all", std).now, 9, 1e-12);
  const Finding upper = shown("across: slope, at_least: 0, layer: {from: 2}", std);
  EXPECT_EQ(upper.verdict, "fails");
  EXPECT_NEAR(upper.now, -1, 1e-12);
  EXPECT_EQ(upper.quantity, "layers.preactivation.std, start, slope over layers from 2 on");
}

// Failing takes no more than of any other number (compare FailingAllowsForTheirNumber), and two seeds that differ
// leave it open.
TEST(ClaimLayers, AcrossThemSeedsDecideAsOfAnyNumber) {
  const auto verdict = [](double half_distance) {
    const Record a = layered({1, 1, std::pow(10.0, 1 - half_distance), 1}),
                 b = layered({1, 1, std::pow(10.0, 1 + half_distance), 1});
    return judged(sweep("across: spread, at_most: 0"), {a, b}).at(0).verdict;
  };
  EXPECT_EQ(verdict(1 / 6.4), "fails");  // 1 / 6.31, the bound of two seeds
  EXPECT_EQ(verdict(1 / 6.2), "inconclusive");
}

TEST(ClaimLayers, AcrossThemNeedsTwoAndLogarithms) {
  const std::string none = "seeds 1, 2 have no layers.preactivation.std, start, spread over ";
  const std::string why = "hidden layers in the only cell: a logarithm needs values above 0, and layer ";
  EXPECT_EQ(shown("across: spread, at_least: 0", {1, 0, 1, 1}).reason, none + why + "2 of seed 1 has 0");
  const Finding negative = shown("across: spread, at_least: 0", {1, 1, -1, 1});
  EXPECT_EQ(negative.verdict, "inconclusive");
  EXPECT_EQ(negative.reason, none + why + "3 of seed 1 has -1");
  EXPECT_EQ(
      judged(sweep("across: spread, at_least: 0"), {layered({1, 1, 1, 1}), layered({-2.5, 1, -1, 1})}).at(0).reason,
      "seed 2 has no layers.preactivation.std, start, spread over " + why + "1 of seed 2 has -2.5");
  EXPECT_EQ(shown("across: spread, at_least: 0", {1, INFINITY, 1, 1}).reason, none + "hidden layers in the only cell");
  EXPECT_EQ(shown("across: spread, at_least: 0", {1, 2, 1, 0}).verdict, "holds");  // the output layer is not asked
  EXPECT_EQ(shown("across: spread, at_least: 0, layer: {from: 3}", {1, 2, 1, 1}).reason,
            none + "layers from 3 on in the only cell");
}

TEST(ClaimLayers, AcrossThemNetsOfDifferentDepthsCompare) {
  const std::string body =
      "grid: {depth: [2, 3]}\nseeds: 2\nexpect: [{claim: a, metric: layers.preactivation.std, higher: {depth: 3}, "
      "than: {depth: 2}, across: spread}]";
  const Record two = layered({1, 10, 1}), three = layered({1, 10, 100, 1});
  EXPECT_EQ(verdicts(body, {two, two, three, three}), "depth=3: holds\n");
  EXPECT_EQ(verdicts(body, {two, two, two, two}), "depth=3: fails\n");  // the third is the output layer of the two
}

TEST(ClaimLayers, OneLayersMiddleOfTheSeeds) {
  Records records;
  for (int i = 0; i < 5; ++i) records.push_back(layered({1, 1, 2.0 + i, 1}));
  const auto found = [&](const std::string& fields) {
    return judged(
               "settings: {depth: 3}\nseeds: 5\nexpect: [{claim: a, metric: layers.preactivation.std, confidence: "
               "0.75, " +
                   fields + "}]",
               records)
        .at(0);
  };
  EXPECT_EQ(found("layer: last, includes: 3").verdict, "holds");  // 3 to 5
  EXPECT_EQ(found("layer: 3, includes: 2.9").verdict, "fails");
  EXPECT_EQ(found("layer: 3, includes: 2.9").published, 2.9);
  EXPECT_EQ(found("across: spread, includes: 0.6").verdict, "holds");  // log10 of 3 to 5: 0.477 to 0.699
  EXPECT_EQ(found("across: spread, includes: 0.7").verdict, "fails");
}

TEST(ClaimLayers, SaysWhichOneWasAskedFor) {
  EXPECT_EQ(shown("at_least: 0, layer: first", {1, 2, 3, 4}).layer, 1);
  EXPECT_EQ(shown("at_least: 0, layer: last", {1, 2, 3, 4}).layer, 3);
  EXPECT_EQ(shown("at_least: 0, layer: 4", {1, 2, 3, 4}).layer, 4);
  for (const char* fields : {"at_least: 0", "at_least: 0, layer: all", "at_least: 0, layer: {from: 2, to: 2}"})
    EXPECT_FALSE(shown(fields, {1, 2, 3, 4}).layer) << fields;
  EXPECT_EQ(shown("at_least: 0, at: epoch 1", {1, 2, 3, 4}).epoch, 1);
  EXPECT_FALSE(shown("at_least: 0, at: end", {1, 2, 3, 4}).epoch);
  EXPECT_EQ(shown("at_least: 0", {1, 2, 3, 4}).when, "start");
  EXPECT_EQ(shown("at_least: 0, at: epoch 1", {1, 2, 3, 4}).when, "epoch 1");
  EXPECT_EQ(shown("at_least: 0, layer: 2", {1, 2, 3, 4}).metric, "layers.preactivation.std");
}

}  // namespace
}  // namespace initsweep
