// Whether the claims of a sweep hold and its results are those of a baseline, in the forms that people and CI read.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <map>
#include <utility>

#include "cell_label.hpp"
#include "check_output.hpp"
#include "commands.hpp"
#include "initsweep/claims.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/difference.hpp"
#include "initsweep/file.hpp"
#include "initsweep/gate.hpp"
#include "initsweep/number.hpp"
#include "initsweep/results.hpp"
#include "initsweep/runner.hpp"
#include "stored_results.hpp"
#include "sweep.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

std::size_t n_missing(const RunFolder& folder) {
  std::size_t n = 0;
  for (const Job& job : folder.sweep.grid.jobs)
    n += folder.journal && folder.journal->find(job.id, folder.sweep.spec.record) != nullptr ? 0 : 1;
  return n;
}

// A check never passes what is not there.
Finding incomplete(std::size_t n, std::size_t n_jobs) {
  Finding finding;
  finding.outcome = Outcome::undecided;
  finding.verdict = "missing";
  finding.reason = grouped_text(n) + " of " + counted(n_jobs, "job") + (n == 1 ? " is" : " are") + " not trained yet";
  return finding;
}

std::string numerics_text(const Numerics& numerics) {
  return "numerics revision " + std::to_string(numerics.revision) + ", " + printable(numerics.instruction_set) + ", " +
         printable(numerics.gemm);
}

// What was compared with what, for people.
std::string headline(const fs::path& folder, const fs::path& base, const Baseline& before, const Baseline& now) {
  std::string text = printable(folder.string()) + " against " + printable(base.string());
  if (!before.accepted.empty())
    text += " (accepted " + printable(before.accepted) + ": " + printable(before.reason) + ")";
  const SameDigests digests = count_same_digests(before, now);
  text +=
      "\n" + grouped_text(digests.n_same) + " of " + counted(digests.n_both, "job") + " of both have the same digest; ";
  const std::string of_before = numerics_text(before.numerics), of_now = numerics_text(now.numerics);
  return text + (of_before == of_now ? of_now + " in both" : of_before + " then, " + of_now + " now") + "\n\n";
}

struct Located {
  std::string cell;
  std::int64_t seed = 0;
  Difference difference;
};

// Where each job whose digest differs first does, the earliest step first.
std::vector<Located> locate(const RunFolder& before, const RunFolder& now) {
  std::vector<Located> found;
  const Grid& grid = now.sweep.grid;
  if (!before.journal || !now.journal) return found;
  std::map<std::pair<std::string, std::int64_t>, const JournalEntry*>
      old;  // by cell and seed: revisions change job ids
  for (const Job& job : before.sweep.grid.jobs)
    if (const JournalEntry* entry = before.journal->find(job.id, before.sweep.spec.record))
      old[{before.sweep.grid.cells[job.cell].id, job.seed}] = entry;
  const bool same_record = before.sweep.spec.record == now.sweep.spec.record;
  const CellLabels labels(grid);
  for (const Job& job : grid.jobs) {
    const JournalEntry* entry = now.journal->find(job.id, now.sweep.spec.record);
    const auto other = old.find({grid.cells[job.cell].id, job.seed});
    if (entry == nullptr || other == old.end()) continue;
    const std::optional<Difference> difference =
        first_difference(before.journal->load(*other->second).record, now.journal->load(*entry).record, same_record);
    if (difference) found.push_back({labels.of(grid.cells[job.cell].names.front()), job.seed, *difference});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Located& a, const Located& b) { return a.difference.step < b.difference.step; });
  return found;
}

std::string located_text(const std::vector<Located>& found, const Session& session) {
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
  if (found.empty()) return "\nno job that both have differs in anything that was recorded\n";
  std::string result = "\nwhere " + counted(found.size(), "job") + " first differ" + (found.size() == 1 ? "s" : "") +
                       ", the earliest first:\n" + format(table, session.format);
  if (found.size() > n_shown)
    result += "... and " + grouped_text(found.size() - n_shown) + " more; --format csv has all\n";
  return result;
}

void write_file(const fs::path& path, const std::string& text) {
  ReplacedFile file(path);
  file.write(text);
  file.commit();
}

std::string now_text() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[sizeof "2026-11-24T15:29:16"];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  return text;
}

std::string host_name() {
  char name[256] = "localhost";
  ::gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

int check_command(const CheckArguments& arguments, Session& session) {
  const RunFolder folder = open_run_folder(arguments.folder);
  const int threads = usable_processors();
  if (arguments.locate && (!arguments.baseline || !is_result_folder(*arguments.baseline)))
    throw UsageError("--locate compares two folders of results, number by number; name the other with --baseline DIR");

  std::vector<Finding> findings;
  if (const std::size_t n = n_missing(folder); n > 0) findings.push_back(incomplete(n, folder.sweep.grid.jobs.size()));
  if (folder.journal)
    for (Finding& finding : judge_claims(folder.sweep.spec, folder.sweep.grid, *folder.journal, threads))
      findings.push_back(std::move(finding));
  std::string head;
  if (arguments.baseline) {
    const std::optional<Baseline> before = stored_results(*arguments.baseline, threads);
    if (!before) {
      session.console.say(printable(arguments.baseline->string()) +
                          ": error: there is no such baseline; `initsweep baseline accept " +
                          printable(folder.path.string()) + " -o " + printable(arguments.baseline->string()) +
                          " --reason TEXT` would make these results the first\n");
      return kExitUndecided;
    }
    const Baseline now = results_in(folder, threads);
    head = headline(folder.path, *arguments.baseline, *before, now);
    for (Finding& finding : compare(*before, now)) findings.push_back(std::move(finding));
  } else if (folder.sweep.spec.expect.empty()) {
    session.console.say(
        printable(folder.path.string()) +
        ": error: there is nothing to check: the sweep makes no claims (expect), and no --baseline is given\n");
    return kExitUndecided;
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
    write_file(*arguments.junit, junit_text(findings, folder.sweep.spec.name, now_text(), host_name()));
  if (arguments.markdown) write_file(*arguments.markdown, markdown_text(findings, folder.sweep.spec.name));
  tell_github(findings, folder.sweep.spec.name, session);
  return exit_code(findings);
}

}  // namespace initsweep
