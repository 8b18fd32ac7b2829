// The closed choices and their one spelling, shared by sweep files, messages, CSVs and `initsweep list`.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace initsweep {

enum class InitializerKind {
  zeros,
  constant,
  normal,
  uniform,
  truncated_normal,
  variance_scaling,
  glorot_normal,
  glorot_uniform,
  he_normal,
  he_uniform,
  lecun_normal,
  lecun_uniform,
  orthogonal,
  identity,
  lsuv,
  glorot2010_standard,
  torch_default,
  by_activation,
  mean_field,
  edge_of_chaos
};
enum class FanMode { fan_in, fan_avg, fan_out };
enum class Distribution { normal, truncated_normal, uniform };
enum class ActivationKind {
  linear,
  sigmoid,
  hard_sigmoid,
  tanh,
  hard_tanh,
  softsign,
  softplus,
  relu,
  leaky_relu,
  elu,
  selu,
  gelu,
  gelu_tanh,
  silu,
  mish,
  erf
};
enum class OptimizerKind { sgd, momentum, nesterov, rmsprop, adam };
enum class LossKind { softmax_cross_entropy, sigmoid_cross_entropy };
enum class InputScalingKind { unit, standardize, affine };
enum class TensorKind { weight, preactivation, activation, delta, weight_gradient, bias_gradient };
enum class JobStatus { ok, diverged, failed, timeout };

// One line of `initsweep list`: the name, what it computes, its parameters with defaults, where it comes from.
struct KindInfo {
  std::string_view name;
  std::string_view formula;
  std::string_view parameters;
  std::string_view source;
};

// The table of a kind, indexed by enumerator.
template <class Kind>
[[nodiscard]] std::span<const KindInfo> kind_table();
template <>
std::span<const KindInfo> kind_table<InitializerKind>();
template <>
std::span<const KindInfo> kind_table<FanMode>();
template <>
std::span<const KindInfo> kind_table<Distribution>();
template <>
std::span<const KindInfo> kind_table<ActivationKind>();
template <>
std::span<const KindInfo> kind_table<OptimizerKind>();
template <>
std::span<const KindInfo> kind_table<LossKind>();
template <>
std::span<const KindInfo> kind_table<InputScalingKind>();
template <>
std::span<const KindInfo> kind_table<TensorKind>();
template <>
std::span<const KindInfo> kind_table<JobStatus>();

template <class Kind>
[[nodiscard]] std::string_view to_text(Kind kind) {
  return kind_table<Kind>()[static_cast<std::size_t>(kind)].name;
}

template <class Kind>
[[nodiscard]] std::optional<Kind> parse_kind(std::string_view name) {
  const std::span<const KindInfo> table = kind_table<Kind>();
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table[i].name == name) return static_cast<Kind>(i);
  return std::nullopt;
}

// PyTorch's spelling of something we have under Keras' name: "kaiming_normal_" -> "he_normal". For error messages only.
[[nodiscard]] std::optional<std::string_view> keras_name_of(std::string_view torch_name);

}  // namespace initsweep
