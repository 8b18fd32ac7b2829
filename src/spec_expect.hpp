// The claims of a sweep file.
#pragma once
#include <vector>

#include "initsweep/spec.hpp"
#include "problems.hpp"
#include "yaml_tree.hpp"

namespace initsweep {

// `spec` holds the rest of the sweep, which some claims rest on. Whether a `where` matches any cell is for
// check_expectations() to say.
[[nodiscard]] std::vector<Expectation> read_expectations(const YamlNode& node, const SweepSpec& spec,
                                                         Problems& problems);

}  // namespace initsweep
