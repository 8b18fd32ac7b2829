#include "initsweep/record.hpp"
#include <cmath>

namespace initsweep {

FinalValues final_values(const Record& record) {
  FinalValues values;
  if (record.status != JobStatus::ok || record.epochs.empty()) return values;
  const EpochRow& last = record.epochs.back();
  values.train_loss = last.train_loss;
  values.train_accuracy = last.train_accuracy;
  values.test_loss = last.test_loss;
  values.test_accuracy = last.test_accuracy;
  for (const EpochRow& row : record.epochs) {
    if (row.epoch == 0 || (values.best_epoch && row.test_accuracy <= values.best_test_accuracy)) continue;
    values.best_test_accuracy = row.test_accuracy;
    values.best_epoch = row.epoch;
  }
  return values;
}

double delta_slope(const std::vector<double>& rms_delta) {
  const std::size_t depth = rms_delta.size();
  std::vector<double> distance, log_rms;
  for (std::size_t l = 1; l <= depth; ++l) {
    const double rms = rms_delta[l - 1];
    if (!std::isfinite(rms) || rms < 1e-30) continue;
    distance.push_back(static_cast<double>(depth - l));
    log_rms.push_back(std::log10(rms));
  }
  return slope(distance, log_rms).value_or(kNoValue);
}

}  // namespace initsweep
