#include "cell_comparison.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "hand_made_baseline.hpp"
#include "initsweep/gate.hpp"

namespace initsweep {
namespace {

CellTests compared(const BaselineCell& before, const BaselineCell& now,
                   const std::map<std::string, Tolerance>& gate = {}) {
  return compare_cell(before, now, "a", gate);
}

// By the definition: the mean of the squares of deviations, of n - 1.
double spread(const Numbers& values) {
  double mean = 0, squares = 0;
  for (const double x : values) mean += x / static_cast<double>(values.size());
  for (const double x : values) squares += (x - mean) * (x - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}
constexpr double kRounding = 1e-15;  // of sums of a few numbers below 1

TEST(CellComparison, MarginIsTheSpreadOfTheBaselineAndNoLessThanHalfAPercent) {
  const Numbers wide = {.90, .95, .92, .97, .88};
  EXPECT_NEAR(compared(cell_of(wide), cell_of(kBefore)).accuracy.margin, spread(wide), kRounding);
  EXPECT_EQ(compared(cell_of(kBefore), cell_of(wide)).accuracy.margin, 0.005);  // whatever the spread today
  EXPECT_EQ(compared(cell_of({0.9, 0.9}), cell_of({0.9, 0.9})).accuracy.margin, 0.005);
  EXPECT_EQ(compared(cell_of(Numbers{0.9}), cell_of(Numbers{0.9})).accuracy.margin, 0.005);
}

// Two seeds tried quickly say little of the spread; the baseline's five say it.
TEST(CellComparison, MarginIsOfAllSeedsOfTheBaseline) {
  const Numbers wide = {.90, .95, .92, .97, .88};
  const initsweep::Test two = compared(cell_of(wide), cell_of({.90, .95})).accuracy;
  EXPECT_NEAR(two.margin, spread(wide), kRounding);
  EXPECT_EQ(two.effect.n, 2);
  EXPECT_NEAR(compared(cell_of(wide), cell_of(Numbers{.92}, 2, 3)).accuracy.margin, spread(wide), kRounding);
}

struct PairingCase {
  const char* name;
  std::vector<std::int64_t> before, now;
  bool is_paired;
  int n;
};
void PrintTo(const PairingCase& c, std::ostream* out) { *out << c.name; }
class Pairing : public testing::TestWithParam<PairingCase> {};

// Accuracies lie far apart from seed to seed and differ by 0.01 in each: pairs see no spread, two samples do.
TEST_P(Pairing, IsByTheSeedsWhereOneSideHoldsTheOthers) {
  const PairingCase& c = GetParam();
  std::vector<Replicate> before, now;
  for (const std::int64_t seed : c.before) before.push_back(trained(seed, 0.125 * static_cast<double>(seed)));
  for (const std::int64_t seed : c.now) now.push_back(trained(seed, 0.125 * static_cast<double>(seed) + 0.0078125));
  const initsweep::Test test = compared(cell_of(before), cell_of(now)).accuracy;
  EXPECT_EQ(test.effect.n, c.n);
  EXPECT_EQ(test.effect.mean == 0.0078125 && test.effect.std == 0, c.is_paired);
  EXPECT_EQ(test.finding.n, c.n);
  EXPECT_NEAR(test.finding.now - test.finding.before, test.effect.mean, kRounding);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Pairing,
                         testing::Values(PairingCase{"the_same", {1, 2, 3}, {1, 2, 3}, true, 3},
                                         PairingCase{"fewer_now", {1, 2, 3, 4}, {2, 4}, true, 2},
                                         PairingCase{"more_now", {2, 4}, {1, 2, 3, 4}, true, 2},
                                         PairingCase{"some_in_common", {1, 2, 3}, {2, 3, 4, 5}, false, 3},
                                         PairingCase{"none_in_common", {1, 2}, {3, 4, 5}, false, 2}),
                         [](const auto& test) { return test.param.name; });

TEST(CellComparison, EqualDigestsOfSomeSeedsDoNotSpeakForTheOthers) {
  std::vector<Replicate> now = cell_of(kBefore).replicates;
  EXPECT_TRUE(compared(cell_of(kBefore), cell_of(now)).accuracy.is_certain);
  now[4].digest = "d_other";
  EXPECT_FALSE(compared(cell_of(kBefore), cell_of(now)).accuracy.is_certain);
  now.pop_back();  // seeds that only one side has tell nothing of the program
  now.push_back(trained(9, 0.949));
  EXPECT_TRUE(compared(cell_of(kBefore), cell_of(now)).accuracy.is_certain);
}

// Divergence: what was ok before and is not now.
struct DivergedCase {
  const char* name;
  std::vector<Replicate> before, now;
  const char* reason;  // "" where it is no regression for that alone
};
void PrintTo(const DivergedCase& c, std::ostream* out) { *out << c.name; }
class NewlyDiverged : public testing::TestWithParam<DivergedCase> {};

TEST_P(NewlyDiverged, Regresses) {
  const DivergedCase& c = GetParam();
  const initsweep::Test test = compared(cell_of(c.before), cell_of(c.now)).accuracy;
  const bool is_regression = *c.reason != '\0';
  EXPECT_EQ(test.finding.reason, c.reason);
  EXPECT_EQ(test.is_certain, is_regression);
  EXPECT_EQ(test.finding.verdict, is_regression ? "regressed" : "");
}

INSTANTIATE_TEST_SUITE_P(
    Seeds, NewlyDiverged,
    testing::Values(
        DivergedCase{
            "one", {trained(1, .9), trained(2, .9)}, {trained(1, .95), diverged(2)}, "seed 2 was ok and diverges now"},
        DivergedCase{
            "two", {trained(1, .9), trained(2, .9)}, {diverged(1), diverged(2)}, "seeds 1, 2 were ok and diverge now"},
        DivergedCase{"one_did_then_and_does",
                     {trained(1, .9), diverged(2)},
                     {trained(1, .95),
                      [] {
                        Replicate r = diverged(2);
                        r.digest = "d_other";
                        return r;
                      }()},
                     ""},
        DivergedCase{"another_than_then",
                     {trained(1, .9), diverged(2)},
                     {diverged(1), trained(2, .9)},
                     "seed 1 was ok and diverges now"},
        DivergedCase{"learns_now", {trained(1, .9), diverged(2)}, {trained(1, .9), trained(2, .9)}, ""},
        DivergedCase{"other_seeds",
                     {trained(1, .9), trained(2, .9)},
                     {trained(3, .9), diverged(4)},
                     "seed 4 diverges, which none did before"},
        DivergedCase{"other_seeds_of_which_some_did", {trained(1, .9), diverged(2)}, {trained(3, .9), diverged(4)}, ""},
        // Seeds 1, 2, 3 then and 2, 3, 4 now are two samples, and yet 2 is known to have been ok.
        DivergedCase{"some_seeds_in_common",
                     {diverged(1), trained(2, .9), trained(3, .9)},
                     {diverged(2), trained(3, .8), trained(4, .9)},
                     "seed 2 was ok and diverges now"}),
    [](const auto& test) { return test.param.name; });

TEST(CellComparison, DivergedCountsAsAGuess) {
  BaselineCell before = cell_of({trained(1, .9), diverged(2)}), now = cell_of({trained(1, .9), trained(2, .5)});
  const initsweep::Test test = compared(before, now).accuracy;
  EXPECT_EQ(test.finding.before, (0.9 + 0.1) / 2);  // ten classes
  EXPECT_NEAR(test.effect.mean, (0.0 + 0.4) / 2, kRounding);
  EXPECT_NEAR(test.margin, spread({0.9, 0.1}), kRounding);
  before.chance = now.chance = 0.5;
  EXPECT_EQ(compared(before, now).accuracy.effect.mean, 0);
  now.chance = kNoValue;  // the baseline knows it
  EXPECT_EQ(compared(before, now).accuracy.effect.mean, 0);
}

TEST(CellComparison, AnAccuracyThatNobodyKnowsCannotBeCompared) {
  BaselineCell unknown = cell_of({trained(1, .9), diverged(2)});
  unknown.chance = kNoValue;
  BaselineCell other = cell_of({.9, .9});
  other.chance = kNoValue;
  const CellTests then = compared(unknown, other);
  ASSERT_TRUE(then.obstacle);
  EXPECT_EQ(then.obstacle->verdict, "incomparable");
  EXPECT_EQ(then.obstacle->outcome, Outcome::undecided);
  EXPECT_EQ(then.obstacle->reason, "seed 2 has none in the baseline");
  const CellTests now = compared(other, unknown);
  ASSERT_TRUE(now.obstacle);
  EXPECT_EQ(now.obstacle->reason, "seed 2 has none");
}

// Tier 1, a column of one seed after the other.
struct ToleranceCase {
  const char* name;
  Numbers before, now;  // of seeds 1, 2, ...; NaN: no value
  Tolerance tolerance;
  const char* verdict;
  const char* reason;
  double effect;  // of the seed that is shown, the worst
  int n;
};
void PrintTo(const ToleranceCase& c, std::ostream* out) { *out << c.name; }
class GateTolerance : public testing::TestWithParam<ToleranceCase> {};

TEST_P(GateTolerance, EverySeedIsInside) {
  const ToleranceCase& c = GetParam();
  BaselineCell before = cell_of(Numbers(c.before.size(), 0.9)), now = cell_of(Numbers(c.now.size(), 0.9));
  for (std::size_t i = 0; i < c.before.size(); ++i) value_of(before.replicates[i], "test_loss") = c.before[i];
  for (std::size_t i = 0; i < c.now.size(); ++i) value_of(now.replicates[i], "test_loss") = c.now[i];
  const CellTests tests = compared(before, now, {{"test_loss", c.tolerance}});
  ASSERT_EQ(tests.tolerances.size(), 1U);
  const Finding& f = tests.tolerances[0];
  EXPECT_EQ(f.verdict, c.verdict);
  EXPECT_EQ(f.outcome, f.verdict == "pass" ? Outcome::good : Outcome::bad);
  EXPECT_EQ(f.reason, c.reason);
  EXPECT_EQ(f.n, c.n);
  EXPECT_EQ(f.quantity, "test_loss, each seed");
  if (std::isnan(c.effect))
    EXPECT_TRUE(std::isnan(f.effect)) << f.effect;
  else
    EXPECT_EQ(f.effect, c.effect);
}

constexpr double kNone = kNoValue;
INSTANTIATE_TEST_SUITE_P(
    Columns, GateTolerance,
    testing::Values(
        ToleranceCase{"equal", {0.5, 0.5}, {0.5, 0.5}, {}, "pass", "", 0, 2},
        ToleranceCase{"inside_atol", {0.5, 0.5}, {0.5, 0.25}, {0, 0.25}, "pass", "", -0.25, 2},
        ToleranceCase{"outside_atol", {0.5, 0.5}, {0.75, 0.5}, {0, 0.125}, "regressed", "seed 1 is outside", 0.25, 2},
        ToleranceCase{"better_is_outside_too", {0.5}, {0.25}, {0, 0.125}, "regressed", "seed 1 is outside", -0.25, 1},
        ToleranceCase{"inside_rtol", {2, -2}, {2.5, -2.5}, {0.25, 0}, "pass", "", 0.5, 2},
        ToleranceCase{"outside_rtol", {2, 1}, {2.5, 1.5}, {0.25, 0}, "regressed", "seed 2 is outside", 0.5, 2},
        ToleranceCase{"both_add_up", {2}, {2.75}, {0.25, 0.25}, "pass", "", 0.75, 1},
        ToleranceCase{
            "the_worst_is_shown_first", {1, 1, 1}, {1.5, 1.25, 1}, {}, "regressed", "seed 1 is outside", 0.5, 3},
        ToleranceCase{
            "the_worst_is_shown_last", {1, 1, 1}, {1, 1.25, 1.5}, {}, "regressed", "seed 3 is outside", 0.5, 3},
        ToleranceCase{"no_value_now", {1, 1, 1}, {1.5, kNone, 1}, {9, 9}, "regressed", "seed 2 is outside", kNone, 3},
        ToleranceCase{"no_value_before", {kNone, 1}, {1, 1}, {9, 9}, "regressed", "seed 1 is outside", kNone, 2},
        ToleranceCase{"no_value_in_both", {kNone, 1}, {kNone, 1}, {}, "pass", "", 0, 1},
        ToleranceCase{"seeds_of_one_side_are_not_compared", {1, 1}, {1, 1, 9}, {}, "pass", "", 0, 2}),
    [](const auto& test) { return test.param.name; });

TEST(CellComparison, ToleranceNeedsSeedsInCommon) {
  const std::map<std::string, Tolerance> gate = {{"test_loss", {}}, {"test_accuracy", {0, 1}}};
  const CellTests none = compared(cell_of({.9, .9}), cell_of({.9, .9}, 2, 11), gate);
  ASSERT_EQ(none.tolerances.size(), 2U);
  for (const Finding& f : none.tolerances) {
    EXPECT_EQ(f.verdict, "incomparable");
    EXPECT_EQ(f.outcome, Outcome::undecided);
    EXPECT_EQ(f.reason, "no seeds in common to compare one by one");
  }
  // Seeds 1, 2 then and 2, 3 now: two samples, of which one seed can be compared.
  const CellTests some = compared(cell_of({.9, .9}), cell_of({.9, .9}, 2, 2), gate);
  for (const Finding& f : some.tolerances) {
    EXPECT_EQ(f.verdict, "pass");
    EXPECT_EQ(f.n, 1);
  }
}

// `gate` is looked at in tier 0 too, and what it says stands beside the test of accuracy, which still runs.
TEST(CellComparison, ToleranceStandsBesideTheAccuracy) {
  Baseline before = baseline_with({cell_of(kBefore)}), now = before;
  before.gate["test_loss"] = {0, 0.001};
  value_of(now.cells[0].replicates[0], "test_loss") = 0.7;
  EXPECT_EQ(verdicts(compare(before, now)),
            ": test_accuracy pass (the same digests)\n: delta_slope_start pass\n: weight_rms, layer 1 pass\n"
            ": test_loss, each seed regressed (seed 1 is outside)\n");
  EXPECT_EQ(finding_of("test_loss", compare(before, now)).expected, "within 0.001");
}

TEST(CellComparison, ASeedThatDivergedAndIsOkNowIsNoRegression) {
  Baseline before = baseline_with({cell_of({trained(1, .9), trained(2, .9), diverged(3)})}), now = before;
  now.cells[0].replicates[2] = trained(3, .9);
  before.gate["test_loss"] = {0, 0.001};
  EXPECT_EQ(finding_of("test_loss", compare(before, now)).verdict, "pass");
}

TEST(CellComparison, AToleranceForWhatNoJobHasIsNoPass) {
  Baseline before = baseline_with({cell_of(kBefore)}), now = before;
  before.gate["delta_slope_end"] = {0, 0.001};
  EXPECT_EQ(compare(before, now).back().reason, "the gate has a tolerance for delta_slope_end, which no job has");
  EXPECT_EQ(worst(compare(before, now)), Outcome::undecided);
}

// Seed 7 is new; the seeds that both have are the same to the bit.
TEST(CellComparison, ANewSeedThatDivergesWhereNoneDidRegresses) {
  BaselineCell now = cell_of(kBefore);
  now.replicates.push_back(diverged(7));
  const Finding f = finding_of("test_accuracy", compare(baseline_with({cell_of(kBefore)}), baseline_with({now})));
  EXPECT_EQ(f.verdict, "regressed");
  EXPECT_EQ(f.reason, "seed 7 diverges, which none did before");
}

TEST(CellComparison, SeedsInCommonThatAreTheSameLeaveNoDoubt) {
  const Finding f = finding_of(
      "test_accuracy", compare(baseline_with({cell_of({.8, .9, .9})}), baseline_with({cell_of({.9, .9, .8}, 2, 2)})));
  EXPECT_EQ(f.verdict, "pass");
  EXPECT_EQ(f.reason, "the same digests");
}

// A digest holds parameters and losses: accuracies may be counted otherwise, or have been edited.
TEST(CellComparison, EqualDigestsDoNotOutweighOtherAccuracies) {
  Baseline before = baseline_with({cell_of(kBefore)}), now = before;
  for (Replicate& replicate : now.cells[0].replicates)
    value_of(replicate, "test_accuracy") -= 0.3 + 0.001 * replicate.seed;
  EXPECT_EQ(finding_of("test_accuracy", compare(before, now)).verdict, "regressed");
}

TEST(CellComparison, SettingsDifferByNameAndValue) {
  const BaselineCell a = cell_of(kBefore, 2);
  BaselineCell b = cell_of(kBefore, 5);
  b.settings.erase("activation");
  b.settings["momentum"] = "0.9";  // which a program then may not have known
  b.settings["dataset"] = "idx:/elsewhere";
  EXPECT_EQ(settings_difference(a, b), "activation was relu, is absent, depth was 2, is 5");
  EXPECT_EQ(settings_difference(a, a), "");
}

}  // namespace
}  // namespace initsweep
