// The page is a template with escaping by default; only what this program makes itself goes in as it is: style sheet,
// scripts, SVG, and JSON without a '<'.
//
// Pages that draw themselves have the still pictures too, for readers without scripts, as long as they are small beside
// the rest: measured, 430 KB for 84 combinations, 700 KB for 180. What does not fit is left out, and says so.
#include "initsweep/report.hpp"

#include <algorithm>
#include <cstddef>
#include <kainjow/mustache.hpp>
#include <limits>
#include <string_view>
#include <variant>
#include "initsweep/svg.hpp"
#include "page_json.hpp"
#include "report_assets.hpp"

namespace initsweep {
namespace {

using kainjow::mustache::data;

constexpr std::size_t kMostStillBytes = 700'000;
constexpr std::size_t kMostPageBytes = 2'900'000;  // with all; a page of 1,000 jobs is to stay below 3 MB
constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

constexpr std::size_t kMostRows = 15;  // of a table that stands as it is; a longer one scrolls in itself

data object() { return data(data::type::object); }
data list() { return data(data::type::list); }

// Text of a script may hold what would end it in HTML: "</script" in a string reads the same as "<\/script".
std::string script_text(std::string_view script) {
  std::string text(script);
  for (const std::string_view ending : {"</script", "<!--"}) {
    for (std::size_t at = text.find(ending); at != std::string::npos; at = text.find(ending, at + 2))
      text.replace(at, 2, ending.front() == '<' && ending[1] == '/' ? "<\\/" : "\\x3c!");
  }
  return text;
}

data pairs_data(const std::vector<std::pair<std::string, std::string>>& pairs, const char* first, const char* second) {
  data entries = list();
  for (const auto& pair : pairs) {
    data entry = object();
    entry.set(first, pair.first);
    entry.set(second, pair.second);
    entries.push_back(entry);
  }
  return entries;
}

std::size_t n_views(const Picture& picture) {
  const auto* chart = std::get_if<LineChart>(&picture);
  return chart && !chart->views.empty() ? chart->views.size() : 1;
}

// The views of a picture, which say their titles themselves; none where they would be more than `room` bytes.
data still_views(const Picture& picture, std::size_t& room) {
  data views = list();
  const std::size_t n = n_views(picture);
  std::size_t used = 0;
  if (room == 0) return views;
  for (std::size_t i = 0; i < n; ++i) {
    const std::string image = svg(picture, i);
    used += image.size();
    if (used > room) return list();
    data view = object();
    view.set("svg", image);
    views.push_back(view);
  }
  room -= used;
  return views;
}

// Words that a reader should find at once, by the colour of their place in the style sheet.
std::string tone_of(std::string_view field) {
  for (const std::string_view good : {"holds", "pass", "healthy"})
    if (field == good) return "good";
  for (const std::string_view bad :
       {"fails", "regressed", "missing", "incomparable", "exploding", "dead", "diverged", "failed", "timeout"})
    if (field == bad) return "bad";
  for (const std::string_view doubtful : {"inconclusive", "extra", "renamed", "saturated", "vanishing"})
    if (field == doubtful) return "doubtful";
  return {};
}

data table_data(const ReportTable& of) {
  data table = object();
  table.set("id", of.id);
  table.set("title", of.title);
  data columns = list();
  for (const Column& column : of.table.columns) {
    data entry = object();
    std::string shown = column.name;
    for (char& c : shown)
      if (c == '_') c = ' ';
    entry.set("name", column.name);
    entry.set("shown", shown);
    entry.set("description", column.description);
    entry.set("number", data(column.type == ColumnType::number || column.type == ColumnType::integer));
    columns.push_back(entry);
  }
  table.set("columns", columns);
  data rows = list();
  for (const std::vector<std::string>& row : of.table.rows) {
    data fields = list();
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Column& column = of.table.columns[i];
      const bool is_number = column.type == ColumnType::number || column.type == ColumnType::integer;
      const bool is_word = column.name == "verdict" || column.name == "health" || column.name == "status";
      const std::string tone = is_word ? tone_of(row[i]) : "";
      data field = object();
      field.set("text", row[i].empty() ? "–" : row[i]);
      field.set("class", is_number ? data("number") : tone.empty() ? data(false) : data(tone));
      fields.push_back(field);
    }
    data entry = object();
    entry.set("fields", fields);
    rows.push_back(entry);
  }
  table.set("rows", rows);
  table.set("is_long", data(of.table.rows.size() > kMostRows));
  return table;
}

// With still pictures of `room` bytes at most.
data sections_data(std::span<const ReportSection> sections, std::size_t room) {
  data all = list();
  std::size_t index = 0;
  for (const ReportSection& of : sections) {
    data section = object();
    section.set("id", of.id);
    section.set("title", of.title);
    data pictures = list();
    for (const Picture& picture : of.pictures) {
      const Heading& heading = heading_of(picture);
      data entry = object();
      entry.set("index", std::to_string(index++));
      entry.set("title", heading.title);
      entry.set("own_title", heading.title == of.title ? data(false) : data(heading.title));
      entry.set("note", heading.note);
      data views = still_views(picture, room);
      entry.set("left_out", data(views.is_empty_list()));
      entry.set("views", views);
      pictures.push_back(entry);
    }
    section.set("pictures", pictures);
    data tables = list();
    for (const ReportTable& table : of.tables) tables.push_back(table_data(table));
    section.set("tables", tables);
    all.push_back(section);
  }
  return all;
}

}  // namespace

bool has_interactive_charts() { return !report_asset("vega.js").empty(); }

std::string report_html(const Study& study, const ReportHead& head, std::span<const ReportSection> sections,
                        bool interactive) {
  interactive = interactive && has_interactive_charts();
  data page = object();
  page.set("interactive", data(interactive));
  page.set("title", head.title);
  page.set("subtitle", head.subtitle);
  page.set("css", std::string(report_asset("report.css")));
  page.set("has_tiles", data(!head.tiles.empty()));
  page.set("tiles", pairs_data(head.tiles, "number", "meaning"));
  page.set("has_notes", data(!head.notes.empty()));
  data notes = list();
  for (const std::string& note : head.notes) notes.push_back(note);
  page.set("notes", notes);
  page.set("made_by", pairs_data(head.made_by, "what", "value"));

  kainjow::mustache::mustache page_template{std::string(report_asset("page.mustache"))};
  if (!interactive) {
    page.set("sections", sections_data(sections, kNoLimit));
    return page_template.render(page);
  }
  // What must be there first, then the data, and the stills in what is left.
  page.set("vega", script_text(report_asset("vega.js")));
  page.set("js", script_text(report_asset("report.js")));
  page.set("sections", sections_data(sections, 0));
  const auto room_beside = [&] { return kMostPageBytes - std::min(kMostPageBytes, page_template.render(page).size()); };
  page.set("data", page_json(study, sections, room_beside()));
  page.set("sections", sections_data(sections, std::min(kMostStillBytes, room_beside())));
  return page_template.render(page);
}

}  // namespace initsweep
