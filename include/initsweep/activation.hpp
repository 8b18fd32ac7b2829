// Activation functions: value and derivative.
//
// (formulas and sources: kind_table<ActivationKind>(), printed by `initsweep list activations`)
#pragma once
#include <optional>
#include <vector>
#include "initsweep/kinds.hpp"

namespace initsweep {

struct Activation {
  ActivationKind kind = ActivationKind::relu;
  double slope = 0.01;  // leaky_relu: f(z) = slope z for z < 0
  double alpha = 1;     // elu: f(z) = alpha (e^z - 1) for z < 0
  bool operator==(const Activation&) const = default;
};

// One value at a time, in double: the reference the kernels' vector code (kernels.hpp) is held against. At a kink the
// derivative is the one from the left (0 for relu at 0).
[[nodiscard]] double value(const Activation& f, double z);
[[nodiscard]] double derivative(const Activation& f, double z);

// max |f'|, over all z.
[[nodiscard]] double max_abs_derivative(const Activation& f);
// Bounded at both ends, so that |f'| can all but vanish: sigmoid, hard_sigmoid, tanh, hard_tanh, softsign, erf.
[[nodiscard]] bool is_saturating(ActivationKind kind);
// f' for z < 0 where f is straight on either side of 0 and f' is 1 above: linear, relu, leaky_relu. Their Gaussian
// integrals have closed forms. nullopt for the others.
[[nodiscard]] std::optional<double> slope_below_zero(const Activation& f);
// Where f' jumps, ascending: quadrature splits there and finite differences keep away.
[[nodiscard]] std::vector<double> kinks(const Activation& f);

}  // namespace initsweep
