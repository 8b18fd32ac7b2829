// The seam between training and the machine: every loop that a training spends its time in, as a table of functions for
// one instruction set. What is above it knows layers and batches; what is below it knows registers.
//
// Batches of activations and deltas come in panels (layout.hpp), n samples of them. "By sample" means one column a
// sample, `stride` numbers apart, zero beyond the units: the delta of a layer as weight gradients want it.
#pragma once
#include "initsweep/activation.hpp"
#include "initsweep/instruction_set.hpp"
#include "initsweep/kinds.hpp"
#include "initsweep/layout.hpp"
#include "initsweep/stats.hpp"

namespace initsweep {

// What one step of an optimizer does to each number, with what depends on the step worked out (optimizer.hpp).
template <class Scalar>
struct Rule {
  OptimizerKind kind = OptimizerKind::sgd;
  Scalar learning_rate = 0;                // adam: divided by 1 - beta1^t
  Scalar keep_first = 0, add_first = 1;    // m = keep m + add g;  velocity: add is 1
  Scalar keep_second = 0, add_second = 0;  // s = keep s + add g^2
  Scalar epsilon = 0;
  Scalar root_correction = 1;  // adam: sqrt(1 - beta2^t)
  Scalar decay = 0;            // g + decay w takes the place of g
};

template <class Scalar>
struct Kernels {
  // z(o, n) = bias(o) + sum over i of W(o, i) a(i, n), for some units o.
  void (*forward)(const Weights<Scalar>& W, const Scalar* bias, const Scalar* a, Scalar* z, Slice units, Index n);

  // below(i, n) = derivative(i, n) * sum over o of W(o, i) delta(o, n), for some columns i.
  void (*back_propagate)(const Weights<Scalar>& W, const Scalar* delta, const Scalar* derivative, Scalar* below,
                         Slice columns, Index n);

  // G(:, i) = keep G(:, i) + sum over n of delta(:, n) a(i, n), for some columns i of fan_in; G points at the first of
  // them. Deltas by sample. A `keep` of 0 overwrites whatever is there.
  void (*gradient)(const Scalar* delta, Index stride, const Scalar* a, Index fan_in, Slice columns, Index n,
                   Scalar keep, Scalar* G);

  // The same two for an input that is mostly zero, without its shift: z by sample, for some of the samples.
  void (*sparse_forward)(const Weights<Scalar>& W, const Scalar* bias, const SparseBatch<Scalar>& x, Slice samples,
                         Scalar* z);
  void (*sparse_gradient)(const Scalar* delta, Index stride, const Scalar* delta_sum, const SparseBatch<Scalar>& x,
                          Slice columns, Scalar keep, Scalar* G);

  // Panels to columns by sample, times a factor; and back.
  void (*to_samples)(const Scalar* panels, Index units, Index n, Scalar factor, Scalar* columns, Index stride);
  void (*to_panels)(const Scalar* columns, Index stride, Index units, Index n, Scalar* panels);

  // The sum of n columns.
  void (*sum_samples)(const Scalar* columns, Index stride, Index n, Scalar* sum);

  // sum += factor(i) W(:, i) over all columns.
  void (*add_columns)(const Weights<Scalar>& W, const Scalar* factor, Scalar* sum);

  // a = f(z) and, unless it is null, derivative = f'(z), which may be z's own place.
  void (*activate)(const Activation& f, const Scalar* z, Scalar* a, Scalar* derivative, Index count);
  // x = e^x
  void (*exponentials)(Scalar* x, Index count);

  // One step of a rule; `first` and `second` are null where it has none.
  void (*apply)(const Rule<Scalar>& rule, Index count, Scalar* w, const Scalar* g, Scalar* first, Scalar* second);

  // The bytes that are not zero: their places, and themselves times scale[place]. Returns how many.
  Index (*nonzeros)(const std::uint8_t* bytes, Index count, const Scalar* scale, std::uint32_t* place, Scalar* value);

  // In float, whatever the scalar.
  StatisticsLoops statistics;
};

// The table of an instruction set, which must be available.
[[nodiscard]] const Kernels<float>& kernels(InstructionSet set);

// Eigen's products and plain loops: the portable set in float, and the reference that the others are held to in double.
template <class Scalar>
[[nodiscard]] const Kernels<Scalar>& portable_kernels();

}  // namespace initsweep
