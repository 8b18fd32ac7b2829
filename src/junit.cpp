#include <algorithm>
#include <array>
#include <cstddef>
#include <map>

#include "finding_text.hpp"
#include "initsweep/finding.hpp"
#include "xml_text.hpp"

namespace initsweep {
namespace {

std::string place(const Finding& f) {
  if (f.file.empty() || f.where.line == 0) return f.file;
  return f.file + ':' + std::to_string(f.where.line) + ':' + std::to_string(f.where.column);
}

std::string attribute(std::string_view name, std::string_view value) {
  return ' ' + std::string(name) + "=\"" + xml_text(value) + '"';
}

// What a reader of the report sees under the message: every field, a line each.
std::string details(const Finding& f) {
  std::string text;
  const std::vector<Column> names = finding_columns();
  const std::vector<std::string> values = finding_fields(f, /*exact=*/true);
  for (std::size_t c = 0; c < names.size(); ++c)
    if (!values[c].empty()) text += names[c].name + ": " + printable(values[c]) + '\n';
  if (!f.file.empty()) text += "place: " + printable(place(f)) + '\n';
  return text;
}

std::string outcome_element(const Finding& f) {
  const std::string why = attribute("message", message(f));
  const std::string type = attribute("type", f.verdict);  // Ant's schema knows none of what is skipped
  switch (f.outcome) {
    case Outcome::good: return {};
    case Outcome::skipped: return "      <skipped" + why + "/>\n";
    case Outcome::undecided: return "      <error" + why + type + '>' + xml_lines(details(f)) + "</error>\n";
    case Outcome::bad: return "      <failure" + why + type + '>' + xml_lines(details(f)) + "</failure>\n";
  }
  return {};
}

// GitLab takes two cases of one name for one.
std::string unused(const std::string& name, std::map<std::string, int>& used) {
  int& n = used[name];
  std::string candidate = name;
  while (++n > 1) {
    candidate = name + " (" + std::to_string(n) + ')';
    if (used.try_emplace(candidate, 1).second) break;
  }
  return candidate;
}

struct Suite {
  std::string name;
  std::vector<const Finding*> findings;
  [[nodiscard]] std::string count(Outcome outcome) const {
    return std::to_string(std::count_if(findings.begin(), findings.end(),
                                        [&](const Finding* finding) { return finding->outcome == outcome; }));
  }
};

// Nothing is known of the time a case took; Ant's schema wants one, and the empty elements at the edges too.
std::string suite_text(const Suite& suite, const std::string& package, int id, std::string_view timestamp,
                       std::string_view host) {
  const std::string class_name = package + '.' + suite.name;
  std::string text =
      "  <testsuite" + attribute("name", class_name) + attribute("package", package) +
      attribute("id", std::to_string(id)) + attribute("timestamp", timestamp) + attribute("hostname", host) +
      attribute("tests", std::to_string(suite.findings.size())) + attribute("failures", suite.count(Outcome::bad)) +
      attribute("errors", suite.count(Outcome::undecided)) + attribute("skipped", suite.count(Outcome::skipped)) +
      attribute("time", "0") + ">\n" + "    <properties/>\n";
  std::map<std::string, int> used;
  for (const Finding* finding : suite.findings) {
    const std::string element = outcome_element(*finding);
    text += "    <testcase" + attribute("name", unused(printable(subject(*finding)), used)) +
            attribute("classname", class_name) + attribute("time", "0");
    text += element.empty() ? "/>\n" : ">\n" + element + "    </testcase>\n";
  }
  return text + "    <system-out/>\n    <system-err/>\n  </testsuite>\n";
}

}  // namespace

std::string junit_text(std::span<const Finding> findings, std::string_view name, std::string_view timestamp,
                       std::string_view host) {
  std::array<Suite, 2> suites = {Suite{"claims", {}}, Suite{"baseline", {}}};
  for (const Finding& finding : findings) suites[is_of_claim(finding) ? 0 : 1].findings.push_back(&finding);
  const std::string package(name.empty() ? "initsweep" : name);
  if (timestamp.ends_with('Z')) timestamp.remove_suffix(1);
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  int id = 0;
  for (const Suite& suite : suites)
    if (!suite.findings.empty()) text += suite_text(suite, package, id++, timestamp, host.empty() ? "localhost" : host);
  return text + "</testsuites>\n";
}

}  // namespace initsweep
