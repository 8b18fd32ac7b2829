// The charts of the gallery: lines, bars and the timeline.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include "initsweep/gallery.hpp"
#include "initsweep/number.hpp"
#include "placement.hpp"

namespace initsweep {
namespace {

constexpr double kSmallest = 1e-30;          // as in delta_slope: below it nothing arrives
constexpr std::size_t kMostDashes = 5;       // that can be told apart
constexpr double kMostLoss = 100;            // a guess among ten has 2.3; far beyond, one net would be all that is seen
constexpr std::size_t kMostPoints = 15'000;  // of a view: what a page of 3 MB has room for, and a browser draws at once

// Facets, colours and dashes of a line chart, and which of them each combination has.
struct LinePlaces {
  LabelledPlaces columns, rows, colors, dashes;
  std::vector<std::string> left;  // axes that no place is left for
};

LinePlaces line_places(const Study& study) {
  const PictureAxes axes = picture_axes(study);
  std::vector<std::size_t> left = telling_axes(study), row, color, dash;
  const auto take = [&](std::vector<std::size_t>& place, auto&& is_wanted) {
    const auto found = std::find_if(left.begin(), left.end(), is_wanted);
    if (!place.empty() || found == left.end()) return;
    place.push_back(*found);
    left.erase(found);
  };
  const auto has_setting = [&](Setting setting) {
    return [&study, setting](std::size_t axis) { return study.axes[axis].setting == setting; };
  };
  const auto is_few = [&](std::size_t axis) { return study.axes[axis].values.size() <= kMostDashes; };
  std::erase_if(left, [&](std::size_t axis) { return !axes.columns.empty() && axis == axes.columns.front(); });
  take(color, [&](std::size_t axis) { return !axes.rows.empty() && axis == axes.rows.front(); });
  take(dash, [&](std::size_t axis) { return !study.axes[axis].setting; });  // the folder
  take(dash, has_setting(Setting::mode));
  take(row, has_setting(Setting::depth));
  take(row, [&](std::size_t axis) { return study.axes[axis].setting != Setting::mode; });
  take(dash, is_few);
  LinePlaces places{places_over(study, axes.columns),
                    places_over(study, row),
                    places_over(study, color),
                    places_over(study, dash),
                    {}};
  for (const std::size_t axis : left) places.left.push_back(study.axes[axis].name);
  return places;
}

LineChart blank_chart(const LinePlaces& places, Heading heading) {
  LineChart chart;
  chart.heading = std::move(heading);
  chart.column_title = places.columns.title;
  chart.row_title = places.rows.title;
  chart.color_title = places.colors.title;
  chart.dash_title = places.dashes.title;
  chart.columns = places.columns.labels;
  chart.rows = places.rows.labels;
  chart.colors = places.colors.labels;
  chart.dashes = places.dashes.labels;
  if (!places.left.empty()) {
    std::string names;
    for (const std::string& name : places.left) names += (names.empty() ? "" : ", ") + name;
    chart.heading.note += " Lines of one look differ in " + names + "; a filter tells them apart.";
  }
  return chart;
}

Line line_of(const Study& study, const LinePlaces& places, std::size_t combination) {
  Line line;
  line.column = places.columns.of[combination];
  line.row = places.rows.of[combination];
  line.color = places.colors.of[combination];
  line.dash = places.dashes.of[combination];
  line.subject = combination;
  line.label = study.combinations[combination].label;
  return line;
}

// Where a view has more points than can be drawn, every n-th is kept, counted from the last one: where training or the
// net ends is what the other pictures show.
void thin_out(LineView& view, std::string& note) {
  std::size_t n = 0;
  for (const Line& line : view.lines) n += line.points.size();
  const std::size_t step = (n + kMostPoints - 1) / kMostPoints;
  if (step < 2) return;
  for (Line& line : view.lines) {
    const std::size_t first = line.points.empty() ? 0 : (line.points.size() - 1) % step;
    std::vector<LinePoint> kept;
    for (std::size_t i = first; i < line.points.size(); i += step) kept.push_back(line.points[i]);
    line.points = std::move(kept);
    line.first_x += static_cast<int>(first) * line.step_x;
    line.step_x *= static_cast<int>(step);
  }
  const std::string said = " One point in " + std::to_string(step) + " is shown";
  if (note.find(" One point in ") == std::string::npos) note += said + '.';
}

void fit_range(LineView& view, bool is_log) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Line& line : view.lines) {
    for (const LinePoint& point : line.points) {
      for (const double y : {point.y, point.low, point.high}) {
        if (!std::isfinite(y) || (is_log && y < kSmallest)) continue;
        low = std::min(low, y);
        high = std::max(high, y);
      }
    }
  }
  if (low > high) return;
  if (is_log) {
    low = std::pow(10, std::floor(std::log10(low)));
    high = std::pow(10, std::ceil(std::log10(high)));
    if (low == high) high *= 10;
  } else if (low == high) {
    high += 1;
  }
  view.low = low;
  view.high = high;
}

bool leave_out_beyond(LineView& view, double most) {
  bool is_any = false;
  for (Line& line : view.lines) {
    for (LinePoint& point : line.points) {
      if (!(point.y > most)) {
        point.high = std::min(point.high, most);
        continue;
      }
      point = {};
      is_any = true;
    }
  }
  return is_any;
}

std::vector<LinePoint> points_of(const std::vector<double>& values) {
  std::vector<LinePoint> points;
  for (const double value : values) points.push_back({.y = value < kSmallest ? kNoValue : value});
  return points;
}

Heading layer_heading(TensorKind tensor) {
  const std::string name(to_text(tensor));
  Heading heading;
  heading.id = "layers-" + name;
  switch (tensor) {
    case TensorKind::delta: heading.title = "Where do gradients die?"; break;
    case TensorKind::weight_gradient: heading.title = "What reaches the weights?"; break;
    default: heading.title = "Where does the signal die?"; break;
  }
  const std::string meaning = tensor == TensorKind::delta ? " (the gradient of the loss by preactivation)" : "";
  heading.note = "Rms of " + name + meaning +
                 " by layer, from the input (left) to the output (right), median over seeds. A gap is where nothing is "
                 "left, or numbers overflow. Nets that diverged have no line at the end.";
  return heading;
}

const std::string kBand = "; the band is from the lowest to the highest seed. Epoch 0 is before training.";

struct CurveView {
  std::string name;
  std::vector<Band> Curves::*bands;
};

LineChart epoch_chart(const Study& study, Heading heading, const std::vector<CurveView>& views) {
  const LinePlaces places = line_places(study);
  LineChart chart = blank_chart(places, std::move(heading));
  chart.x_title = "epoch";
  for (const CurveView& of : views) {
    LineView view;
    view.name = of.name;
    for (std::size_t i = 0; i < study.combinations.size(); ++i) {
      const std::vector<Band>& bands = study.cell_of(study.combinations[i]).curves.*of.bands;
      if (bands.empty()) continue;
      Line line = line_of(study, places, i);
      for (const Band& band : bands) line.points.push_back({.y = band.mean, .low = band.low, .high = band.high});
      view.lines.push_back(std::move(line));
    }
    thin_out(view, chart.heading.note);
    chart.views.push_back(std::move(view));
  }
  return chart;
}

bool has_predictions(const LineView& view) {
  return std::any_of(view.lines.begin(), view.lines.end(),
                     [](const Line& line) { return line.kind == LineKind::predicted; });
}

}  // namespace

LineChart layer_chart(const Study& study, TensorKind tensor) {
  const LinePlaces places = line_places(study);
  LineChart chart = blank_chart(places, layer_heading(tensor));
  chart.x_title = "layer";
  chart.y_title = "rms of " + std::string(to_text(tensor));
  chart.log_y = true;
  LineView start, end;
  start.name = "at the start";
  end.name = "at the end";
  for (std::size_t i = 0; i < study.combinations.size(); ++i) {
    for (const LayerProfile& profile : study.cell_of(study.combinations[i]).profiles) {
      if (profile.tensor != tensor) continue;
      Line line = line_of(study, places, i);
      line.first_x = profile.first_layer;
      const auto add = [&](LineView& view, const std::vector<double>& values) {
        if (values.empty()) return;
        line.points = points_of(values);
        view.lines.push_back(line);
      };
      add(start, profile.start);
      add(end, profile.end);
      line.kind = LineKind::predicted;
      add(start, profile.predicted);
    }
  }
  if (has_predictions(start)) chart.heading.note += " Dotted: what mean-field theory predicts.";
  for (LineView* view : {&start, &end})
    if (!view->lines.empty()) chart.views.push_back(std::move(*view));
  for (LineView& view : chart.views) {
    thin_out(view, chart.heading.note);
    fit_range(view, /*is_log=*/true);
  }
  return chart;
}

LineChart curve_chart(const Study& study) {
  LineChart chart = epoch_chart(
      study,
      {"curves", "How does it get there?", "Test accuracy by epoch, mean over the seeds that ended well" + kBand},
      {{{"test accuracy", &Curves::test_accuracy}}});
  chart.y_title = "test accuracy";
  chart.views.front().low = 0;
  chart.views.front().high = 1;
  return chart;
}

LineChart loss_chart(const Study& study) {
  LineChart chart = epoch_chart(
      study, {"losses", "How does the loss fall?", "Loss by epoch, mean over the seeds that ended well" + kBand},
      {{{"test loss", &Curves::test_loss}, {"training loss", &Curves::train_loss}}});
  chart.y_title = "loss";
  chart.log_y = true;
  bool is_any_beyond = false;
  for (LineView& view : chart.views) {
    is_any_beyond = leave_out_beyond(view, kMostLoss) || is_any_beyond;
    fit_range(view, /*is_log=*/true);
  }
  if (is_any_beyond) chart.heading.note += " Losses above " + number_text(kMostLoss) + " are not shown.";
  return chart;
}

Timeline job_timeline(const Study& study, std::size_t folder) {
  const StudyFolder& of = study.folders[folder];
  Timeline timeline;
  timeline.heading = {"timeline" + (study.folders.size() > 1 ? "-" + std::to_string(folder) : ""),
                      "Who worked on what, when?" + (study.folders.size() > 1 ? " (" + of.name + ")" : std::string()),
                      "Each training on the thread that did it, in seconds since the first one started."};
  for (const JobStatus status : {JobStatus::ok, JobStatus::diverged, JobStatus::failed, JobStatus::timeout})
    timeline.categories.emplace_back(to_text(status));
  std::map<std::size_t, std::size_t> first_name;  // the combination that a cell is shown as
  for (std::size_t i = 0; i < study.combinations.size(); ++i)
    if (study.combinations[i].folder == folder) first_name.try_emplace(study.combinations[i].cell, i);
  std::map<std::pair<std::string, int>, std::size_t> lanes;
  bool is_one_host = true;
  for (const StudyJob& job : of.jobs) {
    lanes.try_emplace({job.host, job.thread}, 0);
    is_one_host = is_one_host && job.host == of.jobs.front().host;
  }
  for (auto& [who, lane] : lanes) {
    lane = timeline.lanes.size();
    timeline.lanes.push_back((is_one_host ? "" : who.first + " ") + "thread " + std::to_string(who.second));
  }
  for (const StudyJob& job : of.jobs) {
    if (!std::isfinite(job.start_s)) continue;
    Span span;
    span.lane = lanes.at({job.host, job.thread});
    span.start = job.start_s;
    span.end = job.start_s + job.duration_s;
    span.subject = first_name.at(job.cell);
    span.category = static_cast<std::size_t>(job.status);
    span.tip = study.combinations[span.subject].label + " seed " + std::to_string(job.seed) + ": " +
               brief_text(job.duration_s, 3) + " s, " + std::string(to_text(job.status));
    timeline.spans.push_back(std::move(span));
  }
  return timeline;
}

}  // namespace initsweep
