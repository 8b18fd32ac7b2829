// What must hold between the numbers of any record, whatever was trained.
#pragma once
#include <gtest/gtest.h>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include "initsweep/record.hpp"
#include "initsweep/settings.hpp"

namespace initsweep {

struct TrainingCount {
  std::int64_t steps = 0, epochs = 0;  // of a job that runs to its end
};

// Sentences about what is not so in a row; none if all is.
inline std::string untruths(const LayerRow& row, int depth) {
  std::string text;
  const auto require = [&](bool holds, const char* what) {
    if (!holds)
      text += std::string(what) + " in " + std::string(to_text(row.tensor)) + " of layer " + std::to_string(row.layer) +
              " at step " + std::to_string(row.step) + "\n";
  };
  const Summary& s = row.summary;
  const double moments[] = {s.mean, s.std, s.rms, s.l2, s.min, s.max, s.q01, s.q50, s.q99};
  require(s.count > 0 && s.nonfinite >= 0 && s.nonfinite <= s.count, "counts");
  for (const double moment : moments)
    require(s.nonfinite > 0 ? std::isnan(moment) : std::isfinite(moment), "moments and nonfinite disagree");
  require(s.zero_fraction >= 0 && s.zero_fraction <= 1, "zero_fraction is no fraction");
  require(s.zero_fraction * static_cast<double>(s.count) + static_cast<double>(s.nonfinite) <=
              static_cast<double>(s.count) * (1 + 1e-12),
          "zeros are finite");
  const bool is_input = row.layer == 0, is_hidden = !is_input && row.layer <= depth;
  const bool has_samples = row.tensor == TensorKind::preactivation || row.tensor == TensorKind::activation;
  const bool has_derivatives = row.tensor == TensorKind::preactivation && is_hidden && s.nonfinite == 0;
  require(std::isfinite(row.between_sample_std) == (has_samples && s.nonfinite == 0), "between_sample_std is there");
  require(std::isfinite(row.unit_mean_median) == (has_samples && s.nonfinite == 0), "unit_mean_median is there");
  require(std::isnan(row.correlation) || (has_samples && s.nonfinite == 0 && std::abs(row.correlation) <= 1),
          "correlation is there");
  require(std::isfinite(row.dead_fraction) == has_derivatives, "dead_fraction is there");
  require(std::isnan(row.update_ratio) || (row.tensor == TensorKind::weight && row.update_ratio >= 0),
          "update_ratio is there");
  if (s.nonfinite > 0) return text;
  // Roundings of sums in double, relative to what is summed.
  constexpr double kRounding = 1e-9;
  const double n = static_cast<double>(s.count);
  require(s.min <= s.q01 && s.q01 <= s.q50 && s.q50 <= s.q99 && s.q99 <= s.max, "quantiles are in order");
  require(s.mean >= s.min - kRounding * s.rms && s.mean <= s.max + kRounding * s.rms, "mean lies outside");
  require(std::abs(s.l2 - s.rms * std::sqrt(n)) <= kRounding * s.l2, "l2 is not rms sqrt(n)");
  require(std::abs(std::hypot(s.mean, s.std) - s.rms) <= kRounding * s.rms, "rms^2 is not mean^2 + std^2");
  require((s.zero_fraction == 1) == (s.l2 == 0), "all zero or not");
  require(std::isnan(row.between_sample_std) || row.between_sample_std <= s.std * (1 + kRounding) + 1e-300,
          "between_sample_std exceeds std");
  require(std::isnan(row.unit_mean_median) ||
              (row.unit_mean_median >= s.min - kRounding * s.rms && row.unit_mean_median <= s.max + kRounding * s.rms),
          "unit_mean_median lies outside");
  require(std::isnan(row.jacobian_sv_rms) || (row.tensor == TensorKind::activation && is_hidden),
          "singular values are there");
  require(std::isnan(row.jacobian_sv_rms) ||
              (0 <= row.jacobian_sv_min && row.jacobian_sv_min <= row.jacobian_sv_mean * (1 + kRounding) &&
               row.jacobian_sv_mean <= row.jacobian_sv_rms * (1 + kRounding) &&
               row.jacobian_sv_rms <= row.jacobian_sv_max * (1 + kRounding)),
          "singular values are in order");
  require(!(row.dead_fraction < 0) && !(row.dead_fraction > 1), "dead_fraction is no fraction");
  require(!(row.saturated_fraction < 0) && !(row.saturated_fraction > 1), "saturated_fraction is no fraction");
  return text;
}

inline std::string untruths(const Record& record, const JobSettings& settings, const TrainingCount& count) {
  std::string text;
  const auto require = [&](bool holds, const char* what) {
    if (!holds) text += std::string(what) + "\n";
  };
  const bool is_ok = record.status == JobStatus::ok;
  require(is_ok || record.status == JobStatus::diverged, "neither ok nor diverged");
  require(record.error.empty(), "an error");
  require(record.digest.size() == 18, "no digest");
  require(is_ok != record.diverged_step.has_value(), "diverged_step and status disagree");
  if (is_ok) {
    require(record.steps_run == count.steps, "steps_run");
    require(record.epochs.size() == static_cast<std::size_t>(count.epochs) + 1, "epochs are missing");
  } else {
    const std::int64_t step = record.diverged_step.value_or(-1);
    require(step == record.steps_run || step == record.steps_run + 1, "diverged_step is not where it ended");
    require(step >= 0 && step <= count.steps, "diverged_step lies outside");
    require(record.epochs.size() <= static_cast<std::size_t>(count.epochs) + 1, "too many epochs");
    require(std::isnan(record.delta_slope_end), "delta_slope_end of a diverged job");
  }
  for (const EpochRow& row : record.epochs) {
    require(std::isfinite(row.test_loss) && row.test_loss >= 0, "test_loss");
    require(row.test_accuracy >= 0 && row.test_accuracy <= 1, "test_accuracy");
    require(row.epoch == 0 ? std::isnan(row.train_loss) : std::isfinite(row.train_loss) && row.train_loss >= 0,
            "train_loss");
    require(row.epoch == 0 || (row.train_accuracy >= 0 && row.train_accuracy <= 1), "train_accuracy");
  }
  const FinalValues values = final_values(record);
  for (const double value : {values.train_loss, values.train_accuracy, values.test_loss, values.test_accuracy})
    require(std::isfinite(value) == is_ok, "final values and status disagree");
  require(!record.layers.empty() && record.layers.front().step == 0, "no start record");
  for (const LayerRow& row : record.layers) text += untruths(row, settings.depth());
  return text;
}

inline void expect_truthful(const Record& record, const JobSettings& settings, const TrainingCount& count) {
  EXPECT_EQ(untruths(record, settings, count), "");
}

}  // namespace initsweep
