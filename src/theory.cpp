#include "initsweep/theory.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <string>
#include <vector>
#include "initsweep/number.hpp"

namespace initsweep {

namespace {

// The normal law beyond 12 standard deviations weighs 4e-33.
constexpr double kReach = 12;

// Where to cut [-kReach, kReach] standard deviations: at the kinks, at 0 (elu and softsign bend there), and where f of
// a wide z has its features, which lie within a few dozen of 0 whatever q is.
std::vector<double> cuts(const Activation& f, double q) {
  std::vector<double> z = kinks(f);
  z.insert(z.end(), {-32, -4, 0, 4, 32});
  std::vector<double> x = {-kReach, kReach};
  for (const double at : z)
    if (const double scaled = at / std::sqrt(q); std::abs(scaled) < kReach) x.push_back(scaled);
  std::sort(x.begin(), x.end());
  x.erase(std::unique(x.begin(), x.end()), x.end());
  return x;
}

// E[g(z)^2] for z ~ N(0, q), by pieces.
template <class Function>
double mean_square(Function g, double q, const std::vector<double>& cuts_at) {
  const auto integrand = [&](double x) {
    const double y = g(std::sqrt(q) * x);
    return y * y * std::exp(-0.5 * x * x);
  };
  constexpr unsigned kMaxHalvings = 15;
  constexpr double kTolerance = 1e-12;
  double sum = 0;
  for (std::size_t i = 0; i + 1 < cuts_at.size(); ++i) {
    // Each piece over (0, 1): Boost's tolerance shrinks with the length of the range, out of reach for short ones.
    const double from = cuts_at[i], length = cuts_at[i + 1] - from;
    sum += length * boost::math::quadrature::gauss_kronrod<double, 61>::integrate(
                        [&](double t) { return integrand(from + length * t); }, 0, 1, kMaxHalvings, kTolerance);
  }
  return sum * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}

}  // namespace

GaussianMoments gaussian_moments(const Activation& f, double q) {
  assert(q > 0);
  const std::vector<double> at = cuts(f, q);
  return {.value_squared = mean_square([&](double z) { return value(f, z); }, q, at),
          .derivative_squared = mean_square([&](double z) { return derivative(f, z); }, q, at)};
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

}  // namespace initsweep
