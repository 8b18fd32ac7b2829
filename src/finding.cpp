#include "initsweep/finding.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>

#include "finding_text.hpp"
#include "initsweep/number.hpp"

namespace initsweep {
namespace {

std::string count_text(int count) { return count == 0 ? std::string() : std::to_string(count); }

// "value 0.88, reference 0.91, effect -0.03, ...", of what there is.
std::string number_line(const Finding& f) {
  std::string line;
  const auto add = [&](std::string_view before, const std::string& text, std::string_view after = "") {
    if (text.empty()) return;
    if (!line.empty()) line += ", ";
    line.append(before).append(text).append(after);
  };
  add("value ", brief_text(f.now));
  add("published ", brief_text(f.published));
  add("reference ", brief_text(f.before));
  if (f.effect != f.now) add("effect ", brief_text(f.effect));  // else the value itself is judged
  add("lower bound ", brief_text(f.low));
  add("upper bound ", brief_text(f.high));
  add("expected ", f.expected);
  add("p = ", brief_text(f.p_value));
  add("n = ", count_text(f.n));
  add("", count_text(f.seeds_needed), " seeds would decide");
  return line;
}

// What people need not see. The verdict stays, so that there is always a column.
bool is_left_out(const Table& table, std::size_t column) {
  const std::string& name = table.columns[column].name;
  if (name == "verdict") return false;
  return name == "cell_id" ||
         std::all_of(table.rows.begin(), table.rows.end(), [&](const auto& row) { return row[column].empty(); });
}

Table without_what_is_left_out(const Table& table) {
  Table kept{.columns = {}, .rows = std::vector<std::vector<std::string>>(table.rows.size())};
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (is_left_out(table, c)) continue;
    kept.columns.push_back(table.columns[c]);
    for (std::size_t r = 0; r < table.rows.size(); ++r) kept.rows[r].push_back(table.rows[r][c]);
  }
  return kept;
}

// ---- GitHub's workflow commands

// The runner splits at line ends, and properties at ':' and ','; printable() has left no other control characters.
std::string command_data(std::string_view text) {
  return replaced(printable_lines(text), [](char32_t c) -> std::optional<std::string_view> {
    switch (c) {
      case U'%': return "%25";
      case U'\n': return "%0A";
      default: return std::nullopt;
    }
  });
}

std::string command_property(std::string_view text) {
  return replaced(command_data(printable(text)), [](char32_t c) -> std::optional<std::string_view> {
    switch (c) {
      case U':': return "%3A";
      case U',': return "%2C";
      default: return std::nullopt;
    }
  });
}

std::string annotation(std::string_view command, const Finding& f) {
  std::string text = "::" + std::string(command) + ' ';
  if (!f.file.empty()) {
    text += "file=" + command_property(f.file) + ',';
    if (f.where.line > 0)
      text += "line=" + std::to_string(f.where.line) + ",col=" + std::to_string(f.where.column) + ',';
  }
  return text + "title=" + command_property(subject(f)) + "::" + command_data(message(f)) + '\n';
}

}  // namespace

// In the order in which they matter to a reader; the names are promises.
std::vector<Column> finding_columns() {
  using enum ColumnType;
  return {{"verdict", text, "Of a claim: holds, fails, ...; of a baseline: pass, regressed, ..."},
          {"id", text, "The claim's; none for a baseline"},
          {"claim", text, "Its sentence"},
          {"cell_id", text, "The cell; none if it is about all of them"},
          {"cell", text, "What tells the cell from the others"},
          {"quantity", text, "What is judged"},
          {"expected", text, "What it should be"},
          {"reference", number, "Mean of the baseline, of the side that is compared with, or of what theory predicts"},
          {"value", number, "Mean that is judged; the median where quantiles are"},
          {"effect", number, "What is held against the expectation"},
          {"low", number, "One-sided lower bound of the effect"},
          {"high", number, "One-sided upper bound of the effect"},
          {"p_value", number, "Of a baseline: Holm-adjusted, for regressed; of a claim: against it"},
          {"permutation_p", number, "The same without a law; never decides"},
          {"n", integer, "Replicates or pairs"},
          {"seeds_needed", integer, "Seeds that would decide"},
          {"reason", text, "Why"},
          {"published", number, "What the claim's source has for the value or effect"}};
}

std::vector<std::string> finding_fields(const Finding& f, bool exact) {
  const auto number = [&](double value) { return exact ? float_text(value) : brief_text(value); };
  return {f.verdict,
          f.id,
          f.claim,
          f.cell_id,
          f.cell,
          f.quantity,
          f.expected,
          number(f.before),
          number(f.now),
          number(f.effect),
          number(f.low),
          number(f.high),
          number(f.p_value),
          number(f.permutation_p),
          count_text(f.n),
          count_text(f.seeds_needed),
          f.reason,
          number(f.published)};
}

std::string seeds_text(std::span<const std::int64_t> seeds) {
  std::string text = seeds.size() == 1 ? "seed" : "seeds";
  for (std::size_t i = 0; i < seeds.size(); ++i) text += (i == 0 ? " " : ", ") + std::to_string(seeds[i]);
  return text;
}

std::string subject(const Finding& f) {
  if (is_of_claim(f)) {
    std::string text = f.claim.empty() ? f.id : f.id + ": " + f.claim;
    return f.cell.empty() ? text : text + " (" + f.cell + ')';
  }
  if (f.cell.empty() && f.quantity.empty()) return "baseline";
  return f.cell.empty() || f.quantity.empty() ? f.cell + f.quantity : f.cell + ": " + f.quantity;
}

std::string message(const Finding& f) {
  std::string text = f.quantity.empty() ? f.verdict : f.quantity + ' ' + f.verdict;
  if (const std::string numbers = number_line(f); !numbers.empty()) text += ": " + numbers;
  if (!f.reason.empty()) text += "; " + f.reason;
  return text;
}

Outcome worst(std::span<const Finding> findings) {
  Outcome worst = Outcome::good;
  for (const Finding& finding : findings) worst = std::max(worst, finding.outcome);
  return worst;
}

std::string_view answer_text(std::span<const Finding> findings) {
  switch (worst(findings)) {
    case Outcome::bad: return "failed";
    case Outcome::undecided: return "cannot decide";
    case Outcome::skipped:
    case Outcome::good: break;
  }
  const bool any =
      std::any_of(findings.begin(), findings.end(), [](const Finding& f) { return f.outcome == Outcome::good; });
  return any ? "passed" : "nothing was checked";
}

std::string tally_text(std::span<const Finding> findings) {
  struct Word {
    std::string_view verdict, of_one, of_many;
  };
  static constexpr Word kWords[] = {{"regressed", "regressed", "regressed"},
                                    {"fails", "fails", "fail"},
                                    {"missing", "missing", "missing"},
                                    {"extra", "extra", "extra"},
                                    {"renamed", "renamed", "renamed"},
                                    {"incomparable", "cannot be compared", "cannot be compared"},
                                    {"inconclusive", "inconclusive", "inconclusive"},
                                    {"not_run", "not run", "not run"},
                                    {"holds", "holds", "hold"},
                                    {"pass", "passes", "pass"}};
  std::map<std::string_view, std::size_t> count;
  for (const Finding& finding : findings) ++count[finding.verdict];
  std::string text;
  for (const Word& word : kWords)
    if (const std::size_t n = count[word.verdict]; n > 0)
      text += (text.empty() ? "" : ", ") + grouped_text(n) + " " + std::string(n == 1 ? word.of_one : word.of_many);
  return text;
}

void sort_worst_first(std::vector<Finding>& findings) {
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    if (a.outcome != b.outcome) return a.outcome > b.outcome;
    if (std::isnan(a.beyond) || std::isnan(b.beyond)) return !std::isnan(a.beyond) && std::isnan(b.beyond);
    return a.beyond > b.beyond;
  });
}

Table findings_table(std::span<const Finding> findings, bool exact) {
  Table table{.columns = finding_columns(), .rows = {}};
  for (const Finding& finding : findings) table.rows.push_back(finding_fields(finding, exact));
  return exact ? table : without_what_is_left_out(table);
}

std::string github_annotations(std::span<const Finding> findings) {
  constexpr int kMost = 10;
  std::string text;
  int n_errors = 0, n_warnings = 0;
  for (const Finding& finding : findings) {
    if (finding.outcome == Outcome::bad && n_errors++ < kMost) text += annotation("error", finding);
    if (finding.outcome == Outcome::undecided && n_warnings++ < kMost) text += annotation("warning", finding);
  }
  return text;
}

}  // namespace initsweep
