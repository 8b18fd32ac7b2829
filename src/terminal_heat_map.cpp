// Heat maps of terminal_picture.hpp.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include "initsweep/number.hpp"
#include "initsweep/table.hpp"
#include "terminal_ink.hpp"

namespace initsweep {
namespace {

constexpr std::size_t kMostRows = 60;      // of a panel
constexpr std::size_t kMostPainted = 150;  // lines of all panels
constexpr std::size_t kGap = 2;            // between panels

// Orange is less, blue is more: told apart by all eyes. The middle is no change.
constexpr std::array<int, 9> kDivergingColors = {130, 173, 216, 223, 254, 153, 110, 67, 25};
// Of categories, the first one the good one (health: healthy, vanishing, saturated, dead, exploding).
constexpr std::array<int, 8> kCategoryColors = {36, 25, 178, 241, 160, 91, 138, 66};

constexpr std::pair<std::string_view, std::string_view> kAsciiSigns[] = {
    {"×", "x"}, {"†", "d"}, {"…", "."}, {"▼", "v"}, {"·", ","}};

std::string sign(const std::string& mark, const ShowOptions& options) {
  if (options.utf8) return mark;
  for (const auto& [utf8, ascii] : kAsciiSigns)
    if (mark == utf8) return std::string(ascii);
  return display_width(mark) == mark.size() ? mark : "?";
}

// What a terminal without UTF-8 makes of the few characters that titles have.
std::string plain(std::string text, const ShowOptions& options) {
  if (options.utf8) return text;
  for (const auto& [utf8, ascii] : kAsciiSigns)
    for (std::size_t at = text.find(utf8); at != std::string::npos; at = text.find(utf8))
      text.replace(at, utf8.size(), ascii);
  return text;
}

// The fewest letters, the same number for all, that tell the words apart.
std::vector<std::string> first_letters(const std::vector<std::string>& words) {
  for (std::size_t n = 1;; ++n) {
    std::vector<std::string> letters;
    std::size_t longest = 0;
    for (const std::string& word : words) {
      letters.push_back(word.substr(0, n));
      longest = std::max(longest, word.size());
    }
    std::vector<std::string> sorted = letters;
    std::sort(sorted.begin(), sorted.end());
    if (n >= longest || std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end()) return letters;
  }
}

// "0.93" as ".93", "-0.021" as "-.021", "1.00" as "1.0".
std::string brief_number(std::string text) {
  const std::size_t digit = text.find_first_not_of("+-");
  const std::size_t point = text.find('.');
  if (digit == std::string::npos || point != digit + 1) return text;
  if (text[digit] == '0')
    text.erase(digit, 1);
  else
    text.pop_back();
  return text;
}

// Where a value is on its scale: 0 at the low end, 1 at the high one.
double share_of(const ColorScale& scale, double value) {
  if (!scale.log) return scale.high > scale.low ? (value - scale.low) / (scale.high - scale.low) : 0;
  if (value <= 0 || scale.low <= 0 || scale.high <= scale.low) return 0;
  return std::log(value / scale.low) / std::log(scale.high / scale.low);
}

// Columns of one panel, as many as fit beside each other.
struct Block {
  std::size_t panel = 0, first = 0, last = 0;  // columns [first, last)
};

// How wide everything is: decided once, the same for all panels.
struct Layout {
  std::size_t label = 0;  // of rows
  std::size_t pitch = 0;  // of columns
  std::size_t number = 0, mark = 0;
  bool is_brief = false;    // numbers
  std::size_t columns = 0;  // of a block
};

class Painter {
 public:
  Painter(const HeatMap& map, const ShowOptions& options)
      : map_(map), options_(options), letters_(first_letters(map.color.categories)) {
    for (const HeatCell& cell : map.cells) squares_[{cell.panel, cell.y, cell.x}] = &cell;
    lay_out();
  }

  [[nodiscard]] std::string text() {
    std::string text = title();
    std::size_t n_lines = 0, n_left_out = 0;
    for (std::vector<Block>& band : bands()) {
      const std::string painted = painted_band(band);
      n_lines += static_cast<std::size_t>(std::count(painted.begin(), painted.end(), '\n'));
      if (n_lines > kMostPainted && text.size() > title().size())
        n_left_out += band.size();
      else
        text += painted;
    }
    if (n_left_out > 0)
      text += "and " + std::to_string(n_left_out) + " more panels: --filter and --by show a part, --format csv all\n";
    return text + legend();
  }

 private:
  [[nodiscard]] bool is_categorical() const { return !map_.color.categories.empty(); }
  [[nodiscard]] bool has_block() const { return !options_.color && !is_categorical(); }

  [[nodiscard]] const HeatCell* square(std::size_t panel, std::size_t y, std::size_t x) const {
    const auto found = squares_.find({panel, y, x});
    return found == squares_.end() ? nullptr : found->second;
  }

  [[nodiscard]] std::size_t category(const HeatCell& cell) const {
    return std::min(static_cast<std::size_t>(std::max(cell.value, 0.0)), map_.color.categories.size() - 1);
  }

  [[nodiscard]] std::string number_of(const HeatCell& cell, bool brief) const {
    if (!std::isfinite(cell.value)) return {};
    if (is_categorical()) return letters_[category(cell)];
    return brief ? brief_number(cell.text) : cell.text;
  }

  [[nodiscard]] std::size_t widest_number(bool brief) const {
    std::size_t widest = 0;
    for (const HeatCell& cell : map_.cells) widest = std::max(widest, display_width(number_of(cell, brief)));
    return widest;
  }

  static std::size_t longest(const std::vector<std::string>& labels) {
    std::size_t longest = 0;
    for (const std::string& label : labels) longest = std::max(longest, display_width(label));
    return longest;
  }

  // First with room for labels and numbers as they are, then with less and less of it.
  void lay_out() {
    const std::size_t width = usable_width(options_);
    const bool has_marks =
        std::any_of(map_.cells.begin(), map_.cells.end(), [](const HeatCell& cell) { return !cell.mark.empty(); });
    layout_.mark = has_marks ? 1 : 0;
    layout_.number = widest_number(false);
    const auto narrowest = [&] { return 1 + (has_block() ? 2 : 0) + layout_.number + layout_.mark; };
    const auto room = [&] { return width - std::min(width, layout_.label + 1); };
    const std::size_t n = map_.x.size();
    const std::size_t comfortable = std::max(narrowest() + (has_marks ? 0 : 1), 1 + longest(map_.x));
    const std::size_t title = map_.y.size() > 1 ? display_width(map_.y_title) : 0;
    layout_.pitch = comfortable;
    layout_.label = std::max(longest(map_.y), title);
    if (!has_limit(options_)) {  // nothing is shortened; columns that are too many are another block
      if (n * layout_.pitch > room()) layout_.pitch = std::max(narrowest(), 1 + longest(map_.x));
      layout_.columns = std::clamp<std::size_t>(room() / layout_.pitch, 1, n);
      return;
    }
    if (n * layout_.pitch > room()) layout_.label = std::max(longest(map_.y), std::min(longest(map_.y) + 4, title));
    layout_.label = std::min(layout_.label, std::max<std::size_t>(width / 2, 8));
    if (n * layout_.pitch > room()) layout_.pitch = std::clamp(room() / n, narrowest(), layout_.pitch);
    if (n * layout_.pitch > room() && !is_categorical()) {
      layout_.is_brief = true;
      layout_.number = widest_number(true);
      layout_.pitch = std::clamp(room() / n, narrowest(), layout_.pitch);
    }
    if (layout_.pitch > room()) {        // not one column: then the labels give way
      constexpr std::size_t kLeast = 3;  // "he…"
      layout_.label = std::max(std::min(layout_.label, kLeast), width - std::min(width, layout_.pitch + 1));
    }
    layout_.columns = std::clamp<std::size_t>(room() / layout_.pitch, 1, n);
    layout_.pitch = std::clamp(room() / layout_.columns, layout_.pitch, std::max(comfortable, layout_.pitch));
  }

  [[nodiscard]] std::vector<std::vector<Block>> bands() const {
    std::vector<std::vector<Block>> bands;
    const std::size_t width = usable_width(options_);
    std::size_t taken = width;  // by the band that is being filled
    for (std::size_t panel = 0; panel < map_.panels.size(); ++panel) {
      for (std::size_t first = 0; first < map_.x.size(); first += layout_.columns) {
        const Block block{panel, first, std::min(first + layout_.columns, map_.x.size())};
        const std::size_t needed = kGap + block_width(block);
        if (bands.empty() || taken + needed > width) {
          bands.emplace_back();
          taken = layout_.label + 1 - kGap;
        }
        bands.back().push_back(block);
        taken += needed;
      }
    }
    return bands;
  }

  [[nodiscard]] std::size_t block_width(const Block& block) const {
    const std::size_t squares = (block.last - block.first) * layout_.pitch;
    const std::size_t label = display_width(panel_label(block.panel)) + 1;
    if (!has_limit(options_)) return std::max(squares, label);
    return std::max(squares, std::min(label, options_.width - std::min(options_.width, layout_.label + 1)));
  }

  [[nodiscard]] std::string panel_label(std::size_t panel) const {
    const std::string& label = map_.panels[panel];
    if (label.empty() || map_.panel_title.empty()) return plain(label, options_);
    return plain(map_.panel_title + ' ' + label, options_);
  }

  [[nodiscard]] std::string painted_band(const std::vector<Block>& band) const {
    std::string text = heading(
        band, [&](const Block& block) { return ' ' + panel_label(block.panel); }, "");
    text += heading(
        band,
        [&](const Block& block) {
          std::string labels;
          for (std::size_t x = block.first; x < block.last; ++x)
            labels += padded(' ' + shortened(map_.x[x].empty() && map_.x.size() > 1 ? kNothing : map_.x[x],
                                             layout_.pitch - 1, options_.utf8),
                             layout_.pitch);
          return labels;
        },
        map_.y.size() > 1 ? map_.y_title : "");
    std::size_t n_rows = 0;
    for (std::size_t y = 0; y < map_.y.size(); ++y) {
      const bool is_empty = std::none_of(band.begin(), band.end(), [&](const Block& block) {
        for (std::size_t x = block.first; x < block.last; ++x)
          if (square(block.panel, y, x) != nullptr) return true;
        return false;
      });
      if (!is_empty && ++n_rows <= kMostRows) text += row(band, y);
    }
    if (n_rows > kMostRows) text += "and " + std::to_string(n_rows - kMostRows) + " more rows\n";
    return text;
  }

  // A line above the squares; none where it would be empty.
  template <class LabelOf>
  [[nodiscard]] std::string heading(const std::vector<Block>& band, const LabelOf& label_of,
                                    const std::string& corner) const {
    std::string text = padded(shortened(corner, layout_.label, options_.utf8), layout_.label + 1);
    for (const Block& block : band) {
      const std::size_t width = block_width(block);
      text += padded(shortened(label_of(block), width, options_.utf8), width + kGap);
    }
    return without_end(text);
  }

  [[nodiscard]] std::string row(const std::vector<Block>& band, std::size_t y) const {
    const std::string& label = map_.y[y].empty() && map_.y.size() > 1 ? kNothing : map_.y[y];
    std::string text = padded(shortened(label, layout_.label, options_.utf8), layout_.label + 1);
    for (const Block& block : band) {
      std::string squares;
      for (std::size_t x = block.first; x < block.last; ++x) squares += painted(square(block.panel, y, x));
      text += padded(squares, block_width(block) + kGap);
    }
    return without_end(text);
  }

  [[nodiscard]] std::string painted(const HeatCell* cell) const {
    if (cell == nullptr) return std::string(layout_.pitch, ' ');
    std::string text = " ";
    if (has_block()) text += std::isfinite(cell->value) ? level_text(level(*cell), 1, options_) + ' ' : "  ";
    text += right(number_of(*cell, layout_.is_brief), layout_.number) + sign(cell->mark, options_);
    text = padded(text, layout_.pitch);
    return options_.color && std::isfinite(cell->value) ? on_color(color(*cell), text) : text;
  }

  [[nodiscard]] double share(const HeatCell& cell) const { return share_of(map_.color, cell.value); }
  // Of a block: its height is the size of a change, whose sign is with the number.
  [[nodiscard]] std::size_t level(const HeatCell& cell) const {
    return level_of(map_.color.diverging ? std::abs(2 * share(cell) - 1) : share(cell));
  }
  [[nodiscard]] int color(const HeatCell& cell) const {
    if (is_categorical()) return kCategoryColors[category(cell) % kCategoryColors.size()];
    if (!map_.color.diverging) return kLevelColors[level_of(share(cell))];
    constexpr double kLast = kDivergingColors.size() - 1;
    return kDivergingColors[static_cast<std::size_t>(std::clamp(std::round(share(cell) * kLast), 0.0, kLast))];
  }

  [[nodiscard]] std::string title() const {
    std::string title = map_.heading.title;
    if (!map_.color.title.empty()) title += (title.empty() ? "" : " ") + map_.color.title;
    if (!map_.x_title.empty() && map_.x.size() > 1) title += " by " + map_.x_title;
    return title.empty() ? "" : plain(title, options_) + '\n';
  }

  [[nodiscard]] std::string legend() const {
    std::string text;
    if (is_categorical()) {
      for (std::size_t i = 0; i < letters_.size(); ++i) {
        const std::string& name = map_.color.categories[i];
        if (std::none_of(map_.cells.begin(), map_.cells.end(),
                         [&](const HeatCell& cell) { return std::isfinite(cell.value) && category(cell) == i; }))
          continue;
        if (!text.empty()) text += options_.color ? " " : ", ";
        text += options_.color
                    ? on_color(kCategoryColors[i % kCategoryColors.size()], ' ' + letters_[i] + ' ' + name + ' ')
                    : letters_[i] + ' ' + name;
      }
      text += '\n';
    } else if (map_.color.diverging && options_.color) {
      text = "scale " + brief_text(map_.color.low) + ' ';
      for (const int color : kDivergingColors) text += on_color(color, "  ");
      text += " +" + brief_text(map_.color.high) + '\n';
    } else {
      const double low = map_.color.diverging ? 0 : map_.color.low;
      text = scale_text(brief_text(low), brief_text(map_.color.high), options_);
      if (map_.color.diverging) text += ", less or more";
      if (map_.color.log) text += ", logarithmic";
      text += '\n';
    }
    std::string marks;
    for (const auto& [mark, meaning] : map_.marks)
      marks += (marks.empty() ? "" : "; ") + sign(mark, options_) + ' ' + plain(meaning, options_);
    return marks.empty() ? text : text + marks + '\n';
  }

  // Without blanks at the end, nothing at all where there is nothing else.
  static std::string without_end(std::string line) {
    line.resize(line.find_last_not_of(' ') + 1);
    return line.empty() ? "" : line + '\n';
  }

  static inline const std::string kNothing = "none";  // as the gallery says
  const HeatMap& map_;
  const ShowOptions& options_;
  std::vector<std::string> letters_;                               // of categories
  std::map<std::array<std::size_t, 3>, const HeatCell*> squares_;  // by panel, y, x
  Layout layout_;
};

}  // namespace

std::string heat_map_text(const HeatMap& map, const ShowOptions& options) { return Painter(map, options).text(); }

}  // namespace initsweep
