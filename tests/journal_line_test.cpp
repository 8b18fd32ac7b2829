#include "journal_line.hpp"
#include <gtest/gtest.h>
#include <zlib.h>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <string>
#include "initsweep/journal.hpp"

namespace initsweep {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A job with a value in every field, among them the doubles that are hardest to write down.
FinishedJob full_job(const std::string& id) {
  EpochRow epoch{.epoch = 1, .step = 938, .train_loss = 0.1, .train_accuracy = 1.0 / 3};
  epoch.test_loss = std::numeric_limits<double>::denorm_min();
  epoch.test_accuracy = std::nextafter(1.0, 0.0);
  epoch.validation_loss = std::numeric_limits<double>::max();
  epoch.validation_accuracy = -0.0;
  LayerRow layer;
  layer.epoch = 1;
  layer.step = 938;
  layer.layer = 2;
  layer.tensor = TensorKind::delta;
  layer.fan_in = 100;
  layer.fan_out = 50;
  layer.summary = {.count = 15000,
                   .nonfinite = 0,
                   .mean = -1e-17,
                   .std = 2.5e-310,
                   .rms = 4.9e-324,
                   .l2 = 1e22,
                   .min = -123456789.123456789,
                   .max = 9007199254740993.0,
                   .q01 = 1e-5,
                   .q50 = 0,
                   .q99 = 5e-324,
                   .zero_fraction = 0.25};
  layer.dead_fraction = 0.125;
  layer.update_ratio = 3e-3;
  layer.correlation = -1.0 / 3;
  layer.unit_mean_median = -1e-300;
  layer.jacobian_sv_mean = 0.8488263631567752;
  layer.jacobian_sv_rms = 1;
  layer.jacobian_sv_min = 1e-9;
  layer.jacobian_sv_max = 2;
  FinishedJob job{.job_id = id,
                  .record_options = {.every = RecordOptions::Every::steps, .steps = 50, .jacobian = 7},
                  .record = {},
                  .trace = {}};
  job.record.status = JobStatus::diverged;
  job.record.error = "a \"quoted\" reason, in \xC3\xA9t\xC3\xA9\n,\"result\":";
  job.record.epochs_run = 1;
  job.record.steps_run = 940;
  job.record.diverged_step = 940;
  job.record.epochs = {EpochRow{}, epoch};
  job.record.layers = {LayerRow{}, layer};
  job.record.delta_slope_start = -0.627;
  job.record.digest = "d_0123456789abcdef";
  job.trace = {.start = "2026-11-22T09:48:08Z",
               .duration_s = 1.5,
               .cpu_s = 1.25,
               .samples_per_s = 40000.5,
               .thread = 1,
               .host = "node,\"1\"",
               .peak_memory_bytes = 1e8};
  return job;
}

void expect_same_bits(double a, double b, const char* what) {
  if (std::isnan(a) && std::isnan(b)) return;
  EXPECT_EQ(std::bit_cast<std::uint64_t>(a), std::bit_cast<std::uint64_t>(b)) << what << ": " << a << " and " << b;
}

void expect_same(const EpochRow& a, const EpochRow& b) {
  EXPECT_EQ(a.epoch, b.epoch);
  EXPECT_EQ(a.step, b.step);
  expect_same_bits(a.train_loss, b.train_loss, "train_loss");
  expect_same_bits(a.train_accuracy, b.train_accuracy, "train_accuracy");
  expect_same_bits(a.test_loss, b.test_loss, "test_loss");
  expect_same_bits(a.test_accuracy, b.test_accuracy, "test_accuracy");
  expect_same_bits(a.validation_loss, b.validation_loss, "validation_loss");
  expect_same_bits(a.validation_accuracy, b.validation_accuracy, "validation_accuracy");
}

void expect_same(const LayerRow& a, const LayerRow& b) {
  EXPECT_EQ(a.epoch, b.epoch);
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.layer, b.layer);
  EXPECT_EQ(a.tensor, b.tensor);
  EXPECT_EQ(a.fan_in, b.fan_in);
  EXPECT_EQ(a.fan_out, b.fan_out);
  EXPECT_EQ(a.summary.count, b.summary.count);
  EXPECT_EQ(a.summary.nonfinite, b.summary.nonfinite);
  expect_same_bits(a.summary.mean, b.summary.mean, "mean");
  expect_same_bits(a.summary.std, b.summary.std, "std");
  expect_same_bits(a.summary.rms, b.summary.rms, "rms");
  expect_same_bits(a.summary.l2, b.summary.l2, "l2");
  expect_same_bits(a.summary.min, b.summary.min, "min");
  expect_same_bits(a.summary.max, b.summary.max, "max");
  expect_same_bits(a.summary.q01, b.summary.q01, "q01");
  expect_same_bits(a.summary.q50, b.summary.q50, "q50");
  expect_same_bits(a.summary.q99, b.summary.q99, "q99");
  expect_same_bits(a.summary.zero_fraction, b.summary.zero_fraction, "zero_fraction");
  expect_same_bits(a.saturated_fraction, b.saturated_fraction, "saturated_fraction");
  expect_same_bits(a.dead_fraction, b.dead_fraction, "dead_fraction");
  expect_same_bits(a.between_sample_std, b.between_sample_std, "between_sample_std");
  expect_same_bits(a.update_ratio, b.update_ratio, "update_ratio");
  expect_same_bits(a.correlation, b.correlation, "correlation");
  expect_same_bits(a.unit_mean_median, b.unit_mean_median, "unit_mean_median");
  expect_same_bits(a.jacobian_sv_mean, b.jacobian_sv_mean, "jacobian_sv_mean");
  expect_same_bits(a.jacobian_sv_rms, b.jacobian_sv_rms, "jacobian_sv_rms");
  expect_same_bits(a.jacobian_sv_min, b.jacobian_sv_min, "jacobian_sv_min");
  expect_same_bits(a.jacobian_sv_max, b.jacobian_sv_max, "jacobian_sv_max");
}

void expect_same(const FinishedJob& a, const FinishedJob& b) {
  EXPECT_EQ(a.job_id, b.job_id);
  EXPECT_EQ(a.record_options, b.record_options);
  EXPECT_EQ(a.record.status, b.record.status);
  EXPECT_EQ(a.record.error, b.record.error);
  EXPECT_EQ(a.record.epochs_run, b.record.epochs_run);
  EXPECT_EQ(a.record.steps_run, b.record.steps_run);
  EXPECT_EQ(a.record.diverged_step, b.record.diverged_step);
  expect_same_bits(a.record.delta_slope_start, b.record.delta_slope_start, "delta_slope_start");
  expect_same_bits(a.record.delta_slope_end, b.record.delta_slope_end, "delta_slope_end");
  EXPECT_EQ(a.record.digest, b.record.digest);
  ASSERT_EQ(a.record.epochs.size(), b.record.epochs.size());
  for (std::size_t i = 0; i < a.record.epochs.size(); ++i) expect_same(a.record.epochs[i], b.record.epochs[i]);
  ASSERT_EQ(a.record.layers.size(), b.record.layers.size());
  for (std::size_t i = 0; i < a.record.layers.size(); ++i) expect_same(a.record.layers[i], b.record.layers[i]);
  EXPECT_EQ(a.trace.start, b.trace.start);
  expect_same_bits(a.trace.duration_s, b.trace.duration_s, "duration_s");
  expect_same_bits(a.trace.cpu_s, b.trace.cpu_s, "cpu_s");
  expect_same_bits(a.trace.samples_per_s, b.trace.samples_per_s, "samples_per_s");
  EXPECT_EQ(a.trace.thread, b.trace.thread);
  EXPECT_EQ(a.trace.host, b.trace.host);
  expect_same_bits(a.trace.peak_memory_bytes, b.trace.peak_memory_bytes, "peak_memory_bytes");
}

FinishedJob small_job(const std::string& id, JobStatus status = JobStatus::ok) {
  FinishedJob job{.job_id = id, .record_options = {}, .record = {}, .trace = {}};
  job.record.status = status;
  return job;
}

TEST(JournalLine, EveryBitComesBack) {
  const FinishedJob job = full_job("j_0123456789abcdef");
  expect_same(parse_json_line(to_json_line(job)), job);
}

TEST(JournalLine, IsOneLine) {
  const std::string line = to_json_line(full_job("j_1"));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

// The checksum: python3 -c "import zlib; print('%08x' % zlib.crc32(b'...'))" over the line up to ,"crc32".
TEST(JournalLine, HasThisText) {
  FinishedJob job = small_job("j_1");
  job.record.epochs = {EpochRow{}};
  job.trace.start = "2026-11-22T09:48:08Z";
  EXPECT_EQ(to_json_line(job),
            R"({"job":{"job_id":"j_1","status":"ok",)"
            R"("record":{"every":"epoch","steps":0,"at_start":true,"probe":300,"jacobian":0},)"
            R"("trace":{"start":"2026-11-22T09:48:08Z","duration_s":0.0,"cpu_s":0.0,"samples_per_s":0.0,"thread":0,)"
            R"("host":"","peak_memory_bytes":0.0}},)"
            R"("result":{"error":"","epochs_run":0,"steps_run":0,"diverged_step":null,"delta_slope_start":null,)"
            R"("delta_slope_end":null,"digest":"","epochs":[[0,0,null,null,null,null,null,null]],"layers":[]},)"
            R"("crc32":"3d62d946"})"
            "\n");
}

TEST(JournalLine, InfinityReadsBackAsNoValue) {
  FinishedJob job = small_job("j_1");
  job.record.epochs = {EpochRow{.test_loss = kInfinity}};
  EXPECT_TRUE(std::isnan(parse_json_line(to_json_line(job)).record.epochs.front().test_loss));
}

TEST(JournalLine, BytesThatAreNoUtf8BecomeReplacementCharacters) {
  FinishedJob job = small_job("j_1", JobStatus::failed);
  job.record.error = "bad \xFF byte";
  EXPECT_EQ(parse_json_line(to_json_line(job)).record.error, "bad \xEF\xBF\xBD byte");
}

TEST(JournalLine, AnyFlippedBitIsNoticed) {
  const std::string line = to_json_line(small_job("j_1"));
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    std::string damaged = line;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_THROW((void)parse_line_head(damaged), std::runtime_error) << "byte " << i;
  }
}

// In pieces that end everywhere, among them inside the checksum.
TEST(JournalLine, ComesInPiecesOfAnySize) {
  std::string line = to_json_line(full_job("j_1"));
  line.pop_back();
  LineCheck check;
  for (std::size_t n = 1; n <= line.size(); n += n < 40 ? 1 : 97) {
    for (std::size_t at = 0; at < line.size(); at += n) check.add(std::string_view(line).substr(at, n));
    EXPECT_EQ(check.finish().job_id, "j_1") << "pieces of " << n;
  }
  check.add(line.substr(1));
  EXPECT_THROW((void)check.finish(), std::runtime_error);
  check.add(line);  // what was wrong before is forgotten
  EXPECT_EQ(check.finish().job_id, "j_1");
}

// 50 MB of a result, of which 64 KB are kept at a time.
TEST(JournalLine, ALongLineIsNotKept) {
  std::string piece(1 << 20, ' ');
  LineCheck check;
  check.add(R"({"job":{})");
  for (int i = 0; i < 50; ++i) check.add(piece);
  EXPECT_THROW((void)check.finish(), std::runtime_error);
}

TEST(JournalLine, CountsThatDoNotFitAreRefused) {
  const auto with = [](const std::string& from, const std::string& to) {
    std::string line = to_json_line(small_job("j_1"));
    line.replace(line.find(from), from.size(), to);
    line.resize(line.rfind(R"(,"crc32")"));
    std::array<char, 9> digits{};
    std::snprintf(digits.data(), digits.size(), "%08lx",
                  crc32_z(0, reinterpret_cast<const Bytef*>(line.data()), line.size()));
    return line + R"(,"crc32":")" + digits.data() + R"("})";
  };
  EXPECT_EQ(parse_json_line(with(R"("epochs_run":0)", R"("epochs_run":9223372036854775807)")).record.epochs_run,
            std::numeric_limits<std::int64_t>::max());
  for (const char* count : {"9223372036854775808", "18446744073709551615", "1.0", "true"})
    EXPECT_THROW((void)parse_json_line(with(R"("epochs_run":0)", std::string(R"("epochs_run":)") + count)),
                 std::runtime_error)
        << count;
  EXPECT_THROW((void)parse_json_line(with(R"("thread":0)", R"("thread":4294967296)")), std::runtime_error);
}

TEST(JournalLine, AFormatThatIsNestedDeeplyIsNotShown) {
  const std::string nested = std::string(30'000, '[') + std::string(30'000, ']');
  EXPECT_THROW((void)parse_header_line(R"({"initsweep_journal":)" + nested + "}"), std::runtime_error);
}

TEST(JournalLine, AnyCutIsNoticed) {
  const std::string line = to_json_line(small_job("j_1"));
  for (std::size_t length = 0; length + 1 < line.size(); ++length)
    EXPECT_THROW((void)parse_line_head(line.substr(0, length)), std::runtime_error) << length << " bytes";
}

}  // namespace
}  // namespace initsweep
