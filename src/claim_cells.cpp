#include "claim_cells.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>

#include "initsweep/diagnostic.hpp"

namespace initsweep {
namespace {

// A thousand claims may be about half a million cells. What is done is counted, in units of about 20 ns, and bounded.
constexpr std::size_t kMaxEffort = 100'000'000;
constexpr std::size_t kText = 100, kComparing = 100, kGroup = 50;  // a group takes memory, too

using SettingSet = std::bitset<kSettingColumnCount>;

// What may differ because another setting does.
struct Consequence {
  Setting of, follows;
};
constexpr std::array<Consequence, 9> kConsequences = {{{Setting::initializer, Setting::mode},
                                                       {Setting::initializer, Setting::bias_stddev},
                                                       {Setting::optimizer, Setting::momentum},
                                                       {Setting::optimizer, Setting::rho},
                                                       {Setting::optimizer, Setting::beta1},
                                                       {Setting::optimizer, Setting::beta2},
                                                       {Setting::optimizer, Setting::epsilon},
                                                       {Setting::depth, Setting::width},
                                                       {Setting::width, Setting::depth}}};

std::size_t place(Setting setting) { return static_cast<std::size_t>(setting); }

// normal.stddev shows in the column of the initializer, leaky_relu.slope in that of the activation.
Setting column_of(Setting setting) {
  if (!is_parameter(setting)) return setting;
  return parse_kind<ActivationKind>(kind_of_parameter(setting)) ? Setting::activation : Setting::initializer;
}

SettingSet named_by(const Expectation& claim) {
  SettingSet named;
  for (const std::optional<Pattern>& side : {claim.higher, claim.than})
    if (side)
      for (const Assignment& a : side->settings) named.set(place(column_of(a.setting)));
  if (claim.best_over) named.set(place(column_of(*claim.best_over)));
  return named;
}

bool holds(const JobSettings& name, std::span<const Assignment> conditions) {
  return std::all_of(conditions.begin(), conditions.end(),
                     [&](const Assignment& a) { return matches(name, a.setting, a.value); });
}

// Whether settings of this name can come of these assignments. One without a meaning for them says nothing, and of a
// structured value only the kind does, since its parameters may be axes of their own.
bool can_come_of(const std::vector<Assignment>& assignments, const JobSettings& name) {
  return std::all_of(assignments.begin(), assignments.end(), [&](const Assignment& a) {
    if (const auto* law = std::get_if<InitializerValue>(&a.value))
      return law->initializer.kind == name.initializer.kind;
    if (const auto* f = std::get_if<ActivationValue>(&a.value)) return f->activation.kind == name.activation.kind;
    return setting_text(name, a.setting).empty() || matches(name, a.setting, a.value);
  });
}

bool can_come_of(const Axis& axis, const JobSettings& name) {
  return !holds(name, axis.when) || std::any_of(axis.values.begin(), axis.values.end(),
                                                [&](const auto& values) { return can_come_of(values, name); });
}

// Whether the sweep gives these settings their value of `setting`, and not a default.
bool is_written(const SweepSpec& spec, const JobSettings& name, Setting setting) {
  const auto is_about = [&](const Assignment& a) {
    return (a.setting == setting || (setting == Setting::mode && a.setting == Setting::variance_scaling_mode)) &&
           matches(name, a.setting, a.value);
  };
  const auto any = [&](const std::vector<Assignment>& assignments) {
    return std::any_of(assignments.begin(), assignments.end(), is_about);
  };
  const auto writes = [&](const Axis& axis) {
    return holds(name, axis.when) && std::any_of(axis.values.begin(), axis.values.end(), any);
  };
  // What another block or cell of `include` says is not about these settings.
  for (const Block& block : spec.blocks)
    if (std::any_of(block.begin(), block.end(), writes) &&
        std::all_of(block.begin(), block.end(), [&](const Axis& axis) { return can_come_of(axis, name); }))
      return true;
  return any(spec.settings) || std::any_of(spec.include.begin(), spec.include.end(),
                                           [&](const auto& cell) { return any(cell) && can_come_of(cell, name); });
}

// The widths that one way of tapering gives at two depths.
bool have_same_ends(const std::vector<int>& a, const std::vector<int>& b) {
  return a.front() == b.front() && (a.back() == b.back() || a.size() == 1 || b.size() == 1);
}

// Everything but some settings.
std::string text_without(const JobSettings& name, const SettingSet& left_out) {
  std::string text;
  for (int i = 0; i < kSettingColumnCount; ++i)
    if (!left_out[static_cast<std::size_t>(i)]) text += setting_text(name, static_cast<Setting>(i)) + '\n';
  return text;
}

// Cells of one side that stand together: one, or those that differ in best_over alone.
struct Group {
  std::vector<std::size_t> cells;
  const JobSettings* name;  // one that matches
};

class Pairing {
 public:
  Pairing(const SweepSpec& spec, const Grid& grid, const Expectation& claim, std::size_t& effort)
      : spec_(spec), grid_(grid), claim_(claim), effort_(effort), named_(named_by(claim)), loose_(named_) {
    for (const Consequence& consequence : kConsequences)
      if (named_[place(consequence.of)] && !named_[place(consequence.follows)]) {
        loose_.set(place(consequence.follows));
        follows_.push_back(consequence.follows);
      }
    const auto count = [this](const std::vector<Assignment>& assignments) {
      for (const Assignment& a : assignments)
        is_assigned_.set(place(a.setting == Setting::variance_scaling_mode ? Setting::mode : column_of(a.setting)));
      n_values_ += assignments.size();
    };
    count(spec.settings);
    for (const Block& block : spec.blocks)
      for (const Axis& axis : block)
        for (const std::vector<Assignment>& values : axis.values) count(values);
    for (const std::vector<Assignment>& cell : spec.include) count(cell);
  }

  [[nodiscard]] std::vector<ClaimCells> rows() {
    std::vector<ClaimCells> rows;
    if (!claim_.higher || !claim_.than) {
      for (Group& group : groups(nullptr)) rows.push_back({std::move(group.cells), {}});
      return rows;
    }
    const std::vector<Group> others = groups(&*claim_.than);
    std::unordered_map<std::string, std::vector<const Group*>> by_rest;
    for (const Group& other : others) by_rest[text_of(*other.name, loose_)].push_back(&other);
    std::set<std::pair<std::vector<std::size_t>, std::vector<std::size_t>>>
        seen;  // several names of two cells may agree
    for (const Group& group : groups(&*claim_.higher)) {
      const auto candidates = by_rest.find(text_of(*group.name, loose_));
      if (candidates == by_rest.end()) continue;
      for (const Group* other : candidates->second) {
        spend(kComparing);
        if (follow_alike(*group.name, *other->name) && seen.emplace(group.cells, other->cells).second)
          rows.push_back({group.cells, other->cells});
      }
    }
    return rows;
  }

 private:
  // The cells that match `where` and the side, every matching name of each, grouped over best_over.
  [[nodiscard]] std::vector<Group> groups(const Pattern* side) {
    std::vector<Group> groups;
    std::unordered_map<std::string, std::size_t> place_of;
    SettingSet over;
    if (claim_.best_over) over.set(place(column_of(*claim_.best_over)));
    for (std::size_t cell = 0; cell < grid_.cells.size(); ++cell) {
      for (const JobSettings& name : grid_.cells[cell].names) {
        spend(1);
        if (!holds(name, claim_.where.settings) || (side != nullptr && !holds(name, side->settings))) continue;
        if (claim_.best_over) {
          const auto [at, is_new] = place_of.try_emplace(text_of(name, over), groups.size());
          if (!is_new) {
            std::vector<std::size_t>& cells = groups[at->second].cells;
            if (cells.back() != cell) cells.push_back(cell);
            if (side == nullptr) break;
            continue;
          }
        }
        spend(kGroup);
        groups.push_back({{cell}, &name});
        if (side == nullptr) break;  // one name is enough where nothing is compared
      }
    }
    return groups;
  }

  [[nodiscard]] bool follow_alike(const JobSettings& a, const JobSettings& b) {
    return std::all_of(follows_.begin(), follows_.end(), [&](Setting setting) {
      if (setting == Setting::width) return have_same_ends(a.width, b.width);
      const std::string of_a = setting_text(a, setting), of_b = setting_text(b, setting);
      if (of_a == of_b || of_a.empty() || of_b.empty() || !is_assigned_[place(setting)]) return true;
      spend(n_values_);
      return !is_written(spec_, a, setting) || !is_written(spec_, b, setting);
    });
  }

  [[nodiscard]] std::string text_of(const JobSettings& name, const SettingSet& left_out) {
    spend(kText);
    return text_without(name, left_out);
  }

  void spend(std::size_t effort) {
    effort_ += effort;
    if (effort_ <= kMaxEffort) return;
    throw SpecError(
        {located(spec_, Severity::error, claim_.location,
                 "the claims up to this one take too long to check; make fewer of them, or about fewer cells")});
  }

  const SweepSpec& spec_;
  const Grid& grid_;
  const Expectation& claim_;
  std::size_t& effort_;
  SettingSet named_, loose_;
  std::vector<Setting> follows_;
  SettingSet is_assigned_;    // anywhere in the sweep
  std::size_t n_values_ = 1;  // that the sweep assigns in all
};

}  // namespace

std::vector<std::vector<ClaimCells>> cells_of_claims(const SweepSpec& spec, const Grid& grid) {
  std::size_t effort = 0;
  std::vector<std::vector<ClaimCells>> cells;
  for (const Expectation& claim : spec.expect) cells.push_back(Pairing(spec, grid, claim, effort).rows());
  return cells;
}

}  // namespace initsweep
