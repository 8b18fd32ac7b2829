// The command line, taken apart.
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>
#include "commands.hpp"

namespace initsweep {

// Options of every command, as given.
struct CommonArguments {
  bool quiet = false;
  int verbose = 0;
  std::string log_level;  // "" follows -q and -v
  std::string log_file;
  std::string progress = "auto";
  std::string color = "auto";
  std::string format = "table";
  std::string data;
  std::string isa;  // "" takes the widest
};

struct PlanArguments {
  SweepArguments sweep;
};
struct ListArguments {
  std::string what;
};

struct Arguments {
  CommonArguments common;
  std::variant<RunArguments, PlanArguments, MergeArguments, SubmitArguments, StatusArguments, ShowArguments,
               CheckArguments, ReportArguments, PlotArguments, AcceptArguments, DataArguments, TheoryArguments,
               ListArguments>
      command;
};

// Either arguments, or text for stdout that was asked for (--help, --version, the manual, a completion). Throws
// UsageError.
[[nodiscard]] std::variant<Arguments, std::string> parse_arguments(int argc, char** argv);

}  // namespace initsweep
