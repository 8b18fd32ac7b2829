#include "experiment_list.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "initsweep/columns.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/fetch.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/number.hpp"
#include "initsweep/plan.hpp"
#include "initsweep/spec.hpp"
#include "sweep.hpp"
#include "terminal_ink.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kClaimWidth = 60;
constexpr double kCores = 2;

// Beside the current folder in a source tree, else where `cmake --install` puts them next to the program.
fs::path experiments_folder() {
  if (fs::is_directory("experiments")) return "experiments";
  std::error_code unknown;
  const fs::path program = fs::read_symlink("/proc/self/exe", unknown);
  return program.parent_path().parent_path() / "share/initsweep/experiments";
}

// Folder by folder, from the top.
std::set<std::pair<fs::path, fs::path>> sweep_files(const fs::path& folder) {
  std::set<std::pair<fs::path, fs::path>> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".yaml") files.emplace(entry.path().parent_path(), entry.path());
  return files;
}

Sweep expanded(const fs::path& file) {
  Sweep sweep;
  sweep.spec = parse_spec(read_sweep_file(file.string()), file.string());
  for (const std::string& dataset : datasets_of(sweep.spec)) {
    const NamedDataset* set = find_named_dataset(dataset);
    sweep.digests[dataset] = set == nullptr ? dataset : std::string(set->digest);  // ids are not shown
  }
  sweep.grid = expand(sweep.spec, sweep.digests);
  return sweep;
}

// Of all jobs together; flops 0 where the sweep is about data that nobody knows before reading it.
Cost total_cost(const Sweep& sweep) {
  DataShapes shapes;
  for (const auto& [dataset, digest] : sweep.digests) {
    const NamedDataset* set = find_named_dataset(dataset);
    if (set == nullptr) return {};
    shapes[dataset] = shape_of(*set);
  }
  const std::vector<Cost> costs = cell_costs(sweep, shapes);
  Cost total;
  for (const Job& job : sweep.grid.jobs) {
    total.flops += costs[job.cell].flops;
    total.work += costs[job.cell].work;
  }
  return total;
}

std::vector<std::string> row_of(const fs::path& file, const Sweep& sweep, const Session& session) {
  const SweepSpec& spec = sweep.spec;
  const Cost cost = total_cost(sweep);
  const auto shown = [&](double value) { return cost.flops > 0 ? brief_text(value, 3) : ""; };
  std::string claim = spec.about.claim.empty() ? spec.description : spec.about.claim;
  if (session.format == TableFormat::table) claim = shortened(printable(claim), kClaimWidth, session.utf8);
  return {file.string(),
          spec.name,
          std::move(claim),
          spec.about.verdict,
          std::to_string(sweep.grid.jobs.size()),
          std::to_string(spec.expect.size()),
          shown(cost.flops / 1e12),
          shown(cost.work / kCores / 60)};
}

}  // namespace

Table experiments_table(Session& session) {
  const fs::path folder = experiments_folder();
  if (!fs::is_directory(folder))
    throw EnvironmentError(printable(folder.string()) +
                           ": error: not found; run this beside the folder 'experiments' of the source tree");
  Table table{{{"file", ColumnType::text, ""},
               {"name", ColumnType::text, ""},
               {"claim", ColumnType::text, ""},
               {"verdict", ColumnType::text, ""},
               {"jobs", ColumnType::integer, ""},
               {"claims", ColumnType::integer, ""},
               {"tflop", ColumnType::number, ""},
               {"minutes", ColumnType::number, ""}},
              {}};
  for (const auto& [parent, file] : sweep_files(folder)) {
    try {
      table.rows.push_back(row_of(file, expanded(file), session));
    } catch (const SpecError& error) {
      session.log.warn(file.string() + " is left out: " + error.diagnostics().front().message);
    } catch (const UsageError& error) {
      session.log.warn(file.string() + " is left out: " + error.what());
    }
  }
  return table;
}

}  // namespace initsweep
