// One page that says it all: pictures, tables and data in a single file of HTML that opens without a network.
#pragma once
#include <span>
#include <string>
#include <vector>
#include "initsweep/finding.hpp"
#include "initsweep/picture.hpp"
#include "initsweep/study.hpp"
#include "initsweep/table.hpp"

namespace initsweep {

// A part of the page: a question's pictures and tables.
struct ReportTable {
  std::string id, title;
  Table table;
};
struct ReportSection {
  std::string id, title;  // "who-learns", "Who learns?"
  std::vector<Picture> pictures;
  std::vector<ReportTable> tables;
};

// What stands above the pictures.
struct ReportHead {
  std::string title;                                         // the sweep's description, or its name
  std::string subtitle;                                      // sweep, folders, jobs
  std::vector<std::pair<std::string, std::string>> tiles;    // a number and what it counts: {"61 of 84", "learn"}
  std::vector<std::string> notes;                            // sentences, what someone with twenty seconds should know
  std::vector<std::pair<std::string, std::string>> made_by;  // at the foot: what and value
};

// Whether the build had npm, so that pages draw themselves with Vega-Lite; else they hold SVG pictures alone.
[[nodiscard]] bool has_interactive_charts();

// The page, a few hundred KiB of scripts and the data. Text from outside is escaped. `interactive` false: SVG alone.
[[nodiscard]] std::string report_html(const Study& study, const ReportHead& head,
                                      std::span<const ReportSection> sections, bool interactive);

}  // namespace initsweep
