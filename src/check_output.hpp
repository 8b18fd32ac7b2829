// What a check says where it is read: on the terminal and under GitHub Actions.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include "commands.hpp"
#include "initsweep/finding.hpp"

namespace initsweep {

[[nodiscard]] int exit_code(std::span<const Finding> findings);

// A table for people of what is not good; "" if all is.
[[nodiscard]] std::string findings_text(std::span<const Finding> findings);

// Annotations on stderr under GitHub Actions, and Markdown appended to $GITHUB_STEP_SUMMARY.
void tell_github(std::span<const Finding> findings, std::string_view sweep, Session& session);

}  // namespace initsweep
