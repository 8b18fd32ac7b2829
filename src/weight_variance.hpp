// Var[w] and Var[b] of a canonical law.
#pragma once
#include <optional>
#include "initsweep/initializer.hpp"

namespace initsweep {

// nullopt where that is not all that matters: laws with a mean, or without randomness.
[[nodiscard]] std::optional<double> weight_variance(const Initializer& law, const Fans& fans);
// `weight_variance` is that of the same layer, which torch_default's biases have too. `bias_stddev` is the setting, for
// laws that say nothing of biases.
[[nodiscard]] double bias_variance(const CanonicalInitializer& law, double weight_variance, double bias_stddev);

}  // namespace initsweep
