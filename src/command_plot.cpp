// One picture of results as a file of SVG.
#include <algorithm>

#include "commands.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/file.hpp"
#include "initsweep/gallery.hpp"
#include "initsweep/svg.hpp"
#include "studied_folders.hpp"

namespace initsweep {
namespace {

struct Plot {
  std::string_view name;
  Picture (*draw)(const Study& study, TensorKind tensor);
};
// The last of several folders is today's.
constexpr Plot kPlots[] = {
    {"heatmap", [](const Study& study, TensorKind) -> Picture { return accuracy_map(study); }},
    {"layers", [](const Study& study, TensorKind tensor) -> Picture { return layer_chart(study, tensor); }},
    {"curves", [](const Study& study, TensorKind) -> Picture { return curve_chart(study); }},
    {"losses", [](const Study& study, TensorKind) -> Picture { return loss_chart(study); }},
    {"shares", [](const Study& study, TensorKind) -> Picture { return share_chart(study, study.folders.size() - 1); }},
    {"health", [](const Study& study, TensorKind) -> Picture { return health_map(study); }},
    {"cost", [](const Study& study, TensorKind) -> Picture { return cost_map(study); }},
    {"timeline",
     [](const Study& study, TensorKind) -> Picture { return job_timeline(study, study.folders.size() - 1); }}};

[[noreturn]] void expected(const std::string& option, const std::string& got, const std::vector<std::string>& names) {
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::optional<std::string_view> near = nearest_name(got, known);
  throw UsageError(option + " takes one of: " + joined(known) + "; got '" + printable(got) + "'" +
                   (near ? ", did you mean '" + std::string(*near) + "'?" : ""));
}

}  // namespace

std::vector<std::string> plottable() {
  std::vector<std::string> names;
  for (const Plot& plot : kPlots) names.emplace_back(plot.name);
  return names;
}

int plot_command(const PlotArguments& arguments, Session& session) {
  const auto plot = std::find_if(std::begin(kPlots), std::end(kPlots),
                                 [&](const Plot& candidate) { return candidate.name == arguments.what; });
  if (plot == std::end(kPlots)) expected("--what", arguments.what, plottable());
  if (arguments.what != "layers" && (arguments.tensor || arguments.at))
    throw UsageError(std::string(arguments.tensor ? "--tensor" : "--at") + " is for --what layers alone");
  const std::string tensor_name = arguments.tensor.value_or("delta"), at = arguments.at.value_or("start");
  const std::optional<TensorKind> tensor = parse_kind<TensorKind>(tensor_name);
  if (tensor != TensorKind::delta && tensor != TensorKind::weight_gradient && tensor != TensorKind::activation)
    expected("--tensor", tensor_name, {"delta", "weight_gradient", "activation"});
  if (at != "start" && at != "end") expected("--at", at, {"start", "end"});
  if (const std::string ending = arguments.output.extension(); !ending.empty() && ending != ".svg")
    throw UsageError("plot writes SVG; '" + printable(arguments.output.string()) + "' ends in '" + printable(ending) +
                     "', expected '.svg'");

  const StudiedFolders opened = open_study(arguments.folders, arguments.filters);
  Picture picture = plot->draw(opened.study, *tensor);
  std::size_t view = 0;
  if (const LineChart* chart = std::get_if<LineChart>(&picture); chart != nullptr && arguments.what == "layers") {
    const std::string name = "at the " + at;
    while (view < chart->views.size() && chart->views[view].name != name) ++view;
    if (view == chart->views.size())
      throw UsageError("no layers were recorded " + name + " in " + printable(arguments.folders.front().string()) +
                       "; 'record: {layers: ...}' of the sweep says what is");
  }
  if (arguments.bare) std::visit([](auto& of_a_kind) { of_a_kind.heading.is_drawn = false; }, picture);
  ReplacedFile file(arguments.output);
  file.write(svg(picture, view) + "\n");
  file.commit();
  session.console.answer(printable(arguments.output.string()) + "\n");
  return kExitDone;
}

}  // namespace initsweep
