// Turns a SweepSpec into the cells and jobs to run.
//
// Order is part of the contract: blocks in turn, axes in the order the file lists them, the last one fastest; `when`,
// `exclude`, `include`, then folding, then seeds. Row k of a CSV can be worked out by hand. Combinations that mean the
// same are one cell, trained once, that keeps every name it was asked for under.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>
#include "initsweep/settings.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {

struct Cell {
  std::string id;
  JobSettings settings;            // canonical: what is trained
  std::vector<JobSettings> names;  // as asked for, first the one that jobs.csv shows
};

struct Job {
  std::size_t cell = 0;  // index into Grid::cells
  std::int64_t seed = 1;
  std::string id;
};

// Combinations that disappeared, and why: "mode has no meaning for normal", "he_normal with fan_in is
// variance_scaling(scale=2;distribution=normal) with fan_in".
struct Folded {
  JobSettings name;      // the combination
  std::size_t cell = 0;  // the cell that stands for it
  std::string reason;
  std::size_t count = 1;  // combinations that fold so, for the same reason
};
struct Excluded {
  JobSettings name;
  std::size_t pattern = 0;  // index into SweepSpec::exclude
};

// One of `count` parts that the jobs of a sweep are dealt to; all of them unless it is told otherwise.
struct Shard {
  int index = 1, count = 1;  // 1 <= index <= count
  [[nodiscard]] bool is_whole() const { return count == 1; }
  bool operator==(const Shard&) const = default;
};

struct Grid {
  std::vector<Cell> cells;
  std::vector<Job> jobs;  // cells in order, seeds within
  Shard shard;            // that the jobs are of
  std::vector<Folded> folded;
  std::vector<Excluded> excluded;
  std::size_t combinations = 0;  // before excluding and folding
  std::vector<Setting> varying;  // settings that not all cells share, in column order
  std::vector<Diagnostic> warnings;
};

// dataset text -> SHA-256 of its bytes, for every dataset the sweep names.
using DatasetDigests = std::map<std::string, std::string>;
[[nodiscard]] std::vector<std::string> datasets_of(const SweepSpec& spec);

// Throws SpecError for what only shows in a combination (a width list against a depth axis, an empty grid, more than
// limits.max_jobs).
[[nodiscard]] Grid expand(const SweepSpec& spec, const DatasetDigests& digests);

// Whether any of the cell's names has all of these values.
[[nodiscard]] bool matches(const Cell& cell, const Pattern& pattern);

// The settings that tell cells apart: those that vary, less a width that the depth decides (a taper over it).
[[nodiscard]] std::vector<Setting> telling_settings(const Grid& grid);

// "he_normal/fan_in/relu/depth=8/seed=3": what tells this job from the others of the grid, for logs and tables.
[[nodiscard]] std::string job_label(const Grid& grid, const Job& job);

}  // namespace initsweep
