// Singular values of layer Jacobians: how a layer stretches and squeezes what comes in.
#pragma once
#include "initsweep/checkpoint.hpp"
#include "initsweep/layout.hpp"
#include "initsweep/record.hpp"

namespace initsweep {

struct SingularValues {
  double mean = kNoValue, rms = kNoValue, min = kNoValue, max = kNoValue;
};

// Of J = d a(l) / d a(l-1) = diag(f'(z(l))) W(l) for each of the first `n_samples` (all, if there are fewer), pooled:
// every J has min(fan_out, fan_in) of them. `derivatives` are the f'(z(l)). No values without samples, and none where
// anything is not finite. Denormals are to be kept while it runs.
[[nodiscard]] SingularValues jacobian_singular_values(const Weights<float>& weights, const Panels<float>& derivatives,
                                                      Index n_samples, const Checkpoint& checkpoint = {});

}  // namespace initsweep
