#include "batches.hpp"
#include <cassert>
#include <cmath>

namespace initsweep {

BatchReader::BatchReader(const InputScaling& scaling, const LabelledImages& training, std::size_t n_used)
    : subtract_(Vector<float>::Constant(training.n_pixels(), static_cast<float>(scaling.subtract))),
      divide_(Vector<float>::Constant(training.n_pixels(), static_cast<float>(scaling.divide))) {
  if (scaling.kind != InputScalingKind::standardize) return;
  assert(n_used > 0 && n_used <= training.size());
  // Bytes make the sums whole numbers: nothing is rounded before n^2 variance = n sum(x^2) - sum(x)^2 is taken, so its
  // usual cancellation cannot happen. 64 bits hold it for 16 million samples.
  const std::size_t n_pixels = static_cast<std::size_t>(training.n_pixels());
  std::vector<std::uint64_t> sums(n_pixels), squares(n_pixels);
  for (std::size_t image = 0; image < n_used; ++image) {
    const std::uint8_t* bytes = training.pixels.data() + image * n_pixels;
    for (std::size_t p = 0; p < n_pixels; ++p) {
      const std::uint64_t byte = bytes[p];
      sums[p] += byte;
      squares[p] += byte * byte;
    }
  }
  const double n = static_cast<double>(n_used);
  for (std::size_t p = 0; p < n_pixels; ++p) {
    const std::uint64_t scaled_variance = n_used * squares[p] - sums[p] * sums[p];
    const double deviation = std::sqrt(static_cast<double>(scaled_variance)) / n;
    const Eigen::Index row = static_cast<Eigen::Index>(p);
    subtract_[row] = static_cast<float>(static_cast<double>(sums[p]) / n);
    divide_[row] = static_cast<float>(scaled_variance == 0 ? 255 : deviation);
  }
}

void BatchReader::read(const LabelledImages& images, std::span<const std::uint32_t> indices, Batch& batch) const {
  const std::size_t n_pixels = static_cast<std::size_t>(images.n_pixels());
  batch.x.resize(images.n_pixels(), static_cast<Eigen::Index>(indices.size()));
  batch.labels.resize(indices.size());
  const float *subtract = subtract_.data(), *divide = divide_.data();
  for (std::size_t j = 0; j < indices.size(); ++j) {
    const std::uint8_t* bytes = images.pixels.data() + indices[j] * n_pixels;
    float* x = batch.x.col(static_cast<Eigen::Index>(j)).data();
    for (std::size_t p = 0; p < n_pixels; ++p) x[p] = (static_cast<float>(bytes[p]) - subtract[p]) / divide[p];
    batch.labels[j] = images.labels[indices[j]];
  }
}

}  // namespace initsweep
