// The fast paths are loops of straight-line code over vector_math.hpp, so that they run in vectors; each formula is
// arranged to lose no digits in either tail, to have its limit at infinity rather than inf * 0, and to keep NaN. GCC
// turns their choices into vector blends only under -fno-trapping-math (which changes no result).
#include "initsweep/activation.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>
#include "vector_math.hpp"

namespace initsweep {

namespace {

namespace vm = vector_math;

// Klambauer et al. 2017: the values that make (mean 0, variance 1) a fixed point.
constexpr double kSeluLambda = 1.0507009873554805;
constexpr double kSeluAlpha = 1.6732632423543772;
// tanh(k (x + c x^3)) is near 2 Phi(x) - 1 (Hendrycks & Gimpel 2016); k = sqrt(2 / pi).
constexpr double kGeluTanhK = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
constexpr double kGeluTanhC = 0.044715;
// Beyond this, factors that vanish like e^-|z| are below the least number, in double too: |z| stops here where it
// multiplies one of them.
constexpr double kFar = 800;

// max(z, 0), step and the like with NaN kept.
template <class Scalar>
Scalar positive_part(Scalar z) {
  return z < 0 ? Scalar(0) : z;
}
template <class Scalar>
Scalar negative_part(Scalar z) {
  return z > 0 ? Scalar(0) : z;
}
// `right` for z > 0, `left` for z <= 0.
template <class Scalar>
Scalar by_sign(Scalar z, Scalar left, Scalar right) {
  const Scalar not_right = z <= 0 ? left : z;
  return z > 0 ? right : not_right;
}
// 1 for low < z <= high, else 0.
template <class Scalar>
Scalar inside(Scalar z, Scalar low, Scalar high) {
  return by_sign(z - low, Scalar(0), Scalar(1)) * by_sign(z - high, Scalar(1), Scalar(0));
}

// s(z) = 1 / (1 + e^-z) and 1 - s(z), neither by subtraction.
template <class Scalar>
struct Logistic {
  Scalar s, rest;
};
template <class Scalar>
inline Logistic<Scalar> logistic(Scalar z) {
  const Scalar e = vm::exp(-std::abs(z));
  const Scalar large = 1 / (1 + e);
  const Scalar small = e * large;
  return {z > 0 ? large : small, z > 0 ? small : large};
}

// u and du/dz of gelu_tanh = z s(u): (1 + tanh(u / 2)) / 2 = s(u).
template <class Scalar>
Scalar gelu_tanh_u(Scalar z) {
  return Scalar(2 * kGeluTanhK) * z * (1 + Scalar(kGeluTanhC) * z * z);
}
template <class Scalar>
Scalar gelu_tanh_du(Scalar z) {
  return Scalar(2 * kGeluTanhK) * (1 + Scalar(3 * kGeluTanhC) * z * z);
}

// With e = e^z and n = e (e + 2), mish = z n / (n + 2), since tanh(ln(1 + e)) = ((1 + e)^2 - 1) / ((1 + e)^2 + 1).
// Above z = 40 n / (n + 2) is 1 in double as well.
template <class Scalar>
struct Mish {
  Scalar e, n;
};
template <class Scalar>
inline Mish<Scalar> mish(Scalar z) {
  const Scalar e = vm::exp(z > 40 ? Scalar(40) : z);
  return {e, e * (e + 2)};
}

// a = f(z), entry by entry.
template <class Scalar, class Function>
void map(const Matrix<Scalar>& z, Matrix<Scalar>& a, Function f) {
  a.resize(z.rows(), z.cols());
  const Scalar* from = z.data();
  Scalar* to = a.data();
  const Eigen::Index n = z.size();
  for (Eigen::Index i = 0; i < n; ++i) to[i] = f(from[i]);
}

// d *= df(z, a), entry by entry.
template <class Scalar, class Function>
void scale(const Matrix<Scalar>& z, const Matrix<Scalar>& a, Matrix<Scalar>& d, Function df) {
  assert(z.rows() == d.rows() && z.cols() == d.cols() && a.rows() == d.rows() && a.cols() == d.cols());
  const Scalar* from_z = z.data();
  const Scalar* from_a = a.data();
  Scalar* to = d.data();
  const Eigen::Index n = z.size();
  for (Eigen::Index i = 0; i < n; ++i) to[i] *= df(from_z[i], from_a[i]);
}

}  // namespace

template <class Scalar>
void activate(const Activation& f, const Matrix<Scalar>& z, Matrix<Scalar>& a) {
  using S = Scalar;
  const S slope = static_cast<S>(f.slope), alpha = static_cast<S>(f.alpha);
  switch (f.kind) {
    case ActivationKind::linear: a = z; return;
    case ActivationKind::sigmoid: map(z, a, [](S x) { return logistic(x).s; }); return;
    case ActivationKind::hard_sigmoid:
      map(z, a, [](S x) { return vm::clamp(x * S(1.0 / 6) + S(0.5), S(0), S(1)); });
      return;
    case ActivationKind::tanh: map(z, a, [](S x) { return vm::tanh(x); }); return;
    case ActivationKind::hard_tanh: map(z, a, [](S x) { return vm::clamp(x, S(-1), S(1)); }); return;
    case ActivationKind::softsign:
      map(z, a, [](S x) {
        const S finite = vm::clamp(x, std::numeric_limits<S>::lowest(), std::numeric_limits<S>::max());
        return finite / (1 + std::abs(finite));
      });
      return;
    case ActivationKind::softplus:
      map(z, a, [](S x) { return positive_part(x) + vm::log1p_of_fraction(vm::exp(-std::abs(x))); });
      return;
    case ActivationKind::relu: map(z, a, [](S x) { return positive_part(x); }); return;
    case ActivationKind::leaky_relu: map(z, a, [=](S x) { return x > 0 ? x : slope * x; }); return;
    case ActivationKind::elu:
      map(z, a, [=](S x) { return positive_part(x) + alpha * vm::expm1_of_negative(negative_part(x)); });
      return;
    case ActivationKind::selu:
      map(z, a, [](S x) {
        return S(kSeluLambda) * positive_part(x) +
               S(kSeluLambda * kSeluAlpha) * vm::expm1_of_negative(negative_part(x));
      });
      return;
    case ActivationKind::gelu:
      // z Phi(z) = max(z, 0) - |z| Phi(-|z|)
      map(z, a, [](S x) {
        const S far = vm::clamp(std::abs(x), S(0), S(kFar));
        return positive_part(x) - S(0.5) * far * vm::erfc_of_positive(far * S(1 / std::numbers::sqrt2));
      });
      return;
    case ActivationKind::gelu_tanh:
      map(z, a,
          [](S x) { return (x < S(-kFar) ? S(-kFar) : x) * logistic(gelu_tanh_u(vm::clamp(x, S(-kFar), S(kFar)))).s; });
      return;
    case ActivationKind::silu: map(z, a, [](S x) { return (x < S(-kFar) ? S(-kFar) : x) * logistic(x).s; }); return;
    case ActivationKind::mish:
      map(z, a, [](S x) {
        const S n = mish(x).n;
        return (x < S(-kFar) ? S(-kFar) : x) * (n / (n + 2));
      });
      return;
    case ActivationKind::erf: map(z, a, [](S x) { return vm::erf(x); }); return;
  }
}

template <class Scalar>
void multiply_by_derivative(const Activation& f, const Matrix<Scalar>& z, const Matrix<Scalar>& a, Matrix<Scalar>& d) {
  using S = Scalar;
  const S slope = static_cast<S>(f.slope), alpha = static_cast<S>(f.alpha);
  switch (f.kind) {
    case ActivationKind::linear: return;
    case ActivationKind::sigmoid: scale(z, a, d, [](S, S y) { return y * (1 - y); }); return;
    case ActivationKind::hard_sigmoid:
      scale(z, a, d, [](S x, S) { return S(1.0 / 6) * inside(x, S(-3), S(3)); });
      return;
    case ActivationKind::tanh: scale(z, a, d, [](S, S y) { return 1 - y * y; }); return;
    case ActivationKind::hard_tanh: scale(z, a, d, [](S x, S) { return inside(x, S(-1), S(1)); }); return;
    case ActivationKind::softsign:
      scale(z, a, d, [](S x, S) {
        const S root = 1 / (1 + std::abs(x));
        return root * root;
      });
      return;
    case ActivationKind::softplus:
      // s(z) = 1 - e^-softplus(z)
      scale(z, a, d, [](S, S y) { return -vm::expm1_of_negative(-y); });
      return;
    case ActivationKind::relu: scale(z, a, d, [](S x, S) { return by_sign(x, S(0), S(1)); }); return;
    case ActivationKind::leaky_relu: scale(z, a, d, [=](S x, S) { return by_sign(x, slope, S(1)); }); return;
    case ActivationKind::elu: scale(z, a, d, [=](S x, S y) { return by_sign(x, y + alpha, S(1)); }); return;
    case ActivationKind::selu:
      scale(z, a, d, [](S x, S y) { return by_sign(x, y + S(kSeluLambda * kSeluAlpha), S(kSeluLambda)); });
      return;
    case ActivationKind::gelu:
      // Phi(z) + z phi(z), Phi(z) from its lower tail
      scale(z, a, d, [](S x, S) {
        const S near = vm::clamp(x, S(-kFar), S(kFar));
        const S tail = S(0.5) * vm::erfc_of_positive(std::abs(near) * S(1 / std::numbers::sqrt2));
        const S density = S(std::numbers::inv_sqrtpi / std::numbers::sqrt2) * vm::exp(S(-0.5) * near * near);
        return (x > 0 ? 1 - tail : tail) + near * density;
      });
      return;
    case ActivationKind::gelu_tanh:
      scale(z, a, d, [](S x, S) {
        const S near = vm::clamp(x, S(-kFar), S(kFar));
        const Logistic<S> l = logistic(gelu_tanh_u(near));
        return l.s * (1 + near * gelu_tanh_du(near) * l.rest);
      });
      return;
    case ActivationKind::silu:
      scale(z, a, d, [](S x, S) {
        const Logistic<S> l = logistic(x);
        return l.s * (1 + vm::clamp(x, S(-kFar), S(kFar)) * l.rest);
      });
      return;
    case ActivationKind::mish:
      // n / (n + 2) + z s(z) (1 - tanh^2) = n r + 4 z (e r) ((1 + e) r) with r = 1 / (n + 2)
      scale(z, a, d, [](S x, S) {
        const Mish<S> m = mish(x);
        const S r = 1 / (m.n + 2);
        return m.n * r + 4 * vm::clamp(x, S(-kFar), S(40)) * (m.e * r) * ((1 + m.e) * r);
      });
      return;
    case ActivationKind::erf:
      scale(z, a, d, [](S x, S) { return S(2 * std::numbers::inv_sqrtpi) * vm::exp(-x * x); });
      return;
  }
}

template void activate<float>(const Activation&, const Matrix<float>&, Matrix<float>&);
template void activate<double>(const Activation&, const Matrix<double>&, Matrix<double>&);
template void multiply_by_derivative<float>(const Activation&, const Matrix<float>&, const Matrix<float>&,
                                            Matrix<float>&);
template void multiply_by_derivative<double>(const Activation&, const Matrix<double>&, const Matrix<double>&,
                                             Matrix<double>&);

// The reference: textbook formulas, one at a time.

namespace {

double reference_sigmoid(double z) { return 1 / (1 + std::exp(-z)); }
double reference_softplus(double z) { return positive_part(z) + std::log1p(std::exp(-std::abs(z))); }
double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }
double normal_density(double z) { return std::exp(-0.5 * z * z) * std::numbers::inv_sqrtpi / std::numbers::sqrt2; }
// x * vanishing, where vanishing wins at infinity.
double product(double x, double vanishing) { return vanishing == 0 ? 0 : x * vanishing; }

}  // namespace

double value(const Activation& f, double z) {
  switch (f.kind) {
    case ActivationKind::linear: return z;
    case ActivationKind::sigmoid: return reference_sigmoid(z);
    case ActivationKind::hard_sigmoid: return vm::clamp(z / 6 + 0.5, 0.0, 1.0);
    case ActivationKind::tanh: return std::tanh(z);
    case ActivationKind::hard_tanh: return vm::clamp(z, -1.0, 1.0);
    case ActivationKind::softsign: return std::isinf(z) ? std::copysign(1, z) : z / (1 + std::abs(z));
    case ActivationKind::softplus: return reference_softplus(z);
    case ActivationKind::relu: return positive_part(z);
    case ActivationKind::leaky_relu: return z > 0 ? z : f.slope * z;
    case ActivationKind::elu: return z > 0 ? z : f.alpha * std::expm1(z);
    case ActivationKind::selu: return kSeluLambda * (z > 0 ? z : kSeluAlpha * std::expm1(z));
    case ActivationKind::gelu: return product(z, normal_cdf(z));
    case ActivationKind::gelu_tanh: return product(z, reference_sigmoid(gelu_tanh_u(z)));
    case ActivationKind::silu: return product(z, reference_sigmoid(z));
    case ActivationKind::mish: return product(z, std::tanh(reference_softplus(z)));
    case ActivationKind::erf: return std::erf(z);
  }
  assert(false);
  return z;
}

double derivative(const Activation& f, double z) {
  switch (f.kind) {
    case ActivationKind::linear: return std::isnan(z) ? z : 1;
    case ActivationKind::sigmoid: return reference_sigmoid(z) * reference_sigmoid(-z);
    case ActivationKind::hard_sigmoid: return inside(z, -3.0, 3.0) / 6;
    case ActivationKind::tanh: return 1 / std::cosh(z) / std::cosh(z);
    case ActivationKind::hard_tanh: return inside(z, -1.0, 1.0);
    case ActivationKind::softsign: return 1 / (1 + std::abs(z)) / (1 + std::abs(z));
    case ActivationKind::softplus: return reference_sigmoid(z);
    case ActivationKind::relu: return by_sign(z, 0.0, 1.0);
    case ActivationKind::leaky_relu: return by_sign(z, f.slope, 1.0);
    case ActivationKind::elu: return by_sign(z, f.alpha * std::exp(z), 1.0);
    case ActivationKind::selu: return kSeluLambda * by_sign(z, kSeluAlpha * std::exp(z), 1.0);
    case ActivationKind::gelu: return normal_cdf(z) + product(z, normal_density(z));
    case ActivationKind::gelu_tanh: {
      const double u = gelu_tanh_u(z), s = reference_sigmoid(u);
      return s + product(z * gelu_tanh_du(z), s * reference_sigmoid(-u));
    }
    case ActivationKind::silu: {
      const double s = reference_sigmoid(z);
      return s + product(z, s * reference_sigmoid(-z));
    }
    case ActivationKind::mish: {
      const double t = std::tanh(reference_softplus(z));
      return t + product(z, reference_sigmoid(z) * (1 - t * t));
    }
    case ActivationKind::erf: return 2 * std::numbers::inv_sqrtpi * std::exp(-z * z);
  }
  assert(false);
  return 0;
}

double max_abs_derivative(const Activation& f) {
  switch (f.kind) {
    case ActivationKind::linear:
    case ActivationKind::tanh:
    case ActivationKind::hard_tanh:
    case ActivationKind::softsign:
    case ActivationKind::softplus:
    case ActivationKind::relu: return 1;
    case ActivationKind::sigmoid: return 0.25;
    case ActivationKind::hard_sigmoid: return 1.0 / 6;
    case ActivationKind::leaky_relu: return std::max(1.0, std::abs(f.slope));
    case ActivationKind::elu: return std::max(1.0, std::abs(f.alpha));
    case ActivationKind::selu: return kSeluLambda * kSeluAlpha;
    case ActivationKind::gelu:
      return derivative(f, std::numbers::sqrt2);  // f'' = phi(z) (2 - z^2)
    // Where f'' = 0, found numerically.
    case ActivationKind::gelu_tanh: return derivative(f, 1.418504);
    case ActivationKind::silu: return derivative(f, 2.399357);
    case ActivationKind::mish: return derivative(f, 1.490571);
    case ActivationKind::erf: return 2 * std::numbers::inv_sqrtpi;
  }
  assert(false);
  return 0;
}

bool is_saturating(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::sigmoid:
    case ActivationKind::hard_sigmoid:
    case ActivationKind::tanh:
    case ActivationKind::hard_tanh:
    case ActivationKind::softsign:
    case ActivationKind::erf: return true;
    case ActivationKind::linear:
    case ActivationKind::softplus:
    case ActivationKind::relu:
    case ActivationKind::leaky_relu:
    case ActivationKind::elu:
    case ActivationKind::selu:
    case ActivationKind::gelu:
    case ActivationKind::gelu_tanh:
    case ActivationKind::silu:
    case ActivationKind::mish: return false;
  }
  assert(false);
  return false;
}

std::vector<double> kinks(const Activation& f) {
  switch (f.kind) {
    case ActivationKind::hard_sigmoid: return {-3, 3};
    case ActivationKind::hard_tanh: return {-1, 1};
    case ActivationKind::relu:
    case ActivationKind::selu: return {0};
    case ActivationKind::leaky_relu: return f.slope == 1 ? std::vector<double>{} : std::vector<double>{0};
    case ActivationKind::elu: return f.alpha == 1 ? std::vector<double>{} : std::vector<double>{0};
    case ActivationKind::linear:
    case ActivationKind::sigmoid:
    case ActivationKind::tanh:
    case ActivationKind::softsign:
    case ActivationKind::softplus:
    case ActivationKind::gelu:
    case ActivationKind::gelu_tanh:
    case ActivationKind::silu:
    case ActivationKind::mish:
    case ActivationKind::erf: return {};
  }
  assert(false);
  return {};
}

}  // namespace initsweep
