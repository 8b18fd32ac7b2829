// What matters: how much of the variance of a quantity over a complete grid is due to each of its axes and pairs.
//
// The functional decomposition of variance (Hoeffding 1948; Sobol' 1993; for hyperparameters Hutter, Hoos &
// Leyton-Brown 2014): with every combination once, the total variance of the values over the grid is the sum of those
// of its main effects, of its interactions of two axes, and of the rest, each over the whole grid with equal weight.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace initsweep {

struct VarianceShare {
  std::size_t first = 0;              // axis
  std::optional<std::size_t> second;  // of a pair, a later axis
  double share = 0;                   // of the total variance, 0..1
};

struct VarianceShares {
  std::vector<VarianceShare> shares;  // axes and pairs, largest first, ties in order with axes before pairs
  double rest = 0;                    // interactions of three and more
  double variance = 0;                // the total, divided by n
};

// levels[a] is how many values axis a has; values[i] are in the order of the grid, the last axis fastest. Their number
// is the product of levels. Every axis and pair is there, those of one level with a share of 0. nullopt if any value is
// NaN or infinite, or if all are equal (or so near that their variance is below the smallest number). The shares and
// the rest sum to 1.
[[nodiscard]] std::optional<VarianceShares> variance_shares(std::span<const std::size_t> levels,
                                                            std::span<const double> values);

}  // namespace initsweep
