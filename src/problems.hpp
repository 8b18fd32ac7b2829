// Collects what is wrong with a sweep, so that everything is reported at once.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "initsweep/diagnostic.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {

// Lines from here on are not of the file: line kFirstOverrideLine + k is the text of SweepSpec::overrides[k]. A sweep
// file is far too short to get there, and such lines sort behind all of its own.
inline constexpr int kFirstOverrideLine = 1 << 30;

class Problems {
 public:
  // `spec` gives the texts (file, text, overrides) and must outlive this.
  explicit Problems(const SweepSpec& spec) : spec_(spec) {}
  // One problem is kept once, though an alias may lead to it often.
  void error(SourceLocation where, std::string message, std::vector<std::string> notes = {});
  // Calls of error() so far: unchanged means that nothing was wrong since.
  [[nodiscard]] std::size_t count() const { return n_errors_; }
  // Whether further problems are only counted.
  [[nodiscard]] bool is_full() const;
  // Throws them in order of position, at most as many as anyone reads.
  void throw_if_any();

 private:
  const SweepSpec& spec_;
  std::vector<Diagnostic> found_;  // without file and source line
  std::size_t n_errors_ = 0, n_left_out_ = 0;
};

// At most as many warnings as anyone reads, each once; how many more there are stands in a last one.
class Warnings {
 public:
  explicit Warnings(const SweepSpec& spec) : spec_(spec) {}
  void add(SourceLocation where, std::string message);
  [[nodiscard]] std::vector<Diagnostic> take();

 private:
  const SweepSpec& spec_;
  std::vector<Diagnostic> found_;
  std::size_t n_left_out_ = 0;
};

// The text, cut if it is long; and the same in quotes.
[[nodiscard]] std::string shortened(std::string_view text);
[[nodiscard]] std::string quoted(std::string_view text);

// Reports `message` about a name nobody knows, with what was expected, the name that is nearest to it, and `advice`.
void report_unknown(SourceLocation where, std::string message, std::string_view name,
                    std::vector<std::string_view> expected, Problems& problems, std::vector<std::string> advice = {});

}  // namespace initsweep
