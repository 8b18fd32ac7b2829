#include "initsweep/setting.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace initsweep {
namespace {

using enum SettingType;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kMaxCount = 1e9;
constexpr double kMaxSamples = 1e8;

constexpr SettingInfo whole(Setting s, std::string_view name, double min, double max, std::string_view fallback,
                            std::string_view description) {
  return {s, name, integer, min, max, false, "", fallback, description};
}
constexpr SettingInfo real(Setting s, std::string_view name, double min, double max, bool above_min,
                           std::string_view fallback, std::string_view description) {
  return {s, name, number, min, max, above_min, "", fallback, description};
}
constexpr SettingInfo any_real(Setting s, std::string_view name, std::string_view fallback,
                               std::string_view description) {
  return real(s, name, -kInfinity, kInfinity, false, fallback, description);
}
constexpr SettingInfo at_least_zero(Setting s, std::string_view name, std::string_view fallback,
                                    std::string_view description) {
  return real(s, name, 0, kInfinity, false, fallback, description);
}
constexpr SettingInfo other(Setting s, std::string_view name, SettingType type, std::string_view fallback,
                            std::string_view description) {
  return {s, name, type, 0, 0, false, "", fallback, description};
}

constexpr double kBelowOne = 1 - 1e-12;

constexpr std::array<SettingInfo, kSettingCount> kSettings = {{
    other(Setting::dataset, "dataset", dataset, "mnist", "mnist, fashion_mnist, or idx:<folder with four IDX files>"),
    other(Setting::initializer, "initializer", initializer, "glorot_uniform", "law of the initial weights"),
    other(Setting::mode, "mode", fan_mode, "", "fan that scales the weights; default: the initializer's own"),
    other(Setting::activation, "activation", activation, "relu", "activation function of the hidden layers"),
    whole(Setting::depth, "depth", 1, kMaxDepth, "2", "hidden layers"),
    other(Setting::width, "width", width, "100",
          "units of the hidden layers: 100, [300, 100], {first: 300, rest: 100} or {from: 400, to: 50} (geometric)"),
    whole(Setting::epochs, "epochs", 0, kMaxCount, "5",
          "passes over the training samples; 0: only the start is looked at"),
    whole(Setting::steps, "steps", 1, kMaxCount, "", "mini-batches, instead of epochs"),
    whole(Setting::batch_size, "batch_size", 1, kMaxSamples, "64", "samples of a mini-batch"),
    other(Setting::optimizer, "optimizer", optimizer, "sgd", "rule of an update"),
    at_least_zero(Setting::learning_rate, "learning_rate", "0.01", "step size of the optimizer"),
    real(Setting::momentum, "momentum", 0, kBelowOne, false, "0.9", "mu of momentum and nesterov"),
    real(Setting::rho, "rho", 0, kBelowOne, false, "0.9", "decay of rmsprop's mean square"),
    real(Setting::beta1, "beta1", 0, kBelowOne, false, "0.9", "decay of adam's mean"),
    real(Setting::beta2, "beta2", 0, kBelowOne, false, "0.999", "decay of adam's mean square"),
    at_least_zero(Setting::epsilon, "epsilon", "1e-08", "added to the root in rmsprop and adam"),
    at_least_zero(Setting::weight_decay, "weight_decay", "0", "lambda; lambda W is added to the gradient of weights"),
    {Setting::gradient_clip, "gradient_clip", optional_number, 0, kInfinity, true, "none", "none",
     "largest global L2 norm of the gradient"},
    other(Setting::loss, "loss", loss, "softmax_cross_entropy", "loss of the output layer"),
    at_least_zero(Setting::bias_stddev, "bias_stddev", "0", "standard deviation of the initial biases"),
    other(Setting::input_scaling, "input_scaling", input_scaling, "unit",
          "unit (byte / 255), standardize (per pixel), or {subtract: a, divide: b}"),
    other(Setting::shuffle, "shuffle", boolean, "true", "new order of the samples in every epoch"),
    {Setting::train_samples, "train_samples", optional_integer, 1, kMaxSamples, false, "all", "all",
     "training samples used, the first ones"},
    whole(Setting::validation_samples, "validation_samples", 0, kMaxSamples, "0",
          "samples held out, the last ones of the training file"),
    any_real(Setting::constant_value, "constant.value", "", "every weight"),
    any_real(Setting::normal_mean, "normal.mean", "0", "mean of the weights"),
    at_least_zero(Setting::normal_stddev, "normal.stddev", "1", "standard deviation of the weights"),
    any_real(Setting::uniform_low, "uniform.low", "-0.05", "lower bound of the weights"),
    any_real(Setting::uniform_high, "uniform.high", "0.05", "upper bound of the weights"),
    any_real(Setting::truncated_normal_mean, "truncated_normal.mean", "0", "mean of the weights"),
    at_least_zero(Setting::truncated_normal_stddev, "truncated_normal.stddev", "1", "before the cut at 2 of them"),
    at_least_zero(Setting::variance_scaling_scale, "variance_scaling.scale", "1", "Var w times fan"),
    other(Setting::variance_scaling_mode, "variance_scaling.mode", fan_mode, "fan_in", "its own fan mode"),
    other(Setting::variance_scaling_distribution, "variance_scaling.distribution", distribution, "truncated_normal",
          "law of the weights"),
    other(Setting::variance_scaling_corrected, "variance_scaling.corrected", boolean, "true",
          "variance after the cut is scale / fan (Keras); false: before it"),
    any_real(Setting::orthogonal_gain, "orthogonal.gain", "1", "factor of the orthogonal matrix"),
    other(Setting::by_activation_distribution, "by_activation.distribution", distribution, "normal",
          "law of the weights"),
    at_least_zero(Setting::mean_field_weight_variance, "mean_field.weight_variance", "", "Var w times fan"),
    at_least_zero(Setting::mean_field_bias_variance, "mean_field.bias_variance", "", "Var b"),
    real(Setting::edge_of_chaos_q, "edge_of_chaos.q", 0, kInfinity, true, "",
         "fixed point of the preactivations' "
         "variance"),
    any_real(Setting::leaky_relu_slope, "leaky_relu.slope", "0.01", "slope for z < 0"),
    any_real(Setting::elu_alpha, "elu.alpha", "1", "minus the limit for z to -infinity"),
}};

constexpr bool is_indexed_by_setting() {
  for (int i = 0; i < kSettingCount; ++i)
    if (static_cast<int>(kSettings[static_cast<std::size_t>(i)].setting) != i) return false;
  return true;
}
static_assert(is_indexed_by_setting());

constexpr std::array<Setting, kSettingColumnCount> sorted_columns() {
  std::array<Setting, kSettingColumnCount> columns{};
  for (int i = 0; i < kSettingColumnCount; ++i) columns[static_cast<std::size_t>(i)] = static_cast<Setting>(i);
  std::sort(columns.begin(), columns.end(), [](Setting a, Setting b) {
    return kSettings[static_cast<std::size_t>(a)].name < kSettings[static_cast<std::size_t>(b)].name;
  });
  return columns;
}
constexpr std::array<Setting, kSettingColumnCount> kColumnsByName = sorted_columns();

std::vector<Setting> parameters_named(std::string_view kind) {
  std::vector<Setting> parameters;
  for (int i = kSettingColumnCount; i < kSettingCount; ++i)
    if (kind_of_parameter(static_cast<Setting>(i)) == kind) parameters.push_back(static_cast<Setting>(i));
  return parameters;
}

}  // namespace

std::span<const SettingInfo> setting_table() { return kSettings; }

const SettingInfo& setting_info(Setting setting) { return kSettings[static_cast<std::size_t>(setting)]; }

std::optional<Setting> parse_setting(std::string_view name) {
  for (const SettingInfo& info : kSettings)
    if (info.name == name) return info.setting;
  return std::nullopt;
}

std::span<const Setting> columns_by_name() { return kColumnsByName; }

bool is_parameter(Setting setting) { return static_cast<int>(setting) >= kSettingColumnCount; }

std::string_view kind_of_parameter(Setting parameter) {
  const std::string_view name = setting_info(parameter).name;
  return name.substr(0, name.find('.'));
}

std::string_view parameter_name(Setting parameter) {
  const std::string_view name = setting_info(parameter).name;
  return name.substr(name.find('.') + 1);
}

std::vector<Setting> parameters_of(InitializerKind kind) { return parameters_named(to_text(kind)); }
std::vector<Setting> parameters_of(ActivationKind kind) { return parameters_named(to_text(kind)); }

std::vector<int> hidden_widths(const Width& width, int depth) {
  switch (width.form) {
    case Width::Form::constant: return std::vector<int>(static_cast<std::size_t>(depth), width.values[0]);
    case Width::Form::list: return width.values;
    case Width::Form::first_rest: {
      std::vector<int> units(static_cast<std::size_t>(depth), width.values[1]);
      units[0] = width.values[0];
      return units;
    }
    case Width::Form::taper: break;
  }
  std::vector<int> units;
  const double from = width.values[0];
  const double ratio = width.values[1] / from;
  for (int i = 0; i < depth; ++i) {
    const double part = depth == 1 ? 0 : static_cast<double>(i) / (depth - 1);
    units.push_back(static_cast<int>(std::lround(from * std::pow(ratio, part))));
  }
  return units;
}

}  // namespace initsweep
