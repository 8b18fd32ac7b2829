#include "headline.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include "initsweep/gallery.hpp"
#include "initsweep/number.hpp"
#include "initsweep/stats.hpp"
#include "placement.hpp"

namespace initsweep {
namespace {

constexpr double kAsGood = 0.02;  // as good as the best: what three seeds hardly tell apart
constexpr std::size_t kMostNamed = 4;

bool learns(const StudyCell& cell) { return cell.summary.n_ok > 0 && cell.summary.max > 2 * cell.chance; }

bool is_finished(const StudyCell& cell) { return cell.summary.n_ok + cell.summary.n_diverged > 0; }

// Combinations that differ in their row alone.
struct Group {
  std::string column, panel;
  std::vector<std::size_t> members;  // combinations
  double best = kNoValue;            // mean accuracy
  bool learns = false;               // any of them
};

struct Layout {
  LabelledPlaces rows, columns, panels;
  std::vector<Group> groups;
};

Layout layout_of(const Study& study, std::size_t folder) {
  PictureAxes axes = picture_axes(study);
  std::erase_if(axes.panels, [&](std::size_t axis) { return !study.axes[axis].setting; });
  std::erase_if(axes.columns, [&](std::size_t axis) { return !study.axes[axis].setting; });
  Layout layout{places_over(study, axes.rows, LabelStyle::values_alone),
                places_over(study, axes.columns, LabelStyle::values_alone),
                places_over(study, axes.panels, LabelStyle::named_if_several),
                {}};
  std::map<std::pair<std::size_t, std::size_t>, Group> groups;
  for (std::size_t i = 0; i < study.combinations.size(); ++i) {
    const Combination& combination = study.combinations[i];
    const StudyCell& cell = study.cell_of(combination);
    if (combination.folder != folder || !is_finished(cell)) continue;
    Group& group = groups[{layout.columns.of[i], layout.panels.of[i]}];
    group.column = layout.columns.labels[layout.columns.of[i]];
    group.panel = layout.panels.labels[layout.panels.of[i]];
    group.members.push_back(i);
    group.learns = group.learns || learns(cell);
    if (const double mean = cell.summary.test_accuracy.mean; mean == mean && !(group.best >= mean)) group.best = mean;
  }
  for (auto& [place, group] : groups) layout.groups.push_back(std::move(group));
  return layout;
}

// "depth 10"; a label that names its settings says so already.
std::string panel_text(const Layout& layout, const std::string& label) {
  return layout.panels.title.empty() ? label : layout.panels.title + " " + label;
}

std::string listed(const std::vector<std::string>& texts) {
  std::string list;
  const std::size_t shown = std::min(texts.size(), kMostNamed);
  for (std::size_t i = 0; i < shown; ++i)
    list += (i == 0 ? "" : i + 1 == shown && shown == texts.size() ? " and " : ", ") + texts[i];
  return shown < texts.size() ? list + " and " + std::to_string(texts.size() - shown) + " more" : list;
}

// Groups most of which do not learn.
std::string dead_corner(const Study& study, const Layout& layout) {
  std::map<std::string, std::vector<std::string>> panels_by_column;
  std::size_t n_dead = 0, n_nets = 0;
  for (const Group& group : layout.groups) {
    const auto n =
        static_cast<std::size_t>(std::count_if(group.members.begin(), group.members.end(), [&](std::size_t i) {
          return !learns(study.cell_of(study.combinations[i]));
        }));
    if (group.members.size() < 2 || 2 * n <= group.members.size()) continue;
    panels_by_column[group.column].push_back(group.panel);
    n_dead += n;
    n_nets += group.members.size();
  }
  std::vector<std::string> corners;
  for (const auto& [column, panels] : panels_by_column) {
    std::vector<std::string> texts;
    for (const std::string& panel : panels)
      if (!panel.empty()) texts.push_back(panel);
    const std::string panel_list = texts.empty() ? "" : panel_text(layout, listed(texts));
    corners.push_back(column + (column.empty() || panel_list.empty() ? "" : " at ") + panel_list);
  }
  if (corners.empty()) return {};
  return "The dead corner: " + listed(corners) + ", where " + std::to_string(n_dead) + " of " + std::to_string(n_nets) +
         " nets do not learn.";
}

// In how many groups that learn at all each row is as good as the best, and in how many it learns.
struct RowScore {
  std::size_t n_good = 0, n_learns = 0, n_groups = 0;
};

std::vector<RowScore> row_scores(const Study& study, const Layout& layout) {
  std::vector<RowScore> scores(layout.rows.labels.size());
  for (const Group& group : layout.groups) {
    if (!group.learns) continue;
    for (const std::size_t i : group.members) {
      RowScore& score = scores[layout.rows.of[i]];
      const StudyCell& cell = study.cell_of(study.combinations[i]);
      ++score.n_groups;
      score.n_learns += learns(cell) ? 1 : 0;
      score.n_good += cell.summary.n_diverged == 0 && cell.summary.test_accuracy.mean >= group.best - kAsGood ? 1 : 0;
    }
  }
  return scores;
}

std::string of_groups(std::size_t n, std::size_t of, const Layout& layout) {
  std::string what = layout.columns.title;
  if (!layout.panels.title.empty()) what += (what.empty() ? "" : " and ") + layout.panels.title;
  return std::to_string(n) + " of " + std::to_string(of) + (what.empty() ? "" : " pairs of " + what);
}

void say_cure(std::vector<std::string>& notes, const Study& study, const Layout& layout) {
  const std::vector<RowScore> scores = row_scores(study, layout);
  if (scores.size() < 2) return;
  const auto best = std::max_element(scores.begin(), scores.end(),
                                     [](const RowScore& a, const RowScore& b) { return a.n_good < b.n_good; });
  const auto worst = std::min_element(scores.begin(), scores.end(),
                                      [](const RowScore& a, const RowScore& b) { return a.n_learns < b.n_learns; });
  const auto name = [&](const auto& at) { return layout.rows.labels[static_cast<std::size_t>(at - scores.begin())]; };
  if (best->n_groups > 1 && best->n_good > 0)
    notes.push_back("The cure: " + name(best) + " comes within " + number_text(kAsGood) + " of the best in " +
                    of_groups(best->n_good, best->n_groups, layout) + " where anything learns.");
  if (worst->n_groups > 1 && worst->n_learns < best->n_learns)
    notes.push_back("The worst start: " + name(worst) + " learns in " +
                    of_groups(worst->n_learns, worst->n_groups, layout) + " where anything learns.");
}

// What more of the first panel axis costs, and what it brings.
std::string cost_of_depth(const Study& study, std::size_t folder) {
  const auto axis = std::find_if(study.axes.begin(), study.axes.end(),
                                 [](const StudyAxis& a) { return a.setting == Setting::depth; });
  if (axis == study.axes.end()) return {};
  const auto index = static_cast<std::size_t>(axis - study.axes.begin());
  struct AtDepth {
    std::vector<double> seconds;
    double best = kNoValue;
  };
  std::map<std::int64_t, AtDepth> by_depth;
  for (const Combination& combination : study.combinations) {
    if (combination.folder != folder || combination.values[index] < 0) continue;
    const StudyCell& cell = study.cell_of(combination);
    const auto depth = parse_integer(axis->values[static_cast<std::size_t>(combination.values[index])]);
    if (!depth) continue;
    AtDepth& at = by_depth[*depth];
    // A net that diverged stopped early: its time says nothing.
    if (std::isfinite(cell.seconds) && cell.summary.n_diverged == 0) at.seconds.push_back(cell.seconds);
    if (const double mean = cell.summary.test_accuracy.mean; mean == mean && !(at.best >= mean)) at.best = mean;
  }
  if (by_depth.size() < 2) return {};
  const auto& [shallow, low] = *by_depth.begin();
  const auto& [deep, high] = *by_depth.rbegin();
  const double ratio = median(high.seconds) / median(low.seconds);
  if (!std::isfinite(ratio) || !std::isfinite(low.best) || !std::isfinite(high.best)) return {};
  return "The cost: depth " + std::to_string(deep) + " takes " + brief_text(ratio, 2) + " times the time of depth " +
         std::to_string(shallow) + "; its best net ends at " + fixed_text(high.best, 3) + ", against " +
         fixed_text(low.best, 3) + ".";
}

std::string luck(const Study& study, std::size_t folder) {
  std::vector<double> stds;
  for (const StudyCell& cell : study.folders[folder].cells)
    if (learns(cell) && std::isfinite(cell.summary.test_accuracy.std)) stds.push_back(cell.summary.test_accuracy.std);
  if (stds.empty()) return {};
  return "What is luck: between seeds of one net that learns, accuracy differs by " + brief_text(median(stds), 2) +
         " (median standard deviation); a difference of that size between two nets says little.";
}

std::string n_text(std::size_t n, std::string_view one, std::string_view many) {
  return std::string(n == 1 ? one : many);
}

}  // namespace

ReportHead report_head(const Study& study) {
  const std::size_t today = study.folders.size() - 1;
  const StudyFolder& folder = study.folders[today];
  ReportHead head;
  head.title = folder.description.empty() ? folder.sweep : folder.description;
  const bool is_alone = study.folders.size() == 1;
  head.subtitle = folder.name + (is_alone && folder.name != folder.sweep ? " (" + folder.sweep + ")" : "") + " · " +
                  grouped_text(folder.jobs.size()) + " of " + grouped_text(folder.n_jobs) +
                  n_text(folder.n_jobs, " training", " trainings");
  for (std::size_t i = 0; i < today; ++i) head.subtitle += (i == 0 ? " · beside " : ", ") + study.folders[i].name;

  std::size_t n_learn = 0, n_stuck = 0, n_diverged = 0, n_failed = 0;
  double best = kNoValue;
  for (const StudyCell& cell : folder.cells) {
    n_learn += learns(cell) ? 1 : 0;
    n_diverged += cell.summary.n_diverged > 0 ? 1 : 0;
    n_stuck += cell.summary.n_ok > 0 && cell.summary.n_diverged == 0 && !learns(cell) ? 1 : 0;
    n_failed += static_cast<std::size_t>(cell.summary.n_failed);
    if (const double mean = cell.summary.test_accuracy.mean; mean == mean && !(best >= mean)) best = mean;
  }
  head.tiles.emplace_back(grouped_text(folder.cells.size()), n_text(folder.cells.size(), "net", "nets"));
  head.tiles.emplace_back(grouped_text(n_learn), n_text(n_learn, "learns", "learn"));
  head.tiles.emplace_back(grouped_text(n_stuck), n_text(n_stuck, "stays near chance", "stay near chance"));
  head.tiles.emplace_back(grouped_text(n_diverged), n_text(n_diverged, "diverges", "diverge"));
  if (n_failed > 0)
    head.tiles.emplace_back(grouped_text(n_failed), n_text(n_failed, "failed training", "failed trainings"));
  if (std::isfinite(best)) head.tiles.emplace_back(fixed_text(best, 3), "best mean accuracy");

  const Layout layout = layout_of(study, today);
  if (std::string corner = dead_corner(study, layout); !corner.empty()) head.notes.push_back(std::move(corner));
  say_cure(head.notes, study, layout);
  for (std::string& sentence : std::vector{cost_of_depth(study, today), luck(study, today)})
    if (!sentence.empty()) head.notes.push_back(std::move(sentence));
  return head;
}

}  // namespace initsweep
