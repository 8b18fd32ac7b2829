// Values by layer of several seeds as one value by layer.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>
#include "initsweep/stats.hpp"

namespace initsweep {

// The median over the seeds that have a finite value there; empty if no seed has any layer. values(seed) is a vector.
template <class Seeds, class Values>
[[nodiscard]] std::vector<double> layer_medians(const Seeds& seeds, const Values& values) {
  std::vector<double> medians;
  for (const auto& seed : seeds) medians.resize(std::max(medians.size(), values(seed).size()));
  for (std::size_t layer = 0; layer < medians.size(); ++layer) {
    std::vector<double> at_layer;
    for (const auto& seed : seeds) {
      const std::vector<double>& of_seed = values(seed);
      if (layer < of_seed.size() && std::isfinite(of_seed[layer])) at_layer.push_back(of_seed[layer]);
    }
    medians[layer] = median(std::move(at_layer));
  }
  return medians;
}

}  // namespace initsweep
