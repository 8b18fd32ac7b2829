#include "initsweep/file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <set>
#include <string>

#include "initsweep/diagnostic.hpp"
#include "temporary_folder.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

TEST(ReplacedFile, ReplacesOnlyAtCommit) {
  const TemporaryFolder folder;
  write_file(folder / "a.csv", "old");
  ReplacedFile file(folder / "a.csv");
  file.write("new ");
  EXPECT_EQ(file_bytes(folder / "a.csv"), "old");
  file.write("text");
  EXPECT_EQ(file_bytes(folder / "a.csv"), "old");
  file.commit();
  EXPECT_EQ(file_bytes(folder / "a.csv"), "new text");
  EXPECT_EQ(folder.names(), Names{"a.csv"});
}

TEST(ReplacedFile, WithoutCommitLeavesNothingBehind) {
  const TemporaryFolder folder;
  {
    ReplacedFile file(folder / "a.csv");
    file.write("half");
    EXPECT_EQ(folder.names().count("a.csv"), 0U);
  }
  EXPECT_EQ(folder.names(), Names{});
}

TEST(ReplacedFile, TwoAtOnceDoNotMix) {
  const TemporaryFolder folder;
  ReplacedFile first(folder / "a.csv");
  ReplacedFile second(folder / "a.csv");
  first.write("first");
  second.write("second");
  second.commit();
  EXPECT_EQ(file_bytes(folder / "a.csv"), "second");
  first.commit();
  EXPECT_EQ(file_bytes(folder / "a.csv"), "first");
  EXPECT_EQ(folder.names(), Names{"a.csv"});
}

TEST(ReplacedFile, IsReadableAsTheUmaskAllows) {
  const TemporaryFolder folder;
  const mode_t before = ::umask(027);
  ReplacedFile file(folder / "a.csv");
  ::umask(before);
  file.commit();
  struct stat status {};
  ASSERT_EQ(::stat((folder / "a.csv").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST(ReplacedFile, ARelativeNameIsBesideUs) {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  ReplacedFile file("a.csv");
  file.write("text");
  file.commit();
  fs::current_path(before);
  EXPECT_EQ(file_bytes(folder / "a.csv"), "text");
}

TEST(ReplacedFile, ANameThatIsAFolderIsRefusedAtOnce) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "a.csv");
  EXPECT_EQ(message_of<EnvironmentError>([&] { ReplacedFile file(folder / "a.csv"); }),
            (folder / "a.csv") + ": error: cannot write: Is a directory");
  EXPECT_EQ(folder.names(), Names{"a.csv"});
}

TEST(ReplacedFile, AFolderThatAppearsMeanwhileIsRefusedAtCommit) {
  const TemporaryFolder folder;
  {
    ReplacedFile file(folder / "a.csv");
    fs::create_directory(folder / "a.csv");
    EXPECT_EQ(message_of<EnvironmentError>([&] { file.commit(); }),
              (folder / "a.csv") + ": error: cannot write: Is a directory");
  }
  EXPECT_EQ(folder.names(), Names{"a.csv"});
}

TEST(ReplacedFile, AMissingFolderIsTold) {
  const TemporaryFolder folder;
  EXPECT_EQ(message_of<EnvironmentError>([&] { ReplacedFile file(folder / "none/a.csv"); }),
            (folder / "none/a.csv") + ": error: cannot write: No such file or directory");
}

// A limit on file sizes stands in for a full disk: the write fails in its midst, root or not.
TEST(ReplacedFile, AFailedWriteKeepsTheOldFile) {
  const TemporaryFolder folder;
  write_file(folder / "a.csv", "old");
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const struct rlimit limit { .rlim_cur = 1000, .rlim_max = before.rlim_max };
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::string message;
  {
    ReplacedFile file(folder / "a.csv");
    message = message_of<EnvironmentError>([&] { file.write(std::string(2000, 'x')); });
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(message, (folder / "a.csv") + ": error: cannot write: File too large");
  EXPECT_EQ(file_bytes(folder / "a.csv"), "old");
  EXPECT_EQ(folder.names(), Names{"a.csv"});
}

TEST(Leftover, IsWhatAKilledProgramLeavesAndNothingElse) {
  const TemporaryFolder folder;
  {
    ReplacedFile file(folder / "a.csv");
    ASSERT_EQ(folder.names().size(), 1U);
    EXPECT_TRUE(is_leftover(*folder.names().begin()));
    EXPECT_TRUE(folder.names().begin()->starts_with('.')) << "*.csv must not find it";
  }
  for (const char* kept : {"a.csv", ".lock", "journal.ndjson", "notes.initsweep-1-0", ".notes.initsweep-old",
                           "a.csv.tmp-1-0", ".a.csv.initsweep", ".notes.initsweep-", ".a.initsweep-2026-11-24"})
    EXPECT_FALSE(is_leftover(kept)) << kept;
}

}  // namespace
}  // namespace initsweep
