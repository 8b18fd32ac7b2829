#include "initsweep/journal.hpp"
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <csignal>
#include <deque>
#include <string>
#include <vector>
#include "initsweep/diagnostic.hpp"
#include "initsweep/numerics.hpp"
#include "journal_line.hpp"
#include "temporary_folder.hpp"

namespace initsweep {
namespace {

FinishedJob small_job(const std::string& id, JobStatus status = JobStatus::ok) {
  FinishedJob job{.job_id = id, .record_options = {}, .record = {}, .trace = {}};
  job.record.status = status;
  return job;
}

std::vector<std::string> ids(const std::deque<JournalEntry>& entries) {
  std::vector<std::string> ids;
  for (const JournalEntry& entry : entries) ids.push_back(entry.job_id);
  return ids;
}

using Ids = std::vector<std::string>;

TEST(Journal, GivesBackWhatWasAppended) {
  const TemporaryFolder folder;
  FinishedJob first = small_job("j_1");
  first.record.epochs = {{.epoch = 1, .step = 938, .test_accuracy = 0.1}};
  first.trace.host = "node1";
  const FinishedJob second = small_job("j_2", JobStatus::timeout);
  {
    JournalWriter writer(folder / "journal.ndjson");
    writer.append(first);
    writer.append(second);
  }
  const JournalReader reader(folder / "journal.ndjson");
  EXPECT_EQ(ids(reader.attempts()), (Ids{"j_1", "j_2"}));
  EXPECT_EQ(reader.find("j_2", RecordOptions{})->status, JobStatus::timeout);
  EXPECT_EQ(reader.find("j_1", RecordOptions{})->trace.host, "node1");
  EXPECT_FALSE(reader.has_torn_end());
  EXPECT_EQ(reader.whole_bytes(), std::filesystem::file_size(folder / "journal.ndjson"));
  EXPECT_EQ(to_json_line(reader.load(*reader.find("j_1", RecordOptions{}))), to_json_line(first));
  EXPECT_EQ(to_json_line(reader.load(*reader.find("j_2", RecordOptions{}))), to_json_line(second));
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
  EXPECT_EQ(reader.n_jobs(), 2U);
  EXPECT_EQ(reader.load(*reader.find("j_1", RecordOptions{})).record.status, JobStatus::ok);
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
    EXPECT_TRUE(reader.has_torn_end());
    EXPECT_EQ(reader.whole_bytes(), whole.size());
    EXPECT_EQ(ids(reader.attempts()), Ids{"j_1"});
  }
  JournalWriter(file).append(small_job("j_3"));
  EXPECT_EQ(file_bytes(file), whole + to_json_line(small_job("j_3")));
}

TEST(Journal, AnEndThatAPowerCutLeftAsZerosIsTorn) {
  const TemporaryFolder folder;
  const std::string file = folder / "journal.ndjson";
  JournalWriter(file).append(small_job("j_1"));
  const std::string whole = file_bytes(file);
  const std::string next = to_json_line(small_job("j_2"));
  const std::string zeros(next.size() / 2, '\0');  // the first blocks of the line never came to the disk, the last did
  write_file(file, whole + zeros + next.substr(zeros.size()));
  EXPECT_TRUE(JournalReader(file).has_torn_end());
  JournalWriter(file).append(small_job("j_3"));
  EXPECT_EQ(file_bytes(file), whole + to_json_line(small_job("j_3")));

  // Blocks reach the disk in any order: what stands behind the zeros is kept, and they stay where they are.
  const std::string with_gap = whole + zeros + next.substr(zeros.size()) + to_json_line(small_job("j_4"));
  write_file(file, with_gap);
  {
    const JournalReader reader(file);
    EXPECT_TRUE(reader.has_gap());
    EXPECT_FALSE(reader.has_torn_end());
    EXPECT_EQ(ids(reader.attempts()), (Ids{"j_1", "j_4"}));
    EXPECT_EQ(reader.load(*reader.find("j_4", RecordOptions{})).job_id, "j_4");
  }
  JournalWriter(file).append(small_job("j_2"));
  EXPECT_EQ(file_bytes(file), with_gap + next);
  EXPECT_EQ(ids(JournalReader(file).attempts()), (Ids{"j_1", "j_4", "j_2"}));
}

TEST(Journal, HasOneWriterEvenWithoutTheLockOfItsFolder) {
  const TemporaryFolder folder;
  const std::string file = folder / "journal.ndjson";
  {
    JournalWriter first(file);
    EXPECT_EQ(message_of<EnvironmentError>([&] { JournalWriter second(file); }),
              file + ": error: another process is writing it; wait for it, or choose another folder with -o");
    EXPECT_NO_THROW(JournalReader{file}) << "reading needs no lock";
  }
  EXPECT_NO_THROW(JournalWriter{file});
}

TEST(Journal, SaysWhenItWasMovedRemovedOrReplaced) {
  const TemporaryFolder folder;
  const std::filesystem::path inside = folder / "results";
  const std::string gone =
      (inside / "journal.ndjson").string() +
      ": error: the journal is no longer there; it, or its folder, was moved or removed during the run";
  {
    std::filesystem::create_directory(inside);
    JournalWriter writer(inside / "journal.ndjson");
    writer.append(small_job("j_1"));
    EXPECT_NO_THROW(writer.sync());
    std::filesystem::rename(inside, folder / "elsewhere");
    EXPECT_EQ(message_of<EnvironmentError>([&] { writer.sync(); }), gone);
    std::filesystem::create_directory(inside);
    write_file((inside / "journal.ndjson").string(), "");
    EXPECT_EQ(message_of<EnvironmentError>([&] { writer.sync(); }), gone);
  }
  EXPECT_EQ(ids(JournalReader(folder / "elsewhere/journal.ndjson").attempts()), Ids{"j_1"}) << "nothing is lost";
}

TEST(Journal, ADamagedLineInsideIsRefused) {
  const TemporaryFolder folder;
  const std::string file = folder / "journal.ndjson";
  {
    JournalWriter writer(file);
    for (const char* id : {"j_1", "j_2", "j_3"}) writer.append(small_job(id));
  }
  const std::string good = file_bytes(file);
  const std::string advice = "; delete that line, and its job alone is trained again";

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
  const JournalEntry entry = *reader.find("j_1", RecordOptions{});
  std::string bytes = file_bytes(file);
  bytes[bytes.find("epochs_run")] = 'x';
  write_file(file, bytes);
  EXPECT_EQ(
      message_of<EnvironmentError>([&] { (void)reader.load(entry); }),
      file +
          ": error: the line of job j_1 is damaged (its checksum does not fit); delete that line, and the job alone is "
          "trained again");
  write_file(file, "");
  EXPECT_EQ(message_of<EnvironmentError>([&] { (void)reader.load(entry); }),
            file + ": error: the file became shorter while it was read; try again");
}

TEST(Journal, AnotherFormatIsToldNotMisread) {
  const TemporaryFolder folder;
  const std::string file = folder / "journal.ndjson";
  write_file(file, "{\"initsweep_journal\":1,\"jobs\":[]}\n");
  EXPECT_EQ(message_of<EnvironmentError>([&] { JournalWriter writer(file); }),
            file +
                ": error: the journal has format 1, this version of initsweep reads format 2; use the version that "
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
  write_file(file, "{\"initsweep_journal\":2,\"numerics\":{}}\n");
  EXPECT_EQ(message_of<EnvironmentError>([&] { JournalReader reader(file); }),
            file + ": error: the journal's header is damaged; move the file away to train its jobs again");
  EXPECT_EQ(message_of<EnvironmentError>([&] { JournalReader reader(folder.path()); }),
            folder.path().string() + ": error: this is not a regular file; move it away");
}

TEST(Journal, AFileWithoutLinesIsNotReadToItsEnd) {
  const TemporaryFolder folder;
  const std::string file = folder / "journal.ndjson";
  write_file(file, "");
  std::filesystem::resize_file(file, std::uintmax_t{1} << 40);  // a hole, which takes no space
  EXPECT_EQ(message_of<EnvironmentError>([&] { JournalReader reader(file); }),
            file + ": error: this is no journal of initsweep; move the file away");
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

}  // namespace
}  // namespace initsweep
