// Small tables for people and programs: one set of rows, printed aligned, as CSV or as JSON.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>
#include "initsweep/csv.hpp"

namespace initsweep {

enum class TableFormat { table, csv, json };

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // text of each field; "" is missing
};

// table: aligned columns, numbers to the right, missing as "-"; csv: with header; json: an array of objects, numbers
// numeric and missing null. Ends with a newline.
[[nodiscard]] std::string format(const Table& table, TableFormat format);

// Columns a text takes on a terminal: code points, not bytes; escape sequences take none.
[[nodiscard]] std::size_t display_width(std::string_view text);

}  // namespace initsweep
