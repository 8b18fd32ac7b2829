#include "initsweep/cells.hpp"
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include "initsweep/layer_stats.hpp"
#include "layer_medians.hpp"

namespace initsweep {

namespace {

constexpr double kExplodingRatio = 100, kVanishingRatio = 0.01;
constexpr double kDeadFraction = 0.9, kSaturatedFraction = 0.5;

bool is_finite(double value) { return std::isfinite(value); }

double mean(const std::vector<double>& values) { return mean_interval(values).mean; }

std::vector<double> medians_of(std::span<const JobDigest> seeds, const std::vector<double> JobDigest::*values) {
  return layer_medians(seeds, [&](const JobDigest& seed) -> const std::vector<double>& { return seed.*values; });
}

// rms delta(1) / rms delta(depth). No gradient in either is 0: it vanished before it could shrink.
double delta_ratio(const std::vector<double>& rms) {
  if (rms.front() == 0) return 0;
  return std::min(rms.front() / rms.back(), std::numeric_limits<double>::max());  // medians of infinities are NaN
}

std::optional<Health> health_of(std::span<const JobDigest> seeds) {
  if (std::any_of(seeds.begin(), seeds.end(), [](const JobDigest& seed) { return seed.status == JobStatus::diverged; }))
    return Health::exploding;
  std::vector<double> ratios;
  bool has_start = false;
  for (const JobDigest& seed : seeds) {
    if (seed.delta_rms_start.empty()) continue;
    has_start = true;
    if (const double ratio = delta_ratio(seed.delta_rms_start); !std::isnan(ratio)) ratios.push_back(ratio);
  }
  if (!has_start) return std::nullopt;

  const double ratio = median(std::move(ratios));  // NaN, if there is none, compares false
  const auto any_layer = [&](const std::vector<double> JobDigest::*fractions, double threshold) {
    const std::vector<double> medians = medians_of(seeds, fractions);
    return std::any_of(medians.begin(), medians.end(), [&](double fraction) { return fraction >= threshold; });
  };
  if (ratio > kExplodingRatio) return Health::exploding;
  if (any_layer(&JobDigest::dead_start, kDeadFraction)) return Health::dead;
  if (any_layer(&JobDigest::saturated_start, kSaturatedFraction)) return Health::saturated;
  if (ratio < kVanishingRatio) return Health::vanishing;
  return Health::healthy;
}

}  // namespace

std::string_view to_text(Health health) {
  switch (health) {
    case Health::healthy: return "healthy";
    case Health::vanishing: return "vanishing";
    case Health::saturated: return "saturated";
    case Health::dead: return "dead";
    case Health::exploding: return "exploding";
  }
  return {};
}

bool has_results(JobStatus status) { return status == JobStatus::ok || status == JobStatus::diverged; }

JobDigest digest_of(const Record& record, int depth) {
  JobDigest digest;
  digest.status = record.status;
  if (!has_results(record.status)) return digest;
  digest.test_accuracy = final_values(record).test_accuracy;
  digest.delta_slope_start = record.delta_slope_start;
  digest.delta_slope_end = record.delta_slope_end;
  if (record.layers.empty()) return digest;

  const std::span<const LayerRow> rows = record.layers;
  const std::int64_t first_step = rows.front().step, last_step = rows.back().step;
  const auto start_end =
      std::find_if(rows.begin(), rows.end(), [&](const LayerRow& r) { return r.step != first_step; });
  const std::span<const LayerRow> start(rows.begin(), start_end);
  digest.delta_rms_start = hidden_delta_rms(start, depth);
  if (last_step != first_step) {
    const auto end_start = std::find_if(start_end, rows.end(), [&](const LayerRow& r) { return r.step == last_step; });
    digest.delta_rms_end = hidden_delta_rms(std::span(end_start, rows.end()), depth);
  }
  for (const LayerRow& row : start) {
    if (row.tensor != TensorKind::preactivation || row.layer > depth) continue;
    digest.dead_start.push_back(row.dead_fraction);
    digest.saturated_start.push_back(row.saturated_fraction);
  }
  if (std::none_of(digest.saturated_start.begin(), digest.saturated_start.end(), is_finite))
    digest.saturated_start.clear();
  return digest;
}

CellSummary summarize_cell(const std::vector<JobDigest>& seeds) {
  CellSummary summary;
  std::vector<double> accuracies, slopes_start, slopes_end, slopes_predicted, first_qs;
  for (const JobDigest& seed : seeds) {
    switch (seed.status) {
      case JobStatus::ok:
        ++summary.n_ok;
        if (is_finite(seed.test_accuracy)) accuracies.push_back(seed.test_accuracy);  // none if it was only looked at
        break;
      case JobStatus::diverged: ++summary.n_diverged; break;
      case JobStatus::failed:
      case JobStatus::timeout: ++summary.n_failed; break;
    }
    if (is_finite(seed.delta_slope_start)) slopes_start.push_back(seed.delta_slope_start);
    if (is_finite(seed.delta_slope_end)) slopes_end.push_back(seed.delta_slope_end);
    if (is_finite(seed.predicted_delta_slope)) slopes_predicted.push_back(seed.predicted_delta_slope);
    if (is_finite(seed.predicted_first_q)) first_qs.push_back(seed.predicted_first_q);
  }
  summary.test_accuracy = mean_interval(accuracies);
  if (!accuracies.empty()) {
    summary.median = median(accuracies);
    summary.min = *std::min_element(accuracies.begin(), accuracies.end());
    summary.max = *std::max_element(accuracies.begin(), accuracies.end());
  }
  summary.delta_slope_start_mean = mean(slopes_start);
  summary.delta_slope_end_mean = mean(slopes_end);
  summary.predicted_delta_slope_mean = mean(slopes_predicted);
  summary.predicted_first_q_mean = mean(first_qs);
  summary.delta_rms_start = medians_of(seeds, &JobDigest::delta_rms_start);
  summary.delta_rms_end = medians_of(seeds, &JobDigest::delta_rms_end);
  summary.health = health_of(seeds);
  return summary;
}

bool is_only_looked_at(std::span<const CellSummary> cells) {
  const auto is_trained = [](const CellSummary& cell) {
    return cell.n_diverged > 0 || is_finite(cell.test_accuracy.mean);
  };
  return std::none_of(cells.begin(), cells.end(), is_trained) &&
         std::any_of(cells.begin(), cells.end(), [](const CellSummary& cell) { return cell.n_ok > 0; });
}

}  // namespace initsweep
