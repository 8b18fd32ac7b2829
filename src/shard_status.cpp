#include "shard_status.hpp"

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <utility>
#include <vector>

#include "folder_holder.hpp"
#include "host.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"
#include "shard_folders.hpp"
#include "status_table.hpp"

namespace initsweep {
namespace {

// Attempts that ended in the last minute.
std::size_t n_lately(const JournalReader& journal) {
  constexpr double kMinute = 60;
  const auto now = static_cast<double>(std::time(nullptr));
  return static_cast<std::size_t>(
      std::count_if(journal.attempts().begin(), journal.attempts().end(), [&](const JournalEntry& attempt) {
        return utc_seconds(attempt.trace.start) + attempt.trace.duration_s > now - kMinute;
      }));
}

struct State {
  std::string word;
  FolderHolder holder;  // while there is one
};

State state_of(const ShardFolder& shard, const JobCounts& counts) {
  if (counts.missing == 0) return {"complete", {}};
  FolderHolder holder = holder_of(shard.path);
  switch (holder.occupancy) {
    case Occupancy::free: return {"stopped", {}};
    case Occupancy::held: return {"under way", std::move(holder)};
    case Occupancy::unknown: return {"not seen from here", std::move(holder)};  // on another host, or was
  }
  return {};
}

class Rows {
 public:
  explicit Rows(bool for_people) : for_people_(for_people) {
    table.columns = {{"shard", ColumnType::text, ""}};
    table.columns.insert(table.columns.end(), count_columns().begin(), count_columns().end());
    for (const char* name : {"state", "host", "since"}) table.columns.push_back({name, ColumnType::text, ""});
    if (!for_people_) table.columns.push_back({"folder", ColumnType::text, ""});
  }
  void add(const std::string& shard, const JobCounts& counts, const State& state, const std::string& folder) {
    std::vector<std::string>& row = table.rows.emplace_back(std::vector{shard});
    for (std::string& field : count_fields(counts)) row.push_back(std::move(field));
    row.insert(row.end(), {state.word, state.holder.host, state.holder.since});
    if (!for_people_) row.push_back(folder);
  }
  Table table;

 private:
  bool for_people_;
};

}  // namespace

ShardStatus status_of_shards(std::span<const std::filesystem::path> folders, TableFormat as) {
  constexpr std::size_t kMostFailures = 10, kMostAbsent = 20;
  const ShardFolders opened = open_shards(folders);
  const Sweep& sweep = opened.sweep;
  Rows rows(as == TableFormat::table);
  ShardStatus status;
  Failures failures(sweep, kMostFailures);
  std::size_t jobs_a_minute = 0;
  for (const ShardFolder& shard : opened.shards) {
    const JobCounts counts = shard.counts(sweep);
    status.counts += counts;
    rows.add(to_text(shard.shard), counts, state_of(shard, counts), shard.path.string());
    if (!shard.journal) continue;
    jobs_a_minute += n_lately(*shard.journal);
    for (const std::size_t i : shard.jobs) failures.add(sweep.grid.jobs[i], *shard.journal);
  }
  JobCounts others;
  std::size_t n_shown = 0;
  for (const AbsentShard& absent : opened.absent) {
    const JobCounts counts{.missing = absent.n_jobs};
    status.counts += counts;
    if (as != TableFormat::table || ++n_shown <= kMostAbsent)
      rows.add(to_text(absent.shard), counts, {"not begun", {}}, "");
    else
      others += counts;
  }
  if (n_shown > kMostAbsent) rows.add(grouped_text(n_shown - kMostAbsent) + " others", others, {"not begun", {}}, "");
  if (as != TableFormat::table) {
    status.text = status.state = format(rows.table, as);
    return status;
  }
  rows.add("all", status.counts, {status.counts.missing == 0 ? "complete" : "", {}}, "");
  const std::string table = format(rows.table, as);
  status.text =
      printable(sweep.spec.name) + " in " + counted(static_cast<std::size_t>(opened.info.shard.count), "shard") + ": ";
  if (status.counts.missing == 0)
    status.text += "complete; 'initsweep merge' makes one result of them";
  else
    status.text += counted(status.counts.missing, "job") + " missing";
  if (status.counts.missing > 0 && jobs_a_minute > 0)
    status.text += ", " + grouped_text(static_cast<std::uint64_t>(jobs_a_minute)) + " ended in the last minute";
  status.text += "\n" + table + failures.text();
  status.state = table;
  return status;
}

}  // namespace initsweep
