// Reads scalars, names and maps out of a YAML tree. Every reader returns nullopt (or leaves out) what it has reported.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "initsweep/kinds.hpp"
#include "problems.hpp"
#include "yaml_tree.hpp"

namespace initsweep {

// What a number is called in messages, its bounds, and the word that may stand for it.
struct Range {
  std::string what;
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool above_min = false;  // the minimum itself is excluded
  std::string_view word = {};
};
[[nodiscard]] std::optional<std::int64_t> read_integer(const YamlNode& node, const Range& range, Problems& problems);
[[nodiscard]] std::optional<double> read_number(const YamlNode& node, const Range& range, Problems& problems);
[[nodiscard]] bool is_in_range(double value, const Range& range, SourceLocation where, Problems& problems);
[[nodiscard]] std::optional<bool> read_boolean(const YamlNode& node, std::string_view what, Problems& problems);
// Any scalar, as its text.
[[nodiscard]] std::optional<std::string> read_text(const YamlNode& node, std::string_view what, Problems& problems);
// One of `words`; the rest is an unknown `what`. `other_form` is what may stand there too, for messages: "{steps: N}".
[[nodiscard]] std::optional<std::string> read_word(const YamlNode& node, std::string_view what,
                                                   std::span<const std::string_view> words, Problems& problems,
                                                   std::string_view other_form = {});

template <class Kind>
[[nodiscard]] std::vector<std::string_view> names_of() {
  std::vector<std::string_view> names;
  for (const KindInfo& info : kind_table<Kind>()) names.push_back(info.name);
  return names;
}
template <class Kind>
[[nodiscard]] std::optional<Kind> read_kind(const YamlNode& node, std::string_view what, Problems& problems) {
  const std::optional<std::string> name = read_word(node, what, names_of<Kind>(), problems);
  return name ? parse_kind<Kind>(*name) : std::nullopt;
}

// "got 'relu'", "got 0", "got a list"
[[nodiscard]] std::string found(const YamlNode& node);
[[nodiscard]] inline bool is_word(const YamlNode& node, std::string_view word) {
  return node.kind == YamlNode::Kind::scalar && node.text == word;
}

// " (first at line 9)"; nothing for a place in an option.
[[nodiscard]] std::string first_at_line(SourceLocation where);

struct Entry {
  const YamlNode* key;
  const YamlNode* value;
};
// The entries of a map, once each: reports what is no map (as "`what` must be a map"), keys that are no names, and
// repeated ones.
[[nodiscard]] std::vector<Entry> entries_of(const YamlNode& node, std::string_view what, Problems& problems);

// A map with a closed set of keys; reports every other key as an unknown key of `what`, with the advice `hint` has for
// it.
class Fields {
 public:
  using Hint = std::string (*)(std::string_view key);
  Fields(const YamlNode& node, std::string_view what, std::span<const std::string_view> names, Problems& problems,
         Hint hint = nullptr);
  [[nodiscard]] bool is_map() const { return is_map_; }
  [[nodiscard]] const YamlNode* find(std::string_view name) const;      // nullptr if it is absent
  [[nodiscard]] const YamlNode* find_key(std::string_view name) const;  // the key itself
  [[nodiscard]] const YamlNode* require(std::string_view name) const;   // reports what is absent

 private:
  std::vector<Entry> entries_;
  SourceLocation where_;
  std::string what_;
  Problems& problems_;
  bool is_map_;
};

}  // namespace initsweep
