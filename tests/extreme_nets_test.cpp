// Nets that are dead, know one class, overflow or divide by nothing, of which it is known what is to be said.
#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <vector>
#include "extreme_laws.hpp"
#include "initsweep/identity.hpp"
#include "initsweep/optimizer.hpp"
#include "small_job.hpp"
#include "truthful.hpp"

namespace initsweep {
namespace {

Record run_canonical(JobSettings settings, const Dataset& dataset = small_dataset(),
                     const RecordOptions& options = {}) {
  settings.mode = own_mode(settings.initializer);
  return run(canonical(settings), dataset, options);
}

std::vector<LayerRow> rows_of(const Record& record, TensorKind tensor, std::int64_t step) {
  std::vector<LayerRow> rows;
  std::copy_if(record.layers.begin(), record.layers.end(), std::back_inserter(rows),
               [&](const LayerRow& row) { return row.tensor == tensor && row.step == step && row.layer > 0; });
  return rows;
}

// --- nets that say nothing ---

TEST(DeadNet, SaysThatEveryUnitIsDeadAndThatNoGradientPasses) {
  JobSettings settings = small_settings();
  settings.activation.kind = ActivationKind::relu;
  settings.initializer = constant(-1);  // of inputs that are positive
  settings.width = {8, 6, 4};
  const Record record = run_canonical(settings);
  EXPECT_EQ(record.status, JobStatus::ok);
  EXPECT_TRUE(std::isnan(record.delta_slope_start) && std::isnan(record.delta_slope_end));
  for (const std::int64_t step : {0, 26}) {
    const std::vector<LayerRow> preactivations = rows_of(record, TensorKind::preactivation, step);
    ASSERT_EQ(preactivations.size(), 4U);
    for (std::size_t l = 0; l < 3; ++l) {
      EXPECT_EQ(preactivations[l].dead_fraction, 1);
      EXPECT_EQ(rows_of(record, TensorKind::activation, step)[l].summary.zero_fraction, 1);
      EXPECT_EQ(rows_of(record, TensorKind::activation, step)[l].between_sample_std, 0);
      EXPECT_EQ(rows_of(record, TensorKind::delta, step)[l].summary.rms, 0);
      EXPECT_EQ(rows_of(record, TensorKind::delta, step)[l].summary.zero_fraction, 1);
      EXPECT_EQ(rows_of(record, TensorKind::weight_gradient, step)[l].summary.l2, 0);
    }
    EXPECT_LT(preactivations[0].summary.max, 0);
    EXPECT_EQ(preactivations[1].summary.zero_fraction, 1);
    EXPECT_TRUE(std::isnan(preactivations[3].dead_fraction));
    EXPECT_GT(rows_of(record, TensorKind::delta, step)[3].summary.rms, 0.1);
  }
  // Only the biases of the output move: the last step changed no weight, and 0 / |W| is a true zero.
  for (const LayerRow& weight : rows_of(record, TensorKind::weight, 26)) EXPECT_EQ(weight.update_ratio, 0);
  EXPECT_NEAR(record.epochs[0].test_loss, std::log(3.0), 1e-12);
  EXPECT_EQ(record.epochs[0].test_accuracy, 1.0 / 3);  // no class is preferred
}

TEST(ZeroNet, HasTheAccuracyOfAGuessHoweverItsClassesAreNamed) {
  JobSettings settings = small_settings();
  settings.initializer = {.kind = InitializerKind::zeros};
  LabelledImages renamed = small_images(40, 2);
  for (std::uint8_t& label : renamed.labels) label = static_cast<std::uint8_t>(label == 1);  // most are class 0 now
  for (const LabelledImages& test : {small_images(40, 2), renamed}) {
    const Record record = run_canonical(settings, small_dataset(small_images(100, 1), test));
    EXPECT_EQ(record.status, JobStatus::ok);
    EXPECT_EQ(record.epochs[0].test_accuracy, 1.0 / 3);
  }
}

TEST(ZeroNet, HasNoRatioOfAnUpdateThatWasNothingToWeightsThatAreNothing) {
  JobSettings settings = small_settings();
  settings.initializer = {.kind = InitializerKind::zeros};
  settings.activation.kind = ActivationKind::sigmoid;
  settings.epochs.reset();
  settings.steps = 1;
  const Record record = run_canonical(settings);
  EXPECT_EQ(record.status, JobStatus::ok);
  for (const LayerRow& delta : rows_of(record, TensorKind::delta, 0))
    EXPECT_EQ(delta.summary.rms == 0, delta.layer < 3) << "W above is zero, so nothing comes down";
  for (const LayerRow& weight : rows_of(record, TensorKind::weight, 1))
    EXPECT_TRUE(weight.layer < 3 ? std::isnan(weight.update_ratio) : weight.update_ratio == 1)
        << "0 / 0 below; in the output all that is there is the update";
}

TEST(OneClass, IsAlwaysRightAtNoLossAndNothingMoves) {
  LabelledImages train = small_images(100, 1), test = small_images(40, 2);
  for (LabelledImages* images : {&train, &test}) std::fill(images->labels.begin(), images->labels.end(), 0);
  const Dataset dataset("one", train, test, 1, "0123456789abcdef");
  const Record record = run(small_settings(), dataset);
  EXPECT_EQ(record.status, JobStatus::ok);
  for (const EpochRow& row : record.epochs) {
    EXPECT_EQ(row.test_loss, 0);  // -log 1
    EXPECT_EQ(row.test_accuracy, 1);
  }
  EXPECT_EQ(record.epochs[2].train_loss, 0);
  for (const LayerRow& row : rows_of(record, TensorKind::delta, 26)) EXPECT_EQ(row.summary.l2, 0);
  for (const LayerRow& row : rows_of(record, TensorKind::weight, 26)) EXPECT_EQ(row.update_ratio, 0);
  EXPECT_TRUE(std::isnan(record.delta_slope_end));

  JobSettings sigmoid = small_settings();
  sigmoid.loss = LossKind::sigmoid_cross_entropy;
  const Record learnt = run(sigmoid, dataset);
  EXPECT_GT(learnt.epochs[2].test_loss, 0);  // softplus(-z) is never nothing
  EXPECT_LT(learnt.epochs[2].test_loss, learnt.epochs[0].test_loss);
}

TEST(OneSample, DiffersFromNoOther) {
  JobSettings settings = small_settings();
  settings.train_samples = 1;
  settings.batch_size = 64;
  for (const InputScalingKind scaling : {InputScalingKind::affine, InputScalingKind::standardize}) {
    settings.input_scaling.kind = scaling;
    const Record record = run(settings, small_dataset(small_images(100, 1), small_images(1, 2)));
    expect_truthful(record, settings, TrainingCount{.steps = 2, .epochs = 2});
    EXPECT_EQ(record.status, JobStatus::ok);
    for (const LayerRow& row : record.layers) {
      const bool is_seen =
          row.layer == 0 || row.tensor == TensorKind::preactivation || row.tensor == TensorKind::activation;
      EXPECT_TRUE(!is_seen || row.between_sample_std == 0);
    }
    // Standardized by itself, every pixel is its mean.
    EXPECT_EQ(record.layers[0].summary.zero_fraction == 1, scaling == InputScalingKind::standardize);
    for (const EpochRow& row : record.epochs) EXPECT_TRUE(row.test_accuracy == 0 || row.test_accuracy == 1);
  }
}

TEST(BatchLargerThanTheData, IsTheWholeOfIt) {
  JobSettings whole = small_settings(), larger = small_settings();
  whole.batch_size = 100;
  larger.batch_size = 100'000'000;
  EXPECT_EQ(run(larger).digest, run(whole).digest);
  EXPECT_EQ(run(larger).steps_run, 2);
}

TEST(ProbeLargerThanTheData, IsTheWholeOfIt) {
  const Record whole = run(small_settings(), small_dataset(), {.probe = 100});
  const Record larger = run(small_settings(), small_dataset(), {.probe = 1'000'000});
  ASSERT_EQ(larger.layers.size(), whole.layers.size());
  for (std::size_t i = 0; i < whole.layers.size(); ++i) {
    EXPECT_EQ(larger.layers[i].summary.count, whole.layers[i].summary.count);
    EXPECT_EQ(larger.layers[i].summary.l2, whole.layers[i].summary.l2);
  }
}

// --- numbers beyond float32's squares ---

TEST(HugeAndTinyWeights, KeepTheirNorms) {
  for (const float size : {1e30f, 3e38f, 1e-30f, 1.2e-38f}) {
    JobSettings settings = small_settings();
    settings.initializer = constant(size);
    settings.learning_rate = 0;
    const Record record = run_canonical(settings);
    for (const LayerRow& weight : rows_of(record, TensorKind::weight, 0)) {
      const double n = static_cast<double>(weight.summary.count), w = static_cast<double>(size);
      EXPECT_EQ(weight.summary.nonfinite, 0);
      EXPECT_NEAR(weight.summary.l2 / (w * std::sqrt(n)), 1, 1e-14);  // sums of up to 128 equal squares, in double
      EXPECT_NEAR(weight.summary.rms / w, 1, 1e-14);
      EXPECT_LE(weight.summary.std, 1e-14 * w);
      EXPECT_EQ(weight.summary.q01, w);
      EXPECT_EQ(weight.summary.q99, w);
    }
  }
}

TEST(Divergence, CountsExactlyWhatIsNotFinite) {
  // From 3e38 every sum of two positive pixels or more overflows: all preactivations, and all that follows.
  JobSettings settings = small_settings();
  settings.activation.kind = ActivationKind::linear;
  settings.initializer = constant(3e38);
  const Record record = run_canonical(settings);
  EXPECT_EQ(record.status, JobStatus::diverged);
  EXPECT_EQ(record.diverged_step, 0);
  EXPECT_TRUE(record.epochs.empty());
  for (const LayerRow& row : record.layers) {
    const bool is_finite = row.layer == 0 || row.tensor == TensorKind::weight;
    EXPECT_EQ(row.summary.nonfinite, is_finite ? 0 : row.summary.count) << row.layer << to_text(row.tensor);
  }
}

TEST(Divergence, KeepsTheEpochsBeforeItAndIsTheSameHoweverLongTheJob) {
  // A linear net that overshoots a little more at every step.
  JobSettings settings = small_settings();
  settings.activation.kind = ActivationKind::linear;
  settings.learning_rate = 60;
  settings.batch_size = 100;
  settings.epochs.reset();
  settings.steps = 1000;
  const Record record = run(settings);
  ASSERT_EQ(record.status, JobStatus::diverged);
  const std::int64_t step = record.diverged_step.value();
  ASSERT_GT(step, 3);
  EXPECT_EQ(record.epochs.size(), static_cast<std::size_t>(step));  // 0 .. step - 1, an epoch being a step
  settings.steps = step - 1;
  const Record before = run(settings);
  EXPECT_EQ(before.status, JobStatus::ok);
  ASSERT_EQ(before.epochs.size(), record.epochs.size());
  for (std::size_t i = 0; i < before.epochs.size(); ++i)
    EXPECT_EQ(before.epochs[i].test_loss, record.epochs[i].test_loss);
  settings.steps = step;
  EXPECT_EQ(run(settings).diverged_step, step);
  EXPECT_TRUE(std::isnan(final_values(record).train_loss) && !final_values(record).best_epoch);
}

TEST(InfiniteUnits, LeaveAFiniteLossThatIsReal) {
  // z = 3e38 * brightness overflows, and sigmoid's limit there is 1: the output sees only ones.
  JobSettings settings = small_settings();
  settings.activation.kind = ActivationKind::sigmoid;
  settings.initializer = constant(3e38);
  settings.width = {8};
  settings.learning_rate = 0;
  const Record wide = run_canonical(settings);
  EXPECT_EQ(wide.status, JobStatus::diverged);  // the output's weights are as large
  settings.initializer = normal(0, 1e30);
  const Record record = run_canonical(settings);
  EXPECT_EQ(record.status, JobStatus::ok);
  EXPECT_GT(record.epochs[0].test_loss, 1e28);  // differences of logits of some 1e30
  EXPECT_LT(record.epochs[0].test_loss, 1e32);
  EXPECT_TRUE(std::isfinite(final_values(record).test_loss));
}

// --- updates ---

// The first step of adam is learning_rate in every coordinate whose gradient is not zero, of rmsprop that over
// sqrt(1 - rho); epsilon 0 makes it exact.
TEST(EpsilonZero, MovesEveryWeightAlikeAndIsMeasured) {
  for (const OptimizerKind kind : {OptimizerKind::adam, OptimizerKind::rmsprop})
    for (const bool is_clipped : {false, true}) {
      JobSettings settings = small_settings();
      settings.optimizer = kind;
      settings.epsilon = 0;
      settings.learning_rate = 1e-3;
      settings.width = {9, 7};  // beside rows of padding
      settings.input_scaling = {.kind = InputScalingKind::affine, .subtract = -100, .divide = 100};  // none is zero
      settings.epochs.reset();
      settings.steps = 1;
      if (is_clipped) settings.gradient_clip = 1e-3;
      const Record record = run(settings);
      EXPECT_EQ(record.status, JobStatus::ok);
      const double move = kind == OptimizerKind::adam ? 1e-3 : 1e-3 / std::sqrt(1 - 0.9);
      for (const LayerRow& weight : rows_of(record, TensorKind::weight, 1)) {
        const double update = weight.update_ratio * weight.summary.l2;
        // Weights of order 1 round their change of 1e-3 by 6e-8.
        EXPECT_NEAR(update / (move * std::sqrt(static_cast<double>(weight.summary.count))), 1, 1e-4);
      }
    }
}

TEST(EpsilonZero, OfAWeightWithoutGradientIsZeroOverZeroAsInPyTorch) {
  JobSettings settings = small_settings();
  settings.optimizer = OptimizerKind::adam;
  settings.epsilon = 0;  // the last pixel is always black
  const Record record = run(settings);
  EXPECT_EQ(record.status, JobStatus::diverged);
  EXPECT_EQ(record.diverged_step, 2);
  EXPECT_EQ(rows_of(record, TensorKind::weight, 1)[0].summary.nonfinite, 8);  // of that pixel, one a unit
}

Parameters<float> tensors(float weight, float bias) {
  return {.weights = {Matrix<float>(Matrix<float>::Constant(3, 2, weight))},
          .biases = {Vector<float>::Constant(3, bias)}};
}

// torch.nn.utils.clip_grad_norm_: g *= min(1, clip / (norm + 1e-6)), a NaN norm making all of them NaN.
TEST(GradientClip, ScalesWhatFloat32CannotSquare) {
  JobSettings settings;
  settings.gradient_clip = 1;
  settings.learning_rate = 1;
  const auto step = [&](Gradients<float> gradients) {
    Parameters<float> parameters = tensors(0, 0);
    Optimizer<float>(settings, parameters, portable_kernels<float>()).step(parameters, gradients);
    return parameters;
  };
  // Nine gradients of one size have the norm 3 |g|, so each becomes a third.
  for (const float size : {1e25f, 1e38f, 3.0f}) {
    const Parameters<float> after = step(tensors(size, size));
    EXPECT_NEAR(after.weights[0](2, 1), -1.0 / 3, 1e-6) << size;
    EXPECT_NEAR(after.biases[0][0], -1.0 / 3, 1e-6) << size;
  }
  EXPECT_EQ(step(tensors(0, 0)).weights[0](0, 0), 0);
  EXPECT_EQ(step(tensors(1e-30f, 0)).weights[0](0, 0), -1e-30f);

  Gradients<float> bad = tensors(1, 1);
  bad.weights[0](1, 1) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(step(bad).weights[0](0, 0)));
  bad.weights[0](1, 1) = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(std::isnan(step(bad).weights[0](1, 1)));  // inf * 0
  EXPECT_EQ(step(bad).weights[0](0, 0), 0);
}

TEST(Lsuv, OfALayerWhoseVarianceOverflowsLeavesItAlone) {
  JobSettings settings = small_settings();
  settings.initializer = {.kind = InitializerKind::lsuv};
  settings.input_scaling = {.kind = InputScalingKind::affine, .subtract = 0, .divide = 1e-36};
  const Record record = run_canonical(settings);
  EXPECT_NEAR(rows_of(record, TensorKind::weight, 0)[0].summary.l2, std::sqrt(8), 1e-5);  // as drawn
}

TEST(Lsuv, ReachesUnitVarianceFromScalesThatOneFactorCannotBridge) {
  // Inputs of 1e-33: the first factor would be 1e33 and its square not a float32.
  for (const double divide : {1e35, 1e-33}) {
    JobSettings settings = small_settings();
    settings.initializer = {.kind = InitializerKind::lsuv};
    settings.input_scaling = {.kind = InputScalingKind::affine, .subtract = 0, .divide = divide};
    const Record record = run_canonical(settings);
    for (const LayerRow& z : rows_of(record, TensorKind::preactivation, 0))
      EXPECT_NEAR(z.summary.std * z.summary.std, 1, 0.02) << divide << ", layer " << z.layer;
  }
}

}  // namespace
}  // namespace initsweep
