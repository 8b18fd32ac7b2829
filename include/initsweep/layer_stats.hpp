// Looks inside a net on the probe, the same samples at every record: which layers carry a signal forward and a gradient
// back.
//
// Sums are in double with denormals kept; the passes are the training arithmetic, float32 with denormals flushed.
#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>
#include "initsweep/mlp.hpp"
#include "initsweep/record.hpp"

namespace initsweep {

// The loops and the memory that records are made with, for all of a job; and how many samples of the probe, its first
// ones, are looked at for layer Jacobians.
struct LayerSummarizer {
  explicit LayerSummarizer(const StatisticsLoops& loops, Checkpoint checkpoint = {}, Index n_jacobians = 0)
      : summarizer(loops, std::move(checkpoint)), jacobian_samples(n_jacobians) {}
  Summarizer summarizer;
  Index jacobian_samples;
  Buffer<float> copied;
  std::vector<double> by_sample, by_unit;
};

// The row of layer 0, which no training changes: `pixels` is (samples, pixels). Epoch and step are left to layer_rows.
[[nodiscard]] LayerRow input_row(const Matrix<float>& pixels, LayerSummarizer& with);

// The rows of one record, layer 0 first (`input`, tensor `activation` only), tensors in the order of TensorKind. `pass`
// and `gradients` are those of forward, output_loss and mean_gradients over the probe, everything kept.
// `last_update_l2[l - 1]` is the norm of the last step's change of W(l); empty before the first step.
[[nodiscard]] std::vector<LayerRow> layer_rows(const Parameters<float>& parameters, const Activation& f,
                                               const LayerRow& input, const Pass<float>& pass,
                                               const Gradients<float>& gradients,
                                               std::span<const double> last_update_l2, std::int64_t epoch,
                                               std::int64_t step, LayerSummarizer& with);

// The rms of delta for hidden layers 1..depth out of the rows of one record.
[[nodiscard]] std::vector<double> hidden_delta_rms(std::span<const LayerRow> rows, int depth);

}  // namespace initsweep
