// A script of two kinds of parts: tables made of the commands, and functions that walk over the words of a line by
// them.
#include <cstddef>

#include "completion.hpp"
#include "initsweep/diagnostic.hpp"
#include "shell_words.hpp"

namespace initsweep {
namespace {

constexpr const char* kHead =
    R"sh(# Completes command lines of initsweep in bash, 4.4 or later, with bash-completion or without.
# Written by `initsweep completion bash`: what it is to know, the program knows.
)sh";

constexpr const char* kWalk = R"sh(
# Sets `words` to those up to the cursor as the program will see them: bash cuts at = and : too, where no blank is.
_initsweep_words() {
  local rest=$COMP_LINE word i
  words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if ((i > 0)) && [[ $rest != [[:blank:]]* ]]; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
    rest=${rest#*"$word"}
  done
}

# Offers values of a kind that begin with $1. Names of files are for readline to quote and to go on after a folder.
_initsweep_offer() {
  local begun=$1 before
  case $kind in
    file | folder | sweep) compopt -o filenames 2>/dev/null ;;
  esac
  case $kind in
    words) mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$begun") ;;
    list)
      before=${begun%"${begun##*,}"}
      mapfile -t COMPREPLY < <(compgen -P "$before" -W "$offered" -- "${begun##*,}")
      ;;
    file) mapfile -t COMPREPLY < <(compgen -f -- "$begun") ;;
    folder) mapfile -t COMPREPLY < <(compgen -d -- "$begun") ;;
    sweep) mapfile -t COMPREPLY < <(compgen -d -- "$begun"; compgen -f -X '!*.yaml' -- "$begun") ;;
  esac
}

_initsweep() {
  local words command='' place=0 kind='' offered='' only_arguments='' word cur i
  COMPREPLY=()
  _initsweep_words
  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    word=${words[i]}
    if [[ -n $kind ]]; then
      kind=''
    elif [[ -n $only_arguments ]]; then
      ((++place))
    elif [[ $word == -- ]]; then
      only_arguments=yes
    elif [[ $word == -?* ]]; then
      _initsweep_option "$command" "$word"
    elif [[ " $(_initsweep_commands "$command") " == *" $word "* ]]; then
      command+=${command:+ }$word
    else
      ((++place))
    fi
  done

  cur=${words[-1]}
  if [[ -n $kind ]]; then
    _initsweep_offer "$cur"
  elif [[ -z $only_arguments && $cur == --*=* ]]; then
    _initsweep_option "$command" "${cur%%=*}"
    _initsweep_offer "${cur#*=}"
    # What readline replaces begins behind the last character that it breaks words at.
    [[ $COMP_WORDBREAKS == *=* ]] || COMPREPLY=("${COMPREPLY[@]/#/"${cur%%=*}="}")
  elif [[ -z $only_arguments && $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_initsweep_options "$command")" -- "$cur")
  elif [[ -n $(_initsweep_commands "$command") ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_initsweep_commands "$command")" -- "$cur")
  else
    _initsweep_argument "$command" "$place"
    _initsweep_offer "$cur"
  fi
}

complete -F _initsweep initsweep
)sh";

std::string words_between(const std::string& all, const std::string& added) {
  return all.empty() ? added : all + " " + added;
}

// Those of every command, or the others.
std::string names_of(const std::vector<OptionInfo>& options, bool of_every_command) {
  std::string text;
  for (const OptionInfo& option : options)
    if (option.is_of_every_command == of_every_command) text = words_between(text, joined(option.names, " "));
  return text;
}

std::string names_of(const std::vector<CommandInfo>& commands) {
  std::string text;
  for (const CommandInfo& command : commands) text = words_between(text, command.name);
  return text;
}

std::string kind_of(const OptionInfo& option) {
  switch (option.kind) {
    case ValueKind::none: break;
    case ValueKind::text: return "kind=text";
    case ValueKind::words:
      return std::string(option.is_list ? "kind=list" : "kind=words") +
             " offered=" + quoted_for_script(joined(option.words, " "));
    case ValueKind::file: return "kind=file";
    case ValueKind::sweep: return "kind=sweep";
    case ValueKind::folder: return "kind=folder";
  }
  return "";
}

// A row of a `case`: what a shell does for any of the patterns.
std::string row(const std::string& patterns, const std::string& action) {
  return "    " + patterns + ") " + action + " ;;\n";
}

// `command` is a pattern already. Those of every command, or the others.
std::string option_rows(const std::string& command, const CommandInfo& info, bool of_every_command) {
  std::string rows;
  for (const OptionInfo& option : info.options) {
    if (option.kind == ValueKind::none || option.is_of_every_command != of_every_command) continue;
    std::string patterns;
    for (const std::string& name : option.names)
      patterns.append(patterns.empty() ? "" : " | ").append(command).append(":").append(name);
    rows += row(patterns, kind_of(option));
  }
  return rows;
}

// `command` is a pattern already.
std::string argument_rows(const std::string& command, const CommandInfo& info) {
  std::string rows;
  for (std::size_t i = 0; i < info.positionals.size(); ++i) {
    const OptionInfo& argument = info.positionals[i];
    // One that repeats takes all the places from its own on.
    rows += row(command + ":" + (argument.repeats ? "*" : std::to_string(i)), kind_of(argument));
  }
  return rows;
}

std::string function(const std::string& comment, const std::string& name, const std::string& key,
                     const std::string& rows, const std::string& behind = "") {
  return "\n# " + comment + "\n" + name + "() {\n  case " + key + " in\n" + rows + "  esac\n" + behind + "}\n";
}

}  // namespace

std::string bash_completion(const CommandInfo& program) {
  std::string commands, options, of_options = option_rows("*", program, true), of_arguments;
  for_each_command(program, [&](const std::string& words, const CommandInfo& info) {
    const std::string command = quoted_for_script(words_behind(program, words));
    if (!info.subcommands.empty()) commands += row(command, "echo " + quoted_for_script(names_of(info.subcommands)));
    options += row(command, "echo " + quoted_for_script(names_of(info.options, false)));
    of_options += option_rows(command, info, false);
    of_arguments += argument_rows(command, info);
  });
  return kHead + function("The commands inside command $1.", "_initsweep_commands", "$1", commands) +
         function("The options of command $1.", "_initsweep_options", "$1", options,
                  "  echo " + quoted_for_script(names_of(program.options, true)) + "\n") +
         function("Sets `kind` and `offered` for the value of option $2 of command $1; not for a flag.",
                  "_initsweep_option", "$1:$2", of_options) +
         function("Sets them for argument $2 of command $1, counted from 0.", "_initsweep_argument", "$1:$2",
                  of_arguments) +
         kWalk;
}

}  // namespace initsweep
