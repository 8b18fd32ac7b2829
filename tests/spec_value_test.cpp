#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "initsweep/spec.hpp"
#include "sweep_text.hpp"

namespace initsweep {
namespace {

SettingValue value_of(Setting setting, std::string_view text) { return parse_setting_value(setting, text, "--filter"); }

TEST(SpecValue, NumbersTakeIntegers) {
  EXPECT_EQ(value_of(Setting::learning_rate, "1"), SettingValue(1.0));
  EXPECT_EQ(value_of(Setting::learning_rate, "1e-3"), SettingValue(0.001));
  EXPECT_EQ(value_of(Setting::learning_rate, ".5"), SettingValue(0.5));
  EXPECT_EQ(value_of(Setting::constant_value, "-2"), SettingValue(-2.0));
}

TEST(SpecValue, IntegersBooleansAndTheirWords) {
  EXPECT_EQ(value_of(Setting::depth, "20"), SettingValue(std::int64_t{20}));
  EXPECT_EQ(value_of(Setting::shuffle, "false"), SettingValue(false));
  EXPECT_EQ(value_of(Setting::train_samples, "all"), SettingValue(std::monostate{}));
  EXPECT_EQ(value_of(Setting::train_samples, "1000"), SettingValue(std::int64_t{1000}));
  EXPECT_EQ(value_of(Setting::gradient_clip, "none"), SettingValue(std::monostate{}));
  EXPECT_EQ(value_of(Setting::gradient_clip, "1"), SettingValue(1.0));
}

TEST(SpecValue, EveryNameOfEveryKind) {
  for (const KindInfo& info : kind_table<InitializerKind>())
    EXPECT_EQ(to_text(std::get<InitializerValue>(value_of(Setting::initializer, info.name)).initializer.kind),
              info.name);
  for (const KindInfo& info : kind_table<ActivationKind>())
    EXPECT_EQ(to_text(std::get<ActivationValue>(value_of(Setting::activation, info.name)).activation.kind), info.name);
  for (const KindInfo& info : kind_table<FanMode>())
    EXPECT_EQ(to_text(std::get<FanMode>(value_of(Setting::mode, info.name))), info.name);
  for (const KindInfo& info : kind_table<Distribution>())
    EXPECT_EQ(to_text(std::get<Distribution>(value_of(Setting::by_activation_distribution, info.name))), info.name);
  for (const KindInfo& info : kind_table<OptimizerKind>())
    EXPECT_EQ(to_text(std::get<OptimizerKind>(value_of(Setting::optimizer, info.name))), info.name);
  for (const KindInfo& info : kind_table<LossKind>())
    EXPECT_EQ(to_text(std::get<LossKind>(value_of(Setting::loss, info.name))), info.name);
}

TEST(SpecValue, DefaultsOfTheTableAreValues) {
  for (const SettingInfo& info : setting_table())
    if (!info.default_text.empty()) {
      EXPECT_NO_THROW(static_cast<void>(value_of(info.setting, info.default_text))) << info.name;
    }
}

TEST(SpecValue, Datasets) {
  EXPECT_EQ(value_of(Setting::dataset, "fashion_mnist"), SettingValue(std::string("fashion_mnist")));
  EXPECT_EQ(value_of(Setting::dataset, "idx:data/my digits"), SettingValue(std::string("idx:data/my digits")));
}

TEST(SpecValue, WidthHasFourForms) {
  using Form = Width::Form;
  EXPECT_EQ(value_of(Setting::width, "100"), SettingValue(Width{Form::constant, {100}}));
  EXPECT_EQ(value_of(Setting::width, "[300, 100]"), SettingValue(Width{Form::list, {300, 100}}));
  EXPECT_EQ(value_of(Setting::width, "{rest: 100, first: 300}"), SettingValue(Width{Form::first_rest, {300, 100}}));
  EXPECT_EQ(value_of(Setting::width, "{from: 400, to: 50}"), SettingValue(Width{Form::taper, {400, 50}}));
}

TEST(SpecValue, InputScalingHasThreeForms) {
  EXPECT_EQ(value_of(Setting::input_scaling, "unit"), SettingValue(InputScaling{}));
  EXPECT_EQ(value_of(Setting::input_scaling, "standardize"),
            SettingValue(InputScaling{InputScalingKind::standardize, 0, 255}));
  EXPECT_EQ(value_of(Setting::input_scaling, "{subtract: 127.5, divide: 255}"),
            SettingValue(InputScaling{InputScalingKind::affine, 127.5, 255}));
}

TEST(SpecValue, StructuredValuesRememberWhatIsWritten) {
  InitializerValue expected;
  expected.initializer.kind = InitializerKind::variance_scaling;
  expected.initializer.scale = 2;
  expected.initializer.mode = FanMode::fan_avg;
  expected.initializer.distribution = Distribution::uniform;
  expected.written = {Setting::variance_scaling_scale, Setting::variance_scaling_mode,
                      Setting::variance_scaling_distribution};
  EXPECT_EQ(value_of(Setting::initializer, "{variance_scaling: {scale: 2, mode: fan_avg, distribution: uniform}}"),
            SettingValue(expected));
  ActivationValue leaky;
  leaky.activation = {ActivationKind::leaky_relu, 0.2, 1};
  leaky.written = {Setting::leaky_relu_slope};
  EXPECT_EQ(value_of(Setting::activation, "{leaky_relu: {slope: 0.2}}"), SettingValue(leaky));
  EXPECT_EQ(value_of(Setting::initializer, "{normal: {}}"), value_of(Setting::initializer, "normal"));
}

TEST(SpecValue, ByActivationHasItsOwnDefaultDistribution) {
  const auto law = std::get<InitializerValue>(value_of(Setting::initializer, "by_activation"));
  EXPECT_EQ(law.initializer.distribution, Distribution::normal);
  EXPECT_TRUE(law.written.empty());
}

TEST(SpecValue, ProblemOfAnOptionIsLocatedInIt) {
  try {
    static_cast<void>(value_of(Setting::activation, "Relu"));
    FAIL() << "accepted";
  } catch (const SpecError& error) {
    EXPECT_EQ(std::string(error.what()), whole_message(R"(--filter:1:12: error: unknown activation 'Relu'
    1 | activation=Relu
      |            ^~~~
  expected one of: $ACTIVATIONS
  did you mean 'relu'?
)"));
  }
}

}  // namespace
}  // namespace initsweep
