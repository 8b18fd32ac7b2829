// Text from outside as XML takes it.
#pragma once
#include <string>
#include <string_view>

namespace initsweep {

// For an element or an attribute, on one line. What XML 1.0, section 2.2, forbids is written out: "\x00", "\ufffe".
[[nodiscard]] std::string xml_text(std::string_view text);
// The same for an element's text of several lines; in an attribute a parser would make spaces of line feeds.
[[nodiscard]] std::string xml_lines(std::string_view text);

}  // namespace initsweep
