// YAML text as a small tree that knows where everything stands.
//
// YAML has corners that a sweep file is better off without, so what comes out is a part of it: one document of maps,
// lists and scalars. Aliases are expanded; tags, merge keys (<<) and documents after the first are errors. Size, depth
// and the number of expanded nodes are bounded, so hostile text costs bounded time and memory. Repeated keys are kept
// for the reader to report.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "initsweep/diagnostic.hpp"
#include "problems.hpp"

namespace initsweep {

struct YamlNode {
  enum class Kind { null, scalar, sequence, map };
  Kind kind = Kind::null;
  std::string text;            // of a scalar
  bool is_plain = false;       // a scalar without quotes, which may be a number or a boolean
  SourceLocation where;        // a scalar is covered whole; an empty value stands at its key
  std::vector<YamlNode> keys;  // of a map, as many as children
  std::vector<YamlNode> children;
};

// A tree's nodes, and more for a long text, which an alias may copy many times; and the most that a sweep file has.
[[nodiscard]] std::size_t tree_size(const YamlNode& node);
inline constexpr std::size_t kMaxTreeSize = 200'000;

// The text with LF line ends and without a byte order mark: what lines and columns count in.
[[nodiscard]] std::string normalized(std::string_view text);

// The first document of `text`, whose first character stands at `start`; nullopt where nothing could be read, with the
// reason in `problems`. An empty text is a null node.
[[nodiscard]] std::optional<YamlNode> parse_yaml(std::string_view text, SourceLocation start, Problems& problems);

}  // namespace initsweep
