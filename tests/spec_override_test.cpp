#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "initsweep/spec.hpp"
#include "sweep_text.hpp"

namespace initsweep {
namespace {

SettingValue integer(std::int64_t value) { return value; }

// The values of an axis of a block.
std::vector<SettingValue> axis_of(const SweepSpec& spec, std::size_t block, Setting setting) {
  std::vector<SettingValue> values;
  for (const Axis& axis : spec.blocks.at(block))
    for (std::size_t i = 0; i < axis.settings.size(); ++i)
      if (axis.settings[i] == setting)
        for (const std::vector<Assignment>& row : axis.values) values.push_back(row[i].value);
  return values;
}
std::vector<SettingValue> setting_of(const std::vector<Assignment>& assignments, Setting setting) {
  std::vector<SettingValue> values;
  for (const Assignment& assignment : assignments)
    if (assignment.setting == setting) values.push_back(assignment.value);
  return values;
}
using Values = std::vector<SettingValue>;

TEST(SpecOverride, BareNameFixesASettingEverywhere) {
  const SweepSpec spec = parsed(
      "settings: {depth: 2}\n"
      "grid: [{depth: [5, 10], activation: [relu]}, {zip: {depth: [3, 4], width: [30, 40]}}, {mode: [fan_in]}]\n"
      "include: [{depth: 50}, {width: 10}]\n",
      {"depth=7"});
  EXPECT_EQ(setting_of(spec.settings, Setting::depth), Values{integer(7)});
  EXPECT_EQ(axis_of(spec, 0, Setting::depth), Values{integer(7)});
  EXPECT_EQ(axis_of(spec, 1, Setting::depth), Values{integer(7)});
  EXPECT_EQ(axis_of(spec, 1, Setting::width).size(), 2U);
  EXPECT_EQ(axis_of(spec, 2, Setting::depth), Values{});
  EXPECT_EQ(setting_of(spec.include[0], Setting::depth), Values{integer(7)});
  EXPECT_EQ(setting_of(spec.include[1], Setting::depth), Values{});
  EXPECT_EQ(spec.overrides, std::vector<std::string>{"depth=7"});
}

TEST(SpecOverride, BareNameIsAddedToAFileWithoutSettings) {
  EXPECT_EQ(setting_of(parsed("", {"width=[300, 100]"}).settings, Setting::width),
            (Values{Width{Width::Form::list, {300, 100}}}));
  EXPECT_EQ(setting_of(parsed("settings:\n", {"normal.stddev=0.1"}).settings, Setting::normal_stddev), Values{0.1});
}

TEST(SpecOverride, EpochsTakeThePlaceOfSteps) {
  const SweepSpec spec = parsed("settings: {steps: 100}\ngrid: [{steps: [1, 2]}, {depth: [2]}]", {"epochs=1"});
  EXPECT_EQ(setting_of(spec.settings, Setting::epochs), Values{integer(1)});
  EXPECT_EQ(setting_of(spec.settings, Setting::steps), Values{});
  EXPECT_EQ(axis_of(spec, 0, Setting::epochs), Values{integer(1)});
  EXPECT_EQ(axis_of(spec, 0, Setting::steps), Values{});
  EXPECT_EQ(axis_of(spec, 1, Setting::epochs), Values{});
}

TEST(SpecOverride, AxisIsReplacedInEveryBlockThatHasIt) {
  const SweepSpec spec = parsed("grid: [{depth: [5, 10]}, {zip: {depth: [3, 4], width: [30, 40]}}, {mode: [fan_in]}]",
                                {"grid.depth=[1, 2]"});
  EXPECT_EQ(axis_of(spec, 0, Setting::depth), (Values{integer(1), integer(2)}));
  EXPECT_EQ(axis_of(spec, 1, Setting::depth), (Values{integer(1), integer(2)}));
  EXPECT_EQ(axis_of(spec, 2, Setting::depth), Values{});
}

TEST(SpecOverride, AxisThatNoBlockHasIsAddedToAll) {
  const SweepSpec spec =
      parsed("grid: [{depth: [5]}, {mode: [fan_in]}]", {"grid.normal.stddev={log: [0.1, 1], num: 2}"});
  EXPECT_EQ(axis_of(spec, 0, Setting::normal_stddev), (Values{0.1, 1.0}));
  EXPECT_EQ(axis_of(spec, 1, Setting::normal_stddev), (Values{0.1, 1.0}));
  EXPECT_EQ(axis_of(parsed("", {"grid.depth=[2,5]"}), 0, Setting::depth), (Values{integer(2), integer(5)}));
}

TEST(SpecOverride, PathsReachTheRest) {
  const SweepSpec spec = parsed("seeds: 3\nlimits: {memory: 1GiB}\nsettings: {depth: x}",
                                {"seeds.count=2", "limits.job_timeout=1m", "record.layers.every=never", "name=other",
                                 "description=a new one", "settings.depth=4", "settings.depth=5"});
  EXPECT_EQ(spec.seeds, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(spec.limits.memory, 1U << 30);
  EXPECT_EQ(spec.limits.job_timeout, 60.0);
  EXPECT_EQ(spec.record.every, RecordOptions::Every::never);
  EXPECT_EQ(spec.name, "other");
  EXPECT_EQ(spec.description, "a new one");
  EXPECT_EQ(setting_of(spec.settings, Setting::depth), Values{integer(5)});
}

TEST(SpecOverride, ProblemsAreLocatedInTheOptionAfterThoseOfTheFile) {
  EXPECT_EQ(problems_of("seeds: 0", {"depth=0", "grid.dpth=[1]", "limits.memry=3", "epoch=1", "seds.count=1", "novalue",
                                     "width=[3, ", "name=a: b"}),
            whole_message(R"(s.yaml:3:8: error: seeds must be at least 1, got 0
    3 | seeds: 0
      |        ^
--set:1:7: error: depth must be at least 1, got 0
    1 | depth=0
      |       ^
--set:1:1: error: unknown setting 'dpth'
    1 | grid.dpth=[1]
      | ^~~~~~~~~
  expected one of: $SETTINGS
  did you mean 'depth'?
--set:1:1: error: unknown key 'memry' in limits
    1 | limits.memry=3
      | ^~~~~~~~~~~~
  expected one of: job_timeout, max_jobs, memory
  did you mean 'memory'?
--set:1:1: error: unknown key 'epoch'
    1 | epoch=1
      | ^~~~~
  expected a setting, such as epochs; an axis, such as grid.depth; or a key of the sweep file, such as seeds or limits.memory
  did you mean 'epochs'?
--set:1:1: error: unknown key 'seds.count'
    1 | seds.count=1
      | ^~~~~~~~~~
  expected a setting, such as epochs; an axis, such as grid.depth; or a key of the sweep file, such as seeds or limits.memory
  did you mean 'seeds.count'?
--set:1:1: error: --set needs key=value
    1 | novalue
      | ^
  for example --set epochs=1 --set grid.depth=[2,5]
--set:1:7: error: this bracket is not closed
    1 | width=[3, 
      |       ^
--set:1:6: error: name must be a text, got a map
    1 | name=a: b
      |      ^
)"));
}

TEST(SpecOverride, ValueThatIsMissingIsSaidSo) {
  EXPECT_EQ(problems_of("", {"depth="}),
            "--set:1:7: error: depth must be an integer, got nothing\n    1 | depth=\n      |       ^\n");
}

// An option of 4 KB in a file of 20 KB would make a tree of a gigabyte.
TEST(SpecOverride, CopiesOfAValueAreBounded) {
  std::string blocks = "grid:\n", values = "1";
  for (int i = 0; i < 1000; ++i) blocks += "  - {depth: [1]}\n";
  for (int i = 2; i < 1000; ++i) values += "," + std::to_string(i);
  const std::string message =
      "--set:1:1: error: so many values in so many places are more than a sweep file can hold\n";
  for (const std::string option : {"grid.depth=[", "batch_size=["})
    EXPECT_TRUE(problems_of(blocks, {option + values + "]"}).starts_with(message)) << option;
}

// Bytes that only go on with a character never begin one.
TEST(SpecOverride, AnyBytesCanBeQuoted) {
  const std::string text = problems_of("", {std::string(100, '\x80') + "=1"});
  EXPECT_TRUE(text.starts_with("--set:1:1: error: unknown key '\\x80")) << text;
}

}  // namespace
}  // namespace initsweep
