// The multilayer perceptron: parameters, forward pass, loss, backward pass.
//
// Layers count as in the papers: 0 is the input, 1..depth are hidden, depth + 1 is the output. A batch is a matrix
// whose columns are samples. For layer l
//   z(l) = W(l) a(l-1) + b(l),   a(l) = f(z(l)),   a(0) = x,   W(l) is (fan_out, fan_in)
//   delta(l) = d(loss of a sample) / d z(l), one column a sample, not divided by the batch size
//   delta(l) = (W(l+1)^T delta(l+1)) * f'(z(l)),   dW(l) = delta(l) a(l-1)^T / n,   db(l) = mean of delta(l)
// The output layer has no f; its `activation` is what the loss makes of the logits: softmax or sigmoid of them.
// Templated on the scalar so that gradients are checked in double; instantiated for float and double.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>
#include "initsweep/activation.hpp"
#include "initsweep/kinds.hpp"

namespace initsweep {

template <class Scalar>
struct Parameters {
  std::vector<Matrix<Scalar>> weights;  // weights[l - 1] is W(l)
  std::vector<Vector<Scalar>> biases;
};

// What one pass leaves behind. Buffers are sized by the first pass and reused; a smaller batch resizes them.
template <class Scalar>
struct Pass {
  std::vector<Matrix<Scalar>> z;      // z[l - 1]
  std::vector<Matrix<Scalar>> a;      // a[l - 1]
  std::vector<Matrix<Scalar>> delta;  // delta[l - 1]
};

template <class Scalar>
struct Gradients {
  std::vector<Matrix<Scalar>> weights;
  std::vector<Vector<Scalar>> biases;
};

template <class Scalar>
void forward(const Parameters<Scalar>& parameters, const Activation& f, const Matrix<Scalar>& input,
             Pass<Scalar>& pass);

// Loss summed over samples (in double), and how many samples have their label as the largest logit (first on ties; a
// sample whose logits are not finite is not correct). Fills the output layer's activation, and its delta too.
//   softmax_cross_entropy  -log softmax(z)[label];                       delta = softmax(z) - onehot
//   sigmoid_cross_entropy  sum over outputs of binary cross entropy;     delta = sigmoid(z) - onehot
struct LossSum {
  double loss = 0;
  std::int64_t n_correct = 0;
};
template <class Scalar>
LossSum output_loss(LossKind kind, std::span<const std::uint8_t> labels, Pass<Scalar>& pass);

// Deltas of the hidden layers from the output layer's.
template <class Scalar>
void back_propagate(const Parameters<Scalar>& parameters, const Activation& f, Pass<Scalar>& pass);

// The gradients of the mean loss from the deltas of a pass.
template <class Scalar>
void mean_gradients(const Matrix<Scalar>& input, const Pass<Scalar>& pass, Gradients<Scalar>& gradients);

// Both, one after the other.
template <class Scalar>
void backward(const Parameters<Scalar>& parameters, const Activation& f, const Matrix<Scalar>& input,
              Pass<Scalar>& pass, Gradients<Scalar>& gradients);

}  // namespace initsweep
