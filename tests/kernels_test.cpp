// Every instruction set against the reference in double, over whole passes: dense and sparse inputs, sizes that fill no
// vector, batches from one sample to several panels, images that are all zero, every activation.
#include "initsweep/kernels.hpp"
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>
#include "batch_of.hpp"
#include "batches.hpp"

namespace initsweep {
namespace {

struct Shape {
  const char* name;
  int rows, columns;       // of an image
  std::vector<int> units;  // of the layers, output last
  std::size_t n_samples;
  double density;  // share of bytes that are not zero
  InputScalingKind scaling = InputScalingKind::unit;
};
void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

LabelledImages random_images(const Shape& shape) {
  LabelledImages images{.rows = shape.rows, .columns = shape.columns, .pixels = {}, .labels = {}};
  std::mt19937 engine(17);  // its raw output is fixed by the standard
  const std::uint32_t threshold = static_cast<std::uint32_t>(shape.density * 4294967295.0);
  for (std::size_t image = 0; image < shape.n_samples; ++image) {
    images.labels.push_back(static_cast<std::uint8_t>(engine() % static_cast<unsigned>(shape.units.back())));
    const bool is_blank = image % 5 == 3;
    for (int pixel = 0; pixel < images.n_pixels(); ++pixel) {
      const bool is_there = engine() <= threshold;
      const std::uint32_t byte = 1 + engine() % 255;
      images.pixels.push_back(is_there && !is_blank ? static_cast<std::uint8_t>(byte) : std::uint8_t{0});
    }
  }
  return images;
}

Parameters<float> random_parameters(int n_inputs, const std::vector<int>& units) {
  std::mt19937 engine(23);
  const auto draw = [&] { return static_cast<float>(engine() / 2147483648.0 - 1); };
  Parameters<float> parameters;
  int fan_in = n_inputs;
  for (const int fan_out : units) {
    const float scale = std::sqrt(3.0f / static_cast<float>(fan_in));
    parameters.weights.emplace_back(Matrix<float>(scale * Matrix<float>::NullaryExpr(fan_out, fan_in, draw)));
    parameters.biases.push_back(0.1f * Vector<float>::NullaryExpr(fan_out, draw));
    fan_in = fan_out;
  }
  return parameters;
}

template <class Scalar>
struct Outcome {
  LossSum loss;
  Gradients<Scalar> gradients;
};

template <class Scalar>
Outcome<Scalar> run(const Kernels<Scalar>& kernels, const Parameters<Scalar>& parameters, ActivationKind f,
                    const Input<Scalar>& input, const std::vector<std::uint8_t>& labels) {
  Outcome<Scalar> outcome;
  Pass<Scalar> pass(Keep::training, parameters.weights.size());
  forward(kernels, parameters, {.kind = f}, input, pass);
  outcome.loss = output_loss(kernels, LossKind::softmax_cross_entropy, labels, pass);
  Backward<Scalar> way_back(kernels, parameters, input, pass);
  mean_gradients(way_back, parameters, outcome.gradients);
  return outcome;
}

struct Problem {
  Parameters<float> parameters;
  std::vector<std::uint8_t> labels;
  Outcome<double> reference;
};

Problem make_problem(const Shape& shape, const LabelledImages& images, const Matrix<float>& pixels, ActivationKind f) {
  Problem problem{
      .parameters = random_parameters(images.n_pixels(), shape.units), .labels = images.labels, .reference = {}};
  Parameters<double> parameters;
  for (const Weights<float>& W : problem.parameters.weights)
    parameters.weights.emplace_back(Matrix<double>(W.matrix().cast<double>()));
  for (const Vector<float>& b : problem.parameters.biases) parameters.biases.push_back(b.cast<double>());
  const Matrix<double> samples_in_columns = pixels.transpose().cast<double>();
  problem.reference = run(portable_kernels<double>(), parameters, f, dense_input(samples_in_columns), images.labels);
  return problem;
}

// max |dW - dW_ref| <= 1e-5 max |dW_ref| in every layer, and the loss to as much; empty if so. NaN never passes.
std::string mismatch(const Outcome<float>& found, const Outcome<double>& expected) {
  constexpr double kTolerance = 1e-5;
  if (!(std::abs(found.loss.loss - expected.loss.loss) <= kTolerance * std::abs(expected.loss.loss)))
    return "loss " + std::to_string(found.loss.loss) + ", expected " + std::to_string(expected.loss.loss);
  for (std::size_t l = 0; l < expected.gradients.weights.size(); ++l) {
    const Matrix<double> reference = expected.gradients.weights[l].matrix();
    const Matrix<double> error = found.gradients.weights[l].matrix().cast<double>() - reference;
    const Vector<double>& bias = expected.gradients.biases[l];
    const Vector<double> bias_error = found.gradients.biases[l].cast<double>() - bias;
    if (!(error.cwiseAbs().maxCoeff() <= kTolerance * reference.cwiseAbs().maxCoeff()))
      return "weights of layer " + std::to_string(l + 1) + " by " +
             std::to_string(error.cwiseAbs().maxCoeff() / reference.cwiseAbs().maxCoeff());
    if (!(bias_error.cwiseAbs().maxCoeff() <= kTolerance * bias.cwiseAbs().maxCoeff()))
      return "biases of layer " + std::to_string(l + 1);
  }
  return "";
}

std::vector<std::uint32_t> all_of(const LabelledImages& images) {
  std::vector<std::uint32_t> indices;
  for (std::uint32_t i = 0; i < images.size(); ++i) indices.push_back(i);
  return indices;
}

class EveryInstructionSet : public testing::TestWithParam<Shape> {};

TEST_P(EveryInstructionSet, FollowsTheReferenceInDouble) {
  const Shape& shape = GetParam();
  const LabelledImages images = random_images(shape);
  const std::vector<std::uint32_t> indices = all_of(images);
  for (std::size_t kind = 0; kind < kind_table<ActivationKind>().size(); ++kind) {
    const auto f = static_cast<ActivationKind>(kind);
    std::optional<Problem> problem;
    std::optional<Outcome<float>> fused;
    for (const InstructionSet set : kInstructionSets) {
      if (!is_available(set)) continue;
      const BatchReader reader({.kind = shape.scaling}, images, images.size(), kernels(set));
      EXPECT_EQ(reader.is_sparse(), shape.density < kSparseBelow);
      if (!problem) problem = make_problem(shape, images, reader.pixels(images, indices), f);
      Batch batch;
      reader.read_both_ways(images, indices, batch);
      Outcome<float> found = run(kernels(set), problem->parameters, f, batch.x, batch.labels);
      EXPECT_EQ(mismatch(found, problem->reference), "") << to_text(set) << ", " << to_text(f);
      if (!agree_to_the_bit(to_text(set), to_text(InstructionSet::x86_64_v3))) continue;
      if (fused) {
        EXPECT_EQ(found.loss.loss, fused->loss.loss) << to_text(f);
        for (std::size_t l = 0; l < shape.units.size(); ++l)
          EXPECT_EQ(Matrix<float>(found.gradients.weights[l].matrix()), fused->gradients.weights[l].matrix())
              << to_text(f);
      }
      fused = std::move(found);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, EveryInstructionSet,
    testing::Values(Shape{"one_sample", 3, 5, {7, 13, 3}, 1, 1}, Shape{"odd_dense", 5, 7, {19, 33, 10}, 17, 1},
                    Shape{"odd_sparse", 5, 7, {19, 33, 10}, 17, 0.2},
                    Shape{"w1_batch", 28, 28, {300, 100, 10}, 50, 0.19},
                    Shape{"one_panel", 8, 8, {100, 100, 10}, 64, 0.19}, Shape{"one_more", 8, 8, {65, 31, 10}, 65, 0.19},
                    Shape{"two_panels", 8, 8, {101, 97, 2}, 127, 0.7},
                    Shape{"standardized_sparse", 6, 6, {40, 24, 10}, 48, 0.2, InputScalingKind::standardize},
                    Shape{"standardized_dense", 6, 6, {40, 24, 10}, 33, 0.6, InputScalingKind::standardize},
                    Shape{"batch_of_ten", 10, 10, {130, 70, 10}, 10, 0.3}),
    [](const testing::TestParamInfo<Shape>& tested) { return std::string(tested.param.name); });

TEST(KernelsCheck, RejectsASmallError) {
  const Shape shape{"", 5, 7, {19, 33, 10}, 17, 0.2};
  const LabelledImages images = random_images(shape);
  const Kernels<float>& best = kernels(best_instruction_set());
  const BatchReader reader({}, images, images.size(), best);
  const Problem problem = make_problem(shape, images, reader.pixels(images, all_of(images)), ActivationKind::tanh);
  Batch batch;
  reader.read_both_ways(images, all_of(images), batch);
  Outcome<float> found = run(best, problem.parameters, ActivationKind::tanh, batch.x, batch.labels);
  ASSERT_EQ(mismatch(found, problem.reference), "");
  Weights<float>& dW = found.gradients.weights[1];
  dW(3, 4) += 3e-5f * dW.matrix().cwiseAbs().maxCoeff();
  EXPECT_NE(mismatch(found, problem.reference), "");
}

// The rule of each optimizer, for the widest set against the plain form.
TEST(Kernels, EveryRuleIsThePlainOne) {
  constexpr Index n = 48;
  for (const InstructionSet set : kInstructionSets) {
    if (!is_available(set)) continue;
    for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::momentum, OptimizerKind::nesterov,
                                     OptimizerKind::rmsprop, OptimizerKind::adam}) {
      const Rule<float> rule{.kind = kind,
                             .learning_rate = 0.1f,
                             .keep_first = 0.9f,
                             .add_first = 0.5f,
                             .keep_second = 0.95f,
                             .add_second = 0.05f,
                             .epsilon = 1e-3f,
                             .root_correction = 0.7f,
                             .decay = 0.01f};
      Vector<float> w = Vector<float>::LinSpaced(n, -1, 1), g = Vector<float>::LinSpaced(n, 2, -1),
                    m = Vector<float>::Constant(n, 0.25f), s = Vector<float>::Constant(n, 0.5f);
      Vector<float> plain_w = w, plain_m = m, plain_s = s;
      kernels(set).apply(rule, n, w.data(), g.data(), m.data(), s.data());
      portable_kernels<float>().apply(rule, n, plain_w.data(), g.data(), plain_m.data(), plain_s.data());
      // Numbers below 5 and a handful of operations: a few roundings of 6e-8 each.
      EXPECT_LT((w - plain_w).cwiseAbs().maxCoeff(), 2e-6f) << to_text(set) << ", " << to_text(kind);
      EXPECT_LT((m - plain_m).cwiseAbs().maxCoeff(), 2e-6f);
      EXPECT_LT((s - plain_s).cwiseAbs().maxCoeff(), 2e-6f);
    }
  }
}

}  // namespace
}  // namespace initsweep
