// Batches and passes that a test can hold in its head: samples in the columns of a matrix.
#pragma once
#include "initsweep/mlp.hpp"

namespace initsweep {

template <class Scalar>
Input<Scalar> dense_input(const Matrix<Scalar>& samples_in_columns) {
  Input<Scalar> input;
  input.samples = samples_in_columns.cols();
  input.dense = Panels<Scalar>(samples_in_columns);
  return input;
}

// (units, samples)
template <class Scalar>
Matrix<Scalar> matrix_of(const Panels<Scalar>& panels) {
  Matrix<Scalar> matrix;
  panels.copy_to(matrix);
  return matrix.transpose();
}

}  // namespace initsweep
