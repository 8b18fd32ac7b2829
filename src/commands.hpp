// The commands of the program: each takes its arguments as plain values and returns an exit code, or throws
// (SpecError, UsageError, EnvironmentError), which main.cpp turns into text and exit code.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>
#include "console.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/instruction_set.hpp"
#include "initsweep/show.hpp"
#include "initsweep/table.hpp"
#include "log.hpp"

namespace initsweep {

// DESIGN section 3. When several apply: a stopping signal (128 + its number), internal, environment, jobs_failed, no,
// undecided.
enum ExitCode : int {
  kExitDone = 0,
  kExitNo = 1,
  kExitUsage = 2,
  kExitJobsFailed = 3,
  kExitUndecided = 4,
  kExitEnvironment = 5,
  kExitInternal = 70,
  kExitSignal = 128
};

enum class ProgressMode { none, plain, bar };

// What every command understands, resolved.
struct Session {
  Console& console;
  Log& log;
  std::string data_option;  // --data, "" if not given
  InstructionSet instruction_set = InstructionSet::portable;
  TableFormat format = TableFormat::table;
  ProgressMode progress = ProgressMode::none;
  bool color = false, utf8 = false;       // what may be sent to stdout
  std::vector<std::string> command_line;  // as given, for the line that resumes
};

// How tables and pictures are to be drawn on this session's stdout.
[[nodiscard]] ShowOptions show_options(const Session& session);

struct SweepArguments {
  std::string file;
  std::vector<std::string> overrides;  // --set
  std::vector<std::string> filters;    // --filter
  std::vector<std::string> job_ids;    // --job
  Shard shard;
  int threads = 1;
};

struct RunArguments {
  SweepArguments sweep;
  std::optional<std::filesystem::path> folder;  // -o
  bool fresh = false, replan = false, retry_failed = false, dry_run = false;
  bool probe = false;  // only look at every net before training
  std::optional<int> max_failures;
};
int run_command(const RunArguments& arguments, Session& session);

int plan_command(const SweepArguments& arguments, Session& session);

// Shards of one sweep into one folder of results.
struct MergeArguments {
  std::filesystem::path folder;               // -o
  std::vector<std::filesystem::path> shards;  // their folders
  bool partial = false;                       // although shards or jobs are missing
  int threads = 1;
};
int merge_command(const MergeArguments& arguments, Session& session);

// A sweep as scripts for Slurm's sbatch.
struct SubmitArguments {
  std::string file;
  std::vector<std::string> overrides;  // --set
  int shards = 1;
  std::optional<std::filesystem::path> folder;    // -o
  std::optional<std::filesystem::path> baseline;  // for the check at the end
  std::vector<std::string> sbatch_options;        // as given after --
};
int submit_command(const SubmitArguments& arguments, Session& session);

struct StatusArguments {
  std::vector<std::filesystem::path> folders;  // of one run, or of shards of one sweep
  bool watch = false;
};
int status_command(const StatusArguments& arguments, Session& session);

struct ShowArguments {
  std::filesystem::path folder;
  std::vector<std::string> by;       // names of settings
  std::vector<std::string> filters;  // --filter
  std::string best_over;             // a setting, "" if not given
  bool layers = false;
};
int show_command(const ShowArguments& arguments, Session& session);

struct CheckArguments {
  std::filesystem::path folder;
  std::optional<std::filesystem::path> baseline, junit, markdown;
  bool locate = false;
};
int check_command(const CheckArguments& arguments, Session& session);

struct ReportArguments {
  std::vector<std::filesystem::path> folders;
  std::optional<std::filesystem::path> output, baseline;
  std::vector<std::string> filters;  // --filter
  bool still = false;
};
int report_command(const ReportArguments& arguments, Session& session);

struct PlotArguments {
  std::vector<std::filesystem::path> folders;
  std::filesystem::path output;
  std::string what;
  std::optional<std::string> tensor, at;  // of layers: delta and start if not given
  std::vector<std::string> filters;       // --filter
  bool bare = false;                      // without title and note
};
int plot_command(const PlotArguments& arguments, Session& session);
// What `plot --what` can draw, in the order of its help.
[[nodiscard]] std::vector<std::string> plottable();

struct AcceptArguments {
  std::filesystem::path folder, baseline;
  std::string reason;
  bool replace = false, dry_run = false;
};
int accept_command(const AcceptArguments& arguments, Session& session);

struct DataArguments {
  enum class Action { fetch, verify, path } action = Action::path;
  std::string name;
};
int data_command(const DataArguments& arguments, Session& session);

// Lists, still text. The variances are said by weight_variances (and bias_variances), by qs or by initializers.
struct TheoryArguments {
  std::vector<std::string> activations, weight_variances, bias_variances, qs, initializers;
  std::string width;  // of the layers that initializers are for, "" if not given
};
int theory_command(const TheoryArguments& arguments, Session& session);

int list_command(const std::string& what, Session& session);
// What `list` can list, in the order of its help.
[[nodiscard]] std::vector<std::string> listable();

}  // namespace initsweep
