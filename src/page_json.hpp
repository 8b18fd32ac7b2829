// All that the scripts of the page know: the study, its pictures and the colours, as one text of JSON.
#pragma once
#include <span>
#include <string>
#include "initsweep/report.hpp"
#include "initsweep/study.hpp"

namespace initsweep {

// Safe inside <script>: no '<' in it. What is not UTF-8 is replaced.
[[nodiscard]] std::string page_json(const Study& study, std::span<const ReportSection> sections);

}  // namespace initsweep
