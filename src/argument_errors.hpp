// CLI11's complaints about a command line in our words.
#pragma once

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace initsweep {

// Throw UsageError.
[[noreturn]] void throw_wrong_arguments(const CLI::ParseError& error, const CLI::App& app);
[[noreturn]] void throw_no_command(const CLI::App& app);

}  // namespace initsweep
