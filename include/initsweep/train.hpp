// One job: settings and a seed in, a Record out. Runs on the calling thread alone, in float32, and depends on nothing
// else: not on other jobs, threads or the clock.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include "initsweep/dataset.hpp"
#include "initsweep/record.hpp"
#include "initsweep/settings.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {

// Asked before every mini-batch, evaluation block and layer record.
enum class Interrupt { none, stop, timeout };
using InterruptPoll = std::function<Interrupt()>;

// nullopt if it was told to stop; a Record with JobStatus::timeout if it was told so. Settings must be canonical.
// Throws std::runtime_error with a sentence for what the data cannot give (more samples than there are).
[[nodiscard]] std::optional<Record> train(const JobSettings& settings, std::int64_t seed, const Dataset& dataset,
                                          const RecordOptions& record, const InterruptPoll& poll = {});

// How many training samples the settings leave: the first ones of the file, less the last `validation_samples`. Throws
// UsageError where the file has too few.
[[nodiscard]] std::size_t n_training_samples(const JobSettings& settings, std::size_t n_in_file);

// The cache sizes that Eigen blocks its products for, set by us so that rounding never depends on the machine.
struct CacheSizes {
  long l1 = 32 * 1024, l2 = 1024 * 1024, l3 = 8 * 1024 * 1024;
};
void fix_cache_sizes(const CacheSizes& sizes = {});

// What decides the rounding of products, for the journal's header and run.json.
struct Numerics {
  int revision;
  std::string instruction_set;  // what the library was built for: x86-64-v2, x86-64-v3, ...
  std::string gemm;             // "Eigen 3.4.0"
  CacheSizes cache;
};
[[nodiscard]] Numerics numerics();

}  // namespace initsweep
