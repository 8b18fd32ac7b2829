#include "initsweep/show.hpp"
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include "initsweep/columns.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"
#include "initsweep/results.hpp"

namespace initsweep {

namespace {

using Values = std::vector<std::string>;

std::string fixed(double value, int digits) {
  if (!std::isfinite(value)) return {};
  std::array<char, 512> text;
  const auto end = std::to_chars(text.begin(), text.end(), value, std::chars_format::fixed, digits).ptr;
  return {text.begin(), end};
}

Values values_of(const JobSettings& settings, std::span<const Setting> of) {
  Values values;
  for (const Setting setting : of) values.push_back(printable(setting_text(settings, setting)));
  return values;
}

std::vector<Setting> varying_of(std::span<const Setting> candidates, std::span<const JobSettings* const> names) {
  std::vector<Setting> varying;
  for (const Setting setting : candidates) {
    const bool varies = std::any_of(names.begin(), names.end(), [&](const JobSettings* name) {
      return setting_text(*name, setting) != setting_text(*names.front(), setting);
    });
    if (varies) varying.push_back(setting);
  }
  return varying;
}

// Structured values by their name alone, in a column where that tells all of its values apart:
// "normal(mean=0;stddev=0.01)" is "normal" unless another normal is there.
void shorten(std::vector<Values>& rows, std::size_t column) {
  std::map<std::string, std::set<std::string>> values_by_name;
  const auto name_of = [](const std::string& value) { return value.substr(0, value.find('(')); };
  for (const Values& row : rows) values_by_name[name_of(row[column])].insert(row[column]);
  for (Values& row : rows)
    if (const std::string name = name_of(row[column]); values_by_name[name].size() == 1) row[column] = name;
}

// ---- the summary

// Cells that agree in the settings the summary is by.
struct Pool {
  std::set<std::size_t> cells;
  int n_seeds = 0, n_diverged = 0, n_failed = 0;
  double mean = kNoValue, std = kNoValue;  // of test accuracy over all ok seeds
  double slope = kNoValue;                 // mean over the cells
  std::string health;
};

// Mean and variance of all seeds together, out of the cells' own: within plus between.
Pool pooled(std::set<std::size_t> members, const std::vector<CellSummary>& cells) {
  Pool pool{.cells = std::move(members), .health = {}};
  int n_ok = 0, n_slopes = 0;
  double sum = 0, slopes = 0;
  std::set<std::string_view> healths;
  for (const std::size_t i : pool.cells) {
    const CellSummary& cell = cells[i];
    pool.n_seeds += cell.n_ok + cell.n_diverged + cell.n_failed;
    pool.n_diverged += cell.n_diverged;
    pool.n_failed += cell.n_failed;
    if (cell.n_ok > 0) sum += cell.n_ok * cell.test_accuracy.mean;
    n_ok += cell.n_ok;
    if (std::isfinite(cell.delta_slope_start_mean)) {
      slopes += cell.delta_slope_start_mean;
      ++n_slopes;
    }
    if (cell.health) healths.insert(to_text(*cell.health));
  }
  if (n_ok > 0) pool.mean = sum / n_ok;
  if (n_ok > 1) {
    double squares = 0;
    for (const std::size_t i : pool.cells) {
      const MeanInterval& accuracy = cells[i].test_accuracy;
      if (cells[i].n_ok > 1) squares += (accuracy.n - 1) * accuracy.std * accuracy.std;
      if (cells[i].n_ok > 0) squares += accuracy.n * (accuracy.mean - pool.mean) * (accuracy.mean - pool.mean);
    }
    pool.std = std::sqrt(squares / (n_ok - 1));
  }
  if (n_slopes > 0) pool.slope = slopes / n_slopes;
  if (!healths.empty()) pool.health = healths.size() == 1 ? *healths.begin() : "mixed";
  return pool;
}

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
  for (std::size_t c = 0; c < n_settings; ++c) shorten(table.rows, c);
  for (const std::string_view name : {"failed", "diverged", "cells", "seeds"})
    if (printed_width(table) > width) drop_if_constant(table, name);
}

// ---- the picture

// What decides the gradients before training: cells that differ in anything else have the same line.
constexpr std::array kDecidesStart = {Setting::dataset,           Setting::initializer,   Setting::mode,
                                      Setting::activation,        Setting::width,         Setting::loss,
                                      Setting::bias_stddev,       Setting::input_scaling, Setting::train_samples,
                                      Setting::validation_samples};
constexpr std::size_t kLevels = 8;
constexpr std::array<int, kLevels> kColors = {53, 55, 24, 30, 36, 77, 184, 227};  // viridis in xterm's 256 colours
constexpr std::array<std::string_view, kLevels> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::string_view kCharacters = ".:-=+*#@";
static_assert(kCharacters.size() == kLevels);
constexpr double kSmallest = 1e-30;    // as in delta_slope: below it nothing arrives
constexpr std::size_t kMaxLines = 60;  // what one still scrolls through
constexpr std::size_t kMaxCellWidth = 4;
constexpr std::size_t kWidthOfPipes = 100;

struct Line {
  Values label;
  std::vector<double> rms;
  double slope;
};

std::vector<Line> lines_of(const Grid& grid, const std::vector<CellSummary>& cells) {
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
  const std::vector<Setting> label_settings = varying_of(kDecidesStart, names);

  std::vector<Line> lines;
  std::set<Values> seen;
  for (const std::size_t i : shown) {
    Values label = values_of(grid.cells[i].names.front(), label_settings);
    if (!seen.insert(label).second) continue;
    lines.push_back({std::move(label), cells[i].delta_rms_start, cells[i].delta_slope_start_mean});
  }
  return lines;
}

// Decades that all lines share.
struct Scale {
  int low = 0, high = 1;
  [[nodiscard]] std::size_t level(double rms) const {
    const double share = (std::log10(rms) - low) / (high - low);
    return static_cast<std::size_t>(std::clamp(share * kLevels, 0.0, kLevels - 1.0));
  }
};

Scale scale_of(const std::vector<Line>& lines) {
  double smallest = std::numeric_limits<double>::infinity(), largest = 0;
  for (const Line& line : lines) {
    for (const double rms : line.rms) {
      if (!std::isfinite(rms) || rms < kSmallest) continue;
      smallest = std::min(smallest, rms);
      largest = std::max(largest, rms);
    }
  }
  if (largest == 0) return {};
  const int low = static_cast<int>(std::floor(std::log10(smallest)));
  return {low, std::max(low + 1, static_cast<int>(std::ceil(std::log10(largest))))};
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

std::string level_text(std::size_t level, std::size_t width, const ShowOptions& options) {
  if (options.color) return "\x1b[48;5;" + std::to_string(kColors[level]) + 'm' + std::string(width, ' ') + "\x1b[0m";
  return repeated(options.utf8 ? kBlocks[level] : kCharacters.substr(level, 1), width);
}

std::string rms_text(double rms, const Scale& scale, std::size_t width, const ShowOptions& options) {
  if (!std::isfinite(rms)) return std::string(width, '!');
  if (rms < kSmallest) return std::string(width, ' ');
  return level_text(scale.level(rms), width, options);
}

std::string padded(std::string text, std::size_t width) {
  text.append(width - std::min(width, display_width(text)), ' ');
  return text;
}

std::string right(std::string_view text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ').append(text);
}

// Labels as aligned columns, one text a line; what a line shares with the one above is said once.
std::vector<std::string> label_texts(const std::vector<Line>& lines) {
  std::vector<Values> labels;
  for (const Line& line : lines) labels.push_back(line.label);
  std::vector<std::string> texts(lines.size());
  std::vector<bool> is_new(lines.size(), false);  // this line's label up to here differs from the one above
  is_new.front() = true;
  for (std::size_t c = 0; c < labels.front().size(); ++c) {
    shorten(labels, c);
    std::size_t width = 0;
    for (const Values& label : labels) width = std::max(width, display_width(label[c]));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::string& value = labels[i][c];
      if (i > 0 && value != labels[i - 1][c]) is_new[i] = true;
      const bool is_last = c + 1 == labels[i].size();
      texts[i] += padded(!is_new[i] && !is_last ? "" : value.empty() ? "-" : value, width) + "  ";
    }
  }
  return texts;
}

// The layers to draw, 0-based: all of them, or as many as there is room for, evenly spread with both ends.
std::vector<std::size_t> drawn_layers(std::size_t depth, std::size_t room) {
  const std::size_t n = std::min(depth, room);
  std::vector<std::size_t> layers;
  for (std::size_t i = 0; i < n; ++i) layers.push_back(n == 1 ? 0 : i * (depth - 1) / (n - 1));
  return layers;
}

}  // namespace

Table summary_table(const Grid& grid, const std::vector<CellSummary>& cells, const ShowOptions& options) {
  std::vector<const JobSettings*> names;
  for (const Cell& cell : grid.cells)
    for (const JobSettings& name : cell.names) names.push_back(&name);
  constexpr std::array usual = {Setting::initializer, Setting::mode, Setting::activation, Setting::depth};
  const std::vector<Setting> by = options.by.empty() ? varying_of(usual, names) : options.by;

  std::map<Values, std::set<std::size_t>> members;
  std::vector<std::map<std::string, std::size_t>> rank(by.size());  // of a value, by first appearance
  for (std::size_t i = 0; i < grid.cells.size(); ++i) {
    for (const JobSettings& name : grid.cells[i].names) {
      Values values = values_of(name, by);
      for (std::size_t c = 0; c < by.size(); ++c) rank[c].try_emplace(values[c], rank[c].size());
      members[std::move(values)].insert(i);
    }
  }
  std::vector<std::pair<Values, Pool>> pools;
  for (auto& [values, of] : members) pools.emplace_back(values, pooled(of, cells));
  std::sort(pools.begin(), pools.end(), [&](const auto& a, const auto& b) {
    for (std::size_t c = 0; c < by.size(); ++c)
      if (a.first[c] != b.first[c]) return rank[c].at(a.first[c]) < rank[c].at(b.first[c]);
    return false;
  });
  const bool is_pooled =
      std::any_of(pools.begin(), pools.end(), [](const auto& entry) { return entry.second.cells.size() > 1; });

  Table table;
  for (const Setting setting : by) table.columns.push_back(setting_column(setting));
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
    return options.exact ? float_text(value) : fixed(value, digits);
  };
  const bool is_any_finished =
      std::any_of(pools.begin(), pools.end(), [](const auto& entry) { return entry.second.n_seeds > 0; });
  for (const auto& [values, pool] : pools) {
    if (pool.n_seeds == 0 && is_any_finished) continue;  // not trained yet
    Values row = values;
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
  fit(table, by.size(), options.width);
  return table;
}

std::string delta_picture(const Grid& grid, const std::vector<CellSummary>& cells, const ShowOptions& options) {
  std::vector<Line> lines = lines_of(grid, cells);
  if (lines.empty()) return {};
  const Scale scale = scale_of(lines);
  const std::size_t n_lines = lines.size();
  if (n_lines > kMaxLines) lines.resize(kMaxLines);
  const std::vector<std::string> labels = label_texts(lines);
  const std::size_t label_width = display_width(labels.front());
  const std::size_t depth = lines.front().rms.size();

  constexpr std::size_t slope_width = 8;
  const std::size_t taken = label_width + slope_width;
  const std::size_t width = options.width == 0 ? kWidthOfPipes : options.width;
  const std::size_t room = std::max(width, taken + 8) - taken;
  const std::vector<std::size_t> layers = drawn_layers(depth, room);
  const std::size_t cell_width = std::min(kMaxCellWidth, room / layers.size());
  const std::size_t picture_width = cell_width * layers.size();

  const std::string last = std::to_string(depth);
  std::string text = "Where gradients die: rms of delta before training, hidden layers 1 to " + last + '\n';
  std::string axis = depth > 1 ? padded("1", picture_width - std::min(picture_width, last.size())) + last : "1";
  text += std::string(label_width, ' ') + padded(std::move(axis), picture_width) + right("slope", slope_width) + '\n';
  bool has_blank = false, has_nonfinite = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += labels[i];
    for (const std::size_t layer : layers) {
      const double rms = lines[i].rms[layer];
      has_nonfinite = has_nonfinite || !std::isfinite(rms);
      has_blank = has_blank || rms < kSmallest;
      text += rms_text(rms, scale, cell_width, options);
    }
    const std::string slope = fixed(lines[i].slope, 3);
    text += right(slope.empty() ? "-" : slope, slope_width) + '\n';
  }
  if (n_lines > lines.size()) text += "and " + std::to_string(n_lines - lines.size()) + " more\n";
  text += "scale 1e" + std::to_string(scale.low) + ' ';
  for (std::size_t level = 0; level < kLevels; ++level) text += level_text(level, options.color ? 2 : 1, options);
  text += " 1e" + std::to_string(scale.high) + ", logarithmic";
  if (has_blank) text += "; blank: no gradient arrives";
  if (has_nonfinite) text += "; !: not finite";
  return text + "\nslope in decades a layer toward the input: negative is vanishing, positive exploding\n";
}

}  // namespace initsweep
