// What a step does with the gradient: PyTorch 2's rules, to the letter.
//
//   g = clip(gradient) over all parameters together (global L2 norm: g *= min(1, c / (norm + 1e-6))); then, for weights
//   only, g += weight_decay W
//   sgd       w -= lr g
//   momentum  v = mu v + g;   w -= lr v            (v starts as g)
//   nesterov  v = mu v + g;   w -= lr (g + mu v)
//   rmsprop   s = rho s + (1 - rho) g^2;   w -= lr g / (sqrt(s) + epsilon)
//   adam      m = beta1 m + (1 - beta1) g;   s = beta2 s + (1 - beta2) g^2;
//             w -= lr / (1 - beta1^t) m / (sqrt(s) / sqrt(1 - beta2^t) + epsilon)
#pragma once
#include <cstdint>
#include "initsweep/mlp.hpp"
#include "initsweep/settings.hpp"

namespace initsweep {

template <class Scalar>
class Optimizer {
 public:
  Optimizer(const JobSettings& settings, const Parameters<Scalar>& shape, const Kernels<Scalar>& kernels,
            const Checkpoint& checkpoint = {});
  // One step from given gradients, which are consumed: clipped in place. Instantiated for float and double.
  void step(Parameters<Scalar>& parameters, Gradients<Scalar>& gradients);
  // One step on the way back through a batch: a layer's weights change some columns at a time, right after the delta
  // below has read them, so no gradient is stored; plain sgd adds them inside the product that makes them. A clip needs
  // all gradients first.
  void step(Parameters<Scalar>& parameters, Backward<Scalar>& backward);

 private:
  void update_layer(std::size_t l, const Rule<Scalar>& rule, Parameters<Scalar>& parameters,
                    Backward<Scalar>& backward);
  void update_biases(std::size_t l, const Rule<Scalar>& rule, Parameters<Scalar>& parameters, const Scalar* gradient);
  [[nodiscard]] Rule<Scalar> next_rule();

  const Kernels<Scalar>& kernels_;
  OptimizerKind kind_;
  double learning_rate_, momentum_, rho_, beta1_, beta2_, epsilon_, weight_decay_, gradient_clip_;  // clip 0: none
  std::int64_t steps_ = 0;
  Parameters<Scalar> first_, second_;  // velocity or mean; mean square; empty where the rule has none
  Gradients<Scalar> gradients_;        // of a batch; empty but for a clip
  Buffer<Scalar> columns_;             // gradients of some columns
};

// What a rule keeps beside the parameters, in copies of them: velocity, mean, mean square; and whether it stores
// gradients at all.
struct OptimizerState {
  bool first = false, second = false, gradients = true;
};
[[nodiscard]] OptimizerState optimizer_state(const JobSettings& settings);

}  // namespace initsweep
