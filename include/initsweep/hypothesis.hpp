// What a few replicates allow to be said of a mean: bounds, p values, Holm's correction, permutation, and how many
// replicates would decide.
//
// Everything is one-sided and by Student's t: for one sample (or differences of pairs) with n - 1 degrees of freedom,
// for two samples by Welch 1947 with Satterthwaite's. Replicates that all agree leave no doubt: their standard error
// is 0, bounds are the mean itself, and p values 0 or 1. What rests on fewer than two says nothing: bounds are
// infinite, p values 1. So does what is not finite, though samples must be: that is asserted, and without asserts no
// NaN reads as a verdict.
#pragma once
#include <optional>
#include <span>
#include <vector>

namespace initsweep {

// A mean, or a difference of means, with what its replicates say of its error.
struct Estimate {
  int n = 0;                      // replicates or pairs; Welch: of the smaller sample
  double mean = 0;                // NaN for n = 0
  double std = 0;                 // of a replicate or a difference of two, dividing by n - 1; NaN for n < 2
  double standard_error = 0;      // of the mean; NaN for n < 2
  double degrees_of_freedom = 0;  // 0 for n < 2
};
[[nodiscard]] Estimate estimate(std::span<const double> values);
// mean(a) - mean(b) of two samples.
[[nodiscard]] Estimate welch_difference(std::span<const double> a, std::span<const double> b);

// One-sided bounds of the mean, each at this confidence.
[[nodiscard]] double lower_bound(const Estimate& of, double confidence);
[[nodiscard]] double upper_bound(const Estimate& of, double confidence);

// p of "the mean is at least `threshold`" against "it is below", and the other way around; small ones keep their
// digits. A mean that is `threshold` exactly, without any error, is on the side of the hypothesis.
[[nodiscard]] double p_below(const Estimate& of, double threshold);
[[nodiscard]] double p_above(const Estimate& of, double threshold);

// Holm 1979: p values adjusted so that rejecting those below alpha errs anywhere with probability alpha at most. In the
// order given.
[[nodiscard]] std::vector<double> holm(std::span<const double> p_values);

// The same question as p_below without a law: the share of sign flips of (difference + shift) whose sum is no larger
// than the observed one; and for two samples the share of ways to deal (a + shift, b) anew whose difference of means is
// no larger. All of them up to 2^16, else 2^13 of a fixed stream of random ones, the observed one counted too.
// Sums that differ by rounding alone are equal. They can say little of a few: n differences no less than 1 / 2^n.
[[nodiscard]] double sign_flip_p(std::span<const double> differences, double shift);
[[nodiscard]] double permutation_p(std::span<const double> a, std::span<const double> b, double shift);

// How many replicates (pairs, or of each sample) make a true difference of 0 read as above -margin: such that the
// lower 95 % bound is, with probability `power`. The spread is taken at the upper end of what the replicates seen allow
// (Browne 1995, Statistics in Medicine 14: a pilot's own standard deviation asks for too few in half of the cases).
// Of k cells that must all pass, ask each for power 1 - 0.1 / k and run all with the largest answer. It may be no more
// than was seen, where those were unlucky. nullopt for more than kMostSeeds, fewer than two replicates, or no margin.
inline constexpr int kMostSeeds = 10'000;
[[nodiscard]] std::optional<int> replicates_to_decide(const Estimate& seen, double margin, double power);

}  // namespace initsweep
