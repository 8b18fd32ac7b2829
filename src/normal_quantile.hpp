// The inverse of the standard normal distribution function, in double.
//
// Algorithm AS 241, PPND16 (Wichura 1988, "The percentage points of the normal distribution", Applied Statistics 37,
// 477-484): rational approximations of relative accuracy 1e-16. Its third branch, for p below e^-25, is left out: 32
// random bits reach 2^-33 = e^-22.9. Three times as fast as Boost.Math's erfc_inv, which the tests hold it against.
#pragma once
#include <cassert>
#include <cmath>

namespace initsweep {

// p in [e^-25, 1 - e^-25].
inline double normal_quantile(double p) {
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    const double numerator =
        (((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4) * r +
             4.5921953931549871457e4) *
                r +
            1.3731693765509461125e4) *
               r +
           1.9715909503065514427e3) *
              r +
          1.3314166789178437745e2) *
             r +
         3.3871328727963666080e0);
    const double denominator =
        (((((((5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r + 3.9307895800092710610e4) * r +
             2.1213794301586595867e4) *
                r +
            5.3941960214247511077e3) *
               r +
           6.8718700749205790830e2) *
              r +
          4.2313330701600911252e1) *
             r +
         1.0);
    return q * numerator / denominator;
  }
  const double tail = std::sqrt(-std::log(q < 0 ? p : 1 - p));
  assert(tail <= 5);
  const double r = tail - 1.6;
  const double numerator =
      (((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r + 2.41780725177450611770e-1) * r +
           1.27045825245236838258e0) *
              r +
          3.64784832476320460504e0) *
             r +
         5.76949722146069140550e0) *
            r +
        4.63033784615654529590e0) *
           r +
       1.42343711074968357734e0);
  const double denominator =
      (((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r + 1.51986665636164571966e-2) * r +
           1.48103976427480074590e-1) *
              r +
          6.89767334985100004550e-1) *
             r +
         1.67638483018380384940e0) *
            r +
        2.05319162663775882187e0) *
           r +
       1.0);
  return std::copysign(numerator / denominator, q);
}

}  // namespace initsweep
