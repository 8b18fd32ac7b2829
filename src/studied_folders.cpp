#include "studied_folders.hpp"

#include <algorithm>
#include <map>
#include <set>
#include "initsweep/diagnostic.hpp"
#include "initsweep/runner.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_of(std::span<const fs::path> folders) {
  std::vector<std::string> names;
  std::map<std::string, int> n_called;
  for (const fs::path& folder : folders) {
    const fs::path clean = (folder / "").lexically_normal().parent_path();  // without a slash at the end
    names.push_back(printable(clean.filename().string()));
    ++n_called[names.back()];
  }
  for (std::size_t i = 0; i < names.size(); ++i)
    if (n_called[names[i]] > 1) names[i] = printable(folders[i].string());
  return names;
}

// Values and axes that no combination has any more are no choice.
void drop_unused(Study& study) {
  for (std::size_t a = study.axes.size(); a-- > 0;) {
    StudyAxis& axis = study.axes[a];
    std::set<int> used;
    for (const Combination& combination : study.combinations) used.insert(combination.values[a]);
    if (used.size() < 2) {
      study.axes.erase(study.axes.begin() + static_cast<std::ptrdiff_t>(a));
      for (Combination& combination : study.combinations)
        combination.values.erase(combination.values.begin() + static_cast<std::ptrdiff_t>(a));
      continue;
    }
    std::map<int, int> place = {{-1, -1}};
    std::vector<std::string> values;
    for (const int value : used) {
      if (value < 0) continue;
      place[value] = static_cast<int>(values.size());
      values.push_back(std::move(axis.values[static_cast<std::size_t>(value)]));
    }
    axis.values = std::move(values);
    for (Combination& combination : study.combinations) combination.values[a] = place.at(combination.values[a]);
  }
}

}  // namespace

StudiedFolders open_study(std::span<const fs::path> folders, std::span<const std::string> filters) {
  std::set<fs::path> places;
  for (const fs::path& folder : folders)
    if (!places.insert(fs::weakly_canonical(folder / "")).second)
      throw UsageError("a folder is named twice; nothing would differ");
  const std::vector<std::string> names = names_of(folders);
  StudiedFolders opened;
  for (const fs::path& folder : folders) opened.folders.push_back(open_run_folder(folder));
  std::vector<StudySource> sources;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const RunFolder& folder = opened.folders[i];
    sources.push_back({names[i], &folder.sweep.spec, &folder.sweep.grid, folder.journal ? &*folder.journal : nullptr});
  }
  opened.study = study_of(sources, usable_processors());
  if (filters.empty()) return opened;

  for (const std::string& filter : filters)
    if (filter.starts_with("seed="))
      throw UsageError("--filter takes settings here; pictures are over all seeds of a cell");
  Study& study = opened.study;
  std::vector<std::set<std::size_t>> kept;
  for (std::size_t i = 0; i < opened.folders.size(); ++i) {
    const Grid& grid = opened.folders[i].sweep.grid;
    const std::vector<std::size_t> jobs = select_jobs(grid, filters, {});
    study.folders[i].n_jobs = jobs.size();
    kept.emplace_back();
    for (const std::size_t job : jobs) kept.back().insert(grid.jobs[job].cell);
  }
  std::erase_if(study.combinations, [&](const Combination& of) { return !kept[of.folder].contains(of.cell); });
  for (std::size_t i = 0; i < study.folders.size(); ++i)
    std::erase_if(study.folders[i].jobs, [&](const StudyJob& job) { return !kept[i].contains(job.cell); });
  drop_unused(study);
  return opened;
}

}  // namespace initsweep
