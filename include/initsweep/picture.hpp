// Pictures as plain values: what is asked, the panels, scales and marks. How they are drawn is elsewhere: svg.hpp for
// paper, the page of report.hpp for browsers, show.hpp for terminals.
//
// A mark knows its subject, an index into Study::combinations, so that whoever draws it can filter, explain and link.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>
#include "initsweep/record.hpp"

namespace initsweep {

inline constexpr std::size_t kNoSubject = static_cast<std::size_t>(-1);

struct Heading {
  std::string id;        // "accuracy": unique in a page, names files
  std::string title;     // the question that it answers
  std::string note;      // what is shown, with units and what the signs mean; one or two sentences
  bool is_drawn = true;  // else only said to who cannot see the picture
};

// How a value becomes a colour. `categories`: the value is an index into them; `diverging`: low = -high, and 0 is
// neutral; else sequential from low to high.
struct ColorScale {
  std::string title;  // "mean test accuracy", "seconds a job"
  double low = 0, high = 1;
  bool log = false, diverging = false;
  std::vector<std::string> categories;
};

// A square of a heat map. NaN as value: there is none, and `mark` says why.
struct HeatCell {
  std::size_t panel = 0, x = 0, y = 0;  // indices into labels
  std::size_t subject = kNoSubject;
  double value = kNoValue;
  std::string text;                              // in the square: "0.93"
  std::string mark;                              // a sign beside it: one of HeatMap::marks, or ""
  std::string tip;                               // "he_normal/relu/depth=5: 0.93, std 0.002, 5 seeds"
  std::optional<bool> is_beyond = std::nullopt;  // the boundary; none where nothing is known of it
};

struct HeatMap {
  Heading heading;
  std::string x_title, y_title, panel_title;  // names of settings; "" for none
  std::vector<std::string> x, y, panels;      // labels, y from the top; at least one of each, maybe ""
  ColorScale color;
  std::vector<std::pair<std::string, std::string>> marks;  // sign and meaning, those that appear: {"×", "diverged"}
  std::vector<HeatCell> cells;
  std::string boundary;  // what the line between squares beyond it and the others means; "" for none
};

// A side of a square that the boundary runs along.
struct HeatEdge {
  std::size_t panel = 0, x = 0, y = 0;  // of the square
  bool is_right = false;                // its right side, to the square x + 1; else the one below, to y + 1
  bool operator==(const HeatEdge&) const = default;
};
// Between neighbours of which one is beyond the boundary and the other is not; by panel, y and x.
[[nodiscard]] std::vector<HeatEdge> boundary_of(const HeatMap& map);

struct LinePoint {
  double y = kNoValue;                     // a gap where NaN
  double low = kNoValue, high = kNoValue;  // of the band; NaN without one
};
// Theory and what others published are drawn beside what was measured; published are points that no line joins.
enum class LineKind { measured, predicted, published };
struct Line {
  std::size_t column = 0, row = 0, color = 0, dash = 0;  // indices into labels
  std::size_t subject = kNoSubject;
  LineKind kind = LineKind::measured;
  int first_x = 0, step_x = 1;  // x of the first point, and from one to the next: 1 unless thinned out
  std::vector<LinePoint> points;
  std::string label;  // as the combination's
};

// Lines in panels that share their scales.
struct LineView {
  std::string name;          // "at the start"
  double low = 0, high = 1;  // of y
  std::vector<Line> lines;
};
struct LineChart {
  Heading heading;
  std::string x_title, y_title;  // "hidden layer (input to output)", "rms of delta"
  bool log_y = false;
  std::string column_title, row_title, color_title, dash_title;  // names of settings; "" for none
  std::vector<std::string> columns, rows, colors, dashes;        // labels; at least one of each, maybe ""
  std::vector<LineView> views;                                   // one is shown at a time, the first to begin with
};

struct Bar {
  std::string label;
  double value = 0;
  std::string group;  // "one setting", "a pair of settings": bars of a group have one colour
  std::string tip;
};
struct BarChart {
  Heading heading;
  std::string value_title;  // "share of the variance of test accuracy"
  std::vector<Bar> bars;    // from the top
};

// Who worked on what, when: a lane a thread.
struct Span {
  std::size_t lane = 0;
  double start = 0, end = 0;  // seconds
  std::size_t subject = kNoSubject;
  std::size_t category = 0;
  std::string tip;
};
struct Timeline {
  Heading heading;
  std::vector<std::string> lanes, categories;  // categories: ok, diverged, failed, timeout
  std::vector<Span> spans;
};

using Picture = std::variant<HeatMap, LineChart, BarChart, Timeline>;

[[nodiscard]] inline const Heading& heading_of(const Picture& picture) {
  return std::visit([](const auto& of_a_kind) -> const Heading& { return of_a_kind.heading; }, picture);
}

}  // namespace initsweep
