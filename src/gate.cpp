#include "initsweep/gate.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "cell_comparison.hpp"
#include "cell_label.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/hypothesis.hpp"

namespace initsweep {
namespace {

constexpr double kSeedPower = 0.9;  // that all cells read pass, with the seeds that are asked for

// p of "the true effect lies inside the margin".
double p_of(const Test& test) {
  if (test.is_certain) return test.finding.outcome == Outcome::bad ? 0 : 1;
  const double below = p_below(test.effect, -test.margin);
  // Where the spread dwarfs the margin either side errs with its whole level: the smaller of two p values, twice.
  return test.is_two_sided ? std::min(1.0, 2 * std::min(below, p_above(test.effect, test.margin))) : below;
}

void ask_for(int n_seeds, Finding& finding) {
  finding.seeds_needed = n_seeds;
  finding.reason = "would be decided by " + std::to_string(n_seeds) + " seeds on both sides";
}

// Decides a family of tests, all at once.
void decide(const std::vector<Test*>& tests) {
  std::vector<double> p;
  for (const Test* test : tests) p.push_back(p_of(*test));
  const std::vector<double> adjusted = holm(p);
  const double power = 1 - (1 - kSeedPower) / static_cast<double>(std::max<std::size_t>(tests.size(), 1));
  for (std::size_t i = 0; i < tests.size(); ++i) {
    Test& test = *tests[i];
    Finding& finding = test.finding;
    finding.p_value = adjusted[i];
    if (test.is_certain) continue;
    finding.low = lower_bound(test.effect, kGateConfidence);
    finding.high = upper_bound(test.effect, kGateConfidence);
    if (finding.low > -test.margin && (!test.is_two_sided || finding.high < test.margin)) {
      finding.outcome = Outcome::good;
      finding.verdict = "pass";
    } else if (adjusted[i] < kGateAlpha) {
      finding.outcome = Outcome::bad;
      finding.verdict = "regressed";
    } else {
      finding.outcome = Outcome::undecided;
      finding.verdict = "inconclusive";
      if (test.effect.n < 2) {
        finding.reason = "one seed says nothing of a mean; give both sides two or more";
      } else if (const auto needed =
                     replicates_to_decide(test.effect, test.margin, test.is_two_sided ? (1 + power) / 2 : power)) {
        ask_for(std::max(*needed, test.effect.n + 1), finding);
      } else {
        finding.reason = "not even " + std::to_string(kMostSeeds) + " seeds would decide";
      }
    }
  }
}

// Of a cell's layers only the one that counts most: the worst, and of those the one farthest off.
Finding worst_layer(const std::vector<Test>& layers) {
  const auto is_worse = [](const Test& a, const Test& b) {
    if (a.finding.outcome != b.finding.outcome) return a.finding.outcome > b.finding.outcome;
    const auto far_off = [](const Test& test) { return std::isnan(test.finding.beyond) ? -1 : test.finding.beyond; };
    return far_off(a) > far_off(b);
  };
  return std::min_element(layers.begin(), layers.end(), is_worse)->finding;
}

// Seeds that would decide all of a cell's layers.
void ask_for_most(std::vector<Test>& layers) {
  int most = 0;
  for (const Test& test : layers) most = std::max(most, test.finding.seeds_needed);
  for (Test& test : layers)
    if (test.finding.seeds_needed > 0) ask_for(most, test.finding);
}

// Short names of the cells of both sides.
class Names {
 public:
  Names(const Baseline& before, const Baseline& now) {
    // One data set may lie in different folders then and now.
    tells_data_ = before.data.size() > 1 || now.data.size() > 1;
    for (const Baseline* side : {&before, &now})
      for (const BaselineCell& cell : side->cells) labels_.add(texts(cell));
  }
  [[nodiscard]] std::string of(const BaselineCell& cell) const { return labels_.of(texts(cell)); }
  [[nodiscard]] Finding about(const BaselineCell& cell) const {
    Finding finding;
    finding.cell_id = cell.id;
    finding.cell = of(cell);
    return finding;
  }

 private:
  [[nodiscard]] SettingTexts texts(const BaselineCell& cell) const {
    SettingTexts texts;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto setting = static_cast<Setting>(i);
      const auto text = cell.settings.find(std::string(setting_info(setting).name));
      if (text != cell.settings.end() && (setting != Setting::dataset || tells_data_)) texts[i] = text->second;
    }
    return texts;
  }

  CellLabels labels_;
  bool tells_data_;
};

// Both families of the check: accuracies, and what is seen before training.
void decide(std::vector<CellTests>& cells) {
  std::vector<Test*> accuracies, starts;
  for (CellTests& cell : cells) {
    if (cell.obstacle) continue;
    if (cell.has_accuracy) accuracies.push_back(&cell.accuracy);
    for (Test& test : cell.slopes) starts.push_back(&test);
    for (Test& test : cell.weights) starts.push_back(&test);
  }
  decide(accuracies);
  decide(starts);
  for (CellTests& cell : cells) ask_for_most(cell.weights);
}

// Cells by id.
class Cells {
 public:
  Cells(const Baseline& baseline, const Baseline& other) {
    for (const BaselineCell& cell : baseline.cells) by_id_.emplace(cell.id, &cell);
    std::unordered_set<std::string_view> of_other;
    for (const BaselineCell& cell : other.cells) of_other.insert(cell.id);
    for (const BaselineCell& cell : baseline.cells)
      if (!of_other.contains(cell.id)) unmatched_.push_back(&cell);
  }
  // Cells that the other side has not.
  [[nodiscard]] const std::vector<const BaselineCell*>& unmatched() const { return unmatched_; }
  [[nodiscard]] const BaselineCell* find(const std::string& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second;
  }
  // What a cell that has no counterpart here has differently from the nearest one of those that have none there.
  [[nodiscard]] std::string nearest_text(const BaselineCell& before) const {
    std::string nearest;
    for (const BaselineCell* cell : std::span(unmatched_).first(std::min(unmatched_.size(), kMostLookedAt))) {
      const std::string text = settings_difference(before, *cell);
      if (!text.empty() && (nearest.empty() || text.size() < nearest.size())) nearest = text;
    }
    return nearest;
  }

 private:
  static constexpr std::size_t kMostLookedAt = 200;
  std::vector<const BaselineCell*> unmatched_;
  std::unordered_map<std::string_view, const BaselineCell*> by_id_;
};

// "" where both are made on the same data.
std::string other_data(const Baseline& before, const Baseline& now) {
  std::set<std::string> digests_before, digests_now;
  for (const auto& [name, digest] : before.data) digests_before.insert(digest);
  for (const auto& [name, digest] : now.data) digests_now.insert(digest);
  if (digests_before == digests_now) return {};
  std::string text;
  for (const auto& [name, digest] : now.data)
    if (!digests_before.contains(digest)) text += (text.empty() ? "" : ", ") + printable(name);
  return "other data: " +
         (text.empty() ? "the baseline has more data sets" : text + " is not what the baseline was made on");
}

}  // namespace

std::string what_differs(const Baseline& before, const Baseline& now) {
  if (std::string text = other_data(before, now); !text.empty()) return text;
  const Cells cells_before(before, now), cells_now(now, before);
  const std::size_t n_gone = cells_before.unmatched().size();
  if (n_gone == 0) return {};
  if (cells_now.unmatched().empty())
    return "more cells: " + std::to_string(n_gone) + (n_gone == 1 ? " is" : " are") + " not in the sweep any more";
  return "other settings: " + cells_now.nearest_text(*cells_before.unmatched().front());
}

SameDigests count_same_digests(const Baseline& before, const Baseline& now) {
  SameDigests count;
  const Cells today(now, before);
  for (const BaselineCell& cell : before.cells) {
    const BaselineCell* other = today.find(cell.id);
    if (other == nullptr) continue;
    std::unordered_map<std::int64_t, std::string_view> digests;
    for (const Replicate& replicate : other->replicates) digests[replicate.seed] = replicate.digest;
    for (const Replicate& replicate : cell.replicates) {
      const auto twin = digests.find(replicate.seed);
      if (twin == digests.end()) continue;
      ++count.n_both;
      count.n_same += !replicate.digest.empty() && replicate.digest == twin->second ? 1 : 0;
    }
  }
  return count;
}

std::vector<Finding> compare(const Baseline& before, const Baseline& now) {
  const Cells cells_now(now, before), cells_before(before, now);
  const Names names(before, now);
  std::vector<Finding> findings;
  // Beside the cells one by one.
  std::string obstacle = other_data(before, now);
  if (obstacle.empty() && (before.cells.empty() || now.cells.empty())) obstacle = "one side has no job";
  if (obstacle.empty() && cells_before.unmatched().size() == before.cells.size()) obstacle = what_differs(before, now);
  if (!obstacle.empty()) findings.push_back(incomparable({}, "incomparable", std::move(obstacle)));

  std::vector<CellTests> cells;
  for (const BaselineCell& cell : before.cells) {
    const BaselineCell* other = cells_now.find(cell.id);
    if (other != nullptr) {
      cells.push_back(compare_cell(cell, *other, names.of(*other), before.gate));
      continue;
    }
    const std::string near = cells_now.nearest_text(cell);
    findings.push_back(
        incomparable(names.about(cell), "missing",
                     "the baseline has it, the sweep has not" + (near.empty() ? "" : "; nearest: " + near)));
  }
  decide(cells);
  std::map<std::string, std::size_t> n_compared;  // cells by column of the gate
  for (CellTests& cell : cells) {
    if (cell.renamed) findings.push_back(std::move(*cell.renamed));
    if (cell.obstacle) {
      findings.push_back(std::move(*cell.obstacle));
      continue;
    }
    if (cell.has_accuracy) findings.push_back(std::move(cell.accuracy.finding));
    if (cell.digests) findings.push_back(std::move(*cell.digests));
    for (Test& slope : cell.slopes) findings.push_back(std::move(slope.finding));
    if (!cell.weights.empty()) findings.push_back(worst_layer(cell.weights));
    std::size_t column = 0;
    for (const auto& [name, tolerance] : before.gate) {
      Finding& finding = cell.tolerances[column++];
      n_compared[name] += finding.n > 0 || finding.outcome != Outcome::good ? 1 : 0;
      if (finding.n > 0 || finding.outcome != Outcome::good) findings.push_back(std::move(finding));
    }
  }
  for (const auto& [column, tolerance] : before.gate)
    if (!cells.empty() && n_compared[column] == 0)
      findings.push_back(
          incomparable({}, "incomparable", "the gate has a tolerance for " + column + ", which no job has"));
  for (const BaselineCell* cell : cells_now.unmatched())
    findings.push_back(
        incomparable(names.about(*cell), "extra", "the baseline has no such cell; accept the results to take it in"));
  return findings;
}

}  // namespace initsweep
