// A job that a test can hold in its head: 4 x 4 images of three classes, each class bright in a place of its own, and
// a net of two small hidden layers.
#pragma once
#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>
#include "initsweep/dataset.hpp"
#include "initsweep/train.hpp"

namespace initsweep {

inline LabelledImages small_images(std::size_t n, unsigned seed) {
  LabelledImages images{.rows = 4, .columns = 4, .pixels = {}, .labels = {}};
  std::mt19937 engine(seed);  // its raw output is fixed by the standard
  for (std::size_t image = 0; image < n; ++image) {
    const std::size_t label = engine() % 3;
    images.labels.push_back(static_cast<std::uint8_t>(label));
    for (std::size_t pixel = 0; pixel < 16; ++pixel) {
      const bool is_bright = pixel / 5 == label;  // the last pixel belongs to no class
      images.pixels.push_back(static_cast<std::uint8_t>(pixel == 15 ? 0 : (is_bright ? 128 : 0) + engine() % 128));
    }
  }
  return images;
}

inline Dataset small_dataset(LabelledImages train = small_images(100, 1), LabelledImages test = small_images(40, 2)) {
  return Dataset("small", std::move(train), std::move(test), 3, "0123456789abcdef");
}

inline Initializer scaled_by(double scale) {
  return {.kind = InitializerKind::variance_scaling, .scale = scale, .distribution = Distribution::normal};
}

// 16-[8, 6]-3, batches of 8: 13 steps an epoch of the small data set, the last one of 4.
inline JobSettings small_settings() {
  JobSettings settings;
  settings.initializer = scaled_by(1);
  settings.mode = FanMode::fan_in;
  settings.activation.kind = ActivationKind::tanh;
  settings.width = {8, 6};
  settings.epochs = 2;
  settings.batch_size = 8;
  settings.learning_rate = 0.1;
  return settings;
}

inline Record run(const JobSettings& settings, const Dataset& dataset = small_dataset(),
                  const RecordOptions& options = {}, std::int64_t seed = 1,
                  InstructionSet set = best_instruction_set()) {
  return train(settings, seed, dataset, options, {}, set).value();
}

using Steps = std::vector<std::pair<std::int64_t, std::int64_t>>;  // epoch, step
inline Steps record_steps(const Record& record) {
  Steps steps;
  for (const LayerRow& row : record.layers)
    if (row.layer == 0) steps.emplace_back(row.epoch, row.step);
  return steps;
}
inline Steps epoch_steps(const Record& record) {
  Steps steps;
  for (const EpochRow& row : record.epochs) steps.emplace_back(row.epoch, row.step);
  return steps;
}

}  // namespace initsweep
