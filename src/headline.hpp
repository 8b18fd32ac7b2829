// What a report says first: counts, and sentences for someone with twenty seconds.
#pragma once
#include "initsweep/report.hpp"
#include "initsweep/study.hpp"

namespace initsweep {

// Title, tiles and notes; of several folders those of the last, which is today's. Each sentence is left out where the
// results do not bear it. A net
//   diverges               if one of its seeds did
//   learns                 if none did and its mean accuracy is above twice what guessing gets
//   stays near a guess     else
[[nodiscard]] ReportHead report_head(const Study& study);

}  // namespace initsweep
