#include "check_output.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <vector>

#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"

namespace initsweep {
namespace {

constexpr std::size_t kShown = 30;  // rows of what is not good, on a terminal

std::string environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

}  // namespace

int exit_code(std::span<const Finding> findings) {
  switch (worst(findings)) {
    case Outcome::good:
    case Outcome::skipped: return kExitDone;
    case Outcome::undecided: return kExitUndecided;
    case Outcome::bad: return kExitNo;
  }
  return kExitInternal;
}

std::string findings_text(std::span<const Finding> findings) {
  // A table for each kind, since what one has in every row another has in none.
  std::vector<Finding> claims, measured, others;
  std::size_t n_shown = 0, n_left_out = 0;
  for (const Finding& finding : findings) {
    if (finding.outcome == Outcome::good) continue;
    if (++n_shown > kShown) {
      ++n_left_out;
      continue;
    }
    const bool is_measured = finding.n > 0 || !finding.expected.empty();
    (!finding.id.empty() ? claims : is_measured ? measured : others).push_back(finding);
  }
  std::string text;
  const auto add = [&](const std::vector<Finding>& some, std::string_view legend) {
    if (some.empty()) return;
    text += (text.empty() ? "" : "\n") + format(findings_table(some, /*exact=*/false), TableFormat::table);
    text += legend;
  };
  add(others, "");
  add(measured, "low, high: one-sided 95 % bounds of the effect; p_value: of a regression, adjusted for all cells\n");
  add(claims, "low, high: one-sided bounds of the effect; p_value: of the opposite of the claim\n");
  if (n_left_out > 0) text += "... and " + grouped_text(n_left_out) + " more; --format csv has all\n";
  return text;
}

void annotate_for_github(std::span<const Finding> findings, Session& session) {
  if (environment("GITHUB_ACTIONS") == "true") session.console.say(github_annotations(findings));
}

void append_to_github_summary(std::string_view markdown, Session& session) {
  const std::string summary = environment("GITHUB_STEP_SUMMARY");
  if (summary.empty()) return;
  std::ofstream file(summary, std::ios::app);
  file << markdown << '\n' << std::flush;
  if (!file) session.log.warn(printable(summary) + ": cannot append the summary of the step there");
}

}  // namespace initsweep
