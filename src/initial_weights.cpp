#include "initsweep/initial_weights.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include "initsweep/rng.hpp"
#include "orthonormal.hpp"

namespace initsweep {

namespace {

// Standard deviation of the standard normal law cut at +-2.
constexpr double kTruncatedStddev = 0.87962566103423978;

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
