// The commands of the program as plain values, taken from the very tree that parses command lines: what completions
// and the manual are written from.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace initsweep {

// What to offer for a value.
enum class ValueKind {
  none,   // of a flag
  text,   // nothing: only its author knows
  words,  // those of OptionInfo::words
  file,   // any file, or folder
  sweep,  // a sweep file
  folder
};

// An option, or with a single name that does not begin with '-' a positional argument.
struct OptionInfo {
  std::vector<std::string> names;  // "-o", "--output"; or "DIR"
  std::string value;               // what stands for it in the help, "DIR"; "" for a flag
  std::string help;
  ValueKind kind = ValueKind::none;
  std::vector<std::string> words;
  std::string variable;      // of the environment, read where the option is not given; "" if none is
  bool is_list = false;      // several with commas between them
  bool repeats = false;      // may come again
  bool is_required = false;  // there is no command without it
  bool is_of_every_command = false;
};

struct CommandInfo {
  std::string name;
  std::string help;
  std::vector<OptionInfo> options, positionals;
  std::vector<CommandInfo> subcommands;
};

// The program itself: its subcommands are the commands.
[[nodiscard]] CommandInfo program_info();

// The command with its own subcommands behind it, each with its words: "initsweep", "initsweep baseline accept", ...
void for_each_command(const CommandInfo& program,
                      const std::function<void(const std::string& words, const CommandInfo& command)>& visit);
// Of such words those behind the program: "", "baseline accept".
[[nodiscard]] std::string words_behind(const CommandInfo& program, const std::string& words);

}  // namespace initsweep
