// The singular values of J are the roots of the eigenvalues of J J^T or J^T J, of which the smaller is taken. With
// D = diag(f'), J J^T = D (W W^T) D, so that W W^T serves all samples of a layer. Units with f' = 0 give rows of zeros:
// they are left out, and the singular values that are zero for them are zero exactly.
//
// Squaring costs half of the digits: what is below 1e-8 of the largest singular value is rounding, and reads as what it
// came to be. A means of it suffers nothing; of the smallest one only this can be said.
//
// Eigenvalues come from a tridiagonal matrix (Golub & Van Loan, sec. 8.3), which is made here rather than by
// Eigen::SelfAdjointEigenSolver: for a thousand units that takes a second, within which a job asks whether to go on.
#include "layer_jacobian.hpp"
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <vector>

namespace initsweep {
namespace {

// Of a symmetric matrix with its lower half filled in, which is used up. None where the iteration does not end.
Vector<double> eigenvalues(Matrix<double>& A, const Checkpoint& checkpoint) {
  const Index n = A.rows();
  double scale = 0;
  for (Index i = 0; i < n; ++i) scale = std::max(scale, A.col(i).tail(n - i).cwiseAbs().maxCoeff());
  if (scale == 0) return Vector<double>::Zero(n);
  for (Index i = 0; i < n; ++i) A.col(i).tail(n - i) /= scale;
  Vector<double> below(n - 1), u(n);
  for (Index i = 0; i + 1 < n; ++i) {
    ask(checkpoint);
    // A <- H A H for what is right of and below column i, with H = 1 - tau v v^T that makes zeros in the column.
    const Index rest = n - i - 1;
    auto v = A.col(i).tail(rest);
    auto square = A.bottomRightCorner(rest, rest).selfadjointView<Eigen::Lower>();
    double tau = 0;
    v.makeHouseholderInPlace(tau, below[i]);
    v[0] = 1;
    u.tail(rest).noalias() = square * (tau * v);
    u.tail(rest) -= tau / 2 * u.tail(rest).dot(v) * v;
    square.rankUpdate(v, u.tail(rest), -1);
  }
  Eigen::SelfAdjointEigenSolver<Matrix<double>> solver;
  solver.computeFromTridiagonal(A.diagonal(), below, Eigen::EigenvaluesOnly);
  if (solver.info() != Eigen::Success) return {};
  return scale * solver.eigenvalues();
}

constexpr Index kColumns = 64;  // that are added at a time

// The lower half of W W^T.
Matrix<double> gram_of_rows(const Weights<float>& weights, const Checkpoint& checkpoint) {
  Matrix<double> gram = Matrix<double>::Zero(weights.rows(), weights.rows());
  for (Index first = 0; first < weights.cols(); first += kColumns) {
    ask(checkpoint);
    const Matrix<double> some =
        weights.matrix().middleCols(first, std::min(kColumns, weights.cols() - first)).cast<double>();
    gram.selfadjointView<Eigen::Lower>().rankUpdate(some);
  }
  return gram;
}

// Makes the smaller product of J and J^T for one sample after another.
class JacobianGram {
 public:
  JacobianGram(const Weights<float>& weights, const Checkpoint& checkpoint)
      : weights_(weights), checkpoint_(checkpoint) {
    if (weights.rows() <= weights.cols()) of_rows_ = gram_of_rows(weights, checkpoint);
  }

  // Its lower half. `alive` are the units with a derivative that is not zero.
  void make(const std::vector<Index>& alive, const Vector<double>& derivative, Matrix<double>& gram) const {
    const Index n = static_cast<Index>(alive.size());
    if (n == 0) return gram.resize(0, 0);
    if (of_rows_.size() > 0) {
      gram.resize(n, n);
      for (Index j = 0; j < n; ++j)
        for (Index i = j; i < n; ++i) {
          const Index row = alive[static_cast<std::size_t>(i)], column = alive[static_cast<std::size_t>(j)];
          gram(i, j) = derivative[row] * derivative[column] * of_rows_(row, column);
        }
      return;
    }
    Matrix<double> J(n, weights_.cols());
    for (Index column = 0; column < J.cols(); ++column)
      for (Index i = 0; i < n; ++i) {
        const Index row = alive[static_cast<std::size_t>(i)];
        J(i, column) = derivative[row] * static_cast<double>(weights_(row, column));
      }
    ask(checkpoint_);
    const Index size = std::min(n, J.cols());
    gram.setZero(size, size);
    if (n <= J.cols())
      gram.selfadjointView<Eigen::Lower>().rankUpdate(J);
    else
      gram.selfadjointView<Eigen::Lower>().rankUpdate(J.transpose());
  }

 private:
  const Weights<float>& weights_;
  const Checkpoint& checkpoint_;
  Matrix<double> of_rows_;
};

}  // namespace

SingularValues jacobian_singular_values(const Weights<float>& weights, const Panels<float>& derivatives,
                                        Index n_samples, const Checkpoint& checkpoint) {
  n_samples = std::min(n_samples, derivatives.samples());
  if (n_samples <= 0 || !weights.matrix().allFinite()) return {};
  const Index n_values = std::min(weights.rows(), weights.cols());
  const JacobianGram gram_of(weights, checkpoint);
  Matrix<double> gram;
  Vector<double> derivative(weights.rows());
  std::vector<Index> alive;
  double sum = 0, squares = 0;
  SingularValues values{.min = HUGE_VAL, .max = 0};
  for (Index sample = 0; sample < n_samples; ++sample) {
    ask(checkpoint);
    alive.clear();
    for (Index unit = 0; unit < weights.rows(); ++unit) {
      derivative[unit] = static_cast<double>(derivatives(unit, sample));
      if (derivative[unit] != 0) alive.push_back(unit);
    }
    if (!derivative.allFinite()) return {};
    gram_of.make(alive, derivative, gram);
    const Vector<double> found = eigenvalues(gram, checkpoint);
    if (found.size() < gram.rows()) return {};
    if (found.size() < n_values) values.min = 0;
    for (const double eigenvalue : found) {
      const double value = std::sqrt(std::max(0.0, eigenvalue));
      sum += value;
      squares += value * value;
      values.min = std::min(values.min, value);
      values.max = std::max(values.max, value);
    }
  }
  const double n = static_cast<double>(n_values * n_samples);
  values.mean = sum / n;
  values.rms = std::sqrt(squares / n);
  return values;
}

}  // namespace initsweep
