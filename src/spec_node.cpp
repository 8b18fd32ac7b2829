#include "spec_node.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "initsweep/number.hpp"

namespace initsweep {
namespace {

using Kind = YamlNode::Kind;

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view without_sign(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// 007 and 00.5, which some readers of YAML take for octal.
bool has_leading_zero(std::string_view text) {
  text = without_sign(text);
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

std::string without_leading_zeros(std::string_view text) {
  std::string sign = text.starts_with('-') ? "-" : "";
  text = without_sign(text);
  while (has_leading_zero(text)) text.remove_prefix(1);
  return sign + std::string(text);
}

// 0x1F, 0o17, 0b11 and 1_000, which other readers of YAML take for integers, as a decimal.
std::optional<std::string> decimal_of(std::string_view text) {
  const std::string_view digits = without_sign(text);
  std::string plain;
  std::copy_if(digits.begin(), digits.end(), std::back_inserter(plain), [](char c) { return c != '_'; });
  const std::string prefix = lower(plain).substr(0, 2);
  const int base = prefix == "0x" ? 16 : prefix == "0o" ? 8 : prefix == "0b" ? 2 : 10;
  if (base != 10) plain.erase(0, 2);
  if (plain.empty() || plain.size() > 9) return std::nullopt;
  long long value = 0;
  for (const char c : lower(plain)) {
    const int digit = c >= 'a' ? c - 'a' + 10 : c - '0';
    if (digit < 0 || digit >= base) return std::nullopt;
    value = value * base + digit;
  }
  return std::to_string(text.starts_with('-') ? -value : value);
}

void report_bounds(double value, std::string_view shown, const Range& range, SourceLocation where, Problems& problems) {
  const auto must_be = [&](const std::string& bound) {
    problems.error(where, range.what + " must be " + bound + ", got " + shortened(shown));
  };
  if (value < range.min || (range.above_min && value == range.min))
    return must_be((range.above_min ? "greater than " : "at least ") + number_text(range.min));
  // An open upper end is kept as the last value before it.
  const double open_end = std::ceil(range.max);
  must_be(range.max != open_end && open_end - range.max < 1e-9 ? "less than " + number_text(open_end)
                                                               : "at most " + number_text(range.max));
}

void report_type(const YamlNode& node, std::string_view what, std::string_view type, Problems& problems,
                 std::string_view write = {}) {
  std::vector<std::string> notes;
  if (!write.empty()) notes.push_back("write " + std::string(write));
  problems.error(node.where, std::string(what) + " must be " + std::string(type) + ", " + found(node),
                 std::move(notes));
}

// "an integer", or "an integer or 'all'"
std::string type_text(const char* type, const Range& range) {
  return range.word.empty() ? type : std::string(type) + " or " + quoted(range.word);
}

}  // namespace

std::string found(const YamlNode& node) {
  switch (node.kind) {
    case Kind::null: return "got nothing";
    case Kind::sequence: return "got a list";
    case Kind::map: return "got a map";
    case Kind::scalar: break;
  }
  if (!node.is_plain) return "got the text " + quoted(node.text);
  return "got " + (parse_float(node.text) ? shortened(node.text) : quoted(node.text));
}

bool is_in_range(double value, const Range& range, SourceLocation where, Problems& problems) {
  if (value >= range.min && value <= range.max && !(range.above_min && value == range.min)) return true;
  report_bounds(value, number_text(value), range, where, problems);
  return false;
}

std::optional<std::int64_t> read_integer(const YamlNode& node, const Range& range, Problems& problems) {
  const auto fail = [&](std::string_view write) {
    report_type(node, range.what, type_text("an integer", range), problems, write);
    return std::nullopt;
  };
  if (node.kind != Kind::scalar) return fail({});
  if (!node.is_plain) return fail(parse_integer(node.text) ? node.text + " without quotes" : "");
  if (has_leading_zero(node.text)) {
    const std::string plain = without_leading_zeros(node.text);
    report_type(node, range.what, "an integer without leading zeros", problems, parse_integer(plain) ? plain : "");
    return std::nullopt;
  }
  if (is_digits(without_sign(node.text))) {
    const std::optional<std::int64_t> value = parse_integer(node.text);
    const double size = value ? static_cast<double>(*value) : node.text[0] == '-' ? -INFINITY : INFINITY;
    if (value && size >= range.min && size <= range.max && !(range.above_min && size == range.min)) return value;
    report_bounds(size, node.text, range, node.where, problems);
    return std::nullopt;
  }
  if (const std::optional<double> number = parse_float(node.text))
    return fail(*number == std::trunc(*number) && std::abs(*number) < 1e15 ? number_text(*number) : "");
  return fail(decimal_of(node.text).value_or(""));
}

std::optional<double> read_number(const YamlNode& node, const Range& range, Problems& problems) {
  const auto fail = [&](const char* type, std::string_view write) {
    report_type(node, range.what, type_text(type, range), problems, write);
    return std::nullopt;
  };
  if (node.kind != Kind::scalar) return fail("a number", {});
  if (!node.is_plain) return fail("a number", parse_float(node.text) ? node.text + " without quotes" : "");
  if (has_leading_zero(node.text) && parse_float(node.text))
    return fail("a number without leading zeros", without_leading_zeros(node.text));
  const std::string word = lower(without_sign(node.text));
  if (word == ".inf" || word == ".nan" || word == "inf" || word == "nan" || word == "infinity")
    return fail("a finite number", {});
  const std::optional<double> value = parse_float(node.text);
  if (!value && node.text.find_first_not_of("0123456789.eE+-") == std::string::npos && word.find('e') != word.npos)
    return fail("a number that double precision can hold", {});
  if (!value) return fail("a number", decimal_of(node.text).value_or(""));
  if (!is_in_range(*value, range, node.where, problems)) return std::nullopt;
  return value;
}

std::optional<bool> read_boolean(const YamlNode& node, std::string_view what, Problems& problems) {
  if (node.is_plain && node.text == "true") return true;
  if (node.is_plain && node.text == "false") return false;
  const std::string word = lower(node.text);
  const bool means_true = word == "yes" || word == "y" || word == "on" || word == "true";
  const bool means_false = word == "no" || word == "n" || word == "off" || word == "false";
  report_type(node, what, "true or false", problems, means_true ? "true" : means_false ? "false" : "");
  return std::nullopt;
}

std::optional<std::string> read_text(const YamlNode& node, std::string_view what, Problems& problems) {
  if (node.kind == Kind::scalar) return node.text;
  report_type(node, what, "a text", problems);
  return std::nullopt;
}

std::optional<std::string> read_word(const YamlNode& node, std::string_view what,
                                     std::span<const std::string_view> words, Problems& problems,
                                     std::string_view other_form) {
  const bool is_name = node.kind == Kind::scalar;
  if (is_name && std::find(words.begin(), words.end(), node.text) != words.end()) return node.text;
  std::vector<std::string_view> expected(words.begin(), words.end());
  if (!other_form.empty()) expected.push_back(other_form);
  if (is_name)
    report_unknown(node.where, "unknown " + std::string(what) + ' ' + quoted(node.text), node.text, expected, problems);
  else
    report_unknown(node.where, std::string(what) + " must be a name, " + found(node), "", expected, problems);
  return std::nullopt;
}

std::string first_at_line(SourceLocation where) {
  return where.line < kFirstOverrideLine ? " (first at line " + std::to_string(where.line) + ")" : "";
}

std::vector<Entry> entries_of(const YamlNode& node, std::string_view what, Problems& problems) {
  if (node.kind != Kind::map) {
    report_type(node, what, "a map", problems);
    return {};
  }
  std::vector<Entry> entries;
  std::unordered_map<std::string_view, SourceLocation> first_ones;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const YamlNode& key = node.keys[i];
    if (key.kind != Kind::scalar) {
      problems.error(key.where, "a key must be a name, " + found(key));
      continue;
    }
    const auto [first, is_new] = first_ones.try_emplace(key.text, key.where);
    if (is_new)
      entries.push_back({&key, &node.children[i]});
    else
      problems.error(key.where, "key " + quoted(key.text) + " appears twice" + first_at_line(first->second));
  }
  return entries;
}

Fields::Fields(const YamlNode& node, std::string_view what, std::span<const std::string_view> names, Problems& problems,
               Hint hint)
    : entries_(entries_of(node, what, problems)),
      where_(node.where),
      what_(what),
      problems_(problems),
      is_map_(node.kind == Kind::map) {
  for (const Entry& entry : entries_) {
    const std::string& name = entry.key->text;
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    if (name == "<<" && entry.key->is_plain) continue;  // reported where the tree was read
    std::vector<std::string> advice;
    if (const std::string hinted = hint == nullptr ? "" : hint(name); !hinted.empty()) advice.push_back(hinted);
    report_unknown(entry.key->where, "unknown key " + quoted(name) + " in " + what_, name, {names.begin(), names.end()},
                   problems_, std::move(advice));
  }
}

const YamlNode* Fields::find(std::string_view name) const {
  for (const Entry& entry : entries_)
    if (entry.key->text == name) return entry.value;
  return nullptr;
}

const YamlNode* Fields::find_key(std::string_view name) const {
  for (const Entry& entry : entries_)
    if (entry.key->text == name) return entry.key;
  return nullptr;
}

const YamlNode* Fields::require(std::string_view name) const {
  const YamlNode* value = find(name);
  if (value == nullptr && is_map_)
    problems_.error({where_.line, where_.column, 1}, "missing key " + quoted(name) + " in " + what_);
  return value;
}

}  // namespace initsweep
