#include "ending.hpp"

#include <chrono>
#include <string>

#include "check_output.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"
#include "initsweep/results.hpp"
#include "initsweep/shard.hpp"
#include "initsweep/show.hpp"
#include "job_counts.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

void answer(const Grid& grid, const Outcomes& outcomes, const JobCounts& counts, const fs::path& folder,
            Session& session) {
  const ShowOptions options = show_options(session);
  const std::string table = format(summary_table(grid, outcomes.cells, options), session.format);
  if (session.format != TableFormat::table) {
    session.console.answer(table);
    return;
  }
  if (!grid.shard.is_whole()) {  // parts of cells, and claims that wait, tell little
    session.console.answer(printable(folder.string()) + ": " + to_text(counts) + " (shard " + to_text(grid.shard) +
                           " alone; 'initsweep merge' makes one result of all)\n");
    return;
  }
  session.console.answer(table + "\n");
  session.console.answer_as_is(delta_picture(grid, outcomes.cells, options) + "\n");
  std::string text = findings_text(outcomes.claims);
  if (!text.empty()) text += "\n";
  for (const char* file : {"jobs.csv", "epochs.csv", "layers.csv", "cells.csv", "checks.csv", "trace.csv"})
    text += printable((folder / file).string()) + "\n";
  text += printable(folder.string()) + ": " + to_text(counts);
  if (!outcomes.claims.empty()) text += "; of its claims " + tally_text(outcomes.claims);
  session.console.answer(text + "\n");
}

}  // namespace

int write_and_answer(const fs::path& folder, const Sweep& sweep, int threads, Session& session) {
  const auto start = std::chrono::steady_clock::now();
  const JournalReader finished(journal_file(folder));
  Outcomes outcomes = write_results(folder, sweep.spec, sweep.grid, finished, threads);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  session.log.debug("writing the CSVs took " + brief_text(took.count()) + " s");

  const JobCounts counts = count_jobs(sweep.grid, sweep.spec.record, &finished);
  sort_worst_first(outcomes.claims);
  answer(sweep.grid, outcomes, counts, folder, session);
  const int of_claims = exit_code(outcomes.claims);
  if (session.format != TableFormat::table && of_claims != kExitDone)
    session.log.error("of its claims " + tally_text(outcomes.claims) + "; " +
                      printable((folder / "checks.csv").string()) + " has them");
  annotate_for_github(outcomes.claims, session);
  const std::size_t n_failed = counts.failed + counts.timeout;
  if (n_failed == 0) return of_claims;
  session.log.info(counted(n_failed, "job") + " failed or timed out; 'initsweep run' with --retry-failed trains " +
                   (n_failed == 1 ? "it" : "them") + " again");
  return kExitJobsFailed;
}

}  // namespace initsweep
