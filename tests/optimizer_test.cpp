#include "initsweep/optimizer.hpp"
#include <gtest/gtest.h>
#include <array>
#include <cmath>
#include <string>
#include "batch_of.hpp"

namespace initsweep {
namespace {

constexpr int kSteps = 6;
constexpr std::size_t kEntries = 11;  // W (2, 3), b (2), W (1, 2), b (1), in this order

struct RecordedSteps {
  OptimizerKind kind;
  double weight_decay, gradient_clip;       // 0: none
  std::array<double, kEntries> parameters;  // after kSteps
};
const RecordedSteps kRecorded[] = {
#include "data/optimizer_steps.inc"
};

// The formulas of optimizer_steps.py.
double start(int k) { return ((k * 7) % 11 - 5) / 8.0; }
double gradient(int k, int step) { return ((k * 5 + step * 3) % 13 - 6) / 16.0 * (step % 2 == 1 ? 0.25 : 1.0); }

// Entries in the recipe's order: W row by row, then b.
template <class Scalar, class Net>
std::vector<Scalar*> entries(Net& net) {
  std::vector<Scalar*> all;
  for (std::size_t l = 0; l < net.weights.size(); ++l) {
    for (Eigen::Index i = 0; i < net.weights[l].rows(); ++i)
      for (Eigen::Index j = 0; j < net.weights[l].cols(); ++j) all.push_back(&net.weights[l](i, j));
    for (Scalar& b : net.biases[l]) all.push_back(&b);
  }
  return all;
}

template <class Scalar, class Net>
Net shaped() {
  Net net;
  net.weights = {Matrix<Scalar>(2, 3), Matrix<Scalar>(1, 2)};
  net.biases = {Vector<Scalar>(2), Vector<Scalar>(1)};
  return net;
}

JobSettings settings_of(const RecordedSteps& recorded) {
  JobSettings settings;
  settings.optimizer = recorded.kind;
  settings.learning_rate = 0.1;
  settings.momentum = 0.9;
  settings.rho = 0.8;
  settings.beta1 = 0.8;
  settings.beta2 = 0.95;
  settings.epsilon = 1e-3;
  settings.weight_decay = recorded.weight_decay;
  if (recorded.gradient_clip > 0) settings.gradient_clip = recorded.gradient_clip;
  return settings;
}

template <class Scalar>
std::vector<double> after_steps(const JobSettings& settings) {
  auto parameters = shaped<Scalar, Parameters<Scalar>>();
  const std::vector<Scalar*> w = entries<Scalar>(parameters);
  for (std::size_t k = 0; k < kEntries; ++k) *w[k] = static_cast<Scalar>(start(static_cast<int>(k)));
  Optimizer<Scalar> optimizer(settings, parameters, portable_kernels<Scalar>());
  for (int step = 0; step < kSteps; ++step) {
    auto gradients = shaped<Scalar, Gradients<Scalar>>();
    const std::vector<Scalar*> g = entries<Scalar>(gradients);
    for (std::size_t k = 0; k < kEntries; ++k) *g[k] = static_cast<Scalar>(gradient(static_cast<int>(k), step));
    optimizer.step(parameters, gradients);
  }
  std::vector<double> values;
  for (const Scalar* entry : w) values.push_back(static_cast<double>(*entry));
  return values;
}

double largest_error(const std::vector<double>& values, const RecordedSteps& recorded) {
  double largest = 0;
  for (std::size_t k = 0; k < kEntries; ++k) largest = std::fmax(largest, std::abs(values[k] - recorded.parameters[k]));
  return largest;
}

class OptimizerSteps : public testing::TestWithParam<RecordedSteps> {};

TEST_P(OptimizerSteps, AreThoseOfPyTorch) {
  const RecordedSteps& recorded = GetParam();
  const JobSettings settings = settings_of(recorded);
  // Six steps of a dozen roundings each, of numbers below 2: some 1e-14 in double, 1e-5 in float.
  EXPECT_LT(largest_error(after_steps<double>(settings), recorded), 1e-13);
  EXPECT_LT(largest_error(after_steps<float>(settings), recorded), 1e-5);
}

std::string case_name(const testing::TestParamInfo<RecordedSteps>& info) {
  return std::string(to_text(info.param.kind)) + (info.param.weight_decay > 0 ? "_decayed" : "") +
         (info.param.gradient_clip > 0 ? "_clipped" : "");
}
INSTANTIATE_TEST_SUITE_P(AllRules, OptimizerSteps, testing::ValuesIn(kRecorded), case_name);

TEST(OptimizerCheck, RejectsAWrongRule) {
  for (const RecordedSteps& recorded : kRecorded) {
    JobSettings settings = settings_of(recorded);
    settings.learning_rate *= 1.001;
    EXPECT_GT(largest_error(after_steps<float>(settings), recorded), 1e-5);
  }
  // Decay before the clip, or of biases too, is another answer: with neither, all four records of a rule would agree.
  for (std::size_t i = 1; i < std::size(kRecorded); ++i) {
    const std::vector<double> other(kRecorded[i - 1].parameters.begin(), kRecorded[i - 1].parameters.end());
    EXPECT_GT(largest_error(other, kRecorded[i]), 1e-3);
  }
}

// A pass whose deltas are there, of a net 3-2-1 with four samples.
struct PassOfFour {
  Parameters<double> parameters = shaped<double, Parameters<double>>();
  Input<double> input;
  Pass<double> pass{Keep::training, 2};
};
PassOfFour make_pass() {
  PassOfFour made;
  int k = 0;
  for (double* w : entries<double>(made.parameters)) *w = start(k++);
  Matrix<double> samples(3, 4);
  for (double& x : samples.reshaped()) x = start(k++);
  made.input = dense_input(samples);
  const Kernels<double>& kernels = portable_kernels<double>();
  forward(kernels, made.parameters, {.kind = ActivationKind::tanh}, made.input, made.pass);
  output_loss(kernels, LossKind::sigmoid_cross_entropy, std::vector<std::uint8_t>{0, 0, 0, 0}, made.pass);
  return made;
}

TEST(Optimizer, StepFromAPassIsTheStepWithItsMeanGradients) {
  for (const RecordedSteps& recorded : kRecorded) {
    const JobSettings settings = settings_of(recorded);
    PassOfFour folded = make_pass(), plain = make_pass();
    const Kernels<double>& kernels = portable_kernels<double>();
    Backward<double> way_back(kernels, folded.parameters, folded.input, folded.pass);
    Optimizer<double>(settings, folded.parameters, kernels).step(folded.parameters, way_back);
    Gradients<double> gradients;
    Backward<double> plain_way_back(kernels, plain.parameters, plain.input, plain.pass);
    mean_gradients(plain_way_back, plain.parameters, gradients);
    Optimizer<double>(settings, plain.parameters, kernels).step(plain.parameters, gradients);
    const std::vector<double*> a = entries<double>(folded.parameters), b = entries<double>(plain.parameters);
    for (std::size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(*a[k], *b[k], 1e-15);  // numbers below 1, a few roundings
  }
}

TEST(Optimizer, TreatsEveryEntryOfALargeTensorAlike) {
  for (const RecordedSteps& recorded : kRecorded) {
    JobSettings settings = settings_of(recorded);
    settings.gradient_clip.reset();
    Parameters<float> parameters{.weights = {Matrix<float>(Matrix<float>::Constant(61, 53, 0.5f))},
                                 .biases = {Vector<float>::Zero(61)}};
    Optimizer<float> optimizer(settings, parameters, kernels(best_instruction_set()));
    for (int step = 0; step < 2; ++step) {
      Gradients<float> gradients{.weights = {Matrix<float>(Matrix<float>::Constant(61, 53, 0.25f))},
                                 .biases = {Vector<float>::Zero(61)}};
      optimizer.step(parameters, gradients);
    }
    const Matrix<float> W = parameters.weights[0].matrix();
    EXPECT_GT(0.5f - W.maxCoeff(), 1e-2f);              // every one has moved
    EXPECT_LT(W.maxCoeff() - W.minCoeff(), 4 * 6e-8f);  // vectors and single entries may round differently
  }
}

TEST(Optimizer, StateIsWhatTheRuleKeeps) {
  JobSettings settings;
  EXPECT_FALSE(optimizer_state(settings).gradients);
  settings.gradient_clip = 1.0;
  EXPECT_TRUE(optimizer_state(settings).gradients);
  settings.optimizer = OptimizerKind::adam;
  EXPECT_TRUE(optimizer_state(settings).first && optimizer_state(settings).second);
}

}  // namespace
}  // namespace initsweep
