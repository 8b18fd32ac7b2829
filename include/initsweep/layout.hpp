// How numbers lie in memory: for the products, not for the eye.
//
// A batch is cut into panels of up to 64 samples. In a panel the samples of one unit are neighbours, so that a vector
// register holds one unit of many samples, and a weight is one number that they are all multiplied by: the weights need
// no packing, in either direction. Rows that a panel has beyond its samples hold anything and are never read into a
// result. Columns of weights start on 64 bytes.
#pragma once
#include <Eigen/Core>
#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace initsweep {

using Index = Eigen::Index;
template <class Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
template <class Scalar>
using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

// Units or columns first .. last - 1.
struct Slice {
  Index first = 0, last = 0;
  [[nodiscard]] Index size() const { return last - first; }
};

inline constexpr Index kRowMultiple = 16;  // rows of a panel and of a column of weights come in multiples of it
inline constexpr Index kPanel = 64;        // samples
[[nodiscard]] inline Index padded(Index n) { return (n + kRowMultiple - 1) / kRowMultiple * kRowMultiple; }
[[nodiscard]] inline Index n_panels(Index samples) { return (samples + kPanel - 1) / kPanel; }
[[nodiscard]] inline Index panel_samples(Index samples, Index panel) {
  return std::min(kPanel, samples - panel * kPanel);
}

// Memory on a 64-byte boundary that only ever grows, and forgets what it held when it does. It holds anything at first.
template <class T>
class Buffer {
 public:
  void reserve(Index size) {
    if (size <= capacity_) return;
    const std::size_t bytes = (static_cast<std::size_t>(size) * sizeof(T) + 63) / 64 * 64;
    memory_.reset(static_cast<T*>(std::aligned_alloc(64, bytes)));
    if (!memory_) throw std::bad_alloc();
    capacity_ = size;
  }
  [[nodiscard]] T* data() { return memory_.get(); }
  [[nodiscard]] const T* data() const { return memory_.get(); }

 private:
  struct Free {
    void operator()(T* memory) const { std::free(memory); }
  };
  std::unique_ptr<T, Free> memory_;
  Index capacity_ = 0;
};

// One number for each unit and sample of a batch.
template <class Scalar>
class Panels {
 public:
  Panels() = default;
  explicit Panels(const Matrix<Scalar>& samples_in_columns) {
    resize(samples_in_columns.rows(), samples_in_columns.cols());
    for (Index sample = 0; sample < samples_; ++sample)
      for (Index unit = 0; unit < units_; ++unit) (*this)(unit, sample) = samples_in_columns(unit, sample);
  }
  void resize(Index units, Index samples) {
    units_ = units;
    samples_ = samples;
    buffer_.reserve(units * padded(samples));
  }
  [[nodiscard]] Index units() const { return units_; }
  [[nodiscard]] Index samples() const { return samples_; }
  [[nodiscard]] Scalar* data() { return buffer_.data(); }
  [[nodiscard]] const Scalar* data() const { return buffer_.data(); }
  // The entries of some units in one panel: neighbours in memory, `rows(panel)` for each unit.
  [[nodiscard]] Scalar* at(Index panel, Index unit) { return data() + offset(panel, unit); }
  [[nodiscard]] const Scalar* at(Index panel, Index unit) const { return data() + offset(panel, unit); }
  [[nodiscard]] Index rows(Index panel) const { return padded(panel_samples(samples_, panel)); }
  [[nodiscard]] Scalar& operator()(Index unit, Index sample) { return at(sample / kPanel, unit)[sample % kPanel]; }
  [[nodiscard]] Scalar operator()(Index unit, Index sample) const { return at(sample / kPanel, unit)[sample % kPanel]; }
  // (samples, units): what a reader of the numbers wants.
  void copy_to(Matrix<Scalar>& matrix) const {
    matrix.resize(samples_, units_);
    for (Index panel = 0; panel < n_panels(samples_); ++panel)
      for (Index unit = 0; unit < units_; ++unit)
        std::copy_n(at(panel, unit), panel_samples(samples_, panel), &matrix(panel * kPanel, unit));
  }

 private:
  [[nodiscard]] Index offset(Index panel, Index unit) const {
    assert(panel < n_panels(samples_) && unit <= units_);
    return panel * kPanel * units_ + unit * rows(panel);
  }
  Buffer<Scalar> buffer_;
  Index units_ = 0, samples_ = 0;
};

// Weights of a layer, (fan_out, fan_in), or what is kept for each of them. `stride` numbers from column to column.
template <class Scalar>
class Weights {
 public:
  Weights() = default;
  Weights(const Matrix<Scalar>& values)  // NOLINT(google-explicit-constructor): the same thing in another layout
      : Weights(values.rows(), values.cols()) {
    matrix() = values;
  }
  // Zeros.
  Weights(Index fan_out, Index fan_in) : padded_(Matrix<Scalar>::Zero(padded(fan_out), fan_in)), fan_out_(fan_out) {}
  [[nodiscard]] Index rows() const { return fan_out_; }
  [[nodiscard]] Index cols() const { return padded_.cols(); }
  [[nodiscard]] Index stride() const { return padded_.rows(); }
  [[nodiscard]] Scalar* column(Index i) { return padded_.data() + i * stride(); }
  [[nodiscard]] const Scalar* column(Index i) const { return padded_.data() + i * stride(); }
  [[nodiscard]] auto matrix() { return padded_.topRows(fan_out_); }
  [[nodiscard]] auto matrix() const { return padded_.topRows(fan_out_); }
  [[nodiscard]] Scalar& operator()(Index i, Index j) { return padded_(i, j); }
  [[nodiscard]] Scalar operator()(Index i, Index j) const { return padded_(i, j); }

 private:
  Matrix<Scalar> padded_;
  Index fan_out_ = 0;
};

// The numbers of a batch that is mostly zero, each with its place: by sample for products with W, by pixel for products
// with the deltas. Entry (pixel, sample) is value + shift[pixel].
template <class Scalar>
struct SparseEntry {
  std::uint32_t sample;
  Scalar value;
};
template <class Scalar>
struct SparseBatch {
  Index samples = 0, pixels = 0;
  Buffer<std::uint32_t> sample_start, pixel_of;  // entries of sample n: sample_start[n] .. sample_start[n + 1]
  Buffer<Scalar> by_sample;
  Buffer<std::uint32_t> n_of_pixel;
  Buffer<SparseEntry<Scalar>> by_pixel;  // entries of pixel i: by_pixel[i * slots()] and on, samples ascending
  // Not a power of two: the first entries of all pixels would fight for a few sets of the cache.
  [[nodiscard]] Index slots() const { return samples + 7; }
  const Vector<Scalar>* shift = nullptr;  // null where it is zero
};

}  // namespace initsweep
