// Laws of weights that no sensible net starts from.
#pragma once
#include "initsweep/initializer.hpp"

namespace initsweep {

inline Initializer constant(double value) { return {.kind = InitializerKind::constant, .value = value}; }
inline Initializer normal(double mean, double stddev) {
  return {.kind = InitializerKind::normal, .mean = mean, .stddev = stddev};
}

}  // namespace initsweep
