// How a run goes on, out of what its journal has so far.
#pragma once
#include <string>
#include <vector>
#include "initsweep/grid.hpp"
#include "initsweep/journal.hpp"
#include "progress.hpp"

namespace initsweep {

// Progress as the run itself would tell it, and what it finished in the last minute.
struct Outlook {
  ProgressState progress;
  double jobs_a_minute = 0;
};
// The run began at `since` (as a trace writes it) and now is `elapsed_s` later. `work` is that of a job of each cell.
// Which jobs are running is not in the journal: taken to be the longest ones that are missing, each since its thread
// ended one.
[[nodiscard]] Outlook outlook_of(const Grid& grid, const RecordOptions& record, const JournalReader& journal,
                                 const std::string& since, double elapsed_s, const std::vector<double>& work);

}  // namespace initsweep
