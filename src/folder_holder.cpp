#include "folder_holder.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cstdio>
#include <sstream>
#include <system_error>

#include "host.hpp"
#include "read_file.hpp"

namespace initsweep {
namespace {

// Whether /proc/locks has a flock of this file. Its lines: "1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF", process,
// device and inode. The device differs from stat's on some file systems (overlays), the process between containers;
// one of them and the inode will do.
bool is_listed(const std::string& locks, const struct stat& file, long process) {
  std::istringstream lines(locks);
  for (std::string line; std::getline(lines, line);) {
    unsigned device_major = 0, device_minor = 0;
    unsigned long inode = 0;
    long holder = 0;
    if (std::sscanf(line.c_str(), "%*s FLOCK %*s %*s %ld %x:%x:%lu", &holder, &device_major, &device_minor, &inode) !=
        4)
      continue;
    const bool is_device = major(file.st_dev) == device_major && minor(file.st_dev) == device_minor;
    if (inode == file.st_ino && (is_device || holder == process)) return true;
  }
  return false;
}

}  // namespace

FolderHolder holder_of(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / ".lock";
  FolderHolder holder;
  std::error_code error;
  std::istringstream in(read_file(file, /*most=*/1000, error));
  struct stat status {};
  if (!(in >> holder.process >> holder.host >> holder.since) || stat(file.c_str(), &status) != 0) return {};
  const std::string locks = read_file("/proc/locks", /*most=*/std::size_t{4} << 20, error);
  if (!error && is_listed(locks, status, holder.process))
    holder.occupancy = Occupancy::held;
  else if (error || holder.host != host_name())
    holder.occupancy = Occupancy::unknown;
  return holder;
}

}  // namespace initsweep
