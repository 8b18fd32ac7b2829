#include "initsweep/gallery.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <cstddef>
#include <string>
#include <tuple>
#include <vector>
#include "hand_made_study.hpp"

namespace initsweep {
namespace {

using Texts = std::vector<std::string>;
using Indices = std::vector<std::size_t>;

Study usual_study() {
  Study study;
  study.axes = {axis_of(Setting::initializer, {"normal", "he_normal"}), axis_of(Setting::mode, {"fan_in", "fan_out"}),
                axis_of(Setting::activation, {"sigmoid", "relu"}), axis_of(Setting::depth, {"2", "10"})};
  add_folder(study, "today");
  return study;
}

// Every combination of the usual study; normal has no mode. accuracy(row, activation, depth), row 0 is normal.
template <class Accuracy>
Study full_study(const Accuracy& accuracy) {
  Study study = usual_study();
  for (int row = 0; row < 3; ++row)
    for (int activation = 0; activation < 2; ++activation)
      for (int depth = 0; depth < 2; ++depth)
        add_cell(study, {row == 0 ? 0 : 1, row - 1, activation, depth}, summary_of({accuracy(row, activation, depth)}));
  return study;
}

const HeatCell* find(const HeatMap& map, std::size_t panel, std::size_t x, std::size_t y) {
  for (const HeatCell& cell : map.cells)
    if (cell.panel == panel && cell.x == x && cell.y == y) return &cell;
  return nullptr;
}

// ---- places

TEST(PictureAxes, InitializersAreRowsActivationsColumnsTheRestPanels) {
  const PictureAxes axes = picture_axes(full_study([](int, int, int) { return 0.5; }));
  EXPECT_EQ(axes.rows, Indices({0, 1}));
  EXPECT_EQ(axes.columns, Indices({2}));
  EXPECT_EQ(axes.panels, Indices({3}));
}

TEST(PictureAxes, AGridThatIsMostlyEmptyIsAList) {
  Study study;
  study.axes = {axis_of(Setting::initializer, {"a", "b", "c", "d"}),
                axis_of(Setting::activation, {"relu", "tanh", "elu", "selu"}),
                axis_of(Setting::depth, {"1", "2", "3", "4"})};
  add_folder(study, "today");
  for (int i = 0; i < 4; ++i)
    for (int a = 0; a < 2; ++a) add_cell(study, {i, (i + a) % 4, i}, {});
  study.combinations.back().values[2] = 0;  // so that the initializer does not decide the depth
  const PictureAxes axes = picture_axes(study);
  EXPECT_EQ(axes.rows, Indices({0, 2}));
  EXPECT_EQ(axes.columns, Indices({1}));
  EXPECT_EQ(axes.panels, Indices());
  EXPECT_EQ(accuracy_map(study).y[0], "a · depth 1");
}

TEST(LossChart, WhatIsFarBeyondAGuessIsLeftOutAndSaid) {
  Study study = usual_study();
  add_cell(study, {0, -1, 0, 0}, summary_of({0.5})).curves.test_loss = {{1e30, 1e29, 1e31}, {3, 2, 400}, {1, 1, 1}};
  const LineChart chart = loss_chart(study);
  const std::vector<LinePoint>& points = chart.views[0].lines[0].points;
  EXPECT_TRUE(std::isnan(points[0].y));
  EXPECT_EQ(points[1].y, 3);
  EXPECT_EQ(points[1].high, 100);
  EXPECT_DOUBLE_EQ(chart.views[0].high, 100);
  EXPECT_TRUE(chart.heading.note.ends_with("Losses above 100 are not shown."));
}

TEST(PictureAxes, WhatAnotherAxisDecidesHasNoPlace) {
  Study study;
  study.axes = {axis_of(Setting::depth, {"2", "10"}), axis_of(Setting::optimizer, {"sgd", "momentum"}),
                axis_of(Setting::momentum, {"0.9"})};
  add_folder(study, "today");
  for (int depth = 0; depth < 2; ++depth)
    for (int optimizer = 0; optimizer < 2; ++optimizer) add_cell(study, {depth, optimizer, optimizer - 1}, {});
  const PictureAxes axes = picture_axes(study);
  EXPECT_EQ(axes.columns, Indices({0}));
  EXPECT_EQ(axes.rows, Indices({1}));
  EXPECT_EQ(axes.panels, Indices());
}

TEST(PictureAxes, DepthComesFirstOfWhatIsLeft) {
  Study study;
  study.axes = {axis_of(Setting::learning_rate, {"0.1", "1"}), axis_of(Setting::depth, {"2", "3"}),
                axis_of(Setting::batch_size, {"8", "16"})};
  add_folder(study, "today");
  for (int i = 0; i < 8; ++i) add_cell(study, {i / 4, i / 2 % 2, i % 2}, {});
  const PictureAxes axes = picture_axes(study);
  EXPECT_EQ(axes.columns, Indices({1}));
  EXPECT_EQ(axes.rows, Indices({0}));
  EXPECT_EQ(axes.panels, Indices({2}));
}

TEST(PictureAxes, WhatEachFolderHasOneValueOfIsLeftToItsName) {
  Study study;
  study.axes = {{.name = "folder", .setting = {}, .values = {"slow", "fast"}},
                axis_of(Setting::activation, {"relu", "tanh"}),
                axis_of(Setting::learning_rate, {"0.01", "0.1"})};
  for (int folder = 0; folder < 2; ++folder) {
    add_folder(study, "one of two");
    add_cell(study, {folder, 0, folder}, {});
    add_cell(study, {folder, 1, folder}, {});
  }
  const PictureAxes axes = picture_axes(study);
  EXPECT_EQ(axes.columns, Indices({1}));
  EXPECT_EQ(axes.rows, Indices());  // a folder is no row
  EXPECT_EQ(axes.panels, Indices({0}));
}

// ---- heat maps

TEST(AccuracyMap, EveryCombinationHasItsSquare) {
  const HeatMap map = accuracy_map(full_study([](int row, int a, int d) { return 0.1 * row + 0.01 * a + 0.001 * d; }));
  EXPECT_EQ(map.y, Texts({"normal", "he_normal fan_in", "he_normal fan_out"}));
  EXPECT_EQ(map.x, Texts({"sigmoid", "relu"}));
  EXPECT_EQ(map.panels, Texts({"2", "10"}));
  EXPECT_EQ(std::tie(map.y_title, map.x_title, map.panel_title),
            std::make_tuple("initializer, mode", "activation", "depth"));
  ASSERT_EQ(map.cells.size(), 12U);
  for (std::size_t row = 0; row < 3; ++row)
    for (std::size_t a = 0; a < 2; ++a)
      for (std::size_t d = 0; d < 2; ++d) {
        const HeatCell* cell = find(map, d, a, row);
        ASSERT_NE(cell, nullptr);
        EXPECT_DOUBLE_EQ(cell->value, 0.1 * static_cast<double>(row) + 0.01 * static_cast<double>(a) +
                                          0.001 * static_cast<double>(d));
        EXPECT_EQ(cell->subject, 4 * row + 2 * a + d);
      }
  EXPECT_TRUE(map.marks.empty());
  EXPECT_EQ(map.color.low, 0);
  EXPECT_EQ(map.color.high, 1);
}

TEST(AccuracyMap, WhatWentWrongIsMarkedNotHidden) {
  Study study;
  study.axes = {axis_of(Setting::activation, {"a", "b", "c", "d", "e", "f"})};
  add_folder(study, "today");
  add_cell(study, {0}, summary_of({0.9, 0.8}));
  add_cell(study, {1}, summary_of({0.9}, /*n_diverged=*/2));
  add_cell(study, {2}, summary_of({}, /*n_diverged=*/3));
  add_cell(study, {3}, summary_of({}, 0, /*n_failed=*/1));
  add_cell(study, {4}, summary_of({}));
  add_cell(study, {5}, summary_of({0.1})).summary.health = Health::dead;
  const HeatMap map = accuracy_map(study);
  const auto signs = [&] {
    std::string text;
    for (std::size_t x = 0; x < 6; ++x) text += "[" + find(map, 0, x, 0)->text + find(map, 0, x, 0)->mark + "]";
    return text;
  };
  EXPECT_EQ(signs(), "[0.85][0.90×][×][!][…][0.10†]");
  EXPECT_TRUE(std::isnan(find(map, 0, 2, 0)->value));
  EXPECT_EQ(find(map, 0, 1, 0)->tip, "b: 0.9000, 3 seeds, 2 diverged; exploding");
  ASSERT_EQ(map.marks.size(), 4U);
  EXPECT_EQ(map.marks[0].first, "×");
  EXPECT_EQ(map.y, Texts({""}));  // no axis for it
}

TEST(HealthMap, ValuesAreCategories) {
  Study study = usual_study();
  for (const Health health : {Health::healthy, Health::exploding})
    add_cell(study, {0, -1, 0, 0}, {}).summary.health = health;
  add_cell(study, {1, 0, 0, 0}, {});
  const HeatMap map = health_map(study);
  EXPECT_EQ(map.color.categories, Texts({"healthy", "vanishing", "saturated", "dead", "exploding"}));
  EXPECT_EQ(map.cells[0].value, 0);
  EXPECT_EQ(map.cells[1].value, 4);
  EXPECT_EQ(map.cells[2].mark, "…");
}

TEST(CostMap, SecondsOnALogScale) {
  Study study = usual_study();
  add_cell(study, {0, -1, 0, 0}, summary_of({0.5})).seconds = 0.25;
  add_cell(study, {0, -1, 1, 0}, summary_of({0.5})).seconds = 4;
  const HeatMap map = cost_map(study);
  EXPECT_TRUE(map.color.log);
  EXPECT_EQ(map.color.low, 0.25);
  EXPECT_EQ(map.color.high, 4);
  EXPECT_EQ(map.cells[0].text, "0.25");
  EXPECT_EQ(map.cells[0].tip, "normal/sigmoid/2: 0.25 s a training");
}

Study two_folders() {
  Study study;
  study.axes = {{.name = "folder", .setting = {}, .values = {"before", "now"}},
                axis_of(Setting::activation, {"relu", "tanh", "elu"})};
  add_folder(study, "before");
  add_seeds(study, {0, 0}, {0.9, 0.9});
  add_seeds(study, {0, 1}, {0.4, 0.6});
  add_folder(study, "now");
  add_seeds(study, {1, 0}, {0.8, 0.8});
  add_seeds(study, {1, 1}, {0.41, 0.61});
  add_seeds(study, {1, 2}, {0.7, 0.7});
  return study;
}

TEST(ChangeMap, IsTodayLessBefore) {
  const Study study = two_folders();
  const HeatMap map = change_map(study, 1, before_in_first(study), {});
  ASSERT_EQ(map.cells.size(), 3U);
  EXPECT_NEAR(map.cells[0].value, -0.1, 1e-15);
  EXPECT_EQ(map.cells[0].text, "-0.100");
  EXPECT_EQ(map.cells[0].mark, "▼");
  EXPECT_EQ(map.cells[1].text, "+0.010");
  EXPECT_EQ(map.cells[1].mark, "");  // seeds explain it
  EXPECT_TRUE(std::isnan(map.cells[2].value));
  EXPECT_EQ(map.cells[2].mark, "+");  // it was not there before
  EXPECT_EQ(map.cells[2].tip, "elu: 0.7000, std 0.0000, 95 % 0.7000 to 0.7000, 2 seeds; healthy; in before none");
  EXPECT_NEAR(map.color.high, 0.1, 1e-15);
  EXPECT_EQ(map.color.low, -map.color.high);
}

TEST(ChangeMap, WhereTheGateHasAVerdictItDecides) {
  const Study study = two_folders();
  const auto mark_with = [&](Outcome outcome, const std::string& verdict) {
    Finding finding;
    finding.outcome = outcome;
    finding.verdict = verdict;
    finding.cell_id = "c_0";
    return change_map(study, 1, before_in_first(study), std::vector{finding}).cells[0].mark;
  };
  EXPECT_EQ(mark_with(Outcome::bad, "regressed"), "▼");
  EXPECT_EQ(mark_with(Outcome::undecided, "inconclusive"), "?");
  EXPECT_EQ(mark_with(Outcome::good, "pass"), "");
  EXPECT_EQ(mark_with(Outcome::undecided, "extra"), "▼");  // it compared nothing: the interval speaks
}

TEST(ChangeMap, BaselinesAreFoundByTheIdOfTheCell) {
  const Study study = two_folders();
  const auto column = [] {
    const std::vector<std::string_view> names = baseline_columns();
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), "test_accuracy") - names.begin());
  }();
  Baseline baseline;
  BaselineCell cell{.id = "c_1", .settings = {}, .chance = 0.1, .replicates = {}, .missing = {}};
  for (const double accuracy : {0.4, 0.6}) {
    Replicate replicate;
    replicate.values.assign(baseline_columns().size(), kNoValue);
    replicate.values[column] = accuracy;
    cell.replicates.push_back(replicate);
  }
  baseline.cells.push_back(cell);
  const Before before = before_in(study, baseline, "accepted");
  ASSERT_EQ(before.accuracies.size(), 5U);
  EXPECT_TRUE(before.accuracies[2].empty());
  EXPECT_EQ(before.accuracies[3], std::vector({0.4, 0.6}));
}

// ---- lines

TEST(LayerChart, ALineACellInTheFacetOfItsActivationAndDepth) {
  Study study = full_study([](int, int, int) { return 0.5; });
  StudyCell& cell = study.folders[0].cells[9];  // he_normal, fan_out, sigmoid, depth 10
  cell.profiles = {{.tensor = TensorKind::delta,
                    .first_layer = 1,
                    .start = {3e-5, 0, 0.02},
                    .end = {0.5, 0.6, 70},
                    .predicted = {2e-5, kNoValue, 0.02}}};
  const LineChart chart = layer_chart(study, TensorKind::delta);
  ASSERT_EQ(chart.views.size(), 2U);
  ASSERT_EQ(chart.views[0].lines.size(), 2U);
  const Line& measured = chart.views[0].lines[0];
  EXPECT_EQ(chart.columns[measured.column], "sigmoid");
  EXPECT_EQ(chart.rows[measured.row], "10");
  EXPECT_EQ(chart.colors[measured.color], "he_normal");
  EXPECT_EQ(chart.dashes[measured.dash], "fan_out");
  EXPECT_EQ(measured.kind, LineKind::measured);
  EXPECT_EQ(measured.first_x, 1);
  EXPECT_EQ(measured.points[0].y, 3e-5);
  EXPECT_TRUE(std::isnan(measured.points[1].y));  // nothing arrives there: a gap
  EXPECT_EQ(chart.views[0].lines[1].kind, LineKind::predicted);
  ASSERT_EQ(chart.views[1].lines.size(), 1U);
  EXPECT_DOUBLE_EQ(chart.views[0].low, 1e-5);  // whole decades around each view
  EXPECT_DOUBLE_EQ(chart.views[0].high, 0.1);
  EXPECT_DOUBLE_EQ(chart.views[1].low, 0.1);
  EXPECT_DOUBLE_EQ(chart.views[1].high, 100);
  EXPECT_TRUE(layer_chart(study, TensorKind::activation).views.empty());
}

TEST(LayerChart, MoreThanABrowserDrawsIsThinnedAndSaid) {
  Study study = usual_study();
  StudyCell& cell = add_cell(study, {0, -1, 0, 0}, summary_of({0.5}));
  LayerProfile profile;
  for (int layer = 0; layer < 100'000; ++layer) profile.start.push_back(1 + layer);
  cell.profiles = {profile};
  const LineChart chart = layer_chart(study, TensorKind::delta);
  const Line& line = chart.views[0].lines[0];
  EXPECT_EQ(line.step_x, 7);
  EXPECT_EQ(line.points.size(), 14'286U);
  for (std::size_t i = 0; i < line.points.size(); ++i)
    ASSERT_EQ(line.points[i].y, line.first_x + line.step_x * static_cast<int>(i));
  EXPECT_EQ(line.points.back().y, 100'000);  // where the net ends
  EXPECT_TRUE(chart.heading.note.ends_with("One point in 7 is shown."));
}

TEST(CurveChart, BandsOverSeedsByEpoch) {
  Study study = usual_study();
  StudyCell& cell = add_cell(study, {0, -1, 0, 0}, summary_of({0.5}));
  cell.curves.test_accuracy = {{0.1, 0.05, 0.15}, {0.8, 0.7, 0.9}};
  cell.curves.train_loss = {{kNoValue, kNoValue, kNoValue}, {0.5, 0.4, 0.6}};
  cell.curves.test_loss = {{2.3, 2.2, 2.4}, {0.3, 0.2, 0.6}};
  const LineChart curves = curve_chart(study);
  EXPECT_EQ(curves.views[0].lines[0].points[1].y, 0.8);
  EXPECT_EQ(curves.views[0].lines[0].points[1].low, 0.7);
  EXPECT_EQ(curves.views[0].lines[0].points[1].high, 0.9);
  EXPECT_EQ(curves.views[0].lines[0].first_x, 0);
  EXPECT_EQ(std::pair(curves.views[0].low, curves.views[0].high), std::pair(0.0, 1.0));
  const LineChart losses = loss_chart(study);
  ASSERT_EQ(losses.views.size(), 2U);
  EXPECT_EQ(losses.views[0].name, "test loss");
  EXPECT_TRUE(losses.log_y);
  EXPECT_NEAR(losses.views[0].low, 0.1, 1e-15);
  EXPECT_NEAR(losses.views[0].high, 10, 1e-14);
}

// ---- what matters

TEST(ShareChart, AModeBelongsToItsInitializer) {
  // 0.3 by the row's deviation, nothing else: rows 0, 1, 2 of (normal; he fan_in; he fan_out).
  const Study study = full_study([](int row, int, int) { return 0.1 * row; });
  const BarChart chart = share_chart(study, 0);
  ASSERT_FALSE(chart.bars.empty());
  EXPECT_EQ(chart.bars[0].label, "initializer, mode");
  EXPECT_NEAR(chart.bars[0].value, 1, 1e-12);
}

TEST(ShareChart, SharesOfAnAdditiveGrid) {
  // activation adds 0 or 0.2 (variance 0.01), depth 0 or 0.1 (0.0025): 0.8 and 0.2 of the whole.
  const Study study = full_study([](int, int a, int d) { return 0.3 + 0.2 * a + 0.1 * d; });
  const BarChart chart = share_chart(study, 0);
  EXPECT_EQ(chart.bars[0].label, "activation");
  EXPECT_NEAR(chart.bars[0].value, 0.8, 1e-12);
  EXPECT_EQ(chart.bars[1].label, "depth");
  EXPECT_NEAR(chart.bars[1].value, 0.2, 1e-12);
}

TEST(ShareChart, ADivergedSeedCountsAsAGuess) {
  Study study;
  study.axes = {axis_of(Setting::activation, {"a", "b"}), axis_of(Setting::depth, {"1", "2"})};
  add_folder(study, "today");
  // 0.9 everywhere but one, which is (0.5 + 0.1) / 2 = 0.3: a product of two effects, a third each.
  add_cell(study, {0, 0}, summary_of({0.9}));
  add_cell(study, {0, 1}, summary_of({0.9}));
  add_cell(study, {1, 0}, summary_of({0.9}));
  add_cell(study, {1, 1}, summary_of({0.5}, /*n_diverged=*/1));
  const BarChart chart = share_chart(study, 0);
  ASSERT_EQ(chart.bars.size(), 3U);
  for (const Bar& bar : chart.bars) EXPECT_NEAR(bar.value, 1.0 / 3, 1e-12) << bar.label;
}

TEST(ShareChart, AnIncompleteGridSaysSo) {
  Study study = full_study([](int row, int, int) { return 0.1 * row; });
  study.combinations.pop_back();
  EXPECT_TRUE(share_chart(study, 0).bars.empty());
  EXPECT_EQ(share_chart(study, 0).heading.note,
            "The grid is not complete: 11 of 12 combinations of its values were asked for, so shares cannot be told "
            "apart.");
}

// ---- the timeline

TEST(JobTimeline, ALaneAThreadASpanAJob) {
  Study study = usual_study();
  add_cell(study, {0, -1, 0, 0}, summary_of({0.5, 0.6}));
  study.folders[0].jobs = {
      {.id = "j_1", .cell = 0, .seed = 1, .start_s = 0, .duration_s = 2, .host = "n1", .thread = 0},
      {.id = "j_2",
       .cell = 0,
       .seed = 2,
       .status = JobStatus::diverged,
       .start_s = 1,
       .duration_s = 0.5,
       .host = "n1",
       .thread = 1}};
  const Timeline timeline = job_timeline(study, 0);
  EXPECT_EQ(timeline.lanes, Texts({"thread 0", "thread 1"}));
  ASSERT_EQ(timeline.spans.size(), 2U);
  EXPECT_EQ(timeline.spans[1].lane, 1U);
  EXPECT_EQ(std::pair(timeline.spans[1].start, timeline.spans[1].end), std::pair(1.0, 1.5));
  EXPECT_EQ(timeline.categories[timeline.spans[1].category], "diverged");
  EXPECT_EQ(timeline.spans[1].tip, "normal/sigmoid/2 seed 2: 0.5 s, diverged");
  EXPECT_EQ(timeline.spans[1].subject, 0U);
}

}  // namespace
}  // namespace initsweep
