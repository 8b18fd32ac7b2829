// The --set options: changes to the tree of a sweep file before it is read.
#pragma once
#include <array>
#include <string_view>

#include "initsweep/spec.hpp"
#include "problems.hpp"
#include "yaml_tree.hpp"

namespace initsweep {

// Top-level keys of a sweep file.
inline constexpr std::array<std::string_view, 13> kSweepKeys = {
    "version", "name",    "description", "about",  "settings", "grid",  "seeds",
    "exclude", "include", "probe",       "record", "limits",   "expect"};

// Applies spec.overrides in order. A key is
//   epochs                the name of a setting: it gets this one value everywhere, in `settings` and in every axis and
//                         `include` that names it (epochs replaces steps, too, and the other way round)
//   grid.depth            an axis: replaced in every block that has it, else added to all
//   seeds, limits.memory  a path into the file: replaced, or added
void apply_overrides(const SweepSpec& spec, YamlNode& root, Problems& problems);

}  // namespace initsweep
