#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "initsweep/spec.hpp"
#include "sweep_text.hpp"

namespace initsweep {
namespace {

const BadInput kBadYaml[] = {
    {"SecondDocument", "version: 1\nname: a\n---\nversion: 1\n",
     R"(s.yaml:3:1: error: a second document starts here; a sweep file has one
    3 | ---
      | ^
)"},
    {"Tab", "version: 1\n	name: a\n",
     R"(s.yaml:2:1: error: a tab stands in the indentation; indent with spaces
    2 |  name: a
      | ^
)"},
    {"OpenQuote", "version: 1\nname: a\ndescription: \"never closed\nseeds: 3\n",
     R"(s.yaml:3:14: error: this text is not closed: its second quote is missing
    3 | description: "never closed
      |              ^
)"},
    {"OpenList", "version: 1\nname: a\nseeds: [1, 2\n",
     R"(s.yaml:3:8: error: this bracket is not closed
    3 | seeds: [1, 2
      |        ^
)"},
    {"OpenMap", "version: 1\nname: a\nlimits: {memory: 1GiB\nseeds: 3\n",
     R"(s.yaml:3:9: error: this bracket is not closed
    3 | limits: {memory: 1GiB
      |         ^
)"},
    {"TwoColons", "settings: depth: 3\n",
     R"(s.yaml:1:16: error: a ':' has no place here; check the indentation, and quote a text that contains ': '
    1 | settings: depth: 3
      |                ^
)"},
    {"Indentation", "settings:\n  depth: 2\n epochs: 3\n",
     R"(s.yaml:3:2: error: this does not continue the map above; check indentation, quotes and brackets
    3 |  epochs: 3
      |  ^
)"},
    {"Alias", "name: *x\n",
     R"(s.yaml:1:7: error: this alias names nothing; its anchor (&) stands nowhere above
    1 | name: *x
      |       ^
)"},
    {"AliasOfItself", "name: &x [*x]\n",
     R"(s.yaml:1:11: error: this alias stands inside what it names
    1 | name: &x [*x]
      |           ^
)"},
    {"At", "name: @x\n",
     R"(s.yaml:1:7: error: a value cannot start with this character; quote it
    1 | name: @x
      |       ^
)"},
    {"ClosingBracket", "seeds: ]\n",
     R"(s.yaml:1:8: error: this bracket closes nothing
    1 | seeds: ]
      |        ^
)"},
    {"Dash", "seeds: - 1\n",
     R"(s.yaml:1:8: error: a list entry ('- ') has no place here; it stands on a line of its own
    1 | seeds: - 1
      |        ^
)"},
    {"Escape", "name: \"\\q\"\n",
     R"(s.yaml:1:10: error: not YAML: unknown escape character: q
    1 | name: "\q"
      |          ^
)"},
    {"MergeKey", "version: 1\nname: a\nsettings: {<<: {depth: 2}}\n",
     R"(s.yaml:3:12: error: merge keys ('<<') are not read; write the settings out
    3 | settings: {<<: {depth: 2}}
      |            ^~
)"},
    {"Tag", "version: 1\nname: !!str a\n",
     R"(s.yaml:2:7: error: tags are not read; leave out '!!str'
    2 | name: !!str a
      |       ^~~~~
)"},
    {"Umlauts", "version: 1\nname: a\nsettings: {\"ä\": 1, depth: 0}\n",
     R"(s.yaml:3:12: error: unknown setting 'ä'
    3 | settings: {"ä": 1, depth: 0}
      |            ^~~
  expected one of: $SETTINGS
s.yaml:3:27: error: depth must be at least 1, got 0
    3 | settings: {"ä": 1, depth: 0}
      |                           ^
)"},
    {"AliasOnce", "version: 1\nname: a\nsettings: &s {depth: 0}\ninclude: [*s, *s]\n",
     R"(s.yaml:3:22: error: depth must be at least 1, got 0
    3 | settings: &s {depth: 0}
      |                      ^
)"},
};
class BadYaml : public testing::TestWithParam<BadInput> {};
TEST_P(BadYaml, SaysWhereAndWhatToDo) {
  EXPECT_EQ(problems_of_text(GetParam().body), whole_message(GetParam().message));
}
INSTANTIATE_TEST_SUITE_P(Spec, BadYaml, testing::ValuesIn(kBadYaml), name_of);

std::string repeated(std::string_view text, std::size_t n) {
  std::string result;
  for (std::size_t i = 0; i < n; ++i) result += text;
  return result;
}
// The first line of the message, which is enough where the line it quotes is long.
std::string first_line_of(const std::string& text) { return text.substr(0, text.find('\n')); }

TEST(YamlTree, WindowsTextIsRead) {
  const SweepSpec spec = parse_spec("\xEF\xBB\xBFversion: 1\r\nname: a\r\nsettings:\r\n  depth: 3\r\n", "s.yaml");
  EXPECT_EQ(spec.name, "a");
  EXPECT_EQ(spec.settings.at(0).where, (SourceLocation{4, 10, 1}));
  EXPECT_EQ(problems_of_text("\xEF\xBB\xBFversion: 1\r\nname: a\r\nseeds: 0\r\n"),
            "s.yaml:3:8: error: seeds must be at least 1, got 0\n    3 | seeds: 0\n      |        ^\n");
}

TEST(YamlTree, ColumnsCountCharacters) {
  EXPECT_EQ(problems_of("settings: {dataset: \"idx:größe\", depth: 0}"),
            "s.yaml:3:41: error: depth must be at least 1, got 0\n"
            "    3 | settings: {dataset: \"idx:größe\", depth: 0}\n"
            "      |                                         ^\n");
}

TEST(YamlTree, AliasesAreExpanded) {
  const SweepSpec spec =
      parsed("settings: {width: &w [3, 4]}\ngrid: {depth: &d [2, 3], zip: {epochs: *d, batch_size: *d}}");
  EXPECT_EQ(spec.blocks.at(0).at(1).values.at(1).at(1).value, SettingValue(std::int64_t{3}));
}

TEST(YamlTree, DirectivesAndDocumentMarksAreFine) {
  EXPECT_EQ(problems_of_text("%YAML 1.2\n---\nversion: 1\nname: a\n...\n"), "");
}

TEST(YamlTree, WhatIsNoTextIsRefused) {
  using namespace std::string_literals;
  EXPECT_EQ(problems_of_text("version: 1\0\n"s),
            "s.yaml:1:11: error: a NUL byte; a sweep file is text\n    1 | version: 1\\x00\n      |           ^\n");
  EXPECT_EQ(problems_of_text("name: \xFF\n"),
            "s.yaml:1:7: error: this is not UTF-8 text; save the file as UTF-8\n    1 | name: \\xff\n"
            "      |       ^\n");
  EXPECT_EQ(problems_of_text("name: \x07\n"),
            "s.yaml:1:7: error: a control character; a sweep file is text\n    1 | name: \\x07\n      |       ^\n");
  EXPECT_EQ(problems_of_text("\xFF\xFEv\0e\0"s), "s.yaml: error: the file is UTF-16; save it as UTF-8\n");
}

// Each of these takes minutes or gigabytes where nothing holds it; here a fraction of a second. A tree has at most
// 200 000 nodes, those kept for an alias counted too: a(n) = 1 + 9 a(n - 1) makes 149 461 by line 5, and one more a4
// has 66 430. A text counts one more for each 100 bytes, so 901 here, twice for itself and 220 times for its aliases.
TEST(YamlTree, BombsAreRefused) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + repeated(", " + before, 8) + "]\n";
  }
  EXPECT_EQ(first_line_of(problems_of_text(bomb)),
            "s.yaml:6:10: error: this is more than a sweep file can hold (do aliases multiply it?)");
  const std::string long_text = "a: &a " + std::string(90'000, 'x') + "\n";
  EXPECT_EQ(first_line_of(problems_of_text(long_text + repeated("- *a\n", 1000))),
            "s.yaml:2:1: error: this does not continue the map above; check indentation, quotes and brackets");
  EXPECT_EQ(first_line_of(problems_of_text(long_text + "b:\n" + repeated("- *a\n", 1000))),
            "s.yaml:222:3: error: this is more than a sweep file can hold (do aliases multiply it?)");
}

TEST(YamlTree, DeepNestingIsRefused) {
  EXPECT_EQ(first_line_of(problems_of_text("a: " + repeated("[", 1000) + repeated("]", 1000))),
            "s.yaml:1:67: error: lists and maps are nested more than 64 deep");
  EXPECT_EQ(first_line_of(problems_of_text(repeated("- ", 1000))),
            "s.yaml:1:129: error: lists and maps are nested more than 64 deep");
  EXPECT_EQ(first_line_of(problems_of_text(repeated("[\n", 300'000))),
            "s.yaml:10001:1: error: far more brackets are opened than closed");
}

TEST(YamlTree, LongTextsAreRefused) {
  EXPECT_EQ(problems_of_text("a: " + std::string(10 << 20, 'x')),
            "s.yaml: error: the file is too long; a sweep file has at most 1048576 bytes\n");
  EXPECT_EQ(first_line_of(problems_of_text("a: " + std::string(200'000, 'x'))),
            "s.yaml:1:100001: error: a line has at most 100000 bytes; break it here or before");
}

TEST(YamlTree, ThousandsOfProblemsAreCounted) {
  const std::string text = problems_of("include:\n" + repeated("- {dpth: 1}\n", 20'000));
  EXPECT_EQ(first_line_of(text), "s.yaml:4:4: error: unknown setting 'dpth'");
  EXPECT_TRUE(text.ends_with("s.yaml: error: 19900 more problems are not shown\n"));
}

}  // namespace
}  // namespace initsweep
