#include "initsweep/svg.hpp"

#include "svg_pictures.hpp"

namespace initsweep {
namespace {

struct Draw {
  std::size_t view = 0;
  std::string operator()(const HeatMap& map) const { return heat_map_svg(map); }
  std::string operator()(const LineChart& chart) const { return line_chart_svg(chart, view); }
  std::string operator()(const BarChart& chart) const { return bar_chart_svg(chart); }
  std::string operator()(const Timeline& timeline) const { return timeline_svg(timeline); }
};

}  // namespace

std::string svg(const Picture& picture, std::size_t view) { return std::visit(Draw{view}, picture); }

}  // namespace initsweep
