#include "picture_json.hpp"

#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

namespace initsweep {
namespace {

using nlohmann::json;

// A table of columns, filled row by row.
class Columns {
 public:
  Columns(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) columns_.emplace_back(name, json::array());
  }
  template <typename... Values>
  void add(Values&&... values) {
    std::size_t i = 0;
    (columns_[i++].second.push_back(json(std::forward<Values>(values))), ...);
  }
  [[nodiscard]] json take() {
    json object = json::object();
    for (auto& [name, column] : columns_) object[name] = std::move(column);
    return object;
  }

 private:
  std::vector<std::pair<std::string, json>> columns_;
};

json subject_number(std::size_t subject) { return subject == kNoSubject ? json(-1) : json(subject); }

// "" for a mark without one.
const std::string& label_of(const Study& study, std::size_t subject) {
  static const std::string kNone;
  return subject < study.combinations.size() ? study.combinations[subject].label : kNone;
}

json with_heading(std::string_view kind, const Heading& heading) {
  return {{"kind", kind}, {"id", heading.id}, {"title", heading.title}, {"note", heading.note}};
}

// Seconds to the millisecond: of a sweep of days four digits would lay jobs of seconds on top of each other.
json milliseconds(double seconds) {
  if (!std::isfinite(seconds)) return nullptr;
  return std::round(seconds * 1000) / 1000;
}

json color_json(const ColorScale& color) {
  return {{"title", color.title}, {"low", brief_number(color.low)}, {"high", brief_number(color.high)},
          {"log", color.log},     {"diverging", color.diverging},   {"categories", color.categories}};
}

json json_of(const HeatMap& map, const Study& study, SeriesPool&) {
  json object = with_heading("heat", map.heading);
  object["x_title"] = map.x_title;
  object["y_title"] = map.y_title;
  object["panel_title"] = map.panel_title;
  object["x"] = map.x;
  object["y"] = map.y;
  object["panels"] = map.panels;
  object["color"] = color_json(map.color);
  object["marks"] = json::array();
  for (const auto& [sign, meaning] : map.marks) object["marks"].push_back({sign, meaning});
  object["boundary"] = map.boundary;
  Columns cells = {"panel", "x", "y", "subject", "value", "text", "mark", "tip"};
  for (const HeatCell& cell : map.cells)
    cells.add(cell.panel, cell.x, cell.y, subject_number(cell.subject), brief_number(cell.value), cell.text, cell.mark,
              text_after(cell.tip, label_of(study, cell.subject)));
  object["cells"] = cells.take();
  if (map.boundary.empty()) return object;
  json& beyond = object["cells"]["beyond"] = json::array();
  for (const HeatCell& cell : map.cells)
    beyond.push_back(cell.is_beyond ? json(*cell.is_beyond ? 1 : 0) : json(nullptr));
  return object;
}

json json_of(const LineChart& chart, const Study& study, SeriesPool& pool) {
  json object = with_heading("lines", chart.heading);
  object["x_title"] = chart.x_title;
  object["y_title"] = chart.y_title;
  object["log_y"] = chart.log_y;
  object["column_title"] = chart.column_title;
  object["row_title"] = chart.row_title;
  object["color_title"] = chart.color_title;
  object["dash_title"] = chart.dash_title;
  object["columns"] = chart.columns;
  object["rows"] = chart.rows;
  object["colors"] = chart.colors;
  object["dashes"] = chart.dashes;
  object["views"] = json::array();
  std::vector<double> y, low, high;
  for (const LineView& view : chart.views) {
    Columns lines = {"column",  "row",    "color", "dash", "subject", "predicted", "published",
                     "first_x", "step_x", "label", "y",    "low",     "high"};
    for (const Line& line : view.lines) {
      y.clear(), low.clear(), high.clear();
      for (const LinePoint& point : line.points) {
        y.push_back(point.y);
        low.push_back(point.low);
        high.push_back(point.high);
      }
      lines.add(line.column, line.row, line.color, line.dash, subject_number(line.subject),
                line.kind == LineKind::predicted ? 1 : 0, line.kind == LineKind::published ? 1 : 0, line.first_x,
                line.step_x, text_after(line.label, label_of(study, line.subject)), pool.add(y), pool.add(low),
                pool.add(high));
    }
    object["views"].push_back({{"name", view.name},
                               {"low", brief_number(view.low)},
                               {"high", brief_number(view.high)},
                               {"lines", lines.take()}});
  }
  return object;
}

json json_of(const BarChart& chart, const Study&, SeriesPool&) {
  json object = with_heading("bars", chart.heading);
  object["value_title"] = chart.value_title;
  Columns bars = {"label", "value", "group", "tip"};
  for (const Bar& bar : chart.bars) bars.add(bar.label, brief_number(bar.value), bar.group, bar.tip);
  object["bars"] = bars.take();
  return object;
}

json json_of(const Timeline& timeline, const Study& study, SeriesPool&) {
  json object = with_heading("timeline", timeline.heading);
  object["lanes"] = timeline.lanes;
  object["categories"] = timeline.categories;
  Columns spans = {"lane", "start", "end", "subject", "category", "tip"};
  for (const Span& span : timeline.spans)
    spans.add(span.lane, milliseconds(span.start), milliseconds(span.end), subject_number(span.subject), span.category,
              text_after(span.tip, label_of(study, span.subject)));
  object["spans"] = spans.take();
  return object;
}

}  // namespace

json brief_number(double value) {
  if (!std::isfinite(value)) return nullptr;
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::general, 4).ptr;
  double rounded = 0;
  std::from_chars(text, end, rounded);
  if (rounded == std::trunc(rounded) && std::abs(rounded) < 1e9) return static_cast<std::int64_t>(rounded);
  return rounded;
}

json text_after(const std::string& text, const std::string& label) {
  if (label.empty() || !text.starts_with(label)) return text;
  return json::array({text.substr(label.size())});
}

int SeriesPool::add(const std::vector<double>& values) {
  json numbers = json::array();
  bool is_empty = true;
  for (const double value : values) {
    numbers.push_back(brief_number(value));
    is_empty = is_empty && numbers.back().is_null();
  }
  if (is_empty) return -1;
  const auto [place, is_new] = known_.try_emplace(numbers.dump(), static_cast<int>(series_.size()));
  if (is_new) series_.push_back(std::move(numbers));
  return place->second;
}

json picture_json(const Picture& picture, const Study& study, SeriesPool& pool) {
  return std::visit([&](const auto& of_a_kind) { return json_of(of_a_kind, study, pool); }, picture);
}

}  // namespace initsweep
