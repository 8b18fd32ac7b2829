// The grid of a sweep file: blocks of axes, with their short forms, conditions and zips.
#pragma once
#include <vector>

#include "initsweep/spec.hpp"
#include "problems.hpp"
#include "yaml_tree.hpp"

namespace initsweep {

[[nodiscard]] std::vector<Block> read_grid(const YamlNode& grid, Problems& problems);

}  // namespace initsweep
