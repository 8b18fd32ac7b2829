// Arithmetic: a product of (m, k) and (k, n) is 2 m k n. With P weights and P1 of them in the first layer, a sample
// costs
//   forward 2 P,   weight gradients 2 P,   deltas 2 (P - P1)
// and what is not a product (activations, updates, statistics) is left out.
//
// Work is what time follows: what the loops do, padding included and zeros of the input left out, each kind of it times
// the seconds that one of its kind takes. `tests/bench/cost` holds it against the clock; where the engine changes, the
// numbers in `seconds` are to be measured again: a least-squares fit of relative errors to steps of nets of 1..20
// layers, 30..1000 units and batches of 1..1000, one job alone on a 2026 Xeon with AVX-512 and 2 MiB of L2 cache.
//
// Memory: what is alive together in each of three phases, the largest of which counts: weights are drawn; the net is
// trained, all buffers being there, and looked at; its rows are written down. An upper bound, within a third of what is
// measured for nets that are large. Numbers are float32.
#include "initsweep/plan.hpp"
#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>
#include <span>
#include "batches.hpp"
#include "initsweep/journal.hpp"
#include "initsweep/optimizer.hpp"
#include "initsweep/record.hpp"
#include "training_size.hpp"

namespace initsweep {
namespace {

constexpr double kFloat = sizeof(float);

namespace seconds {
constexpr double kMultiplyAdd = 12e-12;        // of a dense product
constexpr double kSparseMultiplyAdd = 30e-12;  // of a byte that is not zero and a unit of the first layer
constexpr double kFarMultiplyAdd = 12e-12;  // more, of a gradient whose deltas come from beyond the first-level cache
constexpr double kByte = 0.4e-9;            // of an image on its way into a batch
constexpr double kIndexed = 4e-9;           // a byte that is not zero, put where its pixel's weights look for it
constexpr double kUnit = 0.75e-9;           // of a sample: what is done to it beside products, both ways
constexpr double kWeight = 0.12e-9;         // taken up and put down by a step
constexpr double kFarWeight = 0.28e-9;      // more, where it comes from beyond the second-level cache
constexpr double kStep = 4e-6;
constexpr double kDrawn = 15e-9;        // a weight, from its law
constexpr double kReflected = 0.22e-9;  // longer * shorter^2 of an orthonormal matrix
constexpr double kStatistic = 3e-9;     // a number described in a record of the layers
constexpr double kPixelStatistic = 9e-9;
constexpr double kReduced = 0.23e-9;  // shorter^3 of a layer's Jacobian
constexpr double kSquared = 0.08e-9;  // shorter^2 * longer of it
constexpr double kScanned = 0.5e-9;   // a byte of the training images, where scaling learns from them

// What f and f' of one number take beyond those of ReLU.
double activation(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::linear:
    case ActivationKind::hard_sigmoid:
    case ActivationKind::hard_tanh:
    case ActivationKind::relu:
    case ActivationKind::leaky_relu: return 0;
    case ActivationKind::softsign:
    case ActivationKind::elu:
    case ActivationKind::selu:
    case ActivationKind::sigmoid:
    case ActivationKind::tanh: return 0.35e-9;
    case ActivationKind::silu:
    case ActivationKind::mish:
    case ActivationKind::gelu_tanh: return 0.6e-9;
    case ActivationKind::softplus: return 1e-9;
    case ActivationKind::erf:
    case ActivationKind::gelu: return 1.3e-9;
  }
  return 0;
}

// What the rule takes for one weight beyond plain descent, which is part of the product.
double update(const JobSettings& settings) {
  const double clip = settings.gradient_clip ? 0.5e-9 : 0;
  switch (settings.optimizer) {
    case OptimizerKind::sgd: return clip;
    case OptimizerKind::momentum:
    case OptimizerKind::nesterov: return clip + 0.3e-9;
    case OptimizerKind::rmsprop: return clip + 0.6e-9;
    case OptimizerKind::adam: return clip + 0.85e-9;
  }
  return clip;
}
}  // namespace seconds

double in_rows(double n) { return static_cast<double>(padded(static_cast<Index>(n))); }

struct Layer {
  double fan_in, fan_out;
  [[nodiscard]] double weights() const { return fan_in * fan_out; }
  [[nodiscard]] double padded_weights() const { return fan_in * in_rows(fan_out); }
};

std::vector<Layer> layers_of(const JobSettings& settings, const DataShape& shape) {
  std::vector<Layer> layers;
  double fan_in = shape.n_pixels;
  for (const int units : settings.width) {
    layers.push_back({fan_in, static_cast<double>(units)});
    fan_in = units;
  }
  layers.push_back({fan_in, static_cast<double>(shape.n_classes)});
  return layers;
}

template <class Of>
double sum_over(const std::vector<Layer>& layers, const Of& of) {
  double sum = 0;
  for (const Layer& layer : layers) sum += of(layer);
  return sum;
}
double weights_of(const std::vector<Layer>& layers) { return sum_over(layers, std::mem_fn(&Layer::weights)); }
double units_of(const std::vector<Layer>& layers) { return sum_over(layers, std::mem_fn(&Layer::fan_out)); }
double padded_weights_of(const std::vector<Layer>& layers) {
  return sum_over(layers, std::mem_fn(&Layer::padded_weights));
}

// Start and end count, which are one of a net that is not trained; an end that falls on a record of its own counts
// twice at most.
double n_records(const JobSettings& settings, const TrainingSize& size, const RecordOptions& record) {
  if (!settings.is_trained()) return 1;
  switch (record.every) {
    case RecordOptions::Every::epoch: return 1 + static_cast<double>(size.n_epochs);
    case RecordOptions::Every::steps:
      return 2 + std::floor(static_cast<double>(size.n_steps) / static_cast<double>(record.steps));
    case RecordOptions::Every::never: return 1;
  }
  return 1;
}

// Before training and after each epoch; none of what is never trained.
double n_evaluations(const JobSettings& settings, const TrainingSize& size) {
  return settings.is_trained() ? 1 + static_cast<double>(size.n_epochs) : 0;
}

// The mini-batches met: whole epochs, then what is left of one.
struct Batches {
  double size = 0, n = 0;
  double last_size = 0, n_last = 0;  // the short ones that epochs end with
  [[nodiscard]] double samples() const { return size * n + last_size * n_last; }
};

Batches batches_of(const JobSettings& settings, const TrainingSize& size) {
  const auto n = static_cast<std::int64_t>(size.n_samples), batch = std::min(settings.batch_size, n);
  const std::int64_t whole_an_epoch = n / batch, last = n % batch, steps_an_epoch = whole_an_epoch + (last > 0 ? 1 : 0);
  const std::int64_t n_last = last > 0 ? size.n_steps / steps_an_epoch : 0;
  return {static_cast<double>(batch), static_cast<double>(size.n_steps - n_last), static_cast<double>(last),
          static_cast<double>(n_last)};
}

// Seconds on the reference core.
class Work {
 public:
  Work(const JobSettings& settings, const DataShape& shape)
      : settings_(settings),
        shape_(shape),
        layers_(layers_of(settings, shape)),
        is_sparse_(shape.density < kSparseBelow),
        is_shifted_(settings.input_scaling.kind == InputScalingKind::standardize ||
                    settings.input_scaling.subtract != 0),
        unit_(seconds::activation(settings.activation.kind)),
        far_share_(beyond(1.5e6, padded_weights_of(layers_))),
        // Rows of W are fetched in no order, so farther ones cost half as much again.
        sparse_(seconds::kSparseMultiplyAdd * (1 + 0.5 * beyond(1e6, layers_.front().padded_weights()))) {}

  [[nodiscard]] double forward(double n) const {
    const double rows = in_rows(n);
    double sum = n * shape_.n_pixels * seconds::kByte;
    for (const Layer& layer : layers_)
      if (is_sparse_ && &layer == &layers_.front())
        sum += n * nonzeros() * in_rows(layer.fan_out) * sparse_ +
               (is_shifted_ ? layer.padded_weights() * seconds::kWeight : 0);
      else
        sum += rows * layer.weights() * seconds::kMultiplyAdd;
    return sum + rows * units_of(layers_) * unit_;
  }

  [[nodiscard]] double backward(double n) const {
    const double rows = in_rows(n);
    double sum = is_sparse_ ? n * nonzeros() * seconds::kIndexed : n * shape_.n_pixels * seconds::kByte;
    for (const Layer& layer : layers_) {
      const bool is_first = &layer == &layers_.front();
      const double more = beyond(256e3, n * in_rows(layer.fan_out)) * seconds::kFarMultiplyAdd;
      if (is_sparse_ && is_first)
        sum += n * nonzeros() * in_rows(layer.fan_out) * (sparse_ + more);
      else
        sum += n * layer.padded_weights() * (seconds::kMultiplyAdd + more) +
               (is_first ? 0 : rows * layer.weights() * seconds::kMultiplyAdd) +
               layer.padded_weights() * (seconds::kWeight + far_share_ * seconds::kFarWeight);
    }
    return sum + rows * units_of(layers_) * seconds::kUnit;
  }

  [[nodiscard]] double step(double n) const {
    return seconds::kStep + forward(n) + backward(n) + padded_weights_of(layers_) * seconds::update(settings_);
  }

  [[nodiscard]] double evaluation(double n) const {
    constexpr double kBlock = kEvaluationBlock;
    return std::floor(n / kBlock) * forward(kBlock) + forward(std::fmod(n, kBlock));
  }

  [[nodiscard]] double record(double probe) const {
    const double described = 2 * weights_of(layers_) + 3 * probe * units_of(layers_);
    return forward(probe) + backward(probe) + described * seconds::kStatistic;
  }

  // The singular values of a record's layer Jacobians; of as many samples. W W^T serves them all, and rows of units
  // that ReLU has set to zero, half of them before training, are left out.
  [[nodiscard]] double jacobians(double n) const {
    double sum = 0;
    for (const Layer& layer : std::span(layers_).first(n > 0 ? layers_.size() - 1 : 0)) {
      const double rows = layer.fan_out * (settings_.activation.kind == ActivationKind::relu ? 0.5 : 1);
      const double squared = layer.fan_out <= layer.fan_in ? layer.fan_out * layer.weights()
                                                           : n * rows * layer.fan_in * std::min(rows, layer.fan_in);
      sum += n * std::pow(std::min(rows, layer.fan_in), 3) * seconds::kReduced + squared * seconds::kSquared;
    }
    return sum;
  }

  [[nodiscard]] double start(double probe, double n_samples) const {
    double sum = probe * shape_.n_pixels * seconds::kPixelStatistic;
    if (settings_.input_scaling.kind == InputScalingKind::standardize)
      sum += n_samples * shape_.n_pixels * seconds::kScanned;
    const InitializerKind kind = settings_.initializer.kind;
    const bool is_orthogonal = kind == InitializerKind::orthogonal || kind == InitializerKind::lsuv;
    for (const Layer& layer : layers_) {
      const double shorter = std::min(layer.fan_in, layer.fan_out);
      sum += layer.weights() * (seconds::kDrawn + (is_orthogonal ? shorter * seconds::kReflected : 0));
    }
    return sum;
  }

 private:
  // The share of so many numbers that a cache cannot keep.
  static double beyond(double bytes, double numbers) { return std::max(0.0, 1 - bytes / (kFloat * numbers)); }
  [[nodiscard]] double nonzeros() const { return shape_.density * shape_.n_pixels; }

  const JobSettings& settings_;
  const DataShape& shape_;
  std::vector<Layer> layers_;
  bool is_sparse_, is_shifted_;
  double unit_, far_share_, sparse_;
};

double work_of(const JobSettings& settings, const DataShape& shape, const RecordOptions& record,
               const TrainingSize& size, double probe) {
  const Work work(settings, shape);
  const Batches batches = batches_of(settings, size);
  const double evaluation = work.evaluation(static_cast<double>(shape.n_test)) +
                            work.evaluation(static_cast<double>(settings.validation_samples));
  const double of_record = work.record(probe) + work.jacobians(std::min<double>(record.jacobian, probe));
  return work.start(probe, static_cast<double>(size.n_samples)) + n_records(settings, size, record) * of_record +
         n_evaluations(settings, size) * evaluation + batches.n * work.step(batches.size) +
         batches.n_last * work.step(batches.last_size);
}

// A batch as it is read; one for a way back has its pixels in order too. A sparse one has room for pixels that are all
// there, of which the system gives what is touched: a fifth for MNIST, so that this is a loose bound for large batches.
double batch_bytes(double n, const DataShape& shape, bool is_sparse, bool both_ways) {
  if (is_sparse) return kFloat * (both_ways ? 4 : 2) * (n + 8) * shape.n_pixels;
  return kFloat * shape.n_pixels * (in_rows(n) + kPanel);
}

double bytes_of(const JobSettings& settings, const DataShape& shape, const RecordOptions& record,
                const TrainingSize& size, double probe) {
  const std::vector<Layer> layers = layers_of(settings, shape);
  const double units = units_of(layers), parameters = padded_weights_of(layers) + units;
  double widest = 0, largest_weights = 0, copied_weights = 0;
  for (const Layer& layer : layers) {
    widest = std::max(widest, in_rows(layer.fan_out));
    largest_weights = std::max(largest_weights, layer.padded_weights());
    if (in_rows(layer.fan_out) > layer.fan_out) copied_weights = std::max(copied_weights, layer.weights());
  }
  const bool is_sparse = shape.density < kSparseBelow;
  const double n = static_cast<double>(size.n_samples);
  const double batch = std::min(static_cast<double>(settings.batch_size), n);
  const double block = std::min<double>(kEvaluationBlock, static_cast<double>(shape.n_test));

  const OptimizerState state = optimizer_state(settings);
  const bool is_recorded = record.every != RecordOptions::Every::never;
  const double copies = 1 + state.first + state.second + state.gradients + 1;  // the last: gradients of the probe
  // Gradients of some columns, 16 Ki numbers or 24 columns.
  const double columns = settings.optimizer == OptimizerKind::sgd ? 0 : std::max(16.0 * 1024, 24 * widest);
  const double of_parameters = kFloat * (copies * parameters + (is_recorded ? padded_weights_of(layers) : 0) + columns);
  // Activations and derivatives of every layer, for the probe z and delta as well; two deltas otherwise, one of them
  // by sample too.
  const double training_pass = in_rows(batch) * (2 * units + 3 * widest);
  const double probe_pass = in_rows(probe) * (4 * units + widest);
  const double evaluation_pass = in_rows(block) * (3 * widest + 3 * shape.n_classes);
  const double by_sample = 3 * (kPanel + 2) * widest;
  const double batches = batch_bytes(batch, shape, is_sparse, true) + batch_bytes(probe, shape, is_sparse, true) +
                         batch_bytes(block, shape, is_sparse, false);

  // A summary's scratch, two numbers for each of a tensor's, and the tensor itself where its numbers are no neighbours.
  const double pixels = static_cast<double>(shape.n_pixels), largest_probed = probe * std::max(widest, pixels);
  const double described = 2 * std::max(largest_weights, largest_probed) +
                           std::max(copied_weights, probe > kPanel || probe < in_rows(probe) ? probe * widest : 0);
  // In double: W W^T and what is made of it for a sample; or a sample's Jacobian with the product of its columns.
  double decomposed = 0;
  for (const Layer& layer : std::span(layers).first(record.jacobian > 0 ? layers.size() - 1 : 0)) {
    const double square = std::pow(std::min(layer.fan_in, layer.fan_out), 2);
    decomposed = std::max(
        decomposed, sizeof(double) * (layer.fan_out <= layer.fan_in ? 2 * square + 3 * 64 * layer.fan_out
                                                                    : layer.weights() + square + 512 * layer.fan_in));
  }
  // What the start needs and then lets go of: the weights of a layer on their way from the law, with two matrices in
  // double for an orthonormal one; lsuv's batch; the probe's pixels.
  const bool is_lsuv = settings.initializer.kind == InitializerKind::lsuv;
  const bool is_orthogonal = is_lsuv || settings.initializer.kind == InitializerKind::orthogonal;
  const double drawn = kFloat * padded_weights_of(layers) +
                       std::max({largest_weights * (kFloat + (is_orthogonal ? 2 * sizeof(double) : 0)),
                                 is_lsuv ? kFloat * kLsuvSamples * 5 * std::max(widest, pixels) : 0,
                                 batch_bytes(probe, shape, is_sparse, true) + kFloat * 3 * probe * pixels});
  const double trained = of_parameters +
                         kFloat * (training_pass + probe_pass + evaluation_pass + by_sample + n + described) + batches +
                         decomposed;
  // Rows are in a vector that doubles; when the job is over they become a line of text, and later a table's text, in a
  // string that doubles.
  const double rows = n_records(settings, size, record) * (1.0 + 6.0 * (settings.depth() + 1));
  const double row = 2 * sizeof(LayerRow), text = 2.0 * kJournalRowBytes;
  constexpr double kRest = 512 * 1024;
  return std::max({drawn, trained + rows * row, rows * (row + text)}) + kRest;
}

}  // namespace

DataShape shape_of(const Dataset& data) {
  const LabelledImages& train = data.train();
  return {.n_train = train.size(),
          .n_test = data.test().size(),
          .n_pixels = data.n_pixels(),
          .n_classes = data.n_classes(),
          .density = density(train, train.size())};
}

std::int64_t n_parameters(const JobSettings& settings, const DataShape& shape) {
  const std::vector<Layer> layers = layers_of(settings, shape);
  return static_cast<std::int64_t>(weights_of(layers) + units_of(layers));
}

Cost estimate_cost(const JobSettings& settings, const DataShape& shape, const RecordOptions& record) {
  const TrainingSize size = training_size(settings, shape.n_train);
  const std::vector<Layer> layers = layers_of(settings, shape);
  const double weights = weights_of(layers);
  const double probe = std::min(static_cast<double>(record.probe), static_cast<double>(size.n_samples));
  const double evaluated = static_cast<double>(shape.n_test) + static_cast<double>(settings.validation_samples);

  Cost cost;
  cost.steps = size.n_steps;
  const double forward = 2 * weights, both_ways = 6 * weights - 2 * layers.front().weights();
  cost.flops = both_ways * (batches_of(settings, size).samples() + n_records(settings, size, record) * probe) +
               forward * evaluated * n_evaluations(settings, size);
  cost.work = work_of(settings, shape, record, size, probe);
  cost.bytes = bytes_of(settings, shape, record, size, probe);
  return cost;
}

double seconds_to_finish(std::vector<double> free_at, std::span<const double> jobs) {
  if (free_at.empty()) return 0;
  // Beyond so many the threads end the first ones together, within a part in a thousand of the whole.
  constexpr std::size_t kFollowed = 2000;
  if (jobs.size() > kFollowed) {
    const std::span<const double> first = jobs.first(jobs.size() - kFollowed);
    double sum = 0;
    for (const double seconds : free_at) sum += seconds;
    for (const double seconds : first) sum += seconds;
    for (double& seconds : free_at) seconds = std::max(seconds, sum / static_cast<double>(free_at.size()));
    jobs = jobs.last(kFollowed);
  }
  double end = *std::max_element(free_at.begin(), free_at.end());
  std::priority_queue<double, std::vector<double>, std::greater<>> next(std::greater<>(), std::move(free_at));
  for (const double seconds : jobs) {
    const double done = next.top() + seconds;
    next.pop();
    next.push(done);
    end = std::max(end, done);
  }
  return end;
}

}  // namespace initsweep
