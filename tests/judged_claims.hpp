// Claims of a sweep, judged from records made by hand.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "initsweep/claims.hpp"
#include "sweep_text.hpp"

namespace initsweep {

using Numbers = std::vector<double>;
using Records = std::vector<std::optional<Record>>;

// Of the jobs in the order of the grid.
inline std::vector<Finding> judged(std::string_view body, const Records& records) {
  const SweepSpec spec = parsed(body);
  const Grid grid = expand(spec, {{"mnist", std::string(64, 'a')}});
  EXPECT_EQ(grid.jobs.size(), records.size());
  const Claims claims(spec, grid);
  std::vector<std::optional<JobValues>> jobs(grid.jobs.size());
  for (std::size_t i = 0; i < std::min(jobs.size(), records.size()); ++i)
    if (records[i]) jobs[i] = claims.values_of(grid.jobs[i], *records[i]);
  return claims.judge(jobs);
}
// "he_normal: holds", with the reason where there is one; a line a finding.
inline std::string verdicts(std::string_view body, const Records& records) {
  std::string text;
  for (const Finding& f : judged(body, records))
    text += (f.cell.empty() ? "" : f.cell + ": ") + f.verdict + (f.reason.empty() ? "" : " (" + f.reason + ')') + '\n';
  return text;
}

// Two epochs of ten steps; layer l of `std` has its l-th preactivation std (from 1 on; the last is the output layer) at
// the start, twice that after epoch 1 and three times that at the end. Ten classes.
inline Record learned(double test_accuracy, double validation_accuracy = kNoValue, const Numbers& std = {1, 1, 1}) {
  Record record;
  record.epochs_run = 2;
  record.steps_run = 20;
  record.digest = "d_0";
  record.delta_slope_start = -0.25;
  for (const std::int64_t epoch : {0, 1, 2}) {
    record.epochs.push_back({.epoch = epoch,
                             .step = 10 * epoch,
                             .train_loss = epoch == 0 ? kNoValue : 0.5,
                             .train_accuracy = epoch == 0 ? kNoValue : 0.75,
                             .test_loss = 1 - test_accuracy,
                             .test_accuracy = epoch == 2 ? test_accuracy : 0.1,
                             .validation_loss = kNoValue,
                             .validation_accuracy = epoch == 2 ? validation_accuracy : 0.99});
    const auto add = [&](int layer, TensorKind tensor, double value) {
      LayerRow row{.epoch = epoch,
                   .step = 10 * epoch,
                   .layer = layer,
                   .tensor = tensor,
                   .fan_in = 10,
                   .fan_out = 10,
                   .summary = {}};
      row.summary.std = value * static_cast<double>(epoch + 1);
      record.layers.push_back(row);
    };
    add(0, TensorKind::activation, 100);
    for (std::size_t i = 0; i < std.size(); ++i)
      for (const TensorKind tensor : {TensorKind::preactivation, TensorKind::activation})
        add(static_cast<int>(i) + 1, tensor, std[i]);
  }
  return record;
}

inline Record ended(JobStatus status) {
  Record record;
  if (status == JobStatus::diverged) {
    record = learned(0.5);
    record.epochs.pop_back();
    record.diverged_step = 15;
  }
  record.status = status;
  return record;
}

}  // namespace initsweep
