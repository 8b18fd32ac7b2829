// Trains what is missing in a folder, and so resumes; leaves the CSVs of the present plan and says what came out.
#include <algorithm>
#include <map>
#include <utility>

#include "commands.hpp"
#include "ending.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/fetch.hpp"
#include "initsweep/folder_lock.hpp"
#include "initsweep/number.hpp"
#include "initsweep/numerics.hpp"
#include "initsweep/run_info.hpp"
#include "initsweep/runner.hpp"
#include "initsweep/shard.hpp"
#include "initsweep/train.hpp"
#include "live_run.hpp"
#include "shard_folders.hpp"
#include "shell_words.hpp"
#include "signals.hpp"
#include "slurm_scripts.hpp"
#include "sweep.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

// The same command again; what it finds done it leaves alone.
std::string resume_line(const Session& session) {
  std::string line;
  for (const std::string& word : session.command_line)
    if (word != "--fresh") line += (line.empty() ? "" : " ") + quoted_for_shell(word);
  return line;
}

// results/x -> results/x.1, or the first number that is free. A folder that holds no run stays where it is.
void set_aside(const fs::path& folder, Log& log) {
  if (!fs::exists(folder / "run.json") && !fs::exists(journal_file(folder))) return;
  for (const fs::path& below : {shards_folder(folder), slurm_folder(folder)})
    if (fs::exists(below))
      throw UsageError("--fresh would move " + printable(below.string()) +
                       " away too, where shards may be under way; " +
                       "choose another folder with -o, or move it yourself");
  for (int n = 1;; ++n) {
    const fs::path old = folder.string() + "." + std::to_string(n);
    if (fs::exists(old)) continue;
    std::error_code error;
    fs::rename(folder, old, error);
    if (error)
      throw EnvironmentError(printable(folder.string()) + ": error: cannot be renamed to " + printable(old.string()) +
                             ": " + error.message());
    log.info(printable(folder.string()) + " is now " + printable(old.string()));
    return;
  }
}

// results/<name>, a shard's beneath it.
fs::path folder_of(const Sweep& sweep, const RunArguments& arguments) {
  fs::path folder = fs::path("results") / (sweep.spec.name + (arguments.probe ? "-probe" : ""));
  if (!sweep.grid.shard.is_whole()) folder = shard_folder(folder, sweep.grid.shard);
  return without_slash(arguments.folder.value_or(folder));
}

// A shard's jobs stay among themselves: with others in its folder nothing could be merged any more.
void check_same_shard(const fs::path& folder, const Shard& shard) {
  if (!fs::exists(folder / "run.json")) return;
  Shard there;
  try {
    there = read_run_info(folder).shard;
  } catch (const EnvironmentError&) {
    return;  // damaged: this run writes it anew
  }
  if (there == shard) return;
  const auto told = [](const Shard& one) { return one.is_whole() ? "a whole run" : "shard " + to_text(one); };
  throw UsageError(printable(folder.string()) + " holds " + told(there) + ", and this is " + told(shard) + ": " +
                   (there.is_whole() ? "" : "go on with --shard " + to_text(there) + ", ") +
                   "choose another folder with -o, or start over with --fresh");
}

// Jobs that the CSVs will not show: refused, unless the user has chosen the folder or said so.
void check_jobs_outside(const Grid& grid, const JournalReader& journal, const fs::path& folder, bool may_hide,
                        Log& log) {
  std::size_t n_inside = 0;
  for (const Job& job : grid.jobs) n_inside += journal.contains(job.id) ? 1 : 0;
  const std::size_t n_outside = journal.n_jobs() - n_inside;
  if (n_outside == 0) return;
  if (may_hide) {
    log.warn(counted(n_outside, "finished job") + " in " + printable(folder.string()) +
             (n_outside == 1 ? " lies" : " lie") +
             " outside the present plan; the CSVs leave out what the journal keeps");
    return;
  }
  throw UsageError(counted(n_outside, "finished job") + " in " + printable(folder.string()) +
                   (n_outside == 1 ? " lies" : " lie") +
                   " outside the present plan, so its CSVs would lose them\n"
                   "  --replan  go on here; the journal keeps them, and a plan that has them shows them again\n"
                   "  -o DIR    put this plan's results into DIR\n"
                   "  --fresh   start over; " +
                   printable(folder.string()) + " is renamed to " + printable(folder.string()) +
                   ".1 or the next number that is free");
}

bool is_failure(JobStatus status) { return status == JobStatus::failed || status == JobStatus::timeout; }

std::vector<std::size_t> missing_jobs(const Sweep& sweep, const std::vector<std::size_t>& selected,
                                      const std::optional<JournalReader>& journal, bool retry_failed) {
  std::vector<std::size_t> missing;
  for (const std::size_t i : selected) {
    const JournalEntry* finished = journal ? journal->find(sweep.grid.jobs[i].id, sweep.spec.record) : nullptr;
    if (finished == nullptr || (retry_failed && is_failure(finished->status))) missing.push_back(i);
  }
  return missing;
}

using Datasets = std::map<std::string, Dataset>;

Datasets load_datasets(const Grid& grid, const std::vector<std::size_t>& jobs, Session& session) {
  Datasets datasets;
  for (const std::size_t i : jobs) {
    const std::string& name = grid.cells[grid.jobs[i].cell].settings.dataset;
    if (datasets.contains(name)) continue;
    const Dataset& data = datasets.emplace(name, load_dataset(name, session.data_option)).first->second;
    session.log.info(name + ": " + grouped_text(data.train().size()) + " training and " +
                     grouped_text(data.test().size()) + " test images");
  }
  return datasets;
}

DataShapes shapes_of(const Datasets& datasets) {
  DataShapes shapes;
  for (const auto& [name, data] : datasets) shapes[name] = shape_of(data);
  return shapes;
}

std::vector<JobRequest> requests_for(const Sweep& sweep, const std::vector<std::size_t>& jobs,
                                     const DataShapes& shapes) {
  std::vector<JobRequest> requests;
  for (const std::size_t i : jobs) {
    const JobSettings& settings = sweep.grid.cells[sweep.grid.jobs[i].cell].settings;
    const Cost cost = estimate_cost(settings, shapes.at(settings.dataset), sweep.spec.record);
    requests.push_back({.job = i, .work = cost.work, .bytes = cost.bytes});
  }
  return requests;
}

ProgressMeter meter_for(const std::vector<JobRequest>& requests, std::size_t n_done_before, int threads) {
  std::vector<double> work;
  for (const JobRequest& request : requests) work.push_back(request.work);
  return {n_done_before + requests.size(), n_done_before, std::move(work), threads};
}

RunReport train_jobs(const Sweep& sweep, std::vector<JobRequest> requests, const Datasets& datasets,
                     const RunArguments& arguments, const Session& session, const RunSignals& signals, LiveRun& live) {
  const TrainFunction train_job = [&](std::size_t i, const InterruptPoll& poll) {
    const Job& job = sweep.grid.jobs[i];
    const JobSettings& settings = sweep.grid.cells[job.cell].settings;
    return train(settings, job.seed, datasets.at(settings.dataset), sweep.spec.record, poll, session.instruction_set);
  };
  RunOptions options{.threads = arguments.sweep.threads};
  if (sweep.spec.limits.memory) options.memory_limit = static_cast<double>(*sweep.spec.limits.memory);
  options.job_timeout = sweep.spec.limits.job_timeout;
  options.max_failures = arguments.max_failures;
  options.stop = &signals.stop_level();

  const RunReport report = run_jobs(std::move(requests), train_job, options, live);
  live.finish();
  return report;
}

}  // namespace

int run_command(const RunArguments& given, Session& session) {
  RunArguments arguments = given;
  if (arguments.probe) arguments.sweep.overrides.emplace_back("probe=true");
  if (arguments.dry_run) return plan_command(arguments.sweep, session);
  RunSignals signals;
  Sweep sweep = load_sweep(arguments.sweep.file, arguments.sweep.overrides, session.console);
  const std::vector<std::size_t> selected =
      take_shard(sweep, arguments.sweep.shard, arguments.sweep.filters, arguments.sweep.job_ids);
  const fs::path folder = folder_of(sweep, arguments);

  std::optional<FolderLock> lock;
  if (fs::exists(folder)) lock.emplace(folder);
  if (!arguments.fresh) check_same_shard(folder, sweep.grid.shard);
  std::optional<JournalReader> before;
  if (!arguments.fresh && fs::exists(journal_file(folder))) before.emplace(journal_file(folder));
  if (before) before->require_numerics(numerics(session.instruction_set));
  if (before) check_jobs_outside(sweep.grid, *before, folder, arguments.folder || arguments.replan, session.log);
  if (!before && !arguments.fresh && fs::exists(folder / "jobs.csv"))
    session.log.warn(printable(folder.string()) + " has results but no journal; all of them are trained anew");
  if (before && (before->has_torn_end() || before->has_gap()))
    session.log.warn(journal_file(folder).string() +
                     ": a kill or a power cut has cost a part of it; what only stood there counts as missing");

  // Data and journal first: where they cannot be used nothing is touched.
  const std::vector<std::size_t> missing = missing_jobs(sweep, selected, before, arguments.retry_failed);
  before.reset();
  const Datasets datasets = load_datasets(sweep.grid, missing, session);
  const DataShapes shapes = shapes_of(datasets);
  std::vector<JobRequest> requests = requests_for(sweep, missing, shapes);
  if (lock && arguments.fresh) {
    set_aside(folder, session.log);
    lock.reset();
  }
  if (!lock) lock.emplace(folder);
  std::optional<JournalWriter> journal;
  if (!missing.empty() || !fs::exists(journal_file(folder)))  // a shard may have no jobs
    journal.emplace(journal_file(folder), numerics(session.instruction_set));
  write_run_info(folder, sweep.spec, sweep.grid, sweep.digests, numerics(session.instruction_set));

  const std::size_t n_done = selected.size() - missing.size();
  if (selected.empty())
    session.log.info("nothing to train: no job that is asked for falls to shard " + to_text(sweep.grid.shard));
  else if (missing.empty())
    session.log.info(std::string(sweep.spec.probe ? "nothing to look at: " : "nothing to train: ") +
                     printable(folder.string()) + " has all of " + counted(n_done, "job"));
  else
    session.log.info((sweep.spec.probe ? "looking at " : "training ") + counted(missing.size(), "job") + " on " +
                     counted(static_cast<std::size_t>(arguments.sweep.threads), "thread") +
                     (n_done > 0 ? "; " + grouped_text(n_done) + " finished before" : ""));

  std::vector<double> bytes;
  for (const JobRequest& request : requests) bytes.push_back(request.bytes);
  if (const std::string text = over_memory_limit(sweep.spec.limits, bytes); !text.empty()) session.log.warn(text);

  RunReport report;
  int code = kExitDone;
  try {
    if (!missing.empty()) {
      LiveRun live(sweep, shapes, *journal, meter_for(requests, n_done, arguments.sweep.threads), signals, session);
      report = train_jobs(sweep, std::move(requests), datasets, arguments, session, signals, live);
    }
    code = write_and_answer(folder, sweep, arguments.sweep.threads, session);
  } catch (const EnvironmentError& error) {
    session.console.show_bar("");
    session.console.say(std::string(error.what()) + "\n");
    report.stopped = signals.stop_signal() != 0;
    code = kExitEnvironment;
  }
  if (report.too_many_failures)
    session.console.say("stopped after " + counted(report.failed, "failed job") + " (--max-failures)\n");
  if (report.stopped) {
    session.console.say("stopped by " + std::string(signal_name(signals.stop_signal())) + "\n");
    code = kExitSignal + signals.stop_signal();
  }
  if (report.stopped || report.too_many_failures || code == kExitEnvironment) {
    std::error_code error;
    if (fs::exists(journal_file(folder), error))
      session.console.say("what is finished is kept in " + printable(folder.string()) + "; to resume:\n  " +
                          resume_line(session) + "\n");
    else  // somebody has moved the folder, or removed it
      session.console.say("what was finished is in " + printable(folder.string()) +
                          ", wherever that is now; bring it back and run the same command again, or name its new place "
                          "with -o\n");
  }
  return code;
}

}  // namespace initsweep
