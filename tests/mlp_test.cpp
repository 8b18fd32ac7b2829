#include "initsweep/mlp.hpp"
#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include "batch_of.hpp"

namespace initsweep {
namespace {

const Kernels<double>& kReference = portable_kernels<double>();
constexpr std::size_t kLayers = 3;

// A net, a batch and labels; small, and with widths that all differ so that a transposed product cannot pass.
struct Problem {
  Activation f;
  LossKind loss = LossKind::softmax_cross_entropy;
  Parameters<double> parameters;
  Matrix<double> input;
  std::vector<std::uint8_t> labels;
};

Problem make_problem(const Activation& f, LossKind loss, unsigned seed) {
  Problem problem{.f = f, .loss = loss, .parameters = {}, .input = Matrix<double>(4, 3), .labels = {2, 0, 1}};
  std::mt19937 engine(seed);  // its raw output is fixed by the standard
  const auto draw = [&] { return engine() / 2147483648.0 - 1; };
  const int units[] = {4, 5, 6, 3};
  for (int l = 0; l < 3; ++l) {
    problem.parameters.weights.emplace_back(Matrix<double>::NullaryExpr(units[l + 1], units[l], draw));
    problem.parameters.biases.push_back(Vector<double>::NullaryExpr(units[l + 1], draw));
  }
  problem.input = Matrix<double>::NullaryExpr(4, 3, draw);
  return problem;
}

Pass<double> new_pass() { return {Keep::everything, kLayers}; }

double mean_loss(const Problem& problem, const Parameters<double>& parameters, Pass<double>& pass) {
  forward(kReference, parameters, problem.f, dense_input(problem.input), pass);
  return output_loss(kReference, problem.loss, problem.labels, pass).loss / static_cast<double>(problem.labels.size());
}

// After mean_loss, with a derivative of choice in the place of the one it left.
Gradients<double> gradients_after(const Problem& problem, const Activation& f_backward, Pass<double>& pass) {
  for (std::size_t l = 0; l + 1 < kLayers; ++l) {
    Vector<double> unused(pass.z(l).units() * padded(pass.z(l).samples()));
    kReference.activate(f_backward, pass.z(l).data(), unused.data(), pass.derivative(l).data(), unused.size());
  }
  const Input<double> input = dense_input(problem.input);
  Backward<double> backward(kReference, problem.parameters, input, pass);
  Gradients<double> gradients;
  mean_gradients(backward, problem.parameters, gradients);
  return gradients;
}

// The least distance of a hidden preactivation from a kink of f.
double distance_from_kinks(const Problem& problem) {
  Pass<double> pass = new_pass();
  mean_loss(problem, problem.parameters, pass);
  double distance = std::numeric_limits<double>::infinity();
  for (const double kink : kinks(problem.f))
    for (std::size_t l = 0; l + 1 < kLayers; ++l)
      distance = std::min(distance, (matrix_of(pass.z(l)).array() - kink).abs().minCoeff());
  return distance;
}

// Finite differences must stay on one side of every kink: a step of 1e-5 in a parameter moves a preactivation by less
// than 1e-3 in these nets.
Problem problem_off_kinks(const Activation& f, LossKind loss) {
  for (unsigned seed = 1;; ++seed) {
    Problem problem = make_problem(f, loss, seed);
    if (distance_from_kinks(problem) > 1e-3) return problem;
  }
}

// Every entry against (L(w + h) - L(w - h)) / 2h. The truncation error is of order h^2 = 1e-10 of the gradient's size,
// and the rounding of a loss near 2.3 over 2h is 2.2e-16 * 2.3 / 2e-5 = 3e-11; the floor leaves room for its sum over a
// net of three layers. Negated, so that NaN never matches.
testing::AssertionResult gradients_match(const Problem& problem, const Gradients<double>& gradients) {
  constexpr double h = 1e-5;
  Parameters<double> moved = problem.parameters;
  Pass<double> pass = new_pass();
  const auto check = [&](double& entry, double analytic, const std::string& where) -> testing::AssertionResult {
    const double at = entry;
    entry = at + h;
    const double above = mean_loss(problem, moved, pass);
    entry = at - h;
    const double below = mean_loss(problem, moved, pass);
    entry = at;
    const double numeric = (above - below) / (2 * h);
    const double error = std::abs(analytic - numeric);
    if (!(error <= 1e-6 * std::max(std::abs(analytic), std::abs(numeric)) + 1e-9))
      return testing::AssertionFailure() << where << ": analytic " << analytic << ", numeric " << numeric << ", error "
                                         << error;
    return testing::AssertionSuccess();
  };
  for (std::size_t l = 0; l < moved.weights.size(); ++l) {
    for (Eigen::Index i = 0; i < moved.weights[l].rows(); ++i)
      for (Eigen::Index j = 0; j < moved.weights[l].cols(); ++j)
        if (const auto result =
                check(moved.weights[l](i, j), gradients.weights[l](i, j),
                      "W of layer " + std::to_string(l + 1) + " at " + std::to_string(i) + ", " + std::to_string(j));
            !result)
          return result;
    for (Eigen::Index i = 0; i < moved.biases[l].size(); ++i)
      if (const auto result = check(moved.biases[l][i], gradients.biases[l][i],
                                    "b of layer " + std::to_string(l + 1) + " at " + std::to_string(i));
          !result)
        return result;
  }
  return testing::AssertionSuccess();
}

Gradients<double> gradients_of(const Problem& problem, const Activation& f_backward) {
  Pass<double> pass = new_pass();
  mean_loss(problem, problem.parameters, pass);
  return gradients_after(problem, f_backward, pass);
}

class MlpGradient : public testing::TestWithParam<std::tuple<ActivationKind, LossKind>> {};

TEST_P(MlpGradient, OfEveryWeightAndBiasMatchesCentralDifferences) {
  const auto [kind, loss] = GetParam();
  const Problem problem = problem_off_kinks({.kind = kind, .slope = 0.2, .alpha = 1.5}, loss);
  EXPECT_TRUE(gradients_match(problem, gradients_of(problem, problem.f)));
}

std::vector<ActivationKind> all_activations() {
  std::vector<ActivationKind> kinds;
  for (std::size_t i = 0; i < kind_table<ActivationKind>().size(); ++i) kinds.push_back(static_cast<ActivationKind>(i));
  return kinds;
}

INSTANTIATE_TEST_SUITE_P(AllActivations, MlpGradient,
                         testing::Combine(testing::ValuesIn(all_activations()),
                                          testing::Values(LossKind::softmax_cross_entropy,
                                                          LossKind::sigmoid_cross_entropy)),
                         [](const testing::TestParamInfo<MlpGradient::ParamType>& param) {
                           return std::string(to_text(std::get<0>(param.param))) + "_" +
                                  std::string(to_text(std::get<1>(param.param)));
                         });

TEST(MlpGradientCheck, RejectsAWrongDerivative) {
  const Problem problem = problem_off_kinks({.kind = ActivationKind::gelu}, LossKind::softmax_cross_entropy);
  // gelu' and gelu_tanh' differ by 1e-3 at most.
  EXPECT_FALSE(gradients_match(problem, gradients_of(problem, {.kind = ActivationKind::gelu_tanh})));

  Gradients<double> gradients = gradients_of(problem, problem.f);
  ASSERT_TRUE(gradients_match(problem, gradients));
  Gradients<double> slightly_off = gradients;
  slightly_off.weights[0](1, 2) *= 1 + 1e-4;
  EXPECT_FALSE(gradients_match(problem, slightly_off));
  Gradients<double> not_a_number = gradients;
  not_a_number.biases[2][1] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(gradients_match(problem, not_a_number));
  Gradients<double> not_divided = gradients;
  not_divided.biases[1] *= 3;  // the sum over the batch instead of the mean
  EXPECT_FALSE(gradients_match(problem, not_divided));
}

TEST(Mlp, DeltaIsOfASampleAndNotDividedByTheBatchSize) {
  const Problem problem = problem_off_kinks({.kind = ActivationKind::tanh}, LossKind::softmax_cross_entropy);
  Pass<double> pass = new_pass();
  mean_loss(problem, problem.parameters, pass);
  gradients_after(problem, problem.f, pass);
  for (Index j = 0; j < 3; ++j) {
    Problem alone = problem;
    alone.input = problem.input.col(j);
    alone.labels = {problem.labels[static_cast<std::size_t>(j)]};
    Pass<double> pass_alone = new_pass();
    mean_loss(alone, alone.parameters, pass_alone);
    gradients_after(alone, alone.f, pass_alone);
    for (std::size_t l = 0; l < kLayers; ++l)  // the same sums, perhaps by another kernel: a few roundings
      EXPECT_LT((matrix_of(pass.delta(l)).col(j) - matrix_of(pass_alone.delta(l)).col(0)).cwiseAbs().maxCoeff(), 1e-14);
  }
}

TEST(Mlp, ForwardAgreesWithTheSumsWrittenOut) {
  const Problem problem = problem_off_kinks({.kind = ActivationKind::tanh}, LossKind::softmax_cross_entropy);
  Pass<double> pass = new_pass();
  forward(kReference, problem.parameters, problem.f, dense_input(problem.input), pass);
  for (Eigen::Index sample = 0; sample < 3; ++sample) {
    std::vector<double> a(problem.input.col(sample).begin(), problem.input.col(sample).end());
    for (std::size_t l = 0; l < 3; ++l) {
      std::vector<double> next;
      for (Eigen::Index i = 0; i < problem.parameters.weights[l].rows(); ++i) {
        double z = problem.parameters.biases[l][i];
        for (std::size_t k = 0; k < a.size(); ++k)
          z += problem.parameters.weights[l](i, static_cast<Eigen::Index>(k)) * a[k];
        EXPECT_NEAR(pass.z(l)(i, sample), z, 1e-14);  // at most seven terms below 7
        next.push_back(std::tanh(z));
      }
      a = next;
    }
  }
}

// One layer of given logits: what the losses make of them.
template <class Scalar>
struct Output {
  LossSum sum;
  Matrix<Scalar> activation, delta;
};
template <class Scalar>
Output<Scalar> output_of(LossKind loss, const Matrix<Scalar>& logits, std::vector<std::uint8_t> labels) {
  Pass<Scalar> pass(Keep::everything, 1);
  pass.z(0) = Panels<Scalar>(logits);
  const LossSum sum = output_loss(portable_kernels<Scalar>(), loss, labels, pass);
  return {sum, matrix_of(pass.a(0)), matrix_of(pass.delta(0))};
}

TEST(MlpLoss, OfZeroLogitsIsLogTenAndTenTimesLogTwo) {
  const Matrix<float> zeros = Matrix<float>::Zero(10, 2);
  // One log each, of exact sums: a rounding or two.
  EXPECT_NEAR(output_of(LossKind::softmax_cross_entropy, zeros, {3, 9}).sum.loss, 2 * std::log(10.0), 1e-15 * 8);
  EXPECT_NEAR(output_of(LossKind::sigmoid_cross_entropy, zeros, {3, 9}).sum.loss, 20 * std::log(2.0), 1e-15 * 32);
}

TEST(MlpLoss, OfGivenLogitsMatchesItsFormula) {
  Matrix<double> logits(3, 1);
  logits << 1, -2, 0.5;
  const double sum = std::exp(1.0) + std::exp(-2.0) + std::exp(0.5);
  const Output<double> softmax = output_of(LossKind::softmax_cross_entropy, logits, {1});
  EXPECT_NEAR(softmax.sum.loss, -std::log(std::exp(-2.0) / sum), 1e-14);
  EXPECT_NEAR(softmax.activation(0, 0), std::exp(1.0) / sum, 1e-15);
  EXPECT_NEAR(softmax.delta(1, 0), std::exp(-2.0) / sum - 1, 1e-15);
  const auto sigmoid = [](double z) { return 1 / (1 + std::exp(-z)); };
  const Output<double> logistic = output_of(LossKind::sigmoid_cross_entropy, logits, {1});
  EXPECT_NEAR(logistic.sum.loss, -std::log(1 - sigmoid(1)) - std::log(sigmoid(-2)) - std::log(1 - sigmoid(0.5)), 1e-14);
  EXPECT_NEAR(logistic.activation(2, 0), sigmoid(0.5), 1e-15);
  EXPECT_NEAR(logistic.delta(1, 0), sigmoid(-2) - 1, 1e-15);
}

TEST(MlpLoss, OfHugeLogitsNeitherOverflowsNorVanishes) {
  Matrix<float> logits(3, 1);
  logits << 1e30f, -1e30f, 0;
  EXPECT_EQ(output_of(LossKind::softmax_cross_entropy, logits, {0}).sum.loss, 0);
  EXPECT_NEAR(output_of(LossKind::softmax_cross_entropy, logits, {1}).sum.loss / 2e30, 1, 1e-7);  // 1e30f is rounded
  EXPECT_NEAR(output_of(LossKind::sigmoid_cross_entropy, logits, {0}).sum.loss, std::log(2.0), 1e-15);
  EXPECT_NEAR(output_of(LossKind::sigmoid_cross_entropy, logits, {1}).sum.loss / 2e30, 1, 1e-7);
  logits << 40, -40, 0;  // softplus(-40) = e^-40, which 1 + e^-40 would lose; float rounds it by 6e-8 of itself
  const double loss = output_of(LossKind::sigmoid_cross_entropy, logits, {0}).sum.loss;
  EXPECT_NEAR(loss - std::log(2.0), 2 * std::exp(-40.0), 1e-16);
}

TEST(MlpLoss, OfLogitsThatAreNotFiniteIsNotFinite) {
  for (const LossKind loss : {LossKind::softmax_cross_entropy, LossKind::sigmoid_cross_entropy})
    for (const float bad : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN()})
      for (Eigen::Index where = 0; where < 3; ++where) {
        Matrix<float> logits = Matrix<float>::Ones(3, 2);
        logits(where, 1) = bad;
        const LossSum sum = output_of(loss, logits, {0, 2}).sum;
        EXPECT_FALSE(std::isfinite(sum.loss)) << to_text(loss) << " of " << bad << " at " << where;
        EXPECT_EQ(sum.n_correct(), 1.0 / 3);  // the other sample
      }
}

TEST(MlpLoss, CountsTheLargestLogitAsTheAnswerAndATieAsAGuess) {
  Matrix<float> logits(3, 4);
  logits << 1, 0, 2, 0,  //
      1, 3, 1, 0,        //
      0, 3, 0, 5;
  EXPECT_EQ(output_of(LossKind::softmax_cross_entropy, logits, {0, 1, 0, 2}).sum.n_correct(), 0.5 + 0.5 + 1 + 1);
  EXPECT_EQ(output_of(LossKind::softmax_cross_entropy, logits, {1, 2, 1, 2}).sum.n_correct(), 0.5 + 0.5 + 0 + 1);
  EXPECT_EQ(output_of(LossKind::sigmoid_cross_entropy, logits, {2, 0, 0, 0}).sum.n_correct(), 0 + 0 + 1 + 0);
  for (const Eigen::Index classes : {1, 2, 3, 7, 10, 16}) {
    const Matrix<float> equal = Matrix<float>::Constant(classes, 70, 3.5f);
    for (std::uint8_t label = 0; label < classes; ++label) {
      const LossSum sum = output_of(LossKind::softmax_cross_entropy, equal, std::vector<std::uint8_t>(70, label)).sum;
      EXPECT_EQ(sum.accuracy(70), 1.0 / static_cast<double>(classes));
    }
  }
}

TEST(MlpLoss, OfAHugeLogitKeepsWhatTheOtherOutputsAdd) {
  // softplus(-1e30) + softplus(5) + softplus(-2): double has no room for the rest beside 1e30.
  Matrix<float> logits(3, 1);
  for (const float huge : {3e6f, 1e30f, 3e38f})
    for (Eigen::Index label = 0; label < 3; ++label) {
      logits << 5, 5, 5;
      logits(label, 0) = huge;
      const double loss =
          output_of(LossKind::sigmoid_cross_entropy, logits, {static_cast<std::uint8_t>(label)}).sum.loss;
      EXPECT_NEAR(loss, 2 * (5 + std::log1p(std::exp(-5.0))), 1e-14) << huge;
    }
}

TEST(Mlp, ASmallerBatchGivesTheNumbersOfItsOwn) {
  const Problem problem = problem_off_kinks({.kind = ActivationKind::elu}, LossKind::softmax_cross_entropy);
  Problem smaller = problem;
  smaller.input = problem.input.leftCols(2);
  smaller.labels.resize(2);
  Pass<double> reused = new_pass(), fresh = new_pass();
  mean_loss(problem, problem.parameters, reused);
  gradients_after(problem, problem.f, reused);
  mean_loss(smaller, smaller.parameters, reused);
  mean_loss(smaller, smaller.parameters, fresh);
  const Gradients<double> a = gradients_after(smaller, smaller.f, reused),
                          b = gradients_after(smaller, smaller.f, fresh);
  for (std::size_t l = 0; l < kLayers; ++l) EXPECT_EQ(Matrix<double>(a.weights[l].matrix()), b.weights[l].matrix());
}

// Samples first..last - 1 of a problem.
Problem part_of(const Problem& whole, Index first, Index last) {
  Problem part = whole;
  part.input = whole.input.middleCols(first, last - first);
  part.labels.assign(whole.labels.begin() + first, whole.labels.begin() + last);
  return part;
}

Gradients<double> gradients_of(const Problem& problem, Pass<double>& pass) {
  static_cast<void>(mean_loss(problem, problem.parameters, pass));
  return gradients_after(problem, problem.f, pass);
}

// Batches beyond 1,024 samples are worked through in portions, these parts are not.
TEST(LargeBatch, HasTheMeanGradientOfItsParts) {
  constexpr Index n = 1100, cut = 600;
  Problem whole = make_problem({.kind = ActivationKind::tanh}, LossKind::softmax_cross_entropy, 5);
  const Matrix<double> three = whole.input;
  whole.input = Matrix<double>::NullaryExpr(
      4, n, [&](Index row, Index column) { return three(row, column % 3) + 0.001 * static_cast<double>(column); });
  whole.labels.clear();
  for (Index i = 0; i < n; ++i) whole.labels.push_back(static_cast<std::uint8_t>(i % 3));

  Pass<double> pass = new_pass(), pass_first = new_pass(), pass_last = new_pass();
  const Gradients<double> gradients = gradients_of(whole, pass);
  const Gradients<double> first = gradients_of(part_of(whole, 0, cut), pass_first);
  const Gradients<double> last = gradients_of(part_of(whole, cut, n), pass_last);
  for (std::size_t l = 0; l < kLayers; ++l) {
    const auto mean = [&](const auto& a, const auto& b) { return (cut * a + (n - cut) * b) / n; };
    // Sums of 1,100 numbers below 1, in another order.
    EXPECT_LE((gradients.weights[l].matrix() - mean(first.weights[l].matrix(), last.weights[l].matrix()))
                  .cwiseAbs()
                  .maxCoeff(),
              1e-12)
        << "weights of layer " << l + 1;
    EXPECT_LE((gradients.biases[l] - mean(first.biases[l], last.biases[l])).cwiseAbs().maxCoeff(), 1e-12)
        << "biases of layer " << l + 1;
  }
  EXPECT_GT(gradients.weights[0].matrix().cwiseAbs().maxCoeff(), 1e-3) << "there is something to compare";
}

}  // namespace
}  // namespace initsweep
