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

// a b + c, rounded once where the instruction set can. Said here and nowhere left to the compiler (-ffp-contract=off),
// so that a result depends on the instruction set and not on the optimizer.
inline float multiply_add(float a, float b, float c) {
#ifdef __FMA__
  return std::fma(a, b, c);
#else
  return a * b + c;
#endif
}

// c0 + c1 x + c2 x^2 + ..., by Horner's rule.
inline float polynomial(float, float c0) { return c0; }
template <class... Coefficients>
inline float polynomial(float x, float c0, Coefficients... rest) {
  return multiply_add(x, polynomial(x, rest...), c0);
}

// x = n ln 2 + r with |r| <= ln 2 / 2, for |x| below 1000.
struct Reduced {
  std::uint32_t n;  // two's complement
  float expm1_r;    // e^r - 1
};
inline Reduced reduce(float x) {
  // Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits.
  constexpr float kRounder = 0x1.8p23f;
  const float rounded = multiply_add(x, std::numbers::log2e_v<float>, kRounder);
  const float n = rounded - kRounder;
  // ln 2 in two parts, the first with few bits so that its product with n is exact (Cody & Waite 1980).
  const float r = multiply_add(n, 2.12194440054690583e-4f, multiply_add(n, -0.693359375f, x));
  const float tail = polynomial(r, 0.5f, 1.f / 6, 1.f / 24, 1.f / 120, 1.f / 720, 1.f / 5040);
  return {std::bit_cast<std::uint32_t>(rounded) - std::bit_cast<std::uint32_t>(kRounder), multiply_add(r * r, tail, r)};
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
  return multiply_add(power, reduced.expm1_r, power - 1);
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
  const float series = polynomial(s, 1, 1.f / 3, 1.f / 5, 1.f / 7, 1.f / 9, 1.f / 11, 1.f / 13, 1.f / 15);
  return 2 * y * series;
}
inline double log1p_of_fraction(double x) { return std::log1p(x); }

// erfc(x) for x >= 0: the Chebyshev fit of Press et al., Numerical Recipes, sec. 6.2.2, fractional error below 1.2e-7;
// in float below 4e-7 (1 + x^2), for the rounding of x^2.
inline float erfc_of_positive(float x) {
  const float t = 1 / (1 + 0.5f * x);
  const float p = polynomial(t, -1.26551223f, 1.00002368f, 0.37409196f, 0.09678418f, -0.18628806f, 0.27886807f,
                             -1.13520398f, 1.48851587f, -0.82215223f, 0.17087277f);
  return t * exp(multiply_add(-x, x, p));
}
inline double erfc_of_positive(double x) { return std::erfc(x); }

// Relative error below 4e-7.
inline float erf(float x) {
  const float s = x * x;
  const float series = polynomial(s, 1, -1.f / 3, 1.f / 10, -1.f / 42, 1.f / 216, -1.f / 1320, 1.f / 9360);
  const float near = 2 * std::numbers::inv_sqrtpi_v<float> * x * series;
  const float far = std::copysign(1 - erfc_of_positive(std::abs(x)), x);
  return s < 0.25f ? near : far;
}
inline double erf(double x) { return std::erf(x); }

}  // namespace initsweep::vector_math
