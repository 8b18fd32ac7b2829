#include "claim_reach.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "claim_values.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/fetch.hpp"
#include "metric.hpp"
#include "training_size.hpp"

namespace initsweep {
namespace {

using Across = Expectation::Across;

// Of unknown data at most so many: a step may be an epoch.
std::int64_t most_epochs(const JobSettings& settings) {
  if (settings.epochs) return *settings.epochs;
  if (const NamedDataset* set = find_named_dataset(settings.dataset)) {
    try {
      return training_size(settings, set->n_train).n_epochs;
    } catch (const UsageError&) {  // more samples than there are, which is reported elsewhere
    }
  }
  return *settings.steps;
}

// Calls `most` with the settings of each cell, and returns the largest that all sides of some row come up to.
template <class Most>
std::int64_t largest(const Grid& grid, std::span<const ClaimCells> rows, Most most) {
  const auto of_side = [&](const std::vector<std::size_t>& cells) {
    std::int64_t value = 0;
    for (const std::size_t cell : cells) value = std::max<std::int64_t>(value, most(grid.cells[cell].settings));
    return value;
  };
  std::int64_t value = 0;
  for (const ClaimCells& row : rows) {
    std::int64_t of_row = of_side(row.cells);
    if (!row.others.empty()) of_row = std::min(of_row, of_side(row.others));
    value = std::max(value, of_row);
  }
  return value;
}

std::string counted(std::int64_t n, const std::string& noun) {
  return std::to_string(n) + ' ' + noun + (n == 1 ? "" : "s");
}

int n_layers_asked_for(const Expectation& claim, int depth) {
  if (claim.layer_from) return std::max(std::min(claim.layer_to.value_or(depth), depth) - *claim.layer_from + 1, 0);
  if (claim.layer == "all") return depth + (claim.metric.starts_with("layers.activation.") ? 2 : 1);
  return claim.layer.empty() || claim.layer == "hidden" ? depth : 1;
}

}  // namespace

std::string beyond_reach(const Expectation& claim, const Grid& grid, std::span<const ClaimCells> rows) {
  if (claim.at == Expectation::At::epoch) {
    const std::int64_t most = largest(grid, rows, most_epochs);
    if (claim.epoch > most)
      return "there is no epoch " + std::to_string(claim.epoch) + " in the cells it speaks of, which train for " +
             counted(most, "epoch") + (rows.size() > 1 ? " at most" : "");
  }
  if (!is_layer_metric(claim.metric)) return {};
  const std::int64_t depth = largest(grid, rows, [](const JobSettings& settings) { return settings.depth(); });
  const std::string which =
      " in the cells it speaks of, which have " + counted(depth, "hidden layer") + (rows.size() > 1 ? " at most" : "");
  if (layer_number(claim) > depth + 1)  // the output layer is depth + 1; no number is less
    return "there is no layer " + claim.layer + which;
  if (claim.layer_from && *claim.layer_from > depth)
    return "there is no hidden layer " + std::to_string(*claim.layer_from) + which;
  if (claim.across == Across::none) return {};
  const std::int64_t n_layers =
      largest(grid, rows, [&](const JobSettings& settings) { return n_layers_asked_for(claim, settings.depth()); });
  return n_layers < 2 ? "across needs several layers, and it asks for one" + which : "";
}

}  // namespace initsweep
