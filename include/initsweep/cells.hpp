// From jobs to cells: what the seeds of one cell say together.
#pragma once
#include <optional>
#include <span>
#include <string_view>
#include <vector>
#include "initsweep/record.hpp"
#include "initsweep/stats.hpp"

namespace initsweep {

enum class Health { healthy, vanishing, saturated, dead, exploding };
[[nodiscard]] std::string_view to_text(Health health);

// Failed and timed-out jobs show no numbers: how far they came depends on the clock.
[[nodiscard]] bool has_results(JobStatus status);

struct CellSummary {
  int n_ok = 0, n_diverged = 0, n_failed = 0;  // failed counts timeouts
  MeanInterval test_accuracy;                  // over ok seeds
  double median = kNoValue, min = kNoValue, max = kNoValue;
  double delta_slope_start_mean = kNoValue, delta_slope_end_mean = kNoValue;  // over the seeds that have one
  std::vector<double> delta_rms_start, delta_rms_end;  // hidden layers 1..depth, median over seeds; for pictures
  std::optional<Health> health;                        // none without a start record
  double predicted_delta_slope_mean = kNoValue;        // delta_slope of what theory says of each seed's start
  double predicted_first_q_mean = kNoValue;            // mean square of the first preactivation, likewise
};

// Only what summaries need of a Record, so that thousands of them fit.
struct JobDigest {
  JobStatus status = JobStatus::ok;
  double test_accuracy = kNoValue;
  double delta_slope_start = kNoValue, delta_slope_end = kNoValue;
  std::vector<double> delta_rms_start, delta_rms_end;  // hidden layers 1..depth
  std::vector<double> dead_start, saturated_start;     // likewise; saturated is empty for activations that cannot
  double predicted_delta_slope = kNoValue, predicted_first_q = kNoValue;
};
[[nodiscard]] JobDigest digest_of(const Record& record, int depth);

// Health, from the start records, median over seeds, the first that applies:
//   exploding  any seed diverged, or rms delta(1) / rms delta(depth) > 100
//   dead       a hidden layer's dead_fraction >= 0.9
//   saturated  a hidden layer's saturated_fraction >= 0.5
//   vanishing  that ratio < 0.01, or no gradient in any hidden layer
[[nodiscard]] CellSummary summarize_cell(const std::vector<JobDigest>& seeds);

// Whether no net was trained (epochs: 0, probe: true), though some are finished: there are starts to look at, and no
// accuracies.
[[nodiscard]] bool is_only_looked_at(std::span<const CellSummary> cells);

}  // namespace initsweep
