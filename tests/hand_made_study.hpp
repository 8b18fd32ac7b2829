// Studies written down by hand, for tests of what is drawn of them.
#pragma once
#include <string>
#include <utility>
#include <vector>
#include "initsweep/study.hpp"

namespace initsweep {

// Accuracies of the seeds that ended well, and how many did not.
inline CellSummary summary_of(const std::vector<double>& accuracies, int n_diverged = 0, int n_failed = 0) {
  std::vector<JobDigest> seeds;
  for (const double accuracy : accuracies) {
    JobDigest seed;
    seed.test_accuracy = accuracy;
    seed.delta_rms_start = {0.1, 0.1};
    seeds.push_back(seed);
  }
  for (int i = 0; i < n_diverged + n_failed; ++i)
    seeds.emplace_back().status = i < n_diverged ? JobStatus::diverged : JobStatus::failed;
  return summarize_cell(seeds);
}

inline StudyAxis axis_of(Setting setting, std::vector<std::string> values) {
  return {.name = std::string(setting_info(setting).name), .setting = setting, .values = std::move(values)};
}

inline StudyFolder& add_folder(Study& study, std::string name) {
  StudyFolder& folder = study.folders.emplace_back();
  folder.name = std::move(name);
  return folder;
}

// Adds a cell to the last folder, under one name with these values of the axes.
inline StudyCell& add_cell(Study& study, const std::vector<int>& values, CellSummary summary) {
  StudyFolder& folder = study.folders.back();
  StudyCell cell;
  cell.id = "c_" + std::to_string(folder.cells.size());
  cell.summary = std::move(summary);
  cell.chance = 0.1;
  Combination combination{
      .folder = study.folders.size() - 1, .cell = folder.cells.size(), .values = values, .label = ""};
  for (std::size_t a = 0; a < values.size(); ++a)
    if (values[a] >= 0 && study.axes[a].setting)
      combination.label +=
          (combination.label.empty() ? "" : "/") + study.axes[a].values[static_cast<std::size_t>(values[a])];
  study.combinations.push_back(std::move(combination));
  folder.cells.push_back(std::move(cell));
  return folder.cells.back();
}

// Likewise, with a job for each of these accuracies.
inline StudyCell& add_seeds(Study& study, const std::vector<int>& values, const std::vector<double>& accuracies) {
  StudyCell& cell = add_cell(study, values, summary_of(accuracies));
  StudyFolder& folder = study.folders.back();
  for (const double accuracy : accuracies) {
    StudyJob& job = folder.jobs.emplace_back();
    job.cell = folder.cells.size() - 1;
    job.test_accuracy = accuracy;
  }
  return cell;
}

}  // namespace initsweep
