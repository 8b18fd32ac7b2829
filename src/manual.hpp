// The manual page initsweep(1).
#pragma once
#include <string>
#include <string_view>

#include "command_info.hpp"

namespace initsweep {

// As roff with the macros of man(7). `version` is what --version says: "initsweep 0.1.0".
[[nodiscard]] std::string manual(const CommandInfo& program, std::string_view version);

}  // namespace initsweep
