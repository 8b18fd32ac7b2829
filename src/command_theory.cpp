// What mean-field theory says of activations and variances, a row for each combination.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "commands.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/initializer.hpp"
#include "initsweep/number.hpp"
#include "initsweep/settings.hpp"
#include "initsweep/spec.hpp"
#include "initsweep/theory.hpp"
#include "weight_variance.hpp"

namespace initsweep {
namespace {

constexpr std::string_view kLegend =
    R"(q: variance that preactivations run into; chi1: factor of the gradient's mean square a layer; c: correlation that
two inputs run into; xi_c, xi_q: layers in which c and q come a factor e nearer; slope: decades a layer toward the
input, negative is vanishing; trainable_depth: 6 xi_c, of plain gradient descent; -: there is none
)";

constexpr int kDefaultWidth = 300;

// The parts between commas that are in no brackets of their own: "tanh,{elu: {alpha: 2}}" has two.
std::vector<std::string> items(const std::vector<std::string>& lists) {
  std::vector<std::string> parts;
  for (const std::string& list : lists) {
    parts.emplace_back();
    int depth = 0;
    for (const char c : list) {
      if (c == '{' || c == '[' || c == '(') ++depth;
      if (c == '}' || c == ']' || c == ')') --depth;
      if (c == ',' && depth == 0)
        parts.emplace_back();
      else if (c != ' ' || !parts.back().empty())
        parts.back() += c;
    }
  }
  return parts;
}

std::vector<double> numbers(const char* option, const std::vector<std::string>& lists, bool may_be_zero) {
  std::vector<double> values;
  for (const std::string& item : items(lists)) {
    const std::optional<double> value = parse_float(item);
    if (!value || *value > kMaxVariance || !(may_be_zero ? *value >= 0 : *value > 0))
      throw UsageError(std::string(option) + " takes " + (may_be_zero ? "numbers from 0" : "numbers above 0") +
                       " to 1e300, got '" + printable(item) + "'");
    values.push_back(*value);
  }
  return values;
}

int width_of(const std::string& text) {
  if (text.empty()) return kDefaultWidth;
  const std::optional<std::int64_t> width = parse_integer(text);
  if (!width || *width < 1 || *width > kMaxWidth)
    throw UsageError("--width takes a whole number from 1 to " + std::to_string(kMaxWidth) + ", got '" +
                     printable(text) + "'");
  return static_cast<int>(*width);
}

// Exactly one of the three ways to say the variances.
void check_choice(const TheoryArguments& arguments) {
  const int n_ways = static_cast<int>(!arguments.weight_variances.empty()) + static_cast<int>(!arguments.qs.empty()) +
                     static_cast<int>(!arguments.initializers.empty());
  if (n_ways != 1)
    throw UsageError(std::string("theory needs one of --weight-variance, --q and --initializer, got ") +
                     (n_ways == 0 ? "none" : "more"));
  if (!arguments.bias_variances.empty() && arguments.weight_variances.empty())
    throw UsageError("--bias-variance goes with --weight-variance; --q and --initializer have their own");
  if (!arguments.width.empty() && arguments.initializers.empty())
    throw UsageError("--width goes with --initializer: without it no variance depends on a width");
}

struct Variances {
  double of_weights = 0, of_biases = 0;  // the former times fan_in
};

// As resolving a sweep's settings has it, which may add parameters from elsewhere.
void check_is_complete(const InitializerValue& value) {
  for (const Setting parameter : parameters_of(value.initializer.kind)) {
    const SettingInfo& info = setting_info(parameter);
    const bool is_written = std::find(value.written.begin(), value.written.end(), parameter) != value.written.end();
    if (info.default_text.empty() && !is_written)
      throw UsageError("--initializer: " + std::string(to_text(value.initializer.kind)) + " needs " +
                       std::string(info.name) + ", which has no default");
  }
}

// Of one initializer in square layers.
Variances variances_of(const Initializer& initializer, const std::string& name, const Activation& f, int width) {
  const CanonicalInitializer law = canonical(initializer, std::nullopt, f);
  const std::optional<double> variance = weight_variance(law.initializer, {.fan_in = width, .fan_out = width});
  if (!variance)
    throw UsageError("--initializer " + printable(name) +
                     ": mean-field theory needs weights that are random, independent and of mean 0");
  const Variances variances{width * *variance, bias_variance(law, *variance, /*bias_stddev=*/0)};
  if (variances.of_weights > kMaxVariance || variances.of_biases > kMaxVariance)
    throw UsageError("--initializer " + printable(name) + ": variances go up to 1e300 here");
  return variances;
}

class TheoryTable {
 public:
  TheoryTable(bool has_initializers, TableFormat format)
      : has_initializers_(has_initializers), is_for_people_(format == TableFormat::table) {
    table_.columns.push_back({"activation", ColumnType::text, ""});
    if (has_initializers) table_.columns.push_back({"initializer", ColumnType::text, ""});
    for (const char* name : {"weight_variance", "bias_variance", "q", "chi1", "c", "xi_c", "xi_q"})
      table_.columns.push_back({name, ColumnType::number, ""});
    table_.columns.push_back({"phase", ColumnType::text, ""});
    for (const char* name : {"slope", "trainable_depth"}) table_.columns.push_back({name, ColumnType::number, ""});
  }

  // `what` has the activation and the initializer; layers go on from `q`.
  void add(const JobSettings& what, Variances variances, double q = 1) {
    const MeanField net = mean_field(what.activation, variances.of_weights, variances.of_biases, q);
    std::vector<std::string>& row = table_.rows.emplace_back();
    row.push_back(setting_text(what, Setting::activation));
    if (has_initializers_) row.push_back(setting_text(what, Setting::initializer));
    for (const double x : {variances.of_weights, variances.of_biases, net.q, net.chi1, net.c, net.xi_c, net.xi_q})
      row.push_back(text(x));
    const bool is_critical = std::isinf(net.xi_c);
    row.emplace_back(is_critical ? "critical" : net.chi1 > 1 ? "chaotic" : "ordered");
    // Decades a layer that the rms of delta gains toward the input.
    row.push_back(text(is_critical ? 0 : std::log10(net.chi1) / 2));
    row.push_back(text(kTrainableDepthScales * net.xi_c));
  }

  [[nodiscard]] const Table& table() const { return table_; }

 private:
  [[nodiscard]] std::string text(double x) const {
    if (!is_for_people_) return float_text(x);
    if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
    return std::isnan(x) ? "" : brief_text(x);
  }

  Table table_;
  bool has_initializers_, is_for_people_;
};

}  // namespace

int theory_command(const TheoryArguments& arguments, Session& session) {
  check_choice(arguments);
  const std::vector<double> weight_variances = numbers("--weight-variance", arguments.weight_variances, true);
  std::vector<double> bias_variances = numbers("--bias-variance", arguments.bias_variances, true);
  if (bias_variances.empty()) bias_variances.push_back(0);
  const std::vector<double> qs = numbers("--q", arguments.qs, false);
  const int width = width_of(arguments.width);
  std::vector<std::pair<std::string, Initializer>> initializers;
  for (const std::string& name : items(arguments.initializers)) {
    const SettingValue value = parse_setting_value(Setting::initializer, name, "--initializer");
    check_is_complete(std::get<InitializerValue>(value));
    initializers.emplace_back(name, std::get<InitializerValue>(value).initializer);
  }

  TheoryTable table(!initializers.empty(), session.format);
  for (const std::string& name : items(arguments.activations)) {
    JobSettings what;
    what.activation =
        std::get<ActivationValue>(parse_setting_value(Setting::activation, name, "--activation")).activation;
    for (const double weight_variance : weight_variances)
      for (const double bias_variance : bias_variances) table.add(what, {weight_variance, bias_variance});
    try {
      for (const double q : qs) {
        const CriticalPoint point = edge_of_chaos(what.activation, q);
        table.add(what, {point.weight_variance, point.bias_variance}, q);
      }
      for (const auto& [text, initializer] : initializers) {
        what.initializer = initializer;
        table.add(what, variances_of(initializer, text, what.activation, width));
      }
    } catch (const std::domain_error& error) {  // no such law for this activation
      throw UsageError(error.what());
    }
  }
  session.console.answer(format(table.table(), session.format));
  if (session.format == TableFormat::table) session.console.answer(std::string(kLegend));
  return kExitDone;
}

}  // namespace initsweep
