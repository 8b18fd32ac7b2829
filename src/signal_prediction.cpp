#include "initsweep/signal_prediction.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <vector>
#include "initsweep/theory.hpp"
#include "weight_variance.hpp"

namespace initsweep {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// gaussian_moments to 1e-7, in microseconds: a report asks for thousands of nets of many layers. Gauss's rule of 20
// points on each piece, without looking whether they were enough. In standard deviations the pieces end at 2.5 and 8,
// beyond which the normal law weighs 1e-15; in z at the kinks and at 4 8^k, so that a bend near 0 or a tail like
// softsign's 1 / z is smooth on each piece however wide z is.
GaussianMoments quick_moments(const Activation& f, double q) {
  constexpr double kBulk = 2.5, kFarthest = 8;
  constexpr int kMostCuts = 5;
  const double stddev = std::sqrt(q);
  std::vector<double> ends = {-kFarthest, -kBulk, 0, kBulk, kFarthest};
  for (const double z : kinks(f))
    if (const double x = z / stddev; std::abs(x) < kFarthest) ends.push_back(x);
  double x = 4 / stddev;
  for (int k = 0; k < kMostCuts && x < kBulk; ++k, x *= 8) ends.insert(ends.end(), {-x, x});
  std::sort(ends.begin(), ends.end());

  using Rule = boost::math::quadrature::gauss<double, 20>;
  GaussianMoments sum;
  const auto add = [&](double at, double weight) {
    const double density = weight * std::exp(-0.5 * at * at);
    const double y = value(f, stddev * at), dy = derivative(f, stddev * at);
    sum.value_squared += density * y * y;
    sum.derivative_squared += density * dy * dy;
  };
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    const double middle = (ends[i] + ends[i + 1]) / 2, half = (ends[i + 1] - ends[i]) / 2;
    if (half == 0) continue;
    for (std::size_t k = 0; k < Rule::abscissa().size(); ++k) {
      add(middle - half * Rule::abscissa()[k], half * Rule::weights()[k]);
      add(middle + half * Rule::abscissa()[k], half * Rule::weights()[k]);
    }
  }
  constexpr double kDensity = std::numbers::inv_sqrtpi / std::numbers::sqrt2;
  return {.value_squared = kDensity * sum.value_squared, .derivative_squared = kDensity * sum.derivative_squared};
}

// Of any q: at 0 all z are 0, and what is not finite says nothing. Straight lines on either side of 0 have a closed
// form, E[f^2] = q (1 + slope^2) / 2.
GaussianMoments layer_moments(const Activation& f, double q) {
  if (!std::isfinite(q)) return {kNaN, kNaN};
  if (q == 0) return {value(f, 0) * value(f, 0), derivative(f, 0) * derivative(f, 0)};
  const auto lines = [&](double slope) {
    const double half = (1 + slope * slope) / 2;
    return GaussianMoments{.value_squared = q * half, .derivative_squared = half};
  };
  switch (f.kind) {
    case ActivationKind::linear: return lines(1);
    case ActivationKind::relu: return lines(0);
    case ActivationKind::leaky_relu: return lines(f.slope);
    case ActivationKind::sigmoid:
    case ActivationKind::hard_sigmoid:
    case ActivationKind::tanh:
    case ActivationKind::hard_tanh:
    case ActivationKind::softsign:
    case ActivationKind::softplus:
    case ActivationKind::elu:
    case ActivationKind::selu:
    case ActivationKind::gelu:
    case ActivationKind::gelu_tanh:
    case ActivationKind::silu:
    case ActivationKind::mish:
    case ActivationKind::erf: return quick_moments(f, q);
  }
  assert(false);
  return {};
}

double finite_or_nan(double x) { return std::isfinite(x) ? x : kNaN; }

}  // namespace

std::optional<SignalPrediction> predict_signals(const JobSettings& settings, std::span<const Fans> fans,
                                                double input_mean_square, double output_delta_rms) {
  assert(std::ssize(fans) == settings.depth() + 1);
  const CanonicalInitializer start = canonical(settings.initializer, settings.mode, settings.activation);
  const double bias_stddev = start.bias_stddev.value_or(settings.bias_stddev);
  const bool has_own_biases = start.initializer.kind == InitializerKind::torch_default;

  SignalPrediction prediction;
  std::vector<double> variances, slopes;  // Var[w] of each layer; E[f'^2] of each hidden one
  double below = input_mean_square;       // the mean square of what a layer reads
  double last_q = kNaN;
  GaussianMoments moments;
  for (const Fans& layer : fans) {
    const std::optional<double> variance = weight_variance(start.initializer, layer);
    if (!variance) return std::nullopt;
    variances.push_back(*variance);
    const double bias_variance = has_own_biases ? *variance : bias_stddev * bias_stddev;
    const double q = finite_or_nan(layer.fan_in * *variance * below + bias_variance);
    prediction.preactivation.push_back(std::sqrt(q));
    if (variances.size() == fans.size()) break;
    if (q != last_q) moments = layer_moments(settings.activation, q);  // at a fixed point q stays
    last_q = q;
    below = finite_or_nan(moments.value_squared);
    prediction.activation.push_back(std::sqrt(below));
    slopes.push_back(moments.derivative_squared);
  }

  prediction.delta.assign(fans.size(), finite_or_nan(output_delta_rms));
  for (std::size_t l = slopes.size(); l-- > 0;)
    prediction.delta[l] =
        finite_or_nan(prediction.delta[l + 1] * std::sqrt(fans[l + 1].fan_out * variances[l + 1] * slopes[l]));
  return prediction;
}

namespace {

struct Variances {
  double of_weights = 0, of_biases = 0;
};

// Of hidden layers on hidden layers.
std::optional<Variances> hidden_variances(const JobSettings& settings) {
  if (settings.depth() < 2) return std::nullopt;
  const CanonicalInitializer start = canonical(settings.initializer, settings.mode, settings.activation);
  double sum_of_logs = 0, sum_of_own_biases = 0;
  const auto n_layers = static_cast<double>(settings.depth() - 1);
  for (std::size_t l = 1; l < settings.width.size(); ++l) {
    const Fans fans{.fan_in = settings.width[l - 1], .fan_out = settings.width[l]};
    const std::optional<double> variance = weight_variance(start.initializer, fans);
    if (!variance) return std::nullopt;
    sum_of_logs += std::log(fans.fan_in * *variance);
    sum_of_own_biases += *variance;
  }
  const double bias_stddev = start.bias_stddev.value_or(settings.bias_stddev);
  const bool has_own_biases = start.initializer.kind == InitializerKind::torch_default;
  return Variances{std::exp(sum_of_logs / n_layers),
                   has_own_biases ? sum_of_own_biases / n_layers : bias_stddev * bias_stddev};
}

}  // namespace

std::optional<MeanField> predict_fixed_point(const JobSettings& settings) { return FixedPoints().of(settings); }

std::optional<MeanField> FixedPoints::of(const JobSettings& settings) {
  const std::optional<Variances> variances = hidden_variances(settings);
  if (!variances) return std::nullopt;
  const Activation& f = settings.activation;
  const std::array key = {static_cast<double>(f.kind), f.slope, f.alpha, variances->of_weights, variances->of_biases};
  const auto [place, is_new] = known_.try_emplace(key);
  if (is_new) place->second = mean_field(f, variances->of_weights, variances->of_biases);
  return place->second;
}

}  // namespace initsweep
