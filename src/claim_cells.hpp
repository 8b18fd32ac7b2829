// Which cells a claim speaks of, and which it compares.
#pragma once
#include <vector>
#include "initsweep/claims.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {

// Of each claim, in the order of the grid. Two cells are compared where everything agrees but the settings that
// `higher` and `than` name (and best_over), and what follows from those: a mode, bias_stddev, or parameter of the
// optimizer that has no meaning on one side or that nobody wrote; the width that a depth leads to, whose first and last
// layers agree. Throws SpecError for more claims about more cells than can be looked at in seconds.
[[nodiscard]] std::vector<std::vector<ClaimCells>> cells_of_claims(const SweepSpec& spec, const Grid& grid);

}  // namespace initsweep
