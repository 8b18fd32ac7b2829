#include "initsweep/svg.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <regex>
#include <set>
#include <string_view>

#include "xml_fault.hpp"

namespace initsweep {
namespace {

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t i = text.find(part); i != std::string_view::npos; i = text.find(part, i + part.size())) ++n;
  return n;
}

std::vector<std::string> matches(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator i(text.begin(), text.end(), regex), end; i != end; ++i) found.push_back((*i)[1]);
  return found;
}

// All that is meant has an id, and no id is there twice.
void expect_sound(const std::string& drawing) {
  EXPECT_EQ(xml_fault(drawing), "");
  std::set<std::string> ids;
  for (const std::string& id : matches(drawing, " id=\"([^\"]*)\"")) EXPECT_TRUE(ids.insert(id).second) << id;
  for (const std::string& id : matches(drawing, "url\\(#([^)]*)\\)")) EXPECT_TRUE(ids.contains(id)) << id;
  EXPECT_EQ(drawing.find("nan"), std::string::npos);
}

HeatMap small_map() {
  HeatMap map;
  map.heading = {"accuracy", "Who learns?", "Mean test accuracy."};
  map.x_title = "activation";
  map.y_title = "initializer";
  map.panel_title = "depth";
  map.x = {"relu", "tanh"};
  map.y = {"he_normal", "glorot_normal"};
  map.panels = {"5", "10"};
  map.color.title = "mean test accuracy";
  map.marks = {{"×", "diverged"}};
  for (std::size_t panel = 0; panel < 2; ++panel)
    for (std::size_t y = 0; y < 2; ++y)
      for (std::size_t x = 0; x < 2; ++x)
        map.cells.push_back(
            {.panel = panel, .x = x, .y = y, .value = 0.5, .text = "0.50", .mark = "", .tip = "a cell"});
  return map;
}

LineChart small_chart(const std::vector<double>& values) {
  LineChart chart;
  chart.heading = {"layers", "Where do gradients die?", ""};
  chart.x_title = "layer";
  chart.y_title = "rms of delta";
  chart.log_y = true;
  chart.columns = chart.rows = chart.colors = chart.dashes = {""};
  Line line;
  line.first_x = 1;
  line.label = "a line";
  for (const double value : values) line.points.push_back({.y = value});
  chart.views = {{"at the start", 1e-4, 1, {line}}, {"at the end", 1e-4, 1, {}}};
  return chart;
}

BarChart small_bars() {
  return {{"shares", "What matters?", ""},
          "share",
          {{"depth", 0.5, "one", "depth!"},
           {"seed", 0.25, "rest", ""},
           {"mode", 0.0001, "one", ""},
           {"width", 0, "one", ""}}};
}

Timeline small_timeline() {
  return {{"jobs", "How long?", ""},
          {"thread 0", "thread 1"},
          {"ok", "diverged", "failed"},
          {{.lane = 0, .start = 0, .end = 60, .category = 0, .tip = "a job"},
           {.lane = 1, .start = 0, .end = 300, .category = 1, .tip = "a job"},
           {.lane = 0, .start = 60, .end = 600, .category = 0, .tip = "a job"}}};
}

std::vector<Picture> small_pictures() {
  return {small_map(), small_chart({1e-4, 1e-2, 1}), small_bars(), small_timeline()};
}

TEST(Svg, TheCheckKnowsWhatIsNoXml) {
  EXPECT_EQ(xml_fault("<a b=\"c&amp;\"><d/>&lt;</a>\n"), "");
  for (const char* wrong : {"<a>", "</a>", "<a></b>", "<a b=c/>", "<a b=\"<\"/>", "<a>&nbsp;</a>", "<a>&</a>",
                            "<a>\x01</a>", "<a>\xFF</a>", "<a>\xEF\xBF\xBE</a>", "a < b"})
    EXPECT_NE(xml_fault(wrong), "") << wrong;
}

TEST(Svg, EveryKindIsSoundAndStandsAlone) {
  for (const Picture& picture : small_pictures()) {
    const std::string drawing = svg(picture);
    expect_sound(drawing);
    EXPECT_TRUE(drawing.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 960 "));
    EXPECT_EQ(count(drawing, " role=\"img\" aria-labelledby=\"isw-"), 1u);
    EXPECT_EQ(count(drawing, heading_of(picture).title), 2u);  // for the eye and for the ear
  }
}

TEST(Svg, TheSameBytesTwice) {
  for (const Picture& picture : small_pictures()) EXPECT_EQ(svg(picture), svg(picture));
}

TEST(Svg, PicturesOfAPageShareNoIds) {
  std::string page;
  for (const Picture& picture : small_pictures()) page += svg(picture);
  page += svg(small_chart({1}), 1);
  expect_sound(page);
}

TEST(Svg, EmptyPicturesSayThatThereIsNothing) {
  const auto titled = [](auto picture) {
    picture.heading = {"empty", "What?", "Nobody knows."};
    return Picture(picture);
  };
  LineChart without_lines = small_chart({});
  without_lines.views[0].lines.clear();
  for (const Picture& picture :
       {titled(HeatMap()), titled(LineChart()), titled(BarChart()), titled(Timeline()), Picture(without_lines)}) {
    const std::string drawing = svg(picture);
    expect_sound(drawing);
    EXPECT_EQ(count(drawing, ">Nothing to show.<"), 1u);
    EXPECT_EQ(count(drawing, heading_of(picture).title), 2u);
  }
  expect_sound(svg(small_chart({1}), 7));  // no such view
}

TEST(Svg, HostileTextStaysText) {
  static const std::string kHostile = "<script>&\"']]>\x01\xFF\xC3(\xEF\xBF\xBE\n";
  HeatMap map = small_map();
  map.heading = {kHostile, kHostile, kHostile};
  for (std::string* text :
       {&map.x_title, &map.y_title, &map.panel_title, &map.color.title, &map.x[0], &map.y[0], &map.panels[0],
        &map.marks[0].first, &map.marks[0].second, &map.cells[0].text, &map.cells[0].mark, &map.cells[0].tip})
    *text = kHostile;
  HeatMap kinds = map;
  kinds.color.categories = {kHostile, "\xFF", ""};
  for (HeatCell& cell : kinds.cells) cell.value = static_cast<double>(cell.x);
  LineChart chart = small_chart({1, 0.1});
  chart.heading = map.heading;
  for (std::string* text : {&chart.x_title, &chart.y_title, &chart.column_title, &chart.row_title, &chart.color_title,
                            &chart.dash_title, &chart.columns[0], &chart.rows[0], &chart.colors[0], &chart.dashes[0],
                            &chart.views[0].name, &chart.views[0].lines[0].label})
    *text = kHostile;
  chart.dashes.push_back(kHostile);
  const BarChart bars = {map.heading, kHostile, {{kHostile, 1, kHostile, kHostile}, {kHostile, 1, "", ""}}};
  Timeline timeline = small_timeline();
  timeline.heading = map.heading;
  timeline.lanes[0] = timeline.categories[0] = timeline.spans[0].tip = kHostile;
  for (const Picture& picture : {Picture(map), Picture(kinds), Picture(chart), Picture(bars), Picture(timeline)}) {
    const std::string drawing = svg(picture);
    expect_sound(drawing);
    EXPECT_NE(drawing.find("&lt;script&gt;&amp;&quot;"), std::string::npos);
    EXPECT_NE(drawing.find("]]&gt;\\x01\\xff\\xc3(\\ufffe"), std::string::npos);
  }
}

TEST(Svg, ValuesThatAreNoNumbersBreakNothing) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {std::nan(""), infinity, -infinity, 1e308, -1e308, 5e-324, 0.0}) {
    HeatMap map = small_map();
    map.color.low = map.color.high = map.cells[0].value = value;
    expect_sound(svg(map));
    map.color.log = true;
    expect_sound(svg(map));
    LineChart chart = small_chart({1, value, 0.1});
    chart.views[0].low = value;
    chart.views[0].lines[0].points[0].low = chart.views[0].lines[0].points[0].high = value;
    expect_sound(svg(chart));
    BarChart bars = small_bars();
    bars.bars[0].value = value;
    expect_sound(svg(bars));
    Timeline timeline = small_timeline();
    timeline.spans[0].end = value;
    expect_sound(svg(timeline));
  }
}

// The heading, the legends and the marks: nothing reaches over the left or right edge by its x.
TEST(Svg, NothingBeginsOutside) {
  for (const Picture& picture : small_pictures()) {
    for (const std::string& x : matches(svg(picture), " x=\"([-0-9.]+)\"")) {
      EXPECT_GE(std::stod(x), 0);
      EXPECT_LE(std::stod(x), 960);
    }
  }
}

TEST(SvgHeatMap, EachCellIsASquareInItsColorWithItsTextAndTip) {
  HeatMap map = small_map();
  map.cells[0].value = 0;
  map.cells[7].value = 1;
  const std::string drawing = svg(map);
  EXPECT_EQ(count(drawing, "<title>a cell</title><rect"), 8u);
  EXPECT_EQ(count(drawing, " fill=\"#440154\"/><text"), 1u);
  EXPECT_EQ(count(drawing, " fill=\"#21918c\"/><text"), 6u);
  EXPECT_EQ(count(drawing, " fill=\"#fde725\"/><text"), 1u);
  EXPECT_EQ(count(drawing, ">0.50</text>"), 8u);
  EXPECT_EQ(count(drawing, " class=\"w\">0.50"), 1u);  // white only on the darkest: on the middle one black has 5.6
  EXPECT_EQ(count(drawing, ">depth 10</text>"), 1u);
}

TEST(SvgHeatMap, ASquareWithoutValueIsHatchedAndMarked) {
  HeatMap map = small_map();
  EXPECT_EQ(svg(map).find("no value"), std::string::npos);
  map.cells[3].value = kNoValue;
  map.cells[3].text = "";
  map.cells[3].mark = "×";
  const std::string drawing = svg(map);
  EXPECT_EQ(count(drawing, " fill=\"url(#isw-accuracy-0-none)\"/><text"), 2u);  // in the legend too
  EXPECT_EQ(count(drawing, ">×</text>"), 2u);                                   // in the square and in the legend
  EXPECT_EQ(count(drawing, ">diverged</text>"), 1u);
  EXPECT_EQ(count(drawing, ">no value</text>"), 1u);
}

TEST(SvgHeatMap, ACategoryHasALetterBesideItsColor) {
  HeatMap map = small_map();
  map.color.categories = {"healthy", "dead"};
  for (HeatCell& cell : map.cells) cell.value = static_cast<double>(cell.x);
  const std::string drawing = svg(map);
  EXPECT_EQ(count(drawing, ">H</text>"), 4u + 1u);
  EXPECT_EQ(count(drawing, ">D</text>"), 4u + 1u);
  map.color.categories = {"dim", "dead"};  // letters that are alike would say nothing
  EXPECT_EQ(count(svg(map), ">2</text>"), 4u + 1u);
}

TEST(SvgHeatMap, ABoundaryRunsBetweenSquaresOnEitherSideOfIt) {
  HeatMap map = small_map();
  map.boundary = "too deep";
  EXPECT_EQ(count(svg(map), " stroke-linecap=\"square\""), 2u);  // the legend's: nothing is known of the squares
  for (HeatCell& cell : map.cells) cell.is_beyond = cell.panel == 1 && cell.x == 1 && cell.y == 0;
  const std::string drawing = svg(map);
  expect_sound(drawing);
  EXPECT_EQ(count(drawing, ">too deep</text>"), 1u);
  // Down the left side of the square and along below it, in two strokes.
  EXPECT_EQ(matches(drawing, "d=\"(M[0-9. ]+v[0-9.]+M[0-9. ]+h[0-9.]+)\" class=\"[PI]\" fill=\"none\"").size(), 2u);
  map.boundary = "";
  EXPECT_EQ(count(svg(map), " stroke-linecap=\"square\""), 0u);
}

TEST(SvgHeatMap, ManySquaresShrinkAndLoseTheirTextButNotTheirMarks) {
  HeatMap map = small_map();
  map.x.assign(16, "0.001");
  map.y.assign(40, "an_initializer_with_a_name");
  map.panels.assign(6, "5");
  map.cells.clear();
  for (std::size_t panel = 0; panel < 6; ++panel)
    for (std::size_t y = 0; y < 40; ++y)
      for (std::size_t x = 0; x < 16; ++x)
        map.cells.push_back(
            {.panel = panel, .x = x, .y = y, .value = 0.5, .text = "0.50", .mark = "×", .tip = "a cell"});
  const std::string drawing = svg(map);
  expect_sound(drawing);
  EXPECT_EQ(count(drawing, "<title>a cell</title>"), 6u * 40 * 16);
  EXPECT_EQ(count(drawing, ">0.50"), 0u);
  EXPECT_EQ(count(drawing, ">×</text>"), 6u * 40 * 16 + 1);
  const std::vector<std::string> height = matches(drawing, "viewBox=\"0 0 960 ([0-9.]+)\"");
  ASSERT_EQ(height.size(), 1u);
  EXPECT_LE(std::stod(height[0]), 1700);
}

TEST(SvgHeatMap, EvenAThousandColumnsFit) {
  HeatMap map = small_map();
  map.x.assign(1000, "x");
  map.cells = {{.panel = 0, .x = 999, .y = 1, .value = 0.5, .text = "0.50", .mark = "", .tip = ""}};
  for (const std::string& x : matches(svg(map), "<rect x=\"([0-9.]+)\"")) EXPECT_LE(std::stod(x), 944);
}

// The panel is 320 px high with 5 of them free above and below: 315 for the low end, 5 for the high one, and on a log
// axis 160 for what is half way in decades.
TEST(SvgLineChart, ALogAxisPutsDecadesAtEqualDistances) {
  const std::string drawing = svg(small_chart({1e-4, 1e-2, 1}));
  EXPECT_EQ(matches(drawing, "d=\"(M8 315L[0-9.]+ 160 [0-9.]+ 5)\"").size(), 1u);
  EXPECT_EQ(count(drawing, "<title>a line</title>"), 1u);
  EXPECT_EQ(count(drawing, "<circle"), 3u);  // few points have dots
}

TEST(SvgLineChart, GapsBreakTheLine) {
  const auto parts = [](const std::vector<double>& values) {
    const std::vector<std::string> lines = matches(svg(small_chart(values)), "d=\"([^\"]*)\" class=\"l\"");
    return lines.empty() ? 0 : count(lines[0], "M");
  };
  EXPECT_EQ(parts({1, 0.1, 0.1, 0.1, 1, 1, 1, 1}), 1u);
  EXPECT_EQ(parts({1, 0.1, std::nan(""), 0.1, 1, 1, 1, 1}), 2u);
  EXPECT_EQ(parts({1, 0.1, 0, 0.1, 1, -1, 1, 1}), 3u);  // a logarithm takes neither 0 nor -1
  EXPECT_EQ(parts({std::nan(""), std::nan("")}), 0u);
}

TEST(SvgLineChart, APointBetweenGapsIsADot) {
  const std::string drawing = svg(small_chart({1, 1, 1, 1, std::nan(""), 0.01, std::nan(""), 1, 1, 1}));
  EXPECT_EQ(count(drawing, "<circle"), 1u);
  EXPECT_EQ(count(drawing, " cy=\"160\""), 1u);
}

TEST(SvgLineChart, ABandIsAClosedArea) {
  LineChart chart = small_chart({0.01, 0.01});
  for (LinePoint& point : chart.views[0].lines[0].points) {
    point.low = 1e-4;
    point.high = 1;
  }
  const std::vector<std::string> areas = matches(svg(chart), "d=\"([^\"]*)\"[^>]* fill-opacity");
  ASSERT_EQ(areas.size(), 1u);
  EXPECT_EQ(matches(areas[0], "^(M8 5L[0-9.]+ 5L[0-9.]+ 315L8 315Z)$").size(), 1u) << areas[0];
}

TEST(SvgLineChart, TheoryIsDottedAndInTheLegend) {
  LineChart chart = small_chart({0.01, 0.01});
  EXPECT_EQ(svg(chart).find(">theory<"), std::string::npos);
  chart.views[0].lines[0].kind = LineKind::predicted;
  const std::string drawing = svg(chart);
  EXPECT_EQ(count(drawing, ">theory</text>"), 1u);
  EXPECT_EQ(count(drawing, " class=\"l q\""), 1u);
  EXPECT_EQ(count(drawing, " class=\"l q I\""), 1u);  // the legend's, in the color of the text
}

TEST(SvgLineChart, WhatIsPublishedIsDiamondsThatNoLineJoins) {
  LineChart chart = small_chart({0.01, 0.01});
  EXPECT_EQ(svg(chart).find(">published<"), std::string::npos);
  chart.views[0].lines[0].kind = LineKind::published;
  const std::string drawing = svg(chart);
  expect_sound(drawing);
  EXPECT_EQ(count(drawing, ">published</text>"), 1u);
  EXPECT_EQ(count(drawing, "<title>a line: 0.01</title>"), 2u);
  EXPECT_EQ(count(drawing, " class=\"l\""), 0u);
  EXPECT_EQ(count(drawing, "<circle"), 0u);
}

// 5 is the high end, 315 the low one.
TEST(SvgLineChart, ABandOfAPointAloneIsABar) {
  LineChart chart = small_chart({0.01, std::nan(""), 0.01});
  chart.views[0].lines[0].points[0].low = 1e-4;
  chart.views[0].lines[0].points[0].high = 1;
  EXPECT_EQ(matches(svg(chart), "d=\"(M5 5h6V315h-6z)\"[^>]* fill-opacity").size(), 1u);
}

TEST(SvgLineChart, ColorsThatBeginAgainHaveOtherDashes) {
  LineChart chart = small_chart({0.01, 0.01});
  chart.colors.assign(9, "color");
  const std::string drawing = svg(chart);
  EXPECT_EQ(count(drawing, "d=\"M0 6.5H24\" class=\"l\" stroke=\"#0072b2\"/>"), 1u);
  EXPECT_EQ(count(drawing, "d=\"M0 6.5H24\" class=\"l\" stroke=\"#0072b2\" stroke-dasharray=\"7 3\"/>"), 1u);
}

TEST(SvgLineChart, PanelsWithoutLinesAreThereToo) {
  LineChart chart = small_chart({0.01, 0.01});
  chart.columns = {"relu", "tanh", "gelu"};
  chart.rows = {"5", "10"};
  chart.column_title = "activation";
  const std::string drawing = svg(chart);
  EXPECT_EQ(count(drawing, "clip-path=\"url(#isw-layers-0-clip)\""), 6u);
  EXPECT_EQ(count(drawing, ">activation gelu</text>"), 1u);
}

TEST(SvgLineChart, AViewIsNamedInTheTitle) {
  const LineChart chart = small_chart({1});
  EXPECT_EQ(count(svg(chart), "Where do gradients die? – at the start"), 2u);
  EXPECT_EQ(count(svg(chart, 1), "Where do gradients die? – at the end"), 2u);
}

// Twice as large is twice as long; the value is beside it.
TEST(SvgBarChart, LengthsAreProportional) {
  const std::string drawing = svg(small_bars());
  const std::vector<std::string> widths = matches(drawing, " width=\"([0-9.]+)\" height=\"18\"");
  ASSERT_EQ(widths.size(), 4u);
  EXPECT_NEAR(std::stod(widths[0]), 2 * std::stod(widths[1]), 0.2);
  EXPECT_EQ(widths[2], "1");  // can be seen
  EXPECT_EQ(widths[3], "0");
  EXPECT_EQ(count(drawing, ">50.0 %<"), 1u);
  EXPECT_EQ(count(drawing, ">25.0 %<"), 1u);
  EXPECT_EQ(count(drawing, ">&lt; 0.1 %<"), 1u);
  EXPECT_EQ(count(drawing, ">0.0 %<"), 1u);
  EXPECT_EQ(count(drawing, "<title>depth!</title>"), 1u);
  EXPECT_EQ(count(drawing, "url(#isw-shares-0-c1)"), 2u);  // the second group's bar and legend
}

TEST(SvgTimeline, EachSpanIsABlockAndOnlyCategoriesThatAppearAreExplained) {
  const std::string drawing = svg(small_timeline());
  EXPECT_EQ(count(drawing, "z\"><title>a job</title></path>"), 3u);
  EXPECT_EQ(count(drawing, ">diverged</text>"), 1u);
  EXPECT_EQ(count(drawing, ">failed</text>"), 0u);
  EXPECT_EQ(count(drawing, ">minutes</text>"), 1u);  // 600 s
  EXPECT_EQ(count(drawing, ">10</text>"), 1u);
}

TEST(SvgTimeline, ThousandsOfSpansStaySmall) {
  Timeline timeline = small_timeline();
  timeline.spans.assign(5000, {.lane = 1, .start = 100, .end = 101, .category = 0, .tip = ""});
  timeline.spans[0].end = 600;
  EXPECT_LT(svg(timeline).size(), 5000u * 40 + 4000);
}

}  // namespace
}  // namespace initsweep
