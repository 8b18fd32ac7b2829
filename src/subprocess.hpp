// Another program, run without a shell.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace initsweep {

// Finds command[0] on the PATH, runs it in `folder` and waits. It reads nothing; what it writes goes to `log`. Throws
// EnvironmentError if it is not there or does not end with 0, quoting the first line of the log.
void run_program(const std::vector<std::string>& command, const std::filesystem::path& folder,
                 const std::filesystem::path& log);

}  // namespace initsweep
