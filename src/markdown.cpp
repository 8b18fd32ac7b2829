#include <algorithm>
#include <cstddef>
#include <utility>

#include "finding_text.hpp"
#include "initsweep/finding.hpp"

namespace initsweep {
namespace {

// Text from outside as inline markdown that shows as that text. A character reference never means markup (CommonMark
// 0.31, 2.5), not even to the splitting of a table's row. '_' inside a word means nothing either (6.2), and keeps
// test_accuracy readable in the source. GitHub and GitLab look for @name in what was rendered, where an empty comment
// has parted the two.
std::string markdown(std::string_view text) {
  const std::string safe = printable(text);
  const auto is_word = [&](std::size_t i) {
    return i < safe.size() && ((safe[i] >= 'a' && safe[i] <= 'z') || (safe[i] >= 'A' && safe[i] <= 'Z') ||
                               (safe[i] >= '0' && safe[i] <= '9') || safe[i] == '_');
  };
  std::string result;
  for (std::size_t i = 0; i < safe.size(); ++i) {
    const char c = safe[i];
    const bool is_inside_word = c == '_' && i > 0 && is_word(i - 1) && is_word(i + 1);
    if (c == '@')
      result += "@<!-- -->";
    else if (std::string_view("&<>|`\\*_[]~#!$").find(c) != std::string_view::npos && !is_inside_word)
      result += "&#" + std::to_string(static_cast<int>(c)) + ';';
    else
      result += c;
  }
  return result;
}

// Names as code: in a code span where nothing in them can end it or the field.
std::string markdown_code(std::string_view text) {
  const std::string safe = printable(text);
  if (safe.find_first_of("`|\\") == std::string::npos && safe.find_first_not_of(' ') != std::string::npos)
    return '`' + safe + '`';
  return "<code>" + markdown(safe) + "</code>";
}

std::string markdown_field(const Column& column, const std::string& field) {
  if (field.empty()) return {};
  return column.name == "cell" || column.name == "quantity" ? markdown_code(field) : markdown(field);
}

std::string markdown_row(const std::vector<std::string>& fields) {
  std::string text = "|";
  for (const std::string& field : fields) text += ' ' + field + " |";
  return text + '\n';
}

std::string markdown_table(const Table& table) {
  std::vector<std::string> names, marks;
  for (const Column& column : table.columns) {
    names.push_back(column.name);
    marks.emplace_back(column.type == ColumnType::text ? "---" : "---:");
  }
  std::string text = markdown_row(names) + markdown_row(marks);
  for (const auto& row : table.rows) {
    std::vector<std::string> cells;
    for (std::size_t c = 0; c < row.size(); ++c) cells.push_back(markdown_field(table.columns[c], row[c]));
    text += markdown_row(cells);
  }
  return text;
}

}  // namespace

std::string markdown_text(std::span<const Finding> findings, std::string_view name) {
  constexpr std::size_t kMostRows = 50;
  std::vector<Finding> rest;
  std::vector<Finding> shown;
  std::size_t n_hidden = 0;
  for (const Finding& finding : findings) {
    if (finding.outcome == Outcome::good)
      rest.push_back(finding);
    else if (shown.size() < kMostRows)
      shown.push_back(finding);
    else
      ++n_hidden;
  }
  std::string text = "### " + markdown(name.empty() ? "initsweep" : name) + ": " + std::string(answer_text(findings));
  if (!findings.empty()) text += " (" + markdown(tally_text(findings)) + ')';
  text += '\n';
  if (!shown.empty()) text += '\n' + markdown_table(findings_table(shown, /*exact=*/false));
  if (n_hidden > 0) text += "\nAnd " + std::to_string(n_hidden) + " more that did not pass.\n";
  if (!shown.empty() && !rest.empty()) text += "\nThe rest: " + markdown(tally_text(rest)) + ".\n";
  return text;
}

}  // namespace initsweep
