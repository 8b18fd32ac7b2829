// What matters: the variance of the accuracies of a folder, shared out over its axes.
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include "initsweep/gallery.hpp"
#include "initsweep/number.hpp"
#include "initsweep/variance_share.hpp"
#include "placement.hpp"

namespace initsweep {
namespace {

constexpr std::size_t kMostBars = 16;

using Members = std::vector<const Combination*>;

// Whether `axis` has a meaning for some values of `partner` and for the others none: a mode and its initializers.
bool decides_meaning(const Members& members, std::size_t partner, std::size_t axis) {
  std::map<int, bool> has_meaning;
  return std::all_of(members.begin(), members.end(), [&](const Combination* of) {
    const bool has = of->values[axis] >= 0;
    return has_meaning.try_emplace(of->values[partner], has).first->second == has;
  });
}

// Axes of the study that make one factor of a grid; several where only some values of the first give the others a
// meaning, since no grid over them would be complete.
struct Factor {
  std::string name;
  std::vector<std::size_t> axes;
  std::map<std::vector<int>, std::size_t> level_of;
  [[nodiscard]] std::vector<int> key(const Combination& of) const {
    std::vector<int> values;
    for (const std::size_t axis : axes) values.push_back(of.values[axis]);
    return values;
  }
};

std::vector<Factor> factors_of(const Study& study, const Members& members) {
  std::vector<Factor> factors;
  std::vector<std::size_t> with_gaps;
  for (const std::size_t axis : telling_axes(study)) {
    if (!study.axes[axis].setting) continue;
    if (std::any_of(members.begin(), members.end(), [&](const Combination* of) { return of->values[axis] < 0; }))
      with_gaps.push_back(axis);
    else
      factors.push_back({study.axes[axis].name, {axis}, {}});
  }
  for (const std::size_t axis : with_gaps) {
    const auto partner = std::find_if(factors.begin(), factors.end(), [&](const Factor& factor) {
      return decides_meaning(members, factor.axes.front(), axis);
    });
    if (partner == factors.end()) {
      factors.push_back({study.axes[axis].name, {axis}, {}});  // "has none" is a value like others
      continue;
    }
    partner->name += ", " + study.axes[axis].name;
    partner->axes.push_back(axis);
  }
  for (Factor& factor : factors) {
    for (const Combination* of : members) factor.level_of.try_emplace(factor.key(*of), 0);
    std::size_t n = 0;
    for (auto& [key, level] : factor.level_of) level = n++;
  }
  std::erase_if(factors, [](const Factor& factor) { return factor.level_of.size() < 2; });
  return factors;
}

// Mean accuracy where a seed that diverged counts as a guess; NaN where no seed has a result.
double accuracy_of(const StudyCell& cell) {
  const CellSummary& summary = cell.summary;
  const int n = summary.n_ok + summary.n_diverged;
  if (n == 0) return kNoValue;
  double sum = summary.n_ok > 0 ? summary.n_ok * summary.test_accuracy.mean : 0;
  if (summary.n_diverged > 0) sum += summary.n_diverged * cell.chance;
  return sum / n;
}

// The values in the order of the grid, or a sentence why there are none.
struct GridValues {
  std::vector<double> values;
  std::string why_not;
};

GridValues grid_values(const Study& study, const Members& members, const std::vector<Factor>& factors) {
  std::size_t size = 1;
  for (const Factor& factor : factors) size *= factor.level_of.size();
  GridValues grid;
  if (size != members.size()) {
    grid.why_not = "The grid is not complete: " + grouped_text(members.size()) + " of " + grouped_text(size) +
                   " combinations of its values were asked for, so shares cannot be told apart.";
    return grid;
  }
  std::vector<std::optional<double>> found(size);
  for (const Combination* of : members) {
    std::size_t place = 0;
    for (const Factor& factor : factors) place = place * factor.level_of.size() + factor.level_of.at(factor.key(*of));
    found[place] = accuracy_of(study.cell_of(*of));
  }
  // As many combinations as places, so each place has one: two in one would leave another empty.
  for (const std::optional<double>& value : found) {
    if (!value || !std::isfinite(*value)) {
      grid.why_not = "Some combinations have no results, so shares cannot be told apart.";
      return grid;
    }
    grid.values.push_back(*value);
  }
  return grid;
}

}  // namespace

BarChart share_chart(const Study& study, std::size_t folder) {
  const bool is_alone = study.folders.size() == 1;
  BarChart chart;
  chart.heading.id = is_alone ? "shares" : "shares-" + std::to_string(folder);
  chart.heading.title = "What matters?";
  chart.value_title = "share of the variance of test accuracy";
  Members members;
  for (const Combination& of : study.combinations)
    if (of.folder == folder) members.push_back(&of);
  const std::vector<Factor> factors = factors_of(study, members);
  if (factors.empty()) {
    chart.heading.note = "The sweep has one combination alone.";
    return chart;
  }
  const GridValues grid = grid_values(study, members, factors);
  chart.heading.note = grid.why_not;
  if (!grid.why_not.empty()) return chart;
  std::vector<std::size_t> levels;
  for (const Factor& factor : factors) levels.push_back(factor.level_of.size());
  const std::optional<VarianceShares> shares = variance_shares(levels, grid.values);
  if (!shares) {
    chart.heading.note = "All combinations came to the same accuracy, so no setting matters.";
    return chart;
  }

  chart.heading.note = "How much of the variance of mean test accuracy over the grid" +
                       (is_alone ? std::string() : " of " + study.folders[folder].name) +
                       " is due to a setting, and to a pair of settings beyond what each does alone. A seed that "
                       "diverged counts as a guess.";
  const auto bar = [](const std::string& label, double share, const std::string& group) {
    return Bar{.label = label, .value = share, .group = group, .tip = label + ": " + fixed_text(100 * share, 1) + " %"};
  };
  double others = shares->rest;
  for (const VarianceShare& share : shares->shares) {
    if (chart.bars.size() == kMostBars) {
      others += share.share;
      continue;
    }
    const std::string& first = factors[share.first].name;
    chart.bars.push_back(share.second ? bar(first + " × " + factors[*share.second].name, share.share, "a pair")
                                      : bar(first, share.share, "one setting"));
  }
  if (factors.size() > 2) chart.bars.push_back(bar("all else", others, "the rest"));
  return chart;
}

}  // namespace initsweep
