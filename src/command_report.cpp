// One page that says it all.
#include <algorithm>
#include <optional>
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

// Findings in a few rows: what is not good, worst first, and a line of counts.
ReportTable findings_of(std::string id, std::string title, std::vector<Finding> findings) {
  sort_worst_first(findings);
  title += ": " + std::string(answer_text(findings)) + ", " + tally_text(findings);
  constexpr std::size_t kShown = 200;
  if (findings.size() > kShown) findings.resize(kShown);
  return {std::move(id), std::move(title), findings_table(findings, /*exact=*/false)};
}

// What today's results are held against, and what came of it.
struct Comparison {
  std::size_t folder;  // today's
  Before before;
  std::vector<Finding> findings;
};

std::vector<Comparison> comparisons(const StudiedFolders& opened, const std::optional<fs::path>& base) {
  const int threads = usable_processors();
  std::vector<Comparison> made;
  if (opened.folders.size() > 1) {
    const Baseline first = results_in(opened.folders.front(), threads);
    const Before before = before_in_first(opened.study);
    for (std::size_t i = 1; i < opened.folders.size(); ++i)
      made.push_back({i, before, compare(first, results_in(opened.folders[i], threads))});
  }
  if (base) {
    const std::optional<Baseline> accepted = stored_results(*base, threads);
    if (!accepted)
      throw UsageError("there is no baseline " + printable(base->string()) +
                       "; 'initsweep baseline accept' makes one, or name a folder of results");
    const std::size_t today = opened.folders.size() - 1;
    made.push_back({today, before_in(opened.study, *accepted, printable(base->filename().string())),
                    compare(*accepted, results_in(opened.folders[today], threads))});
  }
  return made;
}

Table ranking(const Study& study, std::size_t folder, bool best) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < study.combinations.size(); ++i)
    if (study.combinations[i].folder == folder && study.cell_of(study.combinations[i]).summary.n_ok > 0)
      order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const double of_a = study.cell_of(study.combinations[a]).summary.test_accuracy.mean;
    const double of_b = study.cell_of(study.combinations[b]).summary.test_accuracy.mean;
    return best ? of_a > of_b : of_a < of_b;
  });
  if (order.size() > kBest) order.resize(kBest);
  Table table;
  table.columns = {{"combination", ColumnType::text, ""}, {"accuracy", ColumnType::number, ""},
                   {"std", ColumnType::number, ""},       {"95 % low", ColumnType::number, ""},
                   {"95 % high", ColumnType::number, ""}, {"seeds", ColumnType::integer, ""},
                   {"health", ColumnType::text, ""}};
  for (const std::size_t i : order) {
    const CellSummary& cell = study.cell_of(study.combinations[i]).summary;
    const MeanInterval& accuracy = cell.test_accuracy;
    table.rows.push_back({study.combinations[i].label, fixed_text(accuracy.mean, 4), fixed_text(accuracy.std, 4),
                          fixed_text(accuracy.low, 4), fixed_text(accuracy.high, 4), std::to_string(cell.n_ok),
                          cell.health ? std::string(to_text(*cell.health)) : ""});
  }
  return table;
}

std::vector<ReportSection> sections_of(const StudiedFolders& opened, const std::vector<Comparison>& compared) {
  const Study& study = opened.study;
  const std::size_t n_folders = study.folders.size();
  ReportSection learns{"learns", "Who learns?", {accuracy_map(study)}, {}};
  for (const Comparison& comparison : compared) {
    learns.pictures.emplace_back(change_map(study, comparison.folder, comparison.before, comparison.findings));
    learns.tables.push_back(findings_of("changes-" + std::to_string(learns.tables.size()),
                                        study.folders[comparison.folder].name + " against " + comparison.before.name,
                                        comparison.findings));
  }
  ReportSection gradients{"gradients", "Where do gradients die?", {}, {}};
  for (const TensorKind tensor : {TensorKind::delta, TensorKind::weight_gradient, TensorKind::activation})
    if (LineChart chart = layer_chart(study, tensor); !chart.views.empty())
      gradients.pictures.emplace_back(std::move(chart));
  ReportSection curves{"curves", "How does it get there?", {curve_chart(study), loss_chart(study)}, {}};
  ReportSection matters{"matters", "What matters?", {}, {}};
  ReportSection sound{"sound", "Is it sound?", {health_map(study)}, {}};
  for (std::size_t i = 0; i < n_folders; ++i) {
    const std::string suffix = n_folders > 1 ? "-" + std::to_string(i) : "";
    const std::string in = n_folders > 1 ? " in " + study.folders[i].name : "";
    matters.pictures.emplace_back(share_chart(study, i));
    if (Table best = ranking(study, i, true); best.rows.size() > 1) {
      matters.tables.push_back({"best" + suffix, "The best" + in, std::move(best)});
      matters.tables.push_back({"worst" + suffix, "The worst that ended" + in, ranking(study, i, false)});
    }
    const RunFolder& folder = opened.folders[i];
    if (!folder.sweep.spec.expect.empty() && folder.journal)
      sound.tables.push_back(
          findings_of("claims" + suffix, "Claims of the sweep" + in,
                      judge_claims(folder.sweep.spec, folder.sweep.grid, *folder.journal, usable_processors())));
  }
  sound.pictures.emplace_back(cost_map(study));
  for (std::size_t i = 0; i < n_folders; ++i)
    if (!study.folders[i].jobs.empty()) sound.pictures.emplace_back(job_timeline(study, i));
  std::vector<ReportSection> sections;
  for (ReportSection* section : {&learns, &gradients, &curves, &matters, &sound})
    if (!section->pictures.empty()) sections.push_back(std::move(*section));
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

}  // namespace

int report_command(const ReportArguments& arguments, Session& session) {
  const StudiedFolders opened = open_study(arguments.folders, arguments.filters);
  const std::vector<Comparison> compared = comparisons(opened, arguments.baseline);
  ReportHead head = report_head(opened.study);
  head.made_by = made_by(opened.folders);
  const fs::path output = arguments.output.value_or(arguments.folders.front() / "report.html");
  const bool interactive = !arguments.still && has_interactive_charts();
  ReplacedFile file(output);
  file.write(report_html(opened.study, head, sections_of(opened, compared), interactive));
  file.commit();
  if (!interactive && !arguments.still)
    session.log.info("still pictures alone: this build had no npm to bring Vega-Lite");
  session.console.answer(printable(output.string()) + "\n");
  return kExitDone;
}

}  // namespace initsweep
