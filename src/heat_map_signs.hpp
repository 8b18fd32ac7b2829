// The signs in the squares of heat maps that say what a number cannot.
#pragma once
#include <string_view>
#include "initsweep/picture.hpp"

namespace initsweep {

struct Sign {
  std::string_view mark, meaning;
};
inline constexpr Sign kDivergedSign = {"×", "diverged (some or all)"},
                      kDeadSign = {"†", "dead: nine in ten units of a layer never answer"},
                      kFailedSign = {"!", "failed or timed out"}, kMissingSign = {"…", "not trained yet"},
                      kRegressedSign = {"▼", "regressed"}, kUndecidedSign = {"?", "cannot be decided"};

// Says of each sign that a square has what it means.
void explain_signs(HeatMap& map);

}  // namespace initsweep
