#include "cell_pools.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "initsweep/diagnostic.hpp"

namespace initsweep {
namespace {

// Mean and variance of all seeds together, out of the cells' own: within plus between.
void add_up(Pool& pool, const std::vector<CellSummary>& cells) {
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
}

constexpr std::array kUsual = {Setting::initializer, Setting::mode, Setting::activation, Setting::depth};

bool is_usual(Setting setting) { return std::find(kUsual.begin(), kUsual.end(), setting) != kUsual.end(); }

bool varies(Setting setting, std::span<const JobSettings* const> names) {
  if (names.empty()) return false;
  const std::string first = setting_text(*names.front(), setting);
  return std::any_of(names.begin(), names.end(),
                     [&](const JobSettings* name) { return setting_text(*name, setting) != first; });
}

// A setting's values as numbers, one a name: equal texts have equal numbers, no value is -1.
struct Levels {
  std::vector<int> of;
  int n = 0;
  bool has_gaps = false;
};

Levels levels_of(Setting setting, std::span<const JobSettings* const> names) {
  Levels levels;
  std::unordered_map<std::string, int> level;
  for (const JobSettings* name : names) {
    const std::string text = setting_text(*name, setting);
    const int found = text.empty() ? -1 : level.try_emplace(text, static_cast<int>(level.size())).first->second;
    levels.has_gaps = levels.has_gaps || found < 0;
    levels.of.push_back(found);
  }
  levels.n = static_cast<int>(level.size());
  return levels;
}

// Whether each value of one comes with one value of the other alone.
bool decides(const Levels& levels, const Levels& other) {
  constexpr int kUnseen = -2;
  std::vector<int> value_at(static_cast<std::size_t>(levels.n) + 1, kUnseen);
  for (std::size_t i = 0; i < levels.of.size(); ++i) {
    int& value = value_at[static_cast<std::size_t>(levels.of[i]) + 1];  // none, -1, is the first
    if (value == kUnseen) value = other.of[i];
    if (value != other.of[i]) return false;
  }
  return true;
}

// Those that names of this grid have different values of: the usual ones first, then as columns are.
std::vector<Setting> candidates_of(const Grid& grid, std::span<const JobSettings* const> names) {
  std::vector<const JobSettings*> other_names;  // what folding has added, beside one that is as all first names are
  for (const Cell& cell : grid.cells)
    for (const JobSettings& name : cell.names)
      if (other_names.empty() || &name != &cell.names.front()) other_names.push_back(&name);
  std::vector<Setting> candidates = varying_of(kUsual, names);
  for (int i = 0; i < kSettingColumnCount; ++i) {
    const auto setting = static_cast<Setting>(i);
    if (is_usual(setting)) continue;
    const bool may_vary = std::find(grid.varying.begin(), grid.varying.end(), setting) != grid.varying.end();
    if (varies(setting, may_vary ? names : other_names)) candidates.push_back(setting);
  }
  return candidates;
}

std::vector<const JobSettings*> names_of(const Grid& grid) {
  std::vector<const JobSettings*> names;
  for (const Cell& cell : grid.cells)
    for (const JobSettings& name : cell.names) names.push_back(&name);
  return names;
}

}  // namespace

std::vector<Setting> shown_settings(const Grid& grid, std::optional<Setting> chosen, std::size_t most_rows) {
  const std::vector<const JobSettings*> names = names_of(grid);
  const std::vector<Setting> candidates = candidates_of(grid, names);
  std::vector<Levels> levels;
  for (const Setting setting : candidates) levels.push_back(levels_of(setting, names));
  std::vector<Setting> shown;
  std::vector<std::size_t> row(names.size(), 0);  // of each name, by what is shown so far
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const bool is_always_shown = is_usual(candidates[i]) || candidates[i] == chosen;
    bool is_decided = false;
    for (std::size_t by = 0; by < candidates.size() && !is_decided && !is_always_shown; ++by)
      is_decided = by != i && candidates[by] != chosen && !levels[by].has_gaps && decides(levels[by], levels[i]) &&
                   (by < i || levels[i].has_gaps || !decides(levels[i], levels[by]));
    if (is_decided) continue;
    std::map<std::pair<std::size_t, int>, std::size_t> rows;
    std::vector<std::size_t> next;
    for (std::size_t n = 0; n < names.size(); ++n)
      next.push_back(rows.try_emplace({row[n], levels[i].of[n]}, rows.size()).first->second);
    if (rows.size() > most_rows && !is_always_shown) continue;
    row = std::move(next);
    shown.push_back(candidates[i]);
  }
  return shown;
}

Values values_of(const JobSettings& settings, std::span<const Setting> of) {
  Values values;
  for (const Setting setting : of) values.push_back(printable(setting_text(settings, setting)));
  return values;
}

std::vector<Setting> varying_of(std::span<const Setting> candidates, std::span<const JobSettings* const> names) {
  std::vector<Setting> varying;
  for (const Setting setting : candidates)
    if (varies(setting, names)) varying.push_back(setting);
  return varying;
}

Pools pools_of(const Grid& grid, const std::vector<CellSummary>& cells, std::span<const Setting> by) {
  Pools pools;
  pools.by.assign(by.begin(), by.end());
  std::vector<std::map<std::string, std::size_t>> rank(pools.by.size());
  std::map<std::vector<std::size_t>, Pool> pool_of;  // by ranks
  for (std::size_t i = 0; i < grid.cells.size(); ++i) {
    for (const JobSettings& name : grid.cells[i].names) {
      Values values = values_of(name, pools.by);
      std::vector<std::size_t> ranks;
      for (std::size_t c = 0; c < values.size(); ++c)
        ranks.push_back(rank[c].try_emplace(values[c], rank[c].size()).first->second);
      Pool& pool = pool_of[ranks];
      pool.ranks = std::move(ranks);
      pool.values = std::move(values);
      pool.cells.insert(i);
    }
  }
  for (auto& [ranks, pool] : pool_of) {
    add_up(pool, cells);
    pools.pools.push_back(std::move(pool));
  }
  return pools;
}

}  // namespace initsweep
