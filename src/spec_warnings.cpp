#include "spec_warnings.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "initsweep/settings.hpp"
#include "initsweep/stats.hpp"
#include "problems.hpp"

namespace initsweep {
namespace {

// The kinds that any cell may have.
struct Kinds {
  std::set<std::string_view> structured;  // initializers and activations
  std::set<OptimizerKind> optimizers;

  explicit Kinds(const SweepSpec& spec) {
    const JobSettings defaults;
    structured = {to_text(defaults.initializer.kind), to_text(defaults.activation.kind)};
    optimizers = {defaults.optimizer};
    add(spec.settings);
    for (const Block& block : spec.blocks)
      for (const Axis& axis : block)
        for (const std::vector<Assignment>& row : axis.values) add(row);
    for (const std::vector<Assignment>& cell : spec.include) add(cell);
  }

  void add(const std::vector<Assignment>& assignments) {
    for (const Assignment& assignment : assignments) {
      if (const auto* law = std::get_if<InitializerValue>(&assignment.value))
        structured.insert(to_text(law->initializer.kind));
      if (const auto* f = std::get_if<ActivationValue>(&assignment.value))
        structured.insert(to_text(f->activation.kind));
      if (const auto* optimizer = std::get_if<OptimizerKind>(&assignment.value)) optimizers.insert(*optimizer);
    }
  }
};

// "sgd" reads no momentum, so a momentum beside it alone does nothing. Empty if the setting may matter.
std::string why_without_effect(Setting setting, const Kinds& kinds) {
  const std::string name = quoted(setting_info(setting).name);
  if (is_parameter(setting)) {
    const std::string_view kind = kind_of_parameter(setting);
    return kinds.structured.contains(kind) ? "" : name + " has no effect: no cell has " + std::string(kind);
  }
  std::vector<std::string_view> readers;
  for (const KindInfo& info : kind_table<OptimizerKind>()) {
    JobSettings settings;
    settings.optimizer = *parse_kind<OptimizerKind>(info.name);
    if (setting_text(settings, setting).empty()) continue;
    if (kinds.optimizers.contains(settings.optimizer)) return "";
    readers.push_back(info.name);
  }
  return name + " has no effect: no cell has an optimizer that reads it (" + joined(readers) + ")";
}

}  // namespace

std::vector<Diagnostic> warnings_of(const SweepSpec& spec) {
  Warnings warnings(spec);
  const Kinds kinds(spec);
  const auto check_effect = [&](Setting setting, SourceLocation where) {
    const bool may_lack_effect = is_parameter(setting) || (setting >= Setting::momentum && setting <= Setting::epsilon);
    if (!may_lack_effect) return;
    if (std::string why = why_without_effect(setting, kinds); !why.empty()) warnings.add(where, std::move(why));
  };
  for (const Assignment& assignment : spec.settings) check_effect(assignment.setting, assignment.where);
  for (const Block& block : spec.blocks)
    for (const Axis& axis : block)
      for (const Setting setting : axis.settings) check_effect(setting, axis.where);

  for (const Expectation& claim : spec.expect) {
    const std::size_t n_seeds = spec.seeds.size();
    if (claim.bound == Expectation::Bound::includes) {
      const auto needed = static_cast<std::size_t>(values_for_quantiles(claim.confidence));
      if (n_seeds < needed)
        warnings.add(claim.location, "includes needs " + std::to_string(needed) +
                                         " seeds at its confidence, and this sweep has " + std::to_string(n_seeds) +
                                         "; it will be inconclusive");
    } else if (n_seeds < 2 && !claim.status && claim.over == Expectation::Over::mean) {
      warnings.add(claim.location,
                   "a claim about the mean needs 2 seeds, and this sweep has one; it will be inconclusive");
    }
  }
  return warnings.take();
}

}  // namespace initsweep
