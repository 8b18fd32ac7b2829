#include "initsweep/journal.hpp"
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>
#include <algorithm>
#include <bit>
#include <cmath>
#include <csignal>
#include <limits>
#include <regex>
#include "initsweep/diagnostic.hpp"
#include "journal_line.hpp"
#include "temporary_folder.hpp"

namespace initsweep {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A job with a value in every field, among them the doubles that are hardest to write down.
FinishedJob full_job(const std::string& id) {
  EpochRow epoch{.epoch = 1, .step = 938, .train_loss = 0.1, .train_accuracy = 1.0 / 3};
  epoch.test_loss = std::numeric_limits<double>::denorm_min();
  epoch.test_accuracy = std::nextafter(1.0, 0.0);
  epoch.validation_loss = std::numeric_limits<double>::max();
  epoch.validation_accuracy = -0.0;
  LayerRow layer;
  layer.epoch = 1;
  layer.step = 938;
  layer.layer = 2;
  layer.tensor = TensorKind::delta;
  layer.fan_in = 100;
  layer.fan_out = 50;
  layer.summary = {.count = 15000,
                   .nonfinite = 0,
                   .mean = -1e-17,
                   .std = 2.5e-310,
                   .rms = 4.9e-324,
                   .l2 = 1e22,
                   .min = -123456789.123456789,
                   .max = 9007199254740993.0,
                   .q01 = 1e-5,
                   .q50 = 0,
                   .q99 = 5e-324,
                   .zero_fraction = 0.25};
  layer.dead_fraction = 0.125;
  layer.update_ratio = 3e-3;
  FinishedJob job{
      .job_id = id, .record_options = {.every = RecordOptions::Every::steps, .steps = 50}, .record = {}, .trace = {}};
  job.record.status = JobStatus::diverged;
  job.record.error = "a \"quoted\" reason, in \xC3\xA9t\xC3\xA9\n,\"result\":";
  job.record.epochs_run = 1;
  job.record.steps_run = 940;
  job.record.diverged_step = 940;
  job.record.epochs = {EpochRow{}, epoch};
  job.record.layers = {LayerRow{}, layer};
  job.record.delta_slope_start = -0.627;
  job.record.digest = "d_0123456789abcdef";
  job.trace = {.start = "2026-11-22T09:48:08Z",
               .duration_s = 1.5,
               .cpu_s = 1.25,
               .samples_per_s = 40000.5,
               .thread = 1,
               .host = "node,\"1\"",
               .peak_memory_bytes = 1e8};
  return job;
}

void expect_same_bits(double a, double b, const char* what) {
  if (std::isnan(a) && std::isnan(b)) return;
  EXPECT_EQ(std::bit_cast<std::uint64_t>(a), std::bit_cast<std::uint64_t>(b)) << what << ": " << a << " and " << b;
}

void expect_same(const EpochRow& a, const EpochRow& b) {
  EXPECT_EQ(a.epoch, b.epoch);
  EXPECT_EQ(a.step, b.step);
  expect_same_bits(a.train_loss, b.train_loss, "train_loss");
  expect_same_bits(a.train_accuracy, b.train_accuracy, "train_accuracy");
  expect_same_bits(a.test_loss, b.test_loss, "test_loss");
  expect_same_bits(a.test_accuracy, b.test_accuracy, "test_accuracy");
  expect_same_bits(a.validation_loss, b.validation_loss, "validation_loss");
  expect_same_bits(a.validation_accuracy, b.validation_accuracy, "validation_accuracy");
}

void expect_same(const LayerRow& a, const LayerRow& b) {
  EXPECT_EQ(a.epoch, b.epoch);
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.layer, b.layer);
  EXPECT_EQ(a.tensor, b.tensor);
  EXPECT_EQ(a.fan_in, b.fan_in);
  EXPECT_EQ(a.fan_out, b.fan_out);
  EXPECT_EQ(a.summary.count, b.summary.count);
  EXPECT_EQ(a.summary.nonfinite, b.summary.nonfinite);
  expect_same_bits(a.summary.mean, b.summary.mean, "mean");
  expect_same_bits(a.summary.std, b.summary.std, "std");
  expect_same_bits(a.summary.rms, b.summary.rms, "rms");
  expect_same_bits(a.summary.l2, b.summary.l2, "l2");
  expect_same_bits(a.summary.min, b.summary.min, "min");
  expect_same_bits(a.summary.max, b.summary.max, "max");
  expect_same_bits(a.summary.q01, b.summary.q01, "q01");
  expect_same_bits(a.summary.q50, b.summary.q50, "q50");
  expect_same_bits(a.summary.q99, b.summary.q99, "q99");
  expect_same_bits(a.summary.zero_fraction, b.summary.zero_fraction, "zero_fraction");
  expect_same_bits(a.saturated_fraction, b.saturated_fraction, "saturated_fraction");
  expect_same_bits(a.dead_fraction, b.dead_fraction, "dead_fraction");
  expect_same_bits(a.between_sample_std, b.between_sample_std, "between_sample_std");
  expect_same_bits(a.update_ratio, b.update_ratio, "update_ratio");
}

void expect_same(const FinishedJob& a, const FinishedJob& b) {
  EXPECT_EQ(a.job_id, b.job_id);
  EXPECT_EQ(a.record_options, b.record_options);
  EXPECT_EQ(a.record.status, b.record.status);
  EXPECT_EQ(a.record.error, b.record.error);
  EXPECT_EQ(a.record.epochs_run, b.record.epochs_run);
  EXPECT_EQ(a.record.steps_run, b.record.steps_run);
  EXPECT_EQ(a.record.diverged_step, b.record.diverged_step);
  expect_same_bits(a.record.delta_slope_start, b.record.delta_slope_start, "delta_slope_start");
  expect_same_bits(a.record.delta_slope_end, b.record.delta_slope_end, "delta_slope_end");
  EXPECT_EQ(a.record.digest, b.record.digest);
  ASSERT_EQ(a.record.epochs.size(), b.record.epochs.size());
  for (std::size_t i = 0; i < a.record.epochs.size(); ++i) expect_same(a.record.epochs[i], b.record.epochs[i]);
  ASSERT_EQ(a.record.layers.size(), b.record.layers.size());
  for (std::size_t i = 0; i < a.record.layers.size(); ++i) expect_same(a.record.layers[i], b.record.layers[i]);
  EXPECT_EQ(a.trace.start, b.trace.start);
  expect_same_bits(a.trace.duration_s, b.trace.duration_s, "duration_s");
  expect_same_bits(a.trace.cpu_s, b.trace.cpu_s, "cpu_s");
  expect_same_bits(a.trace.samples_per_s, b.trace.samples_per_s, "samples_per_s");
  EXPECT_EQ(a.trace.thread, b.trace.thread);
  EXPECT_EQ(a.trace.host, b.trace.host);
  expect_same_bits(a.trace.peak_memory_bytes, b.trace.peak_memory_bytes, "peak_memory_bytes");
}

FinishedJob small_job(const std::string& id, JobStatus status = JobStatus::ok) {
  FinishedJob job{.job_id = id, .record_options = {}, .record = {}, .trace = {}};
  job.record.status = status;
  return job;
}

std::vector<std::string> ids(const std::vector<JournalEntry>& entries) {
  std::vector<std::string> ids;
  for (const JournalEntry& entry : entries) ids.push_back(entry.job_id);
  return ids;
}

using Ids = std::vector<std::string>;

// ---- lines

TEST(JournalLine, EveryBitComesBack) {
  const FinishedJob job = full_job("j_0123456789abcdef");
  expect_same(parse_json_line(to_json_line(job)), job);
}

TEST(JournalLine, IsOneLine) {
  const std::string line = to_json_line(full_job("j_1"));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

// The checksum: python3 -c "import zlib; print('%08x' % zlib.crc32(b'...'))" over the line up to ,"crc32".
TEST(JournalLine, HasThisText) {
  FinishedJob job = small_job("j_1");
  job.record.epochs = {EpochRow{}};
  job.trace.start = "2026-11-22T09:48:08Z";
  EXPECT_EQ(to_json_line(job),
            R"({"job":{"job_id":"j_1","status":"ok","record":{"every":"epoch","steps":0,"at_start":true,"probe":300},)"
            R"("trace":{"start":"2026-11-22T09:48:08Z","duration_s":0.0,"cpu_s":0.0,"samples_per_s":0.0,"thread":0,)"
            R"("host":"","peak_memory_bytes":0.0}},)"
            R"("result":{"error":"","epochs_run":0,"steps_run":0,"diverged_step":null,"delta_slope_start":null,)"
            R"("delta_slope_end":null,"digest":"","epochs":[[0,0,null,null,null,null,null,null]],"layers":[]},)"
            R"("crc32":"875f84d8"})"
            "\n");
}

TEST(JournalLine, InfinityReadsBackAsNoValue) {
  FinishedJob job = small_job("j_1");
  job.record.epochs = {EpochRow{.test_loss = kInfinity}};
  EXPECT_TRUE(std::isnan(parse_json_line(to_json_line(job)).record.epochs.front().test_loss));
}

TEST(JournalLine, BytesThatAreNoUtf8BecomeReplacementCharacters) {
  FinishedJob job = small_job("j_1", JobStatus::failed);
  job.record.error = "bad \xFF byte";
  EXPECT_EQ(parse_json_line(to_json_line(job)).record.error, "bad \xEF\xBF\xBD byte");
}

TEST(JournalLine, AnyFlippedBitIsNoticed) {
  const std::string line = to_json_line(small_job("j_1"));
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    std::string damaged = line;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_THROW((void)parse_line_head(damaged), std::runtime_error) << "byte " << i;
  }
}

TEST(JournalLine, AnyCutIsNoticed) {
  const std::string line = to_json_line(small_job("j_1"));
  for (std::size_t length = 0; length + 1 < line.size(); ++length)
    EXPECT_THROW((void)parse_line_head(line.substr(0, length)), std::runtime_error) << length << " bytes";
}

// ---- file

TEST(Journal, GivesBackWhatWasAppended) {
  const TemporaryFolder folder;
  const FinishedJob first = full_job("j_1"), second = small_job("j_2", JobStatus::timeout);
  {
    JournalWriter writer(folder / "journal.ndjson");
    writer.append(first);
    writer.append(second);
  }
  const JournalReader reader(folder / "journal.ndjson");
  EXPECT_EQ(ids(reader.attempts()), (Ids{"j_1", "j_2"}));
  EXPECT_EQ(reader.entries().at("j_2").status, JobStatus::timeout);
  EXPECT_EQ(reader.entries().at("j_1").trace.host, first.trace.host);
  EXPECT_FALSE(reader.has_torn_line());
  EXPECT_EQ(reader.whole_bytes(), std::filesystem::file_size(folder / "journal.ndjson"));
  expect_same(reader.load(reader.entries().at("j_1")), first);
  expect_same(reader.load(reader.entries().at("j_2")), second);
}

TEST(Journal, GoesOnWhereItStopped) {
  const TemporaryFolder folder;
  JournalWriter(folder / "journal.ndjson").append(small_job("j_1"));
  JournalWriter(folder / "journal.ndjson").append(small_job("j_2"));
  EXPECT_EQ(ids(JournalReader(folder / "journal.ndjson").attempts()), (Ids{"j_1", "j_2"}));
}

TEST(Journal, ALaterLineReplacesAnEarlierOne) {
  const TemporaryFolder folder;
  JournalWriter writer(folder / "journal.ndjson");
  writer.append(small_job("j_1", JobStatus::failed));
  writer.append(small_job("j_2"));
  writer.append(small_job("j_1", JobStatus::ok));
  const JournalReader reader(folder / "journal.ndjson");
  EXPECT_EQ(reader.entries().size(), 2U);
  EXPECT_EQ(reader.load(reader.entries().at("j_1")).record.status, JobStatus::ok);
  EXPECT_EQ(ids(reader.attempts()), (Ids{"j_1", "j_2", "j_1"}));
}

TEST(Journal, AJobWithOtherRecordOptionsCountsAsMissing) {
  const TemporaryFolder folder;
  JournalWriter(folder / "journal.ndjson").append(small_job("j_1"));
  const JournalReader reader(folder / "journal.ndjson");
  EXPECT_NE(reader.find("j_1", RecordOptions{}), nullptr);
  EXPECT_EQ(reader.find("j_1", RecordOptions{.probe = 64}), nullptr);
  EXPECT_EQ(reader.find("j_2", RecordOptions{}), nullptr);
}

TEST(Journal, ATornLastLineIsDroppedAndCutOff) {
  const TemporaryFolder folder;
  const std::string file = folder / "journal.ndjson";
  JournalWriter(file).append(small_job("j_1"));
  const std::string whole = file_bytes(file);
  const std::string next = to_json_line(small_job("j_2"));
  write_file(file, whole + next.substr(0, next.size() - 1));  // all but the newline
  {
    const JournalReader reader(file);
    EXPECT_TRUE(reader.has_torn_line());
    EXPECT_EQ(reader.whole_bytes(), whole.size());
    EXPECT_EQ(ids(reader.attempts()), Ids{"j_1"});
  }
  JournalWriter(file).append(small_job("j_3"));
  EXPECT_EQ(file_bytes(file), whole + to_json_line(small_job("j_3")));
}

TEST(Journal, ADamagedLineInsideIsRefused) {
  const TemporaryFolder folder;
  const std::string file = folder / "journal.ndjson";
  {
    JournalWriter writer(file);
    for (const char* id : {"j_1", "j_2", "j_3"}) writer.append(small_job(id));
  }
  const std::string good = file_bytes(file);
  const std::string advice = "; move the file away or delete that line to train its job again";

  std::string flipped = good;
  flipped[flipped.find("j_2")] = 'x';
  write_file(file, flipped);
  EXPECT_EQ(message_of<EnvironmentError>([&] { JournalReader reader(file); }),
            file + ":3: error: damaged line (its checksum does not fit)" + advice);

  std::string cut = good;
  cut.erase(cut.find("j_2"), 30);
  write_file(file, cut);
  EXPECT_EQ(message_of<EnvironmentError>([&] { JournalReader reader(file); }),
            file + ":3: error: damaged line (its checksum does not fit)" + advice);

  write_file(file, good + "\n" + to_json_line(small_job("j_4")));
  EXPECT_EQ(message_of<EnvironmentError>([&] { JournalReader reader(file); }),
            file + ":5: error: damaged line (not the line of a finished job)" + advice);

  // The advice helps: without the line the rest is there.
  std::string without = flipped;
  const std::size_t start = without.rfind('\n', without.find("x_2"));
  without.erase(start, without.find('\n', start + 1) - start);
  write_file(file, without);
  EXPECT_EQ(ids(JournalReader(file).attempts()), (Ids{"j_1", "j_3"}));
}

TEST(Journal, DamageAfterIndexingIsNoticedOnLoading) {
  const TemporaryFolder folder;
  const std::string file = folder / "journal.ndjson";
  JournalWriter(file).append(small_job("j_1"));
  const JournalReader reader(file);
  const JournalEntry entry = reader.entries().at("j_1");
  std::string bytes = file_bytes(file);
  bytes[bytes.find("epochs_run")] = 'x';
  write_file(file, bytes);
  EXPECT_EQ(message_of<EnvironmentError>([&] { (void)reader.load(entry); }),
            file +
                ": error: the line of job j_1 is damaged (its checksum does not fit); move the file away or delete "
                "that line to train the job again");
  write_file(file, "");
  EXPECT_EQ(message_of<EnvironmentError>([&] { (void)reader.load(entry); }),
            file + ": error: the file became shorter while it was read; try again");
}

TEST(Journal, AnotherFormatIsToldNotMisread) {
  const TemporaryFolder folder;
  const std::string file = folder / "journal.ndjson";
  write_file(file, "{\"initsweep_journal\":2,\"jobs\":[]}\n");
  EXPECT_EQ(message_of<EnvironmentError>([&] { JournalWriter writer(file); }),
            file +
                ": error: the journal has format 2, this version of initsweep reads format 1; use the version that "
                "wrote it, --fresh to train anew, or another folder with -o");
}

TEST(Journal, WhatIsNoJournalIsTold) {
  const TemporaryFolder folder;
  const std::string file = folder / "journal.ndjson";
  EXPECT_EQ(message_of<EnvironmentError>([&] { JournalReader reader(file); }),
            file + ": error: cannot open: No such file or directory");
  const std::string no_journal = ": error: this is no journal of initsweep; move the file away";
  for (const char* bytes : {"", "\n", "a,b\n1,2\n", "[1]\n", "{\"initsweep_journal\":1"}) {
    write_file(file, bytes);
    EXPECT_EQ(message_of<EnvironmentError>([&] { JournalReader reader(file); }), file + no_journal) << bytes;
  }
  write_file(file, "{\"initsweep_journal\":1,\"numerics\":{}}\n");
  EXPECT_EQ(message_of<EnvironmentError>([&] { JournalReader reader(file); }),
            file + ": error: the journal's header is damaged; move the file away to train its jobs again");
  EXPECT_EQ(message_of<EnvironmentError>([&] { JournalReader reader(folder.path()); }),
            folder.path().string() + ": error: this is not a regular file; move it away");
}

TEST(Journal, OtherNumericsAreRefusedByTheWriterOnly) {
  const TemporaryFolder folder;
  const std::string file = folder / "journal.ndjson";
  Numerics other = numerics();
  const std::string here = other.instruction_set;
  other.instruction_set = "x86-64-v9";
  write_file(file, header_line(other));
  EXPECT_EQ(JournalReader(file).numerics().instruction_set, "x86-64-v9");
  EXPECT_EQ(message_of<EnvironmentError>([&] { JournalWriter writer(file); }),
            file + ": error: its jobs were trained with instruction set x86-64-v9, this program has " + here +
                "; their numbers would not mix: use --fresh to train anew, or another folder with -o");

  other = numerics();
  const std::string revision = std::to_string(other.revision), l2 = std::to_string(other.cache.l2);
  const std::string caches = std::to_string(other.cache.l1) + "/" + l2 + "/" + std::to_string(other.cache.l3);
  other.revision = 0;
  other.cache = {.l1 = 1, .l2 = 2, .l3 = 3};
  write_file(file, header_line(other));
  EXPECT_EQ(message_of<EnvironmentError>([&] { JournalWriter writer(file); }),
            file + ": error: its jobs were trained with numerics revision 0, this program has " + revision +
                ", and cache sizes 1/2/3, this program has " + caches +
                "; their numbers would not mix: use --fresh to train anew, or another folder with -o");
}

// A limit on file sizes stands in for a full disk: the line's write stops in its midst, then fails, root or not.
TEST(Journal, AFullDiskLeavesWholeLinesAndAppendingGoesOnWhenThereIsSpace) {
  const TemporaryFolder folder;
  const std::string file = folder / "journal.ndjson";
  JournalWriter writer(file);
  writer.append(small_job("j_1"));
  const std::string whole = file_bytes(file);

  struct rlimit before {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const struct rlimit limit { .rlim_cur = whole.size() + 100, .rlim_max = before.rlim_max };
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  const std::string message = message_of<EnvironmentError>([&] { writer.append(small_job("j_2")); });
  const std::string left = file_bytes(file);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);

  EXPECT_EQ(message, file +
                         ": error: cannot write: File too large; what was finished is kept, run the same command "
                         "again once this is put right");
  EXPECT_EQ(left, whole);
  writer.append(small_job("j_3"));
  EXPECT_EQ(ids(JournalReader(file).attempts()), (Ids{"j_1", "j_3"}));
}

// ---- lock

TEST(FolderLock, TheSecondIsToldWhoIsFirst) {
  const TemporaryFolder folder;
  const FolderLock first(folder.path());
  const std::string message = message_of<EnvironmentError>([&] { FolderLock second(folder.path()); });
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  const std::string start = folder.path().string() + ": error: in use by process " + std::to_string(getpid()) + " on " +
                            host.data() + " since ";
  const std::string end = "; wait for it, or choose another folder with -o";
  ASSERT_TRUE(message.starts_with(start) && message.ends_with(end)) << message;
  const std::string since = message.substr(start.size(), message.size() - start.size() - end.size());
  EXPECT_TRUE(std::regex_match(since, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"))) << since;
}

TEST(FolderLock, IsFreeAgainAfterwards) {
  const TemporaryFolder folder;
  { const FolderLock first(folder.path()); }
  EXPECT_NO_THROW(FolderLock(folder.path()));
}

TEST(FolderLock, AFileThatADeadProcessLeftMeansNothing) {
  const TemporaryFolder folder;
  write_file(folder / ".lock", "1 elsewhere-with-a-long-name 2001-01-01T00:00:00Z\n");
  const FolderLock lock(folder.path());
  EXPECT_TRUE(file_bytes(folder / ".lock").starts_with(std::to_string(getpid()) + ' '));
}

TEST(FolderLock, MakesTheFolderAndItsParents) {
  const TemporaryFolder folder;
  const FolderLock lock(folder.path() / "a/b");
  EXPECT_TRUE(std::filesystem::is_directory(folder.path() / "a/b"));
}

TEST(FolderLock, AFileInThePlaceOfTheFolderIsTold) {
  const TemporaryFolder folder;
  write_file(folder / "name", "");
  EXPECT_EQ(message_of<EnvironmentError>([&] { FolderLock lock(folder / "name"); }),
            (folder / "name") + ": error: this is a file, not a folder; choose another folder with -o");
  EXPECT_EQ(
      message_of<EnvironmentError>([&] { FolderLock lock(folder / "name/below"); }),
      (folder / "name/below") + ": error: cannot make this folder: Not a directory; choose another folder with -o");
}

TEST(FolderLock, AFolderWithoutPermissionIsTold) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "closed");
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  std::filesystem::permissions(folder / "closed", std::filesystem::perms::owner_read);
  const uid_t user = geteuid();
  constexpr uid_t nobody = 65534;
  ASSERT_EQ(seteuid(user == 0 ? nobody : user), 0);  // root may write everywhere
  const std::string message = message_of<EnvironmentError>([&] { FolderLock lock(folder / "closed"); });
  ASSERT_EQ(seteuid(user), 0);
  EXPECT_EQ(message, (folder / "closed") +
                         ": error: cannot read and write in this folder: Permission denied; choose "
                         "another folder with -o");
}

TEST(FolderLock, AFullDiskIsTold) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("/dev/full", folder / ".lock");
  EXPECT_EQ(message_of<EnvironmentError>([&] { FolderLock lock(folder.path()); }),
            (folder / ".lock") +
                ": error: cannot write: No space left on device; free some space and run the same command again");
}

}  // namespace
}  // namespace initsweep
