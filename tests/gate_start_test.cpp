// What the gate looks at before training: slopes may differ by 0.03, weights by 2 %, in both directions.
#include <gtest/gtest.h>
#include <ostream>
#include <string>
#include <vector>

#include "hand_made_baseline.hpp"
#include "initsweep/gate.hpp"

namespace initsweep {
namespace {

struct StartCase {
  const char* name;
  Numbers slopes, weights;  // added to slopes, shares added to weights
  const char* verdicts;
};
void PrintTo(const StartCase& c, std::ostream* out) { *out << c.name; }
class StartVerdict : public testing::TestWithParam<StartCase> {};

TEST_P(StartVerdict, IsTwoSided) {
  const StartCase& c = GetParam();
  const Numbers slopes = {-.10, -.11, -.12, -.09, -.10};
  const BaselineCell plain = cell_of(kBefore);
  BaselineCell before = plain;
  for (std::size_t i = 0; i < 5; ++i) value_of(before.replicates[i], "delta_slope_start") = slopes[i];
  BaselineCell now = before;  // digests too: tier 0 passes what came of the weights, not the weights
  for (std::size_t i = 0; i < 5; ++i) {
    value_of(now.replicates[i], "delta_slope_start") += c.slopes[i];
    now.replicates[i].weight_rms[1] *= 1 + c.weights[i];
  }
  const std::vector<Finding> findings = compare(baseline_with({before}), baseline_with({now}));
  EXPECT_EQ(verdicts(findings), ": test_accuracy pass (the same digests)\n" + std::string(c.verdicts));
}

const Numbers kNone(5, 0);
INSTANTIATE_TEST_SUITE_P(
    EqualDigests, StartVerdict,
    testing::Values(StartCase{"equal", kNone, kNone, ": delta_slope_start pass\n: weight_rms, layer 1 pass\n"},
                    // The worst layer is shown, though one that differs at all.
                    StartCase{"a_little",
                              {.001, -.002, .001, .003, -.001},
                              {.001, -.001, .002, 0, .001},
                              ": delta_slope_start pass\n: weight_rms, layer 2 pass\n"},
                    StartCase{"slope_up",
                              {.101, .098, .103, .099, .102},
                              kNone,
                              ": delta_slope_start regressed\n: weight_rms, layer 1 pass\n"},
                    StartCase{"slope_down",
                              {-.101, -.098, -.103, -.099, -.102},
                              kNone,
                              ": delta_slope_start regressed\n: weight_rms, layer 1 pass\n"},
                    // Power 1 - 0.1 / 3 for three tests, on two sides
                    StartCase{"slope_open",
                              {.05, -.03, .06, -.02, .03},
                              kNone,
                              ": delta_slope_start inconclusive (would be decided by 66 seeds on both sides)\n"
                              ": weight_rms, layer 1 pass\n"},
                    StartCase{"weights_up",
                              kNone,
                              {.029, .03, .031, .03, .03},
                              ": delta_slope_start pass\n: weight_rms, layer 2 regressed\n"},
                    StartCase{"weights_down",
                              kNone,
                              {-.029, -.03, -.031, -.03, -.03},
                              ": delta_slope_start pass\n: weight_rms, layer 2 regressed\n"},
                    StartCase{"weights_within_two_percent",
                              kNone,
                              {.018, .019, .018, .019, .018},
                              ": delta_slope_start pass\n: weight_rms, layer 2 pass\n"}),
    [](const auto& test) { return test.param.name; });

// t.test(d, mu = 0.03, alternative = "greater")$p.value is 8.920721158e-08 in R; twice that, there being another side,
// and by Holm three times that again, there being two layers of weights.
TEST(GateStart, PAllowsForBothSidesAndForTheOtherTests) {
  for (const double sign : {1.0, -1.0}) {
    const BaselineCell before = cell_of(kBefore);
    BaselineCell now = before;
    const Numbers shifts = {.101, .098, .103, .099, .102};
    for (std::size_t i = 0; i < shifts.size(); ++i)
      value_of(now.replicates[i], "delta_slope_start") += sign * shifts[i];
    const Finding f = finding_of("delta_slope_start", compare(baseline_with({before}), baseline_with({now})));
    EXPECT_NEAR(f.p_value / (3 * 2 * 8.920721158e-08), 1, 1e-8);
    EXPECT_NEAR(f.effect, sign * 0.1006, 1e-15);
  }
}

// The truncated normal is 12 % narrower than the normal it is cut from: He's scaling forgot to correct it once.
TEST(GateStart, AnInitializerOfAnotherWidthIsCaughtByOneSeedsEqualCopies) {
  BaselineCell before = cell_of(kBefore), now = before;
  for (Replicate& replicate : now.replicates) replicate.weight_rms[0] *= 0.87962566103423978;
  const Finding f = finding_of("weight_rms", compare(baseline_with({before}), baseline_with({now})));
  EXPECT_EQ(f.verdict, "regressed");
  EXPECT_EQ(f.quantity, "weight_rms, layer 1");
  EXPECT_NEAR(f.effect, -0.1204, 1e-4);
  EXPECT_EQ(f.expected, "within 0.02 of before");
}

BaselineCell looked_at() {
  BaselineCell cell = cell_of(kBefore);
  for (Replicate& replicate : cell.replicates) {
    value_of(replicate, "test_accuracy") = kNoValue;
    value_of(replicate, "steps_run") = 0;
  }
  return cell;
}

TEST(GateStart, NetsThatAreOnlyLookedAtAreJudgedByTheirStarts) {
  const BaselineCell before = looked_at();
  EXPECT_EQ(verdicts(compare(baseline_with({before}), baseline_with({before}))),
            ": digest pass (the same digests)\n: delta_slope_start pass\n: weight_rms, layer 1 pass\n");

  BaselineCell steeper = before, wider = before;
  const Numbers shifts = {.101, .098, .103, .099, .102};
  for (std::size_t i = 0; i < shifts.size(); ++i) {
    for (BaselineCell* cell : {&steeper, &wider}) cell->replicates[i].digest += "_other";
    value_of(steeper.replicates[i], "delta_slope_start") += shifts[i];
    wider.replicates[i].weight_rms[1] *= 1 + 0.3 * shifts[i];
  }
  EXPECT_EQ(verdicts(compare(baseline_with({before}), baseline_with({steeper}))),
            ": delta_slope_start regressed\n: weight_rms, layer 1 pass\n");
  EXPECT_EQ(verdicts(compare(baseline_with({before}), baseline_with({wider}))),
            ": delta_slope_start pass\n: weight_rms, layer 2 regressed\n");
}

TEST(GateStart, OtherDigestsOfNetsWithNothingElseToCompareAreNoPass) {
  BaselineCell before = looked_at();
  for (Replicate& replicate : before.replicates) {
    replicate.weight_rms = {kNoValue};
    value_of(replicate, "delta_slope_start") = kNoValue;
  }
  BaselineCell now = before;
  EXPECT_EQ(verdicts(compare(baseline_with({before}), baseline_with({now}))), ": digest pass (the same digests)\n");
  now.replicates[2].digest = "d_other";
  EXPECT_EQ(verdicts(compare(baseline_with({before}), baseline_with({now}))),
            ": digest incomparable (other digests, and neither a slope nor a layer to compare)\n");
}

// A trained net whose accuracy is lost is no net that is only looked at.
TEST(GateStart, AnAccuracyThatOneSideHasLostCannotBeCompared) {
  const std::vector<Finding> findings = compare(baseline_with({cell_of(kBefore)}), baseline_with({looked_at()}));
  EXPECT_EQ(verdicts(findings), ": test_accuracy incomparable (seed 1 has none)\n");
}

TEST(GateStart, LayersOfFewWeightsAndNetsOfOneLayerAreNotGated) {
  BaselineCell before = cell_of(kBefore);
  for (Replicate& replicate : before.replicates) {
    replicate.weight_rms = {kNoValue, 0.2};
    value_of(replicate, "delta_slope_start") = kNoValue;
  }
  EXPECT_EQ(verdicts(compare(baseline_with({before}), baseline_with({before}))),
            ": test_accuracy pass (the same digests)\n: weight_rms, layer 2 pass\n");
}

// A seed whose gradient is gone has no slope, before and now; the others differ by rounding.
TEST(GateStart, SeedsWithoutAValueOnEitherSideAreLeftOut) {
  BaselineCell before = cell_of(kBefore), now = cell_of(sum(kBefore, {1e-9, 0, 0, 0, 0}));
  for (BaselineCell* cell : {&before, &now}) value_of(cell->replicates[1], "delta_slope_start") = kNoValue;
  value_of(now.replicates[3], "delta_slope_start") += 1e-9;
  const Finding f = finding_of("delta_slope_start", compare(baseline_with({before}), baseline_with({now})));
  EXPECT_EQ(f.verdict, "pass");
  EXPECT_EQ(f.n, 4);
}

TEST(GateStart, AStartValueThatOnlyOneSideHasRegresses) {
  const BaselineCell whole = cell_of(kBefore);
  BaselineCell without = whole;
  value_of(without.replicates[2], "delta_slope_start") = kNoValue;
  for (Replicate& replicate : without.replicates) replicate.weight_rms = {};
  const char* const expected =
      ": test_accuracy pass (the same digests)\n: delta_slope_start regressed (only one side has a value)\n"
      ": weight_rms, layer 1 regressed (only one side has a value)\n";
  EXPECT_EQ(verdicts(compare(baseline_with({whole}), baseline_with({without}))), expected);
  EXPECT_EQ(verdicts(compare(baseline_with({without}), baseline_with({whole}))), expected);
  EXPECT_EQ(finding_of("delta_slope_start", compare(baseline_with({without}), baseline_with({without}))).verdict,
            "pass");
  // Other seeds may be the ones without.
  BaselineCell other = cell_of(kBefore, 2, 11);
  value_of(other.replicates[4], "delta_slope_start") = kNoValue;
  EXPECT_EQ(finding_of("delta_slope_start", compare(baseline_with({without}), baseline_with({other}))).reason,
            "not all seeds have a value");
}

}  // namespace
}  // namespace initsweep
