#include "initsweep/plan.hpp"
#include <gtest/gtest.h>
#include <malloc.h>
#include <algorithm>
#include "initsweep/diagnostic.hpp"
#include "initsweep/optimizer.hpp"
#include "small_job.hpp"

namespace initsweep {
namespace {

// 784-300-100-10, the example of the books.
JobSettings mnist_settings() {
  JobSettings settings;
  settings.width = {300, 100};
  settings.batch_size = 50;
  settings.epochs = 2;
  return settings;
}
constexpr double kWeights = 784 * 300 + 300 * 100 + 100 * 10, kFirstWeights = 784 * 300;

TEST(Plan, CountsWeightsAndBiases) { EXPECT_EQ(n_parameters(mnist_settings(), {}), 235'500 + 30'100 + 1'010); }

TEST(Plan, CountsStepsWithTheShortBatch) {
  JobSettings settings = mnist_settings();
  EXPECT_EQ(estimate_cost(settings, {}, {}).steps, 2 * 1200);
  settings.batch_size = 64;
  EXPECT_EQ(estimate_cost(settings, {}, {}).steps, 2 * 938);
  settings.epochs.reset();
  settings.steps = 17;
  EXPECT_EQ(estimate_cost(settings, {}, {}).steps, 17);
}

TEST(Plan, CountsTheArithmeticOfEveryProduct) {
  // A sample both ways: forward 2 P, weight gradients 2 P, deltas 2 P but none for the input.
  const double both_ways = 6 * kWeights - 2 * kFirstWeights, forward = 2 * kWeights;
  const RecordOptions never{.every = RecordOptions::Every::never, .probe = 300};
  EXPECT_EQ(estimate_cost(mnist_settings(), {}, never).flops, both_ways * (120'000 + 300) + forward * 3 * 10'000);
  EXPECT_EQ(estimate_cost(mnist_settings(), {}, {}).flops, both_ways * (120'000 + 3 * 300) + forward * 3 * 10'000);

  JobSettings settings = mnist_settings();
  settings.validation_samples = 5'000;
  EXPECT_EQ(estimate_cost(settings, {}, never).flops, both_ways * (110'000 + 300) + forward * 3 * 15'000);

  settings = mnist_settings();
  settings.epochs.reset();
  settings.steps = 1300;  // an epoch, and a hundred of the next
  EXPECT_EQ(estimate_cost(settings, {}, never).flops, both_ways * (65'000 + 300) + forward * 3 * 10'000);
}

TEST(Plan, RefusesMoreSamplesThanThereAre) {
  JobSettings settings = mnist_settings();
  settings.train_samples = 60'001;
  EXPECT_THROW(static_cast<void>(estimate_cost(settings, {}, {})), UsageError);
}

// Bytes that the job holds where it asks whether to go on, at most, as malloc counts them.
double held_bytes(const JobSettings& settings, const Dataset& dataset, const RecordOptions& options) {
  const auto in_use = [] {
    const struct mallinfo2 info = mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
  };
  const double before = in_use();
  double most = 0;
  static_cast<void>(train(settings, 1, dataset, options, [&] {
    most = std::max(most, in_use() - before);
    return Interrupt::none;
  }));
  return most;
}

TEST(Plan, BoundsTheMemoryThatAJobHolds) {
  struct Case {
    const char* name;
    OptimizerKind optimizer;
    std::vector<int> width;
    std::int64_t batch_size;
    RecordOptions options;
  };
  const RecordOptions never{.every = RecordOptions::Every::never, .probe = 1};
  const Case cases[] = {
      {"wide", OptimizerKind::sgd, {400, 300}, 10, never},
      {"wide_adam", OptimizerKind::adam, {400, 300}, 10, {}},
      {"deep_with_many_records",
       OptimizerKind::momentum,
       std::vector<int>(60, 10),
       4,
       {.every = RecordOptions::Every::steps, .steps = 1}},
      {"large_batch", OptimizerKind::sgd, {200, 200}, 500, {.probe = 500}},
  };
  const Dataset dataset = small_dataset(small_images(1000, 1), small_images(300, 2));
  const DataShape shape{.n_train = 1000, .n_test = 300, .n_pixels = 16, .n_classes = 3};
  for (const Case& c : cases) {
    JobSettings settings = small_settings();
    settings.optimizer = c.optimizer;
    settings.width = c.width;
    settings.batch_size = c.batch_size;
    settings.epochs.reset();
    settings.steps = 3;
    const double held = held_bytes(settings, dataset, c.options);
    const double estimate = estimate_cost(settings, shape, c.options).bytes;
    EXPECT_LE(held, estimate) << c.name;
    if (held == 0) continue;  // a sanitizer's allocator counts nothing
    EXPECT_LE(estimate, 2 * held + 10e6) << c.name;
  }
}

}  // namespace
}  // namespace initsweep
