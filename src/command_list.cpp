// What there is: names with formula, default and source, from the same tables that parsing uses.
#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "commands.hpp"
#include "initsweep/columns.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/kinds.hpp"
#include "initsweep/number.hpp"
#include "initsweep/results.hpp"
#include "initsweep/spec.hpp"
#include "initsweep/train.hpp"
#include "sweep.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

std::vector<Column> text_columns(std::initializer_list<const char*> names) {
  std::vector<Column> columns;
  for (const char* name : names) columns.push_back({name, ColumnType::text, ""});
  return columns;
}

template <class Kind>
Table kinds() {
  Table table{text_columns({"name", "formula", "parameters", "source"}), {}};
  for (const KindInfo& info : kind_table<Kind>())
    table.rows.push_back(
        {std::string(info.name), std::string(info.formula), std::string(info.parameters), std::string(info.source)});
  return table;
}

std::string range_text(const SettingInfo& info) {
  const bool is_number = info.type == SettingType::integer || info.type == SettingType::number ||
                         info.type == SettingType::optional_integer || info.type == SettingType::optional_number;
  if (!is_number) return "";
  const auto end = [](double value) { return value < -1e300 ? "-inf" : value > 1e300 ? "inf" : number_text(value); };
  std::string text =
      (info.above_min ? "(" : "[") + std::string(end(info.min)) + ", " + std::string(end(info.max)) + "]";
  if (!info.word.empty()) text += " or " + std::string(info.word);
  return text;
}

Table settings() {
  Table table{text_columns({"name", "default", "range", "description"}), {}};
  for (const SettingInfo& info : setting_table())
    table.rows.push_back(
        {std::string(info.name), std::string(info.default_text), range_text(info), std::string(info.description)});
  return table;
}

// The columns of layers.csv behind those that say which layer and tensor a row is about.
Table statistics() {
  Table table{text_columns({"name", "description"}), {}};
  const std::vector<Column> columns = layers_columns();
  const auto tensor = std::find_if(columns.begin(), columns.end(), [](const Column& c) { return c.name == "tensor"; });
  for (auto column = std::next(tensor); column != columns.end(); ++column)
    table.rows.push_back({column->name, column->description});
  return table;
}

Table instruction_sets(const Session& session) {
  Table table{text_columns({"name", "available", "in_use", "description"}), {}};
  table.columns[1].type = table.columns[2].type = ColumnType::boolean;
  for (const InstructionSet set : kInstructionSets)
    table.rows.push_back({std::string(to_text(set)), is_available(set) ? "true" : "false",
                          set == session.instruction_set ? "true" : "false", std::string(description(set))});
  return table;
}

// Beside the current folder in a source tree, else where `cmake --install` puts them next to the program.
fs::path experiments_folder() {
  if (fs::is_directory("experiments")) return "experiments";
  std::error_code unknown;
  const fs::path program = fs::read_symlink("/proc/self/exe", unknown);
  return program.parent_path().parent_path() / "share/initsweep/experiments";
}

Table experiments(Session& session) {
  const fs::path folder = experiments_folder();
  if (!fs::is_directory(folder))
    throw EnvironmentError(printable(folder.string()) +
                           ": error: not found; run this beside the folder 'experiments' of the source tree");
  std::set<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".yaml") files.insert(entry.path());
  Table table{text_columns({"file", "name", "jobs", "description"}), {}};
  table.columns[2].type = ColumnType::integer;
  for (const fs::path& file : files) {
    try {
      const SweepSpec spec = parse_spec(read_sweep_file(file), file.string());
      DatasetDigests digests;  // ids are not shown, so any digest does
      for (const std::string& dataset : datasets_of(spec)) digests[dataset] = dataset;
      table.rows.push_back(
          {file.string(), spec.name, std::to_string(expand(spec, digests).jobs.size()), spec.description});
    } catch (const SpecError& error) {
      session.log.warn(file.string() + " is left out: " + error.diagnostics().front().message);
    } catch (const UsageError& error) {
      session.log.warn(file.string() + " is left out: " + error.what());
    }
  }
  return table;
}

constexpr const char* kListable[] = {"initializers", "activations", "optimizers", "statistics",
                                     "settings",     "isa",         "experiments"};

Table table_of(const std::string& what, Session& session) {
  if (what == "initializers") return kinds<InitializerKind>();
  if (what == "activations") return kinds<ActivationKind>();
  if (what == "optimizers") return kinds<OptimizerKind>();
  if (what == "statistics") return statistics();
  if (what == "settings") return settings();
  if (what == "isa") return instruction_sets(session);
  if (what == "experiments") return experiments(session);
  const std::vector<std::string_view> names(std::begin(kListable), std::end(kListable));
  const std::optional<std::string_view> near = nearest_name(what, names);
  throw UsageError("cannot list '" + printable(what) + "', expected one of: " + joined(names) +
                   (near ? "; did you mean '" + std::string(*near) + "'?" : ""));
}

}  // namespace

std::vector<std::string> listable() { return {std::begin(kListable), std::end(kListable)}; }

int list_command(const std::string& what, Session& session) {
  session.console.answer(format(table_of(what, session), session.format));
  return kExitDone;
}

}  // namespace initsweep
