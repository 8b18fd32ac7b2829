// What ends a run, and a merge of shards: the CSVs, and what came out.
#pragma once
#include <filesystem>
#include "commands.hpp"
#include "sweep.hpp"

namespace initsweep {

// Writes the CSVs of what the folder's journal has, and answers with a table, pictures, verdicts on claims and where it
// all is. Returns the exit code that follows from jobs and claims. Throws EnvironmentError.
int write_and_answer(const std::filesystem::path& folder, const Sweep& sweep, int threads, Session& session);

}  // namespace initsweep
