#include "initsweep/stats.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/math/distributions/students_t.hpp>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>
#include "denormals.hpp"

namespace initsweep {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Two neighbours in sorted order: the element of a rank and the next one, which is itself for the last.
struct Neighbours {
  std::size_t rank = 0;
  float low = 0, high = 0;
};

// Bins for numbers that are not all equal, narrow where the bulk of them is: a normal law's have some thousandths each.
Binning binning_of(const Sums& of, std::size_t n) {
  const auto with = [&](float offset) {
    Binning binning{.offset = offset, .shift = 0, .lowest = 0};
    const auto n_bins = [&] {
      binning.lowest = binning.key(of.min);
      return binning.bin(of.max) + 1;
    };
    while (n_bins() > kBins) ++binning.shift;
    return binning;
  };
  const Binning binning = with(static_cast<float>(std::sqrt(of.squares / static_cast<double>(n)) / 256));
  return binning.bin(of.max) > 0 ? binning : with(0);  // without an offset no difference is rounded away
}

// Finds the neighbours of `wanted`, whose ranks ascend, among n values with these sums. nth_element alone takes 20 ns
// an entry, more than the forward pass that made them; so for many values a histogram first tells which bin holds a
// rank, and the search goes on among a copy of its entries. `selected` has n places and may be where the values are, if
// one pair is wanted; `bins` and `bins_of_selected` have n places too, and may be the same in that case.
void find(const Summarizer& with, const float* values, std::size_t n, const Sums& of, std::span<Neighbours> wanted,
          float* selected, std::uint16_t* bins, std::uint16_t* bins_of_selected) {
  const StatisticsLoops& loops = with.loops;
  constexpr std::size_t kFew = 100;
  if (of.min == of.max) {
    for (Neighbours& pair : wanted) pair.low = pair.high = of.min;
    return;
  }
  if (n <= kFew) {
    if (values != selected) std::copy_n(values, n, selected);
    for (Neighbours& pair : wanted) {
      float* const at = selected + pair.rank;
      std::nth_element(selected, at, selected + n);
      pair.low = *at;
      pair.high = at + 1 == selected + n ? *at : *std::min_element(at + 1, selected + n);
    }
    return;
  }

  const Binning binning = binning_of(of, n);
  std::array<std::uint32_t, kBins> counts;
  loops.histogram(values, n, binning, bins, counts.data());
  const std::size_t bin_of_zeros = of.zeros > 0 ? binning.bin(0) : kBins;
  std::uint16_t bin = 0;
  std::size_t below = 0;
  for (Neighbours& pair : wanted) {
    for (; below + counts[bin] <= pair.rank; ++bin) below += counts[bin];
    std::uint16_t next = bin;  // the bin of the upper neighbour
    for (std::size_t end = below + counts[bin]; end <= pair.rank + 1 && end < n;) end += counts[++next];
    if (next == bin && bin == bin_of_zeros) {
      pair.low = pair.high = 0;
      continue;
    }
    ask(with.checkpoint);
    const std::size_t n_selected = loops.select(values, bins, n, bin, next, selected);
    if (next == bin) {
      Neighbours inside{.rank = pair.rank - below};
      find(with, selected, n_selected, loops.sums(selected, n_selected), {&inside, 1}, selected, bins_of_selected,
           bins_of_selected);
      pair.low = inside.low;
      pair.high = inside.high;
    } else {  // the last of one bin and the first of the other
      pair.low = of.min;
      pair.high = of.max;
      for (const float x : std::span(selected, n_selected)) {
        if (binning.bin(x) == bin)
          pair.low = std::max(pair.low, x);
        else
          pair.high = std::min(pair.high, x);
      }
    }
  }
}

// Hyndman & Fan's type 7: at (n - 1) p, counted from 0, linearly between neighbours.
struct Type7 {
  std::size_t low;
  double fraction;
  Type7(std::size_t n, double p) {
    const double at = static_cast<double>(n - 1) * p;
    low = static_cast<std::size_t>(at);
    fraction = at - static_cast<double>(low);
  }
  [[nodiscard]] double between(double x, double y) const { return x + fraction * (y - x); }
};

}  // namespace

void Summarizer::reserve(std::size_t n) {
  if (n <= capacity) return;
  selected = std::make_unique_for_overwrite<float[]>(n);
  bins = std::make_unique_for_overwrite<std::uint16_t[]>(2 * n);
  capacity = n;
}

Summary summarize(std::span<const float> values, Summarizer& summarizer) {
  const KeepDenormals keep_denormals;
  const StatisticsLoops& loops = summarizer.loops;
  Summary s;
  s.count = static_cast<std::int64_t>(values.size());
  s.mean = s.std = s.rms = s.l2 = s.min = s.max = s.q01 = s.q50 = s.q99 = s.zero_fraction = kNaN;
  if (values.empty()) return s;

  const double n = static_cast<double>(values.size());
  const Sums sums = loops.sums(values.data(), values.size());
  s.zero_fraction = static_cast<double>(sums.zeros) / n;
  if (!std::isfinite(sums.squares)) {  // squares of finite floats do not overflow in double
    s.nonfinite = std::count_if(values.begin(), values.end(), [](float x) { return !std::isfinite(x); });
    return s;
  }
  ask(summarizer.checkpoint);
  s.mean = sums.sum / n;
  s.std = std::sqrt(loops.squared_deviations(values.data(), values.size(), s.mean) / n);
  s.rms = std::sqrt(sums.squares / n);
  s.l2 = std::sqrt(sums.squares);
  s.min = sums.min + 0.0;  // no sign for a zero, which would be that of one or another
  s.max = sums.max + 0.0;

  const Type7 at[] = {{values.size(), 0.01}, {values.size(), 0.5}, {values.size(), 0.99}};
  Neighbours pairs[] = {{.rank = at[0].low}, {.rank = at[1].low}, {.rank = at[2].low}};
  summarizer.reserve(values.size());
  ask(summarizer.checkpoint);
  find(summarizer, values.data(), values.size(), sums, pairs, summarizer.selected.get(), summarizer.bins.get(),
       summarizer.bins.get() + values.size());
  double* const quantiles[] = {&s.q01, &s.q50, &s.q99};
  for (std::size_t i = 0; i < 3; ++i) *quantiles[i] = at[i].between(pairs[i].low, pairs[i].high) + 0.0;
  return s;
}

double quantile(std::span<double> values, double p) {
  assert(0 <= p && p <= 1);
  if (values.empty() || std::any_of(values.begin(), values.end(), [](double x) { return std::isnan(x); })) return kNaN;
  const Type7 at(values.size(), p);
  const auto low = values.begin() + static_cast<std::ptrdiff_t>(at.low);
  std::nth_element(values.begin(), low, values.end());
  return at.fraction == 0 ? *low : at.between(*low, *std::min_element(low + 1, values.end()));
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

int values_for_quantiles(double p) {
  constexpr double kRounding = 1e-9;  // 1 / (1 - 0.95) is a little more than 20
  return static_cast<int>(std::min(std::ceil(1 / (1 - p) - kRounding), 1e9));
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
