// What a claim of a sweep file measures: its metric, and when and in which layers.
#pragma once
#include <string_view>

#include "initsweep/spec.hpp"
#include "problems.hpp"
#include "spec_node.hpp"

namespace initsweep {

// metric, at, layer and across. `spec` is what the file says before its claims; unless it is sound, what seems to be
// missing in it may only be wrong, and is not reported.
void read_quantity(const Fields& fields, const SweepSpec& spec, bool spec_is_sound, Problems& problems,
                   Expectation& claim);

// Whether it is one number a seed, rather than one of each of several layers.
[[nodiscard]] bool is_one_number(const Expectation& claim);

// Whether any cell may hold samples back for validation.
[[nodiscard]] bool has_validation_samples(const SweepSpec& spec);

// Reports a key that is there, since it "has no place here; `why`".
void forbid(const Fields& fields, std::string_view key, std::string_view why, Problems& problems);

}  // namespace initsweep
