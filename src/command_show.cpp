// Tables and pictures of a run in the terminal.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "cell_pools.hpp"
#include "commands.hpp"
#include "initsweep/columns.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/gallery.hpp"
#include "initsweep/number.hpp"
#include "initsweep/results.hpp"
#include "initsweep/runner.hpp"
#include "initsweep/stats.hpp"
#include "initsweep/study.hpp"
#include "sweep.hpp"

namespace initsweep {
namespace {

Setting column_setting(const std::string& name, const std::string& option) {
  const std::optional<Setting> setting = parse_setting(name);
  if (setting && !is_parameter(*setting)) return *setting;
  std::vector<std::string_view> names;
  for (const SettingInfo& info : setting_table())
    if (!is_parameter(info.setting)) names.push_back(info.name);
  const std::optional<std::string_view> near = nearest_name(name, names);
  throw UsageError(option + " takes settings; there is none named '" + printable(name) + "'" +
                   (near ? "; did you mean '" + std::string(*near) + "'?" : ", expected one of: " + joined(names)));
}

// The cells at these places, as a grid of their own, and their summaries.
struct Selection {
  Grid grid;
  std::vector<CellSummary> cells;
};

Selection keep(const Grid& grid, const std::vector<CellSummary>& cells, const std::set<std::size_t>& kept) {
  Selection selection;
  selection.grid.varying = grid.varying;
  std::map<std::size_t, std::size_t> place;
  for (const std::size_t cell : kept) {
    place[cell] = selection.grid.cells.size();
    selection.grid.cells.push_back(grid.cells[cell]);
    selection.cells.push_back(cells[cell]);
  }
  for (const Job& job : grid.jobs)
    if (place.contains(job.cell)) selection.grid.jobs.push_back({place[job.cell], job.seed, job.id});
  return selection;
}

// Of cells that differ in nothing but `over`, the one with the highest mean test accuracy; the first on ties.
Selection best_over(const Selection& all, Setting over) {
  std::map<std::string, std::size_t> best;  // by the other settings
  for (std::size_t cell = 0; cell < all.grid.cells.size(); ++cell) {
    std::string others;
    for (int i = 0; i < kSettingColumnCount; ++i)
      if (static_cast<Setting>(i) != over)
        others += setting_text(all.grid.cells[cell].settings, static_cast<Setting>(i)) + '\n';
    const auto [place, is_new] = best.try_emplace(others, cell);
    const double now = all.cells[cell].test_accuracy.mean, before = all.cells[place->second].test_accuracy.mean;
    if (!is_new && (now > before || !(before == before))) place->second = cell;  // no mean loses to any
  }
  std::set<std::size_t> kept;
  for (const auto& [others, cell] : best) kept.insert(cell);
  return keep(all.grid, all.cells, kept);
}

// One number of a layer at the start, over the seeds.
struct LayerValues {
  std::vector<double> preactivation_std, activation_rms, delta_rms, gradient_rms, saturated, dead;
};

void add_finite(std::vector<double>& values, double value) {
  if (value == value) values.push_back(value);
}

void add_row(LayerValues& layer, const LayerRow& row) {
  switch (row.tensor) {
    case TensorKind::preactivation:
      add_finite(layer.preactivation_std, row.summary.std);
      add_finite(layer.saturated, row.saturated_fraction);
      add_finite(layer.dead, row.dead_fraction);
      break;
    case TensorKind::activation: add_finite(layer.activation_rms, row.summary.rms); break;
    case TensorKind::delta: add_finite(layer.delta_rms, row.summary.rms); break;
    case TensorKind::weight_gradient: add_finite(layer.gradient_rms, row.summary.rms); break;
    case TensorKind::weight:
    case TensorKind::bias_gradient: break;
  }
}

// The start record of each layer: a row a cell and layer, median over seeds.
Table layer_table(const RunFolder& folder, const Selection& selection) {
  const Grid& grid = selection.grid;
  std::vector<std::map<int, LayerValues>> layers(grid.cells.size());
  for (const Job& job : grid.jobs) {
    const JournalEntry* entry = folder.journal ? folder.journal->find(job.id, folder.sweep.spec.record) : nullptr;
    if (entry == nullptr) continue;
    for (const LayerRow& row : folder.journal->load(*entry).record.layers)
      if (row.step == 0) add_row(layers[job.cell][row.layer], row);
  }
  Table table;
  const std::vector<Setting> settings = telling_settings(grid);
  for (const Setting setting : settings) table.columns.push_back(setting_column(setting));
  table.columns.push_back({"layer", ColumnType::integer, ""});
  for (const char* name : {"preactivation_std", "activation_rms", "delta_rms", "weight_gradient_rms",
                           "saturated_fraction", "dead_fraction"})
    table.columns.push_back({name, ColumnType::number, ""});
  const auto text = [&](const std::vector<double>& values) {
    return values.empty() ? std::string() : float_text(median(values));
  };
  for (std::size_t cell = 0; cell < grid.cells.size(); ++cell) {
    for (const auto& [layer, values] : layers[cell]) {
      std::vector<std::string> row;
      for (const Setting setting : settings) row.push_back(setting_text(grid.cells[cell].names.front(), setting));
      row.push_back(std::to_string(layer));
      for (const std::vector<double>* column : {&values.preactivation_std, &values.activation_rms, &values.delta_rms,
                                                &values.gradient_rms, &values.saturated, &values.dead})
        row.push_back(text(*column));
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

// Pictures of what goes through the nets, forward and back, before and after training.
void show_layers(const RunFolder& folder, const Selection& selection, const ShowOptions& options, Console& console) {
  constexpr std::size_t kMostLinesEach = 40;
  const Sweep& sweep = folder.sweep;
  const StudySource source{"", &sweep.spec, &sweep.grid, folder.journal ? &*folder.journal : nullptr};
  const Study study = study_of({&source, 1}, usable_processors());
  std::set<std::string_view> kept;
  for (const Cell& cell : selection.grid.cells) kept.insert(cell.id);

  std::string text;
  for (const TensorKind tensor : {TensorKind::activation, TensorKind::delta, TensorKind::weight_gradient}) {
    LineChart chart = layer_chart(study, tensor);
    for (LineView& view : chart.views)
      std::erase_if(view.lines, [&](const Line& line) {
        return !kept.contains(study.cell_of(study.combinations[line.subject]).id);
      });
    if (const std::string picture = layer_chart_text(chart, options, {}, kMostLinesEach); !picture.empty())
      text += picture + '\n';
  }
  if (text.empty()) text = "no job has a layer record yet\n";
  console.answer_as_is(text);
  console.answer("--filter shows a part, --format csv and --format json the numbers\n");
}

// What the table leaves out for being too long; "" if nothing.
std::string pooled_text(const Grid& grid, std::optional<Setting> over) {
  const std::vector<Setting> shown = shown_settings(grid, over, kMostRowsRead);
  std::string names;
  for (const Setting setting : shown_settings(grid, over, kAllRows))
    if (std::find(shown.begin(), shown.end(), setting) == shown.end())
      names += (names.empty() ? "" : ",") + std::string(setting_info(setting).name);
  return names.empty() ? ""
                       : "each row is over all values of " + names + ", which would be more than " +
                             std::to_string(kMostRowsRead) + " rows: --by and --filter show them, --format csv all\n";
}

}  // namespace

ShowOptions show_options(const Session& session) {
  const bool on_screen = session.format == TableFormat::table && session.console.answer_is_terminal();
  ShowOptions options;
  options.color = session.color;
  options.utf8 = session.utf8;
  options.width = on_screen ? session.console.width() : 0;
  options.exact = session.format != TableFormat::table;
  return options;
}

int show_command(const ShowArguments& arguments, Session& session) {
  const ShowOptions options = show_options(session);
  std::vector<Setting> by;
  for (const std::string& name : arguments.by) by.push_back(column_setting(name, "--by"));
  std::optional<Setting> over;
  if (!arguments.best_over.empty()) over = column_setting(arguments.best_over, "--best-over");

  const RunFolder folder = open_run_folder(arguments.folder);
  const Grid& grid = folder.sweep.grid;
  for (const std::string& filter : arguments.filters)
    if (filter.starts_with("seed="))
      throw UsageError("show --filter takes settings; its rows are over all seeds of a cell");
  std::set<std::size_t> kept;
  for (const std::size_t job : select_jobs(grid, arguments.filters, {})) kept.insert(grid.jobs[job].cell);
  std::vector<CellSummary> cells(grid.cells.size(), summarize_cell({}));
  if (folder.journal && (over || !arguments.layers)) cells = summarize_cells(folder.sweep.spec, grid, *folder.journal);
  Selection selection = keep(grid, cells, kept);
  if (over && is_only_looked_at(selection.cells))
    throw UsageError("--best-over chooses by test accuracy, and these nets were not trained");
  if (over) selection = best_over(selection, *over);

  const bool is_table = session.format == TableFormat::table;
  if (arguments.layers) {
    if (is_table)
      show_layers(folder, selection, options, session.console);
    else
      session.console.answer(format(layer_table(folder, selection), session.format));
    return kExitDone;
  }
  session.console.answer(format(summary_table(selection.grid, selection.cells, options, by, over), session.format));
  if (!is_table) return kExitDone;
  if (by.empty()) session.console.answer(pooled_text(selection.grid, over));
  const HeatMap map = pooled_accuracy_map(selection.grid, selection.cells, by, over);
  if (!is_only_looked_at(selection.cells) && map.cells.size() > 1)
    session.console.answer_as_is("\n" + heat_map_text(map, options));
  const std::string picture = delta_picture(selection.grid, selection.cells, options);
  if (!picture.empty()) session.console.answer_as_is("\n" + picture);
  if (over)
    session.console.answer("\nthe best " + std::string(setting_info(*over).name) +
                           " of each was chosen on test accuracy, so these values are on the optimistic side\n");
  return kExitDone;
}

}  // namespace initsweep
