#include "initsweep/report.hpp"

#include <regex>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include "page_json.hpp"

namespace initsweep {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kHostile = "</script><img src=x onerror=alert(1)>\"'&{{title}}\xff";

std::string hostile() { return std::string(kHostile); }

// One combination whose every text comes from someone who means harm.
Study hostile_study() {
  Study study;
  study.axes = {{.name = hostile(), .setting = Setting::initializer, .values = {hostile()}}};
  StudyFolder folder;
  folder.name = folder.sweep = folder.description = hostile();
  folder.cells.resize(1);
  folder.cells[0].id = "c_0000000000000001";
  folder.cells[0].summary.n_ok = 2;
  folder.cells[0].summary.test_accuracy = {.n = 2, .mean = 0.5, .std = 0.1, .low = 0.4, .high = 0.6};
  folder.cells[0].curves.test_accuracy = {{.mean = 0.1, .low = 0.1, .high = 0.1},
                                          {.mean = 0.5, .low = 0.4, .high = 0.6}};
  study.folders = {folder};
  study.combinations = {{.folder = 0, .cell = 0, .values = {0}, .label = hostile()}};
  return study;
}

std::vector<ReportSection> hostile_sections() {
  HeatMap map;
  map.heading = {.id = "accuracy", .title = hostile(), .note = hostile()};
  map.x = map.y = map.panels = {hostile()};
  map.x_title = map.y_title = map.panel_title = hostile();
  map.cells = {{.subject = 0, .value = 0.5, .text = hostile(), .mark = "", .tip = hostile()}};
  ReportTable table{.id = "best", .title = hostile(), .table = {}};
  table.table.columns = {{hostile(), ColumnType::text, hostile()}, {"n", ColumnType::integer, ""}};
  table.table.rows = {{hostile(), "2"}, {"", ""}};
  return {{.id = "learns", .title = hostile(), .pictures = {map}, .tables = {table}}};
}

ReportHead hostile_head() {
  return {.title = hostile(),
          .subtitle = hostile(),
          .tiles = {{hostile(), hostile()}},
          .notes = {hostile()},
          .made_by = {{hostile(), hostile()}}};
}

std::string page(bool interactive) {
  return report_html(hostile_study(), hostile_head(), hostile_sections(), interactive);
}

// Whether the page holds this element or attribute, as markup.
bool has_markup(const std::string& html, std::string_view text) { return html.find(text) != std::string::npos; }

TEST(Report, TextFromOutsideIsNeverMarkup) {
  for (const bool interactive : {false, true}) {
    const std::string html = page(interactive);
    EXPECT_FALSE(has_markup(html, "<img")) << interactive;
    EXPECT_THAT(html, HasSubstr("<h1>&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&apos;&amp;{{title}}"));
  }
}

TEST(Report, StillPagesHaveNoScripts) {
  const std::string html = page(false);
  EXPECT_FALSE(has_markup(html, "<script"));
  EXPECT_THAT(html, HasSubstr("<svg"));
  EXPECT_THAT(html, Not(HasSubstr("<noscript")));
}

TEST(Report, AsksForNothingFromElsewhere) {
  for (const bool interactive : {false, true}) {
    std::string html = page(interactive);
    // The libraries name addresses in their texts; what counts is the page around them.
    for (std::size_t at = html.find("<script>"); at != std::string::npos; at = html.find("<script>", at))
      html.erase(at, html.find("</script>", at) - at);
    EXPECT_FALSE(std::regex_search(html, std::regex(R"re(<[^>]*\s(?:src|href)="(?!#|data:))re")));
    EXPECT_THAT(html, Not(HasSubstr("@import")));
    EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  }
}

TEST(Report, InteractivePagesHaveTheStillPicturesForReadersWithoutScripts) {
  if (!has_interactive_charts()) GTEST_SKIP() << "this build had no npm";
  const std::string html = page(true);
  const std::size_t begin = html.find("<noscript>", html.find("<figure")), end = html.find("</noscript>", begin);
  ASSERT_NE(begin, std::string::npos);
  EXPECT_THAT(html.substr(begin, end - begin), HasSubstr("<svg"));
  EXPECT_THAT(html, HasSubstr("id=\"data\""));
}

TEST(Report, AMissingFieldIsADash) {
  EXPECT_THAT(page(false), HasSubstr("<tr><td>–</td><td class=\"number\">–</td></tr>"));
}

TEST(PageJson, HasNoLessThanAndReadsBack) {
  const std::string text = page_json(hostile_study(), hostile_sections());
  EXPECT_EQ(text.find('<'), std::string::npos);
  const nlohmann::json data = nlohmann::json::parse(text);
  // What is not UTF-8 is replaced, the rest is as it was.
  EXPECT_EQ(data["combinations"]["label"][0], "</script><img src=x onerror=alert(1)>\"'&{{title}}\xef\xbf\xbd");
  EXPECT_EQ(data["cells"]["mean"], nlohmann::json::parse("[0.5]"));
  EXPECT_EQ(data["cells"]["n"], nlohmann::json::parse("[[2, 0, 0]]"));
  EXPECT_EQ(data["pictures"].size(), 1u);
}

TEST(PageJson, AnEmptyStudyIsAPageToo) {
  const Study study;
  EXPECT_TRUE(nlohmann::json::accept(page_json(study, {})));
  ReportHead head;
  head.title = "Nothing yet";
  EXPECT_THAT(report_html(study, head, {}, true), HasSubstr("<h1>Nothing yet</h1>"));
}

// Deep nets of a thousand cells have more numbers than a page of 3 MB holds: every n-th layer is kept.
TEST(PageJson, ThinsOutWhatIsTooMuch) {
  Study study;
  study.folders.resize(1);
  StudyCell cell;
  cell.profiles = {{.tensor = TensorKind::delta, .first_layer = 1, .start = {}, .end = {}, .predicted = {}}};
  for (int i = 0; i < 400; ++i) cell.profiles[0].start.push_back(i + 1);
  study.folders[0].cells.assign(1000, cell);
  const nlohmann::json data = nlohmann::json::parse(page_json(study, {}));
  EXPECT_EQ(data["stride"], 3);  // 400 000 numbers, 150 000 of which may stay
  EXPECT_EQ(data["series"][0].size(), 134u);
  EXPECT_EQ(data["series"][0][1], 4);
}

}  // namespace
}  // namespace initsweep
