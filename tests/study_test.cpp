#include "initsweep/study.hpp"
#include <gtest/gtest.h>
#include <cmath>
#include <deque>
#include <optional>
#include <string_view>
#include "initsweep/number.hpp"
#include "initsweep/results.hpp"
#include "job_times.hpp"
#include "study_grid.hpp"
#include "sweep_text.hpp"
#include "temporary_folder.hpp"

namespace initsweep {
namespace {

using Numbers = std::vector<double>;
using Words = std::vector<std::string>;

// A folder without a net: a grid out of a sweep, and finished jobs by hand.
class Folder {
 public:
  explicit Folder(std::string_view sweep, std::string name = "results/t")
      : name_(std::move(name)), spec_(parsed(sweep)), grid_(expand(spec_, {{"mnist", std::string(64, 'a')}})) {}

  // `seed` counts from 0, in the order of the sweep.
  void finish(std::size_t cell, std::size_t seed, const Record& record, const Trace& trace = {}) {
    const Job& job = grid_.jobs.at(cell * spec_.seeds.size() + seed);
    JournalWriter(folder_ / "journal.ndjson")
        .append({.job_id = job.id, .record_options = spec_.record, .record = record, .trace = trace});
  }
  [[nodiscard]] const SweepSpec& spec() const { return spec_; }
  [[nodiscard]] const Grid& grid() const { return grid_; }
  // What was finished by now.
  [[nodiscard]] StudySource source() {
    if (std::filesystem::exists(folder_ / "journal.ndjson")) journal_.emplace(folder_ / "journal.ndjson");
    return {.name = name_, .spec = &spec_, .grid = &grid_, .journal = journal_ ? &*journal_ : nullptr};
  }

 private:
  TemporaryFolder folder_;
  std::string name_;
  SweepSpec spec_;
  Grid grid_;
  std::optional<JournalReader> journal_;
};

Study study_of(Folder& folder, int threads = 1) {
  const StudySource source = folder.source();
  return study_of(std::span(&source, 1), threads);
}
Study study_of(Folder& first, Folder& second) {
  const StudySource sources[] = {first.source(), second.source()};
  return study_of(sources, 1);
}

Record ended(JobStatus status) {
  Record record;
  record.status = status;
  if (status == JobStatus::failed) record.error = "no memory";
  return record;
}

// Two epochs; losses and accuracies of the test data at the start and after each, of the training data after each.
Record learned(const Numbers& test_accuracy, const Numbers& test_loss, const Numbers& train_loss) {
  Record record;
  record.epochs_run = 2;
  for (std::size_t epoch = 0; epoch < 3; ++epoch)
    record.epochs.push_back({.epoch = static_cast<std::int64_t>(epoch),
                             .step = static_cast<std::int64_t>(epoch) * 10,
                             .train_loss = epoch == 0 ? kNoValue : train_loss.at(epoch - 1),
                             .test_loss = test_loss.at(epoch),
                             .test_accuracy = test_accuracy.at(epoch)});
  return record;
}

void add_row(Record& record, std::int64_t step, int layer, TensorKind tensor, double rms, Fans fans) {
  LayerRow row;
  row.step = step;
  row.layer = layer;
  row.tensor = tensor;
  row.fan_in = fans.fan_in;
  row.fan_out = fans.fan_out;
  row.summary.rms = rms;
  record.layers.push_back(row);
}

// One record of a net 16-[8, 6]-4: of each tensor the layers from the first to the output.
struct Rms {
  Numbers activation, delta, weight_gradient;
};
void add_record(Record& record, std::int64_t step, const Rms& rms) {
  constexpr Fans kFans[] = {{0, 16}, {16, 8}, {8, 6}, {6, 4}};
  for (int layer = 0; layer <= 3; ++layer) {
    const auto l = static_cast<std::size_t>(layer);
    add_row(record, step, layer, TensorKind::activation, rms.activation.at(l), kFans[l]);
    if (layer == 0) continue;
    add_row(record, step, layer, TensorKind::delta, rms.delta.at(l - 1), kFans[l]);
    add_row(record, step, layer, TensorKind::weight_gradient, rms.weight_gradient.at(l - 1), kFans[l]);
  }
}

std::string text_of(double value) { return std::isfinite(value) ? float_text(value) : "-"; }
std::string text_of(std::span<const double> values) {
  std::string text;
  for (const double value : values) text.append(text.empty() ? "" : " ").append(text_of(value));
  return text;
}
// "mean low..high" of each.
std::string text_of(const std::vector<Band>& bands) {
  std::string text;
  for (const Band& band : bands)
    text += (text.empty() ? "" : ", ") + text_of(band.mean) + " " + text_of(band.low) + ".." + text_of(band.high);
  return text;
}

// ---- cells

class OneCell : public testing::Test {
 protected:
  Folder folder_{"description: Four fates\nsettings: {depth: 2, epochs: 2, activation: tanh}\nseeds: 4"};
};

// Seeds that ended well, twice; diverged; failed. The halves and quarters have no rounding.
TEST_F(OneCell, CurvesAreMeanAndRangeOverTheSeedsThatEndedWell) {
  folder_.finish(0, 0, learned({0.125, 0.5, 0.75}, {2.5, 1, 0.5}, {1.5, 0.75}));
  Record diverged = ended(JobStatus::diverged);
  diverged.epochs = {{.epoch = 0, .test_loss = 1000, .test_accuracy = 0}};
  folder_.finish(0, 1, diverged);
  folder_.finish(0, 2, learned({0.125, 0.25, 1}, {2.25, 2, 0.25}, {1.75, 0.25}));
  folder_.finish(0, 3, ended(JobStatus::failed));
  const Study study = study_of(folder_);
  const Curves& curves = study.folders.at(0).cells.at(0).curves;
  EXPECT_EQ(text_of(curves.test_accuracy), "0.125 0.125..0.125, 0.375 0.25..0.5, 0.875 0.75..1.0");
  EXPECT_EQ(text_of(curves.test_loss), "2.375 2.25..2.5, 1.5 1.0..2.0, 0.375 0.25..0.5");
  EXPECT_EQ(text_of(curves.train_loss), "- -..-, 1.625 1.5..1.75, 0.5 0.25..0.75");
}

TEST_F(OneCell, SummaryIsThatOfCellsCsv) {
  folder_.finish(0, 0, learned({0.125, 0.5, 0.75}, {2, 1, 1}, {1, 1}));
  folder_.finish(0, 1, ended(JobStatus::diverged));
  folder_.finish(0, 2, learned({0.125, 0.25, 1}, {2, 1, 1}, {1, 1}));
  folder_.finish(0, 3, ended(JobStatus::failed));
  const StudySource source = folder_.source();
  const Study study = study_of(folder_);
  const CellSummary& summary = study.folders.at(0).cells.at(0).summary;
  EXPECT_EQ(summary.n_ok, 2);
  EXPECT_EQ(summary.n_diverged, 1);
  EXPECT_EQ(summary.n_failed, 1);
  EXPECT_EQ(summary.test_accuracy.mean, 0.875);
  EXPECT_EQ(summary.health, Health::exploding);
  const CellSummary in_csv = summarize_cells(folder_.spec(), folder_.grid(), *source.journal).at(0);
  EXPECT_EQ(summary.test_accuracy.std, in_csv.test_accuracy.std);
  EXPECT_EQ(summary.median, in_csv.median);
}

TEST_F(OneCell, ProfilesAreMediansOverSeedsFromTheInputToTheOutput) {
  Record first = learned({0, 0, 0}, {1, 1, 1}, {1, 1}), second = first, diverged = ended(JobStatus::diverged);
  add_record(first, 0, {{0.5, 1, 2, 3}, {4, 5, 6}, {7, 8, 9}});
  add_record(first, 10, {{0.5, 100, 100, 100}, {100, 100, 100}, {100, 100, 100}});
  add_record(first, 20, {{0.5, 10, 20, 30}, {40, 50, 60}, {70, 80, 90}});
  add_record(second, 0, {{0.5, 3, 2, 1}, {6, 5, 4}, {9, 8, 7}});
  add_record(second, 20, {{0.5, 30, 20, 10}, {60, 50, 40}, {90, 80, 70}});
  add_record(diverged, 0, {{0.5, 9, kNoValue, 9}, {9, 9, 9}, {kNoValue, 9, 9}});
  add_record(diverged, 20, {{0.5, 1e30, 1e30, 1e30}, {1e30, 1e30, 1e30}, {1e30, 1e30, 1e30}});
  Record failed = first;  // how far it came depends on the clock
  failed.status = JobStatus::failed;
  for (LayerRow& row : failed.layers) row.summary.rms = 0;
  folder_.finish(0, 0, first);
  folder_.finish(0, 1, second);
  folder_.finish(0, 2, diverged);
  folder_.finish(0, 3, failed);

  const Study study = study_of(folder_);
  const std::vector<LayerProfile>& profiles = study.folders.at(0).cells.at(0).profiles;
  ASSERT_EQ(profiles.size(), 3U);
  EXPECT_EQ(profiles[0].tensor, TensorKind::activation);
  EXPECT_EQ(profiles[0].first_layer, 0);
  EXPECT_EQ(text_of(profiles[0].start), "0.5 3.0 2.0 3.0") << "of 1, 3, 9; of 2, 2; of 3, 1, 9";
  EXPECT_EQ(text_of(profiles[0].end), "0.5 20.0 20.0 20.0");
  EXPECT_EQ(profiles[1].tensor, TensorKind::delta);
  EXPECT_EQ(profiles[1].first_layer, 1);
  EXPECT_EQ(text_of(profiles[1].start), "6.0 5.0 6.0") << "of 4, 6, 9; of 5, 5, 9; of 6, 4, 9";
  EXPECT_EQ(text_of(profiles[1].end), "50.0 50.0 50.0");
  EXPECT_EQ(profiles[2].tensor, TensorKind::weight_gradient);
  EXPECT_EQ(text_of(profiles[2].start), "8.0 8.0 9.0") << "of 7, 9; of 8, 8, 9; of 9, 7, 9";
  EXPECT_EQ(text_of(profiles[2].end), "80.0 80.0 80.0");
}

TEST_F(OneCell, OneRecordHasNoEnd) {
  Record record = learned({0, 0, 0}, {1, 1, 1}, {1, 1});
  add_record(record, 0, {{1, 1, 1, 1}, {1, 1, 1}, {1, 1, 1}});
  folder_.finish(0, 0, record);
  const Study study = study_of(folder_);
  for (const LayerProfile& profile : study.folders.at(0).cells.at(0).profiles) {
    EXPECT_FALSE(profile.start.empty());
    EXPECT_TRUE(profile.end.empty());
  }
}

TEST_F(OneCell, WithoutRecordsHasNoProfiles) {
  folder_.finish(0, 0, learned({0, 0, 0}, {1, 1, 1}, {1, 1}));
  const Study study = study_of(folder_);
  EXPECT_TRUE(study.folders.at(0).cells.at(0).profiles.empty());
  EXPECT_TRUE(std::isnan(study.folders.at(0).cells.at(0).chance));
}

TEST_F(OneCell, SecondsAreThoseOfJobsWithResults) {
  folder_.finish(0, 0, learned({0, 0, 0}, {1, 1, 1}, {1, 1}), {.start = "", .cpu_s = 3, .host = ""});
  folder_.finish(0, 1, ended(JobStatus::diverged), {.start = "", .cpu_s = 1, .host = ""});
  folder_.finish(0, 2, ended(JobStatus::failed), {.start = "", .cpu_s = 100, .host = ""});
  const Study study = study_of(folder_);
  EXPECT_EQ(study.folders.at(0).cells.at(0).seconds, 2);
}

TEST_F(OneCell, ChanceIsOneOfAsManyAsTheOutputLayerHas) {
  Record diverged = ended(JobStatus::diverged);
  add_record(diverged, 0, {{1, 1, 1, 1}, {1, 1, 1}, {1, 1, 1}});
  folder_.finish(0, 0, ended(JobStatus::failed));
  folder_.finish(0, 3, diverged);
  const Study study = study_of(folder_);
  EXPECT_EQ(study.folders.at(0).cells.at(0).chance, 0.25);
}

TEST_F(OneCell, HasNoAxesAndNothingToTellApart) {
  const Study study = study_of(folder_);
  EXPECT_TRUE(study.axes.empty());
  ASSERT_EQ(study.combinations.size(), 1U);
  EXPECT_TRUE(study.combinations[0].values.empty());
  EXPECT_EQ(study.combinations[0].label, "");
}

TEST_F(OneCell, AnEmptyFolderHasItsCellsAndNoValues) {
  const Study study = study_of(folder_);  // there is no journal
  ASSERT_EQ(study.folders.size(), 1U);
  const StudyFolder& folder = study.folders[0];
  EXPECT_EQ(folder.name, "results/t");
  EXPECT_EQ(folder.sweep, "t");
  EXPECT_EQ(folder.description, "Four fates");
  EXPECT_EQ(folder.n_jobs, 4U);
  EXPECT_TRUE(folder.jobs.empty());
  ASSERT_EQ(folder.cells.size(), 1U);
  const StudyCell& cell = folder.cells[0];
  EXPECT_EQ(cell.id, folder_.grid().cells[0].id);
  EXPECT_EQ(cell.summary.n_ok, 0);
  EXPECT_TRUE(std::isnan(cell.summary.test_accuracy.mean));
  EXPECT_EQ(cell.summary.health, std::nullopt);
  EXPECT_TRUE(cell.curves.test_accuracy.empty());
  EXPECT_TRUE(cell.profiles.empty());
  EXPECT_TRUE(std::isnan(cell.seconds));
  EXPECT_TRUE(std::isnan(cell.chance));
}

// ---- theory

// A linear net of weights of variance 1 / fan_in keeps the mean square of its input. Going down, delta is multiplied by
// sqrt(fan_out / fan_in) of the layer above: sqrt(4 / 6) from 3 to 2, sqrt(6 / 8) from 2 to 1.
TEST(StudyTheory, StartsFromTheInputAndTheDeltaOfTheOutput) {
  Folder folder("settings: {depth: 2, activation: linear, initializer: lecun_normal, bias_stddev: 0}");
  Record record = learned({0, 0, 0}, {1, 1, 1}, {1, 1});
  add_record(record, 0, {{0.5, 0.4, 0.4, 0.3}, {1, 1, 3}, {1, 1, 1}});
  folder.finish(0, 0, record);
  const Study study = study_of(folder);
  const std::vector<LayerProfile>& profiles = study.folders.at(0).cells.at(0).profiles;
  ASSERT_EQ(profiles.size(), 3U);
  constexpr double tolerance = 1e-9;  // the moments of theory are good to 1e-10
  const Numbers& activation = profiles[0].predicted;
  ASSERT_EQ(activation.size(), profiles[0].start.size());
  EXPECT_TRUE(std::isnan(activation[0])) << "the input is given";
  EXPECT_NEAR(activation[1], 0.5, tolerance);
  EXPECT_NEAR(activation[2], 0.5, tolerance);
  EXPECT_TRUE(std::isnan(activation[3])) << "what the loss makes of the logits";
  const Numbers& delta = profiles[1].predicted;
  ASSERT_EQ(delta.size(), profiles[1].start.size());
  EXPECT_NEAR(delta[0], 3 * std::sqrt(0.5), tolerance);
  EXPECT_NEAR(delta[1], 3 * std::sqrt(4.0 / 6.0), tolerance);
  EXPECT_EQ(delta[2], 3);
  EXPECT_TRUE(profiles[2].predicted.empty());
}

TEST(StudyTheory, HasNothingToSayOfWeightsThatAreAllEqual) {
  Folder folder("settings: {depth: 2, activation: tanh, initializer: zeros}");
  Record record = learned({0, 0, 0}, {1, 1, 1}, {1, 1});
  add_record(record, 0, {{0.5, 0, 0, 0.3}, {0, 0, 1}, {0, 0, 0}});
  folder.finish(0, 0, record);
  const Study study = study_of(folder);
  for (const LayerProfile& profile : study.folders.at(0).cells.at(0).profiles) EXPECT_TRUE(profile.predicted.empty());
}

// ---- jobs

TEST(StudyJobs, AreThoseFinishedInTheOrderOfTheGridEachByItsLastAttempt) {
  Folder folder("grid: {depth: [2, 3]}\nseeds: [5, 7]");
  const auto at = [](std::string second, double duration, int thread) {
    return Trace{.start = "2026-12-31T23:59:" + std::move(second) + "Z",
                 .duration_s = duration,
                 .cpu_s = duration / 2,
                 .thread = thread,
                 .host = "node1"};
  };
  folder.finish(1, 0, ended(JobStatus::failed), at("50", 1.5, 1));
  folder.finish(0, 1, learned({0, 0.5, 0.75}, {1, 1, 1}, {1, 1}), at("53", 4, 0));
  folder.finish(1, 0, learned({0, 0.5, 0.25}, {1, 1, 1}, {1, 1}), at("55", 2.5, 1));
  const Study study = study_of(folder);
  EXPECT_EQ(study.folders.at(0).n_jobs, 4U);
  const std::vector<StudyJob>& jobs = study.folders.at(0).jobs;
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_EQ(jobs[0].id, folder.grid().jobs[1].id);
  EXPECT_EQ(jobs[0].cell, 0U);
  EXPECT_EQ(jobs[0].seed, 7);
  EXPECT_EQ(jobs[0].test_accuracy, 0.75);
  EXPECT_EQ(jobs[0].start_s, 3);
  EXPECT_EQ(jobs[1].cell, 1U);
  EXPECT_EQ(jobs[1].seed, 5);
  EXPECT_EQ(jobs[1].status, JobStatus::ok);
  EXPECT_EQ(jobs[1].test_accuracy, 0.25);
  EXPECT_EQ(jobs[1].start_s, 5) << "since the attempt that failed";
  EXPECT_EQ(jobs[1].duration_s, 2.5);
  EXPECT_EQ(jobs[1].cpu_s, 1.25);
  EXPECT_EQ(jobs[1].host, "node1");
  EXPECT_EQ(jobs[1].thread, 1);
}

struct Attempt {
  const char* start;
  double duration;
  int thread = 0;
  const char* host = "a";
};
std::string starts_of(const std::vector<Attempt>& attempts) {
  std::deque<JournalEntry> entries;
  for (const Attempt& attempt : attempts) {
    JournalEntry& entry = entries.emplace_back();
    entry.trace.start = attempt.start;
    entry.trace.duration_s = attempt.duration;
    entry.trace.thread = attempt.thread;
    entry.trace.host = attempt.host;
  }
  return text_of(start_seconds(entries));
}

TEST(JobTimes, JobsOfAThreadFollowEachOther) {
  EXPECT_EQ(starts_of({{"2026-11-22T09:48:08Z", 0.25},
                       {"2026-11-22T09:48:08Z", 0.5},
                       {"2026-11-22T09:48:08Z", 0.5},  // until 1.25 at the least
                       {"2026-11-22T09:48:09Z", 0.25},
                       {"2026-11-22T09:48:11Z", 2}}),
            "0.0 0.25 0.75 1.25 3.0");
}

TEST(JobTimes, OthersDoNot) {
  EXPECT_EQ(
      starts_of(
          {{"2026-11-22T09:48:08Z", 0.5, 0}, {"2026-11-22T09:48:08Z", 0.5, 1}, {"2026-11-22T09:48:08Z", 0.5, 0, "b"}}),
      "0.0 0.0 0.0");
}

TEST(JobTimes, WhatReallyOverlapsStays) {
  EXPECT_EQ(starts_of({{"2026-11-22T09:48:08Z", 3}, {"2026-11-22T09:48:10Z", 1}}), "0.0 2.0");
  EXPECT_EQ(starts_of({{"2026-11-22T09:48:08Z", 2.75}, {"2026-11-22T09:48:10Z", 1}}), "0.0 2.75");
}

TEST(JobTimes, CountFromTheEarliestWhereverItStands) {
  EXPECT_EQ(starts_of({{"2026-03-01T00:00:01Z", 1}, {"2026-02-28T23:59:59Z", 0.5, 1}}), "2.0 0.0");
}

TEST(JobTimes, WhatIsNoTimeHasNone) {
  EXPECT_EQ(starts_of({{"", 1}, {"2026-11-22T09:48:08Z", 1}, {"2026-11-22T09:48:08Z!", 1}, {"yesterday", 1}}),
            "- 0.0 - -");
  EXPECT_EQ(starts_of({{"", 1}}), "-");
  EXPECT_EQ(starts_of({}), "");
}

// ---- axes

// "name: value value", a line each.
std::string axes_text(const Study& study) {
  std::string text;
  for (const StudyAxis& axis : study.axes) {
    EXPECT_EQ(axis.setting ? setting_info(*axis.setting).name : "folder", axis.name);
    text += axis.name + ":";
    for (const std::string& value : axis.values) text += ' ' + value;
    text += '\n';
  }
  return text;
}

// "folder.cell label: values", a line each.
std::string combinations_text(const Study& study) {
  std::string text;
  for (const Combination& combination : study.combinations) {
    text += std::to_string(combination.folder) + '.' + std::to_string(combination.cell) + ' ' + combination.label + ':';
    EXPECT_EQ(combination.values.size(), study.axes.size());
    for (const int value : combination.values) text += ' ' + std::to_string(value);
    text += '\n';
  }
  return text;
}

TEST(StudyAxes, AreTheSettingsThatVaryInTheOrderOfColumns) {
  Folder folder("grid: {depth: [20, 2], activation: [tanh, relu]}");
  const Study study = study_of(folder);
  EXPECT_EQ(axes_text(study),
            "activation: tanh relu\n"
            "depth: 20 2\n");
  EXPECT_EQ(combinations_text(study),
            "0.0 tanh/depth=20: 0 0\n"
            "0.1 relu/depth=20: 1 0\n"
            "0.2 tanh/depth=2: 0 1\n"
            "0.3 relu/depth=2: 1 1\n");
  EXPECT_EQ(&study.cell_of(study.combinations[2]), &study.folders[0].cells[2]);
}

TEST(StudyAxes, ACellUnderTwoNamesIsTwoCombinations) {
  Folder folder("grid: {initializer: [he_normal, lecun_normal, {variance_scaling: {scale: 2, distribution: normal}}]}");
  const Study study = study_of(folder);
  EXPECT_EQ(study.folders.at(0).cells.size(), 2U);
  EXPECT_EQ(axes_text(study), "initializer: he_normal variance_scaling lecun_normal\n");
  EXPECT_EQ(combinations_text(study),
            "0.0 he_normal: 0\n"
            "0.0 variance_scaling(scale=2;distribution=normal): 1\n"
            "0.1 lecun_normal: 2\n");
}

// Depth scales as the curve of Schoenholz et al. (2017) for tanh and a bias variance of 0.05 has them.
TEST(Study, CellsCarryWhatTheirDeepLayersRunInto) {
  Folder folder(
      "grid: {initializer: [{mean_field: {weight_variance: 1, bias_variance: 0.05}}, "
      "{mean_field: {weight_variance: 4, bias_variance: 0.05}}, zeros], activation: [tanh], depth: [20, 30]}");
  const Study study = study_of(folder);
  const std::vector<StudyCell>& cells = study.folders.at(0).cells;
  ASSERT_EQ(cells.size(), 6U);
  EXPECT_NEAR(cells.at(0).predicted.value().xi_c, 3.63, 0.005);
  EXPECT_NEAR(cells.at(2).predicted.value().xi_c, 6.98, 0.005);
  EXPECT_FALSE(cells.at(4).predicted);
}

TEST(StudyAxes, AStructuredValueGoesByItsNameWhereThatWillDo) {
  Folder folder("grid: {initializer: [{normal: {stddev: 0.01}}, {normal: {stddev: 0.1}}, {uniform: {high: 1}}]}");
  EXPECT_EQ(axes_text(study_of(folder)), "initializer: normal(mean=0;stddev=0.01) normal(mean=0;stddev=0.1) uniform\n");
}

TEST(StudyAxes, ASettingWithoutMeaningHasNoValue) {
  Folder folder("grid: {initializer: [orthogonal, he_normal], gradient_clip: [none, 0.5]}");
  const Study study = study_of(folder);
  EXPECT_EQ(axes_text(study),
            "initializer: orthogonal he_normal\n"
            "mode: fan_in\n"
            "gradient_clip: 0.5\n");
  EXPECT_EQ(combinations_text(study),
            "0.0 orthogonal: 0 -1 -1\n"
            "0.1 orthogonal/gradient_clip=0.5: 0 -1 0\n"
            "0.2 he_normal/fan_in: 1 0 -1\n"
            "0.3 he_normal/fan_in/gradient_clip=0.5: 1 0 0\n");
}

TEST(StudyAxes, AWidthThatTheDepthDecidesIsNone) {
  Folder tapered("settings: {width: {from: 300, to: 50}}\ngrid: {depth: [2, 3]}");
  EXPECT_EQ(axes_text(study_of(tapered)), "depth: 2 3\n");
  Folder wide("grid: {depth: [2, 3], width: [300, 50]}");
  EXPECT_EQ(axes_text(study_of(wide)), "depth: 2 3\nwidth: 300 50\n");
}

TEST(StudyAxes, AWidthThatTheDepthDecidesInEachFolderAloneTellsFoldersApart) {
  Folder tapered("settings: {width: {from: 300, to: 50}}\ngrid: {depth: [2, 3]}", "a");
  Folder level("settings: {width: 100}\ngrid: {depth: [2, 3]}", "b");
  EXPECT_EQ(axes_text(study_of(tapered, level)), "folder: a b\ndepth: 2 3\nwidth: 300x50 300x122x50 100\n");
}

TEST(StudyAxes, FoldersHaveOneAndTheirValuesComeTogether) {
  Folder old("grid: {activation: [relu, tanh], depth: [2, 5]}", "old");
  Folder now("grid: {activation: [selu, tanh], depth: [5]}", "new");
  now.finish(1, 0, learned({0, 0.5, 0.75}, {1, 1, 1}, {1, 1}));
  const Study study = study_of(old, now);
  EXPECT_EQ(axes_text(study),
            "folder: old new\n"
            "activation: relu tanh selu\n"
            "depth: 2 5\n");
  EXPECT_EQ(combinations_text(study),
            "0.0 relu/depth=2: 0 0 0\n"
            "0.1 relu/depth=5: 0 0 1\n"
            "0.2 tanh/depth=2: 0 1 0\n"
            "0.3 tanh/depth=5: 0 1 1\n"
            "1.0 selu/depth=5: 1 2 1\n"
            "1.1 tanh/depth=5: 1 1 1\n");
  EXPECT_EQ(study.folders.at(0).name, "old");
  EXPECT_EQ(study.cell_of(study.combinations.at(3)).summary.n_ok, 0);
  EXPECT_EQ(study.cell_of(study.combinations.at(5)).summary.n_ok, 1);
}

TEST(StudyAxes, OneCombinationInTwoFoldersHasTheFolderAlone) {
  Folder old("settings: {depth: 2}", "old"), now("settings: {depth: 2}", "new");
  const Study study = study_of(old, now);
  EXPECT_EQ(axes_text(study), "folder: old new\n");
  EXPECT_EQ(combinations_text(study), "0.0 : 0\n1.0 : 1\n");
}

TEST(StudyAxes, NoFoldersAreAnEmptyStudy) {
  const Study study = study_of(std::span<const StudySource>(), 1);
  EXPECT_TRUE(study.axes.empty());
  EXPECT_TRUE(study.folders.empty());
  EXPECT_TRUE(study.combinations.empty());
}

// ---- threads

std::string text_of(const StudyFolder& folder) {
  std::string text;
  for (const StudyCell& cell : folder.cells) {
    text += cell.id + ' ' + text_of(cell.summary.test_accuracy.mean) + ' ' + text_of(cell.seconds) + ' ' +
            text_of(cell.chance) + '\n';
    for (const auto* bands : {&cell.curves.test_accuracy, &cell.curves.test_loss, &cell.curves.train_loss})
      text += text_of(*bands) + '\n';
    for (const LayerProfile& profile : cell.profiles)
      for (const auto* rms : {&profile.start, &profile.end, &profile.predicted}) text += text_of(*rms) + '\n';
  }
  for (const StudyJob& job : folder.jobs)
    text +=
        job.id + ' ' + std::to_string(job.seed) + ' ' + text_of(job.test_accuracy) + ' ' + text_of(job.start_s) + '\n';
  return text;
}

TEST(Study, IsTheSameForAnyNumberOfThreads) {
  Folder folder(
      "settings: {depth: 2, initializer: he_normal}\ngrid: {learning_rate: [0.1, 0.2, 0.3, 0.4, 0.5]}\nseeds: 3");
  for (std::size_t cell = 0; cell < 5; ++cell) {
    for (std::size_t seed = 0; seed < 3; ++seed) {
      const double x = 1 / (1.0 + static_cast<double>(3 * cell + seed));  // sums of these depend on their order
      Record record = learned({0.1, x / 2, x}, {3, 2, x}, {2, x});
      add_record(record, 0, {{1, x, x, x}, {x, x, x}, {x, x, x}});
      add_record(record, 20, {{1, x, 2 * x, x}, {x, 3 * x, x}, {x, x, x}});
      folder.finish(cell, seed, record, {.start = "2026-11-22T09:48:08Z", .duration_s = x, .cpu_s = x, .host = "a"});
    }
  }
  const std::string serial = text_of(study_of(folder, 1).folders.at(0));
  EXPECT_EQ(study_of(folder, 1).folders.at(0).jobs.size(), 15U);
  for (const int threads : {2, 4, 16}) EXPECT_EQ(text_of(study_of(folder, threads).folders.at(0)), serial);
}

}  // namespace
}  // namespace initsweep
