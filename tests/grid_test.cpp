#include "initsweep/grid.hpp"
#include "initsweep/claims.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "initsweep/identity.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {
namespace {

const DatasetDigests kDigests = {{"mnist", std::string(kMnistDigest)}};

Grid expanded(const std::string& body) {
  return expand(parse_spec("version: 1\nname: test\n" + body, "test.yaml"), kDigests);
}

// The message of each problem, a line each.
std::string problems_of(const std::string& body) {
  try {
    static_cast<void>(expanded(body));
  } catch (const SpecError& error) {
    return error.what();
  }
  return "no error";
}

std::vector<std::string> column(const Grid& grid, Setting setting) {
  std::vector<std::string> texts;
  for (const Cell& cell : grid.cells) texts.push_back(setting_text(cell.names.front(), setting));
  return texts;
}

using Texts = std::vector<std::string>;

TEST(Grid, LastAxisVariesFastest) {
  const Grid grid = expanded("grid:\n  activation: [tanh, relu]\n  depth: [2, 5]\nseeds: 2\n");
  EXPECT_EQ(column(grid, Setting::activation), (Texts{"tanh", "tanh", "relu", "relu"}));
  EXPECT_EQ(column(grid, Setting::depth), (Texts{"2", "5", "2", "5"}));
  ASSERT_EQ(grid.jobs.size(), 8u);
  EXPECT_EQ(grid.jobs[1].cell, 0u);
  EXPECT_EQ(grid.jobs[1].seed, 2);
  EXPECT_EQ(grid.varying, (std::vector<Setting>{Setting::activation, Setting::depth}));
}

TEST(Grid, WithoutAGridThereIsOneCell) { EXPECT_EQ(expanded("settings: {depth: 3}\n").cells.size(), 1u); }

TEST(Grid, BlocksFollowEachOther) {
  const Grid grid = expanded("grid:\n  - {depth: [2, 3]}\n  - {depth: [4], activation: [tanh]}\n");
  EXPECT_EQ(column(grid, Setting::depth), (Texts{"2", "3", "4"}));
  EXPECT_EQ(column(grid, Setting::activation), (Texts{"relu", "relu", "tanh"}));
}

TEST(Grid, ZipWalksAxesTogether) {
  const Grid grid = expanded("grid:\n  zip: {depth: [2, 3], learning_rate: [0.1, 0.2]}\n  activation: [tanh, relu]\n");
  EXPECT_EQ(column(grid, Setting::depth), (Texts{"2", "2", "3", "3"}));
  EXPECT_EQ(column(grid, Setting::learning_rate), (Texts{"0.1", "0.1", "0.2", "0.2"}));
}

TEST(Grid, AnAxisUnderAConditionExistsOnceWhereItIsFalse) {
  const Grid grid = expanded(
      "grid:\n"
      "  initializer: [variance_scaling, he_normal]\n"
      "  mode: {values: [fan_in, fan_out], when: {initializer: variance_scaling}}\n");
  EXPECT_EQ(column(grid, Setting::initializer), (Texts{"variance_scaling", "variance_scaling", "he_normal"}));
  EXPECT_EQ(column(grid, Setting::mode), (Texts{"fan_in", "fan_out", "fan_in"}));
  EXPECT_TRUE(grid.folded.empty());
}

TEST(Grid, ConditionsMayRestOnConditionalAxes) {
  const Grid grid = expanded(
      "grid:\n"
      "  batch_size: {values: [10, 20], when: {optimizer: adam}}\n"
      "  optimizer: {values: [sgd, adam], when: {activation: tanh}}\n"
      "  activation: [tanh, relu]\n");
  // relu: sgd alone; tanh: sgd once, adam with two batch sizes.
  EXPECT_EQ(grid.cells.size(), 4u);
}

TEST(Grid, ConditionsInACircleAreAnError) {
  const std::string problems = problems_of(
      "grid:\n"
      "  batch_size: {values: [10, 20], when: {optimizer: adam}}\n"
      "  optimizer: {values: [sgd, adam], when: {batch_size: 10}}\n");
  EXPECT_NE(problems.find("the conditions of these axes rest on each other in a circle"), std::string::npos)
      << problems;
}

TEST(Grid, ParametersAreAxesWhereTheirKindHolds) {
  const Grid grid = expanded("grid:\n  initializer: [normal, he_normal]\n  normal.stddev: [0.01, 0.1]\n");
  EXPECT_EQ(column(grid, Setting::initializer),
            (Texts{"normal(mean=0;stddev=0.01)", "normal(mean=0;stddev=0.1)", "he_normal"}));
}

TEST(Grid, WhatHasNoMeaningFoldsAndIsSaid) {
  const Grid grid = expanded("grid:\n  initializer: [normal, he_normal]\n  mode: [fan_in, fan_avg, fan_out]\n");
  EXPECT_EQ(grid.combinations, 6u);
  EXPECT_EQ(grid.cells.size(), 4u);
  ASSERT_EQ(grid.folded.size(), 1u);
  EXPECT_EQ(grid.folded[0].count, 2u);
  EXPECT_EQ(grid.folded[0].reason, "mode has no meaning for normal");
  EXPECT_EQ(grid.cells[0].names.size(), 1u);
}

TEST(Grid, NetsThatAreOnlyLookedAtFoldOverHowTheyWouldBeTrained) {
  const Grid grid = expanded(
      "settings: {epochs: 0}\n"
      "grid: {depth: [2, 3], learning_rate: [0.1, 0.2], optimizer: [sgd, adam], batch_size: [10, 20]}\n");
  EXPECT_EQ(grid.combinations, 16u);
  EXPECT_EQ(grid.cells.size(), 2u);
  for (const Cell& cell : grid.cells) EXPECT_EQ(cell.names.size(), 1u) << "with one row in cells.csv";
  const Grid rates = expanded("settings: {epochs: 0}\ngrid: {learning_rate: [0.1, 0.2]}\n");
  EXPECT_EQ(rates.folded.at(0).reason, "learning_rate has no meaning for a net that is not trained");
  const Grid moments = expanded("settings: {epochs: 0}\ngrid: {depth: [2], optimizer: [momentum], rho: [0.8, 0.9]}\n");
  EXPECT_EQ(moments.folded.at(0).reason,
            "optimizer has no meaning for a net that is not trained; rho has no meaning for a net that is not trained");
}

std::vector<std::string> ids(const Grid& grid) {
  std::vector<std::string> ids;
  for (const Job& job : grid.jobs) ids.push_back(job.id);
  return ids;
}

TEST(Grid, AProbeHasTheNetsOfNoEpochsUnderEveryNameAskedFor) {
  const std::string body = "grid: {depth: [2, 3], learning_rate: [0.1, 0.2]}\nseeds: 2\n";
  const Grid probe = expanded("settings: {steps: 7, optimizer: adam}\nprobe: true\n" + body);
  EXPECT_EQ(ids(probe), ids(expanded("settings: {epochs: 0, optimizer: adam}\n" + body)));
  EXPECT_EQ(probe.combinations, 4u);
  ASSERT_EQ(probe.cells.size(), 2u);
  for (const Cell& cell : probe.cells) {
    EXPECT_EQ(cell.settings.epochs, 0);
    ASSERT_EQ(cell.names.size(), 2u);
    EXPECT_EQ(setting_text(cell.names[0], Setting::learning_rate), "0.1");
    EXPECT_EQ(setting_text(cell.names[1], Setting::learning_rate), "0.2");
    EXPECT_EQ(setting_text(cell.names[1], Setting::steps), "7");
    EXPECT_TRUE(matches(cell, Pattern{{{Setting::learning_rate, 0.2, {}}}, {}}));
    EXPECT_FALSE(matches(cell, Pattern{{{Setting::learning_rate, 0.3, {}}}, {}}));
  }
  EXPECT_EQ(probe.folded.at(0).reason,
            "learning_rate=0.2 means the same as learning_rate=0.1 for a net that is not trained");
}

TEST(Grid, AProbeDecidesConditionsAndExcludesAsWritten) {
  const std::string body =
      "settings: {epochs: 2}\n"
      "grid:\n  optimizer: [sgd, adam]\n  depth: {values: [2, 3], when: {epochs: 2, optimizer: sgd}}\n"
      "  activation: [tanh, relu]\n"
      "exclude: [{optimizer: sgd, activation: relu}]\n"
      "include: [{depth: 5, optimizer: sgd, activation: relu}]\n";
  const Grid whole = expanded(body), probe = expanded(body + "probe: true\n");
  EXPECT_EQ(probe.combinations, whole.combinations);
  EXPECT_EQ(probe.excluded.size(), 2u);
  EXPECT_TRUE(probe.warnings.empty());
  // sgd and tanh with two depths, adam with both activations and the default depth 2, and the include; of those adam
  // with tanh is a net that sgd has too.
  EXPECT_EQ(whole.cells.size(), 5u);
  EXPECT_EQ(column(probe, Setting::depth), (Texts{"2", "3", "2", "5"}));
  EXPECT_EQ(column(probe, Setting::activation), (Texts{"tanh", "tanh", "relu", "relu"}));
  EXPECT_EQ(probe.cells[0].names.size(), 2u);
}

TEST(Grid, AProbeIsAnOverrideAndClaimsOfTrainingAreNoSlip) {
  const std::string text =
      "version: 1\nname: test\ngrid: {learning_rate: [0.1, 0.2]}\nexpect:\n"
      "  - {claim: it learns, metric: test_accuracy, where: {learning_rate: 0.1}, at_least: 0.5}\n";
  const SweepSpec spec = parse_spec(text, "test.yaml", std::vector<std::string>{"probe=true"});
  EXPECT_TRUE(spec.probe);
  EXPECT_FALSE(parse_spec(text, "test.yaml").probe);
  const Grid grid = expand(spec, kDigests);
  EXPECT_EQ(grid.cells.size(), 1u);
  EXPECT_TRUE(check_expectations(spec, grid).empty());
}

TEST(Grid, FoldingNeverLosesAName) {
  const Grid grid = expanded(
      "grid:\n  initializer: [lecun_normal, glorot_normal]\n  mode: [fan_in, fan_avg]\n  depth: [2]\nseeds: 3\n");
  ASSERT_EQ(grid.cells.size(), 2u);
  EXPECT_EQ(grid.jobs.size(), 6u);
  ASSERT_EQ(grid.cells[0].names.size(), 2u);
  EXPECT_EQ(setting_text(grid.cells[0].names[1], Setting::initializer), "glorot_normal");
  EXPECT_EQ(grid.folded[0].reason, "initializer=glorot_normal means the same as initializer=lecun_normal");
  const SettingValue glorot = InitializerValue{.initializer = {.kind = InitializerKind::glorot_normal}, .written = {}};
  EXPECT_TRUE(matches(grid.cells[0], Pattern{{{Setting::initializer, glorot, {}}}, {}}));
}

TEST(Grid, AWidthListAndAConstantFold) {
  const Grid grid = expanded("grid:\n  width: [100, [100, 100]]\n");
  EXPECT_EQ(grid.cells.size(), 1u);
}

TEST(Grid, ExcludeDropsAndIncludeIsNeverExcluded) {
  const Grid grid = expanded(
      "grid:\n  activation: [sigmoid, relu]\n  depth: [2, 20]\n"
      "exclude:\n  - {activation: sigmoid, depth: 20}\n"
      "include:\n  - {activation: sigmoid, depth: 20, learning_rate: 1}\n");
  EXPECT_EQ(column(grid, Setting::activation), (Texts{"sigmoid", "relu", "relu", "sigmoid"}));
  EXPECT_EQ(grid.excluded.size(), 1u);
  EXPECT_TRUE(grid.warnings.empty());
}

TEST(Grid, AnExcludeThatMatchesNothingWarns) {
  const Grid grid = expanded("grid:\n  depth: [2, 3]\nexclude:\n  - {depth: 7}\n");
  ASSERT_EQ(grid.warnings.size(), 1u);
  EXPECT_EQ(format(grid.warnings[0]),
            "test.yaml:6:5: warning: this exclude matches no combination\n"
            "    6 |   - {depth: 7}\n"
            "      |     ^\n");
}

TEST(Grid, ExcludingEverythingIsAnError) {
  EXPECT_NE(problems_of("grid:\n  depth: [2]\nexclude:\n  - {depth: 2}\n").find("every combination is excluded"),
            std::string::npos);
}

TEST(Grid, TooManyJobsAreAnError) {
  EXPECT_EQ(problems_of("grid:\n  depth: [2, 3]\nseeds: 3\nlimits: {max_jobs: 5}\n"),
            "test.yaml:6:20: error: the sweep has 6 jobs, more than limits.max_jobs (5); raise it, or narrow the grid\n"
            "    6 | limits: {max_jobs: 5}\n"
            "      |                    ^\n");
}

TEST(Grid, AWidthListAgainstADepthAxisIsLocated) {
  EXPECT_EQ(problems_of("settings:\n  width: [300, 100]\ngrid:\n  depth: [2, 5]\n"),
            "test.yaml:6:14: error: depth is 5, but width lists 2 layers\n"
            "    6 |   depth: [2, 5]\n"
            "      |              ^\n");
}

TEST(Grid, ALawThatDoesNotExistForAnActivationIsLocated) {
  const std::string problems = problems_of("grid:\n  initializer: [by_activation]\n  activation: [relu, gelu]\n");
  EXPECT_EQ(problems.find("test.yaml:4:17: error: "), 0u) << problems;
}

TEST(Grid, IdsDoNotDependOnOrderNamesOrLimits) {
  const Grid a = expanded("grid:\n  activation: [tanh, relu]\n  depth: [2, 5]\n");
  const Grid b =
      expanded("description: other\nsettings: {activation: relu}\ngrid:\n  depth: [5]\nlimits: {max_jobs: 9}\n");
  EXPECT_EQ(a.cells[3].id, b.cells[0].id);
  EXPECT_EQ(a.jobs[3].id, b.jobs[0].id);
}

TEST(Grid, JobLabelsTellJobsApart) {
  const Grid grid = expanded("grid:\n  activation: [tanh, relu]\n  depth: [2, 5]\nseeds: 2\n");
  EXPECT_EQ(job_label(grid, grid.jobs[7]), "relu/depth=5/seed=2");
}

TEST(Grid, ExpectationsThatMatchNothingAreLocated) {
  const SweepSpec spec = parse_spec(
      "version: 1\nname: test\ngrid: {depth: [2, 3]}\nexpect:\n"
      "  - claim: deep nets learn\n    metric: test_accuracy\n    where: {depth: 9}\n    at_least: 0.5\n",
      "test.yaml");
  const std::vector<Diagnostic> problems = check_expectations(spec, expand(spec, kDigests));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].message, "this where matches no cell of the sweep");
  EXPECT_EQ(problems[0].where.line, 7);
}

TEST(Grid, AnImpossiblyLargeGridIsRefusedBeforeItIsListed) {
  std::string body = "grid:\n";
  for (const char* name : {"learning_rate", "momentum", "rho", "weight_decay"})
    body += std::string("  ") + name + ": {linear: [0.1, 0.9], num: 1000}\n";
  EXPECT_NE(problems_of(body).find("the grid has more than 500 000 combinations"), std::string::npos);
}

// Each of these took seconds to minutes and gigabytes.
TEST(Grid, WhatItCostsToExpandIsBounded) {
  const std::string too_long =
      "test.yaml:4:3: error: this grid takes too long to expand; give it fewer combinations, conditions or layers";
  const auto first_line = [](const std::string& text) { return text.substr(0, text.find('\n')); };
  EXPECT_EQ(first_line(problems_of("grid:\n  depth: {range: [9000, 10000], step: 1}\n  batch_size: [1, 2, 3, 4]\n")),
            too_long);
  std::string excludes;
  for (int i = 0; i < 1000; ++i) excludes += "  - {initializer: {normal: {stddev: 3}}}\n";
  const std::string wide = "grid:\n  batch_size: {range: [1, 100], step: 1}\n  steps: {range: [1, 100], step: 1}\n";
  EXPECT_EQ(first_line(problems_of(wide + "exclude:\n" + excludes)), too_long);
}

TEST(Grid, JobsAreCountedBeyondTheMost) {
  EXPECT_NE(problems_of("grid:\n  batch_size: {range: [1, 100], step: 1}\n  steps: {range: [1, 150], step: 1}\n")
                .find("the sweep has 15000 jobs, more than limits.max_jobs (10000)"),
            std::string::npos);
}

TEST(Grid, NoMoreWarningsThanAnyoneReads) {
  std::string body = "grid:\n  depth: [1, 2]\nexclude:\n";
  for (int i = 0; i < 500; ++i) body += "  - {depth: " + std::to_string(3 + i) + "}\n";
  const std::vector<Diagnostic> warnings = expanded(body).warnings;
  ASSERT_EQ(warnings.size(), 21u);
  EXPECT_EQ(warnings.back().message, "480 more are not shown");
}

}  // namespace
}  // namespace initsweep
