// What pictures show beside the measured: where theory sees an end, and what others published.
#include <gtest/gtest.h>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <vector>
#include "hand_made_study.hpp"
#include "initsweep/gallery.hpp"

namespace initsweep {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Depths by something that decides the depth scale: a row a scale, depths 15, 20 and 40.
Study depths_by_scale(const std::vector<double>& scales) {
  Study study;
  std::vector<std::string> rates;
  for (std::size_t i = 0; i < scales.size(); ++i) rates.push_back("rate " + std::to_string(i));
  study.axes = {axis_of(Setting::learning_rate, rates), axis_of(Setting::depth, {"15", "20", "40"})};
  add_folder(study, "today");
  for (std::size_t row = 0; row < scales.size(); ++row)
    for (int depth = 0; depth < 3; ++depth)
      add_cell(study, {static_cast<int>(row), depth}, summary_of({0.9})).predicted = MeanField{.xi_c = scales[row]};
  return study;
}

// Six times 1 is 6, 2.5 is 15 (which is not beyond), 5 is 30.
TEST(Boundary, RunsBetweenNetsWithinSixDepthScalesAndThoseBeyond) {
  const HeatMap map = accuracy_map(depths_by_scale({1, 2.5, 5, kInfinity}));
  ASSERT_EQ(map.x_title, "depth");
  EXPECT_FALSE(map.boundary.empty());
  EXPECT_NE(map.heading.note.find(" The line is where mean-field theory "), std::string::npos);
  const std::vector<HeatEdge> expected = {{.x = 0, .y = 0},                    // all of the first row are too deep
                                          {.x = 0, .y = 1, .is_right = true},  // after 15
                                          {.x = 1, .y = 1},
                                          {.x = 1, .y = 2, .is_right = true},  // after 20
                                          {.x = 2, .y = 2}};                   // none of the last row are
  EXPECT_EQ(boundary_of(map), expected);
  EXPECT_EQ(map.cells[3].tip, "rate 1/15: 0.9000, 1 seed; healthy; 6 depth scales deep");
}

TEST(Boundary, WhereTheoryHasNoScaleThereIsNone) {
  const HeatMap map = accuracy_map(depths_by_scale({2.5, kNoValue, 2.5}));
  EXPECT_EQ(boundary_of(map),
            (std::vector<HeatEdge>{{.x = 0, .y = 0, .is_right = true}, {.x = 0, .y = 2, .is_right = true}}));
  EXPECT_FALSE(map.cells[3].is_beyond);
}

// A law that theory knows nothing of, as zeros, is no reason to say nothing of the others.
TEST(Boundary, BreaksOffBesideNetsWithoutAPrediction) {
  const auto of_three = [](std::size_t without) {
    Study study = depths_by_scale({2.5, 2.5, 5});
    for (std::size_t i = 0; i < 9; ++i)
      if (i / 3 < without) study.folders[0].cells[i].predicted.reset();
    return accuracy_map(study);
  };
  const HeatMap map = of_three(1);
  EXPECT_FALSE(map.boundary.empty());
  EXPECT_EQ(boundary_of(map), (std::vector<HeatEdge>{{.x = 0, .y = 1, .is_right = true},  // after 15
                                                     {.x = 1, .y = 1},
                                                     {.x = 1, .y = 2, .is_right = true}}));
  EXPECT_EQ(map.cells[0].tip.find("depth scales"), std::string::npos);
  EXPECT_TRUE(of_three(2).boundary.empty());  // one row alone has any
}

TEST(Boundary, IsLeftOutWhereItWouldMislead) {
  const auto has_boundary = [](const Study& study) {
    const HeatMap map = accuracy_map(study);
    EXPECT_EQ(map.boundary.empty(), boundary_of(map).empty());
    return !map.boundary.empty();
  };
  EXPECT_TRUE(has_boundary(depths_by_scale({2.5, 5})));
  EXPECT_FALSE(has_boundary(depths_by_scale({2.5, kInfinity})));  // one row alone is crossed
  EXPECT_FALSE(has_boundary(depths_by_scale({1, 1})));
  Study panels = depths_by_scale({2.5, 5});
  panels.axes[0] = axis_of(Setting::initializer, {"he_normal", "lecun_normal"});
  panels.axes.push_back(axis_of(Setting::activation, {"relu", "tanh"}));
  for (std::size_t i = 0; i < 6; ++i) panels.combinations[i].values.push_back(static_cast<int>(i % 2));
  EXPECT_FALSE(has_boundary(panels));  // a depth a panel
}

TEST(Boundary, RowsOfItsMapSayWhatTellsThemApart) {
  Study study = depths_by_scale({2.5, 5});
  study.axes[0] = axis_of(Setting::initializer, {"mean_field(weight_variance=1;bias_variance=0.05)",
                                                 "mean_field(weight_variance=1.76;bias_variance=0.05)"});
  EXPECT_EQ(accuracy_map(study).y,
            std::vector<std::string>({"mean_field(weight_variance=1)", "mean_field(weight_variance=1.76)"}));
}

// ---- published

Finding about(std::string cell, std::optional<int> layer, double published, double effect) {
  Finding finding;
  finding.verdict = "holds";
  finding.id = "e1";
  finding.cell = cell;
  finding.cell_id = cell;
  finding.metric = "layers.bias_gradient.l2";
  finding.when = "start";
  finding.layer = layer;
  finding.published = published;
  finding.effect = effect;
  finding.low = effect / 1.5;
  finding.high = effect * 1.5;
  return finding;
}

Study two_depths() {
  Study study;
  study.axes = {axis_of(Setting::depth, {"2", "3"})};
  add_folder(study, "today");
  add_cell(study, {0}, summary_of({0.9}));  // c_0
  add_cell(study, {1}, summary_of({0.9}));  // c_1
  return study;
}

// Nielsen, Neural Networks and Deep Learning, chapter 5: norms of the bias gradients of nets of 2 and 3 hidden layers.
TEST(PublishedCharts, PointsOfLayersBesideALineForEachCell) {
  Finding unpublished = about("c_1", 2, kNoValue, 1);
  Finding of_the_whole = about("c_0", std::nullopt, 5, 6);
  Finding one_sided = about("c_1", 3, 0.2831, 0.294);
  one_sided.high = kInfinity;
  const std::vector<Finding> findings = {about("c_0", 1, 0.0657, 0.059),
                                         about("c_0", 2, 0.3092, 0.285),
                                         about("c_1", 1, 0.01184, 0.0119),
                                         of_the_whole,
                                         unpublished,
                                         one_sided};
  const std::vector<LineChart> charts = published_charts(two_depths(), 0, findings);
  ASSERT_EQ(charts.size(), 1U);
  const LineChart& chart = charts[0];
  EXPECT_EQ(std::tie(chart.heading.id, chart.x_title, chart.y_title),
            std::make_tuple("published", "layer", "layers.bias_gradient.l2"));
  EXPECT_EQ(chart.colors, std::vector<std::string>({"c_0", "c_1"}));
  EXPECT_EQ(chart.columns, std::vector<std::string>({"at the start"}));
  EXPECT_TRUE(chart.log_y);
  EXPECT_DOUBLE_EQ(chart.views[0].low, 0.001);  // the lowest bound is 0.0079
  EXPECT_DOUBLE_EQ(chart.views[0].high, 1);
  ASSERT_EQ(chart.views[0].lines.size(), 4U);
  const Line &measured = chart.views[0].lines[2], &published = chart.views[0].lines[3];
  EXPECT_EQ(std::tie(measured.kind, published.kind), std::make_tuple(LineKind::measured, LineKind::published));
  EXPECT_EQ(measured.subject, 1U);
  EXPECT_EQ(published.subject, 1U);
  EXPECT_EQ(published.label, "c_1, published");
  EXPECT_EQ(std::tie(measured.first_x, measured.step_x), std::make_tuple(1, 2));  // no claim about layer 2
  ASSERT_EQ(measured.points.size(), 2U);
  EXPECT_EQ(measured.points[0].y, 0.0119);
  EXPECT_DOUBLE_EQ(measured.points[0].low, 0.0119 / 1.5);
  EXPECT_TRUE(std::isnan(measured.points[1].high));
  EXPECT_EQ(published.points[0].y, 0.01184);
  EXPECT_EQ(published.points[1].y, 0.2831);
  EXPECT_TRUE(std::isnan(published.points[1].low));
}

TEST(PublishedCharts, AChartAQuantityTheLongestFirst) {
  std::vector<Finding> findings = {about("c_0", 1, 0.5, 0.6), about("c_0", 2, 0.5, 0.6)};
  for (const int epoch : {1, 30}) {
    Finding& finding = findings.emplace_back(about("c_0", std::nullopt, 0.9, 0.91));
    finding.metric = "validation_accuracy";
    finding.when.clear();
    finding.epoch = epoch;
  }
  findings.push_back(findings.back());
  findings.back().epoch = 10;
  findings.push_back(findings.back());
  findings.back().compared_with = "c_1";  // once alone, it is left to tables
  const std::vector<LineChart> charts = published_charts(two_depths(), 0, findings);
  ASSERT_EQ(charts.size(), 2U);
  EXPECT_EQ(charts[0].y_title, "validation_accuracy");
  EXPECT_EQ(charts[0].heading.id, "published");
  EXPECT_EQ(charts[0].x_title, "epoch");
  EXPECT_FALSE(charts[0].log_y);
  EXPECT_LT(charts[0].views[0].low, 0.9 / 1.5);
  EXPECT_EQ(charts[0].columns.size(), 1U);
  EXPECT_EQ(charts[1].heading.id, "published-2");
  findings.push_back(findings.back());
  findings.back().epoch = 20;
  EXPECT_EQ(published_charts(two_depths(), 0, findings)[2].y_title, "difference of validation_accuracy");
}

struct Drawn {
  LineKind kind = LineKind::measured;
  std::vector<int> x;
  bool operator==(const Drawn&) const = default;
};
std::vector<Drawn> drawn(const std::vector<Finding>& findings) {
  std::vector<Drawn> lines;
  const std::vector<LineChart> charts = published_charts(two_depths(), 0, findings);
  for (const Line& line : charts.at(0).views[0].lines) {
    Drawn& of_line = lines.emplace_back(Drawn{line.kind, {}});
    for (std::size_t i = 0; i < line.points.size(); ++i) {
      of_line.x.push_back(line.first_x + static_cast<int>(i) * line.step_x);
      EXPECT_TRUE(std::isfinite(line.points[i].y));
    }
  }
  return lines;
}

// A claim may ask for any epoch up to a thousand million.
TEST(PublishedCharts, HaveNoMorePointsThanThereAreFindings) {
  std::vector<Finding> findings;
  for (const int epoch : {0, 1, 2, 10, 1'000'000'000}) {
    Finding& finding = findings.emplace_back(about("c_0", std::nullopt, 0.9, 0.91));
    finding.metric = "test_accuracy";
    finding.epoch = epoch;
  }
  // Measured points are joined from one line to the next; published ones stand alone.
  EXPECT_EQ(drawn(findings), (std::vector<Drawn>{{LineKind::measured, {0, 1, 2}},
                                                 {LineKind::measured, {2, 10}},
                                                 {LineKind::measured, {10, 1'000'000'000}},
                                                 {LineKind::published, {0, 1, 2}},
                                                 {LineKind::published, {10, 1'000'000'000}}}));
  findings[3].effect = kNoValue;  // nothing was measured there
  findings[4].effect = kNoValue;
  EXPECT_EQ(drawn(findings), (std::vector<Drawn>{{LineKind::measured, {0, 1, 2}}, {LineKind::published, {0, 1, 2}}}));
  for (Finding& finding : findings) finding.effect = kNoValue;
  EXPECT_TRUE(published_charts(two_depths(), 0, findings).empty());
}

// Whose `effect` is how far the value is from what theory predicts.
TEST(PublishedCharts, BesideTheoryItIsTheValueThatIsPublished) {
  std::vector<Finding> findings = {about("c_0", 1, 0.5, 0.02), about("c_0", 2, 0.5, 0.02)};
  for (Finding& finding : findings) {
    finding.before = 0.5;
    finding.now = 0.51;
    finding.is_prediction = true;
  }
  const LineChart chart = published_charts(two_depths(), 0, findings).at(0);
  EXPECT_EQ(chart.y_title, "layers.bias_gradient.l2");
  EXPECT_EQ(chart.views[0].lines[0].points[0].y, 0.51);
}

TEST(PublishedCharts, CellsThatAreNotShownAreLeftOut) {
  const std::vector<Finding> findings = {about("c_7", 1, 0.5, 0.6), about("c_7", 2, 0.5, 0.6)};
  EXPECT_TRUE(published_charts(two_depths(), 0, findings).empty());
}

}  // namespace
}  // namespace initsweep
