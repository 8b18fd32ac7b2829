#include "arguments.hpp"

#include <CLI/CLI.hpp>
#include <utility>

#include "argument_errors.hpp"
#include "command_info.hpp"
#include "command_tree.hpp"
#include "completion.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"
#include "initsweep/runner.hpp"
#include "initsweep/shard.hpp"
#include "manual.hpp"

namespace initsweep {
namespace {

constexpr int kMaxThreads = 1024;
constexpr int kMaxFailures = 1'000'000'000;

int count_of(const std::string& option, const std::string& text, int max) {
  const std::optional<std::int64_t> n = parse_integer(text);
  if (!n || *n < 1 || *n > max)
    throw UsageError(option + " takes a whole number from 1 to " + std::to_string(max) + ", got '" + printable(text) +
                     "'");
  return static_cast<int>(*n);
}

int threads_of(const std::string& text) {
  return text == "auto" ? usable_processors() : count_of("-j", text, kMaxThreads);
}

Shard shard_of_option(const std::string& text) {
  const std::optional<Shard> shard = parse_shard(text);
  if (!shard)
    throw UsageError("--shard takes I/N, part I of N, as in --shard 1/3 (1 <= I <= N <= " + std::to_string(kMaxShards) +
                     "); got '" + printable(text) + "'");
  return *shard;
}

// The texts of the line that are numbers, into the arguments of the command that they belong to.
void read_numbers(const std::string& command, CommandLine& line) {
  if (command == "run" || command == "probe" || command == "plan") {
    SweepArguments& sweep = command == "plan" ? line.plan.sweep : line.run.sweep;
    sweep.threads = threads_of(line.threads);
    if (line.shard) sweep.shard = shard_of_option(*line.shard);
  }
  if (command == "merge") line.merge.threads = threads_of(line.threads);
  if (command == "submit") line.submit.shards = count_of("--shards", line.n_shards, kMaxShards);
  if (!line.max_failures.empty()) line.run.max_failures = count_of("--max-failures", line.max_failures, kMaxFailures);
}

// Exactly one command was given, so names need no order.
std::optional<decltype(Arguments::command)> arguments_of(const std::string& command, CommandLine& line) {
  if (command == "run" || command == "probe") return std::move(line.run);
  if (command == "plan") return std::move(line.plan);
  if (command == "merge") return std::move(line.merge);
  if (command == "submit") return std::move(line.submit);
  if (command == "status") return std::move(line.status);
  if (command == "show") return std::move(line.show);
  if (command == "check") return std::move(line.check);
  if (command == "report") return std::move(line.report);
  if (command == "plot") return std::move(line.plot);
  if (command == "baseline") return std::move(line.accept);
  if (command == "data") return std::move(line.data);
  if (command == "theory") return std::move(line.theory);
  if (command == "list") return std::move(line.list);
  return std::nullopt;
}

std::string given_command(const CLI::App& app) {
  const std::vector<CLI::App*> given = app.get_subcommands();
  return given.empty() ? "" : given.front()->get_name();
}

}  // namespace

std::variant<Arguments, std::string> parse_arguments(int argc, char** argv) {
  CLI::App app;
  CommandLine line;
  add_commands(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion& version) {
    return std::string(version.what()) + "\n";
  } catch (const CLI::CallForHelp&) {
    return app.help();
  } catch (const CLI::ParseError& error) {
    throw_wrong_arguments(error, app);
  }
  if (line.manual) return manual(program_info(), app.version());
  const std::string command = given_command(app);
  if (command == "completion") return completion(program_info(), line.shell);
  read_numbers(command, line);
  line.run.probe = command == "probe";
  auto arguments = arguments_of(command, line);
  if (!arguments) throw_no_command(app);
  return Arguments{std::move(line.common), *std::move(arguments)};
}

}  // namespace initsweep
