// What is no error in a sweep but most likely not meant.
#pragma once
#include <vector>

#include "initsweep/spec.hpp"

namespace initsweep {

[[nodiscard]] std::vector<Diagnostic> warnings_of(const SweepSpec& spec);

}  // namespace initsweep
