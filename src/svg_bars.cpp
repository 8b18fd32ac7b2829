// Bars and the timeline: what lies along one axis.
#include <algorithm>
#include <cmath>
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

constexpr double kLabelGap = 8, kWidestLabel = 320;

double label_width(double widest) { return std::min(widest, kWidestLabel); }

std::string sample(const Sheet& sheet, std::size_t category) {
  return rect({0, 0, 24, 12}, category_fill(sheet, category));
}

// "41.2 %"; what rounds to nothing but is something: "< 0.1 %".
std::string percent(double share) {
  if (!std::isfinite(share)) return "no value";
  if (share > 0 && share < 0.0005) return "< 0.1 %";
  return fixed_text(100 * share, 1) + " %";
}

struct TimeUnit {
  std::string_view name;
  double seconds;
};
TimeUnit time_unit(double seconds) {
  if (seconds < 180) return {"seconds", 1};
  return seconds < 3 * 3600 ? TimeUnit{"minutes", 60} : TimeUnit{"hours", 3600};
}

// A rectangle of few bytes.
std::string block(double x, double y, double width, double height, std::string_view tip) {
  return "<path" +
         with("d", 'M' + pixels(x) + ' ' + pixels(y) + 'h' + pixels(width) + 'v' + pixels(height) + "h-" +
                       pixels(width) + 'z') +
         (tip.empty() ? "/>" : '>' + title_element(tip) + "</path>");
}

void add_lanes(Sheet& sheet, const Timeline& timeline, const PlotScale& axis, double lane_height) {
  const double gap = lane_height > 12 ? 4 : 1;
  std::vector<std::string> blocks(std::max<std::size_t>(timeline.categories.size(), 1));
  for (const Span& span : timeline.spans) {
    const std::optional<double> start = position(axis, span.start), end = position(axis, span.end);
    if (!start || !end) continue;
    const double length = *end - *start;
    // A sliver of paper between neighbours, where there is room for it.
    const double width = std::max(length > 2 ? length - 0.6 : length, 0.4);
    blocks[std::min(span.category, blocks.size() - 1)] += block(
        *start, sheet.y + static_cast<double>(span.lane) * lane_height + gap / 2, width, lane_height - gap, span.tip);
  }
  for (std::size_t i = 0; i < blocks.size(); ++i)
    if (!blocks[i].empty()) sheet.body += group(category_fill(sheet, i), blocks[i]);
}

}  // namespace

std::string bar_chart_svg(const BarChart& chart) {
  static constexpr double kBar = 18, kPitch = 25, kValueWidth = 64;
  Sheet sheet = sheet_with(chart.heading);
  if (chart.bars.empty()) {
    say_nothing_to_show(sheet);
    return finished(sheet);
  }
  std::vector<std::string> groups;
  double widest = 0, high = 0;
  for (const Bar& bar : chart.bars) {
    if (std::find(groups.begin(), groups.end(), bar.group) == groups.end()) groups.push_back(bar.group);
    widest = std::max(widest, text_width(printable(bar.label), kBodySize));
    if (std::isfinite(bar.value)) high = std::max(high, bar.value);
  }
  define_categories(sheet, groups.size());
  std::vector<LegendEntry> entries;
  if (groups.size() > 1)
    for (std::size_t i = 0; i < groups.size(); ++i) entries.push_back({sample(sheet, i), groups[i]});
  add_legend(sheet, {}, entries);
  const double left = kMargin + label_width(widest) + kLabelGap;
  sheet.y += 14;
  sheet.body +=
      text(left, sheet.y, shortened(chart.value_title, sheet.width - kMargin - left, kBodySize), with("class", "m"));
  sheet.y += 8;
  const PlotScale axis = plot_scale(0, high > 0 ? high : 1, false, left, sheet.width - kMargin - kValueWidth);
  const double top = sheet.y;
  for (const Bar& bar : chart.bars) {
    const double middle = sheet.y + kPitch / 2 + 4;
    const double end = std::max(position(axis, bar.value).value_or(left), left);
    const std::size_t category =
        static_cast<std::size_t>(std::find(groups.begin(), groups.end(), bar.group) - groups.begin());
    const std::string tip = bar.tip.empty() ? bar.label : bar.tip;
    sheet.body += text(left - kLabelGap, middle, shortened(bar.label, kWidestLabel, kBodySize), with("class", "i e")) +
                  rect({left, sheet.y + (kPitch - kBar) / 2, std::max(end - left, bar.value > 0 ? 1.0 : 0.0), kBar},
                       category_fill(sheet, category), tip) +
                  text(end + 6, middle, percent(bar.value), with("class", "i"));
    sheet.y += kPitch;
  }
  sheet.body += line(left, top, left, sheet.y, with("class", "M"));
  return finished(sheet);
}

std::string timeline_svg(const Timeline& timeline) {
  Sheet sheet = sheet_with(timeline.heading);
  if (timeline.spans.empty() || timeline.lanes.empty()) {
    say_nothing_to_show(sheet);
    return finished(sheet);
  }
  define_categories(sheet, timeline.categories.size());
  std::vector<LegendEntry> entries;
  for (std::size_t i = 0; i < timeline.categories.size(); ++i)
    if (std::any_of(timeline.spans.begin(), timeline.spans.end(), [&](const Span& span) { return span.category == i; }))
      entries.push_back({sample(sheet, i), timeline.categories[i]});
  add_legend(sheet, {}, entries);
  sheet.y += 4;

  double widest = 0, low = 0, high = 0;
  for (const std::string& lane : timeline.lanes) widest = std::max(widest, text_width(printable(lane), kBodySize));
  for (const Span& span : timeline.spans) {
    low = std::min(low, span.start);
    high = std::max(high, span.end);
  }
  const double left = kMargin + label_width(widest) + kLabelGap, right = sheet.width - kMargin - 10;
  const double n_lanes = static_cast<double>(timeline.lanes.size());
  const double lane_height = std::clamp(480 / n_lanes, 6.0, 30.0);
  const double bottom = sheet.y + n_lanes * lane_height;
  const TimeUnit unit = time_unit(high - low);
  const PlotScale in_units = plot_scale(low / unit.seconds, high / unit.seconds, false, left, right);
  std::string grid, labels, lanes;
  for (const Tick& tick : ticks(in_units, 10)) {
    const double x = position(in_units, tick.value).value_or(left);
    grid += line(x, sheet.y, x, bottom + 4, with("class", "G"));
    labels += text(x, bottom + 17, tick.label);
  }
  const auto step = static_cast<std::size_t>(std::ceil(12 / lane_height));
  for (std::size_t i = 0; i < timeline.lanes.size(); i += step)
    lanes += text(left - kLabelGap, sheet.y + (static_cast<double>(i) + 0.5) * lane_height + 4,
                  shortened(timeline.lanes[i], kWidestLabel, kBodySize));
  sheet.body +=
      grid + group(with("class", "m c s"), labels) + group(with("class", lane_height < 14 ? "i e s" : "i e"), lanes);
  add_lanes(sheet, timeline, plot_scale(low, high, false, left, right), lane_height);
  sheet.body += text((left + right) / 2, bottom + 34, unit.name, with("class", "m c"));
  sheet.y = bottom + 36;
  return finished(sheet);
}

}  // namespace initsweep
