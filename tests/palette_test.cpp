#include "palette.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace initsweep {
namespace {

// matplotlib 3's viridis(0), viridis(0.5) and viridis(1.0), entries 0, 128 and 255 of its table.
TEST(Palette, ViridisIsMatplotlibs) {
  EXPECT_EQ(viridis(0), (Rgb{68, 1, 84}));
  EXPECT_EQ(viridis(0.5), (Rgb{33, 145, 140}));
  EXPECT_EQ(viridis(1), (Rgb{253, 231, 37}));
  EXPECT_EQ(viridis(-3), viridis(0));
  EXPECT_EQ(viridis(7), viridis(1));
}

// Entries 72, 184 and 247 of that table, which are between the ones we hold.
TEST(Palette, BetweenItsPointsViridisIsCloseToMatplotlibs) {
  const auto difference = [](Rgb a, Rgb b) {
    return std::max({std::abs(a.red - b.red), std::abs(a.green - b.green), std::abs(a.blue - b.blue)});
  };
  EXPECT_LE(difference(viridis(72 / 255.0), {0x37, 0x5b, 0x8d}), 6);
  EXPECT_LE(difference(viridis(184 / 255.0), {0x4e, 0xc3, 0x6b}), 6);
  EXPECT_LE(difference(viridis(247 / 255.0), {0xea, 0xe5, 0x1a}), 6);
}

TEST(Palette, AColorIsSixDigits) {
  EXPECT_EQ(hex_text({68, 1, 84}), "#440154");
  EXPECT_EQ(hex_text({255, 255, 0}), "#ffff00");
}

TEST(Palette, ADivergingScaleIsRedBelowAndBlueAbove) {
  const ColorScale scale = {"", -0.2, 0.2, /*log=*/false, /*diverging=*/true, {}};
  EXPECT_EQ(hex_text(*color_of(scale, -0.2)), "#b2182b");
  EXPECT_EQ(hex_text(*color_of(scale, 0)), "#f7f7f7");
  EXPECT_EQ(hex_text(*color_of(scale, 0.2)), "#2166ac");
}

TEST(Palette, ALogScaleHasItsMiddleAtTheGeometricMean) {
  const ColorScale scale = {"", 0.01, 100, /*log=*/true, /*diverging=*/false, {}};
  EXPECT_EQ(color_of(scale, 1), (Rgb{33, 145, 140}));
  EXPECT_EQ(color_of(scale, 100), (Rgb{253, 231, 37}));
  EXPECT_EQ(color_of(scale, 0), std::nullopt);
  EXPECT_EQ(color_of(scale, -1), std::nullopt);
}

TEST(Palette, WhatIsNoNumberHasNoColor) {
  EXPECT_EQ(color_of({}, std::nan("")), std::nullopt);
  EXPECT_EQ(color_of({}, std::numeric_limits<double>::infinity()), std::nullopt);
  EXPECT_EQ(color_of({}, -4), viridis(0));
  EXPECT_EQ(color_of({}, 4), viridis(1));
}

TEST(Palette, CategoriesAreOkabeAndIto) {
  ColorScale scale;
  scale.categories = {"healthy", "vanishing"};
  EXPECT_EQ(hex_text(*color_of(scale, 0)), "#009e73");
  EXPECT_EQ(hex_text(*color_of(scale, 1)), "#56b4e9");
  EXPECT_EQ(color_of(scale, 2), std::nullopt);
  EXPECT_EQ(color_of(scale, -1), std::nullopt);
  EXPECT_EQ(color_of(scale, std::nan("")), std::nullopt);
}

TEST(Palette, OneOfTheLineColorsIsTheTexts) {
  EXPECT_EQ(line_color(0), (Rgb{0, 0x72, 0xB2}));
  EXPECT_EQ(line_color(kLineColors - 1), std::nullopt);
  EXPECT_EQ(line_color(kLineColors), line_color(0));
}

// WCAG's (L1 + 0.05) / (L2 + 0.05), where pure red has a luminance of 0.2126, green 0.7152, blue 0.0722; and the grey
// #767676 that is known as the lightest to pass 4.5 on white.
TEST(Palette, ContrastIsWcags) {
  const Rgb white = {255, 255, 255}, black = {0, 0, 0};
  EXPECT_DOUBLE_EQ(contrast(black, white), 21);
  EXPECT_DOUBLE_EQ(contrast(white, white), 1);
  EXPECT_NEAR(contrast({255, 0, 0}, white), 1.05 / 0.2626, 1e-12);
  EXPECT_NEAR(contrast(white, {0, 255, 0}), 1.05 / 0.7652, 1e-12);
  EXPECT_NEAR(contrast({0, 0, 255}, white), 1.05 / 0.1222, 1e-12);
  EXPECT_NEAR(contrast({0x76, 0x76, 0x76}, white), 4.54, 0.005);
  EXPECT_NEAR(contrast({0x77, 0x77, 0x77}, white), 4.48, 0.005);
}

TEST(Palette, TextOnEveryColorCanBeRead) {
  const auto expect_readable = [](Rgb color) {
    const double of_ink = wants_black(color) ? contrast(color, {0, 0, 0}) : contrast(color, {255, 255, 255});
    EXPECT_GE(of_ink, 4.5) << hex_text(color);
  };
  for (int i = 0; i <= 1000; ++i) {
    expect_readable(viridis(i / 1000.0));
    expect_readable(red_white_blue(i / 1000.0));
  }
  for (std::size_t i = 0; i < 8; ++i) expect_readable(category_color(i));
  EXPECT_FALSE(wants_black(viridis(0)));
  EXPECT_TRUE(wants_black(viridis(1)));
}

// 3 is what WCAG asks of graphics; Okabe and Ito's lighter ones do without on white, so that only 2 holds for all.
TEST(Palette, LinesCanBeSeenOnWhiteAndOnDark) {
  for (std::size_t i = 0; i + 1 < kLineColors; ++i) {
    EXPECT_GE(contrast(*line_color(i), {255, 255, 255}), 2) << i;
    EXPECT_GE(contrast(*line_color(i), {0x0D, 0x11, 0x17}), 3) << i;
  }
}

}  // namespace
}  // namespace initsweep
