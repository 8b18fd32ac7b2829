#include "initsweep/report.hpp"

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
    for (const std::string_view attribute : {" src=\"", " href=\""})
      for (std::size_t at = html.find(attribute); at != std::string::npos; at = html.find(attribute, at + 1)) {
        const std::string_view address = std::string_view(html).substr(at + attribute.size());
        EXPECT_TRUE(address.starts_with('#') || address.starts_with("data:")) << address.substr(0, 80);
      }
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

// A thousand cells of deep nets that trained long, no two alike.
Study large_study(int n_epochs, int n_layers) {
  Study study;
  study.folders.resize(1);
  for (int i = 0; i < 1000; ++i) {
    const double own = 1 + i * 0.001;
    StudyCell cell;
    cell.profiles = {{.tensor = TensorKind::delta, .first_layer = 1, .start = {}, .end = {}, .predicted = {}}};
    for (int layer = 0; layer < n_layers; ++layer) cell.profiles[0].start.push_back(own + layer);
    for (int epoch = 0; epoch < n_epochs; ++epoch) {
      const double mean = own / (1 + epoch);
      cell.curves.test_accuracy.push_back({.mean = mean, .low = mean / 2, .high = mean * 2});
      cell.curves.test_loss.push_back({.mean = mean * 3, .low = mean / 3, .high = mean * 4});
      cell.curves.train_loss.push_back({.mean = mean * 5, .low = mean / 5, .high = mean * 6});
    }
    study.folders[0].cells.push_back(cell);
    study.combinations.push_back({.folder = 0, .cell = static_cast<std::size_t>(i), .values = {}, .label = ""});
  }
  return study;
}

TEST(PageJson, ThinsOutWhatIsTooMuchAndKeepsWhereItEnds) {
  constexpr std::size_t kMostBytes = 1'000'000;
  const std::string text = page_json(large_study(/*n_epochs=*/100, /*n_layers=*/51), {}, kMostBytes);
  EXPECT_LE(text.size(), kMostBytes);
  EXPECT_GE(text.size(), kMostBytes / 2);  // no more is left out than must be
  const nlohmann::json data = nlohmann::json::parse(text);
  const int stride = data["stride"];
  ASSERT_GT(stride, 1);
  const nlohmann::json &accuracy = data["cells"]["curves"][0][0], &profile = data["cells"]["profiles"][0][0];
  EXPECT_EQ(accuracy[0], 99 % stride);  // epochs 0 to 99
  EXPECT_EQ(data["series"][accuracy[1].get<int>()].back(), 0.01);
  EXPECT_EQ(profile[1], 1 + 50 % stride);  // layers 1 to 51
  EXPECT_EQ(data["series"][profile[2].get<int>()].back(), 51);
  EXPECT_EQ(data["series"][profile[2].get<int>()].front(), profile[1]);
}

TEST(PageJson, LeavesOutCurvesThatEvenThinnedOutAreTooMuch) {
  const Study study = large_study(100, 50);
  const std::string all = page_json(study, {}), bare = page_json(study, {}, 100);
  const nlohmann::json data = nlohmann::json::parse(bare);
  EXPECT_EQ(nlohmann::json::parse(all)["stride"], 1);
  EXPECT_EQ(data["stride"], 0);
  EXPECT_EQ(data["series"].size(), 0u);
  EXPECT_FALSE(data["cells"].contains("curves"));
  EXPECT_EQ(data["cells"]["mean"].size(), 1000u);
}

TEST(PageJson, SaysWhichAxesTell) {
  Study study = hostile_study();
  study.axes = {{.name = "optimizer", .setting = Setting::optimizer, .values = {"sgd", "momentum"}},
                {.name = "momentum", .setting = Setting::momentum, .values = {"0.9"}}};
  study.combinations = {{.folder = 0, .cell = 0, .values = {0, -1}, .label = "sgd"},
                        {.folder = 0, .cell = 0, .values = {1, 0}, .label = "momentum"}};
  const nlohmann::json axes = nlohmann::json::parse(page_json(study, {}))["axes"];
  EXPECT_EQ(axes[0]["tells"], true);
  EXPECT_EQ(axes[1]["tells"], false);
}

TEST(Report, APageOfAThousandCellsStaysBelowThreeMegabytes) {
  if (!has_interactive_charts()) GTEST_SKIP() << "this build had no npm";
  const Study study = large_study(/*n_epochs=*/200, /*n_layers=*/50);
  LineChart chart;
  chart.heading = {.id = "curves", .title = "Curves", .note = ""};
  chart.columns = chart.rows = chart.colors = chart.dashes = {""};
  LineView view{.name = "", .low = 0, .high = 2, .lines = {}};
  for (std::size_t i = 0; i < 1000; ++i) {
    Line line;
    line.subject = i;
    for (const Band& band : study.folders[0].cells[i].curves.test_accuracy)
      if (line.points.size() < 20) line.points.push_back({.y = band.mean, .low = band.low, .high = band.high});
    view.lines.push_back(line);
  }
  chart.views = {view};
  const std::vector<ReportSection> sections = {{.id = "one", .title = "One", .pictures = {chart}, .tables = {}}};
  EXPECT_LT(report_html(study, {.title = "Large", .subtitle = "", .tiles = {}, .notes = {}, .made_by = {}}, sections,
                        /*interactive=*/true)
                .size(),
            3'000'000u);
}

}  // namespace
}  // namespace initsweep
