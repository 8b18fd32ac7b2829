// Mini-batches as the net wants them, from images as the data set keeps them, bytes.
//
//   unit, affine   x = (byte - subtract) / divide
//   standardize    the same with a pixel's own mean and standard deviation over the training samples used. A deviation
//                  of 0 counts as 1 on the scale of unit, that is 255: a pixel that only the test set uses stays in
//                  range
//
// Computed as byte * scale + shift, so that where bytes are mostly zero (81 % of MNIST's are) only the others are kept,
// times their scale, and the shift, which no image changes, is the first layer's business.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>
#include "initsweep/dataset.hpp"
#include "initsweep/mlp.hpp"
#include "initsweep/settings.hpp"

namespace initsweep {

struct Batch {
  Input<float> x;
  std::vector<std::uint8_t> labels;
  Buffer<float> by_sample;  // of a dense panel, on its way
};

// Share of bytes that are not zero in the first n_used images: of a thousand of them or so, evenly spread.
[[nodiscard]] double density(const LabelledImages& images, std::size_t n_used);
// Products skip zeros where it is less than this.
inline constexpr double kSparseBelow = 0.4;

class BatchReader {
 public:
  // `standardize` learns from the first n_used of these images, and their density decides whether zeros are skipped;
  // nothing else reads them.
  BatchReader(const InputScaling& scaling, const LabelledImages& training, std::size_t n_used,
              const Kernels<float>& kernels);
  BatchReader(const BatchReader&) = delete;
  BatchReader& operator=(const BatchReader&) = delete;

  // The images of these indices, in this order, for a forward pass. The batch's buffers are reused.
  void read(const LabelledImages& images, std::span<const std::uint32_t> indices, Batch& batch) const;
  // And for a backward pass.
  void read_both_ways(const LabelledImages& images, std::span<const std::uint32_t> indices, Batch& batch) const;
  // (samples, pixels): what the net sees, as numbers to look at.
  [[nodiscard]] Matrix<float> pixels(const LabelledImages& images, std::span<const std::uint32_t> indices) const;
  [[nodiscard]] bool is_sparse() const { return is_sparse_; }

 private:
  const Kernels<float>& kernels_;
  Vector<float> scale_, shift_;  // one of each a pixel
  bool is_sparse_ = false;
};

}  // namespace initsweep
