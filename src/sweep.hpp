// A sweep file (or the folder of a run), read and expanded: what every command about jobs starts from.
#pragma once
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>
#include "console.hpp"
#include "initsweep/fetch.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/journal.hpp"
#include "initsweep/plan.hpp"
#include "initsweep/run_info.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {

struct Sweep {
  SweepSpec spec;
  DatasetDigests digests;
  Grid grid;
};

// As much of the file as parse_spec looks at. Throws UsageError if it cannot be read.
[[nodiscard]] std::string read_sweep_file(const std::string& file);

// Reads, checks and expands; warnings go to the console.
[[nodiscard]] Sweep load_sweep(const std::string& file, const std::vector<std::string>& overrides, Console& console);

// Leaves the jobs of the shard in the sweep, and returns which of them --filter and --job select; the order of both
// stays. Throws UsageError where not even the whole sweep has one that is selected.
[[nodiscard]] std::vector<std::size_t> take_shard(Sweep& sweep, const Shard& shard,
                                                  std::span<const std::string> filters,
                                                  std::span<const std::string> job_ids);

// The sweep of a folder, all of it, whatever shard the folder is.
[[nodiscard]] Sweep whole_sweep(const RunInfo& info, const std::filesystem::path& folder);

// The sweep that a run left in its folder (a shard's jobs alone), and what is finished of it. Never locks: a run may be
// under way.
struct RunFolder {
  std::filesystem::path path;
  RunInfo info;
  Sweep sweep;
  std::optional<JournalReader> journal;  // none before the first job of a run
};
[[nodiscard]] RunFolder open_run_folder(const std::filesystem::path& folder);

[[nodiscard]] inline std::filesystem::path journal_file(const std::filesystem::path& folder) {
  return folder / "journal.ndjson";
}

// DIR for DIR/, as a shell completes it.
[[nodiscard]] std::filesystem::path without_slash(const std::filesystem::path& folder);

// "1 job", "72 jobs"
[[nodiscard]] std::string counted(std::size_t n, std::string_view noun);

// Indices of the jobs that --filter and --job select, all of them without any. The same key twice is either value,
// different keys hold together; `seed` is a key too. Throws UsageError where nothing is left.
[[nodiscard]] std::vector<std::size_t> select_jobs(const Grid& grid, std::span<const std::string> filters,
                                                   std::span<const std::string> job_ids);

// What each cell costs under one seed, given the shapes of the data sets by their text.
// Of a named data set, known without reading it.
[[nodiscard]] DataShape shape_of(const NamedDataset& set);
using DataShapes = std::unordered_map<std::string, DataShape>;
[[nodiscard]] std::vector<Cost> cell_costs(const Sweep& sweep, const DataShapes& shapes);

// What to say of jobs, given the bytes of each, that limits.memory has no room for; empty if it has for all.
[[nodiscard]] std::string over_memory_limit(const Limits& limits, std::span<const double> bytes);

}  // namespace initsweep
