#include "initsweep/picture.hpp"

#include <array>
#include <map>

namespace initsweep {

std::vector<HeatEdge> boundary_of(const HeatMap& map) {
  std::map<std::array<std::size_t, 3>, bool> is_beyond;  // by panel, y and x
  for (const HeatCell& cell : map.cells)
    if (cell.is_beyond) is_beyond.insert_or_assign({cell.panel, cell.y, cell.x}, *cell.is_beyond);
  std::vector<HeatEdge> edges;
  for (const auto& [place, is_one_beyond] : is_beyond) {
    const auto [panel, y, x] = place;
    for (const bool is_right : {true, false}) {
      const auto neighbour = is_beyond.find({panel, y + (is_right ? 0 : 1), x + (is_right ? 1 : 0)});
      if (neighbour != is_beyond.end() && neighbour->second != is_one_beyond)
        edges.push_back({.panel = panel, .x = x, .y = y, .is_right = is_right});
    }
  }
  return edges;
}

}  // namespace initsweep
