#include "metric.hpp"

#include <algorithm>

namespace initsweep {
namespace {

double number(std::int64_t n) { return static_cast<double>(n); }

template <class Integer>
double number_if(const std::optional<Integer>& n) {
  return n ? number(*n) : kNoValue;
}

constexpr JobMetric kJobMetrics[] = {
    {"train_loss", [](const Record&, const FinalValues& f) { return f.train_loss; }},
    {"train_accuracy", [](const Record&, const FinalValues& f) { return f.train_accuracy; }},
    {"test_loss", [](const Record&, const FinalValues& f) { return f.test_loss; }},
    {"test_accuracy", [](const Record&, const FinalValues& f) { return f.test_accuracy; }},
    {"best_test_accuracy", [](const Record&, const FinalValues& f) { return f.best_test_accuracy; }},
    {"best_epoch", [](const Record&, const FinalValues& f) { return number_if(f.best_epoch); }},
    {"epochs_run", [](const Record& r, const FinalValues&) { return number(r.epochs_run); }},
    {"steps_run", [](const Record& r, const FinalValues&) { return number(r.steps_run); }},
    {"diverged_step", [](const Record& r, const FinalValues&) { return number_if(r.diverged_step); }},
    {"delta_slope_start", [](const Record& r, const FinalValues&) { return r.delta_slope_start; }},
    {"delta_slope_end", [](const Record& r, const FinalValues&) { return r.delta_slope_end; }}};

constexpr LayerMetric kLayerMetrics[] = {
    {"count", {}, [](const LayerRow& row) { return number(row.summary.count); }},
    {"mean", {}, [](const LayerRow& row) { return row.summary.mean; }},
    {"std", {}, [](const LayerRow& row) { return row.summary.std; }},
    {"rms", {}, [](const LayerRow& row) { return row.summary.rms; }},
    {"l2", {}, [](const LayerRow& row) { return row.summary.l2; }},
    {"min", {}, [](const LayerRow& row) { return row.summary.min; }},
    {"max", {}, [](const LayerRow& row) { return row.summary.max; }},
    {"q01", {}, [](const LayerRow& row) { return row.summary.q01; }},
    {"q50", {}, [](const LayerRow& row) { return row.summary.q50; }},
    {"q99", {}, [](const LayerRow& row) { return row.summary.q99; }},
    {"zero_fraction", {}, [](const LayerRow& row) { return row.summary.zero_fraction; }},
    {"saturated_fraction", {"preactivation"}, [](const LayerRow& row) { return row.saturated_fraction; }},
    {"dead_fraction", {"preactivation"}, [](const LayerRow& row) { return row.dead_fraction; }},
    {"between_sample_std", {"preactivation", "activation"}, [](const LayerRow& row) { return row.between_sample_std; }},
    {"update_ratio", {"weight"}, [](const LayerRow& row) { return row.update_ratio; }},
    {"nonfinite", {}, [](const LayerRow& row) { return number(row.summary.nonfinite); }},
    {"correlation", {"preactivation", "activation"}, [](const LayerRow& row) { return row.correlation; }},
    {"unit_mean_median", {"preactivation", "activation"}, [](const LayerRow& row) { return row.unit_mean_median; }},
    {"jacobian_sv_mean", {"activation"}, [](const LayerRow& row) { return row.jacobian_sv_mean; }},
    {"jacobian_sv_rms", {"activation"}, [](const LayerRow& row) { return row.jacobian_sv_rms; }},
    {"jacobian_sv_min", {"activation"}, [](const LayerRow& row) { return row.jacobian_sv_min; }},
    {"jacobian_sv_max", {"activation"}, [](const LayerRow& row) { return row.jacobian_sv_max; }}};

constexpr EpochMetric kEpochMetrics[] = {{"train_loss", &EpochRow::train_loss},
                                         {"train_accuracy", &EpochRow::train_accuracy},
                                         {"test_loss", &EpochRow::test_loss},
                                         {"test_accuracy", &EpochRow::test_accuracy},
                                         {"validation_loss", &EpochRow::validation_loss},
                                         {"validation_accuracy", &EpochRow::validation_accuracy}};

template <class Metric, std::size_t n>
const Metric* find(const Metric (&metrics)[n], std::string_view name) {
  const auto found =
      std::find_if(std::begin(metrics), std::end(metrics), [&](const Metric& m) { return m.name == name; });
  return found == std::end(metrics) ? nullptr : found;
}

}  // namespace

std::span<const JobMetric> job_metrics() { return kJobMetrics; }
const JobMetric* find_job_metric(std::string_view name) { return find(kJobMetrics, name); }
std::span<const LayerMetric> layer_metrics() { return kLayerMetrics; }
const LayerMetric* find_layer_metric(std::string_view name) { return find(kLayerMetrics, name); }
std::span<const EpochMetric> epoch_metrics() { return kEpochMetrics; }
const EpochMetric* find_epoch_metric(std::string_view name) { return find(kEpochMetrics, name); }

double chance_accuracy(const Record& record) {
  int last_layer = 0, n_classes = 0;
  for (const LayerRow& row : record.layers) {
    if (row.layer < last_layer) break;  // the next record
    last_layer = row.layer;
    n_classes = row.fan_out;
  }
  return n_classes > 0 ? 1.0 / n_classes : kNoValue;
}

double value_or_chance(const JobMetric& metric, const Record& record) {
  if (record.status == JobStatus::diverged && metric.name.ends_with("accuracy")) return chance_accuracy(record);
  return metric.value(record, final_values(record));
}

}  // namespace initsweep
