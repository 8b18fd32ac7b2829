// Short names of cells for people: "he_normal/fan_in/relu/depth=20".
#pragma once
#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>
#include "initsweep/grid.hpp"
#include "initsweep/setting.hpp"
#include "initsweep/settings.hpp"

namespace initsweep {

using SettingTexts = std::array<std::string, kSettingColumnCount>;
[[nodiscard]] SettingTexts setting_texts(const JobSettings& settings);

// Whether its values say which setting they are of: he_normal does, 5 does not.
[[nodiscard]] bool speaks_for_itself(Setting setting);

// Names cells by what tells them apart: settings that vary, less a width that the depth decides, and less a value that
// nearly all cells have. Initializer, mode, activation and depth are never left out for that.
class CellLabels {
 public:
  CellLabels() = default;
  explicit CellLabels(const Grid& grid);
  void add(const SettingTexts& cell);
  // The cell must have been added.
  [[nodiscard]] std::string of(const SettingTexts& cell) const;
  [[nodiscard]] std::string of(const JobSettings& cell) const { return of(setting_texts(cell)); }

 private:
  std::size_t n_cells_ = 0;
  std::array<std::unordered_map<std::string, std::size_t>, kSettingColumnCount> counts_;  // of each value
  std::map<std::string, std::string> width_at_;                                           // by depth
  bool depth_decides_width_ = true;
};

}  // namespace initsweep
