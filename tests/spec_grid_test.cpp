#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "initsweep/spec.hpp"
#include "sweep_text.hpp"

namespace initsweep {
namespace {

// The values of the only axis of a grid.
std::vector<SettingValue> values_of(const std::string& axis) {
  const SweepSpec spec = parsed("grid: {" + axis + "}");
  std::vector<SettingValue> values;
  for (const std::vector<Assignment>& row : spec.blocks.at(0).at(0).values) values.push_back(row.at(0).value);
  return values;
}
std::vector<SettingValue> numbers(const std::vector<double>& values) { return {values.begin(), values.end()}; }
std::vector<SettingValue> integers(const std::vector<std::int64_t>& values) { return {values.begin(), values.end()}; }

TEST(SpecGrid, AxesKeepTheOrderOfTheFile) {
  const SweepSpec spec = parsed("grid:\n  depth: [2, 5]\n  activation: [relu, tanh, elu]\n");
  ASSERT_EQ(spec.blocks.size(), 1U);
  ASSERT_EQ(spec.blocks[0].size(), 2U);
  EXPECT_EQ(spec.blocks[0][0].settings, std::vector<Setting>{Setting::depth});
  EXPECT_EQ(spec.blocks[0][1].settings, std::vector<Setting>{Setting::activation});
  EXPECT_EQ(spec.blocks[0][1].values.size(), 3U);
  EXPECT_EQ(spec.blocks[0][1].where, (SourceLocation{5, 3, 10}));
  EXPECT_EQ(spec.blocks[0][1].values[1][0].where, (SourceLocation{5, 22, 4}));
}

TEST(SpecGrid, ShortFormsIncludeBothEnds) {
  EXPECT_EQ(values_of("depth: {range: [2, 20], step: 6}"), integers({2, 8, 14, 20}));
  EXPECT_EQ(values_of("learning_rate: {log: [1e-3, 1], num: 4}"), numbers({0.001, 0.01, 0.1, 1}));
  EXPECT_EQ(values_of("learning_rate: {linear: [1, 4], num: 7}"), numbers({1, 1.5, 2, 2.5, 3, 3.5, 4}));
  EXPECT_EQ(values_of("depth: {log: [1, 64], num: 4}"), integers({1, 4, 16, 64}));
  EXPECT_EQ(values_of("learning_rate: {log: [1, 0.01], num: 3}"), numbers({1, 0.1, 0.01}));
}

TEST(SpecGrid, RangeStopsAtTheLastStepWithinItsEnd) {
  EXPECT_EQ(values_of("depth: {range: [2, 19], step: 5}"), integers({2, 7, 12, 17}));
  EXPECT_EQ(values_of("depth: {range: [3, 3], step: 5}"), integers({3}));
  // 0.1 + 4 * 0.1 is above 0.5 in binary, and 0.3 / 0.1 below 3.
  EXPECT_EQ(values_of("learning_rate: {range: [0.1, 0.5], step: 0.1}"), numbers({0.1, 0.2, 0.3, 0.4, 0.5}));
  EXPECT_EQ(values_of("learning_rate: {range: [0, 0.3], step: 0.1}"), numbers({0, 0.1, 0.2, 0.3}));
}

TEST(SpecGrid, ShortFormsRoundToSixDigitsButKeepIntegersAndEnds) {
  EXPECT_EQ(values_of("learning_rate: {linear: [0, 1], num: 4}"), numbers({0, 0.333333, 0.666667, 1}));
  EXPECT_EQ(values_of("learning_rate: {log: [1, 10], num: 3}"), numbers({1, 3.16228, 10}));
  EXPECT_EQ(values_of("steps: {range: [1000001, 1000003], step: 1}"), integers({1000001, 1000002, 1000003}));
  EXPECT_EQ(values_of("learning_rate: {linear: [0.12345678, 1], num: 2}"), numbers({0.12345678, 1}));
}

TEST(SpecGrid, OneValueIsAnAxisOfOne) {
  EXPECT_EQ(values_of("depth: 5"), integers({5}));
  EXPECT_EQ(values_of("width: {from: 300, to: 50}"), (std::vector<SettingValue>{Width{Width::Form::taper, {300, 50}}}));
  EXPECT_EQ(values_of("initializer: {normal: {stddev: 0.1}}").size(), 1U);
}

TEST(SpecGrid, WidthAxisTakesEveryForm) {
  using Form = Width::Form;
  EXPECT_EQ(values_of("width: [100, [300, 100], {first: 300, rest: 100}, {from: 400, to: 50}]"),
            (std::vector<SettingValue>{Width{Form::constant, {100}}, Width{Form::list, {300, 100}},
                                       Width{Form::first_rest, {300, 100}}, Width{Form::taper, {400, 50}}}));
  EXPECT_EQ(values_of("width: {range: [100, 200], step: 100}"),
            (std::vector<SettingValue>{Width{Form::constant, {100}}, Width{Form::constant, {200}}}));
}

TEST(SpecGrid, AxisMayHaveACondition) {
  const SweepSpec spec = parsed("grid: {mode: {values: [fan_in, fan_out], when: {initializer: variance_scaling}}}");
  const Axis& axis = spec.blocks.at(0).at(0);
  EXPECT_EQ(axis.values.size(), 2U);
  ASSERT_EQ(axis.when.size(), 1U);
  EXPECT_EQ(axis.when[0].setting, Setting::initializer);
  EXPECT_EQ(axis.when[0].value, parse_setting_value(Setting::initializer, "variance_scaling", ""));
}

TEST(SpecGrid, ShortFormMayHaveACondition) {
  const SweepSpec inside = parsed("grid: {depth: {values: {range: [1, 3], step: 1}, when: {activation: relu}}}");
  const SweepSpec beside = parsed("grid: {depth: {range: [1, 3], step: 1, when: {activation: relu}}}");
  for (const SweepSpec& spec : {inside, beside}) {
    EXPECT_EQ(spec.blocks.at(0).at(0).values.size(), 3U);
    EXPECT_EQ(spec.blocks.at(0).at(0).when.size(), 1U);
  }
}

TEST(SpecGrid, AxisOfAParameterHoldsWhereItsKindIs) {
  const SweepSpec spec = parsed("grid: {initializer: [normal, zeros], normal.stddev: {log: [0.01, 1], num: 3}}");
  const Axis& axis = spec.blocks.at(0).at(1);
  EXPECT_EQ(axis.settings, std::vector<Setting>{Setting::normal_stddev});
  ASSERT_EQ(axis.when.size(), 1U);
  EXPECT_EQ(axis.when[0].value, parse_setting_value(Setting::initializer, "normal", ""));
  const SweepSpec slopes = parsed("grid: {activation: [leaky_relu], leaky_relu.slope: [0.1, 0.2]}");
  EXPECT_EQ(slopes.blocks.at(0).at(1).when.at(0).value, parse_setting_value(Setting::activation, "leaky_relu", ""));
}

TEST(SpecGrid, ZipWalksItsAxesTogether) {
  const SweepSpec spec =
      parsed("grid: {activation: [relu], zip: {depth: [2, 5, 5], width: {range: [10, 30], step: 10}}}");
  const Axis& zip = spec.blocks.at(0).at(1);
  EXPECT_EQ(zip.settings, (std::vector<Setting>{Setting::depth, Setting::width}));
  ASSERT_EQ(zip.values.size(), 3U);
  EXPECT_EQ(zip.values[2][0].value, SettingValue(std::int64_t{5}));
  EXPECT_EQ(zip.values[2][1].value, SettingValue(Width{Width::Form::constant, {30}}));
}

TEST(SpecGrid, BlocksMayNameTheSameAxis) {
  EXPECT_EQ(parsed("grid: [{depth: [1, 2]}, {depth: [2, 3]}]").blocks.size(), 2U);
}

TEST(SpecGrid, EpochsAndStepsMayMeetUnderConditions) {
  EXPECT_EQ(problems_of("grid: {epochs: [1, 2], steps: {values: [3, 4], when: {depth: 2}}}"), "");
}

}  // namespace
}  // namespace initsweep
