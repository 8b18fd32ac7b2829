// A baseline, which anyone may have edited or merged: what is taken can be compared and reads the same when written
// again.
//
// Input: the YAML, a line "csv", and the CSV.
#include "fuzz.hpp"
#include "initsweep/baseline.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/gate.hpp"

namespace {

using namespace initsweep;

constexpr std::string_view kBetween = "\ncsv\n";

bool are_same(const Baseline& a, const Baseline& b) {
  if (a.cells.size() != b.cells.size()) return false;
  for (std::size_t i = 0; i < a.cells.size(); ++i)
    if (a.cells[i].id != b.cells[i].id || a.cells[i].replicates.size() != b.cells[i].replicates.size()) return false;
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::ScratchFolder folder;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t middle = std::min(text.find(kBetween), text.size());
  fuzz::write_bytes(folder.path() / "in.yaml", text.substr(0, std::min(middle + 1, text.size())));
  fuzz::write_bytes(folder.path() / "in.csv", text.substr(std::min(middle + kBetween.size(), text.size())));
  try {
    const Baseline baseline = read_baseline(folder.path() / "in");
    for (const Finding& finding : compare(baseline, baseline)) {
      fuzz::require(finding.outcome != Outcome::bad, "a baseline has not regressed against itself", finding.reason);
      fuzz::require_showable(finding.cell);
      fuzz::require_showable(finding.reason);
    }
    write_baseline(folder.path() / "out", baseline);
    fuzz::require(are_same(read_baseline(folder.path() / "out"), baseline), "what is written reads the same", text);
  } catch (const SpecError& error) {
    fuzz::require_showable(error.what());
  } catch (const EnvironmentError& error) {
    fuzz::require_showable(error.what());
  }
  return 0;
}
