// Who works in a folder of results, found out without ever taking its lock: a run that starts just then is not to fail.
#pragma once
#include <filesystem>
#include <string>

namespace initsweep {

// unknown: the folder was last taken on another host, or the system does not tell who holds locks.
enum class Occupancy { free, held, unknown };

struct FolderHolder {
  Occupancy occupancy = Occupancy::free;
  long process = 0;         // of the last run, whether it goes on or not
  std::string host, since;  // as folder_lock wrote them; since in UTC, 2026-11-22T09:48:08Z
  bool operator==(const FolderHolder&) const = default;
};
[[nodiscard]] FolderHolder holder_of(const std::filesystem::path& folder);

}  // namespace initsweep
