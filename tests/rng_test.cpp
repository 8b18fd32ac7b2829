#include "initsweep/rng.hpp"

#include <Random123/philox.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <array>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <vector>
#include "normal_quantile.hpp"

namespace initsweep {
namespace {

// The chi-square checks here reject a correct generator for one seed in a million.
constexpr double kFalseAlarm = 1e-6;

double chi_square(const std::vector<double>& counts) {
  const double expected = std::accumulate(counts.begin(), counts.end(), 0.0) / static_cast<double>(counts.size());
  double sum = 0;
  for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

double chi_square_limit(std::size_t cells) {
  return boost::math::quantile(
      boost::math::complement(boost::math::chi_squared(static_cast<double>(cells - 1)), kFalseAlarm));
}

// Philox written down a second time, in Python; it prints Random123's known answers too. All the recorded streams here
// and in initializer_test.cpp come from
//   M0, M1, W0, W1, K = 0xD2511F53, 0xCD9E8D57, 0x9E3779B9, 0xBB67AE85, 0xFFFFFFFF
//   def philox(c, k):
//     for r in range(10):
//       p0, p1 = M0 * c[0], M1 * c[2]
//       c = [p1 >> 32 ^ c[1] ^ k[0], p1 & K, p0 >> 32 ^ c[3] ^ k[1], p0 & K]
//       k = [(k[0] + W0) & K, (k[1] + W1) & K]
//     return c
//   def stream(seed, purpose, index):
//     block = 0
//     while True:
//       yield from philox([block & K, block >> 32, 0, 0], [seed, purpose << 24 | index]); block += 1
//   def below(s, n):
//     while True:
//       m = next(s) * n
//       if (m & K) >= 2**32 % n: return m >> 32

// Random123's kat_vectors, the lines `philox4x32 10`: counter, key, words.
TEST(Rng, Random123GivesItsKnownAnswers) {
  struct KnownAnswer {
    std::array<std::uint32_t, 4> counter;
    std::array<std::uint32_t, 2> key;
    std::array<std::uint32_t, 4> words;
  };
  constexpr KnownAnswer kAnswers[] = {{{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
                                      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
                                       {0xffffffff, 0xffffffff},
                                       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
                                      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                                       {0xa4093822, 0x299f31d0},
                                       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
  for (const KnownAnswer& answer : kAnswers) {
    const auto& c = answer.counter;
    const r123::Philox4x32::ctr_type words =
        r123::Philox4x32()({{c[0], c[1], c[2], c[3]}}, {{answer.key[0], answer.key[1]}});
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(words[i], answer.words[i]) << "word " << i;
  }
}

TEST(Rng, StreamOfTheZeroKeyStartsWithTheFirstKnownAnswer) {
  RngStream stream(0, StreamPurpose{0}, 0);
  for (const std::uint32_t word : {0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u}) EXPECT_EQ(stream.bits(), word);
}

TEST(Rng, StreamsGiveTheirRecordedWords) {
  RngStream stream(7, StreamPurpose::weights, 3);  // six words reach into the second block
  for (const std::uint32_t word : {0x6438600eu, 0xadf0bebeu, 0xa855b23fu, 0xd17626b0u, 0x9978eed3u, 0xab5d647fu})
    EXPECT_EQ(stream.bits(), word);
  RngStream last(2147483647, StreamPurpose::batch_order, 16777215);
  EXPECT_EQ(last.bits(), 0x10f3784bu);
}

TEST(Rng, StreamsOfAnotherSeedPurposeOrIndexShareNoWord) {
  std::set<std::uint32_t> words;
  std::size_t drawn = 0;
  for (const std::uint32_t seed : {0u, 1u, 2147483647u})
    for (const StreamPurpose purpose :
         {StreamPurpose::weights, StreamPurpose::biases, StreamPurpose::batch_order, StreamPurpose::orthogonal})
      for (const std::uint32_t index : {0u, 1u, 2u, 16777215u}) {
        RngStream stream(seed, purpose, index);
        for (int i = 0; i < 16; ++i, ++drawn) words.insert(stream.bits());
      }
  // 768 independent words would repeat one by chance with probability 768^2 / 2^33 = 7e-5.
  EXPECT_EQ(words.size(), drawn);
}

TEST(Rng, UniformIsTheMiddleOfItsCellAndNeverAnEnd) {
  RngStream words(3, StreamPurpose::weights, 1), stream(3, StreamPurpose::weights, 1);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(stream.uniform(), (words.bits() + 0.5) / 4294967296.0);
  EXPECT_GT((0u + 0.5) / 4294967296.0, 0.0);
  EXPECT_LT((0xffffffffu + 0.5) / 4294967296.0, 1.0);
}

TEST(Rng, UniformFillsItsRangeEvenly) {
  RngStream stream(1, StreamPurpose::weights, 1);
  std::vector<double> counts(100);
  for (int i = 0; i < 100'000; ++i) ++counts[static_cast<std::size_t>(100 * stream.uniform())];
  EXPECT_LT(chi_square(counts), chi_square_limit(counts.size()));
}

TEST(NormalQuantile, AgreesWithBoostOnEveryScale) {
  const auto by_boost = [](double p) { return -std::sqrt(2.0) * boost::math::erfc_inv(2 * p); };
  const auto check = [&](double p) {
    // Two algorithms of relative accuracy near 1e-16 and the rounding of some twenty operations.
    const double expected = by_boost(p);
    EXPECT_NEAR(normal_quantile(p), expected, 1e-14 * std::abs(expected)) << "p = " << p;
  };
  for (double p = 0x1p-33; p < 0.5; p *= 1.01) {  // the least p that a stream can ask for, and up
    check(p);
    check(1 - p);
  }
  for (int i = 1; i < 20'000; ++i) check((i + 0.5) / 20'000);
  EXPECT_EQ(normal_quantile(0.5), 0);
}

// R: u <- (c(1681416206, 2918235838, 2824188479, 3514181296, 2574839507, 2875024511) + 0.5) / 2^32; qnorm(u);
// qnorm(pnorm(-2) + u * (pnorm(2) - pnorm(-2)))
TEST(Rng, NormalDrawsAreRsQuantilesOfTheUniformOnes) {
  RngStream stream(7, StreamPurpose::weights, 3);
  for (const double expected : {-0.27545012948361647, 0.46617458049684735, 0.40580653443980319, 0.90856116506770590,
                                0.25205711093846672, 0.43823990371835220})
    EXPECT_NEAR(stream.normal(), expected, 1e-14);
  RngStream truncated(7, StreamPurpose::weights, 3);
  for (const double expected : {-0.26261759424870718, 0.44347663213836425, 0.38637010964066987, 0.85502192681803257,
                                0.24035944751926677, 0.41706985866075807})
    EXPECT_NEAR(truncated.truncated_normal(), expected, 1e-14);
}

TEST(Rng, TruncatedNormalStaysWithinTwo) {
  RngStream stream(5, StreamPurpose::weights, 1);
  double largest = 0;
  for (int i = 0; i < 100'000; ++i) largest = std::max(largest, std::abs(stream.truncated_normal()));
  EXPECT_LT(largest, 2.0);
  EXPECT_GT(largest, 1.999);  // 1e5 draws miss the last thousandth with probability e^-11
}

TEST(Rng, BelowGivesItsRecordedNumbers) {
  RngStream stream(7, StreamPurpose::batch_order, 2);  // a bound that redraws three times in ten
  for (const std::uint32_t expected : {2206668705u, 657405749u, 2280532702u, 1032855269u, 2019725467u, 1466065838u})
    EXPECT_EQ(stream.below(3'000'000'000u), expected);
}

TEST(Rng, BelowIsEvenAndStaysBelow) {
  for (const std::uint32_t bound : {1u, 2u, 3u, 10u, 1000u}) {
    RngStream stream(1, StreamPurpose::batch_order, bound);
    std::vector<double> counts(bound);
    for (int i = 0; i < 200'000; ++i) ++counts.at(stream.below(bound));
    if (bound == 1) continue;
    EXPECT_LT(chi_square(counts), chi_square_limit(bound)) << "bound " << bound;
  }
}

// With bound 3 * 2^30 a product without redrawing hits every third number twice as often as the others.
constexpr std::uint32_t kTellingBound = 3u << 30;

TEST(Rng, BelowHasNoBiasForAHugeBound) {
  RngStream stream(1, StreamPurpose::batch_order, 1);
  std::vector<double> counts(3);
  for (int i = 0; i < 100'000; ++i) ++counts[stream.below(kTellingBound) % 3];
  EXPECT_LT(chi_square(counts), chi_square_limit(3));
}

TEST(Rng, TheBiasCheckRejectsAProductWithoutRedrawing) {
  RngStream stream(1, StreamPurpose::batch_order, 1);
  std::vector<double> counts(3);
  for (int i = 0; i < 100'000; ++i) ++counts[(std::uint64_t{stream.bits()} * kTellingBound >> 32) % 3];
  EXPECT_GT(chi_square(counts), chi_square_limit(3));
}

// Python: s = stream(7, 3, 1); v = list(range(10))
//   for left in range(10, 1, -1): j = below(s, left); v[left - 1], v[j] = v[j], v[left - 1]
TEST(Rng, ShuffleGivesItsRecordedOrder) {
  RngStream stream(7, StreamPurpose::batch_order, 1);
  std::vector<std::uint32_t> values(10);
  std::iota(values.begin(), values.end(), 0u);
  shuffle(values, stream);
  EXPECT_EQ(values, (std::vector<std::uint32_t>{3, 4, 9, 8, 5, 7, 6, 1, 2, 0}));
}

TEST(Rng, ShuffleIsAPermutation) {
  RngStream stream(1, StreamPurpose::batch_order, 1);
  for (const std::size_t n : {0u, 1u, 2u, 1000u}) {
    std::vector<std::uint32_t> values(n);
    std::iota(values.begin(), values.end(), 0u);
    const std::vector<std::uint32_t> sorted = values;
    shuffle(values, stream);
    EXPECT_TRUE(n < 1000 || values != sorted);
    std::sort(values.begin(), values.end());
    EXPECT_EQ(values, sorted);
  }
}

TEST(Rng, ShuffleMakesAllOrdersOfFourEquallyLikely) {
  RngStream stream(2, StreamPurpose::batch_order, 1);
  std::vector<double> counts(256);
  for (int i = 0; i < 48'000; ++i) {
    std::array<std::uint32_t, 4> v = {0, 1, 2, 3};
    shuffle(v, stream);
    ++counts[v[0] * 64 + v[1] * 16 + v[2] * 4 + v[3]];
  }
  std::erase(counts, 0.0);
  EXPECT_EQ(counts.size(), 24u);
  EXPECT_LT(chi_square(counts), chi_square_limit(24));
}

}  // namespace
}  // namespace initsweep
