// Writes a sweep down as jobs for Slurm, and puts nothing into the queue itself.
#include <algorithm>
#include <limits>
#include <system_error>

#include "commands.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/file.hpp"
#include "initsweep/number.hpp"
#include "initsweep/numerics.hpp"
#include "initsweep/shard.hpp"
#include "read_file.hpp"
#include "shard_folders.hpp"
#include "shell_words.hpp"
#include "slurm_scripts.hpp"
#include "stored_results.hpp"
#include "sweep.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

// "" if there is none.
std::string text_of(const fs::path& file) {
  constexpr std::size_t kMost = 2 * kMaxSweepBytes;  // scripts are shorter than sweeps
  if (!fs::exists(file)) return {};
  std::error_code error;
  std::string text = read_file(file, kMost, error);
  if (error) throw EnvironmentError(printable(file.string()) + ": error: cannot be read: " + error.message());
  return text;
}

fs::path own_program() {
  std::error_code error;
  fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) throw EnvironmentError("/proc/self/exe: error: cannot be read: " + error.message());
  return program;
}

// A baseline that is not there or cannot be read is better known now than after all training.
void check_baseline(const fs::path& baseline, int threads) {
  if (!stored_results(baseline, threads))
    throw UsageError("there is no baseline " + printable(baseline.string()) +
                     "; without --baseline the check looks at the claims of the sweep alone");
}

// Tasks that wait in the queue read the sweep when they start: they must find the one that they were submitted for.
void check_same_submission(const SlurmSubmission& submission, const std::string& sweep_text) {
  const fs::path folder = slurm_folder(submission.folder);
  const std::string script = text_of(folder / "array.sh");
  if (script.empty()) return;
  const std::string there = identity_in(script), here = identity_of(submission);
  const std::string name = printable(folder.string());
  if (there != here)
    throw UsageError(name + " has scripts for " + printable(there) + "; here it is " + here +
                     "; choose another folder with -o");
  if (text_of(folder / "sweep.yaml") == sweep_text) return;
  throw UsageError(name + " has scripts for another sweep file, or another version of this one" +
                   "\n  -o DIR    put these results into DIR\n  or, when no task of those scripts waits or runs any "
                   "more, move " +
                   name + " away: finished jobs that the new ones have too are not trained again");
}

// What would go wrong in the end, or train again what is there.
void check_folder(const SlurmSubmission& submission, const Sweep& sweep, const fs::path& folder,
                  const Session& session) {
  const std::string elsewhere = "; choose another folder with -o";
  const std::vector<fs::path> shards = shard_folders_in(folder);
  for (const fs::path& shard : shards)
    if (const Shard its = shard_of_results(shard); its.count != submission.shards)
      throw UsageError(printable(shard.string()) + " is shard " + to_text(its) + ", and one of " +
                       std::to_string(submission.shards) + " would train its jobs again: take --shards " +
                       std::to_string(its.count) + elsewhere);
  const std::optional<JournalReader> there =
      journal_to_merge_into(folder, sweep.grid, numerics(session.instruction_set));
  if (there && there->n_jobs() > 0 && shards.empty())
    throw UsageError(printable(folder.string()) + " holds " + counted(there->n_jobs(), "finished job") +
                     " of a whole run, which shards would train again" + elsewhere);
}

// "72 jobs in 4 shards of 15 to 21 jobs"
std::string dealt_text(const std::vector<Job>& jobs, int shards) {
  std::vector<std::size_t> n_of(static_cast<std::size_t>(shards));
  for (const Job& job : jobs) ++n_of[static_cast<std::size_t>(shard_of(job.id, shards)) - 1];
  const auto [fewest, most] = std::minmax_element(n_of.begin(), n_of.end());
  return counted(jobs.size(), "job") + " in " + counted(n_of.size(), "shard") + " of " +
         (*fewest == *most ? "" : grouped_text(*fewest) + " to ") + counted(*most, "job");
}

SlurmSubmission submission_of(const SubmitArguments& arguments, const Sweep& sweep, const fs::path& results,
                              const Session& session) {
  const auto absolute = [](const fs::path& path) {
    return path.empty() ? path : fs::absolute(path).lexically_normal();
  };
  return {.name = sweep.spec.name,
          .shards = arguments.shards,
          .program = own_program(),
          .folder = absolute(results),
          .working_folder = fs::current_path(),
          .overrides = arguments.overrides,
          .instruction_set = std::string(to_text(session.instruction_set)),
          .data = absolute(session.data_option).string(),
          .baseline = absolute(arguments.baseline.value_or("")).string(),
          .has_check = arguments.baseline || !sweep.spec.expect.empty(),
          .sbatch_options = arguments.sbatch_options};
}

}  // namespace

int submit_command(const SubmitArguments& arguments, Session& session) {
  const Sweep sweep = load_sweep(arguments.file, arguments.overrides, session.console);
  const fs::path results = without_slash(arguments.folder.value_or(fs::path("results") / sweep.spec.name));
  const SlurmSubmission submission = submission_of(arguments, sweep, results, session);
  check_slurm_submission(submission);
  if (arguments.baseline) check_baseline(*arguments.baseline, /*threads=*/1);
  check_same_submission(submission, sweep.spec.text);
  check_folder(submission, sweep, results, session);

  const fs::path folder = slurm_folder(results);
  fs::create_directories(folder);
  replace_file(folder / "sweep.yaml", sweep.spec.text);
  replace_file(folder / "array.sh", array_script(submission));
  replace_file(folder / "merge.sh", merge_script(submission));
  replace_file(folder / "submit.sh", submit_script(submission));
  session.log.info(dealt_text(sweep.grid.jobs, submission.shards) + "; nothing is in the queue before you run");
  session.console.answer("sh " + quoted_for_shell((folder / "submit.sh").string()) + "\n");
  return kExitDone;
}

}  // namespace initsweep
