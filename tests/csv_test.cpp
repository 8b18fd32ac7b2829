#include "initsweep/csv.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmath>
#include <csignal>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "initsweep/diagnostic.hpp"
#include "temporary_folder.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

const std::vector<Column> kColumns = {
    {"name", ColumnType::text, ""}, {"seed", ColumnType::integer, ""}, {"loss", ColumnType::number, ""}};

TEST(CsvText, WritesHeaderAndRowsWithLineFeeds) {
  CsvText csv(kColumns);
  csv.text("he_normal").integer(-3).number(0.1).end_row();
  csv.empty().integer(std::numeric_limits<std::int64_t>::max()).number(1).end_row();
  EXPECT_EQ(csv.str(), "name,seed,loss\nhe_normal,-3,0.1\n,9223372036854775807,1.0\n");
}

TEST(CsvText, NumbersThatAreNotFiniteAreEmpty) {
  CsvText csv(kColumns);
  csv.text("a").integer(0).number(std::nan("")).end_row();
  csv.text("b").integer(0).number(-std::numeric_limits<double>::infinity()).end_row();
  EXPECT_EQ(csv.str(), "name,seed,loss\na,0,\nb,0,\n");
}

TEST(CsvText, QuotesWhatRfc4180Asks) {
  CsvText csv({{"a", ColumnType::text, ""}, {"b,c", ColumnType::text, ""}});
  csv.text("plain text").text("comma,").end_row();
  csv.text("say \"hi\"").text("two\nlines").end_row();
  csv.text("carriage\rreturn").text(" space before").end_row();
  csv.text("space after ").text("normal(mean=0;stddev=0.01)").end_row();
  EXPECT_EQ(csv.str(),
            "a,\"b,c\"\n"
            "plain text,\"comma,\"\n"
            "\"say \"\"hi\"\"\",\"two\nlines\"\n"
            "\"carriage\rreturn\",\" space before\"\n"
            "\"space after \",normal(mean=0;stddev=0.01)\n");
}

TEST(CsvText, TakenInPiecesItIsTheSameText) {
  CsvText csv(kColumns);
  std::string pieces = csv.take();
  EXPECT_EQ(csv.str(), "");
  csv.text("a").integer(1).number(2.5).end_row();
  pieces += csv.take();
  EXPECT_EQ(pieces, "name,seed,loss\na,1,2.5\n");
}

TEST(ParseCsv, ReadsBackWhatCsvTextWrote) {
  const std::vector<std::string> nasty = {"",           "a,b",          "\"",      "\"\"",
                                          "line\nline", "cr\r\nlf",     " lead",   "trail ",
                                          "\n",         "\r",           ",",       "\"quoted\", and more",
                                          "naïve",      "\xE2\x82\xAC", "a\"b\"c", "plain"};
  CsvText csv({{"first", ColumnType::text, ""}, {"second\n\"column\"", ColumnType::text, ""}});
  for (std::size_t i = 0; i < nasty.size(); ++i) csv.text(nasty[i]).text(nasty[nasty.size() - 1 - i]).end_row();
  const CsvTable table = parse_csv(csv.str(), "nasty.csv");
  EXPECT_EQ(table.header, (std::vector<std::string>{"first", "second\n\"column\""}));
  ASSERT_EQ(table.rows.size(), nasty.size());
  for (std::size_t i = 0; i < nasty.size(); ++i)
    EXPECT_EQ(table.rows[i], (std::vector<std::string>{nasty[i], nasty[nasty.size() - 1 - i]}));
}

TEST(ParseCsv, TakesOtherLineEndsAndAByteOrderMark) {
  const CsvTable table = parse_csv(
      "\xEF\xBB\xBF"
      "a,b\r\n1,\"x\"\r\n,2",
      "windows.csv");
  EXPECT_EQ(table.header, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(table.rows, (std::vector<std::vector<std::string>>{{"1", "x"}, {"", "2"}}));
}

struct BadCsv {
  const char* name;
  const char* text;
  const char* expected;
};

class BadCsvText : public testing::TestWithParam<BadCsv> {};

TEST_P(BadCsvText, GetsItsMessageWithTheLine) {
  EXPECT_EQ(message_of<EnvironmentError>([] { (void)parse_csv(GetParam().text, "jobs.csv"); }), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    ParseCsv, BadCsvText,
    testing::Values(
        BadCsv{"empty", "", "jobs.csv: error: is empty, expected a header line"},
        BadCsv{"too_few_fields", "a,b\n1,2\n3\n", "jobs.csv:3: error: expected 2 fields as in the header, found 1"},
        BadCsv{"too_many_fields", "a,b\n1,2,3\n", "jobs.csv:2: error: expected 2 fields as in the header, found 3"},
        BadCsv{"blank_line", "a,b\n\n1,2\n", "jobs.csv:2: error: expected 2 fields as in the header, found 1"},
        BadCsv{"lines_inside_quotes_count", "a,b\n\"1\n\n\",2\n3\n",
               "jobs.csv:5: error: expected 2 fields as in the header, found 1"},
        BadCsv{"quote_never_closed", "a,b\n1,\"two\nthree\n",
               "jobs.csv:2: error: a quoted field opens here and never closes"},
        BadCsv{"quote_in_bare_field", "a,b\n1,2\"\n", "jobs.csv:2: error: a quote inside a field that is not quoted"},
        BadCsv{"text_after_quote", "a,b\n\"1\"2,3\n", "jobs.csv:2: error: text after the closing quote of a field"},
        BadCsv{"lone_carriage_return", "a,b\r1,2\r", "jobs.csv:1: error: a carriage return without a line feed"}),
    [](const auto& test) { return test.param.name; });

TEST(CsvTable, UnknownColumnTellsTheOnesThereAre) {
  const CsvTable table = parse_csv("job_id,seed\n", "jobs.csv");
  EXPECT_EQ(table.column("seed"), 1U);
  EXPECT_EQ(message_of<UsageError>([&] { (void)table.column("sead"); }),
            "no column 'sead', expected one of: job_id, seed");
}

TEST(ReadCsv, ReadsAFile) {
  const TemporaryFolder folder;
  write_file(folder / "a.csv", "a\n1\n2\n");
  EXPECT_EQ(read_csv(folder / "a.csv").rows.size(), 2U);
}

TEST(ReadCsv, TellsTheSystemsReason) {
  const TemporaryFolder folder;
  EXPECT_EQ(message_of<EnvironmentError>([&] { (void)read_csv(folder / "a.csv"); }),
            (folder / "a.csv") + ": error: cannot read: No such file or directory");
  EXPECT_EQ(message_of<EnvironmentError>([&] { (void)read_csv(folder.path()); }),
            folder.path().string() + ": error: cannot read: Is a directory");
}

TEST(ReplacedFile, ReplacesOnlyAtCommit) {
  const TemporaryFolder folder;
  write_file(folder / "a.csv", "old");
  ReplacedFile file(folder / "a.csv");
  file.write("new ");
  EXPECT_EQ(file_bytes(folder / "a.csv"), "old");
  file.write("text");
  EXPECT_EQ(file_bytes(folder / "a.csv"), "old");
  file.commit();
  EXPECT_EQ(file_bytes(folder / "a.csv"), "new text");
  EXPECT_EQ(folder.names(), Names{"a.csv"});
}

TEST(ReplacedFile, WithoutCommitLeavesNothingBehind) {
  const TemporaryFolder folder;
  {
    ReplacedFile file(folder / "a.csv");
    file.write("half");
    EXPECT_EQ(folder.names().count("a.csv"), 0U);
  }
  EXPECT_EQ(folder.names(), Names{});
}

TEST(ReplacedFile, TwoAtOnceDoNotMix) {
  const TemporaryFolder folder;
  ReplacedFile first(folder / "a.csv");
  ReplacedFile second(folder / "a.csv");
  first.write("first");
  second.write("second");
  second.commit();
  EXPECT_EQ(file_bytes(folder / "a.csv"), "second");
  first.commit();
  EXPECT_EQ(file_bytes(folder / "a.csv"), "first");
  EXPECT_EQ(folder.names(), Names{"a.csv"});
}

TEST(ReplacedFile, IsReadableAsTheUmaskAllows) {
  const TemporaryFolder folder;
  const mode_t before = ::umask(027);
  ReplacedFile file(folder / "a.csv");
  ::umask(before);
  file.commit();
  struct stat status {};
  ASSERT_EQ(::stat((folder / "a.csv").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST(ReplacedFile, ARelativeNameIsBesideUs) {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  ReplacedFile file("a.csv");
  file.write("text");
  file.commit();
  fs::current_path(before);
  EXPECT_EQ(file_bytes(folder / "a.csv"), "text");
}

TEST(ReplacedFile, ANameThatIsAFolderIsRefusedAtOnce) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "a.csv");
  EXPECT_EQ(message_of<EnvironmentError>([&] { ReplacedFile file(folder / "a.csv"); }),
            (folder / "a.csv") + ": error: cannot write: Is a directory");
  EXPECT_EQ(folder.names(), Names{"a.csv"});
}

TEST(ReplacedFile, AFolderThatAppearsMeanwhileIsRefusedAtCommit) {
  const TemporaryFolder folder;
  {
    ReplacedFile file(folder / "a.csv");
    fs::create_directory(folder / "a.csv");
    EXPECT_EQ(message_of<EnvironmentError>([&] { file.commit(); }),
              (folder / "a.csv") + ": error: cannot write: Is a directory");
  }
  EXPECT_EQ(folder.names(), Names{"a.csv"});
}

TEST(ReplacedFile, AMissingFolderIsTold) {
  const TemporaryFolder folder;
  EXPECT_EQ(message_of<EnvironmentError>([&] { ReplacedFile file(folder / "none/a.csv"); }),
            (folder / "none/a.csv") + ": error: cannot write: No such file or directory");
}

// A limit on file sizes stands in for a full disk: the write fails in its midst, root or not.
TEST(ReplacedFile, AFailedWriteKeepsTheOldFile) {
  const TemporaryFolder folder;
  write_file(folder / "a.csv", "old");
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const struct rlimit limit { .rlim_cur = 1000, .rlim_max = before.rlim_max };
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::string message;
  {
    ReplacedFile file(folder / "a.csv");
    message = message_of<EnvironmentError>([&] { file.write(std::string(2000, 'x')); });
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(message, (folder / "a.csv") + ": error: cannot write: File too large");
  EXPECT_EQ(file_bytes(folder / "a.csv"), "old");
  EXPECT_EQ(folder.names(), Names{"a.csv"});
}

}  // namespace
}  // namespace initsweep
