#include "initsweep/activation.hpp"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include "activation_constants.hpp"

namespace initsweep {
namespace {

// NaN stays NaN in all of these: a comparison with it is false.
double positive_part(double z) { return z < 0 ? 0 : z; }
double clamp(double x, double low, double high) {
  const double raised = x < low ? low : x;
  return raised > high ? high : raised;
}
// `right` for z > 0, `left` for z <= 0.
double by_sign(double z, double left, double right) { return z > 0 ? right : (z <= 0 ? left : z); }
// 1 for low < z <= high, else 0.
double inside(double z, double low, double high) { return by_sign(z - low, 0, 1) * by_sign(z - high, 1, 0); }
// u and du/dz of gelu_tanh = z s(u): (1 + tanh(u / 2)) / 2 = s(u).
double gelu_tanh_u(double z) { return 2 * kGeluTanhK * z * (1 + kGeluTanhC * z * z); }
double gelu_tanh_du(double z) { return 2 * kGeluTanhK * (1 + 3 * kGeluTanhC * z * z); }

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
    case ActivationKind::hard_sigmoid: return clamp(z / 6 + 0.5, 0.0, 1.0);
    case ActivationKind::tanh: return std::tanh(z);
    case ActivationKind::hard_tanh: return clamp(z, -1.0, 1.0);
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

std::optional<double> slope_below_zero(const Activation& f) {
  switch (f.kind) {
    case ActivationKind::linear: return 1;
    case ActivationKind::relu: return 0;
    case ActivationKind::leaky_relu: return f.slope;
    case ActivationKind::sigmoid:
    case ActivationKind::hard_sigmoid:
    case ActivationKind::tanh:
    case ActivationKind::hard_tanh:
    case ActivationKind::softsign:
    case ActivationKind::softplus:
    case ActivationKind::elu:
    case ActivationKind::selu:
    case ActivationKind::gelu:
    case ActivationKind::gelu_tanh:
    case ActivationKind::silu:
    case ActivationKind::mish:
    case ActivationKind::erf: return std::nullopt;
  }
  assert(false);
  return std::nullopt;
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
