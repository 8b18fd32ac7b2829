#include "initsweep/settings.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "initsweep/number.hpp"
#include "parameters.hpp"

namespace initsweep {
namespace {

// name, or name(a=1;b=2) when a parameter is not at its default. The mode has a column of its own, and `corrected` says
// something of truncated laws only.
template <class Kind>
std::string structured_text(Kind kind, const Initializer& law, const Activation& f) {
  std::string text(to_text(kind));
  const std::size_t name_length = text.size();
  bool all_default = true;
  for (const Setting parameter : parameters_of(kind)) {
    if (parameter == Setting::variance_scaling_mode) continue;
    if (parameter == Setting::variance_scaling_corrected && law.distribution != Distribution::truncated_normal)
      continue;
    const std::string value = parameter_text(law, f, parameter);
    all_default = all_default && value == setting_info(parameter).default_text;
    text += text.size() == name_length ? '(' : ';';
    text += parameter_name(parameter);
    text += '=' + value;
  }
  if (all_default)
    text.resize(name_length);
  else
    text += ')';
  return text;
}

// 300x100, not 300-100: DuckDB takes 1000-10-10 for a date.
std::string width_text(const std::vector<int>& units) {
  const bool constant = std::adjacent_find(units.begin(), units.end(), std::not_equal_to<>()) == units.end();
  std::string text = std::to_string(units.front());
  if (!constant)
    for (std::size_t i = 1; i < units.size(); ++i) text += 'x' + std::to_string(units[i]);
  return text;
}

std::string scaling_text(const InputScaling& scaling) {
  if (scaling.kind != InputScalingKind::affine) return std::string(to_text(scaling.kind));
  return "affine(subtract=" + number_text(scaling.subtract) + ";divide=" + number_text(scaling.divide) + ')';
}

template <class Value>
std::string optional_text(const std::optional<Value>& value) {
  return value ? number_text(static_cast<double>(*value)) : std::string();
}

// Settings that only some jobs read: those that train, or train by a certain optimizer.
bool is_read(const JobSettings& s, Setting setting) {
  if (!s.is_trained() && is_of_training(setting)) return false;
  switch (setting) {
    case Setting::momentum: return s.optimizer == OptimizerKind::momentum || s.optimizer == OptimizerKind::nesterov;
    case Setting::rho: return s.optimizer == OptimizerKind::rmsprop;
    case Setting::beta1:
    case Setting::beta2: return s.optimizer == OptimizerKind::adam;
    case Setting::epsilon: return s.optimizer == OptimizerKind::rmsprop || s.optimizer == OptimizerKind::adam;
    default: return true;
  }
}

// Laws that decide the biases themselves.
bool decides_biases(InitializerKind kind) {
  return kind == InitializerKind::torch_default || kind == InitializerKind::mean_field ||
         kind == InitializerKind::edge_of_chaos;
}

// What resolve() gathers before it can decide: the last plain value of each setting that depends on others.
struct Draft {
  JobSettings settings;
  Width width;
  std::optional<int> depth;
  std::optional<FanMode> mode;
  std::vector<Setting> written_in_initializer, written_in_activation;  // inside the structured values in force
  bool initializer_is_chosen = false, activation_is_chosen = false;
  SourceLocation initializer_where, activation_where, width_where, depth_where, epochs_where, steps_where;
  bool epochs_chosen = false, steps_chosen = false;
};

void assign_plain(Draft& draft, const Assignment& assignment, bool is_chosen) {
  JobSettings& s = draft.settings;
  const SettingValue& value = assignment.value;
  const auto whole = [&] { return std::get<std::int64_t>(value); };
  switch (assignment.setting) {
    case Setting::dataset: s.dataset = std::get<std::string>(value); break;
    case Setting::initializer: {
      const auto& law = std::get<InitializerValue>(value);
      s.initializer = law.initializer;
      draft.written_in_initializer = law.written;
      draft.initializer_is_chosen = is_chosen;
      draft.initializer_where = assignment.where;
      break;
    }
    case Setting::mode: draft.mode = std::get<FanMode>(value); break;
    case Setting::activation: {
      const auto& f = std::get<ActivationValue>(value);
      s.activation = f.activation;
      draft.written_in_activation = f.written;
      draft.activation_is_chosen = is_chosen;
      draft.activation_where = assignment.where;
      break;
    }
    case Setting::depth:
      draft.depth = static_cast<int>(whole());
      draft.depth_where = assignment.where;
      break;
    case Setting::width:
      draft.width = std::get<Width>(value);
      draft.width_where = assignment.where;
      break;
    case Setting::epochs:
      s.epochs = whole();
      draft.epochs_chosen = is_chosen;
      draft.epochs_where = assignment.where;
      break;
    case Setting::steps:
      s.steps = whole();
      draft.steps_chosen = is_chosen;
      draft.steps_where = assignment.where;
      break;
    case Setting::batch_size: s.batch_size = whole(); break;
    case Setting::optimizer: s.optimizer = std::get<OptimizerKind>(value); break;
    case Setting::learning_rate: s.learning_rate = as_number(value); break;
    case Setting::momentum: s.momentum = as_number(value); break;
    case Setting::rho: s.rho = as_number(value); break;
    case Setting::beta1: s.beta1 = as_number(value); break;
    case Setting::beta2: s.beta2 = as_number(value); break;
    case Setting::epsilon: s.epsilon = as_number(value); break;
    case Setting::weight_decay: s.weight_decay = as_number(value); break;
    case Setting::gradient_clip:
      s.gradient_clip.reset();
      if (!std::holds_alternative<std::monostate>(value)) s.gradient_clip = as_number(value);
      break;
    case Setting::loss: s.loss = std::get<LossKind>(value); break;
    case Setting::bias_stddev: s.bias_stddev = as_number(value); break;
    case Setting::input_scaling: s.input_scaling = std::get<InputScaling>(value); break;
    case Setting::shuffle: s.shuffle = std::get<bool>(value); break;
    case Setting::train_samples:
      s.train_samples.reset();
      if (!std::holds_alternative<std::monostate>(value)) s.train_samples = whole();
      break;
    case Setting::validation_samples: s.validation_samples = whole(); break;
    default: assert(is_parameter(assignment.setting));
  }
}

bool contains(const std::vector<Setting>& settings, Setting setting) {
  return std::find(settings.begin(), settings.end(), setting) != settings.end();
}

// Parameters under their dotted names, for the kinds in force. A value written inside a chosen structured value is not
// overridden by a fixed dotted one.
void assign_parameters(Draft& draft, std::span<const Assignment> assignments, bool are_chosen,
                       std::vector<Setting>& assigned) {
  JobSettings& s = draft.settings;
  for (const Assignment& assignment : assignments) {
    if (!is_parameter(assignment.setting)) continue;
    const std::string_view kind = kind_of_parameter(assignment.setting);
    const bool of_initializer = kind == to_text(s.initializer.kind);
    const bool of_activation = kind == to_text(s.activation.kind);
    if (!of_initializer && !of_activation) continue;
    const bool value_is_chosen = of_initializer ? draft.initializer_is_chosen : draft.activation_is_chosen;
    const auto& written = of_initializer ? draft.written_in_initializer : draft.written_in_activation;
    if (!are_chosen && value_is_chosen && contains(written, assignment.setting)) continue;
    assign_parameter(s.initializer, s.activation, assignment.setting, assignment.value);
    assigned.push_back(assignment.setting);
  }
}

Diagnostic problem(SourceLocation where, std::string message) {
  return {Severity::error, {}, where, std::move(message), {}, {}};
}

void resolve_epochs(Draft& draft, std::vector<Diagnostic>& problems) {
  JobSettings& s = draft.settings;
  if (!s.steps) return;
  const bool both_at_one_level = draft.epochs_where.line > 0 && draft.epochs_chosen == draft.steps_chosen;
  if (both_at_one_level)
    problems.push_back(problem(draft.steps_where, "epochs and steps are both set; a job has one of them"));
  else if (draft.epochs_chosen)
    return s.steps.reset();
  s.epochs.reset();
}

void resolve_width(Draft& draft, std::vector<Diagnostic>& problems) {
  const bool is_list = draft.width.form == Width::Form::list;
  const int listed = static_cast<int>(draft.width.values.size());
  if (is_list && draft.depth && *draft.depth != listed) {
    problems.push_back(problem(draft.depth_where.line > 0 ? draft.depth_where : draft.width_where,
                               "depth is " + std::to_string(*draft.depth) + ", but width lists " +
                                   std::to_string(listed) + (listed == 1 ? " layer" : " layers")));
  }
  const int default_depth = JobSettings{}.depth();
  draft.settings.width = hidden_widths(draft.width, draft.depth.value_or(default_depth));
}

template <class Kind>
void require_parameters(Kind kind, SourceLocation where, const std::vector<Setting>& given,
                        std::vector<Diagnostic>& problems) {
  for (const Setting parameter : parameters_of(kind))
    if (setting_info(parameter).default_text.empty() && !contains(given, parameter)) {
      const std::string name(setting_info(parameter).name);
      problems.push_back(problem(where, std::string(to_text(kind)) + " needs " + name + ", which has no default"));
    }
}

// The same number as text: zeros have a sign there.
bool same(double a, double b) { return a == b && std::signbit(a) == std::signbit(b); }

// For settings whose values are not structured. Millions of combinations are asked, so nothing is made of them.
bool has_plain_value(const JobSettings& s, Setting setting, const SettingValue& value) {
  if (!is_read(s, setting)) return false;
  const auto is_whole = [&](std::int64_t held) {
    const auto* whole = std::get_if<std::int64_t>(&value);
    return whole != nullptr && *whole == held;
  };
  const auto is_optional = [&](const auto& held, const auto& is_held) {
    return held ? !std::holds_alternative<std::monostate>(value) && is_held(*held)
                : std::holds_alternative<std::monostate>(value);
  };
  const auto is_number = [&](double held) { return same(as_number(value), held); };
  switch (setting) {
    case Setting::dataset: return std::get<std::string>(value) == s.dataset;
    case Setting::mode: return s.mode == std::get<FanMode>(value);
    case Setting::depth: return is_whole(s.depth());
    case Setting::epochs: return s.epochs && is_whole(*s.epochs);
    case Setting::steps: return s.steps && is_whole(*s.steps);
    case Setting::batch_size: return is_whole(s.batch_size);
    case Setting::optimizer: return std::get<OptimizerKind>(value) == s.optimizer;
    case Setting::learning_rate: return is_number(s.learning_rate);
    case Setting::momentum: return is_number(s.momentum);
    case Setting::rho: return is_number(s.rho);
    case Setting::beta1: return is_number(s.beta1);
    case Setting::beta2: return is_number(s.beta2);
    case Setting::epsilon: return is_number(s.epsilon);
    case Setting::weight_decay: return is_number(s.weight_decay);
    case Setting::gradient_clip: return is_optional(s.gradient_clip, is_number);
    case Setting::loss: return std::get<LossKind>(value) == s.loss;
    case Setting::bias_stddev: return !decides_biases(s.initializer.kind) && is_number(s.bias_stddev);
    case Setting::input_scaling: return scaling_text(std::get<InputScaling>(value)) == scaling_text(s.input_scaling);
    case Setting::shuffle: return std::get<bool>(value) == s.shuffle;
    case Setting::train_samples: return is_optional(s.train_samples, is_whole);
    case Setting::validation_samples: return is_whole(s.validation_samples);
    default: assert(false && "structured values are compared elsewhere"); return false;
  }
}

}  // namespace

JobSettings resolve(std::span<const Assignment> fixed, std::span<const Assignment> chosen,
                    std::vector<Diagnostic>& problems) {
  Draft draft;
  for (const Assignment& assignment : fixed) assign_plain(draft, assignment, false);
  for (const Assignment& assignment : chosen) assign_plain(draft, assignment, true);

  JobSettings& s = draft.settings;
  std::vector<Setting> given = draft.written_in_initializer;
  if (s.initializer.kind == InitializerKind::by_activation && !contains(given, Setting::by_activation_distribution))
    s.initializer.distribution = Distribution::normal;
  assign_parameters(draft, fixed, false, given);
  assign_parameters(draft, chosen, true, given);

  resolve_epochs(draft, problems);
  resolve_width(draft, problems);
  const std::size_t n_before = problems.size();
  require_parameters(s.initializer.kind, draft.initializer_where, given, problems);
  if (s.initializer.kind == InitializerKind::uniform && s.initializer.low > s.initializer.high)
    problems.push_back(problem(draft.initializer_where, "uniform has low " + number_text(s.initializer.low) +
                                                            " above high " + number_text(s.initializer.high)));

  const std::optional<FanMode> own = own_mode(s.initializer);
  s.mode = own && draft.mode ? draft.mode : own;
  if (problems.size() == n_before) {
    try {
      static_cast<void>(canonical(s.initializer, s.mode, s.activation));
    } catch (const std::domain_error& error) {
      problems.push_back(problem(draft.initializer_where, error.what()));
    }
  }
  return std::move(draft.settings);
}

bool is_of_training(Setting setting) {
  return (setting >= Setting::batch_size && setting <= Setting::gradient_clip) || setting == Setting::shuffle;
}

std::string setting_text(const JobSettings& s, Setting setting) {
  if (is_parameter(setting)) {
    const std::string_view kind = kind_of_parameter(setting);
    if (kind != to_text(s.initializer.kind) && kind != to_text(s.activation.kind)) return {};
    return parameter_text(s.initializer, s.activation, setting);
  }
  if (!is_read(s, setting)) return {};
  switch (setting) {
    case Setting::dataset: return s.dataset;
    case Setting::initializer: return structured_text(s.initializer.kind, s.initializer, s.activation);
    case Setting::mode: return s.mode ? std::string(to_text(*s.mode)) : std::string();
    case Setting::activation: return structured_text(s.activation.kind, s.initializer, s.activation);
    case Setting::depth: return std::to_string(s.depth());
    case Setting::width: return width_text(s.width);
    case Setting::epochs: return optional_text(s.epochs);
    case Setting::steps: return optional_text(s.steps);
    case Setting::batch_size: return std::to_string(s.batch_size);
    case Setting::optimizer: return std::string(to_text(s.optimizer));
    case Setting::learning_rate: return number_text(s.learning_rate);
    case Setting::momentum: return number_text(s.momentum);
    case Setting::rho: return number_text(s.rho);
    case Setting::beta1: return number_text(s.beta1);
    case Setting::beta2: return number_text(s.beta2);
    case Setting::epsilon: return number_text(s.epsilon);
    case Setting::weight_decay: return number_text(s.weight_decay);
    case Setting::gradient_clip: return optional_text(s.gradient_clip);
    case Setting::loss: return std::string(to_text(s.loss));
    case Setting::bias_stddev: return decides_biases(s.initializer.kind) ? std::string() : number_text(s.bias_stddev);
    case Setting::input_scaling: return scaling_text(s.input_scaling);
    case Setting::shuffle: return s.shuffle ? "true" : "false";
    case Setting::train_samples: return optional_text(s.train_samples);
    case Setting::validation_samples: return std::to_string(s.validation_samples);
    default: assert(false && "parameters were answered above"); return {};
  }
}

bool matches(const JobSettings& s, Setting setting, const SettingValue& value) {
  if (const auto* law = std::get_if<InitializerValue>(&value)) {
    if (law->initializer.kind != s.initializer.kind) return false;
    if (law->written.empty()) return true;
    const bool mode_written = contains(law->written, Setting::variance_scaling_mode);
    return structured_text(s.initializer.kind, law->initializer, s.activation) ==
               structured_text(s.initializer.kind, s.initializer, s.activation) &&
           (!mode_written || s.mode == law->initializer.mode);
  }
  if (const auto* f = std::get_if<ActivationValue>(&value)) {
    if (f->activation.kind != s.activation.kind) return false;
    return f->written.empty() || structured_text(s.activation.kind, s.initializer, f->activation) ==
                                     structured_text(s.activation.kind, s.initializer, s.activation);
  }
  if (const auto* width = std::get_if<Width>(&value)) return hidden_widths(*width, s.depth()) == s.width;

  if (is_parameter(setting)) {
    if (setting_text(s, setting).empty()) return false;
    Initializer law = s.initializer;
    Activation f = s.activation;
    assign_parameter(law, f, setting, value);
    return parameter_text(law, f, setting) == parameter_text(s.initializer, s.activation, setting);
  }
  return has_plain_value(s, setting, value);
}

}  // namespace initsweep
