#include "initsweep/gate.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>
#include <string_view>
#include <unordered_map>
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
    accuracies.push_back(&cell.accuracy);
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
  explicit Cells(const Baseline& baseline) : cells_(baseline.cells) {
    for (const BaselineCell& cell : cells_) by_id_.emplace(cell.id, &cell);
  }
  [[nodiscard]] const BaselineCell* find(const std::string& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second;
  }
  // What a cell has differently that has no counterpart here, told by the cell that agrees with it in most.
  [[nodiscard]] std::string nearest_text(const BaselineCell& before) const {
    std::string nearest;
    for (const BaselineCell& cell : std::span(cells_).first(std::min(cells_.size(), kMostLookedAt))) {
      const std::string text = settings_difference(before, cell);
      if (!text.empty() && (nearest.empty() || text.size() < nearest.size())) nearest = text;
    }
    return nearest;
  }

 private:
  static constexpr std::size_t kMostLookedAt = 200;
  const std::vector<BaselineCell>& cells_;
  std::unordered_map<std::string_view, const BaselineCell*> by_id_;
};

}  // namespace

std::string what_differs(const Baseline& before, const Baseline& now) {
  std::set<std::string> digests_before, digests_now;
  for (const auto& [name, digest] : before.data) digests_before.insert(digest);
  for (const auto& [name, digest] : now.data) digests_now.insert(digest);
  if (digests_before != digests_now) {
    std::string text;
    for (const auto& [name, digest] : now.data)
      if (!digests_before.contains(digest)) text += (text.empty() ? "" : ", ") + printable(name);
    return "other data: " +
           (text.empty() ? "the baseline has more data sets" : text + " is not what the baseline was made on");
  }
  const Cells today(now);
  for (const BaselineCell& cell : before.cells) {
    if (today.find(cell.id) != nullptr) continue;
    const std::string near = today.nearest_text(cell);
    return "other settings: " + (near.empty() ? "cells of the baseline are not there" : near);
  }
  return {};
}

SameDigests count_same_digests(const Baseline& before, const Baseline& now) {
  SameDigests count;
  const Cells today(now);
  for (const BaselineCell& cell : before.cells) {
    const BaselineCell* other = today.find(cell.id);
    if (other == nullptr) continue;
    for (const Replicate& replicate : cell.replicates)
      for (const Replicate& twin : other->replicates) {
        if (replicate.seed != twin.seed) continue;
        ++count.n_both;
        count.n_same += replicate.digest == twin.digest ? 1 : 0;
      }
  }
  return count;
}

std::vector<Finding> compare(const Baseline& before, const Baseline& now) {
  const Cells cells_now(now), cells_before(before);
  const Names names(before, now);
  std::vector<Finding> findings;
  if (std::string text = what_differs(before, now); !text.empty())
    findings.push_back(incomparable({}, "incomparable", std::move(text)));

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
  for (CellTests& cell : cells) {
    if (cell.obstacle) {
      findings.push_back(std::move(*cell.obstacle));
      continue;
    }
    findings.push_back(std::move(cell.accuracy.finding));
    for (Test& slope : cell.slopes) findings.push_back(std::move(slope.finding));
    if (!cell.weights.empty()) findings.push_back(worst_layer(cell.weights));
    for (Finding& finding : cell.tolerances) findings.push_back(std::move(finding));
  }
  for (const BaselineCell& cell : now.cells)
    if (cells_before.find(cell.id) == nullptr)
      findings.push_back(
          incomparable(names.about(cell), "extra", "the baseline has no such cell; accept the results to take it in"));
  if (findings.empty()) findings.push_back(incomparable({}, "incomparable", "neither side has any job"));
  return findings;
}

}  // namespace initsweep
