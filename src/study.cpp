#include "initsweep/study.hpp"
#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numeric>
#include <unordered_map>
#include <utility>
#include "initsweep/initializer.hpp"
#include "initsweep/runner.hpp"
#include "initsweep/signal_prediction.hpp"
#include "job_times.hpp"
#include "layer_medians.hpp"
#include "metric.hpp"
#include "record_walk.hpp"
#include "study_grid.hpp"

namespace initsweep {

namespace {

bool is_finite(double value) { return std::isfinite(value); }

double mean(const std::vector<double>& values) {
  if (values.empty()) return kNoValue;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

constexpr std::array kProfiled = {TensorKind::activation, TensorKind::delta, TensorKind::weight_gradient};
constexpr std::size_t kActivation = 0, kDelta = 1;  // into the above
using ProfiledRms = std::array<std::vector<double>, kProfiled.size()>;

int first_layer(TensorKind tensor) { return tensor == TensorKind::activation ? 0 : 1; }

// Only what a study needs of a Record besides its JobDigest, until those of all seeds are there.
struct SeedRecord {
  std::vector<EpochRow> epochs;  // if it ended well
  ProfiledRms start, end;        // by layer; empty without such a record
  std::vector<Fans> fans;        // of layers 1..depth + 1, likewise
  double chance = kNoValue;
};

// Rows are in the order of their steps.
std::span<const LayerRow> rows_at(const std::vector<LayerRow>& rows, std::int64_t step) {
  const auto begin =
      std::partition_point(rows.begin(), rows.end(), [&](const LayerRow& row) { return row.step < step; });
  return {begin, std::partition_point(begin, rows.end(), [&](const LayerRow& row) { return row.step == step; })};
}

ProfiledRms rms_of(std::span<const LayerRow> rows, int depth) {
  ProfiledRms rms;
  for (std::size_t i = 0; i < kProfiled.size(); ++i) {
    const int first = first_layer(kProfiled[i]);
    rms[i].assign(static_cast<std::size_t>(depth + 2 - first), kNoValue);
    for (const LayerRow& row : rows)
      if (row.tensor == kProfiled[i] && row.layer >= first && row.layer <= depth + 1)
        rms[i][static_cast<std::size_t>(row.layer - first)] = row.summary.rms;
  }
  return rms;
}

std::vector<Fans> fans_of(std::span<const LayerRow> rows, int depth) {
  std::vector<Fans> fans(static_cast<std::size_t>(depth + 1), Fans{.fan_in = 0, .fan_out = 0});
  for (const LayerRow& row : rows)
    if (row.layer >= 1 && row.layer <= depth + 1)
      fans[static_cast<std::size_t>(row.layer - 1)] = {.fan_in = row.fan_in, .fan_out = row.fan_out};
  return fans;
}

SeedRecord seed_record_of(const Record& record, int depth) {
  SeedRecord seed;
  if (!has_results(record.status)) return seed;
  seed.chance = chance_accuracy(record);
  if (record.status == JobStatus::ok) seed.epochs = record.epochs;
  if (record.layers.empty()) return seed;
  const std::int64_t first_step = record.layers.front().step, last_step = record.layers.back().step;
  const std::span<const LayerRow> start = rows_at(record.layers, first_step);
  seed.start = rms_of(start, depth);
  seed.fans = fans_of(start, depth);
  if (last_step != first_step && record.status == JobStatus::ok)
    seed.end = rms_of(rows_at(record.layers, last_step), depth);
  return seed;
}

std::vector<Band> bands_of(std::span<const SeedRecord> seeds, double EpochRow::*value) {
  std::vector<Band> bands;
  for (const SeedRecord& seed : seeds) bands.resize(std::max(bands.size(), seed.epochs.size()));
  for (std::size_t epoch = 0; epoch < bands.size(); ++epoch) {
    std::vector<double> values;
    for (const SeedRecord& seed : seeds)
      if (epoch < seed.epochs.size() && is_finite(seed.epochs[epoch].*value))
        values.push_back(seed.epochs[epoch].*value);
    if (values.empty()) continue;
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    bands[epoch] = {.mean = mean(values), .low = *low, .high = *high};
  }
  return bands;
}

std::vector<double> medians_of(std::span<const SeedRecord> seeds, const ProfiledRms SeedRecord::*when,
                               std::size_t tensor) {
  return layer_medians(seeds,
                       [&](const SeedRecord& seed) -> const std::vector<double>& { return (seed.*when)[tensor]; });
}

std::vector<LayerProfile> profiles_of(std::span<const SeedRecord> seeds) {
  std::vector<LayerProfile> profiles;
  for (std::size_t i = 0; i < kProfiled.size(); ++i) {
    LayerProfile profile{.tensor = kProfiled[i],
                         .first_layer = first_layer(kProfiled[i]),
                         .start = medians_of(seeds, &SeedRecord::start, i),
                         .end = medians_of(seeds, &SeedRecord::end, i),
                         .predicted = {}};
    if (!profile.start.empty()) profiles.push_back(std::move(profile));
  }
  return profiles;
}

// Theory starts from what was measured at both ends of the net: the input, and the delta that the loss makes. The mean
// square of the first layer's preactivation, NaN where it has nothing to say.
double predict(const JobSettings& settings, std::span<const Fans> fans, std::vector<LayerProfile>& profiles) {
  const bool knows_fans =
      std::all_of(fans.begin(), fans.end(), [](const Fans& of_layer) { return of_layer.fan_in > 0; });
  if (profiles.empty() || !knows_fans) return kNoValue;
  LayerProfile &activation = profiles[kActivation], &delta = profiles[kDelta];
  const double input_rms = activation.start.front(), output_delta_rms = delta.start.back();
  if (!is_finite(input_rms)) return kNoValue;
  const std::optional<SignalPrediction> signals =
      predict_signals(settings, fans, input_rms * input_rms, output_delta_rms);
  if (!signals) return kNoValue;
  const auto set = [](LayerProfile& profile, const std::vector<double>& from_layer_1) {
    if (std::none_of(from_layer_1.begin(), from_layer_1.end(), is_finite)) return;
    const auto offset = static_cast<std::size_t>(1 - profile.first_layer);
    assert(offset + from_layer_1.size() <= profile.start.size());
    profile.predicted.assign(profile.start.size(), kNoValue);
    std::copy(from_layer_1.begin(), from_layer_1.end(),
              profile.predicted.begin() + static_cast<std::ptrdiff_t>(offset));
  };
  set(activation, signals->activation);
  set(delta, signals->delta);
  return signals->preactivation.front() * signals->preactivation.front();
}

// Makes cells from their jobs, which come in order.
class FolderStudy {
 public:
  FolderStudy(const StudySource& source, int threads)
      : source_(source),
        threads_(threads),
        fans_(source.grid->cells.size()),
        first_qs_(source.grid->cells.size(), kNoValue) {
    folder_.name = source.name;
    folder_.sweep = source.spec->name;
    folder_.description = source.spec->description;
    folder_.n_jobs = source.grid->jobs.size();
    for (const Cell& cell : source.grid->cells)
      folder_.cells.push_back(
          {.id = cell.id, .summary = summarize_cell({}), .curves = {}, .profiles = {}, .predicted = {}});
  }

  [[nodiscard]] StudyFolder read(bool with_fixed_points) {
    if (source_.journal != nullptr) read_journal();
    if (with_fixed_points) predict_fixed();
    return std::move(folder_);
  }

 private:
  void read_journal() {
    const std::deque<JournalEntry>& attempts = source_.journal->attempts();
    const std::vector<double> starts = start_seconds(attempts);
    for (std::size_t i = 0; i < attempts.size(); ++i) starts_.emplace(&attempts[i], starts[i]);

    const Grid& grid = *source_.grid;
    walk_records(
        *source_.spec, grid, *source_.journal, threads_,
        [&](std::size_t job, const Record& record) {
          const int depth = grid.cells[grid.jobs[job].cell].settings.depth();
          return std::pair(digest_of(record, depth), seed_record_of(record, depth));
        },
        [&](std::size_t job, std::pair<JobDigest, SeedRecord> seed) {
          add(grid.jobs[job], std::move(seed.first), std::move(seed.second));
        });
    if (!digests_.empty()) finish_cell();
    parallel_for(folder_.cells.size(), threads_, [&](std::size_t i) {
      first_qs_[i] = predict(grid.cells[i].settings, fans_[i], folder_.cells[i].profiles);
    });
  }

  void predict_fixed() {
    std::vector<DeepNet> nets;
    for (std::size_t i = 0; i < first_qs_.size(); ++i) nets.push_back({&source_.grid->cells[i].settings, first_qs_[i]});
    const std::vector<std::optional<MeanField>> fixed = predict_fixed_points(nets, threads_);
    for (std::size_t i = 0; i < fixed.size(); ++i) folder_.cells[i].predicted = fixed[i];
  }

  void add(const Job& job, JobDigest digest, SeedRecord record) {
    if (!digests_.empty() && job.cell != cell_) finish_cell();
    cell_ = job.cell;
    const JournalEntry& entry = *source_.journal->find(job.id, source_.spec->record);
    const Trace& trace = entry.trace;
    folder_.jobs.push_back({.id = job.id,
                            .cell = job.cell,
                            .seed = job.seed,
                            .status = digest.status,
                            .test_accuracy = digest.test_accuracy,
                            .start_s = starts_.at(&entry),
                            .duration_s = trace.duration_s,
                            .cpu_s = trace.cpu_s,
                            .host = trace.host,
                            .thread = trace.thread});
    if (has_results(digest.status)) seconds_.push_back(trace.cpu_s);
    digests_.push_back(std::move(digest));
    records_.push_back(std::move(record));
  }

  void finish_cell() {
    StudyCell& cell = folder_.cells[cell_];
    cell.summary = summarize_cell(digests_);
    cell.curves = {.test_accuracy = bands_of(records_, &EpochRow::test_accuracy),
                   .test_loss = bands_of(records_, &EpochRow::test_loss),
                   .train_loss = bands_of(records_, &EpochRow::train_loss)};
    cell.profiles = profiles_of(records_);
    cell.seconds = mean(seconds_);
    for (SeedRecord& seed : records_) {
      if (!is_finite(cell.chance)) cell.chance = seed.chance;
      if (fans_[cell_].empty()) fans_[cell_] = std::move(seed.fans);
    }
    digests_.clear();
    records_.clear();
    seconds_.clear();
  }

  const StudySource& source_;
  const int threads_;
  StudyFolder folder_;
  std::unordered_map<const JournalEntry*, double> starts_;
  std::vector<std::vector<Fans>> fans_;  // of each cell
  std::vector<double> first_qs_;         // likewise, as theory has them
  // Of the cell that jobs come from now:
  std::size_t cell_ = 0;
  std::vector<JobDigest> digests_;
  std::vector<SeedRecord> records_;
  std::vector<double> seconds_;
};

}  // namespace

Study study_of(std::span<const StudySource> sources, int threads) {
  assert(threads >= 1);
  Study study;
  StudyGrid grid = study_grid(sources);
  const bool has_depths = std::any_of(grid.axes.begin(), grid.axes.end(),
                                      [](const StudyAxis& axis) { return axis.setting == Setting::depth; });
  for (const StudySource& source : sources) study.folders.push_back(FolderStudy(source, threads).read(has_depths));
  study.axes = std::move(grid.axes);
  study.combinations = std::move(grid.combinations);
  return study;
}

bool is_only_looked_at(const Study& study) {
  std::vector<CellSummary> cells;
  for (const StudyFolder& folder : study.folders)
    for (const StudyCell& cell : folder.cells) cells.push_back(cell.summary);
  return is_only_looked_at(cells);
}

}  // namespace initsweep
