#include "picture_json.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace initsweep {
namespace {

using nlohmann::json;

Study two_combinations() {
  Study study;
  study.axes = {{.name = "activation", .setting = Setting::activation, .values = {"relu", "tanh"}}};
  study.folders.resize(1);
  study.folders[0].cells.resize(2);
  for (const int value : {0, 1})
    study.combinations.push_back({.folder = 0,
                                  .cell = static_cast<std::size_t>(value),
                                  .values = {value},
                                  .label = study.axes[0].values[static_cast<std::size_t>(value)]});
  return study;
}

TEST(PictureJson, NumbersHaveFourSignificantDigits) {
  struct Case {
    double value;
    const char* text;
  };
  for (const Case& c : {Case{0.93124999, "0.9312"}, Case{1.23456e-17, "1.235e-17"}, Case{-0.00055555, "-0.0005556"},
                        Case{1234567, "1235000"}, Case{3, "3"}, Case{0, "0"}, Case{5.678e30, "5.678e+30"}})
    EXPECT_EQ(brief_number(c.value).dump(), c.text);
  EXPECT_TRUE(brief_number(kNoValue).is_null());
  EXPECT_TRUE(brief_number(std::numeric_limits<double>::infinity()).is_null());
}

TEST(PictureJson, TextAfterItsLabelIsMarkedAsSuch) {
  EXPECT_EQ(text_after("relu: 0.9", "relu"), json::array({": 0.9"}));
  EXPECT_EQ(text_after("relu", "relu"), json::array({""}));
  EXPECT_EQ(text_after("tanh: 0.9", "relu"), "tanh: 0.9");
  EXPECT_EQ(text_after("nobody's", ""), "nobody's");
}

TEST(SeriesPool, KeepsASeriesOnce) {
  SeriesPool pool;
  EXPECT_EQ(pool.add({1, 2}), 0);
  EXPECT_EQ(pool.add({2, 1}), 1);
  EXPECT_EQ(pool.add({1.00001, 2}), 0);  // the same four digits
  EXPECT_EQ(pool.add({kNoValue, 2}), 2);
  EXPECT_EQ(pool.add({kNoValue, kNoValue}), -1);
  EXPECT_EQ(pool.add({}), -1);
  EXPECT_EQ(pool.series(), json::parse("[[1,2],[2,1],[null,2]]"));
}

TEST(PictureJson, AHeatMapIsColumns) {
  HeatMap map;
  map.heading = {.id = "accuracy", .title = "Who learns?", .note = "Mean."};
  map.x_title = "activation";
  map.x = {"relu", "tanh"};
  map.y = map.panels = {""};
  map.color.title = "accuracy";
  map.marks = {{"×", "diverged"}};
  map.cells = {{.x = 0, .subject = 0, .value = 0.5, .text = "0.50", .mark = "", .tip = "relu: 0.5"},
               {.x = 1, .subject = kNoSubject, .value = kNoValue, .text = "", .mark = "×", .tip = "of nobody"}};
  SeriesPool pool;
  const json object = picture_json(map, two_combinations(), pool);
  EXPECT_EQ(object, json::parse(R"({
    "kind": "heat", "id": "accuracy", "title": "Who learns?", "note": "Mean.",
    "x_title": "activation", "y_title": "", "panel_title": "", "x": ["relu", "tanh"], "y": [""], "panels": [""],
    "color": {"title": "accuracy", "low": 0, "high": 1, "log": false, "diverging": false, "categories": []},
    "marks": [["×", "diverged"]], "boundary": "",
    "cells": {"panel": [0, 0], "x": [0, 1], "y": [0, 0], "subject": [0, -1], "value": [0.5, null],
              "text": ["0.50", ""], "mark": ["", "×"], "tip": [[": 0.5"], "of nobody"]}})"));
}

TEST(PictureJson, SquaresSayOnWhichSideOfABoundaryTheyAre) {
  HeatMap map;
  map.x = {"2", "10", "20"};
  map.y = map.panels = {""};
  for (std::size_t x = 0; x < 3; ++x) map.cells.push_back({.x = x, .text = "", .mark = "", .tip = ""});
  map.cells[0].is_beyond = false;
  map.cells[1].is_beyond = true;
  SeriesPool pool;
  EXPECT_FALSE(picture_json(map, two_combinations(), pool)["cells"].contains("beyond"));
  map.boundary = "too deep";
  const json object = picture_json(map, two_combinations(), pool);
  EXPECT_EQ(object["boundary"], "too deep");
  EXPECT_EQ(object["cells"]["beyond"], json::parse("[0, 1, null]"));
}

TEST(PictureJson, LinesNameTheirSeries) {
  LineChart chart;
  chart.heading.id = "curves";
  chart.log_y = true;
  chart.columns = chart.rows = chart.colors = chart.dashes = {""};
  const Line measured = {.subject = 1,
                         .first_x = 1,
                         .step_x = 2,
                         .points = {{.y = 0.5, .low = 0.25, .high = 0.5}, {.y = 1, .low = 1, .high = 1}},
                         .label = "tanh"};
  Line predicted = measured;
  predicted.kind = LineKind::predicted;
  predicted.points = {{.y = 0.25}, {.y = 1}};
  chart.views = {{.name = "at the start", .low = 0.01, .high = 10, .lines = {measured, predicted}}};
  SeriesPool pool;
  const json object = picture_json(chart, two_combinations(), pool);
  EXPECT_EQ(object["kind"], "lines");
  EXPECT_EQ(object["log_y"], true);
  EXPECT_EQ(object["views"], json::parse(R"([{"name": "at the start", "low": 0.01, "high": 10, "lines": {
    "column": [0, 0], "row": [0, 0], "color": [0, 0], "dash": [0, 0], "subject": [1, 1], "predicted": [0, 1],
    "published": [0, 0],
    "first_x": [1, 1], "step_x": [2, 2], "label": [[""], [""]],
    "y": [0, 1], "low": [1, -1], "high": [0, -1]}}])"));
  EXPECT_EQ(pool.series(), json::parse("[[0.5, 1], [0.25, 1]]"));
}

TEST(PictureJson, BarsAndSpansKeepTheirOrder) {
  BarChart bars;
  bars.heading.id = "shares";
  bars.value_title = "share";
  bars.bars = {{.label = "depth", .value = 0.7, .group = "one setting", .tip = "70 %"},
               {.label = "activation", .value = 0.1, .group = "one setting", .tip = ""}};
  Timeline timeline;
  timeline.heading.id = "timeline";
  timeline.lanes = {"thread 0"};
  timeline.categories = {"ok"};
  timeline.spans = {{.lane = 0, .start = 0, .end = 1.23456, .subject = 0, .category = 0, .tip = "relu seed 1"}};
  SeriesPool pool;
  EXPECT_EQ(picture_json(bars, two_combinations(), pool)["bars"], json::parse(R"({
    "label": ["depth", "activation"], "value": [0.7, 0.1], "group": ["one setting", "one setting"],
    "tip": ["70 %", ""]})"));
  EXPECT_EQ(picture_json(timeline, two_combinations(), pool)["spans"], json::parse(R"({
    "lane": [0], "start": [0], "end": [1.235], "subject": [0], "category": [0], "tip": [[" seed 1"]]})"));
}

// Four digits of a sweep of two days are tens of seconds, in which whole trainings are.
TEST(PictureJson, TimesAreToTheMillisecond) {
  Timeline timeline;
  timeline.spans = {{.start = 123456.7894, .end = 123457.0001, .tip = ""},
                    {.start = kNoValue, .end = 86400, .tip = ""}};
  SeriesPool pool;
  const json spans = picture_json(timeline, two_combinations(), pool)["spans"];
  EXPECT_EQ(spans["start"], json::parse("[123456.789, null]"));
  EXPECT_EQ(spans["end"], json::parse("[123457, 86400]"));
}

}  // namespace
}  // namespace initsweep
