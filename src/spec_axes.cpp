#include "spec_axes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "initsweep/number.hpp"
#include "spec_node.hpp"
#include "spec_values.hpp"

namespace initsweep {
namespace {

using Kind = YamlNode::Kind;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kMaxValues = 200'000;     // of all axes together
constexpr std::size_t kMaxOtherValues = 1'000;  // of one axis, those that are no numbers
constexpr const char* kEmptyGrid = "there are no axes here; list some, or leave this out";
constexpr std::array<std::string_view, 4> kForms = {"values", "range", "log", "linear"};
constexpr std::array<std::string_view, 3> kFormParts = {"step", "num", "when"};

bool is_numeric(Setting setting) {
  switch (setting_info(setting).type) {
    case SettingType::integer:
    case SettingType::number:
    case SettingType::optional_integer:
    case SettingType::optional_number:
    case SettingType::width: return true;
    default: return false;
  }
}

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A map that describes an axis; any other one is a structured value.
bool is_axis_form(const YamlNode& node) {
  return node.kind == Kind::map && std::any_of(node.keys.begin(), node.keys.end(), [](const YamlNode& key) {
           return is_one_of(key.text, kForms) || is_one_of(key.text, kFormParts);
         });
}

std::optional<double> as_plain_number(const SettingValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* width = std::get_if<Width>(&value); width != nullptr && width->form == Width::Form::constant)
    return width->values[0];
  return std::nullopt;
}

struct Values {
  std::vector<Assignment> assignments;  // of one setting
  std::vector<Assignment> when;
};

class GridReader {
 public:
  explicit GridReader(Problems& problems) : problems_(problems) {}

  Block read_block(const YamlNode& node) {
    if (node.kind == Kind::null || (node.kind == Kind::map && node.keys.empty())) {
      problems_.error(node.where, kEmptyGrid);
      return {};
    }
    Block block;
    std::unordered_map<Setting, SourceLocation> first_ones;
    for (const Entry& entry : entries_of(node, "grid", problems_)) {
      if (entry.key->text == "zip") {
        add(block, read_zip(*entry.key, *entry.value, first_ones));
      } else if (const std::optional<Setting> setting = read_axis_name(*entry.key, first_ones)) {
        add(block, read_axis(*setting, *entry.key, *entry.value));
      }
    }
    report_conflicts(block);
    return block;
  }

 private:
  static void add(Block& block, Axis axis) {
    if (!axis.values.empty()) block.push_back(std::move(axis));
  }

  std::optional<Setting> read_axis_name(const YamlNode& key, std::unordered_map<Setting, SourceLocation>& first_ones) {
    const std::optional<Setting> setting = read_setting_name(key, problems_);
    if (!setting) return std::nullopt;
    const auto [first, is_new] = first_ones.try_emplace(*setting, key.where);
    if (is_new) return setting;
    problems_.error(key.where,
                    "axis " + quoted(key.text) + " appears twice in this block" + first_at_line(first->second));
    return std::nullopt;
  }

  Axis read_axis(Setting setting, const YamlNode& key, const YamlNode& node) {
    Axis axis{{setting}, {}, {}, key.where};
    Values values = read_values(setting, node, /*may_have_condition=*/true);
    for (Assignment& assignment : values.assignments) axis.values.push_back({std::move(assignment)});
    axis.when = std::move(values.when);
    report_repeated(axis);
    for (const Assignment& condition : axis.when)
      if (condition.setting == setting)
        problems_.error(condition.where, "axis " + quoted(key.text) + " cannot be its own condition");
    if (is_parameter(setting)) axis.when.push_back(owner_is_in_force(setting, key.where));
    return axis;
  }

  // A parameter's axis holds where its kind is chosen.
  static Assignment owner_is_in_force(Setting parameter, SourceLocation where) {
    const std::string_view kind = kind_of_parameter(parameter);
    if (const std::optional<InitializerKind> law = parse_kind<InitializerKind>(kind)) {
      InitializerValue value;
      value.initializer.kind = *law;
      return {Setting::initializer, std::move(value), where};
    }
    ActivationValue value;
    value.activation.kind = *parse_kind<ActivationKind>(kind);
    return {Setting::activation, std::move(value), where};
  }

  // Axes that walk together.
  Axis read_zip(const YamlNode& key, const YamlNode& node, std::unordered_map<Setting, SourceLocation>& first_ones) {
    Axis zip{{}, {}, {}, key.where};
    const std::size_t n_before = problems_.count();
    const std::vector<Entry> entries = entries_of(node, "zip", problems_);
    if (node.kind == Kind::map && entries.empty()) problems_.error(node.where, "zip is empty; give it two axes");
    std::vector<Values> columns;
    for (const Entry& entry : entries) {
      const std::optional<Setting> setting = read_axis_name(*entry.key, first_ones);
      if (!setting) continue;
      Values column = read_values(*setting, *entry.value, /*may_have_condition=*/false);
      if (problems_.count() > n_before) continue;
      if (!columns.empty() && column.assignments.size() != columns[0].assignments.size())
        problems_.error(entry.value->where,
                        "zip needs lists of one length: " + std::string(setting_info(zip.settings[0]).name) + " has " +
                            std::to_string(columns[0].assignments.size()) + " values, " + entry.key->text + " has " +
                            std::to_string(column.assignments.size()));
      zip.settings.push_back(*setting);
      columns.push_back(std::move(column));
    }
    if (problems_.count() > n_before || columns.empty()) return zip;
    for (std::size_t i = 0; i < columns[0].assignments.size(); ++i) {
      std::vector<Assignment>& row = zip.values.emplace_back();
      for (Values& column : columns) row.push_back(std::move(column.assignments[i]));
    }
    return zip;
  }

  Values read_values(Setting setting, const YamlNode& node, bool may_have_condition) {
    Values values;
    const std::string axis = "axis " + quoted(setting_info(setting).name);
    if (is_axis_form(node)) {
      read_form(setting, node, may_have_condition, values);
    } else if (node.kind == Kind::sequence) {
      if (node.children.empty()) problems_.error(node.where, axis + " is empty; list its values");
      for (const YamlNode& child : node.children)
        if (std::optional<SettingValue> value = read_setting_value(setting, child, problems_))
          add_value(setting, std::move(*value), child.where, values);
    } else if (node.kind == Kind::null) {
      problems_.error(node.where, axis + " has no values");
    } else if (node.kind == Kind::map && is_numeric(setting) && setting != Setting::width) {
      problems_.error(node.where, axis + " must be a list or a short form, got a map",
                      {"short forms: {range: [2, 20], step: 2}, {log: [1e-3, 1], num: 4}, {linear: [1, 4], num: 7}"});
    } else if (std::optional<SettingValue> value = read_setting_value(setting, node, problems_)) {
      add_value(setting, std::move(*value), node.where, values);
    }
    return values;
  }

  // False when the grid is full.
  bool add_value(Setting setting, SettingValue value, SourceLocation where, Values& values) {
    if (n_values_ == kMaxValues) {
      problems_.error(where, "the axes of the grid have more than " + grouped_text(kMaxValues) + " values");
      return false;
    }
    ++n_values_;
    values.assignments.push_back({setting, std::move(value), where});
    return true;
  }

  // {values: ..., when: ...} and the short forms.
  void read_form(Setting setting, const YamlNode& node, bool may_have_condition, Values& values) {
    std::vector<std::string_view> forms;
    for (const YamlNode& key : node.keys)
      if (is_one_of(key.text, kForms)) forms.push_back(key.text);
    if (forms.size() != 1) {
      problems_.error(node.where, "an axis has exactly one of " + joined(kForms));
      return;
    }
    std::vector<std::string_view> keys = {forms[0]};
    if (forms[0] != "values") keys.emplace_back(forms[0] == "range" ? "step" : "num");
    if (may_have_condition) keys.emplace_back("when");
    const Fields fields(node, "the axis", keys, problems_);
    const YamlNode& ends = *fields.find(forms[0]);
    if (forms[0] == "values") {
      values = read_values(setting, ends, /*may_have_condition=*/false);
    } else if (const YamlNode* spacing = fields.require(keys[1])) {
      read_short_form(setting, forms[0], ends, *spacing, values);
    }
    if (const YamlNode* when = may_have_condition ? fields.find("when") : nullptr) {
      if (std::optional<Pattern> pattern = read_pattern(*when, "when", problems_))
        values.when = std::move(pattern->settings);
    }
  }

  // {range: [a, b], step: s}, {log: [a, b], num: n} and {linear: [a, b], num: n}.
  void read_short_form(Setting setting, std::string_view form, const YamlNode& ends, const YamlNode& spacing,
                       Values& values) {
    const std::string name(form);
    if (!is_numeric(setting)) {
      problems_.error(ends.where, std::string(setting_info(setting).name) + " is no number; list its values");
      return;
    }
    if (ends.kind != Kind::sequence || ends.children.size() != 2) {
      problems_.error(
          ends.where,
          name + " must be a list of two numbers, " +
              (ends.kind == Kind::sequence ? "got " + std::to_string(ends.children.size()) + " of them" : found(ends)));
      return;
    }
    const bool is_log = form == "log";
    const std::optional<double> a =
        read_number(ends.children[0], {name, is_log ? 0 : -kInfinity, kInfinity, is_log}, problems_);
    const std::optional<double> b =
        read_number(ends.children[1], {name, is_log ? 0 : -kInfinity, kInfinity, is_log}, problems_);
    if (form == "range") {
      const std::optional<double> step = read_number(spacing, {"step", 0, kInfinity, /*above_min=*/true}, problems_);
      if (a && b && step) add_range(setting, *a, *b, *step, ends.where, values);
    } else {
      const std::optional<std::int64_t> n = read_integer(spacing, {"num", 2, kMaxValues}, problems_);
      if (a && b && n) add_spaced(setting, *a, *b, *n, is_log, ends.where, values);
    }
  }

  bool add_number(Setting setting, double number, SourceLocation where, Values& values) {
    std::optional<SettingValue> value = setting_value_of(setting, number, where, problems_);
    return value && add_value(setting, std::move(*value), where, values);
  }

  void add_range(Setting setting, double a, double b, double step, SourceLocation where, Values& values) {
    // A last step that rounding leaves just short of b is taken.
    const double n_steps = std::floor((b - a) / step + 1e-9);
    if (b < a) {
      problems_.error(where, "range starts at " + number_text(a) + ", above its end " + number_text(b));
    } else if (!(n_steps < double{kMaxValues})) {
      problems_.error(where, "range has more than " + grouped_text(kMaxValues) + " values");
    } else {
      for (double k = 0; k <= n_steps; ++k)
        if (!add_number(setting, k == 0 ? a : rounded(a + k * step), where, values)) return;
    }
  }

  void add_spaced(Setting setting, double a, double b, std::int64_t n, bool is_log, SourceLocation where,
                  Values& values) {
    for (std::int64_t i = 0; i < n; ++i) {
      const double t = static_cast<double>(i) / static_cast<double>(n - 1);
      double value = is_log ? rounded(std::exp((1 - t) * std::log(a) + t * std::log(b))) : rounded((1 - t) * a + t * b);
      if (i == 0) value = a;
      if (i == n - 1) value = b;
      if (!add_number(setting, value, where, values)) return;
    }
  }

  // Whole numbers stay exact, however long they are.
  static double rounded(double value) { return value == std::trunc(value) ? value : round_to_6_digits(value); }

  // A value that an axis has twice would be the same cells twice, so it is a slip.
  void report_repeated(const Axis& axis) {
    const std::string name = "axis " + quoted(setting_info(axis.settings[0]).name);
    std::vector<std::pair<double, SourceLocation>> numbers;
    std::vector<const Assignment*> others;
    for (const std::vector<Assignment>& row : axis.values) {
      if (const std::optional<double> number = as_plain_number(row[0].value))
        numbers.emplace_back(*number, row[0].where);
      else
        others.push_back(&row[0]);
    }
    std::stable_sort(numbers.begin(), numbers.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
    for (std::size_t i = 1; i < numbers.size(); ++i)
      if (numbers[i].first == numbers[i - 1].first)
        problems_.error(numbers[i].second, name + " has the value " + number_text(numbers[i].first) + " twice");
    if (others.size() > kMaxOtherValues) {
      problems_.error(axis.where, name + " has " + std::to_string(others.size()) +
                                      " values that are no numbers; at most " + std::to_string(kMaxOtherValues) +
                                      " can be told apart");
      return;
    }
    for (std::size_t i = 1; i < others.size(); ++i) {
      const auto same = [&](const Assignment* other) { return other->value == others[i]->value; };
      const auto end = others.begin() + static_cast<std::ptrdiff_t>(i);
      if (const auto first = std::find_if(others.begin(), end, same); first != end)
        problems_.error(others[i]->where, name + " has this value twice" + first_at_line((*first)->where));
    }
  }

  // What one block assigns together. Lengths of training under a condition may well exclude each other.
  void report_conflicts(const Block& block) {
    Together together;
    for (const Axis& axis : block)
      for (const std::vector<Assignment>& row : axis.values)
        for (const Assignment& assignment : row) {
          const bool is_length = assignment.setting == Setting::epochs || assignment.setting == Setting::steps;
          if (axis.when.empty() || !is_length) together.add(assignment);
        }
    together.report(problems_);
  }

  Problems& problems_;
  std::size_t n_values_ = 0;
};

}  // namespace

std::vector<Block> read_grid(const YamlNode& grid, Problems& problems) {
  GridReader reader(problems);
  if (grid.kind != Kind::sequence) return {reader.read_block(grid)};
  if (grid.children.empty()) problems.error(grid.where, kEmptyGrid);
  std::vector<Block> blocks;
  for (const YamlNode& block : grid.children) blocks.push_back(reader.read_block(block));
  return blocks;
}

}  // namespace initsweep
