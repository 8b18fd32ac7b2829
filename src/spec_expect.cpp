#include "spec_expect.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "metric.hpp"
#include "spec_node.hpp"
#include "spec_values.hpp"

namespace initsweep {
namespace {

using Kind = YamlNode::Kind;
using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 19> kKeys = {
    "id",     "claim", "metric", "where", "higher", "than", "by",         "at_least",  "at_most", "between",
    "equals", "rtol",  "atol",   "at",    "layer",  "over", "confidence", "best_over", "status"};
constexpr std::size_t kMaxClaims = 1'000;
constexpr std::string_view kWhatItClaims = "higher and than, at_least, at_most, between, equals, or status";

template <class Metric>
std::vector<std::string_view> names(std::span<const Metric> metrics) {
  std::vector<std::string_view> names;
  for (const Metric& metric : metrics) names.push_back(metric.name);
  return names;
}

// Whether any cell may hold samples back for validation.
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

bool is_axis(const SweepSpec& spec, Setting setting) {
  for (const Block& block : spec.blocks)
    for (const Axis& axis : block)
      if (std::find(axis.settings.begin(), axis.settings.end(), setting) != axis.settings.end()) return true;
  return false;
}

std::string hint_of_key(std::string_view key) {
  return parse_setting(key) ? quoted(key) + " is a setting; settings stand in `where`" : "";
}

// One entry of `expect`.
class ClaimReader {
 public:
  ClaimReader(const YamlNode& node, const SweepSpec& spec, bool spec_is_sound, Problems& problems)
      : node_(node),
        spec_(spec),
        spec_is_sound_(spec_is_sound),
        problems_(problems),
        fields_(node, "an expectation", kKeys, problems, hint_of_key) {}

  Expectation read(std::string id) {
    claim_.id = std::move(id);
    claim_.location = node_.where;
    if (!fields_.is_map()) return claim_;
    if (const YamlNode* given = fields_.find("id")) read_id(*given);
    if (const YamlNode* text = fields_.require("claim"))
      claim_.claim = read_text(*text, "claim", problems_).value_or("");
    read_where();
    if (const YamlNode* status = fields_.find("status"))
      read_status(*status);
    else
      read_measured();
    return std::move(claim_);
  }

 private:
  void read_id(const YamlNode& node) {
    const std::optional<std::string> id = read_text(node, "id", problems_);
    if (!id) return;
    const auto is_fit = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.'; };
    const bool starts_with_letter = !id->empty() && std::isalpha(static_cast<unsigned char>(id->front())) != 0;
    if (!starts_with_letter || !std::all_of(id->begin(), id->end(), is_fit))
      problems_.error(node.where, "id must be a letter, then letters, digits, '_', '-' or '.', got " + quoted(*id));
    claim_.id = *id;
  }

  void read_where() {
    claim_.where.where = node_.where;
    if (const YamlNode* where = fields_.find("where"))
      if (std::optional<Pattern> pattern = read_pattern(*where, "where", problems_)) claim_.where = std::move(*pattern);
  }

  void read_status(const YamlNode& node) {
    static constexpr std::array<std::string_view, 2> kStatuses = {"ok", "diverged"};
    claim_.status = read_word(node, "status", kStatuses, problems_);
    for (const std::string_view key : kKeys)
      if (key != "id" && key != "claim" && key != "where" && key != "status") forbid(key, "status speaks for itself");
  }

  // A claim about a number.
  void read_measured() {
    if (const YamlNode* metric = fields_.require("metric")) read_metric(*metric);
    read_claim();
    static constexpr std::array<std::string_view, 2> kOver = {"mean", "every_seed"};
    if (const YamlNode* over = fields_.find("over"))
      if (read_word(*over, "value of over", kOver, problems_) == kOver[1]) claim_.over = Expectation::Over::every_seed;
    if (const YamlNode* confidence = fields_.find("confidence"))
      claim_.confidence =
          read_number(*confidence, {"confidence", 0.5, 1 - 1e-12, true}, problems_).value_or(claim_.confidence);
    if (claim_.over == Expectation::Over::every_seed) forbid("confidence", "the worst seed decides, not a bound");
    if (const YamlNode* best_over = fields_.find("best_over")) read_best_over(*best_over);
    if (claim_.metric.starts_with("layers.")) {
      if (const YamlNode* at = fields_.find("at")) read_at(*at);
      if (const YamlNode* layer = fields_.find("layer")) read_layer(*layer);
    } else if (!claim_.metric.empty()) {
      for (const std::string_view key : {"at", "layer"}) forbid(key, "it goes with a metric of layers.csv");
    }
  }

  void read_metric(const YamlNode& node) {
    const std::optional<std::string> metric = read_text(node, "metric", problems_);
    if (!metric) return;
    if (!metric->starts_with("layers.")) {
      if (find_job_metric(*metric) != nullptr) {
        claim_.metric = *metric;
        return;
      }
      std::vector<std::string_view> expected = names(job_metrics());
      expected.emplace_back("layers.<tensor>.<statistic>");
      return report_unknown(node.where, "unknown metric " + quoted(*metric), *metric, expected, problems_);
    }
    const std::string_view rest = std::string_view(*metric).substr(std::string_view("layers.").size());
    const std::string_view tensor = rest.substr(0, rest.find('.'));
    const std::string_view name = tensor.size() < rest.size() ? rest.substr(tensor.size() + 1) : std::string_view();
    if (!parse_kind<TensorKind>(tensor))
      return report_unknown(node.where, "unknown tensor " + quoted(tensor) + " in " + quoted(*metric), tensor,
                            names_of<TensorKind>(), problems_);
    const LayerMetric* statistic = find_layer_metric(name);
    if (statistic == nullptr) {
      const std::string what = name.empty() ? "no statistic" : "unknown statistic " + quoted(name);
      return report_unknown(node.where, what + " in " + quoted(*metric), name, names(layer_metrics()), problems_);
    }
    const auto& of = statistic->tensors;
    if (!of[0].empty() && of[0] != tensor && of[1] != tensor) {
      problems_.error(node.where, std::string(name) + " is no statistic of " + std::string(tensor) + ", but of " +
                                      std::string(of[0]) + (of[1].empty() ? "" : " and " + std::string(of[1])));
      return;
    }
    claim_.metric = *metric;
  }

  // What is claimed: exactly one thing.
  void read_claim() {
    static constexpr std::array<std::pair<std::string_view, Expectation::Bound>, 4> kBounds = {
        {{"at_least", Expectation::Bound::at_least},
         {"at_most", Expectation::Bound::at_most},
         {"between", Expectation::Bound::between},
         {"equals", Expectation::Bound::equals}}};
    const bool compares = fields_.find("higher") != nullptr || fields_.find("than") != nullptr;
    int n_claims = compares ? 1 : 0;
    for (const auto& [key, bound] : kBounds) {
      const YamlNode* node = fields_.find(key);
      if (node == nullptr) continue;
      if (++n_claims == 2)
        problems_.error(fields_.find_key(key)->where, "an expectation makes one claim: " + std::string(kWhatItClaims));
      claim_.bound = bound;
      read_bound(*node, key);
    }
    if (n_claims == 0)
      problems_.error(node_.where, "this expectation claims nothing; it needs " + std::string(kWhatItClaims));
    if (compares)
      read_comparison();
    else
      forbid("by", "it is the margin of higher and than");
    for (const auto& [key, tolerance] : {std::pair("rtol", &claim_.rtol), std::pair("atol", &claim_.atol)}) {
      if (claim_.bound != Expectation::Bound::equals)
        forbid(key, "it is a tolerance of equals");
      else if (const YamlNode* node = fields_.find(key))
        *tolerance = read_number(*node, {key, 0}, problems_).value_or(0);
    }
  }

  void read_bound(const YamlNode& node, std::string_view key) {
    const std::string name(key);
    if (claim_.bound != Expectation::Bound::between) {
      const double value = read_number(node, {name}, problems_).value_or(0);
      (claim_.bound == Expectation::Bound::at_most ? claim_.high : claim_.low) = value;
      return;
    }
    if (node.kind != Kind::sequence || node.children.size() != 2) {
      problems_.error(node.where, "between must be a list of two numbers, such as [0.9, 1]");
      return;
    }
    claim_.low = read_number(node.children[0], {name}, problems_).value_or(0);
    claim_.high = read_number(node.children[1], {name}, problems_).value_or(claim_.low);
    if (claim_.low > claim_.high) problems_.error(node.where, "between has its larger number first");
  }

  void read_comparison() {
    for (const auto& [key, side] : {std::pair("higher", &claim_.higher), std::pair("than", &claim_.than)}) {
      const YamlNode* node = fields_.require(key);
      if (node == nullptr) continue;
      *side = read_pattern(*node, key, problems_);
      if (*side && (*side)->settings.empty())
        problems_.error(node->where, std::string(key) + " must name a setting, such as {initializer: he_normal}");
    }
    if (claim_.higher && claim_.than && are_same(claim_.higher->settings, claim_.than->settings))
      problems_.error(claim_.than->where, "higher and than are the same cells");
    if (const YamlNode* by = fields_.find("by")) claim_.by = read_number(*by, {"by"}, problems_).value_or(0);
  }

  static bool are_same(const std::vector<Assignment>& a, const std::vector<Assignment>& b) {
    return !a.empty() &&
           std::is_permutation(a.begin(), a.end(), b.begin(), b.end(), [](const Assignment& x, const Assignment& y) {
             return x.setting == y.setting && x.value == y.value;
           });
  }

  void read_best_over(const YamlNode& node) {
    if (!read_text(node, "best_over", problems_)) return;
    claim_.best_over = read_setting_name(node, problems_);
    if (!claim_.best_over || !spec_is_sound_) return;
    if (!is_axis(spec_, *claim_.best_over))
      problems_.error(node.where, "best_over names " + quoted(node.text) + ", which is no axis of the grid");
    if (!has_validation_samples(spec_))
      problems_.error(node.where, "best_over chooses on validation accuracy, which needs validation_samples",
                      {"write validation_samples: 5000 under settings"});
  }

  void read_at(const YamlNode& node) {
    static constexpr std::array<std::string_view, 2> kWhen = {"start", "end"};
    static constexpr std::string_view kEpoch = "epoch ";
    if (node.kind == Kind::scalar && node.text.starts_with(kEpoch)) {
      YamlNode number = node;
      number.text = node.text.substr(kEpoch.size());
      claim_.at = Expectation::At::epoch;
      claim_.epoch = read_integer(number, {"epoch", 0, 1e9}, problems_).value_or(0);
    } else if (const std::optional<std::string> at = read_word(node, "value of at", kWhen, problems_, "epoch N")) {
      claim_.at = *at == kWhen[0] ? Expectation::At::start : Expectation::At::end;
    }
    const bool after_start =
        claim_.at == Expectation::At::end || (claim_.at == Expectation::At::epoch && claim_.epoch > 0);
    if (after_start && spec_.record.every == RecordOptions::Every::never)
      problems_.error(node.where, "record.layers.every is never, so layers are seen at the start only");
  }

  void read_layer(const YamlNode& node) {
    static constexpr std::array<std::string_view, 4> kLayers = {"hidden", "all", "first", "last"};
    const bool is_number = node.is_plain && node.text.find_first_not_of("0123456789.-+") == std::string::npos;
    if (!is_number) {
      claim_.layer = read_word(node, "layer", kLayers, problems_, "a number").value_or("");
      return;
    }
    const std::optional<std::int64_t> layer = read_integer(node, {"layer", 0, kMaxDepth + 1}, problems_);
    if (!layer) return;
    claim_.layer = std::to_string(*layer);
    if (*layer == 0 && !claim_.metric.starts_with("layers.activation."))
      problems_.error(node.where, "layer 0 is the input, of which there is only the tensor activation");
  }

  void forbid(std::string_view key, std::string_view why) {
    if (const YamlNode* present = fields_.find_key(key))
      problems_.error(present->where, quoted(key) + " has no place here; " + std::string(why));
  }

  const YamlNode& node_;
  const SweepSpec& spec_;
  bool spec_is_sound_;  // else what seems to be missing in it may only be wrong
  Problems& problems_;
  Fields fields_;
  Expectation claim_;
};

}  // namespace

std::vector<Expectation> read_expectations(const YamlNode& node, const SweepSpec& spec, Problems& problems) {
  std::vector<Expectation> claims;
  if (node.kind != Kind::sequence) {
    problems.error(node.where, "expect must be a list of claims, " + found(node));
    return claims;
  }
  if (node.children.size() > kMaxClaims) {
    problems.error(node.where, "expect has " + std::to_string(node.children.size()) + " claims; at most " +
                                   std::to_string(kMaxClaims) + " are checked");
    return claims;
  }
  const bool spec_is_sound = problems.count() == 0;
  std::unordered_map<std::string, SourceLocation> first_ones;
  for (const YamlNode& child : node.children) {
    Expectation claim = ClaimReader(child, spec, spec_is_sound, problems).read("e" + std::to_string(claims.size() + 1));
    const auto [first, is_new] = first_ones.try_emplace(claim.id, claim.location);
    if (!is_new)
      problems.error(child.where, "two expectations have the id " + quoted(claim.id) + first_at_line(first->second));
    claims.push_back(std::move(claim));
  }
  return claims;
}

}  // namespace initsweep
