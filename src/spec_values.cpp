#include "spec_values.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "initsweep/number.hpp"
#include "parameters.hpp"

namespace initsweep {
namespace {

using Kind = YamlNode::Kind;

// Names of settings, or of the parameters that have a dotted name.
std::vector<std::string_view> setting_names(bool of_parameters) {
  std::vector<std::string_view> names;
  for (const SettingInfo& info : setting_table())
    if (is_parameter(info.setting) == of_parameters) names.push_back(info.name);
  return names;
}

std::optional<SettingValue> as_value(auto value) {
  return value ? std::optional<SettingValue>(std::move(*value)) : std::nullopt;
}

std::optional<SettingValue> read_dataset(const YamlNode& node, Problems& problems) {
  static constexpr std::string_view kFolder = "idx:";
  static constexpr std::array<std::string_view, 2> kNames = {"mnist", "fashion_mnist"};
  if (node.kind == Kind::scalar && node.text.starts_with(kFolder) && node.text.size() > kFolder.size()) {
    if (node.text.find('\0') == std::string::npos) return node.text;
    problems.error(node.where, "a folder has no NUL byte in its name, got " + quoted(node.text));
    return std::nullopt;
  }
  if (node.kind == Kind::map && node.keys.size() == 1 && is_word(node.keys[0], "idx")) {
    problems.error(node.where, "dataset must be a name, got a map", {"write idx:<folder> without a space"});
    return std::nullopt;
  }
  return as_value(read_word(node, "dataset", kNames, problems, "idx:<folder>"));
}

// The units of one layer, or of each.
std::optional<int> read_units(const YamlNode& node, const std::string& what, Problems& problems) {
  const std::optional<std::int64_t> units = read_integer(node, {what, 1, kMaxWidth}, problems);
  return units ? std::optional(static_cast<int>(*units)) : std::nullopt;
}

std::optional<SettingValue> read_width(const YamlNode& node, Problems& problems) {
  Width width;
  width.values.clear();
  const auto add = [&](const YamlNode* units, const std::string& what) {
    if (units == nullptr) return;
    if (const std::optional<int> value = read_units(*units, what, problems)) width.values.push_back(*value);
  };
  std::size_t n_expected = 1;
  if (node.kind == Kind::map) {
    const auto has = [&](std::string_view name) {
      return std::any_of(node.keys.begin(), node.keys.end(), [&](const YamlNode& key) { return is_word(key, name); });
    };
    const bool is_taper = has("from") || has("to");
    width.form = is_taper ? Width::Form::taper : Width::Form::first_rest;
    static constexpr std::array<std::string_view, 4> kKeys = {"first", "rest", "from", "to"};
    const Fields fields(node, "width", std::span(kKeys).subspan(is_taper ? 2 : 0, 2), problems);
    for (const std::string_view key : std::span(kKeys).subspan(is_taper ? 2 : 0, 2))
      add(fields.require(key), "width's " + std::string(key));
    n_expected = 2;
  } else if (node.kind == Kind::sequence) {
    width.form = Width::Form::list;
    n_expected = node.children.size();
    if (n_expected == 0 || n_expected > static_cast<std::size_t>(kMaxDepth))
      problems.error(node.where, "width must list 1 to " + std::to_string(kMaxDepth) + " layers, got " +
                                     std::to_string(n_expected));
    for (const YamlNode& child : node.children) add(&child, "width");
  } else {
    add(&node, "width");
  }
  if (width.values.empty() || width.values.size() != n_expected) return std::nullopt;
  return width;
}

std::optional<SettingValue> read_input_scaling(const YamlNode& node, Problems& problems) {
  InputScaling scaling;
  if (node.kind == Kind::map) {
    static constexpr std::array<std::string_view, 2> kKeys = {"subtract", "divide"};
    const Fields fields(node, "input_scaling", kKeys, problems);
    scaling.kind = InputScalingKind::affine;
    const YamlNode* subtract_node = fields.require("subtract");
    const YamlNode* divide_node = fields.require("divide");
    if (subtract_node == nullptr || divide_node == nullptr) return std::nullopt;
    const std::optional<double> subtract = read_number(*subtract_node, {"subtract"}, problems);
    const std::optional<double> divide = read_number(*divide_node, {"divide"}, problems);
    constexpr double kLeast = 1e-36;  // bytes are multiplied by 1 / divide in float32, where 255 of it must have room
    const bool is_too_small = divide && std::abs(*divide) < kLeast;
    if (is_too_small)
      problems.error(divide_node->where,
                     *divide == 0 ? "divide must not be 0"
                                  : "divide must not be nearer to 0 than 1e-36, or pixels overflow float32; got " +
                                        number_text(*divide));
    if (!subtract || !divide || is_too_small) return std::nullopt;
    scaling.subtract = *subtract;
    scaling.divide = *divide;
    return scaling;
  }
  static constexpr std::array<std::string_view, 2> kNames = {"unit", "standardize"};
  const std::optional<std::string> name =
      read_word(node, "input_scaling", kNames, problems, "{subtract: a, divide: b}");
  if (!name) return std::nullopt;
  if (*name == kNames[1]) scaling.kind = InputScalingKind::standardize;
  return scaling;
}

// A bare name, or a one-key map of the name to its parameters. Calls assign(parameter, value) for each that is written.
template <class StructuredKind, class Assign>
std::optional<StructuredKind> read_structured(const YamlNode& node, std::string_view what, Problems& problems,
                                              const Assign& assign) {
  if (node.kind != Kind::map) return read_kind<StructuredKind>(node, what, problems);
  if (node.keys.size() != 1) {
    problems.error(node.where, std::string(what) + " must be a name, or a map of one name to its parameters, got " +
                                   std::to_string(node.keys.size()) + " names");
    return std::nullopt;
  }
  const std::optional<StructuredKind> kind = read_kind<StructuredKind>(node.keys[0], what, problems);
  if (!kind) return std::nullopt;
  const std::string name(to_text(*kind));
  const std::vector<Setting> parameters = parameters_of(*kind);
  const std::size_t n_before = problems.count();
  for (const Entry& entry : entries_of(node.children[0], "the parameters of " + name, problems)) {
    const auto parameter = std::find_if(parameters.begin(), parameters.end(),
                                        [&](Setting p) { return parameter_name(p) == entry.key->text; });
    if (parameter == parameters.end()) {
      const std::string message = "unknown parameter " + quoted(entry.key->text) + " of " + name;
      std::vector<std::string_view> names;
      for (const Setting p : parameters) names.push_back(parameter_name(p));
      if (names.empty())
        problems.error(entry.key->where, message, {name + " has no parameters"});
      else
        report_unknown(entry.key->where, message, entry.key->text, names, problems);
    } else if (const std::optional<SettingValue> value = read_setting_value(*parameter, *entry.value, problems)) {
      assign(*parameter, *value);
    }
  }
  return problems.count() == n_before ? kind : std::nullopt;
}

std::optional<SettingValue> read_initializer(const YamlNode& node, Problems& problems) {
  InitializerValue law;
  Activation unused;
  const auto assign = [&](Setting parameter, const SettingValue& value) {
    assign_parameter(law.initializer, unused, parameter, value);
    law.written.push_back(parameter);
  };
  const std::optional<InitializerKind> kind = read_structured<InitializerKind>(node, "initializer", problems, assign);
  if (!kind) return std::nullopt;
  law.initializer.kind = *kind;
  if (*kind == InitializerKind::by_activation && law.written.empty())
    law.initializer.distribution = Distribution::normal;  // its own default
  return law;
}

std::optional<SettingValue> read_activation(const YamlNode& node, Problems& problems) {
  ActivationValue f;
  Initializer unused;
  const auto assign = [&](Setting parameter, const SettingValue& value) {
    assign_parameter(unused, f.activation, parameter, value);
    f.written.push_back(parameter);
  };
  const std::optional<ActivationKind> kind = read_structured<ActivationKind>(node, "activation", problems, assign);
  if (!kind) return std::nullopt;
  f.activation.kind = *kind;
  return f;
}

}  // namespace

std::optional<Setting> read_setting_name(const YamlNode& key, Problems& problems) {
  if (const std::optional<Setting> setting = parse_setting(key.text)) return setting;
  if (key.text == "<<" && key.is_plain) return std::nullopt;  // reported where the tree was read
  if (key.text == "seed" || key.text == "seeds") {
    problems.error(key.where,
                   "a seed is no setting; `seeds` stands at the top level, and every cell meets each of them");
    return std::nullopt;
  }
  std::vector<std::string> advice;
  if (const std::size_t colon = key.text.find(':'); colon != std::string::npos)
    advice.push_back("a space follows the colon: " +
                     quoted(key.text.substr(0, colon) + ": " + key.text.substr(colon + 1)));
  const std::vector<std::string_view> parameters = setting_names(/*of_parameters=*/true);
  const bool is_parameter_like =
      key.text.find('.') != std::string::npos || (!problems.is_full() && nearest_name(key.text, parameters));
  report_unknown(key.where, "unknown setting " + quoted(key.text), key.text,
                 is_parameter_like ? parameters : setting_names(/*of_parameters=*/false), problems, advice);
  return std::nullopt;
}

Range range_of(Setting setting) {
  const SettingInfo& info = setting_info(setting);
  if (info.type == SettingType::width) return {"width", 1, kMaxWidth};
  return {std::string(info.name), info.min, info.max, info.above_min, info.word};
}

std::optional<SettingValue> read_setting_value(Setting setting, const YamlNode& node, Problems& problems) {
  const SettingInfo& info = setting_info(setting);
  switch (info.type) {
    case SettingType::optional_integer:
      if (is_word(node, info.word)) return std::monostate{};
      [[fallthrough]];
    case SettingType::integer: return as_value(read_integer(node, range_of(setting), problems));
    case SettingType::optional_number:
      if (is_word(node, info.word)) return std::monostate{};
      [[fallthrough]];
    case SettingType::number: return as_value(read_number(node, range_of(setting), problems));
    case SettingType::boolean: return as_value(read_boolean(node, info.name, problems));
    case SettingType::dataset: return read_dataset(node, problems);
    case SettingType::initializer: return read_initializer(node, problems);
    case SettingType::activation: return read_activation(node, problems);
    case SettingType::fan_mode: return as_value(read_kind<FanMode>(node, info.name, problems));
    case SettingType::distribution: return as_value(read_kind<Distribution>(node, info.name, problems));
    case SettingType::optimizer: return as_value(read_kind<OptimizerKind>(node, info.name, problems));
    case SettingType::loss: return as_value(read_kind<LossKind>(node, info.name, problems));
    case SettingType::width: return read_width(node, problems);
    case SettingType::input_scaling: return read_input_scaling(node, problems);
  }
  return std::nullopt;
}

std::optional<SettingValue> setting_value_of(Setting setting, double number, SourceLocation where, Problems& problems) {
  const SettingType type = setting_info(setting).type;
  if (!is_in_range(number, range_of(setting), where, problems)) return std::nullopt;
  if (type == SettingType::number || type == SettingType::optional_number) return number;
  if (number != std::trunc(number)) {
    problems.error(
        where, std::string(setting_info(setting).name) + " must be an integer, and this gives " + number_text(number));
    return std::nullopt;
  }
  if (type == SettingType::width) return Width{Width::Form::constant, {static_cast<int>(number)}};
  return static_cast<std::int64_t>(number);
}

std::vector<Assignment> read_assignments(const YamlNode& map, std::string_view what, std::string_view list_advice,
                                         Problems& problems) {
  std::vector<Assignment> assignments;
  for (const Entry& entry : entries_of(map, what, problems)) {
    const std::optional<Setting> setting = read_setting_name(*entry.key, problems);
    if (!setting) continue;
    if (entry.value->kind == Kind::sequence && *setting != Setting::width) {
      problems.error(entry.value->where, entry.key->text + " must be one value here, got a list",
                     {std::string(list_advice)});
    } else if (std::optional<SettingValue> value = read_setting_value(*setting, *entry.value, problems)) {
      assignments.push_back({*setting, std::move(*value), entry.value->where});
    }
  }
  return assignments;
}

std::optional<Pattern> read_pattern(const YamlNode& node, std::string_view what, Problems& problems) {
  const std::size_t n_before = problems.count();
  Pattern pattern{read_assignments(node, what, "write an entry for each value", problems), node.where};
  return problems.count() == n_before ? std::optional(std::move(pattern)) : std::nullopt;
}

void Together::add(const Assignment& assignment) {
  const auto note = [](std::optional<SourceLocation>& first, SourceLocation where) {
    if (!first) first = where;
  };
  note(by_name_[static_cast<std::size_t>(assignment.setting)], assignment.where);
  if (const auto* law = std::get_if<InitializerValue>(&assignment.value))
    for (const Setting parameter : law->written) note(inside_[static_cast<std::size_t>(parameter)], assignment.where);
  if (const auto* f = std::get_if<ActivationValue>(&assignment.value))
    for (const Setting parameter : f->written) note(inside_[static_cast<std::size_t>(parameter)], assignment.where);
}

void Together::report(Problems& problems) const {
  for (const SettingInfo& info : setting_table()) {
    const auto i = static_cast<std::size_t>(info.setting);
    if (!by_name_[i] || !inside_[i]) continue;
    const bool is_law = parse_kind<InitializerKind>(kind_of_parameter(info.setting)).has_value();
    problems.error(*by_name_[i], quoted(info.name) + " is set twice, here and inside the value of " +
                                     (is_law ? "initializer" : "activation"));
  }
  const auto& epochs = by_name_[static_cast<std::size_t>(Setting::epochs)];
  const auto& steps = by_name_[static_cast<std::size_t>(Setting::steps)];
  if (epochs && steps)
    problems.error(std::max(*epochs, *steps,
                            [](SourceLocation a, SourceLocation b) {
                              return std::pair(a.line, a.column) < std::pair(b.line, b.column);
                            }),
                   "epochs and steps exclude each other; leave out one of them");
}

}  // namespace initsweep
