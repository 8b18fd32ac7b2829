// Every file in experiments/ parses, expands and says what it is.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "initsweep/claims.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/identity.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

SweepSpec read_spec(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return parse_spec(text.str(), path.filename().string());
}

Grid expand_on_mnist(const SweepSpec& spec) {
  DatasetDigests digests;
  for (const std::string& dataset : datasets_of(spec)) digests[dataset] = std::string(kMnistDigest);
  return expand(spec, digests);
}

TEST(Experiments, EachParsesExpandsAndSaysWhatItIs) {
  std::set<std::string> names;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(INITSWEEP_EXPERIMENTS)) {
    if (entry.path().extension() != ".yaml") continue;
    SCOPED_TRACE(entry.path());
    const SweepSpec spec = read_spec(entry.path());
    const Grid grid = expand_on_mnist(spec);
    EXPECT_FALSE(grid.jobs.empty());
    EXPECT_FALSE(spec.description.empty());
    EXPECT_TRUE(spec.warnings.empty() && grid.warnings.empty()) << format(spec.warnings) << format(grid.warnings);
    EXPECT_TRUE(check_expectations(spec, grid).empty());
    EXPECT_TRUE(names.insert(spec.name).second) << "two experiments would share the folder results/" << spec.name;
  }
  EXPECT_FALSE(names.empty());
}

// 4 initializers x 2 modes x 4 activations x 3 depths = 96, less the mode of normal, which has none: 12.
TEST(Experiments, TheMainJobHas84CellsUnderThreeSeeds) {
  const Grid grid = expand_on_mnist(read_spec(fs::path(INITSWEEP_EXPERIMENTS) / "vanishing-gradients.yaml"));
  EXPECT_EQ(grid.combinations, 96u);
  EXPECT_EQ(grid.cells.size(), 84u);
  EXPECT_EQ(grid.jobs.size(), 252u);
}

}  // namespace
}  // namespace initsweep
