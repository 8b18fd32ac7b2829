#include "initsweep/initial_weights.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <numbers>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "drawn_weights.hpp"

namespace initsweep {
namespace {

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

// --- recorded values ---

void expect_entries(const Matrix<float>& w, const std::vector<double>& column_major) {
  ASSERT_EQ(static_cast<std::size_t>(w.size()), column_major.size());
  for (std::size_t k = 0; k < column_major.size(); ++k)
    EXPECT_FLOAT_EQ(w.data()[k], static_cast<float>(column_major[k])) << "entry " << k;
}

// The words of streams (7, purpose, 3) come from the Python in rng_test.cpp, the rest from R:
//   u <- function(w) (w + 0.5) / 2^32
//   w <- c(1681416206, 2918235838, 2824188479, 3514181296, 2574839507, 2875024511)
//   qnorm(u(w)) * sqrt(2/3); (2 * u(w) - 1) * sqrt(6/5)
//   qnorm(pnorm(-2) + u(w) * (pnorm(2) - pnorm(-2))) * sqrt(1/3) / 0.87962566103423978
constexpr Fans kSmall = {.fan_in = 3, .fan_out = 2};

TEST(Initializer, DrawsItsRecordedValuesInColumnMajorOrder) {
  const Matrix<float> he = weights_of(of_kind(InitializerKind::he_normal), {}, kSmall, 7, 3);
  EXPECT_EQ(he.rows(), 2);
  expect_entries(he, {-0.22490408893947228, 0.38062995109109288, 0.33133964788822878, 0.74183708484149313,
                      0.20580376927977861, 0.35782138301213040});
  expect_entries(weights_of(of_kind(InitializerKind::glorot_uniform), {}, kSmall, 7, 3),
                 {-0.23774397655229026, 0.39316561164648178, 0.34519145356983177, 0.69716119335285998,
                  0.21799695150010140, 0.37112323795048235});
  expect_entries(weights_of(of_kind(InitializerKind::variance_scaling), {}, kSmall, 7, 3),
                 {-0.17237143645303571, 0.29107990397113565, 0.25359752072897157, 0.56120138540638620,
                  0.15776210026018855, 0.27374757903895980});
}

// b <- c(2198316365, 4101418041); qnorm(u(b)) * 0.1; (2 * u(b) - 1) / sqrt(3)
TEST(Initializer, DrawsItsRecordedBiases) {
  const Vector<float> normal = sample_biases(of_kind(InitializerKind::zeros), kSmall, 0.1, 7, 3);
  const Vector<float> torch = sample_biases(of_kind(InitializerKind::torch_default), kSmall, 0, 7, 3);
  expect_entries(normal, {0.0029671337353374804, 0.1694720815532210212});
  expect_entries(torch, {0.013666359303642624, 0.525314616070172380});
}

// o <- c(807963236, 3068162354, 3431405955, 3313788871, 2254590534, 585771499); q <- qr(matrix(qnorm(u(o)), 3))
// 1.5 * t(qr.Q(q) %*% diag(sign(diag(qr.R(q)))))
TEST(Initializer, OrthogonalIsRsQ) {
  Initializer orthogonal = of_kind(InitializerKind::orthogonal);
  orthogonal.gain = 1.5;
  expect_entries(weights_of(orthogonal, {}, kSmall, 7, 3),
                 {-0.987793329992471159, -0.026188406930871849, 0.63204205240900868, 1.22966724599227728,
                  0.93530058334686861, -0.85862251978165083});
}

// --- coupling ---

TEST(Initializer, LawsUnderOneSeedShareTheirDraws) {
  const Matrix<float> lecun = weights_of(of_kind(InitializerKind::lecun_normal));
  const Matrix<float> he = weights_of(of_kind(InitializerKind::he_normal));
  EXPECT_LE((he - std::numbers::sqrt2_v<float> * lecun).cwiseAbs().maxCoeff(), 1e-7f);  // two roundings below 0.5
  const Matrix<float> uniform = weights_of(of_kind(InitializerKind::he_uniform));
  EXPECT_TRUE(((he.array() > 0) == (uniform.array() > 0)).all());
  const double stddev = std::sqrt(2.0 / kFans.fan_in), limit = std::sqrt(3.0) * stddev;
  for (Eigen::Index k = 0; k < he.size(); k += 997)
    EXPECT_NEAR(normal_cdf(he.data()[k] / stddev), (uniform.data()[k] / limit + 1) / 2, 1e-6);
}

TEST(Initializer, SeedsLayersAndPurposesDiffer) {
  const Initializer he = of_kind(InitializerKind::he_normal);
  const Matrix<float> w = weights_of(he, {}, kFans, 7, 1);
  EXPECT_EQ(w, weights_of(he, {}, kFans, 7, 1));
  for (const Matrix<float>& other : {weights_of(he, {}, kFans, 8, 1), weights_of(he, {}, kFans, 7, 2)}) {
    // Independent draws correlate like 1 / sqrt(n); five times that for one seed in two million.
    const double correlation = w.cwiseProduct(other).cast<double>().mean() / (2.0 / kFans.fan_in);
    EXPECT_LT(std::abs(correlation), 5 / std::sqrt(static_cast<double>(w.size())));
  }
  const Vector<float> b = sample_biases(he, kFans, 1, 7, 1);
  EXPECT_NE(b, (weights_of(with_normal(of_kind(InitializerKind::normal), 0, 1)).col(0)));
}

// --- exact laws ---

TEST(Initializer, ZerosConstantsAndIdentityAreExact) {
  for (const Fans& fans : {Fans{2, 3}, Fans{3, 2}, Fans{3, 3}}) {
    EXPECT_EQ(weights_of(of_kind(InitializerKind::zeros), {}, fans), Matrix<float>::Zero(fans.fan_out, fans.fan_in));
    Initializer constant = of_kind(InitializerKind::constant);
    constant.value = 0.25;
    EXPECT_EQ(weights_of(constant, {}, fans), Matrix<float>::Constant(fans.fan_out, fans.fan_in, 0.25f));
    const Matrix<float> identity = weights_of(of_kind(InitializerKind::identity), {}, fans);
    for (int i = 0; i < fans.fan_out; ++i)
      for (int j = 0; j < fans.fan_in; ++j) EXPECT_EQ(identity(i, j), i == j ? 1.0f : 0.0f);
  }
}

// How far W W^T (or W^T W, whichever is smaller) is from gain^2 I, entry by entry.
double orthogonality_error(const Matrix<float>& w, double gain) {
  const Matrix<double> wide = w.cast<double>();
  const Matrix<double> gram =
      w.rows() <= w.cols() ? Matrix<double>(wide * wide.transpose()) : Matrix<double>(wide.transpose() * wide);
  return (gram - gain * gain * Matrix<double>::Identity(gram.rows(), gram.cols())).cwiseAbs().maxCoeff();
}

TEST(Initializer, OrthogonalKeepsLengthsInBothShapes) {
  Initializer orthogonal = of_kind(InitializerKind::orthogonal);
  for (const double gain : {1.0, 1.5, -2.0}) {
    orthogonal.gain = gain;
    for (const Fans& fans : {Fans{80, 50}, Fans{50, 80}, Fans{64, 64}, Fans{1, 7}, Fans{7, 1}, Fans{1, 1}}) {
      const Matrix<float> w = weights_of(orthogonal, {}, fans);
      ASSERT_EQ(w.rows(), fans.fan_out);
      ASSERT_EQ(w.cols(), fans.fan_in);
      // Entries rounded to float: a sum of up to 80 products of size gain^2 / 80.
      EXPECT_LT(orthogonality_error(w, gain), 1e-6 * gain * gain);
    }
  }
  EXPECT_EQ(weights_of(of_kind(InitializerKind::lsuv)), weights_of(of_kind(InitializerKind::orthogonal)));
}

TEST(InitializerChecks, OrthogonalityRejectsAGaussianMatrix) {
  EXPECT_GT(orthogonality_error(weights_of(of_kind(InitializerKind::lecun_normal), {}, {64, 64}), 1), 0.1);
}

// Without the signs of R's diagonal LAPACK-like QR favours one sign in each column of Q.
TEST(Initializer, OrthogonalFavoursNoSign) {
  int positive = 0;
  for (std::uint32_t seed = 0; seed < 400; ++seed)
    positive += weights_of(of_kind(InitializerKind::orthogonal), {}, {3, 3}, seed)(0, 0) > 0;
  EXPECT_NEAR(positive, 200, 50);  // five standard deviations of a fair coin: sqrt(400) / 2 each
}

// --- meaning ---

TEST(Initializer, FansByMode) {
  EXPECT_EQ(fan({.fan_in = 784, .fan_out = 301}, FanMode::fan_in), 784);
  EXPECT_EQ(fan({.fan_in = 784, .fan_out = 301}, FanMode::fan_avg), 542.5);
  EXPECT_EQ(fan({.fan_in = 784, .fan_out = 301}, FanMode::fan_out), 301);
}

TEST(Initializer, OwnModes) {
  using K = InitializerKind;
  for (const K kind : {K::glorot_normal, K::glorot_uniform, K::by_activation})
    EXPECT_EQ(own_mode(of_kind(kind)), FanMode::fan_avg) << to_text(kind);
  for (const K kind : {K::he_normal, K::he_uniform, K::lecun_normal, K::lecun_uniform, K::mean_field, K::edge_of_chaos,
                       K::variance_scaling})
    EXPECT_EQ(own_mode(of_kind(kind)), FanMode::fan_in) << to_text(kind);
  for (const K kind : {K::zeros, K::constant, K::normal, K::uniform, K::truncated_normal, K::orthogonal, K::identity,
                       K::lsuv, K::glorot2010_standard, K::torch_default})
    EXPECT_EQ(own_mode(of_kind(kind)), std::nullopt) << to_text(kind);
  EXPECT_EQ(own_mode(variance_scaling(1, FanMode::fan_out, Distribution::normal)), FanMode::fan_out);
}

Initializer canonical_law(const Initializer& initializer, std::optional<FanMode> mode = std::nullopt,
                          const Activation& f = kRelu) {
  return canonical(initializer, mode, f).initializer;
}

TEST(Initializer, WhatMeansTheSameFolds) {
  using K = InitializerKind;
  EXPECT_EQ(canonical_law(of_kind(K::he_normal)), variance_scaling(2, FanMode::fan_in, Distribution::normal));
  EXPECT_EQ(canonical_law(of_kind(K::glorot_normal), FanMode::fan_in), canonical_law(of_kind(K::lecun_normal)));
  EXPECT_EQ(canonical_law(of_kind(K::glorot_uniform)), canonical_law(of_kind(K::lecun_uniform), FanMode::fan_avg));
  EXPECT_EQ(canonical_law(of_kind(K::glorot2010_standard)),
            variance_scaling(1.0 / 3, FanMode::fan_in, Distribution::uniform));
  EXPECT_NE(canonical_law(of_kind(K::torch_default)), canonical_law(of_kind(K::glorot2010_standard)));
  EXPECT_EQ(canonical_law(with_normal(of_kind(K::normal), 0, 0)), of_kind(K::zeros));
  EXPECT_EQ(canonical_law(of_kind(K::constant)), of_kind(K::zeros));
  Initializer constant = of_kind(K::constant);
  constant.value = 0.5;
  EXPECT_EQ(canonical_law(with_normal(of_kind(K::truncated_normal), 0.5, 0)), constant);
  Initializer point = of_kind(K::uniform);
  point.low = point.high = 0.5;
  EXPECT_EQ(canonical_law(point), constant);
  EXPECT_EQ(canonical_law(variance_scaling(0, FanMode::fan_in, Distribution::uniform)), of_kind(K::zeros));
  // `corrected` means nothing without a truncation
  EXPECT_EQ(canonical_law(variance_scaling(2, FanMode::fan_in, Distribution::normal, false)),
            canonical_law(of_kind(K::he_normal)));
  EXPECT_NE(canonical_law(variance_scaling(2, FanMode::fan_in, Distribution::truncated_normal, false)),
            canonical_law(variance_scaling(2, FanMode::fan_in, Distribution::truncated_normal, true)));
}

TEST(Initializer, CanonicalForgetsParametersThatMeanNothing) {
  Initializer noisy = with_normal(of_kind(InitializerKind::orthogonal), 3, 4);
  noisy.q = noisy.value = noisy.scale = 5;
  EXPECT_EQ(canonical_law(noisy), of_kind(InitializerKind::orthogonal));
  noisy.kind = InitializerKind::normal;
  EXPECT_EQ(canonical_law(noisy), with_normal(of_kind(InitializerKind::normal), 3, 4));
}

TEST(Initializer, CanonicalIsItsOwnCanonicalForm) {
  for (std::size_t k = 0; k < kind_table<InitializerKind>().size(); ++k) {
    Initializer initializer = of_kind(static_cast<InitializerKind>(k));
    initializer.value = initializer.weight_variance = initializer.q = 0.5;  // those without a default
    const Initializer once = canonical_law(initializer, FanMode::fan_out);
    EXPECT_EQ(canonical_law(once), once) << to_text(initializer.kind);
  }
}

TEST(Initializer, ByActivationIsTheTextbooksFirstTable) {
  Initializer by_activation = of_kind(InitializerKind::by_activation);
  by_activation.distribution = Distribution::uniform;
  const auto scaled = [](double scale, FanMode mode) { return variance_scaling(scale, mode, Distribution::uniform); };
  EXPECT_EQ(canonical_law(by_activation, {}, of_kind(ActivationKind::sigmoid)), scaled(1, FanMode::fan_avg));
  EXPECT_EQ(canonical_law(by_activation, {}, of_kind(ActivationKind::tanh)), scaled(16, FanMode::fan_avg));
  for (const ActivationKind kind : {ActivationKind::relu, ActivationKind::leaky_relu, ActivationKind::elu})
    EXPECT_EQ(canonical_law(by_activation, FanMode::fan_in, of_kind(kind)), scaled(2, FanMode::fan_in));
}

TEST(Initializer, MeanFieldLawsGiveTheBiasesToo) {
  Initializer mean_field = of_kind(InitializerKind::mean_field);
  mean_field.weight_variance = 1.5;
  mean_field.bias_variance = 0.09;
  const CanonicalInitializer found = canonical(mean_field, std::nullopt, kRelu);
  EXPECT_EQ(found.initializer, variance_scaling(1.5, FanMode::fan_in, Distribution::normal));
  EXPECT_DOUBLE_EQ(found.bias_stddev.value(), 0.3);

  Initializer critical = of_kind(InitializerKind::edge_of_chaos);
  critical.q = 0.57;
  const Activation tanh = of_kind(ActivationKind::tanh);
  const CanonicalInitializer edge = canonical(critical, FanMode::fan_out, tanh);
  EXPECT_NEAR(edge.initializer.scale, 1.760905846757489845, 1e-9);  // R, see theory_test.cpp
  EXPECT_EQ(edge.initializer.mode, FanMode::fan_out);
  EXPECT_NEAR(edge.bias_stddev.value(), std::sqrt(0.049991339673502666), 1e-9);
  EXPECT_EQ(canonical(of_kind(InitializerKind::he_normal), std::nullopt, kRelu).bias_stddev, std::nullopt);
}

std::string refusal(const Initializer& initializer, const Activation& f) {
  try {
    static_cast<void>(canonical(initializer, std::nullopt, f));
  } catch (const std::domain_error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Initializer, SaysForWhichActivationsALawExists) {
  EXPECT_EQ(refusal(of_kind(InitializerKind::by_activation), of_kind(ActivationKind::gelu)),
            "by_activation has no rule for gelu; it has one for sigmoid, tanh, relu, leaky_relu and elu");
  Initializer critical = of_kind(InitializerKind::edge_of_chaos);
  critical.q = 1;
  EXPECT_EQ(refusal(critical, of_kind(ActivationKind::sigmoid)),
            "edge_of_chaos(q=1) does not exist for sigmoid: with chi_1 = 1 that fixed point needs a bias variance of "
            "-5.543, below 0; choose another q or activation");
  EXPECT_EQ(refusal(critical, of_kind(ActivationKind::tanh)), "accepted");
}

}  // namespace
}  // namespace initsweep
