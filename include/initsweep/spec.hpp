// The sweep file, read.
//
// parse_spec turns YAML text into plain values and reports everything wrong at once, each with line, column and caret.
// Nothing here knows data, cost or training; expand() in grid.hpp turns a SweepSpec into cells and jobs.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "initsweep/diagnostic.hpp"
#include "initsweep/setting.hpp"

namespace initsweep {

// One or more settings that walk together: values[i] has one SettingValue for each of `settings`. A plain axis has one
// setting, a zip several.
struct Axis {
  std::vector<Setting> settings;
  std::vector<std::vector<Assignment>> values;  // values[i] assigns `settings`, in that order
  std::vector<Assignment> when;                 // all must match, else the axis is absent in the combination
  SourceLocation where;                         // of the key
};
using Block = std::vector<Axis>;  // product of its axes, the last one varying fastest

// A partial match over cells; all must hold. A seed is not a setting, so it is kept apart.
struct Pattern {
  std::vector<Assignment> settings;
  SourceLocation where;
};

struct RecordOptions {
  enum class Every { epoch, steps, never };
  Every every = Every::epoch;
  std::int64_t steps = 0;  // for Every::steps, >= 1
  bool at_start = true;    // whether layers.csv shows the start record of a net that is trained
  int probe = 300;         // samples, 1..60000
  int jacobian = 0;        // the first samples of the probe whose layer Jacobians are decomposed; 0: none
  bool operator==(const RecordOptions&) const = default;
};

struct Limits {
  std::optional<double> job_timeout;  // seconds
  std::int64_t max_jobs = 10'000;
  std::optional<std::uint64_t> memory;  // bytes, for all running jobs together
};

// What an experiment is about, in words; all optional.
struct About {
  std::string claim;      // as its source states it
  std::string source;     // paper and place
  std::string verdict;    // what came out: true, true with a condition, not so
  std::string condition;  // under which, or why not
};

// A claim to be checked after the run.
struct Expectation {
  enum class Over { mean, every_seed };
  enum class At { unsaid, start, end, epoch };
  // `includes`: the middle part of the seeds, from the quantile 1 - confidence to the quantile confidence, has the
  // value in it. `predicted`: equals what mean-field theory says of the same net (rtol: of the ratio; atol: of the
  // difference).
  enum class Bound { none, at_least, at_most, between, equals, includes, predicted };
  // One number out of those of several layers. `slope`: least-squares slope of log10 of the value against the layer, in
  // decades a layer toward the output; `spread`: log10 of the largest over the smallest.
  enum class Across { none, slope, spread };
  std::string id;  // given, or e1, e2, ... by position
  std::string claim;
  // A numeric column of jobs.csv, or with `at` of epochs.csv, or layers.<tensor>.<statistic>; empty for a status claim.
  std::string metric;
  Pattern where;
  std::optional<Pattern> higher, than;
  double by = 0;
  std::optional<double> by_at_most;  // by: [a, b]
  Bound bound = Bound::none;
  double low = 0, high = 0;   // at_least: low; at_most: high; between: both; equals and includes: low is the value
  double rtol = 0, atol = 0;  // equals, predicted
  At at = At::unsaid;
  std::int64_t epoch = 0;                   // At::epoch
  std::string layer;                        // hidden, all, first, last, or a number; empty if not said
  std::optional<int> layer_from, layer_to;  // layer: {from: 2, to: 9}, hidden layers; `to` may be absent: the last one
  Across across = Across::none;
  Over over = Over::mean;
  double confidence = 0.95;
  std::optional<Setting> best_over;
  std::optional<std::string> status;  // ok, diverged
  std::optional<double> published;    // what the source has for the quantity; shown beside ours, decides nothing
  SourceLocation location;            // of the claim's entry
};

struct SweepSpec {
  std::string file;                    // as named on the command line
  std::string text;                    // with LF line ends, for diagnostics that come later
  std::vector<std::string> overrides;  // the --set options, in order
  std::string name;
  std::string description;
  About about;
  std::vector<Assignment> settings;
  std::vector<Block> blocks;  // empty: the one cell of `settings`
  std::vector<std::int64_t> seeds = {1};
  std::vector<Pattern> exclude;
  std::vector<std::vector<Assignment>> include;
  bool probe = false;  // no net is trained: each is looked at before training alone
  RecordOptions record;
  Limits limits;
  std::vector<Expectation> expect;
  std::vector<Diagnostic> warnings;
  struct Places {  // for problems that only the whole grid shows
    SourceLocation grid{1, 1, 1}, max_jobs{1, 1, 1};
  } places;
};

// A longer one is refused, so no more of a file need be read.
inline constexpr std::size_t kMaxSweepBytes = 1 << 20;

// Throws SpecError with every problem found (the first hundred, and how many more). `overrides` are `key=value` options
// that change what the file says before it is checked:
//   epochs=1            a setting: it has this one value in `settings` and in every axis and `include` that names it
//   grid.depth=[2,5]    an axis: replaced in every block that has it, else added to all blocks
//   seeds=3, limits.memory=8GiB, settings.depth=2: a path into the file
// A problem in one is located as --set:1:column with the option as its line.
[[nodiscard]] SweepSpec parse_spec(std::string_view text, std::string file,
                                   std::span<const std::string> overrides = {});

// One value, as in --filter key=value. Throws SpecError located in `option` ("--filter"), its line being key=text.
[[nodiscard]] SettingValue parse_setting_value(Setting setting, std::string_view text, std::string_view option);

// A diagnostic at a place in the sweep file or in an override, with its line filled in. Places in overrides are known
// by their line, which no sweep file reaches.
[[nodiscard]] Diagnostic located(const SweepSpec& spec, Severity severity, SourceLocation where, std::string message);

}  // namespace initsweep
