#include "training_size.hpp"
#include <string>
#include "initsweep/diagnostic.hpp"
#include "initsweep/train.hpp"

namespace initsweep {

std::size_t n_training_samples(const JobSettings& settings, std::size_t n_in_file) {
  const std::size_t n_validation = static_cast<std::size_t>(settings.validation_samples);
  const std::string of_file = " of the " + std::to_string(n_in_file) + " training samples of " + settings.dataset;
  if (n_validation >= n_in_file)
    throw UsageError("validation_samples " + std::to_string(n_validation) + " leaves none" + of_file + " to train on");
  const std::size_t n_left = n_in_file - n_validation;
  const std::size_t n_used =
      static_cast<std::size_t>(settings.train_samples.value_or(static_cast<std::int64_t>(n_left)));
  if (n_used > n_left)
    throw UsageError("train_samples " + std::to_string(n_used) + " is more than the " +
                     (n_validation == 0 ? of_file.substr(std::string(" of the ").size())
                                        : std::to_string(n_left) + " that validation_samples " +
                                              std::to_string(n_validation) + " leaves" + of_file));
  return n_used;
}

TrainingSize training_size(const JobSettings& settings, std::size_t n_in_file) {
  TrainingSize size{.n_samples = n_training_samples(settings, n_in_file)};
  const auto rounded_up = [](std::int64_t a, std::int64_t b) { return (a + b - 1) / b; };
  const std::int64_t steps_an_epoch = rounded_up(static_cast<std::int64_t>(size.n_samples), settings.batch_size);
  size.n_steps = settings.steps ? *settings.steps : *settings.epochs * steps_an_epoch;
  size.n_epochs = rounded_up(size.n_steps, steps_an_epoch);
  return size;
}

}  // namespace initsweep
