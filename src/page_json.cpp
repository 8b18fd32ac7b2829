#include "page_json.hpp"

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>
#include "palette.hpp"
#include "picture_json.hpp"
#include "placement.hpp"

namespace initsweep {
namespace {

using nlohmann::json;

// Where the panels of cells have more than fits, every n-th epoch and layer is kept, counted from the last one: where
// training or the net ends is what the pictures show. None of them where even few would be too much.
struct Thinning {
  std::size_t stride = 1;  // 0: nothing is kept
  [[nodiscard]] std::size_t first(std::size_t n) const { return n == 0 ? 0 : (n - 1) % stride; }
};

json values_json(const std::vector<double>& values, Thinning thinning, SeriesPool& pool) {
  std::vector<double> kept;
  for (std::size_t i = thinning.first(values.size()); i < values.size(); i += thinning.stride)
    kept.push_back(values[i]);
  return pool.add(kept);
}

// [first epoch, mean, low, high], the last three being series
json bands_json(const std::vector<Band>& bands, Thinning thinning, SeriesPool& pool) {
  json list = json::array({thinning.first(bands.size())});
  for (double Band::*of : {&Band::mean, &Band::low, &Band::high}) {
    std::vector<double> values;
    for (const Band& band : bands) values.push_back(band.*of);
    list.push_back(values_json(values, thinning, pool));
  }
  return list;
}

json curves_json(const Curves& curves, Thinning thinning, SeriesPool& pool) {
  return json::array({bands_json(curves.test_accuracy, thinning, pool), bands_json(curves.test_loss, thinning, pool),
                      bands_json(curves.train_loss, thinning, pool)});
}

// [tensor, first layer, start, end, predicted]
json profiles_json(const std::vector<LayerProfile>& profiles, Thinning thinning, SeriesPool& pool) {
  json list = json::array();
  for (const LayerProfile& profile : profiles) {
    const std::size_t n = std::max({profile.start.size(), profile.end.size(), profile.predicted.size()});
    list.push_back(json::array({to_text(profile.tensor), profile.first_layer + static_cast<int>(thinning.first(n)),
                                values_json(profile.start, thinning, pool), values_json(profile.end, thinning, pool),
                                values_json(profile.predicted, thinning, pool)}));
  }
  return list;
}

// Of the longest curve or profile.
std::size_t most_points(const Study& study) {
  std::size_t most = 1;
  for (const StudyFolder& folder : study.folders) {
    for (const StudyCell& cell : folder.cells) {
      const Curves& of = cell.curves;
      most = std::max({most, of.test_accuracy.size(), of.test_loss.size(), of.train_loss.size()});
      for (const LayerProfile& profile : cell.profiles)
        most = std::max({most, profile.start.size(), profile.end.size(), profile.predicted.size()});
    }
  }
  return most;
}

json cell_json(const StudyCell& cell, Thinning thinning, SeriesPool& pool) {
  const CellSummary& of = cell.summary;
  const MeanInterval& accuracy = of.test_accuracy;
  json object = {{"id", cell.id},
                 {"n", {of.n_ok, of.n_diverged, of.n_failed}},
                 {"mean", brief_number(accuracy.n > 0 ? accuracy.mean : kNoValue)},
                 {"std", brief_number(accuracy.n > 1 ? accuracy.std : kNoValue)},
                 {"ci",
                  {brief_number(accuracy.n > 1 ? accuracy.low : kNoValue),
                   brief_number(accuracy.n > 1 ? accuracy.high : kNoValue)}},
                 {"range", {brief_number(of.min), brief_number(of.max)}},
                 {"slope", {brief_number(of.delta_slope_start_mean), brief_number(of.delta_slope_end_mean)}},
                 {"health", of.health ? json(to_text(*of.health)) : json(nullptr)},
                 {"seconds", brief_number(cell.seconds)},
                 {"chance", brief_number(cell.chance)}};
  if (thinning.stride > 0) {
    object["curves"] = curves_json(cell.curves, thinning, pool);
    object["profiles"] = profiles_json(cell.profiles, thinning, pool);
  }
  return object;
}

// A list of objects with the same keys as an object of lists.
json as_columns(const json& rows) {
  json columns = json::object();
  for (const json& row : rows)
    for (const auto& [key, value] : row.items()) columns[key].push_back(value);
  return columns;
}

// The page mixes its colours from these as palette.cpp does from its own: in straight lines between as many places.
json colors_json() {
  constexpr int kSteps = 16;
  json colors = {{"categories", json::array()}, {"lines", json::array()}};
  for (int i = 0; i <= kSteps; ++i) {
    colors["sequential"].push_back(hex_text(viridis(static_cast<double>(i) / kSteps)));
    colors["diverging"].push_back(hex_text(red_white_blue(static_cast<double>(i) / kSteps)));
  }
  for (std::size_t i = 0; i < kLineColors; ++i) {
    colors["categories"].push_back(hex_text(category_color(i)));
    const std::optional<Rgb> line = line_color(i);
    colors["lines"].push_back(line ? json(hex_text(*line)) : json(nullptr));  // null: as the text
  }
  return colors;
}

json axes_json(const Study& study) {
  const std::vector<std::size_t> telling = telling_axes(study);
  json axes = json::array();
  for (std::size_t i = 0; i < study.axes.size(); ++i)
    axes.push_back({{"name", study.axes[i].name},
                    {"values", study.axes[i].values},
                    {"tells", std::find(telling.begin(), telling.end(), i) != telling.end()}});
  return axes;
}

// Text for a <script>.
std::string script_json(const json& page) {
  std::string text;
  for (const char c : page.dump(-1, ' ', false, json::error_handler_t::replace)) {
    if (c == '<')
      text += "\\u003c";
    else
      text += c;
  }
  return text;
}

// The page with the curves and profiles of its cells, which `pool` gets beside the series of the pictures.
std::string with_cells(json page, const Study& study, Thinning thinning, SeriesPool pool) {
  json cells = json::array();
  for (const StudyFolder& folder : study.folders)
    for (const StudyCell& cell : folder.cells) cells.push_back(cell_json(cell, thinning, pool));
  page["cells"] = as_columns(cells);
  page["stride"] = thinning.stride;
  page["series"] = pool.series();
  return script_json(page);
}

}  // namespace

std::string page_json(const Study& study, std::span<const ReportSection> sections, std::size_t most_bytes) {
  SeriesPool pool;
  json page = json::object();
  page["axes"] = axes_json(study);
  json jobs = json::array();
  std::vector<std::size_t> first_cell;
  std::size_t n_cells = 0;
  for (const StudyFolder& folder : study.folders) {
    first_cell.push_back(n_cells);
    page["folders"].push_back({{"name", folder.name}, {"sweep", folder.sweep}, {"n_jobs", folder.n_jobs}});
    for (const StudyJob& job : folder.jobs)
      jobs.push_back({{"cell", n_cells + job.cell},
                      {"seed", job.seed},
                      {"status", to_text(job.status)},
                      {"accuracy", brief_number(job.test_accuracy)},
                      {"seconds", brief_number(job.cpu_s)}});
    n_cells += folder.cells.size();
  }
  json combinations = json::array();
  for (const Combination& combination : study.combinations)
    combinations.push_back({{"label", combination.label},
                            {"folder", combination.folder},
                            {"cell", first_cell[combination.folder] + combination.cell},
                            {"values", combination.values}});
  page["jobs"] = as_columns(jobs);
  page["combinations"] = as_columns(combinations);
  page["colors"] = colors_json();
  page["pictures"] = json::array();
  for (const ReportSection& section : sections)
    for (const Picture& picture : section.pictures) page["pictures"].push_back(picture_json(picture, study, pool));

  std::string text = with_cells(page, study, {.stride = 1}, pool);
  if (text.size() <= most_bytes) return text;
  std::string bare = with_cells(page, study, {.stride = 0}, pool);
  const std::size_t room = most_bytes - std::min(most_bytes, bare.size()), most = most_points(study);
  for (std::size_t stride = 1; room > 0 && stride < most;) {
    // By as much as the series are too large; a little more where the next size shows that this does not do.
    stride = std::max(stride + 1, stride * ((text.size() - bare.size()) / room));
    if (stride >= most) break;  // one point alone is no curve
    text = with_cells(page, study, {.stride = stride}, pool);
    if (text.size() <= most_bytes) return text;
  }
  return bare;
}

}  // namespace initsweep
