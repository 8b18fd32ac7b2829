#include "study_grid.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "cell_label.hpp"
#include "initsweep/diagnostic.hpp"

namespace initsweep {
namespace {

// The texts of a setting in the order they first appear; "" is none of them.
class Values {
 public:
  int place_of(const std::string& text) {
    if (text.empty()) {
      some_are_without_ = true;
      return -1;
    }
    const auto [found, is_new] = places_.try_emplace(text, static_cast<int>(texts_.size()));
    if (is_new) texts_.push_back(text);
    return found->second;
  }
  // To have no value is a way to differ: gradient_clip 5 or none.
  [[nodiscard]] bool vary() const { return texts_.size() + (some_are_without_ ? 1 : 0) > 1; }
  [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::vector<std::string> texts_;
  std::unordered_map<std::string, int> places_;
  bool some_are_without_ = false;
};

using Places = std::array<int, kSettingColumnCount>;  // into the values of each setting

bool depth_decides_width(const std::vector<Places>& combinations) {
  std::unordered_map<int, int> width_at;
  return std::all_of(combinations.begin(), combinations.end(), [&](const Places& places) {
    const int depth = places[static_cast<std::size_t>(Setting::depth)];
    const int width = places[static_cast<std::size_t>(Setting::width)];
    return width_at.try_emplace(depth, width).first->second == width;
  });
}

StudyAxis axis_of(Setting setting, const std::vector<std::string>& texts) {
  StudyAxis axis{.name = std::string(setting_info(setting).name), .setting = setting, .values = {}};
  for (const std::string& text : texts) axis.values.push_back(printable(text));
  shorten(axis.values);
  return axis;
}

}  // namespace

void shorten(std::vector<std::string>& values) {
  const auto name_of = [](const std::string& value) { return value.substr(0, value.find('(')); };
  std::map<std::string, std::set<std::string>> values_by_name;
  for (const std::string& value : values) values_by_name[name_of(value)].insert(value);
  for (std::string& value : values)
    if (std::string name = name_of(value); values_by_name.at(name).size() == 1) value = std::move(name);
}

StudyGrid study_grid(std::span<const StudySource> sources) {
  StudyGrid study;
  CellLabels labels;
  std::array<Values, kSettingColumnCount> values;
  std::vector<Places> places;  // of each combination
  for (std::size_t folder = 0; folder < sources.size(); ++folder) {
    const std::vector<Cell>& cells = sources[folder].grid->cells;
    for (std::size_t cell = 0; cell < cells.size(); ++cell) {
      for (const JobSettings& name : cells[cell].names) {
        const SettingTexts texts = setting_texts(name);
        labels.add(texts);
        Places& of_this = places.emplace_back();
        for (std::size_t i = 0; i < texts.size(); ++i) of_this[i] = values[i].place_of(texts[i]);
        study.combinations.push_back({.folder = folder, .cell = cell, .values = {}, .label = {}});
      }
    }
  }

  if (sources.size() > 1) {
    StudyAxis& axis = study.axes.emplace_back(StudyAxis{.name = "folder", .setting = std::nullopt, .values = {}});
    for (const StudySource& source : sources) axis.values.push_back(source.name);
  }
  const bool tells_width = !depth_decides_width(places);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto setting = static_cast<Setting>(i);
    if (values[i].vary() && (setting != Setting::width || tells_width))
      study.axes.push_back(axis_of(setting, values[i].texts()));
  }

  for (std::size_t c = 0; c < places.size(); ++c) {
    Combination& combination = study.combinations[c];
    for (const StudyAxis& axis : study.axes)
      combination.values.push_back(axis.setting ? places[c][static_cast<std::size_t>(*axis.setting)]
                                                : static_cast<int>(combination.folder));
    SettingTexts texts;
    for (std::size_t i = 0; i < texts.size(); ++i)
      if (places[c][i] >= 0) texts[i] = values[i].texts()[static_cast<std::size_t>(places[c][i])];
    combination.label = labels.of(texts);
  }
  return study;
}

}  // namespace initsweep
