// Mini-batches as the net wants them, columns of floats, from images as the data set keeps them, bytes.
//
//   unit, affine   x = (byte - subtract) / divide
//   standardize    the same with a pixel's own mean and standard deviation over the training samples used. A deviation
//                  of 0 counts as 1 on the scale of unit, that is 255: a pixel that only the test set uses stays in
//                  range
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>
#include "initsweep/activation.hpp"
#include "initsweep/dataset.hpp"
#include "initsweep/settings.hpp"

namespace initsweep {

struct Batch {
  Matrix<float> x;  // (n_pixels, samples)
  std::vector<std::uint8_t> labels;
};

class BatchReader {
 public:
  // `standardize` learns from the first n_used of these images; nothing else reads them.
  BatchReader(const InputScaling& scaling, const LabelledImages& training, std::size_t n_used);

  // The images of these indices, in this order. The batch's buffers are reused.
  void read(const LabelledImages& images, std::span<const std::uint32_t> indices, Batch& batch) const;

 private:
  Vector<float> subtract_, divide_;  // one of each a pixel
};

}  // namespace initsweep
