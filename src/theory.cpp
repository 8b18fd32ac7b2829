#include "initsweep/theory.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <string>
#include <vector>
#include "gaussian_pair.hpp"
#include "initsweep/number.hpp"

namespace initsweep {

namespace {

// The normal law beyond 12 standard deviations weighs 4e-33.
constexpr double kReach = 12;

// Where to cut [-kReach, kReach] standard deviations: at the kinks, at 0 (elu and softsign bend there), where f of a
// wide z has its features, which lie within a few dozen of 0 whatever q is, and where the normal law falls off.
std::vector<double> cuts(const Activation& f, double q) {
  std::vector<double> z = kinks(f);
  z.insert(z.end(), {-32, -12, -4, 0, 4, 12, 32});
  if (f.kind == ActivationKind::softsign)  // its tail is 1 / z: no piece may span too many decades of it
    for (double at = 256; at < 1e12; at *= 8) z.insert(z.end(), {-at, at});
  std::vector<double> x = {-kReach, -8, -5, -2.5, 2.5, 5, 8, kReach};
  for (const double at : z)
    if (const double scaled = at / std::sqrt(q); std::abs(scaled) < kReach) x.push_back(scaled);
  std::sort(x.begin(), x.end());
  x.erase(std::unique(x.begin(), x.end()), x.end());
  return x;
}

// E[g(z)] for z ~ N(0, q), by pieces on which Gauss's rule of 30 points suffices. One that halves pieces until it is
// content is no better and sometimes takes a hundred times as long, on the rounding in a piece of no weight.
template <class Function>
double mean(Function g, double q, const std::vector<double>& cuts_at) {
  using Rule = boost::math::quadrature::gauss<double, 30>;
  const double stddev = std::sqrt(q);
  const auto integrand = [&](double x) { return g(stddev * x) * std::exp(-0.5 * x * x); };
  double sum = 0;
  for (std::size_t i = 0; i + 1 < cuts_at.size(); ++i) {
    const double middle = (cuts_at[i] + cuts_at[i + 1]) / 2, half = (cuts_at[i + 1] - cuts_at[i]) / 2;
    double piece = 0;
    for (std::size_t k = 0; k < Rule::abscissa().size(); ++k) {
      const double away = half * Rule::abscissa()[k];
      piece += Rule::weights()[k] * (integrand(middle - away) + integrand(middle + away));
    }
    sum += half * piece;
  }
  return sum * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}

double square(double x) { return x * x; }

double mean_value_squared(const Activation& f, double q) {
  return mean([&](double z) { return square(value(f, z)); }, q, cuts(f, q));
}
double mean_derivative_squared(const Activation& f, double q) {
  return mean([&](double z) { return square(derivative(f, z)); }, q, cuts(f, q));
}

}  // namespace

GaussianMoments gaussian_moments(const Activation& f, double q) {
  assert(q > 0);
  return {.value_squared = mean_value_squared(f, q), .derivative_squared = mean_derivative_squared(f, q)};
}

CriticalPoint edge_of_chaos(const Activation& f, double q) {
  const std::string law = "edge_of_chaos(q=" + number_text(q) + ")";
  if (!(q > 0)) throw std::domain_error(law + ": q must be above 0, since it is a variance");
  const GaussianMoments moments = gaussian_moments(f, q);
  CriticalPoint point;
  point.weight_variance = 1 / moments.derivative_squared;
  point.bias_variance = q - point.weight_variance * moments.value_squared;
  // Where it is 0 in truth (relu, whose every q is critical), rounding leaves a little either way.
  if (std::abs(point.bias_variance) < 1e-9 * q) point.bias_variance = 0;
  if (point.bias_variance < 0)
    throw std::domain_error(law + " does not exist for " + std::string(to_text(f.kind)) +
                            ": with chi_1 = 1 that fixed point needs a bias variance of " +
                            brief_text(point.bias_variance) + ", below 0; choose another q or activation");
  return point;
}

// V(q) = E[f(sqrt(q) x)^2], so that no second derivative is needed: f' may jump.
double value_squared_slope(const Activation& f, double q) {
  assert(q > 0);
  return mean([&](double z) { return value(f, z) * derivative(f, z) * (z / q); }, q, cuts(f, q));
}

double next_length(const Activation& f, double q, double weight_variance, double bias_variance) {
  assert(q > 0);
  return weight_variance * mean_value_squared(f, q) + bias_variance;
}

double next_correlation(const Activation& f, double q, double c, double weight_variance, double bias_variance) {
  assert(q > 0 && c >= -1 && c <= 1);
  const double next = next_length(f, q, weight_variance, bias_variance);
  return 1 - weight_variance * lost_product(f, q, 1 - c) / next;
}

}  // namespace initsweep
