// One setting: its name, type, range and default, and the values it can take.
//
// One table gives each name what parsing, printing, CSV columns, hashing, matching and `initsweep list settings` need.
// Adding a setting is a row there, a field in JobSettings, and the cases in settings.cpp that the compiler asks for.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "initsweep/activation.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/initializer.hpp"
#include "initsweep/kinds.hpp"

namespace initsweep {

// In the order of the CSV columns; then the parameters of structured values, which are columns nowhere but may be
// fixed or be an axis under their dotted names ("normal.stddev").
enum class Setting {
  dataset,
  initializer,
  mode,
  activation,
  depth,
  width,
  epochs,
  steps,
  batch_size,
  optimizer,
  learning_rate,
  momentum,
  rho,
  beta1,
  beta2,
  epsilon,
  weight_decay,
  gradient_clip,
  loss,
  bias_stddev,
  input_scaling,
  shuffle,
  train_samples,
  validation_samples,
  constant_value,
  normal_mean,
  normal_stddev,
  uniform_low,
  uniform_high,
  truncated_normal_mean,
  truncated_normal_stddev,
  variance_scaling_scale,
  variance_scaling_mode,
  variance_scaling_distribution,
  variance_scaling_corrected,
  orthogonal_gain,
  by_activation_distribution,
  mean_field_weight_variance,
  mean_field_bias_variance,
  edge_of_chaos_q,
  leaky_relu_slope,
  elu_alpha
};
inline constexpr int kSettingCount = static_cast<int>(Setting::elu_alpha) + 1;
inline constexpr int kSettingColumnCount = static_cast<int>(Setting::validation_samples) + 1;  // the first ones

enum class SettingType {
  integer,
  number,
  boolean,
  optional_integer,  // an integer or the word `word` of its row ("all")
  optional_number,   // a number or the word `word` ("none")
  dataset,
  initializer,
  activation,
  fan_mode,
  distribution,
  optimizer,
  loss,
  width,
  input_scaling
};

struct SettingInfo {
  Setting setting;
  std::string_view name;
  SettingType type;
  double min, max;                // inclusive; integers and numbers only
  bool above_min;                 // the minimum itself is excluded
  std::string_view word;          // optional_*: how "not set" is written
  std::string_view default_text;  // as in a sweep file; "" where a value must be given
  std::string_view description;
};
[[nodiscard]] std::span<const SettingInfo> setting_table();  // indexed by Setting
[[nodiscard]] const SettingInfo& setting_info(Setting setting);
[[nodiscard]] std::optional<Setting> parse_setting(std::string_view name);
[[nodiscard]] std::span<const Setting> columns_by_name();  // the settings that are columns, sorted by name
[[nodiscard]] bool is_parameter(Setting setting);
// normal.stddev -> "normal" and "stddev".
[[nodiscard]] std::string_view kind_of_parameter(Setting parameter);
[[nodiscard]] std::string_view parameter_name(Setting parameter);
// Parameters of a kind, in order: normal -> normal.mean, normal.stddev.
[[nodiscard]] std::vector<Setting> parameters_of(InitializerKind kind);
[[nodiscard]] std::vector<Setting> parameters_of(ActivationKind kind);

inline constexpr int kMaxDepth = 10'000;
inline constexpr int kMaxWidth = 65'536;

// Units of hidden layers as a sweep file says it.
struct Width {
  enum class Form { constant, list, first_rest, taper } form = Form::constant;
  std::vector<int> values = {100};  // constant: 1; list: any; first_rest: {first, rest}; taper: {from, to}
  bool operator==(const Width&) const = default;
};
// The units of each hidden layer. taper: round(from (to / from)^(i / (depth - 1))), i = 0..depth - 1; depth 1 is
// `from`. A list gives its own depth, so `depth` must be its length.
[[nodiscard]] std::vector<int> hidden_widths(const Width& width, int depth);

// x = (byte - subtract) / divide; unit is (0, 255). standardize: per pixel, over the training samples used.
struct InputScaling {
  InputScalingKind kind = InputScalingKind::unit;
  double subtract = 0, divide = 255;
  bool operator==(const InputScaling&) const = default;
};

// A structured value and which of its parameters were written inside it.
struct InitializerValue {
  Initializer initializer;
  std::vector<Setting> written;
  bool operator==(const InitializerValue&) const = default;
};
struct ActivationValue {
  Activation activation;
  std::vector<Setting> written;
  bool operator==(const ActivationValue&) const = default;
};

// monostate: the word of an optional setting (none, all).
using SettingValue = std::variant<std::monostate, bool, std::int64_t, double, std::string, FanMode, Distribution,
                                  OptimizerKind, LossKind, Width, InputScaling, InitializerValue, ActivationValue>;

struct Assignment {
  Setting setting;
  SettingValue value;
  SourceLocation where;  // of the value
};

}  // namespace initsweep
