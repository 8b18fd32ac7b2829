// One picture of results as a file of SVG.
#include <algorithm>

#include "commands.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/file.hpp"
#include "initsweep/gallery.hpp"
#include "initsweep/results.hpp"
#include "initsweep/runner.hpp"
#include "initsweep/svg.hpp"
#include "studied_folders.hpp"

namespace initsweep {
namespace {

std::size_t last(const StudiedFolders& of) { return of.folders.size() - 1; }

// Of several quantities the one with most points.
LineChart published(const StudiedFolders& of) {
  const RunFolder& folder = of.folders.back();
  std::vector<Finding> findings;
  if (folder.journal)
    findings = judge_claims(folder.sweep.spec, folder.sweep.grid, *folder.journal, usable_processors());
  std::vector<LineChart> charts = published_charts(of.study, last(of), findings);
  if (charts.empty())
    throw UsageError("this picture is of claims with `published` about two layers or more, or two epochs; " +
                     printable(folder.sweep.spec.name) + " has none, and `check` shows what it has");
  return std::move(charts.front());
}

struct Plot {
  std::string_view name;
  bool is_of_training;  // else there is something to draw of nets that are only looked at
  Picture (*draw)(const StudiedFolders& of, TensorKind tensor);
};
// The last of several folders is today's.
constexpr Plot kPlots[] = {
    {"heatmap", true, [](const StudiedFolders& of, TensorKind) -> Picture { return accuracy_map(of.study); }},
    {"layers", false,
     [](const StudiedFolders& of, TensorKind tensor) -> Picture { return layer_chart(of.study, tensor); }},
    {"curves", true, [](const StudiedFolders& of, TensorKind) -> Picture { return curve_chart(of.study); }},
    {"losses", true, [](const StudiedFolders& of, TensorKind) -> Picture { return loss_chart(of.study); }},
    {"shares", true, [](const StudiedFolders& of, TensorKind) -> Picture { return share_chart(of.study, last(of)); }},
    {"health", false, [](const StudiedFolders& of, TensorKind) -> Picture { return health_map(of.study); }},
    {"cost", false, [](const StudiedFolders& of, TensorKind) -> Picture { return cost_map(of.study); }},
    {"timeline", false,
     [](const StudiedFolders& of, TensorKind) -> Picture { return job_timeline(of.study, last(of)); }},
    {"published", false, [](const StudiedFolders& of, TensorKind) -> Picture { return published(of); }}};

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
  if (plot->is_of_training && is_only_looked_at(opened.study))
    throw UsageError("--what " + arguments.what + " is about training, and the nets of " +
                     printable(arguments.folders.front().string()) +
                     " were not trained; --what health and --what layers show how they start");
  Picture picture = plot->draw(opened, *tensor);
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
