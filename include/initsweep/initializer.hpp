// Keep Var[z] level from layer to layer, or not: the laws that weights start from.
//
// For z = W x with zero-mean weights Var[z] = fan_in * Var[w] * E[x^2]; after ReLU, E[x^2] is half the variance before
// it, so Var[w] = 2 / fan_in (He et al. 2015, sec. 2.2; its backward case gives 2 / fan_out). Glorot & Bengio 2010,
// eq. 16: the uniform law with Var[w] = 2 / (fan_in + fan_out). LeCun et al. 1998, sec. 4.6: Var[w] = 1 / fan_in.
// All of them, and most others, are one formula with three settings, variance_scaling(scale, mode, distribution):
//   Var[w] = scale / fan,   fan = fan_in | (fan_in + fan_out) / 2 | fan_out
//   normal            N(0, scale / fan), untruncated
//   uniform           U(-a, a), a = sqrt(3 scale / fan), since U(-a, a) has variance a^2 / 3 (forgetting the 3 is the
//                     classic slip)
//   truncated_normal  N(0, s^2) within +-2 s; corrected: s = sqrt(scale / fan) / 0.87962566103423978, so that the
//                     variance after the cut is scale / fan (Keras); not corrected: s = sqrt(scale / fan)
#pragma once
#include <optional>
#include "initsweep/activation.hpp"
#include "initsweep/kinds.hpp"

namespace initsweep {

struct Initializer {
  InitializerKind kind = InitializerKind::glorot_uniform;
  // Parameters; each kind uses its own (kind_table<InitializerKind>()) and the rest stay at these values.
  double mean = 0, stddev = 1;                                 // normal, truncated_normal
  double low = -0.05, high = 0.05;                             // uniform
  double value = 0;                                            // constant
  double scale = 1;                                            // variance_scaling
  FanMode mode = FanMode::fan_in;                              // variance_scaling
  Distribution distribution = Distribution::truncated_normal;  // variance_scaling; by_activation's default is normal
  bool corrected = true;                                       // variance_scaling with truncated_normal
  double gain = 1;                                             // orthogonal
  double weight_variance = 0, bias_variance = 0;               // mean_field
  double q = 0;                                                // edge_of_chaos
  bool operator==(const Initializer&) const = default;
};

struct Fans {
  int fan_in = 1;   // columns of W
  int fan_out = 1;  // rows of W
};
[[nodiscard]] double fan(const Fans& fans, FanMode mode);

// The fan mode a kind has when nobody sets one; nullopt where a mode has no meaning (normal, orthogonal, ...).
[[nodiscard]] std::optional<FanMode> own_mode(const Initializer& initializer);

// The same law in its simplest terms: whatever is a variance scaling becomes one, with the mode in it
// (he_normal -> variance_scaling(2, fan_in, normal)), and unused parameters return to their defaults.
// by_activation is resolved by `f`; mean_field and edge_of_chaos also give the standard deviation of biases.
// Throws std::domain_error, with a sentence for people, where the law does not exist for `f`.
struct CanonicalInitializer {
  Initializer initializer;  // kind is one of zeros..variance_scaling, orthogonal, identity, lsuv, torch_default
  std::optional<double> bias_stddev;  // set where the law itself decides the biases
};
[[nodiscard]] CanonicalInitializer canonical(const Initializer& initializer, std::optional<FanMode> mode,
                                             const Activation& f);

}  // namespace initsweep
