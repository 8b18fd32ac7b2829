// Makes of shards what one run would have left: the same CSVs to the byte, and a journal that goes on from there.
#include <unordered_set>

#include "commands.hpp"
#include "ending.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/folder_lock.hpp"
#include "initsweep/number.hpp"
#include "initsweep/numerics.hpp"
#include "initsweep/run_info.hpp"
#include "shard_folders.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

std::string list_of(const std::vector<Shard>& shards) {
  constexpr std::size_t kShown = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, shards.size()); ++i) text += (i > 0 ? ", " : "") + to_text(shards[i]);
  return shards.size() > kShown ? text + " and " + grouped_text(shards.size() - kShown) + " more" : text;
}

// What is not there yet.
std::vector<std::string> missing_parts(const ShardFolders& opened) {
  std::vector<std::string> missing;
  if (!opened.absent.empty()) missing.push_back("no folder of shard " + list_of(opened.absent) + " is named");
  for (const ShardFolder& shard : opened.shards)
    if (const JobCounts counts = shard.counts(opened.sweep); counts.missing > 0)
      missing.push_back(printable(shard.path.string()) + ": " + grouped_text(counts.missing) + " of " +
                        counted(counts.total(), "job") + (counts.missing == 1 ? " is" : " are") + " not finished");
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
    throw UsageError("this is not all of the sweep:" + lines +
                     "\nrun what is missing (the same command again goes on), or merge what is there with --partial");
}

// A folder may be merged into again; what only it has would be lost.
void require_nothing_lost(const fs::path& folder, const ShardFolders& opened, const Numerics& made) {
  if (!fs::exists(journal_file(folder))) return;
  const JournalReader before(journal_file(folder));
  if (before.n_jobs() == 0) return;
  std::unordered_set<std::string> lost;
  for (const JournalEntry& attempt : before.attempts()) lost.insert(attempt.job_id);
  for (const ShardFolder& shard : opened.shards)
    for (const std::size_t job : shard.jobs)
      if (shard.journal && shard.journal->contains(opened.sweep.grid.jobs[job].id))
        lost.erase(opened.sweep.grid.jobs[job].id);
  const std::string difference = numerics_difference(before.numerics(), made, "what is merged");
  if (lost.empty() && difference.empty()) return;
  throw UsageError(printable(folder.string()) +
                   (lost.empty() ? " holds jobs trained with " + difference
                                 : " holds " + counted(lost.size(), "finished job") + " that no shard has") +
                   "; choose another folder with -o, or move it away");
}

}  // namespace

int merge_command(const MergeArguments& arguments, Session& session) {
  const fs::path& folder = arguments.folder;
  const std::vector<fs::path> folders = arguments.shards.empty() ? shard_folders_in(folder) : arguments.shards;
  if (folders.empty())
    throw UsageError("no shards to merge: " + printable((folder / "shards").string()) +
                     " has none; name their folders: initsweep merge -o DIR SHARD...");
  for (const fs::path& shard : folders)
    if (fs::weakly_canonical(shard / "") == fs::weakly_canonical(folder / ""))
      throw UsageError(printable(folder.string()) + " is one of the shards; -o takes another folder");

  const ShardFolders opened = open_shards(folders);
  require_complete(opened, arguments.partial, session.log);
  const Numerics made = opened.numerics().value_or(numerics(session.instruction_set));
  const FolderLock lock(folder);
  require_nothing_lost(folder, opened, made);

  std::vector<const JournalReader*> journals;
  for (const ShardFolder& shard : opened.shards)
    if (shard.journal) journals.push_back(&*shard.journal);
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
