#include "cell_label.hpp"

#include <gtest/gtest.h>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "initsweep/grid.hpp"
#include "sweep_text.hpp"

namespace initsweep {
namespace {

// The labels of the grid's cells, a line each.
std::string labels_of(std::string_view body) {
  const Grid grid = expand(parsed(body), {{"mnist", std::string(64, 'a')}, {"fashion_mnist", std::string(64, 'b')}});
  const CellLabels labels(grid);
  std::string lines;
  for (const Cell& cell : grid.cells) lines += labels.of(cell.names.front()) + '\n';
  return lines;
}

struct LabelCase {
  const char* name;
  const char* sweep;
  const char* labels;
};
void PrintTo(const LabelCase& c, std::ostream* out) { *out << c.name; }
class CellLabel : public testing::TestWithParam<LabelCase> {};

TEST_P(CellLabel, TellsTheCellsApart) { EXPECT_EQ(labels_of(GetParam().sweep), GetParam().labels); }

INSTANTIATE_TEST_SUITE_P(
    Grids, CellLabel,
    testing::Values(
        LabelCase{"one_cell_needs_none", "settings: {depth: 3}", "\n"},
        LabelCase{"words_speak_for_themselves",
                  "grid: {initializer: [he_normal, lecun_normal], activation: [relu, tanh]}",
                  "he_normal/relu\nhe_normal/tanh\nlecun_normal/relu\nlecun_normal/tanh\n"},
        LabelCase{"numbers_do_not", "grid: {depth: [2, 20], learning_rate: [0.1, 0.01]}",
                  "depth=2/learning_rate=0.1\ndepth=2/learning_rate=0.01\ndepth=20/learning_rate=0.1\n"
                  "depth=20/learning_rate=0.01\n"},
        LabelCase{"nor_do_truths", "grid: {shuffle: [true, false]}", "shuffle=true\nshuffle=false\n"},
        LabelCase{"columns_keep_their_order", "grid: {depth: [2, 3], activation: [relu, tanh]}",
                  "relu/depth=2\ntanh/depth=2\nrelu/depth=3\ntanh/depth=3\n"},
        LabelCase{"data_sets", "grid: {dataset: [mnist, fashion_mnist]}", "mnist\nfashion_mnist\n"},
        LabelCase{"parameters", "grid: {initializer: [normal, {normal: {stddev: 0.1}}]}",
                  "normal\nnormal(mean=0;stddev=0.1)\n"},
        LabelCase{"a_mode_without_meaning", "grid: {initializer: [normal, he_normal]}", "normal\nhe_normal/fan_in\n"},
        LabelCase{"a_width_that_the_depth_decides", "settings: {width: {from: 300, to: 50}}\ngrid: {depth: [2, 3]}",
                  "depth=2\ndepth=3\n"},
        LabelCase{"a_width_that_it_does_not", "grid: {depth: [2, 3], width: [100, 50]}",
                  "depth=2/width=100\ndepth=2/width=50\ndepth=3/width=100\ndepth=3/width=50\n"},
        // What nearly all have is not told, unless it is what sweeps are about.
        LabelCase{"what_three_of_four_have", "grid: {learning_rate: [0.1], epochs: [1, 2, 3]}\ninclude: [{epochs: 1}]",
                  "epochs=1\nepochs=2\nepochs=3\nepochs=1/learning_rate=0.01\n"},
        LabelCase{"what_less_have", "grid: {learning_rate: [0.1], epochs: [1, 2]}\ninclude: [{epochs: 1}]",
                  "epochs=1/learning_rate=0.1\nepochs=2/learning_rate=0.1\nepochs=1/learning_rate=0.01\n"},
        LabelCase{"a_depth_that_nearly_all_have",
                  "grid: {depth: [2], epochs: [1, 2, 3, 4]}\ninclude: [{depth: 5, epochs: 1}]",
                  "depth=2/epochs=1\ndepth=2/epochs=2\ndepth=2/epochs=3\ndepth=2/epochs=4\ndepth=5/epochs=1\n"}),
    [](const auto& test) { return test.param.name; });

TEST(CellLabels, NoCellHasNone) { EXPECT_EQ(CellLabels().of(SettingTexts{}), ""); }

TEST(CellLabels, TextFromOutsideIsMadeToShow) {
  SettingTexts a, b;
  a[static_cast<std::size_t>(Setting::dataset)] = "idx:/data/\x1b[2J";
  b[static_cast<std::size_t>(Setting::dataset)] = "idx:/data/my digits";
  CellLabels labels;
  labels.add(a);
  labels.add(b);
  EXPECT_EQ(labels.of(a), "idx:/data/\\x1b[2J");
  EXPECT_EQ(labels.of(b), "idx:/data/my digits");
}

}  // namespace
}  // namespace initsweep
