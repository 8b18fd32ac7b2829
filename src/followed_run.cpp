#include "followed_run.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

#include "host.hpp"
#include "initsweep/fetch.hpp"
#include "initsweep/plan.hpp"

namespace initsweep {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Looking must not need the data. Jobs on files whose shape is not known are compared as if they were MNIST's.
DataShape presumed_shape(const JobSettings& settings) {
  DataShape shape;
  if (const NamedDataset* set = find_named_dataset(settings.dataset)) shape = shape_of(*set);
  const auto needed = settings.train_samples.value_or(1) + settings.validation_samples;
  shape.n_train = std::max(shape.n_train, static_cast<std::size_t>(needed));
  return shape;
}

}  // namespace

FollowedRun::FollowedRun(std::filesystem::path folder) : path_(std::move(folder)) { look(); }

FollowedRun::Stamp FollowedRun::stamp_of(const std::filesystem::path& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return {};
  return {status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

void FollowedRun::look() {
  const Stamp info = stamp_of(path_ / "run.json"), journal = stamp_of(journal_file(path_));
  const bool is_new_run = !folder_ || info != info_ || journal.inode != journal_.inode;
  if (is_new_run) {
    folder_.emplace(open_run_folder(path_));
    work_.clear();
    for (const Cell& cell : folder_->sweep.grid.cells)
      work_.push_back(estimate_cost(cell.settings, presumed_shape(cell.settings), folder_->sweep.spec.record).work);
    read_.assign(folder_->sweep.grid.jobs.size(), std::nullopt);
  } else if (journal != journal_) {
    folder_->journal.emplace(journal_file(path_));
  }
  if (is_new_run || journal != journal_)
    counts_ =
        count_jobs(folder_->sweep.grid, folder_->sweep.spec.record, folder_->journal ? &*folder_->journal : nullptr);
  info_ = info;
  journal_ = journal;
  holder_ = holder_of(path_);
}

std::optional<Outlook> FollowedRun::outlook() const {
  const double elapsed = static_cast<double>(std::time(nullptr)) - utc_seconds(holder_.since);
  if (holder_.occupancy == Occupancy::free || !folder_->journal || !(elapsed >= 0)) return std::nullopt;
  Outlook outlook =
      outlook_of(folder_->sweep.grid, folder_->sweep.spec.record, *folder_->journal, holder_.since, elapsed, work_);
  outlook.progress.failed = counts_.failed + counts_.timeout;  // of earlier runs too
  outlook.progress.diverged = counts_.diverged;
  return outlook;
}

std::vector<CellSummary> FollowedRun::cells(double most_seconds) {
  const Clock::time_point start = Clock::now();
  const Grid& grid = folder_->sweep.grid;
  std::vector<std::vector<JobDigest>> seeds(grid.cells.size());
  for (std::size_t i = 0; i < grid.jobs.size(); ++i) {
    const Job& job = grid.jobs[i];
    const JournalEntry* entry = folder_->journal ? folder_->journal->find(job.id, folder_->sweep.spec.record) : nullptr;
    if (entry == nullptr) continue;
    if ((!read_[i] || read_[i]->offset != entry->offset) && seconds_since(start) < most_seconds)
      read_[i] = {entry->offset,
                  digest_of(folder_->journal->load(*entry).record, grid.cells[job.cell].settings.depth())};
    if (read_[i]) seeds[job.cell].push_back(read_[i]->digest);
  }
  std::vector<CellSummary> cells;
  for (const std::vector<JobDigest>& of_cell : seeds) cells.push_back(summarize_cell(of_cell));
  return cells;
}

}  // namespace initsweep
