// What others published beside what was measured: a chart a quantity, since each has its own unit.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>
#include "initsweep/gallery.hpp"
#include "metric.hpp"

namespace initsweep {
namespace {

constexpr double kDecade = 10;

// What a chart is of, in words.
std::string quantity_of(const Finding& finding) {
  return (finding.compared_with.empty() ? "" : "difference of ") + finding.metric;
}
std::string when_of(const Finding& finding) {
  return finding.when == "start" || finding.when == "end" ? "at the " + finding.when : finding.when;
}

double observed(const Finding& finding) { return finding.is_prediction ? finding.now : finding.effect; }

std::int64_t x_of(const Finding& finding) { return finding.layer ? *finding.layer : *finding.epoch; }

// The findings of one chart, whose unit they share.
struct Group {
  std::string metric;
  bool is_by_layer = false;
  std::vector<const Finding*> findings;
};

// An index into the combinations; kNoSubject where there is none of that cell.
std::size_t subject_of(const Study& study, std::size_t folder, const std::string& cell_id) {
  const auto subject = std::find_if(study.combinations.begin(), study.combinations.end(), [&](const Combination& of) {
    return of.folder == folder && study.cell_of(of).id == cell_id;
  });
  return subject == study.combinations.end() ? kNoSubject
                                             : static_cast<std::size_t>(subject - study.combinations.begin());
}

// Of the cells that are in the study, and of the whole.
std::vector<Group> groups_of(const Study& study, std::size_t folder, std::span<const Finding> findings) {
  std::vector<Group> groups;
  for (const Finding& finding : findings) {
    // Of several layers as one number there is no place, though it has an epoch.
    const bool has_place = finding.layer || (finding.epoch && !is_layer_metric(finding.metric));
    if (!std::isfinite(finding.published) || !std::isfinite(observed(finding)) || !has_place) continue;
    if (!finding.cell_id.empty() && subject_of(study, folder, finding.cell_id) == kNoSubject) continue;
    const std::string metric = quantity_of(finding);
    const bool is_by_layer = finding.layer.has_value();
    auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& known) {
      return known.metric == metric && known.is_by_layer == is_by_layer;
    });
    if (group == groups.end()) group = groups.insert(groups.end(), {metric, is_by_layer, {}});
    group->findings.push_back(&finding);
  }
  // Where all are of one layer or epoch, a table says more than dots above each other.
  std::erase_if(groups, [](const Group& group) {
    return std::all_of(group.findings.begin(), group.findings.end(),
                       [&](const Finding* one) { return x_of(*one) == x_of(*group.findings.front()); });
  });
  std::stable_sort(groups.begin(), groups.end(),
                   [](const Group& a, const Group& b) { return a.findings.size() > b.findings.size(); });
  return groups;
}

std::size_t place_in(std::vector<std::string>& labels, const std::string& label) {
  const auto found = std::find(labels.begin(), labels.end(), label);
  if (found != labels.end()) return static_cast<std::size_t>(found - labels.begin());
  labels.push_back(label);
  return labels.size() - 1;
}

using ByX = std::map<std::int64_t, const Finding*>;

// As many lines as it takes to have a point where there is a finding and nowhere else, each with equal steps: epochs
// 1, 2, 3, 10, 30 make 1 2 3, 3 10 and 10 30. A line that goes on where another ends shares its point, so that they
// join; points that no line joins are not shared.
std::vector<Line> lines_of(const ByX& by_x, LineKind kind) {
  std::vector<Line> lines;
  for (auto here = by_x.begin(); here != by_x.end();) {
    Line& line = lines.emplace_back();
    line.kind = kind;
    line.first_x = static_cast<int>(here->first);
    const auto add = [&](const Finding& finding) {
      const auto bound = [](double value) { return std::isfinite(value) ? value : kNoValue; };
      if (kind == LineKind::published)
        line.points.push_back({.y = finding.published});
      else if (finding.is_prediction)
        line.points.push_back({.y = observed(finding)});  // its bounds are those of another number
      else
        line.points.push_back({.y = observed(finding), .low = bound(finding.low), .high = bound(finding.high)});
    };
    add(*here->second);
    auto last = here++;
    if (here != by_x.end()) line.step_x = static_cast<int>(here->first - last->first);
    for (; here != by_x.end() && here->first - last->first == line.step_x; last = here++) add(*here->second);
    if (here != by_x.end() && kind == LineKind::measured) here = last;
  }
  return lines;
}

std::vector<Line> lines_of(const ByX& by_x) {
  std::vector<Line> lines = lines_of(by_x, LineKind::measured);
  for (Line& line : lines_of(by_x, LineKind::published)) lines.push_back(std::move(line));
  return lines;
}

void fit(LineChart& chart) {
  LineView& view = chart.views.front();
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Line& line : view.lines)
    for (const LinePoint& point : line.points)
      for (const double y : {point.y, point.low, point.high})
        if (std::isfinite(y)) std::tie(low, high) = std::pair(std::min(low, y), std::max(high, y));
  if (low > high) return;
  chart.log_y = low > 0 && high > kDecade * low;
  if (chart.log_y) {
    view.low = std::pow(10, std::floor(std::log10(low)));
    view.high = std::pow(10, std::ceil(std::log10(high)));
    return;
  }
  const double air = 0.08 * (high > low ? high - low : std::max(std::abs(high), 1.0));
  view.low = low - air;
  view.high = high + air;
}

LineChart chart_of(const Study& study, std::size_t folder, const Group& group) {
  LineChart chart;
  chart.heading.note =
      "Diamonds: what the source of the claims has. Line and band: what was measured here, with the bounds that the "
      "claim is judged by, of the mean or, where it asks whether the seeds include the published value, of the seeds.";
  chart.x_title = group.is_by_layer ? "layer" : "epoch";
  chart.y_title = group.metric;
  chart.rows = chart.dashes = {""};
  std::map<std::pair<std::size_t, std::size_t>, ByX> series;  // by column and color
  std::map<std::size_t, std::string> cell_ids;                // by color
  for (const Finding* finding : group.findings) {
    const std::size_t column = place_in(chart.columns, when_of(*finding));
    const std::size_t color = place_in(chart.colors, finding->cell);
    cell_ids.try_emplace(color, finding->cell_id);
    series[{column, color}].try_emplace(x_of(*finding), finding);
  }
  LineView view;
  for (const auto& [place, by_x] : series) {
    const std::string& cell = chart.colors[place.second];
    const std::size_t subject = subject_of(study, folder, cell_ids.at(place.second));
    for (Line& line : lines_of(by_x)) {
      std::tie(line.column, line.color) = place;
      line.subject = subject;
      line.label = (cell.empty() ? group.metric : cell) + (line.kind == LineKind::published ? ", published" : "");
      view.lines.push_back(std::move(line));
    }
  }
  chart.views.push_back(std::move(view));
  fit(chart);
  return chart;
}

}  // namespace

std::vector<LineChart> published_charts(const Study& study, std::size_t folder, std::span<const Finding> findings) {
  std::vector<LineChart> charts;
  const std::vector<Group> groups = groups_of(study, folder, findings);
  for (const Group& group : groups) {
    LineChart chart = chart_of(study, folder, group);
    chart.heading.id = "published";
    chart.heading.title = "Is it as published?";
    if (study.folders.size() > 1) {
      chart.heading.id += "-" + std::to_string(folder);
      chart.heading.title += " (" + study.folders[folder].name + ")";
    }
    if (!charts.empty()) chart.heading.id += "-" + std::to_string(charts.size() + 1);
    if (groups.size() > 1) chart.heading.title += " " + group.metric;
    charts.push_back(std::move(chart));
  }
  return charts;
}

}  // namespace initsweep
