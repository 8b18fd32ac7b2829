#include "stored_results.hpp"

#include <system_error>

#include "initsweep/diagnostic.hpp"

namespace initsweep {

bool is_result_folder(const std::filesystem::path& path) { return std::filesystem::exists(path / "run.json"); }

Shard shard_of_results(const std::filesystem::path& path) {
  return is_result_folder(path) ? read_run_info(path).shard : Shard();
}

Baseline results_in(const RunFolder& folder, int threads) {
  return baseline_of(folder.sweep.spec, folder.sweep.grid, folder.info, folder.journal ? &*folder.journal : nullptr,
                     threads);
}

std::optional<Baseline> stored_results(const std::filesystem::path& path, int threads) {
  if (is_result_folder(path)) return results_in(open_run_folder(path), threads);
  const std::filesystem::path stem = baseline_stem(path);
  if (!baseline_exists(stem)) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored))
      throw UsageError(printable(path.string()) + " is neither a baseline (" + printable(stem.string()) + ".csv and " +
                       printable(stem.string()) + ".yaml) nor a folder of results");
    return std::nullopt;
  }
  return read_baseline(stem);
}

}  // namespace initsweep
