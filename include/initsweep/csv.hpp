// CSV that pandas, R, DuckDB and Miller read without options: RFC 4180 with LF, a header always, no NaN and no INF.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace initsweep {

enum class ColumnType { text, integer, number, boolean };

// A column's name, type and meaning: the header, the tests and datapackage.json come from this.
struct Column {
  std::string name;
  ColumnType type = ColumnType::text;
  std::string description;
};

enum class Header { no, yes };

// Builds rows field by field; text is quoted where RFC 4180 asks for it, a number that is not finite is an empty field.
class CsvText {
 public:
  explicit CsvText(const std::vector<Column>& columns, Header header = Header::yes);
  CsvText& text(std::string_view value);
  CsvText& integer(std::int64_t value);
  CsvText& number(double value);
  CsvText& empty();
  void end_row();  // asserts that the row has as many fields as there are columns
  [[nodiscard]] const std::string& str() const { return text_; }
  // Hands over what has been built and goes on empty: for writing large tables in pieces.
  [[nodiscard]] std::string take();

 private:
  void separator();
  std::string text_;
  std::size_t n_columns_, field_ = 0;
};

// A CSV as read: every field as text.
struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  [[nodiscard]] std::size_t column(std::string_view name) const;  // throws UsageError naming the file's columns
};
// Throws EnvironmentError with file and line for what is not RFC 4180 or has another number of fields.
[[nodiscard]] CsvTable parse_csv(std::string_view text, std::string_view source);
[[nodiscard]] CsvTable read_csv(const std::filesystem::path& path);

}  // namespace initsweep
