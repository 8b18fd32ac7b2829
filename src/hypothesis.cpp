#include "initsweep/hypothesis.hpp"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include "initsweep/rng.hpp"

namespace initsweep {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

[[maybe_unused]] bool are_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); });
}

// So too where an assert would have stopped a debug build: what is not a number must not read as a verdict.
bool says_nothing(const Estimate& of) { return !std::isfinite(of.mean) || !std::isfinite(of.standard_error); }

// How far the bound of this confidence lies from the mean.
double distance_of_bound(const Estimate& of, double confidence) {
  assert(0 < confidence && confidence < 1);
  if (of.standard_error == 0) return 0;
  return boost::math::quantile(boost::math::students_t(of.degrees_of_freedom), confidence) * of.standard_error;
}

// The chance of a mean this far above (or, if negative, below) the hypothesis or lower. Both p values are this tail, so
// that neither is 1 minus something and small ones keep their digits.
double lower_tail(const Estimate& of, double distance) {
  if (says_nothing(of) || std::isnan(distance)) return 1;
  if (of.standard_error == 0) return distance < 0 ? 0 : 1;
  return boost::math::cdf(boost::math::students_t(of.degrees_of_freedom), distance / of.standard_error);
}

// Permutations: what counts is how often a sum is no larger than another of the same numbers in a different order.
// Accuracies are multiples of one number over the size of the test set, so ties are common, and rounding must not
// decide them: it is of the order of 1e-16 of the numbers, and what differs at all does by far more than this.
constexpr double kTie = 1e-12;
constexpr std::uint32_t kMostShuffles = 1u << 16;    // of which all are looked at
constexpr std::uint32_t kRandomShuffles = 1u << 13;  // else; a table of cells has a p each

double tie_of(std::span<const double> values) {
  return kTie *
         std::transform_reduce(values.begin(), values.end(), 0.0, std::plus<>(), [](double x) { return std::abs(x); });
}

// Any fixed stream does. Dealing anew is what batches are made by.
RngStream stream_of_shuffles() { return RngStream(/*seed=*/0, StreamPurpose::batch_order, /*index=*/0); }

// With the observed arrangement among the random ones p is never 0 and its test never too bold (Phipson & Smyth 2010,
// "Permutation P-values should never be zero").
double share_of_random(std::uint32_t hits) { return (hits + 1.0) / (kRandomShuffles + 1.0); }

// n over k, or anything above kMostShuffles if it is more than that.
std::uint64_t n_ways(std::uint64_t n, std::uint64_t k) {
  k = std::min(k, n - k);
  std::uint64_t ways = 1;
  for (std::uint64_t i = 1; i <= k && ways <= kMostShuffles; ++i) ways = ways * (n - k + i) / i;
  return ways;
}

// How sure the upper limit of the spread is. With the pilot's own spread, or its median-unbiased one (0.5), fewer
// reruns pass than were asked for; and the margin is an estimate too, of a pilot as small. Simulated for
// replicates_to_decide: pilots of 3 and 5 pairs, a true difference of 0, margin max(0.005, std of the baseline), both
// estimated anew in a rerun of independent replicates; std of a replicate 0.001 to 0.05, correlation of a pair 0, 0.5,
// 0.9; power 0.9 asked for; 100,000 runs each. The worst of these 48 passes in a share of
//
//   level       0.5    0.6    0.7    0.8    0.9
//   pairs      0.786  0.834  0.877  0.907  0.942
//   Welch      0.850  0.893  0.925  0.954  0.979    (16 of them, 5,000 runs each)
//   median n    16     21     29     45     93      (pilot 3, correlation 0, std 0.005)
//
// so 0.8 is the least of them that keeps the word, and 0.9 would double the work. With k cells at once, 1 - 0.1 / k
// asked for in each and all run with the largest number that any of them needs, all pass in 0.996 of the runs or more
// (k = 5 and 20). With its own number for each cell they would in 0.76 and 0.42: the spread is taken at a level that
// one pilot rarely exceeds, not the worst of many.
constexpr double kLevelOfSpread = 0.8;

// What decides the power of n replicates.
struct Design {
  double margin = 0;             // in standard deviations
  double freedom_per_added = 0;  // degrees of freedom per replicate beyond the first: 1 for pairs, 1..2 for Welch
};

Design design_of(const Estimate& seen, double margin) {
  const double freedom = seen.degrees_of_freedom;
  const double low_quantile = boost::math::quantile(boost::math::chi_squared(freedom), 1 - kLevelOfSpread);
  const double spread = seen.std * std::sqrt(freedom / low_quantile);
  return {.margin = margin / spread, .freedom_per_added = std::min(freedom / (seen.n - 1), 2.0)};
}

// The chance that n replicates show a true 0 to be above -margin at 95 %: that a non-central t, its centre sqrt(n)
// margins away, exceeds the quantile of Student's.
double power_of(const Design& design, int n) {
  // Certain long before, and without an end to it where replicates agree.
  constexpr double kFarAway = 100;
  const double freedom = design.freedom_per_added * (n - 1);
  const double center = std::min(design.margin * std::sqrt(static_cast<double>(n)), kFarAway);
  const double least = boost::math::quantile(boost::math::students_t(freedom), 0.95);
  return boost::math::cdf(boost::math::complement(boost::math::non_central_t(freedom, center), least));
}

}  // namespace

// The mean is found by deviations from the first number: numbers that are all equal then have exactly that mean and no
// spread, where sum / n is off by a rounding that would make one; and what is lost is small against the spread, however
// large the mean.
Estimate estimate(std::span<const double> values) {
  assert(are_finite(values));
  Estimate result{.n = static_cast<int>(values.size()), .mean = kNaN, .std = kNaN, .standard_error = kNaN};
  if (values.empty()) return result;
  const double n = static_cast<double>(values.size());
  double from_first = 0, squares = 0;
  for (const double x : values) from_first += x - values[0];
  result.mean = values[0] + from_first / n;
  if (result.n < 2) return result;
  for (const double x : values) squares += (x - result.mean) * (x - result.mean);
  result.degrees_of_freedom = n - 1;
  result.std = std::sqrt(squares / (n - 1));
  result.standard_error = result.std / std::sqrt(n);
  return result;
}

Estimate welch_difference(std::span<const double> a, std::span<const double> b) {
  const Estimate of_a = estimate(a), of_b = estimate(b);
  Estimate result{.n = std::min(of_a.n, of_b.n), .mean = of_a.mean - of_b.mean, .std = kNaN, .standard_error = kNaN};
  if (result.n < 2) return result;
  result.std = std::hypot(of_a.std, of_b.std);
  result.standard_error = std::hypot(of_a.standard_error, of_b.standard_error);
  // Satterthwaite's formula in shares of the variance, which no scale of the numbers can make overflow or vanish.
  const double share = result.standard_error == 0 ? 0.5 : std::pow(of_a.standard_error / result.standard_error, 2);
  result.degrees_of_freedom = 1 / (share * share / (of_a.n - 1) + (1 - share) * (1 - share) / (of_b.n - 1));
  return result;
}

double lower_bound(const Estimate& of, double confidence) {
  return says_nothing(of) ? -kInfinity : of.mean - distance_of_bound(of, confidence);
}

double upper_bound(const Estimate& of, double confidence) {
  return says_nothing(of) ? kInfinity : of.mean + distance_of_bound(of, confidence);
}

double p_below(const Estimate& of, double threshold) { return lower_tail(of, of.mean - threshold); }

double p_above(const Estimate& of, double threshold) { return lower_tail(of, threshold - of.mean); }

std::vector<double> holm(std::span<const double> p_values) {
  const auto is_p = [](double p) { return 0 <= p && p <= 1; };  // false for NaN
  assert(std::all_of(p_values.begin(), p_values.end(), is_p));
  std::vector<double> adjusted(p_values.begin(), p_values.end());
  std::replace_if(adjusted.begin(), adjusted.end(), std::not_fn(is_p), 1.0);
  std::vector<std::size_t> order(adjusted.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return adjusted[i] < adjusted[j]; });
  double largest = 0;  // the adjusted ones ascend as the given ones do
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const double left = static_cast<double>(order.size() - rank);
    largest = std::max(largest, std::min(1.0, left * adjusted[order[rank]]));
    adjusted[order[rank]] = largest;
  }
  return adjusted;
}

// Flipping some of the signs takes twice those numbers from the sum: it is no larger if they sum to 0 or more.
// Comparisons are written such that NaN counts as no larger, which makes p 1.
double sign_flip_p(std::span<const double> differences, double shift) {
  assert(are_finite(differences) && std::isfinite(shift));
  std::vector<double> values(differences.begin(), differences.end());
  for (double& x : values) x += shift;
  const double tie = tie_of(values);

  if (values.size() <= 16) {
    const std::uint32_t n_flips = 1u << values.size();
    std::uint32_t hits = 0;
    for (std::uint32_t flips = 0; flips < n_flips; ++flips) {
      double flipped = 0;
      for (std::size_t i = 0; i < values.size(); ++i) flipped += flips >> i & 1 ? values[i] : 0;
      hits += !(flipped < -tie);
    }
    return static_cast<double>(hits) / n_flips;
  }

  RngStream stream = stream_of_shuffles();
  std::uint32_t hits = 0;
  for (std::uint32_t k = 0; k < kRandomShuffles; ++k) {
    double flipped = 0;
    std::uint32_t flips = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i % 32 == 0) flips = stream.bits();
      flipped += flips >> i % 32 & 1 ? values[i] : 0;
    }
    hits += !(flipped < -tie);
  }
  return share_of_random(hits);
}

// The difference of means is no larger just if the sum over those dealt to `a` is.
double permutation_p(std::span<const double> a, std::span<const double> b, double shift) {
  assert(are_finite(a) && are_finite(b) && std::isfinite(shift));
  std::vector<double> values(a.begin(), a.end());
  for (double& x : values) x += shift;
  const double observed = std::reduce(values.begin(), values.end());
  values.insert(values.end(), b.begin(), b.end());
  const double most = observed + tie_of(values);

  if (n_ways(values.size(), a.size()) <= kMostShuffles) {
    std::vector<bool> is_dealt(values.size());
    std::fill_n(is_dealt.begin(), a.size(), true);
    std::uint32_t hits = 0, n_deals = 0;
    do {
      double sum = 0;
      for (std::size_t i = 0; i < values.size(); ++i) sum += is_dealt[i] ? values[i] : 0;
      hits += !(sum > most);
      ++n_deals;
    } while (std::prev_permutation(is_dealt.begin(), is_dealt.end()));
    return static_cast<double>(hits) / n_deals;
  }

  RngStream stream = stream_of_shuffles();
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0u);
  std::uint32_t hits = 0;
  for (std::uint32_t k = 0; k < kRandomShuffles; ++k) {
    shuffle(order, stream);
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += values[order[i]];
    hits += !(sum > most);
  }
  return share_of_random(hits);
}

std::optional<int> replicates_to_decide(const Estimate& seen, double margin, double power) {
  assert(0 < power && power < 1);
  if (says_nothing(seen) || !(margin > 0)) return std::nullopt;
  const Design design = design_of(seen, margin);
  int enough = 2;
  while (power_of(design, enough) < power) {
    if (enough == kMostSeeds) return std::nullopt;
    enough = std::min(2 * enough, kMostSeeds);
  }
  int too_few = enough / 2;
  while (enough - too_few > 1) {
    const int n = std::midpoint(too_few, enough);
    (power_of(design, n) < power ? too_few : enough) = n;
  }
  return enough;
}

}  // namespace initsweep
