// Line charts: small panels, columns by rows, that share both scales, so that they can be compared at a glance.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"
#include "palette.hpp"
#include "plot_scale.hpp"
#include "svg_pictures.hpp"
#include "svg_sheet.hpp"
#include "text_width.hpp"

namespace initsweep {
namespace {

constexpr double kGap = 14, kTickGap = 6;
constexpr double kNarrowestPanel = 90, kWidestPanel = 640;
constexpr double kBold = 1.1;          // how much wider
constexpr std::size_t kFewPoints = 6;  // each of a line with so many gets a dot

// Solid first; then what differs most. Dots are theory's.
constexpr std::array<std::string_view, 6> kDashes = {"", "7 3", "3 2", "9 3 2 3", "13 4", "5 2 1.5 2 1.5 2"};

// A chart with so many colours that they begin again goes on with other dashes.
std::size_t dash_of(const LineChart& chart, std::size_t color, std::size_t dash) {
  return (color / kLineColors * std::max<std::size_t>(chart.dashes.size(), 1) + dash) % kDashes.size();
}

std::string stroke(std::size_t color) {
  const std::optional<Rgb> rgb = line_color(color);
  return rgb ? with("stroke", hex_text(*rgb)) : "";
}
std::string fill(std::size_t color) {
  const std::optional<Rgb> rgb = line_color(color);
  return rgb ? with("fill", hex_text(*rgb)) : with("class", "i");
}
std::string path(std::string_view d, std::size_t color, std::size_t dash, LineKind kind) {
  const bool is_theory = kind == LineKind::predicted;
  std::string classes = is_theory ? "l q" : "l";
  if (!line_color(color)) classes += " I";
  std::string attributes = with("class", classes) + stroke(color);
  if (!is_theory && !kDashes[dash].empty()) attributes += with("stroke-dasharray", kDashes[dash]);
  return "<path" + with("d", d) + attributes + "/>";
}

// Open, so that what was measured is seen in it, and in a seam of the paper's colour.
std::string diamond(double x, double y, std::size_t color) {
  constexpr double kReach = 5.5;
  const std::string d = 'M' + pixels(x) + ' ' + pixels(y - kReach) + 'l' + pixels(kReach) + ' ' + pixels(kReach) +
                        "l-" + pixels(kReach) + ' ' + pixels(kReach) + "l-" + pixels(kReach) + " -" + pixels(kReach) +
                        'z';
  const std::string seam =
      "<path" + with("d", d) + with("class", "P") + with("fill", "none") + with("stroke-width", "4") + "/>";
  return seam + "<path" + with("d", d) + with("fill", "none") + with("stroke-width", "1.8") +
         (line_color(color) ? stroke(color) : with("class", "I")) + "/>";
}

struct Layout {
  double left = 0, top = 0;  // of the first panel
  double width = 0, height = 0;
  double right = 0, below = 0;  // for titles of rows and what the x axis says
  bool turns_rows = false;
  PlotScale x, y;  // within a panel
  std::vector<Tick> x_ticks, y_ticks;
  [[nodiscard]] Box panel(std::size_t column, std::size_t row) const {
    return {left + static_cast<double>(column) * (width + kGap), top + static_cast<double>(row) * (height + kGap),
            width, height};
  }
};

std::string named(const std::string& title, const std::string& label) {
  return title.empty() || label.empty() ? label : title + ' ' + label;
}

std::pair<double, double> x_range(const LineView& view) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Line& line : view.lines) {
    if (line.points.empty()) continue;
    const double end = line.first_x + static_cast<double>(line.points.size() - 1) * line.step_x;
    low = std::min(low, static_cast<double>(line.first_x));
    high = std::max(high, end);
  }
  return {low, high};
}

double sheet_width(const LineChart& chart) {
  return std::max(kSheetWidth, 160 + static_cast<double>(chart.columns.size()) * (kNarrowestPanel + kGap));
}

// `sheet.y` is where the titles of the columns go.
Layout layout_of(const LineChart& chart, const LineView& view, const Sheet& sheet) {
  Layout layout;
  const double n_columns = static_cast<double>(chart.columns.size()), n_rows = static_cast<double>(chart.rows.size());
  layout.height = std::clamp(560 / n_rows - kGap, 110.0, n_rows == 1 ? 320.0 : 220.0);
  layout.y = plot_scale(view.low, view.high, chart.log_y, layout.height - 5, 5);
  layout.y_ticks = ticks(layout.y, static_cast<std::size_t>(layout.height / 22));
  double tick_width = 0;
  for (const Tick& tick : layout.y_ticks) tick_width = std::max(tick_width, text_width(tick.label, kSmallSize));
  layout.left = kMargin + tick_width + kTickGap;
  double row_width = 0;
  for (const std::string& row : chart.rows)
    row_width = std::max(row_width, kBold * text_width(printable(named(chart.row_title, row)), kBodySize));
  layout.turns_rows = row_width > 100;
  if (row_width > 0) layout.right = (layout.turns_rows ? 14 : row_width) + 8;
  layout.right = std::max(layout.right, 8.0);
  layout.width = (sheet.width - kMargin - layout.left - layout.right - (n_columns - 1) * kGap) / n_columns;
  layout.width = std::min(layout.width, n_columns == 1 && n_rows == 1 ? kSheetWidth : kWidestPanel);
  const bool has_titles =
      std::any_of(chart.columns.begin(), chart.columns.end(), [](const std::string& title) { return !title.empty(); });
  layout.top = sheet.y + (has_titles ? 22 : 6);
  const auto [low, high] = x_range(view);
  layout.x = plot_scale(low, high, false, 8, layout.width - 8);
  layout.x_ticks = whole_ticks(layout.x, static_cast<std::size_t>(layout.width / 36));
  layout.below = chart.x_title.empty() ? 22 : 38;
  return layout;
}

double x_of(const Line& line, std::size_t i, const Layout& layout) {
  return position(layout.x, line.first_x + static_cast<double>(i) * line.step_x).value_or(0);
}

// A run of points without a gap, as "x y" pairs.
struct Run {
  std::string path;
  std::size_t n = 0;
  double x = 0, y = 0;  // of the first
};

std::vector<Run> runs(const Line& line, const Layout& layout) {
  std::vector<Run> result;
  bool is_open = false;
  for (std::size_t i = 0; i < line.points.size(); ++i) {
    const std::optional<double> y = position(layout.y, line.points[i].y);
    if (!y) {
      is_open = false;
      continue;
    }
    const double x = x_of(line, i, layout);
    if (!is_open) result.push_back({"M", 0, x, *y});
    is_open = true;
    Run& run = result.back();
    if (run.n > 0) run.path += run.n == 1 ? "L" : " ";
    run.path += pixels(x) + ' ' + pixels(*y);
    ++run.n;
  }
  return result;
}

// The band as closed areas, a run of points that have one each: along the top, and back along the bottom.
std::string band(const Line& line, const Layout& layout) {
  std::string areas, top, bar;  // the last is that of a point alone
  std::vector<std::string> bottom;
  const auto close = [&] {
    if (bottom.size() == 1) areas += bar;
    if (bottom.size() > 1) {
      areas += 'M' + top;
      for (auto point = bottom.rbegin(); point != bottom.rend(); ++point) areas += 'L' + *point;
      areas += 'Z';
    }
    top.clear();
    bottom.clear();
  };
  for (std::size_t i = 0; i < line.points.size(); ++i) {
    const std::optional<double> low = position(layout.y, line.points[i].low);
    const std::optional<double> high = position(layout.y, line.points[i].high);
    if (!low || !high) {
      close();
      continue;
    }
    bar = 'M' + pixels(x_of(line, i, layout) - 3) + ' ' + pixels(*high) + "h6V" + pixels(*low) + "h-6z";
    const std::string x = pixels(x_of(line, i, layout)) + ' ';
    top += (bottom.empty() ? "" : "L") + x + pixels(*high);
    bottom.push_back(x + pixels(*low));
  }
  close();
  if (areas.empty()) return {};
  return "<path" + with("d", areas) + fill(line.color) + with("fill-opacity", ".16") + '>' + title_element(line.label) +
         "</path>";
}

std::string diamonds(const Line& line, const Layout& layout) {
  std::string drawn;
  for (std::size_t i = 0; i < line.points.size(); ++i)
    if (const std::optional<double> y = position(layout.y, line.points[i].y))
      drawn += group({}, title_element(line.label + ": " + brief_text(line.points[i].y)) +
                             diamond(x_of(line, i, layout), *y, line.color));
  return drawn;
}

std::string line_element(const LineChart& chart, const Line& line, const Layout& layout) {
  std::string d, dots;
  const std::vector<Run> all = runs(line, layout);
  std::size_t n = 0;
  for (const Run& run : all) n += run.n;
  for (const Run& run : all) {
    if (run.n > 1) d += run.path;
    if (run.n == 1 && n > kFewPoints)
      dots += "<circle" + with("cx", run.x) + with("cy", run.y) + with("r", "2.2") + "/>";
  }
  if (line.kind == LineKind::published) return diamonds(line, layout);
  if (n <= kFewPoints && line.kind == LineKind::measured) {
    for (std::size_t i = 0; i < line.points.size(); ++i)
      if (const std::optional<double> y = position(layout.y, line.points[i].y))
        dots += "<circle" + with("cx", x_of(line, i, layout)) + with("cy", *y) + with("r", "2.2") + "/>";
  }
  std::string inner = title_element(line.label);
  if (!d.empty()) inner += path(d, line.color, dash_of(chart, line.color, line.dash), line.kind);
  if (!dots.empty()) inner += group(fill(line.color), dots);
  return group({}, inner);
}

// Bands lie under all lines, what is predicted under what is measured, and what is published above all.
std::string lines_of_panel(const LineChart& chart, const LineView& view, const Layout& layout, std::size_t column,
                           std::size_t row) {
  std::string bands, predicted, measured, published;
  for (const Line& line : view.lines) {
    if (line.column != column || line.row != row) continue;
    bands += band(line, layout);
    const std::string drawn = line_element(chart, line, layout);
    switch (line.kind) {
      case LineKind::measured: measured += drawn; break;
      case LineKind::predicted: predicted += drawn; break;
      case LineKind::published: published += drawn; break;
    }
  }
  return bands + predicted + measured + published;
}

void add_panel(Sheet& sheet, const LineChart& chart, const LineView& view, const Layout& layout, std::size_t column,
               std::size_t row) {
  const Box box = layout.panel(column, row);
  std::string grid;
  for (const Tick& tick : layout.y_ticks) {
    const double y = position(layout.y, tick.value).value_or(0);
    grid += 'M' + pixels(0) + ' ' + pixels(y) + 'H' + pixels(box.width);
  }
  for (const Tick& tick : layout.x_ticks) {
    const double x = position(layout.x, tick.value).value_or(0);
    grid += 'M' + pixels(x) + " 0V" + pixels(box.height);
  }
  const std::string lines = lines_of_panel(chart, view, layout, column, row);
  sheet.body += group(
      with("transform", "translate(" + pixels(box.x) + ' ' + pixels(box.y) + ')'),
      "<path" + with("d", grid) + with("class", "G") + with("stroke-width", ".7") + "/>" +
          rect({0, 0, box.width, box.height}, with("class", "M") + with("fill", "none") + with("stroke-width", ".8")) +
          group(with("clip-path", "url(#" + sheet.id + "-clip)"), lines));
}

// Ticks and titles around the panels.
void add_axes(Sheet& sheet, const LineChart& chart, const Layout& layout) {
  std::string y_labels, x_labels;
  for (std::size_t row = 0; row < chart.rows.size(); ++row) {
    const Box box = layout.panel(0, row);
    for (const Tick& tick : layout.y_ticks)
      y_labels += text(box.x - kTickGap, box.y + position(layout.y, tick.value).value_or(0) + 4, tick.label);
    const Box last = layout.panel(chart.columns.size() - 1, row);
    const std::string title = named(chart.row_title, chart.rows[row]);
    const double x = last.x + last.width + 8, middle = last.y + last.height / 2;
    if (layout.turns_rows)
      sheet.body += text(
          0, 0, shortened(title, last.height / kBold, kBodySize),
          with("class", "i o c") + with("transform", "translate(" + pixels(x) + ' ' + pixels(middle) + ")rotate(90)"));
    else
      sheet.body += text(x, middle + 4, title, with("class", "i o"));
  }
  // All of them with their setting, or none.
  const bool are_named = std::all_of(chart.columns.begin(), chart.columns.end(), [&](const std::string& label) {
    return kBold * text_width(printable(named(chart.column_title, label)), kBodySize) <= layout.width;
  });
  for (std::size_t column = 0; column < chart.columns.size(); ++column) {
    const Box box = layout.panel(column, chart.rows.size() - 1);
    for (const Tick& tick : layout.x_ticks)
      x_labels += text(box.x + position(layout.x, tick.value).value_or(0), box.y + box.height + 15, tick.label);
    const std::string& label = chart.columns[column];
    sheet.body += text(box.x + box.width / 2, layout.top - 7,
                       are_named ? named(chart.column_title, label) : shortened(label, box.width / kBold, kBodySize),
                       with("class", "i o c"));
  }
  sheet.body += group(with("class", "m e s"), y_labels) + group(with("class", "m c s"), x_labels);
  const Box first = layout.panel(0, chart.rows.size() - 1);
  const Box last = layout.panel(chart.columns.size() - 1, chart.rows.size() - 1);
  const double bottom = last.y + last.height;
  sheet.body += text((first.x + last.x + last.width) / 2, bottom + 32,
                     shortened(chart.x_title, sheet.width - 2 * kMargin, kBodySize), with("class", "m c"));
  sheet.y = bottom + layout.below;
}

void add_legends(Sheet& sheet, const LineChart& chart, const LineView& view) {
  static constexpr std::string_view kSample = "M0 6.5H24";
  std::vector<LegendEntry> colors, dashes;
  if (chart.colors.size() > 1 || !chart.color_title.empty())
    for (std::size_t i = 0; i < chart.colors.size(); ++i)
      colors.push_back({path(kSample, i, dash_of(chart, i, 0), LineKind::measured), chart.colors[i]});
  if (chart.dashes.size() > 1)
    for (std::size_t i = 0; i < chart.dashes.size(); ++i)
      dashes.push_back({path(kSample, kLineColors - 1, i % kDashes.size(), LineKind::measured), chart.dashes[i]});
  const auto has = [&](LineKind kind) {
    return std::any_of(view.lines.begin(), view.lines.end(), [&](const Line& line) { return line.kind == kind; });
  };
  if (has(LineKind::predicted)) dashes.push_back({path(kSample, kLineColors - 1, 0, LineKind::predicted), "theory"});
  if (has(LineKind::published)) dashes.push_back({diamond(12, 6.5, kLineColors - 1), "published"});
  add_legend(sheet, chart.color_title, colors);
  add_legend(sheet, chart.dashes.size() > 1 ? chart.dash_title : "", dashes);
}

}  // namespace

std::string line_chart_svg(const LineChart& chart, std::size_t view) {
  const bool has_view = view < chart.views.size();
  Sheet sheet = sheet_with(chart.heading, sheet_width(chart), view,
                           has_view ? std::string_view(chart.views[view].name) : std::string_view());
  if (!has_view || chart.views[view].lines.empty() || chart.columns.empty() || chart.rows.empty()) {
    say_nothing_to_show(sheet);
    return finished(sheet);
  }
  const LineView& shown = chart.views[view];
  add_legends(sheet, chart, shown);
  if (!chart.y_title.empty()) {
    sheet.y += 12;
    sheet.body +=
        text(kMargin, sheet.y, shortened(chart.y_title, sheet.width - 2 * kMargin, kBodySize), with("class", "m"));
    sheet.y += 2;
  }
  const Layout layout = layout_of(chart, shown, sheet);
  sheet.definitions += "<defs><clipPath" + with("id", sheet.id + "-clip") + ">" +
                       rect({0, 0, layout.width, layout.height}, {}) + "</clipPath></defs>";
  for (std::size_t row = 0; row < chart.rows.size(); ++row)
    for (std::size_t column = 0; column < chart.columns.size(); ++column)
      add_panel(sheet, chart, shown, layout, column, row);
  add_axes(sheet, chart, layout);
  return finished(sheet);
}

}  // namespace initsweep
