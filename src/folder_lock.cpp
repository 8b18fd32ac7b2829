// The lock is the system's (flock on DIR/.lock), so a dead process holds none and a leftover file means nothing. What
// the file says is only there to name the holder to whoever comes second.
#include "initsweep/folder_lock.hpp"
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <cerrno>
#include <sstream>
#include <system_error>
#include <vector>
#include "host.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/file.hpp"
#include "read_file.hpp"

namespace initsweep {

namespace {

[[noreturn]] void fail(const std::filesystem::path& folder, const std::string& message) {
  throw EnvironmentError(printable(folder.string()) + ": error: " + message);
}

std::string reason(int error) { return std::generic_category().message(error); }

void make_usable(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> made;
  for (std::filesystem::path p = folder; !p.empty() && !std::filesystem::exists(p, error); p = p.parent_path())
    made.push_back(p);
  std::filesystem::create_directories(folder, error);
  if (std::filesystem::exists(folder) && !std::filesystem::is_directory(folder))
    fail(folder, "this is a file, not a folder; choose another folder with -o");
  if (error) fail(folder, "cannot make this folder: " + error.message() + "; choose another folder with -o");
  if (faccessat(AT_FDCWD, folder.c_str(), R_OK | W_OK | X_OK, AT_EACCESS) != 0)
    fail(folder, "cannot read and write in this folder: " + reason(errno) + "; choose another folder with -o");
  for (const std::filesystem::path& p : made) sync_folder(p.parent_path());  // a power cut must not take all of it
}

// What a killed run was just writing (ReplacedFile): nobody else may be writing here now.
void remove_leftovers(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::directory_iterator entry(folder, ignored);
  for (; !ignored && entry != std::filesystem::directory_iterator{}; entry.increment(ignored))
    if (std::error_code error; is_leftover(entry->path())) std::filesystem::remove(entry->path(), error);
}

std::string holder_line() { return std::to_string(getpid()) + ' ' + host_name() + ' ' + utc_now() + '\n'; }

std::string holder_sentence(const std::filesystem::path& lock_file) {
  std::error_code unreadable;
  std::istringstream in(read_file(lock_file, /*most=*/1000, unreadable));
  std::string process, host, since;
  if (!(in >> process >> host >> since)) return "in use by another process";
  return "in use by process " + printable(process) + " on " + printable(host) + " since " + printable(since);
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder) {
  make_usable(folder);
  const std::filesystem::path file = folder / ".lock";
  descriptor_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(file, "cannot open: " + reason(errno));

  // Past this point a failure closes the file itself: the destructor of what was not constructed does not run.
  const auto fail_closed = [&](const std::filesystem::path& where, const std::string& message) {
    close(descriptor_);
    fail(where, message);
  };
  while (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK)
      fail_closed(folder, holder_sentence(file) + "; wait for it, or choose another folder with -o");
    fail_closed(file, "cannot lock: " + reason(errno) + "; choose a folder on another file system with -o");
  }
  if (has_moved(file, descriptor_))  // another run has just put the folder aside (--fresh)
    fail_closed(folder, "was renamed while it was being opened; run the same command again");
  if (const int error = write_all(descriptor_, holder_line()))
    fail_closed(file, "cannot write: " + reason(error) + "; free some space and run the same command again");
  // (A shorter line than the last holder's leaves a rest behind its newline, which nobody reads.)
  remove_leftovers(folder);
}

FolderLock::~FolderLock() { close(descriptor_); }

}  // namespace initsweep
