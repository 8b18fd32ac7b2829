#include "completion.hpp"

#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "initsweep/diagnostic.hpp"

namespace initsweep {
namespace {

struct Shell {
  std::string_view name;
  std::string (*completion)(const CommandInfo& program);
};
constexpr Shell kShells[] = {{"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}};

}  // namespace

std::vector<std::string> completed_shells() {
  std::vector<std::string> names;
  for (const Shell& shell : kShells) names.emplace_back(shell.name);
  return names;
}

std::string completion(const CommandInfo& program, const std::string& shell) {
  std::vector<std::string_view> names;
  for (const Shell& known : kShells) {
    if (known.name == shell) return known.completion(program);
    names.push_back(known.name);
  }
  const std::optional<std::string_view> near = nearest_name(shell, names);
  throw UsageError("there is no completion for '" + printable(shell) + "', expected one of: " + joined(names) +
                   (near ? "; did you mean '" + std::string(*near) + "'?" : ""));
}

}  // namespace initsweep
