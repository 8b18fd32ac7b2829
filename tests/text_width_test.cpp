#include "text_width.hpp"

#include <gtest/gtest.h>

namespace initsweep {
namespace {

using Lines = std::vector<std::string>;

TEST(TextWidth, WideLettersAreWider) {
  EXPECT_GT(text_width("mm", 12), text_width("nn", 12));
  EXPECT_GT(text_width("nn", 12), text_width("ii", 12));
  EXPECT_GT(text_width("漢字", 12), text_width("nn", 12));
  EXPECT_DOUBLE_EQ(text_width("depth", 24), 2 * text_width("depth", 12));
  EXPECT_EQ(text_width("", 12), 0);
}

TEST(TextWidth, LinesBreakAtSpaces) {
  const double width = text_width("a line", 12) + 1;
  EXPECT_EQ(wrapped("a line of a few", width, 12), (Lines{"a line", "of a", "few"}));
  EXPECT_EQ(wrapped("", width, 12), Lines{""});
}

TEST(TextWidth, ALongWordIsBrokenInsideBetweenCharacters) {
  EXPECT_EQ(wrapped("ééééé", text_width("éé", 12) + 1, 12), (Lines{"éé", "éé", "é"}));
  EXPECT_EQ(wrapped("ab", 0, 12), (Lines{"a", "b"}));  // one at least, or there would be no end
}

TEST(TextWidth, WhatDoesNotFitEndsInDots) {
  EXPECT_EQ(shortened("depth", 1000, 12), "depth");
  EXPECT_EQ(shortened("glorot_normal", text_width("glorot…", 12) + 1, 12), "glorot…");
}

}  // namespace
}  // namespace initsweep
