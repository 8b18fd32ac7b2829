#include "claim_values.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <span>
#include <string_view>
#include <vector>

#include "initsweep/stats.hpp"
#include "metric.hpp"
#include "predicted_record.hpp"

namespace initsweep {
namespace {

using At = Expectation::At;
using Across = Expectation::Across;

bool is_about_layers(const Expectation& claim) { return is_layer_metric(claim.metric); }
bool is_about_an_epoch(const Expectation& claim) { return !is_about_layers(claim) && claim.at != At::unsaid; }

// The rows of one record of a training: those of one step.
std::span<const LayerRow> record_at(const Record& record, At at, std::int64_t epoch) {
  const std::span<const LayerRow> rows = record.layers;
  if (rows.empty()) return {};
  std::optional<std::int64_t> step;
  switch (at) {
    case At::unsaid:
    case At::start: step = rows.front().step; break;
    case At::end: step = rows.back().step; break;
    case At::epoch:
      for (const LayerRow& row : rows)
        if (row.epoch == epoch) step = row.step;
      break;
  }
  const auto is_of_step = [&](const LayerRow& row) { return row.step == step; };
  const auto first = std::find_if(rows.begin(), rows.end(), is_of_step);
  return {first, std::find_if_not(first, rows.end(), is_of_step)};
}

bool is_asked_for(const Expectation& claim, int layer, int depth) {
  const bool is_hidden = 1 <= layer && layer <= depth;
  if (claim.layer_from) return is_hidden && *claim.layer_from <= layer && (!claim.layer_to || layer <= *claim.layer_to);
  if (claim.layer.empty() || claim.layer == "hidden") return is_hidden;
  return claim.layer == "all" || layer == one_layer(claim, depth);
}

// NaN where a layer has no value that a logarithm could be taken of, and for fewer than two layers.
double value_across(Across across, const std::vector<int>& layers, const std::vector<double>& values) {
  if (values.size() < 2) return kNoValue;
  std::vector<double> place(layers.begin(), layers.end()), decades;
  for (const double value : values) {
    if (!(value > 0) || !std::isfinite(value)) return kNoValue;
    decades.push_back(std::log10(value));
  }
  if (across == Across::slope) return slope(place, decades).value_or(kNoValue);
  const auto [least, most] = std::minmax_element(decades.begin(), decades.end());
  return *most - *least;
}

ClaimValues layer_values(const Expectation& claim, const JobSettings& settings, const Record& record) {
  const std::string_view path = std::string_view(claim.metric).substr(kLayerMetricPrefix.size());
  const std::size_t dot = path.find('.');
  const std::string_view tensor = path.substr(0, dot);
  const LayerMetric* metric = find_layer_metric(path.substr(dot + 1));
  const bool predicts = claim.bound == Expectation::Bound::predicted;
  const std::optional<PredictedSignals> signals = predicts ? predict_start(settings, record) : std::nullopt;
  ClaimValues found;
  for (const LayerRow& row : record_at(record, claim.at, claim.epoch)) {
    if (to_text(row.tensor) != tensor || !is_asked_for(claim, row.layer, settings.depth())) continue;
    found.layers.push_back(row.layer);
    found.values.push_back(metric->value(row));
    if (predicts) found.predicted.push_back(predicted_rms(signals, row));
  }
  if (claim.across == Across::none) return found;
  ClaimValues one;
  one.values = {value_across(claim.across, found.layers, found.values)};
  if (predicts) one.predicted = {value_across(claim.across, found.layers, found.predicted)};
  for (std::size_t i = 0; i < found.values.size() && !one.without_logarithm; ++i)
    if (found.values[i] <= 0) one.without_logarithm = {found.layers[i], found.values[i]};
  return one;
}

const EpochRow* epoch_row(const Expectation& claim, const Record& record) {
  // A training that diverged has no end.
  if (claim.at == At::end)
    return record.status == JobStatus::ok && !record.epochs.empty() ? &record.epochs.back() : nullptr;
  const std::int64_t epoch = claim.at == At::epoch ? claim.epoch : 0;
  const EpochRow* found = nullptr;
  for (const EpochRow& row : record.epochs)
    if (row.epoch == epoch) found = &row;
  return found;
}

ClaimValues epoch_values(const Expectation& claim, const Record& record) {
  ClaimValues found;
  if (const EpochRow* row = epoch_row(claim, record)) {
    found.values = {row->*find_epoch_metric(claim.metric)->value};
    found.epoch = row->epoch;
  } else {
    const bool guesses = record.status == JobStatus::diverged && claim.metric.ends_with("accuracy");
    found.values = {guesses ? chance_accuracy(record) : kNoValue};
  }
  return found;
}

std::string layers_text(const Expectation& claim) {
  if (claim.layer_from) {
    const std::string from = std::to_string(*claim.layer_from);
    if (!claim.layer_to) return "layers from " + from + " on";
    return *claim.layer_to == *claim.layer_from ? "layer " + from
                                                : "layers " + from + " to " + std::to_string(*claim.layer_to);
  }
  const std::string layer = claim.layer.empty() ? "hidden" : claim.layer;
  if (layer_number(claim)) return "layer " + layer;
  return layer + (layer == "hidden" || layer == "all" ? " layers" : " hidden layer");
}

}  // namespace

ClaimValues claim_values(const Expectation& claim, const JobSettings& settings, const Record& record) {
  if (claim.status) return {};
  if (is_about_layers(claim)) return layer_values(claim, settings, record);
  if (is_about_an_epoch(claim) && find_epoch_metric(claim.metric) != nullptr) return epoch_values(claim, record);
  ClaimValues found;
  found.values = {value_or_chance(*find_job_metric(claim.metric), record)};
  if (claim.bound == Expectation::Bound::predicted) {
    const std::optional<PredictedSignals> signals = predict_start(settings, record);
    found.predicted = {signals ? signals->delta_slope : kNoValue};
  }
  return found;
}

double final_validation_accuracy(const Record& record) {
  if (record.status == JobStatus::diverged) return chance_accuracy(record);
  return record.epochs.empty() ? kNoValue : record.epochs.back().validation_accuracy;
}

std::string time_text(const Expectation& claim) {
  if (claim.at == At::end) return "end";
  return claim.at == At::epoch ? "epoch " + std::to_string(claim.epoch) : "start";
}

std::string quantity_text(const Expectation& claim) {
  if (!is_about_layers(claim)) return claim.metric + (is_about_an_epoch(claim) ? ", " + time_text(claim) : "");
  std::string text = claim.metric + ", " + time_text(claim) + ", ";
  if (claim.across == Across::slope) text += "slope over ";
  if (claim.across == Across::spread) text += "spread over ";
  return text + layers_text(claim);
}

bool needs_training(const Expectation& claim) {
  if (claim.status || claim.best_over) return true;
  if (is_about_layers(claim)) return claim.at == At::end || (claim.at == At::epoch && claim.epoch > 0);
  return claim.metric != "delta_slope_start";
}

std::optional<int> layer_number(const Expectation& claim) {
  const bool is_number = !claim.layer.empty() && std::isdigit(static_cast<unsigned char>(claim.layer.front())) != 0;
  return is_number ? std::optional(std::stoi(claim.layer)) : std::nullopt;
}

std::optional<int> one_layer(const Expectation& claim, int depth) {
  if (claim.across != Across::none) return std::nullopt;
  if (claim.layer == "first") return 1;
  if (claim.layer == "last") return depth;
  return layer_number(claim);
}

double judged_value(const Expectation& claim, const ClaimValues& values, std::size_t i) {
  if (claim.bound != Expectation::Bound::predicted) return values.values[i];
  return claim.rtol > 0 ? values.values[i] / values.predicted[i] - 1 : values.values[i] - values.predicted[i];
}

}  // namespace initsweep
