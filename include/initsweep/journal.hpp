// The journal: every finished job on disk the moment it is finished, one line of JSON each (journal.ndjson).
//
// It is what resume reads and what status follows during a run; the CSVs are built from it. The first line is the
// header: format version and numerics. Each job is one write(); fdatasync at most once a second and at the end. What a
// kill or a power cut left cut off or as zeros is passed over and said; any other damaged line is refused.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include "initsweep/numerics.hpp"
#include "initsweep/record.hpp"
#include "initsweep/spec.hpp"
#include "initsweep/train.hpp"

namespace initsweep {

// Where one finished job stands in the file.
struct JournalEntry {
  std::string job_id;
  JobStatus status = JobStatus::ok;
  RecordOptions record;  // what layer statistics it was made with
  Trace trace;
  std::uint64_t offset = 0, length = 0;
};

struct FinishedJob {
  std::string job_id;
  RecordOptions record_options;
  Record record;
  Trace trace;
};

// Reads; never writes. Later lines of a job replace earlier ones.
class JournalReader {
 public:
  // Throws EnvironmentError for a damaged line (with its number and what to do), another format version, or no file.
  // Reads a line at a time and keeps the index alone; a line's checksum is verified, its rows are parsed by load().
  explicit JournalReader(const std::filesystem::path& file);
  ~JournalReader();
  JournalReader(JournalReader&&) noexcept;
  JournalReader& operator=(JournalReader&&) noexcept;

  [[nodiscard]] const Numerics& numerics() const;
  // Throws EnvironmentError if the jobs were trained with other numerics, naming what differs and the way out.
  void require_numerics(const Numerics& here) const;
  // Whether the job was ever finished, with whatever record options, and how many were.
  [[nodiscard]] bool contains(const std::string& job_id) const;
  [[nodiscard]] std::size_t n_jobs() const;
  // The finished job, if it was made with these record options; null counts as missing.
  [[nodiscard]] const JournalEntry* find(const std::string& job_id, const RecordOptions& record) const;
  [[nodiscard]] FinishedJob load(const JournalEntry& entry) const;
  // As it stands in the file, with its newline.
  [[nodiscard]] std::string line_of(const JournalEntry& entry) const;
  // Every attempt, in the order they ended, also those replaced later: for trace.csv.
  [[nodiscard]] const std::deque<JournalEntry>& attempts() const;
  // Where the last whole line ends; beyond it lies a torn end.
  [[nodiscard]] std::uint64_t whole_bytes() const;
  [[nodiscard]] bool has_torn_end() const;
  // Whether lines before that read as zeros, which is what a power cut leaves of blocks that had not reached the disk.
  [[nodiscard]] bool has_gap() const;

 private:
  struct State;
  class Scan;
  std::unique_ptr<State> state_;
};

// Appends, and is the only one to. Opening creates the file with its header, or cuts off a torn end and goes on there.
class JournalWriter {
 public:
  // Throws EnvironmentError if the file was made with other numerics, naming what differs and the way out, or if
  // another writer has it.
  explicit JournalWriter(const std::filesystem::path& file, const Numerics& here = initsweep::numerics());
  ~JournalWriter();  // syncs
  JournalWriter(const JournalWriter&) = delete;
  JournalWriter& operator=(const JournalWriter&) = delete;
  // Throws EnvironmentError when the disk is full or gone; the file then ends with whole lines.
  void append(const FinishedJob& job);
  // Makes what was appended survive a power cut; nearly free when there is nothing new. To be called once a second, at
  // any time beside append(), and at the end. Throws EnvironmentError, also when the file is no longer where it was.
  void sync();

 private:
  void take() const;
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::atomic<bool> is_synced_ = true;
};

// One journal of several, which must agree in their numerics: every attempt at a job that `wanted` says yes to, journal
// after journal, each in its order; a line that stood before is left out. Replaces the file, whole or not at all (one
// of the journals may be what it was). Throws EnvironmentError.
void merge_journals(const std::filesystem::path& file, const Numerics& made, std::span<const JournalReader* const> from,
                    const std::function<bool(const std::string& job_id)>& wanted);

// A row of layers in a line: 15 numbers of up to 24 characters, 7 counts, a word and 5 times "null", rarely more.
inline constexpr std::size_t kJournalRowBytes = 512;
[[nodiscard]] std::string to_json_line(const FinishedJob& job);  // ends with a newline
// Throws std::runtime_error with the reason why the line is not one of to_json_line.
[[nodiscard]] FinishedJob parse_json_line(std::string_view line);

}  // namespace initsweep
