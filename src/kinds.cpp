#include "initsweep/kinds.hpp"

namespace initsweep {
namespace {

constexpr KindInfo kInitializers[] = {
    {"zeros", "w = 0", "", ""},
    {"constant", "w = value", "value", ""},
    {"normal", "N(mean, stddev^2)", "mean 0, stddev 1", "the habit before Glorot & Bengio 2010"},
    {"uniform", "U(low, high)", "low -0.05, high 0.05", "Keras RandomUniform"},
    {"truncated_normal", "N(mean, stddev^2) within +-2 stddev, not corrected", "mean 0, stddev 1",
     "Keras TruncatedNormal"},
    {"variance_scaling", "Var w = scale / fan", "scale 1, mode fan_in, distribution truncated_normal, corrected true",
     "Keras VarianceScaling"},
    {"glorot_normal", "N(0, 1 / fan), fan = fan_avg", "", "Glorot & Bengio 2010, eq. 12"},
    {"glorot_uniform", "U(-a, a), a = sqrt(3 / fan), fan = fan_avg", "", "Glorot & Bengio 2010, eq. 16"},
    {"he_normal", "N(0, 2 / fan), fan = fan_in", "", "He et al. 2015, eq. 10"},
    {"he_uniform", "U(-a, a), a = sqrt(6 / fan), fan = fan_in", "", "He et al. 2015, eq. 10"},
    {"lecun_normal", "N(0, 1 / fan), fan = fan_in", "", "LeCun et al. 1998, sec. 4.6"},
    {"lecun_uniform", "U(-a, a), a = sqrt(3 / fan), fan = fan_in", "", "LeCun et al. 1998, sec. 4.6"},
    {"orthogonal", "W W^T = gain^2 I or W^T W = gain^2 I", "gain 1", "Saxe et al. 2014"},
    {"identity", "w(i, j) = 1 if i = j, else 0", "", "Le et al. 2015"},
    {"lsuv", "orthonormal, then scaled layer by layer until Var z = 1 on a batch", "", "Mishkin & Matas 2016"},
    {"glorot2010_standard", "U(-a, a), a = 1 / sqrt(fan_in)", "", "Glorot & Bengio 2010, eq. 1"},
    {"torch_default", "U(-a, a), a = 1 / sqrt(fan_in), biases too", "", "PyTorch nn.Linear"},
    {"by_activation", "Var w = scale / fan, fan = fan_avg; scale 1 for sigmoid, 16 for tanh, 2 for relu and its kind",
     "distribution normal", "Geron 2017, table 11-1"},
    {"mean_field", "Var w = weight_variance / fan, Var b = bias_variance", "weight_variance, bias_variance",
     "Poole et al. 2016"},
    {"edge_of_chaos", "mean_field at the variances with fixed point q and chi_1 = 1", "q",
     "Schoenholz et al. 2017; Hayou et al. 2019"},
};

constexpr KindInfo kFanModes[] = {
    {"fan_in", "inputs of the layer", "", "keeps Var z level forward"},
    {"fan_avg", "(fan_in + fan_out) / 2", "", "Glorot & Bengio 2010, eq. 12"},
    {"fan_out", "units of the layer", "", "keeps Var delta level backward"},
};

constexpr KindInfo kDistributions[] = {
    {"normal", "untruncated", "", ""},
    {"truncated_normal", "cut at 2 standard deviations", "", ""},
    {"uniform", "symmetric about 0", "", ""},
};

constexpr KindInfo kActivations[] = {
    {"linear", "z", "", ""},
    {"sigmoid", "1 / (1 + e^-z)", "", ""},
    {"hard_sigmoid", "min(1, max(0, z / 6 + 1/2))", "", "Keras 3, PyTorch"},
    {"tanh", "tanh z", "", "LeCun et al. 1998, sec. 4.4"},
    {"hard_tanh", "min(1, max(-1, z))", "", "Collobert 2004"},
    {"softsign", "z / (1 + |z|)", "", "Bergstra et al. 2009"},
    {"softplus", "ln(1 + e^z)", "", "Dugas et al. 2001"},
    {"relu", "max(0, z)", "", "Nair & Hinton 2010"},
    {"leaky_relu", "z if z > 0, else slope z", "slope 0.01", "Maas et al. 2013"},
    {"elu", "z if z > 0, else alpha (e^z - 1)", "alpha 1", "Clevert et al. 2016"},
    {"selu", "1.0507 elu(z) with alpha 1.6733", "", "Klambauer et al. 2017"},
    {"gelu", "z Phi(z)", "", "Hendrycks & Gimpel 2016"},
    {"gelu_tanh", "z (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))) / 2", "", "Hendrycks & Gimpel 2016"},
    {"silu", "z / (1 + e^-z)", "", "Elfwing et al. 2018"},
    {"mish", "z tanh(ln(1 + e^z))", "", "Misra 2020"},
    {"erf", "erf z", "", "Poole et al. 2016"},
};

constexpr KindInfo kOptimizers[] = {
    {"sgd", "w -= lr g", "learning_rate", "Robbins & Monro 1951"},
    {"momentum", "v = mu v + g; w -= lr v", "learning_rate, momentum", "Polyak 1964, as PyTorch"},
    {"nesterov", "v = mu v + g; w -= lr (g + mu v)", "learning_rate, momentum", "Sutskever et al. 2013, as PyTorch"},
    {"rmsprop", "s = rho s + (1 - rho) g^2; w -= lr g / (sqrt s + epsilon)", "learning_rate, rho, epsilon",
     "Tieleman & Hinton 2012, as PyTorch"},
    {"adam", "bias-corrected mean over root of mean square", "learning_rate, beta1, beta2, epsilon",
     "Kingma & Ba 2015, as PyTorch"},
};

constexpr KindInfo kLosses[] = {
    {"softmax_cross_entropy", "-ln softmax(z)[label]", "", ""},
    {"sigmoid_cross_entropy", "binary cross entropy against one-hot labels, summed over outputs", "", "Nielsen 2015"},
};

constexpr KindInfo kInputScalings[] = {
    {"unit", "byte / 255", "", ""},
    {"standardize", "(byte - mean) / std of the pixel over the training samples; std 0 counts as 1", "", ""},
    {"affine", "(byte - subtract) / divide", "subtract, divide", ""},
};

constexpr KindInfo kTensors[] = {
    {"weight", "W", "", ""},
    {"preactivation", "z = W a + b", "", ""},
    {"activation", "a = f(z)", "", ""},
    {"delta", "d(loss of a sample) / dz", "", "Glorot & Bengio 2010, sec. 4.2"},
    {"weight_gradient", "d(mean loss) / dW", "", ""},
    {"bias_gradient", "d(mean loss) / db", "", ""},
};

constexpr KindInfo kStatuses[] = {
    {"ok", "ran to its end", "", ""},
    {"diverged", "a loss was not finite", "", ""},
    {"failed", "an error ended it", "", ""},
    {"timeout", "limits.job_timeout ended it", "", ""},
};

struct Spelling {
  std::string_view torch, keras;
};
constexpr Spelling kTorchSpellings[] = {
    {"kaiming_normal", "he_normal"},
    {"kaiming_normal_", "he_normal"},
    {"kaiming_uniform", "he_uniform"},
    {"kaiming_uniform_", "he_uniform"},
    {"xavier_normal", "glorot_normal"},
    {"xavier_normal_", "glorot_normal"},
    {"xavier_uniform", "glorot_uniform"},
    {"xavier_uniform_", "glorot_uniform"},
    {"normal_", "normal"},
    {"uniform_", "uniform"},
    {"trunc_normal_", "truncated_normal"},
    {"constant_", "constant"},
    {"zeros_", "zeros"},
    {"eye_", "identity"},
    {"orthogonal_", "orthogonal"},
    {"ReLU", "relu"},
    {"Tanh", "tanh"},
    {"Sigmoid", "sigmoid"},
    {"logistic", "sigmoid"},
    {"LeakyReLU", "leaky_relu"},
    {"ELU", "elu"},
    {"SELU", "selu"},
    {"GELU", "gelu"},
    {"SiLU", "silu"},
    {"swish", "silu"},
    {"Mish", "mish"},
    {"Hardtanh", "hard_tanh"},
    {"hardtanh", "hard_tanh"},
    {"Hardsigmoid", "hard_sigmoid"},
    {"hardsigmoid", "hard_sigmoid"},
    {"Softplus", "softplus"},
    {"Softsign", "softsign"},
    {"Identity", "linear"},
    {"SGD", "sgd"},
    {"Adam", "adam"},
    {"RMSprop", "rmsprop"},
    {"CrossEntropyLoss", "softmax_cross_entropy"},
    {"cross_entropy", "softmax_cross_entropy"},
    {"BCEWithLogitsLoss", "sigmoid_cross_entropy"},
    {"lr", "learning_rate"},
    {"nonlinearity", "activation"},
};

}  // namespace

template <>
std::span<const KindInfo> kind_table<InitializerKind>() {
  return kInitializers;
}
template <>
std::span<const KindInfo> kind_table<FanMode>() {
  return kFanModes;
}
template <>
std::span<const KindInfo> kind_table<Distribution>() {
  return kDistributions;
}
template <>
std::span<const KindInfo> kind_table<ActivationKind>() {
  return kActivations;
}
template <>
std::span<const KindInfo> kind_table<OptimizerKind>() {
  return kOptimizers;
}
template <>
std::span<const KindInfo> kind_table<LossKind>() {
  return kLosses;
}
template <>
std::span<const KindInfo> kind_table<InputScalingKind>() {
  return kInputScalings;
}
template <>
std::span<const KindInfo> kind_table<TensorKind>() {
  return kTensors;
}
template <>
std::span<const KindInfo> kind_table<JobStatus>() {
  return kStatuses;
}

std::optional<std::string_view> keras_name_of(std::string_view torch_name) {
  for (const Spelling& spelling : kTorchSpellings)
    if (spelling.torch == torch_name) return spelling.keras;
  return std::nullopt;
}

}  // namespace initsweep
