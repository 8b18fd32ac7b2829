// Where a deep net's lengths and correlations end.
//
// For every activation here f(z)^2 + f(-z)^2 grows with |z|, so the length map F(q) = weight_variance V(q) +
// bias_variance grows with q and iteration from any q goes one way, to the next fixed point: up if F(q) > q, down if
// F(q) < q. It may take for ever (tanh without bias at weight variance 1: q ~ 1 / l), so that point is bracketed and
// solved for instead. What happens at 0 and at infinity is decided by the slope F(q) / q there, known in closed form.
//
// Correlations: 1 - c' over 1 - c is a power series in c without negative coefficients (Hermite's, of f), so it grows
// from c = 0 to chi_1 at c = 1, and is 1 exactly once below c = 1 if chi_1 > 1, never else. That is c*.
#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include "activation_constants.hpp"
#include "gaussian_pair.hpp"
#include "initsweep/theory.hpp"

namespace initsweep {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kRounding = 1e-11;  // of F, relative
constexpr double kCritical = 1e-9;   // slopes that near to 1 are taken for 1: depths of a thousand million layers

// f'(z)^2, mean of both sides, as |z| goes to infinity: there E[f'^2] and V(q) / q meet it.
double slope_squared_far(const Activation& f) {
  switch (f.kind) {
    case ActivationKind::linear: return 1;
    case ActivationKind::leaky_relu: return (1 + f.slope * f.slope) / 2;
    case ActivationKind::selu: return kSeluLambda * kSeluLambda / 2;
    case ActivationKind::softplus:
    case ActivationKind::relu:
    case ActivationKind::elu:
    case ActivationKind::gelu:
    case ActivationKind::gelu_tanh:
    case ActivationKind::silu:
    case ActivationKind::mish: return 0.5;
    case ActivationKind::sigmoid:
    case ActivationKind::hard_sigmoid:
    case ActivationKind::tanh:
    case ActivationKind::hard_tanh:
    case ActivationKind::softsign:
    case ActivationKind::erf: return 0;
  }
  assert(false);
  return 0;
}

// The same as z goes to 0.
double slope_squared_near(const Activation& f) {
  const double left = derivative(f, -std::numeric_limits<double>::min());
  const double right = derivative(f, std::numeric_limits<double>::min());
  return (left * left + right * right) / 2;
}

// Straight on either side of 0: V(q) / q is the same for all q.
bool is_homogeneous(const Activation& f) { return slope_below_zero(f).has_value(); }

// The root of a function whose signs differ at `low` and `high`, to 1e-12.
template <class Function>
double root(Function g, double low, double high, double at_low, double at_high) {
  if (at_low == 0) return low;
  if (at_high == 0) return high;
  std::uintmax_t most = 100;
  const auto is_near = [](double a, double b) { return std::abs(a - b) < 1e-12; };
  const auto [a, b] = boost::math::tools::toms748_solve(g, low, high, at_low, at_high, is_near, most);
  return (a + b) / 2;
}

// A net's layers, all alike.
struct Layers {
  const Activation& f;
  double weight_variance = 0, bias_variance = 0;

  // ln(F(q) / q), of ln q.
  [[nodiscard]] double growth(double log_q) const {
    return std::log(next_length(f, std::exp(log_q), weight_variance, bias_variance)) - log_q;
  }
  [[nodiscard]] double length_between(double low, double high, double at_low, double at_high) const {
    return std::exp(root([this](double log_q) { return growth(log_q); }, low, high, at_low, at_high));
  }
};

// Steps of ln q to both ends, small where f has its features and long where it is near its limits.
constexpr double kFarthest = 700;  // 1e304 and 1e-304
double step_up(double log_q) {
  constexpr double kStep = 0.4, kFeatures = 14;
  if (log_q >= kFeatures) return log_q / 2;
  return log_q < -kFeatures ? std::min(-log_q / 2, -kFeatures - log_q) : kStep;
}

// Up from a start where F(q) > q. The start is ln q, and so is the growth there.
double grown_length(const Layers& net, double start, double at_start) {
  const bool may_grow_for_ever = net.weight_variance * slope_squared_far(net.f) > 1 - kRounding;
  const double last = may_grow_for_ever ? 21 : kFarthest;  // later it is all rounding whether F(q) < q
  for (double t = start, at_t = at_start; t < last;) {
    const double next = std::min(t + step_up(t), last), at_next = net.growth(next);
    if (at_next <= (may_grow_for_ever ? -kRounding : 0)) return net.length_between(t, next, at_t, at_next);
    t = next, at_t = at_next;
  }
  return kInfinity;
}

// Down from a start where F(q) < q.
double shrunk_length(const Layers& net, double start, double at_start) {
  const double at_zero = net.weight_variance * value(net.f, 0) * value(net.f, 0) + net.bias_variance;  // F(0)
  if (at_zero == 0 && std::abs(net.weight_variance * slope_squared_near(net.f) - 1) < kRounding) return 0;
  const double last = std::max(std::log(at_zero), -kFarthest);  // F(q) >= F(0) = q there
  for (double t = start, at_t = at_start; t > last;) {
    const double next = std::max(t - step_up(-t), last), at_next = net.growth(next);
    if (at_next >= 0) return net.length_between(next, t, at_next, at_t);
    t = next, at_t = at_next;
  }
  return at_zero;
}

// The fixed point that lengths run into from `start`: 0, infinity, or between.
double final_length(const Layers& net, double start) {
  if (is_homogeneous(net.f)) {
    const double factor = net.weight_variance * slope_squared_far(net.f);
    if (std::abs(factor - 1) < kRounding) return net.bias_variance > 0 ? kInfinity : start;
    return factor > 1 ? kInfinity : net.bias_variance / (1 - factor);
  }
  const double log_start = std::clamp(std::log(start), -kFarthest, kFarthest);
  const double at_start = net.growth(log_start);
  if (std::abs(at_start) < kRounding) return start;
  return at_start > 0 ? grown_length(net, log_start, at_start) : shrunk_length(net, log_start, at_start);
}

double depth_scale(double slope) {
  if (slope <= 0) return 0;
  return slope > 1 - kCritical ? kInfinity : -1 / std::log(slope);
}

// 1 - c* where chi_1 > 1, the slow way.
double final_gap(const Layers& net, double q, double chi1) {
  constexpr double kSmallest = 1e-14;
  // (1 - c') / (1 - c) - 1, of the fourth root of 1 - c, in which it is smooth also where f has kinks.
  const auto excess = [&](double root_of_gap) {
    const double gap = std::pow(root_of_gap, 4);
    return net.weight_variance * lost_product(net.f, q, gap) / (q * gap) - 1;
  };
  const double at_one = excess(1);
  if (at_one > -kCritical) return 1;
  return std::pow(root(excess, std::pow(kSmallest, 0.25), 1, chi1 - 1, at_one), 4);
}

}  // namespace

bool start_decides(const Activation& f) {
  switch (f.kind) {
    case ActivationKind::linear:
    case ActivationKind::relu:
    case ActivationKind::leaky_relu:
    case ActivationKind::gelu:
    case ActivationKind::gelu_tanh:
    case ActivationKind::silu:
    case ActivationKind::mish: return true;
    case ActivationKind::sigmoid:
    case ActivationKind::hard_sigmoid:
    case ActivationKind::tanh:
    case ActivationKind::hard_tanh:
    case ActivationKind::softsign:
    case ActivationKind::softplus:
    case ActivationKind::elu:
    case ActivationKind::selu:
    case ActivationKind::erf: return false;
  }
  assert(false);
  return true;
}

MeanField mean_field(const Activation& f, double weight_variance, double bias_variance, double start) {
  assert(std::isfinite(weight_variance) && weight_variance >= 0);
  assert(std::isfinite(bias_variance) && bias_variance >= 0);
  assert(std::isfinite(start) && start > 0);
  const Layers net{f, weight_variance, bias_variance};
  MeanField fate;
  fate.q = final_length(net, start);
  if (fate.q == 0) {
    fate.chi1 = weight_variance * slope_squared_near(f);
    fate.xi_c = fate.xi_q = depth_scale(fate.chi1);
    return fate;
  }
  if (std::isinf(fate.q)) {
    fate.chi1 = weight_variance * slope_squared_far(f);
    const bool is_critical = fate.chi1 < 1 + kCritical;
    const bool is_straight = value(f, -1) == -value(f, 1) && is_homogeneous(f);
    if (is_straight && !is_critical) fate.c = kNaN;
    fate.xi_c = is_critical ? kInfinity : kNaN;
    fate.xi_q = kNaN;
    return fate;
  }
  if (is_homogeneous(f)) {
    fate.chi1 = weight_variance * slope_squared_far(f);
    fate.xi_c = fate.xi_q = depth_scale(fate.chi1);
    return fate;
  }
  fate.chi1 = weight_variance * gaussian_moments(f, fate.q).derivative_squared;
  fate.xi_q = depth_scale(weight_variance * value_squared_slope(f, fate.q));
  if (fate.chi1 <= 1 + kCritical) {
    fate.xi_c = depth_scale(fate.chi1);
    return fate;
  }
  if (const std::optional<FinalCorrelation> end = quick_final_correlation(f, fate.q, weight_variance)) {
    fate.c = 1 - end->gap;
    fate.xi_c = depth_scale(end->slope);
    return fate;
  }
  const double gap = final_gap(net, fate.q, fate.chi1);
  fate.c = 1 - gap;
  fate.xi_c = depth_scale(weight_variance * derivative_product(f, fate.q, gap));
  return fate;
}

}  // namespace initsweep
