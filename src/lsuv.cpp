#include "lsuv.hpp"
#include <cmath>

namespace initsweep {
namespace {

constexpr double kTolerance = 0.02;
constexpr int kMaxScalings = 20;

double variance(const Matrix<float>& z) {
  double sum = 0, squares = 0;
  for (const float value : z.reshaped()) sum += value;
  const double mean = sum / static_cast<double>(z.size());
  for (const float value : z.reshaped()) squares += (value - mean) * (value - mean);
  return squares / static_cast<double>(z.size());
}

}  // namespace

void scale_to_unit_variance(Parameters<float>& parameters, const Activation& f, const Matrix<float>& batch) {
  Matrix<float> below = batch, z, a;
  for (std::size_t l = 0; l < parameters.weights.size(); ++l) {
    for (int scalings = 0;; ++scalings) {
      z.noalias() = parameters.weights[l] * below;
      z.colwise() += parameters.biases[l];
      const double var = variance(z);
      const bool can_scale = var > 0 && std::isfinite(var);
      if (!can_scale || std::abs(var - 1) <= kTolerance || scalings == kMaxScalings) break;
      parameters.weights[l] *= static_cast<float>(1 / std::sqrt(var));
    }
    activate(f, z, a);
    below.swap(a);
  }
}

}  // namespace initsweep
