#include "xml_text.hpp"

#include <optional>

#include "finding_text.hpp"
#include "initsweep/diagnostic.hpp"

namespace initsweep {

// printable_lines() has shown control characters and what is no UTF-8 as \xNN, but knows nothing of the last two.
std::string xml_lines(std::string_view text) {
  return replaced(printable_lines(text), [](char32_t c) -> std::optional<std::string_view> {
    switch (c) {
      case U'&': return "&amp;";
      case U'<': return "&lt;";
      case U'>': return "&gt;";  // for "]]>"
      case U'"': return "&quot;";
      case 0xFFFE: return "\\ufffe";
      case 0xFFFF: return "\\uffff";
      default: return std::nullopt;
    }
  });
}

std::string xml_text(std::string_view text) { return xml_lines(printable(text)); }

}  // namespace initsweep
