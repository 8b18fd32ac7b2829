// Where two trainings that should be the same begin to differ.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include "initsweep/record.hpp"

namespace initsweep {

enum class Side { before, now };

// The first number that differs, in the order in which a training makes them: at each step that both have a record of,
// forward through the layers (weights, preactivations, activations), then backward (deltas, gradients), then the row of
// epochs. If all that both have is equal: the first row that only one has, because the other diverged or ended earlier.
// If there is none of that either: the step at which they diverged.
struct Difference {
  std::int64_t epoch = 0, step = 0;
  std::optional<int> layer;  // none: a row of epochs
  std::string tensor;        // "" for a row of epochs
  std::string statistic;     // rms, mean, ...; test_loss, ...; diverged_step; "" if one side lacks the row
  double before = kNoValue, now = kNoValue;
  std::optional<Side> lacking;  // the side that has no such row
  std::string reason;           // why it has none: "diverged at step 12", "ended after 2 epochs"; "" if unknown
};
// `same_record` says whether both were made with the same record options; if not, layers show different things and only
// the rows of epochs are compared. nullopt if all that was recorded is equal.
[[nodiscard]] std::optional<Difference> first_difference(const Record& before, const Record& now, bool same_record);

// "epoch 1, step 938, layer 3: preactivation rms was 0.5, is 0.25"
[[nodiscard]] std::string difference_text(const Difference& difference);

}  // namespace initsweep
