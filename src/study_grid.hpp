// What tells the combinations of a study apart: its axes, their values, and labels.
#pragma once
#include <span>
#include <string>
#include <vector>
#include "initsweep/study.hpp"

namespace initsweep {

// Structured values by their name alone where that tells them from all others: "normal(mean=0;stddev=0.01)" is "normal"
// unless another normal is there.
void shorten(std::vector<std::string>& values);

struct StudyGrid {
  std::vector<StudyAxis> axes;
  std::vector<Combination> combinations;
};
[[nodiscard]] StudyGrid study_grid(std::span<const StudySource> sources);

}  // namespace initsweep
