// Whether results regressed: a baseline against today.
//
//   tier 0  every digest that both have of a cell equal, and the accuracies too: it passes
//   tier 1  columns with a tolerance in the baseline's `gate`, seed by seed: outside is regressed
//   tier 2  seeds are replicates; d = now - before of the test accuracy, paired by seed where one side's seeds hold the
//           other's, by Welch where not. A diverged seed counts as 1 / classes.
//             pass          the one-sided 95 % lower bound of d is above -margin
//             regressed     Holm-adjusted p < 0.05 against d >= -margin, or a seed diverges that was ok
//                           or, being new, where none did
//             inconclusive  else, with the seeds that would decide
//           margin = max(0.005, the standard deviation over seeds in the baseline)
//   start   the rms of each layer's weights (of 1,000 or more; as a share, 0.02) and delta_slope_start (0.03), by the
//           same rule on both sides and with a family of p values of their own: they catch what accuracy hides, in tier
//           0 too
//
// Passing everywhere needs no correction (an intersection-union test, Berger 1982); regressing anywhere is corrected by
// Holm. A cell that is missing, new or renamed, other data, jobs that failed or are not finished: never a pass.
//
// What simulation says of the rule (tests/gate_power_test.cpp holds it): shares of sweeps of five seeds a cell, r the
// correlation of a pair, std that of a seed. "asked for" is with the seeds that the inconclusive ones ask for, run on
// both sides. The loss is three margins, in one cell of them; where all cells lose, one is named no less often.
//
//                                                        no change                     loss
//   cells  seeds          std    noise         regressed   pass  asked for     named  asked for
//     1    pairs, r 0.5   0.01   normal          0.001     0.53    0.98         0.95    1.00
//     5    pairs, r 0.5   0.01   normal          0.001     0.04    1.00         0.73    1.00
//     5    pairs, r 0.9   0.03   normal          0.000     0.61    1.00         0.99    1.00
//    20    pairs, r 0.9   0.01   normal          0.000     0.20    1.00         0.96    1.00
//    20    pairs, r 0     0.03   normal          0.005     0.00    0.99         0.21    1.00
//     1    others         0.03   normal          0.006     0.36    0.98         0.85    1.00
//     5    others         0.01   normal          0.004     0.01    0.99         0.59    1.00
//     1    others         0.03   exponential     0.009     0.41    0.97         0.82    1.00
//     1    others         0.01   plateau, 8      0.001     0.45    0.94         0.78    0.99
//     1    others         0.06   plateau, 100    0.001     0.67    0.79         0.78    0.99
//
// A plateau is where one seed in 20 ends, this many standard deviations of the rest below it. Of a far one five seeds
// of the baseline mostly know nothing, so the margin is that of the rest, and neither 0.9 nor any other share can be
// promised: more seeds on both sides make it known. And starts that differ by far more than their margins from seed to
// seed (lsuv's last layer) ask for thousands of seeds unless seeds match; such sweeps read regressed for 0.04.
#pragma once
#include <string>
#include <vector>
#include "initsweep/baseline.hpp"
#include "initsweep/finding.hpp"

namespace initsweep {

inline constexpr double kLeastMargin = 0.005, kWeightMargin = 0.02, kSlopeMargin = 0.03;
inline constexpr double kGateConfidence = 0.95, kGateAlpha = 0.05;

// A finding a cell and quantity, in the baseline's order; new cells last.
[[nodiscard]] std::vector<Finding> compare(const Baseline& before, const Baseline& now);

// What keeps the two from being compared as a whole: other data or settings, as a sentence; "" if nothing does.
[[nodiscard]] std::string what_differs(const Baseline& before, const Baseline& now);

// How many of the jobs that both have share their digest.
struct SameDigests {
  std::size_t n_same = 0, n_both = 0;
};
[[nodiscard]] SameDigests count_same_digests(const Baseline& before, const Baseline& now);

}  // namespace initsweep
