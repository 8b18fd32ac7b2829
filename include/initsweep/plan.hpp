// What a sweep will cost, before it is run: arithmetic, memory, and so the order (longest first) and the time.
#pragma once
#include <cstddef>
#include <cstdint>
#include "initsweep/settings.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {

struct DataShape {
  std::size_t n_train = 60'000, n_test = 10'000;
  int n_pixels = 784, n_classes = 10;
};

struct Cost {
  double flops = 0;        // multiplies and adds of all products: training, evaluations, records
  double bytes = 0;        // peak working memory of the job; the shared data set is not in it
  std::int64_t steps = 0;  // mini-batches
};
// Throws UsageError where the file has too few samples for the settings.
[[nodiscard]] Cost estimate_cost(const JobSettings& settings, const DataShape& shape, const RecordOptions& record);

// Weights and biases.
[[nodiscard]] std::int64_t n_parameters(const JobSettings& settings, const DataShape& shape);

}  // namespace initsweep
