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

constexpr double kAsGood = 0.02;       // as good as the best: what three seeds hardly tell apart
constexpr double kWorthSaying = 1.25;  // a ratio of times
constexpr std::size_t kMostNamed = 3;

enum class Fate { unfinished, diverges, stays_near_a_guess, learns };

Fate fate_of(const StudyCell& cell) {
  if (cell.summary.n_diverged > 0) return Fate::diverges;
  if (cell.summary.n_ok == 0) return Fate::unfinished;
  return cell.summary.test_accuracy.mean > 2 * cell.chance ? Fate::learns : Fate::stays_near_a_guess;
}

// Combinations that differ in their row alone.
struct Group {
  std::size_t column = 0, panel = 0;
  std::vector<std::size_t> members;  // combinations that are finished
  std::size_t n_learn = 0;
  std::optional<std::size_t> best;  // of those that did not diverge
};

// Today's results by their places in pictures.
struct Layout {
  const Study& study;
  std::size_t folder;
  PictureAxes axes;
  LabelledPlaces rows, columns, panels;
  std::vector<Group> groups;
  [[nodiscard]] const StudyCell& cell(std::size_t combination) const {
    return study.cell_of(study.combinations[combination]);
  }
  [[nodiscard]] double mean(std::size_t combination) const { return cell(combination).summary.test_accuracy.mean; }
};

Layout layout_of(const Study& study, std::size_t folder) {
  PictureAxes axes = picture_axes(study);
  for (std::vector<std::size_t>* place : {&axes.columns, &axes.panels})
    std::erase_if(*place, [&](std::size_t axis) { return !study.axes[axis].setting; });
  Layout layout{study,
                folder,
                axes,
                places_over(study, axes.rows),
                places_over(study, axes.columns, LabelStyle::alone),
                places_over(study, axes.panels, LabelStyle::alone),
                {}};
  std::map<std::pair<std::size_t, std::size_t>, Group> groups;
  for (std::size_t i = 0; i < study.combinations.size(); ++i) {
    const Fate fate = fate_of(layout.cell(i));
    if (study.combinations[i].folder != folder || fate == Fate::unfinished) continue;
    Group& group = groups[{layout.columns.of[i], layout.panels.of[i]}];
    group.column = layout.columns.of[i];
    group.panel = layout.panels.of[i];
    group.members.push_back(i);
    group.n_learn += fate == Fate::learns ? 1 : 0;
    if (fate != Fate::diverges && (!group.best || layout.mean(i) > layout.mean(*group.best))) group.best = i;
  }
  for (auto& [place, group] : groups) layout.groups.push_back(std::move(group));
  return layout;
}

std::string listed(const std::vector<std::string>& texts) {
  std::string list;
  for (std::size_t i = 0; i < texts.size(); ++i)
    list += (i == 0 ? "" : i + 1 == texts.size() ? " and " : ", ") + texts[i];
  return list;
}

// "depth 5 and depth 10", or how many there are.
std::string panels_text(const Layout& layout, const std::vector<std::size_t>& panels) {
  if (panels.size() > kMostNamed)
    return std::to_string(panels.size()) + " of " + std::to_string(layout.panels.labels.size()) + " panels";
  std::vector<std::string> texts;
  for (const std::size_t panel : panels) texts.push_back(layout.panels.labels[panel]);
  return listed(texts);
}

// Groups most of which do not learn, unless that is how most of the sweep went.
void say_dead_corner(std::vector<std::string>& notes, const Layout& layout) {
  std::map<std::size_t, std::vector<std::size_t>> panels_by_column;
  std::set<std::size_t> panels;
  std::size_t n_dead = 0, n_there = 0, n_dead_in_all = 0, n_nets = 0;
  for (const Group& group : layout.groups) {
    const std::size_t n = group.members.size(), n_not = n - group.n_learn;
    n_nets += n;
    n_dead_in_all += n_not;
    if (n < 2 || 2 * n_not <= n) continue;
    panels_by_column[group.column].push_back(group.panel);
    panels.insert(group.panel);
    n_dead += n_not;
    n_there += n;
  }
  if (n_nets > 1 && 2 * n_dead_in_all > n_nets) {
    notes.push_back("Most do not learn: " + grouped_text(n_dead_in_all) + " of " + grouped_text(n_nets) +
                    " nets end near a guess or diverge.");
    return;
  }
  if (panels_by_column.empty() || panels_by_column.size() > kMostNamed) return;
  std::vector<std::string> corners;
  for (const auto& [column, at] : panels_by_column) {
    std::string& corner = corners.emplace_back(layout.columns.labels[column]);
    const std::string where = panels_text(layout, at);
    if (!corner.empty() && !where.empty()) corner += at.size() > kMostNamed ? " in " : " at ";
    corner += where;
  }
  notes.push_back("The dead corner: " + listed(corners) + ", where " + std::to_string(n_dead) + " of " +
                  std::to_string(n_there) + " nets do not learn.");

  // What learns beside it, in the same panels.
  const Group* way_out = nullptr;
  for (const Group& group : layout.groups)
    if (!panels_by_column.contains(group.column) && panels.contains(group.panel) && group.best &&
        fate_of(layout.cell(*group.best)) == Fate::learns &&
        (way_out == nullptr || layout.mean(*group.best) > layout.mean(*way_out->best)))
      way_out = &group;
  if (way_out == nullptr) return;
  const std::string row = layout.rows.labels[layout.rows.of[*way_out->best]];
  const std::string where = layout.panels.labels[way_out->panel];
  notes.push_back("The cure: " + layout.columns.labels[way_out->column] + (row.empty() ? "" : " from " + row) +
                  " ends at " + fixed_text(layout.mean(*way_out->best), 3) + (where.empty() ? "" : " at " + where) +
                  ".");
}

// In how many groups a row is as good as the best, and in how many it learns.
struct RowScore {
  std::size_t n_good = 0, n_learns = 0, n_groups = 0;
};

// "9 of 12 combinations of activation and depth", "2 of 3 depths"
std::string of_groups(std::size_t n, std::size_t of, const Layout& layout) {
  std::vector<std::string> names;
  for (const std::vector<std::size_t>* place : {&layout.axes.columns, &layout.axes.panels})
    for (const std::size_t axis : *place) names.push_back(layout.study.axes[axis].name);
  return std::to_string(n) + " of " + std::to_string(of) + (names.size() == 1 ? " values of " : " combinations of ") +
         listed(names);
}

// The rows with this score, if there are few enough to be named.
template <class Score>
std::string rows_with(const Layout& layout, const std::vector<RowScore>& scores, Score score, std::size_t value) {
  std::vector<std::string> names;
  for (std::size_t row = 0; row < scores.size(); ++row)
    if (scores[row].n_groups > 0 && scores[row].*score == value) names.push_back(layout.rows.labels[row]);
  return names.size() > 2 ? "" : listed(names);
}

// Which initializer serves everywhere, and which nowhere; each row must be in every group that learns at all.
void say_starts(std::vector<std::string>& notes, const Layout& layout) {
  if (layout.axes.rows.empty() || layout.study.axes[layout.axes.rows.front()].setting != Setting::initializer) return;
  std::vector<RowScore> scores(layout.rows.labels.size());
  std::size_t n_groups = 0;
  for (const Group& group : layout.groups) {
    if (group.n_learn == 0) continue;
    if (group.members.size() < 2) return;
    ++n_groups;
    for (const std::size_t i : group.members) {
      RowScore& score = scores[layout.rows.of[i]];
      const Fate fate = fate_of(layout.cell(i));
      ++score.n_groups;
      score.n_learns += fate == Fate::learns ? 1 : 0;
      score.n_good += fate == Fate::learns && layout.mean(i) >= layout.mean(*group.best) - kAsGood ? 1 : 0;
    }
  }
  if (n_groups < 2) return;
  std::size_t most_good = 0, most = 0, least = n_groups;
  for (const RowScore& score : scores) {
    if (score.n_groups != 0 && score.n_groups != n_groups) return;
    if (score.n_groups == 0) continue;
    most_good = std::max(most_good, score.n_good);
    most = std::max(most, score.n_learns);
    least = std::min(least, score.n_learns);
  }
  const std::string surest = rows_with(layout, scores, &RowScore::n_good, most_good);
  const std::string worst = rows_with(layout, scores, &RowScore::n_learns, least);
  if (2 * most_good > n_groups && !surest.empty())
    notes.push_back("The surest start: " + surest + ", within " + number_text(kAsGood) + " of the best in " +
                    of_groups(most_good, n_groups, layout) + ".");
  if (least < most && !worst.empty())
    notes.push_back("The worst start: " + worst + ", with which " + of_groups(least, n_groups, layout) +
                    " learn; with the others up to " + std::to_string(most) + ".");
}

// What the deepest nets cost more than the shallowest, among those that differ in nothing else.
std::string cost_of_depth(const Layout& layout) {
  const Study& study = layout.study;
  const std::vector<std::size_t> telling = telling_axes(study);
  const auto axis = std::find_if(telling.begin(), telling.end(),
                                 [&](std::size_t a) { return study.axes[a].setting == Setting::depth; });
  if (axis == telling.end()) return {};
  std::map<std::int64_t, std::map<std::vector<int>, std::size_t>> by_depth;  // combination by its other values
  for (std::size_t i = 0; i < study.combinations.size(); ++i) {
    const Combination& of = study.combinations[i];
    // A net that diverged stopped early: its time says nothing.
    if (of.folder != layout.folder || of.values[*axis] < 0 || !std::isfinite(layout.cell(i).seconds) ||
        fate_of(layout.cell(i)) == Fate::diverges)
      continue;
    const auto depth = parse_integer(study.axes[*axis].values[static_cast<std::size_t>(of.values[*axis])]);
    std::vector<int> others;
    for (const std::size_t a : telling)
      if (a != *axis) others.push_back(of.values[a]);
    if (depth) by_depth[*depth].emplace(std::move(others), i);
  }
  if (by_depth.size() < 2) return {};
  const auto& [shallow, at_shallow] = *by_depth.begin();
  const auto& [deep, at_deep] = *by_depth.rbegin();
  std::vector<double> ratios;
  double best_shallow = kNoValue, best_deep = kNoValue;
  for (const auto& [others, i] : at_shallow) {
    const auto other = at_deep.find(others);
    if (other == at_deep.end()) continue;
    ratios.push_back(layout.cell(other->second).seconds / layout.cell(i).seconds);
    best_shallow = std::fmax(best_shallow, layout.mean(i));
    best_deep = std::fmax(best_deep, layout.mean(other->second));
  }
  const double ratio = median(std::move(ratios));
  if (!(ratio >= kWorthSaying) || !std::isfinite(best_shallow) || !std::isfinite(best_deep)) return {};
  return "The cost: depth " + std::to_string(deep) + " takes " + brief_text(ratio, 2) + " times the time of depth " +
         std::to_string(shallow) + ", and the best ends at " + fixed_text(best_deep, 3) + " instead of " +
         fixed_text(best_shallow, 3) + ".";
}

std::string n_text(std::size_t n, std::string_view one, std::string_view many) {
  return std::string(n == 1 ? one : many);
}

// Nets that nobody trained have a start, and that is what there is to count.
void count_starts(ReportHead& head, const std::vector<const StudyCell*>& cells) {
  std::map<Health, std::size_t> n;
  for (const StudyCell* cell : cells)
    if (cell->summary.health) ++n[*cell->summary.health];
  head.tiles.emplace_back(grouped_text(cells.size()), n_text(cells.size(), "net", "nets"));
  for (const auto& [health, count] : n) head.tiles.emplace_back(grouped_text(count), std::string(to_text(health)));
  head.notes.emplace_back("These nets were looked at before training, and not trained.");
}

// The cells that combinations of a folder are about, each once.
std::vector<const StudyCell*> cells_of(const Study& study, std::size_t folder) {
  std::set<std::size_t> seen;
  std::vector<const StudyCell*> cells;
  for (const Combination& of : study.combinations)
    if (of.folder == folder && seen.insert(of.cell).second) cells.push_back(&study.cell_of(of));
  return cells;
}

std::string luck(const std::vector<const StudyCell*>& cells) {
  std::vector<double> stds;
  for (const StudyCell* cell : cells)
    if (fate_of(*cell) == Fate::learns && std::isfinite(cell->summary.test_accuracy.std))
      stds.push_back(cell->summary.test_accuracy.std);
  if (stds.empty()) return {};
  return "What is luck: seeds of one net that learns differ by " + brief_text(median(stds), 2) +
         " (median standard deviation); two nets that differ by no more are hardly told apart.";
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

  const std::vector<const StudyCell*> cells = cells_of(study, today);
  if (is_only_looked_at(study)) {
    count_starts(head, cells);
    return head;
  }
  std::map<Fate, std::size_t> n;
  std::size_t n_failed = 0;
  double best = kNoValue;
  for (const StudyCell* cell : cells) {
    const Fate fate = fate_of(*cell);
    ++n[fate];
    n_failed += static_cast<std::size_t>(cell->summary.n_failed);
    if (fate != Fate::diverges) best = std::fmax(best, cell->summary.test_accuracy.mean);
  }
  head.tiles.emplace_back(grouped_text(cells.size()), n_text(cells.size(), "net", "nets"));
  head.tiles.emplace_back(grouped_text(n[Fate::learns]), "end above twice a guess");
  head.tiles.emplace_back(grouped_text(n[Fate::stays_near_a_guess]),
                          n_text(n[Fate::stays_near_a_guess], "stays near a guess", "stay near a guess"));
  head.tiles.emplace_back(grouped_text(n[Fate::diverges]), n_text(n[Fate::diverges], "diverges", "diverge"));
  if (n[Fate::unfinished] > 0) head.tiles.emplace_back(grouped_text(n[Fate::unfinished]), "without a result");
  if (n_failed > 0)
    head.tiles.emplace_back(grouped_text(n_failed), n_text(n_failed, "failed training", "failed trainings"));
  if (std::isfinite(best)) head.tiles.emplace_back(fixed_text(best, 3), "best mean accuracy");

  const Layout layout = layout_of(study, today);
  say_dead_corner(head.notes, layout);
  say_starts(head.notes, layout);
  for (std::string& sentence : std::vector{cost_of_depth(layout), luck(cells)})
    if (!sentence.empty()) head.notes.push_back(std::move(sentence));
  return head;
}

}  // namespace initsweep
