#include "initsweep/settings.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "initsweep/fetch.hpp"
#include "initsweep/identity.hpp"
#include "initsweep/sha256.hpp"

namespace initsweep {
namespace {

constexpr std::string_view kDigest = kMnistDigest;

Assignment fixed(Setting setting, SettingValue value) { return {setting, std::move(value), {1, 1, 1}}; }

Assignment initializer(InitializerKind kind) {
  return fixed(Setting::initializer, InitializerValue{.initializer = {.kind = kind}, .written = {}});
}

JobSettings resolved(std::vector<Assignment> assignments) {
  std::vector<Diagnostic> problems;
  JobSettings settings = resolve(assignments, {}, problems);
  EXPECT_TRUE(problems.empty()) << format(problems);
  return settings;
}

std::string problems_of(std::vector<Assignment> assignments) {
  std::vector<Diagnostic> problems;
  static_cast<void>(resolve(assignments, {}, problems));
  std::string text;
  for (const Diagnostic& problem : problems) text += problem.message + '\n';
  return text;
}

TEST(Settings, EveryNameIsUniqueAndReadsBack) {
  std::set<std::string_view> names;
  for (const SettingInfo& info : setting_table()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_EQ(parse_setting(info.name), info.setting);
  }
}

// The defaults of the table, which messages and `list settings` show, are those of JobSettings.
TEST(Settings, TableAndStructAgreeOnDefaults) {
  const JobSettings defaults = resolved({});
  EXPECT_EQ(defaults, JobSettings{});
  for (int i = 0; i < kSettingColumnCount; ++i) {
    const SettingInfo& info = setting_table()[static_cast<std::size_t>(i)];
    JobSettings read_by_all = defaults;  // so that every optimizer's settings show
    if (info.setting == Setting::momentum) read_by_all.optimizer = OptimizerKind::momentum;
    if (info.setting == Setting::rho) read_by_all.optimizer = OptimizerKind::rmsprop;
    if (info.setting == Setting::beta1 || info.setting == Setting::beta2 || info.setting == Setting::epsilon)
      read_by_all.optimizer = OptimizerKind::adam;
    if (info.setting == Setting::mode) continue;  // the initializer's own
    const std::string text = setting_text(read_by_all, info.setting);
    EXPECT_EQ(text, info.word.empty() ? info.default_text : "") << info.name;
  }
}

TEST(Settings, DefaultsHaveAnEmptyCanonicalText) {
  EXPECT_EQ(canonical_text(canonical(JobSettings{}), kDigest), "");
  EXPECT_EQ(find_named_dataset("mnist")->digest, kDigest);
  // sha256sum < /dev/null
  EXPECT_EQ(cell_id(canonical_text(canonical(JobSettings{}), kDigest)), "c_e3b0c44298fc1c14");
}

TEST(Settings, CanonicalTextIsSortedAndInShortestForm) {
  JobSettings s;
  s.learning_rate = 1e-3;
  s.width = {300, 100};
  s.initializer.kind = InitializerKind::he_normal;
  s.mode = FanMode::fan_in;
  const std::string text = canonical_text(canonical(s), kDigest);
  EXPECT_EQ(text,
            "initializer=variance_scaling(scale=2;distribution=normal)\nlearning_rate=0.001\nmode=fan_in\n"
            "width=300x100\n");
  EXPECT_EQ(cell_id(canonical_text(canonical(s), kDigest)), "c_" + sha256_hex(text).substr(0, 16));
}

TEST(Settings, ADatasetIsItsBytesNotItsPath) {
  JobSettings s;
  s.dataset = "idx:/some/where";
  EXPECT_EQ(cell_id(canonical_text(canonical(s), kDigest)), cell_id(canonical_text(canonical(JobSettings{}), kDigest)));
  EXPECT_NE(cell_id(canonical_text(canonical(s), "0123")), cell_id(canonical_text(canonical(JobSettings{}), kDigest)));
}

TEST(Settings, JobIdsTellSeedsAndDataApart) {
  const std::string cell = "c_0123456789abcdef";
  EXPECT_EQ(job_id(cell, 1, "d"),
            "j_" + sha256_hex("c_0123456789abcdef\n1\nd\n" + std::to_string(kNumericsRevision) + "\n").substr(0, 16));
  EXPECT_NE(job_id(cell, 1, "d"), job_id(cell, 2, "d"));
  EXPECT_NE(job_id(cell, 1, "d"), job_id(cell, 1, "e"));
}

// What means the same is the same cell.
TEST(Settings, SameMeaningSameCanonicalForm) {
  const auto law = [](InitializerKind kind, FanMode mode) {
    JobSettings s;
    s.initializer.kind = kind;
    s.mode = mode;
    return canonical(s);
  };
  EXPECT_EQ(law(InitializerKind::lecun_normal, FanMode::fan_avg),
            law(InitializerKind::glorot_normal, FanMode::fan_avg));
  EXPECT_NE(law(InitializerKind::lecun_normal, FanMode::fan_in), law(InitializerKind::he_normal, FanMode::fan_in));

  JobSettings he = law(InitializerKind::he_normal, FanMode::fan_in);
  JobSettings scaled;
  scaled.initializer = {.kind = InitializerKind::variance_scaling, .scale = 2, .distribution = Distribution::normal};
  scaled.mode = FanMode::fan_in;
  EXPECT_EQ(canonical(scaled), he);

  JobSettings leaky, relu;
  leaky.activation = {.kind = ActivationKind::leaky_relu, .slope = 0};
  EXPECT_EQ(canonical(leaky), canonical(relu));
  JobSettings flat;
  flat.activation = {.kind = ActivationKind::elu, .alpha = 0};
  EXPECT_EQ(canonical(flat), canonical(relu));

  JobSettings heavy;
  heavy.optimizer = OptimizerKind::momentum;
  heavy.momentum = 0;
  EXPECT_EQ(canonical(heavy), canonical(relu));
  heavy.momentum = 0.5;
  EXPECT_NE(canonical(heavy), canonical(relu));

  JobSettings bytes;
  bytes.input_scaling = {.kind = InputScalingKind::affine, .subtract = 0, .divide = 255};
  EXPECT_EQ(canonical(bytes), canonical(relu));

  JobSettings unread;
  unread.rho = 0.3;  // sgd has no rho
  EXPECT_EQ(canonical(unread), canonical(relu));
}

TEST(Settings, CanonicalIsIdempotent) {
  for (std::size_t kind = 0; kind < kind_table<InitializerKind>().size(); ++kind) {
    JobSettings s;
    s.initializer.kind = static_cast<InitializerKind>(kind);
    s.initializer.value = 0.5;
    s.initializer.weight_variance = 1.5;
    s.initializer.bias_variance = 0.05;
    s.initializer.q = 1;
    s.activation.kind = ActivationKind::tanh;
    s.mode = own_mode(s.initializer);
    const JobSettings once = canonical(s);
    EXPECT_EQ(canonical(once), once) << to_text(s.initializer.kind);
  }
}

TEST(Settings, AModeThatHasNoMeaningIsAbsent) {
  const JobSettings s = resolved({initializer(InitializerKind::normal), fixed(Setting::mode, FanMode::fan_out)});
  EXPECT_EQ(s.mode, std::nullopt);
  EXPECT_EQ(setting_text(s, Setting::mode), "");
}

TEST(Settings, TheInitializersOwnModeIsShown) {
  EXPECT_EQ(setting_text(resolved({initializer(InitializerKind::he_normal)}), Setting::mode), "fan_in");
  EXPECT_EQ(setting_text(resolved({initializer(InitializerKind::glorot_normal)}), Setting::mode), "fan_avg");
}

TEST(Settings, StructuredValuesShowAllParametersUnlessAllAreDefaults) {
  JobSettings s;
  s.initializer.kind = InitializerKind::normal;
  EXPECT_EQ(setting_text(s, Setting::initializer), "normal");
  s.initializer.stddev = 0.01;
  EXPECT_EQ(setting_text(s, Setting::initializer), "normal(mean=0;stddev=0.01)");
  s.activation = {.kind = ActivationKind::leaky_relu, .slope = 0.2};
  EXPECT_EQ(setting_text(s, Setting::activation), "leaky_relu(slope=0.2)");
  s.input_scaling = {.kind = InputScalingKind::affine, .subtract = 127.5, .divide = 127.5};
  EXPECT_EQ(setting_text(s, Setting::input_scaling), "affine(subtract=127.5;divide=127.5)");
}

TEST(Settings, DottedParametersHoldWhereTheirKindIsInForce) {
  const Assignment stddev = fixed(Setting::normal_stddev, 0.1);
  EXPECT_EQ(resolved({initializer(InitializerKind::normal), stddev}).initializer.stddev, 0.1);
  EXPECT_EQ(resolved({initializer(InitializerKind::he_normal), stddev}).initializer.stddev, 1);
  // truncated_normal has a stddev of its own.
  EXPECT_EQ(resolved({initializer(InitializerKind::truncated_normal), stddev}).initializer.stddev, 1);
}

TEST(Settings, AGridsParameterBeatsAFixedOne) {
  const std::vector<Assignment> in_settings = {initializer(InitializerKind::normal),
                                               fixed(Setting::normal_stddev, 0.5)};
  const InitializerValue written{.initializer = {.kind = InitializerKind::normal, .stddev = 0.01},
                                 .written = {Setting::normal_stddev}};
  std::vector<Diagnostic> problems;
  const std::vector<Assignment> in_grid = {fixed(Setting::initializer, written)};
  EXPECT_EQ(resolve(in_settings, in_grid, problems).initializer.stddev, 0.01);
  const std::vector<Assignment> dotted = {fixed(Setting::normal_stddev, 0.2)};
  EXPECT_EQ(resolve(in_settings, dotted, problems).initializer.stddev, 0.2);
  EXPECT_TRUE(problems.empty());
}

TEST(Settings, WidthsOfEveryForm) {
  EXPECT_EQ(hidden_widths({Width::Form::constant, {100}}, 3), (std::vector<int>{100, 100, 100}));
  EXPECT_EQ(hidden_widths({Width::Form::list, {300, 100}}, 2), (std::vector<int>{300, 100}));
  EXPECT_EQ(hidden_widths({Width::Form::first_rest, {300, 100}}, 3), (std::vector<int>{300, 100, 100}));
  // Geometric: 400 / 2 / 2 / 2.
  EXPECT_EQ(hidden_widths({Width::Form::taper, {400, 50}}, 4), (std::vector<int>{400, 200, 100, 50}));
  EXPECT_EQ(hidden_widths({Width::Form::taper, {400, 50}}, 1), (std::vector<int>{400}));
}

TEST(Settings, AWidthListGivesItsDepth) {
  const JobSettings s = resolved({fixed(Setting::width, Width{Width::Form::list, {300, 100, 50}})});
  EXPECT_EQ(s.depth(), 3);
  EXPECT_EQ(setting_text(s, Setting::width), "300x100x50");
  EXPECT_EQ(problems_of(
                {fixed(Setting::width, Width{Width::Form::list, {300, 100}}), fixed(Setting::depth, std::int64_t{5})}),
            "depth is 5, but width lists 2 layers\n");
}

TEST(Settings, StepsReplaceEpochs) {
  const JobSettings s = resolved({fixed(Setting::steps, std::int64_t{200})});
  EXPECT_EQ(s.epochs, std::nullopt);
  EXPECT_EQ(s.steps, 200);
  EXPECT_EQ(problems_of({fixed(Setting::epochs, std::int64_t{2}), fixed(Setting::steps, std::int64_t{200})}),
            "epochs and steps are both set; a job has one of them\n");
  std::vector<Diagnostic> problems;
  const std::vector<Assignment> in_settings = {fixed(Setting::steps, std::int64_t{200})};
  const std::vector<Assignment> in_grid = {fixed(Setting::epochs, std::int64_t{3})};
  const JobSettings overridden = resolve(in_settings, in_grid, problems);
  EXPECT_EQ(overridden.epochs, 3);
  EXPECT_EQ(overridden.steps, std::nullopt);
  EXPECT_TRUE(problems.empty());
}

TEST(Settings, WithoutTrainingItsSettingsHaveNoMeaning) {
  const JobSettings s = resolved({fixed(Setting::epochs, std::int64_t{0}), fixed(Setting::learning_rate, 0.3),
                                  fixed(Setting::optimizer, OptimizerKind::adam)});
  for (const Setting of_training : {Setting::batch_size, Setting::optimizer, Setting::learning_rate, Setting::momentum,
                                    Setting::rho, Setting::beta1, Setting::beta2, Setting::epsilon,
                                    Setting::weight_decay, Setting::gradient_clip, Setting::shuffle})
    EXPECT_EQ(setting_text(s, of_training), "") << setting_info(of_training).name;
  EXPECT_EQ(setting_text(s, Setting::epochs), "0");
  EXPECT_EQ(setting_text(s, Setting::loss), "softmax_cross_entropy") << "the loss makes the deltas";
  EXPECT_FALSE(matches(s, Setting::learning_rate, 0.3));
}

TEST(Settings, WhatALawNeedsIsAskedFor) {
  EXPECT_EQ(problems_of({initializer(InitializerKind::constant)}),
            "constant needs constant.value, which has no default\n");
  EXPECT_EQ(problems_of({initializer(InitializerKind::mean_field)}),
            "mean_field needs mean_field.weight_variance, which has no default\n"
            "mean_field needs mean_field.bias_variance, which has no default\n");
  EXPECT_EQ(problems_of({fixed(Setting::initializer,
                               InitializerValue{.initializer = {.kind = InitializerKind::uniform, .low = 2, .high = 1},
                                                .written = {Setting::uniform_low, Setting::uniform_high}})}),
            "uniform has low 2 above high 1\n");
}

TEST(Settings, MatchingIsByNameOrWhole) {
  JobSettings s;
  s.initializer = {.kind = InitializerKind::normal, .stddev = 0.01};
  s.mode = std::nullopt;
  const InitializerValue by_name{.initializer = {.kind = InitializerKind::normal}, .written = {}};
  const InitializerValue whole{.initializer = {.kind = InitializerKind::normal, .stddev = 0.01},
                               .written = {Setting::normal_stddev}};
  const InitializerValue other{.initializer = {.kind = InitializerKind::normal, .stddev = 1},
                               .written = {Setting::normal_stddev}};
  EXPECT_TRUE(matches(s, Setting::initializer, by_name));
  EXPECT_TRUE(matches(s, Setting::initializer, whole));
  EXPECT_FALSE(matches(s, Setting::initializer, other));
  EXPECT_TRUE(matches(s, Setting::normal_stddev, 0.01));
  EXPECT_FALSE(matches(s, Setting::truncated_normal_stddev, 0.01));
  EXPECT_FALSE(matches(s, Setting::mode, FanMode::fan_in));
  EXPECT_TRUE(matches(s, Setting::depth, std::int64_t{2}));
  EXPECT_TRUE(matches(s, Setting::width, Width{Width::Form::list, {100, 100}}));
  EXPECT_TRUE(matches(s, Setting::learning_rate, 0.01));
  EXPECT_FALSE(matches(s, Setting::learning_rate, 0.02));
  EXPECT_FALSE(matches(s, Setting::momentum, 0.9));  // sgd has none
  EXPECT_TRUE(matches(s, Setting::gradient_clip, std::monostate{}));
  EXPECT_TRUE(matches(s, Setting::epochs, std::int64_t{5}));
  EXPECT_FALSE(matches(s, Setting::steps, std::int64_t{5}));
}

}  // namespace
}  // namespace initsweep
