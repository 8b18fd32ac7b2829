#include "initsweep/table.hpp"

#include <gtest/gtest.h>

namespace initsweep {
namespace {

const Table kTable = {.columns = {{"initializer", ColumnType::text, ""},
                                  {"depth", ColumnType::integer, ""},
                                  {"accuracy", ColumnType::number, ""},
                                  {"shuffle", ColumnType::boolean, ""},
                                  {"note", ColumnType::text, ""}},
                      .rows = {{"he_normal", "2", "0.9412", "true", "a, \"b\""},
                               {"glorot_normal", "10", "", "false", ""},
                               {"ορθός", "7", "0.5", "", "x"}}};

TEST(Table, AlignsTextLeftAndNumbersRight) {
  EXPECT_EQ(format(kTable, TableFormat::table),
            "initializer    depth  accuracy  shuffle  note\n"
            "he_normal          2    0.9412  true     a, \"b\"\n"
            "glorot_normal     10         -  false    -\n"
            "ορθός              7       0.5  -        x\n");
}

TEST(Table, ACellIsOneLineAndCommandsNoTerminal) {
  const Table table = {.columns = {{"dataset", ColumnType::text, ""}, {"n", ColumnType::integer, ""}},
                       .rows = {{"idx:\x1b[2J\n\u202e", "1"}, {"mnist", "22"}}};
  EXPECT_EQ(format(table, TableFormat::table),
            "dataset                 n\n"
            "idx:\\x1b[2J\\x0a\\u202e   1\n"
            "mnist                  22\n");
  EXPECT_EQ(format(table, TableFormat::csv),
            "dataset,n\n"
            "idx:\\x1b[2J\\x0a\\u202e,1\n"
            "mnist,22\n");
  EXPECT_NE(format(table, TableFormat::json).find("\"idx:\\u001b[2J\\n\u202e\""), std::string::npos);
}

TEST(Table, CsvHasHeaderQuotesAndEmptyFields) {
  EXPECT_EQ(format(kTable, TableFormat::csv),
            "initializer,depth,accuracy,shuffle,note\n"
            "he_normal,2,0.9412,true,\"a, \"\"b\"\"\"\n"
            "glorot_normal,10,,false,\n"
            "ορθός,7,0.5,,x\n");
}

TEST(Table, JsonHasTypesAndKeepsTheOrderOfColumns) {
  EXPECT_EQ(format(kTable, TableFormat::json), R"([
  {
    "initializer": "he_normal",
    "depth": 2,
    "accuracy": 0.9412,
    "shuffle": true,
    "note": "a, \"b\""
  },
  {
    "initializer": "glorot_normal",
    "depth": 10,
    "accuracy": null,
    "shuffle": false,
    "note": null
  },
  {
    "initializer": "ορθός",
    "depth": 7,
    "accuracy": 0.5,
    "shuffle": null,
    "note": "x"
  }
]
)");
}

TEST(Table, JsonKeepsTextThatIsNoNumber) {
  const Table table = {.columns = {{"width", ColumnType::integer, ""}, {"flag", ColumnType::boolean, ""}},
                       .rows = {{"300x100", "perhaps"}}};
  EXPECT_EQ(format(table, TableFormat::json),
            "[\n  {\n    \"width\": \"300x100\",\n    \"flag\": \"perhaps\"\n  }\n]\n");
}

TEST(Table, JsonReplacesInvalidUtf8) {
  const Table table = {.columns = {{"path", ColumnType::text, ""}}, .rows = {{"a\xFF"}}};
  EXPECT_EQ(format(table, TableFormat::json), "[\n  {\n    \"path\": \"a\xEF\xBF\xBD\"\n  }\n]\n");
}

TEST(Table, WithoutRowsKeepsItsHeader) {
  const Table table = {.columns = kTable.columns, .rows = {}};
  EXPECT_EQ(format(table, TableFormat::table), "initializer  depth  accuracy  shuffle  note\n");
  EXPECT_EQ(format(table, TableFormat::csv), "initializer,depth,accuracy,shuffle,note\n");
  EXPECT_EQ(format(table, TableFormat::json), "[]\n");
}

TEST(DisplayWidth, CountsCodePointsOutsideEscapes) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("σ²≈½▁▂█"), 7U);
  EXPECT_EQ(display_width("\x1b[38;5;196mred\x1b[0m"), 3U);
  EXPECT_EQ(display_width("cut off \x1b[38"), 8U);
}

}  // namespace
}  // namespace initsweep
