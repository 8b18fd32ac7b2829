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
  EXPECT_EQ(printable("\xe0\x80\xaf\xf4\x90\x80\x80"), "\\xe0\\x80\\xaf\\xf4\\x90\\x80\\x80");  // too long, too large
  EXPECT_EQ(printable("\xc2\x9b 2J\x7f"), "\\u009b 2J\\u007f");  // a terminal takes U+009B for ESC [
}

TEST(Diagnostic, CharactersThatHideOrTurnOthersAroundAreShownEscaped) {
  EXPECT_EQ(printable("a\u202egpj.exe\u2066\u200b\ufeff\u00ad\u2028"),
            "a\\u202egpj.exe\\u2066\\u200b\\ufeff\\u00ad\\u2028");
  EXPECT_EQ(printable("\U000e0041"), "\\udb40\\udc41");  // an unseen letter, as JSON writes it
  const std::string seen = "größe 层 e\u0301 😀 \\u202e";
  EXPECT_EQ(printable(seen), seen);
}

TEST(Diagnostic, SafeTextStaysAsItIsAndLinesStayLines) {
  EXPECT_EQ(printable_lines("a\nb\r\n\tc"), "a\nb\\x0d\n\\x09c");
  for (const std::string text : {"\x1b[2J", "\u202e", "\xff", "a\nb"}) {
    EXPECT_EQ(printable(printable(text)), printable(text));
    EXPECT_EQ(printable_lines(printable(text)), printable(text));
  }
}

TEST(Diagnostic, TheCaretStandsBehindEscapedCharacters) {
  EXPECT_EQ(format(Diagnostic{Severity::error, "f", {1, 4, 1}, "m", "\u202e\x1b\u009bx", {}}),
            "f:1:4: error: m\n"
            "    1 | \\u202e\\x1b\\u009bx\n"
            "      |                 ^\n");
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
