// Makes results the baseline: the one way to, after showing what changes.
#include <algorithm>
#include <map>
#include <string_view>
#include <system_error>

#include "check_output.hpp"
#include "commands.hpp"
#include "host.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/gate.hpp"
#include "initsweep/number.hpp"
#include "initsweep/runner.hpp"
#include "initsweep/shard.hpp"
#include "stored_results.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

// Jobs that are not finished, or failed.
std::size_t n_unfinished(const Baseline& results) {
  std::size_t n = 0;
  for (const BaselineCell& cell : results.cells) {
    n += cell.missing.size();
    for (const Replicate& replicate : cell.replicates) n += has_results(replicate.status) ? 0 : 1;
  }
  return n;
}

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

int refuse(const fs::path& about, const std::string& why, Session& session) {
  session.console.say(printable(about.string()) + ": error: " + why + "\n");
  return kExitUndecided;
}

// What the new baseline has otherwise than the old one.
std::vector<Finding> changes(const Baseline& old, const Baseline& now) {
  std::vector<Finding> findings = compare(old, now);
  std::erase_if(findings, [](const Finding& f) { return f.outcome == Outcome::good && (f.effect == 0 || f.n == 0); });
  sort_worst_first(findings);
  return findings;
}

// Nothing else is overwritten: not the sweep that lies beside, not the files of a run.
void require_place_for_baseline(const fs::path& given) {
  const fs::path stem = baseline_stem(given);
  if (is_result_folder(stem) || is_result_folder(stem.parent_path()))
    throw UsageError(printable(given.string()) + " is a folder of results or lies in one; choose another name");
  if (baseline_exists(stem)) return;  // then it is read before it is written
  for (const char* ending : {".csv", ".yaml"})
    if (std::error_code ignored; fs::exists(stem.string() + ending, ignored))
      throw UsageError(printable(stem.string()) + ending + " is there and is no baseline's; choose another name");
}

// Cells that have fewer seeds than before.
std::size_t n_shrunk(const Baseline& old, const Baseline& now) {
  std::map<std::string_view, std::size_t> n_seeds;
  for (const BaselineCell& cell : now.cells) n_seeds[cell.id] = cell.replicates.size();
  return static_cast<std::size_t>(std::count_if(old.cells.begin(), old.cells.end(), [&](const BaselineCell& cell) {
    const auto found = n_seeds.find(cell.id);
    return found != n_seeds.end() && found->second < cell.replicates.size();
  }));
}

}  // namespace

int accept_command(const AcceptArguments& arguments, Session& session) {
  if (is_blank(arguments.reason)) throw UsageError("--reason takes a text that says why these results are accepted");
  require_place_for_baseline(arguments.baseline);
  const int threads = usable_processors();
  const RunFolder folder = open_run_folder(arguments.folder);
  if (const Shard& shard = folder.sweep.grid.shard; !shard.is_whole())
    return refuse(arguments.folder,
                  "shard " + to_text(shard) + " alone; a baseline is complete, 'initsweep merge' first", session);
  Baseline now = results_in(folder, threads);
  if (const std::size_t n = n_unfinished(now); n > 0)
    return refuse(arguments.folder,
                  counted(n, "job") + (n == 1 ? " is" : " are") + " not finished or failed; a baseline is complete",
                  session);
  now.reason = arguments.reason;
  now.accepted = utc_now().substr(0, std::string_view("2026-11-24").size());

  const fs::path stem = baseline_stem(arguments.baseline);
  if (baseline_exists(stem)) {
    const Baseline old = read_baseline(stem);
    now.gate = old.gate;
    const std::vector<Finding> changed = changes(old, now);
    const SameDigests digests = count_same_digests(old, now);
    session.console.answer(grouped_text(digests.n_same) + " of " + counted(digests.n_both, "job") +
                           " of both have the same digest\n");
    if (!changed.empty())
      session.console.answer(format(findings_table(changed, session.format != TableFormat::table), session.format));
    if (const std::string differs = what_differs(old, now); !differs.empty() && !arguments.replace)
      return refuse(stem, "is of " + differs + "; --replace lets these results take its place", session);
    if (const std::size_t n = n_shrunk(old, now); n > 0 && !arguments.replace)
      return refuse(stem, "has more seeds in " + counted(n, "cell") + "; --replace lets these results take its place",
                    session);
  } else {
    session.console.answer("a new baseline: " + counted(now.cells.size(), "cell") + ", " + counted(n_jobs(now), "job") +
                           "\n");
  }
  if (arguments.dry_run) {
    session.console.answer("nothing is written (--dry-run)\n");
    return kExitDone;
  }
  std::error_code ignored;
  if (stem.has_parent_path()) fs::create_directories(stem.parent_path(), ignored);
  write_baseline(stem, now);
  session.console.answer(printable(stem.string()) + ".csv\n" + printable(stem.string()) + ".yaml\n");
  return kExitDone;
}

}  // namespace initsweep
