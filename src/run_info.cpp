#include "initsweep/run_info.hpp"

#include <nlohmann/json.hpp>
#include <system_error>
#include <unordered_set>
#include <utility>
#include "initsweep/columns.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/file.hpp"
#include "initsweep/numerics.hpp"
#include "initsweep/settings.hpp"
#include "initsweep/shard.hpp"
#include "read_file.hpp"

#ifndef INITSWEEP_VERSION
#define INITSWEEP_VERSION "unknown"
#endif
#ifndef INITSWEEP_BUILD_FLAGS
#define INITSWEEP_BUILD_FLAGS "unknown"
#endif

namespace initsweep {

namespace {

#ifdef __clang__
constexpr const char* kCompiler = __VERSION__;  // "Debian Clang 14.0.6"
#else
constexpr const char* kCompiler = "GCC " __VERSION__;
#endif

using Json = nlohmann::ordered_json;
using ReadJson = nlohmann::json;  // looks its keys up in a tree, where the ordered one searches from the first

std::string text_of(const Json& json) {
  // Bytes that are no UTF-8 become U+FFFD, and characters that a terminal would obey or hide are written \uNNNN.
  return printable_lines(json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace)) + '\n';
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

// Only what is said.
Json about_json(const About& about) {
  Json json = Json::object();
  const auto add = [&](const char* key, const std::string& text) {
    if (!text.empty()) json[key] = text;
  };
  add("claim", about.claim);
  add("source", about.source);
  add("verdict", about.verdict);
  add("condition", about.condition);
  return json;
}

Json record_json(const RecordOptions& record) {
  Json every;
  switch (record.every) {
    case RecordOptions::Every::epoch: every = "epoch"; break;
    case RecordOptions::Every::steps: every = {{"steps", record.steps}}; break;
    case RecordOptions::Every::never: every = "never"; break;
  }
  return {{"layers",
           {{"every", every}, {"at_start", record.at_start}, {"probe", record.probe}, {"jacobian", record.jacobian}}}};
}

// A million seeds and all that a sweep file can name fit.
constexpr std::size_t kMaxRunInfoBytes = 64 << 20;

// Of a run.json, which may be anyone's, only what is asked for becomes values, and of that no more than a run writes.
class WhatIsRead {
 public:
  bool operator()(int depth, ReadJson::parse_event_t event, ReadJson& parsed) {
    if (event == ReadJson::parse_event_t::key) {
      if (depth == 1)
        is_wanted_ = parsed == "sweep" || parsed == "shard" || parsed == "data_sha256" || parsed == "tool";
      return is_wanted_ && ++n_values_ <= kMaxValues;
    }
    if (depth == 0 || event == ReadJson::parse_event_t::object_end || event == ReadJson::parse_event_t::array_end)
      return true;
    return is_wanted_ && depth <= kMaxDepth && ++n_values_ <= kMaxValues;
  }

 private:
  static constexpr int kMaxDepth = 3;
  static constexpr std::size_t kMaxValues = 400'000;
  bool is_wanted_ = false;
  std::size_t n_values_ = 0;
};

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
  package["resources"] = {resource("jobs", jobs_columns()),     resource("epochs", epochs_columns()),
                          resource("layers", layers_columns()), resource("cells", cells_columns()),
                          resource("checks", checks_columns()), resource("trace", trace_columns())};
  return text_of(package);
}

void write_run_info(const std::filesystem::path& folder, const SweepSpec& spec, const Grid& grid,
                    const DatasetDigests& digests, const Numerics& made) {
  Json info = {{"tool",
                {{"name", "initsweep"},
                 {"version", INITSWEEP_VERSION},
                 {"compiler", kCompiler},
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
  if (!grid.shard.is_whole()) info["shard"] = to_text(grid.shard);
  if (Json about = about_json(spec.about); !about.empty()) info["about"] = std::move(about);
  replace_file(folder / "run.json", text_of(info));
}

void fail_damaged_run_info(const std::filesystem::path& folder) {
  throw EnvironmentError(printable((folder / "run.json").string()) +
                         ": error: is damaged; run the sweep again to write it anew");
}

RunInfo read_run_info(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::exists(folder, error))
    throw EnvironmentError(printable(folder.string()) +
                           ": error: " + (error ? "cannot read: " + error.message() : "there is no such folder"));
  const std::string text = read_file(folder / "run.json", kMaxRunInfoBytes, error);
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory)
    throw EnvironmentError(printable(folder.string()) + ": error: this is not a result folder (it has no run.json" +
                           (std::filesystem::is_directory(folder / "shards", error)
                                ? "; of its shards, 'initsweep merge -o " + printable(folder.string()) + "' makes one)"
                                : ")"));
  if (error)
    throw EnvironmentError(printable((folder / "run.json").string()) + ": error: cannot read: " + error.message());
  try {
    const ReadJson info = text.size() > kMaxRunInfoBytes ? ReadJson() : ReadJson::parse(text, WhatIsRead());
    const ReadJson &sweep = info.at("sweep"), &tool = info.at("tool");
    const std::optional<Shard> shard = parse_shard(info.value("shard", to_text(Shard())));
    if (!shard) fail_damaged_run_info(folder);
    return {.sweep_file = sweep.at("file").get<std::string>(),
            .sweep_text = sweep.at("text").get<std::string>(),
            .overrides = sweep.at("overrides").get<std::vector<std::string>>(),
            .digests = info.at("data_sha256").get<DatasetDigests>(),
            .shard = *shard,
            .tool = {.version = tool.at("version").get<std::string>(),
                     .compiler = tool.at("compiler").get<std::string>(),
                     .flags = tool.at("flags").get<std::string>()}};
  } catch (const ReadJson::exception&) {
    fail_damaged_run_info(folder);
  }
}

}  // namespace initsweep
