#include "predicted_record.hpp"

#include <cmath>
#include <utility>
#include "initsweep/initializer.hpp"
#include "initsweep/signal_prediction.hpp"

namespace initsweep {

std::optional<PredictedSignals> predict_start(const JobSettings& settings, const Record& record) {
  const auto n_layers = static_cast<std::size_t>(settings.depth() + 1);
  std::vector<Fans> fans(n_layers, Fans{.fan_in = 0, .fan_out = 0});
  double input_rms = kNoValue, output_delta_rms = kNoValue;
  for (const LayerRow& row : record.layers) {
    if (row.step != record.layers.front().step) break;
    if (row.layer == 0) {
      input_rms = row.summary.rms;
      continue;
    }
    const auto l = static_cast<std::size_t>(row.layer - 1);
    if (row.layer < 0 || l >= n_layers) return std::nullopt;  // a record of another net
    fans[l] = {.fan_in = row.fan_in, .fan_out = row.fan_out};
    if (l + 1 == n_layers && row.tensor == TensorKind::delta) output_delta_rms = row.summary.rms;
  }
  for (const Fans& of_layer : fans)
    if (of_layer.fan_in <= 0 || of_layer.fan_out <= 0) return std::nullopt;
  if (!std::isfinite(input_rms)) return std::nullopt;

  std::optional<SignalPrediction> signals = predict_signals(settings, fans, input_rms * input_rms, output_delta_rms);
  if (!signals) return std::nullopt;
  PredictedSignals predicted{.preactivation = std::move(signals->preactivation),
                             .activation = std::move(signals->activation),
                             .delta = std::move(signals->delta)};
  predicted.delta_slope = delta_slope({predicted.delta.begin(), predicted.delta.end() - 1});
  return predicted;
}

double predicted_rms(const std::optional<PredictedSignals>& signals, const LayerRow& row) {
  if (!signals) return kNoValue;
  const std::vector<double>* by_layer = row.tensor == TensorKind::preactivation ? &signals->preactivation
                                        : row.tensor == TensorKind::activation  ? &signals->activation
                                        : row.tensor == TensorKind::delta       ? &signals->delta
                                                                                : nullptr;
  const bool is_there = by_layer != nullptr && row.layer >= 1 && row.layer <= std::ssize(*by_layer);
  return is_there ? (*by_layer)[static_cast<std::size_t>(row.layer - 1)] : kNoValue;
}

}  // namespace initsweep
