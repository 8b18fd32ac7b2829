// Weights and biases drawn from the laws of initializer.hpp.
//
// W is (fan_out, fan_in); its entries are drawn in column-major order from the stream (seed, weights, layer), one
// uniform number each, whatever the law, so that laws under one seed are coupled.
#pragma once
#include <cstdint>
#include "initsweep/checkpoint.hpp"
#include "initsweep/initializer.hpp"
#include "initsweep/layout.hpp"

namespace initsweep {

// Weights of one layer, 1-based; `initializer` must be canonical. `lsuv` gives its orthonormal start (train scales it).
[[nodiscard]] Matrix<float> sample_weights(const Initializer& initializer, const Fans& fans, std::uint32_t seed,
                                           int layer, const Checkpoint& checkpoint = {});
// Biases of one layer: U(-1/sqrt(fan_in), 1/sqrt(fan_in)) for torch_default, else N(0, bias_stddev^2).
[[nodiscard]] Vector<float> sample_biases(const Initializer& initializer, const Fans& fans, double bias_stddev,
                                          std::uint32_t seed, int layer);

}  // namespace initsweep
