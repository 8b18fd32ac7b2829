// One page that says it all.
#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "commands.hpp"
#include "headline.hpp"
#include "initsweep/columns.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/file.hpp"
#include "initsweep/gallery.hpp"
#include "initsweep/gate.hpp"
#include "initsweep/number.hpp"
#include "initsweep/report.hpp"
#include "initsweep/results.hpp"
#include "initsweep/runner.hpp"
#include "stored_results.hpp"
#include "studied_folders.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBest = 10;

// Findings in a few rows: worst first.
ReportTable findings_table_of(std::string id, std::string title, std::vector<Finding> findings) {
  sort_worst_first(findings);
  constexpr std::size_t kShown = 200;
  if (findings.size() > kShown) findings.resize(kShown);
  return {std::move(id), std::move(title), findings_table(findings, /*exact=*/false)};
}

std::string verdict_text(const std::vector<Finding>& findings) {
  return std::string(answer_text(findings)) + ", " + tally_text(findings);
}

// Of the cells that pictures are about, and of the whole.
std::vector<Finding> about_shown(std::vector<Finding> findings, const Study& study) {
  std::set<std::string_view> shown;
  for (const Combination& of : study.combinations) shown.insert(study.cell_of(of).id);
  std::erase_if(findings, [&](const Finding& finding) {
    return !finding.cell_id.empty() && !shown.contains(finding.cell_id) && finding.verdict != "missing";
  });
  return findings;
}

// What today's results are held against, and what came of it.
struct Comparison {
  std::size_t folder;  // today's
  Before before;
  std::string why_not;  // a sentence, where the gate does not compare the two
  std::vector<Finding> findings;
};

std::vector<Comparison> comparisons(const StudiedFolders& opened, const std::optional<fs::path>& base) {
  const int threads = usable_processors();
  std::vector<Comparison> made;
  if (opened.folders.size() > 1) {
    const Baseline first = results_in(opened.folders.front(), threads);
    const Before before = before_in_first(opened.study);
    for (std::size_t i = 1; i < opened.folders.size(); ++i) {
      std::vector<Finding> findings = compare(first, results_in(opened.folders[i], threads));
      const auto obstacle = std::find_if(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.verdict == "incomparable" && finding.cell_id.empty();
      });
      // Other settings are what the two are looked at for: nothing to be warned of cell by cell.
      if (obstacle != findings.end())
        made.push_back({i, before, obstacle->reason, {}});
      else
        made.push_back({i, before, "", about_shown(std::move(findings), opened.study)});
    }
  }
  if (base) {
    const std::optional<Baseline> accepted = stored_results(*base, threads);
    if (!accepted)
      throw UsageError("there is no baseline " + printable(base->string()) +
                       "; 'initsweep baseline accept' makes one, or name a folder of results");
    const std::size_t today = opened.folders.size() - 1;
    made.push_back({today, before_in(opened.study, *accepted, printable(base->string())), "",
                    about_shown(compare(*accepted, results_in(opened.folders[today], threads)), opened.study)});
  }
  return made;
}

// The claims of a folder's sweep, and what became of them.
struct Claimed {
  std::size_t folder;
  std::vector<Finding> findings;
};

std::vector<Claimed> judged_claims(const StudiedFolders& opened) {
  std::vector<Claimed> claims;
  for (std::size_t i = 0; i < opened.folders.size(); ++i) {
    const RunFolder& folder = opened.folders[i];
    if (folder.sweep.spec.expect.empty() || !folder.journal) continue;
    claims.push_back(
        {i, about_shown(judge_claims(folder.sweep.spec, folder.sweep.grid, *folder.journal, usable_processors()),
                        opened.study)});
  }
  return claims;
}

// Combinations of a folder none of whose seeds diverged, the best first.
std::vector<std::size_t> ranking(const Study& study, std::size_t folder) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < study.combinations.size(); ++i) {
    const CellSummary& cell = study.cell_of(study.combinations[i]).summary;
    if (study.combinations[i].folder == folder && cell.n_ok > 0 && cell.n_diverged == 0) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return study.cell_of(study.combinations[a]).summary.test_accuracy.mean >
           study.cell_of(study.combinations[b]).summary.test_accuracy.mean;
  });
  return order;
}

Table ranked_table(const Study& study, std::span<const std::size_t> combinations) {
  Table table;
  table.columns = {{"combination", ColumnType::text, ""}, {"accuracy", ColumnType::number, ""},
                   {"std", ColumnType::number, ""},       {"95 % low", ColumnType::number, ""},
                   {"95 % high", ColumnType::number, ""}, {"seeds", ColumnType::integer, ""},
                   {"health", ColumnType::text, ""}};
  for (const std::size_t i : combinations) {
    const CellSummary& cell = study.cell_of(study.combinations[i]).summary;
    const MeanInterval& accuracy = cell.test_accuracy;
    table.rows.push_back({study.combinations[i].label, fixed_text(accuracy.mean, 4), fixed_text(accuracy.std, 4),
                          fixed_text(accuracy.low, 4), fixed_text(accuracy.high, 4), std::to_string(cell.n_ok),
                          cell.health ? std::string(to_text(*cell.health)) : ""});
  }
  return table;
}

void add_rankings(ReportSection& section, const Study& study, std::size_t folder, const std::string& suffix,
                  const std::string& in) {
  std::vector<std::size_t> order = ranking(study, folder);
  if (order.size() < 2) return;
  if (order.size() <= 2 * kBest) {
    section.tables.push_back(
        {"ranking" + suffix, "All that did not diverge, the best first" + in, ranked_table(study, order)});
    return;
  }
  section.tables.push_back({"best" + suffix, "The best" + in, ranked_table(study, std::span(order).first(kBest))});
  std::reverse(order.begin(), order.end());
  section.tables.push_back({"worst" + suffix, "The worst of those that did not diverge" + in,
                            ranked_table(study, std::span(order).first(kBest))});
}

std::vector<ReportSection> sections_of(const StudiedFolders& opened, const std::vector<Comparison>& compared,
                                       const std::vector<Claimed>& claims) {
  const Study& study = opened.study;
  const std::size_t n_folders = study.folders.size();
  const bool is_trained = !is_only_looked_at(study);
  ReportSection learns{"learns", "Who learns?", {}, {}}, changed{"changed", "What changed?", {}, {}},
      claimed{"claims", "Do the claims hold?", {}, {}}, gradients{"gradients", "Where do gradients die?", {}, {}},
      curves{"curves", "How does it get there?", {}, {}}, matters{"matters", "What matters?", {}, {}},
      sound{"sound", "Is it sound?", {health_map(study)}, {}},
      cost{"cost", "What does it cost?", {cost_map(study)}, {}};
  if (is_trained) {
    learns.pictures.emplace_back(accuracy_map(study));
    curves.pictures = {curve_chart(study), loss_chart(study)};
  }
  for (const Comparison& comparison : compared) {
    const std::string id = "change-" + std::to_string(changed.pictures.size());
    if (!is_trained) break;
    HeatMap map = change_map(study, comparison.folder, comparison.before, comparison.findings);
    map.heading.id = id;
    if (compared.size() > 1)
      map.heading.title =
          "What changed from " + comparison.before.name + " to " + study.folders[comparison.folder].name + "?";
    changed.pictures.emplace_back(std::move(map));
    if (!comparison.why_not.empty()) continue;
    changed.tables.push_back(findings_table_of(id + "-verdicts",
                                               "The gate on " + study.folders[comparison.folder].name + " against " +
                                                   comparison.before.name + ": " + verdict_text(comparison.findings),
                                               comparison.findings));
  }
  for (const TensorKind tensor : {TensorKind::delta, TensorKind::weight_gradient, TensorKind::activation})
    if (LineChart chart = layer_chart(study, tensor); !chart.views.empty())
      gradients.pictures.emplace_back(std::move(chart));
  for (const auto& [folder, findings] : claims) {
    for (LineChart& chart : published_charts(study, folder, findings)) claimed.pictures.emplace_back(std::move(chart));
    claimed.tables.push_back(findings_table_of("claims-" + std::to_string(folder),
                                               study.folders[folder].name + ": " + verdict_text(findings), findings));
  }
  for (std::size_t i = 0; i < n_folders; ++i) {
    const std::string suffix = n_folders > 1 ? "-" + std::to_string(i) : "";
    if (is_trained) {
      matters.pictures.emplace_back(share_chart(study, i));
      add_rankings(matters, study, i, suffix, n_folders > 1 ? " (" + study.folders[i].name + ")" : "");
    }
    if (Timeline timeline = job_timeline(study, i); !timeline.spans.empty())
      cost.pictures.emplace_back(std::move(timeline));
  }
  std::vector<ReportSection> sections;
  for (ReportSection* section : {&learns, &changed, &claimed, &gradients, &curves, &matters, &sound, &cost})
    if (!section->pictures.empty() || !section->tables.empty()) sections.push_back(std::move(*section));
  return sections;
}

std::vector<std::pair<std::string, std::string>> made_by(const std::vector<RunFolder>& folders) {
  std::vector<std::pair<std::string, std::string>> facts;
  for (const RunFolder& folder : folders) {
    const std::string of = folders.size() > 1 ? " of " + printable(folder.path.string()) : "";
    facts.emplace_back("trained by" + of, "initsweep " + folder.info.tool.version + ", " + folder.info.tool.compiler);
    if (folder.journal) {
      const Numerics& numerics = folder.journal->numerics();
      facts.emplace_back("arithmetic" + of, numerics.instruction_set + ", products by " + numerics.gemm +
                                                ", numerics revision " + std::to_string(numerics.revision));
    }
    for (const auto& [dataset, digest] : folder.info.digests)
      facts.emplace_back(dataset + of, "SHA-256 " + digest.substr(0, 16) + "…");
  }
  return facts;
}

// What continuous integration wants to know comes before what is learned.
void say_verdicts(ReportHead& head, const Study& study, const std::vector<Comparison>& compared,
                  const std::vector<Claimed>& claims) {
  std::vector<std::string> notes;
  const bool names_folder = study.folders.size() > 1;
  for (const Comparison& comparison : compared) {
    const std::string of = study.folders[comparison.folder].name + " against " + comparison.before.name;
    notes.push_back(comparison.why_not.empty() ? "The gate: " + of + " " + verdict_text(comparison.findings) + "."
                                               : of + ": " + comparison.why_not + ".");
  }
  for (const auto& [folder, findings] : claims)
    notes.push_back("The claims" + (names_folder ? " of " + study.folders[folder].name : std::string()) + ": " +
                    verdict_text(findings) + ".");
  head.notes.insert(head.notes.begin(), notes.begin(), notes.end());
}

}  // namespace

int report_command(const ReportArguments& arguments, Session& session) {
  const StudiedFolders opened = open_study(arguments.folders, arguments.filters);
  const std::vector<Comparison> compared = comparisons(opened, arguments.baseline);
  const std::vector<Claimed> claims = judged_claims(opened);
  ReportHead head = report_head(opened.study);
  for (std::size_t i = 0; i < arguments.filters.size(); ++i)
    head.subtitle += (i == 0 ? " · only " : ", ") + printable(arguments.filters[i]);
  say_verdicts(head, opened.study, compared, claims);
  head.made_by = made_by(opened.folders);
  const fs::path output = arguments.output.value_or(arguments.folders.front() / "report.html");
  const bool interactive = !arguments.still && has_interactive_charts();
  ReplacedFile file(output);
  file.write(report_html(opened.study, head, sections_of(opened, compared, claims), interactive));
  file.commit();
  if (!interactive && !arguments.still)
    session.log.info("still pictures alone: this build had no npm to bring Vega-Lite");
  session.console.answer(printable(output.string()) + "\n");
  return kExitDone;
}

}  // namespace initsweep
