// Mean-field theory of wide random nets: what a layer does to Gaussian preactivations (Poole et al. 2016; Schoenholz
// et al. 2017).
//
// With z ~ N(0, q):  V(q) = E[f(z)^2],  the length map q' = weight_variance V(q) + bias_variance, and
// chi_1 = weight_variance E[f'(z)^2], the factor by which the mean square of delta changes per layer going down.
// weight_variance is fan_in * Var[w].
//
// Two inputs with the correlation c of their preactivations leave a layer with
//   c' = (weight_variance E[f(u1) f(u2)] + bias_variance) / q',   u1, u2 ~ N(0, q) with correlation c,
// whose fixed point c* is 1 where chi_1 <= 1 (the ordered phase) and below 1 where chi_1 > 1 (the chaotic one). Near it
// c - c* shrinks by the factor e^(-1 / xi_c) a layer: nets much deeper than some 6 xi_c do not train.
#pragma once
#include <stdexcept>
#include "initsweep/activation.hpp"

namespace initsweep {

// Nets deeper than this many xi_c do not train (Schoenholz et al. 2017, sec. 5 and fig. 5).
constexpr double kTrainableDepthScales = 6;
// Above it numbers overflow on the way.
constexpr double kMaxVariance = 1e300;

// E[f(z)^2] and E[f'(z)^2] for z ~ N(0, q), q > 0; relative error below 1e-10 (Gauss, by pieces, split at kinks).
struct GaussianMoments {
  double value_squared = 0;
  double derivative_squared = 0;
};
[[nodiscard]] GaussianMoments gaussian_moments(const Activation& f, double q);
// dV / dq = E[z f(z) f'(z)] / q.
[[nodiscard]] double value_squared_slope(const Activation& f, double q);

// The variances at which a net of this activation has the fixed point q with chi_1 = 1:
// weight_variance = 1 / E[f'^2], bias_variance = q - weight_variance E[f^2].
// Throws std::domain_error, with a sentence for people, where bias_variance would be negative.
struct CriticalPoint {
  double weight_variance = 0;
  double bias_variance = 0;
};
[[nodiscard]] CriticalPoint edge_of_chaos(const Activation& f, double q);

// One layer: the variance of z, and the correlation of two z of variance q, in the layer above. q > 0, -1 <= c <= 1.
[[nodiscard]] double next_length(const Activation& f, double q, double weight_variance, double bias_variance);
[[nodiscard]] double next_correlation(const Activation& f, double q, double c, double weight_variance,
                                      double bias_variance);

// The fixed points that a deep net runs into, and how fast (Schoenholz et al. 2017, eqs. 9 and 10).
//
// Where q is 0 (no bias, and weights too small), c and xi_c are the limits as the bias variance goes to 0: 1, and
// chi_1's. Where lengths grow for ever, f is as good as straight on either side of 0, which draws all inputs together
// (c = 1, but linear keeps them apart), by a power of depth; with chi_1 above 1 no depth scale says how deep such nets
// may be, since their deltas explode first.
struct MeanField {
  double q = 0;     // 0 where lengths shrink away, infinity where they grow for ever
  double chi1 = 0;  // there, or its limit on the way there
  double c = 1;     // NaN for linear whose lengths grow by a factor
  double xi_c = 0;  // in layers; infinity at the edge of chaos, NaN where q is infinite and chi1 above 1
  double xi_q = 0;  // depth scale of the length; infinity where every q is a fixed point, NaN where q is infinite
};
// Both variances from 0 to kMaxVariance. `start` is the q of the first layer, above 0.
[[nodiscard]] MeanField mean_field(const Activation& f, double weight_variance, double bias_variance, double start = 1);
// Whether that can make a difference: of gelu and its kin small z are shrunk more than large ones, so that a net may
// die out from one start and explode from another, and of straight lines every q may be a fixed point. All others have
// V(q) / q that falls, and so a single end.
[[nodiscard]] bool start_decides(const Activation& f);

}  // namespace initsweep
