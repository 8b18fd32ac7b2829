// The numbers that a claim or a baseline asks of a job, by the names they have in the result files.
#pragma once
#include <array>
#include <span>
#include <string_view>
#include "initsweep/record.hpp"

namespace initsweep {

// A numeric column of jobs.csv. NaN where the job has no such value.
struct JobMetric {
  std::string_view name;
  double (*value)(const Record& record, const FinalValues& final);
};
[[nodiscard]] std::span<const JobMetric> job_metrics();
[[nodiscard]] const JobMetric* find_job_metric(std::string_view name);

// A column of layers.csv, which claims call layers.<tensor>.<name>.
inline constexpr std::string_view kLayerMetricPrefix = "layers.";
[[nodiscard]] inline bool is_layer_metric(std::string_view metric) { return metric.starts_with(kLayerMetricPrefix); }
struct LayerMetric {
  std::string_view name;
  std::array<std::string_view, 2> tensors;  // that have it; empty: all
  double (*value)(const LayerRow& row);
};
[[nodiscard]] std::span<const LayerMetric> layer_metrics();
[[nodiscard]] const LayerMetric* find_layer_metric(std::string_view name);

// A number of epochs.csv.
struct EpochMetric {
  std::string_view name;
  double EpochRow::*value;
};
[[nodiscard]] std::span<const EpochMetric> epoch_metrics();
[[nodiscard]] const EpochMetric* find_epoch_metric(std::string_view name);

// What guessing gets right: 1 / classes, from the start record. NaN without one.
[[nodiscard]] double chance_accuracy(const Record& record);

// The value, or for an accuracy of a diverged job what guessing gets.
[[nodiscard]] double value_or_chance(const JobMetric& metric, const Record& record);

}  // namespace initsweep
