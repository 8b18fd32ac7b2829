#include "initsweep/baseline.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "hand_made_baseline.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/gate.hpp"
#include "initsweep/grid.hpp"
#include "initsweep/journal.hpp"
#include "initsweep/number.hpp"
#include "initsweep/numerics.hpp"
#include "initsweep/run_info.hpp"
#include "sweep_text.hpp"
#include "temporary_folder.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

// Everything a baseline says, number by number. Layers after the last one that has enough weights say nothing.
std::string told(const Baseline& baseline) {
  std::ostringstream out;
  out << baseline.sweep << '|' << baseline.reason << '|' << baseline.accepted << '\n'
      << baseline.tool.version << '|' << baseline.tool.compiler << '|' << baseline.tool.flags << '\n'
      << baseline.numerics.revision << '|' << baseline.numerics.instruction_set << '|' << baseline.numerics.gemm << '|'
      << baseline.numerics.cache.l1 << '|' << baseline.numerics.cache.l2 << '|' << baseline.numerics.cache.l3 << '\n';
  for (const auto& [name, digest] : baseline.data) out << name << " = " << digest << '\n';
  for (const auto& [column, t] : baseline.gate)
    out << column << " within " << float_text(t.rtol) << " + " << float_text(t.atol) << '\n';
  for (const BaselineCell& cell : baseline.cells) {
    out << cell.id << ", a guess " << float_text(cell.chance) << ':';
    for (const auto& [name, value] : cell.settings) out << ' ' << name << '=' << value;
    out << '\n';
    for (const Replicate& r : cell.replicates) {
      out << "  " << r.seed << ' ' << to_text(r.status) << ' ' << r.digest << " [";
      for (const double value : r.values) out << float_text(value) << ' ';
      out << "] [";
      std::size_t n = r.weight_rms.size();
      while (n > 0 && r.weight_rms[n - 1] != r.weight_rms[n - 1]) --n;
      for (std::size_t i = 0; i < n; ++i) out << float_text(r.weight_rms[i]) << ' ';
      out << "]\n";
    }
  }
  return out.str();
}

Baseline noted(Baseline baseline) {
  baseline.reason = "The first ones, of \"good\" news: 100 % # \\ ok\nand a second line";
  baseline.accepted = "2026-11-24";
  baseline.tool = {.version = "0.1.0", .compiler = "12.2.0", .flags = "-O3 -DX='y'"};
  baseline.numerics = {.revision = 3, .instruction_set = "x86-64-v2", .gemm = "initsweep", .cache = {1, 2, 3}};
  return baseline;
}

Baseline written_and_read(const Baseline& baseline) {
  const TemporaryFolder folder;
  write_baseline(folder / "ci", baseline);
  EXPECT_EQ(folder.names(), (std::set<std::string>{"ci.csv", "ci.yaml"}));
  return read_baseline(folder / "ci");
}

TEST(Baseline, ComesBackAsItWas) {
  Baseline baseline = noted(baseline_with({cell_of(kBefore, 2), cell_of({trained(1, 0.1), diverged(2)}, 5)}));
  Replicate& first = baseline.cells[0].replicates[0];
  value_of(first, "test_loss") = 0.1 + 0.2;  // 17 digits
  value_of(first, "train_loss") = 4.9e-324;
  value_of(first, "delta_slope_end") = -1e300;
  value_of(first, "best_epoch") = 3;
  value_of(first, "steps_run") = 1e9;
  first.weight_rms = {kNoValue, 0.25, kNoValue};  // the first and last with too few weights
  baseline.cells[1].replicates[0].weight_rms = {0.5, 0.25, 0.125, 0.0625, 1, 2};
  baseline.gate = {{"test_loss", {0.1, 0.01}}, {"delta_slope_start", {0, 1e-4}}};
  const Baseline read = written_and_read(baseline);
  EXPECT_EQ(told(read), told(baseline));
  EXPECT_EQ(worst(compare(baseline, read)), Outcome::good);
  EXPECT_EQ(worst(compare(read, baseline)), Outcome::good);
}

TEST(Baseline, ADifferenceWouldShow) {
  const Baseline baseline = noted(baseline_with({cell_of(kBefore, 2)}));
  Baseline other = baseline;
  value_of(other.cells[0].replicates[4], "test_accuracy") += 1e-16;
  EXPECT_NE(told(other), told(baseline));
  other = baseline;
  other.cells[0].replicates[0].weight_rms[1] = kNoValue;
  EXPECT_NE(told(other), told(baseline));
}

TEST(Baseline, SeveralDataSetsKeepTheirClassesAndPaths) {
  Baseline baseline = noted(baseline_with({}));
  baseline.data.clear();
  // In the order of their names.
  const char* const paths[] = {"fashion_mnist",
                               "idx:/data/\"quoted\", and a comma",
                               "idx:/data/back\\slash: #1",
                               "idx:/data/donn\xC3\xA9"
                               "es/\xE6\x97\xA5\xE6\x9C\xAC",
                               "idx:/data/my digits",
                               "mnist"};
  int n_classes = 3;
  for (const char* path : paths) {
    BaselineCell cell = cell_of({trained(1, 0.5), diverged(2)});
    cell.id = "c_" + std::to_string(n_classes);
    cell.settings["dataset"] = path;
    cell.chance = 1.0 / n_classes;
    baseline.data[path] = std::string(62, 'a') + std::to_string(n_classes + 10);
    baseline.cells.push_back(cell);
    n_classes += 7;
  }
  EXPECT_EQ(told(written_and_read(baseline)), told(baseline));
  for (const BaselineCell& cell : baseline.cells) {  // and where all cells share one
    Baseline one = baseline;
    one.cells = {cell};
    EXPECT_EQ(told(written_and_read(one)), told(one));
  }
}

// Another name of the same data, or data that every cell of was excluded: what no cell has, nobody knows the classes
// of.
TEST(Baseline, DataThatNoCellNamesMayStandInIt) {
  Baseline baseline = noted(baseline_with({cell_of(kBefore)}));
  baseline.data["idx:/mnt/mnist"] = std::string(64, 'a');
  EXPECT_EQ(told(written_and_read(baseline)), told(baseline));
}

// Nothing in a path or a reason does anything to a terminal that shows the file, or keeps it from being read.
TEST(Baseline, WhatDoesNotShowIsMadeTo) {
  Baseline baseline = noted(baseline_with({cell_of({trained(1, 0.5), diverged(2)}, 2), cell_of({.5, .5}, 3)}));
  baseline.reason =
      "a\x1b[2J\tb\xE2\x80\xAE"
      "c\xF3\xA0\x81\xA7"
      "d\xFF\n";  // escape, tab, right to left, a tag, no UTF-8
  baseline.data.clear();
  for (BaselineCell& cell : baseline.cells) {
    cell.settings["dataset"] = "idx:/\x1b/\xE2\x80\xAE/\xFF/" + cell.id;
    baseline.data[cell.settings["dataset"]] = std::string(64, 'a');
  }
  const TemporaryFolder folder;
  write_baseline(folder / "ci", baseline);
  for (const char* name : {"ci.csv", "ci.yaml"}) {
    const std::string bytes = file_bytes(folder / name);
    EXPECT_EQ(printable_lines(bytes), bytes) << name;
  }
  const Baseline read = read_baseline(folder / "ci");
  EXPECT_EQ(read.reason, "a\\x1b[2J\\x09b\\u202ec\\udb40\\udc67d\\xff\n");
  EXPECT_EQ(read.cells.at(0).settings.at("dataset"), "idx:/\\x1b/\\u202e/\\xff/c_2");
  EXPECT_EQ(read.cells.at(0).chance, 0.1);
  EXPECT_EQ(worst(compare(read, baseline)), Outcome::good);
}

TEST(Baseline, CellsStandInTheOrderOfTheirSettingsNumbersAsNumbers) {
  const auto order = [](const char* setting, std::vector<std::string> values) {
    Baseline baseline = noted(baseline_with({}));
    for (const std::string& value : values) {
      BaselineCell cell = cell_of({trained(10, 0.5), trained(9, 0.5), trained(-1, 0.5)});
      cell.id = "c_" + value;
      cell.settings.erase(setting);
      if (!value.empty()) cell.settings[setting] = value;
      baseline.cells.push_back(cell);
    }
    std::vector<std::string> found;
    const Baseline read = written_and_read(baseline);
    for (const BaselineCell& cell : read.cells) {
      found.push_back(cell.id.substr(2));
      EXPECT_EQ(cell.replicates[0].seed, -1);
      EXPECT_EQ(cell.replicates[2].seed, 10);
    }
    return found;
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(order("depth", {"10", "9", "100", "2"}), (Texts{"2", "9", "10", "100"}));
  EXPECT_EQ(order("learning_rate", {"0.5", "1e-05", "0.01", "1"}), (Texts{"1e-05", "0.01", "0.5", "1"}));
  EXPECT_EQ(order("gradient_clip", {"5", "", "10"}), (Texts{"", "5", "10"}));
  EXPECT_EQ(order("initializer", {"normal", "he_normal"}), (Texts{"he_normal", "normal"}));
  // 10 < 5x3 as texts and 5x3 < 7, and yet 7 < 10: the same order whatever the order before.
  Texts widths = {"10", "5x3", "7"};
  do EXPECT_EQ(order("width", widths), (Texts{"7", "10", "5x3"}));
  while (std::next_permutation(widths.begin(), widths.end()));
}

struct StemCase {
  const char* given;
  const char* stem;
};
TEST(Baseline, EitherFileNamesBoth) {
  for (const auto& [given, stem] :
       {StemCase{"results/baselines/ci", "results/baselines/ci"},
        StemCase{"results/baselines/ci.csv", "results/baselines/ci"},
        StemCase{"results/baselines/ci.yaml", "results/baselines/ci"}, StemCase{"ci.v2", "ci.v2"},
        StemCase{"ci.v2.csv", "ci.v2"}, StemCase{"./ci.csv.d/x", "./ci.csv.d/x"}})
    EXPECT_EQ(baseline_stem(given), stem);
}

TEST(Baseline, ExistsIfBothFilesDo) {
  const TemporaryFolder folder;
  EXPECT_FALSE(baseline_exists(folder / "ci.v2"));
  write_baseline(folder / "ci.v2", baseline_with({cell_of(kBefore)}));
  EXPECT_EQ(folder.names(), (std::set<std::string>{"ci.v2.csv", "ci.v2.yaml"}));
  EXPECT_TRUE(baseline_exists(folder / "ci.v2"));
  fs::remove(folder / "ci.v2.yaml");
  EXPECT_FALSE(baseline_exists(folder / "ci.v2"));
  EXPECT_EQ(message_of<EnvironmentError>([&] { static_cast<void>(read_baseline(folder / "ci.v2")); }),
            folder / "ci.v2.yaml" + ": error: cannot read: No such file or directory");
}

TEST(Baseline, AFolderThatIsNotThereIsSaid) {
  const TemporaryFolder folder;
  EXPECT_THROW(write_baseline(folder / "none/ci", baseline_with({cell_of(kBefore)})), EnvironmentError);
  EXPECT_TRUE(folder.names().empty());
}

// A folder of results: a sweep, and the journal of those of its jobs that are given here with their test accuracies.
class ResultFolder {
 public:
  explicit ResultFolder(std::string_view body) : spec_(parsed(body)), grid_(expand(spec_, kData)) {}

  void finish(std::size_t job, double test_accuracy, JobStatus status = JobStatus::ok) {
    FinishedJob finished{.job_id = grid_.jobs.at(job).id, .record_options = spec_.record, .record = {}, .trace = {}};
    Record& record = finished.record;
    record.status = status;
    record.digest = "d_" + finished.job_id.substr(2);
    record.epochs_run = 1;
    record.steps_run = 10;
    record.delta_slope_start = -0.25;
    record.epochs = {{.epoch = 1, .step = 10, .test_loss = 0.5, .test_accuracy = test_accuracy}};
    for (const std::int64_t step : {0, 10})
      for (int layer = 1; layer <= 3; ++layer) {
        LayerRow row{.epoch = step / 10, .step = step, .layer = layer, .fan_in = 20, .fan_out = 50, .summary = {}};
        row.summary.count = layer == 2 ? kLeastWeights - 1 : kLeastWeights;
        row.summary.rms = 0.125 * layer + static_cast<double>(step);
        row.tensor = TensorKind::weight;
        record.layers.push_back(row);
        row.tensor = TensorKind::weight_gradient;
        row.summary.rms = 77;
        record.layers.push_back(row);
      }
    JournalWriter(folder_ / "journal.ndjson").append(finished);
  }
  [[nodiscard]] Baseline baseline(int threads = 1) const {
    const JournalReader journal(folder_ / "journal.ndjson");
    return baseline_of(spec_, grid_, info_, &journal, threads);
  }
  [[nodiscard]] Baseline of_nothing() const { return baseline_of(spec_, grid_, info_, nullptr, 1); }
  [[nodiscard]] const Grid& grid() const { return grid_; }

 private:
  static inline const DatasetDigests kData = {{"mnist", std::string(64, 'a')}};
  TemporaryFolder folder_;
  SweepSpec spec_;
  Grid grid_;
  RunInfo info_ = {.sweep_file = "s.yaml",
                   .sweep_text = {},
                   .overrides = {},
                   .digests = kData,
                   .tool = {.version = "0.1.0", .compiler = "12.2.0", .flags = "-O3"}};
};

TEST(BaselineOfAFolder, KeepsWhatJobsCameTo) {
  ResultFolder folder("grid: {depth: [2], activation: [relu]}\nseeds: [7, 3]");
  folder.finish(0, 0.75);
  folder.finish(1, kNoValue, JobStatus::diverged);
  const Baseline baseline = folder.baseline();
  EXPECT_EQ(baseline.sweep, "t");
  EXPECT_EQ(baseline.tool.version, "0.1.0");
  EXPECT_EQ(baseline.numerics.revision, numerics().revision);
  EXPECT_EQ(baseline.data.at("mnist"), std::string(64, 'a'));
  EXPECT_TRUE(baseline.reason.empty() && baseline.accepted.empty() && baseline.gate.empty());
  ASSERT_EQ(baseline.cells.size(), 1U);
  const BaselineCell& cell = baseline.cells[0];
  EXPECT_EQ(cell.id, folder.grid().cells[0].id);
  EXPECT_EQ(cell.settings.at("depth"), "2");
  EXPECT_EQ(cell.settings.at("initializer"), "glorot_uniform");
  EXPECT_FALSE(cell.settings.contains("momentum"));  // which sgd has none of
  EXPECT_EQ(cell.chance, 1.0 / 50);                  // units of the last layer
  ASSERT_EQ(cell.replicates.size(), 2U);
  const Replicate &diverged = cell.replicates[0], &ok = cell.replicates[1];  // by seed
  EXPECT_EQ(diverged.seed, 3);
  EXPECT_EQ(diverged.status, JobStatus::diverged);
  EXPECT_NE(diverged.values[place_of("test_accuracy")], diverged.values[place_of("test_accuracy")]);
  EXPECT_EQ(ok.seed, 7);
  EXPECT_EQ(ok.values[place_of("test_accuracy")], 0.75);
  EXPECT_EQ(ok.values[place_of("best_epoch")], 1);
  EXPECT_EQ(ok.values[place_of("delta_slope_start")], -0.25);
  EXPECT_EQ(ok.digest, "d_" + folder.grid().jobs[0].id.substr(2));
  // At the start, of weights, of layers with enough of them.
  ASSERT_EQ(ok.weight_rms.size(), 3U);
  EXPECT_EQ(ok.weight_rms[0], 0.125);
  EXPECT_NE(ok.weight_rms[1], ok.weight_rms[1]);
  EXPECT_EQ(ok.weight_rms[2], 0.375);
}

TEST(BaselineOfAFolder, SaysWhatIsMissingAndWhatFailed) {
  ResultFolder folder("grid: {depth: [2, 3]}\nseeds: 3");
  folder.finish(1, 0.75);
  folder.finish(2, 0.75, JobStatus::failed);
  const Baseline baseline = folder.baseline();
  using Seeds = std::vector<std::int64_t>;
  EXPECT_EQ(baseline.cells.at(0).missing, Seeds{1});
  EXPECT_EQ(baseline.cells.at(1).missing, (Seeds{1, 2, 3}));
  const Replicate& failed = baseline.cells[0].replicates.at(1);
  EXPECT_EQ(failed.status, JobStatus::failed);
  EXPECT_NE(failed.values[place_of("test_accuracy")], 0.75);  // how far it came depends on the clock
  for (const double value : failed.values) EXPECT_NE(value, value);
  EXPECT_TRUE(failed.weight_rms.empty());
  EXPECT_EQ(folder.of_nothing().cells.at(0).missing, (Seeds{1, 2, 3}));
}

TEST(BaselineOfAFolder, BytesDoNotDependOnOrderOrThreads) {
  const TemporaryFolder out;
  const auto bytes = [&](const std::string& body, int threads) {
    ResultFolder folder(body);
    for (std::size_t job = 0; job < folder.grid().jobs.size(); ++job) {
      const JobSettings& cell = folder.grid().cells[folder.grid().jobs[job].cell].settings;
      folder.finish(job, 0.5 + 0.01 * cell.depth() + cell.learning_rate +
                             0.0001 * static_cast<double>(folder.grid().jobs[job].seed));
    }
    write_baseline(out / "b", folder.baseline(threads));
    return file_bytes(out / "b.csv") + file_bytes(out / "b.yaml");
  };
  const std::string first = bytes("grid: {depth: [2, 10, 3], learning_rate: [0.1, 0.01]}\nseeds: [1, 2]", 1);
  EXPECT_EQ(bytes("grid: {learning_rate: [0.01, 0.1], depth: [10, 3, 2]}\nseeds: [2, 1]", 4), first);
  EXPECT_EQ(bytes("grid:\n  - {depth: [3, 2], learning_rate: [0.1, 0.01]}\n  - {learning_rate: [0.01, 0.1], depth: "
                  "[10]}\nseeds: 2",
                  2),
            first);
  EXPECT_NE(bytes("grid: {depth: [2, 10, 3], learning_rate: [0.1, 0.01]}\nseeds: [1, 3]", 1), first);
}

}  // namespace
}  // namespace initsweep
