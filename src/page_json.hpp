// All that the scripts of the page know: the study, its pictures and the colours, as one text of JSON.
#pragma once
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include "initsweep/report.hpp"
#include "initsweep/study.hpp"

namespace initsweep {

// Safe inside <script>: no '<' in it. What is not UTF-8 is replaced.
//
// Where it would be more than `most_bytes`, the curves and profiles that open for a single cell are thinned out, or
// left out where that does not do ("stride": 0): then those of the pictures stand for them. The rest stays, even if it
// is larger alone.
[[nodiscard]] std::string page_json(const Study& study, std::span<const ReportSection> sections,
                                    std::size_t most_bytes = std::numeric_limits<std::size_t>::max());

}  // namespace initsweep
