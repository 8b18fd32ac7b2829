// What mean-field theory says of a net that a record shows before training.
#pragma once
#include <optional>
#include <vector>
#include "initsweep/record.hpp"
#include "initsweep/settings.hpp"

namespace initsweep {

struct PredictedSignals {
  std::vector<double> preactivation, activation, delta;  // rms of layers 1..depth + 1, activation 1..depth
  double delta_slope = kNoValue;                         // as record.hpp has it, of the predicted hidden deltas
};

// Theory starts from what the record has at both ends of the net: the input, and the delta that the loss makes.
// nullopt without a start record, where its input is not finite, and where predict_signals has nothing to say.
[[nodiscard]] std::optional<PredictedSignals> predict_start(const JobSettings& settings, const Record& record);

// What it says of a row of that record: rms of preactivation, activation or delta. NaN for other tensors, and where
// `signals` is nothing.
[[nodiscard]] double predicted_rms(const std::optional<PredictedSignals>& signals, const LayerRow& row);

}  // namespace initsweep
