// How wide text will be, as far as that can be said without its font.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace initsweep {

// In pixels, for text as printable() shows it. Rather too wide than too narrow.
[[nodiscard]] double text_width(std::string_view text, double font_size);
// Lines no wider than that, broken at spaces where there are some; one empty line for empty text.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, double width, double font_size);
// The text, or as much of it as fits, with "…".
[[nodiscard]] std::string shortened(std::string_view text, double width, double font_size);

}  // namespace initsweep
