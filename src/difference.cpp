#include "initsweep/difference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>
#include <tuple>
#include <vector>

#include "initsweep/kinds.hpp"
#include "initsweep/number.hpp"
#include "metric.hpp"

namespace initsweep {
namespace {

// rms first: it is there for every tensor, it moves with any entry, and it has a size that means something. Then what
// says why there may be none; then the rest of layers.csv in its order.
constexpr std::array<std::string_view, 3> kFirstLooks = {"rms", "count", "nonfinite"};

struct EpochStatistic {
  std::string_view name;
  double EpochRow::*of;
};
constexpr std::array<EpochStatistic, 6> kEpochStatistics = {{
    {"train_loss", &EpochRow::train_loss},
    {"train_accuracy", &EpochRow::train_accuracy},
    {"test_loss", &EpochRow::test_loss},
    {"test_accuracy", &EpochRow::test_accuracy},
    {"validation_loss", &EpochRow::validation_loss},
    {"validation_accuracy", &EpochRow::validation_accuracy},
}};

// When a training makes a row, earlier ones less. Backward passes walk the layers downward, so theirs count negative.
enum class Phase { forward, backward, evaluation };
using Moment = std::tuple<std::int64_t, Phase, int, TensorKind>;

Moment moment_of(const LayerRow& row) {
  static_assert(TensorKind::weight < TensorKind::preactivation && TensorKind::preactivation < TensorKind::activation &&
                TensorKind::activation < TensorKind::delta && TensorKind::delta < TensorKind::weight_gradient &&
                TensorKind::weight_gradient < TensorKind::bias_gradient);
  const bool is_forward = row.tensor < TensorKind::delta;
  return {row.step, is_forward ? Phase::forward : Phase::backward, is_forward ? row.layer : -row.layer, row.tensor};
}

// The row that two trainings made at one moment; a layer's or one of the epochs.
struct Pair {
  std::array<const LayerRow*, 2> layer = {};
  std::array<const EpochRow*, 2> epoch = {};
};
using Timeline = std::map<Moment, Pair>;

void add(Timeline& timeline, const Record& record, std::size_t side, bool with_layers) {
  if (with_layers)
    for (const LayerRow& row : record.layers) timeline[moment_of(row)].layer[side] = &row;
  for (const EpochRow& row : record.epochs)
    timeline[{row.step, Phase::evaluation, 0, TensorKind::weight}].epoch[side] = &row;
}

bool is_same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

Difference at(const LayerRow& row) {
  return {.epoch = row.epoch,
          .step = row.step,
          .layer = row.layer,
          .tensor = std::string(to_text(row.tensor)),
          .statistic = {},
          .lacking = {},
          .reason = {}};
}

Difference at(const EpochRow& row) {
  return {
      .epoch = row.epoch, .step = row.step, .layer = {}, .tensor = {}, .statistic = {}, .lacking = {}, .reason = {}};
}

Difference with_numbers(Difference difference, std::string_view statistic, double before, double now) {
  difference.statistic = statistic;
  difference.before = before;
  difference.now = now;
  return difference;
}

std::optional<Difference> differing_statistic(const LayerRow& before, const LayerRow& now) {
  const auto look = [&](const LayerMetric& metric) -> std::optional<Difference> {
    const double a = metric.value(before), b = metric.value(now);
    if (is_same(a, b)) return std::nullopt;
    return with_numbers(at(before), metric.name, a, b);
  };
  for (const std::string_view name : kFirstLooks)
    if (std::optional<Difference> difference = look(*find_layer_metric(name))) return difference;
  for (const LayerMetric& metric : layer_metrics())
    if (std::optional<Difference> difference = look(metric)) return difference;
  return std::nullopt;
}

std::optional<Difference> differing_number(const Pair& pair) {
  if (const auto [before, now] = pair.layer; before && now)
    if (std::optional<Difference> difference = differing_statistic(*before, *now)) return difference;
  if (const auto [before, now] = pair.epoch; before && now)
    for (const EpochStatistic& statistic : kEpochStatistics)
      if (const double a = before->*statistic.of, b = now->*statistic.of; !is_same(a, b))
        return with_numbers(at(*before), statistic.name, a, b);
  return std::nullopt;
}

// Why a record has no row that another has.
std::string reason_of(const Record& record) {
  switch (record.status) {
    case JobStatus::ok:
      return "ended after " + std::to_string(record.epochs_run) + (record.epochs_run == 1 ? " epoch" : " epochs");
    case JobStatus::diverged:
      return record.diverged_step ? "diverged at step " + std::to_string(*record.diverged_step) : "diverged";
    case JobStatus::failed: return "failed";
    case JobStatus::timeout: return "timed out";
  }
  return {};
}

std::optional<Difference> lacking_row(const Pair& pair, const Record& before, const Record& now) {
  const auto only = [&](const auto& rows) -> std::optional<Difference> {
    if ((rows[0] == nullptr) == (rows[1] == nullptr)) return std::nullopt;
    Difference difference = at(rows[0] ? *rows[0] : *rows[1]);
    difference.lacking = rows[0] ? Side::now : Side::before;
    const Record& short_one = rows[0] ? now : before;
    const Record& long_one = rows[0] ? before : now;
    // Two that ended alike, but not with the same rows: the way they ended explains nothing.
    if (reason_of(short_one) != reason_of(long_one)) difference.reason = reason_of(short_one);
    return difference;
  };
  if (auto difference = only(pair.layer)) return difference;
  return only(pair.epoch);
}

// All digits: the first difference is often in the last of them.
std::string value_text(double value) {
  if (std::isnan(value)) return "none";
  if (std::isinf(value)) return value < 0 ? "-infinite" : "infinite";
  return number_text(value);
}

double as_number(const std::optional<std::int64_t>& step) { return step ? static_cast<double>(*step) : kNoValue; }

}  // namespace

std::optional<Difference> first_difference(const Record& before, const Record& now, bool same_record) {
  Timeline timeline;
  add(timeline, before, 0, same_record);
  add(timeline, now, 1, same_record);
  for (const auto& [moment, pair] : timeline)
    if (auto difference = differing_number(pair)) return difference;
  for (const auto& [moment, pair] : timeline)
    if (auto difference = lacking_row(pair, before, now)) return difference;
  if (before.diverged_step == now.diverged_step) return std::nullopt;
  // No row was made between the two steps, so the one that stopped first had the last row of both.
  const std::vector<EpochRow>& epochs = before.epochs;
  constexpr auto kNever = std::numeric_limits<std::int64_t>::max();
  Difference difference;
  difference.epoch = epochs.empty() ? 0 : epochs.back().epoch;
  difference.step = std::min(before.diverged_step.value_or(kNever), now.diverged_step.value_or(kNever));
  return with_numbers(difference, "diverged_step", as_number(before.diverged_step), as_number(now.diverged_step));
}

std::string difference_text(const Difference& difference) {
  std::string text = "epoch " + std::to_string(difference.epoch) + ", step " + std::to_string(difference.step);
  if (difference.layer) text += ", layer " + std::to_string(*difference.layer);
  text += ": ";
  if (!difference.tensor.empty()) text += difference.tensor + ' ';
  if (difference.lacking) {
    text += *difference.lacking == Side::now ? "missing now" : "missing before";
    return difference.reason.empty() ? text : text + " (" + difference.reason + ')';
  }
  return text + difference.statistic + " was " + value_text(difference.before) + ", is " + value_text(difference.now);
}

}  // namespace initsweep
