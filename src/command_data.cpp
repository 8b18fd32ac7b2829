// Getting, finding and checking data sets.
#include "commands.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/fetch.hpp"
#include "initsweep/number.hpp"

namespace initsweep {
namespace {

const NamedDataset& named(const std::string& name) {
  if (const NamedDataset* set = find_named_dataset(name)) return *set;
  std::vector<std::string_view> names;
  for (const NamedDataset& set : named_datasets()) names.push_back(set.name);
  const std::optional<std::string_view> near = nearest_name(name, names);
  throw UsageError("unknown data set '" + printable(name) + "', expected one of: " + joined(names) +
                   (near ? "; did you mean '" + std::string(*near) + "'?" : ""));
}

std::filesystem::path found(const NamedDataset& set, const std::string& data_option) {
  if (const std::optional<std::filesystem::path> folder = find_dataset(set, data_option)) return *folder;
  std::string looked;
  for (const std::filesystem::path& folder : search_path(set, data_option))
    looked += "\n  " + printable(folder.string());
  throw EnvironmentError(std::string(set.name) + ": error: not found; looked in" + looked +
                         "\nget it with: initsweep data fetch " + std::string(set.name));
}

std::string verified(const std::string& name, const Session& session) {
  if (name.starts_with("idx:")) {
    const Dataset data = load_dataset(name, session.data_option);
    return printable(name) + ": sound; " + grouped_text(data.train().size()) + " training and " +
           grouped_text(data.test().size()) + " test images of " + std::to_string(data.train().rows) + " x " +
           std::to_string(data.train().columns) + ", " + std::to_string(data.n_classes()) + " classes, SHA-256 " +
           data.digest() + "\n";
  }
  const NamedDataset& set = named(name);
  const std::filesystem::path folder = found(set, session.data_option);
  verify_dataset(set, folder);
  return name + ": all four files in " + printable(folder.string()) + " are as published (SHA-256)\n";
}

}  // namespace

int data_command(const DataArguments& arguments, Session& session) {
  switch (arguments.action) {
    case DataArguments::Action::fetch: {
      const auto say = [&](const std::string& step) { session.log.info(step); };
      session.console.answer_as_is(fetch_dataset(named(arguments.name), session.data_option, say).string() + "\n");
      break;
    }
    case DataArguments::Action::verify: session.console.answer(verified(arguments.name, session)); break;
    case DataArguments::Action::path:
      session.console.answer_as_is(found(named(arguments.name), session.data_option).string() + "\n");
      break;
  }
  return kExitDone;
}

}  // namespace initsweep
