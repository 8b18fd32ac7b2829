// The YAML beside a baseline's CSV: what it is about, who made it, and the user's `gate`.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include "initsweep/baseline.hpp"

namespace initsweep {

struct BaselineNotes {
  Baseline baseline;                            // without cells
  std::map<std::string, std::string> settings;  // that all cells share
  std::map<std::string, std::int64_t> classes;  // by dataset
  std::size_t n_jobs = 0;
};

[[nodiscard]] std::string baseline_yaml(const Baseline& baseline, const std::map<std::string, std::string>& shared,
                                        const std::string& stem);
// Throws SpecError with everything that is wrong, located in `file`.
[[nodiscard]] BaselineNotes parse_baseline_yaml(std::string_view text, std::string file);

}  // namespace initsweep
