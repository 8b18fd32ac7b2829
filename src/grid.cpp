#include "initsweep/grid.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "cell_label.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/identity.hpp"
#include "initsweep/number.hpp"
#include "problems.hpp"

namespace initsweep {
namespace {

// Beyond this many a grid is a slip (an axis too many), and listing it would only take time.
constexpr std::size_t kMaxCombinations = 500'000;
// All jobs of a sweep are kept in memory.
constexpr std::size_t kMostJobs = 1'000'000;
// As many problems of combinations as anyone reads.
constexpr std::size_t kMaxProblems = 20;

// A sweep file of some lines can ask for hours of expanding: each of half a million combinations has conditions to be
// decided, excludes to be held against and up to ten thousand layers. What is done for each is counted, in units of
// about 20 ns, and all of it together is bounded.
constexpr std::size_t kMaxEffort = 100'000'000;
constexpr std::size_t kResolving = 50, kLayer = 5, kStructured = 25, kNaming = 100;

std::size_t effort_of(const JobSettings& settings) { return kResolving + kLayer * settings.width.size(); }

// Of holding settings against a value.
std::size_t effort_of(const std::vector<Assignment>& pattern, std::size_t n_layers) {
  std::size_t effort = 1;
  for (const Assignment& condition : pattern) {
    const bool is_plain = !is_parameter(condition.setting) && condition.setting != Setting::initializer &&
                          condition.setting != Setting::activation && condition.setting != Setting::input_scaling;
    effort += condition.setting == Setting::width ? kLayer * n_layers : is_plain ? 1 : kStructured;
  }
  return effort;
}

// Which axes of a block are present, given one value of each: an axis with a condition is absent where it does not
// hold. Conditions may rest on axes that have conditions themselves, so axes are decided in rounds.
class Presence {
 public:
  Presence(const SweepSpec& spec, const Block& block) : spec_(spec), block_(block) {}

  // The chosen assignments of a combination, values[i] being the index into axis i; nullopt if an absent axis is not at
  // its first value, since the combination then exists already.
  [[nodiscard]] std::optional<std::vector<Assignment>> choose(const std::vector<std::size_t>& values,
                                                              std::vector<Diagnostic>& problems,
                                                              std::size_t& effort) const {
    std::vector<Assignment> chosen;
    std::vector<std::size_t> undecided;
    for (std::size_t i = 0; i < block_.size(); ++i) {
      if (block_[i].when.empty())
        append(chosen, block_[i].values[values[i]]);
      else
        undecided.push_back(i);
    }
    while (!undecided.empty()) {
      std::vector<Diagnostic> premature;  // settings are still incomplete here
      const JobSettings settings = resolve(spec_.settings, chosen, premature);
      effort += effort_of(settings);
      std::vector<std::size_t> waiting;
      std::vector<Assignment> added;
      for (const std::size_t i : undecided) {
        if (rests_on(block_[i], undecided, i)) {
          waiting.push_back(i);
        } else if (effort += effort_of(block_[i].when, settings.width.size()); holds(settings, block_[i].when)) {
          append(added, block_[i].values[values[i]]);
        } else if (values[i] != 0) {
          return std::nullopt;
        }
      }
      if (waiting.size() == undecided.size()) {
        problems.push_back(located(spec_, Severity::error, block_[waiting.front()].where,
                                   "the conditions of these axes rest on each other in a circle"));
        return std::nullopt;
      }
      append(chosen, added);
      undecided = std::move(waiting);
    }
    return chosen;
  }

 private:
  static void append(std::vector<Assignment>& to, const std::vector<Assignment>& more) {
    to.insert(to.end(), more.begin(), more.end());
  }

  static bool holds(const JobSettings& settings, const std::vector<Assignment>& when) {
    return std::all_of(when.begin(), when.end(), [&](const Assignment& condition) {
      return matches(settings, condition.setting, condition.value);
    });
  }

  // Whether the axis' condition names a setting that another undecided axis assigns.
  [[nodiscard]] bool rests_on(const Axis& axis, const std::vector<std::size_t>& undecided, std::size_t self) const {
    for (const std::size_t other : undecided) {
      if (other == self) continue;
      for (const Assignment& condition : axis.when)
        for (const Setting assigned : block_[other].settings)
          if (condition.setting == assigned) return true;
    }
    return false;
  }

  const SweepSpec& spec_;
  const Block& block_;
};

std::size_t n_combinations(const Block& block) {
  std::size_t n = 1;
  for (const Axis& axis : block) {
    if (axis.values.empty()) return 0;
    if (n > kMaxCombinations) return n;  // enough to know, and no overflow
    n *= axis.values.size();
  }
  return n;
}

// The next combination, the last axis fastest; false after the last one.
bool advance(std::vector<std::size_t>& values, const Block& block) {
  for (std::size_t i = block.size(); i-- > 0;) {
    if (++values[i] < block[i].values.size()) return true;
    values[i] = 0;
  }
  return false;
}

// The same net when none is trained (probe: true).
JobSettings only_looked_at(JobSettings settings) {
  settings.epochs = 0;
  settings.steps.reset();
  return settings;
}

// Two names of one cell: the settings in which they differ, "initializer=he_normal, mode=fan_in".
std::string difference_text(const JobSettings& of, const JobSettings& from) {
  std::string text;
  for (int i = 0; i < kSettingColumnCount; ++i) {
    const auto setting = static_cast<Setting>(i);
    const std::string value = setting_text(of, setting);
    if (value == setting_text(from, setting)) continue;
    if (!text.empty()) text += ", ";
    text += std::string(setting_info(setting).name) + '=' + (value.empty() ? "-" : printable(value));
  }
  return text;
}

constexpr std::string_view kForUntrained = " for a net that is not trained";

// Why a combination came out under a name that is there already: what was chosen in it without a meaning.
std::string meaningless_text(const std::vector<Assignment>& chosen, const JobSettings& settings) {
  std::string text;
  for (const Assignment& assignment : chosen) {
    const bool absent =
        setting_text(settings, assignment.setting).empty() && !std::holds_alternative<std::monostate>(assignment.value);
    if (!absent) continue;
    const bool of_optimizer = assignment.setting >= Setting::momentum && assignment.setting <= Setting::epsilon;
    const bool of_training = !settings.is_trained() && is_of_training(assignment.setting);
    if (!text.empty()) text += "; ";
    text += std::string(setting_info(assignment.setting).name) + " has no meaning" +
            (of_training ? std::string(kForUntrained)
                         : " for " + setting_text(settings, of_optimizer ? Setting::optimizer : Setting::initializer));
  }
  return text.empty() ? "the same combination again" : text;
}

// Tells the names of a cell apart, and those of one cell from those of another.
std::string name_text(std::size_t cell, const JobSettings& name) {
  std::string text = std::to_string(cell);
  for (int i = 0; i < kSettingColumnCount; ++i) text += '\n' + setting_text(name, static_cast<Setting>(i));
  return text;
}

class Expansion {
 public:
  Expansion(const SweepSpec& spec, const DatasetDigests& digests)
      : spec_(spec), digests_(digests), times_excluded_(spec.exclude.size(), 0) {}

  void add_block(const Block& block) {
    const Presence presence(spec_, block);
    std::vector<std::size_t> values(block.size(), 0);
    do {
      if (std::optional<std::vector<Assignment>> chosen = presence.choose(values, problems_, effort_)) {
        ++grid_.combinations;
        add(*chosen, /*may_be_excluded=*/true);
      }
    } while (!is_enough() && advance(values, block));
  }

  void include(const std::vector<Assignment>& cell) {
    if (is_enough()) return;
    ++grid_.combinations;
    add(cell, /*may_be_excluded=*/false);
  }

  void add(const std::vector<Assignment>& chosen, bool may_be_excluded) {
    std::vector<Diagnostic> found;
    JobSettings settings = resolve(spec_.settings, chosen, found);
    effort_ += effort_of(settings);
    for (Diagnostic& problem : found) report(located(spec_, Severity::error, problem.where, problem.message));
    if (!found.empty()) return;
    if (may_be_excluded && exclude(settings)) return;
    fold(std::move(settings), chosen);
  }

  [[nodiscard]] Grid finish() {
    if (problems_.empty() && grid_.cells.empty())
      report(located(spec_, Severity::error, spec_.exclude.empty() ? spec_.places.grid : spec_.exclude.front().where,
                     "the grid is empty: every combination is excluded"));
    const std::size_t n_jobs = cell_of_.size() * spec_.seeds.size();
    if (effort_ > kMaxEffort)
      report(located(spec_, Severity::error, spec_.places.grid,
                     "this grid takes too long to expand; give it fewer combinations, conditions or layers"));
    else if (has_too_many_jobs())
      report(located(spec_, Severity::error, spec_.places.max_jobs,
                     "the sweep has " + std::to_string(n_jobs) + " jobs, more than " +
                         (max_jobs() == kMostJobs
                              ? std::to_string(kMostJobs) + ", the most that a sweep can have; narrow the grid"
                              : "limits.max_jobs (" + std::to_string(max_jobs()) + "); raise it, or narrow the grid")));
    if (!problems_.empty()) throw SpecError(problems_);

    Warnings warnings(spec_);
    for (std::size_t i = 0; i < times_excluded_.size(); ++i)
      if (times_excluded_[i] == 0) warnings.add(spec_.exclude[i].where, "this exclude matches no combination");
    grid_.warnings = warnings.take();
    grid_.jobs.reserve(n_jobs);
    for (std::size_t cell = 0; cell < grid_.cells.size(); ++cell) {
      const std::string& digest = digests_.at(grid_.cells[cell].settings.dataset);
      for (const std::int64_t seed : spec_.seeds)
        grid_.jobs.push_back({cell, seed, job_id(grid_.cells[cell].id, seed, digest)});
    }
    for (int i = 0; i < kSettingColumnCount; ++i) {
      const auto setting = static_cast<Setting>(i);
      const std::string first = setting_text(grid_.cells.front().names.front(), setting);
      if (std::any_of(grid_.cells.begin(), grid_.cells.end(),
                      [&](const Cell& cell) { return setting_text(cell.names.front(), setting) != first; }))
        grid_.varying.push_back(setting);
    }
    return std::move(grid_);
  }

  void report(Diagnostic problem) {
    if (std::find(problems_.begin(), problems_.end(), problem) == problems_.end())
      problems_.push_back(std::move(problem));
  }

 private:
  // Nothing that is still to come changes the answer.
  [[nodiscard]] bool is_enough() const { return problems_.size() >= kMaxProblems || effort_ > kMaxEffort; }
  // Then cells are still counted, but no longer kept.
  [[nodiscard]] bool has_too_many_jobs() const { return cell_of_.size() * spec_.seeds.size() > max_jobs(); }
  [[nodiscard]] std::size_t max_jobs() const {
    return std::min(static_cast<std::size_t>(spec_.limits.max_jobs), kMostJobs);
  }

  bool exclude(const JobSettings& settings) {
    bool is_excluded = false;
    for (std::size_t i = 0; i < spec_.exclude.size(); ++i) {
      const Pattern& pattern = spec_.exclude[i];
      effort_ += effort_of(pattern.settings, settings.width.size());
      const bool matched = std::all_of(pattern.settings.begin(), pattern.settings.end(),
                                       [&](const Assignment& a) { return matches(settings, a.setting, a.value); });
      if (!matched) continue;
      ++times_excluded_[i];
      if (!is_excluded) grid_.excluded.push_back({settings, i});
      is_excluded = true;
    }
    return is_excluded;
  }

  void fold(JobSettings settings, const std::vector<Assignment>& chosen) {
    const JobSettings meaning = spec_.probe ? canonical(only_looked_at(settings)) : canonical(settings);
    const std::string& digest = digests_.at(settings.dataset);
    const auto [place, is_new] = cell_of_.try_emplace(canonical_text(meaning, digest), cell_of_.size());
    if (has_too_many_jobs()) return;
    const std::size_t cell = place->second;
    if (is_new) {
      grid_.cells.push_back({cell_id(place->first), meaning, {std::move(settings)}});
      return;
    }
    std::vector<JobSettings>& names = grid_.cells[cell].names;
    effort_ += spec_.probe ? 2 * kNaming : kNaming;
    name_texts_.insert(name_text(cell, names.front()));
    if (name_texts_.insert(name_text(cell, settings)).second) {
      std::string reason =
          difference_text(settings, names.front()) + " means the same as " + difference_text(names.front(), settings);
      if (spec_.probe && difference_text(only_looked_at(settings), only_looked_at(names.front())).empty())
        reason += kForUntrained;
      grid_.folded.push_back({settings, cell, std::move(reason)});
      names.push_back(std::move(settings));
    } else {
      std::string reason = meaningless_text(chosen, settings);
      if (!grid_.folded.empty() && grid_.folded.back().cell == cell && grid_.folded.back().reason == reason)
        ++grid_.folded.back().count;
      else
        grid_.folded.push_back({std::move(settings), cell, std::move(reason)});
    }
  }

  const SweepSpec& spec_;
  const DatasetDigests& digests_;
  Grid grid_;
  std::unordered_map<std::string, std::size_t> cell_of_;  // by canonical text
  std::unordered_set<std::string> name_texts_;            // of cells with several names
  std::size_t effort_ = 0;
  std::vector<std::size_t> times_excluded_;
  std::vector<Diagnostic> problems_;
};

void collect_datasets(const std::vector<Assignment>& assignments, std::set<std::string>& names) {
  for (const Assignment& assignment : assignments)
    if (assignment.setting == Setting::dataset) names.insert(std::get<std::string>(assignment.value));
}

}  // namespace

std::vector<std::string> datasets_of(const SweepSpec& spec) {
  std::set<std::string> names;
  collect_datasets(spec.settings, names);
  if (names.empty()) names.insert(JobSettings{}.dataset);
  for (const Block& block : spec.blocks)
    for (const Axis& axis : block)
      for (const std::vector<Assignment>& value : axis.values) collect_datasets(value, names);
  for (const std::vector<Assignment>& cell : spec.include) collect_datasets(cell, names);
  return {names.begin(), names.end()};
}

Grid expand(const SweepSpec& spec, const DatasetDigests& digests) {
  Expansion expansion(spec, digests);
  std::size_t n = 0;
  for (const Block& block : spec.blocks) n += n_combinations(block);
  if (n > kMaxCombinations) {
    throw SpecError({located(
        spec, Severity::error, spec.blocks.front().front().where,
        "the grid has more than " + grouped_text(kMaxCombinations) + " combinations; is there an axis too many?")});
  }
  if (spec.blocks.empty()) expansion.add_block({});
  for (const Block& block : spec.blocks) expansion.add_block(block);
  for (const std::vector<Assignment>& cell : spec.include) expansion.include(cell);
  return expansion.finish();
}

bool matches(const Cell& cell, const Pattern& pattern) {
  return std::any_of(cell.names.begin(), cell.names.end(), [&](const JobSettings& name) {
    return std::all_of(pattern.settings.begin(), pattern.settings.end(),
                       [&](const Assignment& a) { return matches(name, a.setting, a.value); });
  });
}

std::vector<Setting> telling_settings(const Grid& grid) {
  std::map<int, const std::vector<int>*> width_of;  // by depth
  const bool depth_decides_width = std::all_of(grid.cells.begin(), grid.cells.end(), [&](const Cell& cell) {
    return *width_of.try_emplace(cell.settings.depth(), &cell.settings.width).first->second == cell.settings.width;
  });
  std::vector<Setting> settings = grid.varying;
  if (depth_decides_width) std::erase(settings, Setting::width);
  return settings;
}

std::string job_label(const Grid& grid, const Job& job) {
  const JobSettings& name = grid.cells[job.cell].names.front();
  std::string label;
  for (const Setting setting : grid.varying) {
    const std::string value = setting_text(name, setting);
    if (value.empty()) continue;
    if (!speaks_for_itself(setting)) label += std::string(setting_info(setting).name) + '=';
    label += printable(value) + '/';
  }
  return label + "seed=" + std::to_string(job.seed);
}

}  // namespace initsweep
