#include "outlook.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <unordered_map>
#include <utility>

#include "host.hpp"
#include "job_times.hpp"

namespace initsweep {
namespace {

// A journal may be anyone's.
std::size_t thread_of(const JournalEntry& attempt) {
  constexpr int kMost = 1024;
  return static_cast<std::size_t>(std::clamp(attempt.trace.thread, 0, kMost - 1));
}

}  // namespace

Outlook outlook_of(const Grid& grid, const RecordOptions& record, const JournalReader& journal,
                   const std::string& since, double elapsed_s, const std::vector<double>& work) {
  // When jobs of this run began, in seconds from its start. An attempt's second may be that of the lock.
  const std::deque<JournalEntry>& attempts = journal.attempts();
  const std::vector<double> starts = start_seconds(attempts);
  double first = kNoValue;
  for (const JournalEntry& attempt : attempts) first = std::fmin(first, utc_seconds(attempt.trace.start));
  const double offset = first - utc_seconds(since);
  std::unordered_map<const JournalEntry*, double> start_of;
  std::size_t n_threads = 1;
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    if (attempts[i].trace.start < since || std::isnan(starts[i] + offset)) continue;
    start_of[&attempts[i]] = starts[i] + offset;
    n_threads = std::max(n_threads, thread_of(attempts[i]) + 1);
  }

  std::vector<std::pair<std::size_t, const JournalEntry*>> ended;
  std::vector<std::size_t> missing;
  std::vector<double> to_do;
  std::size_t n_before = 0;
  const auto work_of = [&](std::size_t job) { return work[grid.jobs[job].cell]; };
  for (std::size_t job = 0; job < grid.jobs.size(); ++job) {
    const JournalEntry* entry = journal.find(grid.jobs[job].id, record);
    if (entry != nullptr && !start_of.contains(entry)) {
      ++n_before;
      continue;
    }
    to_do.push_back(work_of(job));
    if (entry == nullptr)
      missing.push_back(job);
    else
      ended.emplace_back(job, entry);
  }

  const auto is_longer = [&](std::size_t a, std::size_t b) { return work_of(a) > work_of(b); };
  std::stable_sort(missing.begin(), missing.end(), is_longer);
  // As they began: the meter is slow with jobs out of order.
  std::stable_sort(ended.begin(), ended.end(),
                   [&](const auto& a, const auto& b) { return is_longer(a.first, b.first); });
  ProgressMeter meter(grid.jobs.size(), n_before, std::move(to_do), static_cast<int>(n_threads));
  std::vector<double> free_at(n_threads, 0);
  constexpr double kMinute = 60;
  std::size_t n_lately = 0;
  for (const auto& [job, entry] : ended) {
    const double start = start_of.at(entry), end = start + entry->trace.duration_s;
    meter.job_started(job, work_of(job), start);
    meter.job_finished(job, entry->status, entry->status == JobStatus::ok ? work_of(job) : 0, end);
    double& free = free_at[thread_of(*entry)];
    free = std::max(free, end);
    n_lately += end > elapsed_s - kMinute ? 1 : 0;
  }
  std::sort(free_at.begin(), free_at.end());
  for (std::size_t i = 0; i < std::min(missing.size(), n_threads); ++i)
    meter.job_started(missing[i], work_of(missing[i]), free_at[i]);

  Outlook outlook{.progress = meter.state(elapsed_s)};
  outlook.jobs_a_minute = static_cast<double>(n_lately) * kMinute / std::clamp(elapsed_s, 1.0, kMinute);
  return outlook;
}

}  // namespace initsweep
