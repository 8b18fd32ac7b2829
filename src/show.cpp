#include "initsweep/show.hpp"
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include "cell_label.hpp"
#include "cell_pools.hpp"
#include "heat_map_signs.hpp"
#include "initsweep/columns.hpp"
#include "initsweep/number.hpp"
#include "study_grid.hpp"

namespace initsweep {

namespace {

// ---- the table

std::size_t printed_width(const Table& table) {
  std::size_t width = 2 * (table.columns.size() - 1);
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    std::size_t widest = display_width(table.columns[c].name);
    for (const Values& row : table.rows) widest = std::max(widest, display_width(row[c]));
    width += widest;
  }
  return width;
}

void drop_if_constant(Table& table, std::string_view name) {
  const auto column = std::find_if(table.columns.begin(), table.columns.end(),
                                   [&](const Column& candidate) { return candidate.name == name; });
  if (column == table.columns.end()) return;
  const auto c = column - table.columns.begin();
  const bool varies = std::any_of(table.rows.begin(), table.rows.end(), [&](const Values& row) {
    return row[static_cast<std::size_t>(c)] != table.rows.front()[static_cast<std::size_t>(c)];
  });
  if (varies) return;
  table.columns.erase(column);
  for (Values& row : table.rows) row.erase(row.begin() + c);
}

void fit(Table& table, std::size_t n_settings, std::size_t width) {
  if (width == 0 || printed_width(table) <= width) return;
  for (std::size_t c = 0; c < n_settings; ++c) {
    Values column;
    for (const Values& row : table.rows) column.push_back(row[c]);
    shorten(column);
    for (std::size_t i = 0; i < column.size(); ++i) table.rows[i][c] = std::move(column[i]);
  }
  for (const std::string_view name : {"failed", "diverged", "cells", "seeds"})
    if (printed_width(table) > width) drop_if_constant(table, name);
}

// ---- the heat map

const std::string kNoSettingValue = "none";  // of a setting without one, in pictures

// Some of the settings of pools as one: labels of the values that they have together, in order.
struct Places {
  std::string title;
  Values labels;
  std::vector<std::size_t> of;  // index into labels, by pool
};

// A value beside its setting's name, where it does not speak for itself and no title names it.
Places places_of(const Pools& pools, std::span<const Setting> settings, bool is_titled) {
  Places places;
  std::vector<std::size_t> columns;
  for (const Setting setting : settings) {
    columns.push_back(
        static_cast<std::size_t>(std::find(pools.by.begin(), pools.by.end(), setting) - pools.by.begin()));
    if (is_titled) places.title += (places.title.empty() ? "" : ", ") + std::string(setting_info(setting).name);
  }
  std::vector<Values> texts;  // by setting, by pool
  for (const std::size_t column : columns) {
    Values& text = texts.emplace_back();
    for (const Pool& pool : pools.pools) text.push_back(pool.values[column]);
    shorten(text);
  }
  const auto key_of = [&](const Pool& pool) {
    std::vector<std::size_t> key;
    for (const std::size_t column : columns) key.push_back(pool.ranks[column]);
    return key;
  };
  std::map<std::vector<std::size_t>, std::size_t> place;
  for (const Pool& pool : pools.pools) place[key_of(pool)] = 0;
  for (auto& [key, index] : place) index = places.labels.size(), places.labels.emplace_back();
  for (std::size_t i = 0; i < pools.pools.size(); ++i) {
    places.of.push_back(place.at(key_of(pools.pools[i])));
    std::string& label = places.labels[places.of.back()];
    if (!label.empty()) continue;
    for (std::size_t s = 0; s < texts.size(); ++s) {
      const bool has_value = !texts[s][i].empty();
      if (!has_value && is_titled) continue;
      if (!label.empty()) label += is_titled ? " " : ", ";
      if (!is_titled && !(has_value && speaks_for_itself(settings[s])))
        label += std::string(setting_info(settings[s]).name) + ' ';
      label += has_value ? texts[s][i] : kNoSettingValue;
    }
    if (label.empty() && !settings.empty()) label = kNoSettingValue;
  }
  return places;
}

struct MapSettings {
  std::vector<Setting> rows, columns, panels;
};

MapSettings map_settings(const std::vector<Setting>& by, bool is_usual) {
  MapSettings map;
  const auto take_panels_first = [&map](std::vector<Setting>& place) {
    if (!place.empty() || map.panels.empty()) return;
    place.push_back(map.panels.front());
    map.panels.erase(map.panels.begin());
  };
  for (std::size_t i = 0; i < by.size(); ++i) {
    const bool is_row = is_usual ? by[i] == Setting::initializer || by[i] == Setting::mode : i == 0;
    const bool is_column = is_usual ? by[i] == Setting::activation : i == 1;
    (is_row ? map.rows : is_column ? map.columns : map.panels).push_back(by[i]);
  }
  take_panels_first(map.columns);
  if (map.rows.empty()) map.rows.swap(map.columns);
  take_panels_first(map.columns);
  return map;
}

std::string_view mark_of(const Pool& pool) {
  if (pool.n_diverged > 0) return kDivergedSign.mark;
  if (pool.health == to_text(Health::dead)) return kDeadSign.mark;
  if (pool.n_failed > 0) return kFailedSign.mark;
  return pool.n_seeds == 0 ? kMissingSign.mark : "";
}

// ---- the gradients

// What decides the gradients before training: cells that differ in anything else have the same line.
constexpr std::array kDecidesStart = {Setting::dataset,           Setting::initializer,   Setting::mode,
                                      Setting::activation,        Setting::width,         Setting::loss,
                                      Setting::bias_stddev,       Setting::input_scaling, Setting::train_samples,
                                      Setting::validation_samples};

// Index of the label, which is added if it is new.
std::size_t place_in(Values& labels, const std::string& label) {
  const auto found = std::find(labels.begin(), labels.end(), label);
  if (found == labels.end()) labels.push_back(label);
  return static_cast<std::size_t>(std::find(labels.begin(), labels.end(), label) - labels.begin());
}

struct DeltaChart {
  LineChart chart;
  std::vector<double> slopes;
};

DeltaChart delta_chart(const Grid& grid, const std::vector<CellSummary>& cells) {
  int deepest = 0;
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (!cells[i].delta_rms_start.empty()) deepest = std::max(deepest, grid.cells[i].settings.depth());
  std::vector<std::size_t> shown;
  std::vector<const JobSettings*> names;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].delta_rms_start.empty() || grid.cells[i].settings.depth() != deepest) continue;
    shown.push_back(i);
    names.push_back(&grid.cells[i].names.front());
  }
  const std::vector<Setting> telling = varying_of(kDecidesStart, names);

  DeltaChart delta;
  LineChart& chart = delta.chart;
  chart.heading.title = "Where gradients die:";
  chart.y_title = "rms of delta before training, hidden layers 1 to " + std::to_string(deepest);
  chart.log_y = true;
  LineView view;
  std::set<Values> seen;
  for (const std::size_t i : shown) {
    const Values values = values_of(grid.cells[i].names.front(), telling);
    if (!seen.insert(values).second) continue;
    std::string color, dash, column, row;
    for (std::size_t s = 0; s < telling.size(); ++s) {
      switch (telling[s]) {
        case Setting::initializer: color = values[s]; break;
        case Setting::mode: dash = values[s]; break;
        case Setting::activation: column = values[s]; break;
        default:
          row += (row.empty() ? "" : ", ") + std::string(setting_info(telling[s]).name) + ' ' +
                 (values[s].empty() ? kNoSettingValue : values[s]);
      }
    }
    Line& line = view.lines.emplace_back();
    line.color = place_in(chart.colors, color);
    line.dash = place_in(chart.dashes, dash);
    line.column = place_in(chart.columns, column);
    line.row = place_in(chart.rows, row);
    line.subject = i;
    line.first_x = 1;
    for (const double rms : cells[i].delta_rms_start) {
      constexpr double kNotFinite = std::numeric_limits<double>::infinity();
      line.points.push_back({.y = std::isfinite(rms) ? rms : kNotFinite});
    }
    delta.slopes.push_back(cells[i].delta_slope_start_mean);
  }
  for (Values* labels : {&chart.colors, &chart.dashes, &chart.columns}) shorten(*labels);
  chart.views.push_back(std::move(view));
  return delta;
}

}  // namespace

Table summary_table(const Grid& grid, const std::vector<CellSummary>& cells, const ShowOptions& options,
                    std::span<const Setting> by, std::optional<Setting> chosen) {
  const Pools pools =
      by.empty() ? pools_of(grid, cells, shown_settings(grid, chosen, options.exact ? kAllRows : kMostRowsRead))
                 : pools_of(grid, cells, by);
  const bool is_pooled =
      std::any_of(pools.pools.begin(), pools.pools.end(), [](const Pool& pool) { return pool.cells.size() > 1; });

  Table table;
  for (const Setting setting : pools.by) table.columns.push_back(setting_column(setting));
  if (is_pooled) table.columns.push_back({"cells", ColumnType::integer, "Cells pooled in this row"});
  table.columns.insert(table.columns.end(),
                       {{"seeds", ColumnType::integer, "Finished jobs"},
                        {"accuracy", ColumnType::number, "Mean test accuracy at the end"},
                        {"std", ColumnType::number, "Sample standard deviation of it over seeds"},
                        {"diverged", ColumnType::integer, "Jobs whose loss was not finite"},
                        {"failed", ColumnType::integer, "Jobs that failed or timed out"},
                        {"slope", ColumnType::number, "delta_slope_start, decades per layer toward the input"},
                        {"health", ColumnType::text, "At the start; mixed where pooled cells differ"}});
  const auto number = [&](double value, int digits) {
    return options.exact ? float_text(value) : fixed_text(value, digits);
  };
  const bool is_any_finished =
      std::any_of(pools.pools.begin(), pools.pools.end(), [](const Pool& pool) { return pool.n_seeds > 0; });
  for (const Pool& pool : pools.pools) {
    if (pool.n_seeds == 0 && is_any_finished) continue;  // not trained yet
    Values row = pool.values;
    if (is_pooled) row.push_back(std::to_string(pool.cells.size()));
    row.push_back(std::to_string(pool.n_seeds));
    row.push_back(number(pool.mean, 4));
    row.push_back(number(pool.std, 4));
    row.push_back(std::to_string(pool.n_diverged));
    row.push_back(std::to_string(pool.n_failed));
    row.push_back(number(pool.slope, 3));
    row.push_back(pool.health);
    table.rows.push_back(std::move(row));
  }
  if (!options.exact && is_only_looked_at(cells))
    for (const std::string_view name : {"accuracy", "std"}) drop_if_constant(table, name);
  fit(table, pools.by.size(), options.width);
  return table;
}

HeatMap pooled_accuracy_map(const Grid& grid, const std::vector<CellSummary>& cells, std::span<const Setting> by,
                            std::optional<Setting> chosen) {
  std::vector<Setting> shown(by.begin(), by.end());
  if (by.empty()) {
    shown = shown_settings(grid, chosen, kMostRowsRead);
    if (chosen) std::erase(shown, *chosen);
  }
  const Pools pools = pools_of(grid, cells, shown);
  const MapSettings settings = map_settings(pools.by, /*is_usual=*/by.empty());
  Places rows = places_of(pools, settings.rows, true), columns = places_of(pools, settings.columns, true),
         panels = places_of(pools, settings.panels, false);
  HeatMap map;
  map.heading = {"accuracy", "Who learns?", "Test accuracy at the end, mean over the seeds that did not diverge."};
  map.color.title = "mean test accuracy";
  for (std::size_t i = 0; i < pools.pools.size(); ++i) {
    const Pool& pool = pools.pools[i];
    HeatCell& cell = map.cells.emplace_back();
    cell.panel = panels.of[i];
    cell.x = columns.of[i];
    cell.y = rows.of[i];
    cell.value = pool.mean;
    cell.text = fixed_text(pool.mean, 2);
    cell.mark = mark_of(pool);
  }
  explain_signs(map);
  map.y = std::move(rows.labels);
  map.x = std::move(columns.labels);
  map.panels = std::move(panels.labels);
  map.y_title = std::move(rows.title);
  map.x_title = std::move(columns.title);
  return map;
}

std::string delta_picture(const Grid& grid, const std::vector<CellSummary>& cells, const ShowOptions& options) {
  const DeltaChart delta = delta_chart(grid, cells);
  return layer_chart_text(delta.chart, options, delta.slopes);
}

}  // namespace initsweep
