// What a report says first: counts, and sentences for someone with twenty seconds.
#pragma once
#include "initsweep/report.hpp"
#include "initsweep/study.hpp"

namespace initsweep {

// Title, tiles and notes; of several folders those of the last, which is today's. Each sentence is left out where the
// results do not bear it.
//   learns       a net whose best seed ends above twice what guessing gets
//   group        combinations that differ in the rows of the pictures alone (initializer and mode)
[[nodiscard]] ReportHead report_head(const Study& study);

}  // namespace initsweep
