#include "lsuv.hpp"
#include <algorithm>
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

void scale_to_unit_variance(const Kernels<float>& kernels, Parameters<float>& parameters, const Activation& f,
                            const Input<float>& batch, const Checkpoint& checkpoint) {
  const std::size_t n_layers = parameters.weights.size();
  Pass<float> pass(Keep::output, n_layers);
  Panels<float> z;
  Matrix<float> values;
  for (std::size_t l = 0; l < n_layers; ++l) {
    for (int scalings = 0;; ++scalings) {
      ask(checkpoint);
      forward_layer(kernels, parameters, l, batch, pass, z, checkpoint);
      z.copy_to(values);
      const double var = variance(values);
      const bool can_scale = var > 0 && std::isfinite(var);
      if (!can_scale || std::abs(var - 1) <= kTolerance || scalings == kMaxScalings) break;
      // A factor that float32 can hold; where it is not enough, the next ones go on.
      parameters.weights[l].matrix() *= static_cast<float>(std::clamp(1 / std::sqrt(var), 1e-30, 1e30));
    }
    Panels<float>& a = pass.a(l);
    a.resize(z.units(), z.samples());
    kernels.activate(f, z.data(), a.data(), nullptr, z.units() * padded(z.samples()));
  }
}

}  // namespace initsweep
