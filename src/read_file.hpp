// A small file, read whole into memory, and never more of it than it may have: the file may be anyone's.
#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>

namespace initsweep {

// The first `most` bytes of the file and one more if it goes on. What is no file is read too (a pipe, a device); a pipe
// that nobody writes to is empty, not waited for.
[[nodiscard]] std::string read_file(const std::filesystem::path& file, std::size_t most, std::error_code& error);

}  // namespace initsweep
