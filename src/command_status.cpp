// How far a run is, from its folder alone: works during a run, after it, and after a crash.
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <system_error>
#include <utility>

#include "commands.hpp"
#include "followed_run.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"
#include "initsweep/shard.hpp"
#include "live_screen.hpp"
#include "shard_folders.hpp"
#include "shard_status.hpp"
#include "signals.hpp"
#include "slurm_scripts.hpp"
#include "status_table.hpp"
#include "stored_results.hpp"

namespace initsweep {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::string failures_text(const RunFolder& folder, std::size_t most) {
  Failures failures(folder.sweep, most);
  if (folder.journal)
    for (const Job& job : folder.sweep.grid.jobs) failures.add(job, *folder.journal);
  return failures.text();
}

std::string counts_text(const JobCounts& counts, TableFormat as) {
  return format(Table{count_columns(), {count_fields(counts)}}, as);
}

std::string headline(const FollowedRun& run) {
  const std::size_t n_missing = run.counts().missing;
  const Shard& shard = run.folder().sweep.grid.shard;
  return printable(run.folder().sweep.spec.name) + (shard.is_whole() ? "" : ", shard " + to_text(shard) + ",") +
         " in " + printable(run.folder().path.string()) + ": " +
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

// By submit, whether or not anything is in a queue.
bool has_scripts(const std::filesystem::path& folder) {
  std::error_code error;  // what is wrong with the folder is told by who reads it
  return std::filesystem::exists(slurm_folder(folder) / "array.sh", error);
}

// What there is to say at one time.
struct Look {
  std::string text;
  std::string state;  // in a log, text is said again where this has changed
  bool is_complete = false;
};

Look look_at(FollowedRun& run, bool in_place, const Session& session) {
  run.look();
  return {.text = in_place ? screen(run, LiveScreen::size(), show_options(session)) : report(run, session.format),
          .state = counts_text(run.counts(), TableFormat::csv) + holder_text(run, std::nullopt),
          .is_complete = run.counts().missing == 0};
}

Look look_at(std::span<const std::filesystem::path> shards, const Session& session) {
  ShardStatus status = status_of_shards(shards, session.format);
  return {.text = std::move(status.text), .state = std::move(status.state), .is_complete = status.counts.missing == 0};
}

// Of several folders; of one that holds shards, for as long as what was merged of them is not all; else of a run.
Look look_at(const StatusArguments& arguments, std::optional<FollowedRun>& run, bool in_place, const Session& session) {
  const std::filesystem::path& folder = arguments.folders.front();
  if (arguments.folders.size() > 1) return look_at(arguments.folders, session);
  const std::vector<std::filesystem::path> shards = shard_folders_in(folder);
  if (shards.empty() && has_scripts(folder) && !is_result_folder(folder)) {
    const std::string text = printable(folder.string()) + ": submitted, no shard has begun\n";
    return {.text = session.format == TableFormat::table ? text : format(Table{count_columns(), {}}, session.format),
            .state = text};
  }
  if (shards.empty() || is_result_folder(folder)) {
    if (!run) run.emplace(folder);
    Look look = look_at(*run, in_place, session);
    if (shards.empty() || look.is_complete || run->holder().occupancy == Occupancy::held) return look;
  }
  return look_at(shards, session);
}

int watch(const std::function<Look(bool in_place)>& look, Session& session) {
  constexpr double kEvery = 1, kShare = 0.1;  // seconds; of the time may be spent looking
  const RunSignals signals;
  LiveScreen live(session.console);
  const bool in_place = session.format == TableFormat::table && session.console.answer_is_terminal();
  std::optional<std::string> said;
  while (true) {
    const Clock::time_point start = Clock::now();
    const Look now = look(in_place);
    bool is_read = true;
    if (in_place)
      is_read = live.show(now.text);
    else if (said != now.state)
      is_read = session.console.answer(now.text);
    said = now.state;
    if (!is_read || now.is_complete) return kExitDone;
    if (signals.stop_signal() == 0) wait(std::max(kEvery, seconds_since(start) / kShare));
    if (signals.stop_signal() != 0) {
      live.leave();
      return kExitSignal + signals.stop_signal();
    }
  }
}

}  // namespace

int status_command(const StatusArguments& arguments, Session& session) {
  std::optional<FollowedRun> run;
  const auto look = [&](bool in_place) { return look_at(arguments, run, in_place, session); };
  if (arguments.watch) return watch(look, session);
  session.console.answer(look(/*in_place=*/false).text);
  return kExitDone;
}

}  // namespace initsweep
