#include "initsweep/signal_prediction.hpp"

#include <algorithm>
#include <array>
#include <boost/math/quadrature/gauss.hpp>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <numbers>
#include <utility>
#include <vector>
#include "initsweep/runner.hpp"
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
  if (const std::optional<double> slope = slope_below_zero(f)) {
    const double half = (1 + *slope * *slope) / 2;
    return {.value_squared = q * half, .derivative_squared = half};
  }
  return quick_moments(f, q);
}

double finite_or_nan(double x) { return std::isfinite(x) ? x : kNaN; }

}  // namespace

std::optional<SignalPrediction> predict_signals(const JobSettings& settings, std::span<const Fans> fans,
                                                double input_mean_square, double output_delta_rms) {
  assert(std::ssize(fans) == settings.depth() + 1);
  const CanonicalInitializer start = canonical(settings.initializer, settings.mode, settings.activation);
  SignalPrediction prediction;
  std::vector<double> variances, slopes;  // Var[w] of each layer; E[f'^2] of each hidden one
  double below = input_mean_square;       // the mean square of what a layer reads
  double last_q = kNaN;
  GaussianMoments moments;
  for (const Fans& layer : fans) {
    const std::optional<double> variance = weight_variance(start.initializer, layer);
    if (!variance) return std::nullopt;
    variances.push_back(*variance);
    const double of_biases = bias_variance(start, *variance, settings.bias_stddev);
    const double q = finite_or_nan(layer.fan_in * *variance * below + of_biases);
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
  double sum_of_logs = 0, sum_of_biases = 0;
  const auto n_layers = static_cast<double>(settings.depth() - 1);
  for (std::size_t l = 1; l < settings.width.size(); ++l) {
    const Fans fans{.fan_in = settings.width[l - 1], .fan_out = settings.width[l]};
    const std::optional<double> variance = weight_variance(start.initializer, fans);
    if (!variance) return std::nullopt;
    sum_of_logs += std::log(fans.fan_in * *variance);
    sum_of_biases += bias_variance(start, *variance, settings.bias_stddev);
  }
  const Variances mean{std::exp(sum_of_logs / n_layers), sum_of_biases / n_layers};
  const bool is_in_range = mean.of_weights <= kMaxVariance && mean.of_biases <= kMaxVariance;
  return is_in_range ? std::optional(mean) : std::nullopt;
}

// What decides a fixed point: the activation, both variances and, where it matters, the start.
using Key = std::array<double, 6>;

std::optional<Key> key_of(const DeepNet& net) {
  const std::optional<Variances> variances = hidden_variances(*net.settings);
  if (!variances) return std::nullopt;
  const Activation& f = net.settings->activation;
  const bool has_start = start_decides(f) && std::isfinite(net.first_q) && net.first_q > 0;
  return Key{static_cast<double>(f.kind), f.slope, f.alpha, variances->of_weights, variances->of_biases,
             has_start ? net.first_q : 1};
}

}  // namespace

std::vector<std::optional<MeanField>> predict_fixed_points(std::span<const DeepNet> nets, int threads) {
  std::map<Key, std::size_t> places;
  std::vector<std::optional<std::size_t>> place_of(nets.size());
  std::vector<std::pair<const Activation*, Key>> distinct;
  for (std::size_t i = 0; i < nets.size(); ++i) {
    const std::optional<Key> key = key_of(nets[i]);
    if (!key) continue;
    const auto [found, is_new] = places.try_emplace(*key, distinct.size());
    if (is_new) distinct.emplace_back(&nets[i].settings->activation, *key);
    place_of[i] = found->second;
  }
  std::vector<MeanField> fixed(distinct.size());
  parallel_for(distinct.size(), threads, [&](std::size_t i) {
    const auto& [f, key] = distinct[i];
    fixed[i] = mean_field(*f, key[3], key[4], key[5]);
  });
  std::vector<std::optional<MeanField>> predicted(nets.size());
  for (std::size_t i = 0; i < nets.size(); ++i)
    if (place_of[i]) predicted[i] = fixed[*place_of[i]];
  return predicted;
}

}  // namespace initsweep
