// What a folder of results says of itself: run.json (how it came to be) and datapackage.json (what its columns mean).
#pragma once
#include <filesystem>
#include <string>
#include <vector>
#include "initsweep/grid.hpp"
#include "initsweep/numerics.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {

// What made results.
struct Tool {
  std::string version, compiler, flags;
};

// run.json: the sweep as given and resolved, versions, flags, numerics, data digests.
struct RunInfo {
  std::string sweep_file, sweep_text;
  std::vector<std::string> overrides;
  DatasetDigests digests;
  Shard shard = {};
  Tool tool;
};
void write_run_info(const std::filesystem::path& folder, const SweepSpec& spec, const Grid& grid,
                    const DatasetDigests& digests, const Numerics& made = numerics());
// Throws EnvironmentError if the folder holds none ("is not a result folder").
[[nodiscard]] RunInfo read_run_info(const std::filesystem::path& folder);
// Throws the EnvironmentError of a run.json that does not hold what a run writes.
[[noreturn]] void fail_damaged_run_info(const std::filesystem::path& folder);

// Frictionless Table Schema of every column of every CSV.
[[nodiscard]] std::string datapackage_json(const SweepSpec& spec);

}  // namespace initsweep
