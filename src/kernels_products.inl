// Products of a layer: blocks of R vectors by U numbers that stay in registers while the inner index runs through.
// A block loads R vectors and U numbers for each R U multiply-adds, so arithmetic, not loading, is the limit as long as
// R U is large and R and U are not too unlike; the processor needs some ten of them under way.

constexpr int kMaxRows = HWY_TARGET == HWY_AVX3 ? 4 : 2;  // vectors: 32 registers there, 16 before
template <int R>
constexpr int kUnits = kMaxRows == 4 ? (R == 4   ? 6
                                        : R == 3 ? 8
                                        : R == 2 ? 12
                                                 : 24)
                                     : (R == 2 ? 6 : 12);

// The numbers of a block. On the way back every column is a stream of its own, and the processor follows a dozen.
template <bool kIsBack, int R>
constexpr int kBlock = kIsBack && R == 1 ? 12 : kUnits<R>;

// How far ahead of the column of weights it reads a product asks for memory: the columns are as far apart as the layer
// is wide, farther than the processor looks by itself.
constexpr Index kPrefetch = 32;

// z = bias + a W^T for U units of one panel: `a` advances by a_step, W by w_step from one input to the next.
template <int R, int U>
HWY_INLINE void forward_block(const float* HWY_RESTRICT a, Index a_step, const float* HWY_RESTRICT w, Index w_step,
                              Index n_inputs, const float* HWY_RESTRICT bias, float* HWY_RESTRICT z) {
  Vec sum[U][R];
  HWY_UNROLL(24) for (int u = 0; u < U; ++u) HWY_UNROLL(4) for (int r = 0; r < R; ++r) sum[u][r] = hn::Set(d, bias[u]);
  for (Index i = 0; i < n_inputs; ++i) {
    Vec x[R];
    HWY_UNROLL(4) for (int r = 0; r < R; ++r) x[r] = hn::Load(d, a + i * a_step + r * kVector);
    __builtin_prefetch(w + i * w_step + kPrefetch);
    HWY_UNROLL(24) for (int u = 0; u < U; ++u) {
      const Vec weight = hn::Set(d, w[i * w_step + u]);
      HWY_UNROLL(4) for (int r = 0; r < R; ++r) sum[u][r] = hn::MulAdd(x[r], weight, sum[u][r]);
    }
  }
  HWY_UNROLL(24)
  for (int u = 0; u < U; ++u) HWY_UNROLL(4) for (int r = 0; r < R; ++r)
      hn::Store(sum[u][r], d, z + u * a_step + r * kVector);
}

// below = derivative * (delta W) for U columns of one panel.
template <int R, int U>
HWY_INLINE void back_block(const float* HWY_RESTRICT delta, Index step, const float* HWY_RESTRICT w, Index w_step,
                           Index n_outputs, const float* HWY_RESTRICT derivative, float* HWY_RESTRICT below) {
  Vec sum[U][R];
  HWY_UNROLL(24) for (int u = 0; u < U; ++u) HWY_UNROLL(4) for (int r = 0; r < R; ++r) sum[u][r] = hn::Zero(d);
  for (Index o = 0; o < n_outputs; ++o) {
    Vec x[R];
    HWY_UNROLL(4) for (int r = 0; r < R; ++r) x[r] = hn::Load(d, delta + o * step + r * kVector);
    HWY_UNROLL(24) for (int u = 0; u < U; ++u) {
      const Vec weight = hn::Set(d, w[o + u * w_step]);
      HWY_UNROLL(4) for (int r = 0; r < R; ++r) sum[u][r] = hn::MulAdd(x[r], weight, sum[u][r]);
    }
  }
  HWY_UNROLL(24) for (int u = 0; u < U; ++u) HWY_UNROLL(4) for (int r = 0; r < R; ++r) {
    const Index at = u * step + r * kVector;
    hn::Store(hn::Mul(sum[u][r], hn::Load(d, derivative + at)), d, below + at);
  }
}

// G = keep G + delta a^T for R vectors of units by U columns, over all samples.
template <int R, int U>
HWY_INLINE void gradient_block(const float* HWY_RESTRICT delta, Index stride, const float* HWY_RESTRICT a, Index fan_in,
                               Index first, Index n, float keep, float* HWY_RESTRICT G) {
  Vec sum[U][R];
  if (keep == 0) {
    HWY_UNROLL(24) for (int u = 0; u < U; ++u) HWY_UNROLL(4) for (int r = 0; r < R; ++r) sum[u][r] = hn::Zero(d);
  } else {
    const Vec kept = hn::Set(d, keep);
    HWY_UNROLL(24)
    for (int u = 0; u < U; ++u) HWY_UNROLL(4) for (int r = 0; r < R; ++r) sum[u][r] =
        hn::Mul(kept, hn::Load(d, G + u * stride + r * kVector));
  }
  for (Index panel = 0; panel < n; panel += kPanel) {
    const Index samples = n - panel < kPanel ? n - panel : kPanel;
    const Index rows = (samples + kRowMultiple - 1) / kRowMultiple * kRowMultiple;
    const float* in = a + panel * fan_in + first * rows;
    const float* out = delta + panel * stride;
    for (Index i = 0; i < samples; ++i) {
      Vec x[R];
      HWY_UNROLL(4) for (int r = 0; r < R; ++r) x[r] = hn::Load(d, out + i * stride + r * kVector);
      HWY_UNROLL(24) for (int u = 0; u < U; ++u) {
        const Vec input = hn::Set(d, in[i + u * rows]);
        HWY_UNROLL(4) for (int r = 0; r < R; ++r) sum[u][r] = hn::MulAdd(x[r], input, sum[u][r]);
      }
    }
  }
  HWY_UNROLL(24)
  for (int u = 0; u < U; ++u) HWY_UNROLL(4) for (int r = 0; r < R; ++r)
      hn::Store(sum[u][r], d, G + u * stride + r * kVector);
}

// Calls block<R, U>(first) over a range: as many of U as fit, then of U / 2, down to single ones.
template <int U, class Block>
HWY_INLINE void in_blocks(Slice range, const Block& block) {
  for (; range.first + U <= range.last; range.first += U) block.template operator()<U>(range.first);
  if constexpr (U > 1) in_blocks<U / 2>(range, block);
}

// Calls block<R>(first vector) over so many vectors, kMaxRows of them at a time.
template <int R, class Block>
HWY_INLINE void in_rows(Index vector, Index n_vectors, const Block& block) {
  for (; vector + R <= n_vectors; vector += R) block.template operator()<R>(vector);
  if constexpr (R > 1) in_rows<R - 1>(vector, n_vectors, block);
}

// Calls block<R, U>(panel, rows of the panel, first vector, first unit) over some units of n samples. The weights of a
// block of units serve all whole panels while they are in the cache.
template <bool kIsBack, class Block>
HWY_INLINE void over_panels(Slice units, Index n, const Block& block) {
  const Index whole = n / kPanel * kPanel;
  if (whole > 0)
    in_blocks<kBlock<kIsBack, kMaxRows>>(units, [&]<int U>(Index unit) HWY_ATTR {
      for (Index panel = 0; panel < whole; panel += kPanel)
        for (Index vector = 0; vector < kPanel / kVector; vector += kMaxRows)
          block.template operator()<kMaxRows, U>(panel, kPanel, vector, unit);
    });
  if (whole == n) return;
  const Index rows = padded(n - whole);
  in_rows<kMaxRows>(0, rows / kVector, [&]<int R>(Index vector) HWY_ATTR {
    in_blocks<kBlock<kIsBack, R>>(units, [&]<int U>(Index unit) HWY_ATTR {
      block.template operator()<R, U>(whole, rows, vector, unit);
    });
  });
}

void forward(const Weights<float>& W, const float* bias, const float* a, float* z, Slice units, Index n) {
  const Index fan_in = W.cols(), fan_out = W.rows(), stride = W.stride();
  const float* w = W.column(0);
  over_panels<false>(units, n, [&]<int R, int U>(Index panel, Index rows, Index vector, Index o) HWY_ATTR {
    forward_block<R, U>(a + panel * fan_in + vector * kVector, rows, w + o, stride, fan_in, bias + o,
                        z + panel * fan_out + o * rows + vector * kVector);
  });
}

void back_propagate(const Weights<float>& W, const float* delta, const float* derivative, float* below, Slice columns,
                    Index n) {
  const Index fan_in = W.cols(), fan_out = W.rows(), stride = W.stride();
  over_panels<true>(columns, n, [&]<int R, int U>(Index panel, Index rows, Index vector, Index i) HWY_ATTR {
    const Index at = panel * fan_in + i * rows + vector * kVector;
    back_block<R, U>(delta + panel * fan_out + vector * kVector, rows, W.column(i), stride, fan_out, derivative + at,
                     below + at);
  });
}

void gradient(const float* delta, Index stride, const float* a, Index fan_in, Slice columns, Index n, float keep,
              float* G) {
  const auto block = [&]<int R, int U>(Index vector, Index i) HWY_ATTR {
    gradient_block<R, U>(delta + vector * kVector, stride, a, fan_in, i, n, keep,
                         G + (i - columns.first) * stride + vector * kVector);
  };
  // Whole columns of G, one after the other, as far as whole blocks go; then what is left of each.
  const Index n_vectors = stride / kVector, whole = n_vectors / kMaxRows * kMaxRows;
  in_blocks<kUnits<kMaxRows>>(columns, [&]<int U>(Index i) HWY_ATTR {
    for (Index vector = 0; vector < whole; vector += kMaxRows) block.template operator()<kMaxRows, U>(vector, i);
  });
  in_rows<kMaxRows>(whole, n_vectors, [&]<int R>(Index vector) HWY_ATTR {
    in_blocks<kUnits<R>>(columns, [&]<int U>(Index i) HWY_ATTR { block.template operator()<R, U>(vector, i); });
  });
}
