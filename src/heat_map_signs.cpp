#include "heat_map_signs.hpp"

#include <algorithm>

namespace initsweep {

void explain_signs(HeatMap& map) {
  for (const Sign& sign :
       {kDivergedSign, kDeadSign, kFailedSign, kMissingSign, kWorseSign, kBetterSign, kUndecidedSign, kNewSign})
    if (std::any_of(map.cells.begin(), map.cells.end(), [&](const HeatCell& cell) { return cell.mark == sign.mark; }))
      map.marks.emplace_back(sign.mark, sign.meaning);
}

}  // namespace initsweep
