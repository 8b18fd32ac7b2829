#include "initsweep/baseline.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <optional>
#include <set>
#include <span>
#include <system_error>
#include <utility>

#include "baseline_yaml.hpp"
#include "initsweep/cells.hpp"
#include "initsweep/csv.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/file.hpp"
#include "initsweep/number.hpp"
#include "metric.hpp"
#include "read_file.hpp"
#include "record_walk.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;
using SettingTexts = std::map<std::string, std::string>;

constexpr std::string_view kWeightRms = "weight_rms_";
constexpr std::size_t kMaxBaselineBytes = std::size_t{1} << 30;

SettingTexts texts_of(const JobSettings& name) {
  SettingTexts texts;
  for (int i = 0; i < kSettingColumnCount; ++i) {
    const auto setting = static_cast<Setting>(i);
    if (std::string text = setting_text(name, setting); !text.empty())
      texts[std::string(setting_info(setting).name)] = std::move(text);
  }
  return texts;
}

std::vector<double> weight_rms_at_start(const Record& record) {
  std::vector<double> rms;
  for (const LayerRow& row : record.layers) {
    if (row.step != record.layers.front().step) break;
    if (row.tensor != TensorKind::weight) continue;
    rms.push_back(row.summary.count >= kLeastWeights ? row.summary.rms : kNoValue);
  }
  return rms;
}

Replicate replicate_of(std::int64_t seed, const Record& record) {
  Replicate replicate{.seed = seed, .status = record.status, .values = {}, .digest = record.digest, .weight_rms = {}};
  const bool shown = has_results(record.status);
  const FinalValues final = final_values(record);
  for (const JobMetric& metric : job_metrics())
    replicate.values.push_back(shown ? metric.value(record, final) : kNoValue);
  if (shown) replicate.weight_rms = weight_rms_at_start(record);
  return replicate;
}

std::string_view text_or_empty(const SettingTexts& settings, std::string_view name) {
  const auto found = settings.find(std::string(name));
  return found == settings.end() ? std::string_view() : found->second;
}

// Absent ones, then numbers as numbers, then the rest: widths are both 100 and 300x100, and numbers as texts among them
// would be no order at all.
std::strong_ordering order_of(std::string_view a, std::string_view b) {
  const std::optional<double> number_a = parse_float(a), number_b = parse_float(b);
  const auto rank = [](std::string_view text, bool is_number) { return text.empty() ? 0 : is_number ? 1 : 2; };
  if (const auto order = rank(a, number_a.has_value()) <=> rank(b, number_b.has_value()); order != 0) return order;
  if (number_a && *number_a != *number_b)
    return *number_a < *number_b ? std::strong_ordering::less : std::strong_ordering::greater;
  return a <=> b;
}

// By settings in the order of their columns.
bool comes_before(const BaselineCell& a, const BaselineCell& b) {
  for (int i = 0; i < kSettingColumnCount; ++i) {
    const std::string_view name = setting_info(static_cast<Setting>(i)).name;
    const auto order = order_of(text_or_empty(a.settings, name), text_or_empty(b.settings, name));
    if (order != 0) return order < 0;
  }
  return a.id < b.id;
}

void sort(std::vector<BaselineCell>& cells) {
  std::sort(cells.begin(), cells.end(), comes_before);
  for (BaselineCell& cell : cells)
    std::sort(cell.replicates.begin(), cell.replicates.end(),
              [](const Replicate& a, const Replicate& b) { return a.seed < b.seed; });
}

// Settings that all cells share, and the names of the others in the order of their columns.
SettingTexts shared_settings(const std::vector<BaselineCell>& cells) {
  SettingTexts shared = cells.empty() ? SettingTexts() : cells.front().settings;
  for (const BaselineCell& cell : cells)
    std::erase_if(shared, [&](const auto& entry) { return text_or_empty(cell.settings, entry.first) != entry.second; });
  return shared;
}

std::vector<std::string> varying_settings(const std::vector<BaselineCell>& cells, const SettingTexts& shared) {
  std::set<std::string_view> used;
  for (const BaselineCell& cell : cells)
    for (const auto& [name, text] : cell.settings) used.insert(name);
  std::vector<std::string> varying;
  for (int i = 0; i < kSettingColumnCount; ++i) {
    const std::string name(setting_info(static_cast<Setting>(i)).name);
    if (used.contains(name) && !shared.contains(name)) varying.push_back(name);
  }
  return varying;
}

std::size_t n_layers(const std::vector<BaselineCell>& cells) {
  std::size_t n = 0;
  for (const BaselineCell& cell : cells)
    for (const Replicate& replicate : cell.replicates) n = std::max(n, replicate.weight_rms.size());
  return n;
}

bool is_count(std::string_view column) {
  return column == "best_epoch" || column == "epochs_run" || column == "steps_run" || column == "diverged_step";
}

std::string csv_text(const std::vector<BaselineCell>& cells, const std::vector<std::string>& varying) {
  std::vector<Column> columns = {{"cell_id", ColumnType::text, ""}};
  for (const std::string& name : varying) columns.push_back({name, ColumnType::text, ""});
  columns.push_back({"seed", ColumnType::integer, ""});
  columns.push_back({"status", ColumnType::text, ""});
  const std::vector<std::string_view> measured = baseline_columns();
  for (const std::string_view name : measured) columns.push_back({std::string(name), ColumnType::number, ""});
  columns.push_back({"digest", ColumnType::text, ""});
  const std::size_t layers = n_layers(cells);
  for (std::size_t layer = 1; layer <= layers; ++layer)
    columns.push_back({std::string(kWeightRms) + std::to_string(layer), ColumnType::number, ""});

  CsvText csv(columns);
  for (const BaselineCell& cell : cells) {
    for (const Replicate& replicate : cell.replicates) {
      csv.text(cell.id);
      for (const std::string& name : varying) csv.text(printable(text_or_empty(cell.settings, name)));
      csv.integer(replicate.seed).text(to_text(replicate.status));
      for (std::size_t i = 0; i < replicate.values.size(); ++i) {
        const double value = replicate.values[i];
        if (is_count(measured[i]) && value == value)
          csv.integer(static_cast<std::int64_t>(value));
        else
          csv.number(value);
      }
      csv.text(replicate.digest);
      for (std::size_t layer = 0; layer < layers; ++layer)
        csv.number(layer < replicate.weight_rms.size() ? replicate.weight_rms[layer] : kNoValue);
      csv.end_row();
    }
  }
  return csv.take();
}

// Reads the CSV of a baseline, field by field.
class BaselineTable {
 public:
  BaselineTable(std::string source, std::string_view text)
      : source_(std::move(source)), table_(parse_csv(text, source_)) {
    for (const std::string_view name : {"cell_id", "seed", "status", "digest"}) static_cast<void>(column(name));
    for (const std::string_view name : baseline_columns()) columns_.push_back(column(name));
    for (std::size_t layer = 1;; ++layer) {
      const auto at =
          std::find(table_.header.begin(), table_.header.end(), std::string(kWeightRms) + std::to_string(layer));
      if (at == table_.header.end()) break;
      weight_columns_.push_back(static_cast<std::size_t>(at - table_.header.begin()));
    }
    for (int i = 0; i < kSettingColumnCount; ++i) {
      const std::string name(setting_info(static_cast<Setting>(i)).name);
      const auto at = std::find(table_.header.begin(), table_.header.end(), name);
      if (at != table_.header.end()) settings_.emplace_back(name, static_cast<std::size_t>(at - table_.header.begin()));
    }
  }

  [[nodiscard]] std::vector<BaselineCell> cells(const SettingTexts& shared) {
    std::vector<BaselineCell> cells;
    std::map<std::string, std::size_t> place;
    for (row_ = 0; row_ < table_.rows.size(); ++row_) {
      const std::string& id = field(column("cell_id"));
      const auto [at, is_new] = place.try_emplace(id, cells.size());
      if (is_new) {
        BaselineCell cell{.id = id, .settings = shared, .chance = kNoValue, .replicates = {}, .missing = {}};
        for (const auto& [name, at_column] : settings_)
          if (!field(at_column).empty()) cell.settings[name] = field(at_column);
        cells.push_back(std::move(cell));
      }
      cells[at->second].replicates.push_back(replicate());
    }
    for (BaselineCell& cell : cells) require_one_row_a_seed(cell);
    return cells;
  }

 private:
  [[nodiscard]] std::size_t column(std::string_view name) const {
    const auto at = std::find(table_.header.begin(), table_.header.end(), name);
    if (at == table_.header.end())
      throw EnvironmentError(printable(source_) + ":1: error: this is no baseline: it has no column '" +
                             std::string(name) + "'");
    return static_cast<std::size_t>(at - table_.header.begin());
  }
  [[nodiscard]] const std::string& field(std::size_t at) const { return table_.rows[row_][at]; }

  [[noreturn]] void fail(std::size_t at, const std::string& expected) const {
    const std::size_t line = row_ + 2;  // below the header; a baseline has no field of several lines
    throw EnvironmentError(printable(source_) + ":" + std::to_string(line) +
                           ": error: " + printable(table_.header[at]) + " must be " + expected + ", got '" +
                           printable(field(at)) + "'");
  }
  [[nodiscard]] double number(std::size_t at) const {
    if (field(at).empty()) return kNoValue;
    const std::optional<double> value = parse_float(field(at));
    if (!value) fail(at, "a number or empty");
    return *value;
  }

  [[nodiscard]] Replicate replicate() const {
    Replicate replicate;
    const std::optional<std::int64_t> seed = parse_integer(field(column("seed")));
    if (!seed) fail(column("seed"), "a whole number");
    replicate.seed = *seed;
    const std::optional<JobStatus> status = parse_kind<JobStatus>(field(column("status")));
    if (!status || !has_results(*status)) fail(column("status"), "ok or diverged");
    replicate.status = *status;
    for (const std::size_t at : columns_) replicate.values.push_back(number(at));
    replicate.digest = field(column("digest"));
    for (const std::size_t at : weight_columns_) replicate.weight_rms.push_back(number(at));
    return replicate;
  }

  void require_one_row_a_seed(const BaselineCell& cell) const {
    std::set<std::int64_t> seeds;
    for (const Replicate& replicate : cell.replicates)
      if (!seeds.insert(replicate.seed).second)
        throw EnvironmentError(printable(source_) + ": error: cell " + printable(cell.id) + " has seed " +
                               std::to_string(replicate.seed) + " twice; was it merged?");
  }

  std::string source_;
  CsvTable table_;
  std::vector<std::size_t> columns_, weight_columns_;
  std::vector<std::pair<std::string, std::size_t>> settings_;
  std::size_t row_ = 0;
};

fs::path with_ending(const fs::path& stem, const char* ending) { return stem.string() + ending; }

std::string text_of_file(const fs::path& file) {
  std::error_code error;
  std::string text = read_file(file, kMaxBaselineBytes, error);
  if (error) throw EnvironmentError(printable(file.string()) + ": error: cannot read: " + error.message());
  if (text.size() > kMaxBaselineBytes)
    throw EnvironmentError(printable(file.string()) + ": error: is larger than 1 GiB, which no baseline is");
  return text;
}

}  // namespace

std::vector<std::string_view> baseline_columns() {
  std::vector<std::string_view> names;
  for (const JobMetric& metric : job_metrics()) names.push_back(metric.name);
  return names;
}

std::size_t n_jobs(const Baseline& baseline) {
  std::size_t n = 0;
  for (const BaselineCell& cell : baseline.cells) n += cell.replicates.size();
  return n;
}

std::set<std::int64_t> seeds_of(const Baseline& baseline) {
  std::set<std::int64_t> seeds;
  for (const BaselineCell& cell : baseline.cells)
    for (const Replicate& replicate : cell.replicates) seeds.insert(replicate.seed);
  return seeds;
}

Baseline baseline_of(const SweepSpec& spec, const Grid& grid, const RunInfo& info, const JournalReader* journal,
                     int threads) {
  Baseline baseline;
  baseline.sweep = spec.name;
  baseline.tool = info.tool;
  if (journal != nullptr) baseline.numerics = journal->numerics();
  baseline.data = info.digests;
  for (const Cell& cell : grid.cells) {
    BaselineCell& added = baseline.cells.emplace_back();
    added.id = cell.id;
    added.settings = texts_of(cell.names.front());
    for (const JobSettings& name : std::span(cell.names).subspan(1)) added.other_names.push_back(texts_of(name));
  }
  struct FromRecord {
    Replicate replicate;
    double chance;
  };
  std::vector<bool> is_finished(grid.jobs.size(), false);
  if (journal != nullptr)
    walk_records(
        spec, grid, *journal, threads,
        [&](std::size_t job, const Record& record) {
          return FromRecord{replicate_of(grid.jobs[job].seed, record), chance_accuracy(record)};
        },
        [&](std::size_t job, FromRecord from) {
          BaselineCell& cell = baseline.cells[grid.jobs[job].cell];
          cell.replicates.push_back(std::move(from.replicate));
          if (from.chance == from.chance) cell.chance = from.chance;
          is_finished[job] = true;
        });
  for (std::size_t job = 0; job < grid.jobs.size(); ++job)
    if (!is_finished[job]) baseline.cells[grid.jobs[job].cell].missing.push_back(grid.jobs[job].seed);
  sort(baseline.cells);
  return baseline;
}

fs::path baseline_stem(const fs::path& given) {
  const fs::path ending = given.extension();
  return ending == ".csv" || ending == ".yaml" ? fs::path(given).replace_extension() : given;
}

bool baseline_exists(const fs::path& stem) {
  std::error_code ignored;
  return fs::exists(with_ending(stem, ".csv"), ignored) && fs::exists(with_ending(stem, ".yaml"), ignored);
}

void write_baseline(const fs::path& stem, const Baseline& baseline) {
  const SettingTexts shared = shared_settings(baseline.cells);
  ReplacedFile csv(with_ending(stem, ".csv")), yaml(with_ending(stem, ".yaml"));
  csv.write(csv_text(baseline.cells, varying_settings(baseline.cells, shared)));
  yaml.write(baseline_yaml(baseline, shared, stem.filename().string()));
  csv.finish();
  yaml.finish();
  csv.commit();
  yaml.commit();
}

Baseline read_baseline(const fs::path& stem) {
  const fs::path csv = with_ending(stem, ".csv"), yaml = with_ending(stem, ".yaml");
  BaselineNotes notes = parse_baseline_yaml(text_of_file(yaml), yaml.string());
  Baseline baseline = std::move(notes.baseline);
  baseline.cells = BaselineTable(csv.string(), text_of_file(csv)).cells(notes.settings);
  for (BaselineCell& cell : baseline.cells) {
    const auto classes = notes.classes.find(std::string(text_or_empty(cell.settings, "dataset")));
    if (classes != notes.classes.end()) cell.chance = 1.0 / static_cast<double>(classes->second);
  }
  if (const std::size_t n = n_jobs(baseline); n != notes.n_jobs)
    throw EnvironmentError(printable(csv.string()) + ": error: has " + std::to_string(n) + (n == 1 ? " job" : " jobs") +
                           " where " + printable(yaml.string()) + " says " + std::to_string(notes.n_jobs) +
                           "; the two are not of one `initsweep baseline accept`");
  sort(baseline.cells);
  return baseline;
}

}  // namespace initsweep
