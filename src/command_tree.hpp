// The commands and options of the program as CLI11's tree. It is described here alone: what parses command lines is
// also what completions and the manual are made from (command_info.hpp).
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "arguments.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace initsweep {

// What a command line is parsed into. Texts become numbers once everything else is known to be right.
struct CommandLine {
  CommonArguments common;
  RunArguments run;  // and probe
  PlanArguments plan;
  MergeArguments merge;
  SubmitArguments submit;
  StatusArguments status;
  ShowArguments show;
  CheckArguments check;
  ReportArguments report;
  PlotArguments plot;
  AcceptArguments accept;
  DataArguments data;
  TheoryArguments theory;
  ListArguments list;
  std::string threads = "auto", max_failures, n_shards;
  std::optional<std::string> shard;
  std::string shell;  // of `completion`
  bool manual = false;
};

// Words to choose from. CLI11 keeps those of a check to itself.
using OfferedWords = std::map<const CLI::Option*, std::vector<std::string>>;

// The line must outlive the tree.
OfferedWords add_commands(CLI::App& app, CommandLine& line);

// Of the options that all commands have.
inline constexpr const char* kCommonGroup = "Options of every command";

}  // namespace initsweep
