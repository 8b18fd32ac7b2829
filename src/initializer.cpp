#include "initsweep/initializer.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <stdexcept>
#include <string>
#include "initsweep/theory.hpp"

namespace initsweep {

namespace {

Initializer of_kind(InitializerKind kind) {
  Initializer initializer;
  initializer.kind = kind;
  return initializer;
}

Initializer constant(double value) {
  if (value == 0) return of_kind(InitializerKind::zeros);
  Initializer initializer = of_kind(InitializerKind::constant);
  initializer.value = value;
  return initializer;
}

// A law whose parameters the user chose, or the constant it shrinks to.
Initializer gaussian(InitializerKind kind, double mean, double stddev) {
  if (stddev == 0) return constant(mean);
  Initializer initializer = of_kind(kind);
  initializer.mean = mean;
  initializer.stddev = stddev;
  return initializer;
}

Initializer uniform(double low, double high) {
  if (low == high) return constant(low);
  Initializer initializer = of_kind(InitializerKind::uniform);
  initializer.low = low;
  initializer.high = high;
  return initializer;
}

Initializer orthogonal(double gain) {
  if (gain == 0) return of_kind(InitializerKind::zeros);
  Initializer initializer = of_kind(InitializerKind::orthogonal);
  initializer.gain = gain;
  return initializer;
}

Initializer variance_scaling(double scale, FanMode mode, Distribution distribution, bool corrected = true) {
  if (scale == 0) return of_kind(InitializerKind::zeros);
  Initializer initializer = of_kind(InitializerKind::variance_scaling);
  initializer.scale = scale;
  initializer.mode = mode;
  initializer.distribution = distribution;
  if (distribution == Distribution::truncated_normal) initializer.corrected = corrected;
  return initializer;
}

// The textbook's first table; its 4 on the radius for tanh is a 16 on the variance.
double scale_for(const Activation& f) {
  switch (f.kind) {
    case ActivationKind::sigmoid: return 1;
    case ActivationKind::tanh: return 16;
    case ActivationKind::relu:
    case ActivationKind::leaky_relu:
    case ActivationKind::elu: return 2;
    case ActivationKind::linear:
    case ActivationKind::hard_sigmoid:
    case ActivationKind::hard_tanh:
    case ActivationKind::softsign:
    case ActivationKind::softplus:
    case ActivationKind::selu:
    case ActivationKind::gelu:
    case ActivationKind::gelu_tanh:
    case ActivationKind::silu:
    case ActivationKind::mish:
    case ActivationKind::erf: break;
  }
  throw std::domain_error("by_activation has no rule for " + std::string(to_text(f.kind)) +
                          "; it has one for sigmoid, tanh, relu, leaky_relu and elu");
}

}  // namespace

double fan(const Fans& fans, FanMode mode) {
  switch (mode) {
    case FanMode::fan_in: return fans.fan_in;
    case FanMode::fan_avg: return (static_cast<double>(fans.fan_in) + fans.fan_out) / 2;
    case FanMode::fan_out: return fans.fan_out;
  }
  assert(false);
  return 0;
}

std::optional<FanMode> own_mode(const Initializer& initializer) {
  switch (initializer.kind) {
    case InitializerKind::variance_scaling: return initializer.mode;
    case InitializerKind::glorot_normal:
    case InitializerKind::glorot_uniform:
    case InitializerKind::by_activation: return FanMode::fan_avg;
    case InitializerKind::he_normal:
    case InitializerKind::he_uniform:
    case InitializerKind::lecun_normal:
    case InitializerKind::lecun_uniform:
    case InitializerKind::mean_field:
    case InitializerKind::edge_of_chaos: return FanMode::fan_in;
    case InitializerKind::zeros:
    case InitializerKind::constant:
    case InitializerKind::normal:
    case InitializerKind::uniform:
    case InitializerKind::truncated_normal:
    case InitializerKind::orthogonal:
    case InitializerKind::identity:
    case InitializerKind::lsuv:
    case InitializerKind::glorot2010_standard:
    case InitializerKind::torch_default: return std::nullopt;
  }
  assert(false);
  return std::nullopt;
}

CanonicalInitializer canonical(const Initializer& initializer, std::optional<FanMode> mode, const Activation& f) {
  const Initializer& i = initializer;
  const FanMode m = mode.value_or(own_mode(i).value_or(FanMode::fan_in));
  const auto plain = [](Initializer law) { return CanonicalInitializer{law, std::nullopt}; };
  switch (i.kind) {
    case InitializerKind::zeros:
    case InitializerKind::identity:
    case InitializerKind::lsuv:
    case InitializerKind::torch_default: return plain(of_kind(i.kind));
    case InitializerKind::constant: return plain(constant(i.value));
    case InitializerKind::normal:
    case InitializerKind::truncated_normal: return plain(gaussian(i.kind, i.mean, i.stddev));
    case InitializerKind::uniform: return plain(uniform(i.low, i.high));
    case InitializerKind::orthogonal: return plain(orthogonal(i.gain));
    case InitializerKind::variance_scaling: return plain(variance_scaling(i.scale, m, i.distribution, i.corrected));
    case InitializerKind::glorot_normal:
    case InitializerKind::lecun_normal: return plain(variance_scaling(1, m, Distribution::normal));
    case InitializerKind::glorot_uniform:
    case InitializerKind::lecun_uniform: return plain(variance_scaling(1, m, Distribution::uniform));
    case InitializerKind::he_normal: return plain(variance_scaling(2, m, Distribution::normal));
    case InitializerKind::he_uniform: return plain(variance_scaling(2, m, Distribution::uniform));
    case InitializerKind::glorot2010_standard:
      return plain(variance_scaling(1.0 / 3, FanMode::fan_in, Distribution::uniform));
    case InitializerKind::by_activation: return plain(variance_scaling(scale_for(f), m, i.distribution));
    case InitializerKind::mean_field:
      return {variance_scaling(i.weight_variance, m, Distribution::normal), std::sqrt(i.bias_variance)};
    case InitializerKind::edge_of_chaos: {
      const CriticalPoint point = edge_of_chaos(f, i.q);
      return {variance_scaling(point.weight_variance, m, Distribution::normal), std::sqrt(point.bias_variance)};
    }
  }
  assert(false);
  return {};
}

}  // namespace initsweep
