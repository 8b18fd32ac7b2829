#include "headline.hpp"

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>
#include "hand_made_study.hpp"

namespace initsweep {
namespace {

using Texts = std::vector<std::string>;
using Tiles = std::vector<std::pair<std::string, std::string>>;

// Two initializers by two activations by two depths: sigmoid learns nowhere at depth 10, normal only at depth 2, and
// depth 10 takes three times as long.
Study story() {
  Study study;
  study.axes = {axis_of(Setting::initializer, {"normal", "he_normal"}),
                axis_of(Setting::activation, {"sigmoid", "relu"}), axis_of(Setting::depth, {"2", "10"})};
  StudyFolder& folder = add_folder(study, "story");
  folder.sweep = "story";
  folder.description = "Where do gradients die?";
  folder.n_jobs = 24;
  folder.jobs.resize(23);
  for (int initializer = 0; initializer < 2; ++initializer)
    for (int activation = 0; activation < 2; ++activation)
      for (int depth = 0; depth < 2; ++depth) {
        CellSummary summary = summary_of({0.86, 0.88, 0.9});
        if (initializer == 0) summary = summary_of({0.6, 0.62, 0.64});
        if (activation == 0 && depth == 1) summary = summary_of({0.1, 0.11, 0.12});
        if (initializer == 0 && activation == 1 && depth == 1) summary = summary_of({}, /*n_diverged=*/3);
        add_cell(study, {initializer, activation, depth}, summary).seconds = depth == 0 ? 0.5 : 1.5;
      }
  return study;
}

TEST(Headline, TellsTheStory) {
  const ReportHead head = report_head(story());
  EXPECT_EQ(head.title, "Where do gradients die?");
  EXPECT_EQ(head.subtitle, "story · 23 of 24 trainings");
  EXPECT_EQ(head.tiles, Tiles({{"8", "nets"},
                               {"5", "end above twice a guess"},
                               {"2", "stay near a guess"},
                               {"1", "diverges"},
                               {"0.880", "best mean accuracy"}}));
  EXPECT_EQ(
      head.notes,
      Texts({"The dead corner: sigmoid at depth 10, where 2 of 2 nets do not learn.",
             "The cure: relu from he_normal ends at 0.880 at depth 10.",
             "The surest start: he_normal, within 0.02 of the best in 3 of 3 combinations of activation and depth.",
             "The worst start: normal, with which 2 of 3 combinations of activation and depth learn; with the others "
             "up to 3.",
             "The cost: depth 10 takes 3 times the time of depth 2, and the best ends at 0.880 instead of 0.880.",
             "What is luck: seeds of one net that learns differ by 0.02 (median standard deviation); two nets that "
             "differ by no more are hardly told apart."}));
}

TEST(Headline, OfNetsThatAreNotTrainedCountsTheirStarts) {
  Study study;
  study.axes = {axis_of(Setting::activation, {"sigmoid", "tanh", "relu"})};
  add_folder(study, "looked-at");
  for (const double first : {1e-5, 1.0, 0.9}) {
    JobDigest seed;  // ok, and without an accuracy
    seed.delta_rms_start = {first, 1};
    add_cell(study, {static_cast<int>(study.combinations.size())}, summarize_cell({seed}));
  }
  EXPECT_TRUE(is_only_looked_at(study));
  const ReportHead head = report_head(study);
  EXPECT_EQ(head.tiles, Tiles({{"3", "nets"}, {"2", "healthy"}, {"1", "vanishing"}}));
  EXPECT_EQ(head.notes, Texts({"These nets were looked at before training, and not trained."}));

  add_cell(study, {0}, summary_of({0.9}));
  EXPECT_FALSE(is_only_looked_at(study));
}

TEST(Headline, CountsEachNetOnce) {
  Study study;
  study.axes = {axis_of(Setting::activation, {"relu", "tanh"})};
  add_folder(study, "today");
  add_cell(study, {0}, summary_of({0.95}, /*n_diverged=*/1));  // one seed ended well: still no best net
  add_cell(study, {1}, summary_of({0.9}));
  EXPECT_EQ(report_head(study).tiles, Tiles({{"2", "nets"},
                                             {"1", "end above twice a guess"},
                                             {"0", "stay near a guess"},
                                             {"1", "diverges"},
                                             {"0.900", "best mean accuracy"}}));
}

TEST(Headline, CountsWhatAFilterLeft) {
  Study study = story();
  std::erase_if(study.combinations, [](const Combination& of) { return of.values[1] == 0; });
  study.folders[0].n_jobs = 12;
  study.folders[0].jobs.resize(12);
  const ReportHead head = report_head(study);
  EXPECT_EQ(head.subtitle, "story · 12 of 12 trainings");
  EXPECT_EQ(head.tiles[0].first + head.tiles[1].first + head.tiles[2].first + head.tiles[3].first, "4301");
}

TEST(Headline, WhereMostDoNotLearnThereIsNoCorner) {
  Study study;
  study.axes = {axis_of(Setting::initializer, {"normal", "zeros"}), axis_of(Setting::depth, {"2", "3", "4"})};
  add_folder(study, "today");
  for (int initializer = 0; initializer < 2; ++initializer)
    for (int depth = 0; depth < 3; ++depth) add_cell(study, {initializer, depth}, summary_of({0.1}));
  EXPECT_EQ(report_head(study).notes, Texts({"Most do not learn: 6 of 6 nets end near a guess or diverge."}));
}

TEST(Headline, ManyPlacesAreCountedNotListed) {
  Study study;
  Texts rates;
  for (int i = 0; i < 10; ++i) rates.push_back("0." + std::to_string(i + 1));
  study.axes = {axis_of(Setting::initializer, {"normal", "he_normal"}),
                axis_of(Setting::activation, {"sigmoid", "relu", "tanh"}), axis_of(Setting::depth, {"2", "10"}),
                axis_of(Setting::learning_rate, rates)};
  add_folder(study, "today");
  for (int i = 0; i < 2; ++i)
    for (int a = 0; a < 3; ++a)
      for (int d = 0; d < 2; ++d)
        for (int r = 0; r < 10; ++r) add_cell(study, {i, a, d, r}, summary_of({a == 0 ? 0.1 : 0.5 + 0.001 * r}));
  const Texts notes = report_head(study).notes;
  ASSERT_GE(notes.size(), 3U);
  EXPECT_EQ(notes[0], "The dead corner: sigmoid in 20 of 20 panels, where 40 of 40 nets do not learn.");
  EXPECT_EQ(notes[1], "The cure: relu from normal ends at 0.509 at depth 2 · learning_rate 0.10.");
  EXPECT_EQ(notes[2],
            "The surest start: normal and he_normal, within 0.02 of the best in 40 of 40 combinations of activation, "
            "depth and learning_rate.");
}

TEST(Headline, ComparesNoDepthsThatDifferInMore) {
  Study study;
  study.axes = {axis_of(Setting::activation, {"relu", "tanh"}), axis_of(Setting::depth, {"2", "10"})};
  add_folder(study, "today");
  add_cell(study, {0, 0}, summary_of({0.9})).seconds = 1;
  add_cell(study, {1, 1}, summary_of({0.5})).seconds = 5;
  for (const std::string& note : report_head(study).notes) EXPECT_FALSE(note.starts_with("The cost")) << note;
}

TEST(Headline, StartsAreInitializersThatMeetAlternatives) {
  Study study;
  study.axes = {axis_of(Setting::optimizer, {"sgd", "adam"}), axis_of(Setting::depth, {"2", "3"})};
  add_folder(study, "today");
  for (int o = 0; o < 2; ++o)
    for (int d = 0; d < 2; ++d) add_cell(study, {o, d}, summary_of({o == 0 ? 0.3 : 0.9}));
  EXPECT_EQ(report_head(study).notes, Texts());
}

TEST(Headline, SaysNothingThatResultsDoNotBear) {
  Study study;
  add_folder(study, "one").sweep = "one";
  add_cell(study, {}, summary_of({0.9}));
  const ReportHead head = report_head(study);
  EXPECT_EQ(head.title, "one");
  EXPECT_EQ(head.notes, Texts());
  Study empty;
  add_folder(empty, "none").sweep = "none";
  EXPECT_EQ(report_head(empty).notes, Texts());
}

TEST(Headline, IsAboutTheLastFolder) {
  Study study;
  study.axes = {{.name = "folder", .setting = {}, .values = {"before", "now"}},
                axis_of(Setting::activation, {"relu", "tanh"})};
  add_folder(study, "before");
  for (int i = 0; i < 2; ++i) add_cell(study, {0, i}, summary_of({0.1}));
  add_folder(study, "now").sweep = "today";
  for (int i = 0; i < 2; ++i) add_cell(study, {1, i}, summary_of({0.9}));
  const ReportHead head = report_head(study);
  EXPECT_EQ(head.tiles[1], std::pair(std::string("2"), std::string("end above twice a guess")));
  EXPECT_EQ(head.subtitle, "now · 0 of 0 trainings · beside before");
}

}  // namespace
}  // namespace initsweep
