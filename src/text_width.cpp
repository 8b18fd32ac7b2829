#include "text_width.hpp"

#include <algorithm>
#include <cstddef>

#include "initsweep/diagnostic.hpp"
#include "utf8.hpp"

namespace initsweep {
namespace {

// In em: between Helvetica and DejaVu Sans, nearer to the latter.
double width_of(char32_t c) {
  if (c < 0x80) {
    const char letter = static_cast<char>(c);
    const auto is_in = [&](std::string_view letters) { return letters.find(letter) != std::string_view::npos; };
    if (is_in("ijlI.,:;'|!` ")) return 0.31;
    if (is_in("ftr()[]{}/\\-\"*")) return 0.38;
    if (is_in("mwMW@%")) return 0.9;
    if (letter >= 'A' && letter <= 'Z') return 0.67;
    return 0.59;
  }
  if (c == U'⁻' || (c >= 0x2070 && c <= 0x2079) || c == U'¹' || c == U'²' || c == U'³' || c == U'·') return 0.42;
  if (c >= 0x300 && c < 0x370) return 0;  // combining
  const bool is_wide = (c >= 0x1100 && c < 0x1160) || (c >= 0x2E80 && c < 0xA4D0) || (c >= 0xAC00 && c < 0xD7B0) ||
                       (c >= 0xF900 && c < 0xFB00) || (c >= 0xFE30 && c < 0xFE70) || (c >= 0xFF00 && c < 0xFFE7) ||
                       c >= 0x10000;
  return is_wide ? 1.05 : 0.75;
}

struct Fitting {
  std::size_t bytes = 0;  // of the longest beginning that is no wider
  double width = 0;
};
Fitting fitting(std::string_view text, double width, double font_size) {
  Fitting result;
  while (result.bytes < text.size()) {
    const Utf8Character character = utf8_character(text, result.bytes);
    const double next = result.width + width_of(character.value.value_or(U'?')) * font_size;
    if (next > width) break;
    result.width = next;
    result.bytes += character.length;
  }
  return result;
}

}  // namespace

double text_width(std::string_view text, double font_size) {
  double width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Character character = utf8_character(text, i);
    width += width_of(character.value.value_or(U'?')) * font_size;
    i += character.length;
  }
  return width;
}

std::vector<std::string> wrapped(std::string_view text, double width, double font_size) {
  const std::string shown = printable(text);
  std::string_view rest = shown;
  std::vector<std::string> lines;
  do {
    std::size_t end = fitting(rest, width, font_size).bytes;
    std::size_t next = end;
    if (end < rest.size()) {
      const std::size_t space = rest.rfind(' ', end);
      if (space != std::string_view::npos && space > 0) {
        end = space;
        next = space + 1;
      } else if (end == 0) {
        end = next = utf8_character(rest, 0).length;
      }
    }
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(next);
  } while (!rest.empty());
  return lines;
}

std::string shortened(std::string_view text, double width, double font_size) {
  std::string shown = printable(text);
  if (text_width(shown, font_size) <= width) return shown;
  const std::string_view dots = "…";
  const double left = width - text_width(dots, font_size);
  shown.resize(fitting(shown, left, font_size).bytes);
  return shown + std::string(dots);
}

}  // namespace initsweep
