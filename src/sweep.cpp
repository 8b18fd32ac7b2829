#include "sweep.hpp"

#include <algorithm>
#include <map>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "initsweep/claims.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/fetch.hpp"
#include "initsweep/number.hpp"
#include "initsweep/results.hpp"
#include "initsweep/shard.hpp"
#include "initsweep/train.hpp"
#include "read_file.hpp"

namespace initsweep {
namespace {

Sweep expanded(SweepSpec spec, DatasetDigests digests) {
  Grid grid = expand(spec, digests);
  return {std::move(spec), std::move(digests), std::move(grid)};
}

// One --filter, taken apart.
struct Filter {
  std::string key;
  std::optional<Setting> setting;     // else it is about seeds
  std::string printed;                // as CSVs show it: normal(mean=0;stddev=0.01), 300x100
  std::optional<SettingValue> value;  // as sweep files write it
  std::int64_t seed = 0;
};

Filter parse_filter(const std::string& option) {
  const std::size_t equals = option.find('=');
  if (equals == std::string::npos || equals == 0)
    throw UsageError("--filter takes KEY=VALUE, as in --filter depth=5; got '" + printable(option) + "'");
  Filter filter;
  filter.key = option.substr(0, equals);
  const std::string value = option.substr(equals + 1);
  if (filter.key == "seed") {
    const std::optional<std::int64_t> seed = parse_integer(value);
    if (!seed) throw UsageError("--filter seed takes a whole number, got '" + printable(value) + "'");
    filter.seed = *seed;
    return filter;
  }
  const std::optional<Setting> setting = parse_setting(filter.key);
  if (!setting) {
    std::vector<std::string_view> names = {"seed"};
    for (const SettingInfo& info : setting_table()) names.push_back(info.name);
    const std::optional<std::string_view> near = nearest_name(filter.key, names);
    throw UsageError(
        "--filter knows no setting '" + printable(filter.key) + "'" +
        (near ? "; did you mean '" + std::string(*near) + "'?" : "; 'initsweep list settings' shows them"));
  }
  filter.setting = setting;
  filter.printed = value;
  const bool is_printed_form = value.ends_with(')') || (setting == Setting::width && value.find('x') != value.npos);
  if (!is_printed_form) filter.value = parse_setting_value(*setting, value, "--filter");
  return filter;
}

// All filters of one key: either may hold.
using Alternatives = std::vector<Filter>;

bool any_holds(const Alternatives& alternatives, const JobSettings& name) {
  return std::any_of(alternatives.begin(), alternatives.end(), [&](const Filter& filter) {
    return filter.value ? matches(name, *filter.setting, *filter.value)
                        : setting_text(name, *filter.setting) == filter.printed;
  });
}

// Where the sweep gives the setting the value it has in these settings; its first line if only a default does.
SourceLocation place_of(const SweepSpec& spec, const JobSettings& settings, Setting setting) {
  SourceLocation place{1, 1, 1};
  const auto look = [&](const std::vector<Assignment>& assignments) {
    for (const Assignment& a : assignments)
      if (a.setting == setting && matches(settings, setting, a.value)) place = a.where;
  };
  look(spec.settings);
  for (const Block& block : spec.blocks)
    for (const Axis& axis : block)
      for (const std::vector<Assignment>& value : axis.values) look(value);
  for (const std::vector<Assignment>& cell : spec.include) look(cell);
  return place;
}

// More samples than a named data set has shows before anything is read or trained.
void check_sizes(const Sweep& sweep) {
  constexpr std::size_t kMaxProblems = 20;
  std::vector<Diagnostic> problems;
  for (const Cell& cell : sweep.grid.cells) {
    if (problems.size() == kMaxProblems) break;
    const NamedDataset* set = find_named_dataset(cell.settings.dataset);
    if (set == nullptr) continue;
    try {
      static_cast<void>(n_training_samples(cell.settings, set->n_train));
    } catch (const UsageError& error) {
      const Setting culprit = cell.settings.train_samples ? Setting::train_samples : Setting::validation_samples;
      Diagnostic problem =
          located(sweep.spec, Severity::error, place_of(sweep.spec, cell.settings, culprit), error.what());
      if (std::find(problems.begin(), problems.end(), problem) == problems.end())
        problems.push_back(std::move(problem));
    }
  }
  if (!problems.empty()) throw SpecError(std::move(problems));
}

// Claims speak of the sweep as written: with --set one may lose its cells on purpose, but not by a slip.
void check_claims(const Sweep& sweep, const std::string& file, const std::string& text) {
  if (sweep.spec.expect.empty()) return;
  std::vector<Diagnostic> problems;
  if (sweep.spec.overrides.empty()) {
    problems = check_expectations(sweep.spec, sweep.grid);
  } else {
    static_cast<void>(Claims(sweep.spec, sweep.grid));  // throws for more than can be looked at
    try {
      const SweepSpec written = parse_spec(text, file);
      DatasetDigests names;  // which data there are decides no claim
      for (const std::string& dataset : datasets_of(written)) names[dataset] = dataset;
      problems = check_expectations(written, expand(written, names));
    } catch (const SpecError&) {
      return;  // what --set mends
    }
  }
  if (!problems.empty()) throw SpecError(problems);
}

}  // namespace

std::string read_sweep_file(const std::string& file) {
  std::error_code error;
  std::string text = read_file(file, kMaxSweepBytes, error);
  if (error == std::errc::is_a_directory)
    throw UsageError("'" + printable(file) + "' is a folder, expected a sweep file");
  if (error) throw UsageError("cannot open the sweep file '" + printable(file) + "': " + error.message());
  return text;
}

Sweep load_sweep(const std::string& file, const std::vector<std::string>& overrides, Console& console) {
  const std::string text = read_sweep_file(file);
  SweepSpec spec = parse_spec(text, file, overrides);
  DatasetDigests digests;
  for (const std::string& dataset : datasets_of(spec)) digests[dataset] = dataset_digest(dataset);
  Sweep sweep = expanded(std::move(spec), std::move(digests));
  check_sizes(sweep);
  console.say(format(sweep.spec.warnings));
  console.say(format(sweep.grid.warnings));
  check_claims(sweep, file, text);
  return sweep;
}

Sweep whole_sweep(const RunInfo& info, const std::filesystem::path& folder) {
  SweepSpec spec = parse_spec(info.sweep_text, info.sweep_file, info.overrides);
  for (const std::string& dataset : datasets_of(spec))
    if (!info.digests.contains(dataset)) fail_damaged_run_info(folder);
  return expanded(std::move(spec), info.digests);
}

RunFolder open_run_folder(const std::filesystem::path& folder) {
  RunInfo info = read_run_info(folder);
  Sweep sweep = whole_sweep(info, folder);
  keep_shard(sweep.grid, info.shard);
  RunFolder opened{folder, std::move(info), std::move(sweep), std::nullopt};
  if (std::filesystem::exists(journal_file(folder))) opened.journal.emplace(journal_file(folder));
  return opened;
}

std::filesystem::path without_slash(const std::filesystem::path& folder) {
  return folder.has_filename() ? folder : folder.parent_path();
}

std::string counted(std::size_t n, std::string_view noun) {
  return grouped_text(n) + " " + std::string(noun) + (n == 1 ? "" : "s");
}

std::vector<std::size_t> select_jobs(const Grid& grid, std::span<const std::string> filters,
                                     std::span<const std::string> job_ids) {
  std::vector<Alternatives> of_settings;
  std::vector<std::int64_t> seeds;
  for (const std::string& option : filters) {
    Filter filter = parse_filter(option);
    if (!filter.setting) {
      seeds.push_back(filter.seed);
      continue;
    }
    const auto same_key = std::find_if(of_settings.begin(), of_settings.end(), [&](const Alternatives& alternatives) {
      return alternatives.front().key == filter.key;
    });
    if (same_key != of_settings.end())
      same_key->push_back(std::move(filter));
    else
      of_settings.push_back({std::move(filter)});
  }

  for (const std::string& id : job_ids)
    if (std::none_of(grid.jobs.begin(), grid.jobs.end(), [&](const Job& job) { return job.id == id; }))
      throw UsageError("--job '" + printable(id) +
                       "': the sweep has no such job; 'initsweep plan --format csv' lists them");

  std::vector<bool> cell_matches;
  for (const Cell& cell : grid.cells)
    cell_matches.push_back(std::any_of(cell.names.begin(), cell.names.end(), [&](const JobSettings& name) {
      return std::all_of(of_settings.begin(), of_settings.end(),
                         [&](const Alternatives& alternatives) { return any_holds(alternatives, name); });
    }));
  std::vector<std::size_t> selected;
  for (std::size_t i = 0; i < grid.jobs.size(); ++i) {
    const Job& job = grid.jobs[i];
    if (!cell_matches[job.cell]) continue;
    if (!seeds.empty() && std::find(seeds.begin(), seeds.end(), job.seed) == seeds.end()) continue;
    if (!job_ids.empty() && std::find(job_ids.begin(), job_ids.end(), job.id) == job_ids.end()) continue;
    selected.push_back(i);
  }
  if (selected.empty())
    throw UsageError("the filter selects none of the " + grouped_text(grid.jobs.size()) +
                     " jobs; 'initsweep plan' shows what there is");
  return selected;
}

std::vector<std::size_t> take_shard(Sweep& sweep, const Shard& shard, std::span<const std::string> filters,
                                    std::span<const std::string> job_ids) {
  std::vector<std::size_t> selected = select_jobs(sweep.grid, filters, job_ids);
  if (shard.is_whole()) return selected;
  for (const std::string& id : job_ids)
    if (const Shard its{shard_of(id, shard.count), shard.count}; its != shard)
      throw UsageError("--job " + id + " is of shard " + to_text(its) + ", not of " + to_text(shard));
  std::unordered_set<std::string> chosen;
  for (const std::size_t i : selected) chosen.insert(sweep.grid.jobs[i].id);
  keep_shard(sweep.grid, shard);
  selected.clear();
  for (std::size_t i = 0; i < sweep.grid.jobs.size(); ++i)
    if (chosen.contains(sweep.grid.jobs[i].id)) selected.push_back(i);
  return selected;
}

std::string over_memory_limit(const Limits& limits, std::span<const double> bytes) {
  if (!limits.memory) return {};
  const double limit = static_cast<double>(*limits.memory);
  std::size_t n_over = 0;
  double largest = 0;
  for (const double of_job : bytes) {
    n_over += of_job > limit ? 1 : 0;
    largest = std::max(largest, of_job);
  }
  if (n_over == 0) return {};
  return "limits.memory is " + bytes_text(limit) + ", but " + counted(n_over, "job") +
         (n_over == 1 ? " needs " : " need more, the largest ") + bytes_text(largest) +
         (n_over == 1 ? "; it runs alone, above the limit" : "; each runs alone, above the limit");
}

DataShape shape_of(const NamedDataset& set) {
  return {.n_train = set.n_train,
          .n_test = set.n_test,
          .n_pixels = set.n_pixels,
          .n_classes = set.n_classes,
          .density = set.name == "fashion_mnist" ? kFashionMnistDensity : kMnistDensity};
}

std::vector<Cost> cell_costs(const Sweep& sweep, const DataShapes& shapes) {
  std::vector<Cost> costs;
  costs.reserve(sweep.grid.cells.size());
  for (const Cell& cell : sweep.grid.cells)
    costs.push_back(estimate_cost(cell.settings, shapes.at(cell.settings.dataset), sweep.spec.record));
  return costs;
}

}  // namespace initsweep
