#include "shard_folders.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <system_error>
#include <utility>

#include "initsweep/diagnostic.hpp"
#include "initsweep/fetch.hpp"
#include "initsweep/numerics.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

std::string quoted(const fs::path& path) { return printable(path.string()); }

// The first line that two texts do not share, with its number; "" of a text that has ended.
std::string line_difference(std::string_view here, std::string_view there) {
  for (std::size_t number = 1;; ++number) {
    const auto next = [](std::string_view& text) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      return line;
    };
    const bool both_end = here.empty() && there.empty();
    const std::string_view a = next(here), b = next(there);
    if (a != b || both_end)
      return "line " + std::to_string(number) + " of the sweep is '" + printable(std::string(a)) + "', in the first '" +
             printable(std::string(b)) + "'";
  }
}

std::string overrides_text(const std::vector<std::string>& overrides) {
  std::string text;
  for (const std::string& one : overrides) text += (text.empty() ? "--set " : " --set ") + printable(one);
  return text.empty() ? "no --set" : text;
}

bool have_same_jobs(const Grid& a, const Grid& b) {
  return std::equal(a.jobs.begin(), a.jobs.end(), b.jobs.begin(), b.jobs.end(),
                    [](const Job& one, const Job& other) { return one.id == other.id; });
}

// How the folder's sweep is not that of the first; "" if it is.
std::string sweep_difference(const fs::path& folder, const RunInfo& here, const ShardFolders& first) {
  if (here.sweep_text == first.info.sweep_text && here.overrides == first.info.overrides) return {};
  const Sweep sweep = whole_sweep(here, folder);
  if (sweep.spec.name != first.sweep.spec.name)
    return "is of another sweep: '" + sweep.spec.name + "', the first of '" + first.sweep.spec.name + "'";
  const std::string what = here.sweep_text != first.info.sweep_text
                               ? line_difference(here.sweep_text, first.info.sweep_text)
                               : "it was run with " + overrides_text(here.overrides) + ", the first with " +
                                     overrides_text(first.info.overrides);
  return "has other settings: " + what +
         (have_same_jobs(sweep.grid, first.sweep.grid)
              ? "; its jobs are the same: run it again as the first was run, and it trains nothing anew"
              : "");
}

std::string data_difference(const RunInfo& here, const RunInfo& first) {
  for (const auto& [dataset, digest] : first.digests) {
    const auto own = here.digests.find(dataset);
    if (own == here.digests.end() || own->second != digest)
      return "was trained on other data: the SHA-256 of " + printable(dataset) + " is " +
             (own == here.digests.end() ? "not known" : printable(own->second)) + ", in the first " + printable(digest);
  }
  return {};
}

class Opening {
 public:
  explicit Opening(std::span<const fs::path> folders) : folders_(folders) {}

  ShardFolders open() {
    assert(!folders_.empty());
    RunInfo info = read_run_info(folders_.front());
    Sweep sweep = whole_sweep(info, folders_.front());
    ShardFolders opened{std::move(info), std::move(sweep), {}, {}};
    for (const fs::path& folder : folders_) add(folder, opened);
    if (!problems_.empty())
      throw UsageError("these folders make no whole; the first is " + quoted(folders_.front()) + ":" + problems_ +
                       remedy_);
    require_one_numerics(opened);
    deal(opened);
    return opened;
  }

 private:
  void refuse(const fs::path& folder, const std::string& why) { problems_ += "\n  " + quoted(folder) + " " + why; }

  void add(const fs::path& folder, ShardFolders& opened) {
    if (!places_.emplace(fs::weakly_canonical(folder / ""), folder).second) return refuse(folder, "is named twice");
    const RunInfo info = read_run_info(folder);
    for (const std::string& difference : {sweep_difference(folder, info, opened), data_difference(info, opened.info)})
      if (!difference.empty()) return refuse(folder, difference);
    if (info.shard.count != opened.info.shard.count) {
      remedy_ = "\nname shards of one N alone, as in 'initsweep merge -o DIR DIR/shards/*-of-3'";
      return refuse(folder, is_what(info.shard) + ", the first " + is_what(opened.info.shard));
    }
    const auto [same, is_new] = folder_of_.emplace(info.shard.index, folder);
    if (!is_new) return refuse(folder, is_what(info.shard) + " again, as " + quoted(same->second) + " is");
    ShardFolder shard{folder, info.shard, {}, std::nullopt};
    if (fs::exists(journal_file(folder))) shard.journal.emplace(journal_file(folder));
    opened.shards.push_back(std::move(shard));
  }

  static std::string is_what(const Shard& shard) {
    return shard.is_whole() ? "is a whole run" : "is shard " + to_text(shard);
  }

  // Whoever has no jobs has nothing that could be mixed.
  static void require_one_numerics(const ShardFolders& opened) {
    const ShardFolder* first = nullptr;
    std::string problems;
    for (const ShardFolder& shard : opened.shards) {
      if (!shard.journal || shard.journal->n_jobs() == 0) continue;
      if (first == nullptr) first = &shard;
      const std::string difference =
          numerics_difference(shard.journal->numerics(), first->journal->numerics(), quoted(first->path));
      if (!difference.empty()) problems += "\n  " + quoted(shard.path) + ": " + difference;
    }
    if (!problems.empty())
      throw EnvironmentError(quoted(first->path) +
                             ": error: other shards were trained with other numerics, which would "
                             "not mix:" +
                             problems + "\ntrain either anew, with --fresh and the other's --isa");
  }

  static void deal(ShardFolders& opened) {
    const int count = opened.info.shard.count;
    std::sort(opened.shards.begin(), opened.shards.end(),
              [](const ShardFolder& a, const ShardFolder& b) { return a.shard.index < b.shard.index; });
    std::vector<std::vector<std::size_t>> jobs(static_cast<std::size_t>(count) + 1);
    for (std::size_t i = 0; i < opened.sweep.grid.jobs.size(); ++i)
      jobs[static_cast<std::size_t>(shard_of(opened.sweep.grid.jobs[i].id, count))].push_back(i);
    auto next = opened.shards.begin();
    for (int index = 1; index <= count; ++index) {
      std::vector<std::size_t>& its = jobs[static_cast<std::size_t>(index)];
      if (next != opened.shards.end() && next->shard.index == index)
        (next++)->jobs = std::move(its);
      else
        opened.absent.push_back({{index, count}, its.size()});
    }
  }

  std::span<const fs::path> folders_;
  std::map<fs::path, fs::path> places_;
  std::map<int, fs::path> folder_of_;
  std::string problems_, remedy_;
};

}  // namespace

fs::path shards_folder(const fs::path& results) { return results / "shards"; }

fs::path shard_folder(const fs::path& results, const Shard& shard) {
  return shards_folder(results) / (std::to_string(shard.index) + "-of-" + std::to_string(shard.count));
}

std::vector<fs::path> shard_folders_in(const fs::path& results) {
  std::map<std::pair<int, int>, fs::path> found;
  const fs::path parent = shards_folder(results);
  std::error_code error;
  if (!fs::is_directory(parent, error)) return {};
  for (const fs::directory_entry& entry : fs::directory_iterator(parent)) {
    std::string name = entry.path().filename().string();
    if (const std::size_t of = name.find("-of-"); of != std::string::npos) name.replace(of, 4, "/");
    const std::optional<Shard> shard = parse_shard(name);
    if (shard && fs::exists(entry.path() / "run.json")) found[{shard->count, shard->index}] = entry.path();
  }
  std::vector<fs::path> folders;
  for (const auto& [place, folder] : found) folders.push_back(folder);
  return folders;
}

JobCounts ShardFolder::counts(const Sweep& sweep) const {
  JobCounts counts;
  for (const std::size_t i : jobs)
    counts.add(journal ? journal->find(sweep.grid.jobs[i].id, sweep.spec.record) : nullptr);
  return counts;
}

std::optional<JournalReader> journal_to_merge_into(const fs::path& folder, const Grid& grid, const Numerics& made) {
  const std::string elsewhere = "; choose another folder with -o, or move it away";
  if (!fs::exists(journal_file(folder))) {
    if (fs::exists(folder / "jobs.csv"))
      throw UsageError(quoted(folder) + " holds results without a journal, which a merge would replace" + elsewhere);
    return std::nullopt;
  }
  JournalReader before(journal_file(folder));
  if (before.n_jobs() == 0) return before;
  std::size_t n_inside = 0;
  for (const Job& job : grid.jobs) n_inside += before.contains(job.id) ? 1 : 0;
  if (const std::size_t n_outside = before.n_jobs() - n_inside; n_outside > 0)
    throw UsageError(quoted(folder) + " holds " + counted(n_outside, "finished job") + " that " +
                     (n_outside == 1 ? "is" : "are") + " not of this sweep" + elsewhere);
  if (const std::string difference = numerics_difference(before.numerics(), made, "what is merged");
      !difference.empty())
    throw EnvironmentError(quoted(folder) + ": error: holds jobs trained with " + difference + elsewhere);
  return before;
}

std::optional<Numerics> ShardFolders::numerics() const {
  for (const ShardFolder& shard : shards)
    if (shard.journal && shard.journal->n_jobs() > 0) return shard.journal->numerics();
  return std::nullopt;
}

ShardFolders open_shards(std::span<const fs::path> folders) { return Opening(folders).open(); }

}  // namespace initsweep
