// Arithmetic: a product of (m, k) and (k, n) is 2 m k n. With P weights and P1 of them in the first layer, a sample
// costs
//   forward 2 P,   weight gradients 2 P,   deltas 2 (P - P1)
// and what is not a product (activations, updates, statistics) is left out: it grows with the same numbers.
//
// Memory: the buffers of the training loop, one by one and all at once, which is a little more than ever is alive
// together. Numbers are float32.
#include "initsweep/plan.hpp"
#include <algorithm>
#include <cmath>
#include "initsweep/optimizer.hpp"
#include "initsweep/record.hpp"
#include "training_size.hpp"

namespace initsweep {
namespace {

constexpr double kFloat = sizeof(float);
constexpr double kProductBlocks = 4.0 * 1024 * 1024;  // what Eigen packs the operands of a product into, at most

struct Layers {
  double weights = 0, first_weights = 0, largest_weights = 0;
  double units = 0, largest_units = 0;  // without the input
};

Layers layers_of(const JobSettings& settings, const DataShape& shape) {
  Layers layers;
  double fan_in = shape.n_pixels;
  for (int l = 0; l <= settings.depth(); ++l) {
    const double fan_out = l < settings.depth() ? settings.width[static_cast<std::size_t>(l)] : shape.n_classes;
    const double weights = fan_in * fan_out;
    if (l == 0) layers.first_weights = weights;
    layers.weights += weights;
    layers.largest_weights = std::max(layers.largest_weights, weights);
    layers.units += fan_out;
    layers.largest_units = std::max(layers.largest_units, fan_out);
    fan_in = fan_out;
  }
  return layers;
}

// Start and end count; an end that falls on a record of its own counts twice at most.
double n_records(const TrainingSize& size, const RecordOptions& record) {
  switch (record.every) {
    case RecordOptions::Every::epoch: return 1 + static_cast<double>(size.n_epochs);
    case RecordOptions::Every::steps:
      return 2 + std::floor(static_cast<double>(size.n_steps) / static_cast<double>(record.steps));
    case RecordOptions::Every::never: return 1;
  }
  return 1;
}

// Samples met by the mini-batches: whole epochs, then what is left of one.
double n_samples_met(const JobSettings& settings, const TrainingSize& size) {
  const double n = static_cast<double>(size.n_samples);
  if (!settings.steps) return n * static_cast<double>(size.n_epochs);
  const double steps_an_epoch = std::ceil(n / static_cast<double>(settings.batch_size));
  const double whole = std::floor(static_cast<double>(size.n_steps) / steps_an_epoch);
  const double rest = static_cast<double>(size.n_steps) - whole * steps_an_epoch;
  return whole * n + rest * static_cast<double>(settings.batch_size);
}

}  // namespace

std::int64_t n_parameters(const JobSettings& settings, const DataShape& shape) {
  const Layers layers = layers_of(settings, shape);
  return static_cast<std::int64_t>(layers.weights + layers.units);
}

Cost estimate_cost(const JobSettings& settings, const DataShape& shape, const RecordOptions& record) {
  const TrainingSize size = training_size(settings, shape.n_train);
  const Layers layers = layers_of(settings, shape);
  const double n_pixels = shape.n_pixels;
  const double records = n_records(size, record);
  const double probe = std::min(static_cast<double>(record.probe), static_cast<double>(size.n_samples));
  const double evaluated = static_cast<double>(shape.n_test) + static_cast<double>(settings.validation_samples);

  Cost cost;
  cost.steps = size.n_steps;
  const double forward = 2 * layers.weights;
  const double both_ways = 6 * layers.weights - 2 * layers.first_weights;
  cost.flops = both_ways * (n_samples_met(settings, size) + records * probe) +
               forward * evaluated * (1 + static_cast<double>(size.n_epochs));

  const OptimizerState state = optimizer_state(settings);
  const double copies = 1 + state.first + state.second + state.gradients;  // of all parameters
  const double probe_gradients = layers.weights + layers.units;
  const double weights_before = record.every == RecordOptions::Every::never ? 0 : layers.weights;
  const double batch = std::min(static_cast<double>(settings.batch_size), static_cast<double>(size.n_samples));
  const double with_deltas = n_pixels + 3 * layers.units;  // x, then z, a and delta of every layer, a sample
  const double without_deltas = n_pixels + 2 * layers.units + shape.n_classes;
  const double statistics = std::max(layers.largest_weights, probe * std::max(layers.largest_units, n_pixels)) +
                            probe * layers.largest_units;  // scratch of a summary; derivatives
  // Before training: weights in double on their way from the law (three of them in an orthonormal one), lsuv's batch.
  const double sampling = 3 * sizeof(double) * layers.largest_weights +
                          kFloat * kLsuvSamples * (n_pixels + 2 * std::max(layers.largest_units, n_pixels));
  const double loop = kFloat * (copies * (layers.weights + layers.units) + probe_gradients + weights_before +
                                batch * with_deltas + kEvaluationBlock * without_deltas + probe * with_deltas +
                                statistics + static_cast<double>(size.n_samples));
  const double rows = records * (1.0 + 6.0 * (settings.depth() + 1)) * sizeof(LayerRow) * 2;  // a vector doubles
  cost.bytes = loop + sampling + rows + kProductBlocks;
  return cost;
}

}  // namespace initsweep
