// Every extreme with every other kind of thing: each job ends as ok or diverged, and what it says is true. A silent
// zero is as bad as a crash. extreme_nets_test.cpp has those whose numbers are known.
#include <gtest/gtest.h>
#include <cmath>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>
#include "extreme_laws.hpp"
#include "initsweep/identity.hpp"
#include "initsweep/kinds.hpp"
#include "small_job.hpp"
#include "truthful.hpp"

namespace initsweep {
namespace {

std::vector<Initializer> extreme_initializers() {
  std::vector<Initializer> all = {
      {.kind = InitializerKind::zeros},
      constant(-1),
      constant(1e-40),  // not a normal float32
      constant(3e38),
      constant(1e300),  // not a float32 at all
      normal(0, 1e30),
      normal(0, 1e-30),
      normal(1e30, 1),
      {.kind = InitializerKind::uniform, .low = -3e38, .high = 3e38},
      {.kind = InitializerKind::truncated_normal, .stddev = 1e38},
      scaled_by(1e70),
      scaled_by(1e-70),
      {.kind = InitializerKind::orthogonal, .gain = 1e30},
      {.kind = InitializerKind::orthogonal, .gain = -1e-30},
      {.kind = InitializerKind::identity},
      {.kind = InitializerKind::lsuv},
      {.kind = InitializerKind::torch_default},
      {.kind = InitializerKind::mean_field, .weight_variance = 1e60, .bias_variance = 1e60},
      {.kind = InitializerKind::mean_field, .weight_variance = 1e-60, .bias_variance = 1e-60},
      {.kind = InitializerKind::edge_of_chaos, .q = 1e-12},
  };
  return all;
}

std::vector<Activation> all_activations() {
  std::vector<Activation> all;
  for (const KindInfo& info : kind_table<ActivationKind>())
    all.push_back({.kind = parse_kind<ActivationKind>(info.name).value()});
  all.push_back({.kind = ActivationKind::leaky_relu, .slope = 1e30});
  all.push_back({.kind = ActivationKind::elu, .alpha = -1e30});
  return all;
}

std::vector<InputScaling> extreme_scalings() {
  return {{},
          {.kind = InputScalingKind::standardize},  // the last pixel never changes
          {.kind = InputScalingKind::affine, .subtract = 0, .divide = 1e-30},
          {.kind = InputScalingKind::affine, .subtract = 1e30, .divide = 1},
          {.kind = InputScalingKind::affine, .subtract = 0, .divide = 1e30},
          {.kind = InputScalingKind::affine, .subtract = 1e300, .divide = -1e-30}};
}

// What is not crossed in full takes turns, so that every pair of neighbours meets.
template <class T>
const T& turn(const std::vector<T>& choices, std::size_t n) {
  return choices[n % choices.size()];
}

class EveryActivation : public testing::TestWithParam<std::size_t> {};

TEST_P(EveryActivation, IsTruthfulFromEveryStart) {
  const std::vector<OptimizerKind> optimizers = {OptimizerKind::sgd, OptimizerKind::momentum, OptimizerKind::nesterov,
                                                 OptimizerKind::rmsprop, OptimizerKind::adam};
  const std::vector<LossKind> losses = {LossKind::softmax_cross_entropy, LossKind::sigmoid_cross_entropy};
  const std::vector<double> rates = {0.1, 1e30, 0, 1e-40};
  const std::vector<std::optional<double>> clips = {std::nullopt, 1.0, 1e-30, 1e30};
  const std::vector<double> epsilons = {1e-8, 0}, decays = {0, 1e30};
  const std::vector<InputScaling> scalings = extreme_scalings();
  const Dataset dataset = small_dataset();
  std::size_t n = 17 * GetParam();
  for (const Initializer& initializer : extreme_initializers()) {
    for (std::size_t k = 0; k < scalings.size(); ++k, ++n) {
      JobSettings settings = small_settings();
      settings.activation = all_activations()[GetParam()];
      settings.initializer = initializer;
      settings.input_scaling = scalings[k];
      settings.optimizer = turn(optimizers, n);
      settings.loss = turn(losses, n / 5);
      settings.learning_rate = turn(rates, n / 3);
      settings.gradient_clip = turn(clips, n / 7);
      settings.epsilon = turn(epsilons, n / 2);
      settings.weight_decay = turn(decays, n / 11);
      settings.epochs = 2;
      SCOPED_TRACE(setting_text(settings, Setting::initializer) + " of " + setting_text(settings, Setting::activation) +
                   ", inputs " + setting_text(settings, Setting::input_scaling) + ", " +
                   std::string(to_text(settings.optimizer)) + ", rate " + std::to_string(settings.learning_rate) +
                   ", case " + std::to_string(n));
      settings.mode = own_mode(settings.initializer);
      try {
        settings = canonical(settings);
      } catch (const std::domain_error&) {
        continue;  // no critical point for this activation
      }
      const RecordOptions options{.every = RecordOptions::Every::steps, .steps = 5};
      const Record record = run(settings, dataset, options);
      expect_truthful(record, settings, TrainingCount{.steps = 26, .epochs = 2});
      EXPECT_EQ(run(settings, dataset, {.every = RecordOptions::Every::never}).digest, record.digest);
      if (testing::Test::HasFailure()) return;  // one is enough to read
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Extremes, EveryActivation, testing::Range(std::size_t{0}, std::size_t{18}),
                         [](const testing::TestParamInfo<std::size_t>& tested) {
                           const std::string name(to_text(all_activations()[tested.param].kind));
                           return tested.param < 16 ? name : "extreme_" + name;
                         });

struct ShapeCase {
  const char* name;
  void (*change)(JobSettings& settings);
  JobStatus status;
};
void PrintTo(const ShapeCase& c, std::ostream* out) { *out << c.name; }

class ExtremeShape : public testing::TestWithParam<ShapeCase> {};

TEST_P(ExtremeShape, EndsAsItShould) {
  JobSettings settings = small_settings();
  settings.epochs.reset();
  settings.steps = 2;
  GetParam().change(settings);
  settings.mode = own_mode(settings.initializer);
  settings = canonical(settings);
  const Record record = run(settings, small_dataset(), {.probe = 10});
  EXPECT_EQ(record.status, GetParam().status);
  expect_truthful(record, settings, TrainingCount{.steps = 2, .epochs = 1});
}

INSTANTIATE_TEST_SUITE_P(
    Extremes, ExtremeShape,
    testing::Values(ShapeCase{"width_1",
                              [](JobSettings& s) {
                                s.width = {1, 1, 1};
                              },
                              JobStatus::ok},
                    ShapeCase{"width_1_orthogonal",
                              [](JobSettings& s) {
                                s.width = {1, 1};
                                s.initializer = {.kind = InitializerKind::orthogonal};
                              },
                              JobStatus::ok},
                    ShapeCase{"width_1_identity",
                              [](JobSettings& s) {
                                s.width = {1, 1};
                                s.initializer = {.kind = InitializerKind::identity};
                              },
                              JobStatus::ok},
                    ShapeCase{"width_1_lsuv",
                              [](JobSettings& s) {
                                s.width = {1, 1};
                                s.initializer = {.kind = InitializerKind::lsuv};
                              },
                              JobStatus::ok},
                    ShapeCase{"width_4096", [](JobSettings& s) { s.width = {4096}; }, JobStatus::ok},
                    ShapeCase{"depth_1000", [](JobSettings& s) { s.width.assign(1000, 3); }, JobStatus::ok},
                    ShapeCase{"depth_1000_exploding",
                              [](JobSettings& s) {
                                s.width.assign(1000, 3);
                                s.activation.kind = ActivationKind::linear;
                                s.initializer = scaled_by(100);
                              },
                              JobStatus::diverged},
                    ShapeCase{"depth_1000_lsuv",
                              [](JobSettings& s) {
                                s.width.assign(1000, 3);
                                s.initializer = {.kind = InitializerKind::lsuv};
                              },
                              JobStatus::ok}),
    [](const testing::TestParamInfo<ShapeCase>& tested) { return tested.param.name; });

TEST(TruthfulnessChecks, RejectWhatIsNotTrue) {
  const Record record = run(small_settings());
  const TrainingCount count{.steps = 26, .epochs = 2};
  EXPECT_EQ(untruths(record, small_settings(), count), "");
  const auto with = [&](const auto& change) {
    Record changed = record;
    change(changed);
    return untruths(changed, small_settings(), count);
  };
  EXPECT_NE(with([](Record& r) { r.layers[3].summary.nonfinite = 1; }), "");
  EXPECT_NE(with([](Record& r) { r.layers[3].summary.rms *= 1.001; }), "");
  EXPECT_NE(with([](Record& r) { r.layers[4].summary.zero_fraction = 1; }), "");
  EXPECT_NE(with([](Record& r) { r.layers[2].between_sample_std = 1e3; }), "");
  EXPECT_NE(with([](Record& r) { r.epochs[1].test_loss = kNoValue; }), "");
  EXPECT_NE(with([](Record& r) { r.epochs.pop_back(); }), "");
  EXPECT_NE(with([](Record& r) { r.diverged_step = 3; }), "");
  EXPECT_NE(with([](Record& r) { r.status = JobStatus::diverged; }), "");
}

}  // namespace
}  // namespace initsweep
