// Claims judged from records made by hand. What the seeds' values of one number say is judgement_test's; which cells
// are spoken of, claim_cells_test's.
#include "initsweep/claims.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "judged_claims.hpp"

namespace initsweep {
namespace {

constexpr const char* kTwoSeeds = "seeds: 2\nexpect:\n";

TEST(Claims, ShowWhatWasJudged) {
  const std::vector<Finding> findings = judged(
      "grid: {activation: [tanh, relu]}\nseeds: 2\nexpect:\n- id: good\n  claim: relu learns\n  metric: "
      "test_accuracy\n  where: {activation: relu}\n  at_least: 0.5\n",
      {learned(0.125), learned(0.125), learned(0.75), learned(0.875)});
  ASSERT_EQ(findings.size(), 1U);
  const Finding& f = findings[0];
  EXPECT_EQ(f.id, "good");
  EXPECT_EQ(f.claim, "relu learns");
  EXPECT_EQ(f.cell, "relu");
  EXPECT_TRUE(f.cell_id.starts_with("c_"));
  EXPECT_EQ(f.quantity, "test_accuracy");
  EXPECT_EQ(f.expected, "at least 0.5");
  EXPECT_EQ(f.metric + f.when + f.compared_with, "test_accuracy");
  EXPECT_FALSE(f.is_prediction);
  EXPECT_EQ(f.now, 0.8125);
  EXPECT_EQ(f.effect, 0.8125);
  EXPECT_TRUE(std::isnan(f.before));
  EXPECT_EQ(f.n, 2);
  EXPECT_EQ(f.file, "s.yaml");
  EXPECT_EQ(f.where.line, 6);
  // With one degree of freedom t is the tangent of pi (p - 1/2): tan(0.45 pi) = 6.314 standard errors of 1/16.
  EXPECT_NEAR(f.low, 0.8125 - std::tan(0.45 * M_PI) / 16, 1e-12);
  EXPECT_NEAR(f.high, 0.8125 + std::tan(0.45 * M_PI) / 16, 1e-12);
  EXPECT_NEAR(f.p_value, 0.5 - std::atan(0.3125 * 16) / M_PI, 1e-12);
  EXPECT_EQ(f.verdict, "inconclusive");  // 0.418 is below 0.5
  EXPECT_GT(f.seeds_needed, 2);
}

TEST(Claims, SeedsPair) {
  // Seeds differ by half, and in each one side is higher by 1/8: without pairs that would say nothing.
  const char* const sweep =
      "grid: {activation: [tanh, relu]}\nseeds: 2\n"
      "expect: [{claim: a, metric: test_accuracy, higher: {activation: relu}, than: {activation: tanh}, by: 0.1}]";
  const std::vector<Finding> findings = judged(sweep, {learned(0.25), learned(0.75), learned(0.375), learned(0.875)});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].verdict, "holds");
  EXPECT_EQ(findings[0].cell, "relu");
  EXPECT_EQ(findings[0].expected, "more than 0.1 above tanh");
  EXPECT_EQ(findings[0].compared_with, "tanh");
  EXPECT_EQ(findings[0].now, 0.625);
  EXPECT_EQ(findings[0].before, 0.5);
  EXPECT_EQ(findings[0].effect, 0.125);
  EXPECT_EQ(findings[0].low, 0.125);
  EXPECT_EQ(verdicts(sweep, {learned(0.25), learned(0.75), learned(0.875), learned(0.375)}), "relu: inconclusive\n");
}

TEST(Claims, ACellIsNeverHigherThanItself) {
  EXPECT_EQ(
      verdicts("grid: {initializer: [he_normal, {variance_scaling: {scale: 2, distribution: normal}}]}\nseeds: 2\n"
               "expect: [{claim: a, metric: test_accuracy, higher: {initializer: he_normal}, than: {initializer: "
               "variance_scaling}}]",
               {learned(0.5), learned(0.75)}),
      "inconclusive (both sides are one cell, under two names)\n");
}

TEST(Claims, OneSeedSaysNothingOfAMean) {
  EXPECT_EQ(verdicts("expect: [{claim: a, metric: test_accuracy, at_least: 0.1}]", {learned(0.9)}),
            "inconclusive (one seed says nothing of a mean; give it two or more, or `over: every_seed`)\n");
  EXPECT_EQ(verdicts("expect: [{claim: a, metric: test_accuracy, at_least: 0.1, over: every_seed}]", {learned(0.9)}),
            "holds\n");
}

TEST(Claims, EverySeedIsTheWorstSeed) {
  const std::string sweep = "seeds: 3\nexpect: [{claim: a, metric: test_accuracy, at_least: 0.5, over: every_seed}]";
  EXPECT_EQ(verdicts(sweep, {learned(0.5), learned(0.75), learned(0.5)}), "holds\n");
  EXPECT_EQ(verdicts(sweep, {learned(0.5), learned(0.75), learned(0.49)}), "fails\n");
  const Finding f = judged(sweep, {learned(0.5), learned(0.75), learned(0.25)})[0];
  EXPECT_EQ(f.effect, 0.25);
  EXPECT_EQ(f.now, 0.5);  // the mean
  EXPECT_EQ(f.expected, "at least 0.5, every seed");
}

TEST(Claims, ADifferenceLiesInARange) {
  const std::string sweep =
      "grid: {activation: [tanh, relu]}\nseeds: 2\n"
      "expect: [{claim: a, metric: test_accuracy, higher: {activation: relu}, than: {activation: tanh}, by: [0.125, "
      "0.25], published: 0.2}]";
  const auto by = [&](double difference) {
    return judged(sweep, {learned(0.25), learned(0.5), learned(0.25 + difference), learned(0.5 + difference)}).at(0);
  };
  EXPECT_EQ(by(0.1875).verdict, "holds");
  EXPECT_EQ(by(0.1875).expected, "from 0.125 to 0.25 above tanh");
  EXPECT_EQ(by(0.1875).published, 0.2);
  EXPECT_EQ(by(0.125).verdict, "holds");  // the ends belong to it
  EXPECT_EQ(by(0.25).verdict, "holds");
  EXPECT_EQ(by(0.0625).verdict, "fails");
  EXPECT_EQ(by(0.375).verdict, "fails");
  EXPECT_EQ(verdicts(sweep, {learned(0.25), learned(0.5), learned(0.25), learned(0.875)}), "relu: inconclusive\n");
}

// Of 0, 0.01, ..., 0.2, which are 21, type 7 has the second as the 5 % quantile, the last but one as the 95 % one.
TEST(Claims, TheMiddleOfTheSeedsIncludesANumber) {
  const auto found = [](std::size_t n_seeds, const std::string& includes) {
    Records records;
    for (std::size_t i = 0; i < n_seeds; ++i) records.push_back(learned(static_cast<double>(i) / 100));
    return judged("seeds: " + std::to_string(n_seeds) +
                      "\nexpect: [{claim: a, metric: test_accuracy, includes: " + includes + "}]",
                  records)
        .at(0);
  };
  const Finding f = found(21, "0.1875");
  EXPECT_EQ(f.verdict, "holds");
  EXPECT_EQ(f.expected, "0.1875 between 5 % and 95 % of the seeds");
  EXPECT_NEAR(f.low, 0.01, 1e-15);
  EXPECT_NEAR(f.high, 0.19, 1e-15);
  EXPECT_EQ(f.effect, 0.1);  // the median
  EXPECT_EQ(f.now, 0.1);
  EXPECT_EQ(f.published, 0.1875);
  EXPECT_EQ(f.n, 21);
  EXPECT_TRUE(std::isnan(f.p_value));
  EXPECT_EQ(found(21, "0.011, published: 0.5").verdict, "holds");
  EXPECT_EQ(found(21, "0.011, published: 0.5").published, 0.5);
  EXPECT_EQ(found(21, "0.009").verdict, "fails");
  EXPECT_EQ(found(21, "0.1901").verdict, "fails");
  EXPECT_NEAR(found(21, "0.1901").beyond, 0.0001, 1e-12);
  EXPECT_EQ(found(20, "0.1").verdict, "holds");
  const Finding few = found(19, "0.1");
  EXPECT_EQ(few.verdict, "inconclusive");
  EXPECT_EQ(few.reason, "quantiles so far out take 20 seeds");
  EXPECT_EQ(few.seeds_needed, 20);
  EXPECT_EQ(few.effect, 0.09);
  EXPECT_EQ(found(1, "0.1").reason, "quantiles so far out take 20 seeds");
  EXPECT_EQ(found(5, "0.02, confidence: 0.8").verdict, "holds");
  EXPECT_EQ(found(4, "0.01, confidence: 0.8").seeds_needed, 5);
}

// learned() has 0.1 but at its end, and there what it was told.
TEST(Claims, AnEpochHasItsOwnNumbers) {
  const auto found = [](const std::string& fields, const Records& records) {
    return judged("seeds: 2\nsettings: {validation_samples: 10}\nexpect: [{claim: a, over: every_seed, at_least: 0, " +
                      fields + "}]",
                  records)
        .at(0);
  };
  const Records two = {learned(0.75, 0.5), learned(0.75, 0.5)};
  struct Case {
    const char *fields, *quantity;
    double now;
    std::int64_t epoch;
  };
  for (const Case& c : {Case{"metric: test_accuracy, at: end", "test_accuracy, end", 0.75, 2},
                        Case{"metric: test_accuracy, at: epoch 2", "test_accuracy, epoch 2", 0.75, 2},
                        Case{"metric: test_accuracy, at: epoch 1", "test_accuracy, epoch 1", 0.1, 1},
                        Case{"metric: test_accuracy, at: start", "test_accuracy, start", 0.1, 0},
                        Case{"metric: test_loss, at: epoch 0", "test_loss, epoch 0", 0.25, 0},
                        Case{"metric: train_loss, at: epoch 1", "train_loss, epoch 1", 0.5, 1},
                        Case{"metric: train_accuracy, at: end", "train_accuracy, end", 0.75, 2},
                        Case{"metric: validation_accuracy, at: epoch 1", "validation_accuracy, epoch 1", 0.99, 1},
                        Case{"metric: validation_accuracy, at: end", "validation_accuracy, end", 0.5, 2}}) {
    const Finding f = found(c.fields, two);
    EXPECT_EQ(f.quantity, c.quantity);
    EXPECT_EQ(f.verdict, "holds") << c.fields;
    EXPECT_EQ(f.now, c.now) << c.fields;
    EXPECT_EQ(f.epoch, c.epoch) << c.fields;
  }
  EXPECT_FALSE(found("metric: test_accuracy", two).epoch);
  EXPECT_EQ(found("metric: test_accuracy, at: epoch 3", two).reason,
            "seeds 1, 2 have no test_accuracy, epoch 3 in the only cell");
  EXPECT_EQ(found("metric: validation_loss, at: end", two).reason,
            "seeds 1, 2 have no validation_loss, end in the only cell");
}

// From where it diverged on; before that it has what it has. It never came to an end.
TEST(Claims, DivergedGuessesFromItsLastEpochOn) {
  Record gone = ended(JobStatus::diverged);  // in epoch 2
  gone.epochs[1].test_accuracy = 0.625;
  const auto now = [&](const std::string& fields) {
    return judged("seeds: 2\nexpect: [{claim: a, at_least: 0, metric: " + fields + "}]", {gone, gone}).at(0).now;
  };
  EXPECT_EQ(now("test_accuracy, at: epoch 1"), 0.625);
  EXPECT_EQ(now("test_accuracy, at: epoch 2"), 0.1);
  EXPECT_EQ(now("test_accuracy, at: end"), 0.1);
  EXPECT_EQ(now("train_loss, at: epoch 1"), 0.5);
  EXPECT_TRUE(std::isnan(now("train_loss, at: epoch 2")));
  EXPECT_TRUE(std::isnan(now("test_loss, at: end")));
}

// A diverged replicate's accuracy is that of a guess, one of ten; what else it lacks it lacks.
TEST(Claims, DivergedGuesses) {
  const Record gone = ended(JobStatus::diverged);
  for (const char* metric : {"test_accuracy", "train_accuracy", "best_test_accuracy"}) {
    const std::vector<Finding> findings =
        judged(kTwoSeeds + ("- {claim: a, metric: " + std::string(metric) + ", equals: 0.1}"), {gone, gone});
    EXPECT_EQ(findings.at(0).verdict, "holds") << metric;
    EXPECT_EQ(findings.at(0).now, 0.1) << metric;
  }
  EXPECT_EQ(
      judged(std::string(kTwoSeeds) + "- {claim: a, metric: test_accuracy, at_least: 0}", {learned(0.9), gone})[0].now,
      0.5);
  for (const char* metric : {"test_loss", "train_loss", "best_epoch"})
    EXPECT_EQ(
        verdicts(kTwoSeeds + ("- {claim: a, metric: " + std::string(metric) + ", at_least: 0}"), {learned(0.9), gone}),
        "inconclusive (seed 2 has no " + std::string(metric) + " in the only cell)\n");
  // These it has.
  EXPECT_EQ(verdicts(std::string(kTwoSeeds) + "- {claim: a, metric: delta_slope_start, equals: -0.25}", {gone, gone}),
            "holds\n");
  EXPECT_EQ(verdicts(std::string(kTwoSeeds) + "- {claim: a, metric: diverged_step, equals: 15}", {gone, gone}),
            "holds\n");
}

TEST(Claims, WhatHasNoValueIsNeverHeldForOne) {
  EXPECT_EQ(verdicts("grid: {depth: [2, 3]}\nseeds: 2\nexpect: [{claim: a, metric: delta_slope_end, at_most: 0}]",
                     {learned(0.5), learned(0.5), learned(0.5), learned(0.5)}),
            "depth=2: inconclusive (seeds 1, 2 have no delta_slope_end in depth=2)\n"
            "depth=3: inconclusive (seeds 1, 2 have no delta_slope_end in depth=3)\n");
}

TEST(Claims, StatusIsOfEverySeed) {
  const Record gone = ended(JobStatus::diverged), well = learned(0.5);
  const std::string diverged = "seeds: 3\nexpect: [{claim: a, status: diverged}]",
                    ok = "seeds: 3\nexpect: [{claim: a, status: ok}]";
  EXPECT_EQ(verdicts(diverged, {gone, gone, gone}), "holds\n");
  EXPECT_EQ(verdicts(diverged, {gone, well, gone}), "fails (seed 2 is not diverged)\n");
  EXPECT_EQ(verdicts(diverged, {well, gone, well}), "fails (seeds 1, 3 are not diverged)\n");
  EXPECT_EQ(verdicts(ok, {well, well, well}), "holds\n");
  EXPECT_EQ(verdicts(ok, {well, well, gone}), "fails (seed 3 is not ok)\n");
  EXPECT_EQ(verdicts(ok, {well, ended(JobStatus::failed), well}), "fails (seed 2 is not ok)\n");
  const Finding f = judged(diverged, {gone, well, gone})[0];
  EXPECT_EQ(f.quantity, "status");
  EXPECT_EQ(f.expected, "diverged, every seed");
  EXPECT_EQ(f.now, 2);
  EXPECT_EQ(f.n, 3);
}

TEST(Claims, JobsThatFailedLeaveItOpen) {
  const std::string sweep = std::string(kTwoSeeds) + "- {claim: a, metric: test_accuracy, at_least: 0}";
  EXPECT_EQ(verdicts(sweep, {learned(0.5), ended(JobStatus::failed)}), "inconclusive (seed 2 failed)\n");
  EXPECT_EQ(verdicts(sweep, {ended(JobStatus::timeout), learned(0.5)}), "inconclusive (seed 1 timed out)\n");
  EXPECT_EQ(verdicts("grid: {activation: [tanh, relu]}\nseeds: 2\nexpect: [{claim: a, metric: test_accuracy, higher: "
                     "{activation: relu}, than: {activation: tanh}}]",
                     {ended(JobStatus::failed), learned(0.5), learned(0.5), learned(0.5)}),
            "relu: inconclusive (seed 1 failed in tanh)\n");
}

TEST(Claims, MissingJobsAreNotRun) {
  const std::string sweep =
      "grid: {activation: [tanh, relu]}\nseeds: 2\nexpect:\n- {claim: a, metric: test_accuracy, at_least: 0}\n- "
      "{claim: b, status: ok, where: {activation: tanh}}\n- {claim: c, metric: test_accuracy, higher: {activation: "
      "relu}, than: {activation: tanh}}";
  EXPECT_EQ(verdicts(sweep, {learned(0.5), std::nullopt, learned(0.5), learned(0.5)}),
            "tanh: not_run (1 job is not trained yet)\nrelu: holds\ntanh: not_run (1 job is not trained yet)\n"
            "relu: not_run (1 job is not trained yet)\n");
  EXPECT_EQ(verdicts(sweep, Records(4)),
            "tanh: not_run (2 jobs are not trained yet)\nrelu: not_run (2 jobs are not trained yet)\n"
            "tanh: not_run (2 jobs are not trained yet)\nrelu: not_run (4 jobs are not trained yet)\n");
  EXPECT_EQ(worst(judged(sweep, Records(4))), Outcome::skipped);
}

constexpr const char* kLookedAt = "the nets are only looked at before training (epochs: 0)";

TEST(Claims, WhatIsNotTrainedSaysNothingOfTraining) {
  const auto verdict = [](const std::string& fields) {
    return verdicts("settings: {epochs: 0}\nseeds: 2\nexpect: [{claim: a, " + fields + "}]",
                    {learned(0.5), learned(0.5)});
  };
  const std::string not_run = std::string("not_run (") + kLookedAt + ")\n";
  for (const char* fields : {"metric: test_accuracy, at_least: 0", "metric: test_accuracy, at: start, at_least: 0",
                             "metric: delta_slope_end, at_most: 0", "metric: epochs_run, equals: 0", "status: ok",
                             "metric: layers.preactivation.std, at_least: 0, at: end",
                             "metric: layers.preactivation.std, at_least: 0, at: epoch 1"})
    EXPECT_EQ(verdict(fields), not_run) << fields;
  EXPECT_EQ(verdict("metric: delta_slope_start, equals: -0.25"), "holds\n");
  EXPECT_EQ(verdict("metric: layers.preactivation.std, layer: 1, at_least: 1"), "holds\n");
  EXPECT_EQ(verdict("metric: layers.preactivation.std, layer: 1, at_least: 1, at: epoch 0"), "holds\n");
  // Nor do two nets compare of which one is not trained.
  const std::vector<Finding> mixed = judged(
      "grid: {epochs: [0, 1]}\nexpect: [{claim: a, status: ok}, {claim: b, metric: test_loss, over: every_seed, "
      "at_most: 1, where: {epochs: 1}}, {claim: c, metric: test_loss, higher: {epochs: 1}, than: {epochs: 0}}]",
      {learned(0.5), learned(0.5)});
  std::vector<std::string> verdicts_of_mixed;
  for (const Finding& f : mixed) verdicts_of_mixed.push_back(f.verdict);
  EXPECT_EQ(verdicts_of_mixed, (std::vector<std::string>{"not_run", "holds", "holds", "not_run"}));
}

struct UntrainedCase {
  const char* claim;
  const char* what;
};
TEST(Claims, OfNoTrainingAtAllAreAnError) {
  const auto problems = [](const std::string& body) {
    const SweepSpec spec = parsed(body);
    return format(check_expectations(spec, expand(spec, {{"mnist", std::string(64, 'a')}})));
  };
  for (const UntrainedCase& c :
       {UntrainedCase{"metric: test_accuracy, at_least: 0", "test_accuracy"}, UntrainedCase{"status: ok", "status"},
        UntrainedCase{"metric: layers.delta.rms, at: end, at_least: 0", "layers.delta.rms, end, hidden layers"}}) {
    const std::string line = std::string("expect: [{claim: a, ") + c.claim + "}]";
    EXPECT_EQ(problems("settings: {epochs: 0}\nseeds: 2\n" + line),
              "s.yaml:5:10: error: the cells it speaks of are not trained (epochs: 0), so there is no " +
                  std::string(c.what) + "\n    5 | " + line + "\n      |          ^\n");
  }
  EXPECT_EQ(problems("settings: {epochs: 0}\nseeds: 2\nexpect: [{claim: a, metric: delta_slope_start, at_most: 0}]"),
            "");
  // Some are trained.
  EXPECT_EQ(problems("grid: {epochs: [0, 1]}\nseeds: 2\nexpect: [{claim: a, status: ok}]"), "");
}

TEST(Claims, AClaimOfNoCellIsNotRun) {
  EXPECT_EQ(verdicts("expect: [{claim: a, where: {depth: 9}, status: ok}]", {learned(0.5)}),
            "not_run (no cell of the sweep is one that it speaks of)\n");
}

// At the best rate of each side, which validation samples choose and test samples judge.
TEST(Claims, BestOverChoosesOnValidationAccuracy) {
  const std::string sweep =
      "settings: {validation_samples: 1000}\ngrid: {activation: [tanh, relu], learning_rate: [0.1, 0.2]}\nseeds: 2\n"
      "expect: [{claim: a, metric: test_accuracy, higher: {activation: relu}, than: {activation: tanh}, best_over: "
      "learning_rate}]";
  const Records records = {learned(0.25, 0.75),  learned(0.25, 0.75),   // tanh at 0.1, chosen
                           learned(0.99, 0.5),   learned(0.99, 0.625),  // tanh at 0.2: better on test samples
                           learned(0.125, 0.25), learned(0.125, 0.25),  // relu at 0.1
                           learned(0.5, 0.375),  learned(0.5, 0.25)};   // relu at 0.2, chosen
  const Finding f = judged(sweep, records).at(0);
  EXPECT_EQ(f.verdict, "holds");
  EXPECT_EQ(f.cell, "relu/learning_rate=0.2");
  EXPECT_EQ(f.expected, "above tanh/learning_rate=0.1");
  EXPECT_EQ(f.now, 0.5);
  EXPECT_EQ(f.before, 0.25);
}

TEST(Claims, BestOverTakesTheFirstOnTiesAndDivergedAsAGuess) {
  const std::string sweep =
      "settings: {validation_samples: 1000}\ngrid: {learning_rate: [0.1, 0.2]}\nseeds: 2\n"
      "expect: [{claim: a, metric: test_accuracy, at_least: 0, best_over: learning_rate}]";
  const auto chosen = [&](const Records& records) { return judged(sweep, records).at(0).cell; };
  EXPECT_EQ(chosen({learned(0.5, 0.5), learned(0.5, 0.25), learned(0.9, 0.25), learned(0.9, 0.5)}),
            "learning_rate=0.1");
  const Record gone = ended(JobStatus::diverged);  // though its last epoch had 0.99
  EXPECT_EQ(chosen({gone, gone, learned(0.5, 0.11), learned(0.5, 0.11)}), "learning_rate=0.2");
  EXPECT_EQ(chosen({gone, gone, learned(0.5, 0.09), learned(0.5, 0.09)}), "learning_rate=0.1");
  EXPECT_EQ(verdicts(sweep, {learned(0.5, 0.5), learned(0.5, 0.5), ended(JobStatus::failed), learned(0.9, 0.5)}),
            "learning_rate=0.1: inconclusive (seed 1 failed in learning_rate=0.2)\n");
}

}  // namespace
}  // namespace initsweep
