// The result files of a folder, built from its journal in plan order.
#pragma once
#include <filesystem>
#include <vector>
#include "initsweep/cells.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/journal.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {

// One summary a cell of the grid, over the finished jobs that the journal has. Here and below a job whose record
// options are not the spec's counts as missing.
[[nodiscard]] std::vector<CellSummary> summarize_cells(const SweepSpec& spec, const Grid& grid,
                                                       const JournalReader& journal);

// Writes jobs, epochs, layers, cells and trace CSVs and datapackage.json, each replaced whole, and returns what
// summarize_cells would. Reads and formats on `threads` threads, the same bytes for any number; holds a few jobs'
// records for each in memory at a time.
std::vector<CellSummary> write_results(const std::filesystem::path& folder, const SweepSpec& spec, const Grid& grid,
                                       const JournalReader& journal, int threads);

}  // namespace initsweep
