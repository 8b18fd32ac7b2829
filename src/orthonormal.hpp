// QR decomposition of a tall matrix, in place and in portions.
//
// It is Eigen's HouseholderQR to the bit, by Eigen's own building blocks (its two loops are in HouseholderQR.h and
// HouseholderSequence.h, version 3.4): a matrix of 4096 columns takes half a minute, and HouseholderQR can neither be
// interrupted nor work without two more copies of it.
#pragma once
#include "initsweep/checkpoint.hpp"
#include "initsweep/layout.hpp"

namespace initsweep {

// Q, with as many rows and columns as the matrix, which has at least as many rows as columns and becomes R above its
// diagonal and on it.
[[nodiscard]] Matrix<double> decompose(Matrix<double>& matrix, const Checkpoint& checkpoint = {});

}  // namespace initsweep
