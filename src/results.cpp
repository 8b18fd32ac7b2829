#include "initsweep/results.hpp"
#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>
#include <utility>
#include "initsweep/columns.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/file.hpp"
#include "initsweep/number.hpp"
#include "initsweep/run_info.hpp"

namespace initsweep {

namespace {

constexpr std::array kLayerSettings = {Setting::initializer, Setting::mode, Setting::activation, Setting::depth};
constexpr std::size_t kPieceBytes = 1 << 20;  // of a table that is built in memory before it is written

// A CSV on its way into its file.
class ResultFile {
 public:
  ResultFile(const std::filesystem::path& path, const std::vector<Column>& columns) : file_(path), csv_(columns) {}
  CsvText& row() { return csv_; }
  void end_row() {
    csv_.end_row();
    if (csv_.str().size() >= kPieceBytes) file_.write(csv_.take());
  }
  void finish() {
    file_.write(csv_.take());
    file_.finish();
  }
  void commit() { file_.commit(); }

 private:
  ReplacedFile file_;
  CsvText csv_;
};

void add_setting(CsvText& row, const JobSettings& name, Setting setting) {
  const std::string value = setting_text(name, setting);
  const std::optional<double> number = parse_float(value);
  const SettingType type = setting_info(setting).type;
  // Always with a point or an exponent, as all numbers that are no counts, whatever values the grid happens to have.
  if (number && (type == SettingType::number || type == SettingType::optional_number))
    row.number(*number);
  else
    row.text(printable(value));
}

void add_settings(CsvText& row, const JobSettings& name) {
  for (int i = 0; i < kSettingColumnCount; ++i) add_setting(row, name, static_cast<Setting>(i));
}

void add_optional(CsvText& row, const std::optional<std::int64_t>& value) {
  if (value)
    row.integer(*value);
  else
    row.empty();
}

void write_job(ResultFile& jobs, const Grid& grid, const Job& job, const Record& record) {
  const Cell& cell = grid.cells[job.cell];
  CsvText& row = jobs.row();
  row.text(job.id).text(cell.id).integer(job.seed);
  add_settings(row, cell.names.front());
  const bool shown = has_results(record.status);
  row.text(to_text(record.status)).text(record.error.empty() ? "none" : printable(record.error));
  add_optional(row, shown ? std::optional(record.epochs_run) : std::nullopt);
  add_optional(row, shown ? std::optional(record.steps_run) : std::nullopt);
  add_optional(row, shown ? record.diverged_step : std::nullopt);
  const FinalValues final = final_values(record);
  row.number(final.train_loss).number(final.train_accuracy).number(final.test_loss).number(final.test_accuracy);
  row.number(final.best_test_accuracy);
  add_optional(row, final.best_epoch);
  row.number(shown ? record.delta_slope_start : kNoValue).number(shown ? record.delta_slope_end : kNoValue);
  row.text(shown ? record.digest : "");
  jobs.end_row();
}

void write_epochs(ResultFile& epochs, const Job& job, const Record& record) {
  for (const EpochRow& epoch : record.epochs) {
    epochs.row().text(job.id).integer(epoch.epoch).integer(epoch.step);
    epochs.row().number(epoch.train_loss).number(epoch.train_accuracy);
    epochs.row().number(epoch.test_loss).number(epoch.test_accuracy);
    epochs.row().number(epoch.validation_loss).number(epoch.validation_accuracy);
    epochs.end_row();
  }
}

void write_layers(ResultFile& layers, const Grid& grid, const Job& job, const Record& record, bool at_start) {
  const JobSettings& name = grid.cells[job.cell].names.front();
  std::array<std::string, kLayerSettings.size()> settings;  // the same in every row
  std::transform(kLayerSettings.begin(), kLayerSettings.end(), settings.begin(),
                 [&](Setting setting) { return printable(setting_text(name, setting)); });
  for (const LayerRow& layer : record.layers) {
    if (!at_start && layer.step == 0) continue;
    CsvText& row = layers.row();
    row.text(job.id);
    for (const std::string& setting : settings) row.text(setting);
    row.integer(job.seed).integer(layer.epoch).integer(layer.step).integer(layer.layer).text(to_text(layer.tensor));
    const Summary& s = layer.summary;
    row.integer(layer.fan_in).integer(layer.fan_out).integer(s.count);
    row.number(s.mean).number(s.std).number(s.rms).number(s.l2).number(s.min).number(s.max);
    row.number(s.q01).number(s.q50).number(s.q99).number(s.zero_fraction);
    row.number(layer.saturated_fraction).number(layer.dead_fraction).number(layer.between_sample_std);
    row.number(layer.update_ratio).integer(s.nonfinite);
    layers.end_row();
  }
}

void write_cell(ResultFile& cells, const Cell& cell, const CellSummary& summary) {
  for (const JobSettings& name : cell.names) {
    CsvText& row = cells.row();
    row.text(cell.id);
    add_settings(row, name);
    row.integer(summary.n_ok).integer(summary.n_diverged).integer(summary.n_failed);
    row.number(summary.test_accuracy.mean).number(summary.test_accuracy.std);
    row.number(summary.median).number(summary.min).number(summary.max);
    row.number(summary.test_accuracy.low).number(summary.test_accuracy.high);
    row.number(summary.delta_slope_start_mean).number(summary.delta_slope_end_mean);
    row.text(summary.health ? to_text(*summary.health) : "");
    cells.end_row();
  }
}

void write_trace(ResultFile& trace, const Grid& grid, const JournalReader& journal) {
  std::unordered_set<std::string> planned;
  for (const Job& job : grid.jobs) planned.insert(job.id);
  for (const JournalEntry& attempt : journal.attempts()) {
    if (!planned.contains(attempt.job_id)) continue;
    const Trace& t = attempt.trace;
    trace.row().text(attempt.job_id).text(to_text(attempt.status)).text(t.start);
    trace.row().number(t.duration_s).number(t.cpu_s).number(t.samples_per_s).integer(t.thread);
    trace.row().text(t.host).number(t.peak_memory_bytes);
    trace.end_row();
  }
}

// Summarizes the cells in order, handing each finished job's record to `visit` on the way.
template <class Visit>
std::vector<CellSummary> walk(const SweepSpec& spec, const Grid& grid, const JournalReader& journal, Visit&& visit) {
  std::vector<CellSummary> summaries(grid.cells.size());
  std::vector<JobDigest> seeds;
  for (std::size_t i = 0; i < grid.jobs.size(); ++i) {
    const Job& job = grid.jobs[i];
    if (const JournalEntry* entry = journal.find(job.id, spec.record)) {
      const FinishedJob finished = journal.load(*entry);
      seeds.push_back(digest_of(finished.record, grid.cells[job.cell].settings.depth()));
      visit(job, finished.record);
    }
    if (i + 1 < grid.jobs.size() && grid.jobs[i + 1].cell == job.cell) continue;
    summaries[job.cell] = summarize_cell(seeds);
    seeds.clear();
  }
  return summaries;
}

}  // namespace

std::vector<CellSummary> summarize_cells(const SweepSpec& spec, const Grid& grid, const JournalReader& journal) {
  return walk(spec, grid, journal, [](const Job&, const Record&) {});
}

std::vector<CellSummary> write_results(const std::filesystem::path& folder, const SweepSpec& spec, const Grid& grid,
                                       const JournalReader& journal) {
  ResultFile jobs(folder / "jobs.csv", jobs_columns());
  ResultFile epochs(folder / "epochs.csv", epochs_columns());
  ResultFile layers(folder / "layers.csv", layers_columns());
  ResultFile cells(folder / "cells.csv", cells_columns());
  ResultFile trace(folder / "trace.csv", trace_columns());
  ReplacedFile package(folder / "datapackage.json");
  std::vector<CellSummary> summaries = walk(spec, grid, journal, [&](const Job& job, const Record& record) {
    write_job(jobs, grid, job, record);
    if (!has_results(record.status)) return;
    write_epochs(epochs, job, record);
    write_layers(layers, grid, job, record, spec.record.at_start);
  });
  for (std::size_t i = 0; i < grid.cells.size(); ++i) write_cell(cells, grid.cells[i], summaries[i]);
  write_trace(trace, grid, journal);
  package.write(datapackage_json(spec));
  // First all onto the disk, then all into place: a full disk leaves the files of the last time, all of them.
  for (ResultFile* file : {&jobs, &epochs, &layers, &cells, &trace}) file->finish();
  package.finish();
  for (ResultFile* file : {&jobs, &epochs, &layers, &cells, &trace}) file->commit();
  package.commit();
  return summaries;
}

}  // namespace initsweep
