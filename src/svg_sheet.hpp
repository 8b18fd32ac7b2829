// What all SVG pictures have in common: elements, the heading, legends and how they end.
//
// Colours that a page may change stand in one style element, plain first and through a CSS variable after it, for
// programs that know variables; those that do not (librsvg, Inkscape) skip the @supports. Numbers have a tenth of a
// pixel.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>
#include "initsweep/picture.hpp"

namespace initsweep {

inline constexpr double kSheetWidth = 960, kMargin = 16;
inline constexpr double kBodySize = 12, kSmallSize = 11;  // of text; class "s" is the small one

struct Box {
  double x = 0, y = 0, width = 0, height = 0;
};

// A number as SVG takes it: "12.3", "-4", "0".
[[nodiscard]] std::string pixels(double value);
// ` x="12.3"`; the name and the value of the second one are ours, so nothing is escaped.
[[nodiscard]] std::string with(std::string_view name, double value);
[[nodiscard]] std::string with(std::string_view name, std::string_view value);

// Elements; `attributes` are as `with` gives them, text and tips from outside. Without a tip there is no <title>.
[[nodiscard]] std::string title_element(std::string_view tip);
[[nodiscard]] std::string rect(const Box& box, std::string_view attributes, std::string_view tip = {});
[[nodiscard]] std::string line(double x1, double y1, double x2, double y2, std::string_view attributes);
[[nodiscard]] std::string text(double x, double y, std::string_view content, std::string_view attributes = {});
[[nodiscard]] std::string group(std::string_view attributes, std::string_view inner);

// A picture being drawn, from the top down.
struct Sheet {
  std::string id;  // of this picture and view, in front of every id in it
  double width = kSheetWidth;
  double y = 0;  // where the next part begins
  std::string definitions, body;
};
// With its heading: the title, with the name of the view if it has one, and the note.
[[nodiscard]] Sheet sheet_with(const Heading& heading, double width = kSheetWidth, std::size_t view = 0,
                               std::string_view view_name = {});
// The whole element.
[[nodiscard]] std::string finished(const Sheet& sheet);
// In place of what there is not.
void say_nothing_to_show(Sheet& sheet);

// A sample of a sign, 24 x 12 px with its corner at 0, 0, and what it means.
struct LegendEntry {
  std::string sample, label;
};
// Side by side, on as many lines as it takes.
void add_legend(Sheet& sheet, std::string_view title, const std::vector<LegendEntry>& entries);

// A fill for things of the i-th category: its colour, from the second on with stripes that differ too.
[[nodiscard]] std::string category_fill(const Sheet& sheet, std::size_t i);
// The patterns behind the first n of them.
void define_categories(Sheet& sheet, std::size_t n);

}  // namespace initsweep
