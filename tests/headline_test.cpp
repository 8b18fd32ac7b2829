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
                               {"5", "learn"},
                               {"2", "stay near chance"},
                               {"1", "diverges"},
                               {"0.880", "best mean accuracy"}}));
  EXPECT_EQ(head.notes,
            Texts({"The dead corner: sigmoid at depth 10, where 2 of 2 nets do not learn.",
                   "The cure: he_normal comes within 0.02 of the best in 3 of 3 pairs of activation and depth where "
                   "anything learns.",
                   "The worst start: normal learns in 2 of 3 pairs of activation and depth where anything learns.",
                   "The cost: depth 10 takes 3 times the time of depth 2; its best net ends at 0.880, against 0.880.",
                   "What is luck: between seeds of one net that learns, accuracy differs by 0.02 (median standard "
                   "deviation); a difference of that size between two nets says little."}));
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
  EXPECT_EQ(head.tiles[1], std::pair(std::string("2"), std::string("learn")));
  EXPECT_EQ(head.subtitle, "now · 0 of 0 trainings · beside before");
}

}  // namespace
}  // namespace initsweep
