// Whether text is XML, of the part that we write: elements with attributes in double quotes, text, four entities.
#pragma once
#include <algorithm>
#include <cstddef>
#include <regex>
#include <string>
#include <vector>

#include "utf8.hpp"

namespace initsweep {

inline bool has_known_entities(std::string text) {
  return text.find('<') == std::string::npos &&
         std::regex_replace(text, std::regex("&(amp|lt|gt|quot);"), "").find('&') == std::string::npos;
}

// What is wrong with it; "" for nothing.
inline std::string xml_fault(const std::string& xml) {
  for (std::size_t i = 0; i < xml.size();) {
    const Utf8Character character = utf8_character(xml, i);
    if (!character.value) return "no UTF-8 at " + std::to_string(i);
    if ((*character.value != '\n' && is_control(*character.value)) || *character.value == 0xFFFE ||
        *character.value == 0xFFFF)
      return "forbidden character at " + std::to_string(i);
    i += character.length;
  }
  const std::regex tag("^<(/?)([a-zA-Z]+)((?: [a-zA-Z:-]+=\"[^\"<]*\")*)(/?)>");
  std::vector<std::string> open;
  for (std::size_t i = 0; i < xml.size();) {
    const std::size_t next = std::min(xml.find('<', i), xml.size());
    const std::string between = xml.substr(i, next - i);
    if (!has_known_entities(between)) return "unknown entity in " + between;
    if (next == xml.size()) break;
    std::smatch match;
    if (!std::regex_search(xml.begin() + static_cast<std::ptrdiff_t>(next), xml.end(), match, tag))
      return "no tag: " + xml.substr(next, 80);
    if (!has_known_entities(match[3])) return "unknown entity in " + match.str();
    if (match[1].length() > 0) {
      if (open.empty() || open.back() != match[2]) return "not open: " + match.str();
      open.pop_back();
    } else if (match[4].length() == 0) {
      open.push_back(match[2]);
    }
    i = next + static_cast<std::size_t>(match.length());
  }
  return open.empty() ? "" : "still open: " + open.back();
}

}  // namespace initsweep
