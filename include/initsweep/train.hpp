// One job: settings and a seed in, a Record out. Runs on the calling thread alone, in float32, and depends on nothing
// else: not on other jobs, threads or the clock (`set`: see instruction_set.hpp). Call fix_cache_sizes() (numerics.hpp)
// once before the first job, or rounding depends on the caches of the machine.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include "initsweep/dataset.hpp"
#include "initsweep/instruction_set.hpp"
#include "initsweep/record.hpp"
#include "initsweep/settings.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {

// Asked before every mini-batch, and in everything else so often that well below a second lies between: drawing,
// evaluations, records and the digest ask between layers, and inside large ones (checkpoint.hpp).
// `steps_run` is how many updates the net has had.
enum class Interrupt { none, stop, timeout };
using InterruptPoll = std::function<Interrupt(std::int64_t steps_run)>;

// nullopt if it was told to stop; a Record with JobStatus::timeout if it was told so. Settings must be canonical.
// Throws std::runtime_error with a sentence for what the data cannot give (more samples than there are).
[[nodiscard]] std::optional<Record> train(const JobSettings& settings, std::int64_t seed, const Dataset& dataset,
                                          const RecordOptions& record, const InterruptPoll& poll = {},
                                          InstructionSet set = best_instruction_set());

// How many training samples the settings leave: the first ones of the file, less the last `validation_samples`. Throws
// UsageError where the file has too few.
[[nodiscard]] std::size_t n_training_samples(const JobSettings& settings, std::size_t n_in_file);

}  // namespace initsweep
