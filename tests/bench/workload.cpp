// Trains a workload through train() and prints, as one JSON line, the seconds that an epoch of its loop takes.
//
//   initsweep_workload W1 --data FOLDER [--samples N] [--record-every-steps N [--probe N]] [--first-step] [--isa SET]
//
// Start-up and evaluation are left out. train() says when it asks its InterruptPoll: before each layer it draws, each
// mini-batch, evaluation block and layer record. So with a test part of one image every call is known, and the time
// between the one before a mini-batch and the one after the last is that of the steps alone; an epoch's shuffle is in
// it, and so are the records on the way. Thirty steps come before it to warm up.
//
// --first-step prints the seconds from T0 (in the environment, seconds since 1970) to the end of the first step
// instead, reading MNIST and the evaluation of the untrained net included.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>
#include "initsweep/dataset.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/instruction_set.hpp"
#include "initsweep/numerics.hpp"
#include "initsweep/spec.hpp"
#include "initsweep/train.hpp"
#include "workloads.hpp"

namespace initsweep::bench {
namespace {

constexpr std::int64_t kWarmUpSteps = 30;

struct Options {
  Workload workload;
  std::string data;
  RecordOptions record;
  InstructionSet set = best_instruction_set();
  bool first_step = false;
};

Options parse(std::vector<std::string> arguments) {
  Options options;
  options.first_step = take_flag(arguments, "--first-step");
  options.data = take_option(arguments, "--data").value_or("");
  const auto samples = take_count(arguments, "--samples");
  const auto record_every = take_count(arguments, "--record-every-steps");
  const auto probe = take_count(arguments, "--probe");
  if (const auto set = take_option(arguments, "--isa")) options.set = instruction_set_named(*set);
  if (arguments.size() != 1 || options.data.empty())
    throw std::invalid_argument(
        "expected: initsweep_workload WORKLOAD --data FOLDER [--samples N] [--record-every-steps N [--probe N]] "
        "[--first-step] [--isa SET]");
  options.workload = find_workload(arguments[0]);
  if (samples) options.workload.samples = *samples;
  options.record.every = record_every ? RecordOptions::Every::steps : RecordOptions::Every::never;
  options.record.steps = record_every.value_or(0);
  options.record.probe = static_cast<int>(probe.value_or(64));
  return options;
}

JobSettings settings_of(const Workload& workload, std::int64_t steps) {
  std::string text = "version: 1\nname: workload\nsettings:\n  width: [";
  for (const int units : workload.width) text += std::to_string(units) + ", ";
  text.replace(text.size() - 2, 2, "]\n");
  text += "  activation: " + std::string(workload.activation) + "\n";
  text += "  initializer: " + std::string(workload.initializer) + "\n";
  text += "  batch_size: " + std::to_string(workload.batch_size) + "\n";
  text += "  steps: " + std::to_string(steps) + "\n";
  return expand(parse_spec(text, "workload"), {{"mnist", ""}}).cells.at(0).settings;
}

void run(const JobSettings& settings, const Dataset& dataset, const Options& options, const InterruptPoll& poll) {
  constexpr std::int64_t seed = 1;
  const Record done = train(settings, seed, dataset, options.record, poll, options.set).value();
  if (done.status != JobStatus::ok) throw std::runtime_error("the workload did not train to its end");
}

Dataset with_one_test_image(const Dataset& whole) {
  LabelledImages test = whole.test();
  test.pixels.resize(static_cast<std::size_t>(test.n_pixels()));
  test.labels.resize(1);
  return Dataset(whole.name(), whole.train(), std::move(test), whole.n_classes(), whole.digest());
}

double seconds_an_epoch(const Options& options) {
  using Clock = std::chrono::steady_clock;
  const Dataset dataset = with_one_test_image(load_idx_folder(options.data, "mnist", 10));
  const Workload& workload = options.workload;
  const std::int64_t timed_steps = workload.samples / workload.batch_size;
  if (timed_steps < 1) throw std::invalid_argument("--samples must be a mini-batch at least");
  const std::int64_t steps = kWarmUpSteps + timed_steps;
  const JobSettings settings = settings_of(workload, steps);

  // From the end of the warm-up to that of the last step: what is recorded after either is in it once.
  Clock::time_point at_start, at_end;
  std::int64_t seen = -1;
  run(settings, dataset, options, [&](std::int64_t steps_run) {
    if (steps_run == kWarmUpSteps && seen < kWarmUpSteps) {
      start_together();
      at_start = Clock::now();
    }
    if (steps_run == steps && seen < steps) at_end = Clock::now();
    seen = steps_run;
    return Interrupt::none;
  });
  return std::chrono::duration<double>(at_end - at_start).count() * static_cast<double>(kEpoch) /
         static_cast<double>(timed_steps * workload.batch_size);
}

double seconds_to_first_step(const Options& options) {
  const char* start = std::getenv("T0");
  if (start == nullptr) throw std::invalid_argument("--first-step needs T0 in the environment, seconds since 1970");
  const Dataset dataset = load_idx_folder(options.data, "mnist", 10);
  const JobSettings settings = settings_of(options.workload, 1);
  double at_end = 0;
  run(settings, dataset, options, [&](std::int64_t steps_run) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    if (steps_run == 1 && at_end == 0) at_end = std::chrono::duration<double>(now).count();
    return Interrupt::none;
  });
  return at_end - std::stod(start);
}

}  // namespace
}  // namespace initsweep::bench

int main(int argc, char** argv) {
  using namespace initsweep;
  try {
    const bench::Options options = bench::parse({argv + 1, argv + argc});
    fix_cache_sizes();
    const double seconds =
        options.first_step ? bench::seconds_to_first_step(options) : bench::seconds_an_epoch(options);
    const Numerics kind = numerics(options.set);
    std::printf("{\"seconds\": %.6f, \"instruction_set\": \"%s\", \"gemm\": \"%s\"}\n", seconds,
                kind.instruction_set.c_str(), kind.gemm.c_str());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "initsweep_workload: %s\n", error.what());
    return 1;
  }
}
