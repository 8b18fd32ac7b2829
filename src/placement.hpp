// Where each combination of a study has its place in pictures: one layout for all of them.
#pragma once
#include <cstddef>
#include <string>
#include <vector>
#include "initsweep/gallery.hpp"
#include "initsweep/study.hpp"

namespace initsweep {

// Whether each value of one axis comes with one value of the other alone.
[[nodiscard]] bool decides(const Study& study, std::size_t axis, std::size_t other);
// The axes that say something: those that no other decides, as an initializer may its mode, an optimizer its momentum,
// and a folder what is the same all over it. Of two that decide each other the first.
[[nodiscard]] std::vector<std::size_t> telling_axes(const Study& study);

// Several axes as one: labels of the tuples of values that combinations have, in the axes' order, the last one fastest.
struct LabelledPlaces {
  std::string title;                // "initializer, mode"; "" for none
  std::vector<std::string> labels;  // one at least, maybe ""
  std::vector<std::size_t> of;      // index into labels, by combination
};
// Of several axes each value that does not speak for itself (he_normal does, 5 does not) says what it is of: "he_normal
// fan_in · depth 5"; of one axis the title does, unless the label is to stand alone ("depth 5").
enum class LabelStyle { under_title, alone };
[[nodiscard]] LabelledPlaces places_over(const Study& study, const std::vector<std::size_t>& axes,
                                         LabelStyle style = LabelStyle::under_title);

// "0.9298, std 0.0154, 95 % 0.8916 to 0.9680, 3 seeds; 1 diverged; exploding": what a mark of a cell says.
[[nodiscard]] std::string cell_tip(const Study& study, const Combination& combination);

}  // namespace initsweep
