// A sweep of any size without its training: what tests/bench/scale times where the program itself would train for days.
//
//   initsweep_scale_jobs expand SWEEP                             reads and expands the sweep, estimates its jobs
//   initsweep_scale_jobs train SWEEP FOLDER [--shard I/N] [-j N]  leaves the folder of a run whose jobs took no time
//   initsweep_scale_jobs info FOLDER                              reads run.json
//
// Trains one net of the sweep, on made-up images, and gives its record to all jobs, each number a little off so that no
// two lines are alike: what is written of a job has the size and the look of a real one (all must have one depth). All
// else is the real run's: run_jobs, its progress, the journal. Prints one line of JSON.
#include <malloc.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>
#include "initsweep/dataset.hpp"
#include "initsweep/fetch.hpp"
#include "initsweep/folder_lock.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/journal.hpp"
#include "initsweep/numerics.hpp"
#include "initsweep/plan.hpp"
#include "initsweep/run_info.hpp"
#include "initsweep/runner.hpp"
#include "initsweep/shard.hpp"
#include "initsweep/spec.hpp"
#include "initsweep/train.hpp"
#include "progress.hpp"
#include "synthetic_images.hpp"
#include "workloads.hpp"

namespace initsweep::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct ExpandedSweep {
  SweepSpec spec;
  DatasetDigests digests;
  Grid grid;
  std::vector<JobRequest> requests;  // of all jobs
};

ExpandedSweep read_sweep(const std::string& file, const Shard& shard) {
  std::ifstream stream(file);
  if (!stream) throw std::invalid_argument("cannot open '" + file + "'");
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  ExpandedSweep sweep{parse_spec(text, file), {}, {}, {}};
  for (const std::string& name : datasets_of(sweep.spec)) sweep.digests[name] = dataset_digest(name);
  sweep.grid = expand(sweep.spec, sweep.digests);
  keep_shard(sweep.grid, shard);
  for (std::size_t i = 0; i < sweep.grid.jobs.size(); ++i) {
    const JobSettings& settings = sweep.grid.cells[sweep.grid.jobs[i].cell].settings;
    const Cost cost = estimate_cost(settings, DataShape{}, sweep.spec.record);
    sweep.requests.push_back({.job = i, .work = cost.work, .bytes = cost.bytes});
  }
  return sweep;
}

Record trained_record(const ExpandedSweep& sweep) {
  const JobSettings& settings = sweep.grid.cells.front().settings;
  const auto n_train = static_cast<std::size_t>(settings.train_samples.value_or(60'000));
  const Dataset data("made up", synthetic_images(n_train), synthetic_images(256), 10, "none");
  const std::optional<Record> record = train(settings, 1, data, sweep.spec.record);
  if (!record || record->status != JobStatus::ok) throw std::runtime_error("the net to be copied fails");
  return *record;
}

// The record as another seed might have left it: as many digits of everything, none of them the same.
class Copies {
 public:
  explicit Copies(Record record) : record_(std::move(record)) {}

  // By its id, so that it is the same in whatever shard.
  [[nodiscard]] Record of(const Job& job) const {
    const double factor = 1 - 1e-8 * shard_of(job.id, kMaxShards);
    const auto shift = [factor](double& number) {
      if (number != std::trunc(number)) number *= factor;  // 0 and 1 are written so, and what is absent stays so
    };
    Record copy = record_;
    for (EpochRow& row : copy.epochs)
      for (double* number : {&row.train_loss, &row.train_accuracy, &row.test_loss, &row.test_accuracy}) shift(*number);
    for (LayerRow& row : copy.layers) {
      Summary& s = row.summary;
      for (double* number : {&s.mean, &s.std, &s.rms, &s.l2, &s.min, &s.max, &s.q01, &s.q50, &s.q99, &s.zero_fraction,
                             &row.saturated_fraction, &row.dead_fraction, &row.between_sample_std, &row.update_ratio,
                             &row.correlation, &row.unit_mean_median})
        shift(*number);
    }
    shift(copy.delta_slope_start);
    shift(copy.delta_slope_end);
    return copy;
  }

 private:
  Record record_;
};

// Does what the real run does about a job: counts it, and writes it down.
class Journaling : public RunObserver {
 public:
  Journaling(const ExpandedSweep& sweep, JournalWriter& journal, int threads)
      : sweep_(sweep), journal_(journal), meter_(sweep.requests.size(), 0, works(sweep), threads) {}

  void job_started(const JobRequest& request, int) override { meter_.job_started(request.job, request.work, now()); }
  void job_finished(const JobRequest& request, Record&& record, Trace&& trace) override {
    meter_.job_finished(request.job, record.status, request.work, now());
    journal_.append({sweep_.grid.jobs[request.job].id, sweep_.spec.record, std::move(record), std::move(trace)});
  }
  void tick() override { static_cast<void>(meter_.state(now())); }
  void sync() override { journal_.sync(); }

 private:
  static std::vector<double> works(const ExpandedSweep& sweep) {
    std::vector<double> works;
    for (const JobRequest& request : sweep.requests) works.push_back(request.work);
    return works;
  }
  [[nodiscard]] double now() const { return seconds_since(start_); }

  const Clock::time_point start_ = Clock::now();
  const ExpandedSweep& sweep_;
  JournalWriter& journal_;
  ProgressMeter meter_;
};

void expand_sweep(const std::string& file) {
  const Clock::time_point start = Clock::now();
  const ExpandedSweep sweep = read_sweep(file, {});
  std::printf("{\"seconds\": %.6f, \"cells\": %zu, \"jobs\": %zu}\n", seconds_since(start), sweep.grid.cells.size(),
              sweep.grid.jobs.size());
}

void train_sweep(const std::string& file, const fs::path& folder, const Shard& shard, int threads) {
  const ExpandedSweep sweep = read_sweep(file, shard);
  const Record trained = trained_record(sweep);
  const Copies copies(trained);
  const FolderLock lock(folder);
  JournalWriter writer(folder / "journal.ndjson");
  write_run_info(folder, sweep.spec, sweep.grid, sweep.digests);
  const Clock::time_point start = Clock::now();
  Journaling journaling(sweep, writer, threads);
  run_jobs(
      sweep.requests, [&](std::size_t job, const InterruptPoll&) { return copies.of(sweep.grid.jobs[job]); },
      {.threads = threads}, journaling);
  writer.sync();
  std::printf("{\"seconds\": %.6f, \"jobs\": %zu, \"rows_of_layers\": %zu}\n", seconds_since(start),
              sweep.grid.jobs.size(), trained.layers.size());
}

void read_info(const fs::path& folder) {
  const Clock::time_point start = Clock::now();
  const RunInfo info = read_run_info(folder);
  std::printf("{\"seconds\": %.6f, \"bytes_of_sweep\": %zu}\n", seconds_since(start), info.sweep_text.size());
}

void run(std::vector<std::string> arguments) {
  const auto shard_text = take_option(arguments, "--shard");
  const int threads = static_cast<int>(take_count(arguments, "-j").value_or(usable_processors()));
  const std::optional<Shard> shard = shard_text ? parse_shard(*shard_text) : Shard();
  if (!shard) throw std::invalid_argument("--shard takes I/N, got '" + *shard_text + "'");
  const std::string what = arguments.empty() ? "" : arguments[0];
  if (what == "expand" && arguments.size() == 2)
    expand_sweep(arguments[1]);
  else if (what == "train" && arguments.size() == 3)
    train_sweep(arguments[1], arguments[2], *shard, threads);
  else if (what == "info" && arguments.size() == 2)
    read_info(arguments[1]);
  else
    throw std::invalid_argument("expected: expand SWEEP, train SWEEP FOLDER [--shard I/N] [-j N], or info FOLDER");
}

}  // namespace
}  // namespace initsweep::bench

int main(int argc, char** argv) {
  mallopt(M_MMAP_THRESHOLD, 64 * 1024);  // as the program has it
  mallopt(M_TRIM_THRESHOLD, 128 * 1024);
  try {
    initsweep::fix_cache_sizes();
    initsweep::bench::run({argv + 1, argv + argc});
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "initsweep_scale_jobs: %s\n", error.what());
    return 1;
  }
}
