#include "initsweep/results.hpp"
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include "initsweep/claims.hpp"
#include "initsweep/columns.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/file.hpp"
#include "initsweep/number.hpp"
#include "initsweep/run_info.hpp"
#include "initsweep/signal_prediction.hpp"
#include "predicted_record.hpp"
#include "record_walk.hpp"

namespace initsweep {

namespace {

constexpr std::array kLayerSettings = {Setting::initializer, Setting::mode, Setting::activation, Setting::depth};
constexpr std::size_t kPieceBytes = 1 << 18;  // of a table that is built in memory before it is written

// A CSV on its way into its file.
class ResultFile {
 public:
  ResultFile(const std::filesystem::path& path, const std::vector<Column>& columns)
      : file_(path), text_(CsvText(columns).str()) {}
  void append(std::string_view rows) {
    text_ += rows;
    if (text_.size() < kPieceBytes) return;
    file_.write(text_);
    text_.clear();
  }
  void finish() {
    file_.write(text_);
    file_.finish();
  }
  void commit() { file_.commit(); }

 private:
  ReplacedFile file_;
  std::string text_;
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

void add_job(CsvText& row, const Grid& grid, const Job& job, const Record& record) {
  const Cell& cell = grid.cells[job.cell];
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
  row.text(shown ? printable(record.digest) : "");
  row.end_row();
}

void add_epochs(CsvText& row, const Job& job, const Record& record) {
  for (const EpochRow& epoch : record.epochs) {
    row.text(job.id).integer(epoch.epoch).integer(epoch.step);
    row.number(epoch.train_loss).number(epoch.train_accuracy);
    row.number(epoch.test_loss).number(epoch.test_accuracy);
    row.number(epoch.validation_loss).number(epoch.validation_accuracy);
    row.end_row();
  }
}

void add_layers(CsvText& row, const Grid& grid, const Job& job, const Record& record,
                const std::optional<PredictedSignals>& predicted, bool at_start) {
  const JobSettings& name = grid.cells[job.cell].names.front();
  std::array<std::string, kLayerSettings.size()> settings;  // the same in every row
  std::transform(kLayerSettings.begin(), kLayerSettings.end(), settings.begin(),
                 [&](Setting setting) { return printable(setting_text(name, setting)); });
  for (const LayerRow& layer : record.layers) {
    if (!at_start && layer.step == 0) continue;
    row.text(job.id);
    for (const std::string& setting : settings) row.text(setting);
    row.integer(job.seed).integer(layer.epoch).integer(layer.step).integer(layer.layer).text(to_text(layer.tensor));
    const Summary& s = layer.summary;
    row.integer(layer.fan_in).integer(layer.fan_out).integer(s.count);
    row.number(s.mean).number(s.std).number(s.rms).number(s.l2).number(s.min).number(s.max);
    row.number(s.q01).number(s.q50).number(s.q99).number(s.zero_fraction);
    row.number(layer.saturated_fraction).number(layer.dead_fraction).number(layer.between_sample_std);
    row.number(layer.update_ratio).integer(s.nonfinite);
    row.number(layer.correlation).number(layer.unit_mean_median);
    row.number(layer.jacobian_sv_mean).number(layer.jacobian_sv_rms);
    row.number(layer.jacobian_sv_min).number(layer.jacobian_sv_max);
    row.number(layer.step == 0 ? predicted_rms(predicted, layer) : kNoValue);
    row.end_row();
  }
}

void add_cell(CsvText& row, const Cell& cell, const CellSummary& summary, const std::optional<MeanField>& predicted) {
  for (const JobSettings& name : cell.names) {
    row.text(cell.id);
    add_settings(row, name);
    row.integer(summary.n_ok).integer(summary.n_diverged).integer(summary.n_failed);
    row.number(summary.test_accuracy.mean).number(summary.test_accuracy.std);
    row.number(summary.median).number(summary.min).number(summary.max);
    row.number(summary.test_accuracy.low).number(summary.test_accuracy.high);
    row.number(summary.delta_slope_start_mean).number(summary.delta_slope_end_mean);
    row.text(summary.health ? to_text(*summary.health) : "");
    const MeanField fixed = predicted.value_or(MeanField{kNoValue, kNoValue, kNoValue, kNoValue, kNoValue});
    row.number(fixed.q).number(fixed.chi1).number(fixed.c).number(fixed.xi_c);
    row.number(summary.predicted_delta_slope_mean);
    row.end_row();
  }
}

// All but those that other shards have.
std::vector<bool> cells_with_jobs(const Grid& grid) {
  std::vector<bool> has_jobs(grid.cells.size(), false);
  for (const Job& job : grid.jobs) has_jobs[job.cell] = true;
  return has_jobs;
}

void write_trace(ResultFile& trace, const std::vector<Column>& columns, const Grid& grid,
                 const JournalReader& journal) {
  CsvText row(columns, Header::no);
  std::unordered_set<std::string_view> planned;
  for (const Job& job : grid.jobs) planned.insert(job.id);
  for (const JournalEntry& attempt : journal.attempts()) {
    if (!planned.contains(attempt.job_id)) continue;
    const Trace& t = attempt.trace;
    row.text(attempt.job_id).text(to_text(attempt.status)).text(printable(t.start));
    row.number(t.duration_s).number(t.cpu_s).number(t.samples_per_s).integer(t.thread);
    row.text(printable(t.host)).number(t.peak_memory_bytes);
    row.end_row();
    trace.append(row.take());
  }
}

struct Columns {
  std::vector<Column> jobs = jobs_columns(), epochs = epochs_columns(), layers = layers_columns(),
                      cells = cells_columns(), checks = checks_columns(), trace = trace_columns();
};

// What one finished job leaves in the tables that have a row or more for each.
struct JobRows {
  std::string jobs, epochs, layers;
};

JobRows rows_of(const SweepSpec& spec, const Grid& grid, const Job& job, const Record& record,
                const std::optional<PredictedSignals>& predicted, const Columns& columns) {
  CsvText jobs(columns.jobs, Header::no), epochs(columns.epochs, Header::no), layers(columns.layers, Header::no);
  add_job(jobs, grid, job, record);
  if (has_results(record.status)) {
    add_epochs(epochs, job, record);
    const bool is_trained = grid.cells[job.cell].settings.is_trained();  // else there is nothing but its start
    add_layers(layers, grid, job, record, predicted, spec.record.at_start || !is_trained);
  }
  return {jobs.take(), epochs.take(), layers.take()};
}

// Makes summaries of cells from their jobs, which come in order.
class CellSummaries {
 public:
  explicit CellSummaries(const Grid& grid) : grid_(grid), summaries_(grid.cells.size(), summarize_cell({})) {}

  [[nodiscard]] JobDigest digest(std::size_t job, const Record& record) const {
    return digest_of(record, grid_.cells[grid_.jobs[job].cell].settings.depth());
  }
  void add(std::size_t job, JobDigest digest) {
    if (!seeds_.empty() && grid_.jobs[job].cell != cell_) finish_cell();
    cell_ = grid_.jobs[job].cell;
    seeds_.push_back(std::move(digest));
  }
  [[nodiscard]] std::vector<CellSummary> take() {
    if (!seeds_.empty()) finish_cell();
    return std::move(summaries_);
  }

 private:
  void finish_cell() {
    summaries_[cell_] = summarize_cell(seeds_);
    seeds_.clear();
  }

  const Grid& grid_;
  std::vector<CellSummary> summaries_;
  std::size_t cell_ = 0;
  std::vector<JobDigest> seeds_;
};

void add_check(CsvText& row, const Finding& check) {
  row.text(check.id).text(printable(check.claim)).text(printable(check.expected)).number(check.effect);
  add_optional(row, check.n > 0 ? std::optional<std::int64_t>(check.n) : std::nullopt);
  row.number(check.p_value).text(check.verdict).text(printable(check.reason));
  row.text(check.cell_id).text(check.cell).text(check.quantity).number(check.low).number(check.high);
  row.number(check.published);
  add_optional(row, check.layer ? std::optional<std::int64_t>(*check.layer) : std::nullopt);
  add_optional(row, check.epoch);
  row.text(check.is_prediction ? "mean-field theory" : check.compared_with);
  row.end_row();
}

}  // namespace

std::vector<CellSummary> summarize_cells(const SweepSpec& spec, const Grid& grid, const JournalReader& journal) {
  CellSummaries cells(grid);
  walk_records(
      spec, grid, journal, /*threads=*/1,
      [&](std::size_t job, const Record& record) { return cells.digest(job, record); },
      [&](std::size_t job, JobDigest digest) { cells.add(job, std::move(digest)); });
  return cells.take();
}

std::vector<Finding> judge_claims(const SweepSpec& spec, const Grid& grid, const JournalReader& journal, int threads) {
  const Claims claims(spec, grid);
  std::vector<std::optional<JobValues>> values(grid.jobs.size());
  if (!spec.expect.empty())
    walk_records(
        spec, grid, journal, threads,
        [&](std::size_t job, const Record& record) { return claims.values_of(grid.jobs[job], record); },
        [&](std::size_t job, JobValues of_job) { values[job] = std::move(of_job); });
  return claims.judge(values);
}

Outcomes write_results(const std::filesystem::path& folder, const SweepSpec& spec, const Grid& grid,
                       const JournalReader& journal, int threads) {
  const Columns columns;
  ResultFile jobs(folder / "jobs.csv", columns.jobs);
  ResultFile epochs(folder / "epochs.csv", columns.epochs);
  ResultFile layers(folder / "layers.csv", columns.layers);
  ResultFile cells(folder / "cells.csv", columns.cells);
  ResultFile checks(folder / "checks.csv", columns.checks);
  ResultFile trace(folder / "trace.csv", columns.trace);
  ReplacedFile package(folder / "datapackage.json");
  CellSummaries summaries(grid);
  const Claims claims(spec, grid);
  std::vector<std::optional<JobValues>> values(spec.expect.empty() ? 0 : grid.jobs.size());
  struct FromRecord {
    JobDigest digest;
    JobRows rows;
    JobValues values;
  };
  walk_records(
      spec, grid, journal, threads,
      [&](std::size_t job, const Record& record) {
        const std::optional<PredictedSignals> predicted =
            predict_start(grid.cells[grid.jobs[job].cell].settings, record);
        FromRecord from{summaries.digest(job, record), rows_of(spec, grid, grid.jobs[job], record, predicted, columns),
                        claims.values_of(grid.jobs[job], record)};
        if (predicted) {
          from.digest.predicted_delta_slope = predicted->delta_slope;
          from.digest.predicted_first_q = predicted->preactivation.front() * predicted->preactivation.front();
        }
        return from;
      },
      [&](std::size_t job, FromRecord from) {
        summaries.add(job, std::move(from.digest));
        jobs.append(from.rows.jobs);
        epochs.append(from.rows.epochs);
        layers.append(from.rows.layers);
        if (!values.empty()) values[job] = std::move(from.values);
      });
  Outcomes outcomes{summaries.take(), claims.judge(values)};
  std::vector<DeepNet> nets;
  for (std::size_t i = 0; i < grid.cells.size(); ++i)
    nets.push_back({&grid.cells[i].settings, outcomes.cells[i].predicted_first_q_mean});
  const std::vector<std::optional<MeanField>> fixed_points = predict_fixed_points(nets, threads);
  const std::vector<bool> is_of_shard = cells_with_jobs(grid);
  for (std::size_t i = 0; i < grid.cells.size(); ++i) {
    if (!is_of_shard[i]) continue;
    CsvText row(columns.cells, Header::no);
    add_cell(row, grid.cells[i], outcomes.cells[i], fixed_points[i]);
    cells.append(row.str());
  }
  for (const Finding& finding : outcomes.claims) {
    CsvText row(columns.checks, Header::no);
    add_check(row, finding);
    checks.append(row.str());
  }
  write_trace(trace, columns.trace, grid, journal);
  package.write(datapackage_json(spec));
  // First all onto the disk, then all into place: a full disk leaves the files of the last time, all of them.
  const std::array files = {&jobs, &epochs, &layers, &cells, &checks, &trace};
  for (ResultFile* file : files) file->finish();
  package.finish();
  for (ResultFile* file : files) file->commit();
  package.commit();
  return outcomes;
}

}  // namespace initsweep
