// How many jobs ended how.
#pragma once
#include <cstddef>
#include <string>
#include "initsweep/grid.hpp"
#include "initsweep/journal.hpp"

namespace initsweep {

struct JobCounts {
  std::size_t ok = 0, diverged = 0, failed = 0, timeout = 0, missing = 0;
  [[nodiscard]] std::size_t total() const { return ok + diverged + failed + timeout + missing; }
  // nullptr is a job that is not finished.
  void add(const JournalEntry* job);
  JobCounts& operator+=(const JobCounts& other);
  bool operator==(const JobCounts&) const = default;
};

// Of all jobs of the grid; there may be no journal yet.
[[nodiscard]] JobCounts count_jobs(const Grid& grid, const RecordOptions& record, const JournalReader* journal);

// "80 ok, 4 diverged, 1 failed or timed out, 3 not trained yet"
[[nodiscard]] std::string to_text(const JobCounts& counts);

}  // namespace initsweep
