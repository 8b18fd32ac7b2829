// Statistics of many numbers that may be tiny, huge or not finite.
//
// Moments in double and in two passes: E[x^2] - E[x]^2 would destroy just the small gradients this tool is about.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

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

// Scratch space is the caller's, so that summaries of many tensors allocate once.
[[nodiscard]] Summary summarize(std::span<const float> values, std::vector<float>& scratch);

// Type 7 quantile of values in any order; p in [0, 1]; reorders them. NaN when empty.
[[nodiscard]] double quantile(std::span<double> values, double p);
[[nodiscard]] double median(std::vector<double> values);

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
