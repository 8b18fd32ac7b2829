#include "page_json.hpp"

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>
#include "palette.hpp"
#include "picture_json.hpp"

namespace initsweep {
namespace {

using nlohmann::json;

// Numbers of profiles and curves that the panels of cells may have together; with more, every n-th layer and epoch.
constexpr std::size_t kMostCellNumbers = 150'000;

// A band as three series: mean, low, high.
json bands_json(const std::vector<Band>& bands, std::size_t stride, SeriesPool& pool) {
  std::vector<double> mean, low, high;
  for (std::size_t i = 0; i < bands.size(); i += stride) {
    mean.push_back(bands[i].mean);
    low.push_back(bands[i].low);
    high.push_back(bands[i].high);
  }
  return json::array({pool.add(mean), pool.add(low), pool.add(high)});
}

json values_json(const std::vector<double>& values, std::size_t stride, SeriesPool& pool) {
  std::vector<double> kept;
  for (std::size_t i = 0; i < values.size(); i += stride) kept.push_back(values[i]);
  return pool.add(kept);
}

json curves_json(const Curves& curves, std::size_t stride, SeriesPool& pool) {
  return json::array({bands_json(curves.test_accuracy, stride, pool), bands_json(curves.test_loss, stride, pool),
                      bands_json(curves.train_loss, stride, pool)});
}

// [tensor, first layer, start, end, predicted]
json profiles_json(const std::vector<LayerProfile>& profiles, std::size_t stride, SeriesPool& pool) {
  json list = json::array();
  for (const LayerProfile& profile : profiles)
    list.push_back(json::array({to_text(profile.tensor), profile.first_layer, values_json(profile.start, stride, pool),
                                values_json(profile.end, stride, pool), values_json(profile.predicted, stride, pool)}));
  return list;
}

std::size_t n_numbers(const StudyCell& cell) {
  std::size_t n = 3 * cell.curves.test_accuracy.size();
  for (const LayerProfile& profile : cell.profiles)
    n += profile.start.size() + profile.end.size() + profile.predicted.size();
  return n;
}

std::size_t stride_of(const Study& study) {
  std::size_t n = 0;
  for (const StudyFolder& folder : study.folders)
    for (const StudyCell& cell : folder.cells) n += n_numbers(cell);
  return std::max<std::size_t>(1, (n + kMostCellNumbers - 1) / kMostCellNumbers);
}

json cell_json(const StudyCell& cell, std::size_t stride, SeriesPool& pool) {
  const CellSummary& of = cell.summary;
  const MeanInterval& accuracy = of.test_accuracy;
  return {{"id", cell.id},
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
          {"chance", brief_number(cell.chance)},
          {"curves", curves_json(cell.curves, stride, pool)},
          {"profiles", profiles_json(cell.profiles, stride, pool)}};
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

}  // namespace

std::string page_json(const Study& study, std::span<const ReportSection> sections) {
  SeriesPool pool;
  json page = json::object();
  page["axes"] = json::array();
  for (const StudyAxis& axis : study.axes) page["axes"].push_back({{"name", axis.name}, {"values", axis.values}});
  json cells = json::array(), jobs = json::array();
  std::vector<std::size_t> first_cell;
  const std::size_t stride = stride_of(study);
  for (const StudyFolder& folder : study.folders) {
    first_cell.push_back(cells.size());
    page["folders"].push_back({{"name", folder.name}, {"sweep", folder.sweep}, {"n_jobs", folder.n_jobs}});
    for (const StudyJob& job : folder.jobs)
      jobs.push_back({{"cell", cells.size() + job.cell},
                      {"seed", job.seed},
                      {"status", to_text(job.status)},
                      {"accuracy", brief_number(job.test_accuracy)},
                      {"seconds", brief_number(job.cpu_s)}});
    for (const StudyCell& cell : folder.cells) cells.push_back(cell_json(cell, stride, pool));
  }
  json combinations = json::array();
  for (const Combination& combination : study.combinations)
    combinations.push_back({{"label", combination.label},
                            {"folder", combination.folder},
                            {"cell", first_cell[combination.folder] + combination.cell},
                            {"values", combination.values}});
  page["cells"] = as_columns(cells);
  page["jobs"] = as_columns(jobs);
  page["combinations"] = as_columns(combinations);
  page["stride"] = stride;
  page["colors"] = colors_json();
  page["pictures"] = json::array();
  for (const ReportSection& section : sections)
    for (const Picture& picture : section.pictures) page["pictures"].push_back(picture_json(picture, study, pool));
  page["series"] = pool.series();

  std::string text;
  for (const char c : page.dump(-1, ' ', false, json::error_handler_t::replace)) {
    if (c == '<')
      text += "\\u003c";
    else
      text += c;
  }
  return text;
}

}  // namespace initsweep
