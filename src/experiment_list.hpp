// The sweeps that come with the program: what each claims, what came out, and what it costs to try.
#pragma once
#include "commands.hpp"
#include "initsweep/table.hpp"

namespace initsweep {

// A row for each file that can be read; the log hears of the others. Nothing is trained, and no data is read. As a
// table long claims are cut.
[[nodiscard]] Table experiments_table(Session& session);

inline constexpr const char* kExperimentsLegend =
    "minutes: an estimate for two cores of a 2026 Xeon with AVX-512, all jobs of the sweep together\n";

}  // namespace initsweep
