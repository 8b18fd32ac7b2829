// Completion of command lines in shells.
#pragma once
#include <string>
#include <vector>

#include "command_info.hpp"

namespace initsweep {

// A script that the shell (bash, zsh or fish) reads and then completes the program's command lines with. Throws
// UsageError for other shells.
[[nodiscard]] std::string completion(const CommandInfo& program, const std::string& shell);

// The shells that it knows.
[[nodiscard]] std::vector<std::string> completed_shells();

// Of each shell, for completion() to choose from.
[[nodiscard]] std::string bash_completion(const CommandInfo& program);
[[nodiscard]] std::string zsh_completion(const CommandInfo& program);
[[nodiscard]] std::string fish_completion(const CommandInfo& program);

}  // namespace initsweep
