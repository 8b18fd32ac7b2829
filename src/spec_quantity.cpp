#include "spec_quantity.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

#include "metric.hpp"

namespace initsweep {
namespace {

using Kind = YamlNode::Kind;
using At = Expectation::At;

template <class Metric>
void append_names(std::vector<std::string_view>& names, std::span<const Metric> metrics) {
  for (const Metric& metric : metrics)
    if (std::find(names.begin(), names.end(), metric.name) == names.end()) names.push_back(metric.name);
}

bool is_number_of_one_layer(const Expectation& claim) {
  return !claim.layer_from && !claim.layer.empty() && claim.layer != "hidden" && claim.layer != "all";
}

class QuantityReader {
 public:
  QuantityReader(const Fields& fields, const SweepSpec& spec, bool spec_is_sound, Problems& problems,
                 Expectation& claim)
      : fields_(fields), spec_(spec), spec_is_sound_(spec_is_sound), problems_(problems), claim_(claim) {}

  void read() {
    const YamlNode* metric = fields_.require("metric");
    if (metric != nullptr) read_metric(*metric);
    if (claim_.metric.empty()) return;
    if (is_layer_metric(claim_.metric)) {
      if (const YamlNode* at = fields_.find("at")) read_at_of_layers(*at);
      if (const YamlNode* layer = fields_.find("layer")) read_layer(*layer);
      if (const YamlNode* across = fields_.find("across")) read_across(*across);
      return;
    }
    if (find_epoch_metric(claim_.metric) == nullptr)
      forbid(fields_, "at", "it goes with a loss, an accuracy or a metric of layers.csv", problems_);
    else
      read_at_of_epochs(*metric);
    for (const std::string_view key : {"layer", "across"})
      forbid(fields_, key, "it goes with a metric of layers.csv", problems_);
  }

 private:
  void read_metric(const YamlNode& node) {
    const std::optional<std::string> metric = read_text(node, "metric", problems_);
    if (!metric) return;
    if (!is_layer_metric(*metric)) {
      if (find_job_metric(*metric) != nullptr || find_epoch_metric(*metric) != nullptr) {
        claim_.metric = *metric;
        return;
      }
      std::vector<std::string_view> expected = {"layers.<tensor>.<statistic>"};
      append_names(expected, job_metrics());
      append_names(expected, epoch_metrics());
      return report_unknown(node.where, "unknown metric " + quoted(*metric), *metric, expected, problems_);
    }
    const std::string_view rest = std::string_view(*metric).substr(kLayerMetricPrefix.size());
    const std::string_view tensor = rest.substr(0, rest.find('.'));
    const std::string_view name = tensor.size() < rest.size() ? rest.substr(tensor.size() + 1) : std::string_view();
    if (!parse_kind<TensorKind>(tensor))
      return report_unknown(node.where, "unknown tensor " + quoted(tensor) + " in " + quoted(*metric), tensor,
                            names_of<TensorKind>(), problems_);
    const LayerMetric* statistic = find_layer_metric(name);
    if (statistic == nullptr) {
      const std::string what = name.empty() ? "no statistic" : "unknown statistic " + quoted(name);
      std::vector<std::string_view> expected;
      append_names(expected, layer_metrics());
      return report_unknown(node.where, what + " in " + quoted(*metric), name, expected, problems_);
    }
    const auto& of = statistic->tensors;
    if (!of[0].empty() && of[0] != tensor && of[1] != tensor) {
      problems_.error(node.where, std::string(name) + " is no statistic of " + std::string(tensor) + ", but of " +
                                      std::string(of[0]) + (of[1].empty() ? "" : " and " + std::string(of[1])));
      return;
    }
    claim_.metric = *metric;
  }

  void read_at(const YamlNode& node) {
    static constexpr std::array<std::string_view, 2> kWhen = {"start", "end"};
    static constexpr std::string_view kEpoch = "epoch ";
    if (node.kind == Kind::scalar && node.text.starts_with(kEpoch)) {
      YamlNode number = node;
      number.text = node.text.substr(kEpoch.size());
      claim_.at = At::epoch;
      claim_.epoch = read_integer(number, {"epoch", 0, 1e9}, problems_).value_or(0);
    } else if (const std::optional<std::string> at = read_word(node, "value of at", kWhen, problems_, "epoch N")) {
      claim_.at = *at == kWhen[0] ? At::start : At::end;
    }
  }

  void read_at_of_layers(const YamlNode& node) {
    read_at(node);
    const bool after_start = claim_.at == At::end || (claim_.at == At::epoch && claim_.epoch > 0);
    if (after_start && spec_.record.every == RecordOptions::Every::never)
      problems_.error(node.where, "record.layers.every is never, so layers are seen at the start only");
  }

  void read_at_of_epochs(const YamlNode& metric) {
    const bool is_validation = claim_.metric.starts_with("validation_");
    const std::size_t n_before = problems_.count();
    if (const YamlNode* at = fields_.find("at")) {
      read_at(*at);
      const bool is_start = claim_.at == At::start || (claim_.at == At::epoch && claim_.epoch == 0);
      if (problems_.count() == n_before && is_start && claim_.metric.starts_with("train_"))
        problems_.error(at->where,
                        claim_.metric + " is a mean over the steps of an epoch, of which epoch 1 is the first");
    } else if (is_validation) {
      problems_.error(metric.where, claim_.metric + " is a number of an epoch; say which",
                      {"write at: end, or at: epoch N"});
    }
    if (is_validation && spec_is_sound_ && !has_validation_samples(spec_))
      problems_.error(metric.where, claim_.metric + " needs validation_samples",
                      {"write validation_samples: 5000 under settings"});
  }

  void read_layer(const YamlNode& node) {
    static constexpr std::array<std::string_view, 4> kNames = {"hidden", "all", "first", "last"};
    if (node.kind == Kind::map) return read_layers(node);
    const bool is_number = node.is_plain && node.text.find_first_not_of("0123456789.-+") == std::string::npos;
    if (!is_number) {
      claim_.layer = read_word(node, "layer", kNames, problems_, "a number or {from: N, to: M}").value_or("");
      return;
    }
    const std::optional<std::int64_t> layer = read_integer(node, {"layer", 0, kMaxDepth + 1}, problems_);
    if (!layer) return;
    claim_.layer = std::to_string(*layer);
    if (*layer == 0 && !claim_.metric.starts_with("layers.activation."))
      problems_.error(node.where, "layer 0 is the input, of which there is only the tensor activation");
  }

  void read_layers(const YamlNode& node) {
    static constexpr std::array<std::string_view, 2> kEnds = {"from", "to"};
    const Fields ends(node, "layer", kEnds, problems_);
    const auto read_end = [&](const YamlNode* end, std::string_view name) -> std::optional<int> {
      if (end == nullptr) return std::nullopt;
      const auto layer = read_integer(*end, {std::string(name), 1, kMaxDepth}, problems_);
      return layer ? std::optional<int>(static_cast<int>(*layer)) : std::nullopt;
    };
    claim_.layer_from = read_end(ends.require("from"), "from");
    claim_.layer_to = read_end(ends.find("to"), "to");
    if (claim_.layer_from && claim_.layer_to && *claim_.layer_from > *claim_.layer_to)
      problems_.error(ends.find("to")->where, "to must be at least from, which is " +
                                                  std::to_string(*claim_.layer_from) + ", got " +
                                                  std::to_string(*claim_.layer_to));
  }

  void read_across(const YamlNode& node) {
    static constexpr std::array<std::string_view, 2> kNumbers = {"slope", "spread"};
    const std::optional<std::string> across = read_word(node, "value of across", kNumbers, problems_);
    if (!across) return;
    claim_.across = *across == kNumbers[0] ? Expectation::Across::slope : Expectation::Across::spread;
    if (is_number_of_one_layer(claim_) || (claim_.layer_from && claim_.layer_from == claim_.layer_to))
      problems_.error(fields_.find("layer")->where, "across needs several layers, and this is one");
  }

  const Fields& fields_;
  const SweepSpec& spec_;
  bool spec_is_sound_;
  Problems& problems_;
  Expectation& claim_;
};

}  // namespace

void read_quantity(const Fields& fields, const SweepSpec& spec, bool spec_is_sound, Problems& problems,
                   Expectation& claim) {
  QuantityReader(fields, spec, spec_is_sound, problems, claim).read();
}

bool is_one_number(const Expectation& claim) {
  return !is_layer_metric(claim.metric) || claim.across != Expectation::Across::none || is_number_of_one_layer(claim);
}

bool has_validation_samples(const SweepSpec& spec) {
  const auto holds_some = [](const std::vector<Assignment>& assignments) {
    return std::any_of(assignments.begin(), assignments.end(), [](const Assignment& a) {
      return a.setting == Setting::validation_samples && std::get<std::int64_t>(a.value) > 0;
    });
  };
  for (const Block& block : spec.blocks)
    for (const Axis& axis : block)
      if (std::any_of(axis.values.begin(), axis.values.end(), holds_some)) return true;
  return holds_some(spec.settings) || std::any_of(spec.include.begin(), spec.include.end(), holds_some);
}

void forbid(const Fields& fields, std::string_view key, std::string_view why, Problems& problems) {
  if (const YamlNode* present = fields.find_key(key))
    problems.error(present->where, quoted(key) + " has no place here; " + std::string(why));
}

}  // namespace initsweep
