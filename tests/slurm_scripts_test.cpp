#include "slurm_scripts.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>
#include "initsweep/diagnostic.hpp"
#include "subprocess.hpp"
#include "temporary_folder.hpp"

namespace initsweep {
namespace {

SlurmSubmission submission() {
  return {.name = "depth",
          .shards = 4,
          .program = "/opt/bin/initsweep",
          .folder = "/scratch/my results",
          .working_folder = "/home/me",
          .overrides = {"epochs=3", "grid.depth=[2, 5]"},
          .instruction_set = "x86-64-v3",
          .data = "/data/it's",
          .baseline = "/home/me/base",
          .sbatch_options = {"-p", "short", "--comment=a b"}};
}

std::vector<std::string> lines_with(const std::string& text, const std::string& part) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    if (line.find(part) != std::string::npos) lines.push_back(line);
  return lines;
}

using Lines = std::vector<std::string>;

TEST(SlurmScripts, TheUsersOptionsComeLast) {
  EXPECT_EQ(lines_with(array_script(submission()), "#SBATCH"),
            (Lines{"#SBATCH --job-name=depth", "#SBATCH --array=1-4", "#SBATCH --nodes=1 --ntasks=1",
                   "#SBATCH --requeue --open-mode=append", "#SBATCH --signal=B:USR1@60",
                   "#SBATCH \"--output=/scratch/my results/slurm/%A_%a.log\"", "#SBATCH -p short \"--comment=a b\""}));
  EXPECT_EQ(
      lines_with(merge_script(submission()), "#SBATCH"),
      (Lines{"#SBATCH --job-name=depth-merge", "#SBATCH --nodes=1 --ntasks=1", "#SBATCH --requeue --open-mode=append",
             "#SBATCH \"--output=/scratch/my results/slurm/%j-merge.log\"", "#SBATCH -p short \"--comment=a b\""}));
  EXPECT_EQ(lines_with(submit_script(submission()), "#SBATCH"), Lines{});
}

TEST(SlurmScripts, DirectivesEndBeforeTheFirstCommand) {  // where sbatch stops reading them
  for (const std::string& script : {array_script(submission()), merge_script(submission())}) {
    const std::size_t last = script.rfind("\n#SBATCH");
    std::istringstream in(script.substr(0, last));
    for (std::string line; std::getline(in, line);) EXPECT_TRUE(line.starts_with('#')) << line;
  }
}

TEST(SlurmScripts, TrainsOneShardATask) {
  const std::string script = array_script(submission());
  EXPECT_NE(script.find("\nprogram=/opt/bin/initsweep\nfolder='/scratch/my results'\ncd /home/me || exit 5"),
            std::string::npos)
      << script;
  EXPECT_NE(
      script.find("\"$program\" run \"$folder/slurm/sweep.yaml\" --set epochs=3 --set 'grid.depth=[2, 5]' "
                  "--shard \"$shard/4\" -o \"$results\" \\\n"
                  "  -j \"${SLURM_CPUS_ON_NODE:-auto}\" --isa x86-64-v3 --data '/data/it'\\''s' $retry_failed &\n"),
      std::string::npos)
      << script;
}

TEST(SlurmScripts, ChecksWhatThereIsToCheck) {
  SlurmSubmission s = submission();
  EXPECT_EQ(lines_with(merge_script(s), "\" check "),
            Lines{"\"$program\" check \"$folder\" --data '/data/it'\\''s' --baseline /home/me/base --junit "
                  "\"$folder/checks.xml\" --markdown \"$folder/checks.md\""});
  s.baseline.clear();
  s.data.clear();
  EXPECT_EQ(lines_with(merge_script(s), "\" check "),
            Lines{"\"$program\" check \"$folder\" --junit \"$folder/checks.xml\" --markdown \"$folder/checks.md\""});
  s.has_check = false;
  EXPECT_EQ(lines_with(merge_script(s), "\" check "), Lines{});
}

TEST(SlurmScripts, ShellsFindNoFault) {
  const TemporaryFolder folder;
  for (const bool has_check : {true, false}) {
    SlurmSubmission s = submission();
    s.has_check = has_check;
    for (const std::string& script : {array_script(s), merge_script(s), submit_script(s)}) {
      write_file(folder / "script.sh", script);
      for (const char* shell : {"sh", "bash"})
        EXPECT_NO_THROW(run_program({shell, "-n", folder / "script.sh"}, folder.path(), folder / "log")) << script;
    }
  }
}

TEST(SlurmScripts, WhatIsPutInIsNotFilledAgain) {
  SlurmSubmission s = submission();
  s.folder = "/{name}/100%";
  const std::string script = array_script(s);
  EXPECT_NE(script.find("\nfolder='/{name}/100%'\n"), std::string::npos);
  EXPECT_EQ(lines_with(script, "--output"), Lines{"#SBATCH \"--output=/{name}/100%%/slurm/%A_%a.log\""});
}

TEST(SlurmScripts, KnowWhatTheyWereMadeFor) {
  SlurmSubmission s = submission();
  EXPECT_EQ(identity_of(s), "4 shards, --isa x86-64-v3, --set epochs=3, --set 'grid.depth=[2, 5]'");
  EXPECT_EQ(identity_in(array_script(s)), identity_of(s));
  s.overrides = {"description=two\nlines"};
  EXPECT_EQ(identity_in(array_script(s)), identity_of(s));
  EXPECT_EQ(identity_in("#!/bin/sh\necho somebody else\n"), "");
  EXPECT_EQ(identity_in(""), "");
}

// As sbatch of Slurm 22.05 reads such lines: both quotes, a backslash before any character, # for the rest of the line
// outside of quotes. tests/slurm asks it.
TEST(SlurmScripts, WordsOfDirectives) {
  EXPECT_EQ(quoted_for_sbatch("--partition=short"), "--partition=short");
  EXPECT_EQ(quoted_for_sbatch("--comment=a b"), "\"--comment=a b\"");
  EXPECT_EQ(quoted_for_sbatch("it's"), "\"it's\"");
  EXPECT_EQ(quoted_for_sbatch("#1"), "\"#1\"");
  EXPECT_EQ(quoted_for_sbatch("a\\b \"c\""), "\"a\\\\b \\\"c\\\"\"");
  EXPECT_EQ(quoted_for_sbatch(""), "\"\"");
}

struct RefusedCase {
  const char* name;
  std::vector<std::string> options;
  const char* message;
};

class SlurmRefused : public testing::TestWithParam<RefusedCase> {};

TEST_P(SlurmRefused, SaysWhy) {
  SlurmSubmission s = submission();
  s.sbatch_options = GetParam().options;
  EXPECT_EQ(message_of<UsageError>([&] { check_slurm_submission(s); }), GetParam().message);
}

constexpr const char* kFine = "(nothing was thrown)";
INSTANTIATE_TEST_SUITE_P(
    Options, SlurmRefused,
    testing::Values(
        RefusedCase{
            "array", {"--array=1-9"}, "--shards says how many tasks the array has; '--array=1-9' is no option here"},
        RefusedCase{"array_short", {"-a", "1-9"}, "--shards says how many tasks the array has; '-a' is no option here"},
        RefusedCase{
            "array_cut", {"--arr=1"}, "--shards says how many tasks the array has; '--arr=1' is no option here"},
        RefusedCase{"wrap", {"--wrap=hostname"}, "'--wrap=hostname' is no option here: the scripts are what runs"},
        RefusedCase{
            "word", {"short"}, "what follows -- are options for sbatch, as in -- --partition=short -c 8; got 'short'"},
        RefusedCase{
            "line_break", {"--comment=a\nb"}, "an option for sbatch holds a control character: '--comment=a\\x0ab'"},
        RefusedCase{"account", {"--account=a", "-Ame", "--acctg-freq=1", "--a"}, kFine},
        RefusedCase{"none", {}, kFine}),
    [](const testing::TestParamInfo<RefusedCase>& tested) { return tested.param.name; });

TEST(SlurmScripts, NoLogsWhereSlurmReadsTheNameOtherwise) {
  for (const char* folder : {"/a\\b", "/a\nb"}) {
    SlurmSubmission s = submission();
    s.folder = folder;
    EXPECT_EQ(message_of<UsageError>([&] { check_slurm_submission(s); }),
              "Slurm cannot write its logs into " + printable(folder) +
                  ": a backslash or a control character in the name means something else to it; choose another folder "
                  "with -o");
  }
}

}  // namespace
}  // namespace initsweep
