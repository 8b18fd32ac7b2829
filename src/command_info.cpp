#include "command_info.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "command_tree.hpp"

namespace initsweep {
namespace {

// What stands for a value in the help says what it is, everywhere the same.
ValueKind kind_of(const std::string& value, const std::vector<std::string>& words) {
  if (value.empty()) return ValueKind::none;
  if (!words.empty()) return ValueKind::words;
  if (value == "SWEEP") return ValueKind::sweep;
  if (value == "DIR" || value == "SHARD") return ValueKind::folder;
  if (value == "FILE" || value == "BASE") return ValueKind::file;
  return ValueKind::text;
}

std::vector<std::string> names_of(const CLI::Option& option) {
  if (option.get_positional()) return {option.get_name(/*positional=*/true)};
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

OptionInfo info_of(const CLI::Option& option, const OfferedWords& offered) {
  constexpr std::string_view kListEnd = ",...";
  OptionInfo info;
  info.names = names_of(option);
  info.help = option.get_description();
  const int n_values = option.get_items_expected_max();
  if (n_values > 0) info.value = option.get_positional() ? info.names.front() : option.get_type_name();
  if (const auto words = offered.find(&option); words != offered.end()) info.words = words->second;
  info.kind = kind_of(info.value, info.words);
  info.variable = option.get_envname();
  info.is_list = info.value.ends_with(kListEnd);
  info.repeats = n_values > 1;
  info.is_required = option.get_required();
  info.is_of_every_command = option.get_group() == kCommonGroup;
  return info;
}

CommandInfo info_of(const CLI::App& app, const OfferedWords& offered) {
  CommandInfo info;
  info.name = app.get_name();
  info.help = app.get_description();
  for (const CLI::Option* option : app.get_options())
    (option->get_positional() ? info.positionals : info.options).push_back(info_of(*option, offered));
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    info.subcommands.push_back(info_of(*command, offered));
  return info;
}

void visit_from(const std::string& before, const CommandInfo& command,
                const std::function<void(const std::string&, const CommandInfo&)>& visit) {
  const std::string words = before.empty() ? command.name : before + " " + command.name;
  visit(words, command);
  for (const CommandInfo& inner : command.subcommands) visit_from(words, inner, visit);
}

}  // namespace

CommandInfo program_info() {
  CLI::App app;
  CommandLine line;
  const OfferedWords offered = add_commands(app, line);
  return info_of(app, offered);
}

void for_each_command(const CommandInfo& program,
                      const std::function<void(const std::string& words, const CommandInfo& command)>& visit) {
  visit_from("", program, visit);
}

std::string words_behind(const CommandInfo& program, const std::string& words) {
  return words == program.name ? "" : words.substr(program.name.size() + 1);
}

}  // namespace initsweep
