// The text of the journal's lines: one JSON object each (RFC 8259).
//
//   {"initsweep_journal":1,"numerics":{...},"epoch_columns":[...],"layer_columns":[...]}
//   {"job":{"job_id":...,"status":...,"record":{...},"trace":{...}},"result":{...},"crc32":"89abcdef"}
//
// `job` is all that an index needs and comes first: the result, nearly all of the line, is then checksummed but not
// parsed. The checksum covers the text before `,"crc32"`, so a flipped bit anywhere is noticed. Rows of epochs and
// layers are arrays; the header names their columns. A number that is not finite is null, and reads back as kNoValue:
// no file shows a difference, an infinity and a NaN are both an empty field.
#pragma once
#include <string>
#include <string_view>
#include "initsweep/journal.hpp"
#include "initsweep/numerics.hpp"

namespace initsweep {

inline constexpr int kJournalFormat = 1;

[[nodiscard]] std::string header_line(const Numerics& numerics);  // ends with a newline

// All of these throw std::runtime_error with the reason; where, and what to do, is the caller's to say.
[[nodiscard]] Numerics parse_header_line(std::string_view line);
// The checked line's entry, but for offset and length.
[[nodiscard]] JournalEntry parse_line_head(std::string_view line);

}  // namespace initsweep
