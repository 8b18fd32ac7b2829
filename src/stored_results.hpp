// Results to compare with, wherever they are kept: a baseline in a repository, or a folder that a run left.
#pragma once
#include <filesystem>
#include <optional>
#include "initsweep/baseline.hpp"
#include "sweep.hpp"

namespace initsweep {

[[nodiscard]] bool is_result_folder(const std::filesystem::path& path);
// Whole for what is no folder of results.
[[nodiscard]] Shard shard_of_results(const std::filesystem::path& path);
[[nodiscard]] Baseline results_in(const RunFolder& folder, int threads);
// nullopt if there is nothing of the kind.
[[nodiscard]] std::optional<Baseline> stored_results(const std::filesystem::path& path, int threads);

}  // namespace initsweep
