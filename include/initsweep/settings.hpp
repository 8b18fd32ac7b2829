// Settings: everything that decides a job's numbers, resolved, put in simplest terms, and named by a hash.
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
  std::optional<std::int64_t> epochs = 5;  // exactly one of epochs and steps is set
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
  bool operator==(const JobSettings&) const = default;
};

// Settings from assignments: `fixed` first, `chosen` over it; a parameter assigned by its dotted name holds where its
// kind is in force. Appends a diagnostic (without file and source line, which expand() fills in) for what cannot go
// together: a width list of another length than the depth, both epochs and steps chosen, a parameter that has neither
// default nor value, a law that does not exist for the activation.
[[nodiscard]] JobSettings resolve(std::span<const Assignment> fixed, std::span<const Assignment> chosen,
                                  std::vector<Diagnostic>& problems);

// The value as CSVs and tables show it; "" where it is absent or has no meaning for these settings. A structured value
// is its name, or with all its parameters (but the mode, which has a column) if one is not at its default:
// normal(mean=0;stddev=0.01). A width is 100 if all layers are equal, else 300x100.
[[nodiscard]] std::string setting_text(const JobSettings& settings, Setting setting);

// Whether these settings have this value: a structured value by name if nothing was written inside it, else whole.
[[nodiscard]] bool matches(const JobSettings& settings, Setting setting, const SettingValue& value);

// The same job in its simplest terms (he_normal becomes variance_scaling, leaky_relu with slope 0 becomes relu,
// momentum 0 becomes sgd, what has no meaning is at its default): two settings mean the same exactly if these are
// equal. Training is given these, so what means the same is the same to the byte.
[[nodiscard]] JobSettings canonical(const JobSettings& settings);

// SHA-256 of MNIST's four files in a row: the default dataset as canonical texts know it.
inline constexpr std::string_view kMnistDigest = "b2d8f5bf39174ee5ffeefa97e42d673c35432b411bb5d1f74fbbeddae7f1690a";

// One key=value line each, sorted by key, settings at their default left out, the dataset by the digest of its bytes: a
// setting added later changes no id. `settings` must be canonical.
[[nodiscard]] std::string canonical_text(const JobSettings& settings, std::string_view dataset_digest);

// c_ + 16 hex digits of SHA-256 of the canonical text.
[[nodiscard]] std::string cell_id(std::string_view canonical_text);
// j_ + 16 hex digits of SHA-256 of cell id, seed, data digest and numerics revision, a line each.
[[nodiscard]] std::string job_id(std::string_view cell_id, std::int64_t seed, std::string_view dataset_digest);

// Counts changes that alter trained numbers for the same settings; a test holds recorded digests against it.
inline constexpr int kNumericsRevision = 1;

}  // namespace initsweep
