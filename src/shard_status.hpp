// How far the shards of a sweep are, as one.
#pragma once
#include <filesystem>
#include <span>
#include <string>
#include "initsweep/table.hpp"
#include "job_counts.hpp"

namespace initsweep {

struct ShardStatus {
  JobCounts counts;   // of all jobs of the sweep, of shards that have not begun too
  std::string state;  // changes when a job has ended, or a shard has begun or stopped
  std::string text;   // a row a shard; for people also what there is all in all
};
// Throws as open_shards does.
[[nodiscard]] ShardStatus status_of_shards(std::span<const std::filesystem::path> folders, TableFormat as);

}  // namespace initsweep
