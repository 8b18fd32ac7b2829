#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "initsweep/spec.hpp"
#include "sweep_text.hpp"

namespace initsweep {
namespace {

// The example that DESIGN.md explains the sweep file with.
constexpr const char* kExample = R"(version: 1
name: vanishing-gradients               # [a-z0-9][a-z0-9-]*, also the default folder: results/<name>
description: Where do gradients die?
settings:                               # fixed settings; what is absent has its default
  dataset: mnist                        # mnist | fashion_mnist | idx:<folder with the four IDX files, .gz or not>
  width: {from: 300, to: 50}            # tapered, so that the fan modes differ in every layer
  epochs: 5
  batch_size: 64
  learning_rate: 0.01
grid:                                   # the product of its axes; the last one varies fastest
  initializer: [normal, glorot_normal, he_normal, orthogonal]
  activation: [sigmoid, tanh, relu, elu]
  depth: [2, 5, 10, 20]                 # hidden layers
  mode: [fan_in, fan_avg, fan_out]      # overrides the initializer's own fan mode
seeds: 5                                # or {count: 5, base: 1}, or a list; 0..2^31-1
exclude:                                # partial matches, dropped from the grid
  - {activation: sigmoid, depth: 20}
include:                                # complete extra cells (over `settings`), appended; nothing is merged into the grid
  - {initializer: orthogonal, activation: tanh, depth: 50}
record: {layers: {every: epoch, at_start: true, probe: 300}}    # every: epoch | {steps: N} | never
limits: {job_timeout: 10m, max_jobs: 10000, memory: 8GiB}
expect:
  - claim: He starts deep ReLU nets that Glorot starves
    metric: test_accuracy
    where: {activation: relu, depth: 20, mode: fan_in}
    higher: {initializer: he_normal}
    than: {initializer: glorot_normal}
    by: 0.02                       # margin of the bound
  - claim: with the logistic function gradients shrink toward the input
    metric: delta_slope_start
    where: {activation: sigmoid, depth: 10, initializer: glorot_normal}
    at_most: -0.1                  # at_least, at_most, between: [a, b], equals with rtol / atol
  - claim: N(0, 1) makes the preactivations wide in every hidden layer
    metric: layers.preactivation.std
    where: {initializer: normal, activation: sigmoid}
    at: start                      # start | end | epoch N
    layer: hidden                  # hidden | all | first | last | N
    at_least: 5
  - claim: this one blows up
    where: {initializer: normal, activation: relu, depth: 20}
    status: diverged               # for every seed
)";

TEST(Spec, ReadsTheWholeExample) {
  const SweepSpec spec = parse_spec(kExample, "example.yaml");
  EXPECT_EQ(spec.file, "example.yaml");
  EXPECT_EQ(spec.name, "vanishing-gradients");
  EXPECT_EQ(spec.description, "Where do gradients die?");

  ASSERT_EQ(spec.settings.size(), 5U);
  EXPECT_EQ(spec.settings[0].value, SettingValue(std::string("mnist")));
  EXPECT_EQ(spec.settings[1].value, SettingValue(Width{Width::Form::taper, {300, 50}}));
  EXPECT_EQ(spec.settings[2].value, SettingValue(std::int64_t{5}));
  EXPECT_EQ(spec.settings[4].setting, Setting::learning_rate);
  EXPECT_EQ(spec.settings[4].where, (SourceLocation{9, 18, 4}));

  ASSERT_EQ(spec.blocks.size(), 1U);
  std::vector<std::size_t> lengths;
  for (const Axis& axis : spec.blocks[0]) lengths.push_back(axis.values.size());
  EXPECT_EQ(lengths, (std::vector<std::size_t>{4, 4, 4, 3}));

  EXPECT_EQ(spec.seeds, (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
  ASSERT_EQ(spec.exclude.size(), 1U);
  EXPECT_EQ(spec.exclude[0].settings.size(), 2U);
  EXPECT_EQ(spec.exclude[0].where, (SourceLocation{17, 5, 1}));
  ASSERT_EQ(spec.include.size(), 1U);
  EXPECT_EQ(spec.include[0].size(), 3U);
  EXPECT_EQ(spec.record, RecordOptions{});
  EXPECT_EQ(spec.limits.job_timeout, 600.0);
  EXPECT_EQ(spec.limits.max_jobs, 10'000);
  EXPECT_EQ(spec.limits.memory, std::uint64_t{8} << 30);
  ASSERT_EQ(spec.expect.size(), 4U);
  EXPECT_EQ(spec.expect[0].claim, "He starts deep ReLU nets that Glorot starves");
  EXPECT_EQ(spec.expect[3].status, "diverged");
  EXPECT_TRUE(spec.warnings.empty()) << format(spec.warnings);
}

TEST(Spec, WhatIsAbsentHasItsDefault) {
  const SweepSpec spec = parsed("");
  EXPECT_EQ(spec.name, "t");
  EXPECT_EQ(spec.description, "");
  EXPECT_TRUE(spec.settings.empty());
  EXPECT_TRUE(spec.blocks.empty());
  EXPECT_EQ(spec.seeds, std::vector<std::int64_t>{1});
  EXPECT_EQ(spec.record, RecordOptions{});
  EXPECT_FALSE(spec.limits.job_timeout);
  EXPECT_EQ(spec.limits.max_jobs, 10'000);
  EXPECT_FALSE(spec.limits.memory);
}

TEST(Spec, WhatItIsAboutIsInWordsThatMayBeMissing) {
  const About whole = parsed(R"(about:
  claim: He keeps ReLU level
  source: "He et al. 2015, sec. 2.2"
  verdict: true with a condition
  condition: 2
)")
                          .about;
  EXPECT_EQ(whole.claim, "He keeps ReLU level");
  EXPECT_EQ(whole.source, "He et al. 2015, sec. 2.2");
  EXPECT_EQ(whole.verdict, "true with a condition");
  EXPECT_EQ(whole.condition, "2") << "a text, whatever it looks like";

  for (const char* none : {"", "about:", "about: {}"}) {
    const About about = parsed(none).about;
    EXPECT_TRUE(about.claim.empty() && about.source.empty() && about.verdict.empty() && about.condition.empty())
        << none;
  }
  EXPECT_EQ(parsed("about: {claim: a, source: b}\n", {"about.claim=c"}).about.claim, "c");
  EXPECT_EQ(parsed("about: {claim: a, source: b}\n", {"about.claim=c"}).about.source, "b");
}

TEST(Spec, ListsThatAreCommentedOutAreEmpty) {
  const SweepSpec spec = parsed("settings:\nexclude:\n#  - {depth: 2}\ninclude:\nexpect:\ndescription:\n");
  EXPECT_TRUE(spec.exclude.empty() && spec.include.empty() && spec.expect.empty());
}

TEST(Spec, SeedsHaveThreeForms) {
  EXPECT_EQ(parsed("seeds: 3").seeds, (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(parsed("seeds: {count: 2, base: 0}").seeds, (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(parsed("seeds: {count: 2}").seeds, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(parsed("seeds: [7, 2147483647, 0]").seeds, (std::vector<std::int64_t>{7, 2147483647, 0}));
}

TEST(Spec, RecordAndLimits) {
  const RecordOptions record = parsed("record: {layers: {every: {steps: 50}, at_start: false, probe: 1}}").record;
  EXPECT_EQ(record, (RecordOptions{RecordOptions::Every::steps, 50, false, 1}));
  EXPECT_EQ(parsed("record: {layers: {jacobian: 300}}").record.jacobian, 300);
  EXPECT_EQ(parsed("record: {layers: {jacobian: 5, probe: 5}}", {"record.layers.jacobian=2"}).record.jacobian, 2);
  EXPECT_EQ(parsed("record: {layers: {every: never}}").record.every, RecordOptions::Every::never);
  EXPECT_EQ(parsed("limits: {job_timeout: 500ms}").limits.job_timeout, 0.5);
  EXPECT_EQ(parsed("limits: {job_timeout: 90}").limits.job_timeout, 90.0);
  EXPECT_EQ(parsed("limits: {job_timeout: 1.5h}").limits.job_timeout, 5400.0);
  EXPECT_EQ(parsed("limits: {memory: 500MB}").limits.memory, 500'000'000U);
  EXPECT_EQ(parsed("limits: {memory: 1000}").limits.memory, 1000U);
}

TEST(Spec, SettingsWithoutEffectWarn) {
  EXPECT_EQ(
      format(parsed("settings: {momentum: 0.95}\ngrid: {normal.stddev: [1, 2]}").warnings),
      R"(s.yaml:3:22: warning: 'momentum' has no effect: no cell has an optimizer that reads it (momentum, nesterov)
    3 | settings: {momentum: 0.95}
      |                      ^~~~
s.yaml:4:8: warning: 'normal.stddev' has no effect: no cell has normal
    4 | grid: {normal.stddev: [1, 2]}
      |        ^~~~~~~~~~~~~
)");
  EXPECT_TRUE(parsed("settings: {momentum: 0.95, elu.alpha: 2}\ngrid: {optimizer: [sgd, nesterov], activation: [elu]}")
                  .warnings.empty());
}

TEST(Spec, EverythingWrongIsReportedAtOnceInOrder) {
  EXPECT_EQ(problems_of("seeds: x\nsettings:\n  depth: 0\n  shuffle: yes\nlimits: {max_jobs: 0}\n"),
            R"(s.yaml:3:8: error: seeds must be an integer, got 'x'
    3 | seeds: x
      |        ^
s.yaml:5:10: error: depth must be at least 1, got 0
    5 |   depth: 0
      |          ^
s.yaml:6:12: error: shuffle must be true or false, got 'yes'
    6 |   shuffle: yes
      |            ^~~
  write true
s.yaml:7:20: error: max_jobs must be at least 1, got 0
    7 | limits: {max_jobs: 0}
      |                    ^
)");
}

TEST(Spec, NameIsAFolderNameOfBoundedLength) {
  EXPECT_EQ(problems_of_text("version: 1\nname: 0-a\n"), "");
  const std::string name(101, 'a');
  EXPECT_EQ(problems_of_text("version: 1\nname: " + name),
            "s.yaml:2:7: error: name must have at most 100 characters, got 101\n    2 | name: " + name +
                "\n      |       ^" + std::string(100, '~') + "\n");
}

TEST(Spec, PlacesAreLocatedLater) {
  const SweepSpec spec = parsed("seeds: 3\n", {"depth=2"});
  EXPECT_EQ(format(located(spec, Severity::warning, {3, 8, 1}, "so few")),
            "s.yaml:3:8: warning: so few\n    3 | seeds: 3\n      |        ^\n");
  EXPECT_EQ(format(located(spec, Severity::error, spec.settings.at(0).where, "too flat")),
            "--set:1:7: error: too flat\n    1 | depth=2\n      |       ^\n");
  EXPECT_EQ(format(located(spec, Severity::error, {}, "no jobs")), "s.yaml: error: no jobs\n");
}

}  // namespace
}  // namespace initsweep
