// The claims of a sweep (`expect`), held against what its jobs left.
//
// A claim is judged once for each cell that it speaks of, or each pair of cells, from the values of its seeds:
//   over: mean        holds if the one-sided t bound at `confidence` lies on the claimed side, fails if the opposite
//                     bound lies on the other, else inconclusive; needs two seeds. Pairs of cells pair by seed.
//   over: every_seed  the worst seed decides
//   includes          the quantiles 1 - confidence and confidence of the seeds have the number between them or not,
//                     which takes 1 / (1 - confidence) seeds
//   equals: predicted a mean, of what a seed has less what mean-field theory predicts of its net (atol), or of the one
//                     over the other, less 1 (rtol)
//   status            of every seed
// A metric of several layers holds if it does in each, and fails if it does in one, at a confidence that allows for
// their number (Bonferroni): the worst layer is the one shown. `layer` is hidden (the default: all of them), all (the
// input of `activation` and the output layer too), first and last (hidden layers), a number, or a range of hidden
// layers; `at` is start (the default), end, or the last record of an epoch. `across` makes one number of the layers, of
// each seed before anything is judged. Losses and accuracies have an `at` too. A diverged seed's accuracy is 1 /
// classes from where it diverged on; other values it may not have, and what has no value is never held for one:
// inconclusive.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>
#include "initsweep/finding.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/record.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {

// Problems of `expect` that need the grid: a `where`, `higher` or `than` that matches no cell, comparisons of which no
// two cells agree in everything else, claims about a training where no net is trained (epochs: 0), and about an epoch
// or layers that none of its cells has.
[[nodiscard]] std::vector<Diagnostic> check_expectations(const SweepSpec& spec, const Grid& grid);

// What one verdict is about: a cell, or under best_over those of which the best is taken; and for higher / than the
// cells that it is compared with.
struct ClaimCells {
  std::vector<std::size_t> cells, others;  // indices into Grid::cells
};

// What one finished job says to one claim: a value of each layer asked for, or one alone. NaN where there is none.
struct ClaimValues {
  std::vector<int> layers;  // empty where it is one number that is no layer's
  std::vector<double> values;
  std::vector<double> predicted;      // of equals: predicted, what theory says of each
  std::optional<std::int64_t> epoch;  // of a number of epochs.csv
  struct OfLayer {
    int layer = 0;
    double value = 0;
  };
  std::optional<OfLayer> without_logarithm = {};  // of `across`: the first layer whose value is not above 0
};

// What one finished job says to all claims about its cell.
struct JobValues {
  JobStatus status = JobStatus::ok;
  double validation_accuracy = kNoValue;  // final, for best_over; 1 / classes if it diverged
  std::vector<ClaimValues> of_claims;     // in the order of Claims::of_cell
};

// The claims with the cells that each speaks of. `spec` and `grid` must outlive it.
class Claims {
 public:
  Claims(const SweepSpec& spec, const Grid& grid);

  // Reads a job's record; may be called from several threads.
  [[nodiscard]] JobValues values_of(const Job& job, const Record& record) const;

  // A finding a claim and cell (or pair, or group under best_over), in the order of the claims and of the grid.
  // jobs[i] belongs to grid.jobs[i]; nullopt is a job that is not finished.
  [[nodiscard]] std::vector<Finding> judge(std::span<const std::optional<JobValues>> jobs) const;

 private:
  friend class ClaimJudge;
  const SweepSpec& spec_;
  const Grid& grid_;
  std::vector<std::vector<ClaimCells>> cells_;     // of each claim
  std::vector<std::vector<std::size_t>> of_cell_;  // claims that speak of it, ascending
};

}  // namespace initsweep
