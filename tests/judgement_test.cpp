// What values of one number say to a claim. The numbers are R's (4.2.2), of x = c(.91, .93, .92, .90, .94):
//
//   less <- t.test(x, mu = high, alternative = "less"); greater <- t.test(x, mu = low, alternative = "greater")
//   c(mean(x), greater$conf.int[1], less$conf.int[2], max(less$p.value, greater$p.value))      # at most: less alone
#include "judgement.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "sweep_text.hpp"

namespace initsweep {
namespace {

using Numbers = std::vector<double>;

// The fields of a claim about test_accuracy.
Expectation claim_of(const std::string& fields) {
  return parsed("grid: {depth: [2, 5]}\nseeds: 3\nexpect: [{claim: a, metric: test_accuracy, " + fields + "}]")
      .expect.at(0);
}
Allowed allowed(const std::string& fields) { return allowed_by(claim_of(fields)); }

const char* word(Outcome outcome) {
  return outcome == Outcome::good ? "holds" : outcome == Outcome::bad ? "fails" : "inconclusive";
}

struct MeanCase {
  const char* name;
  const char* claim;
  const char* verdict;
  double p;
};
void PrintTo(const MeanCase& c, std::ostream* out) { *out << c.name; }
class JudgeMean : public testing::TestWithParam<MeanCase> {};

TEST_P(JudgeMean, IsRs) {
  const Judgement j = judge_mean(Numbers{.91, .93, .92, .90, .94}, allowed(GetParam().claim), 0.95, 1);
  EXPECT_STREQ(word(j.outcome), GetParam().verdict);
  // Printed to ten digits.
  EXPECT_NEAR(j.observed, 0.92, 1e-10);
  EXPECT_NEAR(j.low, 0.9049255668, 1e-10);
  EXPECT_NEAR(j.high, 0.9350744332, 1e-10);
  EXPECT_NEAR(j.p_value / GetParam().p, 1, 1e-8);
}

constexpr const char* kHigher = "higher: {depth: 5}, than: {depth: 2}, ";
const std::string kBy90 = std::string(kHigher) + "by: 0.9", kBy91 = std::string(kHigher) + "by: 0.91",
                  kBy95 = std::string(kHigher) + "by: 0.95";

INSTANTIATE_TEST_SUITE_P(
    Bounds, JudgeMean,
    testing::Values(MeanCase{"at_least_holds", "at_least: 0.9", "holds", 0.02371032779},
                    MeanCase{"at_least_open", "at_least: 0.91", "inconclusive", 0.1150998205},
                    MeanCase{"at_least_fails", "at_least: 0.95", "fails", 0.9933822002},
                    MeanCase{"at_most_holds", "at_most: 0.95", "holds", 0.006617799782},
                    MeanCase{"at_most_open", "at_most: 0.93", "inconclusive", 0.1150998205},
                    MeanCase{"at_most_fails", "at_most: 0.89", "fails", 0.9933822002},
                    MeanCase{"between_holds", "between: [0.9, 0.94]", "holds", 0.02371032779},
                    MeanCase{"between_open", "between: [0.91, 0.94]", "inconclusive", 0.1150998205},
                    MeanCase{"between_fails", "between: [0.5, 0.6]", "fails", 0.9999992871},
                    MeanCase{"equals_holds", "equals: 0.92, atol: 0.02", "holds", 0.02371032779},
                    MeanCase{"equals_holds_by_rtol", "equals: 1, rtol: 0.1", "holds", 0.02371032779},
                    MeanCase{"higher_holds", kBy90.c_str(), "holds", 0.02371032779},
                    MeanCase{"higher_open", kBy91.c_str(), "inconclusive", 0.1150998205},
                    MeanCase{"higher_fails", kBy95.c_str(), "fails", 0.9933822002}),
    [](const auto& test) { return test.param.name; });

TEST(Judgement, ConfidenceMovesTheBounds) {
  const Numbers x = {.91, .93, .92, .90, .94};
  EXPECT_NEAR(judge_mean(x, allowed("at_least: 0.9"), 0.8, 1).low, 0.9133463757, 1e-10);
  EXPECT_NEAR(judge_mean(x, allowed("at_least: 0.9"), 0.99, 1).low, 0.8935050809, 1e-10);
  EXPECT_EQ(judge_mean(x, allowed("at_least: 0.9"), 0.99, 1).outcome, Outcome::undecided);
  EXPECT_EQ(judge_mean(x, allowed("at_least: 0.91"), 0.8, 1).outcome, Outcome::good);
}

// The upper bound at 1 - 0.05 / n is 0.9351, 0.9396, 0.9425, 0.9465, 0.9526 for n = 1, 2, 3, 5, 10.
TEST(Judgement, FailingOneOfManyTakesMoreAndHoldingDoesNot) {
  const Numbers x = {.91, .93, .92, .90, .94};
  const auto fails = [&](const char* claim, std::size_t n_tests) {
    return judge_mean(x, allowed(claim), 0.95, n_tests).outcome == Outcome::bad;
  };
  EXPECT_TRUE(fails("at_least: 0.9351", 1));
  EXPECT_FALSE(fails("at_least: 0.935", 1));
  EXPECT_FALSE(fails("at_least: 0.9396", 2));
  EXPECT_TRUE(fails("at_least: 0.9397", 2));
  EXPECT_FALSE(fails("at_least: 0.9464", 5));
  EXPECT_TRUE(fails("at_least: 0.9465", 5));
  EXPECT_FALSE(fails("at_least: 0.9525", 10));
  EXPECT_TRUE(fails("at_least: 0.9526", 10));
  EXPECT_EQ(judge_mean(x, allowed("at_least: 0.9"), 0.95, 10).outcome, Outcome::good);
}

// Seeds that all agree leave no doubt, not even about what is claimed to the last digit.
struct AgreeingCase {
  const char* name;
  const char* claim;
  double value;
  const char* verdict;
};
void PrintTo(const AgreeingCase& c, std::ostream* out) { *out << c.name; }
class AgreeingSeeds : public testing::TestWithParam<AgreeingCase> {};

TEST_P(AgreeingSeeds, DecideAtTheBoundItself) {
  const AgreeingCase& c = GetParam();
  const Numbers equal(3, c.value);
  const Judgement mean = judge_mean(equal, allowed(c.claim), 0.95, 4),
                  worst = judge_worst_seed(equal, allowed(c.claim));
  EXPECT_STREQ(word(mean.outcome), c.verdict);
  EXPECT_STREQ(word(worst.outcome), c.verdict);
  EXPECT_EQ(mean.p_value, mean.outcome == Outcome::good ? 0 : 1);
  EXPECT_EQ(mean.low, c.value);
  EXPECT_EQ(mean.high, c.value);
  EXPECT_EQ(worst.observed, c.value);
  EXPECT_EQ(word(judge_worst_seed(Numbers{c.value}, allowed(c.claim)).outcome), std::string(c.verdict));
}

const std::string kBy2 = std::string(kHigher) + "by: 0.02", kByNothing = std::string(kHigher) + "by: 0",
                  kByLess = std::string(kHigher) + "by: -0.1", kByRange = std::string(kHigher) + "by: [0.1, 0.9]";
INSTANTIATE_TEST_SUITE_P(
    Bounds, AgreeingSeeds,
    testing::Values(AgreeingCase{"at_least", "at_least: 0.9", 0.9, "holds"},
                    AgreeingCase{"less_than_at_least", "at_least: 0.9", 0.8999, "fails"},
                    AgreeingCase{"at_most", "at_most: 0.9", 0.9, "holds"},
                    AgreeingCase{"more_than_at_most", "at_most: 0.9", 0.9001, "fails"},
                    AgreeingCase{"between_low", "between: [0.1, 0.9]", 0.1, "holds"},
                    AgreeingCase{"between_high", "between: [0.1, 0.9]", 0.9, "holds"},
                    AgreeingCase{"between_one_number", "between: [0.9, 0.9]", 0.9, "holds"},
                    AgreeingCase{"outside", "between: [0.1, 0.9]", 1, "fails"},
                    AgreeingCase{"equals", "equals: 0.9", 0.9, "holds"},
                    AgreeingCase{"equals_nearly", "equals: 0.9", 0.9000001, "fails"},
                    AgreeingCase{"equals_zero", "equals: 0", 0, "holds"},
                    AgreeingCase{"equals_within", "equals: 0.5, atol: 0.25", 0.75, "holds"},
                    AgreeingCase{"equals_outside", "equals: 0.5, atol: 0.25", 0.7501, "fails"},
                    AgreeingCase{"equals_share_of_a_negative", "equals: -2, rtol: 0.25", -2.5, "holds"},
                    AgreeingCase{"equals_both", "equals: -2, rtol: 0.25, atol: 0.25", -2.75, "holds"},
                    // `higher` is not satisfied by the same, nor by the margin itself.
                    AgreeingCase{"no_higher", kHigher, 0, "fails"},
                    AgreeingCase{"higher_by_nothing", kByNothing.c_str(), 0, "fails"},
                    AgreeingCase{"higher", kHigher, 1e-9, "holds"},
                    AgreeingCase{"higher_by_the_margin", kBy2.c_str(), 0.02, "fails"},
                    AgreeingCase{"higher_by_the_least", kByRange.c_str(), 0.1, "holds"},
                    AgreeingCase{"higher_by_the_most", kByRange.c_str(), 0.9, "holds"},
                    AgreeingCase{"higher_by_too_little", kByRange.c_str(), 0.0999, "fails"},
                    AgreeingCase{"higher_by_too_much", kByRange.c_str(), 0.9001, "fails"},
                    AgreeingCase{"higher_by_more", kBy2.c_str(), 0.0201, "holds"},
                    AgreeingCase{"lower_but_allowed_to_be", kByLess.c_str(), -0.05, "holds"}),
    [](const auto& test) { return test.param.name; });

TEST(Judgement, OneSeedSaysNothingOfAMean) {
  for (const char* claim : {"at_least: 0.5", "at_most: 0.5", "between: [0, 1]"}) {
    const Judgement j = judge_mean(Numbers{0.5}, allowed(claim), 0.95, 1);
    EXPECT_EQ(j.outcome, Outcome::undecided);
    EXPECT_EQ(j.observed, 0.5);
    EXPECT_TRUE(std::isnan(j.p_value) && std::isnan(j.low) && std::isnan(j.high));
  }
}

TEST(Judgement, TheWorstSeedIsTheOneFarthestOnTheWrongSide) {
  const Numbers x = {.91, .95, .92, .88, .94};
  EXPECT_EQ(judge_worst_seed(x, allowed("at_least: 0.9")).observed, .88);
  EXPECT_EQ(judge_worst_seed(x, allowed("at_least: 0.9")).outcome, Outcome::bad);
  EXPECT_EQ(judge_worst_seed(x, allowed("at_least: 0.85")).observed, .88);
  EXPECT_EQ(judge_worst_seed(x, allowed("at_least: 0.85")).outcome, Outcome::good);
  EXPECT_EQ(judge_worst_seed(x, allowed("at_most: 0.99")).observed, .95);
  EXPECT_EQ(judge_worst_seed(x, allowed("between: [0.9, 0.91]")).observed, .95);
  EXPECT_EQ(judge_worst_seed(x, allowed("between: [0.93, 0.94]")).observed, .88);
  EXPECT_NEAR(judge_worst_seed(x, allowed("at_least: 0.9")).beyond, 0.02, 1e-15);
  EXPECT_NEAR(judge_worst_seed(x, allowed("at_most: 0.99")).beyond, -0.04, 1e-15);
}

TEST(Judgement, SaysWhatIsExpected) {
  const auto text = [](const std::string& fields) { return expected_text(claim_of(fields), "the other"); };
  EXPECT_EQ(text("at_least: 5"), "at least 5");
  EXPECT_EQ(text("at_most: -0.1"), "at most -0.1");
  EXPECT_EQ(text("between: [0.9, 1]"), "from 0.9 to 1");
  EXPECT_EQ(text("equals: 0.5"), "equal to 0.5");
  EXPECT_EQ(text("equals: 0.5, atol: 0.1"), "equal to 0.5 within 0.1");
  EXPECT_EQ(text("equals: 0.5, rtol: 0.2"), "equal to 0.5 within a share of 0.2");
  EXPECT_EQ(text("equals: 0.5, rtol: 0.2, atol: 0.1"), "equal to 0.5 within a share of 0.2 and 0.1");
  EXPECT_EQ(text(kHigher), "above the other");
  EXPECT_EQ(text(std::string(kHigher) + "by: 0.02"), "more than 0.02 above the other");
  EXPECT_EQ(text(std::string(kHigher) + "by: [-0.5, 2]"), "from -0.5 to 2 above the other");
  EXPECT_EQ(text("includes: 0.5"), "0.5 between 5 % and 95 % of the seeds");
  EXPECT_EQ(text("includes: 0.5, confidence: 0.999"), "0.5 between 0.1 % and 99.9 % of the seeds");
  Expectation predicted;
  predicted.bound = Expectation::Bound::predicted;
  predicted.atol = 0.25;
  EXPECT_EQ(expected_text(predicted, ""), "as mean-field theory predicts, within 0.25");
}

// R: quantile(c(.91, .93, .92, .90, .94), c(0.2, 0.8)) is 0.908 and 0.932.
TEST(Judgement, TheMiddleIsBetweenRsQuantiles) {
  const Numbers x = {.91, .93, .92, .90, .94};
  const Judgement inside = judge_middle(x, 0.91, 0.8);
  EXPECT_EQ(inside.outcome, Outcome::good);
  EXPECT_EQ(inside.observed, 0.92);
  EXPECT_NEAR(inside.low, 0.908, 1e-15);
  EXPECT_NEAR(inside.high, 0.932, 1e-15);
  EXPECT_NEAR(inside.beyond, -0.002, 1e-15);
  EXPECT_EQ(judge_middle(x, 0.9079, 0.8).outcome, Outcome::bad);
  EXPECT_EQ(judge_middle(x, 0.9321, 0.8).outcome, Outcome::bad);
  EXPECT_EQ(judge_middle(x, 0.9, 0.81).outcome, Outcome::undecided);  // 1 / 0.19 is more than five
  EXPECT_EQ(judge_middle(Numbers(5, 0.5), 0.5, 0.8).outcome, Outcome::good);
}

}  // namespace
}  // namespace initsweep
