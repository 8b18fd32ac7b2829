// Sweeps that are worth the time of a fuzzer.
#pragma once
#include <algorithm>
#include <cstddef>

#include "initsweep/spec.hpp"

namespace initsweep::fuzz {

inline bool is_small(const SweepSpec& spec) {
  constexpr std::size_t kMost = 300;
  std::size_t sum = 0;
  for (const Block& block : spec.blocks) {
    std::size_t n = 1;
    for (const Axis& axis : block) n = std::min(n * axis.values.size(), kMost + 1);
    sum += n;
  }
  return sum <= kMost && spec.seeds.size() <= kMost;
}

}  // namespace initsweep::fuzz
