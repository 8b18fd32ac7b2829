#include "shell_words.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>
#include "subprocess.hpp"
#include "temporary_folder.hpp"

namespace initsweep {
namespace {

// What a shell makes of a line of words, each followed by a NUL byte.
std::string as_read_by(const char* shell, const std::string& line) {
  const TemporaryFolder folder;
  write_file(folder / "script", "printf '%s\\000' " + line + "\n");
  run_program({shell, folder / "script"}, folder.path(), folder / "log");
  return file_bytes(folder / "log");
}

// Every byte that a word can hold, and what shells take for their own.
std::vector<std::string> awkward_words() {
  std::vector<std::string> words = {
      "",  "plain", "grid.depth=[2,5]", "two words", "it's", "$HOME", "`id`", "a\\b", "\"", "#no",
      "~", "*",     "{from: 3}; :",     "é漢",       "-n",   "a=b c", "!!"};
  for (int byte = 1; byte < 256; ++byte) words.push_back("a" + std::string(1, static_cast<char>(byte)) + "7");
  return words;
}

TEST(ShellWords, PlainWordsStayAsTheyAre) {
  EXPECT_EQ(quoted_for_shell("results/a_b-1.0=x:y,z+@%"), "results/a_b-1.0=x:y,z+@%");
  EXPECT_EQ(quoted_for_shell(""), "''");
  EXPECT_EQ(quoted_for_shell("it's"), "'it'\\''s'");
  EXPECT_EQ(quoted_for_shell("\033[2J"), "$'\\033[2J'");
  EXPECT_EQ(quoted_for_script("a\nb"), "'a\nb'");
}

TEST(ShellWords, AnyShellReadsTheWordsOfAScriptBack) {
  std::string line, expected;
  for (const std::string& word : awkward_words()) {
    line += quoted_for_script(word) + " ";
    expected += word + '\0';
  }
  EXPECT_EQ(as_read_by("sh", line), expected);
}

TEST(ShellWords, BashReadsTheWordsOfALineBack) {
  std::string line, expected;
  for (const std::string& word : awkward_words()) {
    line += quoted_for_shell(word) + " ";
    expected += word + '\0';
  }
  EXPECT_EQ(line.find_first_of("\n\r\t\033"), std::string::npos);
  EXPECT_EQ(as_read_by("bash", line), expected);
}

}  // namespace
}  // namespace initsweep
