// What a sweep will cost, before it is run: arithmetic, memory, and time, and so the order (longest first).
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>
#include "initsweep/dataset.hpp"
#include "initsweep/settings.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {

// The density of MNIST and of Fashion-MNIST, training images.
inline constexpr double kMnistDensity = 0.191, kFashionMnistDensity = 0.498;

// What of a data set costs time and memory.
struct DataShape {
  std::size_t n_train = 60'000, n_test = 10'000;
  int n_pixels = 784, n_classes = 10;
  double density = kMnistDensity;  // share of pixels that are not zero: where it is small they are skipped
};
[[nodiscard]] DataShape shape_of(const Dataset& data);

struct Cost {
  double flops = 0;  // multiplies and adds of all products, zeros of the input too: training, evaluations, records
  // Seconds alone on the core that plan.cpp's coefficients are from. Elsewhere a job takes work times some pace, much
  // the same for all jobs of a sweep, which the first ones to finish tell.
  double work = 0;
  double bytes = 0;        // peak working memory of the job; the shared data set is not in it
  std::int64_t steps = 0;  // mini-batches
};
// Throws UsageError where the file has too few samples for the settings.
[[nodiscard]] Cost estimate_cost(const JobSettings& settings, const DataShape& shape, const RecordOptions& record);

// Weights and biases.
[[nodiscard]] std::int64_t n_parameters(const JobSettings& settings, const DataShape& shape);

// When the last thread ends, if each takes the next of the jobs (seconds of each, longest first) as soon as it is free;
// `free_at` says when that is for each thread.
[[nodiscard]] double seconds_to_finish(std::vector<double> free_at, std::span<const double> jobs);

}  // namespace initsweep
