// Rms by layer of a net before training, as wide layers of independent weights would have it.
//
//   q_1 = fan_in_1 Var[W_1] input_mean_square + Var[b_1]
//   q_l = fan_in_l Var[W_l] E[f(z)^2] + Var[b_l],                  z ~ N(0, q_{l-1})
//   E[delta_l^2] = fan_out_{l+1} Var[W_{l+1}] E[delta_{l+1}^2] E[f'(z)^2],   z ~ N(0, q_l)
//
// fans[l - 1] are those of layer l = 1..depth + 1; the last is the linear output layer. `input_mean_square` is the mean
// of x^2 over pixels and samples, not its variance: weights of mean 0 make nothing of a mean or of correlated pixels,
// and q_1 is exact as a mean over weights. Further up it is an approximation in two ways: one q stands for all samples,
// bright and dark, and a unit's z is Gaussian only as far as the layer below is wide. Going down, the theory starts
// from `output_delta_rms`, which the loss decides, and takes the weights on the way back for independent of those on
// the way up.
//
// nullopt for laws with a mean (constant, uniform from -1 to 2) or without randomness the theory could use (zeros,
// identity, lsuv). For orthogonal the theory is an approximation: its entries have this variance but depend on each
// other, and square layers keep signals more evenly than said here. A layer whose q is not finite has NaN, and so have
// all above it and the deltas below. Settings are as resolve() leaves them; a law that does not exist for the
// activation throws std::domain_error.
#pragma once
#include <optional>
#include <span>
#include <vector>
#include "initsweep/initializer.hpp"
#include "initsweep/settings.hpp"
#include "initsweep/theory.hpp"

namespace initsweep {

struct SignalPrediction {
  std::vector<double> preactivation;  // layers 1..depth + 1
  std::vector<double> activation;     // layers 1..depth
  std::vector<double> delta;          // layers 1..depth + 1
};
[[nodiscard]] std::optional<SignalPrediction> predict_signals(const JobSettings& settings, std::span<const Fans> fans,
                                                              double input_mean_square, double output_delta_rms);

// The fixed points of hidden layers on hidden layers, 2..depth: of equal width mostly one map, else at the geometric
// mean of their fan_in Var[W]. nullopt for laws that predict_signals says nothing about, at depth 1, and for variances
// above kMaxVariance. Computed on `threads` threads, once where several nets have them in common.
struct DeepNet {
  const JobSettings* settings = nullptr;
  // The mean square of the first layer's preactivation, from which layers go on; 1 in place of NaN, 0 and infinity.
  double first_q = 1;
};
[[nodiscard]] std::vector<std::optional<MeanField>> predict_fixed_points(std::span<const DeepNet> nets, int threads);

}  // namespace initsweep
