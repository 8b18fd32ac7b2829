// What a sweep would do: its cells and jobs in order, what disappeared from the grid and why, and what it will cost.
#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "commands.hpp"
#include "initsweep/columns.hpp"
#include "initsweep/dataset.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/fetch.hpp"
#include "initsweep/identity.hpp"
#include "initsweep/number.hpp"
#include "initsweep/results.hpp"
#include "initsweep/shard.hpp"
#include "initsweep/train.hpp"
#include "sweep.hpp"
#include "synthetic_images.hpp"

namespace initsweep {
namespace {

using Json = nlohmann::ordered_json;

// Lines of a table that a screen still shows; CSV and JSON have all.
constexpr std::size_t kShownCells = 40, kShownNotes = 20;

// Seconds that a thread takes for one of Cost::work, from a tenth of a second of training a small net.
double measured_pace(InstructionSet set) {
  const Dataset data("synthetic", synthetic_images(512), synthetic_images(128), 10, "none");
  const DataShape shape = shape_of(data);
  const RecordOptions record{.every = RecordOptions::Every::never, .probe = 32};
  JobSettings settings;
  settings.epochs.reset();
  settings.steps = 128;
  settings = canonical(settings);
  double work = 0, seconds = 0;
  const auto start = std::chrono::steady_clock::now();
  while (seconds < 0.1) {
    (void)train(settings, 1, data, record, {}, set);
    work += estimate_cost(settings, shape, record).work;
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  return seconds / work;
}

DataShapes data_shapes(const Sweep& sweep, const std::string& data_option) {
  DataShapes shapes;
  for (const auto& [text, digest] : sweep.digests) {
    const NamedDataset* set = find_named_dataset(text);
    shapes[text] = set != nullptr ? shape_of(*set) : shape_of(load_dataset(text, data_option));
  }
  return shapes;
}

// Everything that the three formats show.
struct Plan {
  Sweep sweep;
  std::vector<std::size_t> selected;  // of grid.jobs
  std::vector<Cost> costs;            // of a job of each cell
  std::vector<std::int64_t> parameters;
  double pace = 0;  // seconds for one of Cost::work
  int threads = 1;

  [[nodiscard]] double seconds(std::size_t cell) const { return costs[cell].work * pace; }
  [[nodiscard]] double total_flops() const {
    double sum = 0;
    for (const std::size_t i : selected) sum += costs[sweep.grid.jobs[i].cell].flops;
    return sum;
  }
  [[nodiscard]] double flops_per_second() const {  // of a thread
    double sum = 0;
    for (const std::size_t i : selected) sum += seconds(sweep.grid.jobs[i].cell);
    return total_flops() / sum;
  }
  [[nodiscard]] double wall() const {
    std::vector<double> jobs;
    for (const std::size_t i : selected) jobs.push_back(seconds(sweep.grid.jobs[i].cell));
    std::sort(jobs.begin(), jobs.end(), std::greater<>());
    return seconds_to_finish(std::vector<double>(static_cast<std::size_t>(threads)), jobs);
  }
};

Plan make_plan(const SweepArguments& arguments, Session& session) {
  Plan plan;
  plan.sweep = load_sweep(arguments.file, arguments.overrides, session.console);
  plan.threads = arguments.threads;
  plan.selected = select_jobs(plan.sweep.grid, arguments.filters, arguments.job_ids);
  std::erase_if(plan.selected, [&](std::size_t i) {
    return shard_of(plan.sweep.grid.jobs[i].id, arguments.shard.count) != arguments.shard.index;
  });
  const DataShapes shapes = data_shapes(plan.sweep, session.data_option);
  plan.costs = cell_costs(plan.sweep, shapes);
  for (const Cell& cell : plan.sweep.grid.cells)
    plan.parameters.push_back(n_parameters(cell.settings, shapes.at(cell.settings.dataset)));
  plan.pace = measured_pace(session.instruction_set);
  return plan;
}

std::vector<Setting> all_columns() {
  std::vector<Setting> settings;
  for (int i = 0; i < kSettingColumnCount; ++i) settings.push_back(static_cast<Setting>(i));
  return settings;
}

// "1, 2, 3", or "1..100" for a longer run of seeds.
std::string seeds_text(const std::vector<std::int64_t>& seeds) {
  bool is_run = true;
  for (std::size_t i = 1; i < seeds.size(); ++i) is_run = is_run && seeds[i] == seeds[i - 1] + 1;
  if (is_run && seeds.size() > 3) return std::to_string(seeds.front()) + ".." + std::to_string(seeds.back());
  std::string text;
  for (const std::int64_t seed : seeds) text += (text.empty() ? "" : ", ") + std::to_string(seed);
  return text;
}

// A row a cell: for people.
Table cell_table(const Plan& plan, std::size_t& n_cells) {
  const Grid& grid = plan.sweep.grid;
  std::map<std::size_t, std::vector<std::int64_t>> seeds;  // by cell
  for (const std::size_t i : plan.selected) seeds[grid.jobs[i].cell].push_back(grid.jobs[i].seed);
  n_cells = seeds.size();
  Table table;
  table.columns.push_back({"cell_id", ColumnType::text, ""});
  const std::vector<Setting> settings = telling_settings(grid);
  for (const Setting setting : settings) table.columns.push_back(setting_column(setting));
  table.columns.push_back({"seeds", ColumnType::text, ""});
  for (const char* name : {"parameters", "GFLOP", "memory", "estimated_s"})
    table.columns.push_back({name, ColumnType::number, ""});
  for (const auto& [cell, of_cell] : seeds) {
    if (table.rows.size() == kShownCells) break;
    std::vector<std::string> row = {grid.cells[cell].id};
    for (const Setting setting : settings) row.push_back(setting_text(grid.cells[cell].names.front(), setting));
    row.push_back(seeds_text(of_cell));
    row.push_back(std::to_string(plan.parameters[cell]));
    row.push_back(brief_text(plan.costs[cell].flops * 1e-9));
    row.push_back(bytes_text(plan.costs[cell].bytes));
    row.push_back(brief_text(plan.seconds(cell), 2));
    table.rows.push_back(std::move(row));
  }
  return table;
}

// A row a job: for programs.
Table job_table(const Plan& plan) {
  Table table;
  table.columns.push_back({"job_id", ColumnType::text, ""});
  table.columns.push_back({"cell_id", ColumnType::text, ""});
  table.columns.push_back({"seed", ColumnType::integer, ""});
  for (const Setting setting : all_columns()) table.columns.push_back(setting_column(setting));
  table.columns.push_back({"parameters", ColumnType::integer, ""});
  table.columns.push_back({"n_steps", ColumnType::integer, ""});
  for (const char* name : {"flops", "memory_bytes", "estimated_s"})
    table.columns.push_back({name, ColumnType::number, ""});
  for (const std::size_t i : plan.selected) {
    const Job& job = plan.sweep.grid.jobs[i];
    std::vector<std::string> row = {job.id, plan.sweep.grid.cells[job.cell].id, std::to_string(job.seed)};
    for (const Setting setting : all_columns())
      row.push_back(setting_text(plan.sweep.grid.cells[job.cell].names.front(), setting));
    row.push_back(std::to_string(plan.parameters[job.cell]));
    row.push_back(std::to_string(plan.costs[job.cell].steps));
    row.push_back(float_text(plan.costs[job.cell].flops));
    row.push_back(float_text(plan.costs[job.cell].bytes));
    row.push_back(float_text(plan.seconds(job.cell)));
    table.rows.push_back(std::move(row));
  }
  return table;
}

// Names a combination by the settings in which the combinations asked for differ, those that were folded or excluded
// included: "initializer=normal, mode=fan_in".
class Namer {
 public:
  explicit Namer(const Grid& grid) {
    const JobSettings& first = grid.cells.front().names.front();
    const std::vector<Setting> telling = telling_settings(grid);
    std::set<Setting> varying(telling.begin(), telling.end());
    const auto compare = [&](const JobSettings& name) {
      for (const Setting setting : all_columns())
        if (setting != Setting::width && setting_text(name, setting) != setting_text(first, setting))
          varying.insert(setting);
    };
    for (const Folded& folded : grid.folded) compare(folded.name);
    for (const Excluded& excluded : grid.excluded) compare(excluded.name);
    varying_.assign(varying.begin(), varying.end());
  }
  [[nodiscard]] std::string name(const JobSettings& settings) const {
    std::string text;
    for (const Setting setting : varying_) {
      const std::string value = setting_text(settings, setting);
      if (value.empty()) continue;
      text += (text.empty() ? "" : ", ") + std::string(setting_info(setting).name) + "=" + printable(value);
    }
    return text;
  }

 private:
  std::vector<Setting> varying_;
};

std::string place_of(const SweepSpec& spec, const Excluded& excluded) {
  const Diagnostic place = located(spec, Severity::warning, spec.exclude[excluded.pattern].where, "");
  return printable(place.file) + ":" + std::to_string(place.where.line);
}

std::string and_more(std::size_t total, std::size_t shown, const std::string& what) {
  return total <= shown ? "" : "  ... and " + grouped_text(total - shown) + " more " + what + " shows all\n";
}

std::string text_of(const Plan& plan) {
  const Grid& grid = plan.sweep.grid;
  const Namer namer(grid);
  std::size_t n_cells = 0;
  const Table table = cell_table(plan, n_cells);
  std::string text =
      format(table, TableFormat::table) + and_more(n_cells, kShownCells, "cells; --format csv or json") + "\n";

  if (!grid.folded.empty()) {
    std::size_t n_folded = 0;
    for (const Folded& folded : grid.folded) n_folded += folded.count;
    text += "folded: " + counted(n_folded, "combination") + " that another stands for\n";
    for (std::size_t i = 0; i < std::min(kShownNotes, grid.folded.size()); ++i) {
      const Folded& folded = grid.folded[i];
      text += "  " + namer.name(folded.name) + " -> " + grid.cells[folded.cell].id + ": " + folded.reason;
      if (folded.count > 1) text += " (" + grouped_text(folded.count) + " times)";
      text += '\n';
    }
    text += and_more(grid.folded.size(), kShownNotes, "folded ones; --format json") + "\n";
  }
  if (!grid.excluded.empty()) {
    text += "excluded: " + counted(grid.excluded.size(), "combination") + "\n";
    for (std::size_t i = 0; i < std::min(kShownNotes, grid.excluded.size()); ++i)
      text += "  " + namer.name(grid.excluded[i].name) + ": by the pattern in " +
              place_of(plan.sweep.spec, grid.excluded[i]) + '\n';
    text += and_more(grid.excluded.size(), kShownNotes, "excluded ones; --format json") + "\n";
  }

  double largest = 0;
  for (const std::size_t i : plan.selected) largest = std::max(largest, plan.costs[grid.jobs[i].cell].bytes);
  std::size_t n_folded = 0;
  for (const Folded& folded : grid.folded) n_folded += folded.count;
  text += counted(grid.combinations, "combination") + " - " + grouped_text(grid.excluded.size()) + " excluded - " +
          grouped_text(n_folded) + " folded = " + counted(grid.cells.size(), "cell") + ", " +
          counted(grid.jobs.size(), "job");
  if (plan.selected.size() < grid.jobs.size()) text += ", " + grouped_text(plan.selected.size()) + " of them selected";
  if (plan.selected.empty()) return text + "\n";  // of a shard
  text += "\n" + brief_text(plan.total_flops() * 1e-12) + " TFLOP; the largest job needs " + bytes_text(largest) +
          "\nabout " + duration_text(plan.wall()) + " with -j " + std::to_string(plan.threads) +
          " (an estimate, from a tenth of a second of training; a thread makes " +
          brief_text(plan.flops_per_second() * 1e-9, 3) + " GFLOP/s)\n";
  return text;
}

Json settings_json(const JobSettings& settings) {
  Table table;
  table.rows.emplace_back();
  for (const Setting setting : all_columns()) {
    const std::string value = setting_text(settings, setting);
    if (value.empty()) continue;
    table.columns.push_back(setting_column(setting));
    table.rows.front().push_back(value);
  }
  return Json::parse(format(table, TableFormat::json)).front();
}

std::string json_of(const Plan& plan) {
  const Grid& grid = plan.sweep.grid;
  Json json;
  json["name"] = plan.sweep.spec.name;
  json["combinations"] = grid.combinations;
  json["cells"] = grid.cells.size();
  json["jobs"] = grid.jobs.size();
  json["selected_jobs"] = plan.selected.size();
  json["flops"] = plan.total_flops();
  json["threads"] = plan.threads;
  json["flops_per_second_of_a_thread"] = plan.flops_per_second();
  json["estimated_s"] = plan.wall();
  json["plan"] = Json::parse(format(job_table(plan), TableFormat::json));
  json["folded"] = Json::array();
  for (const Folded& folded : grid.folded)
    json["folded"].push_back({{"settings", settings_json(folded.name)},
                              {"cell_id", grid.cells[folded.cell].id},
                              {"reason", folded.reason},
                              {"count", folded.count}});
  json["excluded"] = Json::array();
  for (const Excluded& excluded : grid.excluded)
    json["excluded"].push_back(
        {{"settings", settings_json(excluded.name)}, {"pattern", place_of(plan.sweep.spec, excluded)}});
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

int plan_command(const SweepArguments& arguments, Session& session) {
  const Plan plan = make_plan(arguments, session);
  std::vector<double> bytes;
  for (const std::size_t i : plan.selected) bytes.push_back(plan.costs[plan.sweep.grid.jobs[i].cell].bytes);
  if (const std::string text = over_memory_limit(plan.sweep.spec.limits, bytes); !text.empty()) session.log.warn(text);
  switch (session.format) {
    case TableFormat::table: session.console.answer(text_of(plan)); break;
    case TableFormat::csv: session.console.answer(format(job_table(plan), TableFormat::csv)); break;
    case TableFormat::json: session.console.answer(json_of(plan)); break;
  }
  return kExitDone;
}

}  // namespace initsweep
