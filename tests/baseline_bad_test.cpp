// What is said of a baseline that is not one, or was edited into none.
#include <gtest/gtest.h>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "baseline_yaml.hpp"
#include "hand_made_baseline.hpp"
#include "initsweep/diagnostic.hpp"
#include "temporary_folder.hpp"

namespace initsweep {
namespace {

constexpr std::string_view kYaml = R"(version: 1
sweep: t
reason: the first
accepted: 2026-11-24
cells: 1
jobs: 2
seeds: [1, 2]
made_by: {version: 0.1.0, compiler: 12.2.0, flags: -O3}
numerics: {revision: 3, instruction_set: x86-64-v2, gemm: initsweep, cache_bytes: [1, 2, 3]}
data:
  mnist: {sha256: aa, classes: 10}
settings: {depth: 2}
gate:
  test_loss: {rtol: 0.1}
)";

// The text with one piece of it replaced.
std::string with(std::string text, const std::string& piece, const std::string& other) {
  const std::size_t at = text.find(piece);
  EXPECT_NE(at, std::string::npos) << piece;
  return text.replace(at, piece.size(), other);
}

std::string problems_of_yaml(const std::string& text) {
  return message_of<SpecError>([&] { static_cast<void>(parse_baseline_yaml(text, "b.yaml")); });
}

TEST(BaselineYaml, ReadsWhatAPersonMayWrite) {
  const BaselineNotes notes = parse_baseline_yaml(kYaml, "b.yaml");
  EXPECT_EQ(notes.baseline.reason, "the first");
  EXPECT_EQ(notes.baseline.accepted, "2026-11-24");
  EXPECT_EQ(notes.baseline.tool.flags, "-O3");
  EXPECT_EQ(notes.baseline.numerics.cache.l3, 3);
  EXPECT_EQ(notes.n_jobs, 2U);
  EXPECT_EQ(notes.classes.at("mnist"), 10);
  EXPECT_EQ(notes.settings.at("depth"), "2");
  EXPECT_EQ(notes.baseline.gate.at("test_loss").rtol, 0.1);
  EXPECT_EQ(notes.baseline.gate.at("test_loss").atol, 0);
}

TEST(BaselineYaml, GateMayBeEmptyOrAbsent) {
  const std::string whole(kYaml), gate = "gate:\n  test_loss: {rtol: 0.1}\n";
  for (const char* other : {"gate:\n", "gate: {}\n", ""})
    EXPECT_TRUE(parse_baseline_yaml(with(whole, gate, other), "b.yaml").baseline.gate.empty()) << other;
}

struct BadYaml {
  const char* name;
  const char* piece;
  const char* other;
  const char* message;
};
void PrintTo(const BadYaml& c, std::ostream* out) { *out << c.name; }
class BaselineBadYaml : public testing::TestWithParam<BadYaml> {};

TEST_P(BaselineBadYaml, IsLocated) {
  const BadYaml& c = GetParam();
  EXPECT_EQ(problems_of_yaml(with(std::string(kYaml), c.piece, c.other)), c.message);
}

INSTANTIATE_TEST_SUITE_P(
    Keys, BaselineBadYaml,
    testing::Values(
        BadYaml{
            "version_of_another_time", "version: 1", "version: 2",
            R"(b.yaml:1:10: error: this program reads version 1 of baselines, got 2; accept the results again, or use the program that wrote it
    1 | version: 2
      |          ^
)"},
        BadYaml{"version_that_is_none", "version: 1", "version: one",
                R"(b.yaml:1:10: error: version must be an integer, got 'one'
    1 | version: one
      |          ^~~
)"},
        BadYaml{"unknown_key", "reason:", "reasons:",
                R"(b.yaml:1:1: error: missing key 'reason' in a baseline
    1 | version: 1
      | ^
b.yaml:3:1: error: unknown key 'reasons' in a baseline
    3 | reasons: the first
      | ^~~~~~~
  expected one of: accepted, cells, data, gate, jobs, made_by, numerics, reason, seeds, settings, sweep, version
  did you mean 'reason'?
)"},
        BadYaml{"repeated_key", "sweep: t", "sweep: t\nsweep: u",
                R"(b.yaml:3:1: error: key 'sweep' appears twice (first at line 2)
    3 | sweep: u
      | ^~~~~
)"},
        BadYaml{"missing_key", "jobs: 2\n", "",
                R"(b.yaml:1:1: error: missing key 'jobs' in a baseline
    1 | version: 1
      | ^
)"},
        BadYaml{"unknown_key_inside", "gemm:", "gem:",
                R"(b.yaml:9:11: error: missing key 'gemm' in numerics
    9 | numerics: {revision: 3, instruction_set: x86-64-v2, gem: initsweep, cache_bytes: [1, 2, 3]}
      |           ^
b.yaml:9:53: error: unknown key 'gem' in numerics
    9 | numerics: {revision: 3, instruction_set: x86-64-v2, gem: initsweep, cache_bytes: [1, 2, 3]}
      |                                                     ^~~
  expected one of: cache_bytes, gemm, instruction_set, revision
  did you mean 'gemm'?
)"},
        BadYaml{"cache_of_two", "[1, 2, 3]", "[1, 2]",
                R"(b.yaml:9:83: error: cache_bytes must be a list of three numbers
    9 | numerics: {revision: 3, instruction_set: x86-64-v2, gemm: initsweep, cache_bytes: [1, 2]}
      |                                                                                   ^
)"},
        BadYaml{"classes_that_are_none", "classes: 10", "classes: 0",
                R"(b.yaml:11:32: error: classes must be at least 1, got 0
   11 |   mnist: {sha256: aa, classes: 0}
      |                                ^
)"},
        BadYaml{"jobs_that_are_no_number", "jobs: 2", "jobs: two",
                R"(b.yaml:6:7: error: jobs must be an integer, got 'two'
    6 | jobs: two
      |       ^~~
)"},
        BadYaml{"settings_that_are_no_map", "settings: {depth: 2}", "settings: [depth]",
                R"(b.yaml:12:11: error: settings must be a map, got a list
   12 | settings: [depth]
      |           ^
)"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Gate, BaselineBadYaml,
    testing::Values(BadYaml{"unknown_column", "test_loss:", "test_los:",
                            R"(b.yaml:14:3: error: unknown column 'test_los' in gate
   14 |   test_los: {rtol: 0.1}
      |   ^~~~~~~~
  expected one of: best_epoch, best_test_accuracy, delta_slope_end, delta_slope_start, diverged_step, epochs_run, steps_run, test_accuracy, test_loss, train_accuracy, train_loss
  did you mean 'test_loss'?
)"},
                    BadYaml{"text_column", "test_loss:", "digest:",
                            R"(b.yaml:14:3: error: unknown column 'digest' in gate
   14 |   digest: {rtol: 0.1}
      |   ^~~~~~
  expected one of: best_epoch, best_test_accuracy, delta_slope_end, delta_slope_start, diverged_step, epochs_run, steps_run, test_accuracy, test_loss, train_accuracy, train_loss
)"},
                    BadYaml{"unknown_key", "rtol:", "rtoll:",
                            R"(b.yaml:14:3: error: a tolerance is rtol, atol or both, such as {rtol: 0.1, atol: 0.01}
   14 |   test_loss: {rtoll: 0.1}
      |   ^~~~~~~~~
b.yaml:14:15: error: unknown key 'rtoll' in a tolerance
   14 |   test_loss: {rtoll: 0.1}
      |               ^~~~~
  expected one of: atol, rtol
  did you mean 'rtol'?
)"},
                    BadYaml{"negative", "rtol: 0.1", "rtol: -0.1",
                            R"(b.yaml:14:21: error: rtol must be at least 0, got -0.1
   14 |   test_loss: {rtol: -0.1}
      |                     ^~~~
)"},
                    BadYaml{"no_number", "rtol: 0.1", "atol: small",
                            R"(b.yaml:14:21: error: atol must be a number, got 'small'
   14 |   test_loss: {atol: small}
      |                     ^~~~~
)"},
                    BadYaml{"no_map", "{rtol: 0.1}", "0.1",
                            R"(b.yaml:14:14: error: a tolerance must be a map, got 0.1
   14 |   test_loss: 0.1
      |              ^~~
)"},
                    BadYaml{"nothing", "{rtol: 0.1}", "{}",
                            R"(b.yaml:14:3: error: a tolerance is rtol, atol or both, such as {rtol: 0.1, atol: 0.01}
   14 |   test_loss: {}
      |   ^~~~~~~~~
)"},
                    BadYaml{"a_list", "gate:\n  test_loss: {rtol: 0.1}", "gate: [test_loss]",
                            R"(b.yaml:13:7: error: gate must be a map, got a list
   13 | gate: [test_loss]
      |       ^
)"}),
    [](const auto& test) { return test.param.name; });

// The CSV beside it.
constexpr std::string_view kCsv =
    "cell_id,seed,status,train_loss,train_accuracy,test_loss,test_accuracy,best_test_accuracy,best_epoch,epochs_run,"
    "steps_run,diverged_step,delta_slope_start,delta_slope_end,digest,weight_rms_1\n"
    "c_1,1,ok,0.5,0.75,0.5,0.75,0.75,1,1,10,,-0.1,,d_1,0.25\n"
    "c_1,2,diverged,,,,,,,0,5,5,-0.1,,d_2,0.25\n";

TEST(BaselineCsv, ReadsWhatAPersonMayWrite) {
  const TemporaryFolder folder;
  write_file(folder / "b.yaml", kYaml);
  write_file(folder / "b.csv", kCsv);
  const Baseline baseline = read_baseline(folder / "b");
  ASSERT_EQ(baseline.cells.size(), 1U);
  const BaselineCell& cell = baseline.cells[0];
  EXPECT_EQ(cell.settings, (std::map<std::string, std::string>{{"depth", "2"}}));
  ASSERT_EQ(cell.replicates.size(), 2U);
  EXPECT_EQ(cell.replicates[0].values[place_of("test_accuracy")], 0.75);
  EXPECT_EQ(cell.replicates[1].status, JobStatus::diverged);
  EXPECT_EQ(cell.replicates[1].values[place_of("diverged_step")], 5);
  EXPECT_EQ(cell.replicates[1].weight_rms, std::vector<double>{0.25});
}

class BaselineBadCsv : public testing::TestWithParam<BadYaml> {};

TEST_P(BaselineBadCsv, IsSaid) {
  const BadYaml& c = GetParam();
  const TemporaryFolder folder;
  write_file(folder / "b.yaml", kYaml);
  write_file(folder / "b.csv", with(std::string(kCsv), c.piece, c.other));
  std::string message = message_of<EnvironmentError>([&] { static_cast<void>(read_baseline(folder / "b")); });
  for (std::size_t at = message.find(folder / ""); at != std::string::npos; at = message.find(folder / ""))
    message.erase(at, (folder / "").size());
  EXPECT_EQ(message, c.message);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BaselineBadCsv,
    testing::Values(
        BadYaml{"missing_column", "status,", "state,",
                "b.csv:1: error: this is no baseline: it has no column 'status'"},
        BadYaml{"missing_number", "test_loss,", "loss,",
                "b.csv:1: error: this is no baseline: it has no column 'test_loss'"},
        BadYaml{"no_number", "1,ok,0.5", "1,ok,half",
                "b.csv:2: error: train_loss must be a number or empty, got 'half'"},
        BadYaml{"not_finite", "1,ok,0.5", "1,ok,inf",
                "b.csv:2: error: train_loss must be a number or empty, got 'inf'"},
        BadYaml{"no_weight", "d_2,0.25", "d_2,x", "b.csv:3: error: weight_rms_1 must be a number or empty, got 'x'"},
        BadYaml{"unknown_status", "2,diverged", "2,exploded",
                "b.csv:3: error: status must be ok or diverged, got 'exploded'"},
        BadYaml{"failed", "2,diverged", "2,failed", "b.csv:3: error: status must be ok or diverged, got 'failed'"},
        BadYaml{"no_seed", "c_1,2,", "c_1,2.5,", "b.csv:3: error: seed must be a whole number, got '2.5'"},
        BadYaml{"seed_twice", "c_1,2,", "c_1,1,", "b.csv: error: cell c_1 has seed 1 twice; was it merged?"},
        BadYaml{"row_lost", "c_1,1,ok,0.5,0.75,0.5,0.75,0.75,1,1,10,,-0.1,,d_1,0.25\n", "",
                "b.csv: error: has 1 job where b.yaml says 2; the two are not of one `initsweep baseline accept`"},
        BadYaml{"field_lost", ",d_2,0.25", ",d_2", "b.csv:3: error: expected 16 fields as in the header, found 15"},
        BadYaml{"a_conflict_of_git", "c_1,2,", "<<<<<<< HEAD\nc_1,2,",
                "b.csv:3: error: expected 16 fields as in the header, found 1"}),
    [](const auto& test) { return test.param.name; });

TEST(BaselineCsv, TextOfAFieldIsMadeToShow) {
  const TemporaryFolder folder;
  write_file(folder / "b.yaml", kYaml);
  write_file(folder / "b.csv", with(std::string(kCsv), "2,diverged", "2,\x1b[2J"));
  EXPECT_EQ(message_of<EnvironmentError>([&] { static_cast<void>(read_baseline(folder / "b")); }),
            folder / "b.csv:3: error: status must be ok or diverged, got '\\x1b[2J'");
}

// The file of someone else, in place of a baseline.
TEST(BaselineCsv, AnEmptyFileIsNone) {
  const TemporaryFolder folder;
  write_file(folder / "b.yaml", kYaml);
  write_file(folder / "b.csv", "");
  EXPECT_THROW(static_cast<void>(read_baseline(folder / "b")), EnvironmentError);
  write_file(folder / "b.yaml", "");
  EXPECT_THROW(static_cast<void>(read_baseline(folder / "b")), SpecError);
}

}  // namespace
}  // namespace initsweep
