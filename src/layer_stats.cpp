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

// Root of the mean over units (rows) of the variance over samples (columns), in two passes.
double between_sample_std(const Matrix<float>& values, Vector<double>& mean, Vector<double>& squares) {
  const double n = static_cast<double>(values.cols());
  mean.setZero(values.rows());
  squares.setZero(values.rows());
  for (Eigen::Index j = 0; j < values.cols(); ++j) mean += values.col(j).cast<double>();
  mean /= n;
  for (Eigen::Index j = 0; j < values.cols(); ++j)
    squares.array() += (values.col(j).cast<double>() - mean).array().square();
  return std::sqrt(squares.mean() / n);
}

// Share of entries with |f'(z)| < 0.05 max |f'|.
double saturated_fraction(const Activation& f, const Matrix<float>& derivatives) {
  const float threshold = static_cast<float>(0.05 * max_abs_derivative(f));
  return static_cast<double>((derivatives.array().abs() < threshold).count()) / static_cast<double>(derivatives.size());
}

// Share of units (rows) with f' = 0 for every sample.
double dead_fraction(const Matrix<float>& derivatives, std::vector<char>& is_alive) {
  const Eigen::Index n_units = derivatives.rows();
  is_alive.assign(static_cast<std::size_t>(n_units), 0);
  for (Eigen::Index j = 0; j < derivatives.cols(); ++j)
    for (Eigen::Index i = 0; i < n_units; ++i)
      is_alive[static_cast<std::size_t>(i)] |= static_cast<char>(derivatives(i, j) != 0.0f);
  return static_cast<double>(std::count(is_alive.begin(), is_alive.end(), 0)) / static_cast<double>(n_units);
}

}  // namespace

std::vector<LayerRow> layer_rows(const Parameters<float>& parameters, const Activation& f, const Matrix<float>& input,
                                 const Pass<float>& pass, const Gradients<float>& gradients,
                                 std::span<const double> last_update_l2, std::int64_t epoch, std::int64_t step) {
  const KeepDenormals keep;
  const std::size_t n_layers = parameters.weights.size();
  std::vector<float> scratch;
  std::vector<char> is_alive;
  Matrix<float> derivatives;
  Vector<double> mean, squares;
  std::vector<LayerRow> rows;
  rows.reserve(1 + 6 * n_layers);

  const auto add_row = [&](std::size_t layer, TensorKind tensor, std::span<const float> values) -> LayerRow& {
    LayerRow& row = rows.emplace_back();
    row.epoch = epoch;
    row.step = step;
    row.layer = static_cast<int>(layer);
    row.tensor = tensor;
    row.fan_in = layer == 0 ? 0 : static_cast<int>(parameters.weights[layer - 1].cols());
    row.fan_out = static_cast<int>(layer == 0 ? input.rows() : parameters.weights[layer - 1].rows());
    row.summary = summarize(values, scratch);
    return row;
  };
  const auto add_samples = [&](std::size_t layer, TensorKind tensor, const Matrix<float>& values) -> LayerRow& {
    LayerRow& row = add_row(layer, tensor, entries(values));
    if (row.summary.nonfinite == 0) row.between_sample_std = between_sample_std(values, mean, squares);
    return row;
  };

  add_samples(0, TensorKind::activation, input);
  for (std::size_t layer = 1; layer <= n_layers; ++layer) {
    const std::size_t l = layer - 1;
    LayerRow& weight = add_row(layer, TensorKind::weight, entries(parameters.weights[l]));
    if (!last_update_l2.empty()) weight.update_ratio = last_update_l2[l] / weight.summary.l2;

    LayerRow& preactivation = add_samples(layer, TensorKind::preactivation, pass.z[l]);
    if (layer < n_layers && preactivation.summary.nonfinite == 0) {
      derivatives.setOnes(pass.z[l].rows(), pass.z[l].cols());
      multiply_by_derivative(f, pass.z[l], pass.a[l], derivatives);
      if (is_saturating(f.kind)) preactivation.saturated_fraction = saturated_fraction(f, derivatives);
      preactivation.dead_fraction = dead_fraction(derivatives, is_alive);
    }
    add_samples(layer, TensorKind::activation, pass.a[l]);
    add_row(layer, TensorKind::delta, entries(pass.delta[l]));
    add_row(layer, TensorKind::weight_gradient, entries(gradients.weights[l]));
    const Vector<float>& db = gradients.biases[l];
    add_row(layer, TensorKind::bias_gradient, {db.data(), static_cast<std::size_t>(db.size())});
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
