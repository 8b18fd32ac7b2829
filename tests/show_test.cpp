#include "initsweep/show.hpp"
#include <gtest/gtest.h>
#include <cmath>
#include "cell_pools.hpp"

namespace initsweep {
namespace {

// What a test says of a cell, and what its seeds would have shown.
struct ShownCell {
  InitializerKind initializer;
  ActivationKind activation;
  std::vector<double> accuracies;
  std::vector<double> delta_rms;  // as long as the net is deep
  double learning_rate = 0.01;
};

struct Sweep {
  Grid grid;
  std::vector<CellSummary> cells;
};

Sweep sweep_of(const std::vector<ShownCell>& shown) {
  Sweep sweep;
  for (const ShownCell& cell : shown) {
    JobSettings settings;
    settings.initializer.kind = cell.initializer;
    settings.activation.kind = cell.activation;
    settings.mode.reset();
    settings.width.assign(cell.delta_rms.size(), 100);
    settings.learning_rate = cell.learning_rate;
    sweep.grid.cells.push_back({.id = "c", .settings = settings, .names = {settings}});
    std::vector<JobDigest> seeds;
    for (const double accuracy : cell.accuracies) {
      JobDigest seed;
      seed.status = std::isnan(accuracy) ? JobStatus::diverged : JobStatus::ok;
      seed.test_accuracy = accuracy;
      seed.delta_rms_start = cell.delta_rms;
      seed.delta_slope_start = delta_slope(cell.delta_rms);
      seeds.push_back(seed);
    }
    sweep.cells.push_back(summarize_cell(seeds));
  }
  return sweep;
}

constexpr auto kHe = InitializerKind::he_normal;
constexpr auto kGlorot = InitializerKind::glorot_normal;
constexpr auto kRelu = ActivationKind::relu;
constexpr auto kSigmoid = ActivationKind::sigmoid;

// Listed activation first, so that rows and grid are in different order.
Sweep four_cells() {
  return sweep_of({{kHe, kSigmoid, {0.5, 0.75}, {1e-4, 1e-2}},
                   {kGlorot, kSigmoid, {0.25, 0.25}, {1e-8, 1e-2}},
                   {kHe, kRelu, {0.9, 0.95}, {1e-2, 1e-2}},
                   {kGlorot, kRelu, {0.9, kNoValue}, {1e-3, 1e-2}}});
}

constexpr Setting kByInitializer[] = {Setting::initializer};

std::string text(const Table& table) { return format(table, TableFormat::table); }

// std of {0.5, 0.75} is 0.25 / sqrt(2) = 0.17678, of {0.9, 0.95} 0.03536.
TEST(SummaryTable, HasARowACombinationSortedByItsSettings) {
  const Sweep sweep = four_cells();
  EXPECT_EQ(text(summary_table(sweep.grid, sweep.cells, {})),
            "initializer    activation  seeds  accuracy     std  diverged  failed   slope  health\n"
            "he_normal      sigmoid         2    0.6250  0.1768         0       0  -2.000  healthy\n"
            "he_normal      relu            2    0.9250  0.0354         0       0   0.000  healthy\n"
            "glorot_normal  sigmoid         2    0.2500  0.0000         0       0  -6.000  vanishing\n"
            "glorot_normal  relu            2    0.9000       -         1       0  -1.000  exploding\n");
}

TEST(SummaryTable, ATooNarrowTerminalDropsCountsThatAreAllTheSame) {
  const Sweep sweep = four_cells();
  EXPECT_EQ(text(summary_table(sweep.grid, sweep.cells, {.width = 80})),
            "initializer    activation  seeds  accuracy     std  diverged   slope  health\n"
            "he_normal      sigmoid         2    0.6250  0.1768         0  -2.000  healthy\n"
            "he_normal      relu            2    0.9250  0.0354         0   0.000  healthy\n"
            "glorot_normal  sigmoid         2    0.2500  0.0000         0  -6.000  vanishing\n"
            "glorot_normal  relu            2    0.9000       -         1  -1.000  exploding\n");
}

// All seeds together: sd(c(0.5, 0.75, 0.9, 0.95)) is 0.202072594216369 and sd(c(0.25, 0.25, 0.9)) 0.375277674973258 in
// R.
TEST(SummaryTable, PooledCellsAreAsIfAllTheirSeedsWereOnes) {
  const Sweep sweep = four_cells();
  EXPECT_EQ(text(summary_table(sweep.grid, sweep.cells, {.width = 0}, kByInitializer)),
            "initializer    cells  seeds  accuracy     std  diverged  failed   slope  health\n"
            "he_normal          2      4    0.7750  0.2021         0       0  -1.000  healthy\n"
            "glorot_normal      2      4    0.4667  0.3753         1       0  -3.500  mixed\n");
}

TEST(SummaryTable, StructuredValuesLoseParametersThatTellNothingApartWhereItIsNarrow) {
  Sweep sweep = four_cells();
  for (const std::size_t i : {1U, 3U}) {
    Initializer& initializer = sweep.grid.cells[i].names.front().initializer;
    initializer = {};
    initializer.kind = InitializerKind::normal;
    initializer.stddev = 0.01;
  }
  Table table = summary_table(sweep.grid, sweep.cells, {.width = 0});
  EXPECT_EQ(table.rows[2][0], "normal(mean=0;stddev=0.01)");
  table = summary_table(sweep.grid, sweep.cells, {.width = 80});
  EXPECT_EQ(table.rows[2][0], "normal");

  sweep.grid.cells[3].names.front().initializer.stddev = 0.1;
  table = summary_table(sweep.grid, sweep.cells, {.width = 80});
  EXPECT_EQ(table.rows[2][0], "normal(mean=0;stddev=0.01)");
  EXPECT_EQ(table.rows[3][0], "normal(mean=0;stddev=0.1)");
}

TEST(SummaryTable, AFoldedCellHasARowUnderEachName) {
  Sweep sweep = sweep_of({{kHe, kRelu, {0.9, 0.95}, {1, 1}}});
  sweep.grid.cells[0].names.push_back(sweep.grid.cells[0].names[0]);
  sweep.grid.cells[0].names[1].initializer.kind = InitializerKind::variance_scaling;
  const Table table = summary_table(sweep.grid, sweep.cells, {});
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0][0], "he_normal");
  EXPECT_EQ(table.rows[1][0], "variance_scaling");
  EXPECT_EQ(table.rows[0][2], table.rows[1][2]);
}

TEST(SummaryTable, CellsWithoutResultsAreThereWithoutValues) {
  const Sweep sweep = sweep_of({{kHe, kRelu, {}, {1, 1}}});
  EXPECT_EQ(text(summary_table(sweep.grid, sweep.cells, {})),
            "seeds  accuracy  std  diverged  failed  slope  health\n"
            "    0         -    -         0       0      -  -\n");
}

TEST(SummaryTable, IsNumericInJson) {
  const Sweep sweep = sweep_of({{kHe, kRelu, {0.5}, {1, 1}}});
  EXPECT_EQ(format(summary_table(sweep.grid, sweep.cells, {}), TableFormat::json),
            "[\n  {\n    \"seeds\": 1,\n    \"accuracy\": 0.5,\n    \"std\": null,\n    \"diverged\": 0,\n"
            "    \"failed\": 0,\n    \"slope\": 0.0,\n    \"health\": \"healthy\"\n  }\n]\n");
}

// ---- what tells rows apart

// A cell for each of these settings; no numbers.
Sweep sweep_of_settings(const std::vector<JobSettings>& settings) {
  Sweep sweep;
  for (const JobSettings& cell : settings) {
    sweep.grid.cells.push_back({.id = "c", .settings = cell, .names = {cell}});
    sweep.cells.push_back(summarize_cell({}));
  }
  for (int i = 0; i < kSettingColumnCount; ++i) sweep.grid.varying.push_back(static_cast<Setting>(i));
  return sweep;
}

std::vector<JobSettings> of_learning_rates(const std::vector<double>& rates, JobSettings base = {}) {
  std::vector<JobSettings> settings;
  for (const double rate : rates) {
    base.learning_rate = rate;
    settings.push_back(base);
  }
  return settings;
}

TEST(ShownSettings, AnyThatVariesTellsRowsApart) {
  const Sweep sweep = sweep_of_settings(of_learning_rates({0.1, 1}));
  const Table table = summary_table(sweep.grid, sweep.cells, {});
  EXPECT_EQ(table.columns[0].name, "learning_rate");
  EXPECT_EQ(table.columns[1].name, "seeds") << "no cells are pooled";
  EXPECT_EQ(table.rows.size(), 2U);
  const HeatMap map = pooled_accuracy_map(sweep.grid, sweep.cells);
  EXPECT_EQ(map.y_title, "learning_rate");
  EXPECT_EQ(map.y, (std::vector<std::string>{"0.1", "1"}));
  EXPECT_EQ(map.x, (std::vector<std::string>{""}));
}

// Momentum and width are decided by optimizer and depth, and so is the learning rate by depth, whose neighbours differ.
TEST(ShownSettings, WhatAnotherDecidesIsNotThere) {
  std::vector<JobSettings> settings;
  for (const bool is_deep : {false, true}) {
    for (const OptimizerKind optimizer : {OptimizerKind::sgd, OptimizerKind::momentum}) {
      JobSettings cell;
      cell.width = is_deep ? std::vector{30, 20, 10} : std::vector{30, 10};
      cell.learning_rate = is_deep ? 0.01 : 0.1;
      cell.optimizer = optimizer;
      if (optimizer == OptimizerKind::momentum) cell.momentum = 0.9;
      for (const bool is_clipped : {false, true}) {
        cell.gradient_clip.reset();
        if (is_clipped) cell.gradient_clip = 1;
        settings.push_back(cell);
      }
    }
  }
  const Sweep sweep = sweep_of_settings(settings);
  EXPECT_EQ(shown_settings(sweep.grid, std::nullopt, kAllRows),
            (std::vector{Setting::depth, Setting::optimizer, Setting::gradient_clip}));
}

// Every weight decay came out with a learning rate of its own as the best.
TEST(ShownSettings, AChosenOneHidesNoOtherAndHasNoPlaceInTheMap) {
  std::vector<JobSettings> settings = of_learning_rates({0.1, 0.01});
  settings[1].weight_decay = 0.001;
  const Sweep sweep = sweep_of_settings(settings);
  EXPECT_EQ(shown_settings(sweep.grid, std::nullopt, kAllRows), std::vector{Setting::learning_rate});
  const Table table = summary_table(sweep.grid, sweep.cells, {}, {}, Setting::learning_rate);
  EXPECT_EQ(table.columns[0].name, "learning_rate");
  EXPECT_EQ(table.columns[1].name, "weight_decay");
  const HeatMap map = pooled_accuracy_map(sweep.grid, sweep.cells, {}, Setting::learning_rate);
  EXPECT_EQ(map.y_title, "weight_decay");
  EXPECT_EQ(map.x.size(), 1U);
}

TEST(ShownSettings, WhatWouldMakeTooManyRowsIsPooledForPeopleAlone) {
  std::vector<double> rates;
  for (int i = 1; i <= 300; ++i) rates.push_back(i / 300.0);
  JobSettings relu, tanh;
  relu.activation.kind = kRelu;
  tanh.activation.kind = ActivationKind::tanh;
  std::vector<JobSettings> settings = of_learning_rates(rates, relu);
  for (const JobSettings& more : of_learning_rates(rates, tanh)) settings.push_back(more);
  const Sweep sweep = sweep_of_settings(settings);
  EXPECT_EQ(summary_table(sweep.grid, sweep.cells, {}).rows.size(), 2U);
  EXPECT_EQ(summary_table(sweep.grid, sweep.cells, {.exact = true}).rows.size(), 600U);
}

TEST(ShownSettings, WithoutAValueItSaysNoneInPictures) {
  std::vector<JobSettings> settings;
  for (const bool is_clipped : {false, true}) {
    for (const ActivationKind activation : {kRelu, kSigmoid}) {
      JobSettings cell;
      cell.activation.kind = activation;
      if (is_clipped) cell.gradient_clip = 1;
      for (const JobSettings& one : of_learning_rates({0.1, 1}, cell)) settings.push_back(one);
    }
  }
  const Sweep sweep = sweep_of_settings(settings);
  EXPECT_EQ(pooled_accuracy_map(sweep.grid, sweep.cells).panels,
            (std::vector<std::string>{"gradient_clip none", "gradient_clip 1"}));
  constexpr Setting kBy[] = {Setting::gradient_clip};
  EXPECT_EQ(pooled_accuracy_map(sweep.grid, sweep.cells, kBy).y, (std::vector<std::string>{"none", "1"}));
  EXPECT_NE(text(summary_table(sweep.grid, sweep.cells, {}, kBy)).find("\n            -      4 "), std::string::npos);
}

// ---- the heat map

TEST(PooledAccuracyMap, PutsInitializersInRowsActivationsInColumnsAndDepthsInPanels) {
  Sweep sweep = four_cells();
  const Sweep deeper = sweep_of({{kHe, kSigmoid, {}, {1, 1, 1}}});
  sweep.grid.cells.push_back(deeper.grid.cells[0]);
  sweep.cells.push_back(deeper.cells[0]);
  const HeatMap map = pooled_accuracy_map(sweep.grid, sweep.cells);
  EXPECT_EQ(map.y, (std::vector<std::string>{"he_normal", "glorot_normal"}));
  EXPECT_EQ(map.x, (std::vector<std::string>{"sigmoid", "relu"}));
  EXPECT_EQ(map.panels, (std::vector<std::string>{"depth 2", "depth 3"}));
  EXPECT_EQ(heat_map_text(map, {.width = 80}),
            "Who learns? mean test accuracy by activation\n"
            "               depth 2           depth 3\n"
            "initializer    sigmoid relu      sigmoid relu\n"
            "he_normal      ▆ 0.62  █ 0.93          …\n"
            "glorot_normal  ▃ 0.25  █ 0.90×\n"
            "scale 0 ▁▂▃▄▅▆▇█ 1\n"
            "× diverged (some or all); … not trained yet\n");
}

TEST(PooledAccuracyMap, TakesTheSettingsAskedForInTheirOrder) {
  const Sweep sweep = four_cells();
  constexpr Setting kBy[] = {Setting::activation, Setting::learning_rate, Setting::initializer};
  const HeatMap map = pooled_accuracy_map(sweep.grid, sweep.cells, kBy);
  EXPECT_EQ(map.y_title, "activation");
  EXPECT_EQ(map.x_title, "learning_rate");
  EXPECT_EQ(map.x, (std::vector<std::string>{"0.01"}));
  EXPECT_EQ(map.panels, (std::vector<std::string>{"he_normal", "glorot_normal"}));
}

// 0.4667 is the mean of 0.25, 0.25 and 0.9, as in the table.
TEST(PooledAccuracyMap, OfOneSettingIsAColumn) {
  const Sweep sweep = four_cells();
  EXPECT_EQ(heat_map_text(pooled_accuracy_map(sweep.grid, sweep.cells, kByInitializer), {}),
            "Who learns? mean test accuracy\n"
            "initializer\n"
            "he_normal      ▇ 0.78\n"
            "glorot_normal  ▄ 0.47×\n"
            "scale 0 ▁▂▃▄▅▆▇█ 1\n"
            "× diverged (some or all)\n");
}

TEST(PooledAccuracyMap, ASettingThatDoesNotVaryLeavesItsPlaceToTheNext) {
  const Sweep sweep = sweep_of({{kHe, kRelu, {0.9}, {1}}, {kHe, kSigmoid, {0.5}, {1, 1}}});
  const HeatMap map = pooled_accuracy_map(sweep.grid, sweep.cells);
  EXPECT_EQ(map.y_title, "activation");
  EXPECT_EQ(map.x_title, "depth");
  EXPECT_EQ(map.panels, (std::vector<std::string>{""}));
}

// ---- the picture. Scale 1e-8 to 1e-2 in eight levels: 0.75 decades each.

constexpr const char* kLegendEnd =
    "\nslope in decades a layer toward the input: negative is vanishing, positive exploding\n";

TEST(DeltaPicture, DrawsALineACellOnACommonLogScale) {
  const Sweep sweep = four_cells();
  EXPECT_EQ(delta_picture(sweep.grid, sweep.cells, {.width = 40}),
            "Where gradients die: rms of delta before training, hidden layers 1 to 2\n"
            "                        1      2   slope\n"
            "he_normal      sigmoid  ▆▆▆▆████  -2.000\n"
            "glorot_normal  sigmoid  ▁▁▁▁████  -6.000\n"
            "he_normal      relu     ████████   0.000\n"
            "glorot_normal  relu     ▇▇▇▇████  -1.000\n"
            "scale 1e-8 ▁▂▃▄▅▆▇█ 1e-2, logarithmic" +
                std::string(kLegendEnd));
}

TEST(DeltaPicture, SpeaksAsciiWhereTheTerminalDoes) {
  const Sweep sweep = four_cells();
  const std::string picture = delta_picture(sweep.grid, sweep.cells, {.utf8 = false, .width = 40});
  EXPECT_TRUE(picture.find("\nhe_normal      sigmoid  ****@@@@  -2.000\n") != std::string::npos) << picture;
  for (const char c : picture) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~'));
}

TEST(DeltaPicture, ColorTakesTheSameRoom) {
  const Sweep sweep = sweep_of({{kHe, kSigmoid, {0.5}, {1e-4, 1e-2}}});
  EXPECT_EQ(delta_picture(sweep.grid, sweep.cells, {.color = true, .width = 16}),
            "Where gradients die: rms of delta before training, hidden layers 1 to 2\n"
            "1      2   slope\n"
            "\x1b[48;5;53m    \x1b[0m\x1b[48;5;227m    \x1b[0m  -2.000\n"
            "scale 1e-4 \x1b[48;5;53m \x1b[0m\x1b[48;5;55m \x1b[0m\x1b[48;5;24m \x1b[0m\x1b[48;5;30m \x1b[0m"
            "\x1b[48;5;36m \x1b[0m\x1b[48;5;77m \x1b[0m\x1b[48;5;184m \x1b[0m\x1b[48;5;227m \x1b[0m 1e-2, "
            "logarithmic" +
                std::string(kLegendEnd));
}

TEST(DeltaPicture, WhatASharedLabelSaysIsSaidOnce) {
  const Sweep sweep = sweep_of({{kHe, kSigmoid, {0.5}, {1, 1}},
                                {kHe, kRelu, {0.5}, {1, 1}},
                                {kGlorot, kSigmoid, {0.5}, {1, 1}},
                                {kGlorot, kRelu, {0.5}, {1, 1}}});
  const std::string picture = delta_picture(sweep.grid, sweep.cells, {.width = 40});
  EXPECT_TRUE(picture.find("\n               relu     ") != std::string::npos) << picture;
}

TEST(DeltaPicture, ShowsTheDeepestNetsAndOneLineForWhatStartsTheSame) {
  const Sweep sweep = sweep_of({{kHe, kSigmoid, {0.5}, {1e-4, 1e-2}},
                                {kHe, kRelu, {0.5}, {1, 1, 1}},
                                {kHe, kRelu, {0.7}, {1, 1, 1}, /*learning_rate=*/0.1}});
  EXPECT_EQ(delta_picture(sweep.grid, sweep.cells, {.width = 40}),
            "Where gradients die: rms of delta before training, hidden layers 1 to 3\n"
            "1          3   slope\n"
            "▁▁▁▁▁▁▁▁▁▁▁▁   0.000\n"
            "scale 1e0 ▁▂▃▄▅▆▇█ 1e1, logarithmic" +
                std::string(kLegendEnd));
}

TEST(DeltaPicture, WhatIsGoneAndWhatIsNotFiniteIsMarked) {
  const Sweep sweep = sweep_of({{kHe, kSigmoid, {0.5}, {0, 1e-31, 1e-2}}, {kHe, kRelu, {0.5}, {kNoValue, 1, 1}}});
  EXPECT_EQ(delta_picture(sweep.grid, sweep.cells, {.width = 40}),
            "Where gradients die: rms of delta before training, hidden layers 1 to 3\n"
            "         1          3   slope\n"
            "sigmoid          ▁▁▁▁       -\n"
            "relu     !!!!████████   0.000\n"
            "scale 1e-2 ▁▂▃▄▅▆▇█ 1e0, logarithmic; blank: nothing arrives; !: not finite" +
                std::string(kLegendEnd));
}

TEST(DeltaPicture, DeepNetsAreThinnedToTheRoom) {
  std::vector<double> rms;
  for (int l = 0; l < 1000; ++l) rms.push_back(std::pow(10.0, -7.99 + 7.98 * l / 999));
  const Sweep sweep = sweep_of({{kHe, kRelu, {0.5}, rms}});
  const std::string picture = delta_picture(sweep.grid, sweep.cells, {.width = 24});
  EXPECT_TRUE(picture.find("\n1           1000   slope\n▁▁▂▂▃▃▄▄▅▅▆▆▇▇██  -0.008\n") != std::string::npos) << picture;
}

TEST(DeltaPicture, IsEmptyWithoutAStartRecord) {
  const Sweep sweep = sweep_of({{kHe, kRelu, {}, {1, 1}}});
  EXPECT_EQ(delta_picture(sweep.grid, sweep.cells, {}), "");
}

}  // namespace
}  // namespace initsweep
