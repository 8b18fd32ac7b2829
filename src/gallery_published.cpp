// What others published beside what was measured: a chart a quantity, since each has its own unit.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string_view>
#include <tuple>
#include <utility>
#include "initsweep/gallery.hpp"

namespace initsweep {
namespace {

constexpr double kDecade = 10;

// Such a claim has what theory predicts as `before`, and how far the value is from it as effect.
bool is_of_theory(const Finding& finding) { return finding.expected.starts_with("as mean-field theory predicts"); }

// "layers.bias_gradient.l2, start, layer 2": the metric, and of layers when it is.
struct Quantity {
  std::string metric, when;
};
Quantity quantity_of(const Finding& finding) {
  const auto part = [](std::string_view text) { return std::string(text.substr(0, text.find(", "))); };
  Quantity quantity{part(finding.quantity), {}};
  if (finding.layer && quantity.metric.size() < finding.quantity.size())
    quantity.when = part(std::string_view(finding.quantity).substr(quantity.metric.size() + 2));
  if (quantity.when == "start" || quantity.when == "end") quantity.when = "at the " + quantity.when;
  if (std::isfinite(finding.before) && !is_of_theory(finding)) quantity.metric = "difference of " + quantity.metric;
  return quantity;
}

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
    const bool has_place = finding.layer || (finding.epoch && !finding.quantity.starts_with("layers."));
    if (!std::isfinite(finding.published) || !has_place) continue;
    if (!finding.cell_id.empty() && subject_of(study, folder, finding.cell_id) == kNoSubject) continue;
    const std::string metric = quantity_of(finding).metric;
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

// Both lines of one cell: they have as many points as it takes to reach from the first to the last by equal steps.
std::pair<Line, Line> lines_of(const std::map<std::int64_t, const Finding*>& by_x) {
  Line measured, published;
  const std::int64_t first = by_x.begin()->first, last = by_x.rbegin()->first;
  std::int64_t step = 0;
  for (const auto& [x, finding] : by_x) step = std::gcd(step, x - first);
  step = std::max<std::int64_t>(step, 1);
  measured.first_x = static_cast<int>(first);
  measured.step_x = static_cast<int>(step);
  measured.points.resize(static_cast<std::size_t>((last - first) / step + 1));
  published = measured;
  published.kind = LineKind::published;
  const auto bound = [](double value) { return std::isfinite(value) ? value : kNoValue; };
  for (const auto& [x, finding] : by_x) {
    const auto i = static_cast<std::size_t>((x - first) / step);
    measured.points[i] = {.y = finding->effect, .low = bound(finding->low), .high = bound(finding->high)};
    if (is_of_theory(*finding)) measured.points[i] = {.y = finding->now};
    published.points[i].y = finding->published;
  }
  return {std::move(measured), std::move(published)};
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
  std::map<std::pair<std::size_t, std::size_t>, std::map<std::int64_t, const Finding*>> series;  // by column and color
  std::map<std::size_t, std::string> cell_ids;                                                   // by color
  for (const Finding* finding : group.findings) {
    const std::size_t column = place_in(chart.columns, quantity_of(*finding).when);
    const std::size_t color = place_in(chart.colors, finding->cell);
    cell_ids.try_emplace(color, finding->cell_id);
    series[{column, color}].try_emplace(x_of(*finding), finding);
  }
  LineView view;
  for (const auto& [place, by_x] : series) {
    auto [measured, published] = lines_of(by_x);
    for (Line* line : {&measured, &published}) {
      std::tie(line->column, line->color) = place;
      line->subject = subject_of(study, folder, cell_ids.at(line->color));
      line->label = chart.colors[line->color].empty() ? group.metric : chart.colors[line->color];
    }
    published.label += ", published";
    view.lines.push_back(std::move(measured));
    view.lines.push_back(std::move(published));
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
