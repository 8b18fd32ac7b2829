#include "initsweep/csv.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const char* what, int error_number) {
  throw EnvironmentError(printable(path.string()) + ": error: " + what + ": " +
                         std::generic_category().message(error_number));
}

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // spreadsheets write it

// Spaces at the ends are quoted too: some readers strip them from bare fields. And a byte order mark: at the start of
// the file it would be taken for one.
bool needs_quotes(std::string_view text) {
  return text.starts_with(kByteOrderMark) || text.find_first_of(",\"\r\n") != std::string_view::npos ||
         text.starts_with(' ') || text.ends_with(' ');
}

// Reads one record after another. RFC 4180: fields are bare or quoted, a quote inside a quoted field is doubled, lines
// end in LF or CR LF, the last line may lack its end.
class CsvReader {
 public:
  CsvReader(std::string_view text, std::string_view source) : text_(text), source_(source) {}

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] int line() const { return line_; }

  std::vector<std::string> record() {
    std::vector<std::string> fields;
    do {
      fields.push_back(peek() == '"' ? quoted_field() : bare_field());
    } while (skip(','));
    if (!at_end() && !skip('\n')) fail_here("text after the closing quote of a field");
    ++line_;
    return fields;
  }

  [[noreturn]] void fail_at(int line, const std::string& what) const {
    throw EnvironmentError(printable(source_) + ':' + std::to_string(line) + ": error: " + what);
  }

 private:
  // The next character, a line end always as LF; NUL at the end.
  [[nodiscard]] char peek() const {
    if (at_end()) return '\0';
    return text_.substr(at_).starts_with("\r\n") ? '\n' : text_[at_];
  }
  bool skip(char expected) {
    if (at_end() || peek() != expected) return false;
    at_ += text_[at_] == '\r' && expected == '\n' ? 2 : 1;
    return true;
  }
  [[noreturn]] void fail_here(const std::string& what) const { fail_at(line_, what); }

  std::string bare_field() {
    const std::size_t start = at_;
    at_ = std::min(text_.find_first_of(",\"\r\n", at_), text_.size());
    if (peek() == '"') fail_here("a quote inside a field that is not quoted");
    if (peek() == '\r') fail_here("a carriage return without a line feed");
    return std::string(text_.substr(start, at_ - start));
  }

  std::string quoted_field() {
    const int opened = line_;
    std::string field;
    ++at_;
    while (true) {
      const std::size_t quote = text_.find('"', at_);
      if (quote == std::string_view::npos) fail_at(opened, "a quoted field opens here and never closes");
      const std::string_view piece = text_.substr(at_, quote - at_);
      line_ += static_cast<int>(std::count(piece.begin(), piece.end(), '\n'));
      field += piece;
      at_ = quote + 1;
      if (!skip('"')) return field;
      field += '"';
    }
  }

  std::string_view text_;
  std::string_view source_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

CsvText::CsvText(const std::vector<Column>& columns, Header header) : n_columns_(columns.size()) {
  if (header == Header::no) return;
  for (const Column& column : columns) text(column.name);
  end_row();
}

void CsvText::separator() {
  assert(field_ < n_columns_);
  if (field_ > 0) text_ += ',';
  ++field_;
}

CsvText& CsvText::text(std::string_view value) {
  separator();
  if (!needs_quotes(value)) {
    text_ += value;
    return *this;
  }
  text_ += '"';
  for (const char c : value) {
    if (c == '"') text_ += '"';
    text_ += c;
  }
  text_ += '"';
  return *this;
}

CsvText& CsvText::integer(std::int64_t value) {
  separator();
  text_ += std::to_string(value);
  return *this;
}

CsvText& CsvText::number(double value) {
  separator();
  text_ += float_text(value);
  return *this;
}

CsvText& CsvText::empty() {
  separator();
  return *this;
}

void CsvText::end_row() {
  assert(field_ == n_columns_);
  text_ += '\n';
  field_ = 0;
}

std::string CsvText::take() { return std::exchange(text_, {}); }

std::size_t CsvTable::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  const std::vector<std::string_view> names(header.begin(), header.end());
  throw UsageError("no column '" + printable(name) + "', expected one of: " + printable(joined(names)));
}

CsvTable parse_csv(std::string_view text, std::string_view source) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  CsvReader reader(text, source);
  if (reader.at_end()) throw EnvironmentError(printable(source) + ": error: is empty, expected a header line");
  CsvTable table;
  table.header = reader.record();
  while (!reader.at_end()) {
    const int line = reader.line();
    table.rows.push_back(reader.record());
    if (table.rows.back().size() != table.header.size())
      reader.fail_at(line, "expected " + std::to_string(table.header.size()) + " fields as in the header, found " +
                               std::to_string(table.rows.back().size()));
  }
  return table;
}

CsvTable read_csv(const fs::path& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), std::fclose);
  if (!file) fail(path, "cannot read", errno);
  std::string text;
  std::array<char, 1 << 16> piece;
  while (const std::size_t n = std::fread(piece.data(), 1, piece.size(), file.get())) text.append(piece.data(), n);
  if (std::ferror(file.get()) != 0) fail(path, "cannot read", errno);
  return parse_csv(text, path.string());
}

}  // namespace initsweep
