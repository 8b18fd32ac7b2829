// A cell of the baseline beside the same cell today: what can be tested of it, before anything is decided.
#pragma once
#include <optional>
#include <string>
#include <vector>
#include "initsweep/baseline.hpp"
#include "initsweep/finding.hpp"
#include "initsweep/hypothesis.hpp"

namespace initsweep {

// One number of a cell, to be tested: its effect against a margin. Tests of one family are decided together, since
// their p values are adjusted for each other.
struct Test {
  Finding finding;
  Estimate effect;
  double margin = 0;
  bool is_two_sided = false;
  bool is_certain = false;  // decided already: by equal digests, or by what cannot be estimated
};

// What is there to compare of one cell.
struct CellTests {
  std::optional<Finding> renamed;   // beside the rest: it means the same, but goes by another name
  std::optional<Finding> obstacle;  // why it cannot be compared at all; then there are no tests
  bool has_accuracy = true;         // not of nets that are only looked at
  std::optional<Finding> digests;   // of those, beside the rest
  Test accuracy;
  std::vector<Test> slopes, weights;  // before training; weights of each layer that has enough of them
  std::vector<Finding> tolerances;    // columns of the baseline's `gate`, decided
};
[[nodiscard]] CellTests compare_cell(const BaselineCell& before, const BaselineCell& now, const std::string& label,
                                     const std::map<std::string, Tolerance>& gate);

// "depth was 2, is 5": the settings in which two cells differ, of those that both sides know; not the path of the data.
[[nodiscard]] std::string settings_difference(const BaselineCell& before, const BaselineCell& now);

// The finding with the reason why it is about something that cannot be compared.
[[nodiscard]] Finding incomparable(Finding finding, std::string verdict, std::string reason);

}  // namespace initsweep
