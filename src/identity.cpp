#include "initsweep/identity.hpp"

#include "initsweep/setting.hpp"
#include "initsweep/sha256.hpp"

namespace initsweep {
namespace {

constexpr std::size_t kIdDigits = 16;

}  // namespace

JobSettings canonical(const JobSettings& settings) {
  const JobSettings defaults;
  JobSettings c = settings;

  CanonicalInitializer law = canonical(settings.initializer, settings.mode, settings.activation);
  c.initializer = law.initializer;
  c.mode = own_mode(law.initializer);
  if (law.bias_stddev) c.bias_stddev = *law.bias_stddev;
  if (law.initializer.kind == InitializerKind::torch_default) c.bias_stddev = defaults.bias_stddev;

  Activation& f = c.activation;
  if (f.kind == ActivationKind::leaky_relu && f.slope == 0) f.kind = ActivationKind::relu;
  if (f.kind == ActivationKind::elu && f.alpha == 0) f.kind = ActivationKind::relu;
  if (f.kind == ActivationKind::leaky_relu && f.slope == 1) f.kind = ActivationKind::linear;
  if (f.kind != ActivationKind::leaky_relu) f.slope = defaults.activation.slope;
  if (f.kind != ActivationKind::elu) f.alpha = defaults.activation.alpha;

  if (!c.is_trained()) {
    c.batch_size = defaults.batch_size;
    c.optimizer = defaults.optimizer;
    c.learning_rate = defaults.learning_rate;
    c.weight_decay = defaults.weight_decay;
    c.gradient_clip = defaults.gradient_clip;
    c.shuffle = defaults.shuffle;
  }
  if (c.momentum == 0 && (c.optimizer == OptimizerKind::momentum || c.optimizer == OptimizerKind::nesterov))
    c.optimizer = OptimizerKind::sgd;
  if (setting_text(c, Setting::momentum).empty()) c.momentum = defaults.momentum;
  if (setting_text(c, Setting::rho).empty()) c.rho = defaults.rho;
  if (setting_text(c, Setting::beta1).empty()) {
    c.beta1 = defaults.beta1;
    c.beta2 = defaults.beta2;
  }
  if (setting_text(c, Setting::epsilon).empty()) c.epsilon = defaults.epsilon;

  InputScaling& scaling = c.input_scaling;
  if (scaling.kind == InputScalingKind::affine && scaling.subtract == 0 && scaling.divide == 255)
    scaling.kind = InputScalingKind::unit;
  if (scaling.kind != InputScalingKind::affine) scaling = {.kind = scaling.kind};
  return c;
}

std::string canonical_text(const JobSettings& settings, std::string_view dataset_digest) {
  // glorot_uniform in canonical form; every other default reads as in the table of settings.
  static constexpr std::string_view kDefaultInitializer = "variance_scaling(scale=1;distribution=uniform)";
  static constexpr std::string_view kDefaultMode = "fan_avg";
  std::string text;
  for (const Setting setting : columns_by_name()) {
    std::string value = setting == Setting::dataset ? std::string(dataset_digest) : setting_text(settings, setting);
    const std::string_view fallback = setting == Setting::dataset       ? kMnistDigest
                                      : setting == Setting::initializer ? kDefaultInitializer
                                      : setting == Setting::mode        ? kDefaultMode
                                                                        : setting_info(setting).default_text;
    if (value.empty() || value == fallback) continue;
    text += setting_info(setting).name;
    text += '=' + value + '\n';
  }
  return text;
}

std::string cell_id(std::string_view canonical_text) { return "c_" + sha256_hex(canonical_text).substr(0, kIdDigits); }

std::string job_id(std::string_view cell_id, std::int64_t seed, std::string_view dataset_digest) {
  const std::string text = std::string(cell_id) + '\n' + std::to_string(seed) + '\n' + std::string(dataset_digest) +
                           '\n' + std::to_string(kNumericsRevision) + '\n';
  return "j_" + sha256_hex(text).substr(0, kIdDigits);
}

}  // namespace initsweep
