// Colours that the colour-blind tell apart, and whether black or white can be read on them.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include "initsweep/picture.hpp"

namespace initsweep {

struct Rgb {
  int red = 0, green = 0, blue = 0;  // 0..255
  bool operator==(const Rgb&) const = default;
};
[[nodiscard]] std::string hex_text(Rgb color);  // "#440154"

// t in [0, 1], clamped.
[[nodiscard]] Rgb viridis(double t);
[[nodiscard]] Rgb red_white_blue(double t);  // 0.5 is neutral

// Of squares and bars: the i-th of eight, over again after the last.
[[nodiscard]] Rgb category_color(std::size_t i);
// Of lines on light or dark paper. None: that of the text.
inline constexpr std::size_t kLineColors = 8;
[[nodiscard]] std::optional<Rgb> line_color(std::size_t i);

// Where a value stands in a scale, 0 to 1, clamped; none for NaN and for what a logarithm does not take.
[[nodiscard]] std::optional<double> position_of(const ColorScale& scale, double value);
// Its colour. None: there is none to show.
[[nodiscard]] std::optional<Rgb> color_of(const ColorScale& scale, double value);

// Contrast of two colours as WCAG 2 defines it, 1 to 21.
[[nodiscard]] double contrast(Rgb a, Rgb b);
// Whether black is easier to read on it than white. The better one has at least 4.58: sqrt(21).
[[nodiscard]] bool wants_black(Rgb background);

}  // namespace initsweep
