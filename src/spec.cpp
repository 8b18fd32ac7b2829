#include "initsweep/spec.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "initsweep/number.hpp"
#include "problems.hpp"
#include "spec_axes.hpp"
#include "spec_expect.hpp"
#include "spec_node.hpp"
#include "spec_overrides.hpp"
#include "spec_values.hpp"
#include "spec_warnings.hpp"
#include "yaml_tree.hpp"

namespace initsweep {
namespace {

using Kind = YamlNode::Kind;
using namespace std::string_view_literals;

constexpr std::int64_t kMaxSeed = 2147483647;  // 2^31 - 1
constexpr std::int64_t kMaxSeeds = 1'000'000;
constexpr std::size_t kMaxNameLength = 100;
constexpr int kMaxProbe = 60'000;

std::string read_name(const YamlNode& node, Problems& problems) {
  std::string name = read_text(node, "name", problems).value_or("-");
  const auto is_fit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  if (name.size() > kMaxNameLength)
    problems.error(node.where, "name must have at most " + std::to_string(kMaxNameLength) + " characters, got " +
                                   std::to_string(name.size()));
  else if (node.kind == Kind::scalar &&
           (name.empty() || name[0] == '-' || !std::all_of(name.begin(), name.end(), is_fit)))
    problems.error(node.where, "name must be made of a-z, 0-9 and '-', and not start with '-', got " + quoted(name));
  return name;
}

About read_about(const YamlNode& node, Problems& problems) {
  const Fields fields(node, "about", std::array{"claim"sv, "source"sv, "verdict"sv, "condition"sv}, problems);
  const auto text_of = [&](std::string_view key) {
    const YamlNode* text = fields.find(key);
    return text == nullptr ? "" : read_text(*text, key, problems).value_or("");
  };
  return {.claim = text_of("claim"),
          .source = text_of("source"),
          .verdict = text_of("verdict"),
          .condition = text_of("condition")};
}

std::vector<std::int64_t> read_seeds(const YamlNode& node, Problems& problems) {
  std::vector<std::int64_t> seeds;
  const Range seed_range{"a seed", 0, static_cast<double>(kMaxSeed)};
  if (node.kind == Kind::sequence) {
    std::unordered_set<std::int64_t> seen;
    if (node.children.empty()) problems.error(node.where, "seeds is empty; give at least one");
    for (const YamlNode& child : node.children) {
      const std::optional<std::int64_t> seed = read_integer(child, seed_range, problems);
      if (!seed) continue;
      if (!seen.insert(*seed).second) problems.error(child.where, "seed " + std::to_string(*seed) + " appears twice");
      seeds.push_back(*seed);
    }
    return seeds;
  }
  const YamlNode* count_node = &node;
  std::int64_t base = 1;
  std::string what = "seeds";
  if (node.kind == Kind::map) {
    const Fields fields(node, "seeds", std::array{"count"sv, "base"sv}, problems);
    count_node = fields.require("count");
    what = "count";
    if (const YamlNode* base_node = fields.find("base"))
      base = read_integer(*base_node, {"base", 0, static_cast<double>(kMaxSeed)}, problems).value_or(base);
  }
  if (count_node == nullptr) return seeds;
  const std::int64_t count = read_integer(*count_node, {what, 1, kMaxSeeds}, problems).value_or(0);
  if (base + count - 1 > kMaxSeed)
    problems.error(node.where, "the last seed would be " + std::to_string(base + count - 1) + ", above the largest, " +
                                   std::to_string(kMaxSeed));
  for (std::int64_t i = 0; i < count; ++i) seeds.push_back(base + i);
  return seeds;
}

void read_every(const YamlNode& node, RecordOptions& record, Problems& problems) {
  if (node.kind == Kind::map) {
    const Fields fields(node, "every", std::array{"steps"sv}, problems);
    record.every = RecordOptions::Every::steps;
    if (const YamlNode* steps = fields.require("steps"))
      record.steps = read_integer(*steps, {"steps", 1, 1e9}, problems).value_or(1);
    return;
  }
  static constexpr std::array kWords = {"epoch"sv, "never"sv};
  const std::optional<std::string> every = read_word(node, "value of every", kWords, problems, "{steps: N}");
  if (every == "never") record.every = RecordOptions::Every::never;
}

RecordOptions read_record(const YamlNode& node, Problems& problems) {
  RecordOptions record;
  const Fields record_fields(node, "record", std::array{"layers"sv}, problems);
  const YamlNode* layers = record_fields.require("layers");
  if (layers == nullptr) return record;
  const Fields fields(*layers, "record.layers", std::array{"every"sv, "at_start"sv, "probe"sv, "jacobian"sv}, problems);
  if (const YamlNode* every = fields.find("every")) read_every(*every, record, problems);
  if (const YamlNode* at_start = fields.find("at_start"))
    record.at_start = read_boolean(*at_start, "at_start", problems).value_or(record.at_start);
  if (const YamlNode* probe = fields.find("probe"))
    record.probe = static_cast<int>(read_integer(*probe, {"probe", 1, kMaxProbe}, problems).value_or(record.probe));
  if (const YamlNode* jacobian = fields.find("jacobian")) {
    record.jacobian = static_cast<int>(read_integer(*jacobian, {"jacobian", 0, kMaxProbe}, problems).value_or(0));
    if (record.jacobian > record.probe)
      problems.error(jacobian->where, "jacobian must be at most probe, " + std::to_string(record.probe) + ", got " +
                                          std::to_string(record.jacobian));
  }
  return record;
}

struct Unit {
  std::string_view name;
  double factor;
};
constexpr std::array<Unit, 5> kTimeUnits = {{{"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}};
constexpr std::array<Unit, 9> kSizeUnits = {{{"B", 1},
                                             {"KB", 1e3},
                                             {"MB", 1e6},
                                             {"GB", 1e9},
                                             {"TB", 1e12},
                                             {"KiB", 1024.0},
                                             {"MiB", 1024.0 * 1024},
                                             {"GiB", 1024.0 * 1024 * 1024},
                                             {"TiB", 1024.0 * 1024 * 1024 * 1024}}};

// A number with a unit, or alone in the basic one: 10m, 8GiB.
std::optional<double> read_quantity(const YamlNode& node, const Range& range, std::span<const Unit> units,
                                    std::string_view example, Problems& problems) {
  const std::size_t digits = std::min(node.text.find_first_not_of("0123456789.+-"), node.text.size());
  const std::string_view unit = std::string_view(node.text).substr(digits);
  const auto known = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == unit; });
  const std::optional<double> number = parse_float(std::string_view(node.text).substr(0, digits));
  if (node.kind == Kind::scalar && number && known != units.end()) {
    const double value = *number * known->factor;
    if (is_in_range(value, range, node.where, problems)) return value;
    return std::nullopt;
  }
  if (node.kind == Kind::scalar && node.is_plain && parse_float(node.text)) return read_number(node, range, problems);
  std::vector<std::string_view> names;
  for (const Unit& u : units) names.push_back(u.name);
  problems.error(node.where,
                 range.what + " must be a number with a unit, such as " + std::string(example) + ", " + found(node),
                 {"units: " + joined(names)});
  return std::nullopt;
}

Limits read_limits(const YamlNode& node, SweepSpec::Places& places, Problems& problems) {
  Limits limits;
  const Fields fields(node, "limits", std::array{"job_timeout"sv, "max_jobs"sv, "memory"sv}, problems);
  if (const YamlNode* timeout = fields.find("job_timeout"))
    limits.job_timeout = read_quantity(*timeout, {"job_timeout", 0, 1e9, true}, kTimeUnits, "10m", problems);
  if (const YamlNode* max_jobs = fields.find("max_jobs")) {
    places.max_jobs = max_jobs->where;
    limits.max_jobs = read_integer(*max_jobs, {"max_jobs", 1, 1e9}, problems).value_or(limits.max_jobs);
  }
  if (const YamlNode* memory = fields.find("memory"))
    if (const std::optional<double> bytes = read_quantity(*memory, {"memory", 1, 1e18}, kSizeUnits, "8GiB", problems))
      limits.memory = static_cast<std::uint64_t>(*bytes);
  return limits;
}

// The entries of a list; none if it is absent, or if all of it is commented out.
std::vector<const YamlNode*> entries_of_list(const YamlNode* node, const char* what, Problems& problems) {
  std::vector<const YamlNode*> entries;
  if (node == nullptr || node->kind == Kind::null) return entries;
  if (node->kind != Kind::sequence) {
    problems.error(node->where, std::string(what) + " must be a list of maps, " + found(*node));
    return entries;
  }
  for (const YamlNode& child : node->children) entries.push_back(&child);
  return entries;
}

std::vector<Assignment> read_cell(const YamlNode& node, const char* what, const char* list_advice, Problems& problems) {
  std::vector<Assignment> cell = read_assignments(node, what, list_advice, problems);
  Together together;
  for (const Assignment& assignment : cell) together.add(assignment);
  together.report(problems);
  return cell;
}

std::string hint_of_key(std::string_view key) {
  if (key == "zip") return "`zip` stands under `grid`: zip: {depth: [2, 5], width: [300, 100]}";
  if (key == "when")
    return "`when` stands inside an axis: mode: {values: [fan_in, fan_out], when: {initializer: normal}}";
  return parse_setting(key)
             ? quoted(key) + " is a setting; it stands under `settings`, or with several values under `grid`"
             : "";
}

void read_version(const YamlNode& node, Problems& problems) {
  const std::optional<std::int64_t> version = read_integer(node, {"version"}, problems);
  if (version && *version != 1)
    problems.error(node.where, "version must be 1, got " + node.text, {"this program reads version 1 of sweep files"});
}

void read_sweep(const YamlNode& root, SweepSpec& spec, Problems& problems) {
  const Fields fields(root, "the sweep file", kSweepKeys, problems, hint_of_key);
  if (const YamlNode* version = fields.require("version")) read_version(*version, problems);
  if (const YamlNode* name = fields.require("name")) spec.name = read_name(*name, problems);
  if (const YamlNode* description = fields.find("description");
      description != nullptr && description->kind != Kind::null)
    spec.description = read_text(*description, "description", problems).value_or("");
  if (const YamlNode* about = fields.find("about"); about != nullptr && about->kind != Kind::null)
    spec.about = read_about(*about, problems);
  if (const YamlNode* settings = fields.find("settings"); settings != nullptr && settings->kind != Kind::null)
    spec.settings = read_cell(*settings, "settings", "several values stand under `grid`", problems);
  if (const YamlNode* grid = fields.find("grid")) {
    spec.places.grid = spec.places.max_jobs = grid->where;
    spec.blocks = read_grid(*grid, problems);
  }
  if (const YamlNode* seeds = fields.find("seeds")) spec.seeds = read_seeds(*seeds, problems);
  for (const YamlNode* node : entries_of_list(fields.find("exclude"), "exclude", problems)) {
    if (node->kind == Kind::map && node->keys.empty())
      problems.error(node->where, "this exclude names no setting, so it would drop every cell");
    if (std::optional<Pattern> pattern = read_pattern(*node, "an exclude", problems))
      spec.exclude.push_back(std::move(*pattern));
  }
  for (const YamlNode* node : entries_of_list(fields.find("include"), "include", problems))
    spec.include.push_back(
        read_cell(*node, "an include", "an include is one cell; write an entry for each value", problems));
  if (const YamlNode* probe = fields.find("probe"))
    spec.probe = read_boolean(*probe, "probe", problems).value_or(spec.probe);
  if (const YamlNode* record = fields.find("record")) spec.record = read_record(*record, problems);
  if (const YamlNode* limits = fields.find("limits")) spec.limits = read_limits(*limits, spec.places, problems);
  if (const YamlNode* expect = fields.find("expect"); expect != nullptr && expect->kind != Kind::null)
    spec.expect = read_expectations(*expect, spec, problems);
}

}  // namespace

SweepSpec parse_spec(std::string_view text, std::string file, std::span<const std::string> overrides) {
  SweepSpec spec;
  spec.file = std::move(file);
  spec.overrides.assign(overrides.begin(), overrides.end());
  Problems problems(spec);
  if (text.size() > kMaxSweepBytes) {
    problems.error({}, "the file is too long; a sweep file has at most " + std::to_string(kMaxSweepBytes) + " bytes");
    problems.throw_if_any();
  }
  spec.text = normalized(text);
  if (std::optional<YamlNode> root = parse_yaml(spec.text, {1, 1, 1}, problems)) {
    if (root->kind == Kind::null) {
      problems.error({1, 1, 1}, "the sweep file is empty");
    } else if (root->kind != Kind::map) {
      problems.error(root->where, "a sweep file must be a map, " + found(*root),
                     {"it starts with `version: 1`; a space follows each colon"});
    } else {
      apply_overrides(spec, *root, problems);
      read_sweep(*root, spec, problems);
    }
  }
  problems.throw_if_any();
  spec.warnings = warnings_of(spec);
  return spec;
}

SettingValue parse_setting_value(Setting setting, std::string_view text, std::string_view option) {
  SweepSpec spec;
  spec.file = option;
  const std::string key = std::string(setting_info(setting).name) + '=';
  spec.text = key + std::string(text);
  Problems problems(spec);
  std::optional<SettingValue> value;
  if (const std::optional<YamlNode> node = parse_yaml(text, {1, static_cast<int>(key.size()) + 1, 1}, problems))
    value = read_setting_value(setting, *node, problems);
  problems.throw_if_any();
  return std::move(*value);
}

}  // namespace initsweep
