#include "plot_scale.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace initsweep {
namespace {

std::string labels(const std::vector<Tick>& ticks) {
  std::string text;
  for (const Tick& tick : ticks) text += (text.empty() ? "" : " ") + tick.label;
  return text;
}

struct TickCase {
  const char* name;
  double low, high;
  bool log;
  std::size_t most;
  const char* expected;
};
std::ostream& operator<<(std::ostream& out, const TickCase& c) { return out << c.name; }
class PlotScaleTicks : public testing::TestWithParam<TickCase> {};
TEST_P(PlotScaleTicks, AreRound) {
  const TickCase& c = GetParam();
  EXPECT_EQ(labels(ticks(plot_scale(c.low, c.high, c.log, 0, 100), c.most)), c.expected);
}
INSTANTIATE_TEST_SUITE_P(, PlotScaleTicks,
                         testing::Values(TickCase{"shares", 0, 1, false, 6, "0 0.2 0.4 0.6 0.8 1"},
                                         TickCase{"ends_between", 0.13, 0.98, false, 5, "0.2 0.4 0.6 0.8"},
                                         TickCase{"both_signs", -0.3, 0.3, false, 7, "-0.3 -0.2 -0.1 0 0.1 0.2 0.3"},
                                         TickCase{"steps_of_five", 0, 20, false, 5, "0 5 10 15 20"},
                                         TickCase{"large", 0, 1.2e7, false, 4, "0 5e+06 1e+07"},
                                         TickCase{"few_decades", 0.1, 100, true, 5, "0.1 1 10 100"},
                                         TickCase{"many_decades", 1e-8, 1e3, true, 6, "10⁻⁸ 10⁻⁶ 10⁻⁴ 10⁻² 1 10²"},
                                         TickCase{"a_hundred_decades", 1e-100, 1, true, 5, "10⁻⁹⁰ 10⁻⁶⁰ 10⁻³⁰ 1"},
                                         TickCase{"one_decade", 1, 10, true, 6, "1 2 5 10"},
                                         TickCase{"one_small_decade", 1e-6, 1e-5, true, 6, "10⁻⁶ 2·10⁻⁶ 5·10⁻⁶ 10⁻⁵"},
                                         TickCase{"two_decades_and_little_room", 0.31, 420, true, 6,
                                                  "1 3 10 30 100 300"},
                                         TickCase{"less_than_a_decade", 1.1, 1.4, true, 4, "1.1 1.2 1.3 1.4"}),
                         [](const testing::TestParamInfo<TickCase>& of) { return std::string(of.param.name); });

TEST(PlotScale, CountsAreWhole) {
  EXPECT_EQ(labels(whole_ticks(plot_scale(1, 3, false, 0, 1), 10)), "1 2 3");
  EXPECT_EQ(labels(whole_ticks(plot_scale(1, 20, false, 0, 1), 5)), "5 10 15 20");
  EXPECT_EQ(labels(whole_ticks(plot_scale(4, 4, false, 0, 1), 5)), "2 3 4 5 6");
}

TEST(PlotScale, NeverMoreTicksThanAskedFor) {
  for (int exponent = -300; exponent <= 300; exponent += 7) {
    for (const double factor : {1.0001, 1.7, 9.0, 1e4, 1e40}) {
      const double low = std::pow(10.0, exponent) * 1.3;
      for (const bool log : {false, true}) {
        const PlotScale scale = plot_scale(low, low * factor, log, 0, 1);
        const std::vector<Tick> all = ticks(scale, 5);
        EXPECT_LE(all.size(), 5u);
        for (const Tick& tick : all) {
          const double rounding = 1e-8 * (log ? tick.value : scale.high - scale.low);
          EXPECT_GE(tick.value, scale.low - rounding);
          EXPECT_LE(tick.value, scale.high + rounding);
        }
      }
    }
  }
}

TEST(PlotScale, PositionsAreProportional) {
  const PlotScale scale = plot_scale(-1, 3, false, 200, 0);  // downwards, as y is
  EXPECT_DOUBLE_EQ(*position(scale, -1), 200);
  EXPECT_DOUBLE_EQ(*position(scale, 0), 150);
  EXPECT_DOUBLE_EQ(*position(scale, 3), 0);
  EXPECT_DOUBLE_EQ(*position(scale, 5), -100);
}

// 1e-6 is 2 of the 11 decades above 1e-8.
TEST(PlotScale, DecadesAreEquallyLong) {
  const PlotScale scale = plot_scale(1e-8, 1e3, true, 110, 0);
  EXPECT_NEAR(*position(scale, 1e-6), 90, 1e-9);
  EXPECT_NEAR(*position(scale, 1), 30, 1e-9);
}

TEST(PlotScale, WhatCannotBeDrawnHasNoPosition) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const bool log : {false, true})
    for (const double value : {std::nan(""), infinity, -infinity})
      EXPECT_EQ(position(plot_scale(1, 2, log, 0, 1), value), std::nullopt);
  EXPECT_EQ(position(plot_scale(1, 2, true, 0, 1), 0), std::nullopt);
  EXPECT_EQ(position(plot_scale(1, 2, true, 0, 1), -1), std::nullopt);
  EXPECT_EQ(position(plot_scale(0, 1, false, 0, 100), 1e308), 1000);  // ten lengths
}

TEST(PlotScale, EveryRangeBecomesOneThatCanBeDrawn) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double low : {std::nan(""), -infinity, -1e308, -1.0, 0.0, 5e-324, 1.0, 1e308, infinity}) {
    for (const double high : {std::nan(""), -infinity, -1.0, 0.0, 5e-324, 1.0, 1e308, infinity}) {
      for (const bool log : {false, true}) {
        const PlotScale scale = plot_scale(low, high, log, 0, 1);
        EXPECT_LT(scale.low, scale.high) << low << ' ' << high << ' ' << log;
        EXPECT_TRUE(!log || scale.low > 0);
        EXPECT_TRUE(std::isfinite(scale.high - scale.low));
        EXPECT_LE(ticks(scale, 5).size(), 5u);
      }
    }
  }
}

}  // namespace
}  // namespace initsweep
