// Eigen's products, the reference formulas of activation.hpp and plain loops: slow, plainly right, and the same in
// float and double.
#include <cmath>
#include "initsweep/kernels.hpp"

namespace initsweep {
namespace {

template <class Scalar>
using ConstMap = Eigen::Map<const Matrix<Scalar>, 0, Eigen::OuterStride<>>;
template <class Scalar>
using Map = Eigen::Map<Matrix<Scalar>, 0, Eigen::OuterStride<>>;
template <class Scalar>
using ConstVector = Eigen::Map<const Vector<Scalar>>;

// (rows of the panel, units)
template <class Scalar>
ConstMap<Scalar> panel_of(const Scalar* data, Index units, Index n, Index panel) {
  const Index rows = padded(panel_samples(n, panel));
  return {data + panel * kPanel * units, rows, units, Eigen::OuterStride<>(rows)};
}
template <class Scalar>
Map<Scalar> panel_of(Scalar* data, Index units, Index n, Index panel) {
  const Index rows = padded(panel_samples(n, panel));
  return {data + panel * kPanel * units, rows, units, Eigen::OuterStride<>(rows)};
}

template <class Scalar>
void forward(const Weights<Scalar>& W, const Scalar* bias, const Scalar* a, Scalar* z, Slice units, Index n) {
  for (Index panel = 0; panel < n_panels(n); ++panel) {
    auto some = panel_of(z, W.rows(), n, panel).middleCols(units.first, units.size());
    some.rowwise() = ConstVector<Scalar>(bias + units.first, units.size()).transpose();
    some.noalias() += panel_of(a, W.cols(), n, panel) * W.matrix().middleRows(units.first, units.size()).transpose();
  }
}

template <class Scalar>
void back_propagate(const Weights<Scalar>& W, const Scalar* delta, const Scalar* derivative, Scalar* below,
                    Slice columns, Index n) {
  for (Index panel = 0; panel < n_panels(n); ++panel) {
    auto some = panel_of(below, W.cols(), n, panel).middleCols(columns.first, columns.size());
    some.noalias() = panel_of(delta, W.rows(), n, panel) * W.matrix().middleCols(columns.first, columns.size());
    some.array() *= panel_of(derivative, W.cols(), n, panel).middleCols(columns.first, columns.size()).array();
  }
}

template <class Scalar>
void keep_share(Map<Scalar> G, Scalar keep) {
  if (keep == 0)
    G.setZero();
  else if (keep != 1)
    G *= keep;
}

template <class Scalar>
void gradient(const Scalar* delta, Index stride, const Scalar* a, Index fan_in, Slice columns, Index n, Scalar keep,
              Scalar* G) {
  Map<Scalar> sum(G, stride, columns.size(), Eigen::OuterStride<>(stride));
  keep_share(sum, keep);
  for (Index panel = 0; panel < n_panels(n); ++panel) {
    const Index samples = panel_samples(n, panel);
    const ConstMap<Scalar> deltas(delta + panel * kPanel * stride, stride, samples, Eigen::OuterStride<>(stride));
    sum.noalias() += deltas * panel_of(a, fan_in, n, panel).block(0, columns.first, samples, columns.size());
  }
}

template <class Scalar>
void sparse_forward(const Weights<Scalar>& W, const Scalar* bias, const SparseBatch<Scalar>& x, Slice samples,
                    Scalar* z) {
  Map<Scalar> columns(z, W.stride(), samples.size(), Eigen::OuterStride<>(W.stride()));
  columns.colwise() = ConstVector<Scalar>(bias, W.stride());
  for (Index n = samples.first; n < samples.last; ++n)
    for (auto k = x.sample_start.data()[n]; k < x.sample_start.data()[n + 1]; ++k)
      columns.col(n - samples.first) +=
          x.by_sample.data()[k] * ConstVector<Scalar>(W.column(x.pixel_of.data()[k]), W.stride());
}

template <class Scalar>
void sparse_gradient(const Scalar* delta, Index stride, const Scalar* delta_sum, const SparseBatch<Scalar>& x,
                     Slice columns, Scalar keep, Scalar* G) {
  Map<Scalar> sum(G, stride, columns.size(), Eigen::OuterStride<>(stride));
  keep_share(sum, keep);
  for (Index i = columns.first; i < columns.last; ++i) {
    auto column = sum.col(i - columns.first);
    if (x.shift != nullptr && (*x.shift)[i] != 0) column += (*x.shift)[i] * ConstVector<Scalar>(delta_sum, stride);
    const SparseEntry<Scalar>* entries = x.by_pixel.data() + i * x.slots();
    for (std::uint32_t k = 0; k < x.n_of_pixel.data()[i]; ++k)
      column += entries[k].value * ConstVector<Scalar>(delta + entries[k].sample * stride, stride);
  }
}

template <class Scalar>
void to_samples(const Scalar* panels, Index units, Index n, Scalar factor, Scalar* columns, Index stride) {
  Map<Scalar> to(columns, stride, n, Eigen::OuterStride<>(stride));
  to.bottomRows(stride - units).setZero();
  for (Index panel = 0; panel < n_panels(n); ++panel) {
    const Index samples = panel_samples(n, panel);
    to.block(0, panel * kPanel, units, samples) =
        factor * panel_of(panels, units, n, panel).topRows(samples).transpose();
  }
}

template <class Scalar>
void to_panels(const Scalar* columns, Index stride, Index units, Index n, Scalar* panels) {
  const ConstMap<Scalar> from(columns, stride, n, Eigen::OuterStride<>(stride));
  for (Index panel = 0; panel < n_panels(n); ++panel) {
    const Index samples = panel_samples(n, panel);
    panel_of(panels, units, n, panel).topRows(samples) = from.block(0, panel * kPanel, units, samples).transpose();
  }
}

template <class Scalar>
void sum_samples(const Scalar* columns, Index stride, Index n, Scalar* sum) {
  Eigen::Map<Vector<Scalar>>(sum, stride) =
      ConstMap<Scalar>(columns, stride, n, Eigen::OuterStride<>(stride)).rowwise().sum();
}

template <class Scalar>
void add_columns(const Weights<Scalar>& W, const Scalar* factor, Scalar* sum) {
  Eigen::Map<Vector<Scalar>>(sum, W.rows()) += W.matrix() * ConstVector<Scalar>(factor, W.cols());
}

template <class Scalar>
void activate(const Activation& f, const Scalar* z, Scalar* a, Scalar* slope, Index count) {
  for (Index i = 0; i < count; ++i) {
    const double at = static_cast<double>(z[i]);
    a[i] = static_cast<Scalar>(value(f, at));
    if (slope != nullptr) slope[i] = static_cast<Scalar>(derivative(f, at));
  }
}

template <class Scalar>
void exponentials(Scalar* x, Index count) {
  for (Index i = 0; i < count; ++i) x[i] = std::exp(x[i]);
}

template <class Scalar>
void apply(const Rule<Scalar>& rule, Index count, Scalar* w, const Scalar* g, Scalar* first, Scalar* second) {
  const auto moved = [](Scalar& state, Scalar keep, Scalar add, Scalar slope) {
    return state = keep * state + add * slope;
  };
  for (Index i = 0; i < count; ++i) {
    const Scalar slope = g[i] + rule.decay * w[i];
    Scalar direction = slope;
    switch (rule.kind) {
      case OptimizerKind::sgd: break;
      case OptimizerKind::momentum: direction = moved(first[i], rule.keep_first, rule.add_first, slope); break;
      case OptimizerKind::nesterov:
        direction = slope + rule.keep_first * moved(first[i], rule.keep_first, rule.add_first, slope);
        break;
      case OptimizerKind::rmsprop:
        direction =
            slope / (std::sqrt(moved(second[i], rule.keep_second, rule.add_second, slope * slope)) + rule.epsilon);
        break;
      case OptimizerKind::adam:
        direction =
            moved(first[i], rule.keep_first, rule.add_first, slope) /
            (std::sqrt(moved(second[i], rule.keep_second, rule.add_second, slope * slope)) / rule.root_correction +
             rule.epsilon);
        break;
    }
    w[i] -= rule.learning_rate * direction;
  }
}

template <class Scalar>
Index nonzeros(const std::uint8_t* bytes, Index count, const Scalar* scale, std::uint32_t* place, Scalar* value) {
  Index n = 0;
  for (Index i = 0; i < count; ++i) {
    if (bytes[i] == 0) continue;
    place[n] = static_cast<std::uint32_t>(i);
    value[n++] = static_cast<Scalar>(bytes[i]) * scale[i];
  }
  return n;
}

// Statistics: kernels_statistics.inl says how.
constexpr std::size_t kSumLanes = 16;
template <class Term>
double sum_in_lanes(std::size_t n, const Term& term) {
  double sum[kSumLanes] = {};
  std::size_t i = 0;
  for (; i + kSumLanes <= n; i += kSumLanes)
    for (std::size_t lane = 0; lane < kSumLanes; ++lane) sum[lane] += term(i + lane);
  for (std::size_t lane = 0; i + lane < n; ++lane) sum[lane] += term(i + lane);
  for (std::size_t half = kSumLanes / 2; half > 0; half /= 2)
    for (std::size_t lane = 0; lane < half; ++lane) sum[lane] += sum[lane + half];
  return sum[0];
}

double sum_of(const float* x, std::size_t n) {
  return sum_in_lanes(n, [=](std::size_t i) { return static_cast<double>(x[i]); });
}

double squared_deviations(const float* x, std::size_t n, double mean) {
  return sum_in_lanes(n, [=](std::size_t i) {
    const double deviation = static_cast<double>(x[i]) - mean;
    return deviation * deviation;
  });
}

double squared_deviations_within(const float* x, std::size_t rows, std::size_t columns) {
  double squares = 0;
  for (std::size_t column = 0; column < columns; ++column, x += rows)
    squares += squared_deviations(x, rows, sum_of(x, rows) / static_cast<double>(rows));
  return squares;
}

double squared_distance(const float* x, const float* y, std::size_t n) {
  return sum_in_lanes(n, [=](std::size_t i) {
    const double difference = static_cast<double>(x[i]) - static_cast<double>(y[i]);
    return difference * difference;
  });
}

void add_squares_of_rows(const float* x, std::size_t rows, std::size_t columns, double* squares) {
  for (std::size_t column = 0; column < columns; ++column, x += rows)
    for (std::size_t i = 0; i < rows; ++i) squares[i] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
}

double squared_products_within(const float* x, std::size_t rows, std::size_t columns, const double* factor,
                               double* sums) {
  double squares = 0;
  for (std::size_t column = 0; column < columns; ++column, x += rows) {
    sums[column] = sum_of(x, rows);
    const double product = sum_in_lanes(rows, [=](std::size_t i) { return factor[i] * static_cast<double>(x[i]); });
    squares += product * product;
  }
  return squares;
}

Sums sums(const float* x, std::size_t n) {
  Sums result = {.sum = sum_of(x, n), .squares = squared_deviations(x, n, 0), .min = x[0], .max = x[0], .zeros = 0};
  for (std::size_t i = 0; i < n; ++i) {
    result.min = x[i] < result.min ? x[i] : result.min;
    result.max = x[i] > result.max ? x[i] : result.max;
    result.zeros += x[i] == 0;
  }
  return result;
}

void histogram(const float* x, std::size_t n, const Binning& binning, std::uint16_t* bins, std::uint32_t* counts) {
  std::fill_n(counts, kBins, 0U);
  for (std::size_t i = 0; i < n; ++i) {
    bins[i] = static_cast<std::uint16_t>(binning.bin(x[i]));
    ++counts[bins[i]];
  }
}

std::size_t select(const float* x, const std::uint16_t* bins, std::size_t n, std::uint16_t a, std::uint16_t b,
                   float* kept) {
  std::size_t n_kept = 0;
  for (std::size_t i = 0; i < n; ++i) {
    kept[n_kept] = x[i];
    n_kept += bins[i] == a || bins[i] == b ? 1 : 0;
  }
  return n_kept;
}

template <class Scalar>
constexpr Kernels<Scalar> kPortable = {
#include "kernels_table.inl"
};

}  // namespace

template <class Scalar>
const Kernels<Scalar>& portable_kernels() {
  return kPortable<Scalar>;
}
template const Kernels<float>& portable_kernels<float>();
template const Kernels<double>& portable_kernels<double>();

}  // namespace initsweep
