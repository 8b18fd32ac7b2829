// The pictures that results are looked at in, each answering a question.
//
// Which setting goes where is the same in all of them: rows are initializers with their mode, columns activations,
// panels the depth and whatever else varies. A sweep without one of these puts the next of its axes there. Of several
// folders each is a panel beside the other; what differs between them but not within any is left to their names.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>
#include "initsweep/baseline.hpp"
#include "initsweep/finding.hpp"
#include "initsweep/picture.hpp"
#include "initsweep/study.hpp"

namespace initsweep {

// Axes of the study by the place they have in a picture; an index into Study::axes each.
struct PictureAxes {
  std::vector<std::size_t> rows;     // of heat maps, one label out of all of them; colors and dashes of lines
  std::vector<std::size_t> columns;  // none or one
  std::vector<std::size_t> panels;
};
[[nodiscard]] PictureAxes picture_axes(const Study& study);

// Who learns? Mean test accuracy over seeds; diverged, dead, failed and missing ones marked.
[[nodiscard]] HeatMap accuracy_map(const Study& study);
// Which nets are healthy? Health of each cell.
[[nodiscard]] HeatMap health_map(const Study& study);
// How much time does a net take? Processor time a job.
[[nodiscard]] HeatMap cost_map(const Study& study);
// Accuracies of seeds to compare with, by combination of the study; none where there are none.
struct Before {
  std::string name;
  std::vector<std::vector<double>> accuracies;
};
// Those of the first folder, under the same values of what varies within folders.
[[nodiscard]] Before before_in_first(const Study& study);
// Those of accepted results, by the id of the cell.
[[nodiscard]] Before before_in(const Study& study, const Baseline& baseline, std::string name);
// What changed? Mean test accuracy of a folder less what was before. Squares are marked by the verdict of the gate
// where it compared the two, else by the 95 % interval of the difference (Welch); those that were not there before,
// too.
[[nodiscard]] HeatMap change_map(const Study& study, std::size_t folder, const Before& before,
                                 std::span<const Finding> findings);

// Where do gradients die? Rms of a tensor against the layer, one line a cell; views: at the start, at the end.
[[nodiscard]] LineChart layer_chart(const Study& study, TensorKind tensor);
// How does it get there? Test accuracy by epoch; the band is the range over seeds.
[[nodiscard]] LineChart curve_chart(const Study& study);
// Likewise the loss, on a log scale; views: test, training.
[[nodiscard]] LineChart loss_chart(const Study& study);

// What the claims' sources have, beside what was measured: by layer where a claim is about one, else by epoch; a chart
// a quantity, those with most points first. Claims about neither, and quantities of one layer or epoch alone, are left
// to tables.
[[nodiscard]] std::vector<LineChart> published_charts(const Study& study, std::size_t folder,
                                                      std::span<const Finding> findings);

// What matters? Of one folder. No bars where the grid is not complete.
[[nodiscard]] BarChart share_chart(const Study& study, std::size_t folder);
// Who worked on what, when? Of one folder.
[[nodiscard]] Timeline job_timeline(const Study& study, std::size_t folder);

}  // namespace initsweep
