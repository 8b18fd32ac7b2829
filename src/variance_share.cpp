// Effects are what marginal means add, each over the ones before it: with m the mean of all values, m_i over those with
// the axis at level i and m_ij with a pair of axes at levels i and j,
//   f_i = m_i - m,   f_ij = m_ij - m_i - m_j + m = m_ij - m - f_i - f_j,
// and the rest is what no axis and no pair explains. On a complete grid all of them are orthogonal, so that their mean
// squares sum to the variance. Values are centred first, m = 0: an accuracy varies in its last digits.
#include "initsweep/variance_share.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>

namespace initsweep {
namespace {

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double mean_square(std::span<const double> values) {
  return std::inner_product(values.begin(), values.end(), values.begin(), 0.0) / static_cast<double>(values.size());
}

// Positions on a grid whose last axis is the fastest.
class Positions {
 public:
  explicit Positions(std::span<const std::size_t> levels) : levels_(levels), strides_(levels.size()) {
    std::size_t stride = 1;
    for (std::size_t a = levels.size(); a-- > 0;) {
      strides_[a] = stride;
      stride *= levels[a];
    }
  }
  [[nodiscard]] std::size_t level(std::size_t i, std::size_t axis) const { return i / strides_[axis] % levels_[axis]; }

 private:
  std::span<const std::size_t> levels_;
  std::vector<std::size_t> strides_;
};

// The mean of the values of each of n groups of one size.
template <class GroupOf>
std::vector<double> group_means(std::span<const double> values, std::size_t n, GroupOf group_of) {
  std::vector<double> means(n);
  for (std::size_t i = 0; i < values.size(); ++i) means[group_of(i)] += values[i];
  for (double& mean : means) mean *= static_cast<double>(n) / static_cast<double>(values.size());
  return means;
}

}  // namespace

std::optional<VarianceShares> variance_shares(std::span<const std::size_t> levels, std::span<const double> values) {
  assert(values.size() == std::accumulate(levels.begin(), levels.end(), std::size_t{1}, std::multiplies<>()));
  const auto is_finite = [](double value) { return std::isfinite(value); };
  if (values.empty() || !std::all_of(values.begin(), values.end(), is_finite)) return std::nullopt;
  if (std::all_of(values.begin(), values.end(), [&](double value) { return value == values.front(); }))
    return std::nullopt;

  std::vector<double> centred(values.begin(), values.end());
  const double mean = mean_of(values);
  for (double& value : centred) value -= mean;
  VarianceShares result;
  result.variance = mean_square(centred);
  if (!(result.variance > 0) || !std::isfinite(result.variance)) return std::nullopt;

  const Positions positions(levels);
  std::vector<double> rest = centred;
  std::vector<std::vector<double>> main_effects;
  for (std::size_t a = 0; a < levels.size(); ++a) {
    main_effects.push_back(group_means(centred, levels[a], [&](std::size_t i) { return positions.level(i, a); }));
    result.shares.push_back({a, std::nullopt, mean_square(main_effects[a]) / result.variance});
    for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= main_effects[a][positions.level(i, a)];
  }
  for (std::size_t a = 0; a < levels.size(); ++a)
    for (std::size_t b = a + 1; b < levels.size(); ++b) {
      const auto pair_of = [&](std::size_t i) { return positions.level(i, a) * levels[b] + positions.level(i, b); };
      std::vector<double> effects = group_means(centred, levels[a] * levels[b], pair_of);
      for (std::size_t pair = 0; pair < effects.size(); ++pair)
        effects[pair] -= main_effects[a][pair / levels[b]] + main_effects[b][pair % levels[b]];
      result.shares.push_back({a, b, mean_square(effects) / result.variance});
      for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= effects[pair_of(i)];
    }
  result.rest = mean_square(rest) / result.variance;
  std::stable_sort(result.shares.begin(), result.shares.end(),
                   [](const VarianceShare& a, const VarianceShare& b) { return a.share > b.share; });
  return result;
}

}  // namespace initsweep
