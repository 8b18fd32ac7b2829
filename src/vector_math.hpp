// Elementary functions in float that a compiler can run in vectors: straight-line code, no calls, no tables, and the
// same result in every lane. The overloads for double are the standard library's: the slow, exact side of the tests.
//
// Coefficients are Taylor's wherever a few terms reach float precision on the reduced range. NaN gives NaN: a
// comparison with NaN is false, so limits are written to pass it on. Errors are against double, over all floats.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace initsweep::vector_math {

// x within [low, high]; NaN stays NaN.
template <class Scalar>
inline Scalar clamp(Scalar x, Scalar low, Scalar high) {
  const Scalar raised = x < low ? low : x;
  return raised > high ? high : raised;
}

// x = n ln 2 + r with |r| <= ln 2 / 2, for |x| below 1000.
struct Reduced {
  std::uint32_t n;  // two's complement
  float expm1_r;    // e^r - 1
};
inline Reduced reduce(float x) {
  // Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits.
  constexpr float kRounder = 0x1.8p23f;
  const float rounded = x * std::numbers::log2e_v<float> + kRounder;
  const float n = rounded - kRounder;
  // ln 2 in two parts, the first with few bits so that its product with n is exact (Cody & Waite 1980).
  const float r = (x - n * 0.693359375f) - n * -2.12194440054690583e-4f;
  const float tail = 0.5f + r * (1.f / 6 + r * (1.f / 24 + r * (1.f / 120 + r * (1.f / 720 + r * (1.f / 5040)))));
  return {std::bit_cast<std::uint32_t>(rounded) - std::bit_cast<std::uint32_t>(kRounder), r + r * r * tail};
}

// 2^n for n in -126..127
inline float power_of_two(std::uint32_t n) { return std::bit_cast<float>((n + 127u) << 23); }

// Relative error below 1.3e-7, denormal results apart; 0 and infinity beyond the range of float.
inline float exp(float x) {
  const Reduced reduced = reduce(clamp(x, -104.f, 89.f));
  const std::uint32_t half = static_cast<std::uint32_t>(static_cast<std::int32_t>(reduced.n) >> 1);
  return (1 + reduced.expm1_r) * power_of_two(half) * power_of_two(reduced.n - half);
}
inline double exp(double x) { return std::exp(x); }

// e^x - 1 for x <= 0. Relative error below 1.6e-7.
inline float expm1_of_negative(float x) {
  const Reduced reduced = reduce(x < -30.f ? -30.f : x);  // e^-30 no longer changes 1
  const float power = power_of_two(reduced.n);
  return power * reduced.expm1_r + (power - 1);
}
inline double expm1_of_negative(double x) { return std::expm1(x); }

// Relative error below 2.5e-7.
inline float tanh(float x) {
  const float e = expm1_of_negative(-2 * std::abs(x));
  return std::copysign(e / (2 + e), x);
}
inline double tanh(double x) { return std::tanh(x); }

// ln(1 + x) for x in [0, 1], as 2 artanh(x / (2 + x)). Relative error below 2e-7.
inline float log1p_of_fraction(float x) {
  const float y = x / (2 + x);
  const float s = y * y;
  const float series =
      1 + s * (1.f / 3 + s * (1.f / 5 + s * (1.f / 7 + s * (1.f / 9 + s * (1.f / 11 + s * (1.f / 13 + s / 15))))));
  return 2 * y * series;
}
inline double log1p_of_fraction(double x) { return std::log1p(x); }

// erfc(x) for x >= 0: the Chebyshev fit of Press et al., Numerical Recipes, sec. 6.2.2, fractional error below 1.2e-7;
// in float below 4e-7 (1 + x^2), for the rounding of x^2.
inline float erfc_of_positive(float x) {
  const float t = 1 / (1 + 0.5f * x);
  const float p =
      -1.26551223f +
      t * (1.00002368f +
           t * (0.37409196f +
                t * (0.09678418f +
                     t * (-0.18628806f +
                          t * (0.27886807f +
                               t * (-1.13520398f + t * (1.48851587f + t * (-0.82215223f + t * 0.17087277f))))))));
  return t * exp(p - x * x);
}
inline double erfc_of_positive(double x) { return std::erfc(x); }

// Relative error below 4e-7.
inline float erf(float x) {
  const float s = x * x;
  const float series =
      1 - s * (1.f / 3 - s * (1.f / 10 - s * (1.f / 42 - s * (1.f / 216 - s * (1.f / 1320 - s / 9360)))));
  const float near = 2 * std::numbers::inv_sqrtpi_v<float> * x * series;
  const float far = std::copysign(1 - erfc_of_positive(std::abs(x)), x);
  return s < 0.25f ? near : far;
}
inline double erf(double x) { return std::erf(x); }

}  // namespace initsweep::vector_math
