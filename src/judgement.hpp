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

// What a claim allows the value to be, or the difference of two sides.
struct Allowed {
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  bool is_strict = false;  // `low` itself is not enough
};
[[nodiscard]] Allowed allowed_by(const Expectation& claim);
// "at least 5", "more than 0.02 above glorot_normal/relu"; `other` is what the value is compared with.
[[nodiscard]] std::string expected_text(const Expectation& claim, const std::string& other);

struct Judgement {
  Outcome outcome = Outcome::undecided;
  double observed = kNoValue, low = kNoValue, high = kNoValue;
  double p_value = kNoValue;  // of the opposite of the claim
  double beyond = kNoValue;   // how far `observed` lies on the wrong side; negative on the right one
  Estimate seen;              // none for judge_worst_seed
};

// The worst seed decides, which takes no more than one.
[[nodiscard]] Judgement judge_worst_seed(std::span<const double> values, const Allowed& allowed);
// The bounds of the mean decide. `n_tests` of a kind may each fail by bad luck, so failing takes that much more.
[[nodiscard]] Judgement judge_mean(std::span<const double> values, const Allowed& allowed, double confidence,
                                   std::size_t n_tests);

}  // namespace initsweep
