#include "batches.hpp"
#include <algorithm>
#include <cassert>
#include <cmath>

namespace initsweep {
namespace {

// Entries in the order of samples to entries in the order of pixels, samples ascending.
void index_by_pixel(SparseBatch<float>& x) {
  x.n_of_pixel.reserve(x.pixels);
  x.by_pixel.reserve(x.slots() * x.pixels);
  std::uint32_t* n_of_pixel = x.n_of_pixel.data();
  std::fill_n(n_of_pixel, x.pixels, 0);
  const std::uint32_t *start = x.sample_start.data(), *pixel = x.pixel_of.data();
  const float* value = x.by_sample.data();
  SparseEntry<float>* entries = x.by_pixel.data();
  const Index slots = x.slots();
  for (Index n = 0; n < x.samples; ++n)
    for (std::uint32_t k = start[n]; k < start[n + 1]; ++k)
      entries[pixel[k] * slots + n_of_pixel[pixel[k]]++] = {static_cast<std::uint32_t>(n), value[k]};
}

}  // namespace

double density(const LabelledImages& images, std::size_t n_used) {
  const std::size_t n_pixels = static_cast<std::size_t>(images.n_pixels());
  const std::size_t step = std::max<std::size_t>(1, n_used / 1000);
  std::size_t n_nonzero = 0, n_seen = 0;
  for (std::size_t image = 0; image < n_used; image += step, n_seen += n_pixels) {
    const std::uint8_t* bytes = images.pixels.data() + image * n_pixels;
    n_nonzero += n_pixels - static_cast<std::size_t>(std::count(bytes, bytes + n_pixels, std::uint8_t{0}));
  }
  return n_seen == 0 ? 0 : static_cast<double>(n_nonzero) / static_cast<double>(n_seen);
}

BatchReader::BatchReader(const InputScaling& scaling, const LabelledImages& training, std::size_t n_used,
                         const Kernels<float>& kernels)
    : kernels_(kernels), scale_(training.n_pixels()), shift_(training.n_pixels()) {
  assert(n_used > 0 && n_used <= training.size());
  is_sparse_ = density(training, n_used) < kSparseBelow;
  if (scaling.kind != InputScalingKind::standardize) {
    scale_.setConstant(static_cast<float>(1 / scaling.divide));
    shift_.setConstant(static_cast<float>(-scaling.subtract / scaling.divide));
    return;
  }
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
    const double divide = scaled_variance == 0 ? 255 : std::sqrt(static_cast<double>(scaled_variance)) / n;
    const Index row = static_cast<Index>(p);
    const double mean = static_cast<double>(sums[p]) / n;
    scale_[row] = static_cast<float>(1 / divide);
    // A pixel that never changes becomes 0, not what roundings leave of it.
    shift_[row] = scaled_variance == 0 ? -(static_cast<float>(mean) * scale_[row]) : static_cast<float>(-mean / divide);
  }
}

void BatchReader::read(const LabelledImages& images, std::span<const std::uint32_t> indices, Batch& batch) const {
  const Index n_pixels = images.n_pixels(), n = static_cast<Index>(indices.size());
  const auto bytes_of = [&](Index sample) {
    return images.pixels.data() + indices[static_cast<std::size_t>(sample)] * static_cast<std::size_t>(n_pixels);
  };
  batch.labels.resize(indices.size());
  for (std::size_t j = 0; j < indices.size(); ++j) batch.labels[j] = images.labels[indices[j]];
  batch.x.samples = n;
  batch.x.is_sparse = is_sparse_;
  if (is_sparse_) {
    SparseBatch<float>& x = batch.x.sparse;
    x.samples = n;
    x.pixels = n_pixels;
    x.shift = shift_.isZero(0) ? nullptr : &shift_;
    x.sample_start.reserve(n + 1);
    x.pixel_of.reserve(n * n_pixels + kRowMultiple);  // a whole vector may be written at the end
    x.by_sample.reserve(n * n_pixels + kRowMultiple);
    constexpr Index kAhead = 4;  // images in any order: the processor cannot guess the next
    Index end = 0;
    for (Index j = 0; j < n; ++j) {
      if (j + kAhead < n)
        for (Index line = 0; line < n_pixels; line += 64) __builtin_prefetch(bytes_of(j + kAhead) + line);
      x.sample_start.data()[j] = static_cast<std::uint32_t>(end);
      end += kernels_.nonzeros(bytes_of(j), n_pixels, scale_.data(), x.pixel_of.data() + end, x.by_sample.data() + end);
    }
    x.sample_start.data()[n] = static_cast<std::uint32_t>(end);
    return;
  }
  const Index stride = padded(n_pixels);
  const float *scale = scale_.data(), *shift = shift_.data();
  batch.x.dense.resize(n_pixels, n);
  batch.by_sample.reserve(stride * kPanel);
  for (Index panel = 0; panel < n_panels(n); ++panel) {
    const Index samples = panel_samples(n, panel);
    for (Index j = 0; j < samples; ++j) {
      const std::uint8_t* bytes = bytes_of(panel * kPanel + j);
      float* x = batch.by_sample.data() + j * stride;
      for (Index p = 0; p < n_pixels; ++p) x[p] = static_cast<float>(bytes[p]) * scale[p] + shift[p];
    }
    kernels_.to_panels(batch.by_sample.data(), stride, n_pixels, samples, batch.x.dense.at(panel, 0));
  }
}

void BatchReader::read_both_ways(const LabelledImages& images, std::span<const std::uint32_t> indices,
                                 Batch& batch) const {
  read(images, indices, batch);
  if (is_sparse_) index_by_pixel(batch.x.sparse);
}

Matrix<float> BatchReader::pixels(const LabelledImages& images, std::span<const std::uint32_t> indices) const {
  const std::size_t n_pixels = static_cast<std::size_t>(images.n_pixels());
  Matrix<float> x(static_cast<Index>(indices.size()), images.n_pixels());
  for (std::size_t j = 0; j < indices.size(); ++j)
    for (std::size_t p = 0; p < n_pixels; ++p) {
      const Index row = static_cast<Index>(j), column = static_cast<Index>(p);
      x(row, column) = static_cast<float>(images.pixels[indices[j] * n_pixels + p]) * scale_[column] + shift_[column];
    }
  return x;
}

}  // namespace initsweep
