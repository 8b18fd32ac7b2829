// What the forms of findings have in common.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include "initsweep/csv.hpp"
#include "initsweep/finding.hpp"
#include "utf8.hpp"

namespace initsweep {

[[nodiscard]] inline bool is_of_claim(const Finding& finding) { return !finding.id.empty(); }

// The columns of findings_table, and a finding's fields in their order.
[[nodiscard]] std::vector<Column> finding_columns();
[[nodiscard]] std::vector<std::string> finding_fields(const Finding& finding, bool exact);

// For a reason: "seed 3", "seeds 1, 2".
[[nodiscard]] std::string seeds_text(std::span<const std::int64_t> seeds);

// What is judged: "e1: He starts what Glorot starves (relu/depth=20)", "relu/depth=20: test_accuracy"
[[nodiscard]] std::string subject(const Finding& finding);
// How it came out: "test_accuracy regressed: value 0.88, reference 0.91, ...; why"
[[nodiscard]] std::string message(const Finding& finding);

// Each character of a text that is UTF-8 as `replacement(c)` says; what it has no word for stays.
template <class Replacement>
[[nodiscard]] std::string replaced(std::string_view text, const Replacement& replacement) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Character character = utf8_character(text, i);
    const std::string_view bytes = text.substr(i, character.length);
    if (const std::optional<std::string_view> word = character.value ? replacement(*character.value) : std::nullopt)
      result += *word;
    else
      result += bytes;
    i += character.length;
  }
  return result;
}

}  // namespace initsweep
