// Trains what is missing in a folder, and so resumes; leaves the CSVs of the present plan and says what came out.
#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "check_output.hpp"
#include "commands.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/fetch.hpp"
#include "initsweep/folder_lock.hpp"
#include "initsweep/number.hpp"
#include "initsweep/numerics.hpp"
#include "initsweep/results.hpp"
#include "initsweep/run_info.hpp"
#include "initsweep/runner.hpp"
#include "initsweep/show.hpp"
#include "initsweep/train.hpp"
#include "live_run.hpp"
#include "signals.hpp"
#include "sweep.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

// $'\033[2J' is what bash, zsh, ksh and POSIX 2024 read; other shells have no way to write such words on one line.
std::string quoted_with_escapes(std::string_view word) {
  std::string quoted = "$'";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      if (c == '\'' || c == '\\') quoted += '\\';
      quoted += c;
    } else {
      quoted += '\\';
      for (const int digit : {byte >> 6, byte >> 3 & 7, byte & 7}) quoted += static_cast<char>('0' + digit);
    }
  }
  return quoted + "'";
}

std::string quoted_for_shell(const std::string& word) {
  const bool is_plain = !word.empty() && word.find_first_not_of(
                                             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789_-./=:,+@%") == std::string::npos;
  if (is_plain) return word;
  if (printable(word) != word) return quoted_with_escapes(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

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

// The statuses of all jobs of the plan as the folder has them now.
struct Tally {
  std::size_t ok = 0, diverged = 0, failed = 0, missing = 0;
};

Tally tally(const Sweep& sweep, const JournalReader& journal) {
  Tally tally;
  for (const Job& job : sweep.grid.jobs) {
    const JournalEntry* finished = journal.find(job.id, sweep.spec.record);
    if (finished == nullptr)
      ++tally.missing;
    else if (is_failure(finished->status))
      ++tally.failed;
    else
      ++(finished->status == JobStatus::diverged ? tally.diverged : tally.ok);
  }
  return tally;
}

std::string tally_text(const Tally& tally) {
  std::string text = grouped_text(tally.ok) + " ok, " + grouped_text(tally.diverged) + " diverged";
  if (tally.failed > 0) text += ", " + grouped_text(tally.failed) + " failed or timed out";
  if (tally.missing > 0) text += ", " + grouped_text(tally.missing) + " not trained yet";
  return text;
}

// The answer of a run: what came out of each cell, what that says to the claims, and where it all is.
void print_ending(const Grid& grid, const Outcomes& outcomes, const Tally& tally, const fs::path& folder,
                  Session& session) {
  const ShowOptions options = show_options(session);
  const std::string table = format(summary_table(grid, outcomes.cells, options), session.format);
  if (session.format != TableFormat::table) {
    session.console.answer(table);
    return;
  }
  session.console.answer(table + "\n");
  session.console.answer_as_is(delta_picture(grid, outcomes.cells, options) + "\n");
  std::string text = findings_text(outcomes.claims);
  if (!text.empty()) text += "\n";
  for (const char* file : {"jobs.csv", "epochs.csv", "layers.csv", "cells.csv", "checks.csv", "trace.csv"})
    text += printable((folder / file).string()) + "\n";
  text += printable(folder.string()) + ": " + tally_text(tally);
  if (!outcomes.claims.empty()) text += "; of its claims " + tally_text(outcomes.claims);
  session.console.answer(text + "\n");
}

}  // namespace

int run_command(const RunArguments& given, Session& session) {
  RunArguments arguments = given;
  if (arguments.probe) arguments.sweep.overrides.emplace_back("probe=true");
  if (arguments.dry_run) return plan_command(arguments.sweep, session);
  RunSignals signals;
  const Sweep sweep = load_sweep(arguments.sweep.file, arguments.sweep.overrides, session.console);
  const std::vector<std::size_t> selected = select_jobs(sweep.grid, arguments.sweep.filters, arguments.sweep.job_ids);
  const std::string own_folder = sweep.spec.name + (arguments.probe ? "-probe" : "");
  fs::path folder = arguments.folder.value_or(fs::path("results") / own_folder);
  if (!folder.has_filename()) folder = folder.parent_path();  // DIR/ as a shell completes it

  std::optional<FolderLock> lock;
  if (fs::exists(folder)) lock.emplace(folder);
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
  if (!missing.empty()) journal.emplace(journal_file(folder), numerics(session.instruction_set));
  write_run_info(folder, sweep.spec, sweep.grid, sweep.digests, numerics(session.instruction_set));

  const std::size_t n_done = selected.size() - missing.size();
  if (missing.empty())
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
    if (journal) {
      LiveRun live(sweep, shapes, *journal, meter_for(requests, n_done, arguments.sweep.threads), signals, session);
      report = train_jobs(sweep, std::move(requests), datasets, arguments, session, signals, live);
    }
    const auto start = std::chrono::steady_clock::now();
    const JournalReader finished(journal_file(folder));
    Outcomes outcomes = write_results(folder, sweep.spec, sweep.grid, finished, arguments.sweep.threads);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    session.log.debug("writing the CSVs took " + brief_text(took.count()) + " s");
    const Tally counts = tally(sweep, finished);
    sort_worst_first(outcomes.claims);
    print_ending(sweep.grid, outcomes, counts, folder, session);
    if (session.format != TableFormat::table && exit_code(outcomes.claims) != kExitDone)
      session.log.error("of its claims " + tally_text(outcomes.claims) + "; " +
                        printable((folder / "checks.csv").string()) + " has them");
    annotate_for_github(outcomes.claims, session);
    code = exit_code(outcomes.claims);
    if (counts.failed > 0) {
      code = kExitJobsFailed;
      session.log.info(counted(counts.failed, "job") + " failed or timed out; --retry-failed trains them again");
    }
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
