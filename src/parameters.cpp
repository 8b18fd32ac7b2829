#include "parameters.hpp"

#include <cassert>

#include "initsweep/kinds.hpp"
#include "initsweep/number.hpp"

namespace initsweep {

double as_number(const SettingValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  return std::get<double>(value);
}

void assign_parameter(Initializer& law, Activation& f, Setting parameter, const SettingValue& value) {
  switch (parameter) {
    case Setting::constant_value: law.value = as_number(value); break;
    case Setting::normal_mean:
    case Setting::truncated_normal_mean: law.mean = as_number(value); break;
    case Setting::normal_stddev:
    case Setting::truncated_normal_stddev: law.stddev = as_number(value); break;
    case Setting::uniform_low: law.low = as_number(value); break;
    case Setting::uniform_high: law.high = as_number(value); break;
    case Setting::variance_scaling_scale: law.scale = as_number(value); break;
    case Setting::variance_scaling_mode: law.mode = std::get<FanMode>(value); break;
    case Setting::variance_scaling_distribution:
    case Setting::by_activation_distribution: law.distribution = std::get<Distribution>(value); break;
    case Setting::variance_scaling_corrected: law.corrected = std::get<bool>(value); break;
    case Setting::orthogonal_gain: law.gain = as_number(value); break;
    case Setting::mean_field_weight_variance: law.weight_variance = as_number(value); break;
    case Setting::mean_field_bias_variance: law.bias_variance = as_number(value); break;
    case Setting::edge_of_chaos_q: law.q = as_number(value); break;
    case Setting::leaky_relu_slope: f.slope = as_number(value); break;
    case Setting::elu_alpha: f.alpha = as_number(value); break;
    default: assert(false && "not a parameter");
  }
}

std::string parameter_text(const Initializer& law, const Activation& f, Setting parameter) {
  switch (parameter) {
    case Setting::constant_value: return number_text(law.value);
    case Setting::normal_mean:
    case Setting::truncated_normal_mean: return number_text(law.mean);
    case Setting::normal_stddev:
    case Setting::truncated_normal_stddev: return number_text(law.stddev);
    case Setting::uniform_low: return number_text(law.low);
    case Setting::uniform_high: return number_text(law.high);
    case Setting::variance_scaling_scale: return number_text(law.scale);
    case Setting::variance_scaling_mode: return std::string(to_text(law.mode));
    case Setting::variance_scaling_distribution:
    case Setting::by_activation_distribution: return std::string(to_text(law.distribution));
    case Setting::variance_scaling_corrected: return law.corrected ? "true" : "false";
    case Setting::orthogonal_gain: return number_text(law.gain);
    case Setting::mean_field_weight_variance: return number_text(law.weight_variance);
    case Setting::mean_field_bias_variance: return number_text(law.bias_variance);
    case Setting::edge_of_chaos_q: return number_text(law.q);
    case Setting::leaky_relu_slope: return number_text(f.slope);
    case Setting::elu_alpha: return number_text(f.alpha);
    default: assert(false && "not a parameter"); return {};
  }
}

}  // namespace initsweep
