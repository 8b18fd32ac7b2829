#include "cell_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "finding_text.hpp"
#include "initsweep/cells.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/gate.hpp"
#include "initsweep/number.hpp"

namespace initsweep {
namespace {

constexpr std::string_view kAccuracy = "test_accuracy", kSlope = "delta_slope_start", kSteps = "steps_run";

std::size_t column_place(std::string_view column) {
  const std::vector<std::string_view> columns = baseline_columns();
  return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), column) - columns.begin());
}

// A cell in the baseline and today.
struct CellPair {
  const BaselineCell* before;
  const BaselineCell* now;
};

// Replicates side by side: pairs of one seed, or two samples.
struct Matched {
  bool is_paired = false;
  std::vector<const Replicate*> before, now;
};

Matched pairs_of(const CellPair& cell) {
  Matched pairs{.is_paired = true, .before = {}, .now = {}};
  std::unordered_map<std::int64_t, const Replicate*> by_seed;
  for (const Replicate& replicate : cell.before->replicates) by_seed[replicate.seed] = &replicate;
  for (const Replicate& replicate : cell.now->replicates)
    if (const auto other = by_seed.find(replicate.seed); other != by_seed.end()) {
      pairs.before.push_back(other->second);
      pairs.now.push_back(&replicate);
    }
  return pairs;
}

// A cell that several combinations fold into goes by the first of them, whichever that is in a sweep.
bool shares_a_name(const CellPair& cell) {
  const auto has = [](const BaselineCell& named, const BaselineCell& other) {
    return std::any_of(named.other_names.begin(), named.other_names.end(), [&](const auto& name) {
      BaselineCell renamed;
      renamed.settings = name;
      return settings_difference(other, renamed).empty();
    });
  };
  return has(*cell.now, *cell.before) || has(*cell.before, *cell.now);
}

// Trained the same, to the bit, and judged the same: what a digest does not hold may have changed, or been edited.
bool are_same(const Replicate& before, const Replicate& now) {
  const double accuracy_before = before.values[column_place(kAccuracy)],
               accuracy_now = now.values[column_place(kAccuracy)];
  return !now.digest.empty() && now.digest == before.digest && now.status == before.status &&
         (accuracy_now == accuracy_before || (std::isnan(accuracy_now) && std::isnan(accuracy_before)));
}

// Never trained (epochs: 0, probe: true): such a net has no accuracy.
bool is_untrained(const Replicate& replicate) {
  return replicate.status == JobStatus::ok && replicate.values[column_place(kSteps)] == 0 &&
         std::isnan(replicate.values[column_place(kAccuracy)]);
}

bool has_same_digests(const Matched& pairs) {
  return !pairs.now.empty() && std::equal(pairs.now.begin(), pairs.now.end(), pairs.before.begin(),
                                          [](const Replicate* a, const Replicate* b) { return are_same(*b, *a); });
}

// Pairs where the seeds of one side hold the other's, or where they leave no doubt; else two samples.
Matched match(const CellPair& cell, const Matched& pairs) {
  const std::size_t smaller = std::min(cell.before->replicates.size(), cell.now->replicates.size());
  if ((smaller > 0 && pairs.now.size() == smaller) || has_same_digests(pairs)) return pairs;
  Matched samples;
  for (const Replicate& replicate : cell.before->replicates) samples.before.push_back(&replicate);
  for (const Replicate& replicate : cell.now->replicates) samples.now.push_back(&replicate);
  return samples;
}

template <class Value>
std::vector<double> values_of(const std::vector<const Replicate*>& replicates, const Value& value) {
  std::vector<double> values;
  for (const Replicate* replicate : replicates) values.push_back(value(*replicate));
  return values;
}

// Of those that have a value.
double mean(std::vector<double> values) {
  std::erase_if(values, [](double x) { return !std::isfinite(x); });
  return estimate(values).mean;
}

// now - before
Estimate difference(const Matched& matched, std::span<const double> before, std::span<const double> now) {
  if (!matched.is_paired) return welch_difference(now, before);
  std::vector<double> differences;
  for (std::size_t i = 0; i < now.size(); ++i) differences.push_back(now[i] - before[i]);
  return estimate(differences);
}

std::string tolerance_text(const Tolerance& tolerance) {
  if (tolerance.rtol == 0) return "within " + number_text(tolerance.atol);
  return "within " + number_text(tolerance.rtol) + " |before|" +
         (tolerance.atol == 0 ? "" : " + " + number_text(tolerance.atol));
}

class CellComparison {
 public:
  CellComparison(const CellPair& cell, const std::string& label)
      : cell_(cell),
        label_(label),
        pairs_(pairs_of(cell)),
        matched_(match(cell, pairs_)),
        is_same_(has_same_digests(pairs_)),
        is_untrained_(std::all_of(cell.before->replicates.begin(), cell.before->replicates.end(), is_untrained) &&
                      std::all_of(cell.now->replicates.begin(), cell.now->replicates.end(), is_untrained)),
        chance_(std::isfinite(cell.now->chance) ? cell.now->chance : cell.before->chance) {}

  [[nodiscard]] bool is_trained() const { return !is_untrained_; }

  // No pass, though its numbers are compared all the same.
  [[nodiscard]] std::optional<Finding> renamed() const {
    const std::string text = settings_difference(*cell_.before, *cell_.now);
    if (text.empty() || shares_a_name(cell_)) return std::nullopt;
    return incomparable(finding(""), "renamed",
                        "means the same under another name: " + text + "; accept the results to take it over");
  }

  // Why the cell cannot be compared, if it cannot.
  [[nodiscard]] std::optional<Finding> obstacle() const {
    for (const auto& [side, where] : {std::pair(cell_.now, ""), std::pair(cell_.before, " in the baseline's folder")}) {
      std::vector<std::int64_t> failed;
      for (const Replicate& replicate : side->replicates)
        if (!has_results(replicate.status)) failed.push_back(replicate.seed);
      if (!failed.empty())
        return incomparable(finding(""), "missing",
                            seeds_text(failed) + " failed or timed out" + where + "; --retry-failed trains again");
      if (!side->missing.empty())
        return incomparable(finding(""), "missing", seeds_text(side->missing) + " not trained yet" + where);
      if (side->replicates.empty()) return incomparable(finding(""), "missing", "no seed at all" + std::string(where));
      for (const Replicate& replicate : side->replicates)
        if (is_trained() && !std::isfinite(accuracy_of(replicate)))
          return incomparable(finding(kAccuracy), "incomparable",
                              "seed " + std::to_string(replicate.seed) + " has none" +
                                  (side == cell_.before ? " in the baseline" : ""));
    }
    return std::nullopt;
  }

  // Of nets that are not trained, the digests speak for what the tests of the start cannot see: nothing, if they
  // differ, unless there is nothing else to see.
  [[nodiscard]] std::optional<Finding> digests(bool has_start_tests) const {
    Finding result = finding("digest");
    result.n = static_cast<int>(pairs_.now.size());
    if (is_same_) {
      result.verdict = "pass";
      result.reason = "the same digests";
      return result;
    }
    if (has_start_tests) return std::nullopt;
    return incomparable(std::move(result), "incomparable", "other digests, and neither a slope nor a layer to compare");
  }

  [[nodiscard]] Test accuracy() const {
    const auto value = [this](const Replicate& replicate) { return accuracy_of(replicate); };
    const std::vector<double> before = values_of(matched_.before, value), now = values_of(matched_.now, value);
    const double spread = spread_before();
    Test test{.finding = finding(kAccuracy), .effect = difference(matched_, before, now)};
    test.margin = std::max(kLeastMargin, std::isfinite(spread) ? spread : 0);
    test.finding.expected = "above -" + brief_text(test.margin) + (test.margin > kLeastMargin ? " (its spread)" : "");
    test.finding.before = mean(before);
    test.finding.now = mean(now);
    test.finding.effect = test.effect.mean;
    test.finding.beyond = (-test.margin - test.effect.mean) / test.margin;
    test.finding.n = test.effect.n;
    if (const std::string text = newly_diverged(); !text.empty()) return certain(std::move(test), Outcome::bad, text);
    if (is_same_) return certain(std::move(test), Outcome::good, "the same digests");
    test.finding.permutation_p = permutation(before, now, test.margin);
    return test;
  }

  // Before training, two-sided.
  [[nodiscard]] std::vector<Test> slopes() const {
    std::vector<Test> tests;
    add(tests, kSlope, kSlopeMargin, /*is_share=*/false,
        [](const Replicate& r) { return r.values[column_place(kSlope)]; });
    return tests;
  }
  [[nodiscard]] std::vector<Test> weights() const {
    std::vector<Test> tests;
    std::size_t n_layers = 0;
    for (const std::vector<const Replicate*>* side : {&matched_.before, &matched_.now})
      for (const Replicate* replicate : *side) n_layers = std::max(n_layers, replicate->weight_rms.size());
    for (std::size_t layer = 0; layer < n_layers; ++layer)
      add(tests, "weight_rms, layer " + std::to_string(layer + 1), kWeightMargin, /*is_share=*/true,
          [&](const Replicate& r) { return layer < r.weight_rms.size() ? r.weight_rms[layer] : kNoValue; });
    return tests;
  }

  // A column with a tolerance, seed by seed; the worst seed is shown.
  [[nodiscard]] Finding tolerance(const std::string& column, const Tolerance& tolerance) const {
    Finding result = finding(column + ", each seed");
    result.expected = tolerance_text(tolerance);
    result.verdict = "pass";
    if (pairs_.now.empty())
      return incomparable(std::move(result), "incomparable", "no seeds in common to compare one by one");
    double worst = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < pairs_.now.size(); ++i) {
      const double before = pairs_.before[i]->values[column_place(column)];
      const double now = pairs_.now[i]->values[column_place(column)];
      const bool recovered = pairs_.before[i]->status == JobStatus::diverged && pairs_.now[i]->status == JobStatus::ok;
      if (recovered || (std::isnan(before) && std::isnan(now))) continue;
      ++result.n;
      const double excess = std::abs(now - before) - (tolerance.atol + tolerance.rtol * std::abs(before));
      // One that only one side has is as far outside as can be.
      const double here = std::isnan(excess) ? std::numeric_limits<double>::infinity() : excess;
      if (here <= worst) continue;
      worst = here;
      result.before = before;
      result.now = now;
      result.effect = now - before;
      result.beyond = here;
      result.reason = here > 0 ? "seed " + std::to_string(pairs_.now[i]->seed) + " is outside" : "";
    }
    if (worst > 0) {
      result.outcome = Outcome::bad;
      result.verdict = "regressed";
    }
    return result;
  }

 private:
  [[nodiscard]] Finding finding(std::string_view quantity) const {
    Finding finding;
    finding.cell_id = cell_.now->id;
    finding.cell = label_;
    finding.quantity = quantity;
    return finding;
  }

  static Test certain(Test test, Outcome outcome, std::string reason) {
    test.is_certain = true;
    test.finding.outcome = outcome;
    test.finding.verdict = outcome == Outcome::bad ? "regressed" : outcome == Outcome::good ? "pass" : "inconclusive";
    test.finding.reason = std::move(reason);
    return test;
  }

  // NaN if it is not known.
  [[nodiscard]] double accuracy_of(const Replicate& replicate) const {
    return replicate.status == JobStatus::diverged ? chance_ : replicate.values[column_place(kAccuracy)];
  }

  // Over all seeds of the baseline, also those that have no partner today.
  [[nodiscard]] double spread_before() const {
    std::vector<double> accuracies;
    for (const Replicate& replicate : cell_.before->replicates) accuracies.push_back(accuracy_of(replicate));
    return estimate(accuracies).std;
  }

  // Seeds that were ok and diverge, or, where none did, seeds that the baseline has not.
  [[nodiscard]] std::string newly_diverged() const {
    const auto diverged = [](const Replicate* r) { return r->status == JobStatus::diverged; };
    std::vector<std::int64_t> seeds;
    for (std::size_t i = 0; i < pairs_.now.size(); ++i)
      if (diverged(pairs_.now[i]) && !diverged(pairs_.before[i])) seeds.push_back(pairs_.now[i]->seed);
    if (!seeds.empty())
      return seeds_text(seeds) + (seeds.size() == 1 ? " was ok and diverges now" : " were ok and diverge now");
    for (const Replicate& replicate : cell_.before->replicates)
      if (diverged(&replicate)) return {};
    for (const Replicate& replicate : cell_.now->replicates)
      if (diverged(&replicate)) seeds.push_back(replicate.seed);
    if (seeds.empty()) return {};
    return seeds_text(seeds) + (seeds.size() == 1 ? " diverges" : " diverge") + ", which none did before";
  }

  [[nodiscard]] double permutation(const std::vector<double>& before, const std::vector<double>& now,
                                   double margin) const {
    if (!matched_.is_paired) return permutation_p(now, before, margin);
    std::vector<double> differences;
    for (std::size_t i = 0; i < now.size(); ++i) differences.push_back(now[i] - before[i]);
    return sign_flip_p(differences, margin);
  }

  template <class Value>
  void add(std::vector<Test>& tests, std::string_view quantity, double margin, bool is_share,
           const Value& value) const {
    std::vector<double> before = values_of(matched_.before, value), now = values_of(matched_.now, value);
    Test test{.finding = finding(quantity), .effect = {}, .margin = margin, .is_two_sided = true};
    test.finding.expected = "within " + brief_text(margin) + (is_share ? " of before" : "");
    const auto has_none = [](double x) { return !std::isfinite(x); };
    const bool none_before = std::all_of(before.begin(), before.end(), has_none);
    if (none_before && std::all_of(now.begin(), now.end(), has_none))
      return;  // a layer of few weights, a net of one layer
    test.finding.before = mean(before);
    test.finding.now = mean(now);
    if (matched_.is_paired) drop_common_gaps(before, now);
    if (before == now) {
      test.finding.effect = 0;
      test.finding.n = static_cast<int>(before.size());
      return tests.push_back(certain(std::move(test), Outcome::good, ""));
    }
    const bool lacks_before = std::any_of(before.begin(), before.end(), has_none);
    const bool has_gap = lacks_before || std::any_of(now.begin(), now.end(), has_none);
    if (has_gap && lacks_before && !none_before && !matched_.is_paired)
      return tests.push_back(certain(std::move(test), Outcome::undecided, "not all seeds have a value"));
    if (has_gap) return tests.push_back(certain(std::move(test), Outcome::bad, "only one side has a value"));
    if (is_share) {
      const double scale = test.finding.before;
      if (scale == 0) return tests.push_back(certain(std::move(test), Outcome::bad, "was 0"));
      for (std::vector<double>* side : {&before, &now})
        for (double& x : *side) x /= scale;
    }
    test.effect = difference(matched_, before, now);
    test.finding.effect = test.effect.mean;
    test.finding.beyond = (std::abs(test.effect.mean) - margin) / margin;
    test.finding.n = test.effect.n;
    tests.push_back(std::move(test));
  }

  // Pairs of which neither has a value tell nothing.
  static void drop_common_gaps(std::vector<double>& before, std::vector<double>& now) {
    std::vector<double> kept_before, kept_now;
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (std::isnan(before[i]) && std::isnan(now[i])) continue;
      kept_before.push_back(before[i]);
      kept_now.push_back(now[i]);
    }
    before = std::move(kept_before);
    now = std::move(kept_now);
  }

  CellPair cell_;
  const std::string& label_;
  Matched pairs_;    // seeds that both sides have
  Matched matched_;  // what the accuracies and starts are compared by
  bool is_same_, is_untrained_;
  double chance_;
};

}  // namespace

CellTests compare_cell(const BaselineCell& before, const BaselineCell& now, const std::string& label,
                       const std::map<std::string, Tolerance>& gate) {
  const CellComparison comparison({&before, &now}, label);
  CellTests tests;
  tests.renamed = comparison.renamed();
  tests.obstacle = comparison.obstacle();
  if (tests.obstacle) return tests;
  tests.slopes = comparison.slopes();
  tests.weights = comparison.weights();
  tests.has_accuracy = comparison.is_trained();
  if (tests.has_accuracy)
    tests.accuracy = comparison.accuracy();
  else
    tests.digests = comparison.digests(!tests.slopes.empty() || !tests.weights.empty());
  for (const auto& [column, tolerance] : gate) tests.tolerances.push_back(comparison.tolerance(column, tolerance));
  return tests;
}

// The settings in which two cells differ, of those that both sides know; not the path of the data.
std::string settings_difference(const BaselineCell& before, const BaselineCell& now) {
  std::string text;
  for (const auto& [name, value] : before.settings) {
    const auto other = now.settings.find(name);
    if (name == "dataset" || (other != now.settings.end() && other->second == value)) continue;
    text += (text.empty() ? "" : ", ") + name + " was " + printable(value) + ", is " +
            (other == now.settings.end() ? "absent" : printable(other->second));
  }
  return text;
}

Finding incomparable(Finding finding, std::string verdict, std::string reason) {
  finding.outcome = Outcome::undecided;
  finding.verdict = std::move(verdict);
  finding.reason = std::move(reason);
  return finding;
}

}  // namespace initsweep
