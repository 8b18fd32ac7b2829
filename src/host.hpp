// When and where this process runs, for what is written down about a run.
#pragma once
#include <string>

namespace initsweep {

[[nodiscard]] std::string utc_now();  // "2026-11-22T09:48:08Z"
// Seconds since 1970 of what utc_now() writes; NaN for anything else.
[[nodiscard]] double utc_seconds(const std::string& utc);
[[nodiscard]] std::string host_name();  // "" if it has none

}  // namespace initsweep
