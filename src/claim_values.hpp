// What one record says to one claim, and what that is called.
#pragma once
#include <optional>
#include <string>
#include "initsweep/claims.hpp"
#include "initsweep/record.hpp"
#include "initsweep/settings.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {

// `settings` are the canonical ones of the record's cell.
[[nodiscard]] ClaimValues claim_values(const Expectation& claim, const JobSettings& settings, const Record& record);

// Final, for best_over; 1 / classes if it diverged.
[[nodiscard]] double final_validation_accuracy(const Record& record);

// "test_accuracy", "test_accuracy, epoch 3", "layers.delta.rms, start, slope over hidden layers"
[[nodiscard]] std::string quantity_text(const Expectation& claim);

// "start", "end", "epoch 3"
[[nodiscard]] std::string time_text(const Expectation& claim);

// Whether a net that is only looked at before training (epochs: 0) has nothing to say to it.
[[nodiscard]] bool needs_training(const Expectation& claim);

// The number in `layer`, if that is one.
[[nodiscard]] std::optional<int> layer_number(const Expectation& claim);
// The layer, where the claim asks for one alone.
[[nodiscard]] std::optional<int> one_layer(const Expectation& claim, int depth);

// What is held against the claim: the value, or how far it is from what theory predicts of it.
[[nodiscard]] double judged_value(const Expectation& claim, const ClaimValues& values, std::size_t i);

}  // namespace initsweep
