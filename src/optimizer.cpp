// A step is bound by memory, not by arithmetic: every array is walked once, in chunks that stay in the first-level
// cache while the two or three expressions of a rule pass over them.
#include "initsweep/optimizer.hpp"
#include <algorithm>
#include <cmath>

namespace initsweep {
namespace {

constexpr Eigen::Index kChunk = 1024;  // entries; a multiple of every vector length, so chunks stay aligned

// The rule of one step, with what depends on the step's number worked out in double.
template <class Scalar>
struct Rule {
  OptimizerKind kind;
  Scalar learning_rate;            // adam: divided by 1 - beta1^t
  Scalar keep_first, add_first;    // m = keep m + add g;  velocity: add is 1
  Scalar keep_second, add_second;  // s = keep s + add g^2
  Scalar epsilon;
  Scalar root_correction;  // adam: sqrt(1 - beta2^t)
};

template <class Scalar>
using Chunk = Eigen::Map<Eigen::Array<Scalar, Eigen::Dynamic, 1>, Eigen::AlignedMax>;

// w is the parameter, g its gradient, m and s its state. `m` and `s` may be null where the rule has none.
template <class Scalar>
void apply(const Rule<Scalar>& rule, Scalar decay, Eigen::Index size, Scalar* weights, Scalar* gradients, Scalar* first,
           Scalar* second) {
  for (Eigen::Index at = 0; at < size; at += kChunk) {
    const Eigen::Index n = std::min(kChunk, size - at);
    Chunk<Scalar> w(weights + at, n), g(gradients + at, n);
    if (decay != 0) g += decay * w;
    switch (rule.kind) {
      case OptimizerKind::sgd: w -= rule.learning_rate * g; break;
      case OptimizerKind::momentum: {
        Chunk<Scalar> v(first + at, n);
        v = rule.keep_first * v + g;
        w -= rule.learning_rate * v;
        break;
      }
      case OptimizerKind::nesterov: {
        Chunk<Scalar> v(first + at, n);
        v = rule.keep_first * v + g;
        w -= rule.learning_rate * (g + rule.keep_first * v);
        break;
      }
      case OptimizerKind::rmsprop: {
        Chunk<Scalar> s(second + at, n);
        s = rule.keep_second * s + rule.add_second * g.square();
        w -= rule.learning_rate * g / (s.sqrt() + rule.epsilon);
        break;
      }
      case OptimizerKind::adam: {
        Chunk<Scalar> m(first + at, n), s(second + at, n);
        m = rule.keep_first * m + rule.add_first * g;
        s = rule.keep_second * s + rule.add_second * g.square();
        w -= rule.learning_rate * m / (s.sqrt() / rule.root_correction + rule.epsilon);
        break;
      }
    }
  }
}

// Global L2 norm. Columns are summed in the scalar type, then all of them in double.
template <class Scalar>
double norm(const Gradients<Scalar>& gradients) {
  double sum = 0;
  for (const Matrix<Scalar>& dW : gradients.weights)
    for (Eigen::Index j = 0; j < dW.cols(); ++j) sum += static_cast<double>(dW.col(j).squaredNorm());
  for (const Vector<Scalar>& db : gradients.biases) sum += static_cast<double>(db.squaredNorm());
  return std::sqrt(sum);
}

template <class Scalar>
Gradients<Scalar> zeros_like(const Parameters<Scalar>& shape) {
  Gradients<Scalar> zeros;
  for (const Matrix<Scalar>& W : shape.weights) zeros.weights.push_back(Matrix<Scalar>::Zero(W.rows(), W.cols()));
  for (const Vector<Scalar>& b : shape.biases) zeros.biases.push_back(Vector<Scalar>::Zero(b.size()));
  return zeros;
}

}  // namespace

OptimizerState optimizer_state(const JobSettings& settings) {
  switch (settings.optimizer) {
    case OptimizerKind::sgd: return {.gradients = settings.gradient_clip.has_value()};
    case OptimizerKind::momentum:
    case OptimizerKind::nesterov: return {.first = true};
    case OptimizerKind::rmsprop: return {.second = true};
    case OptimizerKind::adam: return {.first = true, .second = true};
  }
  return {};
}

template <class Scalar>
Optimizer<Scalar>::Optimizer(const JobSettings& settings, const Parameters<Scalar>& shape)
    : kind_(settings.optimizer),
      learning_rate_(settings.learning_rate),
      momentum_(settings.momentum),
      rho_(settings.rho),
      beta1_(settings.beta1),
      beta2_(settings.beta2),
      epsilon_(settings.epsilon),
      weight_decay_(settings.weight_decay),
      gradient_clip_(settings.gradient_clip.value_or(0)) {
  const OptimizerState state = optimizer_state(settings);
  if (state.first) first_ = zeros_like(shape);
  if (state.second) second_ = zeros_like(shape);
}

template <class Scalar>
void Optimizer<Scalar>::step(Parameters<Scalar>& parameters, Gradients<Scalar>& gradients) {
  ++steps_;
  if (gradient_clip_ > 0) {
    const Scalar factor = static_cast<Scalar>(std::min(1.0, gradient_clip_ / (norm(gradients) + 1e-6)));
    for (Matrix<Scalar>& dW : gradients.weights) dW *= factor;
    for (Vector<Scalar>& db : gradients.biases) db *= factor;
  }
  const bool is_adam = kind_ == OptimizerKind::adam;
  const double t = static_cast<double>(steps_);
  const double keep_second = is_adam ? beta2_ : rho_;
  const Rule<Scalar> rule{
      .kind = kind_,
      .learning_rate = static_cast<Scalar>(is_adam ? learning_rate_ / (1 - std::pow(beta1_, t)) : learning_rate_),
      .keep_first = static_cast<Scalar>(is_adam ? beta1_ : momentum_),
      .add_first = static_cast<Scalar>(is_adam ? 1 - beta1_ : 1),
      .keep_second = static_cast<Scalar>(keep_second),
      .add_second = static_cast<Scalar>(1 - keep_second),
      .epsilon = static_cast<Scalar>(epsilon_),
      .root_correction = static_cast<Scalar>(std::sqrt(1 - std::pow(beta2_, t)))};
  for (std::size_t l = 0; l < parameters.weights.size(); ++l) {
    Matrix<Scalar>& W = parameters.weights[l];
    Vector<Scalar>& b = parameters.biases[l];
    apply<Scalar>(rule, static_cast<Scalar>(weight_decay_), W.size(), W.data(), gradients.weights[l].data(),
                  first_.weights.empty() ? nullptr : first_.weights[l].data(),
                  second_.weights.empty() ? nullptr : second_.weights[l].data());
    apply<Scalar>(rule, Scalar(0), b.size(), b.data(), gradients.biases[l].data(),
                  first_.biases.empty() ? nullptr : first_.biases[l].data(),
                  second_.biases.empty() ? nullptr : second_.biases[l].data());
  }
}

template <class Scalar>
void Optimizer<Scalar>::step(Parameters<Scalar>& parameters, const Matrix<Scalar>& input, const Pass<Scalar>& pass) {
  if (kind_ != OptimizerKind::sgd || gradient_clip_ > 0) {
    mean_gradients(input, pass, gradients_);
    step(parameters, gradients_);
    return;
  }
  ++steps_;
  const Scalar rate = static_cast<Scalar>(learning_rate_ / static_cast<double>(input.cols()));
  const Scalar kept = static_cast<Scalar>(1 - learning_rate_ * weight_decay_);  // w - lr (g + decay w)
  for (std::size_t l = 0; l < parameters.weights.size(); ++l) {
    Matrix<Scalar>& W = parameters.weights[l];
    if (kept != 1) W *= kept;
    W.noalias() -= (rate * pass.delta[l]) * (l == 0 ? input : pass.a[l - 1]).transpose();
    parameters.biases[l] -= rate * pass.delta[l].rowwise().sum();
  }
}

template class Optimizer<float>;
template class Optimizer<double>;

}  // namespace initsweep
