// Settings and their values as a sweep file writes them.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "initsweep/setting.hpp"
#include "initsweep/spec.hpp"
#include "problems.hpp"
#include "spec_node.hpp"
#include "yaml_tree.hpp"

namespace initsweep {

[[nodiscard]] std::optional<Setting> read_setting_name(const YamlNode& key, Problems& problems);
[[nodiscard]] std::optional<SettingValue> read_setting_value(Setting setting, const YamlNode& node, Problems& problems);
// The value of a numeric setting that a short form worked out; reports at `where` what is no value of it.
[[nodiscard]] std::optional<SettingValue> setting_value_of(Setting setting, double number, SourceLocation where,
                                                           Problems& problems);
[[nodiscard]] Range range_of(Setting setting);

// A map of settings to values, one each: `settings`, a cell of `include`, a pattern. `list_advice` tells what to do
// with several values.
[[nodiscard]] std::vector<Assignment> read_assignments(const YamlNode& map, std::string_view what,
                                                       std::string_view list_advice, Problems& problems);
[[nodiscard]] std::optional<Pattern> read_pattern(const YamlNode& node, std::string_view what, Problems& problems);

// What is assigned together, to find what cannot be: a parameter by its own name and inside a structured value, or
// epochs and steps.
class Together {
 public:
  void add(const Assignment& assignment);
  void report(Problems& problems) const;

 private:
  std::array<std::optional<SourceLocation>, kSettingCount> by_name_, inside_;
};

}  // namespace initsweep
