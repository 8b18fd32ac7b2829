#include <gtest/gtest.h>

#include "sweep_text.hpp"

namespace initsweep {
namespace {

const BadInput kBadValue[] = {
    {"TooSmall", "settings: {depth: 0}",
     R"(s.yaml:3:19: error: depth must be at least 1, got 0
    3 | settings: {depth: 0}
      |                   ^
)"},
    {"TooLarge", "settings: {depth: 99999999999999999999}",
     R"(s.yaml:3:19: error: depth must be at most 10000, got 99999999999999999999
    3 | settings: {depth: 99999999999999999999}
      |                   ^~~~~~~~~~~~~~~~~~~~
)"},
    {"LeadingZeros", "settings: {depth: 007}",
     R"(s.yaml:3:19: error: depth must be an integer without leading zeros, got 007
    3 | settings: {depth: 007}
      |                   ^~~
  write 7
)"},
    {"Fraction", "settings: {depth: 2.5}",
     R"(s.yaml:3:19: error: depth must be an integer, got 2.5
    3 | settings: {depth: 2.5}
      |                   ^~~
)"},
    {"Exponent", "settings: {depth: 1e3}",
     R"(s.yaml:3:19: error: depth must be an integer, got 1e3
    3 | settings: {depth: 1e3}
      |                   ^~~
  write 1000
)"},
    {"Hexadecimal", "settings: {depth: 0x1F}",
     R"(s.yaml:3:19: error: depth must be an integer, got '0x1F'
    3 | settings: {depth: 0x1F}
      |                   ^~~~
  write 31
)"},
    {"Underscore", "settings: {depth: 1_000}",
     R"(s.yaml:3:19: error: depth must be an integer, got '1_000'
    3 | settings: {depth: 1_000}
      |                   ^~~~~
  write 1000
)"},
    {"QuotedInteger", R"(settings: {depth: "5"})",
     R"(s.yaml:3:19: error: depth must be an integer, got the text '5'
    3 | settings: {depth: "5"}
      |                   ^~~
  write 5 without quotes
)"},
    {"WordForInteger", "settings: {depth: five}",
     R"(s.yaml:3:19: error: depth must be an integer, got 'five'
    3 | settings: {depth: five}
      |                   ^~~~
)"},
    {"MapForInteger", "settings: {depth: {a: 1}}",
     R"(s.yaml:3:19: error: depth must be an integer, got a map
    3 | settings: {depth: {a: 1}}
      |                   ^
)"},
    {"Nothing", "settings: {depth:}",
     R"(s.yaml:3:12: error: depth must be an integer, got nothing
    3 | settings: {depth:}
      |            ^~~~~
)"},
    {"ListOfValues", "settings: {depth: [2, 5]}",
     R"(s.yaml:3:19: error: depth must be one value here, got a list
    3 | settings: {depth: [2, 5]}
      |                   ^
  several values stand under `grid`
)"},
    {"WordForNumber", "settings: {learning_rate: abc}",
     R"(s.yaml:3:27: error: learning_rate must be a number, got 'abc'
    3 | settings: {learning_rate: abc}
      |                           ^~~
)"},
    {"Negative", "settings: {learning_rate: -1}",
     R"(s.yaml:3:27: error: learning_rate must be at least 0, got -1
    3 | settings: {learning_rate: -1}
      |                           ^~
)"},
    {"NotANumber", "settings: {learning_rate: .nan}",
     R"(s.yaml:3:27: error: learning_rate must be a finite number, got '.nan'
    3 | settings: {learning_rate: .nan}
      |                           ^~~~
)"},
    {"Infinite", "settings: {learning_rate: .inf}",
     R"(s.yaml:3:27: error: learning_rate must be a finite number, got '.inf'
    3 | settings: {learning_rate: .inf}
      |                           ^~~~
)"},
    {"Overflow", "settings: {learning_rate: 1e999}",
     R"(s.yaml:3:27: error: learning_rate must be a number that double precision can hold, got '1e999'
    3 | settings: {learning_rate: 1e999}
      |                           ^~~~~
)"},
    {"NumberWithLeadingZeros", "settings: {learning_rate: 00.5}",
     R"(s.yaml:3:27: error: learning_rate must be a number without leading zeros, got 00.5
    3 | settings: {learning_rate: 00.5}
      |                           ^~~~
  write 0.5
)"},
    {"Yes", "settings: {shuffle: yes}",
     R"(s.yaml:3:21: error: shuffle must be true or false, got 'yes'
    3 | settings: {shuffle: yes}
      |                     ^~~
  write true
)"},
    {"Off", "settings: {shuffle: Off}",
     R"(s.yaml:3:21: error: shuffle must be true or false, got 'Off'
    3 | settings: {shuffle: Off}
      |                     ^~~
  write false
)"},
    {"One", "settings: {shuffle: 1}",
     R"(s.yaml:3:21: error: shuffle must be true or false, got 1
    3 | settings: {shuffle: 1}
      |                     ^
)"},
    {"ExcludedMinimum", "settings: {gradient_clip: 0}",
     R"(s.yaml:3:27: error: gradient_clip must be greater than 0, got 0
    3 | settings: {gradient_clip: 0}
      |                           ^
)"},
    {"OptionalNumber", "settings: {gradient_clip: no}",
     R"(s.yaml:3:27: error: gradient_clip must be a number or 'none', got 'no'
    3 | settings: {gradient_clip: no}
      |                           ^~
)"},
    {"OptionalInteger", "settings: {train_samples: some}",
     R"(s.yaml:3:27: error: train_samples must be an integer or 'all', got 'some'
    3 | settings: {train_samples: some}
      |                           ^~~~
)"},
    {"ExcludedMaximum", "settings: {momentum: 1}",
     R"(s.yaml:3:22: error: momentum must be less than 1, got 1
    3 | settings: {momentum: 1}
      |                      ^
)"},
    {"WidthOfZero", "settings: {width: [300, 0]}",
     R"(s.yaml:3:25: error: width must be at least 1, got 0
    3 | settings: {width: [300, 0]}
      |                         ^
)"},
    {"WidthWithoutLayers", "settings: {width: []}",
     R"(s.yaml:3:19: error: width must list 1 to 10000 layers, got 0
    3 | settings: {width: []}
      |                   ^
)"},
    {"TaperWithoutEnd", "settings: {width: {from: 300}}",
     R"(s.yaml:3:19: error: missing key 'to' in width
    3 | settings: {width: {from: 300}}
      |                   ^
)"},
    {"TaperWithMore", "settings: {width: {from: 300, to: 50, by: 3}}",
     R"(s.yaml:3:39: error: unknown key 'by' in width
    3 | settings: {width: {from: 300, to: 50, by: 3}}
      |                                       ^~
  expected one of: from, to
)"},
    {"FirstWithoutRest", "settings: {width: {first: 300}}",
     R"(s.yaml:3:19: error: missing key 'rest' in width
    3 | settings: {width: {first: 300}}
      |                   ^
)"},
    {"Scaling", "settings: {input_scaling: affine}",
     R"(s.yaml:3:27: error: unknown input_scaling 'affine'
    3 | settings: {input_scaling: affine}
      |                           ^~~~~~
  expected one of: standardize, unit, {subtract: a, divide: b}
)"},
    {"ScalingByZero", "settings: {input_scaling: {subtract: 0, divide: 0}}",
     R"(s.yaml:3:49: error: divide must not be 0
    3 | settings: {input_scaling: {subtract: 0, divide: 0}}
      |                                                 ^
)"},
    {"ScalingByNextToZero", "settings: {input_scaling: {subtract: 0, divide: -1e-40}}",
     R"(s.yaml:3:49: error: divide must not be nearer to 0 than 1e-36, or pixels overflow float32; got -1e-40
    3 | settings: {input_scaling: {subtract: 0, divide: -1e-40}}
      |                                                 ^~~~~~
)"},
    {"ScalingWithoutDivisor", "settings: {input_scaling: {subtract: 1}}",
     R"(s.yaml:3:27: error: missing key 'divide' in input_scaling
    3 | settings: {input_scaling: {subtract: 1}}
      |                           ^
)"},
    {"Dataset", "settings: {dataset: minst}",
     R"(s.yaml:3:21: error: unknown dataset 'minst'
    3 | settings: {dataset: minst}
      |                     ^~~~~
  expected one of: fashion_mnist, idx:<folder>, mnist
  did you mean 'mnist'?
)"},
    {"DatasetAsMap", "settings: {dataset: {idx: data}}",
     R"(s.yaml:3:21: error: dataset must be a name, got a map
    3 | settings: {dataset: {idx: data}}
      |                     ^
  write idx:<folder> without a space
)"},
    {"Initializer", "settings: {initializer: he_norml}",
     R"(s.yaml:3:25: error: unknown initializer 'he_norml'
    3 | settings: {initializer: he_norml}
      |                         ^~~~~~~~
  expected one of: $INITIALIZERS
  did you mean 'he_normal'?
)"},
    {"TorchInitializer", "settings: {initializer: kaiming_normal_}",
     R"(s.yaml:3:25: error: unknown initializer 'kaiming_normal_'
    3 | settings: {initializer: kaiming_normal_}
      |                         ^~~~~~~~~~~~~~~
  expected one of: $INITIALIZERS
  PyTorch's 'kaiming_normal_' is 'he_normal' here
)"},
    {"TorchActivation", "settings: {activation: LeakyReLU}",
     R"(s.yaml:3:24: error: unknown activation 'LeakyReLU'
    3 | settings: {activation: LeakyReLU}
      |                        ^~~~~~~~~
  expected one of: $ACTIVATIONS
  PyTorch's 'LeakyReLU' is 'leaky_relu' here
)"},
    {"Case", "settings: {activation: Relu}",
     R"(s.yaml:3:24: error: unknown activation 'Relu'
    3 | settings: {activation: Relu}
      |                        ^~~~
  expected one of: $ACTIVATIONS
  did you mean 'relu'?
)"},
    {"Mode", "settings: {mode: fan_avrg}",
     R"(s.yaml:3:18: error: unknown mode 'fan_avrg'
    3 | settings: {mode: fan_avrg}
      |                  ^~~~~~~~
  expected one of: fan_avg, fan_in, fan_out
  did you mean 'fan_avg'?
)"},
    {"Loss", "settings: {loss: mse}",
     R"(s.yaml:3:18: error: unknown loss 'mse'
    3 | settings: {loss: mse}
      |                  ^~~
  expected one of: sigmoid_cross_entropy, softmax_cross_entropy
)"},
    {"NoParameters", "settings: {initializer: {he_normal: {mode: fan_in}}}",
     R"(s.yaml:3:38: error: unknown parameter 'mode' of he_normal
    3 | settings: {initializer: {he_normal: {mode: fan_in}}}
      |                                      ^~~~
  he_normal has no parameters
)"},
    {"Parameter", "settings: {initializer: {normal: {std: 1}}}",
     R"(s.yaml:3:35: error: unknown parameter 'std' of normal
    3 | settings: {initializer: {normal: {std: 1}}}
      |                                   ^~~
  expected one of: mean, stddev
)"},
    {"ParameterOutOfRange", "settings: {initializer: {normal: {stddev: -1}}}",
     R"(s.yaml:3:43: error: normal.stddev must be at least 0, got -1
    3 | settings: {initializer: {normal: {stddev: -1}}}
      |                                           ^~
)"},
    {"ParameterNotInMap", "settings: {initializer: {normal: 3}}",
     R"(s.yaml:3:34: error: the parameters of normal must be a map, got 3
    3 | settings: {initializer: {normal: 3}}
      |                                  ^
)"},
    {"TwoNames", "settings: {initializer: {normal: {}, zeros: {}}}",
     R"(s.yaml:3:25: error: initializer must be a name, or a map of one name to its parameters, got 2 names
    3 | settings: {initializer: {normal: {}, zeros: {}}}
      |                         ^
)"},
    {"RepeatedParameter", "settings: {initializer: {normal: {stddev: 1, stddev: 2}}}",
     R"(s.yaml:3:46: error: key 'stddev' appears twice (first at line 3)
    3 | settings: {initializer: {normal: {stddev: 1, stddev: 2}}}
      |                                              ^~~~~~
)"},
    {"ParameterTwice", "settings: {initializer: {normal: {stddev: 1}}, normal.stddev: 2}",
     R"(s.yaml:3:63: error: 'normal.stddev' is set twice, here and inside the value of initializer
    3 | settings: {initializer: {normal: {stddev: 1}}, normal.stddev: 2}
      |                                                               ^
)"},
    {"EpochsAndSteps", "settings: {epochs: 1, steps: 2}",
     R"(s.yaml:3:30: error: epochs and steps exclude each other; leave out one of them
    3 | settings: {epochs: 1, steps: 2}
      |                              ^
)"},
    {"Setting", "settings: {learning_rte: 1}",
     R"(s.yaml:3:12: error: unknown setting 'learning_rte'
    3 | settings: {learning_rte: 1}
      |            ^~~~~~~~~~~~
  expected one of: $SETTINGS
  did you mean 'learning_rate'?
)"},
    {"TorchSetting", "settings: {lr: 1}",
     R"(s.yaml:3:12: error: unknown setting 'lr'
    3 | settings: {lr: 1}
      |            ^~
  expected one of: $SETTINGS
  PyTorch's 'lr' is 'learning_rate' here
)"},
    {"DottedSetting", "settings: {normal.std: 1}",
     R"(s.yaml:3:12: error: unknown setting 'normal.std'
    3 | settings: {normal.std: 1}
      |            ^~~~~~~~~~
  expected one of: $PARAMETERS
  did you mean 'normal.stddev'?
)"},
    {"UnderscoreForDot", "settings: {normal_stddev: 1}",
     R"(s.yaml:3:12: error: unknown setting 'normal_stddev'
    3 | settings: {normal_stddev: 1}
      |            ^~~~~~~~~~~~~
  expected one of: $PARAMETERS
  did you mean 'normal.stddev'?
)"},
    {"NoSpaceAfterColon", "settings: {depth:3}",
     R"(s.yaml:3:12: error: unknown setting 'depth:3'
    3 | settings: {depth:3}
      |            ^~~~~~~
  expected one of: $SETTINGS
  did you mean 'depth'?
  a space follows the colon: 'depth: 3'
)"},
    {"Seed", "settings: {seed: 3}",
     R"(s.yaml:3:12: error: a seed is no setting; `seeds` stands at the top level, and every cell meets each of them
    3 | settings: {seed: 3}
      |            ^~~~
)"},
    {"RepeatedKey", "settings: {depth: 2, depth: 3}",
     R"(s.yaml:3:22: error: key 'depth' appears twice (first at line 3)
    3 | settings: {depth: 2, depth: 3}
      |                      ^~~~~
)"},
    {"KeyThatIsAList", "settings: {? [a] : 1}",
     R"(s.yaml:3:14: error: a key must be a name, got a list
    3 | settings: {? [a] : 1}
      |              ^
)"},
};
class BadValue : public testing::TestWithParam<BadInput> {};
TEST_P(BadValue, SaysWhereAndWhatToDo) { EXPECT_EQ(problems_of(GetParam().body), whole_message(GetParam().message)); }
INSTANTIATE_TEST_SUITE_P(Spec, BadValue, testing::ValuesIn(kBadValue), name_of);

}  // namespace
}  // namespace initsweep
