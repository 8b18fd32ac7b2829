// Folders of results on their way into pictures.
#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <vector>
#include "initsweep/study.hpp"
#include "sweep.hpp"

namespace initsweep {

struct StudiedFolders {
  std::vector<RunFolder> folders;
  Study study;
};
// Each is called by the last part of its path, or by all of it where that is not enough. Filters (KEY=VALUE) leave the
// cells that they select; throws UsageError where they select none.
[[nodiscard]] StudiedFolders open_study(std::span<const std::filesystem::path> folders,
                                        std::span<const std::string> filters);

}  // namespace initsweep
