#include "initsweep/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <regex>
#include <string>
#include <system_error>
#include <utility>

#include "initsweep/diagnostic.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = ".initsweep-";  // between the name of the file to be and our numbers

[[noreturn]] void fail(const fs::path& path, const char* what, int error_number) {
  const bool is_full = error_number == ENOSPC || error_number == EDQUOT;
  throw EnvironmentError(printable(path.string()) + ": error: " + what + ": " +
                         std::generic_category().message(error_number) +
                         (is_full ? "; free some space and run the same command again" : ""));
}

// `write` takes the bytes that are left and how many are done.
template <class Write>
int write_until_done(std::string_view bytes, const Write& write) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = write(bytes.substr(done), done);
    if (n < 0 && errno != EINTR) return errno;
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  return 0;
}

}  // namespace

void replace_file(const std::filesystem::path& path, std::string_view bytes) {
  ReplacedFile file(path);
  file.write(bytes);
  file.commit();
}

int write_all(int descriptor, std::string_view bytes) {
  return write_until_done(
      bytes, [=](std::string_view left, std::size_t) { return ::write(descriptor, left.data(), left.size()); });
}

int write_all(int descriptor, std::string_view bytes, off_t offset) {
  return write_until_done(bytes, [=](std::string_view left, std::size_t done) {
    return ::pwrite(descriptor, left.data(), left.size(), offset + static_cast<off_t>(done));
  });
}

ReplacedFile::ReplacedFile(fs::path path) : path_(std::move(path)) {
  std::error_code error;
  if (fs::is_directory(path_, error)) fail(path_, "cannot write", EISDIR);
  // The process number keeps two programs apart, the count two files of one program. open, unlike mkostemp, leaves the
  // umask to the kernel: it could only be asked for by changing it under other threads.
  for (int i = 0; descriptor_ < 0; ++i) {
    temporary_ = path_.parent_path() / ('.' + path_.filename().string() + std::string(kMark) +
                                        std::to_string(::getpid()) + '-' + std::to_string(i));
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (descriptor_ < 0 && errno != EEXIST) fail(path_, "cannot write", errno);
  }
}

ReplacedFile::~ReplacedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void ReplacedFile::write(std::string_view bytes) {
  assert(descriptor_ >= 0);
  if (const int error_number = write_all(descriptor_, bytes)) fail(path_, "cannot write", error_number);
}

void ReplacedFile::finish() {
  if (descriptor_ < 0) return;
  if (::fsync(descriptor_) != 0) fail(path_, "cannot write", errno);
  if (::close(std::exchange(descriptor_, -1)) != 0) fail(path_, "cannot write", errno);
}

void ReplacedFile::commit() {
  finish();
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail(path_, "cannot write", errno);
  temporary_.clear();
  sync_folder(path_.parent_path());  // the file is in place; now its name stays
}

bool is_leftover(const fs::path& file) {
  const std::regex form(R"(\..+\.initsweep-\d+-\d+)");
  return std::regex_match(file.filename().string(), form);
}

bool has_moved(const fs::path& path, int descriptor) {
  struct stat open {};
  struct stat named {};
  if (::fstat(descriptor, &open) != 0) return false;
  if (::stat(path.c_str(), &named) != 0) return errno == ENOENT || errno == ENOTDIR;
  return open.st_dev != named.st_dev || open.st_ino != named.st_ino;
}

void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  const int error_number = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  if (error_number != 0 && error_number != EINVAL) fail(folder.empty() ? "." : folder, "cannot write", error_number);
}

}  // namespace initsweep
