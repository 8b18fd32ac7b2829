// What a terminal shows of a sweep: the accuracy table and the picture of gradients over the layers.
#pragma once
#include <cstddef>
#include <string>
#include <vector>
#include "initsweep/cells.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/table.hpp"

namespace initsweep {

struct ShowOptions {
  bool color = false;
  bool utf8 = true;         // else ASCII alone
  std::size_t width = 100;  // columns of the terminal; 0: no limit (CSV, JSON, a pipe)
  bool exact = false;       // numbers with all their digits, structured values whole: for programs
  std::vector<Setting> by;  // axes of the summary; empty: initializer, mode, activation, depth, where they vary
};

// A row a combination of the `by` settings, under every name a cell has, sorted by them (values in the grid's order):
// seeds, accuracy (mean over all seeds) and std, how many diverged or failed, slope at the start, health. Cells that
// agree in `by` are pooled; `cells` says how many, where it is more than one. Where the terminal is too narrow,
// structured values lose their parameters if their name alone tells them apart, then counts that are the same in every
// row go.
[[nodiscard]] Table summary_table(const Grid& grid, const std::vector<CellSummary>& cells, const ShowOptions& options);

// Rms of delta over the hidden layers at the start, one line a cell of the deepest depth, darker (or lower) is smaller,
// log scale shared by all lines, first layer at the left; with the slope in decades a layer. "" without a start record.
[[nodiscard]] std::string delta_picture(const Grid& grid, const std::vector<CellSummary>& cells,
                                        const ShowOptions& options);

}  // namespace initsweep
