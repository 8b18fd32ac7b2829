// Two preactivations of one unit, for two inputs: Gaussian, of one variance q and the correlation 1 - gap.
//
// The gap 0 <= gap <= 2 is asked for instead of the correlation, since correlations next to 1 are what deep nets have.
#pragma once
#include "initsweep/activation.hpp"

namespace initsweep {

// E[f(u1)^2] - E[f(u1) f(u2)]. To some nine digits also where it is tiny (not for gap > 1, where it never is).
[[nodiscard]] double lost_product(const Activation& f, double q, double gap);
// E[f'(u1) f'(u2)].
[[nodiscard]] double derivative_product(const Activation& f, double q, double gap);

}  // namespace initsweep
