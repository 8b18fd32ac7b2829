#include "cell_label.hpp"

#include "initsweep/diagnostic.hpp"

namespace initsweep {
namespace {

bool is_always_told(Setting setting) {
  return setting == Setting::initializer || setting == Setting::mode || setting == Setting::activation ||
         setting == Setting::depth;
}

constexpr double kNearlyAll = 0.75;

}  // namespace

bool speaks_for_itself(Setting setting) {
  switch (setting_info(setting).type) {
    case SettingType::initializer:
    case SettingType::activation:
    case SettingType::fan_mode:
    case SettingType::optimizer:
    case SettingType::loss:
    case SettingType::dataset: return true;
    default: return false;
  }
}

SettingTexts setting_texts(const JobSettings& settings) {
  SettingTexts texts;
  for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = setting_text(settings, static_cast<Setting>(i));
  return texts;
}

CellLabels::CellLabels(const Grid& grid) {
  for (const Cell& cell : grid.cells) add(setting_texts(cell.names.front()));
}

void CellLabels::add(const SettingTexts& cell) {
  ++n_cells_;
  for (std::size_t i = 0; i < cell.size(); ++i) ++counts_[i][cell[i]];
  const std::string &depth = cell[static_cast<std::size_t>(Setting::depth)],
                    &width = cell[static_cast<std::size_t>(Setting::width)];
  if (width_at_.try_emplace(depth, width).first->second != width) depth_decides_width_ = false;
}

std::string CellLabels::of(const SettingTexts& cell) const {
  std::string label;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    const auto setting = static_cast<Setting>(i);
    if (cell[i].empty() || counts_[i].size() < 2) continue;
    if (setting == Setting::width && depth_decides_width_) continue;
    const auto count = counts_[i].find(cell[i]);
    const double share =
        count == counts_[i].end() ? 0 : static_cast<double>(count->second) / static_cast<double>(n_cells_);
    if (!is_always_told(setting) && share >= kNearlyAll) continue;
    if (!label.empty()) label += '/';
    if (!speaks_for_itself(setting)) label += std::string(setting_info(setting).name) + '=';
    label += printable(cell[i]);
  }
  return label;
}

}  // namespace initsweep
