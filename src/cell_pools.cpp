#include "cell_pools.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>
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

}  // namespace

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

Pools pools_of(const Grid& grid, const std::vector<CellSummary>& cells, std::span<const Setting> by) {
  std::vector<const JobSettings*> names;
  for (const Cell& cell : grid.cells)
    for (const JobSettings& name : cell.names) names.push_back(&name);
  constexpr std::array usual = {Setting::initializer, Setting::mode, Setting::activation, Setting::depth};
  Pools pools;
  pools.by = by.empty() ? varying_of(usual, names) : std::vector<Setting>(by.begin(), by.end());

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
