// Var[w] of a canonical law.
#pragma once
#include <optional>
#include "initsweep/initializer.hpp"

namespace initsweep {

// nullopt where that is not all that matters: laws with a mean, or without randomness.
[[nodiscard]] std::optional<double> weight_variance(const Initializer& law, const Fans& fans);

}  // namespace initsweep
