// What pictures in a terminal are made of: colours and blocks for levels of a scale, and text cut or filled to a width.
#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include "initsweep/terminal_picture.hpp"

namespace initsweep {

// From low to high: viridis in xterm's 256 colours, or blocks that grow.
inline constexpr std::size_t kLevels = 8;
inline constexpr std::array<int, kLevels> kLevelColors = {53, 55, 24, 30, 36, 77, 184, 227};
// Of a share of the scale, 0 at its low end and 1 at its high one; beyond them the nearest.
[[nodiscard]] std::size_t level_of(double share);
[[nodiscard]] std::string level_text(std::size_t level, std::size_t width, const ShowOptions& options);
// All of them in a row: "scale 0 ▁▂▃▄▅▆▇█ 1", each colour two columns wide where there is room.
[[nodiscard]] std::string scale_text(std::string_view low, std::string_view high, const ShowOptions& options);

// The text on a colour of the 256, in black or white, whichever is easier to read there.
[[nodiscard]] std::string on_color(int color, std::string_view text);

// What is put side by side fills this; without a limit as much as reads well, and words are whole, however wide.
inline constexpr std::size_t kWidthOfPipes = 100;
[[nodiscard]] inline bool has_limit(const ShowOptions& options) { return options.width > 0; }
[[nodiscard]] inline std::size_t usable_width(const ShowOptions& options) {
  return has_limit(options) ? options.width : kWidthOfPipes;
}
[[nodiscard]] std::string repeated(std::string_view text, std::size_t times);
[[nodiscard]] std::string padded(std::string text, std::size_t width);                     // blanks behind it
[[nodiscard]] std::string right(std::string_view text, std::size_t width);                 // blanks before it
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width, bool utf8);  // "glorot_no…"
// The first columns of a line with colours, as many as fit.
[[nodiscard]] std::string cut_line(std::string_view line, std::size_t columns);

}  // namespace initsweep
