// How far a run is, from its journal alone: works during a run, after it, and after a crash.
#include <chrono>
#include <thread>
#include <utility>

#include "commands.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"
#include "sweep.hpp"

namespace initsweep {
namespace {

struct Status {
  std::size_t ok = 0, diverged = 0, failed = 0, timeout = 0, missing = 0, total = 0;
  bool operator==(const Status&) const = default;
};

Status status_of(const RunFolder& folder) {
  const Sweep& sweep = folder.sweep;
  Status status;
  status.total = sweep.grid.jobs.size();
  for (const Job& job : sweep.grid.jobs) {
    const JournalEntry* entry = folder.journal ? folder.journal->find(job.id, sweep.spec.record) : nullptr;
    if (entry == nullptr) {
      ++status.missing;
      continue;
    }
    switch (entry->status) {
      case JobStatus::ok: ++status.ok; break;
      case JobStatus::diverged: ++status.diverged; break;
      case JobStatus::failed: ++status.failed; break;
      case JobStatus::timeout: ++status.timeout; break;
    }
  }
  return status;
}

// The failed jobs with what they said: most likely what one wants to know next.
std::string failures_text(const RunFolder& folder) {
  constexpr int kShown = 10;
  const Sweep& sweep = folder.sweep;
  std::string text;
  int n = 0;
  for (const Job& job : sweep.grid.jobs) {
    const JournalEntry* entry = folder.journal ? folder.journal->find(job.id, sweep.spec.record) : nullptr;
    if (entry == nullptr || entry->status == JobStatus::ok || entry->status == JobStatus::diverged) continue;
    if (++n > kShown) continue;
    text += "  " + job_label(sweep.grid, job) + " (" + job.id +
            "): " + printable(folder.journal->load(*entry).record.error) + "\n";
  }
  if (n > kShown) text += "  ... and " + grouped_text(static_cast<std::size_t>(n - kShown)) + " more; see jobs.csv\n";
  return text.empty() ? "" : "failed or timed out:\n" + text;
}

std::string text_of(const RunFolder& folder, const Status& status, TableFormat as) {
  const auto number = [](std::size_t n) { return std::to_string(n); };
  Table table;
  for (const char* name : {"total", "ok", "diverged", "failed", "timeout", "missing"})
    table.columns.push_back({name, ColumnType::integer, ""});
  table.rows.push_back({number(status.total), number(status.ok), number(status.diverged), number(status.failed),
                        number(status.timeout), number(status.missing)});
  std::string text = format(table, as);
  if (as != TableFormat::table) return text;
  text = folder.sweep.spec.name + " in " + printable(folder.path.string()) + ": " +
         (status.missing == 0 ? "complete" : counted(status.missing, "job") + " missing") + "\n" + text;
  return text + failures_text(folder);
}

}  // namespace

int status_command(const StatusArguments& arguments, Session& session) {
  std::optional<Status> before;
  while (true) {
    const RunFolder folder = open_run_folder(arguments.folder);
    const Status status = status_of(folder);
    const std::string text = text_of(folder, status, session.format);
    const bool in_place = arguments.watch && session.console.answer_is_terminal();
    bool is_read = true;
    if (in_place && before)
      is_read = session.console.answer_as_is("\x1b[H\x1b[2J" + printable_lines(text));  // from the top, screen emptied
    else if (!before || status != *before)
      is_read = session.console.answer(text);
    if (!is_read || !arguments.watch || status.missing == 0) return kExitDone;
    before = status;
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

}  // namespace initsweep
