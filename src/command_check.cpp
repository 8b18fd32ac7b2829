// Whether the claims of a sweep hold and its results are those of a baseline, in the forms that people and CI read.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "cell_comparison.hpp"
#include "cell_label.hpp"
#include "check_output.hpp"
#include "commands.hpp"
#include "host.hpp"
#include "initsweep/cells.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/difference.hpp"
#include "initsweep/file.hpp"
#include "initsweep/gate.hpp"
#include "initsweep/number.hpp"
#include "initsweep/results.hpp"
#include "initsweep/runner.hpp"
#include "initsweep/shard.hpp"
#include "stored_results.hpp"
#include "sweep.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

// Jobs that have no results.
struct Without {
  std::size_t missing = 0, failed = 0;
};

Without count_without(const RunFolder& folder) {
  Without without;
  for (const Job& job : folder.sweep.grid.jobs) {
    const JournalEntry* entry = folder.journal ? folder.journal->find(job.id, folder.sweep.spec.record) : nullptr;
    without.missing += entry == nullptr ? 1 : 0;
    without.failed += entry != nullptr && !has_results(entry->status) ? 1 : 0;
  }
  return without;
}

// A check never passes what is not there.
Finding missing(std::size_t n, std::size_t n_jobs, const std::string& how) {
  return incomparable({}, "missing", grouped_text(n) + " of " + counted(n_jobs, "job") + how);
}

std::string numerics_text(const Numerics& numerics) {
  if (numerics.instruction_set.empty()) return "nothing trained";  // a folder without a journal
  return "numerics revision " + std::to_string(numerics.revision) + ", " + printable(numerics.instruction_set) + ", " +
         printable(numerics.gemm);
}

// "1 to 5", "1, 7, 9"
std::string seeds_text(const Baseline& results) {
  const std::set<std::int64_t> seeds = seeds_of(results);
  if (seeds.empty()) return "none";
  const bool is_range = *seeds.rbegin() - *seeds.begin() + 1 == static_cast<std::int64_t>(seeds.size());
  if (is_range && seeds.size() > 2) return std::to_string(*seeds.begin()) + " to " + std::to_string(*seeds.rbegin());
  std::string text;
  for (const std::int64_t seed : seeds) text += (text.empty() ? "" : ", ") + std::to_string(seed);
  return text;
}

// What was compared with what, for people.
std::string headline(const fs::path& folder, const fs::path& base, const Baseline& before, const Baseline& now) {
  std::string text = printable(folder.string()) + " against " + printable(base.string());
  if (!before.accepted.empty())
    text += " (accepted " + printable(before.accepted) + ": " + printable(before.reason) + ")";
  const SameDigests digests = count_same_digests(before, now);
  text += '\n' + (digests.n_both == 0 ? "no job in common"
                                      : grouped_text(digests.n_same) + " of " + counted(digests.n_both, "job") +
                                            " of both have the same digest");
  if (const std::string then = seeds_text(before), today = seeds_text(now); then != today)
    text += "; seeds " + then + " then, " + today + " now";
  const std::string of_before = numerics_text(before.numerics), of_now = numerics_text(now.numerics);
  return text + "; " + (of_before == of_now ? of_now + " in both" : of_before + " then, " + of_now + " now") + "\n\n";
}

// As Markdown takes text as it is.
std::string indented(const std::string& lines) {
  std::string text;
  for (std::size_t i = 0; i < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', i), lines.size());
    if (end > i) text += (text.empty() ? "\n    " : "    ") + lines.substr(i, end - i) + "\n";
    i = end + 1;
  }
  return text;
}

struct Located {
  std::string cell;
  std::int64_t seed = 0;
  Difference difference;
};

struct Locations {
  std::vector<Located> found;
  std::size_t n_compared = 0;  // jobs that both have
  bool same_record = true;     // else only the rows of epochs are compared
};

// Where each job that differs first does, the earliest step first.
Locations locate(const RunFolder& before, const RunFolder& now) {
  Locations locations;
  std::vector<Located>& found = locations.found;
  const Grid& grid = now.sweep.grid;
  if (!before.journal || !now.journal) return locations;
  std::map<std::pair<std::string, std::int64_t>, const JournalEntry*>
      old;  // by cell and seed: revisions change job ids
  for (const Job& job : before.sweep.grid.jobs)
    if (const JournalEntry* entry = before.journal->find(job.id, before.sweep.spec.record))
      old[{before.sweep.grid.cells[job.cell].id, job.seed}] = entry;
  locations.same_record = before.sweep.spec.record == now.sweep.spec.record;
  const CellLabels labels(grid);
  for (const Job& job : grid.jobs) {
    const JournalEntry* entry = now.journal->find(job.id, now.sweep.spec.record);
    const auto other = old.find({grid.cells[job.cell].id, job.seed});
    if (entry == nullptr || other == old.end()) continue;
    ++locations.n_compared;
    const std::optional<Difference> difference = first_difference(
        before.journal->load(*other->second).record, now.journal->load(*entry).record, locations.same_record);
    if (difference) found.push_back({labels.of(grid.cells[job.cell].names.front()), job.seed, *difference});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Located& a, const Located& b) { return a.difference.step < b.difference.step; });
  return locations;
}

std::string located_text(const Locations& locations, const Session& session) {
  const std::vector<Located>& found = locations.found;
  const bool exact = session.format != TableFormat::table;
  const auto text = [&](double value) { return exact ? float_text(value) : brief_text(value, 6); };
  Table table;
  table.columns = {
      {"cell", ColumnType::text, ""},         {"seed", ColumnType::integer, ""},  {"epoch", ColumnType::integer, ""},
      {"step", ColumnType::integer, ""},      {"layer", ColumnType::integer, ""}, {"tensor", ColumnType::text, ""},
      {"statistic", ColumnType::text, ""},    {"before", ColumnType::number, ""}, {"now", ColumnType::number, ""},
      {"difference", ColumnType::number, ""}, {"reason", ColumnType::text, ""}};
  constexpr std::size_t kShown = 20;
  const std::size_t n_shown = exact ? found.size() : std::min(found.size(), kShown);
  for (std::size_t i = 0; i < n_shown; ++i) {
    const Difference& d = found[i].difference;
    table.rows.push_back({found[i].cell, std::to_string(found[i].seed), std::to_string(d.epoch), std::to_string(d.step),
                          d.layer ? std::to_string(*d.layer) : "", d.tensor, d.statistic, text(d.before), text(d.now),
                          text(d.now - d.before), d.lacking ? difference_text(d) : ""});
  }
  if (exact) return format(table, session.format);
  const std::string note =
      locations.same_record ? ""
                            : "\nthe layers were recorded otherwise (`record`); only the rows of epochs are compared";
  if (locations.n_compared == 0) return "\nthe two have no job in common, so there is nothing to locate\n";
  if (found.empty())
    return note + "\nnone of the " + counted(locations.n_compared, "job") +
           " that both have differs in anything recorded\n";
  std::string result = note + "\nwhere " + counted(found.size(), "job") + " first differ" +
                       (found.size() == 1 ? "s" : "") + ", the earliest first:\n" + format(table, session.format);
  if (found.size() > n_shown)
    result += "... and " + grouped_text(found.size() - n_shown) + " more; --format csv has all\n";
  return result;
}

// What --locate cannot do is said before anything is done.
void require_two_folders(const CheckArguments& arguments) {
  if (!arguments.locate || (arguments.baseline && is_result_folder(*arguments.baseline))) return;
  throw UsageError("--locate compares two folders of results, number by number; " +
                   (arguments.baseline ? printable(arguments.baseline->string()) + " is none, name"
                                       : std::string("name the other")) +
                   " one with --baseline DIR");
}

}  // namespace

int check_command(const CheckArguments& arguments, Session& session) {
  require_two_folders(arguments);
  const RunFolder folder = open_run_folder(arguments.folder);
  const int threads = usable_processors();

  std::vector<Finding> findings;
  const Without without = count_without(folder);
  const std::size_t n_jobs = folder.sweep.grid.jobs.size();
  if (without.missing > 0)
    findings.push_back(
        missing(without.missing, n_jobs, without.missing == 1 ? " is not trained yet" : " are not trained yet"));
  if (without.failed > 0) findings.push_back(missing(without.failed, n_jobs, " failed or timed out"));
  if (const Shard& shard = folder.sweep.grid.shard; !shard.is_whole())
    findings.push_back(incomparable(
        {}, "missing",
        "this is shard " + to_text(shard) + " alone; `initsweep merge -o DIR SHARD...` makes one result of all"));
  if (folder.journal)
    for (Finding& finding : judge_claims(folder.sweep.spec, folder.sweep.grid, *folder.journal, threads))
      findings.push_back(std::move(finding));
  std::string head;
  if (const Shard shard = arguments.baseline ? shard_of_results(*arguments.baseline) : Shard(); !shard.is_whole()) {
    findings.push_back(
        incomparable({}, "incomparable",
                     printable(arguments.baseline->string()) + " is shard " + to_text(shard) +
                         " alone, no baseline; `initsweep merge -o DIR SHARD...` makes one result of all"));
  } else if (arguments.baseline) {
    const std::optional<Baseline> before = stored_results(*arguments.baseline, threads);
    if (before) {
      const Baseline now = results_in(folder, threads);
      head = headline(folder.path, *arguments.baseline, *before, now);
      for (Finding& finding : compare(*before, now)) findings.push_back(std::move(finding));
    } else {
      const std::string base = printable(arguments.baseline->string());
      findings.push_back(incomparable({}, "incomparable",
                                      "there is no baseline " + base + "; `initsweep baseline accept " +
                                          printable(folder.path.string()) + " -o " + base +
                                          " --reason TEXT` makes these results the first"));
    }
  } else if (folder.sweep.spec.expect.empty()) {
    findings.push_back(incomparable(
        {}, "incomparable", "there is nothing to check: the sweep makes no claims (expect), no --baseline is given"));
  }
  sort_worst_first(findings);

  if (session.format == TableFormat::table) {
    const std::string table = findings_text(findings);
    session.console.answer(head + table + (table.empty() ? "" : "\n") + std::string(answer_text(findings)) + ": " +
                           tally_text(findings) + "\n");
  } else if (!arguments.locate) {
    session.console.answer(format(findings_table(findings, /*exact=*/true), session.format));
  }
  if (arguments.locate)
    session.console.answer(located_text(locate(open_run_folder(*arguments.baseline), folder), session));
  if (arguments.junit)
    replace_file(*arguments.junit, junit_text(findings, folder.sweep.spec.name, utc_now(), host_name()));
  const std::string markdown = markdown_text(findings, folder.sweep.spec.name) + indented(head);
  if (arguments.markdown) replace_file(*arguments.markdown, markdown);
  annotate_for_github(findings, session);
  append_to_github_summary(markdown, session);
  return without.failed > 0 ? kExitJobsFailed : exit_code(findings);
}

}  // namespace initsweep
