// Settings: everything that decides a job's numbers, resolved from what a sweep says.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "initsweep/activation.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/initializer.hpp"
#include "initsweep/setting.hpp"

namespace initsweep {

// Everything that decides a job's numbers but the seed: equal settings mean the same job. Resolved: nothing is left to
// a default, and what has no meaning for the rest is absent or never read.
struct JobSettings {
  std::string dataset = "mnist";
  Initializer initializer;
  std::optional<FanMode> mode = FanMode::fan_avg;  // absent where it has no meaning
  Activation activation;
  std::vector<int> width = {100, 100};     // units of each hidden layer, input side first; size is the depth
  std::optional<std::int64_t> epochs = 5;  // exactly one of epochs and steps is set; 0: never trained, only looked at
  std::optional<std::int64_t> steps;
  std::int64_t batch_size = 64;
  OptimizerKind optimizer = OptimizerKind::sgd;
  double learning_rate = 0.01;
  double momentum = 0.9;  // momentum, nesterov
  double rho = 0.9;       // rmsprop
  double beta1 = 0.9;     // adam
  double beta2 = 0.999;   // adam
  double epsilon = 1e-8;  // rmsprop, adam
  double weight_decay = 0;
  std::optional<double> gradient_clip;
  LossKind loss = LossKind::softmax_cross_entropy;
  double bias_stddev = 0;
  InputScaling input_scaling;
  bool shuffle = true;
  std::optional<std::int64_t> train_samples;  // absent: all that validation leaves
  std::int64_t validation_samples = 0;
  [[nodiscard]] int depth() const { return static_cast<int>(width.size()); }
  [[nodiscard]] bool is_trained() const { return epochs != 0; }
  bool operator==(const JobSettings&) const = default;
};

// Settings from assignments: `fixed` first, `chosen` over it; a parameter assigned by its dotted name holds where its
// kind is in force. Appends a diagnostic (without file and source line, which expand() fills in) for what cannot go
// together: a width list of another length than the depth, both epochs and steps chosen, a parameter that has neither
// default nor value, a law that does not exist for the activation.
[[nodiscard]] JobSettings resolve(std::span<const Assignment> fixed, std::span<const Assignment> chosen,
                                  std::vector<Diagnostic>& problems);

// Whether it says how a net is trained: without a meaning where none is.
[[nodiscard]] bool is_of_training(Setting setting);

// The value as CSVs and tables show it; "" where it is absent or has no meaning for these settings. A structured value
// is its name, or with all its parameters (but the mode, which has a column) if one is not at its default:
// normal(mean=0;stddev=0.01). A width is 100 if all layers are equal, else 300x100.
[[nodiscard]] std::string setting_text(const JobSettings& settings, Setting setting);

// Whether these settings have this value: a structured value by name if nothing was written inside it, else whole.
[[nodiscard]] bool matches(const JobSettings& settings, Setting setting, const SettingValue& value);

}  // namespace initsweep
