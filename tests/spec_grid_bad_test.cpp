#include <gtest/gtest.h>

#include "sweep_text.hpp"

namespace initsweep {
namespace {

const BadInput kBadGrid[] = {
    {"EmptyGrid", "grid: {}",
     R"(s.yaml:3:7: error: there are no axes here; list some, or leave this out
    3 | grid: {}
      |       ^
)"},
    {"EmptyAxis", "grid: {depth: []}",
     R"(s.yaml:3:15: error: axis 'depth' is empty; list its values
    3 | grid: {depth: []}
      |               ^
)"},
    {"AxisWithoutValues", "grid: {depth:}",
     R"(s.yaml:3:8: error: axis 'depth' has no values
    3 | grid: {depth:}
      |        ^~~~~
)"},
    {"RepeatedNumber", "grid: {learning_rate: [0.1, 1e-1]}",
     R"(s.yaml:3:29: error: axis 'learning_rate' has the value 0.1 twice
    3 | grid: {learning_rate: [0.1, 1e-1]}
      |                             ^~~~
)"},
    {"RepeatedName", "grid: {activation: [relu, tanh, relu]}",
     R"(s.yaml:3:33: error: axis 'activation' has this value twice (first at line 3)
    3 | grid: {activation: [relu, tanh, relu]}
      |                                 ^~~~
)"},
    {"RepeatedList", "grid: {width: [[3, 4], [4, 3], [3, 4]]}",
     R"(s.yaml:3:32: error: axis 'width' has this value twice (first at line 3)
    3 | grid: {width: [[3, 4], [4, 3], [3, 4]]}
      |                                ^
)"},
    {"WrongValues", "grid: {depth: [1, x, 0]}",
     R"(s.yaml:3:19: error: depth must be an integer, got 'x'
    3 | grid: {depth: [1, x, 0]}
      |                   ^
s.yaml:3:22: error: depth must be at least 1, got 0
    3 | grid: {depth: [1, x, 0]}
      |                      ^
)"},
    {"UnknownAxis", "grid: {depht: [1]}",
     R"(s.yaml:3:8: error: unknown setting 'depht'
    3 | grid: {depht: [1]}
      |        ^~~~~
  expected one of: $SETTINGS
  did you mean 'depth'?
)"},
    {"Seeds", "grid: {seeds: [1, 2]}",
     R"(s.yaml:3:8: error: a seed is no setting; `seeds` stands at the top level, and every cell meets each of them
    3 | grid: {seeds: [1, 2]}
      |        ^~~~~
)"},
    {"FractionInLinear", "grid: {depth: {linear: [1, 4], num: 7}}",
     R"(s.yaml:3:24: error: depth must be an integer, and this gives 1.5
    3 | grid: {depth: {linear: [1, 4], num: 7}}
      |                        ^
)"},
    {"FractionInRange", "grid: {depth: {range: [1, 3], step: 0.5}}",
     R"(s.yaml:3:23: error: depth must be an integer, and this gives 1.5
    3 | grid: {depth: {range: [1, 3], step: 0.5}}
      |                       ^
)"},
    {"OutOfRange", "grid: {depth: {range: [0, 3], step: 1}}",
     R"(s.yaml:3:23: error: depth must be at least 1, got 0
    3 | grid: {depth: {range: [0, 3], step: 1}}
      |                       ^
)"},
    {"Backwards", "grid: {depth: {range: [3, 1], step: 1}}",
     R"(s.yaml:3:23: error: range starts at 3, above its end 1
    3 | grid: {depth: {range: [3, 1], step: 1}}
      |                       ^
)"},
    {"NoStep", "grid: {depth: {range: [1, 3]}}",
     R"(s.yaml:3:15: error: missing key 'step' in the axis
    3 | grid: {depth: {range: [1, 3]}}
      |               ^
)"},
    {"ZeroStep", "grid: {depth: {range: [1, 3], step: 0}}",
     R"(s.yaml:3:37: error: step must be greater than 0, got 0
    3 | grid: {depth: {range: [1, 3], step: 0}}
      |                                     ^
)"},
    {"OneEnd", "grid: {depth: {range: 3, step: 1}}",
     R"(s.yaml:3:23: error: range must be a list of two numbers, got 3
    3 | grid: {depth: {range: 3, step: 1}}
      |                       ^
)"},
    {"ThreeEnds", "grid: {depth: {range: [1, 2, 3], step: 1}}",
     R"(s.yaml:3:23: error: range must be a list of two numbers, got 3 of them
    3 | grid: {depth: {range: [1, 2, 3], step: 1}}
      |                       ^
)"},
    {"NumForStep", "grid: {depth: {range: [1, 3], num: 2}}",
     R"(s.yaml:3:15: error: missing key 'step' in the axis
    3 | grid: {depth: {range: [1, 3], num: 2}}
      |               ^
s.yaml:3:31: error: unknown key 'num' in the axis
    3 | grid: {depth: {range: [1, 3], num: 2}}
      |                               ^~~
  expected one of: range, step, when
)"},
    {"TwoForms", "grid: {depth: {range: [1, 3], log: [1, 2], num: 2}}",
     R"(s.yaml:3:15: error: an axis has exactly one of values, range, log, linear
    3 | grid: {depth: {range: [1, 3], log: [1, 2], num: 2}}
      |               ^
)"},
    {"NoForm", "grid: {depth: {num: 2}}",
     R"(s.yaml:3:15: error: an axis has exactly one of values, range, log, linear
    3 | grid: {depth: {num: 2}}
      |               ^
)"},
    {"LogOfZero", "grid: {learning_rate: {log: [0, 1], num: 2}}",
     R"(s.yaml:3:30: error: log must be greater than 0, got 0
    3 | grid: {learning_rate: {log: [0, 1], num: 2}}
      |                              ^
)"},
    {"OneValue", "grid: {learning_rate: {log: [0.1, 1], num: 1}}",
     R"(s.yaml:3:44: error: num must be at least 2, got 1
    3 | grid: {learning_rate: {log: [0.1, 1], num: 1}}
      |                                            ^
)"},
    {"SameAfterRounding", "grid: {learning_rate: {linear: [1, 1.0000001], num: 5}}",
     R"(s.yaml:3:32: error: axis 'learning_rate' has the value 1 twice
    3 | grid: {learning_rate: {linear: [1, 1.0000001], num: 5}}
      |                                ^
)"},
    {"FormOfNames", "grid: {activation: {log: [1, 2], num: 2}}",
     R"(s.yaml:3:26: error: activation is no number; list its values
    3 | grid: {activation: {log: [1, 2], num: 2}}
      |                          ^
)"},
    {"UnknownForm", "grid: {beta1: {min: 0, max: 0.5}}",
     R"(s.yaml:3:15: error: axis 'beta1' must be a list or a short form, got a map
    3 | grid: {beta1: {min: 0, max: 0.5}}
      |               ^
  short forms: {range: [2, 20], step: 2}, {log: [1e-3, 1], num: 4}, {linear: [1, 4], num: 7}
)"},
    {"TooManyValues", "grid: {steps: {range: [1, 1000000], step: 1}}",
     R"(s.yaml:3:23: error: range has more than 200 000 values
    3 | grid: {steps: {range: [1, 1000000], step: 1}}
      |                       ^
)"},
    {"OwnCondition", "grid: {mode: {values: [fan_in], when: {mode: fan_in}}}",
     R"(s.yaml:3:46: error: axis 'mode' cannot be its own condition
    3 | grid: {mode: {values: [fan_in], when: {mode: fan_in}}}
      |                                              ^~~~~~
)"},
    {"UnknownCondition", "grid: {mode: {values: [fan_in], when: {initializer: he}}}",
     R"(s.yaml:3:53: error: unknown initializer 'he'
    3 | grid: {mode: {values: [fan_in], when: {initializer: he}}}
      |                                                     ^~
  expected one of: $INITIALIZERS
)"},
    {"ConditionWithoutSetting", "grid: {mode: {values: [fan_in], when: normal}}",
     R"(s.yaml:3:39: error: when must be a map, got 'normal'
    3 | grid: {mode: {values: [fan_in], when: normal}}
      |                                       ^~~~~~
)"},
    {"MisspeltWhen", "grid: {mode: {values: [fan_in], whn: {depth: 2}}}",
     R"(s.yaml:3:33: error: unknown key 'whn' in the axis
    3 | grid: {mode: {values: [fan_in], whn: {depth: 2}}}
      |                                 ^~~
  expected one of: values, when
  did you mean 'when'?
)"},
    {"ZipOfTwoLengths", "grid: {zip: {depth: [1, 2], width: [3, 4, 5]}}",
     R"(s.yaml:3:36: error: zip needs lists of one length: depth has 2 values, width has 3
    3 | grid: {zip: {depth: [1, 2], width: [3, 4, 5]}}
      |                                    ^
)"},
    {"ZipAndAxis", "grid: {zip: {depth: [1, 2]}, depth: [3]}",
     R"(s.yaml:3:30: error: axis 'depth' appears twice in this block (first at line 3)
    3 | grid: {zip: {depth: [1, 2]}, depth: [3]}
      |                              ^~~~~
)"},
    {"EmptyZip", "grid: {zip: {}}",
     R"(s.yaml:3:13: error: zip is empty; give it two axes
    3 | grid: {zip: {}}
      |             ^
)"},
    {"ConditionInZip", "grid: {zip: {depth: {values: [1], when: {mode: fan_in}}}}",
     R"(s.yaml:3:35: error: unknown key 'when' in the axis
    3 | grid: {zip: {depth: {values: [1], when: {mode: fan_in}}}}
      |                                   ^~~~
  expected one of: values
)"},
    {"ParameterTwice", "grid: {normal.stddev: [1, 2], initializer: [{normal: {stddev: 3}}, zeros]}",
     R"(s.yaml:3:24: error: 'normal.stddev' is set twice, here and inside the value of initializer
    3 | grid: {normal.stddev: [1, 2], initializer: [{normal: {stddev: 3}}, zeros]}
      |                        ^
)"},
    {"EpochsAndSteps", "grid: {epochs: [1, 2], steps: [3, 4]}",
     R"(s.yaml:3:32: error: epochs and steps exclude each other; leave out one of them
    3 | grid: {epochs: [1, 2], steps: [3, 4]}
      |                                ^
)"},
    {"NoBlocks", "grid: []",
     R"(s.yaml:3:7: error: there are no axes here; list some, or leave this out
    3 | grid: []
      |       ^
)"},
    {"EmptyBlock", "grid: [{depth: [1]}, {}]",
     R"(s.yaml:3:22: error: there are no axes here; list some, or leave this out
    3 | grid: [{depth: [1]}, {}]
      |                      ^
)"},
    {"NoMap", "grid: 5",
     R"(s.yaml:3:7: error: grid must be a map, got 5
    3 | grid: 5
      |       ^
)"},
};
class BadGrid : public testing::TestWithParam<BadInput> {};
TEST_P(BadGrid, SaysWhereAndWhatToDo) { EXPECT_EQ(problems_of(GetParam().body), whole_message(GetParam().message)); }
INSTANTIATE_TEST_SUITE_P(Spec, BadGrid, testing::ValuesIn(kBadGrid), name_of);

}  // namespace
}  // namespace initsweep
