#include "orthonormal.hpp"
#include <Eigen/QR>
#include <algorithm>
#include <cassert>

namespace initsweep {
namespace {

constexpr Index kColumns = 48;  // reflections that are applied together

using Block = Eigen::Block<Matrix<double>>;
using ConstBlock = Eigen::Block<const Matrix<double>>;

// matrix = R and, below the diagonal, the reflections (their leading 1 left out) that made it; `factors` are theirs.
void triangulate(Matrix<double>& matrix, Vector<double>& factors, const Checkpoint& checkpoint) {
  const Index rows = matrix.rows(), columns = matrix.cols();
  Vector<double> scratch(columns);
  for (Index first = 0; first < columns; first += kColumns) {
    ask(checkpoint);
    const Index n = std::min(kColumns, columns - first), below = rows - first, right = columns - first - n;
    Block panel = matrix.block(first, first, below, n);
    Eigen::Block<Vector<double>, Eigen::Dynamic, 1> of_panel = factors.segment(first, n);
    Eigen::internal::householder_qr_inplace_unblocked(panel, of_panel, scratch.data());
    if (right == 0) continue;
    Block rest = matrix.block(first, first + n, below, right);
    Eigen::internal::apply_block_householder_on_the_left(rest, panel, of_panel, /*forward=*/false);
  }
}

// The product of the reflections, last ones first, with the columns of the identity.
Matrix<double> product_of(const Matrix<double>& reflections, const Vector<double>& factors,
                          const Checkpoint& checkpoint) {
  const Index rows = reflections.rows(), columns = reflections.cols();
  Matrix<double> Q = Matrix<double>::Identity(rows, columns);
  if (columns < kColumns) {
    Vector<double> scratch(columns);
    for (Index k = columns; k-- > 0;)
      Q.bottomRows(rows - k).applyHouseholderOnTheLeft(reflections.col(k).tail(rows - k - 1), factors[k],
                                                       scratch.data());
    return Q;
  }
  const Index at_once = columns < 2 * kColumns ? (columns + 1) / 2 : kColumns;
  for (Index last = columns; last > 0; last -= std::min(at_once, last)) {
    ask(checkpoint);
    const Index first = std::max<Index>(0, last - at_once);
    const ConstBlock some = reflections.block(first, first, rows - first, last - first);
    Block below = Q.block(first, 0, rows - first, columns);
    Eigen::internal::apply_block_householder_on_the_left(below, some, factors.segment(first, last - first),
                                                         /*forward=*/true);
  }
  return Q;
}

}  // namespace

Matrix<double> decompose(Matrix<double>& matrix, const Checkpoint& checkpoint) {
  assert(matrix.rows() >= matrix.cols());
  Vector<double> factors(matrix.cols());
  triangulate(matrix, factors, checkpoint);
  return product_of(matrix, factors, checkpoint);
}

}  // namespace initsweep
