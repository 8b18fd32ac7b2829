#include "baseline_yaml.hpp"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"
#include "metric.hpp"
#include "problems.hpp"
#include "spec_node.hpp"
#include "yaml_tree.hpp"

namespace initsweep {
namespace {

using Kind = YamlNode::Kind;

constexpr int kVersion = 1;
constexpr std::int64_t kMaxClasses = 256;
constexpr std::array<std::string_view, 12> kKeys = {"version", "sweep",   "reason",   "accepted", "cells",    "jobs",
                                                    "seeds",   "made_by", "numerics", "data",     "settings", "gate"};

// A scalar that YAML reads as this text whatever it holds: JSON's strings are YAML's double-quoted ones. What does not
// show is made to first: JSON would escape some of it as two surrogates, which YAML does not read.
std::string in_quotes(const std::string& text) { return nlohmann::json(printable_lines(text)).dump(); }

// The tolerances as a user would write them, or an example.
std::string gate_text(const std::map<std::string, Tolerance>& gate) {
  std::string text =
      "# Yours to edit, and kept (less comments) when results are accepted again: numeric columns of jobs.csv, job by "
      "job,\n"
      "# |now - before| <= atol + rtol |before|. For example  test_loss: {rtol: 0.1, atol: 0.01}\n"
      "gate:";
  if (gate.empty()) return text + " {}\n";
  text += '\n';
  for (const auto& [column, tolerance] : gate)
    text +=
        "  " + column + ": {rtol: " + number_text(tolerance.rtol) + ", atol: " + number_text(tolerance.atol) + "}\n";
  return text;
}

std::string seeds_text(const std::set<std::int64_t>& seeds) {
  std::string text;
  for (const std::int64_t seed : seeds) text += (text.empty() ? "" : ", ") + std::to_string(seed);
  return "[" + text + "]";
}

std::int64_t classes_of(const std::vector<BaselineCell>& cells, const std::string& dataset) {
  for (const BaselineCell& cell : cells) {
    const auto of_cell = cell.settings.find("dataset");
    if (of_cell != cell.settings.end() && of_cell->second == dataset && cell.chance > 0)
      return std::llround(1 / cell.chance);
  }
  return 0;
}

class Reader {
 public:
  Reader(std::string_view text, std::string file) : problems_(source_) {
    source_.file = std::move(file);
    source_.text = normalized(text);
  }

  BaselineNotes read() {
    const std::optional<YamlNode> tree = parse_yaml(source_.text, {1, 1, 1}, problems_);
    if (tree) read_top(*tree);
    problems_.throw_if_any();
    return std::move(notes_);
  }

 private:
  void read_top(const YamlNode& tree) {
    const Fields fields(tree, "a baseline", kKeys, problems_);
    if (!fields.is_map()) return;
    Baseline& baseline = notes_.baseline;
    if (const YamlNode* version = fields.require("version"))
      if (const auto n = read_integer(*version, {"version", 1, 1e9}, problems_); n && *n != kVersion)
        problems_.error(version->where, "this program reads version 1 of baselines, got " + std::to_string(*n) +
                                            "; accept the results again, or use the program that wrote it");
    read(fields, "sweep", baseline.sweep);
    read(fields, "reason", baseline.reason);
    read(fields, "accepted", baseline.accepted);
    if (const YamlNode* jobs = fields.require("jobs"))
      notes_.n_jobs = static_cast<std::size_t>(read_integer(*jobs, {"jobs", 0, 1e9}, problems_).value_or(0));
    if (const YamlNode* made_by = fields.require("made_by")) read_tool(*made_by);
    if (const YamlNode* numerics = fields.require("numerics")) read_numerics(*numerics);
    if (const YamlNode* data = fields.require("data")) read_data(*data);
    if (const YamlNode* settings = fields.require("settings"))
      for (const Entry& entry : entries_of(*settings, "settings", problems_))
        if (const auto text = read_text(*entry.value, entry.key->text, problems_))
          notes_.settings[entry.key->text] = *text;
    if (const YamlNode* gate = fields.find("gate")) read_gate(*gate);
  }

  void read(const Fields& fields, std::string_view key, std::string& into) {
    if (const YamlNode* node = fields.require(key)) into = read_text(*node, key, problems_).value_or("");
  }

  void read_tool(const YamlNode& node) {
    static constexpr std::array<std::string_view, 3> kToolKeys = {"version", "compiler", "flags"};
    const Fields fields(node, "made_by", kToolKeys, problems_);
    if (!fields.is_map()) return;
    read(fields, "version", notes_.baseline.tool.version);
    read(fields, "compiler", notes_.baseline.tool.compiler);
    read(fields, "flags", notes_.baseline.tool.flags);
  }

  void read_numerics(const YamlNode& node) {
    static constexpr std::array<std::string_view, 4> kNumericsKeys = {"revision", "instruction_set", "gemm",
                                                                      "cache_bytes"};
    const Fields fields(node, "numerics", kNumericsKeys, problems_);
    if (!fields.is_map()) return;
    Numerics& numerics = notes_.baseline.numerics;
    if (const YamlNode* revision = fields.require("revision"))
      numerics.revision = static_cast<int>(read_integer(*revision, {"revision", 0, 1e9}, problems_).value_or(0));
    read(fields, "instruction_set", numerics.instruction_set);
    read(fields, "gemm", numerics.gemm);
    const YamlNode* cache = fields.require("cache_bytes");
    if (cache == nullptr) return;
    if (cache->kind != Kind::sequence || cache->children.size() != 3)
      return problems_.error(cache->where, "cache_bytes must be a list of three numbers");
    const std::array sizes = {&numerics.cache.l1, &numerics.cache.l2, &numerics.cache.l3};
    for (std::size_t i = 0; i < sizes.size(); ++i)
      *sizes[i] = static_cast<long>(read_integer(cache->children[i], {"cache_bytes", 0, 1e12}, problems_).value_or(0));
  }

  void read_data(const YamlNode& node) {
    static constexpr std::array<std::string_view, 2> kDataKeys = {"sha256", "classes"};
    for (const Entry& entry : entries_of(node, "data", problems_)) {
      const Fields fields(*entry.value, "a data set", kDataKeys, problems_);
      if (!fields.is_map()) continue;
      read(fields, "sha256", notes_.baseline.data[entry.key->text]);
      if (const YamlNode* classes = fields.find("classes"))
        notes_.classes[entry.key->text] =
            read_integer(*classes, {"classes", 1, static_cast<double>(kMaxClasses)}, problems_).value_or(1);
    }
  }

  void read_gate(const YamlNode& node) {
    if (node.kind == Kind::null) return;
    static constexpr std::array<std::string_view, 2> kToleranceKeys = {"rtol", "atol"};
    for (const Entry& entry : entries_of(node, "gate", problems_)) {
      const std::string& column = entry.key->text;
      if (find_job_metric(column) == nullptr) {
        report_unknown(entry.key->where, "unknown column " + initsweep::quoted(column) + " in gate", column,
                       baseline_columns(), problems_);
        continue;
      }
      const Fields fields(*entry.value, "a tolerance", kToleranceKeys, problems_);
      if (!fields.is_map()) continue;
      Tolerance& tolerance = notes_.baseline.gate[column];
      if (fields.find("rtol") == nullptr && fields.find("atol") == nullptr)
        problems_.error(entry.key->where, "a tolerance is rtol, atol or both, such as {rtol: 0.1, atol: 0.01}");
      for (const auto& [key, into] : {std::pair("rtol", &tolerance.rtol), std::pair("atol", &tolerance.atol)})
        if (const YamlNode* value = fields.find(key)) *into = read_number(*value, {key, 0}, problems_).value_or(0);
    }
  }

  SweepSpec source_;  // gives the problems their file and text
  Problems problems_;
  BaselineNotes notes_;
};

}  // namespace

std::string baseline_yaml(const Baseline& baseline, const std::map<std::string, std::string>& shared,
                          const std::string& stem) {
  const Numerics& numerics = baseline.numerics;
  std::string text = "# Results that were accepted, written by `initsweep baseline accept`; a row a job in " +
                     printable(stem) +
                     ".csv.\n"
                     "version: 1\n"
                     "sweep: " +
                     in_quotes(baseline.sweep) +
                     "\n"
                     "reason: " +
                     in_quotes(baseline.reason) +
                     "\n"
                     "accepted: " +
                     in_quotes(baseline.accepted) +
                     "\n"
                     "cells: " +
                     std::to_string(baseline.cells.size()) +
                     "\n"
                     "jobs: " +
                     std::to_string(n_jobs(baseline)) +
                     "\n"
                     "seeds: " +
                     seeds_text(seeds_of(baseline)) +
                     "\n"
                     "made_by:\n"
                     "  version: " +
                     in_quotes(baseline.tool.version) +
                     "\n"
                     "  compiler: " +
                     in_quotes(baseline.tool.compiler) +
                     "\n"
                     "  flags: " +
                     in_quotes(baseline.tool.flags) +
                     "\n"
                     "numerics:\n"
                     "  revision: " +
                     std::to_string(numerics.revision) +
                     "\n"
                     "  instruction_set: " +
                     in_quotes(numerics.instruction_set) +
                     "\n"
                     "  gemm: " +
                     in_quotes(numerics.gemm) +
                     "\n"
                     "  cache_bytes: [" +
                     std::to_string(numerics.cache.l1) + ", " + std::to_string(numerics.cache.l2) + ", " +
                     std::to_string(numerics.cache.l3) +
                     "]\n"
                     "data:\n";
  for (const auto& [name, digest] : baseline.data) {
    const std::int64_t n_classes = classes_of(baseline.cells, name);  // 0 for one that no cell has under this name
    text += "  " + in_quotes(printable(name)) + ": {sha256: " + in_quotes(digest) +
            (n_classes > 0 ? ", classes: " + std::to_string(n_classes) : "") + "}\n";
  }
  text += "settings:";
  text += shared.empty() ? " {}\n" : "\n";
  for (const auto& [name, value] : shared) text += "  " + name + ": " + in_quotes(printable(value)) + "\n";
  return text + gate_text(baseline.gate);
}

BaselineNotes parse_baseline_yaml(std::string_view text, std::string file) {
  return Reader(text, std::move(file)).read();
}

}  // namespace initsweep
