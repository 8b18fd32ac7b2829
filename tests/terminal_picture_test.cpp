#include "initsweep/terminal_picture.hpp"
#include <gtest/gtest.h>
#include <algorithm>
#include <limits>
#include <string>
#include <vector>
#include "initsweep/table.hpp"
#include "terminal_ink.hpp"

namespace initsweep {
namespace {

// Two by two by two; one square did not end, one is not there.
HeatMap small_map() {
  HeatMap map;
  map.heading.title = "Who learns?";
  map.color.title = "accuracy";
  map.y_title = "initializer";
  map.x_title = "activation";
  map.panel_title = "depth";
  map.y = {"he_normal", "glorot_uniform"};
  map.x = {"sigmoid", "relu"};
  map.panels = {"2", "10"};
  map.marks = {{"×", "diverged"}};
  const auto add = [&](std::size_t panel, std::size_t y, std::size_t x, double value, const char* text,
                       const char* mark = "") {
    map.cells.push_back({.panel = panel, .x = x, .y = y, .value = value, .text = text, .mark = mark, .tip = {}});
  };
  add(0, 0, 0, 0.5, "0.50");
  add(0, 0, 1, 1, "1.00");
  add(0, 1, 0, 0.1, "0.10");
  add(0, 1, 1, 0.93, "0.93", "×");
  add(1, 0, 0, 0.2, "0.20");
  add(1, 0, 1, kNoValue, "", "×");
  add(1, 1, 1, 0.7, "0.70");
  return map;
}

TEST(HeatMapText, PutsPanelsSideBySideWhereThereIsRoom) {
  EXPECT_EQ(heat_map_text(small_map(), {.width = 80}),
            "Who learns? accuracy by activation\n"
            "                depth 2           depth 10\n"
            "initializer     sigmoid relu      sigmoid relu\n"
            "he_normal       ▅ 0.50  █ 1.00    ▂ 0.20        ×\n"
            "glorot_uniform  ▁ 0.10  █ 0.93×           ▆ 0.70\n"
            "scale 0 ▁▂▃▄▅▆▇█ 1\n"
            "× diverged\n");
  EXPECT_EQ(heat_map_text(small_map(), {.width = 200}), heat_map_text(small_map(), {.width = 80}));
  EXPECT_EQ(heat_map_text(small_map(), {.width = 0}), heat_map_text(small_map(), {.width = 80})) << "a pipe";
}

TEST(HeatMapText, PutsThemBelowEachOtherWhereThereIsNot) {
  EXPECT_EQ(heat_map_text(small_map(), {.width = 40}),
            "Who learns? accuracy by activation\n"
            "                depth 2\n"
            "initializer     sigmoid relu\n"
            "he_normal       ▅ 0.50  █ 1.00\n"
            "glorot_uniform  ▁ 0.10  █ 0.93×\n"
            "                depth 10\n"
            "initializer     sigmoid relu\n"
            "he_normal       ▂ 0.20        ×\n"
            "glorot_uniform          ▆ 0.70\n"
            "scale 0 ▁▂▃▄▅▆▇█ 1\n"
            "× diverged\n");
}

TEST(HeatMapText, ShortensLabelsAndNumbersAndThenBreaksColumnsOff) {
  EXPECT_EQ(heat_map_text(small_map(), {.width = 20}),
            "Who learns? accuracy by activation\n"
            "            depth 2\n"
            "initializ…  sigmoid\n"
            "he_normal   ▅ .50\n"
            "glorot_un…  ▁ .10\n"
            "            depth 2\n"
            "initializ…  relu\n"
            "he_normal   █ 1.0\n"
            "glorot_un…  █ .93×\n"
            "            depth 10\n"
            "initializ…  sigmoid\n"
            "he_normal   ▂ .20\n"
            "            depth 10\n"
            "initializ…  relu\n"
            "he_normal        ×\n"
            "glorot_un…  ▆ .70\n"
            "scale 0 ▁▂▃▄▅▆▇█ 1\n"
            "× diverged\n");
}

TEST(HeatMapText, SpeaksAsciiWhereTheTerminalDoes) {
  EXPECT_EQ(heat_map_text(small_map(), {.utf8 = false, .width = 80}),
            "Who learns? accuracy by activation\n"
            "                depth 2           depth 10\n"
            "initializer     sigmoid relu      sigmoid relu\n"
            "he_normal       + 0.50  @ 1.00    : 0.20        x\n"
            "glorot_uniform  . 0.10  @ 0.93x           * 0.70\n"
            "scale 0 .:-=+*#@ 1\n"
            "x diverged\n");
}

// 36 is light enough for black (16), 55 and 53 are dark: white (231).
TEST(HeatMapText, ColoursCarryNumbersInAnInkThatCanBeRead) {
  HeatMap map = small_map();
  map.panels = {""};
  std::erase_if(map.cells, [](const HeatCell& cell) { return cell.panel == 1; });
  EXPECT_EQ(heat_map_text(map, {.color = true, .width = 80}),
            "Who learns? accuracy by activation\n"
            "initializer     sigmoid relu\n"
            "he_normal      \x1b[48;5;36;38;5;16m 0.50   \x1b[0m\x1b[48;5;227;38;5;16m 1.00   \x1b[0m\n"
            "glorot_uniform \x1b[48;5;53;38;5;231m 0.10   \x1b[0m\x1b[48;5;227;38;5;16m 0.93×  \x1b[0m\n"
            "scale 0 \x1b[48;5;53m  \x1b[0m\x1b[48;5;55m  \x1b[0m\x1b[48;5;24m  \x1b[0m\x1b[48;5;30m  \x1b[0m"
            "\x1b[48;5;36m  \x1b[0m\x1b[48;5;77m  \x1b[0m\x1b[48;5;184m  \x1b[0m\x1b[48;5;227m  \x1b[0m 1\n"
            "× diverged\n");
}

// Wider than a hundred columns, with marks and numbers.
TEST(HeatMapText, ShortensNothingWhereThereIsNoLimit) {
  HeatMap map = small_map();
  map.y_title = "a title that is longer than all the labels";
  map.panel_title = "a panel's title that is longer than its two columns";
  map.x = {"a column with a very long name", "another one that is hardly shorter", "third"};
  const std::string text = heat_map_text(map, {.width = 0});
  for (const std::string& word : {map.y_title, map.panel_title + " 2", map.x[0], map.x[1], map.y[1]})
    EXPECT_NE(text.find(word), std::string::npos) << word << '\n' << text;
  EXPECT_EQ(text.find("…"), std::string::npos) << text;
}

TEST(HeatMapText, ATerminalWithRoomSaysWhatItsRowsAre) {
  HeatMap map = small_map();
  map.y_title = "activation";
  map.y = {"relu", "tanh"};
  EXPECT_NE(heat_map_text(map, {.width = 60}).find("\nactivation  sigmoid relu"), std::string::npos)
      << heat_map_text(map, {.width = 60});
}

TEST(HeatMapText, PanelsAreNamedInFullAsFarAsTheTerminalAllows) {
  HeatMap map = small_map();
  map.panel_title = "learning_rate 0.01, optimizer momentum, depth";
  EXPECT_NE(heat_map_text(map, {.width = 80}).find(map.panel_title + " 10\n"), std::string::npos)
      << heat_map_text(map, {.width = 80});
}

// Of the scale, no more than its ends and eight levels: 18 columns. The title and what marks mean wrap as text does.
TEST(HeatMapText, IsNoWiderThanTheTerminalOfAnyWidth) {
  for (const bool color : {false, true}) {
    for (std::size_t width = 12; width < 120; ++width) {
      std::string text = heat_map_text(small_map(), {.color = color, .width = width});
      text.erase(0, text.find('\n') + 1);  // the title wraps
      for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = text.find('\n', start);
        const std::string line = text.substr(start, end - start);
        EXPECT_LE(display_width(line), std::max<std::size_t>(width, line.starts_with("scale") ? 18 : 0))
            << width << '\n'
            << text;
        start = end + 1;
      }
    }
  }
}

TEST(HeatMapText, CategoriesAreLettersThatTellThemApart) {
  HeatMap map = small_map();
  map.panels = {""};
  map.marks.clear();
  map.color.title = "health";
  map.color.categories = {"healthy", "vanishing", "saturated", "dead", "exploding"};
  map.cells.resize(4);
  for (std::size_t i = 0; i < 4; ++i) {
    map.cells[i].value = static_cast<double>(i == 3 ? 4 : i);
    map.cells[i].mark.clear();
  }
  EXPECT_EQ(heat_map_text(map, {.width = 80}),
            "Who learns? health by activation\n"
            "initializer     sigmoid relu\n"
            "he_normal       h       v\n"
            "glorot_uniform  s       e\n"
            "h healthy, v vanishing, s saturated, e exploding\n");
  map.color.categories = {"sound", "steep", "flat"};
  map.cells[2].value = map.cells[3].value = kNoValue;
  EXPECT_NE(heat_map_text(map, {.width = 80}).find("so      st\n"), std::string::npos)
      << heat_map_text(map, {.width = 80});
  EXPECT_NE(heat_map_text(map, {.color = true, .width = 80}).find("\x1b[48;5;36;38;5;16m so     "), std::string::npos);
}

TEST(HeatMapText, AChangeIsAsHighAsItIsLargeAndNeutralInTheMiddle) {
  HeatMap map = small_map();
  map.panels = {""};
  map.marks.clear();
  map.color = {.title = "change", .low = -0.1, .high = 0.1, .diverging = true, .categories = {}};
  map.cells.resize(3);
  const double values[] = {-0.1, 0, 0.05};
  const char* texts[] = {"-0.100", "0.000", "+0.050"};
  for (std::size_t i = 0; i < 3; ++i) {
    map.cells[i].value = values[i];
    map.cells[i].text = texts[i];
  }
  EXPECT_EQ(heat_map_text(map, {.width = 80}),
            "Who learns? change by activation\n"
            "initializer     sigmoid   relu\n"
            "he_normal       █ -0.100  ▁  0.000\n"
            "glorot_uniform  ▅ +0.050\n"
            "scale 0 ▁▂▃▄▅▆▇█ 0.1, less or more\n");
  const std::string colored = heat_map_text(map, {.color = true, .width = 80});
  EXPECT_NE(colored.find("\x1b[48;5;130;38;5;231m -0.100"), std::string::npos) << colored;
  EXPECT_NE(colored.find("\x1b[48;5;254;38;5;16m  0.000"), std::string::npos) << colored;
}

TEST(HeatMapText, OfOneSquareOrNoneIsSmall) {
  HeatMap map;
  map.x = map.y = map.panels = {""};
  EXPECT_EQ(heat_map_text(map, {}), "scale 0 ▁▂▃▄▅▆▇█ 1\n");
  map.cells.push_back({.value = 0.5, .text = "0.50", .mark = {}, .tip = {}});
  EXPECT_EQ(heat_map_text(map, {}), "  ▅ 0.50\nscale 0 ▁▂▃▄▅▆▇█ 1\n");
}

TEST(HeatMapText, LongMapsSayWhatTheyLeaveOut) {
  HeatMap map;
  map.x = map.panels = {""};
  for (std::size_t i = 0; i < 70; ++i) {
    map.y.push_back(std::to_string(i));
    map.cells.push_back({.y = i, .value = 0, .text = "0.00", .mark = {}, .tip = {}});
  }
  EXPECT_NE(heat_map_text(map, {}).find("\n59  ▁ 0.00\nand 10 more rows\nscale"), std::string::npos);
  map.panels.assign(60, "p");
  for (std::size_t panel = 1; panel < 60; ++panel)
    for (std::size_t i = 0; i < 70; ++i)
      map.cells.push_back({.panel = panel, .y = i, .value = 0, .text = "0.00", .mark = {}, .tip = {}});
  EXPECT_NE(heat_map_text(map, {.width = 40}).find(" more panels: --filter and --by show a part"), std::string::npos);
}

// Rows are depths 1 and 2; of the first line there is no end. Scale 1e-8 to 1e0: a decade a level.
LineChart small_chart() {
  LineChart chart;
  chart.heading.title = "Where do gradients die?";
  chart.y_title = "rms of delta";
  chart.log_y = true;
  chart.row_title = "depth";
  chart.rows = {"1", "3"};
  chart.columns = {"sigmoid", "relu"};
  chart.colors = {"he_normal"};
  chart.dashes = {""};
  const auto line = [](std::size_t row, std::size_t column, std::size_t subject, const std::vector<double>& rms) {
    Line made;
    made.row = row;
    made.column = column;
    made.subject = subject;
    made.first_x = 1;
    for (const double y : rms) made.points.push_back({.y = y});
    return made;
  };
  chart.views = {
      {.name = "at the start",
       .lines = {line(0, 0, 1, {1e-3}), line(1, 0, 2, {1e-8, 1e-4, 0.5}), line(1, 1, 3, {0.5, 0.5, 1})}},
      {.name = "at the end", .lines = {line(1, 0, 2, {kNoValue, 1e-4, 1e-4}), line(1, 1, 3, {1e-9, 1, 1e9})}}};
  Line predicted = line(1, 1, 3, {1, 1, 1});
  predicted.kind = LineKind::predicted;
  chart.views[0].lines.push_back(predicted);
  return chart;
}

TEST(LayerChartText, ShowsTheViewsOfALineSideBySideOnTheScaleOfTheFirst) {
  EXPECT_EQ(layer_chart_text(small_chart(), {.width = 80}),
            "Where do gradients die? rms of delta\n"
            "depth 1  at the start  at the end\n"
            "         1             1\n"
            "sigmoid  ▆▆▆▆          -\n"
            "depth 3  at the start  at the end\n"
            "         1          3  1          3\n"
            "sigmoid  ▁▁▁▁▅▅▅▅████      ▅▅▅▅▅▅▅▅\n"
            "relu     ████████████  ▁▁▁▁████████\n"
            "scale 1e-8 ▁▂▃▄▅▆▇█ 1e0, logarithmic, beyond it as at its ends; blank: no value; -: no record\n");
}

// Labels of 9 columns and 2 between the views leave 9 to each of them.
TEST(LayerChartText, NamesOfViewsAreCutWhereATerminalIsNarrowAlone) {
  EXPECT_NE(layer_chart_text(small_chart(), {.width = 30}).find("depth 1  at the s…  at the e…\n"), std::string::npos)
      << layer_chart_text(small_chart(), {.width = 30});
  LineChart chart = small_chart();
  chart.views[1].name = std::string(120, 'e');
  EXPECT_NE(layer_chart_text(chart, {.width = 0}).find("at the start" + std::string(110, ' ')), std::string::npos);
  EXPECT_NE(layer_chart_text(chart, {.width = 0}).find(chart.views[1].name), std::string::npos);
}

TEST(LayerChartText, LeavesOutTheFirstRowsOfPanelsWhereThereIsTooMuch) {
  const std::string text = layer_chart_text(small_chart(), {.utf8 = false, .width = 40}, {}, 2);
  EXPECT_EQ(text.find("depth 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("depth 3"), std::string::npos) << text;
  EXPECT_NE(text.find("\nand 1 more\n"), std::string::npos) << text;
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << text;
}

TEST(LayerChartText, LinesThatItsPlacesDoNotTellApartHaveTheirWholeLabels) {
  LineChart chart = small_chart();
  chart.views.resize(1);
  chart.views[0].lines.resize(2);
  chart.rows = {""};
  for (Line& line : chart.views[0].lines) line.row = 0;
  chart.views[0].lines[0].label = "sigmoid/learning_rate=0.1";
  chart.views[0].lines[1].label = "sigmoid/learning_rate=1.0";
  const std::string text = layer_chart_text(chart, {.width = 80});
  EXPECT_NE(text.find("\nsigmoid/learning_rate=1.0  "), std::string::npos) << text;
}

TEST(LayerChartText, IsEmptyWithoutLines) {
  EXPECT_EQ(layer_chart_text({}, {}), "");
  LineChart chart = small_chart();
  for (LineView& view : chart.views) view.lines.clear();
  EXPECT_EQ(layer_chart_text(chart, {}), "");
}

TEST(TerminalInk, CutsByColumnsAndEndsColours) {
  EXPECT_EQ(shortened("glorot_uniform", 9, true), "glorot_u…");
  EXPECT_EQ(shortened("glorot_uniform", 9, false), "glorot_u~");
  EXPECT_EQ(shortened("größe", 5, true), "größe");
  EXPECT_EQ(shortened("größere", 5, true), "größ…");
  EXPECT_EQ(cut_line("größere", 5), "größe");
  EXPECT_EQ(cut_line("a\x1b[48;5;53mbcd\x1b[0me", 3), "a\x1b[48;5;53mbc\x1b[0m");
  EXPECT_EQ(cut_line("a\x1b[48;5;53mb\x1b[0m", 2), "a\x1b[48;5;53mb\x1b[0m");
}

}  // namespace
}  // namespace initsweep
