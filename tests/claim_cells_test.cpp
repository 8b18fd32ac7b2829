// Which cells claims speak of, as "a > b" for a pair, "a" for a cell, and "a + b" for a group of best_over.
#include "claim_cells.hpp"

#include <gtest/gtest.h>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "cell_label.hpp"
#include "initsweep/claims.hpp"
#include "initsweep/grid.hpp"
#include "sweep_text.hpp"

namespace initsweep {
namespace {

const DatasetDigests kDigests = {{"mnist", std::string(64, 'a')}};

std::string rows_of(std::string_view body) {
  const SweepSpec spec = parsed(body);
  const Grid grid = expand(spec, kDigests);
  const CellLabels labels(grid);
  const auto text = [&](const std::vector<std::size_t>& cells) {
    std::string joined;
    for (const std::size_t cell : cells)
      joined += (joined.empty() ? "" : " + ") + labels.of(grid.cells[cell].names.front());
    return joined;
  };
  std::string lines;
  for (const std::vector<ClaimCells>& claim : cells_of_claims(spec, grid))
    for (const ClaimCells& row : claim)
      lines += text(row.cells) + (row.others.empty() ? "" : " > " + text(row.others)) + '\n';
  return lines;
}

struct CellsCase {
  const char* name;
  const char* sweep;  // without expect
  const char* claim;  // what stands in it beside `claim: a`
  const char* rows;
};
void PrintTo(const CellsCase& c, std::ostream* out) { *out << c.name; }
class ClaimCellsOf : public testing::TestWithParam<CellsCase> {};

TEST_P(ClaimCellsOf, AreThese) {
  const CellsCase& c = GetParam();
  EXPECT_EQ(rows_of(std::string(c.sweep) + "\nexpect: [{claim: a, " + c.claim + "}]"), c.rows);
}

INSTANTIATE_TEST_SUITE_P(
    Where, ClaimCellsOf,
    testing::Values(
        CellsCase{"every_cell", "grid: {activation: [tanh, relu], depth: [2, 5]}", "status: ok",
                  "tanh/depth=2\ntanh/depth=5\nrelu/depth=2\nrelu/depth=5\n"},
        CellsCase{"some", "grid: {activation: [tanh, relu], depth: [2, 5]}", "where: {depth: 5}, status: ok",
                  "tanh/depth=5\nrelu/depth=5\n"},
        CellsCase{"none", "grid: {depth: [2, 5]}", "where: {depth: 9}, status: ok", ""},
        // A cell is one, under whichever of its names it is asked for, and however many match.
        CellsCase{"a_folded_name",
                  "grid: {initializer: [he_normal, {variance_scaling: {scale: 2, distribution: normal}}]}",
                  "where: {initializer: variance_scaling}, status: ok", "\n"},
        CellsCase{
            "both_names",
            "grid: {initializer: [he_normal, {variance_scaling: {scale: 2, distribution: normal}}], depth: [2, 3]}",
            "status: ok", "depth=2\ndepth=3\n"},
        CellsCase{"not_what_was_excluded",
                  "grid: {activation: [tanh, relu], depth: [2, 5]}\nexclude: [{activation: tanh, depth: 5}]",
                  "where: {depth: 5}, status: ok", "relu/depth=5\n"},
        CellsCase{"what_was_included", "grid: {depth: [2, 5]}\ninclude: [{depth: 9}]", "where: {depth: 9}, status: ok",
                  "depth=9\n"},
        CellsCase{"a_parameter", "grid: {initializer: [normal, he_normal], normal.stddev: [0.01, 0.1]}",
                  "where: {normal.stddev: 0.1}, status: ok", "normal(mean=0;stddev=0.1)\n"}),
    [](const auto& test) { return test.param.name; });

constexpr const char* kHe = "metric: test_loss, higher: {initializer: he_normal}, than: {initializer: glorot_normal}";

INSTANTIATE_TEST_SUITE_P(
    Pairs, ClaimCellsOf,
    testing::Values(
        CellsCase{
            "all_else_agrees",
            "grid: {initializer: [he_normal, glorot_normal], activation: [tanh, relu], learning_rate: [0.1, 0.2]}", kHe,
            "he_normal/fan_in/tanh/learning_rate=0.1 > glorot_normal/fan_avg/tanh/learning_rate=0.1\n"
            "he_normal/fan_in/tanh/learning_rate=0.2 > glorot_normal/fan_avg/tanh/learning_rate=0.2\n"
            "he_normal/fan_in/relu/learning_rate=0.1 > glorot_normal/fan_avg/relu/learning_rate=0.1\n"
            "he_normal/fan_in/relu/learning_rate=0.2 > glorot_normal/fan_avg/relu/learning_rate=0.2\n"},
        // He's own mode is fan_in and Glorot's fan_avg, which nobody wrote ...
        CellsCase{"a_mode_that_nobody_wrote", "grid: {initializer: [he_normal, glorot_normal]}", kHe,
                  "he_normal/fan_in > glorot_normal/fan_avg\n"},
        // ... also where the mode of other cells is written.
        CellsCase{"a_mode_that_is_written_elsewhere",
                  "grid: {initializer: [he_normal, glorot_normal]}\n"
                  "include: [{initializer: he_uniform, mode: fan_avg}, {initializer: glorot_uniform, mode: fan_in}]",
                  kHe, "he_normal/fan_in > glorot_normal/fan_avg\n"},
        CellsCase{"a_mode_that_another_block_writes",
                  "grid:\n  - {initializer: [he_normal, glorot_normal]}\n"
                  "  - {initializer: [he_uniform], mode: [fan_in, fan_avg]}",
                  kHe, "he_normal/fan_in > glorot_normal/fan_avg\n"},
        // A mode axis is written: cells of one mode pair.
        CellsCase{"a_mode_axis", "grid: {initializer: [he_normal, glorot_normal], mode: [fan_in, fan_out]}", kHe,
                  "he_normal/fan_in > glorot_normal/fan_in\nhe_normal/fan_out > glorot_normal/fan_out\n"},
        CellsCase{"a_mode_axis_with_other_axes_that_have_no_meaning",
                  "grid: {initializer: [he_normal, glorot_normal], mode: [fan_in, fan_out], normal.stddev: [1], "
                  "momentum: [0.5]}",
                  kHe, "he_normal/fan_in > glorot_normal/fan_in\nhe_normal/fan_out > glorot_normal/fan_out\n"},
        CellsCase{"a_fixed_mode", "settings: {mode: fan_out}\ngrid: {initializer: [he_normal, glorot_normal]}", kHe,
                  "he_normal > glorot_normal\n"},
        // A normal law of fixed width has no mode, and pairs with each.
        CellsCase{"a_mode_without_meaning", "grid: {initializer: [he_normal, normal], mode: [fan_in, fan_out]}",
                  "metric: test_loss, higher: {initializer: normal}, than: {initializer: he_normal}",
                  "normal > he_normal/fan_in\nnormal > he_normal/fan_out\n"},
        CellsCase{"modes_themselves", "grid: {initializer: [he_normal, glorot_normal], mode: [fan_in, fan_out]}",
                  "metric: test_loss, higher: {mode: fan_in}, than: {mode: fan_out}",
                  "he_normal/fan_in > he_normal/fan_out\nglorot_normal/fan_in > glorot_normal/fan_out\n"},
        CellsCase{"biases_that_come_with_the_law",
                  "settings: {bias_stddev: 0.1}\ngrid: {initializer: [torch_default, he_uniform]}",
                  "metric: test_loss, higher: {initializer: he_uniform}, than: {initializer: torch_default}",
                  "he_uniform/fan_in/bias_stddev=0.1 > torch_default\n"},
        CellsCase{"parameters_of_the_optimizer", "grid: {optimizer: [sgd, momentum, adam]}",
                  "metric: test_loss, higher: {optimizer: sgd}, than: {optimizer: adam}",
                  "sgd > adam/beta1=0.9/beta2=0.999/epsilon=1e-08\n"},
        CellsCase{"parameters_of_the_optimizer_that_are_an_axis",
                  "grid: {optimizer: [momentum, nesterov], momentum: [0.5, 0.9]}",
                  "metric: test_loss, higher: {optimizer: nesterov}, than: {optimizer: momentum}",
                  "nesterov/momentum=0.5 > momentum/momentum=0.5\nnesterov/momentum=0.9 > momentum/momentum=0.9\n"},
        CellsCase{"an_axis_that_one_side_has_no_use_for", "grid: {optimizer: [sgd, momentum], momentum: [0.5, 0.9]}",
                  "metric: test_loss, higher: {optimizer: momentum}, than: {optimizer: sgd}",
                  "momentum/momentum=0.5 > sgd\nmomentum/momentum=0.9 > sgd\n"},
        // Tapered widths differ in every layer but the ends.
        CellsCase{"depths_of_a_tapered_net", "settings: {width: {from: 300, to: 50}}\ngrid: {depth: [2, 5, 9]}",
                  "metric: test_loss, higher: {depth: 2}, than: {depth: 9}", "depth=2 > depth=9\n"},
        CellsCase{"depths_of_nets_whose_ends_differ",
                  "grid: {width: [{from: 300, to: 50}, {from: 300, to: 60}], depth: [2, 5]}",
                  "metric: test_loss, higher: {depth: 2}, than: {depth: 5}",
                  "depth=2/width=300x50 > depth=5/width=300x192x122x78x50\n"
                  "depth=2/width=300x60 > depth=5/width=300x201x134x90x60\n"},
        CellsCase{"depths_of_nets_that_begin_differently",
                  "grid: {width: [{from: 300, to: 50}, {from: 200, to: 50}], depth: [2, 3]}",
                  "metric: test_loss, higher: {depth: 2}, than: {depth: 3}",
                  "depth=2/width=300x50 > depth=3/width=300x122x50\n"
                  "depth=2/width=200x50 > depth=3/width=200x100x50\n"},
        CellsCase{"one_layer_has_one_end", "settings: {width: {first: 300, rest: 100}}\ngrid: {depth: [1, 3]}",
                  "metric: test_loss, higher: {depth: 3}, than: {depth: 1}", "depth=3 > depth=1\n"},
        CellsCase{"values_of_a_parameter", "grid: {initializer: [normal], normal.stddev: [0.01, 0.1, 1]}",
                  "metric: test_loss, higher: {normal.stddev: 1}, than: {normal.stddev: 0.01}",
                  "normal > normal(mean=0;stddev=0.01)\n"},
        CellsCase{
            "settings_together", "grid: {initializer: [he_normal, glorot_normal], activation: [tanh, relu]}",
            "metric: test_loss, higher: {initializer: he_normal, activation: relu}, than: {initializer: glorot_normal, "
            "activation: tanh}",
            "he_normal/fan_in/relu > glorot_normal/fan_avg/tanh\n"},
        // What one side does not name may be anything there.
        CellsCase{
            "one_side_names_more", "grid: {initializer: [he_normal, glorot_normal], activation: [tanh, relu]}",
            "metric: test_loss, higher: {initializer: he_normal, activation: relu}, than: {initializer: glorot_normal}",
            "he_normal/fan_in/relu > glorot_normal/fan_avg/tanh\nhe_normal/fan_in/relu > glorot_normal/fan_avg/relu\n"},
        CellsCase{"within_where",
                  "grid: {initializer: [he_normal, glorot_normal], activation: [tanh, relu], depth: [2, 3]}",
                  "where: {activation: relu, depth: 3}, metric: test_loss, higher: {initializer: he_normal}, than: "
                  "{initializer: "
                  "glorot_normal}",
                  "he_normal/fan_in/relu/depth=3 > glorot_normal/fan_avg/relu/depth=3\n"},
        CellsCase{"one_was_excluded",
                  "grid: {initializer: [he_normal, glorot_normal], depth: [2, 3]}\nexclude: [{initializer: "
                  "glorot_normal, depth: 3}]",
                  kHe, "he_normal/fan_in/depth=2 > glorot_normal/fan_avg/depth=2\n"},
        CellsCase{"one_was_included",
                  "grid: {initializer: [he_normal], depth: [2, 3]}\ninclude: [{initializer: glorot_normal, depth: 3}]",
                  kHe, "he_normal/fan_in/depth=3 > glorot_normal/fan_avg/depth=3\n"},
        CellsCase{"none_agrees",
                  "grid:\n  - {initializer: [he_normal], depth: [2]}\n  - {initializer: [glorot_normal], depth: [3]}",
                  kHe, ""}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Folded, ClaimCellsOf,
    testing::Values(
        // With fan_in, He's law is this one: a cell that is compared with itself.
        CellsCase{"a_cell_with_itself",
                  "grid: {initializer: [he_normal, {variance_scaling: {scale: 2, distribution: normal}}], activation: "
                  "[tanh, relu]}",
                  "metric: test_loss, higher: {initializer: he_normal}, than: {initializer: variance_scaling}",
                  "tanh > tanh\nrelu > relu\n"},
        // Under a mode axis LeCun's law and Glorot's are one family, and each pair is judged once.
        CellsCase{"a_pair_once",
                  "grid: {initializer: [he_normal, lecun_normal, glorot_normal], mode: [fan_in, fan_out]}",
                  "metric: test_loss, higher: {initializer: he_normal}, than: {initializer: glorot_normal}",
                  "he_normal/fan_in > lecun_normal/fan_in\nhe_normal/fan_out > lecun_normal/fan_out\n"},
        CellsCase{"a_pair_once_whatever_names_agree",
                  "grid: {initializer: [he_normal, {variance_scaling: {scale: 2, distribution: normal}}], activation: "
                  "[tanh, relu]}",
                  "metric: test_loss, higher: {activation: relu}, than: {activation: tanh}", "relu > tanh\n"}),
    [](const auto& test) { return test.param.name; });

constexpr const char* kRates =
    "settings: {validation_samples: 1000}\ngrid: {initializer: [he_normal, glorot_normal], learning_rate: [0.1, 0.2]}";

INSTANTIATE_TEST_SUITE_P(
    BestOver, ClaimCellsOf,
    testing::Values(CellsCase{"groups_of_cells", kRates, "metric: test_loss, at_most: 1, best_over: learning_rate",
                              "he_normal/fan_in/learning_rate=0.1 + he_normal/fan_in/learning_rate=0.2\n"
                              "glorot_normal/fan_avg/learning_rate=0.1 + glorot_normal/fan_avg/learning_rate=0.2\n"},
                    CellsCase{"groups_on_both_sides", kRates,
                              "metric: test_loss, higher: {initializer: he_normal}, than: {initializer: "
                              "glorot_normal}, best_over: learning_rate",
                              "he_normal/fan_in/learning_rate=0.1 + he_normal/fan_in/learning_rate=0.2 > "
                              "glorot_normal/fan_avg/learning_rate=0.1 + glorot_normal/fan_avg/learning_rate=0.2\n"},
                    CellsCase{"a_rate_that_one_side_lacks",
                              "settings: {validation_samples: 1000}\ngrid: {initializer: [he_normal, glorot_normal], "
                              "learning_rate: [0.1, 0.2]}\n"
                              "exclude: [{initializer: he_normal, learning_rate: 0.2}]",
                              "metric: test_loss, higher: {initializer: he_normal}, than: {initializer: "
                              "glorot_normal}, best_over: learning_rate",
                              "he_normal/fan_in/learning_rate=0.1 > "
                              "glorot_normal/fan_avg/learning_rate=0.1 + glorot_normal/fan_avg/learning_rate=0.2\n"},
                    CellsCase{"each_group_once_whatever_the_names",
                              "settings: {validation_samples: 1000}\n"
                              "grid: {initializer: [he_normal, {variance_scaling: {scale: 2, distribution: normal}}], "
                              "learning_rate: [0.1, 0.2]}",
                              "metric: test_loss, at_most: 1, best_over: learning_rate",
                              "learning_rate=0.1 + learning_rate=0.2\n"}),
    [](const auto& test) { return test.param.name; });

// Problems that the whole grid shows, located.
const BadInput kBad[] = {
    {"Where", "grid: {depth: [2, 3]}\nexpect: [{claim: a, where: {depth: 9}, status: ok}]",
     R"(s.yaml:4:28: error: this where matches no cell of the sweep
    4 | expect: [{claim: a, where: {depth: 9}, status: ok}]
      |                            ^
)"},
    {"Higher", "grid: {depth: [2, 3]}\nexpect: [{claim: a, metric: test_loss, higher: {depth: 9}, than: {depth: 2}}]",
     R"(s.yaml:4:48: error: this higher matches no cell of the sweep
    4 | expect: [{claim: a, metric: test_loss, higher: {depth: 9}, than: {depth: 2}}]
      |                                                ^
)"},
    {"Than", "grid: {depth: [2, 3]}\nexpect: [{claim: a, metric: test_loss, higher: {depth: 2}, than: {depth: 9}}]",
     R"(s.yaml:4:66: error: this than matches no cell of the sweep
    4 | expect: [{claim: a, metric: test_loss, higher: {depth: 2}, than: {depth: 9}}]
      |                                                                  ^
)"},
    {"NoPartner",
     "grid:\n  - {depth: [2], activation: [tanh]}\n  - {depth: [3], activation: [relu]}\n"
     "expect: [{claim: a, metric: test_loss, higher: {depth: 2}, than: {depth: 3}}]",
     R"(s.yaml:6:66: error: no cell of higher has a partner here: two cells compare where all agrees that these do not name
    6 | expect: [{claim: a, metric: test_loss, higher: {depth: 2}, than: {depth: 3}}]
      |                                                                  ^
)"},
    {"Each",
     "grid: {depth: [2, 3]}\nexpect:\n- {claim: a, where: {depth: 9}, status: ok}\n- {claim: b, status: ok}\n"
     "- {claim: c, where: {activation: tanh}, status: ok}",
     R"(s.yaml:5:21: error: this where matches no cell of the sweep
    5 | - {claim: a, where: {depth: 9}, status: ok}
      |                     ^
s.yaml:7:21: error: this where matches no cell of the sweep
    7 | - {claim: c, where: {activation: tanh}, status: ok}
      |                     ^
)"},
    {"Sound", "grid: {depth: [2, 3]}\nexpect: [{claim: a, status: ok}]", ""},
};
class UnmatchedClaim : public testing::TestWithParam<BadInput> {};

TEST_P(UnmatchedClaim, IsLocated) {
  const SweepSpec spec = parsed(GetParam().body);
  EXPECT_EQ(format(check_expectations(spec, expand(spec, kDigests))), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(Grid, UnmatchedClaim, testing::ValuesIn(kBad), name_of);

// Which of these depths and widths go together is a million questions.
TEST(ClaimCells, WhatItCostsToPairIsBounded) {
  const SweepSpec spec = parsed(
      "grid: {depth: [2, 3], width: {range: [1, 1050], step: 1}}\n"
      "expect:\n- {claim: a, status: ok}\n- {claim: b, metric: test_loss, higher: {depth: 2}, than: {depth: 3}}");
  EXPECT_EQ(
      format(check_expectations(spec, expand(spec, kDigests))),
      R"(s.yaml:6:3: error: the claims up to this one take too long to check; make fewer of them, or about fewer cells
    6 | - {claim: b, metric: test_loss, higher: {depth: 2}, than: {depth: 3}}
      |   ^
)");
}

}  // namespace
}  // namespace initsweep
