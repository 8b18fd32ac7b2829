#include "initsweep/activation.hpp"
#include "initsweep/kernels.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <ostream>
#include <string>
#include <vector>

namespace initsweep {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Tolerances of the float paths against double, in units of 1e-7 (1.7 ulp): |error| <= absolute + relative |expected|.
struct FloatError {
  double value_relative, value_absolute, derivative_relative, derivative_absolute;
};

struct Case {
  const char* name;
  Activation f;
  double at_minus_infinity, at_infinity;
  double slope_at_minus_infinity, slope_at_infinity;
  double max_abs_derivative;  // by R: optimize(function(z) abs(df(z)), c(0, 6), maximum = TRUE), or plain
  FloatError error;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

constexpr double kSeluLeft = 1.0507009873554805 * 1.6732632423543772;

Activation of_kind(ActivationKind kind, double slope = 0.01, double alpha = 1) {
  return {.kind = kind, .slope = slope, .alpha = alpha};
}

// Values that come from exp keep their relative error down to the denormals (absolute 0); those that clip or that
// cancel near a zero of f' have an absolute one.
const Case kCases[] = {
    {"linear", of_kind(ActivationKind::linear), -kInfinity, kInfinity, 1, 1, 1, {0, 0, 0, 0}},
    {"sigmoid", of_kind(ActivationKind::sigmoid), 0, 1, 0, 0, 0.25, {3, 0, 0, 1.5}},
    {"hard_sigmoid", of_kind(ActivationKind::hard_sigmoid), 0, 1, 0, 0, 1.0 / 6, {0, 1, 1, 0}},
    {"tanh", of_kind(ActivationKind::tanh), -1, 1, 0, 0, 1, {3, 0, 0, 4}},
    {"hard_tanh", of_kind(ActivationKind::hard_tanh), -1, 1, 0, 0, 1, {0, 0, 0, 0}},
    {"softsign", of_kind(ActivationKind::softsign), -1, 1, 0, 0, 1, {2, 0, 3, 0}},
    {"softplus", of_kind(ActivationKind::softplus), 0, kInfinity, 0, 1, 1, {4, 0, 4, 0}},
    {"relu", of_kind(ActivationKind::relu), 0, kInfinity, 0, 1, 1, {0, 0, 0, 0}},
    {"leaky_relu", of_kind(ActivationKind::leaky_relu, 0.2), -kInfinity, kInfinity, 0.2, 1, 1, {2, 0, 1, 0}},
    {"steep_leaky_relu", of_kind(ActivationKind::leaky_relu, 1.5), -kInfinity, kInfinity, 1.5, 1, 1.5, {2, 0, 1, 0}},
    {"elu", of_kind(ActivationKind::elu), -1, kInfinity, 0, 1, 1, {2, 0, 0, 2}},
    {"wide_elu", of_kind(ActivationKind::elu, 0.01, 1.7), -1.7, kInfinity, 0, 1, 1.7, {3, 0, 0, 4}},
    {"selu", of_kind(ActivationKind::selu), -kSeluLeft, kInfinity, 0, 1.0507009873554805, kSeluLeft, {3, 0, 1, 4}},
    {"gelu", of_kind(ActivationKind::gelu), 0, kInfinity, 0, 1, 1.1289041451851547, {4, 1, 0, 4}},
    {"gelu_tanh", of_kind(ActivationKind::gelu_tanh), 0, kInfinity, 0, 1, 1.1289930686587717, {4, 2, 0, 4}},
    {"silu", of_kind(ActivationKind::silu), 0, kInfinity, 0, 1, 1.0998393201288670, {4, 0, 0, 4}},
    {"mish", of_kind(ActivationKind::mish), 0, kInfinity, 0, 1, 1.0884981612517277, {5, 0, 0, 4}},
    {"erf", of_kind(ActivationKind::erf), -1, 1, 0, 0, 2 / 1.7724538509055159, {5, 0, 0, 3}},
};

class ActivationOf : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Every, ActivationOf, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

// Steps of 1/128 over [-100, 100], and every scale from 1e-30 to 1e30 on both sides.
std::vector<double> dense_grid() {
  std::vector<double> grid;
  for (int i = -12'800; i <= 12'800; ++i) grid.push_back(i / 128.0);
  for (double z = 1e-30; z < 1e30; z *= 1.1) {
    grid.push_back(static_cast<float>(z));  // so that both scalars mean the same z
    grid.push_back(static_cast<float>(-z));
  }
  return grid;
}

template <class Scalar>
Matrix<Scalar> row(const std::vector<double>& values) {
  Matrix<Scalar> z(1, static_cast<Eigen::Index>(values.size()));
  for (std::size_t i = 0; i < values.size(); ++i) z(0, static_cast<Eigen::Index>(i)) = static_cast<Scalar>(values[i]);
  return z;
}

template <class Scalar>
struct Both {
  Matrix<Scalar> value, derivative;
};
// By the kernels of the widest instruction set here, or of those in double.
const Kernels<float>& kernels_of(float) { return kernels(best_instruction_set()); }
const Kernels<double>& kernels_of(double) { return portable_kernels<double>(); }
template <class Scalar>
Both<Scalar> fast(const Activation& f, const Matrix<Scalar>& z) {
  // Kernels work on whole rows of panels: the entries, then padding.
  Vector<Scalar> in = Vector<Scalar>::Zero(padded(z.size())), value(in.size()), derivative(in.size());
  in.head(z.size()) = z.reshaped();
  kernels_of(Scalar()).activate(f, in.data(), value.data(), derivative.data(), in.size());
  return {value.head(z.size()).reshaped(z.rows(), z.cols()), derivative.head(z.size()).reshaped(z.rows(), z.cols())};
}

// --- derivatives against central differences, in double ---

// The largest violation of |analytic - numeric| <= 1e-6 max(|analytic|, |numeric|) + 1e-9, h = 1e-5; empty if none.
// The floor is the rounding of values near 10 over 2h; NaN never matches.
std::string derivative_mismatch(const std::function<double(double)>& f, const std::function<double(double)>& df,
                                const std::vector<double>& kinks_of_f) {
  constexpr double h = 1e-5;
  for (int i = -1001; i <= 1001; ++i) {
    const double z = i / 100.0 + 1e-4;
    if (std::any_of(kinks_of_f.begin(), kinks_of_f.end(), [&](double kink) { return std::abs(z - kink) <= 2 * h; }))
      continue;
    const double analytic = df(z), numeric = (f(z + h) - f(z - h)) / (2 * h);
    const double error = std::abs(analytic - numeric);
    if (!(error <= 1e-6 * std::max(std::abs(analytic), std::abs(numeric)) + 1e-9))
      return "z = " + std::to_string(z) + ": analytic " + std::to_string(analytic) + ", numeric " +
             std::to_string(numeric) + ", error " + std::to_string(error);
  }
  return "";
}

TEST_P(ActivationOf, DerivativeIsTheSlopeOfTheValue) {
  const Activation& f = GetParam().f;
  EXPECT_EQ(
      derivative_mismatch([&](double z) { return value(f, z); }, [&](double z) { return derivative(f, z); }, kinks(f)),
      "");
}

TEST_P(ActivationOf, MatrixDerivativeIsTheSlopeOfTheMatrixValue) {
  const Activation& f = GetParam().f;
  const auto at = [&](double z) { return fast<double>(f, row<double>({z})); };
  EXPECT_EQ(derivative_mismatch([&](double z) { return at(z).value(0); }, [&](double z) { return at(z).derivative(0); },
                                kinks(f)),
            "");
}

TEST(DerivativeCheck, RejectsTheClassicSlips) {
  const Activation sigmoid = of_kind(ActivationKind::sigmoid), tanh = of_kind(ActivationKind::tanh),
                   gelu = of_kind(ActivationKind::gelu), gelu_tanh = of_kind(ActivationKind::gelu_tanh);
  const auto of = [](const Activation& f) { return [=](double z) { return value(f, z); }; };
  // s'(z) = s(z), (tanh)' = 1 - tanh, the derivative of the near twin, one part in ten thousand, NaN
  EXPECT_NE(derivative_mismatch(of(sigmoid), of(sigmoid), {}), "");
  EXPECT_NE(derivative_mismatch(of(tanh), [&](double z) { return 1 - value(tanh, z); }, {}), "");
  EXPECT_NE(derivative_mismatch(of(gelu), [&](double z) { return derivative(gelu_tanh, z); }, {}), "");
  EXPECT_NE(derivative_mismatch(of(tanh), [&](double z) { return 1.0001 * derivative(tanh, z); }, {}), "");
  EXPECT_NE(derivative_mismatch(of(tanh), [](double) { return std::nan(""); }, {}), "");
}

// --- the matrix paths against the reference ---

template <class Scalar>
void expect_close(const Case& c, const FloatError& error) {
  const std::vector<double> grid = dense_grid();
  const Both<Scalar> found = fast<Scalar>(c.f, row<Scalar>(grid));
  // Below the least normal number relative precision ends; infinity stands for what overflows.
  constexpr double kLeast = std::numeric_limits<Scalar>::min();
  const auto check = [&](const char* what, double z, double got, double expected, double relative, double absolute) {
    const double largest = std::numeric_limits<Scalar>::max();
    const double bound = kLeast + absolute + relative * std::abs(expected);
    const bool ok = std::abs(got - expected) <= bound || (std::abs(expected) > largest && got == expected * kInfinity);
    EXPECT_TRUE(ok) << what << " at z = " << z << ": " << got << ", expected " << expected;
    return ok;
  };
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const double z = grid[i];
    const Eigen::Index k = static_cast<Eigen::Index>(i);
    const bool ok = check("value", z, found.value(k), value(c.f, z), error.value_relative, error.value_absolute) &&
                    check("derivative", z, found.derivative(k), derivative(c.f, z), error.derivative_relative,
                          error.derivative_absolute);
    if (!ok) return;  // one is enough
  }
}

TEST_P(ActivationOf, FloatMatrixPathFollowsTheDoubleReference) {
  FloatError error = GetParam().error;
  for (double* bound :
       {&error.value_relative, &error.value_absolute, &error.derivative_relative, &error.derivative_absolute})
    *bound *= 1e-7;
  expect_close<float>(GetParam(), error);
}

TEST_P(ActivationOf, DoubleMatrixPathFollowsTheDoubleReference) {
  // The same functions of the standard library in other formulas: rounding, amplified where e^-z^2/2 meets z = 38.
  expect_close<double>(GetParam(), {1e-12, 1e-14, 1e-12, 1e-14});
}

// Small signals are what a vanishing net is about: near 0 the relative error stays that of float.
TEST_P(ActivationOf, FloatKeepsItsRelativePrecisionAroundZero) {
  const Activation& f = GetParam().f;
  for (double z = 1e-30; z < 0.1; z *= 3)
    for (const double sign : {-1.0, 1.0}) {
      const float tiny = static_cast<float>(sign * z);
      const float found = fast<float>(f, Matrix<float>::Constant(1, 1, tiny)).value(0);
      EXPECT_NEAR(found, value(f, tiny), 1e-6 * std::abs(value(f, tiny))) << "z = " << tiny;
    }
}

// --- what is not a number, or too large for one ---

template <class Scalar>
void expect_nan_is_seen(const Activation& f) {
  // 21 entries: full vectors and a rest, NaN in each place once.
  for (Eigen::Index bad = 0; bad < 21; ++bad) {
    Matrix<Scalar> z = Matrix<Scalar>::Constant(7, 3, Scalar(0.5));
    z(bad) = std::numeric_limits<Scalar>::quiet_NaN();
    const Both<Scalar> found = fast<Scalar>(f, z);
    for (Eigen::Index k = 0; k < 21; ++k) EXPECT_EQ(std::isnan(found.value(k)), k == bad) << k;
    if (f.kind == ActivationKind::linear) continue;  // its derivative touches nothing
    for (Eigen::Index k = 0; k < 21; ++k) EXPECT_EQ(std::isnan(found.derivative(k)), k == bad) << k;
  }
}

TEST_P(ActivationOf, NaNStaysNaN) {
  const Activation& f = GetParam().f;
  expect_nan_is_seen<float>(f);
  expect_nan_is_seen<double>(f);
  EXPECT_TRUE(std::isnan(value(f, std::nan(""))));
  EXPECT_TRUE(std::isnan(derivative(f, std::nan(""))));
  EXPECT_TRUE(std::isnan(value(f, -std::nan(""))));
}

template <class Scalar>
void expect_limits(const Case& c) {
  const Both<Scalar> left = fast<Scalar>(c.f, Matrix<Scalar>::Constant(5, 5, static_cast<Scalar>(-kInfinity)));
  const Both<Scalar> right = fast<Scalar>(c.f, Matrix<Scalar>::Constant(5, 5, static_cast<Scalar>(kInfinity)));
  EXPECT_EQ(left.value(7), static_cast<Scalar>(c.at_minus_infinity));
  EXPECT_EQ(right.value(7), static_cast<Scalar>(c.at_infinity));
  EXPECT_EQ(left.derivative(7), static_cast<Scalar>(c.slope_at_minus_infinity));
  EXPECT_EQ(right.derivative(7), static_cast<Scalar>(c.slope_at_infinity));
}

TEST_P(ActivationOf, HasItsLimitsAtInfinity) {
  const Case& c = GetParam();
  expect_limits<float>(c);
  expect_limits<double>(c);
  EXPECT_EQ(value(c.f, -kInfinity), c.at_minus_infinity);
  EXPECT_EQ(value(c.f, kInfinity), c.at_infinity);
  EXPECT_EQ(derivative(c.f, -kInfinity), c.slope_at_minus_infinity);
  EXPECT_EQ(derivative(c.f, kInfinity), c.slope_at_infinity);
}

// --- what the names say ---

TEST(Activation, ValuesByHand) {
  const double e = std::numbers::e;
  EXPECT_DOUBLE_EQ(value(of_kind(ActivationKind::sigmoid), 1), e / (1 + e));
  EXPECT_DOUBLE_EQ(value(of_kind(ActivationKind::hard_sigmoid), 1.5), 0.75);
  EXPECT_DOUBLE_EQ(value(of_kind(ActivationKind::softsign), -3), -0.75);
  EXPECT_DOUBLE_EQ(value(of_kind(ActivationKind::softplus), 0), std::numbers::ln2);
  EXPECT_DOUBLE_EQ(value(of_kind(ActivationKind::leaky_relu, 0.2), -2), -0.4);
  EXPECT_DOUBLE_EQ(value(of_kind(ActivationKind::elu, 0.01, 2), -1), 2 / e - 2);
  EXPECT_DOUBLE_EQ(value(of_kind(ActivationKind::selu), 2), 2.101401974710961);
  // R: z * pnorm(z), 0.5 * z * (1 + tanh(sqrt(2 / pi) * (z + 0.044715 * z^3))), z / (1 + exp(-z)),
  // z * tanh(log1p(exp(z))) at z = 1
  EXPECT_DOUBLE_EQ(value(of_kind(ActivationKind::gelu), 1), 0.84134474606854293);
  EXPECT_DOUBLE_EQ(value(of_kind(ActivationKind::gelu_tanh), 1), 0.84119199060827676);
  EXPECT_DOUBLE_EQ(value(of_kind(ActivationKind::silu), 1), 0.73105857863000490);
  EXPECT_DOUBLE_EQ(value(of_kind(ActivationKind::mish), 1), 0.86509838826731034);
}

TEST_P(ActivationOf, MaxAbsDerivativeIsReachedAndNeverExceeded) {
  const Case& c = GetParam();
  EXPECT_NEAR(max_abs_derivative(c.f), c.max_abs_derivative, 1e-10);
  double largest = 0;
  for (int i = -20'000; i <= 20'000; ++i) largest = std::max(largest, std::abs(derivative(c.f, i / 1000.0)));
  EXPECT_LE(largest, max_abs_derivative(c.f) * (1 + 1e-10));
  EXPECT_GE(largest, max_abs_derivative(c.f) * (1 - 1e-4));  // between grid points f' is flat near its maximum
}

TEST_P(ActivationOf, SaturatingMeansBoundedOnBothSides) {
  const Case& c = GetParam();
  EXPECT_EQ(is_saturating(c.f.kind), std::isfinite(c.at_minus_infinity) && std::isfinite(c.at_infinity));
}

TEST_P(ActivationOf, DerivativeJumpsAtTheKinksAndNowhereElse) {
  const Activation& f = GetParam().f;
  const std::vector<double> at = kinks(f);
  EXPECT_TRUE(std::is_sorted(at.begin(), at.end()));
  const auto jump = [&](double z) { return std::abs(derivative(f, z + 1e-9) - derivative(f, z - 1e-9)); };
  for (const double kink : at) EXPECT_GT(jump(kink), 0.1);
  for (int i = -800; i <= 800; ++i) {
    const double z = i / 100.0;
    const bool is_kink = std::find(at.begin(), at.end(), z) != at.end();
    EXPECT_TRUE(is_kink || jump(z) < 1e-8) << z;
  }
}

TEST_P(ActivationOf, DerivativeAtAKinkIsTheOneFromTheLeft) {
  const Activation& f = GetParam().f;
  for (const double kink : kinks(f)) {
    const double left = derivative(f, kink - 1e-9);
    EXPECT_NEAR(derivative(f, kink), left, 1e-8);
    EXPECT_NEAR(fast<double>(f, row<double>({kink})).derivative(0), left, 1e-8);
    EXPECT_NEAR(fast<float>(f, row<float>({kink})).derivative(0), left, 1e-6);
  }
}

TEST_P(ActivationOf, MayPutTheDerivativeWhereZWasOrLeaveItOut) {
  const Activation& f = GetParam().f;
  for (const InstructionSet set : kInstructionSets) {
    if (!is_available(set)) continue;
    Vector<float> z(32), a(32), derivative(32), alone(32);
    for (Index i = 0; i < 32; ++i) z[i] = static_cast<float>(i - 16) / 4;
    kernels(set).activate(f, z.data(), a.data(), derivative.data(), 32);
    kernels(set).activate(f, z.data(), alone.data(), nullptr, 32);
    EXPECT_EQ(a, alone);
    kernels(set).activate(f, z.data(), a.data(), z.data(), 32);
    EXPECT_EQ(a, alone);
    EXPECT_EQ(z, derivative);
  }
}

}  // namespace
}  // namespace initsweep
