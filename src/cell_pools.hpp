// Cells of a sweep that agree in some settings, taken together: what the rows of a summary and the squares of its map
// are made of.
#pragma once
#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>
#include "initsweep/cells.hpp"
#include "initsweep/grid.hpp"

namespace initsweep {

using Values = std::vector<std::string>;  // texts of settings
[[nodiscard]] Values values_of(const JobSettings& settings, std::span<const Setting> of);
// The candidates that these do not all have the same value of.
[[nodiscard]] std::vector<Setting> varying_of(std::span<const Setting> candidates,
                                              std::span<const JobSettings* const> names);
// What tells the cells apart for people: initializer, mode, activation and depth, those that vary; then what else
// varies, unless another setting decides it, as a depth may its widths and an optimizer its momentum (of two that
// decide each other the first is there, and one without a value everywhere decides nothing: placement.hpp). `chosen` is
// there if it varies, and decides nothing: its value was picked for each cell (show --best-over). What would make more
// rows than that is left out, the four and `chosen` never.
inline constexpr std::size_t kMostRowsRead = 500;
inline constexpr std::size_t kAllRows = static_cast<std::size_t>(-1);
[[nodiscard]] std::vector<Setting> shown_settings(const Grid& grid, std::optional<Setting> chosen,
                                                  std::size_t most_rows);

struct Pool {
  std::vector<std::size_t> ranks;  // of its values: by first appearance in the grid
  Values values;                   // of the settings the pools are by
  std::set<std::size_t> cells;
  int n_seeds = 0, n_diverged = 0, n_failed = 0;
  double mean = kNoValue, std = kNoValue;  // of test accuracy over all ok seeds
  double slope = kNoValue;                 // mean over the cells
  std::string health;                      // "mixed" where they differ
};

// Sorted by their ranks.
struct Pools {
  std::vector<Setting> by;
  std::vector<Pool> pools;
};
// A cell is in the pool of each of its names.
[[nodiscard]] Pools pools_of(const Grid& grid, const std::vector<CellSummary>& cells, std::span<const Setting> by);

}  // namespace initsweep
