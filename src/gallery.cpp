#include "initsweep/gallery.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include "heat_map_signs.hpp"
#include "initsweep/hypothesis.hpp"
#include "initsweep/number.hpp"
#include "placement.hpp"

namespace initsweep {
namespace {

// A heat map without colours and squares, and where each combination's square is.
HeatMap blank_map(const Study& study, Heading heading, bool with_folder) {
  PictureAxes axes = picture_axes(study);
  if (!with_folder)
    for (std::vector<std::size_t>* list : {&axes.rows, &axes.columns, &axes.panels})
      std::erase_if(*list, [&](std::size_t axis) { return !study.axes[axis].setting; });
  LabelledPlaces rows = places_over(study, axes.rows);
  const LabelledPlaces columns = places_over(study, axes.columns);
  const LabelledPlaces panels = places_over(study, axes.panels);
  // A list of combinations calls each as it is called everywhere, without what nearly all have in common.
  if (axes.columns.empty() && axes.rows.size() > 2) {
    rows.title = "";
    for (std::size_t i = 0; i < study.combinations.size(); ++i) rows.labels[rows.of[i]] = study.combinations[i].label;
  }
  HeatMap map;
  map.heading = std::move(heading);
  map.x_title = columns.title;
  map.y_title = rows.title;
  if (axes.panels.size() == 1) map.panel_title = panels.title;
  map.x = columns.labels;
  map.y = rows.labels;
  map.panels = panels.labels;
  for (std::size_t i = 0; i < study.combinations.size(); ++i) {
    HeatCell cell;
    cell.panel = panels.of[i];
    cell.x = columns.of[i];
    cell.y = rows.of[i];
    cell.subject = i;
    map.cells.push_back(std::move(cell));
  }
  return map;
}

void mark_outcome(HeatCell& cell, const CellSummary& summary) {
  if (summary.n_diverged > 0)
    cell.mark = kDivergedSign.mark;
  else if (summary.health == Health::dead)
    cell.mark = kDeadSign.mark;
  else if (summary.n_failed > 0)
    cell.mark = kFailedSign.mark;
  else if (summary.n_ok == 0)
    cell.mark = kMissingSign.mark;
}

// The range of finite values, widened where it is a point; 0 to 1 for none.
std::pair<double, double> range_of(const HeatMap& map) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const HeatCell& cell : map.cells) {
    if (!std::isfinite(cell.value)) continue;
    low = std::min(low, cell.value);
    high = std::max(high, cell.value);
  }
  if (low > high) return {0, 1};
  return low < high ? std::pair(low, high) : std::pair(low / 2, high > 0 ? high * 2 : 1);
}

// How many rows (or columns, where depth goes down) the boundary crosses.
std::size_t n_crossed(const HeatMap& map, bool is_depth_across) {
  std::set<std::pair<std::size_t, std::size_t>> crossed;
  for (const HeatEdge& edge : boundary_of(map))
    if (edge.is_right == is_depth_across) crossed.emplace(edge.panel, is_depth_across ? edge.y : edge.x);
  return crossed.size();
}

// Where theory says that nets become too deep, if depth has the columns or the rows to itself. The line breaks off
// beside nets of which theory says nothing: those from zeros or a law with a mean, or of one hidden layer. Across a
// single row it would be a mere dash.
void draw_depth_limit(HeatMap& map, const Study& study) {
  const PictureAxes axes = picture_axes(study);
  const auto is_depth = [&](const std::vector<std::size_t>& list) {
    return list.size() == 1 && study.axes[list.front()].setting == Setting::depth;
  };
  const bool is_across = is_depth(axes.columns);
  if (!is_across && !is_depth(axes.rows)) return;
  const std::size_t place = is_across ? axes.columns.front() : axes.rows.front();
  const StudyAxis& axis = study.axes[place];
  std::vector<double> depths;  // in depth scales, by combination
  for (const Combination& combination : study.combinations) {
    const double depth = std::stod(axis.values[static_cast<std::size_t>(combination.values[place])]);
    const std::optional<MeanField>& predicted = study.cell_of(combination).predicted;
    depths.push_back(predicted ? depth / predicted->xi_c : kNoValue);
  }
  HeatMap drawn = map;
  for (HeatCell& cell : drawn.cells) {
    const double depth = depths[cell.subject];
    if (std::isnan(depth)) continue;
    cell.is_beyond = depth > kTrainableDepthScales;
    cell.tip += "; " + brief_text(depth, 2) + " depth scales deep";
  }
  if (n_crossed(drawn, is_across) < 2) return;
  drawn.boundary = "six depth scales of mean-field theory: deeper nets should not train";
  drawn.heading.note +=
      " The line is where mean-field theory of wide nets expects them to become too deep to train: beyond six times "
      "the depth in which the correlation of two inputs comes a factor e nearer to where it ends.";
  map = std::move(drawn);
}

// The worst verdict of the gate on a cell that both have, by the id of the cell.
std::map<std::string_view, Outcome> outcomes_by_cell(std::span<const Finding> findings) {
  std::map<std::string_view, Outcome> outcomes;
  for (const Finding& finding : findings) {
    const bool is_comparison =
        finding.verdict == "pass" || finding.verdict == "regressed" || finding.verdict == "inconclusive";
    if (!finding.id.empty() || finding.cell_id.empty() || !is_comparison) continue;
    const auto [place, is_new] = outcomes.try_emplace(finding.cell_id, finding.outcome);
    if (!is_new) place->second = std::max(place->second, finding.outcome);
  }
  return outcomes;
}

// Of a difference whose 95 % interval leaves out 0.
std::string_view sign_of_change(const Estimate& difference) {
  constexpr double kOneSided = 0.975;
  if (lower_bound(difference, kOneSided) > 0) return kBetterSign.mark;
  return upper_bound(difference, kOneSided) < 0 ? kWorseSign.mark : std::string_view();
}

}  // namespace

HeatMap accuracy_map(const Study& study) {
  HeatMap map =
      blank_map(study,
                {"accuracy", "Who learns?",
                 "Test accuracy at the end, mean over the seeds that did not diverge. Guessing gets about 0.1 "
                 "where there are ten classes."},
                /*with_folder=*/true);
  map.color.title = "mean test accuracy";
  for (HeatCell& cell : map.cells) {
    const Combination& combination = study.combinations[cell.subject];
    const CellSummary& summary = study.cell_of(combination).summary;
    if (summary.n_ok > 0) {
      cell.value = summary.test_accuracy.mean;
      cell.text = fixed_text(cell.value, 2);
    }
    mark_outcome(cell, summary);
    cell.tip = cell_tip(study, combination);
  }
  draw_depth_limit(map, study);
  explain_signs(map);
  return map;
}

HeatMap health_map(const Study& study) {
  HeatMap map = blank_map(
      study,
      {"health", "Which nets are healthy?",
       "Exploding: a seed diverged, or before training rms of delta in the first hidden layer is over a "
       "hundred times that in the last. Vanishing: it is under a hundredth. Saturated: half of a layer's units "
       "are flat. Dead: nine in ten never answer."},
      /*with_folder=*/true);
  map.color.title = "health";
  for (const Health health : {Health::healthy, Health::vanishing, Health::saturated, Health::dead, Health::exploding})
    map.color.categories.emplace_back(to_text(health));
  for (HeatCell& cell : map.cells) {
    const Combination& combination = study.combinations[cell.subject];
    const CellSummary& summary = study.cell_of(combination).summary;
    if (summary.health)
      cell.value = static_cast<double>(
          std::find(map.color.categories.begin(), map.color.categories.end(), to_text(*summary.health)) -
          map.color.categories.begin());
    else if (summary.n_failed > 0 && summary.n_ok == 0)
      cell.mark = kFailedSign.mark;
    else if (summary.n_ok == 0)
      cell.mark = kMissingSign.mark;
    cell.tip = cell_tip(study, combination);
    if (std::isfinite(summary.delta_slope_start_mean))
      cell.tip += ", slope " + brief_text(summary.delta_slope_start_mean, 3) + " decades a layer";
  }
  explain_signs(map);
  return map;
}

HeatMap cost_map(const Study& study) {
  HeatMap map =
      blank_map(study,
                {"cost", "How much time does a net take?",
                 "Processor time of one training in seconds, mean over its seeds. One that diverges stops early."},
                /*with_folder=*/true);
  map.color.title = "seconds a training";
  for (HeatCell& cell : map.cells) {
    const Combination& combination = study.combinations[cell.subject];
    const StudyCell& of = study.cell_of(combination);
    if (std::isfinite(of.seconds)) {
      cell.value = of.seconds;
      cell.text = brief_text(of.seconds, 2);
    }
    mark_outcome(cell, of.summary);
    cell.tip = (combination.label.empty() ? "" : combination.label + ": ") +
               (std::isfinite(of.seconds) ? brief_text(of.seconds, 3) + " s a training" : "no training ended");
  }
  std::tie(map.color.low, map.color.high) = range_of(map);
  map.color.log = map.color.low > 0;
  explain_signs(map);
  return map;
}

Before before_in_first(const Study& study) {
  std::vector<std::size_t> axes = telling_axes(study);
  std::erase_if(axes, [&](std::size_t axis) { return !study.axes[axis].setting; });
  const LabelledPlaces places = places_over(study, axes);
  std::map<std::size_t, std::vector<double>> of_cell;
  for (const StudyJob& job : study.folders.front().jobs)
    if (job.status == JobStatus::ok) of_cell[job.cell].push_back(job.test_accuracy);
  std::vector<std::vector<double>> in_first(places.labels.size());
  for (std::size_t i = 0; i < study.combinations.size(); ++i)
    if (study.combinations[i].folder == 0) in_first[places.of[i]] = of_cell[study.combinations[i].cell];
  Before before{study.folders.front().name, {}};
  for (const std::size_t place : places.of) before.accuracies.push_back(in_first[place]);
  return before;
}

Before before_in(const Study& study, const Baseline& baseline, std::string name) {
  const std::vector<std::string_view> columns = baseline_columns();
  const auto column =
      static_cast<std::size_t>(std::find(columns.begin(), columns.end(), "test_accuracy") - columns.begin());
  std::map<std::string_view, std::vector<double>> by_cell;
  for (const BaselineCell& cell : baseline.cells)
    for (const Replicate& replicate : cell.replicates)
      if (replicate.status == JobStatus::ok) by_cell[cell.id].push_back(replicate.values[column]);
  Before before{std::move(name), {}};
  for (const Combination& combination : study.combinations) {
    const auto found = by_cell.find(study.cell_of(combination).id);
    before.accuracies.push_back(found == by_cell.end() ? std::vector<double>{} : found->second);
  }
  return before;
}

HeatMap change_map(const Study& study, std::size_t folder, const Before& before, std::span<const Finding> findings) {
  const std::string& after = study.folders[folder].name;
  HeatMap map = blank_map(
      study, {"change", "What changed?", "Mean test accuracy in " + after + " less that in " + before.name + "."},
      /*with_folder=*/false);
  map.color.title = "change of mean test accuracy";
  map.color.diverging = true;
  const std::map<std::string_view, Outcome> outcomes = outcomes_by_cell(findings);
  std::erase_if(map.cells, [&](const HeatCell& cell) { return study.combinations[cell.subject].folder != folder; });
  std::map<std::size_t, std::vector<double>> now_of_cell;
  for (const StudyJob& job : study.folders[folder].jobs)
    if (job.status == JobStatus::ok) now_of_cell[job.cell].push_back(job.test_accuracy);
  double largest = 0.02;  // smaller changes than this are pale
  for (HeatCell& cell : map.cells) {
    const Combination& combination = study.combinations[cell.subject];
    const StudyCell& of = study.cell_of(combination);
    const std::vector<double>&then = before.accuracies[cell.subject], &now = now_of_cell[combination.cell];
    const double mean_then = mean_interval(then).mean;
    cell.value = of.summary.test_accuracy.mean - mean_then;
    cell.tip = cell_tip(study, combination) + "; in " + before.name + " " +
               (then.empty() ? std::string("none") : fixed_text(mean_then, 4));
    if (std::isfinite(cell.value)) {
      cell.text = (cell.value > 0 ? "+" : "") + fixed_text(cell.value, 3);
      largest = std::max(largest, std::abs(cell.value));
    }
    const auto outcome = outcomes.find(of.id);
    if (outcome != outcomes.end() && outcome->second != Outcome::good)
      cell.mark = outcome->second == Outcome::bad ? kWorseSign.mark : kUndecidedSign.mark;
    else if (outcome == outcomes.end() && then.size() > 1 && now.size() > 1)
      cell.mark = sign_of_change(welch_difference(now, then));
    else if (then.empty() && of.summary.n_ok > 0)
      cell.mark = kNewSign.mark;
    else if (!std::isfinite(cell.value))
      mark_outcome(cell, of.summary);
  }
  map.color.low = -largest;
  map.color.high = largest;
  explain_signs(map);
  return map;
}

}  // namespace initsweep
