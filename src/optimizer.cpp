#include "initsweep/optimizer.hpp"
#include <algorithm>
#include <cmath>

namespace initsweep {
namespace {

// The sum of squares of all gradients. Columns are summed in Sum, then all of them in double.
template <class Sum, class Scalar>
double squares_of(const Gradients<Scalar>& gradients) {
  double sum = 0;
  for (const Weights<Scalar>& dW : gradients.weights)
    for (Index j = 0; j < dW.cols(); ++j)
      sum += static_cast<double>(dW.matrix().col(j).template cast<Sum>().squaredNorm());
  for (const Vector<Scalar>& db : gradients.biases) sum += static_cast<double>(db.template cast<Sum>().squaredNorm());
  return sum;
}

// Global L2 norm. Squares of numbers beyond 1e19 overflow float32: an infinite norm would clip them all to zero, and
// the net would stand still without a word. Squares that underflow do not matter beside clip's 1e-6.
template <class Scalar>
double norm(const Gradients<Scalar>& gradients) {
  const double sum = squares_of<Scalar>(gradients);
  return std::sqrt(std::isfinite(sum) ? sum : squares_of<double>(gradients));
}

// What a clip multiplies gradients by; NaN for a NaN among them, as in PyTorch (std::min would take the 1).
double clip_factor(double clip, double norm) {
  const double factor = clip / (norm + 1e-6);
  return factor > 1 ? 1 : factor;
}

// Where a rule's 0 / 0 (epsilon 0) left something else in the padding of some columns, which all count as zero.
template <class Scalar>
void clear_padding(Weights<Scalar>& W, Slice columns) {
  if (W.stride() == W.rows()) return;
  for (Index i = columns.first; i < columns.last; ++i)
    std::fill(W.column(i) + W.rows(), W.column(i) + W.stride(), Scalar(0));
}

template <class Scalar>
Scalar* column_of(Parameters<Scalar>& state, std::size_t l, Index column) {
  return state.weights.empty() ? nullptr : state.weights[l].column(column);
}

}  // namespace

OptimizerState optimizer_state(const JobSettings& settings) {
  const bool gradients = settings.gradient_clip.has_value();
  switch (settings.optimizer) {
    case OptimizerKind::sgd: return {.gradients = gradients};
    case OptimizerKind::momentum:
    case OptimizerKind::nesterov: return {.first = true, .gradients = gradients};
    case OptimizerKind::rmsprop: return {.second = true, .gradients = gradients};
    case OptimizerKind::adam: return {.first = true, .second = true, .gradients = gradients};
  }
  return {};
}

template <class Scalar>
Optimizer<Scalar>::Optimizer(const JobSettings& settings, const Parameters<Scalar>& shape,
                             const Kernels<Scalar>& kernels, const Checkpoint& checkpoint)
    : kernels_(kernels),
      kind_(settings.optimizer),
      learning_rate_(settings.learning_rate),
      momentum_(settings.momentum),
      rho_(settings.rho),
      beta1_(settings.beta1),
      beta2_(settings.beta2),
      epsilon_(settings.epsilon),
      weight_decay_(settings.weight_decay),
      gradient_clip_(settings.gradient_clip.value_or(0)) {
  const OptimizerState state = optimizer_state(settings);
  if (state.first) first_ = zeros_like(shape, checkpoint);
  if (state.second) second_ = zeros_like(shape, checkpoint);
}

template <class Scalar>
Rule<Scalar> Optimizer<Scalar>::next_rule() {
  const bool is_adam = kind_ == OptimizerKind::adam;
  const double t = static_cast<double>(++steps_);
  const double keep_second = is_adam ? beta2_ : rho_;
  return {.kind = kind_,
          .learning_rate = static_cast<Scalar>(is_adam ? learning_rate_ / (1 - std::pow(beta1_, t)) : learning_rate_),
          .keep_first = static_cast<Scalar>(is_adam ? beta1_ : momentum_),
          .add_first = static_cast<Scalar>(is_adam ? 1 - beta1_ : 1),
          .keep_second = static_cast<Scalar>(keep_second),
          .add_second = static_cast<Scalar>(1 - keep_second),
          .epsilon = static_cast<Scalar>(epsilon_),
          .root_correction = static_cast<Scalar>(std::sqrt(1 - std::pow(beta2_, t))),
          .decay = static_cast<Scalar>(weight_decay_)};
}

template <class Scalar>
void Optimizer<Scalar>::update_biases(std::size_t l, const Rule<Scalar>& rule, Parameters<Scalar>& parameters,
                                      const Scalar* gradient) {
  // Biases are few and lie on no boundary: the rule's plain form.
  Rule<Scalar> of_biases = rule;
  of_biases.decay = 0;
  Vector<Scalar>& b = parameters.biases[l];
  portable_kernels<Scalar>().apply(of_biases, b.size(), b.data(), gradient,
                                   first_.biases.empty() ? nullptr : first_.biases[l].data(),
                                   second_.biases.empty() ? nullptr : second_.biases[l].data());
}

template <class Scalar>
void Optimizer<Scalar>::step(Parameters<Scalar>& parameters, Gradients<Scalar>& gradients) {
  if (gradient_clip_ > 0) {
    const Scalar factor = static_cast<Scalar>(clip_factor(gradient_clip_, norm(gradients)));
    for (Weights<Scalar>& dW : gradients.weights) dW.matrix() *= factor;
    for (Vector<Scalar>& db : gradients.biases) db *= factor;
  }
  const Rule<Scalar> rule = next_rule();
  for (std::size_t l = 0; l < parameters.weights.size(); ++l) {
    Weights<Scalar>& W = parameters.weights[l];
    kernels_.apply(rule, W.stride() * W.cols(), W.column(0), gradients.weights[l].column(0), column_of(first_, l, 0),
                   column_of(second_, l, 0));
    clear_padding(W, {0, W.cols()});
    update_biases(l, rule, parameters, gradients.biases[l].data());
  }
}

template <class Scalar>
void Optimizer<Scalar>::step(Parameters<Scalar>& parameters, Backward<Scalar>& backward) {
  if (gradient_clip_ > 0) {
    mean_gradients(backward, parameters, gradients_);
    step(parameters, gradients_);
    return;
  }
  const Rule<Scalar> rule = next_rule();
  for (std::size_t l = parameters.weights.size(); l-- > 0;) update_layer(l, rule, parameters, backward);
}

template <class Scalar>
void Optimizer<Scalar>::update_layer(std::size_t l, const Rule<Scalar>& rule, Parameters<Scalar>& parameters,
                                     Backward<Scalar>& backward) {
  Weights<Scalar>& W = parameters.weights[l];
  const bool is_sgd = kind_ == OptimizerKind::sgd;
  const double share = 1 / static_cast<double>(backward.n_samples());
  backward.enter(l, static_cast<Scalar>(is_sgd ? -learning_rate_ * share : share));
  const Scalar kept = static_cast<Scalar>(1 - learning_rate_ * weight_decay_);  // w - lr (g + decay w)
  const Index at_once = backward.columns_at_once();
  const Slice samples{0, backward.n_samples()};
  if (!is_sgd) columns_.reserve(at_once * W.stride());
  for (Index first = 0; first < W.cols(); first += at_once) {
    const Slice columns{first, std::min(first + at_once, W.cols())};
    backward.delta_below(columns, samples);
    if (is_sgd) {
      backward.gradient(columns, samples, kept, W.column(first));
    } else {
      backward.gradient(columns, samples, 0, columns_.data());
      kernels_.apply(rule, columns.size() * W.stride(), W.column(first), columns_.data(), column_of(first_, l, first),
                     column_of(second_, l, first));
      clear_padding(W, columns);
    }
  }
  if (is_sgd)
    parameters.biases[l] += Eigen::Map<const Vector<Scalar>>(backward.bias_gradient(), W.rows());
  else
    update_biases(l, rule, parameters, backward.bias_gradient());
}

template class Optimizer<float>;
template class Optimizer<double>;

}  // namespace initsweep
