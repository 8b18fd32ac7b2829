// What a folder of results holds: its journal and its run.json.
//
// Input: a first line that says what the rest is.
//   journal   a journal as it is
//   checked   a journal whose lines get the right checksums, so that what lies behind them is reached
//   line      one line, which gets the right checksum
//   run       a run.json
#include <zlib.h>

#include <array>
#include <typeinfo>

#include "fuzz.hpp"
#include "initsweep/journal.hpp"
#include "initsweep/run_info.hpp"
#include "small_sweep.hpp"
#include "sweep.hpp"

namespace {

using namespace initsweep;

constexpr std::string_view kCheck = R"(,"crc32":")";

std::string with_checksum(std::string_view line) {
  std::string text(line.substr(0, line.rfind(kCheck)));
  const uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size());
  std::array<char, 9> digits{};
  std::snprintf(digits.data(), digits.size(), "%08lx", crc);
  return text.append(kCheck).append(digits.data()).append("\"}");
}

// All lines but the first, which is the header, and one that no newline ends.
std::string with_checksums(std::string_view journal) {
  std::string text;
  for (std::size_t n = 0; !journal.empty(); ++n) {
    const std::size_t end = journal.find('\n');
    const std::string_view line = journal.substr(0, end);
    const bool is_job = n > 0 && end != std::string_view::npos;
    text += is_job ? with_checksum(line) : std::string(line);
    if (end == std::string_view::npos) break;
    text += '\n';
    journal.remove_prefix(end + 1);
  }
  return text;
}

void check_round_trip(const FinishedJob& job) {
  const std::string line = to_json_line(job);
  fuzz::require(line.find('\n') == line.size() - 1, "a job is one line", line);
  fuzz::require(to_json_line(parse_json_line(line)) == line, "what is written reads the same", line);
}

void read_journal(std::string_view text, const std::filesystem::path& folder) {
  fuzz::write_bytes(folder / "journal.ndjson", text);
  const JournalReader journal(folder / "journal.ndjson");
  fuzz::require(journal.whole_bytes() <= text.size(), "whole lines are in the file");
  fuzz::require(journal.has_torn_end() == (journal.whole_bytes() < text.size()), "the rest is a torn line");
  fuzz::require(journal.n_jobs() <= journal.attempts().size(), "every job was attempted");
  try {
    journal.require_numerics(numerics());
  } catch (const EnvironmentError& error) {
    fuzz::require_showable(error.what());
  }
  for (const JournalEntry& entry : journal.attempts()) {
    fuzz::require(text.substr(entry.offset, entry.length).find('\n') == entry.length - 1, "an entry is one line");
    try {
      const FinishedJob job = journal.load(entry);
      fuzz::require(job.job_id == entry.job_id && job.record.status == entry.status, "head and line agree");
      check_round_trip(job);
    } catch (const EnvironmentError& error) {
      fuzz::require_showable(error.what());
    }
  }
}

void read_line(std::string_view text) {
  try {
    check_round_trip(parse_json_line(with_checksum(text.substr(0, text.find('\n')))));
  } catch (const std::runtime_error& error) {
    fuzz::require(typeid(error) == typeid(std::runtime_error), "only the documented exception is thrown");
    fuzz::require_showable(error.what());
  }
}

void read_run(std::string_view text, const std::filesystem::path& folder) {
  fuzz::write_bytes(folder / "run.json", text);
  std::error_code ignored;
  std::filesystem::remove(folder / "journal.ndjson", ignored);
  const RunInfo info = read_run_info(folder);
  if (!fuzz::is_small(parse_spec(info.sweep_text, info.sweep_file, info.overrides))) return;
  const RunFolder opened = open_run_folder(folder);
  fuzz::require(!opened.sweep.grid.jobs.empty(), "a run has a job");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::ScratchFolder scratch;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(bytes.find('\n'), bytes.size());
  const std::string_view kind = bytes.substr(0, end), rest = bytes.substr(std::min(end + 1, bytes.size()));
  try {
    if (kind == "journal") read_journal(rest, scratch.path());
    if (kind == "checked") read_journal(with_checksums(rest), scratch.path());
    if (kind == "line") read_line(rest);
    if (kind == "run") read_run(rest, scratch.path());
  } catch (const EnvironmentError& error) {
    fuzz::require_showable(error.what());
  } catch (const SpecError& error) {  // of the sweep in a run.json
    fuzz::require_showable(error.what());
  }
  return 0;
}
