// With c = 1 - gap >= 0, both preactivations share a part:  u_i = s x + t y_i,  s^2 = q c,  t^2 = q gap,  with x, y_1,
// y_2 independent and standard normal. Given x they are independent of each other, so with m(x) = E[g(s x + t y)]
//   E[g(u1) g(u2)] = E[m(x)^2],   E[g(u1)^2] - E[g(u1) g(u2)] = E[Var[g(s x + t y) | x]],
// the latter without the cancellation of a difference. For c < 0 the shared part enters u2 with the other sign:
// s^2 = q |c|, t^2 = q (1 - |c|), E[g(u1) g(u2)] = E[m(x) m(-x)].
//
// Both integrals are Gauss's rule of 20 points on pieces chosen so that it suffices: cut at kinks, around them where t
// smooths them, and where f of a wide z goes over into its limits. Straight lines on either side of 0 have closed forms
// (Cho & Saul 2009), and so has erf (Williams 1997).
//
// For a root in c they are slow, and Hermite's series is quick: with f(sqrt(q) x) = sum of a_n h_n(x) over the
// orthonormal polynomials, E[f(u1) f(u2)] = sum of a_n^2 c^n, whose coefficients are found once.
#include "gaussian_pair.hpp"

#include <algorithm>
#include <array>
#include <boost/math/quadrature/gauss.hpp>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>
#include "initsweep/theory.hpp"

namespace initsweep {
namespace {

constexpr double kBulk = 2.5, kReach = 8;  // standard deviations; the normal law beyond 8 weighs 1e-15

struct Node {
  double at = 0, weight = 0;
};

// Nodes for the normal law of this mean and standard deviation and the pieces between `ends`, which are sorted here.
void place_nodes(double mean, double stddev, std::vector<double>& ends, std::vector<Node>& nodes) {
  using Rule = boost::math::quadrature::gauss<double, 20>;
  constexpr double kDensity = std::numbers::inv_sqrtpi / std::numbers::sqrt2;
  std::sort(ends.begin(), ends.end());
  nodes.clear();
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    const double middle = (ends[i] + ends[i + 1]) / 2, half = (ends[i + 1] - ends[i]) / 2;
    if (half == 0) continue;
    for (std::size_t k = 0; k < Rule::abscissa().size(); ++k)
      for (const double x : {middle - half * Rule::abscissa()[k], middle + half * Rule::abscissa()[k]}) {
        const double y = (x - mean) / stddev;
        nodes.push_back({x, half / stddev * Rule::weights()[k] * kDensity * std::exp(-0.5 * y * y)});
      }
  }
}

// Where f or its derivatives jump.
std::vector<double> bends(const Activation& f) {
  std::vector<double> z = kinks(f);
  if (z.empty() && (f.kind == ActivationKind::softsign || f.kind == ActivationKind::elu)) z.push_back(0);
  return z;
}

// Where f of a wide z changes its ways. All but softsign, whose tail is 1 / z, are within 1e-13 of their limits at 32.
std::vector<double> features(const Activation& f) {
  std::vector<double> z = bends(f);
  z.push_back(0);
  constexpr int kTailCuts = 12;
  double at = 4;
  for (int k = 0; k < (f.kind == ActivationKind::softsign ? kTailCuts : 2); ++k, at *= 8) z.insert(z.end(), {-at, at});
  return z;
}

// The law of a pair, as nodes for x and, given x, for y.
class Pair {
 public:
  Pair(const Activation& f, double q, double gap) : features_(features(f)) {
    const double c = std::abs(1 - gap);
    shared_ = std::sqrt(q * c);
    own_ = std::sqrt(q * (gap <= 1 ? gap : 2 - gap));
    std::vector<double> ends = {-kReach, -kBulk, 0, kBulk, kReach};
    const auto cut = [&](double z) {
      if (std::abs(z) < kReach * shared_) ends.push_back(z / shared_);
    };
    for (const double z : features_) cut(z);
    for (const double z : bends(f))
      for (const double away : {-9.0, -3.0, 3.0, 9.0}) cut(z + away * own_);
    if (own_ > 4)
      for (const double away : {-9.0, -3.0, 3.0, 9.0}) cut(away * own_);
    place_nodes(0, 1, ends, outer_);
  }

  // E[inside(x)] over the shared part.
  template <class Inside>
  double mean(Inside inside) const {
    double sum = 0;
    for (const Node& x : outer_) sum += x.weight * inside(x.at);
    return sum;
  }

  // E[g(u) | x], and in inner_ the weights and values it came from.
  template <class Function>
  double conditional_mean(Function g, double x) {
    const double z = shared_ * x;
    if (own_ == 0) return g(z);
    // Nodes of a wide y are placed as values of u, near whose 0 features would be lost in the rounding of y.
    const bool is_wide = own_ > 4;
    const double middle = is_wide ? z : 0, unit = is_wide ? own_ : 1;
    ends_.clear();
    for (const double y : {-kReach, -kBulk, kBulk, kReach}) ends_.push_back(middle + unit * y);
    for (const double u : features_)
      if (std::abs(u - z) < kReach * own_) ends_.push_back(is_wide ? u : (u - z) / own_);
    place_nodes(middle, unit, ends_, inner_);
    double sum = 0;
    for (Node& node : inner_) {
      node.at = g(is_wide ? node.at : z + own_ * node.at);
      sum += node.weight * node.at;
    }
    return sum;
  }
  template <class Function>
  double conditional_variance(Function g, double x) {
    const double mean = conditional_mean(g, x);
    double sum = 0;
    for (const Node& y : inner_) sum += y.weight * (y.at - mean) * (y.at - mean);
    return sum;
  }

 private:
  double shared_ = 0, own_ = 0;
  std::vector<double> features_, ends_;
  std::vector<Node> outer_, inner_;
};

template <class Function>
double product(const Activation& f, Function g, double q, double gap) {
  Pair pair(f, q, gap);
  if (gap > 1) return pair.mean([&](double x) { return pair.conditional_mean(g, x) * pair.conditional_mean(g, -x); });
  return pair.mean([&](double x) {
    const double m = pair.conditional_mean(g, x);
    return m * m;
  });
}

double lost_product_by_quadrature(const Activation& f, double q, double gap) {
  const auto g = [&](double z) { return value(f, z); };
  if (gap > 1) return gaussian_moments(f, q).value_squared - product(f, g, q, gap);
  Pair pair(f, q, gap);
  return pair.mean([&](double x) { return pair.conditional_variance(g, x); });
}

double derivative_product_by_quadrature(const Activation& f, double q, double gap) {
  return product(
      f, [&](double z) { return derivative(f, z); }, q, gap);
}

// f(z) = z for z > 0 and slope z below is a z + b |z|, and u v, |u| |v| and u |v| have known means: with the angle
// cos(angle) = c,  E|u v| = q (2 / pi) (sin(angle) + c (pi / 2 - angle)),  E[u |v|] = 0.
struct Lines {
  double a = 1, b = 0;
  explicit Lines(double slope) : a((1 + slope) / 2), b((1 - slope) / 2) {}
};
double angle_of(double gap) { return 2 * std::asin(std::sqrt(gap / 2)); }

double lost_product_of_lines(double slope, double q, double gap) {
  const Lines f(slope);
  const double angle = angle_of(gap);
  const double bent = std::sin(angle) - (1 - gap) * angle;
  return q * (gap * (f.a * f.a + f.b * f.b) - f.b * f.b * 2 * std::numbers::inv_pi * bent);
}

double derivative_product_of_lines(double slope, double gap) {
  const Lines f(slope);
  return f.a * f.a + f.b * f.b * (1 - 2 * std::numbers::inv_pi * angle_of(gap));
}

// E[erf(u1) erf(u2)] = (2 / pi) asin(2 q c / (1 + 2 q)).
struct ErfAngles {
  double sine, cosine;            // of asin(2 q / (1 + 2 q))
  double pair_sine, pair_cosine;  // with c
  ErfAngles(double q, double gap)
      : sine(2 * q / (1 + 2 * q)),
        cosine(std::sqrt(1 + 4 * q) / (1 + 2 * q)),
        pair_sine((1 - gap) * sine),
        pair_cosine(std::sqrt(cosine * cosine + sine * sine * gap * (2 - gap))) {}
};

double lost_product_of_erf(double q, double gap) {
  const ErfAngles a(q, gap);
  const double difference =
      gap > 1 ? std::asin(a.sine) - std::asin(a.pair_sine)
              : std::asin(a.sine * a.sine * gap * (2 - gap) / (a.sine * a.pair_cosine + a.pair_sine * a.cosine));
  return 2 * std::numbers::inv_pi * difference;
}

double derivative_product_of_erf(double q, double gap) {
  return 4 * std::numbers::inv_pi / (1 + 2 * q) / ErfAngles(q, gap).pair_cosine;
}

// T_k, the sum of a_n^2 over n > k, for k = 0..kTerms: (E[f(u1)^2] - E[f(u1) f(u2)]) / (1 - c) is the sum of T_k c^k,
// and has no negative coefficients.
constexpr std::size_t kTerms = 400;
std::array<double, kTerms + 1> tails_of_series(const Activation& f, double q) {
  // h_n swings up to sqrt(2 n) radians a standard deviation: some five times on a piece, of 20 points.
  constexpr int kEnd = 10;
  std::vector<double> ends;
  for (int at = -kEnd; at <= kEnd; ++at) ends.push_back(at);
  for (const double z : features(f))
    if (const double x = z / std::sqrt(q); std::abs(x) < kEnd) ends.push_back(x);
  std::vector<Node> nodes;
  place_nodes(0, 1, ends, nodes);
  std::vector<double> terms(nodes.size()), h(nodes.size(), 1), h_before(nodes.size(), 0);
  double left = 0;  // of E[f^2]
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const double y = value(f, std::sqrt(q) * nodes[i].at);
    terms[i] = nodes[i].weight * y;
    left += terms[i] * y;
  }
  const double rounding = 1e-15 * left;
  std::array<double, kTerms + 1> tails{};
  for (std::size_t n = 0; n <= kTerms && left > rounding; ++n) {
    const double root = std::sqrt(static_cast<double>(n)), next_root = std::sqrt(static_cast<double>(n + 1));
    double a = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      a += terms[i] * h[i];
      const double next = (nodes[i].at * h[i] - root * h_before[i]) / next_root;
      h_before[i] = h[i];
      h[i] = next;
    }
    left -= a * a;
    tails[n] = std::max(left, 0.0);
  }
  return tails;
}

}  // namespace

std::optional<FinalCorrelation> quick_final_correlation(const Activation& f, double q, double weight_variance) {
  assert(q > 0);
  const std::array<double, kTerms + 1> tails = tails_of_series(f, q);
  const double goal = q / weight_variance;
  if (tails[0] >= goal * (1 - 1e-9)) {  // c = 0 stays: nothing is in common. E[f' f'] is then a_1^2 / q
    return FinalCorrelation{1, (tails[0] - tails[1]) / goal};
  }
  // The polynomial grows and is convex, so Newton's steps from above end at its root.
  double c = 1, slope = 0;
  constexpr int kMostSteps = 60;
  for (int step = 0; step < kMostSteps; ++step) {
    double sum = 0;
    slope = 0;
    for (std::size_t k = kTerms; k-- > 0;) {
      slope = slope * c + sum;
      sum = sum * c + tails[k];
    }
    const double change = (sum - goal) / slope;
    c -= change;
    if (std::abs(change) < 1e-14) break;
  }
  const double gap = 1 - c;
  if (!(c >= 0 && gap > 0)) return std::nullopt;
  // c' = 1 - gap P(c) / goal, so that its slope is 1 - gap P'(c) / goal where P(c) is goal.
  FinalCorrelation end{gap, 1 - gap * slope / goal};
  // What is left out: at most the last tail times c^k for each k from kTerms on.
  const double left_out = tails[kTerms] * std::pow(c, static_cast<double>(kTerms)) / gap;
  const double most = static_cast<double>(kTerms) + 1 / gap;  // times left_out: of the slope's sum
  constexpr double kTolerance = 1e-8;
  const bool is_good = left_out < kTolerance * gap * slope && most * left_out < kTolerance * slope;
  return is_good ? std::optional(end) : std::nullopt;
}

double lost_product(const Activation& f, double q, double gap) {
  assert(q > 0 && gap >= 0 && gap <= 2);
  if (gap == 0) return 0;
  if (const std::optional<double> slope = slope_below_zero(f)) return lost_product_of_lines(*slope, q, gap);
  if (f.kind == ActivationKind::erf) return lost_product_of_erf(q, gap);
  return lost_product_by_quadrature(f, q, gap);
}

double derivative_product(const Activation& f, double q, double gap) {
  assert(q > 0 && gap >= 0 && gap <= 2);
  if (const std::optional<double> slope = slope_below_zero(f)) return derivative_product_of_lines(*slope, gap);
  if (f.kind == ActivationKind::erf) return derivative_product_of_erf(q, gap);
  return derivative_product_by_quadrature(f, q, gap);
}

}  // namespace initsweep
