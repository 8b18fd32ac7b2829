// Statistics of many numbers that may be tiny, huge or not finite.
//
// Moments in double and in two passes: E[x^2] - E[x]^2 would destroy just the small gradients this tool is about.
#pragma once
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>
#include "initsweep/checkpoint.hpp"

namespace initsweep {

struct Summary {
  std::int64_t count = 0;      // entries, finite or not
  std::int64_t nonfinite = 0;  // NaN or infinite; with any, everything below but zero_fraction is NaN
  double mean = 0, std = 0;    // std divides by count
  double rms = 0, l2 = 0;      // root of the mean square; root of the sum of squares
  double min = 0, max = 0;
  double q01 = 0, q50 = 0, q99 = 0;  // quantiles, interpolated linearly (Hyndman & Fan 1996, type 7: R's default)
  double zero_fraction = 0;          // share of entries that are exactly zero
};

// The walks that summaries are made of, as one instruction set does them (kernels.hpp). Sums are in double, in 16 lanes
// (entry i in lane i mod 16) folded in halves, and nothing is fused: the same bits for every set. Denormals are to be
// kept while they run.
struct Sums {
  double sum, squares;
  float min, max;  // of finite numbers; a zero has either sign
  std::int64_t zeros;
};
// Bins in the order of the numbers, less than kBins: of equal width from 0 to `offset` or so and of equal ratio beyond,
// and one for zeros of both signs alone. Keys differ by less than 2^32.
inline constexpr int kBinBits = 9;
inline constexpr std::size_t kBins = std::size_t{1} << kBinBits;
struct Binning {
  float offset;
  int shift;
  std::int32_t lowest;  // the key of the least number
  [[nodiscard]] std::int32_t key(float x) const {
    const std::int32_t distance =
        std::bit_cast<std::int32_t>(std::abs(x) + offset) - std::bit_cast<std::int32_t>(offset);
    const std::int32_t size = x == 0 ? 0 : distance + (1 << shift);
    return std::signbit(x) ? -size : size;
  }
  [[nodiscard]] std::uint32_t bin(float x) const {
    return (static_cast<std::uint32_t>(key(x)) - static_cast<std::uint32_t>(lowest)) >> shift;
  }
};

struct StatisticsLoops {
  // Of one number or more.
  Sums (*sums)(const float* x, std::size_t n);
  // Sum of (x - mean)^2; of (x - mean of its column)^2; of (x - y)^2.
  double (*squared_deviations)(const float* x, std::size_t n, double mean);
  double (*squared_deviations_within)(const float* x, std::size_t rows, std::size_t columns);
  double (*squared_distance)(const float* x, const float* y, std::size_t n);
  // The bin of each and how many are in each bin. n < 2^32.
  void (*histogram)(const float* x, std::size_t n, const Binning& binning, std::uint16_t* bins, std::uint32_t* counts);
  // Those in two bins, in their order; `kept` has n places and may be x itself.
  std::size_t (*select)(const float* x, const std::uint16_t* bins, std::size_t n, std::uint16_t a, std::uint16_t b,
                        float* kept);
  // squares(i) += the sum over columns of x(i)^2, for every row; and, with a factor for every row, the sum over columns
  // of (the sum of factor(i) x(i))^2, which leaves each column's own sum in `sums`.
  void (*add_squares_of_rows)(const float* x, std::size_t rows, std::size_t columns, double* squares);
  double (*squared_products_within)(const float* x, std::size_t rows, std::size_t columns, const double* factor,
                                    double* sums);
};

// What makes summaries: the loops, what they ask between walks over large tensors, and memory that is used again from
// one to the next.
struct Summarizer {
  explicit Summarizer(const StatisticsLoops& of_a_set, Checkpoint between_walks = {})
      : loops(of_a_set), checkpoint(std::move(between_walks)) {}
  void reserve(std::size_t n);

  const StatisticsLoops& loops;
  Checkpoint checkpoint;
  std::unique_ptr<float[]> selected;      // n numbers, of which few are touched
  std::unique_ptr<std::uint16_t[]> bins;  // 2 n
  std::size_t capacity = 0;
};
[[nodiscard]] Summary summarize(std::span<const float> values, Summarizer& summarizer);

// Type 7 quantile of values in any order; p in [0, 1]; reorders them. NaN when empty.
[[nodiscard]] double quantile(std::span<double> values, double p);
[[nodiscard]] double median(std::vector<double> values);
// The fewest values that can speak of their quantiles 1 - p and p: 20 for 0.95. Of fewer not one lies beyond them.
[[nodiscard]] int values_for_quantiles(double p);

// Mean, sample standard deviation (divides by n - 1) and the two-sided confidence interval of the mean by Student's t.
struct MeanInterval {
  int n = 0;
  double mean = 0;                    // NaN for n = 0
  double std = 0, low = 0, high = 0;  // NaN for n < 2
};
[[nodiscard]] MeanInterval mean_interval(std::span<const double> values, double confidence = 0.95);

// Least-squares slope of y against x; nullopt for fewer than two points or equal x.
[[nodiscard]] std::optional<double> slope(std::span<const double> x, std::span<const double> y);

}  // namespace initsweep
