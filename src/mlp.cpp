// The products dominate, so everything else is arranged around them: a layer is worked through some units at a time,
// so that bias, activation and derivative meet its numbers while they are in the cache, and f' is kept in the place of
// z, which nobody needs any more.
#include "initsweep/mlp.hpp"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace initsweep {
namespace {

constexpr Index kUnitsAtOnce = 96;  // of a panel: 24 KiB, half of a first-level cache
constexpr Index kSamplesAtOnce = 16 * kPanel;

// Large batches are cut, which changes no number: every step of the work meets what the last one left in the cache, and
// checkpoints come soon.
template <class Work>
void in_portions(Index n, const Work& work) {
  for (Index first = 0; first < n; first += kSamplesAtOnce) work(Slice{first, std::min(first + kSamplesAtOnce, n)});
}

// W x + b for an input that is mostly zero, x = values + shift: W values + (b + W shift).
template <class Scalar>
void forward_sparse(const Kernels<Scalar>& kernels, const Weights<Scalar>& W, const Vector<Scalar>& b,
                    const SparseBatch<Scalar>& x, Pass<Scalar>& pass, Panels<Scalar>& z, const Checkpoint& checkpoint) {
  const Index stride = W.stride();
  pass.shifted_bias.reserve(stride);
  pass.by_sample.reserve(stride * kPanel);
  Scalar* bias = pass.shifted_bias.data();
  std::copy_n(b.data(), b.size(), bias);
  std::fill(bias + b.size(), bias + stride, Scalar(0));
  if (x.shift != nullptr) kernels.add_columns(W, x.shift->data(), bias);
  for (Index panel = 0; panel < n_panels(x.samples); ++panel) {
    ask(checkpoint);
    const Index first = panel * kPanel, n = panel_samples(x.samples, panel);
    kernels.sparse_forward(W, bias, x, {first, first + n}, pass.by_sample.data());
    kernels.to_panels(pass.by_sample.data(), stride, W.rows(), n, z.at(panel, 0));
  }
}

// a(l - 1), what layer l (0-based here) reads, where it is dense.
template <class Scalar>
const Panels<Scalar>& input_of(std::size_t l, const Input<Scalar>& input, const Pass<Scalar>& pass) {
  return l == 0 ? input.dense : pass.a(l - 1);
}

// What the samples of one panel leave, each in its place: straight loops over neighbours.
template <class Scalar>
struct PanelOfLogits {
  Scalar max[kPanel];
  double sum[kPanel];
  std::int32_t n_largest[kPanel];  // logits that share the maximum
  bool is_finite[kPanel];
};

template <class Scalar>
void inspect(const Scalar* z, Index n_classes, Index rows, PanelOfLogits<Scalar>& of) {
  Scalar zero_or_nan[kPanel] = {};
  for (Index s = 0; s < rows; ++s) {
    of.max[s] = z[s];
    of.n_largest[s] = 0;
  }
  for (Index c = 0; c < n_classes; ++c)
    for (Index s = 0; s < rows; ++s) {
      const Scalar logit = z[c * rows + s];
      zero_or_nan[s] += logit * 0;
      of.n_largest[s] = logit > of.max[s] ? 1 : of.n_largest[s] + (logit == of.max[s] ? 1 : 0);
      of.max[s] = logit > of.max[s] ? logit : of.max[s];
    }
  for (Index s = 0; s < rows; ++s) of.is_finite[s] = zero_or_nan[s] == 0;
}

// Softmax: a comes in as exp(z - max), so its sum lies in [1, n] and neither overflows nor vanishes. Loss:
// -log softmax(z)[label] = log sum exp(z - max) + max - z[label].
template <class Scalar>
void softmax(Scalar* a, Index n_classes, Index rows, PanelOfLogits<Scalar>& of) {
  std::fill_n(of.sum, rows, 0.0);
  for (Index c = 0; c < n_classes; ++c)
    for (Index s = 0; s < rows; ++s) of.sum[s] += static_cast<double>(a[c * rows + s]);
  Scalar share[kPanel];
  for (Index s = 0; s < rows; ++s) share[s] = static_cast<Scalar>(1 / of.sum[s]);
  for (Index c = 0; c < n_classes; ++c)
    for (Index s = 0; s < rows; ++s) a[c * rows + s] *= share[s];
}

// Sigmoid: a comes in as exp(-|z|). Loss: sum over outputs of softplus(z) - y z, with softplus(z) = max(z, 0) +
// log1p(exp(-|z|)), the same for z = 40 as for z = -40; it starts from -z[label], which a large logit cancels exactly.
// Beyond kHugeLogit double precision would lose what the other outputs add before that happens: there the label's share
// is softplus(-z) from the start.
constexpr double kHugeLogit = 1 << 20;

template <class Scalar>
double sigmoid_loss(const Scalar* z, Index n_classes, Index rows, Index label) {
  double sum = 0;
  for (Index c = 0; c < n_classes; ++c) {
    const double logit = static_cast<double>(z[c * rows]);
    sum += std::fmax(c == label ? -logit : logit, 0.0) + std::log1p(std::exp(-std::abs(logit)));
  }
  return sum;
}

template <class Scalar>
void sigmoid(const Scalar* z, Scalar* a, Index n_classes, Index rows, std::span<const std::uint8_t> labels,
             PanelOfLogits<Scalar>& of) {
  std::fill_n(of.sum, rows, 0.0);
  for (std::size_t s = 0; s < labels.size(); ++s)
    of.sum[s] = -static_cast<double>(z[labels[s] * rows + static_cast<Index>(s)]);
  for (Index i = 0; i < n_classes * rows; ++i) {
    const Scalar e = a[i];
    of.sum[i % rows] += std::fmax(static_cast<double>(z[i]), 0.0) + std::log1p(static_cast<double>(e));
    a[i] = (z[i] >= 0 ? Scalar(1) : e) / (1 + e);
  }
  for (std::size_t s = 0; s < labels.size(); ++s)
    if (const Scalar* of_sample = z + s; static_cast<double>(of_sample[labels[s] * rows]) > kHugeLogit)
      of.sum[s] = sigmoid_loss(of_sample, n_classes, rows, labels[s]);
}

}  // namespace

template <class Scalar>
void forward_layer(const Kernels<Scalar>& kernels, const Parameters<Scalar>& parameters, std::size_t l,
                   const Input<Scalar>& input, Pass<Scalar>& pass, Panels<Scalar>& z, const Checkpoint& checkpoint) {
  const Weights<Scalar>& W = parameters.weights[l];
  z.resize(W.rows(), input.samples);
  if (l == 0 && input.is_sparse)
    return forward_sparse(kernels, W, parameters.biases[l], input.sparse, pass, z, checkpoint);
  kernels.forward(W, parameters.biases[l].data(), input_of(l, input, pass).data(), z.data(), {0, W.rows()},
                  input.samples);
}

template <class Scalar>
void forward(const Kernels<Scalar>& kernels, const Parameters<Scalar>& parameters, const Activation& f,
             const Input<Scalar>& input, Pass<Scalar>& pass, const Checkpoint& checkpoint) {
  const Index n = input.samples;
  for (std::size_t l = 0; l < pass.last(); ++l) {
    const Weights<Scalar>& W = parameters.weights[l];
    const bool is_sparse = l == 0 && input.is_sparse;
    Panels<Scalar>& z = pass.derivative(l);  // f'(z) takes its place
    Panels<Scalar>& a = pass.a(l);
    z.resize(W.rows(), n);
    a.resize(W.rows(), n);
    if (pass.keep() == Keep::everything) pass.z(l).resize(W.rows(), n);
    if (is_sparse) forward_layer(kernels, parameters, l, input, pass, z, checkpoint);
    const Panels<Scalar>& below = input_of(l, input, pass);
    in_portions(n, [&](Slice samples) {
      const Index first_panel = samples.first / kPanel;
      for (Index first = 0; first < W.rows(); first += kUnitsAtOnce) {
        ask(checkpoint);
        const Slice units{first, std::min(first + kUnitsAtOnce, W.rows())};
        if (!is_sparse)
          kernels.forward(W, parameters.biases[l].data(), below.at(first_panel, 0), z.at(first_panel, 0), units,
                          samples.size());
        for (Index panel = first_panel; panel < n_panels(samples.last); ++panel) {
          Scalar* some = z.at(panel, first);
          const Index count = units.size() * z.rows(panel);
          if (pass.keep() == Keep::everything) std::copy_n(some, count, pass.z(l).at(panel, first));
          kernels.activate(f, some, a.at(panel, first), pass.keep() == Keep::output ? nullptr : some, count);
        }
      }
    });
  }
  forward_layer(kernels, parameters, pass.last(), input, pass, pass.z(pass.last()));
}

template <class Scalar>
LossSum output_loss(const Kernels<Scalar>& kernels, LossKind kind, std::span<const std::uint8_t> labels,
                    Pass<Scalar>& pass) {
  const Panels<Scalar>& logits = pass.z(pass.last());
  const Index n_classes = logits.units(), n = logits.samples();
  assert(static_cast<std::size_t>(n) == labels.size());
  Panels<Scalar>& output = pass.a(pass.last());
  Panels<Scalar>& delta = pass.delta(pass.last());
  output.resize(n_classes, n);
  delta.resize(n_classes, n);
  const bool is_softmax = kind == LossKind::softmax_cross_entropy;
  LossSum total;
  for (Index panel = 0; panel < n_panels(n); ++panel) {
    const Index rows = logits.rows(panel);
    const Scalar* z = logits.at(panel, 0);
    Scalar* a = output.at(panel, 0);
    PanelOfLogits<Scalar> of;
    inspect(z, n_classes, rows, of);
    for (Index c = 0; c < n_classes; ++c)
      for (Index s = 0; s < rows; ++s)
        a[c * rows + s] = is_softmax ? z[c * rows + s] - of.max[s] : -std::abs(z[c * rows + s]);
    kernels.exponentials(a, n_classes * rows);
    const Index samples = panel_samples(n, panel);
    const auto of_panel = labels.subspan(static_cast<std::size_t>(panel * kPanel), static_cast<std::size_t>(samples));
    is_softmax ? softmax(a, n_classes, rows, of) : sigmoid(z, a, n_classes, rows, of_panel, of);
    for (Index s = 0; s < samples; ++s) {
      const Index label = of_panel[static_cast<std::size_t>(s)];
      assert(label < n_classes);
      if (!of.is_finite[s]) {  // exp(-inf) = 0 would hide it
        for (Index c = 0; c < n_classes; ++c) a[c * rows + s] = std::numeric_limits<Scalar>::quiet_NaN();
        total.loss = std::numeric_limits<double>::quiet_NaN();
        continue;
      }
      if (z[label * rows + s] == of.max[s]) total.add_correct(of.n_largest[s]);
      total.loss +=
          is_softmax ? std::log(of.sum[s]) + (static_cast<double>(of.max[s]) - static_cast<double>(z[label * rows + s]))
                     : of.sum[s];
    }
    std::copy_n(a, n_classes * rows, delta.at(panel, 0));
    for (Index s = 0; s < samples; ++s) delta.at(panel, of_panel[static_cast<std::size_t>(s)])[s] -= 1;
  }
  return total;
}

template <class Scalar>
void Backward<Scalar>::enter(std::size_t l, Scalar factor, const Checkpoint& checkpoint) {
  l_ = l;
  const Weights<Scalar>& W = parameters_.weights[l];
  const Index n = input_.samples;
  delta_.reserve(W.stride() * padded(n));
  sum_.reserve(W.stride());
  for (Index panel = 0; panel < n_panels(n); ++panel) {
    ask(checkpoint);
    kernels_.to_samples(pass_.delta(l).at(panel, 0), W.rows(), panel_samples(n, panel), factor,
                        delta_.data() + panel * kPanel * W.stride(), W.stride());
  }
  ask(checkpoint);
  kernels_.sum_samples(delta_.data(), W.stride(), n, sum_.data());
  if (l > 0) pass_.delta(l - 1).resize(W.cols(), n);
}

template <class Scalar>
Index Backward<Scalar>::columns_at_once() const {
  constexpr Index kBlock = 24, kNumbers = Index{16} * 1024;
  return std::max<Index>(1, kNumbers / (parameters_.weights[l_].stride() * kBlock)) * kBlock;
}

template <class Scalar>
void Backward<Scalar>::delta_below(Slice columns, Slice samples) {
  if (l_ == 0) return;
  const Index panel = samples.first / kPanel;
  kernels_.back_propagate(parameters_.weights[l_], pass_.delta(l_).at(panel, 0), pass_.derivative(l_ - 1).at(panel, 0),
                          pass_.delta(l_ - 1).at(panel, 0), columns, samples.size());
}

template <class Scalar>
void Backward<Scalar>::gradient(Slice columns, Slice samples, Scalar keep, Scalar* G) const {
  const Weights<Scalar>& W = parameters_.weights[l_];
  if (l_ == 0 && input_.is_sparse) {
    if (samples.first > 0) return;  // all of them are in order of their pixels
    kernels_.sparse_gradient(delta_.data(), W.stride(), sum_.data(), input_.sparse, columns, keep, G);
    return;
  }
  const Panels<Scalar>& below = input_of(l_, input_, pass_);
  kernels_.gradient(delta_.data() + samples.first * W.stride(), W.stride(), below.at(samples.first / kPanel, 0),
                    W.cols(), columns, samples.size(), keep, G);
}

template <class Scalar>
void mean_gradients(Backward<Scalar>& backward, const Parameters<Scalar>& shape, Gradients<Scalar>& gradients,
                    const Checkpoint& checkpoint) {
  if (gradients.weights.empty()) gradients = zeros_like(shape, checkpoint);
  for (std::size_t l = shape.weights.size(); l-- > 0;) {
    backward.enter(l, Scalar(1) / static_cast<Scalar>(backward.n_samples()), checkpoint);
    const Index fan_in = shape.weights[l].cols(), at_once = backward.columns_at_once();
    in_portions(backward.n_samples(), [&](Slice samples) {
      for (Index first = 0; first < fan_in; first += at_once) {
        ask(checkpoint);
        const Slice columns{first, std::min(first + at_once, fan_in)};
        backward.delta_below(columns, samples);
        backward.gradient(columns, samples, samples.first == 0 ? Scalar(0) : Scalar(1),
                          gradients.weights[l].column(first));
      }
    });
    std::copy_n(backward.bias_gradient(), gradients.biases[l].size(), gradients.biases[l].data());
  }
}

template <class Scalar>
Parameters<Scalar> zeros_like(const Parameters<Scalar>& shape, const Checkpoint& checkpoint) {
  Parameters<Scalar> zeros;
  for (const Weights<Scalar>& W : shape.weights) {
    ask(checkpoint);
    zeros.weights.emplace_back(W.rows(), W.cols());
  }
  for (const Vector<Scalar>& b : shape.biases) zeros.biases.push_back(Vector<Scalar>::Zero(b.size()));
  return zeros;
}

#define INITSWEEP_INSTANTIATE(Scalar)                                                                                \
  template void forward_layer(const Kernels<Scalar>&, const Parameters<Scalar>&, std::size_t, const Input<Scalar>&,  \
                              Pass<Scalar>&, Panels<Scalar>&, const Checkpoint&);                                    \
  template void forward(const Kernels<Scalar>&, const Parameters<Scalar>&, const Activation&, const Input<Scalar>&,  \
                        Pass<Scalar>&, const Checkpoint&);                                                           \
  template LossSum output_loss(const Kernels<Scalar>&, LossKind, std::span<const std::uint8_t>, Pass<Scalar>&);      \
  template class Backward<Scalar>;                                                                                   \
  template void mean_gradients(Backward<Scalar>&, const Parameters<Scalar>&, Gradients<Scalar>&, const Checkpoint&); \
  template Parameters<Scalar> zeros_like(const Parameters<Scalar>&, const Checkpoint&)
INITSWEEP_INSTANTIATE(float);
INITSWEEP_INSTANTIATE(double);
#undef INITSWEEP_INSTANTIATE

}  // namespace initsweep
