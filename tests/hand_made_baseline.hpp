// Baselines that a test writes down, and verdicts as text. Cells are told apart by their depth, on ten classes, two
// layers with enough weights.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "initsweep/baseline.hpp"
#include "initsweep/finding.hpp"

namespace initsweep {

inline std::size_t place_of(std::string_view column) {
  const std::vector<std::string_view> columns = baseline_columns();
  return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), column) - columns.begin());
}
inline double& value_of(Replicate& replicate, std::string_view column) { return replicate.values.at(place_of(column)); }

// `digest` is made of the seed and the accuracy, so equal ones are equal and others differ.
inline Replicate trained(std::int64_t seed, double accuracy, double slope = -0.1) {
  Replicate replicate{.seed = seed,
                      .status = JobStatus::ok,
                      .values = std::vector<double>(baseline_columns().size(), kNoValue),
                      .digest = "d_" + std::to_string(seed) + '_' + std::to_string(accuracy),
                      .weight_rms = {0.1, 0.2}};
  value_of(replicate, "test_accuracy") = accuracy;
  value_of(replicate, "test_loss") = 0.5;
  value_of(replicate, "delta_slope_start") = slope;
  return replicate;
}
inline Replicate diverged(std::int64_t seed) {
  Replicate replicate = trained(seed, kNoValue);
  replicate.status = JobStatus::diverged;
  value_of(replicate, "test_loss") = kNoValue;
  value_of(replicate, "diverged_step") = 7;
  return replicate;
}

inline BaselineCell cell_of(std::vector<Replicate> replicates, int depth = 2) {
  return {.id = "c_" + std::to_string(depth),
          .settings = {{"dataset", "mnist"}, {"activation", "relu"}, {"depth", std::to_string(depth)}},
          .chance = 0.1,
          .replicates = std::move(replicates),
          .missing = {}};
}
// Seeds from `first` on.
inline BaselineCell cell_of(const std::vector<double>& accuracies, int depth = 2, std::int64_t first = 1) {
  std::vector<Replicate> replicates;
  for (const double accuracy : accuracies) replicates.push_back(trained(first++, accuracy));
  return cell_of(std::move(replicates), depth);
}

inline Baseline baseline_with(std::vector<BaselineCell> cells) {
  Baseline baseline;
  baseline.sweep = "t";
  baseline.data = {{"mnist", std::string(64, 'a')}};
  baseline.cells = std::move(cells);
  return baseline;
}

using Numbers = std::vector<double>;

// Standard deviation 0.0016, so that the margin is 0.005.
inline const Numbers kBefore = {0.952, 0.948, 0.950, 0.951, 0.949};

inline Numbers sum(const Numbers& a, const Numbers& b) {
  Numbers sums;
  for (std::size_t i = 0; i < a.size(); ++i) sums.push_back(a[i] + b[i]);
  return sums;
}

// The first finding about this quantity.
inline Finding finding_of(std::string_view quantity, const std::vector<Finding>& findings) {
  for (const Finding& finding : findings)
    if (finding.quantity.starts_with(quantity)) return finding;
  Finding none;
  none.verdict = "(no such finding)";
  return none;
}

// "depth=2: test_accuracy pass", a line a finding.
inline std::string verdicts(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& f : findings)
    text += f.cell + ": " + f.quantity + ' ' + f.verdict + (f.reason.empty() ? "" : " (" + f.reason + ')') + '\n';
  return text;
}

}  // namespace initsweep
