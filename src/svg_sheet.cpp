#include "svg_sheet.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "palette.hpp"
#include "text_width.hpp"
#include "xml_text.hpp"

namespace initsweep {
namespace {

constexpr double kTitleSize = 17;
constexpr double kLineHeight = 17, kSampleWidth = 24, kSampleHeight = 12;

// i ink, m muted, g grid, p paper: fills; their capitals are strokes. t and s are sizes of text, w and b the text of
// squares whatever the page, h its halo.
constexpr std::string_view kStyle =
    ".isw{font:12px system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,\"DejaVu Sans\",sans-serif}"
    ".isw .s{font-size:11px}.isw .t{font-size:17px;font-weight:600}.isw .o{font-weight:600}"
    ".isw .c{text-anchor:middle}.isw .e{text-anchor:end}"
    ".isw .l{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:butt}"
    ".isw .q{stroke-width:1.5;stroke-linecap:round;stroke-dasharray:.1 3.4}"
    ".isw .i{fill:#1b1f24}.isw .I{stroke:#1b1f24}.isw .m{fill:#57606a}.isw .M{stroke:#8c959f}"
    ".isw .g{fill:#eceef1}.isw .G{stroke:#d9dde2}.isw .p{fill:#fff}.isw .P{stroke:#fff}"
    ".isw .w{fill:#fff}.isw .b{fill:#000}"
    "@supports (fill:var(--ink)){.isw .i{fill:var(--ink,#1b1f24)}.isw .I{stroke:var(--ink,#1b1f24)}"
    ".isw .m{fill:var(--muted,#57606a)}.isw .M{stroke:var(--muted,#8c959f)}"
    ".isw .g{fill:var(--grid,#eceef1)}.isw .G{stroke:var(--grid,#d9dde2)}"
    ".isw .p{fill:var(--paper,#fff)}.isw .P{stroke:var(--paper,#fff)}}";

// What an id may hold, so that url(#id) finds it.
std::string id_text(std::string_view text) {
  std::string id = "isw-";
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    id += is_plain ? c : '-';
  }
  return id;
}

void add_lines(Sheet& sheet, std::string_view content, double font_size, double line_height,
               std::string_view attributes) {
  static constexpr double kSafety = 0.95;  // for fonts wider than expected
  for (const std::string& words : wrapped(content, kSafety * (sheet.width - 2 * kMargin), font_size)) {
    sheet.y += line_height;
    sheet.body += text(kMargin, sheet.y, words, attributes);
  }
}

}  // namespace

std::string pixels(double value) {
  if (!std::isfinite(value)) return "0";
  const double tenths = std::clamp(std::round(value * 10), -1e9, 1e9);
  const auto whole = static_cast<long long>(tenths);
  std::string text = whole < 0 ? "-" : "";
  const long long size = whole < 0 ? -whole : whole;
  if (size >= 10 || size % 10 == 0) text += std::to_string(size / 10);
  if (size % 10 != 0) text += '.' + std::to_string(size % 10);
  return text;
}

std::string with(std::string_view name, double value) { return with(name, pixels(value)); }
std::string with(std::string_view name, std::string_view value) {
  return ' ' + std::string(name) + "=\"" + std::string(value) + '"';
}

std::string title_element(std::string_view tip) { return tip.empty() ? "" : "<title>" + xml_text(tip) + "</title>"; }

std::string rect(const Box& box, std::string_view attributes, std::string_view tip) {
  std::string element = "<rect" + with("x", box.x) + with("y", box.y) + with("width", std::max(box.width, 0.0)) +
                        with("height", std::max(box.height, 0.0)) + std::string(attributes);
  return element + (tip.empty() ? "/>" : ">" + title_element(tip) + "</rect>");
}

std::string line(double x1, double y1, double x2, double y2, std::string_view attributes) {
  return "<path" + with("d", "M" + pixels(x1) + ' ' + pixels(y1) + 'L' + pixels(x2) + ' ' + pixels(y2)) +
         std::string(attributes) + "/>";
}

std::string text(double x, double y, std::string_view content, std::string_view attributes) {
  if (content.empty()) return {};
  return "<text" + with("x", x) + with("y", y) + std::string(attributes) + '>' + xml_text(content) + "</text>";
}

std::string group(std::string_view attributes, std::string_view inner) {
  return "<g" + std::string(attributes) + '>' + std::string(inner) + "</g>";
}

Sheet sheet_with(const Heading& heading, double width, std::size_t view, std::string_view view_name) {
  Sheet sheet;
  sheet.id = id_text(heading.id + '-' + std::to_string(view));
  sheet.width = width;
  std::string title = heading.title;
  if (!view_name.empty()) title += " – " + std::string(view_name);
  sheet.definitions = "<title" + with("id", sheet.id + "-title") + '>' + xml_text(title) + "</title><desc" +
                      with("id", sheet.id + "-desc") + '>' + xml_text(heading.note) + "</desc><style>" +
                      std::string(kStyle) + "</style>";
  sheet.y = 10;
  if (!heading.is_drawn) return sheet;
  add_lines(sheet, title, kTitleSize, 21, with("class", "i t"));
  sheet.y += 3;
  if (!heading.note.empty()) add_lines(sheet, heading.note, kBodySize, kLineHeight, with("class", "m"));
  sheet.y += 12;
  return sheet;
}

std::string finished(const Sheet& sheet) {
  const double height = sheet.y + kMargin;
  return "<svg xmlns=\"http://www.w3.org/2000/svg\"" +
         with("viewBox", "0 0 " + pixels(sheet.width) + ' ' + pixels(height)) + with("width", sheet.width) +
         with("height", height) + with("role", "img") +
         with("aria-labelledby", sheet.id + "-title " + sheet.id + "-desc") + with("class", "isw") + ">" +
         sheet.definitions + rect({0, 0, sheet.width, height}, with("class", "p")) + sheet.body + "</svg>\n";
}

void say_nothing_to_show(Sheet& sheet) {
  sheet.y += kLineHeight;
  sheet.body += text(kMargin, sheet.y, "Nothing to show.", with("class", "i"));
}

void add_legend(Sheet& sheet, std::string_view title, const std::vector<LegendEntry>& entries) {
  if (entries.empty()) return;
  static constexpr double kGap = 18, kSampleGap = 6;
  const double right = sheet.width - kMargin;
  double x = kMargin, y = sheet.y;
  if (!title.empty()) {
    const std::string shown = shortened(title, right - x, kBodySize);
    sheet.body += text(x, y + 10.5, shown, with("class", "m"));
    x += text_width(shown, kBodySize) + kGap - 6;
  }
  for (const LegendEntry& entry : entries) {
    const std::string label = shortened(entry.label, right - kMargin - kSampleWidth - kSampleGap, kBodySize);
    const double width = kSampleWidth + kSampleGap + text_width(label, kBodySize);
    if (x + width > right && x > kMargin) {
      x = kMargin;
      y += kLineHeight + 2;
    }
    sheet.body += group(with("transform", "translate(" + pixels(x) + ' ' + pixels(y) + ')'),
                        entry.sample + text(kSampleWidth + kSampleGap, 10.5, label, with("class", "i")));
    x += width + kGap;
  }
  sheet.y = y + kSampleHeight + 10;
}

std::string category_fill(const Sheet& sheet, std::size_t i) {
  if (i == 0) return with("fill", hex_text(category_color(0)));
  return with("fill", "url(#" + sheet.id + "-c" + std::to_string(i) + ')');
}

void define_categories(Sheet& sheet, std::size_t n) {
  static constexpr std::string_view kStripes[] = {"M0 6L6 0M-1 1L1 -1M5 7L7 5", "M0 0L6 6M-1 5L1 7M5 -1L7 1",
                                                  "M0 1.5H6M0 4.5H6", "M1.5 0V6M4.5 0V6"};
  sheet.definitions += "<defs>";
  for (std::size_t i = 1; i < n; ++i)
    sheet.definitions += "<pattern" + with("id", sheet.id + "-c" + std::to_string(i)) + with("width", "6") +
                         with("height", "6") + with("patternUnits", "userSpaceOnUse") + ">" +
                         rect({0, 0, 6, 6}, with("fill", hex_text(category_color(i)))) + "<path" +
                         with("d", kStripes[(i - 1) % std::size(kStripes)]) + with("stroke", "#fff") +
                         with("stroke-opacity", ".55") + with("stroke-width", "1.2") + "/></pattern>";
  sheet.definitions += "</defs>";
}

}  // namespace initsweep
