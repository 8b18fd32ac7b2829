// Heat maps: panels side by side in as many rows as it takes, each with the same squares.
//
// The largest squares are taken with which the picture still fits a screen or a page: with text in them, with smaller
// text, with signs only, and at last as small as the width asks for.
#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>

#include "initsweep/diagnostic.hpp"
#include "palette.hpp"
#include "plot_scale.hpp"
#include "svg_pictures.hpp"
#include "svg_sheet.hpp"
#include "text_width.hpp"
#include "utf8.hpp"

namespace initsweep {
namespace {

constexpr double kPanelGap = 20, kPanelTitle = 20, kLabelGap = 8, kWidestLabel = 300, kWidestTurnedLabel = 130;
// Degrees, of labels that are too wide for their column.
constexpr double kTurn = 40, kTurnCos = 0.766, kTurnSin = 0.643;

// The sign of a category: its first letter; its number where two begin alike.
std::string category_sign(const std::vector<std::string>& categories, std::size_t i) {
  const auto first_letter = [](const std::string& name) {
    std::string letter(name.substr(0, name.empty() ? 0 : utf8_character(name, 0).length));
    if (letter.size() == 1 && letter[0] >= 'a' && letter[0] <= 'z')
      letter[0] = static_cast<char>(letter[0] - 'a' + 'A');
    return letter;
  };
  const std::string sign = first_letter(categories[i]);
  const auto n = std::count_if(categories.begin(), categories.end(),
                               [&](const std::string& name) { return first_letter(name) == sign; });
  return sign.empty() || n > 1 ? std::to_string(i + 1) : sign;
}

// What is written in a square that has room for text, or only for a sign.
std::string square_text(const HeatMap& map, const HeatCell& cell, bool has_room) {
  std::string content;
  if (!map.color.categories.empty() && color_of(map.color, cell.value))
    content = category_sign(map.color.categories, static_cast<std::size_t>(cell.value));
  else if (has_room)
    content = cell.text;
  if (cell.mark.empty() || content == cell.mark) return content;
  return content.empty() || !has_room ? cell.mark : content + ' ' + cell.mark;
}

// How large everything is.
struct Layout {
  double cell_width = 0, cell_height = 0, font_size = 0;
  bool has_text = false;
  bool turns_x = false;                            // labels below the panels
  double left = 0, below = 0;                      // for labels
  std::size_t across = 1, down = 1;                // panels
  double panel_width = 0, panel_height = 0;        // squares only
  std::size_t x_label_step = 1, y_label_step = 1;  // each n-th is shown
  [[nodiscard]] double row_height() const { return kPanelTitle + panel_height + below; }
  [[nodiscard]] double height() const { return static_cast<double>(down) * (row_height() + kPanelGap); }
};

double widest(const std::vector<std::string>& labels, double font_size) {
  double width = 0;
  for (const std::string& label : labels) width = std::max(width, text_width(printable(label), font_size));
  return width;
}

double widest_text(const HeatMap& map, double font_size) {
  double width = 0;
  for (const HeatCell& cell : map.cells)
    width = std::max(width, text_width(printable(square_text(map, cell, true)), font_size));
  return width;
}

struct SquareSize {
  double width, height, font_size;
  bool has_text;
};

Layout laid_out(const HeatMap& map, const SquareSize& square) {
  Layout layout;
  layout.font_size = square.font_size;
  layout.has_text = square.has_text;
  layout.cell_width = square.width;
  layout.cell_height = square.height;
  const double n_x = static_cast<double>(map.x.size()), n_y = static_cast<double>(map.y.size());
  const double x_label = std::min(widest(map.x, kBodySize), kWidestTurnedLabel);
  const double x_title = text_width(printable(map.x_title), kBodySize);

  double labels = std::max(widest(map.y, kBodySize), text_width(printable(map.y_title), kBodySize));
  // Text that is nearly as narrow as its label is wide gets a wider square, rather than a turned label.
  const double straight = x_label + 8;
  layout.turns_x = straight > std::max(square.width, square.has_text ? 62.0 : 0.0);
  if (!layout.turns_x && square.has_text) layout.cell_width = std::max(layout.cell_width, straight);
  if (!layout.turns_x) labels = std::max(labels, x_title);
  if (layout.turns_x) labels = std::max(labels, x_label * kTurnCos - layout.cell_width / 2 - kLabelGap);
  layout.left = kMargin + std::min(labels, kWidestLabel) + kLabelGap;
  layout.below = layout.turns_x ? 12 + x_label * kTurnSin + (map.x_title.empty() ? 0 : 18) : 20;

  const double room = kSheetWidth - kMargin - layout.left;
  layout.cell_width = std::min(layout.cell_width, room / n_x);
  const auto fit = static_cast<std::size_t>((room + kPanelGap) / (layout.cell_width * n_x + kPanelGap));
  const std::size_t n = map.panels.size();
  layout.down = (n + std::max<std::size_t>(fit, 1) - 1) / std::max<std::size_t>(fit, 1);
  layout.across = (n + layout.down - 1) / layout.down;
  if (square.has_text) {
    const auto across = static_cast<double>(layout.across);
    layout.cell_width = std::clamp((room - (across - 1) * kPanelGap) / across / n_x, layout.cell_width,
                                   std::max(layout.cell_width, 60.0));
  }
  layout.panel_width = layout.cell_width * n_x;
  layout.panel_height = layout.cell_height * n_y;
  const double x_pitch = layout.turns_x ? 17 : straight;
  layout.x_label_step = static_cast<std::size_t>(std::max(1.0, std::ceil(x_pitch / layout.cell_width - 1e-9)));
  layout.y_label_step = static_cast<std::size_t>(std::max(1.0, std::ceil(12 / layout.cell_height)));
  return layout;
}

Layout layout_of(const HeatMap& map) {
  struct Candidate {
    SquareSize square;
    double most_height;
  };
  const std::array<Candidate, 4> candidates = {
      {{{std::max(widest_text(map, kSmallSize) + 10, 28.0), 28, kSmallSize, true}, 1100},
       {{std::max(widest_text(map, 10) + 5, 20.0), 19, 10, true}, 1300},
       {{15, 15, kSmallSize, false}, 1500},
       {{9, 9, 9, false}, 0}}};
  const double n_x = static_cast<double>(map.x.size());
  Layout layout;
  for (const Candidate& candidate : candidates) {
    layout = laid_out(map, candidate.square);
    if (layout.cell_width + 0.1 >= candidate.square.width && layout.height() <= candidate.most_height) return layout;
  }
  // The last one: square if it can be, but never so flat that rows vanish.
  layout.cell_height = std::clamp(layout.panel_width / n_x, 4.0, layout.cell_height);
  layout.panel_height = layout.cell_height * static_cast<double>(map.y.size());
  layout.y_label_step = static_cast<std::size_t>(std::ceil(12 / layout.cell_height));
  return layout;
}

std::string square(const HeatMap& map, const Layout& layout, const HeatCell& cell, double left, double top,
                   const std::string& hatch) {
  const double gap = layout.cell_width < 6 ? 0 : 1;
  const Box box = {left + static_cast<double>(cell.x) * layout.cell_width,
                   top + static_cast<double>(cell.y) * layout.cell_height, layout.cell_width - gap,
                   layout.cell_height - gap};
  const std::optional<Rgb> color = color_of(map.color, cell.value);
  const std::string fill = color ? with("fill", hex_text(*color)) : with("fill", "url(#" + hatch + ')');
  const std::string content = square_text(map, cell, layout.has_text);
  if (content.empty() || text_width(printable(content), layout.font_size) > layout.cell_width)
    return rect(box, fill, cell.tip);
  const std::string_view ink = !color ? "i o" : wants_black(*color) ? "b" : "w";
  return group({}, title_element(cell.tip) + rect(box, fill) +
                       text(box.x + box.width / 2, box.y + box.height / 2 + layout.font_size * 0.36, content,
                            with("class", ink)));
}

std::string x_labels(const HeatMap& map, const Layout& layout, double left, double top) {
  std::string labels;
  for (std::size_t x = 0; x < map.x.size(); x += layout.x_label_step) {
    const double middle = left + (static_cast<double>(x) + 0.5) * layout.cell_width;
    if (!layout.turns_x) {
      labels += text(middle, top + 14, map.x[x]);
      continue;
    }
    const std::string label = shortened(map.x[x], kWidestTurnedLabel, kBodySize);
    labels += text(0, 0, label,
                   with("transform", "translate(" + pixels(middle + 3) + ' ' + pixels(top + 10) + ")rotate(-" +
                                         pixels(kTurn) + ')'));
  }
  return group(with("class", layout.turns_x ? "i e" : "i c"), labels);
}

std::string y_labels(const HeatMap& map, const Layout& layout, double top) {
  std::string labels;
  for (std::size_t y = 0; y < map.y.size(); y += layout.y_label_step)
    labels += text(layout.left - kLabelGap, top + (static_cast<double>(y) + 0.5) * layout.cell_height + 4,
                   shortened(map.y[y], kWidestLabel, kBodySize));
  return group(with("class", layout.cell_height < 13 ? "i e s" : "i e"), labels);
}

constexpr std::string_view kBoundaryHalo = "P", kBoundaryInk = "I";  // classes of the line's two strokes

std::string boundary_stroke(const std::string& d, std::string_view ink, double width) {
  return "<path" + with("d", d) + with("class", ink) + with("fill", "none") + with("stroke-width", width) +
         with("stroke-linecap", "square") + "/>";
}

// Dark on light or light on dark, in a seam of the paper's colour, so that it is seen on squares of any colour.
std::string boundary_line(const std::string& d, bool is_thin) {
  return boundary_stroke(d, kBoundaryHalo, is_thin ? 3.5 : 6) + boundary_stroke(d, kBoundaryInk, is_thin ? 1.5 : 2.6);
}

std::string boundary(std::span<const HeatEdge> edges, std::size_t panel, const Layout& layout, double left,
                     double top) {
  std::string d;
  const double seam = layout.cell_width < 6 ? 0 : 0.5;  // squares have a gap of one
  for (const HeatEdge& edge : edges) {
    if (edge.panel != panel) continue;
    const double x = left + static_cast<double>(edge.x) * layout.cell_width - seam;
    const double y = top + static_cast<double>(edge.y) * layout.cell_height - seam;
    if (edge.is_right)
      d += 'M' + pixels(x + layout.cell_width) + ' ' + pixels(y) + 'v' + pixels(layout.cell_height);
    else
      d += 'M' + pixels(x) + ' ' + pixels(y + layout.cell_height) + 'h' + pixels(layout.cell_width);
  }
  return d.empty() ? d : boundary_line(d, layout.cell_width < 10);
}

void add_panels(Sheet& sheet, const HeatMap& map, const Layout& layout, const std::string& hatch) {
  std::vector<std::vector<const HeatCell*>> cells(map.panels.size());
  for (const HeatCell& cell : map.cells)
    if (cell.panel < cells.size()) cells[cell.panel].push_back(&cell);
  const std::vector<HeatEdge> edges = map.boundary.empty() ? std::vector<HeatEdge>() : boundary_of(map);
  for (std::size_t row = 0; row < layout.down; ++row) {
    const double top = sheet.y + kPanelTitle;
    const double bottom = top + layout.panel_height;
    sheet.body += text(layout.left - kLabelGap, top - 8, shortened(map.y_title, layout.left - kMargin, kBodySize),
                       with("class", "m e"));
    sheet.body += y_labels(map, layout, top);
    if (!layout.turns_x)
      sheet.body += text(layout.left - kLabelGap, bottom + 14, map.x_title, with("class", "m e"));
    else
      sheet.body += text(layout.left, bottom + layout.below - 4, map.x_title, with("class", "m"));
    for (std::size_t column = 0; column < layout.across; ++column) {
      const std::size_t panel = row * layout.across + column;
      if (panel >= map.panels.size()) break;
      const double left = layout.left + static_cast<double>(column) * (layout.panel_width + kPanelGap);
      std::string title = map.panel_title;
      if (!title.empty() && !map.panels[panel].empty()) title += ' ';
      title += map.panels[panel];
      sheet.body +=
          text(left, top - 8, shortened(title, layout.panel_width + kPanelGap - 6, kBodySize), with("class", "i o"));
      std::string inner;
      for (const HeatCell* cell : cells[panel]) inner += square(map, layout, *cell, left, top, hatch);
      sheet.body += group(with("class", "c") + with("font-size", layout.font_size), inner);
      sheet.body += boundary(edges, panel, layout, left, top);
      sheet.body += x_labels(map, layout, left, bottom);
    }
    sheet.y = bottom + layout.below + kPanelGap;
  }
  sheet.y -= kPanelGap;
}

// A bar from low to high with what its colours mean.
void add_color_bar(Sheet& sheet, const ColorScale& scale) {
  static constexpr double kWidth = 260, kHeight = 12;
  const std::string id = sheet.id + "-scale";
  std::string stops;
  for (int i = 0; i <= 16; ++i) {
    const double t = i / 16.0;
    stops += "<stop" + with("offset", pixels(t * 100) + '%') +
             with("stop-color", hex_text(scale.diverging ? red_white_blue(t) : viridis(t))) + "/>";
  }
  sheet.definitions += "<defs><linearGradient" + with("id", id) + ">" + stops + "</linearGradient></defs>";
  const std::string title = shortened(scale.title, sheet.width - 2 * kMargin - kWidth - 40, kBodySize);
  sheet.body += text(kMargin, sheet.y + 10.5, title, with("class", "m"));
  const double left = kMargin + (title.empty() ? 0 : text_width(title, kBodySize) + 16);
  sheet.body += rect({left, sheet.y, kWidth, kHeight}, with("fill", "url(#" + id + ')'));
  const PlotScale axis = plot_scale(scale.low, scale.high, scale.log, left, left + kWidth);
  std::string labels;
  for (const Tick& tick : ticks(axis, 6)) {
    const double x = position(axis, tick.value).value_or(left);
    sheet.body += line(x, sheet.y + kHeight, x, sheet.y + kHeight + 3, with("class", "M"));
    labels += text(x, sheet.y + kHeight + 14, tick.label);
  }
  sheet.body += group(with("class", "i c s"), labels);
  sheet.y += kHeight + 26;
}

void add_legends(Sheet& sheet, const HeatMap& map, const std::string& hatch) {
  const ColorScale& scale = map.color;
  const auto sign = [](const std::string& fill, std::string_view ink, const std::string& content) {
    return rect({0, 0, 24, 13}, fill) + text(12, 10.5, content, with("class", std::string(ink) + " c s"));
  };
  if (scale.categories.empty()) {
    add_color_bar(sheet, scale);
  } else {
    std::vector<LegendEntry> entries;
    for (std::size_t i = 0; i < scale.categories.size(); ++i) {
      const Rgb color = category_color(i);
      entries.push_back(
          {sign(with("fill", hex_text(color)), wants_black(color) ? "b" : "w", category_sign(scale.categories, i)),
           scale.categories[i]});
    }
    add_legend(sheet, scale.title, entries);
  }
  std::vector<LegendEntry> marks;
  for (const auto& [mark, meaning] : map.marks) marks.push_back({sign(with("class", "g"), "i o", mark), meaning});
  const bool has_holes = std::any_of(map.cells.begin(), map.cells.end(),
                                     [&](const HeatCell& cell) { return !color_of(scale, cell.value); });
  if (has_holes) marks.push_back({rect({0, 0, 24, 13}, with("fill", "url(#" + hatch + ')')), "no value"});
  if (!map.boundary.empty()) marks.push_back({boundary_line("M2 6.5H22", false), map.boundary});
  add_legend(sheet, {}, marks);
  sheet.y += 4;
}

}  // namespace

std::string heat_map_svg(const HeatMap& map) {
  Sheet sheet = sheet_with(map.heading);
  if (map.cells.empty() || map.x.empty() || map.y.empty() || map.panels.empty()) {
    say_nothing_to_show(sheet);
    return finished(sheet);
  }
  const std::string hatch = sheet.id + "-none";
  sheet.definitions += "<defs><pattern" + with("id", hatch) + with("width", "6") + with("height", "6") +
                       with("patternUnits", "userSpaceOnUse") + ">" + rect({0, 0, 6, 6}, with("class", "g")) + "<path" +
                       with("d", "M0 6L6 0M-1 1L1 -1M5 7L7 5") + with("class", "M") + with("stroke-width", ".7") +
                       "/></pattern></defs>";
  add_legends(sheet, map, hatch);
  add_panels(sheet, map, layout_of(map), hatch);
  return finished(sheet);
}

}  // namespace initsweep
