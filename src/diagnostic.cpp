#include "initsweep/diagnostic.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "utf8.hpp"

namespace initsweep {
namespace {

// Characters that show as nothing and yet change what the others look like: they hide, join, or turn the writing
// direction around (Unicode's "format" characters, but for those of Arabic and Brahmi digits that have a shape, and the
// line and paragraph separators).
bool is_unseen(char32_t c) {
  return c == 0xAD || c == 0x61C || c == 0x180E || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

bool is_showable(const Utf8Character& character) {
  return character.value && !is_control(*character.value) && !is_unseen(*character.value);
}

std::string hexadecimal(char32_t value, int n_digits) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string digits;
  for (int shift = 4 * (n_digits - 1); shift >= 0; shift -= 4) digits += kHex[value >> shift & 15];
  return digits;
}

// \x1b for a byte, \u202e for a character beyond ASCII; above U+FFFF as two, which is how JSON writes it.
std::string escaped(const Utf8Character& character, char byte) {
  if (!character.value || *character.value < 0x20) return "\\x" + hexadecimal(static_cast<unsigned char>(byte), 2);
  const char32_t c = *character.value;
  if (c <= 0xFFFF) return "\\u" + hexadecimal(c, 4);
  return "\\u" + hexadecimal(0xD800 + ((c - 0x10000) >> 10), 4) + "\\u" + hexadecimal(0xDC00 + (c & 0x3FF), 4);
}

std::string safe(std::string_view text, bool keep_line_feeds) {
  std::string result;
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Character character = utf8_character(text, i);
    if (!is_showable(character) && !(keep_line_feeds && text[i] == '\n')) {
      result.append(text, done, i - done).append(escaped(character, text[i]));
      done = i + character.length;
    }
    i += character.length;
  }
  return result.append(text, done);
}

// One cell per character of the line, as it will be printed: a tab is one space, so that the caret keeps its place.
std::vector<std::string> printed_characters(std::string_view line) {
  std::vector<std::string> characters;
  for (std::size_t i = 0; i < line.size();) {
    const Utf8Character character = utf8_character(line, i);
    if (line[i] == '\t')
      characters.emplace_back(" ");
    else if (is_showable(character))
      characters.emplace_back(line.substr(i, character.length));
    else
      characters.push_back(escaped(character, line[i]));
    i += character.length;
  }
  return characters;
}

bool is_escaped(const std::string& cell) { return cell.size() > 1 && cell[0] == '\\'; }

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
    if (i < caret) marks += std::string(is_escaped(characters[i]) ? characters[i].size() : 1, ' ');
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

template <class Word>
std::string joined_by(std::span<const Word> words, std::string_view between) {
  std::string text;
  for (const Word& word : words) {
    if (!text.empty()) text += between;
    text += word;
  }
  return text;
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

std::string joined(std::span<const std::string_view> words) { return joined_by(words, ", "); }
std::string joined(std::span<const std::string> words, std::string_view between) { return joined_by(words, between); }

std::string printable(std::string_view text) { return safe(text, /*keep_line_feeds=*/false); }
std::string printable_lines(std::string_view text) { return safe(text, /*keep_line_feeds=*/true); }

}  // namespace initsweep
