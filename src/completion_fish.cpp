// One `complete` for each option and argument, under a condition that says which command the words so far have named.
#include <cstddef>
#include <set>

#include "completion.hpp"
#include "initsweep/diagnostic.hpp"

namespace initsweep {
namespace {

constexpr const char* kHead =
    R"sh(# Completes command lines of initsweep in fish, 3.4 or later. Written by `initsweep completion fish`: what it is to
# know, the program knows.

)sh";

constexpr const char* kWalk = R"sh(
# The command that the words before the cursor name, then how many arguments of its own they give it.
function __initsweep_place
    set -l command
    set -l place 0
    set -l is_value 0
    set -l only_arguments 0
    set -l words (commandline -opc)
    for word in $words[2..]
        if test $is_value = 1
            set is_value 0
        else if test $only_arguments = 1
            set place (math $place + 1)
        else if test "$word" = --
            set only_arguments 1
        else if string match -q -- '-?*' $word
            contains -- $word $__initsweep_with_value; and set is_value 1
        else if contains -- "$command$word" $__initsweep_commands
            set command "$command$word "
        else
            set place (math $place + 1)
        end
    end
    echo (string trim -- "$command")
    echo $place
end

# Whether the cursor is in command $argv[1] and, where there is a second argument, at that place in it.
function __initsweep_at
    set -l at (__initsweep_place)
    test "$at[1]" = "$argv[1]"; and begin
        test (count $argv) = 1; or test $at[2] = $argv[2]
    end
end

# Sweep files, and folders on the way to them.
function __initsweep_sweeps
    __fish_complete_path (commandline -ct) | string match -r '.*(?:/|\.yaml)(?:\t.*)?$'
end

# What there is already of a value, behind "--output=" too.
function __initsweep_begun
    commandline -ct | string replace -r '^--[^=]*=' ''
end

function __initsweep_folders
    __fish_complete_directories (__initsweep_begun) ''
end

# Another of the words $argv behind those that are there, with commas between them.
function __initsweep_list
    set -l before (string replace -r '[^,]*$' '' -- (__initsweep_begun))
    printf '%s\n' $before$argv
end

complete -c initsweep -f
)sh";

// Only \ and ' mean something in fish's single quotes.
std::string quoted(std::string_view text) {
  std::string safe = "'";
  for (const char c : text) {
    if (c == '\\' || c == '\'') safe += '\\';
    safe += c;
  }
  return safe + "'";
}

// What stands behind -a, "" where there is nothing to offer.
std::string offered(const OptionInfo& option) {
  switch (option.kind) {
    case ValueKind::none:
    case ValueKind::text: break;
    case ValueKind::words:
      return option.is_list ? "(__initsweep_list " + joined(option.words, " ") + ")" : joined(option.words, " ");
    case ValueKind::file: break;  // as -F says
    case ValueKind::sweep: return "(__initsweep_sweeps)";
    case ValueKind::folder: return "(__initsweep_folders)";
  }
  return "";
}

// Under a condition that may be "".
std::string option_line(const std::string& condition, const OptionInfo& option) {
  std::string line = "complete -c initsweep";
  if (!condition.empty()) line += " -n " + quoted(condition);
  for (const std::string& name : option.names)
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (option.kind == ValueKind::file)
    line += " -r -F";
  else if (option.kind != ValueKind::none)
    line += " -x";
  if (const std::string values = offered(option); !values.empty()) line += " -a " + quoted(values);
  return line + " -d " + quoted(option.help) + "\n";
}

std::string argument_line(const std::string& condition, const OptionInfo& argument, std::size_t place) {
  const std::string values = offered(argument);
  if (values.empty()) return "";
  const std::string where = argument.repeats ? condition : condition + " " + std::to_string(place);
  return "complete -c initsweep -n " + quoted(where) + " -a " + quoted(values) + "\n";
}

std::string command_lines(const std::string& condition, const CommandInfo& command) {
  std::string lines;
  for (const OptionInfo& option : command.options)
    if (!option.is_of_every_command) lines += option_line(condition, option);
  for (std::size_t i = 0; i < command.positionals.size(); ++i)
    lines += argument_line(condition, command.positionals[i], i);
  for (const CommandInfo& inner : command.subcommands)
    lines += "complete -c initsweep -n " + quoted(condition + " 0") + " -a " + inner.name + " -d " +
             quoted(inner.help) + "\n";
  return lines;
}

}  // namespace

std::string fish_completion(const CommandInfo& program) {
  std::set<std::string> with_value;
  std::string commands, lines;
  for (const OptionInfo& option : program.options)
    if (option.is_of_every_command) lines += option_line("", option);
  for_each_command(program, [&](const std::string& words, const CommandInfo& info) {
    const std::string command = words_behind(program, words);
    if (!command.empty()) commands += " " + quoted(command);
    for (const OptionInfo& option : info.options)
      if (option.kind != ValueKind::none) with_value.insert(option.names.begin(), option.names.end());
    lines += "\n" + command_lines("__initsweep_at " + quoted(command), info);
  });
  return kHead + ("set -g __initsweep_commands" + commands) + "\nset -g __initsweep_with_value " +
         joined(std::vector(with_value.begin(), with_value.end()), " ") + "\n" + kWalk + lines;
}

}  // namespace initsweep
