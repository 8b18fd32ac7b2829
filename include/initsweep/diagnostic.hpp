// What is said to people when something is wrong: where, what was found, what was expected, what to do.
//
// Three kinds of trouble, three exit codes (decided in main.cpp alone):
//   SpecError         the sweep file or an option's value is wrong; carries every diagnostic at once   exit 2
//   UsageError        the request makes no sense (a filter that selects nothing, an unknown name)      exit 2
//   EnvironmentError  the machine's fault: data missing or damaged, disk full, folder in use           exit 5
#pragma once
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace initsweep {

// A stretch of one line of a text. Lines and columns count from 1; line 0 means the whole file.
struct SourceLocation {
  int line = 0;
  int column = 0;
  int length = 1;  // columns to underline
  bool operator==(const SourceLocation&) const = default;
};

enum class Severity { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  std::string file;
  SourceLocation where;
  std::string message;             // one line, no full stop
  std::string source_line;         // the offending line as written, empty if there is none
  std::vector<std::string> notes;  // "expected one of: ...", "did you mean 'he_normal'?"
  bool operator==(const Diagnostic&) const = default;
};

// file:line:column: error: message, the line, a caret, the notes; ends with a newline. Control characters of the
// user's text are shown escaped, and long lines are cut around the caret.
[[nodiscard]] std::string format(const Diagnostic& diagnostic);
[[nodiscard]] std::string format(std::span<const Diagnostic> diagnostics);

// The candidate within a third of the name's length in edits (adjacent swaps count once), nullopt if none is near.
[[nodiscard]] std::optional<std::string_view> nearest_name(std::string_view name,
                                                           std::span<const std::string_view> candidates);

// "a, b, c"
[[nodiscard]] std::string joined(std::span<const std::string_view> words);
[[nodiscard]] std::string joined(std::span<const std::string> words, std::string_view between = ", ");

// Text from outside made safe to print, on one line: control characters and bytes that are no UTF-8 become \xNN,
// characters that are not seen (they turn the writing direction around, join or hide others) \uNNNN. Safe text comes
// back as it is.
[[nodiscard]] std::string printable(std::string_view text);
// The same for text of several lines. JSON stays the JSON it was: it has no control characters, and \uNNNN is its own.
[[nodiscard]] std::string printable_lines(std::string_view text);

class SpecError : public std::runtime_error {
 public:
  explicit SpecError(std::vector<Diagnostic> diagnostics)
      : std::runtime_error(format(diagnostics)), diagnostics_(std::move(diagnostics)) {}
  [[nodiscard]] const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

class UsageError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

class EnvironmentError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace initsweep
