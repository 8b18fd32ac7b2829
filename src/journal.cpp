#include "initsweep/journal.hpp"
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include "initsweep/csv.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/file.hpp"
#include "initsweep/numerics.hpp"
#include "journal_line.hpp"

namespace initsweep {

namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& message) {
  throw EnvironmentError(printable(file.string()) + ": error: " + message);
}

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void fail_to_write(const std::filesystem::path& file, int error) {
  const bool is_full = error == ENOSPC || error == EDQUOT;
  fail(file, "cannot write: " + reason(error) +
                 (is_full ? "; free some space and run the same command again"
                          : "; what was finished is kept, run the same command again once this is put right"));
}

[[noreturn]] void fail_damaged(const std::filesystem::path& file, std::uint64_t line, const std::string& why) {
  throw EnvironmentError(printable(file.string()) + ':' + std::to_string(line) + ": error: damaged line (" + why +
                         "); delete that line, and its job alone is trained again");
}

// The next bytes; 0 at the end.
std::size_t read_piece(int descriptor, std::span<char> buffer, const std::filesystem::path& file) {
  while (true) {
    const ssize_t n = read(descriptor, buffer.data(), buffer.size());
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) fail(file, "cannot read: " + reason(errno));
  }
}

// Throws if products would be rounded otherwise than in the jobs that the file already has.
void require_same_numerics(const std::filesystem::path& file, const Numerics& made, const Numerics& here) {
  const std::string differences = numerics_difference(made, here, "this program");
  if (differences.empty()) return;
  const bool would_match =
      std::any_of(std::begin(kInstructionSets), std::end(kInstructionSets), [&](InstructionSet set) {
        return is_available(set) && made.instruction_set == to_text(set) &&
               numerics_difference(made, numerics(set), {}).empty();
      });
  fail(file, "its jobs were trained with " + differences + "; their numbers would not mix: use " +
                 (would_match ? "--isa " + made.instruction_set + " to go on as they were made, " : "") +
                 "--fresh to train anew, or another folder with -o");
}

}  // namespace

struct JournalReader::State {
  std::filesystem::path file;
  int descriptor = -1;
  Numerics numerics{};
  std::deque<JournalEntry> attempts;  // stay where they are, so that the index can point at them
  std::unordered_multimap<std::string_view, const JournalEntry*> attempts_of;  // by job id, in the order they ended
  std::size_t n_jobs = 0;
  std::uint64_t whole_bytes = 0;
  bool has_torn_end = false, has_gap = false;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (descriptor >= 0) close(descriptor);
  }
  void add(JournalEntry&& entry) {
    const JournalEntry& added = attempts.emplace_back(std::move(entry));
    if (!attempts_of.contains(added.job_id)) ++n_jobs;
    attempts_of.emplace(added.job_id, &added);
  }
};

// Reads a journal in pieces of any size: a line may be long, and is never held.
class JournalReader::Scan {
 public:
  explicit Scan(State& into) : into_(into) {}

  void add(std::string_view piece) {
    for (std::size_t end = piece.find('\n'); end != std::string_view::npos; end = piece.find('\n')) {
      add_to_line(piece.substr(0, end));
      end_line();
      piece.remove_prefix(end + 1);
    }
    add_to_line(piece);
  }

  void finish() {
    if (into_.whole_bytes == 0) fail_no_journal();
    into_.has_torn_end = start_ + length_ > into_.whole_bytes;
    into_.has_gap = zeroed_ && *zeroed_ < into_.whole_bytes;
  }

 private:
  [[noreturn]] void fail_no_journal() const { fail(into_.file, "this is no journal of initsweep; move the file away"); }

  void add_to_line(std::string_view piece) {
    length_ += piece.size();
    has_zero_ = has_zero_ || piece.find('\0') != std::string_view::npos;
    if (number_ > 1) return line_.add(piece);
    if (length_ > kLongestHeader) fail_no_journal();
    header_ += piece;
  }

  void end_line() {
    const bool is_whole = number_ == 1 ? read_header() : read_job();
    if (!is_whole && !zeroed_) zeroed_ = start_;
    start_ += length_ + 1;
    if (is_whole) into_.whole_bytes = start_;
    length_ = 0;
    has_zero_ = false;
    ++number_;
  }

  bool read_header() {
    try {
      into_.numerics = parse_header_line(header_);
      return true;
    } catch (const std::runtime_error& error) {
      fail(into_.file, error.what());
    }
  }

  // False for what a power cut kept from the disk: it reads as zeros, which no line has. Blocks reach the disk in any
  // order, so whole lines may stand behind it.
  bool read_job() {
    try {
      JournalEntry entry = line_.finish();
      entry.offset = start_;
      entry.length = length_ + 1;
      into_.add(std::move(entry));
      return true;
    } catch (const std::runtime_error& error) {
      if (!has_zero_) fail_damaged(into_.file, number_, error.what());
      return false;
    }
  }

  State& into_;
  std::string header_;
  LineCheck line_;
  std::uint64_t number_ = 1, start_ = 0, length_ = 0;  // of the line that is being read
  bool has_zero_ = false;                              // it has
  std::optional<std::uint64_t> zeroed_;                // where the first line that reads as zeros starts
};

JournalReader::JournalReader(const std::filesystem::path& file) : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.file = file;
  state.descriptor = open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);  // not waiting for the writer of a pipe
  if (state.descriptor < 0) fail(file, "cannot open: " + reason(errno));
  if (!std::filesystem::is_regular_file(file)) fail(file, "this is not a regular file; move it away");
  Scan scan(state);
  std::vector<char> buffer(1 << 18);
  while (const std::size_t n = read_piece(state.descriptor, buffer, file)) scan.add({buffer.data(), n});
  scan.finish();
}

JournalReader::~JournalReader() = default;
JournalReader::JournalReader(JournalReader&&) noexcept = default;
JournalReader& JournalReader::operator=(JournalReader&&) noexcept = default;

const Numerics& JournalReader::numerics() const { return state_->numerics; }
const std::deque<JournalEntry>& JournalReader::attempts() const { return state_->attempts; }
std::size_t JournalReader::n_jobs() const { return state_->n_jobs; }
bool JournalReader::contains(const std::string& job_id) const { return state_->attempts_of.contains(job_id); }
std::uint64_t JournalReader::whole_bytes() const { return state_->whole_bytes; }
bool JournalReader::has_torn_end() const { return state_->has_torn_end; }
bool JournalReader::has_gap() const { return state_->has_gap; }
void JournalReader::require_numerics(const Numerics& here) const {
  require_same_numerics(state_->file, state_->numerics, here);
}

const JournalEntry* JournalReader::find(const std::string& job_id, const RecordOptions& record) const {
  const JournalEntry* latest = nullptr;
  const auto [begin, end] = state_->attempts_of.equal_range(job_id);
  for (auto attempt = begin; attempt != end; ++attempt)
    if (attempt->second->record == record && (latest == nullptr || attempt->second->offset > latest->offset))
      latest = attempt->second;
  return latest;
}

std::string JournalReader::line_of(const JournalEntry& entry) const {
  std::string line(entry.length, '\0');
  for (std::size_t have = 0; have < line.size();) {
    const ssize_t n =
        pread(state_->descriptor, line.data() + have, line.size() - have, static_cast<off_t>(entry.offset + have));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(state_->file, "cannot read: " + reason(errno));
    if (n == 0) fail(state_->file, "the file became shorter while it was read; try again");
    have += static_cast<std::size_t>(n);
  }
  return line;
}

FinishedJob JournalReader::load(const JournalEntry& entry) const {
  const std::string line = line_of(entry);
  try {
    return parse_json_line(line);
  } catch (const std::runtime_error& error) {
    fail(state_->file, "the line of job " + printable(entry.job_id) + " is damaged (" + error.what() +
                           "); delete that line, and the job alone is trained again");
  }
}

JournalWriter::JournalWriter(const std::filesystem::path& file, const Numerics& here) : path_(file) {
  if (!std::filesystem::exists(file)) {  // the header appears whole or not at all
    ReplacedFile header(file);
    header.write(header_line(here));
    header.commit();
  }
  descriptor_ = open(file.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor_ < 0) fail(file, "cannot open for writing: " + reason(errno));
  try {
    take();
    // Only now, with nobody else to write: where the file ends.
    const JournalReader existing(file);
    existing.require_numerics(here);
    size_ = existing.whole_bytes();
    if (existing.has_torn_end() && ftruncate(descriptor_, static_cast<off_t>(size_)) != 0) fail_to_write(file, errno);
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

// The folder's lock keeps others away as a rule. Where its file was deleted, two writers would still destroy what each
// other wrote. (That a file system has no locks is told by the folder's.)
void JournalWriter::take() const {
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    fail(path_, "another process is writing it; wait for it, or choose another folder with -o");
}

void merge_journals(const std::filesystem::path& file, const Numerics& made, std::span<const JournalReader* const> from,
                    const std::function<bool(const std::string& job_id)>& wanted) {
  constexpr std::size_t kPieceBytes = 1 << 18;
  ReplacedFile merged(file);
  std::string piece = header_line(made);
  std::unordered_set<std::size_t> there;  // hashes of lines: two of 64 bits that agree by chance are not to be feared
  for (const JournalReader* journal : from)
    for (const JournalEntry& attempt : journal->attempts()) {
      if (!wanted(attempt.job_id)) continue;
      const std::string line = journal->line_of(attempt);
      if (!there.insert(std::hash<std::string>()(line)).second) continue;
      piece += line;
      if (piece.size() < kPieceBytes) continue;
      merged.write(piece);
      piece.clear();
    }
  merged.write(piece);
  merged.commit();
}

JournalWriter::~JournalWriter() {
  if (!is_synced_) fdatasync(descriptor_);  // a caller who must know calls sync() first
  close(descriptor_);
}

void JournalWriter::append(const FinishedJob& job) {
  const std::string line = to_json_line(job);
  // One write as a rule; a second one tells why the first came short. Always at size_, so that what a failed append
  // left behind can never end up in front of the next line.
  if (const int error = write_all(descriptor_, line, static_cast<off_t>(size_))) {
    [[maybe_unused]] const int cut = ftruncate(descriptor_, static_cast<off_t>(size_));  // else a torn end: read so
    fail_to_write(path_, error);
  }
  size_ += line.size();
  is_synced_ = false;
}

void JournalWriter::sync() {
  if (has_moved(path_, descriptor_))
    fail(path_, "the journal is no longer there; it, or its folder, was moved or removed during the run");
  if (is_synced_.exchange(true)) return;  // before the disk is asked: what is appended meanwhile is for the next time
  if (fdatasync(descriptor_) == 0) return;
  const int error = errno;
  is_synced_ = false;
  fail_to_write(path_, error);
}

}  // namespace initsweep
