// The result files of a folder, built from its journal in plan order.
#pragma once
#include <filesystem>
#include <vector>
#include "initsweep/cells.hpp"
#include "initsweep/finding.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/journal.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {

// One summary a cell of the grid, over the finished jobs that the journal has. Here and below a job whose record
// options are not the spec's counts as missing.
[[nodiscard]] std::vector<CellSummary> summarize_cells(const SweepSpec& spec, const Grid& grid,
                                                       const JournalReader& journal);

// The verdicts on the claims of the sweep, as write_results returns them.
[[nodiscard]] std::vector<Finding> judge_claims(const SweepSpec& spec, const Grid& grid, const JournalReader& journal,
                                                int threads);

// What a sweep came to: a summary a cell of the grid, and the verdicts on its claims.
struct Outcomes {
  std::vector<CellSummary> cells;
  std::vector<Finding> claims;
};

// Writes jobs, epochs, layers, cells, checks and trace CSVs and datapackage.json, each replaced whole. Reads and
// formats on `threads` threads, the same bytes for any number; holds a few jobs' records for each in memory at a time.
Outcomes write_results(const std::filesystem::path& folder, const SweepSpec& spec, const Grid& grid,
                       const JournalReader& journal, int threads);

}  // namespace initsweep
