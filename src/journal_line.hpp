// The text of the journal's lines: one JSON object each (RFC 8259).
//
//   {"initsweep_journal":2,"numerics":{...},"epoch_columns":[...],"layer_columns":[...]}
//   {"job":{"job_id":...,"status":...,"record":{...},"trace":{...}},"result":{...},"crc32":"89abcdef"}
//
// `job` is all that an index needs and comes first: the result, nearly all of the line, is then checksummed but not
// parsed. The checksum covers the text before `,"crc32"`, so a flipped bit anywhere is noticed. Rows of epochs and
// layers are arrays; the header names their columns. A number that is not finite is null, and reads back as kNoValue:
// no file shows a difference, an infinity and a NaN are both an empty field.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include "initsweep/journal.hpp"
#include "initsweep/numerics.hpp"

namespace initsweep {

inline constexpr int kJournalFormat = 2;

[[nodiscard]] std::string header_line(const Numerics& numerics);  // ends with a newline

// More than any header has.
inline constexpr std::size_t kLongestHeader = 1 << 16;

// All of these throw std::runtime_error with the reason; where, and what to do, is the caller's to say.
[[nodiscard]] Numerics parse_header_line(std::string_view line);
// The checked line's entry, but for offset and length.
[[nodiscard]] JournalEntry parse_line_head(std::string_view line);

// The same for a line that comes in pieces: it keeps the head and the checksum, however long the line is.
class LineCheck {
 public:
  void add(std::string_view piece);  // nothing of the newline
  // Of what was added; what comes next is another line, whether or not this throws.
  [[nodiscard]] JournalEntry finish();

 private:
  void begin();
  std::string start_, tail_;  // the first bytes of the line, and those of its end that may be its checksum
  std::uint32_t crc_ = 0;     // of what is before the tail
  std::uint64_t length_ = 0;
  bool is_finished_ = false;
};

}  // namespace initsweep
