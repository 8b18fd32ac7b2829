// The training loop, and what is seen of it.
//
// A step is a mini-batch and the update it leads to; steps count from 1, "after step s" is the net that s updates have
// made. An epoch is one walk through the training samples used, in an order of its own. After step s, in this order:
//   the epoch ends or the job does       a row of epochs: means over the epoch's mini-batches, then both evaluations
//   RecordOptions ask, or the job ends   a record of the layers
// A job of no epochs is only looked at: the record of the start, and no evaluation.
// A loss that is not finite ends the job as diverged: nothing is updated from it, and the last record shows the net
// that gave it.
//
// Everything runs with denormals flushed to zero, statistics of layers excepted: in a vanishing net nearly all of the
// deltas are denormal, and the processor takes a hundred cycles for each.
#include "initsweep/train.hpp"
#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <numeric>
#include <string>
#include <string_view>
#include "batches.hpp"
#include "denormals.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/initial_weights.hpp"
#include "initsweep/layer_stats.hpp"
#include "initsweep/mlp.hpp"
#include "initsweep/optimizer.hpp"
#include "initsweep/rng.hpp"
#include "initsweep/sha256.hpp"
#include "lsuv.hpp"
#include "training_size.hpp"

namespace initsweep {
namespace {

struct Interrupted {
  Interrupt why;
};

Parameters<float> sample_parameters(const JobSettings& settings, std::uint32_t seed, const Dataset& dataset,
                                    const Checkpoint& checkpoint) {
  Parameters<float> parameters;
  Fans fans{.fan_in = dataset.n_pixels()};
  for (int layer = 1; layer <= settings.depth() + 1; ++layer) {
    ask(checkpoint);
    fans.fan_out =
        layer <= settings.depth() ? settings.width[static_cast<std::size_t>(layer - 1)] : dataset.n_classes();
    parameters.weights.emplace_back(sample_weights(settings.initializer, fans, seed, layer, checkpoint));
    parameters.biases.push_back(sample_biases(settings.initializer, fans, settings.bias_stddev, seed, layer));
    fans.fan_in = fans.fan_out;
  }
  return parameters;
}

std::vector<std::uint32_t> indices_from(std::size_t first, std::size_t count) {
  std::vector<std::uint32_t> indices(count);
  std::iota(indices.begin(), indices.end(), static_cast<std::uint32_t>(first));
  return indices;
}

// Rows of padding are zero in both.
double l2_of_change(const StatisticsLoops& loops, const Weights<float>& now, const Weights<float>& before) {
  const KeepDenormals keep;
  return std::sqrt(
      loops.squared_distance(now.column(0), before.column(0), static_cast<std::size_t>(now.stride() * now.cols())));
}

constexpr std::size_t kDigestWords = 4096;  // hashed at once

// DESIGN section 4, `digest`. Every NaN counts as the same one: its sign and payload mean nothing.
std::string training_digest(const Parameters<float>& parameters, const std::vector<EpochRow>& epochs,
                            const Checkpoint& checkpoint) {
  static_assert(std::endian::native == std::endian::little, "digests are made of little-endian numbers");
  Sha256 hash;
  std::vector<std::uint32_t> words;
  words.reserve(kDigestWords);
  const auto update = [&](const auto& tensor) {
    for (const float value : tensor.reshaped()) {
      words.push_back(std::isnan(value) ? 0x7fc00000U : std::bit_cast<std::uint32_t>(value));
      if (words.size() < kDigestWords) continue;
      hash.update(std::as_bytes(std::span(words)));
      words.clear();
    }
  };
  for (std::size_t l = 0; l < parameters.weights.size(); ++l) {
    ask(checkpoint);
    update(parameters.weights[l].matrix());
    update(parameters.biases[l]);
  }
  hash.update(std::as_bytes(std::span(words)));
  for (const EpochRow& row : epochs) {
    const double losses[] = {std::isnan(row.train_loss) ? kNoValue : row.train_loss, row.test_loss};
    hash.update(std::as_bytes(std::span(losses)));
  }
  return "d_" + hash.hex().substr(0, 16);
}

// One job on its way: what changes while it runs.
class Training {
 public:
  Training(const JobSettings& settings, std::int64_t seed, const Dataset& dataset, const RecordOptions& options,
           const InterruptPoll& poll, const Kernels<float>& kernels)
      : settings_(settings),
        options_(options),
        dataset_(dataset),
        poll_(poll),
        kernels_(kernels),
        seed_(static_cast<std::uint32_t>(seed)),
        size_(training_size(settings, dataset.train().size())),
        reader_(settings.input_scaling, dataset.train(), size_.n_samples, kernels),
        parameters_(sample_parameters(settings, seed_, dataset, checkpoint_)),
        n_layers_(parameters_.weights.size()) {
    if (settings.initializer.kind == InitializerKind::lsuv) {
      reader_.read(dataset.train(), indices_from(0, std::min(kLsuvSamples, size_.n_samples)), batch_);
      scale_to_unit_variance(kernels_, parameters_, settings.activation, batch_.x, checkpoint_);
    }
    const std::size_t n_probe = std::min(static_cast<std::size_t>(options.probe), size_.n_samples);
    reader_.read_both_ways(dataset.train(), indices_from(0, n_probe), probe_);
    input_row_ = input_row(reader_.pixels(dataset.train(), indices_from(0, n_probe)), layer_summarizer_);
  }

  Record run() {
    Optimizer<float> optimizer(settings_, parameters_, kernels_, checkpoint_);
    record_.epochs.reserve(static_cast<std::size_t>(size_.n_epochs) + 1);
    record_layers(0);
    record_.delta_slope_start = slope_of_last_record();
    bool goes_on = settings_.is_trained() && end_epoch({});
    for (std::int64_t epoch = 1; goes_on && record_.steps_run < size_.n_steps; ++epoch)
      goes_on = run_epoch(epoch, optimizer);
    if (options_.every != RecordOptions::Every::never && settings_.is_trained()) {
      if (record_.layers.back().step != record_.steps_run) record_layers(epoch_in_progress_);
      if (record_.status == JobStatus::ok) record_.delta_slope_end = slope_of_last_record();
    }
    record_.digest = training_digest(parameters_, record_.epochs, checkpoint_);
    return std::move(record_);
  }

 private:
  // False if the job ended by diverging.
  bool run_epoch(std::int64_t epoch, Optimizer<float>& optimizer) {
    epoch_in_progress_ = epoch;
    EpochRow row{.epoch = epoch};
    order_.resize(size_.n_samples);
    std::iota(order_.begin(), order_.end(), 0U);
    if (settings_.shuffle) {
      RngStream stream(seed_, StreamPurpose::batch_order, static_cast<std::uint32_t>(epoch - 1));
      shuffle(order_, stream);
    }
    LossSum sum;
    std::size_t n_seen = 0;
    while (n_seen < order_.size() && record_.steps_run < size_.n_steps) {
      ask_whether_to_go_on();
      const std::size_t n = std::min(static_cast<std::size_t>(settings_.batch_size), order_.size() - n_seen);
      reader_.read_both_ways(dataset_.train(), std::span(order_).subspan(n_seen, n), batch_);
      forward(kernels_, parameters_, settings_.activation, batch_.x, pass_);
      const LossSum of_batch = output_loss(kernels_, settings_.loss, batch_.labels, pass_);
      if (!std::isfinite(of_batch.loss)) return diverge_at(record_.steps_run + 1);
      sum += of_batch;
      n_seen += n;

      const std::int64_t step = ++record_.steps_run;
      const bool ends_epoch = n_seen == order_.size() || step == size_.n_steps;
      const bool is_recorded = is_recorded_after(step, ends_epoch);
      if (is_recorded) keep_weights();
      optimizer.step(parameters_, backward_);
      if (ends_epoch) {
        row.train_loss = sum.loss / static_cast<double>(n_seen);
        row.train_accuracy = sum.accuracy(n_seen);
        record_.epochs_run += n_seen == order_.size() ? 1 : 0;
        if (!end_epoch(row)) return false;
      }
      if (is_recorded) record_layers(epoch);
    }
    return true;
  }

  // Evaluates and keeps the row; false if an evaluation's loss is not finite.
  bool end_epoch(EpochRow row) {
    row.step = record_.steps_run;
    const std::size_t n_validation = static_cast<std::size_t>(settings_.validation_samples);
    const LabelledImages& train = dataset_.train();
    if (!evaluate(dataset_.test(), 0, dataset_.test().size(), row.test_loss, row.test_accuracy) ||
        (n_validation > 0 &&
         !evaluate(train, train.size() - n_validation, n_validation, row.validation_loss, row.validation_accuracy)))
      return diverge_at(record_.steps_run);
    record_.epochs.push_back(row);
    return true;
  }

  // Mean loss and accuracy over `count` images from `first` on; false if the loss is not finite.
  bool evaluate(const LabelledImages& images, std::size_t first, std::size_t count, double& loss, double& accuracy) {
    LossSum sum;
    for (std::size_t done = 0; done < count; done += kEvaluationBlock) {
      ask_whether_to_go_on();
      const std::size_t n = std::min(kEvaluationBlock, count - done);
      evaluated_.resize(n);
      std::iota(evaluated_.begin(), evaluated_.end(), static_cast<std::uint32_t>(first + done));
      reader_.read(images, evaluated_, evaluation_batch_);
      forward(kernels_, parameters_, settings_.activation, evaluation_batch_.x, evaluation_pass_, checkpoint_);
      const LossSum of_block = output_loss(kernels_, settings_.loss, evaluation_batch_.labels, evaluation_pass_);
      sum += of_block;
    }
    loss = sum.loss / static_cast<double>(count);
    accuracy = sum.accuracy(count);
    return std::isfinite(loss);
  }

  bool is_recorded_after(std::int64_t step, bool ends_epoch) const {
    switch (options_.every) {
      case RecordOptions::Every::epoch: return ends_epoch;
      case RecordOptions::Every::steps: return step % options_.steps == 0 || step == size_.n_steps;
      case RecordOptions::Every::never: return false;
    }
    return false;
  }

  // For the norm of the update that comes next.
  void keep_weights() {
    weights_before_.resize(n_layers_);
    for (std::size_t l = 0; l < n_layers_; ++l) {
      ask_whether_to_go_on();
      weights_before_[l] = parameters_.weights[l];
    }
    knows_last_update_ = true;
  }

  void record_layers(std::int64_t epoch) {
    ask_whether_to_go_on();
    forward(kernels_, parameters_, settings_.activation, probe_.x, probe_pass_, checkpoint_);
    output_loss(kernels_, settings_.loss, probe_.labels, probe_pass_);
    mean_gradients(probe_backward_, parameters_, probe_gradients_, checkpoint_);
    std::vector<double> last_update_l2;
    for (std::size_t l = 0; knows_last_update_ && l < weights_before_.size(); ++l) {
      ask_whether_to_go_on();
      last_update_l2.push_back(l2_of_change(kernels_.statistics, parameters_.weights[l], weights_before_[l]));
    }
    knows_last_update_ = false;
    const std::vector<LayerRow> rows =
        layer_rows(parameters_, settings_.activation, input_row_, probe_pass_, probe_gradients_, last_update_l2, epoch,
                   record_.steps_run, layer_summarizer_);
    record_.layers.insert(record_.layers.end(), rows.begin(), rows.end());
    n_last_rows_ = rows.size();
  }

  double slope_of_last_record() const {
    return delta_slope(hidden_delta_rms(std::span(record_.layers).last(n_last_rows_), settings_.depth()));
  }

  bool diverge_at(std::int64_t step) {
    record_.status = JobStatus::diverged;
    record_.diverged_step = step;
    return false;
  }

  void ask_whether_to_go_on() const {
    const Interrupt answer = poll_ ? poll_(record_.steps_run) : Interrupt::none;
    if (answer != Interrupt::none) throw Interrupted{answer};
  }

  const JobSettings& settings_;
  const RecordOptions& options_;
  const Dataset& dataset_;
  const InterruptPoll& poll_;
  Record record_;  // before what asks on the way how many steps it has
  const Checkpoint checkpoint_ = [this] { ask_whether_to_go_on(); };
  const Kernels<float>& kernels_;
  const std::uint32_t seed_;
  const TrainingSize size_;
  const BatchReader reader_;

  Parameters<float> parameters_;
  std::size_t n_layers_;
  std::vector<std::uint32_t> order_, evaluated_;
  Batch batch_, evaluation_batch_, probe_;
  Pass<float> pass_{Keep::training, n_layers_}, evaluation_pass_{Keep::output, n_layers_},
      probe_pass_{Keep::everything, n_layers_};
  Backward<float> backward_{kernels_, parameters_, batch_.x, pass_},
      probe_backward_{kernels_, parameters_, probe_.x, probe_pass_};
  Gradients<float> probe_gradients_;
  LayerSummarizer layer_summarizer_{kernels_.statistics, checkpoint_, options_.jacobian};
  LayerRow input_row_;
  std::vector<Weights<float>> weights_before_;  // the last step, where a record follows it
  bool knows_last_update_ = false;
  std::int64_t epoch_in_progress_ = 0;
  std::size_t n_last_rows_ = 0;
};

}  // namespace

std::optional<Record> train(const JobSettings& settings, std::int64_t seed, const Dataset& dataset,
                            const RecordOptions& record, const InterruptPoll& poll, InstructionSet set) {
  const FlushDenormals flush;
  try {
    return Training(settings, seed, dataset, record, poll, kernels(set)).run();
  } catch (const Interrupted& interrupted) {
    if (interrupted.why == Interrupt::stop) return std::nullopt;
    Record timed_out;
    timed_out.status = JobStatus::timeout;
    timed_out.error = "stopped by limits.job_timeout";
    return timed_out;
  }
}

}  // namespace initsweep
