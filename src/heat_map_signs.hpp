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
                      kWorseSign = {"▼", "worse, beyond what seeds explain"},
                      kBetterSign = {"▲", "better, beyond what seeds explain"},
                      kUndecidedSign = {"?", "cannot be decided"}, kNewSign = {"+", "not there before"};

// Says of each sign that a square has what it means.
void explain_signs(HeatMap& map);

}  // namespace initsweep
