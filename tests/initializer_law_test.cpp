// The laws by statistics: mean, variance, bounds and distribution of what initializer.cpp draws, each with its
// false-alarm rate, and the same checks shown to reject the classic slips.
#include "initsweep/initial_weights.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "drawn_weights.hpp"

namespace initsweep {
namespace {

using DistributionFunction = std::function<double(double)>;

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

DistributionFunction normal_law(double mean, double stddev) {
  return [=](double w) { return normal_cdf((w - mean) / stddev); };
}
// The normal law cut at 2 of its own standard deviations.
DistributionFunction truncated_law(double mean, double stddev) {
  return [=](double w) {
    const double x = std::clamp((w - mean) / stddev, -2.0, 2.0);
    return (normal_cdf(x) - normal_cdf(-2)) / (normal_cdf(2) - normal_cdf(-2));
  };
}
DistributionFunction uniform_law(double low, double high) {
  return [=](double w) { return std::clamp((w - low) / (high - low), 0.0, 1.0); };
}

// Kolmogorov & Smirnov: the largest distance between the distribution function of n draws and their law exceeds
// c / sqrt(n) with probability 2 e^(-2 c^2), here one in a million.
double distance(const Matrix<float>& w, const DistributionFunction& law) {
  std::vector<double> sorted(w.data(), w.data() + w.size());
  std::sort(sorted.begin(), sorted.end());
  const double n = static_cast<double>(sorted.size());
  double largest = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const double expected = law(sorted[i]), rank = static_cast<double>(i);
    largest = std::max({largest, expected - rank / n, (rank + 1) / n - expected});
  }
  return largest;
}
const double kFarthest = std::sqrt(std::log(2e6) / 2) / std::sqrt(kEntries);

double mean_of(const Matrix<float>& w) { return w.cast<double>().mean(); }
double variance_of(const Matrix<float>& w) { return (w.cast<double>().array() - mean_of(w)).square().mean(); }

// A variance estimated from n draws has relative standard error sqrt((kurtosis - 1) / n): 0.0073 for the normal law at
// n = 37500, less for the others. Five of them reject a correct sampler for one seed in two million.
constexpr double kVarianceError = 5 * 0.0073;

struct LawCase {
  const char* name;
  Initializer initializer;
  std::optional<FanMode> mode;
  double mean, variance, bound;  // every entry lies within `bound` of the mean
  DistributionFunction law;
};
void PrintTo(const LawCase& c, std::ostream* out) { *out << c.name; }

constexpr double kUnbounded = std::numeric_limits<double>::infinity();
constexpr double kTruncated = 0.87962566103423978;         // std of the normal law cut at 2
constexpr double kTruncatedVariance = 0.7737413035499233;  // 1 - 4 phi(2) / (Phi(2) - Phi(-2))

LawCase normal_case(const char* name, const Initializer& initializer, std::optional<FanMode> mode, double variance) {
  return {name, initializer, mode, 0, variance, kUnbounded, normal_law(0, std::sqrt(variance))};
}
LawCase uniform_case(const char* name, const Initializer& initializer, std::optional<FanMode> mode, double variance) {
  const double a = std::sqrt(3 * variance);
  return {name, initializer, mode, 0, variance, a, uniform_law(-a, a)};
}
LawCase truncated_case(const char* name, const Initializer& initializer, std::optional<FanMode> mode,
                       double stddev_before_the_cut) {
  const double s = stddev_before_the_cut;
  return {name, initializer, mode, 0, kTruncatedVariance * s * s, 2 * s, truncated_law(0, s)};
}

std::vector<LawCase> law_cases() {
  using K = InitializerKind;
  const double in = 150, avg = 200, out = 250;
  Initializer uniform = of_kind(K::uniform);
  uniform.low = -0.1;
  uniform.high = 0.3;
  Initializer mean_field = of_kind(K::mean_field);
  mean_field.weight_variance = 1.76;
  mean_field.bias_variance = 0.05;
  Initializer critical = of_kind(K::edge_of_chaos);
  critical.q = 0.5;
  Initializer by_activation = of_kind(K::by_activation);
  by_activation.distribution = Distribution::normal;
  const Distribution normal = Distribution::normal, cut = Distribution::truncated_normal, flat = Distribution::uniform;
  return {
      {"normal", with_normal(of_kind(K::normal), 0.5, 2), {}, 0.5, 4, kUnbounded, normal_law(0.5, 2)},
      {"uniform", uniform, {}, 0.1, 0.16 / 12, 0.2, uniform_law(-0.1, 0.3)},
      {"truncated_normal",
       with_normal(of_kind(K::truncated_normal), 1, 0.5),
       {},
       1,
       0.25 * kTruncatedVariance,
       1,
       truncated_law(1, 0.5)},
      truncated_case("keras_default", of_kind(K::variance_scaling), {}, std::sqrt(1 / in) / kTruncated),
      truncated_case("corrected", variance_scaling(2, FanMode::fan_out, cut), {}, std::sqrt(2 / out) / kTruncated),
      truncated_case("uncorrected", variance_scaling(2, FanMode::fan_out, cut, false), {}, std::sqrt(2 / out)),
      normal_case("scaled_normal", variance_scaling(3, FanMode::fan_avg, normal), {}, 3 / avg),
      uniform_case("scaled_uniform", variance_scaling(3, FanMode::fan_avg, flat), {}, 3 / avg),
      uniform_case("mode_overrides", variance_scaling(3, FanMode::fan_avg, flat), FanMode::fan_out, 3 / out),
      normal_case("glorot_normal", of_kind(K::glorot_normal), {}, 1 / avg),
      uniform_case("glorot_uniform", of_kind(K::glorot_uniform), {}, 1 / avg),
      normal_case("he_normal", of_kind(K::he_normal), {}, 2 / in),
      uniform_case("he_uniform", of_kind(K::he_uniform), {}, 2 / in),
      normal_case("he_normal_fan_out", of_kind(K::he_normal), FanMode::fan_out, 2 / out),
      normal_case("lecun_normal", of_kind(K::lecun_normal), {}, 1 / in),
      uniform_case("lecun_uniform", of_kind(K::lecun_uniform), {}, 1 / in),
      uniform_case("glorot2010_standard", of_kind(K::glorot2010_standard), {}, 1 / (3 * in)),
      uniform_case("glorot2010_standard_has_no_mode", of_kind(K::glorot2010_standard), FanMode::fan_out, 1 / (3 * in)),
      uniform_case("torch_default", of_kind(K::torch_default), {}, 1 / (3 * in)),
      normal_case("by_activation", by_activation, {}, 2 / avg),
      normal_case("mean_field", mean_field, {}, 1.76 / in),
      normal_case("edge_of_chaos_is_he_for_relu", critical, {}, 2 / in),
  };
}

class LawOf : public testing::TestWithParam<LawCase> {};
INSTANTIATE_TEST_SUITE_P(InitializerLaws, LawOf, testing::ValuesIn(law_cases()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(LawOf, HasItsMeanVarianceBoundsAndDistribution) {
  const LawCase& c = GetParam();
  const Matrix<float> w = weights_of(c.initializer, c.mode);
  ASSERT_EQ(w.rows(), kFans.fan_out);
  ASSERT_EQ(w.cols(), kFans.fan_in);
  // Five standard errors of a mean: one seed in two million.
  EXPECT_NEAR(mean_of(w), c.mean, 5 * std::sqrt(c.variance / kEntries));
  EXPECT_NEAR(variance_of(w) / c.variance, 1, kVarianceError);
  if (std::isfinite(c.bound)) {
    const double farthest = (w.cast<double>().array() - c.mean).abs().maxCoeff();
    EXPECT_LE(farthest, c.bound * (1 + 1e-7));  // an entry is rounded to float
    EXPECT_GE(farthest, c.bound * 0.998);
  }
  EXPECT_LT(distance(w, c.law), kFarthest);
}

TEST(InitializerLaws, TheChecksRejectTheClassicSlips) {
  const double in = kFans.fan_in, out = kFans.fan_out, variance = 2 / in;
  const Matrix<float> he_normal = weights_of(of_kind(InitializerKind::he_normal));
  const Matrix<float> he_uniform = weights_of(of_kind(InitializerKind::he_uniform));
  const Matrix<float> uncorrected =
      weights_of(variance_scaling(2, FanMode::fan_in, Distribution::truncated_normal, false));
  const auto off = [&](const Matrix<float>& w, double expected) {
    return std::abs(variance_of(w) / expected - 1) > kVarianceError;
  };
  // a = sqrt(variance), without the 3
  const double a = std::sqrt(variance);
  EXPECT_TRUE(off(he_uniform, a * a / 3));
  EXPECT_GT(distance(he_uniform, uniform_law(-a, a)), kFarthest);
  // fan_out for fan_in
  EXPECT_TRUE(off(he_normal, 2 / out));
  EXPECT_GT(distance(he_normal, normal_law(0, std::sqrt(2 / out))), kFarthest);
  // a truncation that nobody made up for, or took for the untruncated law
  EXPECT_TRUE(off(uncorrected, variance));
  EXPECT_GT(distance(uncorrected, truncated_law(0, a / kTruncated)), kFarthest);
  EXPECT_GT(distance(uncorrected, normal_law(0, a * kTruncated)), kFarthest);
  // the right variance in the wrong law
  EXPECT_GT(distance(he_uniform, normal_law(0, a)), kFarthest);
}

TEST(InitializerLaws, BiasesFollowTheirOwnLaw) {
  const Fans wide = {.fan_in = 100, .fan_out = kEntries};
  const Vector<float> none = sample_biases(of_kind(InitializerKind::zeros), wide, 0, 7, 1);
  EXPECT_TRUE((none.array() == 0).all());
  const Matrix<float> normal = sample_biases(of_kind(InitializerKind::zeros), wide, 0.3, 7, 1);
  EXPECT_LT(distance(normal, normal_law(0, 0.3)), kFarthest);
  const Matrix<float> torch = sample_biases(of_kind(InitializerKind::torch_default), wide, 0.3, 7, 1);
  EXPECT_LT(distance(torch, uniform_law(-0.1, 0.1)), kFarthest);
}

}  // namespace
}  // namespace initsweep
