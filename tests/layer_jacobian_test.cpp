#include "layer_jacobian.hpp"
#include <gtest/gtest.h>
#include <Eigen/QR>
#include <Eigen/SVD>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <vector>
#include "initsweep/rng.hpp"

namespace initsweep {
namespace {

Matrix<float> normal_matrix(Index rows, Index columns, double stddev) {
  RngStream stream(7, StreamPurpose::weights, 1);
  Matrix<float> matrix(rows, columns);
  for (float& x : matrix.reshaped()) x = static_cast<float>(stddev * stream.normal());
  return matrix;
}

SingularValues values_of(const Matrix<float>& weights, const Matrix<float>& derivatives, Index n = 100) {
  return jacobian_singular_values(Weights<float>(weights), Panels<float>(derivatives), n);
}

// The same by Eigen's JacobiSVD, which squares nothing.
SingularValues by_svd(const Matrix<float>& weights, const Matrix<float>& derivatives) {
  std::vector<double> all;
  for (Index sample = 0; sample < derivatives.cols(); ++sample) {
    const Matrix<double> J = derivatives.col(sample).cast<double>().asDiagonal() * weights.cast<double>();
    const Vector<double> values = Eigen::JacobiSVD<Matrix<double>>(J).singularValues();
    all.insert(all.end(), values.begin(), values.end());
  }
  const Eigen::Map<const Vector<double>> values(all.data(), static_cast<Index>(all.size()));
  return {values.mean(), std::sqrt(values.squaredNorm() / static_cast<double>(values.size())), values.minCoeff(),
          values.maxCoeff()};
}

// Derivatives as of ReLU: some are zero, and the first sample moves fewer units than a wide layer has inputs.
Matrix<float> half_dead(Index units, Index samples) {
  Matrix<float> derivatives = normal_matrix(units, samples, 1).cwiseMax(0);
  derivatives.topLeftCorner(units - 2, 1).setZero();
  return derivatives;
}

TEST(LayerJacobian, SingularValuesAreThoseOfAnotherMethod) {
  for (const auto& [fan_out, fan_in] : {std::pair{1, 1}, {2, 1}, {1, 9}, {8, 8}, {7, 12}, {12, 7}, {30, 70}, {80, 5}})
    for (const float scale : {1.0f, 1e-30f, 1e30f})
      for (const bool is_half_dead : {false, true}) {
        if (is_half_dead && fan_out < 3) continue;
        SCOPED_TRACE(std::to_string(fan_out) + " of " + std::to_string(fan_in) + (is_half_dead ? ", half dead" : ""));
        const Matrix<float> weights = scale * normal_matrix(fan_out, fan_in, 1);
        const Matrix<float> derivatives = is_half_dead ? half_dead(fan_out, 3) : normal_matrix(fan_out, 3, 0.5);
        const SingularValues found = values_of(weights, derivatives), expected = by_svd(weights, derivatives);
        // The root of an eigenvalue that is off by some 1e-15 of the largest.
        const double largest = expected.max, tolerance = 1e-13 * largest;
        EXPECT_NEAR(found.max, expected.max, tolerance);
        EXPECT_NEAR(found.rms, expected.rms, tolerance);
        EXPECT_NEAR(found.mean, expected.mean, is_half_dead ? 1e-8 * largest : 1e-11 * largest);
        EXPECT_NEAR(found.min * found.min, expected.min * expected.min, tolerance * largest);
        EXPECT_NEAR(found.min, expected.min, 1e-7 * largest);
      }
}

TEST(LayerJacobian, AnOrthogonalLayerNeitherStretchesNorSqueezes) {
  for (const auto& [fan_out, fan_in] : {std::pair{40, 40}, {20, 50}, {50, 20}}) {
    const Index longer = std::max(fan_out, fan_in);
    const Matrix<double> Q = normal_matrix(longer, longer, 1).cast<double>().householderQr().householderQ();
    const Matrix<float> weights = Q.topLeftCorner(fan_out, fan_in).cast<float>();
    const SingularValues values = values_of(weights, Matrix<float>::Ones(fan_out, 2));
    for (const double value : {values.mean, values.rms, values.min, values.max}) EXPECT_NEAR(value, 1, 1e-6);
  }
}

// Glorot & Bengio 2010, sec. 4.2.2, in closed form: an n x n matrix of independent entries of variance s^2 / n has
// singular values whose law is a quarter of a circle with radius 2 s (Marchenko & Pastur 1967): their mean is
// 8 s / (3 pi), their root mean square s. Both are within some 1 / n of it.
TEST(LayerJacobian, IndependentWeightsHaveAQuarterCircle) {
  constexpr Index n = 200;
  constexpr double s = 1 / std::numbers::sqrt3;  // of U(+-1 / sqrt(n)), the standard initialization
  const SingularValues values =
      values_of(normal_matrix(n, n, s / std::sqrt(double{n})), Matrix<float>::Constant(n, 1, 0.5f));
  EXPECT_NEAR(values.mean / (s / 2), 8 / (3 * std::numbers::pi), 0.015);
  EXPECT_NEAR(values.rms / (s / 2), 1, 0.015);
  EXPECT_NEAR(values.max / (s / 2), 2, 0.1);
  EXPECT_LT(values.min / (s / 2), 0.1);
}

TEST(LayerJacobian, RowsOfDeadUnitsHaveSingularValuesOfExactlyZero) {
  const Matrix<float> weights = normal_matrix(6, 6, 1);
  Matrix<float> derivatives = Matrix<float>::Ones(6, 1);
  derivatives(4, 0) = 0;
  EXPECT_EQ(values_of(weights, derivatives).min, 0);
  const SingularValues none = values_of(weights, Matrix<float>::Zero(6, 3));
  EXPECT_EQ(none.mean, 0);
  EXPECT_EQ(none.rms, 0);
  EXPECT_EQ(none.min, 0);
  EXPECT_EQ(none.max, 0);
}

TEST(LayerJacobian, PoolsTheFirstSamplesAlone) {
  const Matrix<float> weights = normal_matrix(5, 4, 1), derivatives = normal_matrix(5, 4, 1);
  EXPECT_EQ(values_of(weights, derivatives, 2).mean, values_of(weights, derivatives.leftCols(2)).mean);
  EXPECT_NE(values_of(weights, derivatives, 2).mean, values_of(weights, derivatives).mean);
  EXPECT_TRUE(std::isnan(values_of(weights, derivatives, 0).mean));
}

TEST(LayerJacobian, HasNoValuesOfWhatIsNotFinite) {
  Matrix<float> weights = normal_matrix(5, 4, 1), derivatives = normal_matrix(5, 2, 1);
  derivatives(3, 1) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(std::isnan(values_of(weights, derivatives, 1).mean));
  EXPECT_TRUE(std::isnan(values_of(weights, derivatives, 2).mean));
  EXPECT_TRUE(std::isnan(values_of(weights, derivatives, 2).max));
  weights(0, 0) = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(std::isnan(values_of(weights, derivatives, 1).mean));
}

TEST(LayerJacobian, CanBeStoppedWithinASample) {
  int n_asked = 0;
  const Checkpoint stop = [&n_asked] {
    if (++n_asked == 50) throw std::runtime_error("stop");
  };
  EXPECT_THROW((void)jacobian_singular_values(Weights<float>(normal_matrix(70, 70, 1)),
                                              Panels<float>(Matrix<float>(Matrix<float>::Ones(70, 1))), 1, stop),
               std::runtime_error);
}

}  // namespace
}  // namespace initsweep
