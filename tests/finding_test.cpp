#include "initsweep/finding.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

namespace initsweep {
namespace {

Finding regressed() {
  return {.outcome = Outcome::bad,
          .verdict = "regressed",
          .id = {},
          .claim = {},
          .cell_id = "c_0123456789abcdef",
          .cell = "he_normal/relu/depth=20",
          .quantity = "test_accuracy",
          .expected = "above -0.005",
          .before = 0.91234567,
          .now = 0.88,
          .effect = -0.03234567,
          .low = -0.04,
          .high = -0.025,
          .p_value = 0.0012345678,
          .permutation_p = 0.03125,
          .n = 5,
          .reason = {},
          .file = {},
          .where = {}};
}

Finding inconclusive() {
  Finding finding = regressed();
  finding.outcome = Outcome::undecided;
  finding.verdict = "inconclusive";
  finding.cell = "orthogonal/tanh";
  finding.effect = -0.001;
  finding.low = -0.25;
  finding.high = std::numeric_limits<double>::infinity();  // as of fewer than two replicates
  finding.p_value = 1;
  finding.permutation_p = kNoValue;
  finding.n = 2;
  finding.seeds_needed = 12;
  return finding;
}

Finding of_claim(Outcome outcome, std::string verdict, std::string id, std::string claim) {
  Finding finding;
  finding.outcome = outcome;
  finding.verdict = std::move(verdict);
  finding.id = std::move(id);
  finding.claim = std::move(claim);
  return finding;
}

Finding fails() {
  Finding finding = of_claim(Outcome::bad, "fails", "e2", "N(0, 1) makes preactivations wide");
  finding.cell = "normal/sigmoid";
  finding.quantity = "layers.preactivation.std";
  finding.expected = "at least 5.0";
  finding.now = finding.effect = 4.5;
  finding.low = 4.25;
  finding.high = 4.75;
  finding.n = 3;
  finding.reason = "layer 2 is the lowest";
  finding.file = "experiments/ci.yaml";
  finding.where = {14, 5, 20};
  return finding;
}

Finding holds() { return of_claim(Outcome::good, "holds", "e1", "He starts what Glorot starves"); }
Finding not_run() {
  Finding finding = of_claim(Outcome::skipped, "not_run", "e3", "this one blows up");
  finding.reason = "no job of it was run";
  return finding;
}

Finding pass(std::string cell) {
  Finding finding;
  finding.verdict = "pass";
  finding.cell = std::move(cell);
  finding.quantity = "digest";
  return finding;
}

// What a sweep file can put into a label or a sentence to get out of where it is shown.
constexpr const char* kHostile =
    "a|b `c` <img src=x onerror=1> **d** \\| ~~e~~ [f](g) & &lt; @all #1 _h_ ]]> \"i\" %0A::error::, j: "
    "\n::warning::k\r"
    "\n| l |\t\x1b[2J\x01\xff\xc3\u202e\uffff";

Finding hostile() {
  Finding finding = of_claim(Outcome::bad, "fails", "e4", kHostile);
  finding.cell = finding.reason = kHostile;
  return finding;
}

std::vector<Finding> some_of_each() {
  return {fails(), regressed(), inconclusive(), not_run(), holds(), pass("lecun_normal/selu")};
}

std::vector<std::string> verdicts(const std::vector<Finding>& findings) {
  std::vector<std::string> verdicts;
  for (const Finding& finding : findings) verdicts.push_back(finding.verdict);
  return verdicts;
}

TEST(Finding, TheWorstDecides) {
  EXPECT_EQ(worst({}), Outcome::good);
  EXPECT_EQ(worst(std::vector{holds(), not_run()}), Outcome::skipped);
  EXPECT_EQ(worst(std::vector{inconclusive(), holds(), not_run()}), Outcome::undecided);
  EXPECT_EQ(worst(some_of_each()), Outcome::bad);
}

TEST(Finding, TheWorstComesFirstThenTheFurthestBeyondThenTheOrderGiven) {
  const auto finding = [](Outcome outcome, double beyond, const char* name) {
    Finding result;
    result.outcome = outcome;
    result.beyond = beyond;
    result.verdict = name;
    return result;
  };
  std::vector<Finding> findings = {finding(Outcome::good, -3, "inside"),
                                   finding(Outcome::bad, kNoValue, "no number"),
                                   finding(Outcome::bad, 2, "far"),
                                   finding(Outcome::skipped, kNoValue, "not run"),
                                   finding(Outcome::bad, 7, "further"),
                                   finding(Outcome::undecided, 9, "open"),
                                   finding(Outcome::bad, kNoValue, "none either"),
                                   finding(Outcome::good, -1, "nearly out")};
  sort_worst_first(findings);
  EXPECT_EQ(verdicts(findings), (std::vector<std::string>{"further", "far", "no number", "none either", "open",
                                                          "not run", "nearly out", "inside"}));
}

TEST(FindingTable, ForProgramsHasEveryColumnAndEveryDigit) {
  EXPECT_EQ(format(findings_table(std::vector{regressed(), inconclusive(), fails()}, /*exact=*/true), TableFormat::csv),
            "verdict,id,claim,cell_id,cell,quantity,expected,reference,value,effect,low,high,p_value,permutation_p,n,"
            "seeds_needed,reason,published\n"
            "regressed,,,c_0123456789abcdef,he_normal/relu/depth=20,test_accuracy,above -0.005,0.91234567,0.88,"
            "-0.03234567,-0.04,-0.025,0.0012345678,0.03125,5,,,\n"
            "inconclusive,,,c_0123456789abcdef,orthogonal/tanh,test_accuracy,above -0.005,0.91234567,0.88,"
            "-0.001,-0.25,,1.0,,2,12,,\n"
            "fails,e2,\"N(0, 1) makes preactivations wide\",,normal/sigmoid,layers.preactivation.std,at least 5.0,,4.5,"
            "4.5,4.25,4.75,,,3,,layer 2 is the lowest,\n");
}

TEST(FindingTable, ForPeopleIsBriefAndWithoutEmptyColumns) {
  EXPECT_EQ(
      format(findings_table(std::vector{regressed(), inconclusive()}, /*exact=*/false), TableFormat::table),
      "verdict       cell                     quantity       expected      reference  value    effect    low    high"
      "   p_value  permutation_p  n  seeds_needed\n"
      "regressed     he_normal/relu/depth=20  test_accuracy  above -0.005     0.9123   0.88  -0.03235  -0.04  -0.025"
      "  0.001235        0.03125  5             -\n"
      "inconclusive  orthogonal/tanh          test_accuracy  above -0.005     0.9123   0.88    -0.001  -0.25       -"
      "         1              -  2            12\n");
}

TEST(FindingTable, OfNothingHasColumns) {
  EXPECT_EQ(format(findings_table({}, /*exact=*/false), TableFormat::table), "verdict\n");
  EXPECT_EQ(findings_table({}, /*exact=*/true).columns.size(), 18U);
}

// Beside the value, wherever there is one.
TEST(FindingTable, ShowsWhatWasPublished) {
  Finding finding = fails();
  finding.published = 5.125;
  const std::string exact = format(findings_table(std::vector{finding}, /*exact=*/true), TableFormat::csv);
  EXPECT_TRUE(exact.ends_with("layer 2 is the lowest,5.125\n")) << exact;
  EXPECT_EQ(findings_table(std::vector{finding}, /*exact=*/false).columns.back().name, "published");
  EXPECT_NE(findings_table(std::vector{fails()}, /*exact=*/false).columns.back().name, "published");
  EXPECT_TRUE(github_annotations(std::vector{finding}).find("fails: value 4.5, published 5.125, lower") !=
              std::string::npos);
  EXPECT_TRUE(markdown_text(std::vector{finding}, "ci").find("| layer 2 is the lowest | 5.125 |") != std::string::npos);
  const std::string junit = junit_text(std::vector{finding}, "ci", "2026-11-24T15:29:16", "");
  EXPECT_TRUE(junit.find("value 4.5, published 5.125, ") != std::string::npos);
  EXPECT_TRUE(junit.find("published: 5.125\n") != std::string::npos);
}

// The file is what tests/cli/junit_test.py holds against the schema.
TEST(FindingJUnit, IsTheFileThatTheSchemaIsHeldAgainst) {
  std::vector<Finding> findings = some_of_each();
  findings.push_back(hostile());
  findings.push_back(pass("lecun_normal/selu"));  // one label twice
  findings.push_back(of_claim(Outcome::good, "holds", "e1", "He starts what Glorot starves"));
  std::ifstream file(INITSWEEP_TEST_DATA "/junit/findings.xml", std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(junit_text(findings, "ci", "2026-11-24T15:29:16Z", "host"), expected);
}

TEST(FindingJUnit, ASuiteWithoutFindingsIsLeftOut) {
  EXPECT_EQ(junit_text({}, "ci", "2026-11-24T15:29:16", "host"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n</testsuites>\n");
  EXPECT_EQ(junit_text(std::vector{pass("")}, "", "2026-11-24T15:29:16", ""),
            R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="initsweep.baseline" package="initsweep" id="0" timestamp="2026-11-24T15:29:16" hostname="localhost" tests="1" failures="0" errors="0" skipped="0" time="0">
    <properties/>
    <testcase name="digest" classname="initsweep.baseline" time="0"/>
    <system-out/>
    <system-err/>
  </testsuite>
</testsuites>
)");
}

TEST(FindingMarkdown, ShowsWhatIsNotGoodAndCountsTheRest) {
  EXPECT_EQ(markdown_text(some_of_each(), "ci"),
            R"(### ci: failed (1 regressed, 1 fails, 1 inconclusive, 1 not run, 1 holds, 1 passes)

| verdict | id | claim | cell | quantity | expected | reference | value | effect | low | high | p_value | permutation_p | n | seeds_needed | reason |
| --- | --- | --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
| fails | e2 | N(0, 1) makes preactivations wide | `normal/sigmoid` | `layers.preactivation.std` | at least 5.0 |  | 4.5 | 4.5 | 4.25 | 4.75 |  |  | 3 |  | layer 2 is the lowest |
| regressed |  |  | `he_normal/relu/depth=20` | `test_accuracy` | above -0.005 | 0.9123 | 0.88 | -0.03235 | -0.04 | -0.025 | 0.001235 | 0.03125 | 5 |  |  |
| inconclusive |  |  | `orthogonal/tanh` | `test_accuracy` | above -0.005 | 0.9123 | 0.88 | -0.001 | -0.25 |  | 1 |  | 2 | 12 |  |
| not_run | e3 | this one blows up |  |  |  |  |  |  |  |  |  |  |  |  | no job of it was run |

The rest: 1 holds, 1 passes.
)");
}

struct HeadlineCase {
  const char* name;
  std::vector<Finding> findings;
  const char* expected;
};
void PrintTo(const HeadlineCase& c, std::ostream* out) { *out << c.name; }
class FindingHeadline : public testing::TestWithParam<HeadlineCase> {};

TEST_P(FindingHeadline, IsTheAnswer) {
  const std::string text = markdown_text(GetParam().findings, "ci");
  EXPECT_EQ(text.substr(0, text.find('\n')), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Answers, FindingHeadline,
    testing::Values(HeadlineCase{"nothing", {}, "### ci: nothing was checked"},
                    HeadlineCase{"skipped", {not_run(), not_run()}, "### ci: nothing was checked (2 not run)"},
                    HeadlineCase{"in_part", {holds(), not_run()}, "### ci: passed (1 not run, 1 holds)"},
                    HeadlineCase{"open", {inconclusive(), holds()}, "### ci: cannot decide (1 inconclusive, 1 holds)"},
                    HeadlineCase{"bad", {holds(), fails()}, "### ci: failed (1 fails, 1 holds)"}),
    [](const auto& test) { return test.param.name; });

TEST(FindingMarkdown, WhereAllIsGoodTheHeadlineIsAll) {
  EXPECT_EQ(markdown_text(std::vector{holds(), pass("a"), pass("b")}, ""), "### initsweep: passed (1 holds, 2 pass)\n");
}

TEST(FindingMarkdown, HasFiftyRowsAndSaysHowManyMore) {
  std::vector<Finding> findings(50, not_run());
  EXPECT_EQ(markdown_text(findings, "ci").find("more"), std::string::npos);
  findings.insert(findings.end(), 3, fails());
  const std::string text = markdown_text(findings, "ci");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1 + 1 + 2 + 50 + 2);
  EXPECT_TRUE(text.ends_with("|\n\nAnd 3 more that did not pass.\n"));
}

struct MarkdownCase {
  const char* name;
  const char* text;
  const char* as_sentence;
  const char* as_code;
};
void PrintTo(const MarkdownCase& c, std::ostream* out) { *out << c.name; }
class FindingMarkdownText : public testing::TestWithParam<MarkdownCase> {};

TEST_P(FindingMarkdownText, IsShownAsItIs) {
  Finding finding = not_run();
  finding.claim = finding.cell = GetParam().text;
  finding.reason = {};
  const std::string text = markdown_text(std::vector{finding}, "ci");
  EXPECT_EQ(text,
            "### ci: nothing was checked (1 not run)\n\n| verdict | id | claim | cell |\n| --- | --- | --- | --- |\n"
            "| not_run | e3 | " +
                std::string(GetParam().as_sentence) + " | " + GetParam().as_code + " |\n");
}

INSTANTIATE_TEST_SUITE_P(
    Hostile, FindingMarkdownText,
    testing::Values(
        MarkdownCase{"plain", "he_normal, 5 % (a=b;c)", "he_normal, 5 % (a=b;c)", "`he_normal, 5 % (a=b;c)`"},
        MarkdownCase{"bar", "a|b", "a&#124;b", "<code>a&#124;b</code>"},
        MarkdownCase{"escaped_bar", "a\\|b", "a&#92;&#124;b", "<code>a&#92;&#124;b</code>"},
        MarkdownCase{"trailing_backslash", "a\\", "a&#92;", "<code>a&#92;</code>"},
        MarkdownCase{"backtick", "a `b", "a &#96;b", "<code>a &#96;b</code>"},
        MarkdownCase{"html", "<b>&lt;", "&#60;b&#62;&#38;lt;", "`<b>&lt;`"},
        MarkdownCase{"html_in_code", "</code><b>`", "&#60;/code&#62;&#60;b&#62;&#96;",
                     "<code>&#60;/code&#62;&#60;b&#62;&#96;</code>"},
        MarkdownCase{"lines", "a\n\n# b\r\n- c", "a&#92;x0a&#92;x0a&#35; b&#92;x0d&#92;x0a- c",
                     "<code>a&#92;x0a&#92;x0a&#35; b&#92;x0d&#92;x0a- c</code>"},
        MarkdownCase{"emphasis", "*a* __b__ _c_ d_e ~f~", "&#42;a&#42; &#95;_b_&#95; &#95;c&#95; d_e &#126;f&#126;",
                     "`*a* __b__ _c_ d_e ~f~`"},
        MarkdownCase{"link", "![a](b)", "&#33;&#91;a&#93;(b)", "`![a](b)`"},
        MarkdownCase{"mention", "@all, #1", "@<!-- -->all, &#35;1", "`@all, #1`"},
        MarkdownCase{"blank", " ", " ", "<code> </code>"},
        MarkdownCase{"unseen", "a\u202eb\xff", "a&#92;u202eb&#92;xff", "<code>a&#92;u202eb&#92;xff</code>"}),
    [](const auto& test) { return test.param.name; });

TEST(FindingMarkdown, HostileTextBreaksNoTable) {
  const std::string text = markdown_text(std::vector{hostile()}, kHostile);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5);
  // Bars at the edges of the five fields alone: in the names, the marks and the row.
  EXPECT_EQ(std::count(text.begin(), text.end(), '|'), 3 * 6);
  EXPECT_EQ(text.find("<img"), std::string::npos);
}

TEST(FindingAnnotations, ErrorsStandAtTheirLineWarningsWithout) {
  EXPECT_EQ(
      github_annotations(some_of_each()),
      "::error file=experiments/ci.yaml,line=14,col=5,title=e2%3A N(0%2C 1) makes preactivations wide "
      "(normal/sigmoid)::layers.preactivation.std fails: value 4.5, lower bound 4.25, upper bound 4.75, "
      "expected at least 5.0, n = 3; layer 2 is the lowest\n"
      "::error title=he_normal/relu/depth=20%3A test_accuracy::test_accuracy regressed: value 0.88, reference 0.9123, "
      "effect -0.03235, lower bound -0.04, upper bound -0.025, expected above -0.005, p = 0.001235, n = 5\n"
      "::warning title=orthogonal/tanh%3A test_accuracy::test_accuracy inconclusive: value 0.88, reference 0.9123, "
      "effect -0.001, lower bound -0.25, expected above -0.005, p = 1, n = 2, 12 seeds would decide\n");
}

struct AnnotationCase {
  const char* name;
  const char* text;
  const char* as_property;
  const char* as_message;
};
void PrintTo(const AnnotationCase& c, std::ostream* out) { *out << c.name; }
class FindingAnnotationText : public testing::TestWithParam<AnnotationCase> {};

TEST_P(FindingAnnotationText, IsEscaped) {
  Finding finding;
  finding.outcome = Outcome::bad;
  finding.verdict = "missing";
  finding.cell = finding.reason = finding.file = GetParam().text;
  EXPECT_EQ(github_annotations(std::vector{finding}), "::error file=" + std::string(GetParam().as_property) +
                                                          ",title=" + GetParam().as_property + "::missing; " +
                                                          GetParam().as_message + "\n");
}

INSTANTIATE_TEST_SUITE_P(Hostile, FindingAnnotationText,
                         testing::Values(AnnotationCase{"percent", "5 %, %0A", "5 %25%2C %250A", "5 %25, %250A"},
                                         AnnotationCase{"command", "a::error::b", "a%3A%3Aerror%3A%3Ab", "a::error::b"},
                                         AnnotationCase{"lines", "a\n::error::b\r\nc",
                                                        "a\\x0a%3A%3Aerror%3A%3Ab\\x0d\\x0ac",
                                                        "a%0A::error::b\\x0d%0Ac"},
                                         AnnotationCase{"terminal", "\x1b[2J\xff", "\\x1b[2J\\xff", "\\x1b[2J\\xff"}),
                         [](const auto& test) { return test.param.name; });

TEST(FindingAnnotations, AreAtMostTenOfEach) {
  std::vector<Finding> findings(11, fails());
  findings.insert(findings.end(), 11, inconclusive());
  const std::string text = github_annotations(findings);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 20);
  EXPECT_EQ(github_annotations(std::vector{holds(), not_run()}), "");
}

}  // namespace
}  // namespace initsweep
