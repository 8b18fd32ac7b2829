#include "initsweep/table.hpp"

#include <algorithm>
#include <cassert>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"

namespace initsweep {
namespace {

bool is_numeric(ColumnType type) { return type == ColumnType::integer || type == ColumnType::number; }

std::string_view shown(const std::string& field) { return field.empty() ? std::string_view("-") : field; }

// A cell is a field on one line, whatever a sweep file puts there. (JSON has escapes of its own.)
Table with_safe_cells(Table table) {
  for (auto& row : table.rows)
    for (std::string& field : row) field = printable(field);
  return table;
}

std::string aligned(const Table& table) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    widths.push_back(display_width(table.columns[c].name));
    for (const auto& row : table.rows) widths[c] = std::max(widths[c], display_width(shown(row[c])));
  }
  std::string text;
  const auto add = [&](std::size_t c, std::string_view field) {
    const std::string padding(widths[c] - display_width(field), ' ');
    if (c > 0) text += "  ";
    if (is_numeric(table.columns[c].type)) text += padding;
    text += field;
    if (c + 1 == widths.size())
      text += '\n';
    else if (!is_numeric(table.columns[c].type))
      text += padding;
  };
  for (std::size_t c = 0; c < widths.size(); ++c) add(c, table.columns[c].name);
  for (const auto& row : table.rows)
    for (std::size_t c = 0; c < widths.size(); ++c) add(c, shown(row[c]));
  return text;
}

std::string csv_text(const Table& table) {
  CsvText csv(table.columns);
  for (const auto& row : table.rows) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::optional<double> number =
          table.columns[c].type == ColumnType::number ? parse_float(row[c]) : std::nullopt;
      if (number)
        csv.number(*number);
      else
        csv.text(row[c]);
    }
    csv.end_row();
  }
  return csv.take();
}

nlohmann::ordered_json json_value(const std::string& field, ColumnType type) {
  if (field.empty()) return nullptr;
  switch (type) {
    case ColumnType::text: break;
    case ColumnType::integer:
      if (const auto value = parse_integer(field)) return *value;
      break;
    case ColumnType::number:
      if (const auto value = parse_float(field)) return *value;
      break;
    case ColumnType::boolean:
      if (field == "true" || field == "false") return field == "true";
      break;
  }
  return field;
}

std::string json_text(const Table& table) {
  nlohmann::ordered_json array = nlohmann::ordered_json::array();
  for (const auto& row : table.rows) {
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    for (std::size_t c = 0; c < row.size(); ++c)
      object[table.columns[c].name] = json_value(row[c], table.columns[c].type);
    array.push_back(std::move(object));
  }
  return array.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace

std::string format(const Table& table, TableFormat format) {
  assert(!table.columns.empty() && std::all_of(table.rows.begin(), table.rows.end(),
                                               [&](const auto& row) { return row.size() == table.columns.size(); }));
  switch (format) {
    case TableFormat::table: return aligned(with_safe_cells(table));
    case TableFormat::csv: return csv_text(with_safe_cells(table));
    case TableFormat::json: return json_text(table);
  }
  return {};
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("\x1b[")) {
      // Parameters, then one final byte from '@' to '~' (ECMA-48, 5.4).
      i += 2;
      while (i < text.size() && (text[i] < '@' || text[i] > '~')) ++i;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {  // not a continuation byte of UTF-8
      ++width;
    }
  }
  return width;
}

}  // namespace initsweep
