#include "initsweep/folder_lock.hpp"
#include <gtest/gtest.h>
#include <unistd.h>
#include <array>
#include <filesystem>
#include <set>
#include <string>
#include "initsweep/diagnostic.hpp"
#include "initsweep/journal.hpp"
#include "temporary_folder.hpp"

namespace initsweep {
namespace {

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
  std::string shape = since;
  for (char& c : shape) c = c >= '0' && c <= '9' ? '0' : c;
  EXPECT_EQ(shape, "0000-00-00T00:00:00Z") << since;
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

TEST(FolderLock, ClearsAwayWhatAKilledProgramWasWritingAndNothingElse) {
  const TemporaryFolder folder;
  for (const char* name : {".jobs.csv.initsweep-123-0", "jobs.csv", "notes.tmp-1", ".hidden"})
    write_file(folder / name, "text");
  const FolderLock lock(folder.path());
  EXPECT_EQ(folder.names(), (std::set<std::string>{".hidden", ".lock", "jobs.csv", "notes.tmp-1"}));
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
