// What a terminal shows of a sweep: the accuracy table, the same accuracies as a heat map, and the gradients over the
// layers.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>
#include "initsweep/cells.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/table.hpp"
#include "initsweep/terminal_picture.hpp"

namespace initsweep {

// A row a combination of the `by` settings, under every name a cell has, sorted by them (values in the grid's order):
// seeds, accuracy (mean over all seeds) and std, how many diverged or failed, slope at the start, health. No `by`:
// initializer, mode, activation and depth, where they vary, then what else varies and no other setting decides, as long
// as that makes no more than 500 rows (for programs, options.exact, it may). Cells that agree in `by` are pooled;
// `cells` says how many, where it is more than one. `chosen`: the setting whose best value was picked for each cell, if
// any. Where the terminal is too narrow, structured values lose their parameters if their name alone tells them apart,
// then counts that are the same in every row go.
[[nodiscard]] Table summary_table(const Grid& grid, const std::vector<CellSummary>& cells, const ShowOptions& options,
                                  std::span<const Setting> by = {}, std::optional<Setting> chosen = std::nullopt);

// The accuracies of the same rows, those without results too. The first of `by` gives the map's rows, the second its
// columns, the others its panels. No `by`: initializer and mode are rows, activations columns, what else varies panels;
// what does not vary leaves its place to the next, and `chosen` has none.
[[nodiscard]] HeatMap pooled_accuracy_map(const Grid& grid, const std::vector<CellSummary>& cells,
                                          std::span<const Setting> by = {},
                                          std::optional<Setting> chosen = std::nullopt);

// Rms of delta over the hidden layers at the start, one line a cell of the deepest depth, with the slope in decades a
// layer. "" without a start record.
[[nodiscard]] std::string delta_picture(const Grid& grid, const std::vector<CellSummary>& cells,
                                        const ShowOptions& options);

}  // namespace initsweep
