#include "initsweep/stats.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/math/distributions/students_t.hpp>
#include <cassert>
#include <cmath>
#include <limits>
#include "denormals.hpp"

namespace initsweep {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Sums run in lanes, entry i in lane i mod kLanes: the compiler may then use vectors without reordering anything, and
// the order of additions is the same for every instruction set.
constexpr std::size_t kLanes = 16;
template <class T>
using Lanes = std::array<T, kLanes>;

double total(const Lanes<double>& lanes) {
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

struct FirstPass {
  Lanes<double> sum{}, squares{};
  Lanes<float> min{}, max{};
  Lanes<std::uint32_t> zeros{}, nonfinite{};

  void add(std::size_t lane, float x) {
    const double wide = x;
    sum[lane] += wide;
    squares[lane] += wide * wide;
    min[lane] = x < min[lane] ? x : min[lane];
    max[lane] = x > max[lane] ? x : max[lane];
    zeros[lane] += x == 0.0f;
    nonfinite[lane] += (std::bit_cast<std::uint32_t>(x) & 0x7f80'0000u) == 0x7f80'0000u;
  }
};

FirstPass first_pass(std::span<const float> values) {
  FirstPass pass;
  pass.min.fill(values[0]);
  pass.max.fill(values[0]);
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) pass.add(lane, values[i + lane]);
  for (std::size_t lane = 0; i + lane < values.size(); ++lane) pass.add(lane, values[i + lane]);
  return pass;
}

double squared_deviations(std::span<const float> values, double mean) {
  Lanes<double> sum{};
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double deviation = values[i + lane] - mean;
      sum[lane] += deviation * deviation;
    }
  for (std::size_t lane = 0; i + lane < values.size(); ++lane) {
    const double deviation = values[i + lane] - mean;
    sum[lane] += deviation * deviation;
  }
  return total(sum);
}

// Puts the elements of the given ascending ranks in their sorted places, the middle rank first so that each further
// selection works on a part. Ranks count from `offset`, the rank of values[0].
template <class T>
void select(std::span<T> values, std::size_t offset, std::span<const std::size_t> ranks) {
  if (ranks.empty()) return;
  const std::size_t middle = ranks.size() / 2;
  const std::size_t nth = ranks[middle] - offset;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(nth), values.end());
  const auto lower = std::lower_bound(ranks.begin(), ranks.end(), ranks[middle]);
  const auto upper = std::upper_bound(lower, ranks.end(), ranks[middle]);
  select(values.first(nth), offset, {ranks.begin(), lower});
  select(values.subspan(nth + 1), offset + nth + 1, {upper, ranks.end()});
}

// Integers in the order of the floats; the two zeros are one.
std::uint32_t order_key(float x) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x + 0.0f);
  return bits >> 31 ? ~bits : bits | 0x8000'0000u;
}

// The elements of the given ranks, which ascend unless there are fewer than four values. nth_element alone takes 20 ns
// an entry, more than the forward pass that made them; so for many values a histogram over the floats' bit patterns
// first tells which few bins hold those ranks, and only their entries are selected from.
constexpr std::size_t kRanks = 6;
std::array<float, kRanks> order_statistics(std::span<const float> values, float min, float max,
                                           const std::array<std::size_t, kRanks>& ranks, std::vector<float>& scratch) {
  constexpr std::size_t kBins = 4096;
  std::array<std::size_t, kRanks> positions = ranks;  // in scratch, once sorted
  if (values.size() < kBins / 4) {
    scratch.assign(values.begin(), values.end());
  } else {
    const std::uint32_t lowest = order_key(min);
    const int shift = std::max(0, static_cast<int>(std::bit_width(order_key(max) - lowest)) - 12);
    const auto bin_of = [=](float x) { return (order_key(x) - lowest) >> shift; };
    std::array<std::uint32_t, kBins> counts{};
    for (const float x : values) ++counts[bin_of(x)];

    std::array<std::uint8_t, kBins> wanted{};
    std::size_t below = 0, kept = 0, next = 0;
    for (std::size_t bin = 0; bin < kBins; ++bin) {
      for (; next < kRanks && ranks[next] < below + counts[bin]; ++next) {
        wanted[bin] = 1;
        positions[next] = kept + (ranks[next] - below);
      }
      below += counts[bin];
      kept += std::size_t{wanted[bin]} * counts[bin];
    }
    scratch.resize(values.size() + 1);  // every entry is written, the next one over it if it is not wanted
    std::size_t n = 0;
    for (const float x : values) {
      scratch[n] = x;
      n += wanted[bin_of(x)];
    }
    scratch.resize(kept);
  }
  std::array<std::size_t, kRanks> ascending = positions;
  std::sort(ascending.begin(), ascending.end());
  select(std::span<float>(scratch), 0, ascending);
  std::array<float, kRanks> result;
  for (std::size_t i = 0; i < kRanks; ++i) result[i] = scratch[positions[i]];
  return result;
}

// Hyndman & Fan's type 7: at (n - 1) p, counted from 0, linearly between neighbours.
struct Type7 {
  std::size_t low, high;
  double fraction;
  Type7(std::size_t n, double p) {
    const double at = static_cast<double>(n - 1) * p;
    low = static_cast<std::size_t>(at);
    high = std::min(low + 1, n - 1);
    fraction = at - static_cast<double>(low);
  }
  [[nodiscard]] double between(double x, double y) const { return x + fraction * (y - x); }
};

}  // namespace

Summary summarize(std::span<const float> values, std::vector<float>& scratch) {
  const KeepDenormals keep_denormals;
  Summary s;
  s.count = static_cast<std::int64_t>(values.size());
  s.mean = s.std = s.rms = s.l2 = s.min = s.max = s.q01 = s.q50 = s.q99 = s.zero_fraction = kNaN;
  if (values.empty()) return s;

  const double n = static_cast<double>(values.size());
  const FirstPass pass = first_pass(values);
  std::int64_t zeros = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    zeros += pass.zeros[lane];
    s.nonfinite += pass.nonfinite[lane];
  }
  s.zero_fraction = static_cast<double>(zeros) / n;
  if (s.nonfinite > 0) return s;

  const double squares = total(pass.squares);
  s.mean = total(pass.sum) / n;
  s.std = std::sqrt(squared_deviations(values, s.mean) / n);
  s.rms = std::sqrt(squares / n);
  s.l2 = std::sqrt(squares);
  const float min = *std::min_element(pass.min.begin(), pass.min.end());
  const float max = *std::max_element(pass.max.begin(), pass.max.end());
  s.min = min;
  s.max = max;
  const Type7 q01(values.size(), 0.01), q50(values.size(), 0.5), q99(values.size(), 0.99);
  const std::array<float, kRanks> x =
      order_statistics(values, min, max, {q01.low, q01.high, q50.low, q50.high, q99.low, q99.high}, scratch);
  s.q01 = q01.between(x[0], x[1]);
  s.q50 = q50.between(x[2], x[3]);
  s.q99 = q99.between(x[4], x[5]);
  return s;
}

double quantile(std::span<double> values, double p) {
  assert(0 <= p && p <= 1);
  if (values.empty() || std::any_of(values.begin(), values.end(), [](double x) { return std::isnan(x); })) return kNaN;
  const Type7 at(values.size(), p);
  const std::array<std::size_t, 2> ranks = {at.low, at.high};
  select(values, 0, ranks);
  return at.fraction == 0 ? values[at.low] : at.between(values[at.low], values[at.high]);
}

double median(std::vector<double> values) { return quantile(values, 0.5); }

MeanInterval mean_interval(std::span<const double> values, double confidence) {
  MeanInterval result;
  result.n = static_cast<int>(values.size());
  result.mean = result.std = result.low = result.high = kNaN;
  if (values.empty()) return result;
  double sum = 0;
  for (const double x : values) sum += x;
  result.mean = sum / result.n;
  if (result.n < 2) return result;
  double squares = 0;
  for (const double x : values) squares += (x - result.mean) * (x - result.mean);
  result.std = std::sqrt(squares / (result.n - 1));
  const boost::math::students_t law(result.n - 1);
  const double half_width =
      boost::math::quantile(law, (1 + confidence) / 2) * result.std / std::sqrt(static_cast<double>(result.n));
  result.low = result.mean - half_width;
  result.high = result.mean + half_width;
  return result;
}

std::optional<double> slope(std::span<const double> x, std::span<const double> y) {
  assert(x.size() == y.size());
  if (x.size() < 2) return std::nullopt;
  const double n = static_cast<double>(x.size());
  double mean_x = 0, mean_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mean_x += x[i] / n;
    mean_y += y[i] / n;
  }
  double xx = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  if (std::all_of(x.begin(), x.end(), [&](double value) { return value == x[0]; })) return std::nullopt;
  return xy / xx;
}

}  // namespace initsweep
