// Walks over the numbers of a tensor. Sums run in 16 lanes, entry i in lane i mod 16, however wide a vector is, and
// products are rounded before they are added: the same bits at every level, and in portable C++.

using Doubles = hn::ScalableTag<double>;
constexpr Doubles dd;
constexpr hn::Rebind<float, Doubles> narrow;
constexpr std::size_t kSumLanes = 16, kDoubles = hn::MaxLanes(dd);
constexpr int kWide = kSumLanes / kDoubles, kNarrow = kSumLanes / kVector;  // vectors of doubles, of floats
static_assert(kWide <= 8 && kNarrow <= 4);

struct Lanes {
  hn::Vec<Doubles> lane[kWide];
  HWY_INLINE Lanes() { HWY_UNROLL(8) for (int p = 0; p < kWide; ++p) lane[p] = hn::Zero(dd); }
  HWY_INLINE void add(int p, hn::Vec<Doubles> x) { lane[p] = hn::Add(lane[p], x); }
  // With the terms of the last, short row of lanes.
  template <class Rest>
  HWY_INLINE double fold(std::size_t n_rest, const Rest& rest) {
    if (n_rest > 0) {
      double terms[kSumLanes] = {};
      for (std::size_t i = 0; i < n_rest; ++i) terms[i] = rest(i);
      HWY_UNROLL(8) for (int p = 0; p < kWide; ++p) add(p, hn::LoadU(dd, terms + p * kDoubles));
    }
    HWY_UNROLL(3)
    for (int half = kWide / 2; half > 0; half /= 2) HWY_UNROLL(4) for (int p = 0; p < half; ++p) add(p, lane[p + half]);
    double sum[kDoubles];
    hn::StoreU(lane[0], dd, sum);
    for (std::size_t half = kDoubles / 2; half > 0; half /= 2)
      for (std::size_t i = 0; i < half; ++i) sum[i] += sum[i + half];
    return sum[0];
  }
};

HWY_INLINE hn::Vec<Doubles> wide(const float* x, int p) {
  return hn::PromoteTo(dd, hn::LoadU(narrow, x + static_cast<std::size_t>(p) * kDoubles));
}

Sums sums(const float* x, std::size_t n) {
  constexpr hn::RebindToSigned<Tag> ints;
  Lanes sum, squares;
  Vec min[kNarrow], max[kNarrow];
  hn::Vec<decltype(ints)> zeros[kNarrow];
  HWY_UNROLL(4) for (int p = 0; p < kNarrow; ++p) {
    min[p] = max[p] = hn::Set(d, x[0]);
    zeros[p] = hn::Zero(ints);
  }
  const std::size_t whole = n / kSumLanes * kSumLanes;
  for (std::size_t i = 0; i < whole; i += kSumLanes) {
    HWY_UNROLL(8) for (int p = 0; p < kWide; ++p) {
      const auto v = wide(x + i, p);
      sum.add(p, v);
      squares.add(p, hn::Mul(v, v));
    }
    HWY_UNROLL(4) for (int p = 0; p < kNarrow; ++p) {
      const Vec v = hn::LoadU(d, x + i + p * kVector);
      min[p] = hn::Min(v, min[p]);
      max[p] = hn::Max(v, max[p]);
      zeros[p] = hn::Sub(zeros[p], hn::BitCast(ints, hn::VecFromMask(d, hn::Eq(v, hn::Zero(d)))));
    }
  }
  HWY_UNROLL(4) for (int p = 1; p < kNarrow; ++p) {
    min[0] = hn::Min(min[0], min[p]);
    max[0] = hn::Max(max[0], max[p]);
    zeros[0] = hn::Add(zeros[0], zeros[p]);
  }
  const auto rest = [=](std::size_t i) HWY_ATTR { return static_cast<double>(x[whole + i]); };
  Sums result = {.sum = sum.fold(n - whole, rest),
                 .squares = squares.fold(n - whole, [=](std::size_t i) HWY_ATTR { return rest(i) * rest(i); }),
                 .min = hn::GetLane(hn::MinOfLanes(d, min[0])),
                 .max = hn::GetLane(hn::MaxOfLanes(d, max[0])),
                 .zeros = hn::GetLane(hn::SumOfLanes(ints, zeros[0]))};
  for (std::size_t i = whole; i < n; ++i) {
    result.min = x[i] < result.min ? x[i] : result.min;
    result.max = x[i] > result.max ? x[i] : result.max;
    result.zeros += x[i] == 0;
  }
  return result;
}

double squared_deviations(const float* x, std::size_t n, double mean) {
  Lanes squares;
  const std::size_t whole = n / kSumLanes * kSumLanes;
  for (std::size_t i = 0; i < whole; i += kSumLanes) HWY_UNROLL(8) for (int p = 0; p < kWide; ++p) {
      const auto deviation = hn::Sub(wide(x + i, p), hn::Set(dd, mean));
      squares.add(p, hn::Mul(deviation, deviation));
    }
  return squares.fold(n - whole, [=](std::size_t i) HWY_ATTR {
    const double deviation = static_cast<double>(x[whole + i]) - mean;
    return deviation * deviation;
  });
}

double squared_deviations_within(const float* x, std::size_t rows, std::size_t columns) {
  const std::size_t whole = rows / kSumLanes * kSumLanes;
  double squares = 0;
  for (std::size_t column = 0; column < columns; ++column, x += rows) {
    Lanes sum;
    for (std::size_t i = 0; i < whole; i += kSumLanes)
      HWY_UNROLL(8) for (int p = 0; p < kWide; ++p) sum.add(p, wide(x + i, p));
    const double total =
        sum.fold(rows - whole, [=](std::size_t i) HWY_ATTR { return static_cast<double>(x[whole + i]); });
    squares += squared_deviations(x, rows, total / static_cast<double>(rows));
  }
  return squares;
}

double squared_distance(const float* x, const float* y, std::size_t n) {
  Lanes squares;
  const std::size_t whole = n / kSumLanes * kSumLanes;
  for (std::size_t i = 0; i < whole; i += kSumLanes) HWY_UNROLL(8) for (int p = 0; p < kWide; ++p) {
      const auto difference = hn::Sub(wide(x + i, p), wide(y + i, p));
      squares.add(p, hn::Mul(difference, difference));
    }
  return squares.fold(n - whole, [=](std::size_t i) HWY_ATTR {
    const double difference = static_cast<double>(x[whole + i]) - static_cast<double>(y[whole + i]);
    return difference * difference;
  });
}

// Some columns at a time, so that a row's sum is taken up and put down once for them; they are added in order.
void add_squares_of_rows(const float* x, std::size_t rows, std::size_t columns, double* squares) {
  constexpr std::size_t kAtOnce = 4;
  const std::size_t whole = rows / kDoubles * kDoubles;
  for (; columns > 0; columns -= columns < kAtOnce ? 1 : kAtOnce) {
    const std::size_t n = columns < kAtOnce ? 1 : kAtOnce;
    for (std::size_t i = 0; i < whole; i += kDoubles) {
      auto sum = hn::LoadU(dd, squares + i);
      for (std::size_t column = 0; column < n; ++column) {
        const auto v = wide(x + column * rows + i, 0);
        sum = hn::Add(sum, hn::Mul(v, v));
      }
      hn::StoreU(sum, dd, squares + i);
    }
    for (std::size_t i = whole; i < rows; ++i)
      for (std::size_t column = 0; column < n; ++column) {
        const double v = static_cast<double>(x[column * rows + i]);
        squares[i] += v * v;
      }
    x += n * rows;
  }
}

double squared_products_within(const float* x, std::size_t rows, std::size_t columns, const double* factor,
                               double* sums) {
  const std::size_t whole = rows / kSumLanes * kSumLanes;
  double squares = 0;
  for (std::size_t column = 0; column < columns; ++column, x += rows) {
    Lanes sum, products;
    for (std::size_t i = 0; i < whole; i += kSumLanes) HWY_UNROLL(8) for (int p = 0; p < kWide; ++p) {
        const auto v = wide(x + i, p);
        sum.add(p, v);
        products.add(p, hn::Mul(v, hn::LoadU(dd, factor + i + static_cast<std::size_t>(p) * kDoubles)));
      }
    const auto rest = [=](std::size_t i) HWY_ATTR { return static_cast<double>(x[whole + i]); };
    sums[column] = sum.fold(rows - whole, rest);
    const double product =
        products.fold(rows - whole, [=](std::size_t i) HWY_ATTR { return factor[whole + i] * rest(i); });
    squares += product * product;
  }
  return squares;
}

// Several histograms, used in turn: with one, equal neighbours would wait for each other's count to be stored.
constexpr int kHistograms = 8;
void histogram(const float* x, std::size_t n, const Binning& binning, std::uint16_t* bins, std::uint32_t* counts) {
  constexpr hn::RebindToSigned<Tag> ints;
  constexpr hn::RebindToUnsigned<Tag> unsigneds;
  constexpr hn::Rebind<std::uint16_t, Tag> shorts;
  std::uint32_t several[kHistograms][kBins];
  for (auto& one : several)
    for (std::size_t bin = 0; bin < kBins; ++bin) one[bin] = 0;
  const Vec offset = hn::Set(d, binning.offset);
  const auto base = hn::Sub(hn::BitCast(ints, offset), hn::Set(ints, 1 << binning.shift));
  const auto lowest = hn::Set(ints, binning.lowest);
  const auto bins_of = [=](Vec v) HWY_ATTR {
    const auto is_zero = hn::RebindMask(ints, hn::Eq(v, hn::Zero(d)));
    const auto size = hn::IfThenZeroElse(is_zero, hn::Sub(hn::BitCast(ints, hn::Add(hn::Abs(v), offset)), base));
    const auto sign = hn::ShiftRight<31>(hn::BitCast(ints, v));
    const auto key = hn::BitCast(unsigneds, hn::Sub(hn::Sub(hn::Xor(size, sign), sign), lowest));
    return hn::DemoteTo(shorts, hn::BitCast(ints, hn::ShiftRightSame(key, binning.shift)));
  };
  constexpr std::size_t kAtOnce = 64;
  const std::size_t whole = n / kAtOnce * kAtOnce;
  for (std::size_t i = 0; i < whole; i += kAtOnce) {
    HWY_UNROLL(16)
    for (std::size_t k = 0; k < kAtOnce; k += kVector)
      hn::StoreU(bins_of(hn::LoadU(d, x + i + k)), shorts, bins + i + k);
    HWY_UNROLL(64) for (std::size_t k = 0; k < kAtOnce; ++k) several[k % kHistograms][bins[i + k]] += 1;
  }
  for (std::size_t i = whole; i < n; ++i) {
    bins[i] = hn::GetLane(bins_of(hn::Set(d, x[i])));
    ++several[0][bins[i]];
  }
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    std::uint32_t sum = 0;
    HWY_UNROLL(8) for (int h = 0; h < kHistograms; ++h) sum += several[h][bin];
    counts[bin] = sum;
  }
}

std::size_t select(const float* x, const std::uint16_t* bins, std::size_t n, std::uint16_t a, std::uint16_t b,
                   float* kept) {
  constexpr hn::ScalableTag<std::uint16_t> shorts;
  constexpr std::size_t kShorts = hn::MaxLanes(shorts), kAtOnce = 64;  // as many numbers as a word has bits
  const auto one = hn::Set(shorts, a), other = hn::Set(shorts, b);
  std::size_t n_kept = 0;
  const std::size_t whole = n / kAtOnce * kAtOnce;
  for (std::size_t i = 0; i < whole; i += kAtOnce) {
    std::uint64_t is_kept = 0;
    HWY_UNROLL(8) for (std::size_t k = 0; k < kAtOnce; k += kShorts) {
      const auto bin = hn::LoadU(shorts, bins + i + k);
      std::uint8_t bits[8] = {};
      hn::StoreMaskBits(shorts, hn::Or(hn::Eq(bin, one), hn::Eq(bin, other)), bits);
      std::uint64_t word = 0;
      HWY_UNROLL(4)
      for (std::size_t byte = 0; byte < kShorts / 8; ++byte) word |= std::uint64_t{bits[byte]} << 8 * byte;
      is_kept |= word << k;
    }
    for (; is_kept != 0; is_kept &= is_kept - 1) kept[n_kept++] = x[i + hwy::Num0BitsBelowLS1Bit_Nonzero64(is_kept)];
  }
  for (std::size_t i = whole; i < n; ++i)
    if (bins[i] == a || bins[i] == b) kept[n_kept++] = x[i];
  return n_kept;
}
