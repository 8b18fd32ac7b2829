#include "shell_words.hpp"

#include "initsweep/diagnostic.hpp"

namespace initsweep {
namespace {

// Other shells than those that know $'\033[2J' have no way to write such words on one line.
std::string quoted_with_escapes(std::string_view word) {
  std::string quoted = "$'";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      if (c == '\'' || c == '\\') quoted += '\\';
      quoted += c;
    } else {
      quoted += '\\';
      for (const int digit : {byte >> 6, byte >> 3 & 7, byte & 7}) quoted += static_cast<char>('0' + digit);
    }
  }
  return quoted + "'";
}

bool is_plain(std::string_view word) {
  return !word.empty() && word.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789_-./=:,+@%") == std::string_view::npos;
}

}  // namespace

std::string quoted_for_shell(std::string_view word) {
  return printable(word) == word ? quoted_for_script(word) : quoted_with_escapes(word);
}

std::string quoted_for_script(std::string_view word) {
  if (is_plain(word)) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace initsweep
