#include "problems.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace initsweep {
namespace {

constexpr std::size_t kMaxProblems = 100, kMaxWarnings = 20;
constexpr std::size_t kLongestQuote = 60;  // bytes

// Lines count from 1; empty for line 0, which is the whole file.
std::string_view line_of(std::string_view text, int line) {
  if (line == 0) return {};
  for (int i = 1; i < line; ++i) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

}  // namespace

Diagnostic located(const SweepSpec& spec, Severity severity, SourceLocation where, std::string message) {
  if (where.line >= kFirstOverrideLine) {
    const auto index = static_cast<std::size_t>(where.line - kFirstOverrideLine);
    where.line = 1;
    return {severity, "--set", where, std::move(message), spec.overrides[index], {}};
  }
  return {severity, spec.file, where, std::move(message), std::string(line_of(spec.text, where.line)), {}};
}

void Problems::error(SourceLocation where, std::string message, std::vector<std::string> notes) {
  ++n_errors_;
  Diagnostic problem{Severity::error, {}, where, std::move(message), {}, std::move(notes)};
  if (std::find(found_.begin(), found_.end(), problem) != found_.end()) return;
  if (is_full())
    ++n_left_out_;
  else
    found_.push_back(std::move(problem));
}

bool Problems::is_full() const { return found_.size() == kMaxProblems; }

void Problems::throw_if_any() {
  if (found_.empty()) return;
  std::stable_sort(found_.begin(), found_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::pair(a.where.line, a.where.column) < std::pair(b.where.line, b.where.column);
  });
  for (Diagnostic& problem : found_) {
    std::vector<std::string> notes = std::move(problem.notes);
    problem = located(spec_, Severity::error, problem.where, std::move(problem.message));
    problem.notes = std::move(notes);
  }
  if (n_left_out_ > 0)
    found_.push_back(located(spec_, Severity::error, {}, std::to_string(n_left_out_) + " more problems are not shown"));
  throw SpecError(std::move(found_));
}

void Warnings::add(SourceLocation where, std::string message) {
  if (found_.size() == kMaxWarnings) {
    ++n_left_out_;
    return;
  }
  Diagnostic warning = located(spec_, Severity::warning, where, std::move(message));
  if (std::find(found_.begin(), found_.end(), warning) == found_.end()) found_.push_back(std::move(warning));
}

std::vector<Diagnostic> Warnings::take() {
  if (n_left_out_ > 0)
    found_.push_back(located(spec_, Severity::warning, {}, std::to_string(n_left_out_) + " more are not shown"));
  return std::move(found_);
}

std::string shortened(std::string_view text) {
  if (text.size() <= kLongestQuote) return std::string(text);
  std::size_t end = kLongestQuote;
  // Not inside a UTF-8 character, which has three bytes to go on with at most; other bytes may be anything.
  while (end > kLongestQuote - 3 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

std::string quoted(std::string_view text) { return '\'' + shortened(text) + '\''; }

void report_unknown(SourceLocation where, std::string message, std::string_view name,
                    std::vector<std::string_view> expected, Problems& problems, std::vector<std::string> advice) {
  if (problems.is_full()) return problems.error(where, std::move(message));
  std::sort(expected.begin(), expected.end());
  std::vector<std::string> notes = {"expected one of: " + joined(expected)};
  const std::optional<std::string_view> keras_name = keras_name_of(name);
  const auto same_but_for_case = std::find_if(expected.begin(), expected.end(), [&](std::string_view candidate) {
    return std::equal(name.begin(), name.end(), candidate.begin(), candidate.end(),
                      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
  });
  if (keras_name && std::find(expected.begin(), expected.end(), *keras_name) != expected.end())
    notes.push_back("PyTorch's " + quoted(name) + " is " + quoted(*keras_name) + " here");
  else if (same_but_for_case != expected.end())
    notes.push_back("did you mean " + quoted(*same_but_for_case) + "?");
  else if (const std::optional<std::string_view> near = nearest_name(name, expected))
    notes.push_back("did you mean " + quoted(*near) + "?");
  notes.insert(notes.end(), advice.begin(), advice.end());
  problems.error(where, std::move(message), std::move(notes));
}

}  // namespace initsweep
