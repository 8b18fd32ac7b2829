#include "initsweep/variance_share.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "initsweep/rng.hpp"

namespace initsweep {
namespace {

using Levels = std::vector<std::size_t>;

// Values over a grid of three axes, the last one fastest.
template <class Function>
std::vector<double> over(const Levels& levels, Function f) {
  std::vector<double> values;
  for (std::size_t i = 0; i < levels[0]; ++i)
    for (std::size_t j = 0; j < levels[1]; ++j)
      for (std::size_t k = 0; k < levels[2]; ++k)
        values.push_back(f(static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)));
  return values;
}

double share_of(const VarianceShares& result, std::size_t first, std::optional<std::size_t> second = std::nullopt) {
  for (const VarianceShare& share : result.shares)
    if (share.first == first && share.second == second) return share.share;
  ADD_FAILURE() << "no share of axis " << first;
  return std::numeric_limits<double>::quiet_NaN();
}

double sum_of(const VarianceShares& result) {
  double sum = result.rest;
  for (const VarianceShare& share : result.shares) sum += share.share;
  return sum;
}

// A few dozen roundings of numbers of order 1.
constexpr double kRounding = 1e-12;

double sign(double level) { return 2 * level - 1; }  // level 0 or 1

// Var of 0..n-1 is (n^2 - 1) / 12: 2/3, 5/4 and 1/4 here, times the squares of 3, 2 and 4.
TEST(VarianceShare, AdditiveFunctionIsAllMainEffects) {
  const Levels levels = {3, 4, 2};
  const auto result =
      variance_shares(levels, over(levels, [](double i, double j, double k) { return 100 + 3 * i - 2 * j + 4 * k; }));
  ASSERT_TRUE(result);
  constexpr double kTotal = 6 + 5 + 4;
  EXPECT_NEAR(result->variance, kTotal, kTotal * kRounding);
  EXPECT_NEAR(share_of(*result, 0), 6 / kTotal, kRounding);
  EXPECT_NEAR(share_of(*result, 1), 5 / kTotal, kRounding);
  EXPECT_NEAR(share_of(*result, 2), 4 / kTotal, kRounding);
  for (const auto& [a, b] : {std::pair{0, 1}, std::pair{0, 2}, std::pair{1, 2}})
    EXPECT_NEAR(share_of(*result, static_cast<std::size_t>(a), static_cast<std::size_t>(b)), 0, kRounding);
  EXPECT_NEAR(result->rest, 0, kRounding);
}

TEST(VarianceShare, ProductOfTwoCentredSignsIsAllTheirPair) {
  const Levels levels = {2, 3, 2};
  const auto result =
      variance_shares(levels, over(levels, [](double i, double, double k) { return 0.5 + sign(i) * sign(k); }));
  ASSERT_TRUE(result);
  EXPECT_NEAR(result->variance, 1, kRounding);
  EXPECT_EQ(result->shares.front().first, 0U);
  EXPECT_EQ(result->shares.front().second, 2U);
  EXPECT_NEAR(result->shares.front().share, 1, kRounding);
  EXPECT_NEAR(result->rest, 0, kRounding);
}

TEST(VarianceShare, ProductOfThreeCentredSignsIsAllRest) {
  const Levels levels = {2, 2, 2};
  const auto result =
      variance_shares(levels, over(levels, [](double i, double j, double k) { return sign(i) * sign(j) * sign(k); }));
  ASSERT_TRUE(result);
  EXPECT_NEAR(result->rest, 1, kRounding);
  for (const VarianceShare& share : result->shares) EXPECT_NEAR(share.share, 0, kRounding);
}

// i j with i, j in {0, 1} is (1 + s + t + s t) / 4 in signs: a third each.
TEST(VarianceShare, ProductThatIsNotCentredSharesBetweenAxesAndPair) {
  const auto result = variance_shares(Levels{2, 2}, std::vector<double>{0, 0, 0, 1});
  ASSERT_TRUE(result);
  EXPECT_NEAR(share_of(*result, 0), 1.0 / 3, kRounding);
  EXPECT_NEAR(share_of(*result, 1), 1.0 / 3, kRounding);
  EXPECT_NEAR(share_of(*result, 0, 1), 1.0 / 3, kRounding);
  EXPECT_NEAR(result->variance, 3.0 / 16, kRounding);
}

// R: y <- c(0.912, 0.934, 0.871, 0.955, 0.701, 0.883, 0.642, 0.799, 0.113, 0.562, 0.098, 0.871)
//    g <- expand.grid(c = factor(1:2), b = factor(1:2), a = factor(1:3))     # the last axis fastest
//    s <- anova(aov(y ~ (a + b + c)^2, cbind(g, y)))[["Sum Sq"]]
//    print(s / sum(s), digits = 15)     # a, b, c, a:b, a:c, b:c, residuals
//    print(sum(s) / 12, digits = 15)
TEST(VarianceShare, AgreesWithRsAnalysisOfVariance) {
  const std::vector<double> values = {0.912, 0.934, 0.871, 0.955, 0.701, 0.883,
                                      0.642, 0.799, 0.113, 0.562, 0.098, 0.871};
  const auto result = variance_shares(Levels{3, 2, 2}, values);
  ASSERT_TRUE(result);
  EXPECT_NEAR(share_of(*result, 0), 0.53892340270628758, kRounding);
  EXPECT_NEAR(share_of(*result, 1), 0.00143641949944701, kRounding);
  EXPECT_NEAR(share_of(*result, 2), 0.23260010176556309, kRounding);
  EXPECT_NEAR(share_of(*result, 0, 1), 0.02550366546031757, kRounding);
  EXPECT_NEAR(share_of(*result, 0, 2), 0.17405393306993264, kRounding);
  EXPECT_NEAR(share_of(*result, 1, 2), 0.01090820031393481, kRounding);
  EXPECT_NEAR(result->rest, 0.01657427718451730, kRounding);
  EXPECT_NEAR(result->variance, 0.0829657430555556, kRounding);
  const double largest_first[] = {0.53892340270628758, 0.23260010176556309, 0.17405393306993264,
                                  0.02550366546031757, 0.01090820031393481, 0.00143641949944701};
  ASSERT_EQ(result->shares.size(), std::size(largest_first));
  for (std::size_t i = 0; i < result->shares.size(); ++i)
    EXPECT_NEAR(result->shares[i].share, largest_first[i], kRounding) << i;
}

std::vector<double> random_values(std::size_t n, double offset) {
  RngStream stream(3, StreamPurpose::weights, 1);
  std::vector<double> values(n);
  for (double& value : values) value = offset + stream.uniform();
  return values;
}

// Each is a mean square of its own, the rest too, so that the sum tells whether they are orthogonal.
TEST(VarianceShare, SharesAndRestSumToOne) {
  const Levels levels = {3, 1, 4, 2, 5};
  for (const double offset : {0.0, -7.0, 1000.0}) {
    const auto result = variance_shares(levels, random_values(120, offset));
    ASSERT_TRUE(result);
    EXPECT_NEAR(sum_of(*result), 1, kRounding);
    EXPECT_EQ(result->shares.size(), 5U + 10U);
    EXPECT_GT(result->rest, 0);
  }
}

TEST(VarianceShare, TheSameWhateverTheUnitAndTheOrigin) {
  const Levels levels = {3, 4, 2, 5};
  const std::vector<double> values = random_values(120, 0);
  std::vector<double> others = values;
  for (double& value : others) value = 8 - 1e-3 * value;
  const auto a = variance_shares(levels, values), b = variance_shares(levels, others);
  ASSERT_TRUE(a && b);
  for (std::size_t i = 0; i < a->shares.size(); ++i) {
    EXPECT_EQ(a->shares[i].first, b->shares[i].first);
    EXPECT_EQ(a->shares[i].second, b->shares[i].second);
    EXPECT_NEAR(a->shares[i].share, b->shares[i].share, 1e-11);  // 8 has taken three digits
  }
}

TEST(VarianceShare, AxisOfOneLevelHasNoShare) {
  const auto result = variance_shares(Levels{1, 3, 1}, std::vector<double>{1, 2, 4});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->shares.size(), 6U);
  EXPECT_EQ(result->shares.front().first, 1U);
  EXPECT_FALSE(result->shares.front().second);
  EXPECT_NEAR(result->shares.front().share, 1, kRounding);
  for (const std::size_t axis : {0U, 2U}) EXPECT_NEAR(share_of(*result, axis), 0, kRounding);
}

TEST(VarianceShare, OneAxisHasItAll) {
  const auto result = variance_shares(Levels{4}, std::vector<double>{3, 1, 4, 1});
  ASSERT_TRUE(result);
  ASSERT_EQ(result->shares.size(), 1U);
  EXPECT_NEAR(result->shares[0].share, 1, kRounding);
  EXPECT_NEAR(result->rest, 0, kRounding);
}

TEST(VarianceShare, SaysNothingOfHolesAndConstants) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN(), kInf = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(variance_shares(Levels{2, 2}, std::vector<double>{1, 2, kNaN, 4}));
  EXPECT_FALSE(variance_shares(Levels{2, 2}, std::vector<double>{1, 2, kInf, 4}));
  EXPECT_FALSE(variance_shares(Levels{3, 2}, std::vector<double>(6, 0.1)));       // its mean is not 0.1 to the last bit
  EXPECT_FALSE(variance_shares(Levels{2}, std::vector<double>{1e-200, 2e-200}));  // nor is there a square of these
  EXPECT_FALSE(variance_shares(Levels{0, 2}, std::vector<double>{}));
  EXPECT_FALSE(variance_shares(Levels{}, std::vector<double>{1}));
}

}  // namespace
}  // namespace initsweep
