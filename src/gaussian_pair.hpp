// Two preactivations of one unit, for two inputs: Gaussian, of one variance q and the correlation 1 - gap.
//
// The gap 0 <= gap <= 2 is asked for instead of the correlation, since correlations next to 1 are what deep nets have.
#pragma once
#include <optional>
#include "initsweep/activation.hpp"

namespace initsweep {

// E[f(u1)^2] - E[f(u1) f(u2)]. To some nine digits also where it is tiny (not for gap > 1, where it never is).
[[nodiscard]] double lost_product(const Activation& f, double q, double gap);
// E[f'(u1) f'(u2)].
[[nodiscard]] double derivative_product(const Activation& f, double q, double gap);

// Where the correlation of a deep net ends below 1, and the slope of its map there.
struct FinalCorrelation {
  double gap = 0, slope = 0;
};
// In a tenth of a millisecond, for a fixed point q of the length map at which chi_1 is above 1. nullopt where that is
// not good enough: next to 1 where f has kinks or is steep beside the width of z.
[[nodiscard]] std::optional<FinalCorrelation> quick_final_correlation(const Activation& f, double q,
                                                                      double weight_variance);

}  // namespace initsweep
