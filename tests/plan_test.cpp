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

double work_of(const JobSettings& settings, const DataShape& shape = {}, const RecordOptions& record = {}) {
  return estimate_cost(settings, shape, record).work;
}

TEST(Plan, WorkGrowsWithAllThatTakesTime) {
  const JobSettings settings = mnist_settings();
  const auto with = [&](const auto& change) {
    JobSettings changed = settings;
    change(changed);
    return work_of(changed);
  };
  const double work = work_of(settings);
  EXPECT_GT(work, 0);
  EXPECT_GT(with([](auto& s) { s.width = {300, 100, 100}; }), work);
  EXPECT_GT(with([](auto& s) { s.width = {400, 100}; }), work);
  EXPECT_GT(with([](auto& s) { s.epochs = 3; }), work);
  EXPECT_GT(with([](auto& s) { s.activation.kind = ActivationKind::gelu; }), work);
  EXPECT_GT(with([](auto& s) { s.optimizer = OptimizerKind::adam; }), work);
  EXPECT_GT(with([](auto& s) { s.gradient_clip = 1; }), work);
  EXPECT_GT(with([](auto& s) { s.initializer.kind = InitializerKind::orthogonal; }), work);
  EXPECT_GT(with([](auto& s) { s.input_scaling.kind = InputScalingKind::standardize; }), work);
  EXPECT_GT(work_of(settings, {.density = 0.3}), work);
  EXPECT_GT(work_of(settings, {.n_test = 20'000}), work);
  EXPECT_GT(work_of(settings, {}, {.every = RecordOptions::Every::steps, .steps = 50}), work);
}

TEST(Plan, WorkIsNotArithmeticAlone) {
  // As many multiplies and adds, but ten times the steps; and rows come in sixteens.
  JobSettings settings = mnist_settings();
  settings.batch_size = 5;
  EXPECT_GT(work_of(settings), 1.5 * work_of(mnist_settings()));
  JobSettings few = mnist_settings(), many = mnist_settings();
  few.width = many.width = std::vector<int>(10, 200);
  few.epochs.reset();
  many.epochs.reset();
  few.steps = many.steps = 1000;
  few.batch_size = 1;
  many.batch_size = 16;
  EXPECT_LT(work_of(many), 4 * work_of(few));
  // Where hardly a pixel is zero, all of them are multiplied.
  EXPECT_GT(work_of(mnist_settings(), {.density = kFashionMnistDensity}), work_of(mnist_settings()));
}

TEST(Plan, AJobOfNoStepsIsStartRecordAndEvaluation) {
  // What a diverged job has done is that of one with as many steps, 0 included.
  JobSettings settings = mnist_settings();
  settings.epochs.reset();
  settings.steps = 0;
  const double start = work_of(settings);
  EXPECT_GT(start, 0);
  settings.steps = 10;
  const double early = work_of(settings);
  EXPECT_GT(early, start);
  EXPECT_LT(early, 0.1 * work_of(mnist_settings()));
}

TEST(Plan, JacobiansGrowByTheirSamplesAndTheCubeOfTheWidth) {
  const auto work = [](int width, int n_samples, ActivationKind kind = ActivationKind::tanh) {
    JobSettings settings = mnist_settings();
    settings.width = {width, width};
    settings.activation.kind = kind;
    return estimate_cost(settings, {}, {.jacobian = n_samples}).work - estimate_cost(settings, {}, {}).work;
  };
  EXPECT_EQ(work(100, 0), 0);
  EXPECT_NEAR(work(100, 20) / work(100, 10), 2, 0.2);  // W W^T of a layer is made once
  EXPECT_NEAR(work(200, 100) / work(100, 100), 8, 0.8);
  EXPECT_NEAR(work(100, 300) / work(100, 300, ActivationKind::relu), 8, 0.8) << "half of the rows are zero";
}

TEST(Plan, ANetThatIsOnlyLookedAtIsNeverEvaluated) {
  JobSettings settings = mnist_settings();
  settings.epochs = 0;
  const Cost looked_at = estimate_cost(settings, {}, {});
  EXPECT_EQ(looked_at.steps, 0);
  EXPECT_EQ(looked_at.flops, estimate_cost(settings, {.n_test = 1'000'000}, {}).flops);
}

TEST(Plan, ANetThatIsOnlyLookedAtHasOneRecordHoweverOftenItIsAskedFor) {
  JobSettings settings = mnist_settings();
  settings.epochs = 0;
  const auto cost = [&](RecordOptions::Every every) {
    return estimate_cost(settings, {}, {.every = every, .steps = 10, .probe = 300});
  };
  const Cost never = cost(RecordOptions::Every::never), by_steps = cost(RecordOptions::Every::steps);
  EXPECT_EQ(by_steps.flops, never.flops);
  EXPECT_EQ(by_steps.work, never.work);
}

TEST(Plan, ShapesKnowHowManyPixelsAreNotZero) {
  const DataShape shape = shape_of(small_dataset());
  EXPECT_EQ(shape.n_train, 100u);
  EXPECT_EQ(shape.n_test, 40u);
  EXPECT_EQ(shape.n_pixels, 16);
  EXPECT_EQ(shape.n_classes, 3);
  LabelledImages quarter = small_images(100, 1);
  for (std::size_t i = 0; i < quarter.pixels.size(); ++i) quarter.pixels[i] = i % 4 == 0 ? 7 : 0;
  EXPECT_EQ(shape_of(small_dataset(quarter)).density, 0.25);
}

TEST(Plan, ThreadsTakeTheNextJobAsSoonAsTheyAreFree) {
  const std::vector<double> jobs = {5, 4, 3, 3, 1};
  EXPECT_EQ(seconds_to_finish({0}, jobs), 16);
  EXPECT_EQ(seconds_to_finish({0, 0}, jobs), 8);     // 5 + 3, 4 + 3 + 1
  EXPECT_EQ(seconds_to_finish({6, 0}, jobs), 12);    // busy until 6: 6 + 3 + 3, 5 + 4 + 1
  EXPECT_EQ(seconds_to_finish({0, 0, 20}, {}), 20);  // one runs on
}

TEST(Plan, ManyJobsEndWhenTheirSumSays) {
  std::vector<double> jobs;
  for (int i = 0; i < 10'000; ++i) jobs.push_back(10 - 0.0005 * i);
  double sum = 0;
  for (const double seconds : jobs) sum += seconds;
  const double end = seconds_to_finish(std::vector<double>(16), jobs);
  EXPECT_GE(end, sum / 16 * (1 - 1e-12));
  EXPECT_LE(end, sum / 16 + jobs.back() * 2);  // the last ones are half as long as the first
}

// Bytes that the job holds where it asks whether to go on, at most, as malloc counts them.
double held_bytes(const JobSettings& settings, const Dataset& dataset, const RecordOptions& options) {
  const auto in_use = [] {
    const struct mallinfo2 info = mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
  };
  const double before = in_use();
  double most = 0;
  static_cast<void>(train(settings, 1, dataset, options, [&](std::int64_t) {
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
    bool is_clipped = false, is_sparse = false;
  };
  const RecordOptions never{.every = RecordOptions::Every::never, .probe = 1};
  const Case cases[] = {
      {"wide", OptimizerKind::sgd, {1200, 900}, 10, never},
      {"wide_adam", OptimizerKind::adam, {900, 800}, 10, {}},
      {"wide_and_clipped", OptimizerKind::sgd, {900, 800}, 10, never, true},
      {"deep_with_many_records",
       OptimizerKind::momentum,
       std::vector<int>(60, 10),
       4,
       {.every = RecordOptions::Every::steps, .steps = 1}},
      {"large_batch", OptimizerKind::sgd, {400, 400, 400}, 1000, {.probe = 1000}},
      {"large_batch_of_sparse_images", OptimizerKind::sgd, {400, 400}, 1000, {.probe = 1000}, false, true},
      {"narrow", OptimizerKind::rmsprop, {30}, 100, {}, false, true},
      {"jacobians",
       OptimizerKind::sgd,
       {300, 600},
       10,
       {.every = RecordOptions::Every::never, .probe = 9, .jacobian = 1}},
  };
  const auto images = [](std::size_t n, unsigned seed, bool is_sparse) {
    LabelledImages wide{.rows = 28, .columns = 28, .pixels = {}, .labels = small_images(n, seed).labels};
    for (std::size_t i = 0; i < n * 784; ++i)
      wide.pixels.push_back(is_sparse && i % 5 != 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(1 + i % 255));
    return wide;
  };
  for (const Case& c : cases) {
    const Dataset dataset = small_dataset(images(1000, 1, c.is_sparse), images(300, 2, c.is_sparse));
    JobSettings settings = small_settings();
    settings.optimizer = c.optimizer;
    settings.width = c.width;
    settings.batch_size = c.batch_size;
    settings.epochs.reset();
    settings.steps = 3;
    if (c.is_clipped) settings.gradient_clip = 1;
    const double held = held_bytes(settings, dataset, c.options);
    const double estimate = estimate_cost(settings, shape_of(dataset), c.options).bytes;
    EXPECT_LE(held, estimate) << c.name;
    if (held == 0) continue;  // a sanitizer's allocator counts nothing
    // What comes and goes between two questions (the law of a weight, the digest) is not in what is held.
    EXPECT_LE(estimate, 1.5 * held + 2e6) << c.name;
  }
}

}  // namespace
}  // namespace initsweep
