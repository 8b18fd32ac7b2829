#include "spec_expect.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "initsweep/number.hpp"
#include "initsweep/stats.hpp"
#include "spec_node.hpp"
#include "spec_quantity.hpp"
#include "spec_values.hpp"

namespace initsweep {
namespace {

using Kind = YamlNode::Kind;
using Bound = Expectation::Bound;

constexpr std::array<std::string_view, 22> kKeys = {
    "id",      "claim",   "metric",     "where",     "higher",    "than",  "by", "at_least",
    "at_most", "between", "equals",     "includes",  "rtol",      "atol",  "at", "layer",
    "across",  "over",    "confidence", "best_over", "published", "status"};
constexpr std::size_t kMaxClaims = 1'000;
constexpr int kMaxSeedsOfQuantiles = 1'000'000;
constexpr std::string_view kPredicted = "predicted";
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::string_view kWhatItClaims = "higher and than, at_least, at_most, between, equals, includes, or status";

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
    read_quantity(fields_, spec_, spec_is_sound_, problems_, claim_);
    read_claim();
    static constexpr std::array<std::string_view, 2> kOver = {"mean", "every_seed"};
    if (const YamlNode* over = fields_.find("over"))
      if (read_word(*over, "value of over", kOver, problems_) == kOver[1]) claim_.over = Expectation::Over::every_seed;
    if (const YamlNode* confidence = fields_.find("confidence"))
      claim_.confidence =
          read_number(*confidence, {"confidence", 0.5, 1 - 1e-12, true}, problems_).value_or(claim_.confidence);
    if (claim_.over == Expectation::Over::every_seed) forbid("confidence", "the worst seed decides, not a bound");
    if (const YamlNode* best_over = fields_.find("best_over")) read_best_over(*best_over);
    if (const YamlNode* published = fields_.find("published"))
      claim_.published = read_number(*published, {"published"}, problems_);
    if (claim_.bound == Bound::includes) check_includes();
    if (claim_.bound == Bound::predicted) check_predicted();
  }

  // What is claimed: exactly one thing.
  void read_claim() {
    static constexpr std::array<std::pair<std::string_view, Bound>, 5> kBounds = {{{"at_least", Bound::at_least},
                                                                                   {"at_most", Bound::at_most},
                                                                                   {"between", Bound::between},
                                                                                   {"equals", Bound::equals},
                                                                                   {"includes", Bound::includes}}};
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
      if (claim_.bound != Bound::equals && claim_.bound != Bound::predicted)
        forbid(key, "it is a tolerance of equals");
      else if (const YamlNode* node = fields_.find(key))
        *tolerance = read_number(*node, {std::string(key), 0, kInfinity, claim_.bound == Bound::predicted}, problems_)
                         .value_or(0);
    }
  }

  void read_bound(const YamlNode& node, std::string_view key) {
    if (claim_.bound == Bound::between)
      return read_range(node, key, "between must be a list of two numbers, such as [0.9, 1]", claim_.low, claim_.high);
    if (claim_.bound == Bound::equals && is_word(node, kPredicted)) {
      claim_.bound = Bound::predicted;
      return;
    }
    Range range{.what = std::string(key)};
    if (claim_.bound == Bound::equals) range.word = kPredicted;
    const double value = read_number(node, range, problems_).value_or(0);
    (claim_.bound == Bound::at_most ? claim_.high : claim_.low) = value;
  }

  void read_range(const YamlNode& node, std::string_view key, std::string_view what_it_must_be, double& low,
                  double& high) {
    const std::string name(key);
    if (node.kind != Kind::sequence || node.children.size() != 2) {
      problems_.error(node.where, std::string(what_it_must_be));
      return;
    }
    low = read_number(node.children[0], {name}, problems_).value_or(0);
    high = read_number(node.children[1], {name}, problems_).value_or(low);
    if (low > high) problems_.error(node.where, name + " has its larger number first");
  }

  void read_by(const YamlNode& node) {
    if (node.kind != Kind::sequence) {
      claim_.by = read_number(node, {"by"}, problems_).value_or(0);
      return;
    }
    claim_.by_at_most = 0;
    read_range(node, "by", "by must be a number or a list of two, such as [0.5, 0.7]", claim_.by, *claim_.by_at_most);
  }

  // One value is held against the quantiles.
  void check_includes() {
    const YamlNode* over = fields_.find("over");
    if (over != nullptr && claim_.over == Expectation::Over::every_seed)
      problems_.error(over->where, "includes looks at the middle part of the seeds, not at the worst one");
    if (!claim_.metric.empty() && !is_one_number(claim_))
      problems_.error(fields_.find_key("includes")->where, "each layer has its own number, and includes is about one",
                      {"say which `layer`: a number, first or last; or make one number of them: `across`"});
    const YamlNode* confidence = fields_.find("confidence");
    if (confidence != nullptr && values_for_quantiles(claim_.confidence) > kMaxSeedsOfQuantiles)
      problems_.error(
          confidence->where,
          "confidence of includes must be at most 0.999999, since it takes 1 / (1 - confidence) seeds, got " +
              number_text(claim_.confidence));
    if (!claim_.published) claim_.published = claim_.low;
  }

  void check_predicted() {
    static constexpr std::array<std::string_view, 4> kPredictable = {"delta_slope_start", "layers.activation.rms",
                                                                     "layers.delta.rms", "layers.preactivation.rms"};
    const SourceLocation where = fields_.find("equals")->where;
    if ((fields_.find("rtol") != nullptr) == (fields_.find("atol") != nullptr))
      problems_.error(where,
                      "equals: predicted needs one tolerance: rtol (of their ratio) or atol (of their difference)");
    if (claim_.metric.empty()) return;
    if (std::find(kPredictable.begin(), kPredictable.end(), claim_.metric) == kPredictable.end()) {
      std::string names;
      for (const std::string_view name : kPredictable) names += (names.empty() ? "" : ", ") + std::string(name);
      problems_.error(where, "mean-field theory predicts no " + claim_.metric, {"it predicts " + names});
      return;
    }
    if (claim_.at == Expectation::At::end || claim_.at == Expectation::At::epoch)
      problems_.error(fields_.find("at")->where, "mean-field theory speaks of a net before training, at: start");
    if (claim_.layer == "0" || (claim_.layer == "all" && claim_.metric == "layers.activation.rms"))
      problems_.error(fields_.find("layer")->where, "layer 0 is the input, which mean-field theory takes as it is");
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
    if (const YamlNode* by = fields_.find("by")) read_by(*by);
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

  void forbid(std::string_view key, std::string_view why) { initsweep::forbid(fields_, key, why, problems_); }

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
