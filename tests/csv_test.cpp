#include "initsweep/csv.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "initsweep/diagnostic.hpp"
#include "temporary_folder.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

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

// At the start of a file it would be taken for one, and be gone.
TEST(Csv, AByteOrderMarkInAFieldComesBack) {
  CsvText csv({{"\xEF\xBB\xBFname", ColumnType::text, ""}});
  csv.text("\xEF\xBB\xBF").end_row();
  const CsvTable table = parse_csv(csv.str(), "t.csv");
  EXPECT_EQ(table.header[0], "\xEF\xBB\xBFname");
  EXPECT_EQ(table.rows[0][0], "\xEF\xBB\xBF");
}

}  // namespace
}  // namespace initsweep
