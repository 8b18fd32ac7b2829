// What a job leaves behind: which records and rows, and how it ends early.
#include <gtest/gtest.h>
#include <cmath>
#include <numeric>
#include <vector>
#include "initsweep/layer_stats.hpp"
#include "initsweep/train.hpp"
#include "small_job.hpp"

namespace initsweep {
namespace {

TEST(TrainRecords, ComeAtTheStartThenAsAskedAndAtTheEndOnce) {
  using Every = RecordOptions::Every;
  const auto steps_of = [](Every every, std::int64_t steps) {
    return record_steps(run(small_settings(), small_dataset(), {.every = every, .steps = steps}));
  };
  EXPECT_EQ(steps_of(Every::epoch, 0), (Steps{{0, 0}, {1, 13}, {2, 26}}));
  EXPECT_EQ(steps_of(Every::steps, 10), (Steps{{0, 0}, {1, 10}, {2, 20}, {2, 26}}));
  EXPECT_EQ(steps_of(Every::steps, 13), (Steps{{0, 0}, {1, 13}, {2, 26}}));
  EXPECT_EQ(steps_of(Every::steps, 1000), (Steps{{0, 0}, {2, 26}}));
  EXPECT_EQ(steps_of(Every::never, 0), (Steps{{0, 0}}));
  EXPECT_EQ(record_steps(run(small_settings(), small_dataset(), {.at_start = false})),
            (Steps{{0, 0}, {1, 13}, {2, 26}}));
}

TEST(TrainRecords, ChangeNothingThatIsTrained) {
  const std::string digest = run(small_settings()).digest;
  for (const RecordOptions& options :
       {RecordOptions{.every = RecordOptions::Every::never},
        RecordOptions{.every = RecordOptions::Every::steps, .steps = 1}, RecordOptions{.probe = 7}})
    EXPECT_EQ(run(small_settings(), small_dataset(), options).digest, digest);
}

TEST(TrainRecords, AreOfTheFirstTrainingSamplesUsed) {
  JobSettings settings = small_settings();
  settings.train_samples = 20;
  const Record capped = run(settings);  // probe is 300
  EXPECT_EQ(capped.layers[0].summary.count, 20 * 16);
  const Record seven = run(settings, small_dataset(), {.probe = 7});
  EXPECT_EQ(seven.layers[0].summary.count, 7 * 16);
  const LabelledImages images = small_images(100, 1);
  const double sum = std::accumulate(images.pixels.begin(), images.pixels.begin() + 7 * 16, 0.0);
  EXPECT_NEAR(seven.layers[0].summary.mean, sum / 255 / (7 * 16), 1e-7);  // the inputs are float32
}

TEST(TrainRecords, GiveTheSlopesOfStartAndEnd) {
  JobSettings settings = small_settings();
  settings.width = {8, 8, 8, 8};
  const Record record = run(settings);
  const std::size_t n_rows = 1 + 6 * 5;
  ASSERT_EQ(record.layers.size(), 3 * n_rows);
  const std::span<const LayerRow> rows(record.layers);
  EXPECT_EQ(record.delta_slope_start, delta_slope(hidden_delta_rms(rows.first(n_rows), 4)));
  EXPECT_EQ(record.delta_slope_end, delta_slope(hidden_delta_rms(rows.last(n_rows), 4)));
  EXPECT_TRUE(std::isnan(run(settings, small_dataset(), {.every = RecordOptions::Every::never}).delta_slope_end));
}

TEST(TrainRecords, RelateTheLastUpdateToTheWeights) {
  // One batch that is the probe: the update is the learning rate times the gradient that the start record shows.
  JobSettings settings = small_settings();
  settings.batch_size = 100;
  settings.epochs = 1;
  const Record record = run(settings);
  const std::size_t n_rows = 1 + 6 * 3;
  ASSERT_EQ(record.layers.size(), 2 * n_rows);
  for (std::size_t i = 0; i < n_rows; ++i) {
    const LayerRow& gradient = record.layers[i];
    if (gradient.tensor != TensorKind::weight_gradient) continue;
    const LayerRow& weight = record.layers[n_rows + i - 4];  // the weight row comes four before its gradient's
    ASSERT_EQ(weight.tensor, TensorKind::weight);
    // Weights of order 1 are rounded to 6e-8, updates are of order 1e-3.
    EXPECT_NEAR(weight.update_ratio * weight.summary.l2 / (0.1 * gradient.summary.l2), 1, 1e-3);
    EXPECT_TRUE(std::isnan(record.layers[i - 4].update_ratio));
  }
}

TEST(TrainDivergence, EndsTheJobAtItsStepWithTruthfulRows) {
  JobSettings settings = small_settings();
  settings.activation.kind = ActivationKind::relu;
  settings.learning_rate = 1e30;
  const Record record = run(settings);
  EXPECT_EQ(record.status, JobStatus::diverged);
  ASSERT_TRUE(record.diverged_step.has_value());
  EXPECT_GE(*record.diverged_step, 2);  // the first loss is that of the start
  EXPECT_LE(*record.diverged_step, 13);
  EXPECT_EQ(record.steps_run, *record.diverged_step - 1);  // nothing is updated from a loss that is not finite
  EXPECT_EQ(record.epochs_run, 0);
  EXPECT_EQ(epoch_steps(record), (Steps{{0, 0}}));
  EXPECT_TRUE(std::isfinite(record.epochs[0].test_loss));
  EXPECT_EQ(record_steps(record), (Steps{{0, 0}, {1, record.steps_run}}));
  std::int64_t nonfinite_start = 0, nonfinite_end = 0;
  for (const LayerRow& row : record.layers) (row.step == 0 ? nonfinite_start : nonfinite_end) += row.summary.nonfinite;
  EXPECT_EQ(nonfinite_start, 0);
  EXPECT_GT(nonfinite_end, 0);
  EXPECT_TRUE(std::isfinite(record.delta_slope_start));
  EXPECT_TRUE(std::isnan(record.delta_slope_end));
  EXPECT_TRUE(std::isnan(final_values(record).test_accuracy));
  EXPECT_EQ(record.digest, run(settings).digest);
}

TEST(TrainDivergence, IsSeenInAnEvaluationToo) {
  // The last step of the job ruins the net, and no further mini-batch would tell.
  JobSettings settings = small_settings();
  settings.activation.kind = ActivationKind::relu;
  settings.learning_rate = 1e30;
  const std::int64_t ruined = run(settings).steps_run;
  settings.epochs.reset();
  settings.steps = ruined;
  const Record record = run(settings);
  EXPECT_EQ(record.status, JobStatus::diverged);
  EXPECT_EQ(record.diverged_step, ruined);
  EXPECT_EQ(record.steps_run, ruined);
  EXPECT_EQ(epoch_steps(record), (Steps{{0, 0}}));
}

TEST(TrainDivergence, MayComeBeforeTheFirstStep) {
  JobSettings settings = small_settings();
  settings.activation.kind = ActivationKind::relu;
  settings.initializer = {.kind = InitializerKind::constant, .value = 1e30};
  const Record record = run(settings);
  EXPECT_EQ(record.status, JobStatus::diverged);
  EXPECT_EQ(record.diverged_step, 0);
  EXPECT_EQ(record.steps_run, 0);
  EXPECT_TRUE(record.epochs.empty());
  EXPECT_EQ(record_steps(record), (Steps{{0, 0}}));
}

}  // namespace
}  // namespace initsweep
