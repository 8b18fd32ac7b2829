#include "initsweep/diagnostic.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace initsweep {
namespace {

// Bytes of the UTF-8 sequence that starts at text[i]; 0 if there is no valid one.
std::size_t utf8_length(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned char lead = byte(i);
  if (lead < 0x80) return 1;
  const std::size_t n = lead >= 0xC2 && lead <= 0xDF   ? 2
                        : lead >= 0xE0 && lead <= 0xEF ? 3
                        : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                       : 0;
  if (n == 0 || i + n > text.size()) return 0;
  for (std::size_t k = 1; k < n; ++k)
    if ((byte(i + k) & 0xC0) != 0x80) return 0;
  if ((lead == 0xE0 && byte(i + 1) < 0xA0) || (lead == 0xED && byte(i + 1) > 0x9F) ||
      (lead == 0xF0 && byte(i + 1) < 0x90) || (lead == 0xF4 && byte(i + 1) > 0x8F))
    return 0;
  return n;
}

std::string escaped(unsigned char byte) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  return {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
}

// One cell per character of the line, as it will be printed: a tab is one space, so that the caret keeps its place.
std::vector<std::string> printed_characters(std::string_view line) {
  std::vector<std::string> characters;
  for (std::size_t i = 0; i < line.size();) {
    const std::size_t n = utf8_length(line, i);
    const auto byte = static_cast<unsigned char>(line[i]);
    if (line[i] == '\t')
      characters.emplace_back(" ");
    else if (n == 0 || byte < 0x20 || byte == 0x7F)
      characters.push_back(escaped(byte));
    else
      characters.emplace_back(line.substr(i, n));
    i += std::max<std::size_t>(n, 1);
  }
  return characters;
}

constexpr std::size_t kLongestLine = 160;

std::string source_excerpt(const Diagnostic& diagnostic) {
  const std::vector<std::string> characters = printed_characters(diagnostic.source_line);
  const auto caret = static_cast<std::size_t>(std::max(diagnostic.where.column - 1, 0));
  std::size_t first = 0;
  std::size_t last = characters.size();
  if (last > kLongestLine) {
    first = caret > kLongestLine / 2 ? caret - kLongestLine / 2 : 0;
    first = std::min(first, last - kLongestLine);
    last = first + kLongestLine;
  }
  const std::string number = std::to_string(diagnostic.where.line);
  const std::string margin(number.size() < 5 ? 5 - number.size() : 0, ' ');
  std::string line = margin + number + " | ";
  std::string marks(margin.size() + number.size() + 1, ' ');
  marks += "| ";
  for (std::size_t i = first; i < last; ++i) {
    line += characters[i];
    if (i < caret) marks += std::string(characters[i].size() > 3 && characters[i][0] == '\\' ? 4 : 1, ' ');
  }
  if (first > 0) line.replace(margin.size() + number.size() + 3, characters[first].size(), "…");
  if (last < characters.size()) line += "…";
  const std::size_t underlined = std::min<std::size_t>(static_cast<std::size_t>(std::max(diagnostic.where.length, 1)),
                                                       std::max<std::size_t>(last > caret ? last - caret : 1, 1));
  marks += '^' + std::string(underlined - 1, '~');
  return line + '\n' + marks + '\n';
}

// Edit distance with adjacent swaps (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + cost});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before = row;
    row = next;
  }
  return row[b.size()];
}

}  // namespace

std::string format(const Diagnostic& diagnostic) {
  std::string text = printable(diagnostic.file);
  if (diagnostic.where.line > 0)
    text += ':' + std::to_string(diagnostic.where.line) + ':' + std::to_string(diagnostic.where.column);
  text += diagnostic.severity == Severity::error ? ": error: " : ": warning: ";
  text += printable(diagnostic.message) + '\n';
  if (!diagnostic.source_line.empty()) text += source_excerpt(diagnostic);
  for (const std::string& note : diagnostic.notes) text += "  " + printable(note) + '\n';
  return text;
}

std::string format(std::span<const Diagnostic> diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) text += format(diagnostic);
  return text;
}

std::optional<std::string_view> nearest_name(std::string_view name, std::span<const std::string_view> candidates) {
  static constexpr std::size_t kLongestName = 64;  // longer ones are no slip of the finger
  if (name.size() > kLongestName) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string joined(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

std::string printable(std::string_view text) {
  std::string safe;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t n = utf8_length(text, i);
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool control =
        byte < 0x20 || byte == 0x7F || (n == 2 && byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0);
    if (n == 0 || control) {
      safe += escaped(byte);
      ++i;
    } else {
      safe += text.substr(i, n);
      i += n;
    }
  }
  return safe;
}

}  // namespace initsweep
