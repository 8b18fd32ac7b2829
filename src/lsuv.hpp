// Layer-sequential unit-variance initialization (Mishkin & Matas 2016, "All you need is a good init", algorithm 1):
// from orthonormal weights, layer after layer, W(l) /= sqrt(Var(z(l))) until the variance of z(l) over a batch, all
// units and samples together, is within 0.02 of 1, at most 20 times. The output layer is scaled like the others.
#pragma once
#include "initsweep/mlp.hpp"

namespace initsweep {

// A layer whose variance is zero or not finite is left as it is: no factor mends it.
void scale_to_unit_variance(const Kernels<float>& kernels, Parameters<float>& parameters, const Activation& f,
                            const Input<float>& batch, const Checkpoint& checkpoint = {});

}  // namespace initsweep
