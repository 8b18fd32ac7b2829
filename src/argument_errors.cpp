#include "argument_errors.hpp"

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "initsweep/diagnostic.hpp"

namespace initsweep {
namespace {

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  const std::optional<std::string_view> near = nearest_name(name, candidates);
  return near ? "; did you mean '" + std::string(*near) + "'?" : "";
}

std::string unknown_option(const std::string& option, const CLI::App& command) {
  std::vector<std::string> known;
  for (const CLI::Option* candidate : command.get_options())
    for (const std::string& name : candidate->get_lnames()) known.push_back("--" + name);
  return "unknown option '" + printable(option) + "'" + did_you_mean(option, known);
}

}  // namespace

void throw_wrong_arguments(const CLI::ParseError& error, const CLI::App& app) {
  const CLI::App* command = &app;
  std::string name = "initsweep";
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    name += " " + command->get_name();
  }
  std::string message = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const std::vector<std::string> extras = app.remaining(/*recurse=*/true);
    const std::string extra = extras.empty() ? "" : extras.front();
    message =
        extra.starts_with("-") ? unknown_option(extra, *command) : "one argument too many: '" + printable(extra) + "'";
  }
  throw UsageError(name + ": " + message + "\n'" + name + " --help' shows how it is used");
}

void throw_no_command(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::vector<std::string> extras = app.remaining();
  if (extras.empty()) throw UsageError("no command given, expected one of: " + joined(views));
  const std::string& name = extras.front();
  if (name.starts_with("-")) throw UsageError("unknown option '" + printable(name) + "' before the command");
  throw UsageError("unknown command '" + printable(name) + "', expected one of: " + joined(views) +
                   did_you_mean(name, names));
}

}  // namespace initsweep
