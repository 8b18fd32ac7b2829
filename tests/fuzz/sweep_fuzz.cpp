// The sweep file: what parse_spec refuses it explains, and what it takes expands or is explained.
//
// Input: a sweep file; after a line `--set`, every line is an override. An override whose key is a setting is given to
// parse_setting_value too.
#include <algorithm>
#include <vector>

#include "fuzz.hpp"
#include "initsweep/claims.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/run_info.hpp"
#include "initsweep/spec.hpp"
#include "small_sweep.hpp"

namespace {

using namespace initsweep;

constexpr std::string_view kSeparator = "\n--set\n";

struct Input {
  std::string_view text;
  std::vector<std::string> overrides;
};

Input input_of(std::string_view bytes) {
  const std::size_t at = bytes.find(kSeparator);
  Input input{bytes.substr(0, at), {}};
  if (at == std::string_view::npos) return input;
  std::string_view rest = bytes.substr(at + kSeparator.size());
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    input.overrides.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return input;
}

void check(const SpecError& error) {
  fuzz::require(!error.diagnostics().empty(), "an error says what is wrong");
  fuzz::require_showable(error.what());
}

void check_name(const std::string& name) {
  const auto is_fit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  fuzz::require(!name.empty() && name[0] != '-' && std::all_of(name.begin(), name.end(), is_fit),
                "a name cannot leave the folder of results", name);
}

void expand_and_show(const SweepSpec& spec) {
  DatasetDigests digests;
  for (const std::string& dataset : datasets_of(spec)) digests[dataset] = std::string(64, 'd');
  const Grid grid = expand(spec, digests);
  fuzz::require(!grid.jobs.empty(), "a grid has a job");
  fuzz::require(grid.jobs.size() <= static_cast<std::size_t>(spec.limits.max_jobs), "max_jobs holds");
  fuzz::require_showable(format(grid.warnings));
  fuzz::require_showable(format(check_expectations(spec, grid)));
  for (std::size_t i = 0; i < std::min<std::size_t>(grid.jobs.size(), 10); ++i)
    fuzz::require_showable(job_label(grid, grid.jobs[i]));
  for (const Folded& folded : grid.folded) fuzz::require_showable(folded.reason);
  fuzz::require_showable(datapackage_json(spec));
}

void check_values(const std::vector<std::string>& overrides) {
  for (const std::string& option : overrides) {
    const std::size_t equals = option.find('=');
    if (equals == std::string::npos) continue;
    const std::optional<Setting> setting = parse_setting(option.substr(0, equals));
    if (!setting) continue;
    try {
      (void)parse_setting_value(*setting, option.substr(equals + 1), "--filter");
    } catch (const SpecError& error) {
      check(error);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Input input = input_of({reinterpret_cast<const char*>(data), size});
  check_values(input.overrides);
  try {
    const SweepSpec spec = parse_spec(input.text, "s.yaml", input.overrides);
    check_name(spec.name);
    fuzz::require_showable(format(spec.warnings));
    if (fuzz::is_small(spec)) expand_and_show(spec);
  } catch (const SpecError& error) {
    check(error);
  }
  return 0;
}
