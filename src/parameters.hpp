// The parameters of structured values, as fields of the law or the activation function they belong to.
#pragma once
#include <string>

#include "initsweep/activation.hpp"
#include "initsweep/initializer.hpp"
#include "initsweep/setting.hpp"

namespace initsweep {

// The value of a setting of type number, which may hold an integer.
[[nodiscard]] double as_number(const SettingValue& value);

void assign_parameter(Initializer& law, Activation& f, Setting parameter, const SettingValue& value);

// "0.01", "uniform", "true"
[[nodiscard]] std::string parameter_text(const Initializer& law, const Activation& f, Setting parameter);

}  // namespace initsweep
