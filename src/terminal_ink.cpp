#include "terminal_ink.hpp"

#include <algorithm>

#include "initsweep/table.hpp"
#include "utf8.hpp"

namespace initsweep {
namespace {

constexpr std::array<std::string_view, kLevels> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::string_view kCharacters = ".:-=+*#@";
static_assert(kCharacters.size() == kLevels);

// Rec. 709, of what the colour cube and the greys of xterm are. (The first 16 colours are the user's.)
double luminance(int color) {
  if (color >= 232) return 8 + 10.0 * (color - 232);
  const auto part = [](int step) { return step == 0 ? 0.0 : 55.0 + 40 * step; };
  const int cube = color - 16;
  return 0.2126 * part(cube / 36) + 0.7152 * part(cube / 6 % 6) + 0.0722 * part(cube % 6);
}

}  // namespace

std::size_t level_of(double share) { return static_cast<std::size_t>(std::clamp(share * kLevels, 0.0, kLevels - 1.0)); }

std::string level_text(std::size_t level, std::size_t width, const ShowOptions& options) {
  if (options.color)
    return "\x1b[48;5;" + std::to_string(kLevelColors[level]) + 'm' + std::string(width, ' ') + "\x1b[0m";
  return repeated(options.utf8 ? kBlocks[level] : kCharacters.substr(level, 1), width);
}

std::string scale_text(std::string_view low, std::string_view high, const ShowOptions& options) {
  std::string text = "scale " + std::string(low) + ' ';
  const std::size_t wide = display_width(text) + 2 * kLevels + 1 + display_width(high);
  const std::size_t each = options.color && wide <= usable_width(options) ? 2 : 1;
  for (std::size_t level = 0; level < kLevels; ++level) text += level_text(level, each, options);
  return text + ' ' + std::string(high);
}

std::string on_color(int color, std::string_view text) {
  constexpr int kBlack = 16, kWhite = 231;
  const int ink = luminance(color) > 110 ? kBlack : kWhite;
  return "\x1b[48;5;" + std::to_string(color) + ";38;5;" + std::to_string(ink) + 'm' + std::string(text) + "\x1b[0m";
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

std::string padded(std::string text, std::size_t width) {
  text.append(width - std::min(width, display_width(text)), ' ');
  return text;
}

std::string right(std::string_view text, std::size_t width) {
  return std::string(width - std::min(width, display_width(text)), ' ').append(text);
}

std::string shortened(std::string_view text, std::size_t width, bool utf8) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::size_t end = 0;
  for (std::size_t i = 0; i + 1 < width; ++i) end += utf8_character(text, end).length;
  return std::string(text.substr(0, end)) + (utf8 ? "…" : "~");
}

std::string cut_line(std::string_view line, std::size_t columns) {
  if (display_width(line) <= columns) return std::string(line);
  std::string cut;
  bool has_color = false;
  for (std::size_t i = 0, width = 0; i < line.size();) {
    std::size_t length = utf8_character(line, i).length;
    if (line.substr(i).starts_with("\x1b[")) {
      length = std::min(line.find('m', i) + 1, line.size()) - i;
      has_color = true;
    } else if (++width > columns) {
      break;
    }
    cut += line.substr(i, length);
    i += length;
  }
  return has_color ? cut + "\x1b[0m" : cut;
}

}  // namespace initsweep
