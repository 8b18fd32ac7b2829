// Whether results regressed: a baseline against today.
//
//   tier 0  every digest of a cell equal: it passes
//   tier 1  columns with a tolerance in the baseline's `gate`, seed by seed: outside is regressed
//   tier 2  seeds are replicates; d = now - before of the test accuracy, paired by seed where one side's seeds hold the
//           other's, by Welch where not. A diverged seed counts as 1 / classes.
//             pass          the one-sided 95 % lower bound of d is above -margin
//             regressed     Holm-adjusted p < 0.05 against d >= -margin, or a seed diverges that was ok
//             inconclusive  else, with the seeds that would decide
//           margin = max(0.005, the standard deviation over seeds in the baseline)
//   start   the rms of each layer's weights (of 1,000 or more; as a share, 0.02) and delta_slope_start (0.03) by the
//   same
//           rule on both sides, with a family of p values of their own: they catch what accuracy hides, in tier 0 too
//
// Passing everywhere needs no correction (an intersection-union test, Berger 1982); regressing anywhere is corrected by
// Holm. A cell that is missing, new or renamed, other data, jobs that failed or are not finished: never a pass.
//
// What simulation says of the rule (tests/gate_power_test.cpp holds it):
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
