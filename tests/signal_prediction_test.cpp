#include "initsweep/signal_prediction.hpp"
#include "initsweep/initial_weights.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <optional>
#include <string>
#include <vector>
#include "batch_of.hpp"
#include "initsweep/layer_stats.hpp"
#include "initsweep/rng.hpp"
#include "initsweep/theory.hpp"

namespace initsweep {
namespace {

Activation of_kind(ActivationKind kind) {
  Activation f;
  f.kind = kind;
  return f;
}

Initializer of_kind(InitializerKind kind) {
  Initializer initializer;
  initializer.kind = kind;
  return initializer;
}

Initializer normal(double stddev, double mean = 0) {
  Initializer initializer = of_kind(InitializerKind::normal);
  initializer.stddev = stddev;
  initializer.mean = mean;
  return initializer;
}

Initializer mean_field(double weight_variance, double bias_variance) {
  Initializer initializer = of_kind(InitializerKind::mean_field);
  initializer.weight_variance = weight_variance;
  initializer.bias_variance = bias_variance;
  return initializer;
}

JobSettings net(const Initializer& initializer, const Activation& f, const std::vector<int>& width) {
  JobSettings settings;
  settings.initializer = initializer;
  settings.mode = own_mode(initializer);
  settings.activation = f;
  settings.width = width;
  return settings;
}

constexpr int kInputs = 784, kOutputs = 10;

std::vector<Fans> fans_of(const JobSettings& settings, int inputs = kInputs) {
  std::vector<Fans> fans;
  for (const int units : settings.width) {
    fans.push_back({.fan_in = inputs, .fan_out = units});
    inputs = units;
  }
  fans.push_back({.fan_in = inputs, .fan_out = kOutputs});
  return fans;
}

SignalPrediction predicted(const JobSettings& settings, double input_mean_square = 0.1, double output_delta_rms = 0.3) {
  const auto prediction = predict_signals(settings, fans_of(settings), input_mean_square, output_delta_rms);
  if (prediction) return *prediction;
  ADD_FAILURE() << "nothing predicted";
  return {};
}

// A product of a few dozen factors.
constexpr double kExact = 1e-13;

void expect_rms(double rms, double mean_square, double relative = kExact) {
  EXPECT_NEAR(rms * rms / mean_square, 1, relative);
}

const std::vector<int> kTapered = {400, 200, 150, 70, 30};

// q_l = product of fan_in Var[w], E[delta_l^2] = product of fan_out Var[w] above; Var[w] = 1 / fan_in here.
TEST(PredictSignals, LinearNetsAreProductsOfTheirLayers) {
  const JobSettings settings = net(of_kind(InitializerKind::lecun_normal), of_kind(ActivationKind::linear), kTapered);
  const SignalPrediction p = predicted(settings);
  ASSERT_EQ(p.preactivation.size(), 6U);
  ASSERT_EQ(p.activation.size(), 5U);
  ASSERT_EQ(p.delta.size(), 6U);
  for (const double rms : p.preactivation) expect_rms(rms, 0.1);
  for (const double rms : p.activation) expect_rms(rms, 0.1);
  EXPECT_EQ(p.delta.back(), 0.3);
  // fan_out / fan_in of all layers above: 10 / n_l
  for (std::size_t l = 0; l < kTapered.size(); ++l) expect_rms(p.delta[l], 0.09 * kOutputs / kTapered[l]);
}

// He et al. 2015, eq. 10 and 14: with 2 / fan_in q stays, and the mean square of delta goes as 1 / width; with
// 2 / fan_out delta stays, and q goes as 1 / width.
TEST(PredictSignals, HeKeepsReluLevel) {
  JobSettings settings = net(of_kind(InitializerKind::he_normal), of_kind(ActivationKind::relu), kTapered);
  const SignalPrediction forward = predicted(settings);
  for (const double rms : forward.preactivation) expect_rms(rms, 2 * 0.1);
  for (const double rms : forward.activation) expect_rms(rms, 0.1);
  for (std::size_t l = 0; l < kTapered.size(); ++l) expect_rms(forward.delta[l], 0.09 * kOutputs / kTapered[l]);

  settings.mode = FanMode::fan_out;
  const SignalPrediction back = predicted(settings);
  for (const double rms : back.delta) expect_rms(rms, 0.09);
  // q_{l+1} = n_l / n_{l+1} q_l
  for (std::size_t l = 0; l < kTapered.size(); ++l) expect_rms(back.preactivation[l], 0.2 * kInputs / kTapered[l]);

  settings.mode = FanMode::fan_in;
  settings.width.assign(50, 300);
  const SignalPrediction deep = predicted(settings);
  for (std::size_t l = 0; l < 50; ++l) expect_rms(deep.delta[l], 0.09 * kOutputs / 300);
}

constexpr double kQuadrature = 1e-7;  // of the fixed rule

TEST(PredictSignals, ErfFollowsItsClosedForms) {
  JobSettings settings = net(normal(0.1), of_kind(ActivationKind::erf), kTapered);
  settings.bias_stddev = 0.5;
  const SignalPrediction p = predicted(settings);
  double q = kInputs * 0.01 * 0.1 + 0.25;
  std::vector<double> chi;
  for (std::size_t l = 0; l < kTapered.size(); ++l) {
    expect_rms(p.preactivation[l], q, kQuadrature);
    const double value_squared = 2 / std::numbers::pi * std::asin(2 * q / (1 + 2 * q));
    expect_rms(p.activation[l], value_squared, kQuadrature);
    chi.push_back(0.01 * 4 / std::numbers::pi / std::sqrt(1 + 4 * q));
    q = kTapered[l] * 0.01 * value_squared + 0.25;
  }
  expect_rms(p.preactivation[5], q, kQuadrature);
  double mean_square = 0.09;
  for (std::size_t l = kTapered.size(); l-- > 0;) {
    mean_square *= chi[l] * (l + 1 < kTapered.size() ? kTapered[l + 1] : kOutputs);
    expect_rms(p.delta[l], mean_square, kQuadrature);
  }
}

std::optional<MeanField> fixed_point(const JobSettings& settings, double first_q = 1) {
  return predict_fixed_points(std::vector<DeepNet>{{&settings, first_q}}, /*threads=*/1).at(0);
}

struct FixedPointCase {
  const char* name;
  Initializer initializer;
  ActivationKind kind;
  int width;
  double q, chi_1;
};
class FixedPoint : public testing::TestWithParam<FixedPointCase> {};

// From R: q <- 1; for (l in 1:200) q <- sw2 * v(q) + sb2; sw2 * d(q), v and d by integrate as above, where sw2 and sb2
// are n Var[w] and Var[b]. Sixty layers of one width are there to five digits.
TEST_P(FixedPoint, IsReachedInDeepNets) {
  const FixedPointCase& c = GetParam();
  const JobSettings settings = net(c.initializer, of_kind(c.kind), std::vector<int>(60, c.width));
  const SignalPrediction p = predicted(settings);
  EXPECT_NEAR(p.preactivation[59] * p.preactivation[59] / c.q, 1, 1e-4);
  expect_rms(p.delta[50] / p.delta[51], c.chi_1, 1e-4);

  const std::optional<MeanField> fixed = fixed_point(settings);
  ASSERT_TRUE(fixed);
  EXPECT_NEAR(fixed->q / c.q, 1, 1e-8);
  EXPECT_NEAR(fixed->chi1 / c.chi_1, 1, 1e-8);
}

TEST(PredictFixedPoint, IsThatOfTheLayersBetweenHiddenOnes) {
  const Initializer glorot = of_kind(InitializerKind::glorot_normal);
  EXPECT_FALSE(fixed_point(net(glorot, of_kind(ActivationKind::tanh), {100}))) << "no such layer";
  EXPECT_FALSE(fixed_point(net(of_kind(InitializerKind::lsuv), of_kind(ActivationKind::tanh), {100, 100})));

  // fan_in Var[W] = 2 fan_in / (fan_in + fan_out): 4/3 from 200 to 100, 8/5 from 100 to 25; for relu chi_1 is half.
  const std::optional<MeanField> tapered = fixed_point(net(glorot, of_kind(ActivationKind::relu), {200, 100, 25}));
  ASSERT_TRUE(tapered);
  EXPECT_NEAR(tapered->chi1, std::sqrt(4.0 / 3 * 8.0 / 5) / 2, 1e-12);
}

TEST(PredictFixedPoint, IsNothingWhereVariancesOverflow) {
  const Activation tanh = of_kind(ActivationKind::tanh);
  const std::vector<int> widths = {100, 100};
  JobSettings biased = net(normal(1), tanh, widths);
  biased.bias_stddev = 1e200;
  EXPECT_FALSE(fixed_point(biased));
  EXPECT_FALSE(fixed_point(net(normal(1e200), tanh, widths)));
  Initializer orthogonal = of_kind(InitializerKind::orthogonal);
  orthogonal.gain = 1e180;
  EXPECT_FALSE(fixed_point(net(orthogonal, tanh, widths)));
  EXPECT_TRUE(fixed_point(net(normal(1e148), tanh, widths)));
}

// What a net of gelu runs into hangs on where it is; others share what they have in common.
TEST(PredictFixedPoint, GoesOnFromTheFirstLayer) {
  const JobSettings gelu = net(mean_field(2.3, 0), of_kind(ActivationKind::gelu), {100, 100, 100});
  const JobSettings tanh = net(mean_field(2.5, 0.05), of_kind(ActivationKind::tanh), {100, 100, 100});
  const double nan = std::nan("");
  const std::vector<DeepNet> nets = {{&gelu, 2}, {&tanh, 3}, {&gelu, nan}, {&gelu, 0}, {&tanh, 0.1}};
  for (const int threads : {1, 3}) {
    const std::vector<std::optional<MeanField>> fixed = predict_fixed_points(nets, threads);
    ASSERT_EQ(fixed.size(), nets.size());
    EXPECT_EQ(fixed[0]->chi1, 1.15);
    EXPECT_NEAR(fixed[1]->q, 1.064, 5e-4);  // Schoenholz's net, as PUBLISHED has it
    EXPECT_NEAR(fixed[2]->chi1, 0.575, 1e-12);
    EXPECT_NEAR(fixed[3]->chi1, 0.575, 1e-12);
    EXPECT_EQ(fixed[4]->q, fixed[1]->q);
  }
}

INSTANTIATE_TEST_SUITE_P(
    PredictSignals, FixedPoint,
    testing::Values(
        FixedPointCase{"sigmoid_unit_normal_100", normal(1), ActivationKind::sigmoid, 100, 44.20744183, 0.9858060555},
        FixedPointCase{"sigmoid_unit_normal_300", normal(1), ActivationKind::sigmoid, 300, 140.0010209, 1.678130244},
        FixedPointCase{"sigmoid_unit_normal_1000", normal(1), ActivationKind::sigmoid, 1000, 481.888164, 3.024861223},
        FixedPointCase{"sigmoid_glorot", of_kind(InitializerKind::glorot_normal), ActivationKind::sigmoid, 300,
                       0.2646868752, 0.05572070677},
        FixedPointCase{"sigmoid_torch", of_kind(InitializerKind::torch_default), ActivationKind::sigmoid, 100,
                       0.0884322722, 0.01997712281},
        FixedPointCase{"tanh_unit_normal_300", normal(1), ActivationKind::tanh, 300, 285.8629415, 9.432924416},
        FixedPointCase{"tanh_mean_field_ordered", mean_field(1.25, 0.05), ActivationKind::tanh, 200, 0.2920543017,
                       0.8632395906},
        FixedPointCase{"tanh_mean_field_chaotic", mean_field(2, 0.05), ActivationKind::tanh, 200, 0.7217618727,
                       1.047666}),
    [](const auto& test) { return test.param.name; });

// R: the variance of the normal law cut at +-2 is 1 - 4 * dnorm(2) / (pnorm(2) - pnorm(-2)) = 0.7737413035499232
constexpr double kCut = 0.7737413035499232;

struct LawCase {
  const char* name;
  Initializer initializer;
  std::optional<FanMode> mode;
  double variance;  // of an entry of W
  double bias_variance = 0;
};
class LawVariance : public testing::TestWithParam<LawCase> {};
constexpr Fans kFans = {.fan_in = 300, .fan_out = 500};

// One linear layer shows Var[w] and Var[b].
TEST_P(LawVariance, IsThatOfTheFormula) {
  const LawCase& c = GetParam();
  JobSettings settings = net(c.initializer, of_kind(ActivationKind::linear), {kFans.fan_out});
  if (c.mode) settings.mode = c.mode;
  const auto p = predict_signals(settings, std::vector<Fans>{kFans, {.fan_in = 500, .fan_out = 10}}, 0.7, 1);
  ASSERT_TRUE(p);
  expect_rms(p->preactivation[0], 300 * c.variance * 0.7 + c.bias_variance);
}

Initializer truncated(InitializerKind kind, bool corrected) {
  Initializer initializer = of_kind(kind);
  initializer.scale = 3;
  initializer.stddev = 0.2;
  initializer.corrected = corrected;
  return initializer;
}

Initializer uniform(double low, double high) {
  Initializer initializer = of_kind(InitializerKind::uniform);
  initializer.low = low;
  initializer.high = high;
  return initializer;
}

Initializer orthogonal(double gain) {
  Initializer initializer = of_kind(InitializerKind::orthogonal);
  initializer.gain = gain;
  return initializer;
}

INSTANTIATE_TEST_SUITE_P(
    PredictSignals, LawVariance,
    testing::Values(LawCase{"normal", normal(0.2), {}, 0.04},
                    LawCase{"truncated_normal", truncated(InitializerKind::truncated_normal, true), {}, 0.04 * kCut},
                    LawCase{"uniform", uniform(-0.3, 0.3), {}, 0.03},
                    LawCase{"corrected", truncated(InitializerKind::variance_scaling, true), {}, 0.01},
                    LawCase{"uncorrected", truncated(InitializerKind::variance_scaling, false), {}, 0.01 * kCut},
                    LawCase{"glorot_uniform", of_kind(InitializerKind::glorot_uniform), {}, 1.0 / 400},
                    LawCase{"he_uniform_fan_out", of_kind(InitializerKind::he_uniform), FanMode::fan_out, 2.0 / 500},
                    LawCase{"he_normal_fan_avg", of_kind(InitializerKind::he_normal), FanMode::fan_avg, 2.0 / 400},
                    LawCase{"glorot2010", of_kind(InitializerKind::glorot2010_standard), {}, 1.0 / 900},
                    LawCase{"torch_default", of_kind(InitializerKind::torch_default), {}, 1.0 / 900, 1.0 / 900},
                    LawCase{"orthogonal", orthogonal(2), {}, 4.0 / 500},
                    LawCase{"mean_field", mean_field(1.5, 0.05), {}, 1.5 / 300, 0.05}),
    [](const auto& test) { return test.param.name; });

TEST(PredictSignals, LawsDrawTheVarianceThatIsPredicted) {
  for (const Initializer& initializer :
       {normal(0.2), truncated(InitializerKind::truncated_normal, true), uniform(-0.3, 0.3),
        truncated(InitializerKind::variance_scaling, true), truncated(InitializerKind::variance_scaling, false),
        of_kind(InitializerKind::torch_default), orthogonal(2)}) {
    const JobSettings settings = net(initializer, of_kind(ActivationKind::linear), {kFans.fan_out});
    const Matrix<float> W = sample_weights(canonical(initializer, {}, settings.activation).initializer, kFans, 7, 1);
    const auto p = predict_signals(settings, std::vector<Fans>{kFans, {.fan_in = 500, .fan_out = 10}}, 0, 1);
    const auto with_input = predict_signals(settings, std::vector<Fans>{kFans, {.fan_in = 500, .fan_out = 10}}, 1, 1);
    ASSERT_TRUE(p && with_input);
    const double of_weights =
        with_input->preactivation[0] * with_input->preactivation[0] - p->preactivation[0] * p->preactivation[0];
    // A mean square of n draws has the relative standard error sqrt((kurtosis - 1) / n), sqrt(2 / n) at most here.
    const double n = static_cast<double>(W.size());
    EXPECT_NEAR(W.cast<double>().squaredNorm() / n / (of_weights / 300), 1, 5 * std::sqrt(2 / n))
        << to_text(initializer.kind);
  }
}

TEST(PredictSignals, SaysNothingOfLawsWithAMeanOrWithoutRandomness) {
  Initializer constant = of_kind(InitializerKind::constant);
  constant.value = 0.1;
  const Initializer silent[] = {of_kind(InitializerKind::zeros),
                                constant,
                                of_kind(InitializerKind::identity),
                                of_kind(InitializerKind::lsuv),
                                normal(1, 0.1),
                                normal(0),
                                uniform(-0.1, 0.2),
                                orthogonal(0)};
  for (const Initializer& initializer : silent) {
    const JobSettings settings = net(initializer, of_kind(ActivationKind::tanh), {100, 100});
    EXPECT_FALSE(predict_signals(settings, fans_of(settings), 0.1, 0.3)) << to_text(initializer.kind);
  }
}

TEST(PredictSignals, ZeroStaysZeroAndOverflowIsNaN) {
  const SignalPrediction nothing =
      predicted(net(normal(0.1), of_kind(ActivationKind::tanh), {100, 100}), /*input_mean_square=*/0);
  EXPECT_EQ(nothing.preactivation, std::vector<double>(3, 0));
  EXPECT_EQ(nothing.activation, std::vector<double>(2, 0));
  EXPECT_NEAR(nothing.delta[1], 0.3 * std::sqrt(10 * 0.01), 1e-15);  // tanh'(0) = 1

  // sigmoid(0) = 1/2, slope 1/4
  const SignalPrediction half =
      predicted(net(normal(0.1), of_kind(ActivationKind::sigmoid), {100, 100}), /*input_mean_square=*/0);
  EXPECT_EQ(half.activation[0], 0.5);
  EXPECT_NEAR(half.delta[0] / half.delta[1], 0.25, 1e-15);  // and 100 * 0.01 = 1

  const std::vector<int> deep(50, 100);
  for (const ActivationKind kind : {ActivationKind::relu, ActivationKind::elu, ActivationKind::gelu}) {
    const SignalPrediction burst = predicted(net(normal(1e5), of_kind(kind), deep));
    EXPECT_TRUE(std::isfinite(burst.preactivation[10]));
    EXPECT_TRUE(std::isnan(burst.preactivation[49]));
    EXPECT_TRUE(std::isnan(burst.activation[49]));
    EXPECT_TRUE(std::isnan(burst.delta[0]));
    const SignalPrediction dead = predicted(net(normal(1e-9), of_kind(kind), deep));
    EXPECT_EQ(dead.preactivation[50], 0);
    EXPECT_EQ(dead.delta[0], 0);
  }
  const SignalPrediction diverged =
      predicted(net(normal(0.1), of_kind(ActivationKind::tanh), {100}), 0.1, std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isfinite(diverged.activation[0]));
  EXPECT_TRUE(std::isnan(diverged.delta[0]));
  EXPECT_TRUE(std::isnan(diverged.delta[1]));
}

// With one unit a layer and Var[w] = 1 the activation shows E[f^2], the delta E[f'^2]. Largest: 1.2e-8, softsign at
// 1e12.
TEST(PredictSignals, QuickQuadratureAgreesWithTheAdaptiveOne) {
  for (std::size_t kind = 0; kind < kind_table<ActivationKind>().size(); ++kind) {
    const Activation f = of_kind(static_cast<ActivationKind>(kind));
    for (double log_q = -12; log_q <= 12; log_q += 0.37) {
      const double q = std::pow(10, log_q);
      const auto p = predict_signals(net(normal(1), f, {1}), std::vector<Fans>(2), q, 1);
      ASSERT_TRUE(p);
      const GaussianMoments moments = gaussian_moments(f, q);
      EXPECT_NEAR(p->activation[0] * p->activation[0] / moments.value_squared, 1, kQuadrature)
          << to_text(f.kind) << " at " << q;
      EXPECT_NEAR(p->delta[0] * p->delta[0] / moments.derivative_squared, 1, kQuadrature)
          << to_text(f.kind) << " at " << q;
    }
  }
}

// --- against nets as they are drawn ---

struct Signals {
  std::vector<double> activation, delta;  // mean squares of hidden layers, over some seeds
  double input = 0, output_delta = 0;
};

constexpr int kSeeds = 8, kSamples = 50, kPixels = 300;

Signals measured(const JobSettings& settings) {
  const std::size_t depth = settings.width.size();
  Signals signals;
  signals.activation.resize(depth);
  signals.delta.resize(depth);
  // Pixels as those of pictures: none below 0, some more than others and like their neighbours, and samples about
  // equally bright, as one q for all of them wants it.
  RngStream stream(5, StreamPurpose::batch_order, 1);
  Matrix<float> x(kPixels, kSamples);
  for (Index sample = 0; sample < kSamples; ++sample)
    for (Index pixel = 0; pixel < kPixels; ++pixel)
      x(pixel, sample) = pixel % 3 == 0 ? static_cast<float>(stream.uniform()) : 0.7f * x(pixel - 1, sample);
  signals.input = x.cast<double>().squaredNorm() / static_cast<double>(x.size());
  std::vector<std::uint8_t> labels(kSamples);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::uint8_t>(i % kOutputs);

  const Kernels<float>& best = kernels(best_instruction_set());
  const Input<float> input = dense_input(x);
  const std::vector<Fans> fans = fans_of(settings, kPixels);
  const CanonicalInitializer law = canonical(settings.initializer, settings.mode, settings.activation);
  for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
    Parameters<float> parameters;
    for (std::size_t l = 0; l < fans.size(); ++l) {
      const int layer = static_cast<int>(l) + 1;
      parameters.weights.emplace_back(sample_weights(law.initializer, fans[l], seed, layer));
      parameters.biases.push_back(sample_biases(law.initializer, fans[l], law.bias_stddev.value_or(0), seed, layer));
    }
    Pass<float> pass(Keep::everything, fans.size());
    forward(best, parameters, settings.activation, input, pass);
    output_loss(best, LossKind::softmax_cross_entropy, labels, pass);
    Backward<float> way_back(best, parameters, input, pass);
    Gradients<float> gradients;
    mean_gradients(way_back, parameters, gradients);
    LayerSummarizer with(best.statistics);
    for (const LayerRow& row :
         layer_rows(parameters, settings.activation, input_row(x.transpose(), with), pass, gradients, {}, 0, 0, with)) {
      const double mean_square = row.summary.rms * row.summary.rms / kSeeds;
      const std::size_t l = static_cast<std::size_t>(row.layer);
      if (row.layer == 0) continue;
      if (row.tensor == TensorKind::delta) (l <= depth ? signals.delta[l - 1] : signals.output_delta) += mean_square;
      if (row.tensor == TensorKind::activation && l <= depth) signals.activation[l - 1] += mean_square;
    }
  }
  return signals;
}

// The largest distance between ln(mean square) measured and predicted, in standard errors. A layer of n units adds
// 5 / n to the variance of that of a relu net (Hanin & Rolnick 2018), less where f is bounded; seeds divide it.
double worst_forward(const Signals& signals, const std::vector<double>& rms, const std::vector<int>& width) {
  double variance = 0, worst = 0;
  for (std::size_t l = 0; l < width.size(); ++l) {
    variance += 5.0 / width[l] / kSeeds;
    worst = std::max(worst, std::abs(std::log(signals.activation[l] / (rms[l] * rms[l]))) / std::sqrt(variance));
  }
  return worst;
}
double worst_back(const Signals& signals, const std::vector<double>& rms, const std::vector<int>& width) {
  double variance = 0, worst = 0;
  for (std::size_t l = width.size(); l-- > 0;) {
    variance += 5.0 / width[l] / kSeeds;
    worst = std::max(worst, std::abs(std::log(signals.delta[l] / (rms[l] * rms[l]))) / std::sqrt(variance));
  }
  return worst;
}

struct DrawnCase {
  const char* name;
  Initializer initializer;
  std::optional<FanMode> mode;
  ActivationKind kind;
};
class DrawnNets : public testing::TestWithParam<DrawnCase> {};

const std::vector<int> kDrawnWidths = {400, 340, 280, 220, 160, 100};

// Four standard errors; the layers are correlated, so this is not many looks.
constexpr double kNear = 4;

TEST_P(DrawnNets, HaveTheSignalsPredicted) {
  const DrawnCase& c = GetParam();
  JobSettings settings = net(c.initializer, of_kind(c.kind), kDrawnWidths);
  if (c.mode) settings.mode = c.mode;
  const Signals signals = measured(settings);
  const std::vector<Fans> fans = fans_of(settings, kPixels);
  const auto p = predict_signals(settings, fans, signals.input, std::sqrt(signals.output_delta));
  ASSERT_TRUE(p);
  EXPECT_LT(worst_forward(signals, p->activation, kDrawnWidths), kNear);
  EXPECT_LT(worst_back(signals, p->delta, kDrawnWidths), kNear);

  // The same check refuses the classic slip, fan_in for fan_out on the way back, even without that of the output layer.
  std::vector<double> with_fan_in = p->delta;
  double slip = 1;
  for (std::size_t l = kDrawnWidths.size() - 1; l-- > 0;) {
    slip *= std::sqrt(static_cast<double>(fans[l + 1].fan_in) / fans[l + 1].fan_out);
    with_fan_in[l] *= slip;
  }
  EXPECT_GT(worst_back(signals, with_fan_in, kDrawnWidths), 2 * kNear);
}

// The same check refuses the variance of the pixels in place of their mean square: a third of it, or less.
TEST(PredictSignals, NetsReadTheMeanOfTheirInputToo) {
  const JobSettings settings = net(of_kind(InitializerKind::he_normal), of_kind(ActivationKind::relu), kDrawnWidths);
  const Signals signals = measured(settings);
  const auto p = predict_signals(settings, fans_of(settings, kPixels), signals.input / 3, 1);
  ASSERT_TRUE(p);
  EXPECT_GT(worst_forward(signals, p->activation, kDrawnWidths), 2 * kNear);
}

INSTANTIATE_TEST_SUITE_P(
    PredictSignals, DrawnNets,
    testing::Values(DrawnCase{"he_relu", of_kind(InitializerKind::he_normal), {}, ActivationKind::relu},
                    DrawnCase{"he_fan_out_relu", of_kind(InitializerKind::he_uniform), FanMode::fan_out,
                              ActivationKind::relu},
                    DrawnCase{"glorot_tanh", of_kind(InitializerKind::glorot_uniform), {}, ActivationKind::tanh},
                    DrawnCase{"chaotic_tanh", mean_field(2, 0.05), {}, ActivationKind::tanh},
                    DrawnCase{"unit_normal_sigmoid", normal(1), {}, ActivationKind::sigmoid},
                    DrawnCase{"torch_default_gelu", of_kind(InitializerKind::torch_default), {}, ActivationKind::gelu}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace initsweep
