// A run as it looks from outside, out of its folder alone: what is done, how fast it goes, what has come out so far.
// Looking again costs what is new, and never takes a lock.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>
#include "folder_holder.hpp"
#include "initsweep/cells.hpp"
#include "job_counts.hpp"
#include "outlook.hpp"
#include "sweep.hpp"

namespace initsweep {

class FollowedRun {
 public:
  // Throws EnvironmentError if the folder holds no run.
  explicit FollowedRun(std::filesystem::path folder);
  // Reads what has changed. Throws EnvironmentError.
  void look();

  [[nodiscard]] const RunFolder& folder() const { return *folder_; }
  [[nodiscard]] const FolderHolder& holder() const { return holder_; }
  [[nodiscard]] const JobCounts& counts() const { return counts_; }
  // Nothing unless a run is under way, or may be.
  [[nodiscard]] std::optional<Outlook> outlook() const;
  // Over the jobs whose records have been read: those not read yet are, for as long as this takes at most.
  [[nodiscard]] std::vector<CellSummary> cells(double most_seconds);

 private:
  struct Stamp {  // of a file: changes when it does
    std::uint64_t inode = 0;
    std::int64_t size = 0, seconds = 0, nanoseconds = 0;
    bool operator==(const Stamp&) const = default;
  };
  struct ReadJob {
    std::uint64_t offset = 0;
    JobDigest digest;
  };
  static Stamp stamp_of(const std::filesystem::path& file);

  std::filesystem::path path_;
  Stamp info_, journal_;
  std::optional<RunFolder> folder_;
  FolderHolder holder_;
  JobCounts counts_;
  std::vector<double> work_;                  // by cell
  std::vector<std::optional<ReadJob>> read_;  // by job
};

}  // namespace initsweep
