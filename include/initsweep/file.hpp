// Files that are written whole or not at all, whatever ends the program meanwhile.
#pragma once
#include <sys/types.h>
#include <filesystem>
#include <string_view>

namespace initsweep {

// A file that replaces another: written beside `path` under a temporary, hidden name, synced, renamed. Throws
// EnvironmentError (with the system's reason) and leaves nothing half-written.
class ReplacedFile {
 public:
  explicit ReplacedFile(std::filesystem::path path);
  ~ReplacedFile();  // removes the temporary file if commit() was not reached
  ReplacedFile(const ReplacedFile&) = delete;
  ReplacedFile& operator=(const ReplacedFile&) = delete;
  void write(std::string_view bytes);
  // Everything is on disk under the temporary name; what is left for commit() needs no more space.
  void finish();
  void commit();

 private:
  std::filesystem::path path_, temporary_;
  int descriptor_ = -1;
};

// A file with these bytes, whole or not at all. Throws EnvironmentError.
void replace_file(const std::filesystem::path& path, std::string_view bytes);

// All bytes, however often it takes; 0, or errno of the write that failed. At `offset`, or where the descriptor stands.
[[nodiscard]] int write_all(int descriptor, std::string_view bytes);
[[nodiscard]] int write_all(int descriptor, std::string_view bytes, off_t offset);

// Whether a file is one of those temporary ones: all that a killed program leaves of them.
[[nodiscard]] bool is_leftover(const std::filesystem::path& file);

// Whether the path no longer leads to the file that is open as `descriptor`: it, or a folder above it, was moved,
// removed or replaced. A file system that does not answer tells nothing, and reads as false.
[[nodiscard]] bool has_moved(const std::filesystem::path& path, int descriptor);

// Makes names that were given in the folder survive a power cut, where its file system can promise that. Throws
// EnvironmentError.
void sync_folder(const std::filesystem::path& folder);

}  // namespace initsweep
