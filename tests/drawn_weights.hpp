// What the tests of initializers draw and how they write laws down.
#pragma once
#include <cstdint>
#include <optional>

#include "initsweep/initial_weights.hpp"

namespace initsweep {

inline constexpr Fans kFans = {.fan_in = 150, .fan_out = 250};  // every mode has another fan
inline constexpr int kEntries = 150 * 250;

inline Activation of_kind(ActivationKind kind) {
  Activation f;
  f.kind = kind;
  return f;
}
inline const Activation kRelu = of_kind(ActivationKind::relu);

inline Initializer of_kind(InitializerKind kind) {
  Initializer initializer;
  initializer.kind = kind;
  return initializer;
}

inline Initializer variance_scaling(double scale, FanMode mode, Distribution distribution, bool corrected = true) {
  Initializer initializer = of_kind(InitializerKind::variance_scaling);
  initializer.scale = scale;
  initializer.mode = mode;
  initializer.distribution = distribution;
  initializer.corrected = corrected;
  return initializer;
}

inline Initializer with_normal(Initializer initializer, double mean, double stddev) {
  initializer.mean = mean;
  initializer.stddev = stddev;
  return initializer;
}

inline Matrix<float> weights_of(const Initializer& initializer, std::optional<FanMode> mode = std::nullopt,
                                const Fans& fans = kFans, std::uint32_t seed = 7, int layer = 1) {
  return sample_weights(canonical(initializer, mode, kRelu).initializer, fans, seed, layer);
}

}  // namespace initsweep
