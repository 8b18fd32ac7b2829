#include "initsweep/hypothesis.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <vector>
#include "initsweep/rng.hpp"

namespace initsweep {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// What R says of x, or of the difference of x and y. `low` and `high` are one-sided bounds at `confidence`.
struct SampleCase {
  const char* name;
  std::vector<double> x, y;
  double threshold, confidence;
  double mean, std, standard_error, degrees_of_freedom, low, high, p_below, p_above;
};
struct HolmCase {
  const char* name;
  std::vector<double> p_values, adjusted;
};
// In units of 1e-4.
struct PermutationCase {
  const char* name;
  std::vector<double> a, b;
  double shift, p;
};
struct PlanCase {
  const char* name;
  int n;
  double degrees_of_freedom, std, margin, power;
  int needed;
};
#include "data/hypothesis.inc"

// Two implementations of Student's t agree to some 1e-13 of a p value however small, and moments to less than 1e-13 of
// a difference that is a thousandth of its terms.
testing::AssertionResult agrees(double found, double recorded) {
  constexpr double kTolerance = 1e-10;
  if (found == recorded || std::abs(found - recorded) <= kTolerance * std::abs(recorded))
    return testing::AssertionSuccess() << found << " agrees with " << recorded;
  return testing::AssertionFailure() << "found " << testing::PrintToString(found) << ", recorded "
                                     << testing::PrintToString(recorded);
}

// A bound far from the mean tells of the mean, so it is its distance that counts, up to the rounding of the bound.
testing::AssertionResult bound_agrees(double found, double recorded, double mean) {
  const double rounding = 4e-16 * std::max(std::abs(mean), std::abs(recorded));
  if (std::abs(found - recorded) <= rounding) return testing::AssertionSuccess();
  return agrees(found - mean, recorded - mean);
}

template <typename Case>
std::string name_of(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

Estimate estimate_of(const SampleCase& c) { return c.y.empty() ? estimate(c.x) : welch_difference(c.x, c.y); }

class SampleByR : public testing::TestWithParam<SampleCase> {};

TEST_P(SampleByR, MomentsAgree) {
  const SampleCase& c = GetParam();
  const Estimate e = estimate_of(c);
  EXPECT_EQ(e.n, static_cast<int>(c.y.empty() ? c.x.size() : std::min(c.x.size(), c.y.size())));
  EXPECT_TRUE(agrees(e.mean, c.mean));
  EXPECT_TRUE(agrees(e.std, c.std));
  EXPECT_TRUE(agrees(e.standard_error, c.standard_error));
  EXPECT_TRUE(agrees(e.degrees_of_freedom, c.degrees_of_freedom));
}

TEST_P(SampleByR, BoundsAgree) {
  const SampleCase& c = GetParam();
  EXPECT_TRUE(bound_agrees(lower_bound(estimate_of(c), c.confidence), c.low, c.mean));
  EXPECT_TRUE(bound_agrees(upper_bound(estimate_of(c), c.confidence), c.high, c.mean));
}

TEST_P(SampleByR, PValuesAgree) {
  const SampleCase& c = GetParam();
  EXPECT_TRUE(agrees(p_below(estimate_of(c), c.threshold), c.p_below));
  EXPECT_TRUE(agrees(p_above(estimate_of(c), c.threshold), c.p_above));
}

TEST_P(SampleByR, ThresholdAtABoundHasTheBoundsP) {
  const SampleCase& c = GetParam();
  const Estimate e = estimate_of(c);
  constexpr double kRounding = 1e-7;  // of a bound, in standard errors: those of tiny_spread_at_one are 1e-9
  EXPECT_NEAR(p_above(e, lower_bound(e, c.confidence)), 1 - c.confidence, kRounding);
  EXPECT_NEAR(p_below(e, upper_bound(e, c.confidence)), 1 - c.confidence, kRounding);
}

// What a slip would give must not get past the checks above.
TEST_P(SampleByR, SlipsDoNotAgree) {
  const SampleCase& c = GetParam();
  const Estimate e = estimate_of(c);
  EXPECT_FALSE(agrees(2 * std::min(c.p_below, c.p_above), c.p_below)) << "two-sided";
  EXPECT_FALSE(agrees(2 * std::min(c.p_below, c.p_above), c.p_above)) << "two-sided";
  EXPECT_FALSE(bound_agrees(lower_bound(e, (1 + c.confidence) / 2), c.low, c.mean)) << "two-sided";
  EXPECT_FALSE(bound_agrees(upper_bound(e, (1 + c.confidence) / 2), c.high, c.mean)) << "two-sided";
  Estimate off = e;
  off.degrees_of_freedom += 1;
  EXPECT_FALSE(bound_agrees(lower_bound(off, c.confidence), c.low, c.mean)) << "one degree of freedom more";
  if (c.mean == c.threshold) return;  // p is 1/2 on both sides for any degrees of freedom
  EXPECT_FALSE(agrees(p_below(off, c.threshold), c.p_below)) << "one degree of freedom more";
  EXPECT_FALSE(agrees(c.p_above, c.p_below)) << "the other side";
}

INSTANTIATE_TEST_SUITE_P(OneSample, SampleByR, testing::ValuesIn(kOneSample), name_of<SampleCase>);
INSTANTIATE_TEST_SUITE_P(TwoSamples, SampleByR, testing::ValuesIn(kTwoSamples), name_of<SampleCase>);

TEST(Hypothesis, AStdDividedByNDoesNotAgree) {
  for (const SampleCase& c : kOneSample) {
    const double n = static_cast<double>(c.x.size());
    EXPECT_FALSE(agrees(estimate(c.x).std * std::sqrt((n - 1) / n), c.std)) << c.name;
  }
}

// Student's own test of two samples, which takes their variances to be one.
TEST(Hypothesis, PooledVarianceDoesNotAgree) {
  for (const SampleCase& c : kTwoSamples) {
    const Estimate x = estimate(c.x), y = estimate(c.y);
    const double freedom = x.n + y.n - 2;
    const double variance = ((x.n - 1) * x.std * x.std + (y.n - 1) * y.std * y.std) / freedom;
    const double error = std::sqrt(variance * (1.0 / x.n + 1.0 / y.n));
    const bool is_pooled = agrees(error, c.standard_error) && agrees(freedom, c.degrees_of_freedom);
    EXPECT_EQ(is_pooled, c.name == std::string("the_same")) << c.name;  // where both tests are one
  }
}

TEST(Hypothesis, SmallPValuesKeepTheirDigits) {
  const auto smallest = [](const auto& cases) {
    double p = 1;
    for (const SampleCase& c : cases) p = std::min({p, c.p_below, c.p_above});
    return p;
  };
  EXPECT_LT(smallest(kOneSample), 1e-12);  // so that the comparison with R is one of such values
  EXPECT_LT(smallest(kTwoSamples), 1e-12);
  const Estimate far = {.n = 30, .mean = -1, .std = 1, .standard_error = 1e-9, .degrees_of_freedom = 29};
  EXPECT_GT(p_below(far, 0), 0);
  EXPECT_EQ(p_below(far, 0),
            p_above({.n = 30, .mean = 1, .std = 1, .standard_error = 1e-9, .degrees_of_freedom = 29}, 0));
  EXPECT_EQ(p_above(far, 0), 1);
}

TEST(Hypothesis, WelchHoldsAtAnyScale) {
  const std::vector<double> a = {1, 3, 2}, b = {2, 5, 4, 7};
  const Estimate plain = welch_difference(a, b);
  for (const double scale : {0x1p-450, 0x1p450}) {  // R's formula takes the eighth power of this
    std::vector<double> scaled_a = a, scaled_b = b;
    for (double& x : scaled_a) x *= scale;
    for (double& x : scaled_b) x *= scale;
    const Estimate scaled = welch_difference(scaled_a, scaled_b);
    EXPECT_TRUE(agrees(scaled.degrees_of_freedom, plain.degrees_of_freedom));
    EXPECT_TRUE(agrees(p_below(scaled, 0), p_below(plain, 0)));
  }
}

TEST(Hypothesis, ReplicatesThatAgreeLeaveNoDoubt) {
  const std::vector<double> equal(3, 0.1), less(5, 0.05);  // 0.1 + 0.1 + 0.1 is not 3 * 0.1
  for (const Estimate& e : {estimate(equal), welch_difference(std::vector<double>{0.2, 0.2}, equal)}) {
    EXPECT_EQ(e.mean, 0.1);
    EXPECT_EQ(e.std, 0);
    EXPECT_EQ(e.standard_error, 0);
    EXPECT_GT(e.degrees_of_freedom, 0);
    EXPECT_EQ(lower_bound(e, 0.95), 0.1);
    EXPECT_EQ(upper_bound(e, 0.95), 0.1);
    EXPECT_EQ(p_below(e, 0.11), 0);
    EXPECT_EQ(p_above(e, 0.11), 1);
    EXPECT_EQ(p_below(e, 0.09), 1);
    EXPECT_EQ(p_above(e, 0.09), 0);
    EXPECT_EQ(p_below(e, 0.1), 1);
    EXPECT_EQ(p_above(e, 0.1), 1);
    EXPECT_EQ(p_below(e, kNaN), 1);
  }
  EXPECT_EQ(welch_difference(equal, less).mean, 0.05);
  EXPECT_EQ(welch_difference(equal, less).n, 3);
}

void expect_nothing_said(const Estimate& e) {
  EXPECT_EQ(lower_bound(e, 0.95), -kInfinity);
  EXPECT_EQ(upper_bound(e, 0.95), kInfinity);
  for (const double threshold : {-kInfinity, -1e300, -1.0, 0.0, 1.0, 1e300, kInfinity}) {
    EXPECT_EQ(p_below(e, threshold), 1);
    EXPECT_EQ(p_above(e, threshold), 1);
  }
  EXPECT_EQ(replicates_to_decide(e, 0.005, 0.9), std::nullopt);
}

TEST(Hypothesis, FewerThanTwoSayNothing) {
  const std::vector<double> none, one = {0.9}, many = {0.1, 0.2, 0.3};
  for (const Estimate& e : {estimate(none), estimate(one), welch_difference(none, many), welch_difference(many, none),
                            welch_difference(one, many), welch_difference(many, one), welch_difference(one, one)}) {
    EXPECT_LT(e.n, 2);
    EXPECT_EQ(std::isnan(e.mean), e.n == 0);
    EXPECT_TRUE(std::isnan(e.std));
    EXPECT_TRUE(std::isnan(e.standard_error));
    EXPECT_EQ(e.degrees_of_freedom, 0);
    expect_nothing_said(e);
  }
  EXPECT_EQ(estimate(one).mean, 0.9);
}

TEST(Hypothesis, WhatIsNotANumberIsNoVerdict) {
  const Estimate sound = {.n = 3, .mean = 0.1, .std = 0.01, .standard_error = 0.006, .degrees_of_freedom = 2};
  for (const double bad : {kNaN, kInfinity, -kInfinity}) {
    Estimate e = sound;
    e.mean = bad;
    expect_nothing_said(e);
    e = sound;
    e.std = e.standard_error = bad;
    expect_nothing_said(e);
  }
  EXPECT_EQ(p_below(sound, kNaN), 1);
  EXPECT_EQ(p_above(sound, kNaN), 1);
  EXPECT_EQ(replicates_to_decide(sound, kNaN, 0.9), std::nullopt);
}

#ifdef NDEBUG
TEST(Hypothesis, SamplesWithANaNArePassedAsNothing) {
  for (const double bad : {kNaN, kInfinity, -kInfinity})
    for (const std::size_t place : {0u, 1u, 2u}) {
      std::vector<double> values = {-0.3, -0.2, -0.1};
      const std::vector<double> others = {0.1, 0.2, 0.4};
      values[place] = bad;
      expect_nothing_said(estimate(values));
      expect_nothing_said(welch_difference(values, others));
      expect_nothing_said(welch_difference(others, values));
    }
  const std::vector<double> few = {kNaN, -0.2, -0.1}, many(20, kNaN), others(20, 1.0);
  EXPECT_EQ(sign_flip_p(few, 0), 1);
  EXPECT_EQ(sign_flip_p(many, 0), 1);
  EXPECT_EQ(permutation_p(few, others, 0), 1);
  EXPECT_EQ(permutation_p(many, others, 0), 1);
  EXPECT_EQ(permutation_p(others, many, kNaN), 1);
  EXPECT_EQ(holm(std::vector<double>{0.01, kNaN, 0.02}), (std::vector<double>{0.03, 1, 0.04}));
}
#else
TEST(Hypothesis, SamplesWithANaNAreABrokenPromise) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const std::vector<double> bad = {kNaN, -0.2, -0.1}, good = {1, 2, 3};
  EXPECT_DEATH(static_cast<void>(estimate(bad)), "are_finite");
  EXPECT_DEATH(static_cast<void>(welch_difference(good, bad)), "are_finite");
  EXPECT_DEATH(static_cast<void>(sign_flip_p(bad, 0)), "are_finite");
  EXPECT_DEATH(static_cast<void>(permutation_p(good, bad, 0)), "are_finite");
  EXPECT_DEATH(static_cast<void>(holm(bad)), "is_p");
}
#endif

class HolmByR : public testing::TestWithParam<HolmCase> {};

TEST_P(HolmByR, Agrees) {
  const HolmCase& c = GetParam();
  const std::vector<double> found = holm(c.p_values);
  ASSERT_EQ(found.size(), c.adjusted.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_TRUE(agrees(found[i], c.adjusted[i])) << "at " << i;
}

INSTANTIATE_TEST_SUITE_P(Hypothesis, HolmByR, testing::ValuesIn(kHolm), name_of<HolmCase>);

TEST(Hypothesis, OtherCorrectionsDoNotAgreeWithHolms) {
  int n_bonferroni = 0, n_without_maximum = 0;
  for (const HolmCase& c : kHolm) {
    bool is_bonferroni = true, is_without_maximum = true;
    for (std::size_t i = 0; i < c.p_values.size(); ++i) {
      const double p = c.p_values[i];
      const auto n_not_below = std::count_if(c.p_values.begin(), c.p_values.end(), [&](double q) { return q >= p; });
      const double n = static_cast<double>(c.p_values.size());
      is_bonferroni &= agrees(std::min(1.0, n * p), c.adjusted[i]);
      is_without_maximum &= agrees(std::min(1.0, static_cast<double>(n_not_below) * p), c.adjusted[i]);
    }
    n_bonferroni += is_bonferroni;
    n_without_maximum += is_without_maximum;
  }
  EXPECT_EQ(n_bonferroni, 2);       // `one` and `all_ones`
  EXPECT_EQ(n_without_maximum, 6);  // where each step's product is above the last one's
}

TEST(Hypothesis, HolmOfNothingIsNothing) { EXPECT_TRUE(holm({}).empty()); }

std::vector<double> in_units(std::vector<double> values) {
  for (double& x : values) x /= 1e4;
  return values;
}

double permuted(const PermutationCase& c) {
  const std::vector<double> a = in_units(c.a), b = in_units(c.b);
  return b.empty() ? sign_flip_p(a, c.shift / 1e4) : permutation_p(a, b, c.shift / 1e4);
}

class PermutationByR : public testing::TestWithParam<PermutationCase> {};
TEST_P(PermutationByR, Agrees) { EXPECT_TRUE(agrees(permuted(GetParam()), GetParam().p)); }
INSTANTIATE_TEST_SUITE_P(SignFlips, PermutationByR, testing::ValuesIn(kSignFlips), name_of<PermutationCase>);
INSTANTIATE_TEST_SUITE_P(Deals, PermutationByR, testing::ValuesIn(kDeals), name_of<PermutationCase>);

class ManyPermutationsByR : public testing::TestWithParam<PermutationCase> {};

TEST_P(ManyPermutationsByR, RandomOnesComeNearAllOfThem) {
  const PermutationCase& c = GetParam();
  const double standard_error = std::sqrt(c.p * (1 - c.p) / 8192);  // of a share of 2^13 draws
  EXPECT_NEAR(permuted(c), c.p, 4 * standard_error);
  EXPECT_GT(std::abs(1 - permuted(c) - c.p), 30 * standard_error) << "the other tail";
}

TEST_P(ManyPermutationsByR, AreTheSameOnesAgain) { EXPECT_EQ(permuted(GetParam()), permuted(GetParam())); }

INSTANTIATE_TEST_SUITE_P(SignFlips, ManyPermutationsByR, testing::ValuesIn(kManySignFlips), name_of<PermutationCase>);
INSTANTIATE_TEST_SUITE_P(Deals, ManyPermutationsByR, testing::ValuesIn(kManyDeals), name_of<PermutationCase>);

// As a careless loop would: all arrangements, their sums compared as they come out.
double careless_sign_flips(const std::vector<double>& values) {
  const double observed = std::accumulate(values.begin(), values.end(), 0.0);
  int hits = 0;
  for (unsigned flips = 0; flips < 1u << values.size(); ++flips) {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += flips >> i & 1 ? -values[i] : values[i];
    hits += sum <= observed;
  }
  return std::ldexp(hits, -static_cast<int>(values.size()));
}

TEST(Hypothesis, CarelessPermutationsDoNotAgree) {
  int n_ties = 0;
  for (const PermutationCase& c : kSignFlips) {
    if (c.shift == 0) n_ties += !agrees(careless_sign_flips(in_units(c.a)), c.p);
    PermutationCase turned = c;
    for (double& x : turned.a) x = -x;
    turned.shift = -c.shift;
    EXPECT_FALSE(agrees(permuted(turned), c.p)) << c.name;
  }
  EXPECT_GE(n_ties, 1);
  for (const PermutationCase& c : kDeals) {
    PermutationCase turned = c;
    std::swap(turned.a, turned.b);
    EXPECT_EQ(agrees(permuted(turned), c.p), c.name == std::string("all_equal")) << c.name;
  }
}

TEST(Hypothesis, PermutationsOfNothingAreOne) {
  const std::vector<double> none, some = {1, 2, 3};
  EXPECT_EQ(sign_flip_p(none, 1), 1);
  EXPECT_EQ(permutation_p(none, none, 1), 1);
  EXPECT_EQ(permutation_p(none, some, 1), 1);
  EXPECT_EQ(permutation_p(some, none, 1), 1);
}

TEST(Hypothesis, RandomPermutationsCountTheObservedOne) {
  std::vector<double> low, high;
  for (int i = 1; i <= 40; ++i) {
    low.push_back(-i);
    high.push_back(i);
  }
  EXPECT_EQ(sign_flip_p(low, 0), 1 / 8193.0);  // none of 2^13 among 2^40 is as low
  EXPECT_EQ(sign_flip_p(high, 0), 1);
  EXPECT_EQ(permutation_p(low, high, 0), 1 / 8193.0);
  EXPECT_EQ(permutation_p(high, low, 0), 1);
}

Estimate pilot_of(const PlanCase& c) {
  const double error = c.std / std::sqrt(static_cast<double>(c.n));
  return {.n = c.n, .mean = -0.1, .std = c.std, .standard_error = error, .degrees_of_freedom = c.degrees_of_freedom};
}

class PlanByR : public testing::TestWithParam<PlanCase> {};
TEST_P(PlanByR, Agrees) {
  const PlanCase& c = GetParam();
  EXPECT_EQ(replicates_to_decide(pilot_of(c), c.margin, c.power), c.needed);
}
INSTANTIATE_TEST_SUITE_P(Hypothesis, PlanByR, testing::ValuesIn(kPlans), name_of<PlanCase>);

TEST(Hypothesis, CarelessPlansDoNotAgree) {
  int n_agreeing = 0;
  for (const PlanCase& c : kPlans) {
    // The normal law's answer for the pilot's own spread; 1.645 and 1.282 are its 95 and 90 % quantiles.
    const double n = std::pow((1.645 + 1.282) * c.std / c.margin, 2);
    n_agreeing += std::ceil(n) == c.needed;
  }
  EXPECT_EQ(n_agreeing, 0);
}

TEST(Hypothesis, PlansKnowTheirLimits) {
  Estimate seen = {.n = 5, .mean = 0, .std = 0.004, .standard_error = 0.004 / std::sqrt(5), .degrees_of_freedom = 4};
  EXPECT_EQ(replicates_to_decide(seen, 0, 0.9), std::nullopt);
  EXPECT_EQ(replicates_to_decide(seen, -0.005, 0.9), std::nullopt);
  seen.std = 1;
  EXPECT_EQ(replicates_to_decide(seen, 0.005, 0.9), std::nullopt);
  seen.std = seen.standard_error = 0;
  EXPECT_EQ(replicates_to_decide(seen, 0.005, 0.9), 2);
  // The two numbers around the limit. 0.1 % of the margin is 0.2 % of the replicates.
  seen.std = seen.standard_error = 0.1;
  double enough = 0.1, too_small = 0.001;
  while (enough / too_small > 1.00001) {
    const double middle = std::sqrt(enough * too_small);
    (replicates_to_decide(seen, middle, 0.9) ? enough : too_small) = middle;
  }
  EXPECT_GT(replicates_to_decide(seen, enough, 0.9), 9'990);
  EXPECT_LE(replicates_to_decide(seen, enough, 0.9), kMostSeeds);
}

TEST(Hypothesis, MorePowerLessMarginAndFewerSeenAskForMore) {
  const auto needed = [](int n, double std, double margin, double power) {
    const Estimate seen = {.n = n, .mean = 0, .std = std, .standard_error = std, .degrees_of_freedom = n - 1.0};
    return replicates_to_decide(seen, margin, power).value_or(kMostSeeds + 1);
  };
  for (const int n : {2, 3, 5, 20})
    for (const double std : {0.002, 0.006, 0.02}) {
      const int here = needed(n, std, 0.005, 0.9);
      EXPECT_GE(needed(n, std, 0.005, 0.95), here);
      EXPECT_GE(needed(n, std, 0.004, 0.9), here);
      EXPECT_GE(needed(n, std * 1.5, 0.005, 0.9), here);
      EXPECT_LE(needed(n + 1, std, 0.005, 0.9), here);
    }
}

// A pilot of five pairs and a rerun of as many as it asks for, the std of a replicate far above 0.005, correlation 0.9:
// of what kLevelOfSpread is chosen by, the case in which the fewest pass.
struct Pairs {
  std::vector<double> before, differences;
  [[nodiscard]] double margin() const { return std::max(0.005, estimate(before).std); }
  [[nodiscard]] bool passes() const { return lower_bound(estimate(differences), 0.95) > -margin(); }
};

Pairs drawn(int n, RngStream& rng) {
  Pairs pairs;
  for (int i = 0; i < n; ++i) {
    const double before = 0.05 * rng.normal(), other = 0.05 * rng.normal();
    pairs.before.push_back(before);
    pairs.differences.push_back(0.9 * before + std::sqrt(1 - 0.81) * other - before);
  }
  return pairs;
}

TEST(Hypothesis, RerunsPassAsOftenAsTheyWereAskedTo) {
  RngStream rng(/*seed=*/1, StreamPurpose::weights, /*index=*/0);
  constexpr int kRuns = 2000;
  int n_passed = 0;
  for (int run = 0; run < kRuns; ++run) {
    const Pairs pilot = drawn(5, rng);
    const std::optional<int> n = replicates_to_decide(estimate(pilot.differences), pilot.margin(), 0.9);
    ASSERT_TRUE(n);
    n_passed += drawn(*n, rng).passes();
  }
  // The share has a standard error of 0.0067. With the median of the spread instead of its upper limit it is 0.83.
  EXPECT_GT(n_passed, (0.9 - 3 * 0.0067) * kRuns);
}

}  // namespace
}  // namespace initsweep
