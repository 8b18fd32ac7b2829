#include "metric.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "initsweep/columns.hpp"
#include "small_job.hpp"

namespace initsweep {
namespace {

using Names = std::vector<std::string>;

bool is_numeric(const Column& column) {
  return column.type == ColumnType::integer || column.type == ColumnType::number;
}

// Numbers that a job comes to, rather than was told.
TEST(Metric, JobsAreAskedForEveryNumericColumn) {
  std::set<std::string> expected, found;
  for (const Column& column : jobs_columns())
    if (is_numeric(column) && column.name != "seed" && !parse_setting(column.name)) expected.insert(column.name);
  for (const JobMetric& metric : job_metrics()) found.emplace(metric.name);
  EXPECT_EQ(found, expected);
  for (const std::string& name : expected) EXPECT_EQ(find_job_metric(name)->name, name);
  for (const char* name : {"", "digest", "status", "seed", "depth", "test", "test_accuracy "})
    EXPECT_EQ(find_job_metric(name), nullptr) << name;
}

TEST(Metric, LayersAreAskedForEveryStatistic) {
  Names expected, found;
  const std::vector<Column> columns = layers_columns();
  const auto last_of_place =
      std::find_if(columns.begin(), columns.end(), [](const Column& column) { return column.name == "fan_out"; });
  for (auto column = last_of_place + 1; column != columns.end(); ++column)
    if (column->name != "predicted_rms") expected.push_back(column->name);  // theory, not a measurement
  for (const LayerMetric& metric : layer_metrics()) found.emplace_back(metric.name);
  EXPECT_EQ(found, expected);
  for (const std::string& name : expected) EXPECT_EQ(find_layer_metric(name)->name, name);
  for (const char* name : {"", "layer", "fan_in", "rms_"}) EXPECT_EQ(find_layer_metric(name), nullptr) << name;
}

// Each from its own field.
TEST(Metric, JobsAnswer) {
  Record record;
  record.epochs_run = 3;
  record.steps_run = 30;
  record.diverged_step = 7;
  record.delta_slope_start = -1;
  record.delta_slope_end = -2;
  const FinalValues final = {.train_loss = 11,
                             .train_accuracy = 12,
                             .test_loss = 13,
                             .test_accuracy = 14,
                             .best_test_accuracy = 15,
                             .best_epoch = 2};
  const auto value = [&](const char* name) { return find_job_metric(name)->value(record, final); };
  EXPECT_EQ(value("train_loss"), 11);
  EXPECT_EQ(value("train_accuracy"), 12);
  EXPECT_EQ(value("test_loss"), 13);
  EXPECT_EQ(value("test_accuracy"), 14);
  EXPECT_EQ(value("best_test_accuracy"), 15);
  EXPECT_EQ(value("best_epoch"), 2);
  EXPECT_EQ(value("epochs_run"), 3);
  EXPECT_EQ(value("steps_run"), 30);
  EXPECT_EQ(value("diverged_step"), 7);
  EXPECT_EQ(value("delta_slope_start"), -1);
  EXPECT_EQ(value("delta_slope_end"), -2);
  EXPECT_TRUE(std::isnan(find_job_metric("best_epoch")->value({}, {})));
  EXPECT_TRUE(std::isnan(find_job_metric("diverged_step")->value({}, {})));
}

TEST(Metric, LayersAnswer) {
  LayerRow row{.summary = {.count = 1,
                           .nonfinite = 2,
                           .mean = 3,
                           .std = 4,
                           .rms = 5,
                           .l2 = 6,
                           .min = 7,
                           .max = 8,
                           .q01 = 9,
                           .q50 = 10,
                           .q99 = 11,
                           .zero_fraction = 12}};
  row.saturated_fraction = 13;
  row.dead_fraction = 14;
  row.between_sample_std = 15;
  row.update_ratio = 16;
  row.correlation = 17;
  row.unit_mean_median = 18;
  row.jacobian_sv_mean = 19;
  row.jacobian_sv_rms = 20;
  row.jacobian_sv_min = 21;
  row.jacobian_sv_max = 22;
  const std::pair<const char*, double> expected[] = {{"count", 1},
                                                     {"nonfinite", 2},
                                                     {"mean", 3},
                                                     {"std", 4},
                                                     {"rms", 5},
                                                     {"l2", 6},
                                                     {"min", 7},
                                                     {"max", 8},
                                                     {"q01", 9},
                                                     {"q50", 10},
                                                     {"q99", 11},
                                                     {"zero_fraction", 12},
                                                     {"saturated_fraction", 13},
                                                     {"dead_fraction", 14},
                                                     {"between_sample_std", 15},
                                                     {"update_ratio", 16},
                                                     {"correlation", 17},
                                                     {"unit_mean_median", 18},
                                                     {"jacobian_sv_mean", 19},
                                                     {"jacobian_sv_rms", 20},
                                                     {"jacobian_sv_min", 21},
                                                     {"jacobian_sv_max", 22}};
  EXPECT_EQ(std::size(expected), layer_metrics().size());
  for (const auto& [name, value] : expected) EXPECT_EQ(find_layer_metric(name)->value(row), value) << name;
}

// The tensors of a statistic are those in whose rows a training leaves a value.
TEST(Metric, StatisticsAreOfTheTensorsThatHaveThem) {
  JobSettings settings = small_settings();
  const Record record = run(settings, small_dataset(), {.jacobian = 2});
  for (const LayerMetric& metric : layer_metrics()) {
    std::set<std::string> with_value;
    for (const LayerRow& row : record.layers)
      if (!std::isnan(metric.value(row))) with_value.emplace(to_text(row.tensor));
    const bool is_of_all = metric.tensors[0].empty();
    std::set<std::string> expected;
    for (const KindInfo& tensor : kind_table<TensorKind>())
      if (is_of_all || tensor.name == metric.tensors[0] || tensor.name == metric.tensors[1])
        expected.emplace(tensor.name);
    EXPECT_EQ(with_value, expected) << metric.name;
  }
}

TEST(Metric, GuessingGetsOneOfTheClasses) {
  Record record = run(small_settings());  // three classes, hidden layers of 8 and 6
  EXPECT_EQ(chance_accuracy(record), 1.0 / 3);
  EXPECT_TRUE(std::isnan(chance_accuracy({})));
  // Whatever follows the first record.
  for (LayerRow& row : record.layers)
    if (row.step > 0) row.fan_out = 77;
  EXPECT_EQ(chance_accuracy(record), 1.0 / 3);
}

TEST(Metric, DivergedAccuraciesAreGuesses) {
  Record record = run(small_settings());
  const double trained = value_or_chance(*find_job_metric("test_accuracy"), record);
  EXPECT_EQ(trained, record.epochs.back().test_accuracy);
  record.status = JobStatus::diverged;
  for (const JobMetric& metric : job_metrics()) {
    const double value = value_or_chance(metric, record);
    if (metric.name.ends_with("accuracy")) {
      EXPECT_EQ(value, 1.0 / 3) << metric.name;
    } else if (metric.name.ends_with("loss")) {
      EXPECT_TRUE(std::isnan(value)) << metric.name;
    }
  }
}

TEST(Metric, EpochsAnswerEveryNumericColumn) {
  std::set<std::string> expected, found;
  for (const Column& column : epochs_columns())
    if (column.type == ColumnType::number && !parse_setting(column.name)) expected.insert(column.name);
  for (const EpochMetric& metric : epoch_metrics()) found.emplace(metric.name);
  EXPECT_EQ(found, expected);
  const EpochRow row = {.train_loss = 1,
                        .train_accuracy = 2,
                        .test_loss = 3,
                        .test_accuracy = 4,
                        .validation_loss = 5,
                        .validation_accuracy = 6};
  double value = 0;
  for (const char* name :
       {"train_loss", "train_accuracy", "test_loss", "test_accuracy", "validation_loss", "validation_accuracy"})
    EXPECT_EQ(row.*find_epoch_metric(name)->value, ++value) << name;
  EXPECT_EQ(find_epoch_metric("best_test_accuracy"), nullptr);
}

}  // namespace
}  // namespace initsweep
