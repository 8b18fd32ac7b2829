// Each kind of picture as SVG.
#pragma once
#include <cstddef>
#include <string>
#include "initsweep/picture.hpp"

namespace initsweep {

[[nodiscard]] std::string heat_map_svg(const HeatMap& map);
[[nodiscard]] std::string line_chart_svg(const LineChart& chart, std::size_t view);
[[nodiscard]] std::string bar_chart_svg(const BarChart& chart);
[[nodiscard]] std::string timeline_svg(const Timeline& timeline);

}  // namespace initsweep
