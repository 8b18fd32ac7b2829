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
  std::vector<Finding> shown;
  std::size_t n_left_out = 0;
  for (const Finding& finding : findings) {
    if (finding.outcome == Outcome::good) continue;
    if (shown.size() < kShown)
      shown.push_back(finding);
    else
      ++n_left_out;
  }
  if (shown.empty()) return {};
  std::string text = format(findings_table(shown, /*exact=*/false), TableFormat::table);
  if (n_left_out > 0) text += "... and " + grouped_text(n_left_out) + " more; --format csv has all\n";
  return text;
}

void tell_github(std::span<const Finding> findings, std::string_view sweep, Session& session) {
  if (environment("GITHUB_ACTIONS") == "true") session.console.say(github_annotations(findings));
  const std::string summary = environment("GITHUB_STEP_SUMMARY");
  if (summary.empty()) return;
  std::ofstream file(summary, std::ios::app);
  file << markdown_text(findings, sweep) << '\n' << std::flush;
  if (!file) session.log.warn(printable(summary) + ": cannot append the summary of the step there");
}

}  // namespace initsweep
