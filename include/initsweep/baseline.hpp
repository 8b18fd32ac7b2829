// What results come down to where they are compared later: every replicate of every cell, and what made them.
//
// In a repository a baseline is two files, made to be committed and read in a diff: STEM.csv, a row a job, sorted by
// settings and seed; and STEM.yaml, which says what it is about and who made it, and whose `gate` block is the user's:
//
//   gate:
//     test_loss: {rtol: 0.1, atol: 0.01}     # a numeric column of jobs.csv: |now - before| <= atol + rtol |before|
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>
#include "initsweep/grid.hpp"
#include "initsweep/journal.hpp"
#include "initsweep/numerics.hpp"
#include "initsweep/record.hpp"
#include "initsweep/run_info.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {

// The numeric columns of jobs.csv, in file order: what a replicate keeps and a tolerance may be about.
[[nodiscard]] std::vector<std::string_view> baseline_columns();

// Layers with fewer weights are not gated: the rms of so few says little.
inline constexpr std::int64_t kLeastWeights = 1'000;

struct Replicate {
  std::int64_t seed = 0;
  JobStatus status = JobStatus::ok;
  std::vector<double> values;  // of baseline_columns(); NaN where there is none
  std::string digest;
  std::vector<double> weight_rms;  // at the start, layers 1 to depth + 1; NaN below kLeastWeights
};

struct BaselineCell {
  std::string id;
  std::map<std::string, std::string> settings;  // of its first name, as jobs.csv shows them; no empty ones
  double chance = kNoValue;                     // accuracy of a guess, 1 / classes
  std::vector<Replicate> replicates;            // by seed; finished ones
  std::vector<std::int64_t> missing;            // seeds that were asked for and are not finished
  // Of a result folder: the settings of its other names.
  std::vector<std::map<std::string, std::string>> other_names = {};
};

struct Tolerance {
  double rtol = 0, atol = 0;
};

struct Baseline {
  std::string sweep, reason, accepted;  // accepted: the day, 2026-11-24; reason and accepted empty for a result folder
  Tool tool;
  Numerics numerics;
  DatasetDigests data;
  std::map<std::string, Tolerance> gate;  // by column
  std::vector<BaselineCell> cells;        // sorted by settings, numbers as numbers
};

// Over all cells.
[[nodiscard]] std::size_t n_jobs(const Baseline& baseline);
[[nodiscard]] std::set<std::int64_t> seeds_of(const Baseline& baseline);

// Of a result folder, without gate, reason and day; null: nothing is finished. Reads on `threads` threads.
[[nodiscard]] Baseline baseline_of(const SweepSpec& spec, const Grid& grid, const RunInfo& info,
                                   const JournalReader* journal, int threads);

// results/baselines/ci, ci.csv and ci.yaml are the same baseline: results/baselines/ci.
[[nodiscard]] std::filesystem::path baseline_stem(const std::filesystem::path& given);
[[nodiscard]] bool baseline_exists(const std::filesystem::path& stem);

// Replaces both files whole. Throws EnvironmentError.
void write_baseline(const std::filesystem::path& stem, const Baseline& baseline);
// Throws SpecError, located, for what is wrong in the YAML, and EnvironmentError for the CSV or what cannot be read.
[[nodiscard]] Baseline read_baseline(const std::filesystem::path& stem);

}  // namespace initsweep
