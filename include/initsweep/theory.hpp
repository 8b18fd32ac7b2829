// Mean-field theory of wide random nets: what a layer does to Gaussian preactivations (Poole et al. 2016; Schoenholz
// et al. 2017).
//
// With z ~ N(0, q):  V(q) = E[f(z)^2],  the length map q' = weight_variance V(q) + bias_variance, and
// chi_1 = weight_variance E[f'(z)^2], the factor by which the mean square of delta changes per layer going down.
// weight_variance is fan * Var[w].
#pragma once
#include <stdexcept>
#include "initsweep/activation.hpp"

namespace initsweep {

// E[f(z)^2] and E[f'(z)^2] for z ~ N(0, q), q > 0; relative error below 1e-10 (adaptive Gauss-Kronrod, split at kinks).
struct GaussianMoments {
  double value_squared = 0;
  double derivative_squared = 0;
};
[[nodiscard]] GaussianMoments gaussian_moments(const Activation& f, double q);

// The variances at which a net of this activation has the fixed point q with chi_1 = 1:
// weight_variance = 1 / E[f'^2], bias_variance = q - weight_variance E[f^2].
// Throws std::domain_error, with a sentence for people, where bias_variance would be negative.
struct CriticalPoint {
  double weight_variance = 0;
  double bias_variance = 0;
};
[[nodiscard]] CriticalPoint edge_of_chaos(const Activation& f, double q);

}  // namespace initsweep
