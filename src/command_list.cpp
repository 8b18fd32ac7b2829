// What there is: names with formula, default and source, from the same tables that parsing uses.
#include <algorithm>
#include <iterator>
#include <utility>

#include "commands.hpp"
#include "experiment_list.hpp"
#include "initsweep/columns.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/kinds.hpp"
#include "initsweep/number.hpp"
#include "initsweep/results.hpp"
#include "initsweep/train.hpp"

namespace initsweep {
namespace {

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

constexpr const char* kListable[] = {"initializers", "activations", "optimizers", "statistics",
                                     "settings",     "isa",         "experiments"};

Table table_of(const std::string& what, Session& session) {
  if (what == "initializers") return kinds<InitializerKind>();
  if (what == "activations") return kinds<ActivationKind>();
  if (what == "optimizers") return kinds<OptimizerKind>();
  if (what == "statistics") return statistics();
  if (what == "settings") return settings();
  if (what == "isa") return instruction_sets(session);
  if (what == "experiments") return experiments_table(session);
  const std::vector<std::string_view> names(std::begin(kListable), std::end(kListable));
  const std::optional<std::string_view> near = nearest_name(what, names);
  throw UsageError("cannot list '" + printable(what) + "', expected one of: " + joined(names) +
                   (near ? "; did you mean '" + std::string(*near) + "'?" : ""));
}

}  // namespace

std::vector<std::string> listable() { return {std::begin(kListable), std::end(kListable)}; }

int list_command(const std::string& what, Session& session) {
  session.console.answer(format(table_of(what, session), session.format));
  if (what == "experiments" && session.format == TableFormat::table) session.console.answer(kExperimentsLegend);
  return kExitDone;
}

}  // namespace initsweep
