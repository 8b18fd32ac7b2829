// How far a run is, from its folder alone: works during a run, after it, and after a crash.
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

#include "commands.hpp"
#include "followed_run.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"
#include "live_screen.hpp"
#include "signals.hpp"

namespace initsweep {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// The failed jobs with what they said: most likely what one wants to know next.
std::string failures_text(const RunFolder& folder, std::size_t most) {
  const Sweep& sweep = folder.sweep;
  std::string text;
  std::size_t n = 0;
  for (const Job& job : sweep.grid.jobs) {
    const JournalEntry* entry = folder.journal ? folder.journal->find(job.id, sweep.spec.record) : nullptr;
    if (entry == nullptr || entry->status == JobStatus::ok || entry->status == JobStatus::diverged) continue;
    if (++n > most) continue;
    text += "  " + job_label(sweep.grid, job) + " (" + job.id +
            "): " + printable(folder.journal->load(*entry).record.error) + "\n";
  }
  if (n > most) text += "  ... and " + grouped_text(n - most) + " more; see jobs.csv\n";
  return text.empty() ? "" : "failed or timed out:\n" + text;
}

std::string counts_text(const JobCounts& counts, TableFormat as) {
  Table table;
  for (const char* name : {"total", "ok", "diverged", "failed", "timeout", "missing"})
    table.columns.push_back({name, ColumnType::integer, ""});
  std::vector<std::string>& row = table.rows.emplace_back();
  for (const std::size_t n :
       {counts.total(), counts.ok, counts.diverged, counts.failed, counts.timeout, counts.missing})
    row.push_back(std::to_string(n));
  return format(table, as);
}

std::string headline(const FollowedRun& run) {
  const std::size_t n_missing = run.counts().missing;
  return printable(run.folder().sweep.spec.name) + " in " + printable(run.folder().path.string()) + ": " +
         (n_missing == 0 ? "complete" : counted(n_missing, "job") + " missing") + "\n";
}

// Whether a run is under way, and how it goes. "" where that is no question any more.
std::string holder_text(const FollowedRun& run, const std::optional<Outlook>& outlook) {
  const FolderHolder& holder = run.holder();
  if (holder.occupancy == Occupancy::free) return run.counts().missing > 0 ? "no run is under way\n" : "";
  const std::string who = "process " + std::to_string(holder.process) + " on " + printable(holder.host) + " since " +
                          printable(holder.since);
  if (holder.occupancy == Occupancy::unknown)
    return run.counts().missing > 0 ? "whether a run is under way is not seen from here; the last was " + who + "\n"
                                    : "";
  std::string text = "under way: " + who;
  if (outlook && outlook->jobs_a_minute > 0)
    text += ", " + grouped_text(static_cast<std::uint64_t>(std::llround(outlook->jobs_a_minute))) + " jobs a minute";
  return text + "\n";
}

// For a log or a pipe, and once on a screen.
std::string report(const FollowedRun& run, TableFormat as) {
  constexpr std::size_t kMostFailures = 10;
  if (as != TableFormat::table) return counts_text(run.counts(), as);
  const std::optional<Outlook> outlook = run.outlook();
  std::string text = headline(run) + counts_text(run.counts(), as) + holder_text(run, outlook);
  if (outlook && outlook->progress.seconds_left && run.holder().occupancy == Occupancy::held)
    text.insert(text.size() - 1, ", about " + duration_text(std::round(*outlook->progress.seconds_left)) + " left");
  return text + failures_text(run.folder(), kMostFailures);
}

std::size_t n_lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// For a terminal that is redrawn; the map of what is known so far if there is room for it.
std::string screen(FollowedRun& run, LiveScreen::Size size, ShowOptions options) {
  constexpr std::size_t kMostFailures = 3;
  constexpr double kMostReading = 0.2;  // seconds a look; but the last one shows all
  const std::optional<Outlook> outlook = run.outlook();
  const bool is_under_way = run.holder().occupancy == Occupancy::held && outlook && run.counts().missing > 0;
  std::string text = headline(run);
  text += is_under_way ? progress_bar(outlook->progress, size.columns - 1) + "\n"
                       : counts_text(run.counts(), TableFormat::table);
  text += holder_text(run, outlook) + failures_text(run.folder(), kMostFailures);
  options.width = size.columns;
  const double most_reading = run.counts().missing > 0 ? kMostReading : std::numeric_limits<double>::infinity();
  const HeatMap map = pooled_accuracy_map(run.folder().sweep.grid, run.cells(most_reading));
  if (map.cells.size() < 2) return text;
  const std::string picture = heat_map_text(map, options);
  return n_lines(text) + 1 + n_lines(picture) < size.rows ? text + "\n" + picture : text;
}

// A signal ends it early.
void wait(double seconds) { poll(nullptr, 0, static_cast<int>(seconds * 1000)); }

int watch(FollowedRun& run, Session& session) {
  constexpr double kEvery = 1, kShare = 0.1;  // seconds; of the time may be spent looking
  const RunSignals signals;
  LiveScreen live(session.console);
  const bool in_place = session.format == TableFormat::table && session.console.answer_is_terminal();
  std::optional<std::pair<JobCounts, FolderHolder>> said;
  while (true) {
    const Clock::time_point start = Clock::now();
    if (said) run.look();
    bool is_read = true;
    if (in_place)
      is_read = live.show(screen(run, LiveScreen::size(), show_options(session)));
    else if (!said || *said != std::pair(run.counts(), run.holder()))
      is_read = session.console.answer(report(run, session.format));
    said.emplace(run.counts(), run.holder());
    if (!is_read || run.counts().missing == 0) return kExitDone;
    if (signals.stop_signal() == 0) wait(std::max(kEvery, seconds_since(start) / kShare));
    if (signals.stop_signal() != 0) {
      live.leave();
      return kExitSignal + signals.stop_signal();
    }
  }
}

}  // namespace

int status_command(const StatusArguments& arguments, Session& session) {
  FollowedRun run(arguments.folder);
  if (arguments.watch) return watch(run, session);
  session.console.answer(report(run, session.format));
  return kExitDone;
}

}  // namespace initsweep
