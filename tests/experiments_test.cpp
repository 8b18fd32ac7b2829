// Every file in experiments/ parses, expands and says what it is.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "initsweep/claims.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/identity.hpp"
#include "initsweep/plan.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> sweep_files(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::is_directory(folder)) return files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

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
  for (const fs::path& file : sweep_files(INITSWEEP_EXPERIMENTS)) {
    SCOPED_TRACE(file);
    const SweepSpec spec = read_spec(file);
    const Grid grid = expand_on_mnist(spec);
    EXPECT_FALSE(grid.jobs.empty());
    EXPECT_FALSE(spec.description.empty());
    EXPECT_TRUE(spec.warnings.empty() && grid.warnings.empty()) << format(spec.warnings) << format(grid.warnings);
    EXPECT_TRUE(check_expectations(spec, grid).empty());
    EXPECT_TRUE(names.insert(spec.name).second) << "two experiments would share the folder results/" << spec.name;
  }
  EXPECT_FALSE(names.empty());
}

// Seconds of two cores, as plan.cpp estimates them.
double estimated_seconds(const SweepSpec& spec, const Grid& grid) {
  double work = 0;
  for (const Cell& cell : grid.cells) {
    DataShape shape;
    if (cell.settings.dataset == "fashion_mnist") shape.density = kFashionMnistDensity;
    work += estimate_cost(cell.settings, shape, spec.record).work * static_cast<double>(spec.seeds.size());
  }
  return work / 2;
}

TEST(Experiments, ThoseThatTryAClaimSayWhoseItIsAndTakeHalfAnHourAtMost) {
  for (const char* folder : {"chapter", "published"}) {
    for (const fs::path& file : sweep_files(fs::path(INITSWEEP_EXPERIMENTS) / folder)) {
      SCOPED_TRACE(file);
      const SweepSpec spec = read_spec(file);
      EXPECT_FALSE(spec.about.claim.empty());
      EXPECT_FALSE(spec.about.source.empty());
      EXPECT_FALSE(spec.expect.empty());
      EXPECT_LE(estimated_seconds(spec, expand_on_mnist(spec)), 30 * 60);
    }
  }
}

TEST(Experiments, TheChaptersSentencesHaveAVerdict) {
  const std::set<std::string> verdicts = {"true", "true with a condition", "not so"};
  for (const fs::path& file : sweep_files(fs::path(INITSWEEP_EXPERIMENTS) / "chapter")) {
    const About about = read_spec(file).about;
    EXPECT_TRUE(verdicts.contains(about.verdict)) << file << ": " << about.verdict;
    EXPECT_TRUE(about.verdict == "true" || !about.condition.empty()) << file << ": under which condition, or why not?";
  }
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
