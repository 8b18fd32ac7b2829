#include "judgement.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "initsweep/number.hpp"
#include "initsweep/stats.hpp"

namespace initsweep {
namespace {

using Bound = Expectation::Bound;

bool is_within(double low, double high, const Allowed& allowed) {
  return (allowed.is_strict ? low > allowed.low : low >= allowed.low) && high <= allowed.high;
}
bool is_beyond(double low, double high, const Allowed& allowed) {
  return (allowed.is_strict ? high <= allowed.low : high < allowed.low) || low > allowed.high;
}

// Negative inside.
double beyond(double value, const Allowed& allowed) { return std::max(allowed.low - value, value - allowed.high); }

std::string range_text(double low, double high) { return "from " + number_text(low) + " to " + number_text(high); }

// 0.95 -> "95 %"
std::string percent_text(double share) { return number_text(round_to_6_digits(100 * share)) + " %"; }

std::string tolerance_text(const Expectation& claim) {
  std::string text;
  if (claim.rtol > 0) text += " within a share of " + number_text(claim.rtol);
  if (claim.atol > 0) text += std::string(claim.rtol > 0 ? " and " : " within ") + number_text(claim.atol);
  return text;
}

}  // namespace

Allowed allowed_by(const Expectation& claim) {
  Allowed allowed;
  if (claim.higher) {
    allowed.low = claim.by;
    allowed.is_strict = !claim.by_at_most;
    if (claim.by_at_most) allowed.high = *claim.by_at_most;
    return allowed;
  }
  switch (claim.bound) {
    case Bound::none:
    case Bound::includes: break;
    case Bound::at_least: allowed.low = claim.low; break;
    case Bound::at_most: allowed.high = claim.high; break;
    case Bound::between:
      allowed.low = claim.low;
      allowed.high = claim.high;
      break;
    case Bound::equals: {
      const double tolerance = claim.atol + claim.rtol * std::abs(claim.low);
      allowed.low = claim.low - tolerance;
      allowed.high = claim.low + tolerance;
      break;
    }
    case Bound::predicted:
      allowed.high = claim.rtol + claim.atol;  // one of them is 0
      allowed.low = -allowed.high;
      break;
  }
  return allowed;
}

std::string expected_text(const Expectation& claim, const std::string& other) {
  const Allowed allowed = allowed_by(claim);
  if (claim.by_at_most) return range_text(allowed.low, allowed.high) + " above " + other;
  if (claim.higher) return (claim.by == 0 ? "above " : "more than " + number_text(claim.by) + " above ") + other;
  switch (claim.bound) {
    case Bound::none: break;
    case Bound::at_least: return "at least " + number_text(allowed.low);
    case Bound::at_most: return "at most " + number_text(allowed.high);
    case Bound::between: return range_text(allowed.low, allowed.high);
    case Bound::equals: return "equal to " + number_text(claim.low) + tolerance_text(claim);
    case Bound::includes:
      return number_text(claim.low) + " between " + percent_text(1 - claim.confidence) + " and " +
             percent_text(claim.confidence) + " of the seeds";
    case Bound::predicted: return "as mean-field theory predicts," + tolerance_text(claim);
  }
  return {};
}

Judgement judge_worst_seed(std::span<const double> values, const Allowed& allowed) {
  Judgement result;
  for (const double value : values) {
    const double here = beyond(value, allowed);
    if (here <= result.beyond) continue;  // false for the first, there being none yet
    result.beyond = here;
    result.observed = value;
  }
  result.outcome = is_within(result.observed, result.observed, allowed) ? Outcome::good : Outcome::bad;
  return result;
}

Judgement judge_middle(std::span<const double> values, double value, double confidence) {
  Judgement result;
  std::vector<double> sorted(values.begin(), values.end());
  result.observed = median(sorted);
  if (static_cast<std::int64_t>(values.size()) < values_for_quantiles(confidence)) return result;
  result.low = quantile(sorted, 1 - confidence);
  result.high = quantile(sorted, confidence);
  result.beyond = std::max(result.low - value, value - result.high);
  result.outcome = result.beyond <= 0 ? Outcome::good : Outcome::bad;
  return result;
}

// `n_tests` layers may each fail by bad luck.
Judgement judge_mean(std::span<const double> values, const Allowed& allowed, double confidence, std::size_t n_tests) {
  Judgement result;
  result.seen = estimate(values);
  const Estimate& seen = result.seen;
  result.observed = seen.mean;
  result.beyond = beyond(seen.mean, allowed);
  if (seen.n < 2) return result;
  result.low = lower_bound(seen, confidence);
  result.high = upper_bound(seen, confidence);
  result.p_value = 0;
  if (std::isfinite(allowed.low)) result.p_value = p_above(seen, allowed.low);
  if (std::isfinite(allowed.high)) result.p_value = std::max(result.p_value, p_below(seen, allowed.high));
  const double of_each = 1 - (1 - confidence) / static_cast<double>(n_tests);
  if (is_within(result.low, result.high, allowed))
    result.outcome = Outcome::good;
  else if (is_beyond(lower_bound(seen, of_each), upper_bound(seen, of_each), allowed))
    result.outcome = Outcome::bad;
  if (seen.standard_error == 0) result.p_value = result.outcome == Outcome::good ? 0 : 1;
  return result;
}

}  // namespace initsweep
