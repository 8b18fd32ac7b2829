// What the page is made of, in the program since it was built: src/report/ and the chart libraries from npm.
#pragma once
#include <string_view>

namespace initsweep {

// "page.mustache", "report.css", "report.js", "vega.js"; the last is empty where the build had no npm. "" for others.
[[nodiscard]] std::string_view report_asset(std::string_view name);

}  // namespace initsweep
