// What the seeds' values of one number say to one claim.
#pragma once
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include "initsweep/finding.hpp"
#include "initsweep/hypothesis.hpp"
#include "initsweep/spec.hpp"

namespace initsweep {

// What a claim allows the value to be, or what is judged of two: the difference of two sides, or how far the value is
// from what theory predicts.
struct Allowed {
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  bool is_strict = false;  // `low` itself is not enough
};
// Everything for `includes`, which judge_middle decides.
[[nodiscard]] Allowed allowed_by(const Expectation& claim);
// "at least 5", "more than 0.02 above glorot_normal/relu"; `other` is what the value is compared with.
[[nodiscard]] std::string expected_text(const Expectation& claim, const std::string& other);

struct Judgement {
  Outcome outcome = Outcome::undecided;
  double observed = kNoValue, low = kNoValue, high = kNoValue;  // the mean, the worst seed, or the median
  double p_value = kNoValue;                                    // of the opposite of the claim
  double beyond = kNoValue;  // how far `observed` lies on the wrong side; negative on the right one
  Estimate seen;             // of judge_mean
};

// The worst seed decides, which takes no more than one.
[[nodiscard]] Judgement judge_worst_seed(std::span<const double> values, const Allowed& allowed);
// The middle part of the seeds decides, from the quantile 1 - confidence to the quantile `confidence`, which are `low`
// and `high`: it has `value` in it or not. With too few seeds these would be the lowest and the highest seed alone.
[[nodiscard]] Judgement judge_middle(std::span<const double> values, double value, double confidence);
// The bounds of the mean decide. `n_tests` of a kind may each fail by bad luck, so failing takes that much more.
[[nodiscard]] Judgement judge_mean(std::span<const double> values, const Allowed& allowed, double confidence,
                                   std::size_t n_tests);

}  // namespace initsweep
