// How long a job is and in what portions it works: shared by the training loop and by the estimate of its cost.
#pragma once
#include <cstddef>
#include <cstdint>
#include "initsweep/settings.hpp"

namespace initsweep {

inline constexpr std::size_t kEvaluationBlock = 256;  // samples of a forward pass when evaluating
inline constexpr std::size_t kLsuvSamples = 256;

struct TrainingSize {
  std::size_t n_samples = 0;  // training samples used
  std::int64_t n_steps = 0;   // mini-batches of the job
  std::int64_t n_epochs = 0;  // a last one that `steps` cuts short counts
};
[[nodiscard]] TrainingSize training_size(const JobSettings& settings, std::size_t n_in_file);

}  // namespace initsweep
