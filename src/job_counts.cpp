#include "job_counts.hpp"

#include "initsweep/number.hpp"

namespace initsweep {

void JobCounts::add(const JournalEntry* job) {
  if (job == nullptr) {
    ++missing;
    return;
  }
  switch (job->status) {
    case JobStatus::ok: ++ok; break;
    case JobStatus::diverged: ++diverged; break;
    case JobStatus::failed: ++failed; break;
    case JobStatus::timeout: ++timeout; break;
  }
}

JobCounts& JobCounts::operator+=(const JobCounts& other) {
  ok += other.ok;
  diverged += other.diverged;
  failed += other.failed;
  timeout += other.timeout;
  missing += other.missing;
  return *this;
}

JobCounts count_jobs(const Grid& grid, const RecordOptions& record, const JournalReader* journal) {
  JobCounts counts;
  for (const Job& job : grid.jobs) counts.add(journal != nullptr ? journal->find(job.id, record) : nullptr);
  return counts;
}

std::string to_text(const JobCounts& counts) {
  std::string text = grouped_text(counts.ok) + " ok, " + grouped_text(counts.diverged) + " diverged";
  if (const std::size_t n = counts.failed + counts.timeout; n > 0)
    text += ", " + grouped_text(n) + " failed or timed out";
  if (counts.missing > 0) text += ", " + grouped_text(counts.missing) + " not trained yet";
  return text;
}

}  // namespace initsweep
