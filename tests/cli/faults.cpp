// Stands between a program and the C library (LD_PRELOAD) and lets its calls that change files go wrong: for tests of
// what a kill, a full disk or a power cut leaves behind.
//
// Counted, from 1, are the calls on files below $FAULTS_FOLDER: open for writing, mkdir, write, pwrite, ftruncate,
// fsync, fdatasync, rename, unlink, remove. $FAULTS_LOG gets two lines a call, "begin N NAME PATH" and "end N NAME PATH
// SIZE", the size being that of the file by then. $FAULTS_HOW says what goes wrong at the call $FAULTS_AT, "NAME PATH
// K": the K-th of that name on that path below the folder (a temporary file's without its numbers), so that a call more
// in a slow run shifts no other.
//   kill-before, kill-within, kill-after   SIGKILL; within a write half of the bytes are written
//   stop                                   SIGSTOP within it; goes on when it is continued
//   eio                                    the call fails with EIO
//   enospc                                 from then on nothing that takes space succeeds; a write writes half
//   slow                                   every call takes 2 ms more, within it
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

std::string path_of(int descriptor) {
  char path[PATH_MAX];
  const ssize_t n = readlink(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), path, sizeof path);
  return n < 0 ? "" : std::string(path, static_cast<std::size_t>(n));
}

std::string absolute(const char* path) {
  char folder[PATH_MAX];
  if (path[0] == '/' || getcwd(folder, sizeof folder) == nullptr) return path;
  return std::string(folder) + '/' + path;
}

void log_line(const std::string& line) {
  const std::string_view file = variable("FAULTS_LOG");
  if (file.empty()) return;
  const int descriptor =
      next<int(const char*, int, ...)>("open")(file.data(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (next<ssize_t(int, const void*, std::size_t)>("write")(descriptor, line.data(), line.size()) < 0) std::abort();
  close(descriptor);
}

long long size_of(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? static_cast<long long>(status.st_size) : -1;
}

// Calls so far of each name on each path.
std::string place_of(const char* name, std::string_view path) {
  static std::mutex mutex;
  static std::map<std::string, int> calls;
  constexpr std::string_view kTemporary = ".initsweep-";
  path.remove_prefix(variable("FAULTS_FOLDER").size());
  const std::size_t mark = path.find(kTemporary);
  std::string key = std::string(name) + ' ' + std::string(path.substr(0, mark));
  const std::lock_guard lock(mutex);
  const int n = ++calls[key];
  return key + ' ' + std::to_string(n);
}

std::atomic<long> g_calls = 0;
std::atomic<bool> g_is_full = false;

// One counted call. `whole` does what was asked for; `half` does half of it where that has a meaning (writes).
template <class Whole, class Half>
auto counted(const char* name, const std::string& path, bool takes_space, const Whole& whole, const Half& half)
    -> decltype(whole()) {
  const std::string_view folder = variable("FAULTS_FOLDER");
  if (folder.empty() || !std::string_view(path).starts_with(folder)) return whole();
  const long n = ++g_calls;
  const std::string what = std::to_string(n) + ' ' + name + ' ' + path;
  const std::string_view how = variable("FAULTS_HOW");
  const bool is_now = place_of(name, path) == variable("FAULTS_AT");
  log_line("begin " + what + '\n');
  if (is_now && how == "kill-before") raise(SIGKILL);
  if (is_now && how == "enospc") g_is_full = true;
  if (is_now && how == "eio") {
    errno = EIO;
    return -1;
  }
  if (g_is_full && takes_space) {
    const auto done = is_now ? half() : 0;
    if (done > 0) return done;
    errno = ENOSPC;
    return -1;
  }
  decltype(whole()) result = 0;
  if ((is_now && (how == "kill-within" || how == "stop")) || how == "slow") {
    result = half();
    const timespec pause{.tv_sec = 0, .tv_nsec = 2'000'000};
    if (how == "slow")
      nanosleep(&pause, nullptr);
    else
      raise(how == "stop" ? SIGSTOP : SIGKILL);
  }
  if (result <= 0) result = whole();
  const int error = errno;
  log_line("end " + what + ' ' + std::to_string(size_of(path)) + '\n');
  if (is_now && how == "kill-after") raise(SIGKILL);
  errno = error;
  return result;
}

constexpr auto kNoHalf = [] { return 0; };

ssize_t write_counted(const char* name, int descriptor, const void* bytes, std::size_t n, off_t offset) {
  const auto do_write = [=](std::size_t count) {
    return offset < 0 ? next<ssize_t(int, const void*, std::size_t)>("write")(descriptor, bytes, count)
                      : next<ssize_t(int, const void*, std::size_t, off_t)>("pwrite")(descriptor, bytes, count, offset);
  };
  return counted(
      name, path_of(descriptor), true, [&] { return do_write(n); }, [&] { return n < 2 ? 0 : do_write(n / 2); });
}

int open_counted(const char* path, int flags, mode_t mode) {
  const auto do_open = [=] { return next<int(const char*, int, ...)>("open")(path, flags, mode); };
  if ((flags & O_ACCMODE) == O_RDONLY) return do_open();
  return counted("open", absolute(path), (flags & O_CREAT) != 0, do_open, kNoHalf);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_counted(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_counted(path, flags, mode);
}

ssize_t write(int descriptor, const void* bytes, std::size_t n) {
  return write_counted("write", descriptor, bytes, n, -1);
}

ssize_t pwrite(int descriptor, const void* bytes, std::size_t n, off_t offset) {
  return write_counted("pwrite", descriptor, bytes, n, offset);
}

ssize_t pwrite64(int descriptor, const void* bytes, std::size_t n, off64_t offset) {
  return write_counted("pwrite", descriptor, bytes, n, offset);
}

int ftruncate(int descriptor, off_t size) noexcept {
  return counted(
      "ftruncate", path_of(descriptor), false, [=] { return next<int(int, off_t)>("ftruncate")(descriptor, size); },
      kNoHalf);
}

int ftruncate64(int descriptor, off64_t size) noexcept { return ftruncate(descriptor, size); }

int fsync(int descriptor) {
  return counted(
      "fsync", path_of(descriptor), true, [=] { return next<int(int)>("fsync")(descriptor); }, kNoHalf);
}

int fdatasync(int descriptor) {
  return counted(
      "fdatasync", path_of(descriptor), true, [=] { return next<int(int)>("fdatasync")(descriptor); }, kNoHalf);
}

int rename(const char* from, const char* to) noexcept {
  return counted(
      "rename", absolute(to), false, [=] { return next<int(const char*, const char*)>("rename")(from, to); }, kNoHalf);
}

int unlink(const char* path) noexcept {
  return counted(
      "unlink", absolute(path), false, [=] { return next<int(const char*)>("unlink")(path); }, kNoHalf);
}

int remove(const char* path) noexcept {
  return counted(
      "remove", absolute(path), false, [=] { return next<int(const char*)>("remove")(path); }, kNoHalf);
}

int mkdir(const char* path, mode_t mode) noexcept {
  return counted(
      "mkdir", absolute(path), true, [=] { return next<int(const char*, mode_t)>("mkdir")(path, mode); }, kNoHalf);
}

}  // extern "C"
