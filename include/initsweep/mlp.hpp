// The multilayer perceptron: parameters, forward pass, loss, backward pass.
//
// Layers count as in the papers: 0 is the input, 1..depth are hidden, depth + 1 is the output. For layer l
//   z(l) = W(l) a(l-1) + b(l),   a(l) = f(z(l)),   a(0) = x,   W(l) is (fan_out, fan_in)
//   delta(l) = d(loss of a sample) / d z(l), not divided by the batch size
//   delta(l) = (W(l+1)^T delta(l+1)) * f'(z(l)),   dW(l) = sum of delta(l) a(l-1)^T / n,   db(l) = mean of delta(l)
// The output layer has no f; its `activation` is what the loss makes of the logits: softmax or sigmoid of them.
// In code layers count from 0: index l - 1 belongs to layer l.
//
// Templated on the scalar so that gradients are checked in double; instantiated for float and double.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>
#include "initsweep/checkpoint.hpp"
#include "initsweep/kernels.hpp"

namespace initsweep {

template <class Scalar>
struct Parameters {
  std::vector<Weights<Scalar>> weights;
  std::vector<Vector<Scalar>> biases;
};
template <class Scalar>
using Gradients = Parameters<Scalar>;

// A batch as the first layer reads it. `dense` is empty where it is sparse.
template <class Scalar>
struct Input {
  Index samples = 0;
  bool is_sparse = false;
  Panels<Scalar> dense;
  SparseBatch<Scalar> sparse;
};

// What a pass leaves behind.
enum class Keep {
  output,    // the logits
  training,  // and what the backward pass needs: activations and derivatives of every layer
  everything
};

// Buffers are sized by the first pass and reused. What is not kept shares a buffer from layer to layer.
template <class Scalar>
class Pass {
 public:
  Pass(Keep keep, std::size_t n_layers)
      : keep_(keep),
        last_(n_layers - 1),
        z_(keep == Keep::everything ? n_layers : 1),
        a_(keep == Keep::output ? 2 : n_layers),
        derivative_(keep == Keep::output ? 1 : n_layers),
        delta_(keep == Keep::everything ? n_layers : 2) {}
  [[nodiscard]] Keep keep() const { return keep_; }
  [[nodiscard]] std::size_t last() const { return last_; }  // the output layer
  [[nodiscard]] Panels<Scalar>& z(std::size_t l) { return z_[l % z_.size()]; }
  [[nodiscard]] Panels<Scalar>& a(std::size_t l) { return a_[l % a_.size()]; }
  [[nodiscard]] Panels<Scalar>& derivative(std::size_t l) { return derivative_[l % derivative_.size()]; }
  [[nodiscard]] Panels<Scalar>& delta(std::size_t l) { return delta_[l % delta_.size()]; }
  [[nodiscard]] const Panels<Scalar>& z(std::size_t l) const { return z_[l % z_.size()]; }
  [[nodiscard]] const Panels<Scalar>& a(std::size_t l) const { return a_[l % a_.size()]; }
  [[nodiscard]] const Panels<Scalar>& derivative(std::size_t l) const { return derivative_[l % derivative_.size()]; }
  [[nodiscard]] const Panels<Scalar>& delta(std::size_t l) const { return delta_[l % delta_.size()]; }
  // For the first layer of a sparse input: its bias with the input's shift worked in, and z by sample.
  Buffer<Scalar> shifted_bias, by_sample;

 private:
  Keep keep_;
  std::size_t last_;
  std::vector<Panels<Scalar>> z_, a_, derivative_, delta_;
};

// z of one layer, from the input (l = 0) or from the activations below it.
template <class Scalar>
void forward_layer(const Kernels<Scalar>& kernels, const Parameters<Scalar>& parameters, std::size_t l,
                   const Input<Scalar>& input, Pass<Scalar>& pass, Panels<Scalar>& z,
                   const Checkpoint& checkpoint = {});

template <class Scalar>
void forward(const Kernels<Scalar>& kernels, const Parameters<Scalar>& parameters, const Activation& f,
             const Input<Scalar>& input, Pass<Scalar>& pass, const Checkpoint& checkpoint = {});

// Loss summed over samples (in double), and how many samples have their label as the largest logit. A tie is a guess
// among the k largest and counts 1 / k: a net that tells nothing apart has the accuracy 1 / classes, not the share of
// whichever class comes first. A sample whose logits are not finite is not correct, and makes the loss NaN. Fills the
// output layer's activation, and its delta too.
//   softmax_cross_entropy  -log softmax(z)[label];                       delta = softmax(z) - onehot
//   sigmoid_cross_entropy  sum over outputs of binary cross entropy;     delta = sigmoid(z) - onehot
struct LossSum {
  static constexpr int kExact = 16;
  static constexpr std::int64_t kCredit = 720'720;  // what 1 to kExact divide, so that sums of such shares are exact

  double loss = 0;
  std::int64_t credit = 0;  // kCredit for a correct sample
  double shares = 0;        // those of ties between more than kExact

  void add_correct(int n_largest) {
    if (n_largest <= kExact)
      credit += kCredit / n_largest;
    else
      shares += 1.0 / n_largest;
  }
  LossSum& operator+=(const LossSum& more) {
    loss += more.loss;
    credit += more.credit;
    shares += more.shares;
    return *this;
  }
  [[nodiscard]] double n_correct() const { return static_cast<double>(credit) / static_cast<double>(kCredit) + shares; }
  [[nodiscard]] double accuracy(std::size_t n) const {
    return static_cast<double>(credit) / (static_cast<double>(kCredit) * static_cast<double>(n)) +
           shares / static_cast<double>(n);
  }
};
template <class Scalar>
LossSum output_loss(const Kernels<Scalar>& kernels, LossKind kind, std::span<const std::uint8_t> labels,
                    Pass<Scalar>& pass);

// The way back, a layer at a time and in it some columns of W at a time, so that a column can be read for the delta
// below and changed by its gradient while it is in the cache:
//
//   for l from the output down: enter(l, factor); for some columns: delta_below(columns), gradient(columns, ...)
template <class Scalar>
class Backward {
 public:
  Backward(const Kernels<Scalar>& kernels, const Parameters<Scalar>& parameters, const Input<Scalar>& input,
           Pass<Scalar>& pass)
      : kernels_(kernels), parameters_(parameters), input_(input), pass_(pass) {}

  [[nodiscard]] Index n_samples() const { return input_.samples; }
  // Gradients of this layer will be `factor` times sums over samples.
  void enter(std::size_t l, Scalar factor, const Checkpoint& checkpoint = {});
  // How many columns of the layer are worth a turn.
  [[nodiscard]] Index columns_at_once() const;
  // Nothing to do for the first layer: nobody reads a delta of the input. A slice of samples starts with a panel.
  void delta_below(Slice columns, Slice samples);
  // G = keep G + what these samples add to the gradient of these columns; G points at the first of them, `stride` of W
  // apart. Slices of samples come in order, with keep 1 after the first.
  void gradient(Slice columns, Slice samples, Scalar keep, Scalar* G) const;
  // The gradient of the biases, zero beyond them up to W's stride.
  [[nodiscard]] const Scalar* bias_gradient() const { return sum_.data(); }

 private:
  const Kernels<Scalar>& kernels_;
  const Parameters<Scalar>& parameters_;
  const Input<Scalar>& input_;
  Pass<Scalar>& pass_;
  std::size_t l_ = 0;
  Buffer<Scalar> delta_, sum_;  // of the layer, by sample; their sum
};

// The gradients of the mean loss.
template <class Scalar>
void mean_gradients(Backward<Scalar>& backward, const Parameters<Scalar>& shape, Gradients<Scalar>& gradients,
                    const Checkpoint& checkpoint = {});

// Zeros for each of them.
template <class Scalar>
[[nodiscard]] Parameters<Scalar> zeros_like(const Parameters<Scalar>& shape, const Checkpoint& checkpoint = {});

}  // namespace initsweep
