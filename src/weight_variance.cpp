#include "weight_variance.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace initsweep {
namespace {

// Of the standard normal law cut at +-2: 1 - 4 phi(2) / (Phi(2) - Phi(-2)), 0.77374.
double truncated_variance() {
  const double density = std::exp(-2.0) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
  return 1 - 4 * density / std::erf(std::numbers::sqrt2);
}

}  // namespace

std::optional<double> weight_variance(const Initializer& law, const Fans& fans) {
  switch (law.kind) {
    case InitializerKind::normal: return law.mean == 0 ? std::optional(law.stddev * law.stddev) : std::nullopt;
    case InitializerKind::truncated_normal:
      return law.mean == 0 ? std::optional(law.stddev * law.stddev * truncated_variance()) : std::nullopt;
    case InitializerKind::uniform: return law.low == -law.high ? std::optional(law.high * law.high / 3) : std::nullopt;
    case InitializerKind::variance_scaling: {
      const bool is_cut_short = law.distribution == Distribution::truncated_normal && !law.corrected;
      return law.scale / fan(fans, law.mode) * (is_cut_short ? truncated_variance() : 1);
    }
    case InitializerKind::torch_default: return 1 / (3 * fan(fans, FanMode::fan_in));
    case InitializerKind::orthogonal:  // its rows or columns, whichever are fewer, have the norm gain
      return law.gain * law.gain / std::max(fans.fan_in, fans.fan_out);
    case InitializerKind::zeros:
    case InitializerKind::constant:
    case InitializerKind::identity:
    case InitializerKind::lsuv: return std::nullopt;
    case InitializerKind::glorot_normal:
    case InitializerKind::glorot_uniform:
    case InitializerKind::he_normal:
    case InitializerKind::he_uniform:
    case InitializerKind::lecun_normal:
    case InitializerKind::lecun_uniform:
    case InitializerKind::glorot2010_standard:
    case InitializerKind::by_activation:
    case InitializerKind::mean_field:
    case InitializerKind::edge_of_chaos: break;
  }
  assert(false && "not canonical");
  return std::nullopt;
}

double bias_variance(const CanonicalInitializer& law, double weight_variance, double bias_stddev) {
  if (law.initializer.kind == InitializerKind::torch_default) return weight_variance;
  const double stddev = law.bias_stddev.value_or(bias_stddev);
  return stddev * stddev;
}

}  // namespace initsweep
