// Pictures in a terminal: squares and blocks of characters, in 256 colours where there are colours, with the number
// where there is room for one. The same values become SVG (svg.hpp) and the page (report.hpp).
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include "initsweep/picture.hpp"

namespace initsweep {

struct ShowOptions {
  bool color = false;
  bool utf8 = true;         // else ASCII alone
  std::size_t width = 100;  // columns of the terminal; 0: no limit (CSV, JSON, a pipe)
  bool exact = false;       // numbers with all their digits, structured values whole: for programs
};

// Panels side by side as far as the width allows, then below each other; labels of rows at the left of each, those of
// columns above, shortened where a terminal is narrow. Squares keep to any width from 12; the title and what marks mean
// wrap as text does. A square is its number on its colour, or behind a block that is higher
// for more; of a category its first letters. At the end the scale, and what the marks mean that appear. What would be
// more than two screens or so is left out, and said.
[[nodiscard]] std::string heat_map_text(const HeatMap& map, const ShowOptions& options);

// Lines with a logarithmic scale, that of the first view, each as a row of blocks: darker (or lower) is smaller, the
// first layer at the left; the views side by side. A value that is infinite is a '!', one that is NaN or below 1e-30 a
// blank. A heading for each row of panels; labels of color, dash and column before each line, said
// once where they are as above. Of more than `most_lines` the last rows of panels are shown that fit (nets get deeper
// from one to the next). Lines that are predictions are left out. `slopes`, of the lines of the first view, are shown
// behind it. "" without lines.
inline constexpr std::size_t kMostLines = 60;  // what one still scrolls through
[[nodiscard]] std::string layer_chart_text(const LineChart& chart, const ShowOptions& options,
                                           std::span<const double> slopes = {}, std::size_t most_lines = kMostLines);

}  // namespace initsweep
