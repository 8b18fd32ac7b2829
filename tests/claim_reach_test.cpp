// Claims about epochs and layers that no cell has, which the sweep file alone shows.
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "initsweep/claims.hpp"
#include "sweep_text.hpp"

namespace initsweep {
namespace {

// What is said of the first claim; "" if nothing.
std::string problem_of(const std::string& grid, const std::string& claim) {
  const SweepSpec spec = parsed(grid + "\nexpect: [{claim: a, at_least: 0, " + claim + "}]");
  const std::string digest(64, 'a');
  const std::vector<Diagnostic> problems =
      check_expectations(spec, expand(spec, {{"mnist", digest}, {"idx:d", digest}}));
  if (problems.empty()) return {};
  EXPECT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].where.line, 4);
  EXPECT_EQ(problems[0].where.column, 10);
  return problems[0].message;
}

TEST(ClaimReach, OfEpochs) {
  const std::string loss = "metric: test_loss, at: epoch ";
  EXPECT_EQ(problem_of("settings: {epochs: 5}", loss + "5"), "");
  EXPECT_EQ(problem_of("settings: {epochs: 5}", loss + "6"),
            "there is no epoch 6 in the cells it speaks of, which train for 5 epochs");
  EXPECT_EQ(problem_of("settings: {epochs: 1}", "metric: layers.delta.rms, at: epoch 2"),
            "there is no epoch 2 in the cells it speaks of, which train for 1 epoch");
  EXPECT_EQ(problem_of("grid: {epochs: [2, 5]}", loss + "5"), "");
  EXPECT_EQ(problem_of("grid: {epochs: [2, 5]}", loss + "6"),
            "there is no epoch 6 in the cells it speaks of, which train for 5 epochs at most");
  EXPECT_EQ(problem_of("grid: {epochs: [2, 5]}", loss + "3, where: {epochs: 2}"),
            "there is no epoch 3 in the cells it speaks of, which train for 2 epochs");
}

// 60000 samples of mnist in batches of 64 are 938 steps, the last of them with fewer.
TEST(ClaimReach, OfStepsWhereTheDataAreKnown) {
  const std::string loss = "metric: test_loss, at: epoch ";
  EXPECT_EQ(problem_of("settings: {steps: 938}", loss + "1"), "");
  EXPECT_EQ(problem_of("settings: {steps: 938}", loss + "2"),
            "there is no epoch 2 in the cells it speaks of, which train for 1 epoch");
  EXPECT_EQ(problem_of("settings: {steps: 939}", loss + "2"), "");
  EXPECT_EQ(problem_of("settings: {steps: 40, train_samples: 640}", loss + "4"), "");
  EXPECT_EQ(problem_of("settings: {steps: 40, train_samples: 640}", loss + "5"),
            "there is no epoch 5 in the cells it speaks of, which train for 4 epochs");
  // Else a step may be an epoch.
  EXPECT_EQ(problem_of("settings: {steps: 40, dataset: \"idx:d\"}", loss + "40"), "");
  EXPECT_EQ(problem_of("settings: {steps: 40, dataset: \"idx:d\"}", loss + "41"),
            "there is no epoch 41 in the cells it speaks of, which train for 40 epochs");
}

TEST(ClaimReach, OfLayers) {
  const auto of_three = [](const std::string& claim) { return problem_of("settings: {depth: 3}", claim); };
  const std::string rms = "metric: layers.delta.rms, ";
  EXPECT_EQ(of_three(rms + "layer: 4"), "");  // the output layer
  EXPECT_EQ(of_three(rms + "layer: 5"), "there is no layer 5 in the cells it speaks of, which have 3 hidden layers");
  EXPECT_EQ(of_three(rms + "layer: {from: 3}"), "");
  EXPECT_EQ(of_three(rms + "layer: {from: 3, to: 9}"), "");
  EXPECT_EQ(of_three(rms + "layer: {from: 4}"),
            "there is no hidden layer 4 in the cells it speaks of, which have 3 hidden layers");
  EXPECT_EQ(problem_of("grid: {depth: [1, 8]}", rms + "layer: 9"), "");
  EXPECT_EQ(problem_of("grid: {depth: [1, 8]}", rms + "layer: 9, where: {depth: 1}"),
            "there is no layer 9 in the cells it speaks of, which have 1 hidden layer");
  EXPECT_EQ(problem_of("grid: {depth: [1, 8]}", rms + "layer: {from: 9}"),
            "there is no hidden layer 9 in the cells it speaks of, which have 8 hidden layers at most");
}

TEST(ClaimReach, AcrossTakesTwoLayers) {
  const std::string rms = "metric: layers.delta.rms, across: spread";
  EXPECT_EQ(problem_of("settings: {depth: 2}", rms), "");
  EXPECT_EQ(problem_of("settings: {depth: 1}", rms),
            "across needs several layers, and it asks for one in the cells it speaks of, which have 1 hidden layer");
  EXPECT_EQ(problem_of("settings: {depth: 1}", rms + ", layer: all"), "");  // the output layer, too
  EXPECT_EQ(problem_of("settings: {depth: 3}", rms + ", layer: {from: 2}"), "");
  EXPECT_EQ(problem_of("settings: {depth: 3}", rms + ", layer: {from: 3, to: 5}"),
            "across needs several layers, and it asks for one in the cells it speaks of, which have 3 hidden layers");
  EXPECT_EQ(problem_of("grid: {depth: [1, 2]}", rms), "");
}

// What one side never has cannot be compared.
TEST(ClaimReach, OfTwoSidesBoth) {
  const SweepSpec spec = parsed(
      "grid: {depth: [1, 3]}\nexpect: [{claim: a, metric: layers.delta.rms, layer: 4, higher: {depth: 3}, than: "
      "{depth: 1}}]");
  const auto problems = check_expectations(spec, expand(spec, {{"mnist", std::string(64, 'a')}}));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].message, "there is no layer 4 in the cells it speaks of, which have 1 hidden layer");
}

}  // namespace
}  // namespace initsweep
