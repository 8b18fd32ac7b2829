#include "placement.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include "cell_label.hpp"
#include "initsweep/number.hpp"

namespace initsweep {
namespace {

bool speaks(const StudyAxis& axis) { return !axis.setting || speaks_for_itself(*axis.setting); }

// "mean_field(weight_variance=1;bias_variance=0.05)" as name and parameters; none where a parameter has its own.
struct Structured {
  std::string name;
  std::vector<std::string> parameters;
};
Structured structured(const std::string& value) {
  const std::size_t open = value.find('(');
  Structured parts{value.substr(0, open), {}};
  if (open == std::string::npos || value.back() != ')' || value.find('(', open + 1) != std::string::npos) return parts;
  for (std::size_t begin = open + 1; begin < value.size();) {
    const std::size_t end = value.find_first_of(";)", begin);
    parts.parameters.push_back(value.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// Without the parameters that all values of its name have in common: mean_field(weight_variance=1).
std::string brief_value(const StudyAxis& axis, const std::string& value) {
  const Structured of = structured(value);
  std::string told;
  for (std::size_t i = 0; i < of.parameters.size(); ++i) {
    const bool is_shared = std::all_of(axis.values.begin(), axis.values.end(), [&](const std::string& other) {
      const Structured known = structured(other);
      return known.name != of.name || (i < known.parameters.size() && known.parameters[i] == of.parameters[i]);
    });
    if (!is_shared) told += (told.empty() ? "" : ";") + of.parameters[i];
  }
  return told.empty() ? value : of.name + '(' + told + ')';
}

// "" where the setting has no meaning.
std::string value_label(const StudyAxis& axis, int value, bool named) {
  if (value < 0) return {};
  const std::string text = brief_value(axis, axis.values[static_cast<std::size_t>(value)]);
  return named && !speaks(axis) ? axis.name + ' ' + text : text;
}

// A mode that only one initializer has would decide it, but is there on its account.
bool has_gaps(const Study& study, std::size_t axis) {
  return std::any_of(study.combinations.begin(), study.combinations.end(),
                     [&](const Combination& of) { return of.values[axis] < 0; });
}

constexpr double kLeastShare = 0.25;

double share_of_squares(const Study& study, const PictureAxes& axes) {
  double squares = 1;
  for (const auto* place : {&axes.rows, &axes.columns, &axes.panels})
    squares *= static_cast<double>(places_over(study, *place).labels.size());
  return static_cast<double>(study.combinations.size()) / squares;
}

void move_settings(const Study& study, std::vector<std::size_t>& from, std::vector<std::size_t>& to) {
  for (const std::size_t axis : from)
    if (study.axes[axis].setting) to.push_back(axis);
  std::erase_if(from, [&](std::size_t axis) { return study.axes[axis].setting.has_value(); });
}

}  // namespace

bool decides(const Study& study, std::size_t axis, std::size_t other) {
  std::map<int, int> value_at;
  return std::all_of(study.combinations.begin(), study.combinations.end(), [&](const Combination& of) {
    return value_at.try_emplace(of.values[axis], of.values[other]).first->second == of.values[other];
  });
}

std::vector<std::size_t> telling_axes(const Study& study) {
  std::vector<std::size_t> telling;
  for (std::size_t i = 0; i < study.axes.size(); ++i) {
    bool is_decided = false;
    for (std::size_t by = 0; by < study.axes.size() && !is_decided; ++by)
      is_decided = by != i && !has_gaps(study, by) && decides(study, by, i) &&
                   (by < i || has_gaps(study, i) || !decides(study, i, by));
    if (!is_decided) telling.push_back(i);
  }
  return telling;
}

PictureAxes picture_axes(const Study& study) {
  PictureAxes axes;
  std::vector<std::size_t> rest;
  for (const std::size_t i : telling_axes(study)) {
    const std::optional<Setting> setting = study.axes[i].setting;
    if (setting == Setting::initializer || setting == Setting::mode)
      axes.rows.push_back(i);
    else if (setting == Setting::activation)
      axes.columns.push_back(i);
    else
      rest.push_back(i);
  }
  // Depth first, since it is what the questions are about; a folder only where nothing else is left.
  const auto rank = [&](std::size_t axis) {
    return study.axes[axis].setting == Setting::depth ? 0 : study.axes[axis].setting ? 1 : 2;
  };
  std::stable_sort(rest.begin(), rest.end(), [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  for (std::vector<std::size_t>* place : {&axes.columns, &axes.rows}) {
    if (!place->empty() || rest.empty() || (place == &axes.rows && rank(rest.front()) == 2)) continue;
    place->push_back(rest.front());
    rest.erase(rest.begin());
  }
  axes.panels = std::move(rest);  // the folder varies fastest: the same panel of two folders side by side
  // A grid that is mostly empty, as lists of cells are, reads better as a list.
  if (share_of_squares(study, axes) < kLeastShare) move_settings(study, axes.panels, axes.rows);
  if (share_of_squares(study, axes) < kLeastShare) move_settings(study, axes.columns, axes.rows);
  return axes;
}

LabelledPlaces places_over(const Study& study, const std::vector<std::size_t>& axes, LabelStyle style) {
  const bool named = style == LabelStyle::alone || axes.size() > 1;
  LabelledPlaces places;
  for (const std::size_t axis : axes) places.title += (places.title.empty() ? "" : ", ") + study.axes[axis].name;
  std::map<std::vector<int>, std::size_t> place_of;  // sorted as the axes list their values
  std::vector<std::vector<int>> keys;
  for (const Combination& combination : study.combinations) {
    std::vector<int> key;
    for (const std::size_t axis : axes) key.push_back(combination.values[axis]);
    place_of.try_emplace(key, 0);
    keys.push_back(std::move(key));
  }
  for (auto& [key, place] : place_of) {
    place = places.labels.size();
    std::string label;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const StudyAxis& axis = study.axes[axes[i]];
      std::string part = value_label(axis, key[i], named);
      if (part.empty() && axes.size() == 1) part = style == LabelStyle::alone ? axis.name + " none" : "none";
      if (!part.empty() && !label.empty()) label += speaks(axis) && axis.setting ? " " : " · ";
      label += part;
    }
    places.labels.push_back(std::move(label));
  }
  if (places.labels.empty()) places.labels.emplace_back();
  for (const std::vector<int>& key : keys) places.of.push_back(place_of.at(key));
  return places;
}

std::string cell_tip(const Study& study, const Combination& combination) {
  const CellSummary& cell = study.cell_of(combination).summary;
  std::string tip = combination.label.empty() ? "accuracy" : combination.label;
  tip += ": ";
  if (cell.n_ok > 0)
    tip += std::isfinite(cell.test_accuracy.mean) ? fixed_text(cell.test_accuracy.mean, 4) : "only looked at";
  else
    tip += cell.n_diverged > 0 ? "diverged" : cell.n_failed > 0 ? "failed" : "not trained yet";
  if (cell.n_ok > 1 && std::isfinite(cell.test_accuracy.mean))
    tip += ", std " + fixed_text(cell.test_accuracy.std, 4) + ", 95 % " + fixed_text(cell.test_accuracy.low, 4) +
           " to " + fixed_text(cell.test_accuracy.high, 4);
  const int n = cell.n_ok + cell.n_diverged + cell.n_failed;
  if (n > 0) tip += ", " + std::to_string(n) + (n == 1 ? " seed" : " seeds");
  if (cell.n_diverged > 0) tip += ", " + std::to_string(cell.n_diverged) + " diverged";
  if (cell.n_failed > 0) tip += ", " + std::to_string(cell.n_failed) + " failed";
  if (cell.health) tip += "; " + std::string(to_text(*cell.health));
  return tip;
}

}  // namespace initsweep
