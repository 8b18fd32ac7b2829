// The result files of a folder, built from its journal in plan order.
#pragma once
#include <filesystem>
#include <string>
#include <vector>
#include "initsweep/cells.hpp"
#include "initsweep/csv.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/journal.hpp"

namespace initsweep {

// Column tables, in file order: names, types and descriptions are promises (DESIGN section 4).
[[nodiscard]] std::vector<Column> jobs_columns();
[[nodiscard]] std::vector<Column> epochs_columns();
[[nodiscard]] std::vector<Column> layers_columns();
[[nodiscard]] std::vector<Column> cells_columns();
[[nodiscard]] std::vector<Column> trace_columns();

// A setting's column, the same in every table.
[[nodiscard]] Column setting_column(Setting setting);

// One summary a cell of the grid, over the finished jobs that the journal has. Here and below a job whose record
// options are not the spec's counts as missing.
[[nodiscard]] std::vector<CellSummary> summarize_cells(const SweepSpec& spec, const Grid& grid,
                                                       const JournalReader& journal);

// Writes jobs, epochs, layers, cells and trace CSVs and datapackage.json, each replaced whole, and returns what
// summarize_cells would. Holds one job's record in memory at a time.
std::vector<CellSummary> write_results(const std::filesystem::path& folder, const SweepSpec& spec, const Grid& grid,
                                       const JournalReader& journal);

// Frictionless Table Schema of every column above.
[[nodiscard]] std::string datapackage_json(const SweepSpec& spec);

// run.json: the sweep as given and resolved, versions, flags, numerics, data digests.
struct RunInfo {
  std::string sweep_file, sweep_text;
  std::vector<std::string> overrides;
  DatasetDigests digests;
};
void write_run_info(const std::filesystem::path& folder, const SweepSpec& spec, const Grid& grid,
                    const DatasetDigests& digests);
// Throws EnvironmentError if the folder holds none ("is not a result folder").
[[nodiscard]] RunInfo read_run_info(const std::filesystem::path& folder);

}  // namespace initsweep
