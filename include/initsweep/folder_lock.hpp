// Two runs in one folder would write over each other, so the first one holds it.
#pragma once
#include <filesystem>

namespace initsweep {

// One folder, one run: held from open to destruction, released by the system if the process dies.
class FolderLock {
 public:
  // Makes the folder and its parents where they are missing. Throws EnvironmentError naming the process, host and start
  // time that hold it, or why the folder cannot be used.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace initsweep
