// UTF-8 (RFC 3629), a character at a time.
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace initsweep {

struct Utf8Character {
  std::optional<char32_t> value;  // none where the bytes are no UTF-8
  std::size_t length = 1;         // bytes; of what is no UTF-8 one at a time
};
// What starts at text[i].
[[nodiscard]] Utf8Character utf8_character(std::string_view text, std::size_t i);

// C0, DEL and C1.
[[nodiscard]] constexpr bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

}  // namespace initsweep
