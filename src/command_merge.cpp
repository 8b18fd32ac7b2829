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
  const std::optional<JournalReader> before = journal_to_merge_into(folder, opened.sweep.grid, made);

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
