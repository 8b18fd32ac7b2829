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

// Under GitHub Actions: annotations, on stderr.
void annotate_for_github(std::span<const Finding> findings, Session& session);
// Appended to $GITHUB_STEP_SUMMARY, where that is set.
void append_to_github_summary(std::string_view markdown, Session& session);

}  // namespace initsweep
