#include "initsweep/initializer.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <stdexcept>
#include <string>
#include "initsweep/rng.hpp"
#include "initsweep/theory.hpp"
#include "orthonormal.hpp"

namespace initsweep {

namespace {

// Standard deviation of the standard normal law cut at +-2.
constexpr double kTruncatedStddev = 0.87962566103423978;

Initializer of_kind(InitializerKind kind) {
  Initializer initializer;
  initializer.kind = kind;
  return initializer;
}

Initializer constant(double value) {
  if (value == 0) return of_kind(InitializerKind::zeros);
  Initializer initializer = of_kind(InitializerKind::constant);
  initializer.value = value;
  return initializer;
}

// A law whose parameters the user chose, or the constant it shrinks to.
Initializer gaussian(InitializerKind kind, double mean, double stddev) {
  if (stddev == 0) return constant(mean);
  Initializer initializer = of_kind(kind);
  initializer.mean = mean;
  initializer.stddev = stddev;
  return initializer;
}

Initializer uniform(double low, double high) {
  if (low == high) return constant(low);
  Initializer initializer = of_kind(InitializerKind::uniform);
  initializer.low = low;
  initializer.high = high;
  return initializer;
}

Initializer orthogonal(double gain) {
  if (gain == 0) return of_kind(InitializerKind::zeros);
  Initializer initializer = of_kind(InitializerKind::orthogonal);
  initializer.gain = gain;
  return initializer;
}

Initializer variance_scaling(double scale, FanMode mode, Distribution distribution, bool corrected = true) {
  if (scale == 0) return of_kind(InitializerKind::zeros);
  Initializer initializer = of_kind(InitializerKind::variance_scaling);
  initializer.scale = scale;
  initializer.mode = mode;
  initializer.distribution = distribution;
  if (distribution == Distribution::truncated_normal) initializer.corrected = corrected;
  return initializer;
}

// The textbook's first table; its 4 on the radius for tanh is a 16 on the variance.
double scale_for(const Activation& f) {
  switch (f.kind) {
    case ActivationKind::sigmoid: return 1;
    case ActivationKind::tanh: return 16;
    case ActivationKind::relu:
    case ActivationKind::leaky_relu:
    case ActivationKind::elu: return 2;
    case ActivationKind::linear:
    case ActivationKind::hard_sigmoid:
    case ActivationKind::hard_tanh:
    case ActivationKind::softsign:
    case ActivationKind::softplus:
    case ActivationKind::selu:
    case ActivationKind::gelu:
    case ActivationKind::gelu_tanh:
    case ActivationKind::silu:
    case ActivationKind::mish:
    case ActivationKind::erf: break;
  }
  throw std::domain_error("by_activation has no rule for " + std::string(to_text(f.kind)) +
                          "; it has one for sigmoid, tanh, relu, leaky_relu and elu");
}

// Some tens of milliseconds between checkpoints.
template <class Scalar, class Law>
void fill(Matrix<Scalar>& matrix, Law law, const Checkpoint& checkpoint) {
  constexpr Index kAtOnce = Index{1} << 20;
  for (Index first = 0; first < matrix.size(); first += kAtOnce) {
    ask(checkpoint);
    const Index last = std::min(first + kAtOnce, matrix.size());
    for (Index k = first; k < last; ++k) matrix.data()[k] = static_cast<Scalar>(law());
  }
}

template <class Law>
Matrix<float> filled(const Fans& fans, const Checkpoint& checkpoint, Law law) {
  Matrix<float> W(fans.fan_out, fans.fan_in);
  fill(W, law, checkpoint);
  return W;
}

Matrix<float> sample_variance_scaling(double scale, FanMode mode, Distribution distribution, bool corrected,
                                      const Fans& fans, RngStream stream, const Checkpoint& checkpoint) {
  const double variance = scale / fan(fans, mode);
  switch (distribution) {
    case Distribution::normal: {
      const double stddev = std::sqrt(variance);
      return filled(fans, checkpoint, [&] { return stddev * stream.normal(); });
    }
    case Distribution::truncated_normal: {
      const double stddev = std::sqrt(variance) / (corrected ? kTruncatedStddev : 1);
      return filled(fans, checkpoint, [&] { return stddev * stream.truncated_normal(); });
    }
    case Distribution::uniform: {
      const double limit = std::sqrt(3 * variance);
      return filled(fans, checkpoint, [&] { return limit * (2 * stream.uniform() - 1); });
    }
  }
  assert(false);
  return {};
}

// gain times a matrix with orthonormal rows or columns, whichever are fewer, uniform among them: Q of the QR
// decomposition of a Gaussian matrix, each column with the sign that makes R's diagonal positive (Mezzadri 2007).
Matrix<float> sample_orthogonal(double gain, const Fans& fans, RngStream stream, const Checkpoint& checkpoint) {
  const int longer = std::max(fans.fan_in, fans.fan_out), shorter = std::min(fans.fan_in, fans.fan_out);
  Matrix<double> matrix(longer, shorter);
  fill(
      matrix, [&] { return stream.normal(); }, checkpoint);
  Matrix<double> Q = decompose(matrix, checkpoint);
  for (int column = 0; column < shorter; ++column) Q.col(column) *= std::copysign(gain, gain * matrix(column, column));
  if (fans.fan_out < fans.fan_in) return Q.transpose().cast<float>();
  return Q.cast<float>();
}

}  // namespace

double fan(const Fans& fans, FanMode mode) {
  switch (mode) {
    case FanMode::fan_in: return fans.fan_in;
    case FanMode::fan_avg: return (static_cast<double>(fans.fan_in) + fans.fan_out) / 2;
    case FanMode::fan_out: return fans.fan_out;
  }
  assert(false);
  return 0;
}

std::optional<FanMode> own_mode(const Initializer& initializer) {
  switch (initializer.kind) {
    case InitializerKind::variance_scaling: return initializer.mode;
    case InitializerKind::glorot_normal:
    case InitializerKind::glorot_uniform:
    case InitializerKind::by_activation: return FanMode::fan_avg;
    case InitializerKind::he_normal:
    case InitializerKind::he_uniform:
    case InitializerKind::lecun_normal:
    case InitializerKind::lecun_uniform:
    case InitializerKind::mean_field:
    case InitializerKind::edge_of_chaos: return FanMode::fan_in;
    case InitializerKind::zeros:
    case InitializerKind::constant:
    case InitializerKind::normal:
    case InitializerKind::uniform:
    case InitializerKind::truncated_normal:
    case InitializerKind::orthogonal:
    case InitializerKind::identity:
    case InitializerKind::lsuv:
    case InitializerKind::glorot2010_standard:
    case InitializerKind::torch_default: return std::nullopt;
  }
  assert(false);
  return std::nullopt;
}

CanonicalInitializer canonical(const Initializer& initializer, std::optional<FanMode> mode, const Activation& f) {
  const Initializer& i = initializer;
  const FanMode m = mode.value_or(own_mode(i).value_or(FanMode::fan_in));
  const auto plain = [](Initializer law) { return CanonicalInitializer{law, std::nullopt}; };
  switch (i.kind) {
    case InitializerKind::zeros:
    case InitializerKind::identity:
    case InitializerKind::lsuv:
    case InitializerKind::torch_default: return plain(of_kind(i.kind));
    case InitializerKind::constant: return plain(constant(i.value));
    case InitializerKind::normal:
    case InitializerKind::truncated_normal: return plain(gaussian(i.kind, i.mean, i.stddev));
    case InitializerKind::uniform: return plain(uniform(i.low, i.high));
    case InitializerKind::orthogonal: return plain(orthogonal(i.gain));
    case InitializerKind::variance_scaling: return plain(variance_scaling(i.scale, m, i.distribution, i.corrected));
    case InitializerKind::glorot_normal:
    case InitializerKind::lecun_normal: return plain(variance_scaling(1, m, Distribution::normal));
    case InitializerKind::glorot_uniform:
    case InitializerKind::lecun_uniform: return plain(variance_scaling(1, m, Distribution::uniform));
    case InitializerKind::he_normal: return plain(variance_scaling(2, m, Distribution::normal));
    case InitializerKind::he_uniform: return plain(variance_scaling(2, m, Distribution::uniform));
    case InitializerKind::glorot2010_standard:
      return plain(variance_scaling(1.0 / 3, FanMode::fan_in, Distribution::uniform));
    case InitializerKind::by_activation: return plain(variance_scaling(scale_for(f), m, i.distribution));
    case InitializerKind::mean_field:
      return {variance_scaling(i.weight_variance, m, Distribution::normal), std::sqrt(i.bias_variance)};
    case InitializerKind::edge_of_chaos: {
      const CriticalPoint point = edge_of_chaos(f, i.q);
      return {variance_scaling(point.weight_variance, m, Distribution::normal), std::sqrt(point.bias_variance)};
    }
  }
  assert(false);
  return {};
}

Matrix<float> sample_weights(const Initializer& initializer, const Fans& fans, std::uint32_t seed, int layer,
                             const Checkpoint& checkpoint) {
  const Initializer& i = initializer;
  RngStream stream(seed, StreamPurpose::weights, static_cast<std::uint32_t>(layer));
  switch (i.kind) {
    case InitializerKind::zeros: return Matrix<float>::Zero(fans.fan_out, fans.fan_in);
    case InitializerKind::constant:
      return Matrix<float>::Constant(fans.fan_out, fans.fan_in, static_cast<float>(i.value));
    case InitializerKind::identity: return Matrix<float>::Identity(fans.fan_out, fans.fan_in);
    case InitializerKind::normal: return filled(fans, checkpoint, [&] { return i.mean + i.stddev * stream.normal(); });
    case InitializerKind::truncated_normal:
      return filled(fans, checkpoint, [&] { return i.mean + i.stddev * stream.truncated_normal(); });
    case InitializerKind::uniform:
      return filled(fans, checkpoint, [&] { return i.low + (i.high - i.low) * stream.uniform(); });
    case InitializerKind::variance_scaling:
      return sample_variance_scaling(i.scale, i.mode, i.distribution, i.corrected, fans, stream, checkpoint);
    case InitializerKind::torch_default:  // kaiming_uniform_(a = sqrt 5) comes to the variance 1 / (3 fan_in)
      return sample_variance_scaling(1.0 / 3, FanMode::fan_in, Distribution::uniform, true, fans, stream, checkpoint);
    case InitializerKind::orthogonal:
    case InitializerKind::lsuv:
      return sample_orthogonal(i.kind == InitializerKind::lsuv ? 1 : i.gain, fans,
                               RngStream(seed, StreamPurpose::orthogonal, static_cast<std::uint32_t>(layer)),
                               checkpoint);
    case InitializerKind::glorot_normal:
    case InitializerKind::glorot_uniform:
    case InitializerKind::he_normal:
    case InitializerKind::he_uniform:
    case InitializerKind::lecun_normal:
    case InitializerKind::lecun_uniform:
    case InitializerKind::glorot2010_standard:
    case InitializerKind::by_activation:
    case InitializerKind::mean_field:
    case InitializerKind::edge_of_chaos: break;
  }
  assert(false && "not canonical");
  return {};
}

Vector<float> sample_biases(const Initializer& initializer, const Fans& fans, double bias_stddev, std::uint32_t seed,
                            int layer) {
  RngStream stream(seed, StreamPurpose::biases, static_cast<std::uint32_t>(layer));
  Vector<float> b = Vector<float>::Zero(fans.fan_out);
  if (initializer.kind == InitializerKind::torch_default) {
    const double limit = 1 / std::sqrt(fans.fan_in);
    for (float& entry : b) entry = static_cast<float>(limit * (2 * stream.uniform() - 1));
  } else if (bias_stddev != 0) {
    for (float& entry : b) entry = static_cast<float>(bias_stddev * stream.normal());
  }
  return b;
}

}  // namespace initsweep
