// One function for each command, whose table zsh's _arguments walks over the words by.
#include <algorithm>

#include "completion.hpp"
#include "initsweep/diagnostic.hpp"
#include "shell_words.hpp"

namespace initsweep {
namespace {

constexpr const char* kHead = R"sh(#compdef initsweep
# Completes command lines of initsweep in zsh. Written by `initsweep completion zsh`: what it is to know, the program
# knows.

)sh";

// A file of $fpath is the body of the function the first time; read by `source`, it only defines and registers it.
constexpr const char* kTail = R"sh(if [[ $funcstack[1] == _initsweep ]]; then
  _initsweep "$@"
else
  compdef _initsweep initsweep
fi
)sh";

std::string escaped(std::string_view text, std::string_view special) {
  std::string safe;
  for (const char c : text) {
    if (c == '\\' || special.find(c) != std::string_view::npos) safe += '\\';
    safe += c;
  }
  return safe;
}

// _initsweep_baseline_accept; _initsweep itself is what zsh calls.
std::string function_name(std::string words) {
  if (words == "initsweep") words += " program";
  std::replace(words.begin(), words.end(), ' ', '_');
  return "_" + words;
}

std::string action_of(const OptionInfo& option) {
  switch (option.kind) {
    case ValueKind::none:
    case ValueKind::text: break;
    case ValueKind::words:
      return option.is_list ? "_sequence compadd - " + joined(option.words, " ")
                            : "(" + joined(option.words, " ") + ")";
    case ValueKind::file: return "_files";
    case ValueKind::sweep: return "_files -g \"*.yaml\"";
    case ValueKind::folder: return "_files -/";
  }
  return " ";  // a message alone
}

// ":DIR:_files -/"
std::string value_of(const OptionInfo& option) { return ":" + escaped(option.value, ":") + ":" + action_of(option); }

// "-o+": the value follows at once or as a word of its own; "--output=": behind "=" or as a word of its own.
std::string name_with_value(const std::string& name) { return name + (name.starts_with("--") ? "=" : "+"); }

// One entry of the table for each name of an option; its other names go away once it is there.
std::string option_lines(const OptionInfo& option) {
  std::string lines;
  for (const std::string& name : option.names) {
    const bool has_value = option.kind != ValueKind::none;
    std::string entry = option.repeats ? "*" : "(" + joined(option.names, " ") + ")";
    entry += has_value ? name_with_value(name) : name;
    entry += "[" + escaped(option.help, "[]:") + "]";
    if (has_value) entry += value_of(option);
    lines += "    " + quoted_for_script(entry) + "\n";
  }
  return lines;
}

// Those of every command, or the others.
std::string option_lines(const CommandInfo& command, bool of_every_command) {
  std::string lines;
  for (const OptionInfo& option : command.options)
    if (option.is_of_every_command == of_every_command) lines += option_lines(option);
  return lines;
}

std::string argument_lines(const CommandInfo& command) {
  std::string lines;
  for (const OptionInfo& argument : command.positionals)
    lines += "    " + quoted_for_script((argument.repeats ? "*" : "") + value_of(argument)) + "\n";
  return lines;
}

std::string commands_line(const CommandInfo& command) {
  std::string names;
  for (const CommandInfo& inner : command.subcommands)
    names += " " + inner.name + "\\:" + quoted_for_script(escaped(inner.help, ":\"$`"));
  return "    " + quoted_for_script(":command:((" + names.substr(1) + "))") + "\n";
}

// $line tells which command was given, and -C and *:: make its name the first word of what it sees itself.
std::string choice(const std::string& words, const CommandInfo& command) {
  std::string rows;
  for (const CommandInfo& inner : command.subcommands)
    rows += "    " + inner.name + ") " + function_name(words + " " + inner.name) + " ;;\n";
  return "  _arguments -s -S -C $table $every && return\n  case $line[1] in\n" + rows + "  esac\n";
}

std::string function_of(const std::string& words, const CommandInfo& command) {
  const bool has_inner = !command.subcommands.empty();
  std::string text =
      function_name(words) + "() {\n  local -a table=(\n" + option_lines(command, false) + argument_lines(command);
  if (!has_inner) return text + "  )\n  _arguments -s -S $table $every\n}\n\n";
  text += commands_line(command) + "    '*::argument:->inside'\n  )\n";
  return text + "  local curcontext=$curcontext state line\n  local -A opt_args\n" + choice(words, command) + "}\n\n";
}

}  // namespace

std::string zsh_completion(const CommandInfo& program) {
  // Functions see the variables of those that call them.
  std::string script = kHead + ("_initsweep() {\n  local -a every=(\n" + option_lines(program, true) +
                                "  )\n  _initsweep_program\n}\n\n");
  for_each_command(program,
                   [&](const std::string& words, const CommandInfo& info) { script += function_of(words, info); });
  return script + kTail;
}

}  // namespace initsweep
