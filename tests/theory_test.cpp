#include "initsweep/theory.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>
#include "batch_of.hpp"
#include "initsweep/layer_stats.hpp"
#include "initsweep/rng.hpp"

namespace initsweep {
namespace {

Activation of_kind(ActivationKind kind) {
  Activation f;
  f.kind = kind;
  return f;
}

struct MomentsCase {
  const char* name;
  Activation f;
  double value_squared, derivative_squared;  // at q = 1, to four digits
};
class MomentsAtOne : public testing::TestWithParam<MomentsCase> {};

// Each row, by R: integrate(function(x) f(x)^2 * dnorm(x), -12, 12), and its derivative's, to four digits. In closed
// form E[elu'^2] = 1/2 + e^2 Phi(-2) = 0.66810, and with selu's constants 1.07157.
TEST_P(MomentsAtOne, AreTheTables) {
  const MomentsCase& c = GetParam();
  const GaussianMoments moments = gaussian_moments(c.f, 1);
  constexpr double kHalfADigit = 5.001e-5;
  EXPECT_NEAR(moments.value_squared, c.value_squared, kHalfADigit);
  EXPECT_NEAR(moments.derivative_squared, c.derivative_squared, kHalfADigit);
}

INSTANTIATE_TEST_SUITE_P(
    Theory, MomentsAtOne,
    testing::Values(MomentsCase{"linear", of_kind(ActivationKind::linear), 1, 1},
                    MomentsCase{"sigmoid", of_kind(ActivationKind::sigmoid), .2934, .0448},
                    MomentsCase{"tanh", of_kind(ActivationKind::tanh), .3943, .4644},
                    MomentsCase{"hard_tanh", of_kind(ActivationKind::hard_tanh), .5161, .6827},
                    MomentsCase{"softsign", of_kind(ActivationKind::softsign), .1830, .2277},
                    MomentsCase{"erf", of_kind(ActivationKind::erf), .4646, .5694},
                    MomentsCase{"relu", of_kind(ActivationKind::relu), .5, .5},
                    MomentsCase{"leaky_relu", Activation{.kind = ActivationKind::leaky_relu, .slope = 0.2}, .52, .52},
                    MomentsCase{"elu", of_kind(ActivationKind::elu), .6449, .6681},
                    MomentsCase{"selu", of_kind(ActivationKind::selu), 1, 1.0716},
                    MomentsCase{"gelu", of_kind(ActivationKind::gelu), .4252, .4559},
                    MomentsCase{"silu", of_kind(ActivationKind::silu), .3558, .3795},
                    MomentsCase{"mish", of_kind(ActivationKind::mish), .4523, .4791},
                    MomentsCase{"softplus", of_kind(ActivationKind::softplus), .9212, .2934}),
    [](const auto& test) { return test.param.name; });

constexpr double kPromised = 1e-10;  // the header's relative error

class ClosedForms : public testing::TestWithParam<double> {};

// q from a net that has died to one that has exploded.
INSTANTIATE_TEST_SUITE_P(Theory, ClosedForms, testing::Values(1e-12, 1e-4, 0.3, 1.0, 7.0, 900.0, 1e6, 1e12));

TEST_P(ClosedForms, ReluHalvesAndLeakyReluFollows) {
  const double q = GetParam();
  const GaussianMoments relu = gaussian_moments(of_kind(ActivationKind::relu), q);
  EXPECT_NEAR(relu.value_squared, q / 2, kPromised * q / 2);
  EXPECT_NEAR(relu.derivative_squared, 0.5, kPromised);
  const GaussianMoments leaky = gaussian_moments(Activation{.kind = ActivationKind::leaky_relu, .slope = 0.3}, q);
  EXPECT_NEAR(leaky.value_squared, q * 1.09 / 2, kPromised * q);
  EXPECT_NEAR(leaky.derivative_squared, 1.09 / 2, kPromised);
}

// E[erf^2] = (2 / pi) asin(2q / (1 + 2q)) and E[erf'^2] = (4 / pi) / sqrt(1 + 4q) (Williams 1997).
TEST_P(ClosedForms, Erf) {
  const double q = GetParam();
  const GaussianMoments erf = gaussian_moments(of_kind(ActivationKind::erf), q);
  const double value_squared = 2 / std::numbers::pi * std::asin(2 * q / (1 + 2 * q));
  const double derivative_squared = 4 / std::numbers::pi / std::sqrt(1 + 4 * q);
  EXPECT_NEAR(erf.value_squared, value_squared, kPromised * value_squared);
  EXPECT_NEAR(erf.derivative_squared, derivative_squared, kPromised * derivative_squared);
}

// E[hard_tanh'^2] is the mass within +-1; E[hard_tanh^2] adds q times its second moment to the mass outside.
TEST_P(ClosedForms, HardTanh) {
  const double q = GetParam();
  const GaussianMoments hard_tanh = gaussian_moments(of_kind(ActivationKind::hard_tanh), q);
  const double x = 1 / std::sqrt(q);
  const double within = std::erf(x / std::numbers::sqrt2);
  EXPECT_NEAR(hard_tanh.derivative_squared, within, kPromised * within);
  const double density = std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
  const double value_squared = q * (within - 2 * x * density) + (1 - within);
  // The closed form itself cancels for large q.
  EXPECT_NEAR(hard_tanh.value_squared, value_squared, kPromised * value_squared + 1e-15 * q);
}

// As q goes to 0, f looks like its tangent; as it grows, like its limits.
TEST(Theory, ExtremeVariancesMeetTheirLimits) {
  const GaussianMoments tiny = gaussian_moments(of_kind(ActivationKind::tanh), 1e-12);
  EXPECT_NEAR(tiny.value_squared, 1e-12, 1e-10 * 1e-12);
  EXPECT_NEAR(tiny.derivative_squared, 1, 1e-10);
  const GaussianMoments huge = gaussian_moments(of_kind(ActivationKind::sigmoid), 1e12);
  EXPECT_NEAR(huge.value_squared, 0.5, 1e-5);
  // Integral of (s (1 - s))^2 is 1/6, times the density 1 / sqrt(2 pi q) at 0.
  const double narrow = 1 / (6 * std::sqrt(2 * std::numbers::pi) * 1e6);
  EXPECT_NEAR(huge.derivative_squared, narrow, kPromised * narrow);
}

// R: integrate(function(x) (1 / (1 + exp(-sqrt(q) * x)))^2 * dnorm(x), -12, 12, rel.tol = 1e-12), and the like
TEST(Theory, AgreesWithRsQuadratureToItsLastDigits) {
  const GaussianMoments sigmoid = gaussian_moments(of_kind(ActivationKind::sigmoid), 1);
  EXPECT_NEAR(sigmoid.value_squared, 0.293379035858092996, kPromised);
  EXPECT_NEAR(sigmoid.derivative_squared, 0.044836241350194379, kPromised);
  const GaussianMoments softplus = gaussian_moments(of_kind(ActivationKind::softplus), 2);
  EXPECT_NEAR(softplus.value_squared, 1.38192841858369508, kPromised);
  EXPECT_NEAR(softplus.derivative_squared, 0.31841907698418481, kPromised);
}

CriticalPoint critical_point_with_bias(const Activation& f, double bias_variance) {
  double low = 1e-3, high = 5;  // the bias variance grows with q for tanh and erf
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (edge_of_chaos(f, middle).bias_variance < bias_variance ? low : high) = middle;
  }
  return edge_of_chaos(f, high);
}

// Schoenholz et al. 2017's setting: at bias variance 0.05 the critical weight variances are 1.7610 and 1.3758.
TEST(Theory, CriticalPointsAtBiasVarianceOneTwentieth) {
  EXPECT_NEAR(critical_point_with_bias(of_kind(ActivationKind::tanh), 0.05).weight_variance, 1.7610, 5e-5);
  EXPECT_NEAR(critical_point_with_bias(of_kind(ActivationKind::erf), 0.05).weight_variance, 1.3758, 5e-5);
}

// R: q <- 0.57; v and d by integrate as above for tanh; 1 / d; q - v / d
TEST(Theory, EdgeOfChaosIsAFixedPointWithChiOne) {
  const CriticalPoint tanh = edge_of_chaos(of_kind(ActivationKind::tanh), 0.57);
  EXPECT_NEAR(tanh.weight_variance, 1.760905846757489845, 1e-9);
  EXPECT_NEAR(tanh.bias_variance, 0.049991339673502666, 1e-9);
}

TEST(Theory, EveryVarianceIsCriticalForReluWithoutBias) {
  for (const double q : {1e-6, 1.0, 300.0}) {
    const CriticalPoint relu = edge_of_chaos(of_kind(ActivationKind::relu), q);
    EXPECT_NEAR(relu.weight_variance, 2, 1e-9);  // He's
    EXPECT_EQ(relu.bias_variance, 0);
  }
}

std::string refusal(const Activation& f, double q) {
  try {
    static_cast<void>(edge_of_chaos(f, q));
  } catch (const std::domain_error& error) {
    return error.what();
  }
  return "accepted";
}

// R gives sigmoid at q = 1 the bias variance -5.543345896607390522.
TEST(Theory, EdgeOfChaosSaysWhereItDoesNotExist) {
  EXPECT_EQ(refusal(of_kind(ActivationKind::sigmoid), 1),
            "edge_of_chaos(q=1) does not exist for sigmoid: with chi_1 = 1 that fixed point needs a bias variance of "
            "-5.543, below 0; choose another q or activation");
  EXPECT_EQ(refusal(of_kind(ActivationKind::tanh), 0), "edge_of_chaos(q=0): q must be above 0, since it is a variance");
  EXPECT_EQ(refusal(of_kind(ActivationKind::tanh), -1.5),
            "edge_of_chaos(q=-1.5): q must be above 0, since it is a variance");
}

}  // namespace
}  // namespace initsweep
