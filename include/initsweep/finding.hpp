// One line of what a check found, be it of a claim of the sweep or of a comparison with a baseline, and the forms in
// which continuous integration takes it.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include "initsweep/diagnostic.hpp"
#include "initsweep/record.hpp"
#include "initsweep/table.hpp"

namespace initsweep {

// What it means for the answer, better ones first. `bad` is exit code 1, `undecided` 4; `skipped` was not looked at and
// changes no exit code.
enum class Outcome { good, skipped, undecided, bad };

// Numbers that there are none of are NaN (kNoValue), counts 0.
struct Finding {
  Outcome outcome = Outcome::good;
  std::string verdict;   // of a claim: holds, fails, inconclusive, not_run; of a baseline: pass, regressed,
                         // inconclusive, missing, extra, renamed, incomparable
  std::string id;        // of the claim; "" for a baseline
  std::string claim;     // its sentence; "" for a baseline
  std::string cell_id;   // "" where it is about all of them
  std::string cell;      // what tells it from the others: he_normal/fan_in/relu/depth=20
  std::string quantity;  // test_accuracy, weight_rms, layers.preactivation.std
  std::string expected;  // "at least 5.0", "above -0.005"
  // Of a claim, what its sentences say in plain words.
  std::string metric = {};                   // layers.preactivation.std; "" for a status
  std::string when = {};                     // of a metric of layers: start, end, epoch 3
  std::string compared_with = {};            // the cell that `effect` is the difference to; "" without one
  bool is_prediction = false;                // `before` is what theory predicts, and `effect` how far `now` is from it
  double before = kNoValue, now = kNoValue;  // means: the baseline's or the other side's, and the present one
  double effect = kNoValue;                  // what is judged: now - before, now / before - 1, or the value itself
  double low = kNoValue, high = kNoValue;    // one-sided 95 % bounds of it (or at the claim's confidence)
  double p_value = kNoValue;                 // of the baseline: Holm-adjusted, for regressed; of a claim: against it
  double permutation_p = kNoValue;           // shown, never decides
  // How far the effect lies on the wrong side of what is expected, in margins where it has one, else in its own unit;
  // negative on the right side. Not shown, only sorted by.
  double beyond = kNoValue;
  double published = kNoValue;                       // what the claim's source has
  std::optional<int> layer = std::nullopt;           // where the claim asks for one alone
  std::optional<std::int64_t> epoch = std::nullopt;  // likewise
  int n = 0;                                         // replicates or pairs
  int seeds_needed = 0;                              // that would decide what is inconclusive
  std::string reason;                                // a sentence; "" where the verdict says all
  std::string file;                                  // of the claim
  SourceLocation where;                              // its place there, line 0 if it has none
};

[[nodiscard]] Outcome worst(std::span<const Finding> findings);  // good for none

// "failed", "cannot decide" or "passed"; "nothing was checked" where all was skipped.
[[nodiscard]] std::string_view answer_text(std::span<const Finding> findings);
// "1 regressed, 3 hold, 12 pass"
[[nodiscard]] std::string tally_text(std::span<const Finding> findings);

// Worst first, within an outcome those furthest `beyond` what is expected first and those without a number last; the
// order is kept otherwise. (The effect alone does not tell: under "at most" a large one is bad, under "above" a small
// one, and effects of different quantities have different units.)
void sort_worst_first(std::vector<Finding>& findings);

// A row a finding: what people and programs read. The names of the columns are promises: verdict, id, claim, cell_id,
// cell, quantity, expected, reference, value, effect, low, high, p_value, permutation_p, n, seeds_needed, reason,
// published.
// `exact` has them all, numbers in the shortest text that reads back; without it numbers are brief, and cell_id and
// what is empty in every row are left out. A bound that is not finite is empty in both.
[[nodiscard]] Table findings_table(std::span<const Finding> findings, bool exact);

// JUnit XML as Jenkins, GitLab and GitHub's actions read it: a suite for the claims and one for the baseline, each left
// out if it is empty; a case a finding, no two of one name; bad is a failure, undecided an error, skipped is skipped.
// It is valid under Jenkins' junit-10.xsd and under the schema of Ant's reports, which allow different things: there is
// nothing in it that only one of them knows (GitLab's `file`, for one: the place stands in the text of the failure).
// `timestamp` is UTC, 2026-11-24T15:29:16, with or without a Z (Ant's schema takes none). An empty `name` reads
// "initsweep", an empty `host` "localhost".
[[nodiscard]] std::string junit_text(std::span<const Finding> findings, std::string_view name,
                                     std::string_view timestamp, std::string_view host);

// Markdown for a pull request: a headline with the answer and how many there are of each verdict, a table of what is
// not good (at most 50 rows, and how many more), and one line for the rest. In the order given; text from outside is
// shown as it is, never as markup, and calls nobody by @name.
[[nodiscard]] std::string markdown_text(std::span<const Finding> findings, std::string_view name);

// GitHub's workflow commands, a line each: ::error for bad, ::warning for undecided; the first ten of each, which is
// what GitHub shows of a step. Those of a claim stand at its line of the sweep file.
[[nodiscard]] std::string github_annotations(std::span<const Finding> findings);

}  // namespace initsweep
