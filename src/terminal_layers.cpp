// Lines over layers of terminal_picture.hpp.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "initsweep/number.hpp"
#include "initsweep/table.hpp"
#include "terminal_ink.hpp"

namespace initsweep {
namespace {

constexpr double kSmallest = 1e-30;  // as in delta_slope: below it nothing arrives
constexpr std::size_t kMaxBlockWidth = 4, kSlopeWidth = 8;
constexpr std::size_t kBetweenViews = 2;

using Labels = std::vector<std::string>;

// A line of the first view, and of the others what is drawn beside it.
struct Profile {
  Labels label;
  std::vector<const Line*> views;  // null: it has none there
  double slope = kNoValue;
};

// The settings that tell lines of a chart apart within a row of panels; its whole label where these do not.
std::vector<Labels> labels_of(const LineChart& chart, const std::vector<const Line*>& lines) {
  std::vector<Labels> labels;
  std::set<std::pair<std::size_t, Labels>> seen;
  for (const Line* line : lines) {
    Labels& label = labels.emplace_back();
    if (chart.colors.size() > 1) label.push_back(chart.colors[line->color]);
    if (chart.dashes.size() > 1) label.push_back(chart.dashes[line->dash]);
    if (chart.columns.size() > 1) label.push_back(chart.columns[line->column]);
    seen.insert({line->row, label});
  }
  if (seen.size() < lines.size())
    for (std::size_t i = 0; i < lines.size(); ++i) labels[i] = {lines[i]->label};
  return labels;
}

std::vector<const Line*> measured(const LineView& view) {
  std::vector<const Line*> lines;
  for (const Line& line : view.lines)
    if (line.kind == LineKind::measured) lines.push_back(&line);
  return lines;
}

// Profiles by row of panels.
using Groups = std::map<std::size_t, std::vector<Profile>>;

Groups groups_of(const LineChart& chart, std::span<const double> slopes) {
  Groups groups;
  const std::vector<const Line*> lines = measured(chart.views.front());
  const std::vector<Labels> labels = labels_of(chart, lines);
  std::map<std::pair<std::size_t, std::size_t>, const Line*> later;  // by view and subject
  for (std::size_t view = 1; view < chart.views.size(); ++view)
    for (const Line* line : measured(chart.views[view])) later[{view, line->subject}] = line;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Profile profile{.label = labels[i], .views = {lines[i]}};
    for (std::size_t view = 1; view < chart.views.size(); ++view) {
      const auto found = later.find({view, lines[i]->subject});
      profile.views.push_back(found == later.end() ? nullptr : found->second);
    }
    if (i < slopes.size()) profile.slope = slopes[i];
    groups[lines[i]->row].push_back(std::move(profile));
  }
  return groups;
}

// Leaves the last groups that have room, one at least; how many lines went.
std::size_t drop_beyond(Groups& groups, std::size_t most_lines) {
  std::size_t n_kept = 0, n_dropped = 0;
  auto group = groups.end();
  while (group != groups.begin()) {
    const auto before = std::prev(group);
    if (n_kept > 0 && n_kept + before->second.size() > most_lines) break;
    n_kept += before->second.size();
    group = before;
  }
  for (auto dropped = groups.begin(); dropped != group; ++dropped) n_dropped += dropped->second.size();
  groups.erase(groups.begin(), group);
  std::vector<Profile>& last = groups.rbegin()->second;
  if (n_kept > most_lines) {
    n_dropped += last.size() - most_lines;
    last.resize(most_lines);
  }
  return n_dropped;
}

// Decades that the lines share: of the first view, since what diverges later would leave the others one colour.
struct Scale {
  int low = 0, high = 1;
  explicit Scale(const Groups& groups) {
    double smallest = std::numeric_limits<double>::infinity(), largest = 0;
    for (const auto& [row, lines] : groups) {
      for (const Profile& line : lines) {
        for (const LinePoint& point : line.views.front()->points) {
          if (!std::isfinite(point.y) || point.y < kSmallest) continue;
          smallest = std::min(smallest, point.y);
          largest = std::max(largest, point.y);
        }
      }
    }
    if (largest == 0) return;
    low = static_cast<int>(std::floor(std::log10(smallest)));
    high = std::max(low + 1, static_cast<int>(std::ceil(std::log10(largest))));
  }
  [[nodiscard]] double share(double rms) const { return (std::log10(rms) - low) / (high - low); }
};

// Labels as aligned columns, one text a line; what a line shares with the one above is said once.
std::vector<std::string> label_texts(const std::vector<Profile>& lines, std::vector<std::size_t>& widths) {
  std::vector<std::string> texts(lines.size());
  std::vector<bool> is_new(lines.size(), false);  // this line's label up to here differs from the one above
  is_new.front() = true;
  for (std::size_t c = 0; c < widths.size(); ++c) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::string& value = lines[i].label[c];
      if (i > 0 && value != lines[i - 1].label[c]) is_new[i] = true;
      const bool is_last = c + 1 == widths.size();
      texts[i] += padded(!is_new[i] && !is_last ? "" : value.empty() ? "-" : value, widths[c]) + "  ";
    }
  }
  return texts;
}

std::vector<std::size_t> label_widths(const Groups& groups) {
  std::vector<std::size_t> widths(groups.begin()->second.front().label.size(), 0);
  for (const auto& [row, lines] : groups)
    for (const Profile& line : lines)
      for (std::size_t c = 0; c < widths.size(); ++c) widths[c] = std::max(widths[c], display_width(line.label[c]));
  return widths;
}

// The layers to draw, 0-based: all of them, or as many as there is room for, evenly spread with both ends.
std::vector<std::size_t> drawn_layers(std::size_t depth, std::size_t room) {
  const std::size_t n = std::min(depth, room);
  std::vector<std::size_t> layers;
  for (std::size_t i = 0; i < n; ++i) layers.push_back(n == 1 ? 0 : i * (depth - 1) / (n - 1));
  return layers;
}

class Painter {
 public:
  Painter(const LineChart& chart, const ShowOptions& options, bool has_slopes, const Groups& groups)
      : chart_(chart), options_(options), scale_(groups), has_slopes_(has_slopes), label_widths_(label_widths(groups)) {
    for (const std::size_t width : label_widths_) label_width_ += width + 2;
    const std::size_t taken = label_width_ + (has_slopes ? kSlopeWidth : 0), width = usable_width(options);
    constexpr std::size_t kLeast = 8;  // layers at least, however narrow
    const std::size_t n_views = chart.views.size(), between = kBetweenViews * (n_views - 1);
    view_room_ = (std::max(width, taken + between + n_views * kLeast) - taken - between) / n_views;
  }

  [[nodiscard]] std::string group(std::size_t row, const std::vector<Profile>& lines) {
    std::size_t depth = 0;
    for (const Profile& line : lines) depth = std::max(depth, line.views.front()->points.size());
    if (depth == 0) return {};
    const std::vector<std::size_t> layers = drawn_layers(depth, view_room_);
    const std::size_t block = std::min(kMaxBlockWidth, view_room_ / layers.size());
    const std::size_t view_width = block * layers.size();
    std::size_t pitch = view_width;  // of views: as wide as their names where there is room
    for (const LineView& view : chart_.views) pitch = std::max(pitch, display_width(view.name));
    if (has_limit(options_)) pitch = std::min(pitch, view_room_);

    std::string text = heading(row, pitch);
    const Line& first = *lines.front().views.front();
    const std::string from = std::to_string(first.first_x);
    const std::string last = std::to_string(first.first_x + first.step_x * (static_cast<int>(depth) - 1));
    const std::string axis =
        padded(depth > 1 ? padded(from, view_width - std::min(view_width, last.size())) + last : from, view_width);
    text += std::string(label_width_, ' ') + axis;
    if (has_slopes_) text += right("slope", kSlopeWidth);
    for (std::size_t view = 1; view < chart_.views.size(); ++view)
      text += std::string(pitch - view_width + kBetweenViews, ' ') + axis;
    text.resize(text.find_last_not_of(' ') + 1);
    text += '\n';

    const std::vector<std::string> labels = label_texts(lines, label_widths_);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      text += labels[i];
      for (std::size_t view = 0; view < chart_.views.size(); ++view) {
        if (view > 0) text += std::string(pitch - view_width + kBetweenViews, ' ');
        text += painted(lines[i].views[view], layers, block);
        const std::string slope = fixed_text(lines[i].slope, 3);
        if (view == 0 && has_slopes_) text += right(slope.empty() ? "-" : slope, kSlopeWidth);
      }
      text.resize(text.find_last_not_of(' ') + 1);
      text += '\n';
    }
    return text;
  }

  [[nodiscard]] std::string legend() const {
    std::string text =
        scale_text("1e" + std::to_string(scale_.low), "1e" + std::to_string(scale_.high), options_) + ", logarithmic";
    if (is_beyond_) text += ", beyond it as at its ends";
    if (has_blank_ || has_nothing_) text += has_nothing_ ? "; blank: no value" : "; blank: nothing arrives";
    if (has_nonfinite_) text += "; !: not finite";
    if (has_missing_) text += "; -: no record";
    text += '\n';
    if (has_slopes_) text += "slope in decades a layer toward the input: negative is vanishing, positive exploding\n";
    return text;
  }

 private:
  // What the group is of, and the views' names; "" where neither says anything.
  [[nodiscard]] std::string heading(std::size_t row, std::size_t pitch) const {
    std::string text = chart_.rows.size() < 2 ? ""
                       : chart_.row_title.empty()
                           ? chart_.rows[row]
                           : chart_.row_title + ' ' + (chart_.rows[row].empty() ? "none" : chart_.rows[row]);
    if (chart_.views.size() == 1) return text.empty() ? "" : text + '\n';
    if (display_width(text) + 1 > label_width_ && !text.empty())
      text += '\n' + std::string(label_width_, ' ');
    else
      text = padded(std::move(text), label_width_);
    for (std::size_t view = 0; view < chart_.views.size(); ++view) {
      const std::size_t width = pitch + (view == 0 && has_slopes_ ? kSlopeWidth : 0);
      text += padded(shortened(chart_.views[view].name, width, options_.utf8), width + kBetweenViews);
    }
    text.resize(text.find_last_not_of(' ') + 1);
    return text + '\n';
  }

  [[nodiscard]] std::string painted(const Line* line, const std::vector<std::size_t>& layers, std::size_t block) {
    std::string text;
    if (line == nullptr) {
      has_missing_ = true;
      return padded("-", block * layers.size());
    }
    for (const std::size_t layer : layers) {
      const double rms = layer < line->points.size() ? line->points[layer].y : kNoValue;
      if (std::isinf(rms)) {
        has_nonfinite_ = true;
        text += std::string(block, '!');
      } else if (!(rms >= kSmallest)) {
        (std::isnan(rms) ? has_nothing_ : has_blank_) = true;
        text += std::string(block, ' ');
      } else {
        const double share = scale_.share(rms);
        is_beyond_ = is_beyond_ || share < 0 || share > 1;
        text += level_text(level_of(share), block, options_);
      }
    }
    return text;
  }

  const LineChart& chart_;
  const ShowOptions& options_;
  Scale scale_;
  bool has_slopes_;
  std::vector<std::size_t> label_widths_;
  std::size_t label_width_ = 0, view_room_ = 0;
  // Among what was painted.
  bool has_blank_ = false, has_nothing_ = false, has_nonfinite_ = false, has_missing_ = false, is_beyond_ = false;
};

}  // namespace

std::string layer_chart_text(const LineChart& chart, const ShowOptions& options, std::span<const double> slopes,
                             std::size_t most_lines) {
  if (chart.views.empty() || measured(chart.views.front()).empty()) return {};
  Groups groups = groups_of(chart, slopes);
  const std::size_t n_dropped = drop_beyond(groups, most_lines);
  Painter painter(chart, options, !slopes.empty(), groups);
  std::string text = chart.heading.title;
  if (!chart.y_title.empty()) text += (text.empty() ? "" : " ") + chart.y_title;
  text += '\n';
  for (const auto& [row, lines] : groups) text += painter.group(row, lines);
  if (n_dropped > 0) text += "and " + std::to_string(n_dropped) + " more\n";
  return text + painter.legend();
}

}  // namespace initsweep
