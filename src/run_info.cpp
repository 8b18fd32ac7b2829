#include "initsweep/run_info.hpp"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <utility>
#include "initsweep/columns.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/file.hpp"
#include "initsweep/numerics.hpp"
#include "initsweep/settings.hpp"

#ifndef INITSWEEP_VERSION
#define INITSWEEP_VERSION "unknown"
#endif
#ifndef INITSWEEP_BUILD_FLAGS
#define INITSWEEP_BUILD_FLAGS "unknown"
#endif

namespace initsweep {

namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) {
  // What a sweep file holds beside YAML's own characters becomes U+FFFD.
  return json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + '\n';
}

std::string_view type_name(ColumnType type) {
  switch (type) {
    case ColumnType::text: return "string";
    case ColumnType::integer: return "integer";
    case ColumnType::number: return "number";
    case ColumnType::boolean: return "boolean";
  }
  return {};
}

Json resource(const std::string& name, const std::vector<Column>& columns) {
  Json fields = Json::array();
  for (const Column& column : columns)
    fields.push_back({{"name", column.name}, {"type", type_name(column.type)}, {"description", column.description}});
  return {{"name", name},
          {"path", name + ".csv"},
          {"profile", "tabular-data-resource"},
          {"format", "csv"},
          {"mediatype", "text/csv"},
          {"encoding", "utf-8"},
          {"schema", {{"fields", std::move(fields)}, {"missingValues", {""}}}}};
}

Json record_json(const RecordOptions& record) {
  Json every;
  switch (record.every) {
    case RecordOptions::Every::epoch: every = "epoch"; break;
    case RecordOptions::Every::steps: every = {{"steps", record.steps}}; break;
    case RecordOptions::Every::never: every = "never"; break;
  }
  return {{"layers", {{"every", every}, {"at_start", record.at_start}, {"probe", record.probe}}}};
}

// Every setting with the values it takes in the grid, in order of appearance.
Json resolved_settings(const Grid& grid) {
  Json settings = Json::object();
  for (int i = 0; i < kSettingColumnCount; ++i) {
    const auto setting = static_cast<Setting>(i);
    std::unordered_set<std::string> seen;
    Json& values = settings[std::string(setting_info(setting).name)] = Json::array();
    for (const Cell& cell : grid.cells)
      for (const JobSettings& name : cell.names)
        if (std::string value = setting_text(name, setting); seen.insert(value).second)
          values.push_back(std::move(value));
  }
  return settings;
}

}  // namespace

std::string datapackage_json(const SweepSpec& spec) {
  Json package = {{"profile", "tabular-data-package"}, {"name", spec.name}};
  if (!spec.description.empty()) package["description"] = spec.description;
  package["resources"] = {resource("jobs", jobs_columns()), resource("epochs", epochs_columns()),
                          resource("layers", layers_columns()), resource("cells", cells_columns()),
                          resource("trace", trace_columns())};
  return text_of(package);
}

void write_run_info(const std::filesystem::path& folder, const SweepSpec& spec, const Grid& grid,
                    const DatasetDigests& digests, const Numerics& made) {
  const Json info = {{"tool",
                      {{"name", "initsweep"},
                       {"version", INITSWEEP_VERSION},
                       {"compiler", __VERSION__},
                       {"flags", INITSWEEP_BUILD_FLAGS}}},
                     {"numerics",
                      {{"revision", made.revision},
                       {"instruction_set", made.instruction_set},
                       {"gemm", made.gemm},
                       {"cache_bytes", {made.cache.l1, made.cache.l2, made.cache.l3}}}},
                     {"data_sha256", digests},
                     {"sweep",
                      {{"name", spec.name},
                       {"description", spec.description},
                       {"file", spec.file},
                       {"overrides", spec.overrides},
                       {"text", spec.text}}},
                     {"resolved",
                      {{"combinations", grid.combinations},
                       {"cells", grid.cells.size()},
                       {"jobs", grid.jobs.size()},
                       {"seeds", spec.seeds},
                       {"record", record_json(spec.record)},
                       {"settings", resolved_settings(grid)}}}};
  ReplacedFile file(folder / "run.json");
  file.write(text_of(info));
  file.commit();
}

RunInfo read_run_info(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "run.json";
  if (!std::filesystem::exists(folder))
    throw EnvironmentError(printable(folder.string()) + ": error: there is no such folder");
  if (!std::filesystem::exists(path))
    throw EnvironmentError(printable(folder.string()) + ": error: this is not a result folder (it has no run.json)");
  std::ifstream in(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  try {
    const Json info = Json::parse(text);
    const Json& sweep = info.at("sweep");
    return {.sweep_file = sweep.at("file").get<std::string>(),
            .sweep_text = sweep.at("text").get<std::string>(),
            .overrides = sweep.at("overrides").get<std::vector<std::string>>(),
            .digests = info.at("data_sha256").get<DatasetDigests>()};
  } catch (const Json::exception&) {
    throw EnvironmentError(printable(path.string()) + ": error: is damaged; run the sweep again to write it anew");
  }
}

}  // namespace initsweep
