#include "initsweep/claims.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "cell_label.hpp"
#include "claim_cells.hpp"
#include "claim_reach.hpp"
#include "claim_values.hpp"
#include "finding_text.hpp"
#include "initsweep/cells.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"
#include "initsweep/shard.hpp"
#include "initsweep/stats.hpp"
#include "judgement.hpp"
#include "metric.hpp"

namespace initsweep {
namespace {

constexpr std::size_t kMaxProblems = 20;
constexpr double kSeedPower = 0.9;  // of the number of seeds that is said to decide

std::size_t n_matching(const Grid& grid, const Pattern& where, const Pattern* side) {
  Pattern both = where;
  if (side != nullptr) both.settings.insert(both.settings.end(), side->settings.begin(), side->settings.end());
  return static_cast<std::size_t>(
      std::count_if(grid.cells.begin(), grid.cells.end(), [&](const Cell& cell) { return matches(cell, both); }));
}

std::string_view verdict_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::good: return "holds";
    case Outcome::skipped: return "not_run";
    case Outcome::undecided: return "inconclusive";
    case Outcome::bad: return "fails";
  }
  return {};
}

// Cells whose nets are only looked at before training.
std::size_t n_untrained(const Grid& grid, const ClaimCells& row) {
  const auto is_untrained = [&](std::size_t cell) { return !grid.cells[cell].settings.is_trained(); };
  return static_cast<std::size_t>(std::count_if(row.cells.begin(), row.cells.end(), is_untrained) +
                                  std::count_if(row.others.begin(), row.others.end(), is_untrained));
}

std::string what_training_gives(const Expectation& claim) {
  return claim.status ? "status" : claim.best_over ? "validation_accuracy" : quantity_text(claim);
}

Finding with(Finding finding, Outcome outcome, std::string reason) {
  finding.outcome = outcome;
  finding.verdict = verdict_text(outcome);
  finding.reason = std::move(reason);
  return finding;
}

}  // namespace

// One claim, over the jobs of the whole grid.
class ClaimJudge {
 public:
  ClaimJudge(const Claims& claims, const CellLabels& labels, std::size_t claim,
             std::span<const std::optional<JobValues>> jobs)
      : claims_(claims),
        claim_(claims.spec_.expect[claim]),
        index_(claim),
        jobs_(jobs),
        n_seeds_(claims.spec_.seeds.size()),
        labels_(labels) {}

  [[nodiscard]] Finding judge(const ClaimCells& row) const {
    Finding finding = named(row.cells.front(), row.others.empty() ? std::string() : told(row.others.front()));
    if (needs_training(claim_) && n_untrained(claims_.grid_, row) > 0)
      return with(finding, Outcome::skipped,
                  std::string("the nets are only looked at before training (") +
                      (claims_.spec_.probe ? "probe: true)" : "epochs: 0)"));
    if (const std::string missing = missing_text(row); !missing.empty())
      return with(finding, Outcome::skipped, missing);
    const std::string failed = failed_text(row);
    // A job that failed is not ok, but whether it would have diverged nobody knows.
    if (!failed.empty() && claim_.status != "ok") return with(finding, Outcome::undecided, failed);
    if (claim_.status) return judge_status(std::move(finding), row.cells.front());
    if (claim_.best_over && !has_validation(row))
      return with(finding, Outcome::undecided, "without validation_samples nothing tells which is the best");

    const std::size_t cell = best_of(row.cells);
    if (row.others.empty()) return judge_values(named(cell, {}), cell, std::nullopt);
    const std::size_t other = best_of(row.others);
    return judge_values(named(cell, told(other)), cell, other);
  }

  // For all of a claim, where other shards may have jobs that it speaks of.
  [[nodiscard]] Finding waiting() const {
    return with(about({}), Outcome::skipped,
                "this is shard " + to_text(claims_.grid_.shard) + "; claims wait for 'initsweep merge'");
  }

  // For a claim whose `where` selects nothing.
  [[nodiscard]] Finding unmatched() const {
    return with(about({}), Outcome::skipped, "no cell of the sweep is one that it speaks of");
  }

 private:
  [[nodiscard]] std::string label(std::size_t cell) const {
    return labels_.of(claims_.grid_.cells[cell].names.front());
  }

  // In a sentence.
  [[nodiscard]] std::string told(std::size_t cell) const {
    const std::string text = label(cell);
    return text.empty() ? "the only cell" : text;
  }

  [[nodiscard]] Finding about(const std::string& other) const {
    Finding finding;
    finding.id = claim_.id;
    finding.claim = claim_.claim;
    finding.quantity = claim_.status ? "status" : quantity_text(claim_);
    finding.expected = claim_.status ? *claim_.status : expected_text(claim_, other.empty() ? "the other" : other);
    if (claim_.status || claim_.over == Expectation::Over::every_seed) finding.expected += ", every seed";
    finding.metric = claim_.metric;
    if (is_layer_metric(claim_.metric)) finding.when = time_text(claim_);
    finding.compared_with = other;
    finding.is_prediction = predicted();
    finding.published = claim_.published.value_or(kNoValue);
    if (claim_.at == Expectation::At::epoch) finding.epoch = claim_.epoch;
    finding.file = claims_.spec_.file;
    finding.where = claim_.location;
    return finding;
  }

  [[nodiscard]] Finding named(std::size_t cell, const std::string& other) const {
    Finding finding = about(other);
    finding.cell_id = claims_.grid_.cells[cell].id;
    finding.cell = label(cell);
    finding.layer = one_layer(claim_, claims_.grid_.cells[cell].settings.depth());
    return finding;
  }

  [[nodiscard]] bool includes() const { return claim_.bound == Expectation::Bound::includes; }
  [[nodiscard]] bool predicted() const { return claim_.bound == Expectation::Bound::predicted; }

  [[nodiscard]] const std::optional<JobValues>& job(std::size_t cell, std::size_t seed) const {
    return jobs_[cell * n_seeds_ + seed];
  }

  [[nodiscard]] std::string missing_text(const ClaimCells& row) const {
    std::size_t n = 0;
    for (const std::vector<std::size_t>* side : {&row.cells, &row.others})
      for (const std::size_t cell : *side)
        for (std::size_t seed = 0; seed < n_seeds_; ++seed) n += job(cell, seed) ? 0 : 1;
    if (n == 0) return {};
    return std::to_string(n) + (n == 1 ? " job is" : " jobs are") + " not trained yet";
  }

  [[nodiscard]] std::string failed_text(const ClaimCells& row) const {
    for (const std::vector<std::size_t>* side : {&row.cells, &row.others})
      for (const std::size_t cell : *side)
        for (std::size_t seed = 0; seed < n_seeds_; ++seed) {
          const JobStatus status = job(cell, seed)->status;
          if (!has_results(status))
            return "seed " + std::to_string(claims_.spec_.seeds[seed]) +
                   (status == JobStatus::timeout ? " timed out" : " failed") +
                   (row.cells.size() + row.others.size() > 1 ? " in " + label(cell) : "");
        }
    return {};
  }

  [[nodiscard]] Finding judge_status(Finding finding, std::size_t cell) const {
    std::vector<std::int64_t> others;
    for (std::size_t seed = 0; seed < n_seeds_; ++seed)
      if (to_text(job(cell, seed)->status) != *claim_.status) others.push_back(claims_.spec_.seeds[seed]);
    finding.n = static_cast<int>(n_seeds_);
    finding.effect = finding.now = static_cast<double>(n_seeds_ - others.size());
    if (others.empty()) return with(std::move(finding), Outcome::good, "");
    return with(std::move(finding), Outcome::bad,
                seeds_text(others) + (others.size() == 1 ? " is not " : " are not ") + *claim_.status);
  }

  [[nodiscard]] bool has_validation(const ClaimCells& row) const {
    for (const std::vector<std::size_t>* side : {&row.cells, &row.others})
      for (const std::size_t cell : *side)
        for (std::size_t seed = 0; seed < n_seeds_; ++seed)
          if (!std::isfinite(job(cell, seed)->validation_accuracy)) return false;
    return true;
  }

  // Of cells that differ in best_over, the one with the highest mean validation accuracy; the first on ties.
  [[nodiscard]] std::size_t best_of(const std::vector<std::size_t>& cells) const {
    std::size_t best = cells.front();
    double highest = -1;
    for (const std::size_t cell : cells) {
      double sum = 0;
      for (std::size_t seed = 0; seed < n_seeds_; ++seed) sum += job(cell, seed)->validation_accuracy;
      if (!(sum > highest)) continue;
      highest = sum;
      best = cell;
    }
    return best;
  }

  [[nodiscard]] const ClaimValues& values(std::size_t cell, std::size_t seed) const {
    const std::vector<std::size_t>& of_cell = claims_.of_cell_[cell];
    const auto place = std::lower_bound(of_cell.begin(), of_cell.end(), index_) - of_cell.begin();
    return job(cell, seed)->of_claims[static_cast<std::size_t>(place)];
  }

  // Why the values of the cell cannot be judged; "" if they can.
  [[nodiscard]] std::string gap_in(std::size_t cell) const {
    const std::string what = quantity_text(claim_) + " in " + told(cell);
    std::vector<std::int64_t> without;
    std::string why;
    bool is_unpredicted = false;
    for (std::size_t seed = 0; seed < n_seeds_; ++seed) {
      const ClaimValues& found = values(cell, seed);
      const bool has_all = !found.values.empty() && std::all_of(found.values.begin(), found.values.end(),
                                                                [](double value) { return std::isfinite(value); });
      if (!has_all) without.push_back(claims_.spec_.seeds[seed]);
      if (const auto& least = found.without_logarithm; least && why.empty())
        why = ": a logarithm needs values above 0, and layer " + std::to_string(least->layer) + " of seed " +
              std::to_string(claims_.spec_.seeds[seed]) + " has " + brief_text(least->value);
      // Nor is a share of a predicted 0 finite.
      for (std::size_t i = 0; has_all && i < found.values.size(); ++i)
        is_unpredicted = is_unpredicted || !std::isfinite(judged_value(claim_, found, i));
    }
    if (!without.empty()) return seeds_text(without) + (without.size() == 1 ? " has" : " have") + " no " + what + why;
    return is_unpredicted ? "mean-field theory predicts no " + what : "";
  }

  [[nodiscard]] Finding judge_values(Finding finding, std::size_t cell, std::optional<std::size_t> other) const {
    finding.n = static_cast<int>(n_seeds_);
    for (std::size_t seed = 0; seed < n_seeds_ && !finding.epoch; ++seed) finding.epoch = values(cell, seed).epoch;
    if (const std::string gap = gap_in(cell); !gap.empty()) return with(std::move(finding), Outcome::undecided, gap);
    const std::vector<int>& layers = values(cell, 0).layers;
    const std::size_t n_values = values(cell, 0).values.size();
    if (other) {
      if (const std::string gap = gap_in(*other); !gap.empty())
        return with(std::move(finding), Outcome::undecided, gap);
      if (values(*other, 0).values.size() != n_values)
        return with(std::move(finding), Outcome::undecided,
                    "the two have different numbers of layers; compare first, last or one by its number");
    }
    Outcome outcome = Outcome::good;
    std::optional<std::size_t> worst_layer;
    Judgement worst;
    for (std::size_t i = 0; i < n_values; ++i) {
      const Judgement here = judge_layer(i, cell, other, n_values);
      const bool is_worse =
          !worst_layer || here.outcome > worst.outcome || (here.outcome == worst.outcome && here.beyond > worst.beyond);
      if (!is_worse) continue;
      worst = here;
      worst_layer = i;
      outcome = std::max(outcome, here.outcome);
    }
    show(finding, worst, *worst_layer, cell, other);
    std::string reason;
    if (n_values > 1) reason = "layer " + std::to_string(layers[*worst_layer]) + " decides";
    if (includes())
      reason = finding.seeds_needed > 0 ? "quantiles so far out take " + std::to_string(finding.seeds_needed) + " seeds"
                                        : std::string();
    else if (n_seeds_ < 2 && claim_.over == Expectation::Over::mean)
      reason = "one seed says nothing of a mean; give it two or more, or `over: every_seed`";
    else if (other && cell == *other)
      return with(std::move(finding), Outcome::undecided, "both sides are one cell, under two names");
    return with(std::move(finding), outcome, std::move(reason));
  }

  [[nodiscard]] Judgement judge_layer(std::size_t i, std::size_t cell, std::optional<std::size_t> other,
                                      std::size_t n_tests) const {
    std::vector<double> judged;
    for (std::size_t seed = 0; seed < n_seeds_; ++seed)
      judged.push_back(judged_value(claim_, values(cell, seed), i) - (other ? values(*other, seed).values[i] : 0));
    if (includes()) return judge_middle(judged, claim_.low, claim_.confidence);
    const Allowed allowed = allowed_by(claim_);
    if (claim_.over == Expectation::Over::every_seed) return judge_worst_seed(judged, allowed);
    return judge_mean(judged, allowed, claim_.confidence, n_tests);
  }

  [[nodiscard]] double mean_of(std::size_t i, std::size_t cell, std::vector<double> ClaimValues::*which) const {
    std::vector<double> of_seeds;
    for (std::size_t seed = 0; seed < n_seeds_; ++seed) of_seeds.push_back((values(cell, seed).*which)[i]);
    return estimate(of_seeds).mean;
  }

  void show(Finding& finding, const Judgement& judgement, std::size_t i, std::size_t cell,
            std::optional<std::size_t> other) const {
    finding.now = includes() ? judgement.observed : mean_of(i, cell, &ClaimValues::values);
    if (other) finding.before = mean_of(i, *other, &ClaimValues::values);
    if (predicted()) finding.before = mean_of(i, cell, &ClaimValues::predicted);
    finding.effect = judgement.observed;
    finding.low = judgement.low;
    finding.high = judgement.high;
    finding.p_value = judgement.p_value;
    finding.beyond = judgement.beyond;
    if (judgement.outcome == Outcome::undecided && includes())
      finding.seeds_needed = values_for_quantiles(claim_.confidence);
    else if (judgement.outcome == Outcome::undecided && claim_.confidence == 0.95)
      if (const auto needed = replicates_to_decide(judgement.seen, std::abs(judgement.beyond), kSeedPower))
        finding.seeds_needed = std::max(*needed, judgement.seen.n + 1);
  }

  const Claims& claims_;
  const Expectation& claim_;
  std::size_t index_;
  std::span<const std::optional<JobValues>> jobs_;
  std::size_t n_seeds_;
  const CellLabels& labels_;
};

std::vector<Diagnostic> check_expectations(const SweepSpec& spec, const Grid& grid) {
  std::vector<Diagnostic> problems;
  std::vector<std::vector<ClaimCells>> cells;
  try {
    cells = cells_of_claims(spec, grid);
  } catch (const SpecError& error) {
    return error.diagnostics();
  }
  const auto report = [&](SourceLocation where, std::string message) {
    problems.push_back(located(spec, Severity::error, where, std::move(message)));
  };
  for (std::size_t i = 0; i < spec.expect.size() && problems.size() < kMaxProblems; ++i) {
    const Expectation& claim = spec.expect[i];
    if (!cells[i].empty()) {
      if (spec.probe) continue;  // what the claims are about is still to be trained
      const bool are_untrained = std::all_of(cells[i].begin(), cells[i].end(), [&](const ClaimCells& row) {
        return n_untrained(grid, row) == row.cells.size() + row.others.size();
      });
      if (are_untrained && needs_training(claim))
        report(claim.location,
               "the cells it speaks of are not trained (epochs: 0), so there is no " + what_training_gives(claim));
      else if (std::string why = beyond_reach(claim, grid, cells[i]); !why.empty())
        report(claim.location, std::move(why));
      continue;
    }
    if (n_matching(grid, claim.where, nullptr) == 0)
      report(claim.where.where, "this where matches no cell of the sweep");
    else if (claim.higher && n_matching(grid, claim.where, &*claim.higher) == 0)
      report(claim.higher->where, "this higher matches no cell of the sweep");
    else if (claim.than && n_matching(grid, claim.where, &*claim.than) == 0)
      report(claim.than->where, "this than matches no cell of the sweep");
    else if (claim.than)
      report(claim.than->where,
             "no cell of higher has a partner here: two cells compare where all agrees that these do not name");
  }
  return problems;
}

Claims::Claims(const SweepSpec& spec, const Grid& grid)
    : spec_(spec), grid_(grid), cells_(cells_of_claims(spec, grid)), of_cell_(grid.cells.size()) {
  for (std::size_t claim = 0; claim < cells_.size(); ++claim)
    for (const ClaimCells& row : cells_[claim])
      for (const std::vector<std::size_t>* side : {&row.cells, &row.others})
        for (const std::size_t cell : *side)
          if (of_cell_[cell].empty() || of_cell_[cell].back() != claim) of_cell_[cell].push_back(claim);
}

JobValues Claims::values_of(const Job& job, const Record& record) const {
  JobValues found{.status = record.status, .validation_accuracy = kNoValue, .of_claims = {}};
  if (!has_results(record.status)) return found;
  found.validation_accuracy = final_validation_accuracy(record);
  for (const std::size_t i : of_cell_[job.cell])
    found.of_claims.push_back(claim_values(spec_.expect[i], grid_.cells[job.cell].settings, record));
  return found;
}

std::vector<Finding> Claims::judge(std::span<const std::optional<JobValues>> jobs) const {
  std::vector<Finding> findings;
  const CellLabels labels = cells_.empty() ? CellLabels() : CellLabels(grid_);
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const ClaimJudge judge(*this, labels, i, jobs);
    if (!grid_.shard.is_whole()) {
      findings.push_back(judge.waiting());
      continue;
    }
    if (cells_[i].empty()) findings.push_back(judge.unmatched());
    for (const ClaimCells& row : cells_[i]) findings.push_back(judge.judge(row));
  }
  return findings;
}

}  // namespace initsweep
