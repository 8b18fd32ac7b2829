// What one training leaves: the rows of epochs.csv and layers.csv, and how it ended. Plain values; NaN means "no
// value".
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>
#include "initsweep/kinds.hpp"
#include "initsweep/stats.hpp"

namespace initsweep {

inline constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

// Losses and accuracies at the end of an epoch; epoch 0 is before training. Training values are means over the epoch's
// samples, each taken before the update it leads to.
struct EpochRow {
  std::int64_t epoch = 0, step = 0;
  double train_loss = kNoValue, train_accuracy = kNoValue;  // none at epoch 0
  double test_loss = kNoValue, test_accuracy = kNoValue;
  double validation_loss = kNoValue, validation_accuracy = kNoValue;
};

// One tensor of one layer at one record.
struct LayerRow {
  std::int64_t epoch = 0, step = 0;
  int layer = 0;
  TensorKind tensor = TensorKind::weight;
  int fan_in = 0, fan_out = 0;
  Summary summary;
  double saturated_fraction = kNoValue, dead_fraction = kNoValue, between_sample_std = kNoValue;
  double update_ratio = kNoValue;
  // Of preactivation and activation: the mean cosine between two samples (not centred), and the median over units of a
  // unit's mean over samples.
  double correlation = kNoValue, unit_mean_median = kNoValue;
  // Of the activation of hidden layers, where RecordOptions ask for it: singular values of the layer's Jacobian
  // d a(l) / d a(l-1) = diag(f'(z(l))) W(l), pooled over samples.
  double jacobian_sv_mean = kNoValue, jacobian_sv_rms = kNoValue, jacobian_sv_min = kNoValue,
         jacobian_sv_max = kNoValue;
};

struct Record {
  JobStatus status = JobStatus::ok;
  std::string error;  // for failed and timeout; never holds addresses, hosts or times
  std::int64_t epochs_run = 0, steps_run = 0;
  std::optional<std::int64_t> diverged_step;  // the step whose loss was not finite; 0 if before any
  std::vector<EpochRow> epochs;
  std::vector<LayerRow> layers;  // in the order (step, layer, tensor); the start record is always first
  double delta_slope_start = kNoValue, delta_slope_end = kNoValue;
  std::string digest;  // d_ + 16 hex; empty for failed and timeout
};

// What changes from run to run, kept apart from what does not.
struct Trace {
  std::string start;  // UTC, 2026-11-22T09:48:08Z
  double duration_s = 0, cpu_s = 0;
  double samples_per_s = 0;
  int thread = 0;
  std::string host;
  double peak_memory_bytes = 0;  // of the process, so far
};

// The columns of jobs.csv that follow from the epochs; all NaN (and no best_epoch) unless the job is ok.
struct FinalValues {
  double train_loss = kNoValue, train_accuracy = kNoValue, test_loss = kNoValue, test_accuracy = kNoValue;
  double best_test_accuracy = kNoValue;
  std::optional<std::int64_t> best_epoch;  // first on ties, never 0
};
[[nodiscard]] FinalValues final_values(const Record& record);

// Slope of log10(rms delta) against depth - l over hidden layers with rms >= 1e-30, in decades a layer toward the
// input: negative is vanishing, positive exploding. rms_delta[l - 1]. NaN for fewer than two such layers.
[[nodiscard]] double delta_slope(const std::vector<double>& rms_delta);

}  // namespace initsweep
