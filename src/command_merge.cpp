// Makes of shards what one run would have left: the same CSVs to the byte, and a journal that goes on from there.
#include <unordered_set>

#include "commands.hpp"
#include "ending.hpp"
#include "folder_holder.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/folder_lock.hpp"
#include "initsweep/number.hpp"
#include "initsweep/numerics.hpp"
#include "initsweep/run_info.hpp"
#include "shard_folders.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

std::string list_of(const std::vector<AbsentShard>& shards) {
  constexpr std::size_t kShown = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, shards.size()); ++i)
    text += (i > 0 ? ", " : "") + to_text(shards[i].shard);
  return shards.size() > kShown ? text + " and " + grouped_text(shards.size() - kShown) + " more" : text;
}

// What is not there yet.
std::vector<std::string> missing_parts(const ShardFolders& opened) {
  std::vector<std::string> missing;
  if (!opened.absent.empty())
    missing.push_back((opened.absent.size() == 1 ? "shard " : "shards ") + list_of(opened.absent) +
                      (opened.absent.size() == 1 ? " is" : " are") + " not among them");
  for (const ShardFolder& shard : opened.shards)
    if (const JobCounts counts = shard.counts(opened.sweep); counts.missing > 0)
      missing.push_back(printable(shard.path.string()) + ": " + grouped_text(counts.missing) + " of " +
                        counted(counts.total(), "job") + (counts.missing == 1 ? " is" : " are") + " not finished" +
                        (holder_of(shard.path).occupancy == Occupancy::held ? " (under way)" : ""));
  return missing;
}

void require_complete(const ShardFolders& opened, bool partial, Log& log) {
  const std::vector<std::string> missing = missing_parts(opened);
  std::string lines;
  for (const std::string& part : missing) {
    lines += "\n  " + part;
    if (partial) log.warn(part);
  }
  if (!missing.empty() && !partial)
    throw UsageError(
        "this is not all of the sweep:" + lines +
        "\n'initsweep run' with --shard, as it was begun, trains what is missing; --partial merges what is there");
}

// What the folder holds already, which may be an earlier merge; none if it is new. Throws where its results would be
// lost.
std::optional<JournalReader> journal_before(const fs::path& folder, const Grid& grid, const Numerics& made) {
  const std::string elsewhere = "; choose another folder with -o, or move it away";
  if (!fs::exists(journal_file(folder))) {
    if (fs::exists(folder / "jobs.csv"))
      throw UsageError(printable(folder.string()) + " holds results without a journal, which a merge would replace" +
                       elsewhere);
    return std::nullopt;
  }
  JournalReader before(journal_file(folder));
  if (before.n_jobs() == 0) return before;
  std::size_t n_inside = 0;
  for (const Job& job : grid.jobs) n_inside += before.contains(job.id) ? 1 : 0;
  if (const std::size_t n_outside = before.n_jobs() - n_inside; n_outside > 0)
    throw UsageError(printable(folder.string()) + " holds " + counted(n_outside, "finished job") + " that " +
                     (n_outside == 1 ? "is" : "are") + " not of this sweep" + elsewhere);
  if (const std::string difference = numerics_difference(before.numerics(), made, "what is merged");
      !difference.empty())
    throw EnvironmentError(printable(folder.string()) + ": error: holds jobs trained with " + difference + elsewhere);
  return before;
}

}  // namespace

int merge_command(const MergeArguments& arguments, Session& session) {
  const fs::path folder = without_slash(arguments.folder);
  const std::vector<fs::path> folders = arguments.shards.empty() ? shard_folders_in(folder) : arguments.shards;
  if (folders.empty())
    throw UsageError("no shards to merge: " + printable((folder / "shards").string()) +
                     " holds none that is called as in 1-of-3; name their folders: initsweep merge -o DIR SHARD...");
  for (const fs::path& shard : folders)
    if (fs::weakly_canonical(shard / "") == fs::weakly_canonical(folder / ""))
      throw UsageError(printable(folder.string()) + " is one of the shards; -o takes another folder");

  const ShardFolders opened = open_shards(folders);
  require_complete(opened, arguments.partial, session.log);
  for (const ShardFolder& shard : opened.shards)
    if (shard.journal && shard.journal->has_gap())
      session.log.warn(printable(shard.path.string()) +
                       ": jobs that a power cut took from its journal count as missing");
  const Numerics made = opened.numerics().value_or(numerics(session.instruction_set));
  const FolderLock lock(folder);
  const std::optional<JournalReader> before = journal_before(folder, opened.sweep.grid, made);

  std::vector<const JournalReader*> journals;
  for (const ShardFolder& shard : opened.shards)
    if (shard.journal) journals.push_back(&*shard.journal);
  if (before) journals.push_back(&*before);  // last, so that what was trained there since the last merge counts
  std::unordered_set<std::string_view> planned;
  for (const Job& job : opened.sweep.grid.jobs) planned.insert(job.id);
  session.log.info("merging " + counted(opened.shards.size(), "shard") + " of a sweep of " +
                   counted(planned.size(), "job"));
  write_run_info(folder, opened.sweep.spec, opened.sweep.grid, opened.sweep.digests, made);
  merge_journals(journal_file(folder), made, journals,
                 [&](const std::string& job_id) { return planned.contains(job_id); });
  return write_and_answer(folder, opened.sweep, arguments.threads, session);
}

}  // namespace initsweep
