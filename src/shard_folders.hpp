// Folders of shards of one sweep, taken together: what merge makes one result of, and status looks at.
#pragma once
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>
#include "initsweep/shard.hpp"
#include "job_counts.hpp"
#include "sweep.hpp"

namespace initsweep {

// Where `run --shard` puts a shard of results/<name>: results/<name>/shards/2-of-3.
[[nodiscard]] std::filesystem::path shards_folder(const std::filesystem::path& results);
[[nodiscard]] std::filesystem::path shard_folder(const std::filesystem::path& results, const Shard& shard);
// Those of them that have begun, in order; empty if there are none.
[[nodiscard]] std::vector<std::filesystem::path> shard_folders_in(const std::filesystem::path& results);

struct ShardFolder {
  std::filesystem::path path;
  Shard shard;
  std::vector<std::size_t> jobs;         // of the whole sweep's grid
  std::optional<JournalReader> journal;  // none before its first job
  [[nodiscard]] JobCounts counts(const Sweep& sweep) const;
};

// One that nobody named, or that has not begun.
struct AbsentShard {
  Shard shard;
  std::size_t n_jobs = 0;
};

// Both in the order of their numbers.
struct ShardFolders {
  RunInfo info;  // of the first that was named
  Sweep sweep;   // whole
  std::vector<ShardFolder> shards;
  std::vector<AbsentShard> absent;
  // That all jobs were trained with; none if there are no jobs yet.
  [[nodiscard]] std::optional<Numerics> numerics() const;
};
// A whole run is shard 1/1. Throws UsageError naming every folder that does not belong with the first: of another
// sweep, with other settings, on other data, of other N, named twice, the same shard again; EnvironmentError for what
// cannot be read and for jobs with other numerics. That shards or jobs are missing is the caller's to judge.
[[nodiscard]] ShardFolders open_shards(std::span<const std::filesystem::path> folders);

// What the folder of the results holds already, maybe of an earlier merge; nullopt if it is new. Throws where a merge
// of that sweep and those numerics would lose some of it.
[[nodiscard]] std::optional<JournalReader> journal_to_merge_into(const std::filesystem::path& results, const Grid& grid,
                                                                 const Numerics& made);

}  // namespace initsweep
