// Each tensor's own numbers are summarize()'s; what is added here belongs to a layer: how many of its preactivations
// sit where f is flat, how many of its units no probe sample can move, how far the samples still differ, and how large
// the last step was.
//
// f' is what the float32 code that training multiplies delta by makes of it, so a unit counts as dead when no delta
// passes it for any sample, be it for a flat f or for the end of float32.
#include "initsweep/layer_stats.hpp"
#include <algorithm>
#include <cmath>
#include "denormals.hpp"

namespace initsweep {
namespace {

std::span<const float> entries(const Matrix<float>& matrix) {
  return {matrix.data(), static_cast<std::size_t>(matrix.size())};
}

// Root of the mean over units (columns) of the variance over samples (rows), in two passes.
double between_sample_std(const Matrix<float>& values) {
  const double n = static_cast<double>(values.rows());
  double squares = 0;
  for (Index unit = 0; unit < values.cols(); ++unit) {
    const auto of_unit = values.col(unit).cast<double>();
    const double mean = of_unit.sum() / n;
    squares += (of_unit.array() - mean).square().sum();
  }
  return std::sqrt(squares / static_cast<double>(values.cols()) / n);
}

// Share of entries with |f'(z)| < 0.05 max |f'|.
double saturated_fraction(const Activation& f, const Matrix<float>& derivatives) {
  const float threshold = static_cast<float>(0.05 * max_abs_derivative(f));
  return static_cast<double>((derivatives.array().abs() < threshold).count()) / static_cast<double>(derivatives.size());
}

// Share of units (columns) with f' = 0 for every sample.
double dead_fraction(const Matrix<float>& derivatives) {
  Index n_dead = 0;
  for (Index unit = 0; unit < derivatives.cols(); ++unit) n_dead += (derivatives.col(unit).array() == 0).all() ? 1 : 0;
  return static_cast<double>(n_dead) / static_cast<double>(derivatives.cols());
}

void describe_samples(const Matrix<float>& values, std::vector<float>& scratch, LayerRow& row) {
  row.summary = summarize(entries(values), scratch);
  if (row.summary.nonfinite == 0) row.between_sample_std = between_sample_std(values);
}

}  // namespace

LayerRow input_row(const Matrix<float>& pixels) {
  const KeepDenormals keep;
  std::vector<float> scratch;
  LayerRow row;
  row.tensor = TensorKind::activation;
  row.fan_out = static_cast<int>(pixels.cols());
  describe_samples(pixels, scratch, row);
  return row;
}

std::vector<LayerRow> layer_rows(const Parameters<float>& parameters, const Activation& f, const LayerRow& input,
                                 const Pass<float>& pass, const Gradients<float>& gradients,
                                 std::span<const double> last_update_l2, std::int64_t epoch, std::int64_t step) {
  const KeepDenormals keep;
  const std::size_t n_layers = parameters.weights.size();
  std::vector<float> scratch;
  Matrix<float> values;
  std::vector<LayerRow> rows;
  rows.reserve(1 + 6 * n_layers);

  const auto add_row = [&](std::size_t layer, TensorKind tensor) -> LayerRow& {
    LayerRow& row = rows.emplace_back();
    row.layer = static_cast<int>(layer);
    row.tensor = tensor;
    row.fan_in = static_cast<int>(parameters.weights[layer - 1].cols());
    row.fan_out = static_cast<int>(parameters.weights[layer - 1].rows());
    return row;
  };
  const auto add_weights = [&](std::size_t layer, TensorKind tensor, const Weights<float>& weights) -> LayerRow& {
    LayerRow& row = add_row(layer, tensor);
    values = weights.matrix();
    row.summary = summarize(entries(values), scratch);
    return row;
  };
  const auto add_samples = [&](std::size_t layer, TensorKind tensor, const Panels<float>& panels) -> LayerRow& {
    LayerRow& row = add_row(layer, tensor);
    panels.copy_to(values);
    describe_samples(values, scratch, row);
    return row;
  };

  rows.push_back(input);
  for (std::size_t layer = 1; layer <= n_layers; ++layer) {
    const std::size_t l = layer - 1;
    LayerRow& weight = add_weights(layer, TensorKind::weight, parameters.weights[l]);
    if (!last_update_l2.empty()) weight.update_ratio = last_update_l2[l] / weight.summary.l2;

    LayerRow& preactivation = add_samples(layer, TensorKind::preactivation, pass.z(l));
    if (layer < n_layers && preactivation.summary.nonfinite == 0) {
      pass.derivative(l).copy_to(values);
      if (is_saturating(f.kind)) preactivation.saturated_fraction = saturated_fraction(f, values);
      preactivation.dead_fraction = dead_fraction(values);
    }
    add_samples(layer, TensorKind::activation, pass.a(l));
    LayerRow& delta = add_row(layer, TensorKind::delta);
    pass.delta(l).copy_to(values);
    delta.summary = summarize(entries(values), scratch);
    add_weights(layer, TensorKind::weight_gradient, gradients.weights[l]);
    const Vector<float>& db = gradients.biases[l];
    add_row(layer, TensorKind::bias_gradient).summary =
        summarize({db.data(), static_cast<std::size_t>(db.size())}, scratch);
  }
  for (LayerRow& row : rows) {
    row.epoch = epoch;
    row.step = step;
  }
  return rows;
}

std::vector<double> hidden_delta_rms(std::span<const LayerRow> rows, int depth) {
  std::vector<double> rms(static_cast<std::size_t>(depth), kNoValue);
  for (const LayerRow& row : rows)
    if (row.tensor == TensorKind::delta && row.layer <= depth)
      rms[static_cast<std::size_t>(row.layer - 1)] = row.summary.rms;
  return rms;
}

}  // namespace initsweep
