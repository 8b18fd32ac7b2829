#include "initsweep/stats.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <numeric>
#include <string>
#include <vector>
#include "denormals.hpp"
#include "initsweep/kernels.hpp"

namespace initsweep {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

Summary summary_of(const std::vector<float>& values) {
  Summarizer summarizer(kernels(best_instruction_set()).statistics);
  return summarize(values, summarizer);
}

// Multiples of 1/64, exact in float; out of order, with repeats.
std::vector<float> scattered(int n) {
  std::vector<float> values;
  for (int i = 1; i <= n; ++i) values.push_back(static_cast<float>(i * 7919 % 1009 - 400) / 64);
  return values;
}

struct RecordedSummary {
  const char* name;
  int n;
  double mean, std, rms, l2, min, max, q01, q50, q99, zero_fraction;
};
class RecordedByR : public testing::TestWithParam<RecordedSummary> {};

// R: x <- ((1:n * 7919) %% 1009 - 400) / 64; mean(x); sqrt(mean((x - mean(x))^2)); sqrt(mean(x^2)); sqrt(sum(x^2));
// min(x); max(x); quantile(x, c(0.01, 0.5, 0.99)); mean(x == 0)
TEST_P(RecordedByR, SummaryAgrees) {
  const RecordedSummary& r = GetParam();
  const Summary s = summary_of(scattered(r.n));
  constexpr double kRounding = 1e-14;  // of sums of a few thousand terms of one size, in double
  EXPECT_EQ(s.count, r.n);
  EXPECT_EQ(s.nonfinite, 0);
  EXPECT_NEAR(s.mean, r.mean, 10 * kRounding);
  EXPECT_NEAR(s.std, r.std, 10 * kRounding);
  EXPECT_NEAR(s.rms, r.rms, 10 * kRounding);
  EXPECT_NEAR(s.l2, r.l2, 1000 * kRounding);
  EXPECT_EQ(s.min, r.min);
  EXPECT_EQ(s.max, r.max);
  EXPECT_NEAR(s.q01, r.q01, 10 * kRounding);
  EXPECT_NEAR(s.q50, r.q50, 10 * kRounding);
  EXPECT_NEAR(s.q99, r.q99, 10 * kRounding);
  EXPECT_EQ(s.zero_fraction, r.zero_fraction);
}

INSTANTIATE_TEST_SUITE_P(
    Stats, RecordedByR,
    testing::Values(RecordedSummary{"few", 100, 1.8285937500000000, 4.5560594819349856, 4.9093210432267265,
                                    49.0932104322672629, -5.921875, 9.453125, -5.86, 1.796875, 9.3912500000000012, 0},
                    RecordedSummary{"many", 5000, 1.6292843749999999, 4.5512589855022787, 4.8341003224730841,
                                    341.8225118956793835, -6.25, 9.5, -6.09375, 1.625, 9.3439062500000034, 0.001}),
    [](const auto& test) { return test.param.name; });

std::vector<InstructionSet> available_sets() {
  std::vector<InstructionSet> sets;
  std::copy_if(std::begin(kInstructionSets), std::end(kInstructionSets), std::back_inserter(sets), is_available);
  return sets;
}

// The definition.
double type7(const std::vector<float>& sorted, double p) {
  const double at = static_cast<double>(sorted.size() - 1) * p;
  const std::size_t low = static_cast<std::size_t>(std::floor(at));
  const double x = sorted[low], y = sorted[std::min(low + 1, sorted.size() - 1)];
  return x + (at - std::floor(at)) * (y - x);
}

struct Shape {
  const char* name;
  std::function<float(int)> value;
};
class SummaryOf : public testing::TestWithParam<Shape> {
 protected:
  static std::vector<float> values(int n) {
    std::vector<float> values;
    for (int i = 0; i < n; ++i) values.push_back(GetParam().value(i));
    return values;
  }
};
constexpr int kCounts[] = {1,   2,   3,   4,   5,   7,   15,   16,   17,   31,   33,   64,     99,     100,
                           101, 102, 128, 129, 255, 640, 1000, 1023, 1024, 1025, 6400, 10'000, 12'345, 78'400};

TEST_P(SummaryOf, HasTheQuantilesOfASortedCopyForAnyCount) {
  for (const InstructionSet set : available_sets()) {
    Summarizer summarizer(kernels(set).statistics);  // one for all, as the training loop keeps it
    for (const int n : kCounts) {
      const std::vector<float> some = values(n);
      std::vector<float> sorted = some;
      std::sort(sorted.begin(), sorted.end());
      const Summary s = summarize(some, summarizer);
      SCOPED_TRACE(std::string(to_text(set)) + ", " + std::to_string(n) + " numbers");
      EXPECT_EQ(s.q01, type7(sorted, 0.01));
      EXPECT_EQ(s.q50, type7(sorted, 0.5));
      EXPECT_EQ(s.q99, type7(sorted, 0.99));
      EXPECT_EQ(s.min, sorted.front());
      EXPECT_EQ(s.max, sorted.back());
    }
  }
}

// -0 and 0 differ, and so would two NaN of different bits.
std::vector<std::uint64_t> bits_of(const Summary& s) {
  std::vector<std::uint64_t> bits;
  for (const double x : {s.mean, s.std, s.rms, s.l2, s.min, s.max, s.q01, s.q50, s.q99, s.zero_fraction})
    bits.push_back(std::bit_cast<std::uint64_t>(x));
  return bits;
}

TEST_P(SummaryOf, IsTheSameBitsForEveryInstructionSet) {
  Summarizer plain(portable_kernels<float>().statistics);
  for (const InstructionSet set : available_sets()) {
    Summarizer summarizer(kernels(set).statistics);
    for (const int n : kCounts) {
      const std::vector<float> some = values(n);
      EXPECT_EQ(bits_of(summarize(some, summarizer)), bits_of(summarize(some, plain))) << to_text(set) << ", " << n;
    }
  }
}

TEST_P(SummaryOf, GoesWithDeviationsThatAreTheSameBitsForEveryInstructionSet) {
  const std::vector<float> x = values(3 * 317);
  const StatisticsLoops& plain = portable_kernels<float>().statistics;
  for (const InstructionSet set : available_sets()) {
    const StatisticsLoops& loops = kernels(set).statistics;
    for (const std::size_t rows : {1u, 2u, 15u, 16u, 17u, 64u, 300u, 317u}) {
      SCOPED_TRACE(std::string(to_text(set)) + ", " + std::to_string(rows) + " rows");
      const double within = loops.squared_deviations_within(x.data(), rows, 3);
      EXPECT_EQ(within, plain.squared_deviations_within(x.data(), rows, 3));
      const double distance = loops.squared_distance(x.data(), x.data() + rows, rows);
      EXPECT_EQ(distance, plain.squared_distance(x.data(), x.data() + rows, rows));
      const std::size_t columns = x.size() / rows;
      std::vector<double> squares(rows, 0.5), plain_squares(rows, 0.5), sums(columns), plain_sums(columns);
      loops.add_squares_of_rows(x.data(), rows, columns, squares.data());
      plain.add_squares_of_rows(x.data(), rows, columns, plain_squares.data());
      EXPECT_EQ(squares, plain_squares);
      EXPECT_EQ(loops.squared_products_within(x.data(), rows, columns, squares.data(), sums.data()),
                plain.squared_products_within(x.data(), rows, columns, squares.data(), plain_sums.data()));
      EXPECT_EQ(sums, plain_sums);

      double expected_within = 0, expected_distance = 0;
      for (std::size_t column = 0; column < 3; ++column) {
        double sum = 0;
        for (std::size_t i = 0; i < rows; ++i) sum += x[column * rows + i];
        const double mean = sum / static_cast<double>(rows);
        for (std::size_t i = 0; i < rows; ++i) expected_within += std::pow(x[column * rows + i] - mean, 2);
      }
      for (std::size_t i = 0; i < rows; ++i)
        expected_distance += std::pow(static_cast<double>(x[i]) - static_cast<double>(x[rows + i]), 2);
      // Sums of a few hundred squares in double; a deviation from a rounded mean is off by an ulp of the largest
      // number.
      const Summary s = summary_of(x);
      const double ulp = 1e-15 * std::max(-s.min, s.max);
      EXPECT_NEAR(within, expected_within, 1e-12 * expected_within + 3e3 * ulp * ulp);
      EXPECT_NEAR(distance, expected_distance, 1e-12 * expected_distance);
    }
  }
}

float noise(int i) {
  return std::sin(static_cast<float>(i) * 12.9898f) * std::cos(static_cast<float>(std::int64_t{i} * i % 1013));
}

INSTANTIATE_TEST_SUITE_P(
    Stats, SummaryOf,
    testing::Values(
        Shape{"noise", noise}, Shape{"half_zeros", [](int i) { return std::max(0.0f, noise(i)); }},
        Shape{"both_zeros", [](int i) { return i % 3 ? 0.0f : -0.0f; }},
        Shape{"zeros_and_positive", [](int i) { return i % 7 ? (i % 2 ? 0.0f : -0.0f) : 1.0f; }},
        Shape{"constant", [](int) { return 0.1f; }}, Shape{"two_values", [](int i) { return i % 2 ? -1.0f : 1.0f; }},
        Shape{"ascending", [](int i) { return static_cast<float>(i); }},
        Shape{"descending", [](int i) { return static_cast<float>(-i); }},
        Shape{"every_scale", [](int i) { return noise(i) * std::pow(10.0f, static_cast<float>(i % 70 - 35)); }},
        Shape{"denormal", [](int i) { return 1e-40f * noise(i); }},
        Shape{"denormal_neighbours", [](int i) { return std::bit_cast<float>(i * 7919 % 300); }},
        Shape{"tiny_and_zeros", [](int i) { return i % 3 ? 0.0f : 1e-42f * noise(i); }},
        Shape{"neighbours_of_one", [](int i) { return 1 + 1.2e-7f * static_cast<float>(i % 5); }},
        Shape{"one_outlier", [](int i) { return i == 0 ? -1e30f : 1 + 1e-4f * noise(i); }},
        Shape{"constant_and_outlier", [](int i) { return i == 0 ? 1e30f : -0.5f; }},
        Shape{"sorted", [](int i) { return std::sinh(static_cast<float>(i - 3000) / 2000); }},
        Shape{"away_from_zero", [](int i) { return 3 + noise(i); }},
        Shape{"negative", [](int i) { return -2 - noise(i) * noise(i); }},
        Shape{"heavy_tails", [](int i) { return noise(i) * std::exp(20 * noise(i * 31 + 7)); }},
        Shape{"a_decade_each",
              [](int i) { return (i % 2 ? -1.0f : 1.0f) * std::pow(10.0f, static_cast<float>(i % 76 - 38)); }},
        Shape{"whole_range",
              [](int i) {
                if (i < 2) return i ? std::numeric_limits<float>::max() : std::numeric_limits<float>::lowest();
                return noise(i);
              }}),
    [](const auto& test) { return test.param.name; });

TEST(Stats, TinyValuesKeepTheirSizeWhileTheCallerFlushesDenormals) {
  std::vector<float> values;
  for (int i = 0; i < 2000; ++i) values.push_back(i % 4 ? 1e-40f : -1e-40f);
  const double tiny = 1e-40f;  // as the nearest float
  const FlushDenormals flush;
  const Summary s = summary_of(values);
  EXPECT_DOUBLE_EQ(s.mean, tiny / 2);
  EXPECT_DOUBLE_EQ(s.rms, tiny);
  EXPECT_DOUBLE_EQ(s.std, tiny * std::sqrt(0.75));
  EXPECT_DOUBLE_EQ(s.l2, tiny * std::sqrt(2000));
  EXPECT_EQ(s.min, -tiny);
  EXPECT_EQ(s.max, tiny);
  EXPECT_EQ(s.q01, -tiny);
  EXPECT_EQ(s.q50, tiny);
  EXPECT_EQ(s.zero_fraction, 0);
}

TEST(Stats, FlushAndKeepNestAndRestore) {
  volatile float tiny = 1e-40f;
  const auto is_flushed = [&] { return tiny * 1.0f == 0.0f; };
  EXPECT_FALSE(is_flushed());
  {
    const FlushDenormals flush;
    EXPECT_TRUE(is_flushed());
    {
      const KeepDenormals keep;
      EXPECT_FALSE(is_flushed());
    }
    EXPECT_TRUE(is_flushed());
    static_cast<void>(summary_of({1.0f, 2.0f}));
    EXPECT_TRUE(is_flushed());
  }
  EXPECT_FALSE(is_flushed());
}

TEST(Stats, StdSurvivesAMeanThatDwarfsIt) {
  // Two neighbouring floats at a million: std is half their distance, exactly.
  std::vector<float> values;
  for (int i = 0; i < 1000; ++i) values.push_back(i % 2 ? 1e6f : 1e6f + 0.0625f);
  const Summary s = summary_of(values);
  EXPECT_DOUBLE_EQ(s.mean, 1e6 + 0.03125);
  EXPECT_DOUBLE_EQ(s.std, 0.03125);

  // The same by E[x^2] - E[x]^2, in float as a careless loop would: wrong by orders of magnitude.
  float sum = 0, squares = 0;
  for (const float x : values) {
    sum += x;
    squares += x * x;
  }
  const float variance = squares / 1000 - sum / 1000 * (sum / 1000);
  EXPECT_GT(std::abs(variance - 0.03125f * 0.03125f), 1.0f);
}

TEST(Stats, AConstantHasNoSpread) {
  const Summary s = summary_of(std::vector<float>(1001, 0.1f));
  EXPECT_EQ(s.mean, 0.1f);
  EXPECT_EQ(s.std, 0);
}

TEST(Stats, SumsDoNotOverflowForTheLargestFloats) {
  const float largest = std::numeric_limits<float>::max();
  const Summary s = summary_of({largest, largest, -largest, -largest});
  EXPECT_EQ(s.mean, 0);
  EXPECT_DOUBLE_EQ(s.rms, largest);
  EXPECT_DOUBLE_EQ(s.l2, 2.0 * largest);
}

TEST(Stats, OneNonfiniteEntryEmptiesAllButCountsAndZeros) {
  for (const float bad : {kInfinity, -kInfinity, kNaN, -kNaN})
    for (const std::size_t place : {0u, 5u, 39u}) {  // in the first lane, a full block, the rest
      std::vector<float> values(40, 1.0f);
      values[10] = 0;
      values[place] = bad;
      const Summary s = summary_of(values);
      EXPECT_EQ(s.count, 40);
      EXPECT_EQ(s.nonfinite, 1);
      EXPECT_EQ(s.zero_fraction, 1.0 / 40);
      for (const double moment : {s.mean, s.std, s.rms, s.l2, s.min, s.max, s.q01, s.q50, s.q99})
        EXPECT_TRUE(std::isnan(moment));
    }
  EXPECT_EQ(summary_of({kInfinity, 1, kNaN, -kInfinity}).nonfinite, 3);
}

TEST(Stats, OneValueIsItsOwnSummary) {
  const Summary s = summary_of({-2.5f});
  EXPECT_EQ(s.count, 1);
  EXPECT_EQ(s.std, 0);
  for (const double value : {s.mean, s.min, s.max, s.q01, s.q50, s.q99}) EXPECT_EQ(value, -2.5);
  for (const double value : {s.rms, s.l2}) EXPECT_EQ(value, 2.5);
}

TEST(Stats, NoValuesSummarizeToNothing) {
  const Summary s = summary_of({});
  EXPECT_EQ(s.count, 0);
  EXPECT_EQ(s.nonfinite, 0);
  for (const double value : {s.mean, s.std, s.rms, s.l2, s.min, s.max, s.q01, s.q50, s.q99, s.zero_fraction})
    EXPECT_TRUE(std::isnan(value));
}

// R: quantile(c(3, 1, 4, 1, 5, 9, 2, 6), c(0, 0.1, 0.25, 0.5, 0.9, 1))
TEST(Stats, QuantileIsRsType7) {
  std::vector<double> values = {3, 1, 4, 1, 5, 9, 2, 6};
  EXPECT_EQ(quantile(values, 0), 1);
  EXPECT_EQ(quantile(values, 0.1), 1);
  EXPECT_EQ(quantile(values, 0.25), 1.75);
  EXPECT_EQ(quantile(values, 0.5), 3.5);
  EXPECT_DOUBLE_EQ(quantile(values, 0.9), 6.9);
  EXPECT_EQ(quantile(values, 1), 9);
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({7}), 7);
  EXPECT_TRUE(std::isnan(median({})));
  EXPECT_TRUE(std::isnan(median({1, std::nan(""), 2})));
}

// R: x <- c(0.91, 0.934, 0.889, 0.927, 0.915); t <- t.test(x); t$estimate; sd(x); t$conf.int;
// t.test(x, conf.level = 0.9)$conf.int
TEST(Stats, MeanIntervalIsRsTTest) {
  const std::vector<double> x = {0.91, 0.934, 0.889, 0.927, 0.915};
  const MeanInterval i = mean_interval(x);
  EXPECT_EQ(i.n, 5);
  constexpr double kRounding = 1e-14;
  EXPECT_NEAR(i.mean, 0.915, kRounding);
  EXPECT_NEAR(i.std, 0.017363755354185353, kRounding);
  EXPECT_NEAR(i.low, 0.893440050103090244, kRounding);
  EXPECT_NEAR(i.high, 0.936559949896909827, kRounding);
  const MeanInterval narrower = mean_interval(x, 0.9);
  EXPECT_NEAR(narrower.low, 0.89844555423946826, kRounding);
  EXPECT_NEAR(narrower.high, 0.93155444576053170, kRounding);
}

TEST(Stats, MeanIntervalNeedsTwoValues) {
  const MeanInterval none = mean_interval({});
  EXPECT_EQ(none.n, 0);
  EXPECT_TRUE(std::isnan(none.mean));
  const std::vector<double> one = {0.5};
  const MeanInterval single = mean_interval(one);
  EXPECT_EQ(single.n, 1);
  EXPECT_EQ(single.mean, 0.5);
  for (const double value : {none.std, none.low, none.high, single.std, single.low, single.high})
    EXPECT_TRUE(std::isnan(value));
}

// R: coef(lm(y ~ x)) with these x and y
TEST(Stats, SlopeIsRsLm) {
  const std::vector<double> x = {1, 2, 4, 7, 11}, y = {0.3, -1.2, -2.9, -7.1, -10.4};
  const std::optional<double> found = slope(x, y);
  ASSERT_TRUE(found);
  EXPECT_NEAR(*found, -1.0803030303030303, 1e-14);
}

TEST(Stats, SlopeNeedsTwoDifferentPlaces) {
  const std::vector<double> one = {1}, equal = {0.1, 0.1, 0.1}, y = {1, 2, 3};
  EXPECT_EQ(slope({}, {}), std::nullopt);
  EXPECT_EQ(slope(one, one), std::nullopt);
  EXPECT_EQ(slope(equal, y), std::nullopt);
}

TEST(Quantiles, TakeAsManyValuesAsTheirEndsAreShares) {
  EXPECT_EQ(values_for_quantiles(0.95), 20);
  EXPECT_EQ(values_for_quantiles(0.9), 10);
  EXPECT_EQ(values_for_quantiles(0.99), 100);
  EXPECT_EQ(values_for_quantiles(0.7), 4);
  EXPECT_GE(values_for_quantiles(1 - 1e-12), 1'000'000'000);
}

}  // namespace
}  // namespace initsweep
