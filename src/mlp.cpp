// The products dominate, so everything else is arranged around them: column-major throughout, results written straight
// into buffers that live as long as the job (noalias), the bias laid down first so that the product adds to it, 1 / n
// handed to the product as its factor, and no delta for the input, which nothing would read.
#include "initsweep/mlp.hpp"
#include <cassert>
#include <cmath>
#include <limits>
#include "vector_math.hpp"

namespace initsweep {
namespace {

// Index of the largest logit, the first on ties; -1 if any is not finite.
template <class Scalar>
Eigen::Index largest(const Scalar* logits, Eigen::Index n) {
  Eigen::Index best = 0;
  for (Eigen::Index i = 0; i < n; ++i) {
    if (!std::isfinite(logits[i])) return -1;
    if (logits[i] > logits[best]) best = i;
  }
  return best;
}

// One sample: -log softmax(z)[label] = log sum exp(z - max) + max - z[label]. `a` comes in as exp(z - max), so its sum
// lies in [1, n] and neither overflows nor vanishes; it goes out as the softmax.
template <class Scalar>
double softmax_loss(const Scalar* z, Scalar max, Eigen::Index label, Eigen::Ref<Vector<Scalar>> a) {
  double sum = 0;
  for (Eigen::Index i = 0; i < a.size(); ++i) sum += a[i];
  a *= static_cast<Scalar>(1 / sum);
  return std::log(sum) + (static_cast<double>(max) - static_cast<double>(z[label]));
}

// One sample: sum over outputs of softplus(z) - y z, with softplus(z) = max(z, 0) + log1p(exp(-|z|)); the same for
// z = 40 as for z = -40. `a` comes in as exp(-|z|) and goes out as the sigmoid.
template <class Scalar>
double sigmoid_loss(const Scalar* z, Eigen::Index label, Eigen::Ref<Vector<Scalar>> a) {
  double loss = -static_cast<double>(z[label]);
  for (Eigen::Index i = 0; i < a.size(); ++i) {
    const Scalar e = a[i];
    loss += std::fmax(static_cast<double>(z[i]), 0.0) + std::log1p(static_cast<double>(e));
    a[i] = (z[i] >= 0 ? Scalar(1) : e) / (1 + e);
  }
  return loss;
}

// a(l - 1), what layer l (0-based here) reads.
template <class Scalar>
const Matrix<Scalar>& input_of(std::size_t l, const Matrix<Scalar>& input, const Pass<Scalar>& pass) {
  return l == 0 ? input : pass.a[l - 1];
}

}  // namespace

template <class Scalar>
void forward(const Parameters<Scalar>& parameters, const Activation& f, const Matrix<Scalar>& input,
             Pass<Scalar>& pass) {
  const std::size_t n_layers = parameters.weights.size();
  pass.z.resize(n_layers);
  pass.a.resize(n_layers);
  for (std::size_t l = 0; l < n_layers; ++l) {
    Matrix<Scalar>& z = pass.z[l];
    z.resize(parameters.weights[l].rows(), input.cols());
    z.colwise() = parameters.biases[l];
    z.noalias() += parameters.weights[l] * input_of(l, input, pass);
    if (l + 1 < n_layers) activate(f, z, pass.a[l]);
  }
}

template <class Scalar>
LossSum output_loss(LossKind kind, std::span<const std::uint8_t> labels, Pass<Scalar>& pass) {
  const Matrix<Scalar>& z = pass.z.back();
  Matrix<Scalar>& a = pass.a.back();
  pass.delta.resize(pass.z.size());
  Matrix<Scalar>& delta = pass.delta.back();
  assert(static_cast<std::size_t>(z.cols()) == labels.size());

  // exp over the whole block at once, which is what vectorizes; the loops over samples do the little that is left.
  const bool is_softmax = kind == LossKind::softmax_cross_entropy;
  a.resize(z.rows(), z.cols());
  for (Eigen::Index j = 0; j < z.cols(); ++j) {
    if (is_softmax)
      a.col(j).array() = z.col(j).array() - z.col(j).maxCoeff();
    else
      a.col(j).array() = -z.col(j).array().abs();
  }
  Scalar* entries = a.data();
  const Eigen::Index n_entries = a.size();
  for (Eigen::Index i = 0; i < n_entries; ++i) entries[i] = vector_math::exp(entries[i]);

  LossSum sum;
  for (Eigen::Index j = 0; j < z.cols(); ++j) {
    const Eigen::Index label = labels[static_cast<std::size_t>(j)];
    assert(label < z.rows());
    const Scalar* logits = z.col(j).data();
    const Eigen::Index winner = largest(logits, z.rows());
    if (winner < 0) {  // exp(-inf) = 0 would hide it
      a.col(j).setConstant(std::numeric_limits<Scalar>::quiet_NaN());
      sum.loss = std::numeric_limits<double>::quiet_NaN();
      continue;
    }
    sum.n_correct += winner == label ? 1 : 0;
    sum.loss += is_softmax ? softmax_loss<Scalar>(logits, logits[winner], label, a.col(j))
                           : sigmoid_loss<Scalar>(logits, label, a.col(j));
  }
  delta = a;
  for (Eigen::Index j = 0; j < z.cols(); ++j) delta(labels[static_cast<std::size_t>(j)], j) -= 1;
  return sum;
}

template <class Scalar>
void back_propagate(const Parameters<Scalar>& parameters, const Activation& f, Pass<Scalar>& pass) {
  for (std::size_t l = parameters.weights.size() - 1; l > 0; --l) {
    pass.delta[l - 1].noalias() = parameters.weights[l].transpose() * pass.delta[l];
    multiply_by_derivative(f, pass.z[l - 1], pass.a[l - 1], pass.delta[l - 1]);
  }
}

template <class Scalar>
void mean_gradients(const Matrix<Scalar>& input, const Pass<Scalar>& pass, Gradients<Scalar>& gradients) {
  const std::size_t n_layers = pass.delta.size();
  gradients.weights.resize(n_layers);
  gradients.biases.resize(n_layers);
  const Scalar share = Scalar(1) / static_cast<Scalar>(input.cols());
  for (std::size_t l = 0; l < n_layers; ++l) {
    gradients.weights[l].noalias() = (share * pass.delta[l]) * input_of(l, input, pass).transpose();
    gradients.biases[l] = share * pass.delta[l].rowwise().sum();
  }
}

template <class Scalar>
void backward(const Parameters<Scalar>& parameters, const Activation& f, const Matrix<Scalar>& input,
              Pass<Scalar>& pass, Gradients<Scalar>& gradients) {
  back_propagate(parameters, f, pass);
  mean_gradients(input, pass, gradients);
}

#define INITSWEEP_INSTANTIATE(Scalar)                                                                        \
  template void forward(const Parameters<Scalar>&, const Activation&, const Matrix<Scalar>&, Pass<Scalar>&); \
  template LossSum output_loss(LossKind, std::span<const std::uint8_t>, Pass<Scalar>&);                      \
  template void back_propagate(const Parameters<Scalar>&, const Activation&, Pass<Scalar>&);                 \
  template void mean_gradients(const Matrix<Scalar>&, const Pass<Scalar>&, Gradients<Scalar>&);              \
  template void backward(const Parameters<Scalar>&, const Activation&, const Matrix<Scalar>&, Pass<Scalar>&, \
                         Gradients<Scalar>&)
INITSWEEP_INSTANTIATE(float);
INITSWEEP_INSTANTIATE(double);
#undef INITSWEEP_INSTANTIATE

}  // namespace initsweep
