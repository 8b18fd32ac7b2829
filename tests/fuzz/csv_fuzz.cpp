// The CSV reader: what it takes, written again, reads the same.
#include "fuzz.hpp"
#include "initsweep/csv.hpp"
#include "initsweep/diagnostic.hpp"

namespace {

using namespace initsweep;

std::string written(const CsvTable& table) {
  std::vector<Column> columns;
  for (const std::string& name : table.header) columns.push_back({name, ColumnType::text, ""});
  CsvText csv(columns);
  for (const std::vector<std::string>& row : table.rows) {
    for (const std::string& field : row) csv.text(field);
    csv.end_row();
  }
  return csv.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const CsvTable table = parse_csv(text, "in.csv");
    for (const std::vector<std::string>& row : table.rows)
      fuzz::require(row.size() == table.header.size(), "a row has as many fields as the header");
    const CsvTable again = parse_csv(written(table), "again.csv");
    fuzz::require(again.header == table.header && again.rows == table.rows, "what is written reads the same", text);
    for (std::size_t i = 0; i < table.header.size(); ++i)
      fuzz::require(table.header[table.column(table.header[i])] == table.header[i], "a column is found by its name");
    (void)table.column("no such column");
  } catch (const EnvironmentError& error) {
    fuzz::require_showable(error.what());
  } catch (const UsageError& error) {
    fuzz::require_showable(error.what());
  }
  return 0;
}
