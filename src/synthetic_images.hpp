// Images to time a training with where no data set is at hand.
#pragma once
#include <cstddef>
#include "initsweep/dataset.hpp"

namespace initsweep {

// Like MNIST's in what costs time: 28 x 28, of ten classes, four pixels of five are zero. Nothing can be learnt of
// them.
[[nodiscard]] LabelledImages synthetic_images(std::size_t n);

}  // namespace initsweep
