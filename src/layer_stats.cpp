// Each tensor's own numbers are summarize()'s; what is added here belongs to a layer: how many of its preactivations
// sit where f is flat, how many of its units no probe sample can move, how far the samples still differ and how much
// they point the same way, how far its units are from zero on average, and how large the last step was.
//
// f' is what the float32 code that training multiplies delta by makes of it, so a unit counts as dead when no delta
// passes it for any sample, be it for a flat f or for the end of float32.
#include "initsweep/layer_stats.hpp"
#include <algorithm>
#include <cmath>
#include "denormals.hpp"
#include "layer_jacobian.hpp"

namespace initsweep {
namespace {

// Numbers of a tensor as neighbours, in columns: the samples of a unit, or the weights of an input.
struct Columns {
  const float* data = nullptr;
  std::size_t rows = 0, columns = 0;
  [[nodiscard]] std::span<const float> all() const { return {data, rows * columns}; }
};

Columns columns_of(const Weights<float>& weights, LayerSummarizer& with) {
  const Index rows = weights.rows();
  const Columns result{.rows = static_cast<std::size_t>(rows), .columns = static_cast<std::size_t>(weights.cols())};
  if (weights.stride() == rows) return {weights.column(0), result.rows, result.columns};
  with.copied.reserve(rows * weights.cols());
  for (Index i = 0; i < weights.cols(); ++i) std::copy_n(weights.column(i), rows, with.copied.data() + i * rows);
  return {with.copied.data(), result.rows, result.columns};
}

Columns columns_of(const Panels<float>& panels, LayerSummarizer& with) {
  const Index n = panels.samples(), units = panels.units();
  const Columns result{.rows = static_cast<std::size_t>(n), .columns = static_cast<std::size_t>(units)};
  if (n_panels(n) == 1 && panels.rows(0) == n) return {panels.data(), result.rows, result.columns};
  with.copied.reserve(n * units);
  for (Index panel = 0; panel < n_panels(n); ++panel) {
    ask(with.summarizer.checkpoint);
    for (Index unit = 0; unit < units; ++unit)
      std::copy_n(panels.at(panel, unit), panel_samples(n, panel), with.copied.data() + unit * n + panel * kPanel);
  }
  return {with.copied.data(), result.rows, result.columns};
}

// Fills in saturated_fraction, the share of entries with |f'(z)| < 0.05 max |f'|, where f saturates, and dead_fraction,
// the share of units with f' = 0 for every sample.
void describe_derivatives(const Activation& f, const Panels<float>& derivatives, LayerRow& row) {
  const float threshold = static_cast<float>(0.05 * max_abs_derivative(f));
  const Index n = derivatives.samples();
  std::int64_t n_small = 0, n_dead = 0;
  for (Index unit = 0; unit < derivatives.units(); ++unit) {
    std::int32_t n_alive = 0;
    for (Index panel = 0; panel < n_panels(n); ++panel) {
      std::int32_t small = 0, nonzero = 0;
      for (const float slope :
           std::span(derivatives.at(panel, unit), static_cast<std::size_t>(panel_samples(n, panel)))) {
        small += std::abs(slope) < threshold ? 1 : 0;
        nonzero += slope != 0 ? 1 : 0;
      }
      n_small += small;
      n_alive += nonzero;
    }
    n_dead += n_alive == 0 ? 1 : 0;
  }
  const double units = static_cast<double>(derivatives.units());
  row.dead_fraction = static_cast<double>(n_dead) / units;
  if (is_saturating(f.kind)) row.saturated_fraction = static_cast<double>(n_small) / (units * static_cast<double>(n));
}

// correlation: the cosine of two samples' vectors z, not centred, meaned over all pairs. All of them at once: the unit
// vectors u = z / |z| of n samples have |sum u|^2 = n + sum over ordered pairs of their cosines. A vector that is zero
// has no direction, so its sample is left out. Squares of float32 numbers neither overflow nor vanish in double.
// unit_mean_median: the median over units of the mean over samples (Clevert et al. 2016, fig. 2).
void describe_directions(const Columns& values, LayerSummarizer& with, LayerRow& row) {
  const StatisticsLoops& loops = with.summarizer.loops;
  with.by_sample.assign(values.rows, 0);
  with.by_unit.resize(values.columns);
  loops.add_squares_of_rows(values.data, values.rows, values.columns, with.by_sample.data());
  double n = 0;
  for (double& of_sample : with.by_sample) {
    n += of_sample > 0 ? 1 : 0;
    of_sample = of_sample > 0 ? 1 / std::sqrt(of_sample) : 0;
  }
  ask(with.summarizer.checkpoint);
  const double squared_sum = loops.squared_products_within(values.data, values.rows, values.columns,
                                                           with.by_sample.data(), with.by_unit.data());
  if (n >= 2) row.correlation = std::min(1.0, (squared_sum - n) / (n * (n - 1)));  // not 1 and a rounding
  for (double& of_unit : with.by_unit) of_unit /= static_cast<double>(values.rows);
  row.unit_mean_median = quantile(with.by_unit, 0.5) + 0.0;
}

// between_sample_std: the root of the mean over units of the variance over samples.
void describe_samples(const Columns& values, LayerSummarizer& with, LayerRow& row) {
  Summarizer& summarizer = with.summarizer;
  row.summary = summarize(values.all(), summarizer);
  if (row.summary.nonfinite > 0) return;
  ask(summarizer.checkpoint);
  row.between_sample_std =
      std::sqrt(summarizer.loops.squared_deviations_within(values.data, values.rows, values.columns) /
                static_cast<double>(row.summary.count));
  ask(summarizer.checkpoint);
  describe_directions(values, with, row);
}

void describe_jacobian(const Weights<float>& weights, const Panels<float>& derivatives, LayerSummarizer& with,
                       LayerRow& row) {
  const SingularValues values =
      jacobian_singular_values(weights, derivatives, with.jacobian_samples, with.summarizer.checkpoint);
  row.jacobian_sv_mean = values.mean;
  row.jacobian_sv_rms = values.rms;
  row.jacobian_sv_min = values.min;
  row.jacobian_sv_max = values.max;
}

}  // namespace

LayerRow input_row(const Matrix<float>& pixels, LayerSummarizer& with) {
  const KeepDenormals keep;
  LayerRow row;
  row.tensor = TensorKind::activation;
  row.fan_out = static_cast<int>(pixels.cols());
  describe_samples({pixels.data(), static_cast<std::size_t>(pixels.rows()), static_cast<std::size_t>(pixels.cols())},
                   with, row);
  return row;
}

std::vector<LayerRow> layer_rows(const Parameters<float>& parameters, const Activation& f, const LayerRow& input,
                                 const Pass<float>& pass, const Gradients<float>& gradients,
                                 std::span<const double> last_update_l2, std::int64_t epoch, std::int64_t step,
                                 LayerSummarizer& with) {
  const KeepDenormals keep;
  const std::size_t n_layers = parameters.weights.size();
  std::vector<LayerRow> rows;
  rows.reserve(1 + 6 * n_layers);

  const auto add_row = [&](std::size_t layer, TensorKind tensor) -> LayerRow& {
    ask(with.summarizer.checkpoint);
    LayerRow& row = rows.emplace_back();
    row.layer = static_cast<int>(layer);
    row.tensor = tensor;
    row.fan_in = static_cast<int>(parameters.weights[layer - 1].cols());
    row.fan_out = static_cast<int>(parameters.weights[layer - 1].rows());
    return row;
  };
  const auto add_tensor = [&](std::size_t layer, TensorKind tensor, const auto& numbers) -> LayerRow& {
    LayerRow& row = add_row(layer, tensor);
    row.summary = summarize(columns_of(numbers, with).all(), with.summarizer);
    return row;
  };
  const auto add_samples = [&](std::size_t layer, TensorKind tensor, const Panels<float>& panels) -> LayerRow& {
    LayerRow& row = add_row(layer, tensor);
    describe_samples(columns_of(panels, with), with, row);
    return row;
  };

  rows.push_back(input);
  for (std::size_t layer = 1; layer <= n_layers; ++layer) {
    const std::size_t l = layer - 1;
    LayerRow& weight = add_tensor(layer, TensorKind::weight, parameters.weights[l]);
    if (!last_update_l2.empty()) weight.update_ratio = last_update_l2[l] / weight.summary.l2;

    LayerRow& preactivation = add_samples(layer, TensorKind::preactivation, pass.z(l));
    if (layer < n_layers && preactivation.summary.nonfinite == 0)
      describe_derivatives(f, pass.derivative(l), preactivation);
    LayerRow& activation = add_samples(layer, TensorKind::activation, pass.a(l));
    if (layer < n_layers) describe_jacobian(parameters.weights[l], pass.derivative(l), with, activation);
    add_tensor(layer, TensorKind::delta, pass.delta(l));
    add_tensor(layer, TensorKind::weight_gradient, gradients.weights[l]);
    const Vector<float>& db = gradients.biases[l];
    add_row(layer, TensorKind::bias_gradient).summary =
        summarize({db.data(), static_cast<std::size_t>(db.size())}, with.summarizer);
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
