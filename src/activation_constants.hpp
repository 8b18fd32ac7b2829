// Numbers that the reference and the vector code of activation functions share.
#pragma once
#include <limits>
#include <numbers>

namespace initsweep {

// Klambauer et al. 2017: the values that make (mean 0, variance 1) a fixed point.
inline constexpr double kSeluLambda = 1.0507009873554805;
inline constexpr double kSeluAlpha = 1.6732632423543772;
inline constexpr double kTwoOverRootPi = 2 * std::numbers::inv_sqrtpi;
inline constexpr double kRootHalf = 1 / std::numbers::sqrt2;
// tanh(k (x + c x^3)) is near 2 Phi(x) - 1 (Hendrycks & Gimpel 2016); k = sqrt(2 / pi).
inline constexpr double kGeluTanhK = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
inline constexpr double kGeluTanhC = 0.044715;
inline constexpr double kLargestFloat = std::numeric_limits<float>::max();

}  // namespace initsweep
