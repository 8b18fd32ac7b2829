#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <string>
#include <utility>
#include <vector>
#include "gaussian_pair.hpp"
#include "initsweep/theory.hpp"

namespace initsweep {
namespace {

Activation of_kind(ActivationKind kind) {
  Activation f;
  f.kind = kind;
  return f;
}

// Correlation and derivative of a pair from Hermite's series of f (q = 1): with f = sum of a_n h_n over the orthonormal
// polynomials, E[f(u1) f(u2)] = sum of a_n^2 c^n, and E[f' f'] is its derivative by c.
struct Series {
  std::vector<double> squares = std::vector<double>(90, 0.0);  // a_n^2; 0.6^90 is 1e-20
  double value_squared = 0;

  explicit Series(const Activation& f) {
    constexpr int kSteps = 4800;  // the kinks at 0, 1 and 3 are ends of Simpson's pieces
    constexpr double kReach = 12, kStep = 2 * kReach / kSteps;
    for (int i = 0; i <= kSteps; ++i) {
      const double x = (i - kSteps / 2) * kStep;
      const double simpson = i == 0 || i == kSteps ? 1 : (i % 2 == 1 ? 4 : 2);
      const double weight = simpson * kStep / 3 * std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi);
      const double y = value(f, x);
      value_squared += weight * y * y;
      double before = 0, h = 1, n = 0;
      for (double& a : squares) {
        a += weight * y * h;
        const double next = (x * h - std::sqrt(n) * before) / std::sqrt(n + 1);
        before = h, h = next, ++n;
      }
    }
    for (double& a : squares) a *= a;
  }
  [[nodiscard]] double product(double c) const {
    double sum = 0;
    for (std::size_t n = squares.size(); n-- > 0;) sum = sum * c + squares[n];
    return sum;
  }
  [[nodiscard]] double derivative_product(double c) const {
    double sum = 0;
    for (std::size_t n = squares.size(); n-- > 1;) sum = sum * c + static_cast<double>(n) * squares[n];
    return sum;
  }
};

class AnyActivation : public testing::TestWithParam<Activation> {};

std::vector<Activation> all_activations() {
  std::vector<Activation> all;
  for (std::size_t k = 0; k < kind_table<ActivationKind>().size(); ++k)
    all.push_back(of_kind(static_cast<ActivationKind>(k)));
  all.push_back({.kind = ActivationKind::leaky_relu, .slope = -3});
  all.push_back({.kind = ActivationKind::elu, .alpha = -1.5});
  all.push_back({.kind = ActivationKind::elu, .alpha = 5});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Theory, AnyActivation, testing::ValuesIn(all_activations()), [](const auto& test) {
  return std::string(to_text(test.param.kind)) + std::to_string(test.index);
});

TEST_P(AnyActivation, PairsAgreeWithHermitesSeries) {
  const Activation& f = GetParam();
  constexpr double kSimpson = 1e-8;  // relative; h^4 times the size of fourth derivatives
  const Series series(f);
  const double scale = kSimpson * series.value_squared;
  for (const double c : {-0.6, 0.0, 0.5}) {
    EXPECT_NEAR(series.value_squared - lost_product(f, 1, 1 - c), series.product(c), scale) << c;
    EXPECT_NEAR(derivative_product(f, 1, 1 - c), series.derivative_product(c), 10 * scale) << c;
    EXPECT_NEAR(next_correlation(f, 1, c, 1.5, 0.2),
                (1.5 * series.product(c) + 0.2) / (1.5 * series.value_squared + 0.2), 2 * kSimpson)
        << c;
  }
}

// For smooth f, E[(f(u1) - f(u2))^2] / 2 is gap q E[f'^2] as the gap closes, and E[f' f'] is E[f'^2].
TEST_P(AnyActivation, NextToOneCorrelationsFollowChiOne) {
  const Activation& f = GetParam();
  const double squared = gaussian_moments(f, 1.7).derivative_squared;
  constexpr double kGap = 1e-12, kRootOfGap = 1e-6;  // the latter bounds what a kink does
  EXPECT_NEAR(lost_product(f, 1.7, kGap) / (1.7 * kGap), squared, 20 * kRootOfGap * squared);
  EXPECT_NEAR(derivative_product(f, 1.7, kGap), squared, 20 * kRootOfGap * squared);
  EXPECT_EQ(next_correlation(f, 1.7, 1, 1.5, 0.2), 1);
}

// A fixed point of the length map, or nothing less than its end; whatever the variances.
TEST_P(AnyActivation, LengthsEndSomewhere) {
  const Activation& f = GetParam();
  for (const double w : {0.0, 0.5, 1.0, 2.0, 1e300})
    for (const double b : {0.0, 0.05, 1e300}) {
      const MeanField net = mean_field(f, w, b);
      SCOPED_TRACE(std::to_string(w) + " " + std::to_string(b));
      ASSERT_GE(net.q, 0);
      ASSERT_GE(net.chi1, 0);
      if (net.q == 0) {
        EXPECT_EQ(b, 0);
        EXPECT_LE(net.chi1, 1 + 1e-9);
      }
      if (std::isinf(net.q)) {
        EXPECT_GE(net.chi1, 1 - 1e-9);
        EXPECT_TRUE(std::isnan(net.xi_q));
        continue;
      }
      EXPECT_GE(net.xi_c, 0);
      EXPECT_GE(net.xi_q, 0);
      EXPECT_TRUE(net.chi1 > 1 ? net.c >= 0 && net.c <= 1 : net.c == 1) << net.c;
      if (net.q > 0) {
        EXPECT_NEAR(next_length(f, net.q, w, b) / net.q, 1, 1e-9);
      }
    }
}

// Tanh, erf, softsign of a wide z are signs: E = (2 / pi) asin(c) (Sheppard 1899), and f' is a peak with the area 2.
TEST(Theory, PairsOfHugeVarianceAreSigns) {
  for (const ActivationKind kind : {ActivationKind::tanh, ActivationKind::erf, ActivationKind::softsign}) {
    for (const double c : {-0.7, 0.2, 0.99}) {
      const double q = 1e24;  // softsign lacks 1 / |z|
      EXPECT_NEAR(1 - lost_product(of_kind(kind), q, 1 - c), 2 / std::numbers::pi * std::asin(c), 1e-9);
      const double peaks = 4 / (2 * std::numbers::pi * q * std::sqrt(1 - c * c));
      EXPECT_NEAR(derivative_product(of_kind(kind), q, 1 - c), peaks, 1e-7 * peaks);
    }
  }
}

// PUBLISHED: tanh with bias variance 0.05 (Schoenholz et al. 2017's setting), each number to its last digit but two
// that R's nested integrate() has otherwise: q at weight variance 4 is 2.195494 (there 2.196), xi_c at 1.9 is 39.351875
// (there 39.3).
TEST(Theory, FixedPointsAreThePublishedTable) {
  struct Row {
    double weight_variance, q, chi1, c, xi_c;
  };
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const Row& row :
       {Row{1.0, .1936, .7590, 1, 3.63}, Row{1.25, .2921, .8632, 1, 6.80}, Row{1.5, .4180, .9386, 1, 15.8},
        Row{1.6, .4743, .9637, 1, 27.0}, Row{1.7, .5331, .9867, 1, 74.9}, Row{1.761, .57, 1, 1, kInfinity},
        Row{1.8, .5941, 1.0082, .9504, 126}, Row{1.9, .6571, 1.0285, .8382, 39.35},
        Row{2.0, .7218, 1.0477, .7441, 25.2}, Row{2.25, .8894, 1.0923, .5672, 15.1},
        Row{2.5, 1.064, 1.1335, .4468, 11.8}, Row{3.0, 1.428, 1.2089, .2993, 9.05},
        Row{3.5, 1.807, 1.2780, .2163, 7.77}, Row{4.0, 2.1955, 1.3424, .1651, 6.98}}) {
    SCOPED_TRACE(row.weight_variance);
    const MeanField net = mean_field(of_kind(ActivationKind::tanh), row.weight_variance, 0.05);
    const bool is_critical = std::isinf(row.xi_c);  // 1.761 is so to its own last digit: xi_c 1e5
    EXPECT_NEAR(net.q, row.q, row.q < 1 ? (is_critical ? 1e-4 : 5e-5) : 5e-4);
    EXPECT_NEAR(net.chi1, row.chi1, 5e-5);
    EXPECT_NEAR(net.c, row.c, is_critical ? 1e-4 : 5e-5);
    if (is_critical)
      EXPECT_GT(net.xi_c, 1e4);
    else
      EXPECT_NEAR(net.xi_c, row.xi_c, row.xi_c < 10 ? 5e-3 : row.xi_c < 100 ? 5e-2 : 0.5);
    EXPECT_TRUE(net.xi_q > 0.85 && net.xi_q < 1.85) << net.xi_q;  // "0.9-1.8 everywhere"
  }
}

// PUBLISHED 3.3: chi_1 of initializers without bias, square layers. Selu's are not the ones printed there, 1.0718 and
// 1.0038: under LeCun's law, whose q is 1, chi_1 is lambda^2 (1 / 2 + alpha^2 e^2 Phi(-2)) = 1.0716.
TEST(Theory, NamedInitializersHaveThePublishedChiOne) {
  struct Row {
    ActivationKind kind;
    double weight_variance, chi1, half_a_digit;
  };
  using enum ActivationKind;
  for (const Row& row : {Row{sigmoid, 1, .0557, 5e-5}, Row{sigmoid, 16, .399, 5e-4}, Row{sigmoid, 1.0 / 3, .0200, 5e-5},
                         Row{sigmoid, 2, .101, 5e-4}, Row{sigmoid, 100, .986, 5e-4}, Row{sigmoid, 300, 1.678, 5e-4},
                         Row{sigmoid, 1000, 3.025, 5e-4}, Row{tanh, 1, 1, 1e-9}, Row{tanh, 1.0 / 3, .333, 5e-4},
                         Row{tanh, 25.0 / 9, 1.210, 5e-4}, Row{tanh, 16, 2.377, 5e-4}, Row{tanh, 300, 9.43, 5e-3},
                         Row{selu, 1, 1.0716, 5e-5}, Row{selu, 9.0 / 16, 1.0037, 5e-5}, Row{elu, 1, 1, 1e-9},
                         Row{gelu, 2, .5, 1e-9}, Row{silu, 2, .5, 1e-9}, Row{mish, 2, .72, 1e-9}}) {
    SCOPED_TRACE(std::string(to_text(row.kind)) + " " + std::to_string(row.weight_variance));
    EXPECT_NEAR(mean_field(of_kind(row.kind), row.weight_variance, 0).chi1, row.chi1, row.half_a_digit);
  }
  EXPECT_NEAR(mean_field(of_kind(sigmoid), 1, 0).q, .2647, 5e-5);
  EXPECT_NEAR(mean_field(of_kind(sigmoid), 16, 0).q, 5.855, 5e-4);
  EXPECT_NEAR(mean_field(of_kind(tanh), 16, 0).q, 12.5, 5e-2);
  EXPECT_EQ(mean_field(of_kind(tanh), 1, 0).q, 0);                                  // as 1 / l
  for (const auto& [kind, weight_variance] : {std::pair{tanh, 16.0}, {selu, 1.0}})  // mean 0: nothing is in common
    EXPECT_EQ(mean_field(of_kind(kind), weight_variance, 0).c, 0);
}

// PUBLISHED E9: He's ReLU net, from c = 0.
TEST(Theory, ReluDrawsInputsTogetherAsPublished) {
  struct Row {
    int layer;
    double gap, half_a_digit;
  };
  double c = 0;
  int layer = 0;
  for (const Row& row : {Row{1, .682, 5e-4}, Row{5, .264, 5e-4}, Row{10, .128, 5e-4}, Row{20, .0516, 5e-5},
                         Row{30, .0280, 5e-5}, Row{50, .0121, 5e-5}, Row{100, .00358, 5e-6}}) {
    for (; layer < row.layer; ++layer) c = next_correlation(of_kind(ActivationKind::relu), 3, c, 2, 0);
    EXPECT_NEAR(1 - c, row.gap, row.half_a_digit) << layer;
  }
}

TEST(Theory, TheEdgeOfChaosHasNoDepthScale) {
  for (const ActivationKind kind :
       {ActivationKind::tanh, ActivationKind::erf, ActivationKind::hard_tanh, ActivationKind::softsign})
    for (const double q : {0.05, 0.57, 4.0}) {
      SCOPED_TRACE(std::string(to_text(kind)) + " " + std::to_string(q));
      const CriticalPoint point = edge_of_chaos(of_kind(kind), q);
      const MeanField net = mean_field(of_kind(kind), point.weight_variance, point.bias_variance);
      EXPECT_NEAR(net.q, q, 1e-9 * q);
      EXPECT_NEAR(net.chi1, 1, 1e-9);
      EXPECT_EQ(net.c, 1);
      EXPECT_EQ(net.xi_c, std::numeric_limits<double>::infinity());
    }
}

// Both fixed points by going there layer by layer, and both depth scales by how fast that goes.
TEST(Theory, DepthScalesAreHowFastLayersGetThere) {
  struct Net {
    ActivationKind kind;
    double weight_variance, bias_variance;
  };
  using enum ActivationKind;
  for (const Net& net : {Net{tanh, 2.5, 0.05}, Net{erf, 2, 0.1}, Net{hard_tanh, 3, 0.2}, Net{selu, 1.4, 0.1}}) {
    SCOPED_TRACE(to_text(net.kind));
    const Activation f = of_kind(net.kind);
    const MeanField end = mean_field(f, net.weight_variance, net.bias_variance);
    const auto length = [&](double q) { return next_length(f, q, net.weight_variance, net.bias_variance); };
    double q = 1;
    for (int l = 0; l < 150; ++l) q = length(q);
    EXPECT_NEAR(end.q, q, 1e-6 * q);
    const double dq = 1e-4 * end.q;
    EXPECT_NEAR(std::exp(-1 / end.xi_q), (length(end.q + dq) - length(end.q - dq)) / (2 * dq), 1e-6);

    EXPECT_GT(end.chi1, 1);
    const auto correlation = [&](double c) {
      return next_correlation(f, end.q, c, net.weight_variance, net.bias_variance);
    };
    EXPECT_NEAR(correlation(end.c), end.c, 1e-8);
    double c = 0.5;
    for (int l = 0; l < 30; ++l) c = correlation(c);
    EXPECT_NEAR(end.c, c, 3 * std::exp(-30 / end.xi_c) * std::abs(end.c - 0.5));
    constexpr double kStep = 1e-4;
    EXPECT_NEAR(std::exp(-1 / end.xi_c), (correlation(end.c + kStep) - correlation(end.c - kStep)) / (2 * kStep), 1e-5);
  }
}

// Lines on either side of 0 have no length of their own.
TEST(Theory, ReluNetsGoWhereTheirFactorSays) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Activation relu = of_kind(ActivationKind::relu);
  EXPECT_NEAR(mean_field(relu, 1, 0.3).q, 0.6, 1e-12);  // q = q / 2 + 0.3
  EXPECT_EQ(mean_field(relu, 1, 0).q, 0);
  EXPECT_NEAR(mean_field(relu, 1, 0).xi_c, 1 / std::numbers::ln2, 1e-12);
  const MeanField he = mean_field(relu, 2, 0);
  EXPECT_EQ(he.q, 1);
  EXPECT_EQ(he.xi_q, kInfinity);
  EXPECT_EQ(he.xi_c, kInfinity);
  const MeanField exploding = mean_field(relu, 2.2, 0.1);
  EXPECT_EQ(exploding.q, kInfinity);
  EXPECT_NEAR(exploding.chi1, 1.1, 1e-12);
  EXPECT_EQ(exploding.c, 1);
  EXPECT_TRUE(std::isnan(exploding.xi_c));
  EXPECT_TRUE(std::isnan(mean_field(of_kind(ActivationKind::linear), 1.1, 0).c));
  for (const double alpha : {1.0, 0.02, 0.01, 0.005})  // grows by a summand a layer, above rounding or not
    EXPECT_EQ(mean_field({.kind = ActivationKind::elu, .alpha = alpha}, 2, 0).q, kInfinity);
  EXPECT_EQ(mean_field(of_kind(ActivationKind::elu), 2, 0).xi_c, kInfinity);
}

// gelu lets small z die out and large ones through: with b = 0 every net starts on one side or the other.
TEST(Theory, WhereTwoEndsAreAsNearTheStartDecides) {
  const Activation gelu = of_kind(ActivationKind::gelu);
  for (const double start : {0.1, 1.0, 1.2, 1.4, 2.0, 30.0}) {
    double q = start;
    for (int l = 0; l < 200 && q > 1e-9 && q < 1e9; ++l) q = next_length(gelu, q, 2.3, 0);
    const MeanField end = mean_field(gelu, 2.3, 0, start);
    EXPECT_EQ(end.q, q < start ? 0 : std::numeric_limits<double>::infinity()) << start;
    EXPECT_NEAR(end.chi1, q < start ? 2.3 / 4 : 2.3 / 2, 1e-12) << start;
  }
  EXPECT_EQ(mean_field(gelu, 2.3, 0).q, 0);
  EXPECT_EQ(mean_field(gelu, 2.3, 0, 2).chi1, 1.15);
  EXPECT_EQ(mean_field(of_kind(ActivationKind::relu), 2, 0, 0.3).q, 0.3);  // every q stays
}

TEST_P(AnyActivation, ElsewhereNoStartMatters) {
  const Activation& f = GetParam();
  for (const double w : {0.7, 1.2, 3.0})
    for (const double b : {0.0, 0.05}) {
      const MeanField from_one = mean_field(f, w, b);
      for (const double start : {1e-290, 1e-8, 0.03, 20.0, 1e10}) {
        if (start_decides(f)) continue;
        const double q = mean_field(f, w, b, start).q;
        const bool is_same = q == from_one.q || std::abs(q - from_one.q) < 1e-9 * from_one.q;
        EXPECT_TRUE(is_same) << w << " " << b << " " << start << ": " << q << " " << from_one.q;
      }
    }
}

// Where the series is not good enough, and where it only just is, both ways agree.
TEST(Theory, CorrelationsOfWideKinksAreFoundToo) {
  using enum ActivationKind;
  struct Net {
    ActivationKind kind;
    double weight_variance, bias_variance;
  };
  for (const Net& net : {Net{hard_tanh, 1.7, 0.2}, Net{sigmoid, 115, 0.05}, Net{sigmoid, 400, 0.05},
                         Net{hard_sigmoid, 300, 0.01}, Net{softsign, 3.2, 0.05}, Net{tanh, 1.761, 0.05}}) {
    SCOPED_TRACE(std::string(to_text(net.kind)) + std::to_string(net.weight_variance));
    const Activation f = of_kind(net.kind);
    const MeanField end = mean_field(f, net.weight_variance, net.bias_variance);
    ASSERT_GT(end.chi1, 1);
    const double gap = 1 - end.c;
    ASSERT_GT(gap, 0);
    EXPECT_NEAR(net.weight_variance * lost_product(f, end.q, gap) / end.q, gap, 1e-8 * gap);
    const double slope = net.weight_variance * derivative_product(f, end.q, gap);
    EXPECT_NEAR(end.xi_c * -std::log(slope), 1, 1e-7);
  }
}

}  // namespace
}  // namespace initsweep
