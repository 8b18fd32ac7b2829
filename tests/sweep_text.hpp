// What parse_spec says to a sweep file, as text, and tables of bad ones.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "initsweep/spec.hpp"

namespace initsweep {

// Two lines that every sweep file has, so that `body` starts at line 3.
inline SweepSpec parsed(std::string_view body, const std::vector<std::string>& overrides = {}) {
  return parse_spec("version: 1\nname: t\n" + std::string(body), "s.yaml", overrides);
}

// The whole message; "" if nothing is wrong.
inline std::string problems_of_text(std::string_view text, const std::vector<std::string>& overrides = {}) {
  try {
    static_cast<void>(parse_spec(text, "s.yaml", overrides));
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}
inline std::string problems_of(std::string_view body, const std::vector<std::string>& overrides = {}) {
  return problems_of_text("version: 1\nname: t\n" + std::string(body), overrides);
}

struct BadInput {
  const char* name;
  const char* body;
  const char* message;  // $SETTINGS and its like stand for the lists of names below
};

// The message with its lists written out.
inline std::string whole_message(std::string message) {
  static constexpr std::pair<std::string_view, std::string_view> kLists[] = {
      {"$SETTINGS",
       "activation, batch_size, beta1, beta2, bias_stddev, dataset, depth, epochs, epsilon, gradient_clip, "
       "initializer, input_scaling, learning_rate, loss, mode, momentum, optimizer, rho, shuffle, steps, "
       "train_samples, validation_samples, weight_decay, width"},
      {"$PARAMETERS",
       "by_activation.distribution, constant.value, edge_of_chaos.q, elu.alpha, leaky_relu.slope, "
       "mean_field.bias_variance, mean_field.weight_variance, normal.mean, normal.stddev, orthogonal.gain, "
       "truncated_normal.mean, truncated_normal.stddev, uniform.high, uniform.low, variance_scaling.corrected, "
       "variance_scaling.distribution, variance_scaling.mode, variance_scaling.scale"},
      {"$INITIALIZERS",
       "by_activation, constant, edge_of_chaos, glorot2010_standard, glorot_normal, glorot_uniform, he_normal, "
       "he_uniform, identity, lecun_normal, lecun_uniform, lsuv, mean_field, normal, orthogonal, torch_default, "
       "truncated_normal, uniform, variance_scaling, zeros"},
      {"$ACTIVATIONS",
       "elu, erf, gelu, gelu_tanh, hard_sigmoid, hard_tanh, leaky_relu, linear, mish, relu, selu, sigmoid, silu, "
       "softplus, softsign, tanh"},
      {"$KEYS",
       "about, description, exclude, expect, grid, include, limits, name, probe, record, seeds, settings, version"},
  };
  for (const auto& [name, list] : kLists)
    for (std::size_t at = message.find(name); at != std::string::npos; at = message.find(name))
      message.replace(at, name.size(), list);
  return message;
}

inline std::string name_of(const testing::TestParamInfo<BadInput>& info) { return info.param.name; }

}  // namespace initsweep
