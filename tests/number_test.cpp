#include "initsweep/number.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace initsweep {
namespace {

TEST(Number, FloatTextIsShortestAndNeverLooksLikeAnInteger) {
  EXPECT_EQ(float_text(0.1), "0.1");
  EXPECT_EQ(float_text(1), "1.0");
  EXPECT_EQ(float_text(-3), "-3.0");
  EXPECT_EQ(float_text(1e-5), "1e-05");
  EXPECT_EQ(float_text(1e300), "1e+300");
  EXPECT_EQ(float_text(0.1 + 0.2), "0.30000000000000004");
}

TEST(Number, WhatIsNotFiniteIsEmpty) {
  EXPECT_EQ(float_text(std::nan("")), "");
  EXPECT_EQ(float_text(std::numeric_limits<double>::infinity()), "");
  EXPECT_EQ(number_text(-std::numeric_limits<double>::infinity()), "");
  EXPECT_EQ(brief_text(std::nan("")), "");
}

TEST(Number, FloatTextReadsBackExactly) {
  for (const double value : {1.0 / 3, 5e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 123456789.123456789})
    EXPECT_EQ(parse_float(float_text(value)), value);
}

TEST(Number, NumberTextLeavesWholeNumbersWhole) {
  EXPECT_EQ(number_text(64), "64");
  EXPECT_EQ(number_text(0.01), "0.01");
  EXPECT_EQ(number_text(1e30), "1e+30");
}

TEST(Number, ParsingTakesTheWholeTextOrNothing) {
  EXPECT_EQ(parse_float("1e-3"), 0.001);
  EXPECT_EQ(parse_float("+2.5"), 2.5);
  for (const char* text : {"", "1.0x", "nan", "inf", "0x10", " 1", "1 ", "1e999", "--1", "+-1"})
    EXPECT_EQ(parse_float(text), std::nullopt) << text;
  EXPECT_EQ(parse_integer("-12"), -12);
  for (const char* text : {"", "1.0", "1e3", "12x", "+-1", "99999999999999999999"})
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
}

TEST(Number, SixDigitsRoundHalfwayCasesLikeTheirDecimals) {
  EXPECT_EQ(round_to_6_digits(0.001 * std::pow(1000.0, 1.0 / 3)), 0.01);  // 0.010000000000000002 before
  EXPECT_EQ(round_to_6_digits(1.23456789), 1.23457);
  EXPECT_EQ(round_to_6_digits(0), 0);
}

TEST(Number, DurationsAndSizesReadLikeSpeech) {
  EXPECT_EQ(duration_text(0.04), "0 s");
  EXPECT_EQ(duration_text(12.34), "12.3 s");
  EXPECT_EQ(duration_text(250), "4 min 10 s");
  EXPECT_EQ(duration_text(11100), "3 h 05 min");
  EXPECT_EQ(duration_text(std::nan("")), "unknown");
  EXPECT_EQ(bytes_text(512), "512 B");
  EXPECT_EQ(bytes_text(8.0 * 1024 * 1024 * 1024), "8 GiB");
  EXPECT_EQ(grouped_text(123456789), "123 456 789");
  EXPECT_EQ(grouped_text(999), "999");
}

}  // namespace
}  // namespace initsweep
