#include "initsweep/diagnostic.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace initsweep {
namespace {

TEST(Diagnostic, ShowsPlaceLineCaretAndNotes) {
  const Diagnostic diagnostic{Severity::error,
                              "experiments/depth.yaml",
                              {7, 17, 8},
                              "unknown initializer 'he_norml'",
                              "  initializer: [he_norml, glorot_uniform]",
                              {"did you mean 'he_normal'?"}};
  EXPECT_EQ(format(diagnostic),
            "experiments/depth.yaml:7:17: error: unknown initializer 'he_norml'\n"
            "    7 |   initializer: [he_norml, glorot_uniform]\n"
            "      |                 ^~~~~~~~\n"
            "  did you mean 'he_normal'?\n");
}

TEST(Diagnostic, WithoutALineNamesTheFileAlone) {
  EXPECT_EQ(format(Diagnostic{Severity::warning, "a.yaml", {}, "nothing here", "", {}}),
            "a.yaml: warning: nothing here\n");
}

TEST(Diagnostic, TheCaretStandsUnderItsCharacterBehindTabsAndUmlauts) {
  EXPECT_EQ(format(Diagnostic{Severity::error, "f", {1, 4, 1}, "m", "\tü x", {}}),
            "f:1:4: error: m\n"
            "    1 |  ü x\n"
            "      |    ^\n");
}

TEST(Diagnostic, ControlCharactersAndInvalidUtf8AreShownEscaped) {
  EXPECT_EQ(printable("a\x1b[31m\n"), "a\\x1b[31m\\x0a");
  EXPECT_EQ(printable("\xff\xc3\xa9"), "\\xff\xc3\xa9");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // a surrogate is not UTF-8
}

TEST(Diagnostic, LongLinesAreCutAroundTheCaret) {
  const std::string line = std::string(1000, 'a') + "!" + std::string(1000, 'b');
  const std::string text = format(Diagnostic{Severity::error, "f", {1, 1001, 1}, "m", line, {}});
  EXPECT_LT(text.size(), 400u);
  EXPECT_NE(text.find("a!b"), std::string::npos);
  // The caret stands in the column of the '!': both lines begin with the same margin.
  const std::size_t shown = text.find('\n') + 1;
  const std::size_t marks = text.find('\n', shown) + 1;
  const std::string shown_line = text.substr(shown, marks - shown);
  const std::size_t ellipsis_extra = 2;  // the ellipsis takes three bytes and one column
  EXPECT_EQ(shown_line.find('!') - ellipsis_extra, text.substr(marks).find('^'));
}

TEST(Diagnostic, NearestNameForgivesSlipsButNotOtherWords) {
  const std::array<std::string_view, 4> names = {"he_normal", "he_uniform", "glorot_normal", "relu"};
  EXPECT_EQ(nearest_name("he_norml", names), "he_normal");
  EXPECT_EQ(nearest_name("rleu", names), "relu");  // a swap counts once
  EXPECT_EQ(nearest_name("tanh", names), std::nullopt);
  EXPECT_EQ(nearest_name(std::string(100, 'x'), names), std::nullopt);
}

TEST(Diagnostic, ASpecErrorSaysAllOfThem) {
  const SpecError error(
      {{Severity::error, "f", {1, 1, 1}, "first", "", {}}, {Severity::error, "f", {2, 1, 1}, "second", "", {}}});
  EXPECT_STREQ(error.what(), "f:1:1: error: first\nf:2:1: error: second\n");
}

}  // namespace
}  // namespace initsweep
