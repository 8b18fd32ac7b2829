// Words as a shell reads them back.
#pragma once
#include <string>
#include <string_view>

namespace initsweep {

// For a line that people see and copy: in quotes only where it must be, and nothing in it that a terminal would obey.
// Words with control characters read $'\033[2J', which bash, zsh, ksh and POSIX 2024 know.
[[nodiscard]] std::string quoted_for_shell(std::string_view word);

// For a file that a shell reads, any POSIX shell: what is inside the quotes stands there as it is, line breaks too.
[[nodiscard]] std::string quoted_for_script(std::string_view word);

}  // namespace initsweep
