#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "initsweep/spec.hpp"
#include "sweep_text.hpp"

namespace initsweep {
namespace {

Expectation claimed(const std::string& fields) {
  return parsed("grid: {depth: [2, 5], validation_samples: [5000]}\nseeds: 3\nexpect: [{claim: a, " + fields + "}]")
      .expect.at(0);
}

TEST(SpecExpect, EachKindOfClaim) {
  using Bound = Expectation::Bound;
  const Expectation at_least = claimed("metric: test_accuracy, at_least: 0.9");
  EXPECT_EQ(at_least.bound, Bound::at_least);
  EXPECT_EQ(at_least.low, 0.9);
  const Expectation at_most = claimed("metric: delta_slope_start, at_most: -0.1");
  EXPECT_EQ(at_most.bound, Bound::at_most);
  EXPECT_EQ(at_most.high, -0.1);
  const Expectation between = claimed("metric: best_epoch, between: [1, 5]");
  EXPECT_EQ(between.bound, Bound::between);
  EXPECT_EQ(between.low, 1);
  EXPECT_EQ(between.high, 5);
  const Expectation equals = claimed("metric: layers.weight.std, equals: 0.05, rtol: 0.01, atol: 1e-4");
  EXPECT_EQ(equals.bound, Bound::equals);
  EXPECT_EQ(equals.low, 0.05);
  EXPECT_EQ(equals.rtol, 0.01);
  EXPECT_EQ(equals.atol, 1e-4);
  EXPECT_EQ(claimed("status: diverged").status, "diverged");
  const Expectation compares = claimed("metric: test_loss, higher: {depth: 2}, than: {depth: 5}, by: 0.02");
  EXPECT_EQ(compares.bound, Bound::none);
  ASSERT_TRUE(compares.higher && compares.than);
  EXPECT_EQ(compares.than->settings.at(0).value, SettingValue(std::int64_t{5}));
  EXPECT_EQ(compares.by, 0.02);
  EXPECT_FALSE(compares.by_at_most);
  const Expectation ranges = claimed("metric: test_loss, higher: {depth: 2}, than: {depth: 5}, by: [-0.02, 0.5]");
  EXPECT_EQ(ranges.by, -0.02);
  EXPECT_EQ(ranges.by_at_most, 0.5);
  const Expectation includes = claimed("metric: test_accuracy, includes: 0.9586");
  EXPECT_EQ(includes.bound, Bound::includes);
  EXPECT_EQ(includes.low, 0.9586);
  EXPECT_EQ(includes.published, 0.9586);
  const Expectation predicted = claimed("metric: layers.delta.rms, equals: predicted, rtol: 0.1");
  EXPECT_EQ(predicted.bound, Bound::predicted);
  EXPECT_EQ(predicted.rtol, 0.1);
  EXPECT_EQ(predicted.atol, 0);
  EXPECT_EQ(claimed("metric: delta_slope_start, equals: predicted, atol: 0.01").atol, 0.01);
}

TEST(SpecExpect, WhatWasPublishedDecidesNothing) {
  EXPECT_FALSE(claimed("metric: test_accuracy, at_least: 0.9").published);
  const Expectation claim = claimed("metric: test_accuracy, at_least: 0.9, published: 0.9586");
  EXPECT_EQ(claim.published, 0.9586);
  EXPECT_EQ(claim.low, 0.9);
  EXPECT_EQ(claimed("metric: test_accuracy, includes: 0.9, published: 0.95").published, 0.95);
}

TEST(SpecExpect, HowItDecides) {
  const Expectation unsaid = claimed("metric: test_loss, at_most: 1");
  EXPECT_EQ(unsaid.over, Expectation::Over::mean);
  EXPECT_EQ(unsaid.confidence, 0.95);
  EXPECT_EQ(unsaid.at, Expectation::At::unsaid);
  const Expectation said = claimed("metric: test_loss, at_most: 1, confidence: 0.99, best_over: depth");
  EXPECT_EQ(said.confidence, 0.99);
  EXPECT_EQ(said.best_over, Setting::depth);
  EXPECT_EQ(claimed("metric: test_loss, at_most: 1, over: every_seed").over, Expectation::Over::every_seed);
}

TEST(SpecExpect, IdsCountFromOneAndMayBeGiven) {
  const SweepSpec spec =
      parsed("expect: [{claim: a, status: ok}, {claim: b, status: ok, id: mine}, {claim: c, status: ok}]");
  EXPECT_EQ(spec.expect[0].id, "e1");
  EXPECT_EQ(spec.expect[1].id, "mine");
  EXPECT_EQ(spec.expect[2].id, "e3");
  EXPECT_EQ(spec.expect[1].location, (SourceLocation{3, 34, 1}));
}

TEST(SpecExpect, ClaimAboutTheMeanOfOneSeedWarns) {
  const SweepSpec spec = parsed("expect: [{claim: a, metric: test_loss, at_most: 1}]");
  EXPECT_EQ(
      format(spec.warnings),
      R"(s.yaml:3:10: warning: a claim about the mean needs 2 seeds, and this sweep has one; it will be inconclusive
    3 | expect: [{claim: a, metric: test_loss, at_most: 1}]
      |          ^
)");
  EXPECT_TRUE(parsed("expect: [{claim: a, metric: test_loss, at_most: 1, over: every_seed}]").warnings.empty());
}

TEST(SpecExpect, ClaimAboutTheMiddleOfFewSeedsWarns) {
  EXPECT_EQ(
      format(parsed("seeds: 19\nexpect: [{claim: a, metric: test_loss, includes: 1}]").warnings),
      R"(s.yaml:4:10: warning: includes needs 20 seeds at its confidence, and this sweep has 19; it will be inconclusive
    4 | expect: [{claim: a, metric: test_loss, includes: 1}]
      |          ^
)");
  EXPECT_TRUE(parsed("seeds: 20\nexpect: [{claim: a, metric: test_loss, includes: 1}]").warnings.empty());
}

const BadInput kBadClaim[] = {
    {"NoList", "expect: {claim: a}",
     R"(s.yaml:3:9: error: expect must be a list of claims, got a map
    3 | expect: {claim: a}
      |         ^
)"},
    {"NotAMap", "expect: [a]",
     R"(s.yaml:3:10: error: an expectation must be a map, got 'a'
    3 | expect: [a]
      |          ^
)"},
    {"NoClaim", "expect: [{metric: test_loss, at_most: 1}]",
     R"(s.yaml:3:10: error: missing key 'claim' in an expectation
    3 | expect: [{metric: test_loss, at_most: 1}]
      |          ^
)"},
    {"NoMetric", "expect: [{claim: a, at_least: 1}]",
     R"(s.yaml:3:10: error: missing key 'metric' in an expectation
    3 | expect: [{claim: a, at_least: 1}]
      |          ^
)"},
    {"UnknownKey", "expect: [{claim: a, metric: test_loss, at_mots: 1}]",
     R"(s.yaml:3:10: error: this expectation claims nothing; it needs higher and than, at_least, at_most, between, equals, includes, or status
    3 | expect: [{claim: a, metric: test_loss, at_mots: 1}]
      |          ^
s.yaml:3:40: error: unknown key 'at_mots' in an expectation
    3 | expect: [{claim: a, metric: test_loss, at_mots: 1}]
      |                                        ^~~~~~~
  expected one of: across, at, at_least, at_most, atol, best_over, between, by, claim, confidence, equals, higher, id, includes, layer, metric, over, published, rtol, status, than, where
  did you mean 'at_most'?
)"},
    {"SettingAsKey", "expect: [{claim: a, metric: test_loss, at_most: 1, activation: relu}]",
     R"(s.yaml:3:52: error: unknown key 'activation' in an expectation
    3 | expect: [{claim: a, metric: test_loss, at_most: 1, activation: relu}]
      |                                                    ^~~~~~~~~~
  expected one of: across, at, at_least, at_most, atol, best_over, between, by, claim, confidence, equals, higher, id, includes, layer, metric, over, published, rtol, status, than, where
  'activation' is a setting; settings stand in `where`
)"},
    {"ClaimsNothing", "expect: [{claim: a, metric: test_loss}]",
     R"(s.yaml:3:10: error: this expectation claims nothing; it needs higher and than, at_least, at_most, between, equals, includes, or status
    3 | expect: [{claim: a, metric: test_loss}]
      |          ^
)"},
    {"ClaimsTwice", "expect: [{claim: a, metric: test_loss, at_most: 1, at_least: 0}]",
     R"(s.yaml:3:40: error: an expectation makes one claim: higher and than, at_least, at_most, between, equals, includes, or status
    3 | expect: [{claim: a, metric: test_loss, at_most: 1, at_least: 0}]
      |                                        ^~~~~~~
)"},
    {"HigherWithoutThan", "expect: [{claim: a, metric: test_loss, higher: {depth: 2}}]",
     R"(s.yaml:3:10: error: missing key 'than' in an expectation
    3 | expect: [{claim: a, metric: test_loss, higher: {depth: 2}}]
      |          ^
)"},
    {"HigherThanItself", "expect: [{claim: a, metric: test_loss, higher: {depth: 2}, than: {depth: 2}}]",
     R"(s.yaml:3:66: error: higher and than are the same cells
    3 | expect: [{claim: a, metric: test_loss, higher: {depth: 2}, than: {depth: 2}}]
      |                                                                  ^
)"},
    {"HigherOfNothing", "expect: [{claim: a, metric: test_loss, higher: {}, than: {depth: 2}}]",
     R"(s.yaml:3:48: error: higher must name a setting, such as {initializer: he_normal}
    3 | expect: [{claim: a, metric: test_loss, higher: {}, than: {depth: 2}}]
      |                                                ^
)"},
    {"MarginOfBound", "expect: [{claim: a, metric: test_loss, at_most: 1, by: 2}]",
     R"(s.yaml:3:52: error: 'by' has no place here; it is the margin of higher and than
    3 | expect: [{claim: a, metric: test_loss, at_most: 1, by: 2}]
      |                                                    ^~
)"},
    {"Between", "expect: [{claim: a, metric: test_loss, between: 1}]",
     R"(s.yaml:3:49: error: between must be a list of two numbers, such as [0.9, 1]
    3 | expect: [{claim: a, metric: test_loss, between: 1}]
      |                                                 ^
)"},
    {"BetweenBackwards", "expect: [{claim: a, metric: test_loss, between: [2, 1]}]",
     R"(s.yaml:3:49: error: between has its larger number first
    3 | expect: [{claim: a, metric: test_loss, between: [2, 1]}]
      |                                                 ^
)"},
    {"ToleranceOfBound", "expect: [{claim: a, metric: test_loss, at_most: 1, rtol: 0.1}]",
     R"(s.yaml:3:52: error: 'rtol' has no place here; it is a tolerance of equals
    3 | expect: [{claim: a, metric: test_loss, at_most: 1, rtol: 0.1}]
      |                                                    ^~~~
)"},
    {"NegativeTolerance", "expect: [{claim: a, metric: test_loss, equals: 1, atol: -1}]",
     R"(s.yaml:3:57: error: atol must be at least 0, got -1
    3 | expect: [{claim: a, metric: test_loss, equals: 1, atol: -1}]
      |                                                         ^~
)"},
    {"ByOfThree", "expect: [{claim: a, metric: test_loss, higher: {depth: 2}, than: {depth: 5}, by: [1, 2, 3]}]",
     R"(s.yaml:3:82: error: by must be a number or a list of two, such as [0.5, 0.7]
    3 | expect: [{claim: a, metric: test_loss, higher: {depth: 2}, than: {depth: 5}, by: [1, 2, 3]}]
      |                                                                                  ^
)"},
    {"ByBackwards", "expect: [{claim: a, metric: test_loss, higher: {depth: 2}, than: {depth: 5}, by: [2, 1]}]",
     R"(s.yaml:3:82: error: by has its larger number first
    3 | expect: [{claim: a, metric: test_loss, higher: {depth: 2}, than: {depth: 5}, by: [2, 1]}]
      |                                                                                  ^
)"},
    {"ByWord", "expect: [{claim: a, metric: test_loss, higher: {depth: 2}, than: {depth: 5}, by: [1, much]}]",
     R"(s.yaml:3:86: error: by must be a number, got 'much'
    3 | expect: [{claim: a, metric: test_loss, higher: {depth: 2}, than: {depth: 5}, by: [1, much]}]
      |                                                                                      ^~~~
)"},
    {"IncludesAndMore", "expect: [{claim: a, metric: test_loss, includes: 1, at_least: 0}]",
     R"(s.yaml:3:40: error: an expectation makes one claim: higher and than, at_least, at_most, between, equals, includes, or status
    3 | expect: [{claim: a, metric: test_loss, includes: 1, at_least: 0}]
      |                                        ^~~~~~~~
)"},
    {"IncludesOfTheWorst", "expect: [{claim: a, metric: test_loss, includes: 1, over: every_seed}]",
     R"(s.yaml:3:59: error: includes looks at the middle part of the seeds, not at the worst one
    3 | expect: [{claim: a, metric: test_loss, includes: 1, over: every_seed}]
      |                                                           ^~~~~~~~~~
)"},
    {"IncludesOfLayers", "expect: [{claim: a, metric: layers.delta.rms, includes: 1}]",
     R"(s.yaml:3:47: error: each layer has its own number, and includes is about one
    3 | expect: [{claim: a, metric: layers.delta.rms, includes: 1}]
      |                                               ^~~~~~~~
  say which `layer`: a number, first or last; or make one number of them: `across`
)"},
    {"IncludesOfAllLayers", "expect: [{claim: a, metric: layers.delta.rms, layer: all, includes: 1}]",
     R"(s.yaml:3:59: error: each layer has its own number, and includes is about one
    3 | expect: [{claim: a, metric: layers.delta.rms, layer: all, includes: 1}]
      |                                                           ^~~~~~~~
  say which `layer`: a number, first or last; or make one number of them: `across`
)"},
    {"IncludesOfARange", "expect: [{claim: a, metric: layers.delta.rms, layer: {from: 2, to: 2}, includes: 1}]",
     R"(s.yaml:3:72: error: each layer has its own number, and includes is about one
    3 | expect: [{claim: a, metric: layers.delta.rms, layer: {from: 2, to: 2}, includes: 1}]
      |                                                                        ^~~~~~~~
  say which `layer`: a number, first or last; or make one number of them: `across`
)"},
    {"ToleranceOfIncludes", "expect: [{claim: a, metric: test_loss, includes: 1, atol: 1}]",
     R"(s.yaml:3:53: error: 'atol' has no place here; it is a tolerance of equals
    3 | expect: [{claim: a, metric: test_loss, includes: 1, atol: 1}]
      |                                                     ^~~~
)"},
    {"PredictedWithin", "expect: [{claim: a, metric: layers.delta.rms, equals: predicted}]",
     R"(s.yaml:3:55: error: equals: predicted needs one tolerance: rtol (of their ratio) or atol (of their difference)
    3 | expect: [{claim: a, metric: layers.delta.rms, equals: predicted}]
      |                                                       ^~~~~~~~~
)"},
    {"PredictedWithinTwo", "expect: [{claim: a, metric: layers.delta.rms, equals: predicted, rtol: 0.1, atol: 1}]",
     R"(s.yaml:3:55: error: equals: predicted needs one tolerance: rtol (of their ratio) or atol (of their difference)
    3 | expect: [{claim: a, metric: layers.delta.rms, equals: predicted, rtol: 0.1, atol: 1}]
      |                                                       ^~~~~~~~~
)"},
    {"PredictedExactly", "expect: [{claim: a, metric: layers.delta.rms, equals: predicted, rtol: 0}]",
     R"(s.yaml:3:72: error: rtol must be greater than 0, got 0
    3 | expect: [{claim: a, metric: layers.delta.rms, equals: predicted, rtol: 0}]
      |                                                                        ^
)"},
    {"PredictedLoss", "expect: [{claim: a, metric: test_loss, equals: predicted, rtol: 0.1}]",
     R"(s.yaml:3:48: error: mean-field theory predicts no test_loss
    3 | expect: [{claim: a, metric: test_loss, equals: predicted, rtol: 0.1}]
      |                                                ^~~~~~~~~
  it predicts delta_slope_start, layers.activation.rms, layers.delta.rms, layers.preactivation.rms
)"},
    {"PredictedStd", "expect: [{claim: a, metric: layers.delta.std, equals: predicted, rtol: 0.1}]",
     R"(s.yaml:3:55: error: mean-field theory predicts no layers.delta.std
    3 | expect: [{claim: a, metric: layers.delta.std, equals: predicted, rtol: 0.1}]
      |                                                       ^~~~~~~~~
  it predicts delta_slope_start, layers.activation.rms, layers.delta.rms, layers.preactivation.rms
)"},
    {"PredictedEnd", "expect: [{claim: a, metric: layers.delta.rms, equals: predicted, rtol: 0.1, at: end}]",
     R"(s.yaml:3:81: error: mean-field theory speaks of a net before training, at: start
    3 | expect: [{claim: a, metric: layers.delta.rms, equals: predicted, rtol: 0.1, at: end}]
      |                                                                                 ^~~
)"},
    {"PredictedEpoch", "expect: [{claim: a, metric: layers.delta.rms, equals: predicted, rtol: 0.1, at: epoch 0}]",
     R"(s.yaml:3:81: error: mean-field theory speaks of a net before training, at: start
    3 | expect: [{claim: a, metric: layers.delta.rms, equals: predicted, rtol: 0.1, at: epoch 0}]
      |                                                                                 ^~~~~~~
)"},
    {"PredictedInput", "expect: [{claim: a, metric: layers.activation.rms, equals: predicted, rtol: 0.1, layer: 0}]",
     R"(s.yaml:3:89: error: layer 0 is the input, which mean-field theory takes as it is
    3 | expect: [{claim: a, metric: layers.activation.rms, equals: predicted, rtol: 0.1, layer: 0}]
      |                                                                                         ^
)"},
    {"PredictedInputToo",
     "expect: [{claim: a, metric: layers.activation.rms, equals: predicted, rtol: 0.1, layer: all}]",
     R"(s.yaml:3:89: error: layer 0 is the input, which mean-field theory takes as it is
    3 | expect: [{claim: a, metric: layers.activation.rms, equals: predicted, rtol: 0.1, layer: all}]
      |                                                                                         ^~~
)"},
    {"EqualsAWord", "expect: [{claim: a, metric: test_loss, equals: predict}]",
     R"(s.yaml:3:48: error: equals must be a number or 'predicted', got 'predict'
    3 | expect: [{claim: a, metric: test_loss, equals: predict}]
      |                                                ^~~~~~~
)"},
    {"Published", "expect: [{claim: a, metric: test_loss, at_most: 1, published: none}]",
     R"(s.yaml:3:63: error: published must be a number, got 'none'
    3 | expect: [{claim: a, metric: test_loss, at_most: 1, published: none}]
      |                                                               ^~~~
)"},
    {"PublishedStatus", "expect: [{claim: a, status: ok, published: 1}]",
     R"(s.yaml:3:33: error: 'published' has no place here; status speaks for itself
    3 | expect: [{claim: a, status: ok, published: 1}]
      |                                 ^~~~~~~~~
)"},
    {"Over", "expect: [{claim: a, metric: test_loss, at_most: 1, over: seeds}]",
     R"(s.yaml:3:58: error: unknown value of over 'seeds'
    3 | expect: [{claim: a, metric: test_loss, at_most: 1, over: seeds}]
      |                                                          ^~~~~
  expected one of: every_seed, mean
)"},
    {"Confidence", "expect: [{claim: a, metric: test_loss, at_most: 1, confidence: 95}]",
     R"(s.yaml:3:64: error: confidence must be less than 1, got 95
    3 | expect: [{claim: a, metric: test_loss, at_most: 1, confidence: 95}]
      |                                                                ^~
)"},
    {"ConfidenceOfQuantiles", "expect: [{claim: a, metric: test_loss, includes: 1, confidence: 0.9999991}]",
     R"(s.yaml:3:65: error: confidence of includes must be at most 0.999999, since it takes 1 / (1 - confidence) seeds, got 0.9999991
    3 | expect: [{claim: a, metric: test_loss, includes: 1, confidence: 0.9999991}]
      |                                                                 ^~~~~~~~~
)"},
    {"ConfidenceOfWorst", "expect: [{claim: a, metric: test_loss, at_most: 1, over: every_seed, confidence: 0.9}]",
     R"(s.yaml:3:70: error: 'confidence' has no place here; the worst seed decides, not a bound
    3 | expect: [{claim: a, metric: test_loss, at_most: 1, over: every_seed, confidence: 0.9}]
      |                                                                      ^~~~~~~~~~
)"},
    {"Status", "expect: [{claim: a, status: failed}]",
     R"(s.yaml:3:29: error: unknown status 'failed'
    3 | expect: [{claim: a, status: failed}]
      |                             ^~~~~~
  expected one of: diverged, ok
)"},
    {"StatusWithBound", "expect: [{claim: a, status: ok, at_least: 3}]",
     R"(s.yaml:3:33: error: 'at_least' has no place here; status speaks for itself
    3 | expect: [{claim: a, status: ok, at_least: 3}]
      |                                 ^~~~~~~~
)"},
    {"BestOverNoAxis",
     "settings: {validation_samples: 5000}\nexpect: [{claim: a, metric: test_loss, at_most: 1, best_over: "
     "learning_rate}]",
     R"(s.yaml:4:63: error: best_over names 'learning_rate', which is no axis of the grid
    4 | expect: [{claim: a, metric: test_loss, at_most: 1, best_over: learning_rate}]
      |                                                               ^~~~~~~~~~~~~
)"},
    {"BestOverWithoutValidation",
     "grid: {learning_rate: [0.1, 1]}\nexpect: [{claim: a, metric: test_loss, at_most: 1, best_over: learning_rate}]",
     R"(s.yaml:4:63: error: best_over chooses on validation accuracy, which needs validation_samples
    4 | expect: [{claim: a, metric: test_loss, at_most: 1, best_over: learning_rate}]
      |                                                               ^~~~~~~~~~~~~
  write validation_samples: 5000 under settings
)"},
    {"Where", "expect: [{claim: a, status: ok, where: {activation: [relu, tanh]}}]",
     R"(s.yaml:3:53: error: activation must be one value here, got a list
    3 | expect: [{claim: a, status: ok, where: {activation: [relu, tanh]}}]
      |                                                     ^
  write an entry for each value
)"},
    {"Id", "expect: [{claim: a, status: ok, id: 9x}]",
     R"(s.yaml:3:37: error: id must be a letter, then letters, digits, '_', '-' or '.', got '9x'
    3 | expect: [{claim: a, status: ok, id: 9x}]
      |                                     ^~
)"},
    {"RepeatedId", "expect: [{claim: a, status: ok, id: e2}, {claim: b, status: ok}]",
     R"(s.yaml:3:42: error: two expectations have the id 'e2' (first at line 3)
    3 | expect: [{claim: a, status: ok, id: e2}, {claim: b, status: ok}]
      |                                          ^
)"},
};
class BadClaim : public testing::TestWithParam<BadInput> {};
TEST_P(BadClaim, SaysWhereAndWhatToDo) { EXPECT_EQ(problems_of(GetParam().body), whole_message(GetParam().message)); }
INSTANTIATE_TEST_SUITE_P(Spec, BadClaim, testing::ValuesIn(kBadClaim), name_of);

}  // namespace
}  // namespace initsweep
