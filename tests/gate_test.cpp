// The verdicts of the gate, on baselines made by hand. Numbers that are not obvious are R's (4.2.2), of
//
//   verdict <- function(..., mu) {                       # t.test(d, mu = -m), or t.test(now, before, mu = -m)
//     less <- t.test(..., mu = mu, alternative = "less"); greater <- t.test(..., mu = mu, alternative = "greater")
//     c(greater$conf.int[1], less$conf.int[2], less$p.value) }
//
// and the seeds that would decide of `pairs_needed` and `welch_needed` in data/hypothesis.R, at power 1 - 0.1 / cells;
// two samples gain 2 degrees of freedom with a seed on both sides at most.
#include "initsweep/gate.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "hand_made_baseline.hpp"

namespace initsweep {
namespace {

Finding accuracy(const Baseline& before, const Baseline& now) {
  return finding_of("test_accuracy", compare(before, now));
}
Finding accuracy(const BaselineCell& before, const BaselineCell& now) {
  return accuracy(baseline_with({before}), baseline_with({now}));
}
bool is_any_good(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& f) { return f.outcome == Outcome::good; });
}

// `now` has the seeds of kBefore, or with `before` given others.
struct VerdictCase {
  const char* name;
  Numbers now, before;
  const char* verdict;
  double effect, low, high, p;
  int seeds_needed;
};
void PrintTo(const VerdictCase& c, std::ostream* out) { *out << c.name; }
class GateVerdict : public testing::TestWithParam<VerdictCase> {};

TEST_P(GateVerdict, IsRs) {
  const VerdictCase& c = GetParam();
  const bool is_paired = c.before.empty();
  const Finding f = accuracy(cell_of(is_paired ? kBefore : c.before), cell_of(c.now, 2, is_paired ? 1 : 11));
  EXPECT_EQ(f.verdict, c.verdict);
  EXPECT_EQ(f.outcome, f.verdict == "pass"        ? Outcome::good
                       : f.verdict == "regressed" ? Outcome::bad
                                                  : Outcome::undecided);
  // R's numbers are printed to ten digits; accuracies of order 1 round at 1e-16.
  EXPECT_NEAR(f.effect, c.effect, 1e-11);
  EXPECT_NEAR(f.low, c.low, 1e-11);
  EXPECT_NEAR(f.high, c.high, 1e-11);
  EXPECT_NEAR(f.p_value / c.p, 1, 1e-8);
  EXPECT_NEAR(f.now - f.before, c.effect, 1e-11);
  EXPECT_EQ(f.seeds_needed, c.seeds_needed);
  EXPECT_EQ(f.reason, c.seeds_needed == 0
                          ? ""
                          : "would be decided by " + std::to_string(c.seeds_needed) + " seeds on both sides");
  EXPECT_EQ(f.expected, "above -0.005");
}

INSTANTIATE_TEST_SUITE_P(
    Paired, GateVerdict,
    testing::Values(VerdictCase{"no_change",
                                sum(kBefore, {-.001, .001, 0, -.002, .001}),
                                {},
                                "pass",
                                -0.0002,
                                -0.001443069606,
                                0.001043069606,
                                0.9994063203,
                                0},
                    // A drop that is certain and small enough is none.
                    VerdictCase{"drop_inside_the_margin",
                                sum(kBefore, {-.003, -.0035, -.0025, -.003, -.003}),
                                {},
                                "pass",
                                -0.003,
                                -0.003337074573,
                                -0.002662925427,
                                0.9998875398,
                                0},
                    VerdictCase{"better_with_wide_spread",
                                sum(kBefore, {.03, .01, .05, .02, .04}),
                                {},
                                "pass",
                                0.03,
                                0.01492556681,
                                0.04507443319,
                                0.9961186987,
                                0},
                    VerdictCase{"far_below",
                                sum(kBefore, {-.02, -.021, -.019, -.02, -.022}),
                                {},
                                "regressed",
                                -0.0204,
                                -0.02148703284,
                                -0.01931296716,
                                3.579460597e-06,
                                0},
                    VerdictCase{"barely_below",
                                sum(kBefore, {-.01, -.009, -.016, -.005, -.008}),
                                {},
                                "regressed",
                                -0.0096,
                                -0.01344914959,
                                -0.005750850412,
                                0.0317298804,
                                0},
                    VerdictCase{"open",
                                sum(kBefore, {-.01, .004, -.008, .006, -.002}),
                                {},
                                "inconclusive",
                                -0.002,
                                -0.008741491467,
                                0.004741491467,
                                0.8017492711,
                                43},
                    // Two seeds should have been enough, and five were not: then it takes more than five.
                    VerdictCase{"open_by_bad_luck",
                                sum(kBefore, {-.0049, -.0052, -.0046, -.005, -.0048}),
                                {},
                                "inconclusive",
                                -0.0049,
                                -0.005113184679,
                                -0.004686815321,
                                0.8130495168,
                                6}),
    [](const auto& test) { return test.param.name; });

const Numbers kThree = {0.951, 0.953, 0.950};
INSTANTIATE_TEST_SUITE_P(Welch, GateVerdict,
                         testing::Values(VerdictCase{"no_change",
                                                     {.9522, .9511, .9505, .9531, .9519},
                                                     kThree,
                                                     "pass",
                                                     0.0004266666667,
                                                     -0.001881379,
                                                     0.002734712333,
                                                     0.9943775157,
                                                     0},
                                         VerdictCase{"far_below",
                                                     {.9122, .9211, .9105, .9151, .9219},
                                                     kThree,
                                                     "regressed",
                                                     -0.03517333333,
                                                     -0.04013598831,
                                                     -0.03021067836,
                                                     3.061702003e-05,
                                                     0},
                                         VerdictCase{"open",
                                                     {.9422, .9531, .9405, .9551, .9419},
                                                     kThree,
                                                     "inconclusive",
                                                     -0.004773333333,
                                                     -0.01140620687,
                                                     0.001859540204,
                                                     0.5264994034,
                                                     40}),
                         [](const auto& test) { return test.param.name; });

TEST(Gate, EqualDigestsPassWhateverTheSeeds) {
  const Finding one = accuracy(cell_of(Numbers{0.9}), cell_of(Numbers{0.9}));
  EXPECT_EQ(one.verdict, "pass");
  EXPECT_EQ(one.reason, "the same digests");
  EXPECT_EQ(one.effect, 0);
}

TEST(Gate, EqualAccuraciesOfOneSeedAreNoEqualDigests) {
  BaselineCell now = cell_of(Numbers{0.9});
  now.replicates[0].digest = "d_other";
  const Finding one = accuracy(cell_of(Numbers{0.9}), now);
  EXPECT_EQ(one.verdict, "inconclusive");
  EXPECT_EQ(one.reason, "one seed says nothing of a mean; give both sides two or more");
  EXPECT_EQ(one.seeds_needed, 0);
}

TEST(Gate, ADigestThatNobodyWroteEqualsNone) {
  BaselineCell before = cell_of(kBefore), now = cell_of(sum(kBefore, Numbers(5, -0.1)));
  for (BaselineCell* cell : {&before, &now})
    for (Replicate& replicate : cell->replicates) replicate.digest = "";
  EXPECT_EQ(accuracy(before, now).verdict, "regressed");
}

// p = 0.0317 alone; Holm's factor for the smallest p of n cells is n.
TEST(Gate, WhatRegressesAloneMayBeBadLuckAmongTwentyCells) {
  const Numbers barely = sum(kBefore, {-.01, -.009, -.016, -.005, -.008}),
                far = sum(kBefore, {-.02, -.021, -.019, -.02, -.022});
  const auto with_others = [&](const Numbers& accuracies, int n_cells) {
    Baseline before = baseline_with({cell_of(kBefore)}), now = baseline_with({cell_of(accuracies)});
    for (int depth = 3; depth < n_cells + 2; ++depth) {
      before.cells.push_back(cell_of(kBefore, depth));
      now.cells.push_back(cell_of(sum(kBefore, {-.001, .001, 0, -.002, .001}), depth));
    }
    return accuracy(before, now);
  };
  EXPECT_EQ(with_others(barely, 1).verdict, "regressed");
  const Finding two = with_others(barely, 2);
  EXPECT_EQ(two.verdict, "inconclusive");
  EXPECT_NEAR(two.p_value, 2 * 0.0317298804, 2e-10);
  EXPECT_EQ(two.seeds_needed, 19);
  const Finding twenty = with_others(barely, 20);
  EXPECT_EQ(twenty.verdict, "inconclusive");
  EXPECT_NEAR(twenty.p_value, 20 * 0.0317298804, 2e-9);
  EXPECT_EQ(twenty.seeds_needed, 30);
  EXPECT_EQ(with_others(far, 20).verdict, "regressed");
  EXPECT_NEAR(with_others(far, 20).p_value, 20 * 3.579460597e-06, 1e-13);
  EXPECT_EQ(with_others(kBefore, 20).verdict, "pass");
}

TEST(Gate, AccuraciesAndStartsAreFamiliesOfTheirOwn) {
  // p = 0.0317 would be 0.095 in one family of three.
  BaselineCell now = cell_of(sum(kBefore, {-.01, -.009, -.016, -.005, -.008}));
  EXPECT_NEAR(accuracy(cell_of(kBefore), now).p_value, 0.0317298804, 1e-10);
}

TEST(Gate, PassingNeedsNoCorrection) {
  Baseline before = baseline_with({}), now = baseline_with({});
  for (int depth = 2; depth < 22; ++depth) {
    before.cells.push_back(cell_of(kBefore, depth));
    now.cells.push_back(cell_of(sum(kBefore, {-.001, .001, 0, -.004, .001}), depth));  // a bound of -0.0026
  }
  for (const Finding& finding : compare(before, now)) EXPECT_EQ(finding.verdict, "pass");
}

TEST(Gate, PermutationIsShownAndNeverDecides) {
  // Five differences that are all below: 1 of 2^5 flips has a sum as low.
  const Finding paired = accuracy(cell_of(kBefore), cell_of(sum(kBefore, {-.02, -.021, -.019, -.02, -.022})));
  EXPECT_EQ(paired.permutation_p, 1.0 / 32);
  // The lowest five of eight: 1 of 8 over 5.
  const Finding dealt = accuracy(cell_of(kThree), cell_of({.9122, .9211, .9105, .9151, .9219}, 2, 11));
  EXPECT_EQ(dealt.permutation_p, 1.0 / 56);
  // Two seeds can never say more than 1/4 and regress all the same.
  const Finding two = accuracy(cell_of({0.95, 0.95}), cell_of({0.5, 0.5001}));
  EXPECT_EQ(two.permutation_p, 0.25);
  EXPECT_EQ(two.verdict, "regressed");
}

// What cannot be compared is exit code 4 at best, never a pass.
TEST(Gate, NothingOnEitherSideIsNoPass) {
  EXPECT_EQ(verdicts(compare(baseline_with({}), baseline_with({}))), ":  incomparable (one side has no job)\n");
}

TEST(Gate, CellsThatOneSideLacksAreNoPass) {
  const Baseline two = baseline_with({cell_of(kBefore, 2), cell_of(kBefore, 5)});
  const Baseline one = baseline_with({cell_of(kBefore, 2)});
  EXPECT_EQ(verdicts(compare(two, one)),
            "depth=5:  missing (the baseline has it, the sweep has not)\n"
            "depth=2: test_accuracy pass (the same digests)\n"
            "depth=2: delta_slope_start pass\n"
            "depth=2: weight_rms, layer 1 pass\n");
  const std::vector<Finding> extra = compare(one, two);
  EXPECT_EQ(extra.back().verdict, "extra");
  EXPECT_EQ(extra.back().cell, "depth=5");
  EXPECT_EQ(extra.back().outcome, Outcome::undecided);
  EXPECT_EQ(worst(extra), Outcome::undecided);
  EXPECT_EQ(what_differs(one, two), "");
  EXPECT_EQ(what_differs(two, one), "more cells: 1 is not in the sweep any more");
  const Baseline other = baseline_with({cell_of(kBefore, 7), cell_of(kBefore, 2)});
  EXPECT_EQ(what_differs(two, other), "other settings: depth was 5, is 7");
  EXPECT_EQ(compare(two, other).front().reason, "the baseline has it, the sweep has not; nearest: depth was 5, is 7");
  EXPECT_FALSE(is_any_good(compare(baseline_with({}), one)));
  EXPECT_FALSE(is_any_good(compare(one, baseline_with({}))));
}

TEST(Gate, OtherDataAreNoPass) {
  const Baseline before = baseline_with({cell_of(kBefore)});
  Baseline now = before;
  now.data = {{"idx:/data/other", std::string(64, 'b')}};
  now.cells[0].id = "c_other";  // which data make different
  EXPECT_EQ(verdicts(compare(before, now)),
            ":  incomparable (other data: idx:/data/other is not what the baseline was made on)\n"
            ":  missing (the baseline has it, the sweep has not)\n"
            ":  extra (the baseline has no such cell; accept the results to take it in)\n");
  Baseline more = before;
  more.data["fashion_mnist"] = std::string(64, 'c');
  EXPECT_EQ(what_differs(more, before), "other data: the baseline has more data sets");
  EXPECT_EQ(worst(compare(more, before)), Outcome::undecided);
}

TEST(Gate, OneDataSetMayLieElsewhere) {
  const Baseline before = baseline_with({cell_of(kBefore)});
  Baseline now = before;
  now.data = {{"idx:/mnt/mnist", std::string(64, 'a')}};
  now.cells[0].settings["dataset"] = "idx:/mnt/mnist";
  EXPECT_EQ(what_differs(before, now), "");
  EXPECT_EQ(accuracy(before, now).verdict, "pass");
}

TEST(Gate, AnotherNameForTheSameIsNoPass) {
  BaselineCell before = cell_of(kBefore), now = before;
  before.settings["initializer"] = "he_normal";
  now.settings["initializer"] = "variance_scaling(scale=2.0;distribution=normal)";
  EXPECT_EQ(verdicts(compare(baseline_with({before}), baseline_with({now}))),
            "variance_scaling(scale=2.0;distribution=normal):  renamed (means the same under another name: initializer "
            "was he_normal, is variance_scaling(scale=2.0;distribution=normal); accept the results to take it over)\n"
            "variance_scaling(scale=2.0;distribution=normal): test_accuracy pass (the same digests)\n"
            "variance_scaling(scale=2.0;distribution=normal): delta_slope_start pass\n"
            "variance_scaling(scale=2.0;distribution=normal): weight_rms, layer 1 pass\n");
  // Its numbers are compared all the same.
  for (Replicate& replicate : now.replicates) replicate = trained(replicate.seed, 0.5 + 0.001 * replicate.seed);
  EXPECT_EQ(worst(compare(baseline_with({before}), baseline_with({now}))), Outcome::bad);
  // One that has the old name too, as a second one, is not renamed.
  now = before;
  now.other_names = {now.settings};
  now.settings["initializer"] = "variance_scaling(scale=2.0;distribution=normal)";
  EXPECT_EQ(worst(compare(baseline_with({before}), baseline_with({now}))), Outcome::good);
}

TEST(Gate, JobsThatFailedOrAreNotFinishedAreNoPass) {
  const BaselineCell whole = cell_of(kBefore);
  const auto said = [](const BaselineCell& before, const BaselineCell& now) {
    return verdicts(compare(baseline_with({before}), baseline_with({now})));
  };
  BaselineCell failed = whole, late = whole, unfinished = whole, empty = whole;
  failed.replicates[1].status = JobStatus::failed;
  late.replicates[0].status = late.replicates[4].status = JobStatus::timeout;
  unfinished.replicates.pop_back();
  unfinished.missing = {5};
  empty.replicates.clear();
  EXPECT_EQ(said(whole, failed), ":  missing (seed 2 failed or timed out; --retry-failed trains again)\n");
  EXPECT_EQ(said(whole, late), ":  missing (seeds 1, 5 failed or timed out; --retry-failed trains again)\n");
  EXPECT_EQ(said(whole, unfinished), ":  missing (seed 5 not trained yet)\n");
  EXPECT_EQ(said(failed, whole),
            ":  missing (seed 2 failed or timed out in the baseline's folder; --retry-failed trains again)\n");
  EXPECT_EQ(said(unfinished, whole), ":  missing (seed 5 not trained yet in the baseline's folder)\n");
  EXPECT_EQ(said(whole, empty), ":  missing (no seed at all)\n");
  EXPECT_EQ(said(empty, whole), ":  missing (no seed at all in the baseline's folder)\n");
}

TEST(Gate, CountsTheJobsThatBothHaveWithTheirDigests) {
  BaselineCell now = cell_of(kBefore);
  now.replicates[3].digest = "d_other";
  now.replicates.push_back(trained(6, 0.9));
  const Baseline before = baseline_with({cell_of(kBefore), cell_of(kBefore, 7)});
  const SameDigests count = count_same_digests(before, baseline_with({now, cell_of(kBefore, 8)}));
  EXPECT_EQ(count.n_both, 5U);
  EXPECT_EQ(count.n_same, 4U);
}

}  // namespace
}  // namespace initsweep
