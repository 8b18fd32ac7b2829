// Products with an input that is mostly zero: each result is a weighted sum of a few columns, held in registers while
// the list of them runs through. Forward the columns are those of W at a sample's pixels; for the weight gradient of a
// pixel they are the deltas of the samples that have it.

// Both take 8 vectors of units at a time, and forward some pixels of W, so that what is read again and again stays in
// the first-level cache; which is why the sums of a sample are put down and taken up again between pixels.
constexpr int kSparseRows = 8;
constexpr Index kSparseBytes = Index{32} * 1024;

// s += value * column
template <int R>
HWY_INLINE void add_weighted(const float* HWY_RESTRICT column, float value, Vec* HWY_RESTRICT sum) {
  const Vec factor = hn::Set(d, value);
  HWY_UNROLL(8) for (int r = 0; r < R; ++r) sum[r] = hn::MulAdd(factor, hn::Load(d, column + r * kVector), sum[r]);
}
template <int R>
HWY_INLINE void load_all(const float* from, Vec* HWY_RESTRICT sum) {
  HWY_UNROLL(8) for (int r = 0; r < R; ++r) sum[r] = hn::Load(d, from + r * kVector);
}
template <int R>
HWY_INLINE void store_all(const Vec* HWY_RESTRICT sum, float* to) {
  HWY_UNROLL(8) for (int r = 0; r < R; ++r) hn::Store(sum[r], d, to + r * kVector);
}

void sparse_forward(const Weights<float>& W, const float* bias, const SparseBatch<float>& x, Slice samples, float* z) {
  const Index stride = W.stride(), n_pixels = x.pixels;
  const std::uint32_t* start = x.sample_start.data() + samples.first;
  const std::uint32_t* HWY_RESTRICT pixel = x.pixel_of.data();
  const float* HWY_RESTRICT value = x.by_sample.data();
  std::uint32_t next[kPanel];
  in_rows<kSparseRows>(0, stride / kVector, [&]<int R>(Index vector) HWY_ATTR {
    const float* w = W.column(0) + vector * kVector;
    constexpr Index kPixels = kSparseBytes / (R * kVector * static_cast<Index>(sizeof(float)));
    for (Index n = 0; n < samples.size(); ++n) next[n] = start[n];
    for (Index first = 0; first < n_pixels; first += kPixels) {
      const std::uint32_t last = static_cast<std::uint32_t>(first + kPixels < n_pixels ? first + kPixels : n_pixels);
      for (Index n = 0; n < samples.size(); ++n) {
        float* of_sample = z + n * stride + vector * kVector;
        Vec sum[R];
        load_all<R>(first == 0 ? bias + vector * kVector : of_sample, sum);
        std::uint32_t k = next[n];
        const std::uint32_t end = start[n + 1];
        for (; k < end && pixel[k] < last; ++k) add_weighted<R>(w + static_cast<Index>(pixel[k]) * stride, value[k], sum);
        next[n] = k;
        store_all<R>(sum, of_sample);
      }
    }
  });
}

void sparse_gradient(const float* delta, Index stride, const float* delta_sum, const SparseBatch<float>& x,
                     Slice columns, float keep, float* G) {
  const Vec kept = hn::Set(d, keep);
  in_rows<kSparseRows>(0, stride / kVector, [&]<int R>(Index vector) HWY_ATTR {
    const float* deltas = delta + vector * kVector;
    for (Index i = columns.first; i < columns.last; ++i) {
      const float shift = x.shift == nullptr ? 0 : x.shift->data()[i];
      const std::uint32_t n = x.n_of_pixel.data()[i];
      if (n == 0 && shift == 0 && keep == 1) continue;
      float* of_pixel = G + (i - columns.first) * stride + vector * kVector;
      Vec sum[R];
      if (keep == 0) {
        HWY_UNROLL(8) for (int r = 0; r < R; ++r) sum[r] = hn::Zero(d);
      } else {
        load_all<R>(of_pixel, sum);
        HWY_UNROLL(8) for (int r = 0; r < R; ++r) sum[r] = hn::Mul(kept, sum[r]);
      }
      if (shift != 0) add_weighted<R>(delta_sum + vector * kVector, shift, sum);
      const SparseEntry<float>* entries = x.by_pixel.data() + i * x.slots();
      for (std::uint32_t k = 0; k < n; ++k)
        add_weighted<R>(deltas + static_cast<Index>(entries[k].sample) * stride, entries[k].value, sum);
      store_all<R>(sum, of_pixel);
    }
  });
}

void add_columns(const Weights<float>& W, const float* factor, float* sum) {
  const Index stride = W.stride();
  for (Index i = 0; i < W.cols(); ++i) {
    const Vec f = hn::Set(d, factor[i]);
    for (Index at = 0; at < stride; at += kVector)
      hn::Store(hn::MulAdd(f, hn::Load(d, W.column(i) + at), hn::Load(d, sum + at)), d, sum + at);
  }
}

// Some vectors at a time: of many samples each is on a page of its own.
void sum_samples(const float* columns, Index stride, Index n, float* sum) {
  in_rows<kSparseRows>(0, stride / kVector, [&]<int R>(Index vector) HWY_ATTR {
    Vec s[R];
    HWY_UNROLL(8) for (int r = 0; r < R; ++r) s[r] = hn::Zero(d);
    for (Index i = 0; i < n; ++i)
      HWY_UNROLL(8) for (int r = 0; r < R; ++r)
        s[r] = hn::Add(s[r], hn::Load(d, columns + i * stride + (vector + r) * kVector));
    store_all<R>(s, sum + vector * kVector);
  });
}

// 4 x 4 numbers at a time, turned in registers.
using Four = hn::FixedTag<float, 4>;
template <class Store>
HWY_INLINE void turn(const float* from, Index step, const Store& store) {
  constexpr Four four;
  const auto r0 = hn::Load(four, from), r1 = hn::Load(four, from + step), r2 = hn::Load(four, from + 2 * step),
             r3 = hn::Load(four, from + 3 * step);
  const auto low02 = hn::InterleaveLower(four, r0, r2), high02 = hn::InterleaveUpper(four, r0, r2);
  const auto low13 = hn::InterleaveLower(four, r1, r3), high13 = hn::InterleaveUpper(four, r1, r3);
  store(0, hn::InterleaveLower(four, low02, low13));
  store(1, hn::InterleaveUpper(four, low02, low13));
  store(2, hn::InterleaveLower(four, high02, high13));
  store(3, hn::InterleaveUpper(four, high02, high13));
}

void to_samples(const float* panels, Index units, Index n, float factor, float* columns, Index stride) {
  constexpr Four four;
  const auto f = hn::Set(four, factor);
  const Index whole = units / 4 * 4;
  for (Index panel = 0; panel < n; panel += kPanel) {
    const Index rows = padded(n - panel < kPanel ? n - panel : kPanel);
    const float* from = panels + panel * units;
    float* to = columns + panel * stride;
    for (Index o = 0; o < whole; o += 4)
      for (Index i = 0; i < rows; i += 4)
        turn(from + o * rows + i, rows,
             [&](Index k, auto turned) HWY_ATTR { hn::Store(hn::Mul(f, turned), four, to + (i + k) * stride + o); });
    for (Index i = 0; i < rows; ++i) {
      for (Index o = whole; o < units; ++o) to[i * stride + o] = factor * from[o * rows + i];
      for (Index o = units; o < stride; ++o) to[i * stride + o] = 0;
    }
  }
}

void to_panels(const float* columns, Index stride, Index units, Index n, float* panels) {
  constexpr Four four;
  const Index whole = units / 4 * 4;
  for (Index panel = 0; panel < n; panel += kPanel) {
    const Index rows = padded(n - panel < kPanel ? n - panel : kPanel);
    const float* from = columns + panel * stride;
    float* to = panels + panel * units;
    for (Index i = 0; i < rows; i += 4)
      for (Index o = 0; o < whole; o += 4)
        turn(from + i * stride + o, stride,
             [&](Index k, auto turned) HWY_ATTR { hn::Store(turned, four, to + (o + k) * rows + i); });
    for (Index o = whole; o < units; ++o)
      for (Index i = 0; i < rows; ++i) to[o * rows + i] = from[i * stride + o];
  }
}

Index nonzeros(const std::uint8_t* bytes, Index count, const float* scale, std::uint32_t* place, float* value) {
  using Ints = hn::RebindToSigned<Tag>;
  using Unsigned = hn::RebindToUnsigned<Tag>;
  constexpr Ints ints;
  constexpr Unsigned unsigneds;
  constexpr hn::Rebind<std::uint8_t, Tag> eight;
  const auto lane = hn::Iota(unsigneds, 0);
  Index n = 0, i = 0;
  for (; i + kVector <= count; i += kVector) {
    const auto wide = hn::PromoteTo(ints, hn::LoadU(eight, bytes + i));
    const auto is_there = hn::Gt(wide, hn::Zero(ints));
    if (hn::AllFalse(ints, is_there)) continue;
    const auto where = hn::Add(lane, hn::Set(unsigneds, static_cast<std::uint32_t>(i)));
    const Vec numbers = hn::Mul(hn::ConvertTo(d, wide), hn::LoadU(d, scale + i));
    // Whole vectors, of which only the first part counts: cheaper than a masked store.
    hn::StoreU(hn::Compress(where, hn::RebindMask(unsigneds, is_there)), unsigneds, place + n);
    hn::StoreU(hn::Compress(numbers, hn::RebindMask(d, is_there)), d, value + n);
    n += static_cast<Index>(hn::CountTrue(ints, is_there));
  }
  for (; i < count; ++i) {
    if (bytes[i] == 0) continue;
    place[n] = static_cast<std::uint32_t>(i);
    value[n++] = static_cast<float>(bytes[i]) * scale[i];
  }
  return n;
}
