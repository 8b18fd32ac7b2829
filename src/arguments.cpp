#include "arguments.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"
#include "initsweep/runner.hpp"

#ifndef INITSWEEP_VERSION
#define INITSWEEP_VERSION "unknown"
#endif

namespace initsweep {
namespace {

constexpr int kMaxThreads = 1024;

// What later versions will do.
constexpr std::string_view kLaterCommands[] = {"merge", "submit"};

[[noreturn]] void later(const std::string& what) { throw UsageError("'" + what + "' is not in this version"); }

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  const std::optional<std::string_view> near = nearest_name(name, candidates);
  return near ? "; did you mean '" + std::string(*near) + "'?" : "";
}

// An option that may come again, each time with one value (CLI11 would let it swallow what follows).
CLI::Option* repeated(CLI::App* command, const std::string& names, std::vector<std::string>& values,
                      const std::string& help) {
  return command->add_option(names, values, help)->allow_extra_args(false)->take_all();
}

// The help text names the words already.
CLI::Validator one_of(std::vector<std::string> words) { return CLI::IsMember(std::move(words)).description(""); }

void add_common(CLI::App* command, CommonArguments& common) {
  const char* group = "Options of every command";
  command->add_flag("-q,--quiet", common.quiet, "say only errors; the answer still comes")->group(group);
  command->add_flag("-v,--verbose", common.verbose, "say more: each job that starts and ends")->group(group);
  command->add_option("--log-level", common.log_level, "trace, debug, info, warn, error or off")
      ->check(one_of({"trace", "debug", "info", "warn", "error", "off"}))
      ->type_name("LEVEL")
      ->group(group);
  command->add_option("--log-file", common.log_file, "write the log there too")->type_name("FILE")->group(group);
  command->add_option("--progress", common.progress, "auto, bar, plain or none")
      ->check(one_of({"auto", "bar", "plain", "none"}))
      ->type_name("MODE")
      ->group(group);
  command->add_option("--color", common.color, "auto, always or never (NO_COLOR is honoured)")
      ->check(one_of({"auto", "always", "never"}))
      ->type_name("WHEN")
      ->group(group);
  command->add_option("--format", common.format, "of tables: table, csv or json")
      ->check(one_of({"table", "csv", "json"}))
      ->type_name("FORMAT")
      ->group(group);
  command->add_option("--data", common.data, "where data sets are ($INITSWEEP_DATA)")->type_name("DIR")->group(group);
  command->add_option("--isa", common.isa, "instruction set of the arithmetic (default: the widest; 'list isa')")
      ->envname("INITSWEEP_ISA")
      ->type_name("NAME")
      ->group(group);
}

// Texts that become numbers once everything else is known to be right.
struct Raw {
  std::string threads = "auto", max_failures, shard;
};

void add_sweep(CLI::App* command, SweepArguments& sweep, Raw& raw) {
  command->add_option("SWEEP", sweep.file, "the sweep file")->required()->type_name("FILE");
  command->add_option("-j,--jobs", raw.threads, "jobs at once (default: what the machine leaves to us)")
      ->type_name("N");
  repeated(command, "--set", sweep.overrides, "replace a value of the file: --set epochs=1 --set grid.depth=[2,5]")
      ->type_name("KEY=VALUE");
  repeated(command, "--filter", sweep.filters, "only these jobs; same key: either, different keys: all of them")
      ->type_name("KEY=VALUE");
  repeated(command, "--job", sweep.job_ids, "only this job, by its job_id")->type_name("ID");
}

void add_run(CLI::App* command, RunArguments& run, Raw& raw, const char* default_folder) {
  add_sweep(command, run.sweep, raw);
  command->add_option("-o,--output", run.folder, std::string("folder of the results (default: ") + default_folder + ")")
      ->type_name("DIR");
  command->add_flag("--fresh", run.fresh, "start over; an old folder is renamed to DIR.1, DIR.2, ...");
  command->add_flag("--replan", run.replan, "go on although finished jobs lie outside the present plan");
  command->add_flag("--dry-run", run.dry_run, "show the plan, run nothing");
}

void add_theory(CLI::App* command, TheoryArguments& theory) {
  repeated(command, "--activation", theory.activations, "as in a sweep file: tanh,relu or '{leaky_relu: {slope: 0.2}}'")
      ->required()
      ->type_name("NAME,...");
  repeated(command, "--weight-variance", theory.weight_variances, "fan_in times the variance of a weight")
      ->type_name("X,...");
  repeated(command, "--bias-variance", theory.bias_variances, "goes with it (default: 0); every combination is a row")
      ->type_name("X,...");
  repeated(command, "--q", theory.qs, "instead: the edge of chaos at which preactivations have this variance")
      ->type_name("X,...");
  repeated(command, "--initializer", theory.initializers, "instead: the variances of this one, as in a sweep file")
      ->type_name("NAME,...");
  command->add_option("--width", theory.width, "units of the square layers that --initializer is for (default: 300)")
      ->type_name("N");
}

int count_of(const std::string& option, const std::string& text, int max) {
  const std::optional<std::int64_t> n = parse_integer(text);
  if (!n || *n < 1 || *n > max)
    throw UsageError(option + " takes a whole number from 1 to " + std::to_string(max) + ", got '" + printable(text) +
                     "'");
  return static_cast<int>(*n);
}

int threads_of(const std::string& text) {
  return text == "auto" ? usable_processors() : count_of("-j", text, kMaxThreads);
}

// CLI11's errors in our words.
[[noreturn]] void rethrow_as_usage(const CLI::ParseError& error, const CLI::App& app) {
  const CLI::App* command = &app;
  std::string name = "initsweep";
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    name += " " + command->get_name();
  }
  std::string message = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const std::vector<std::string> extras = app.remaining(/*recurse=*/true);
    const std::string extra = extras.empty() ? "" : extras.front();
    if (extra.starts_with("-")) {
      std::vector<std::string> known;
      for (const CLI::Option* option : command->get_options())
        for (const std::string& long_name : option->get_lnames()) known.push_back("--" + long_name);
      message = "unknown option '" + printable(extra) + "'" + did_you_mean(extra, known);
    } else {
      message = "one argument too many: '" + printable(extra) + "'";
    }
  }
  throw UsageError(name + ": " + message + "\n'" + name + " --help' shows how it is used");
}

[[noreturn]] void no_command(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::vector<std::string> extras = app.remaining();
  if (extras.empty()) throw UsageError("no command given, expected one of: " + joined(views));
  const std::string& name = extras.front();
  if (name.starts_with("-")) throw UsageError("unknown option '" + printable(name) + "' before the command");
  if (std::find(std::begin(kLaterCommands), std::end(kLaterCommands), name) != std::end(kLaterCommands)) later(name);
  throw UsageError("unknown command '" + printable(name) + "', expected one of: " + joined(views) +
                   did_you_mean(name, names));
}

}  // namespace

std::variant<Arguments, std::string> parse_arguments(int argc, char** argv) {
  Arguments arguments;
  CommonArguments& common = arguments.common;
  RunArguments run;
  PlanArguments plan;
  StatusArguments status;
  ShowArguments show;
  CheckArguments check;
  ReportArguments report;
  PlotArguments plot;
  AcceptArguments accept;
  DataArguments data;
  TheoryArguments theory;
  ListArguments list;
  Raw raw;

  CLI::App app("Trains small nets over a grid of initializers, activations and depths, and says which learn.",
               "initsweep");
  app.set_version_flag("--version", "initsweep " INITSWEEP_VERSION, "show the version");
  app.set_help_flag("-h,--help", "show this help");
  add_common(&app, common);

  CLI::App* run_app = app.add_subcommand("run", "train what is missing, write the CSVs, show what came out");
  add_run(run_app, run, raw, "results/<name>");
  run_app->add_flag("--retry-failed", run.retry_failed, "train failed and timed-out jobs again");
  run_app->add_option("--max-failures", raw.max_failures, "start nothing new after this many")->type_name("N");
  run_app->add_option("--shard", raw.shard)->group("")->type_name("I/N");

  CLI::App* probe_app =
      app.add_subcommand("probe", "look at every net before training: forward and backward, no steps");
  add_run(probe_app, run, raw, "results/<name>-probe");

  CLI::App* plan_app = app.add_subcommand("plan", "show the jobs, what was folded and why, cost and time");
  add_sweep(plan_app, plan.sweep, raw);

  CLI::App* status_app = app.add_subcommand("status", "show what of a run is done, failed, diverged, missing");
  status_app->add_option("DIR", status.folder, "folder of the results")->required()->type_name("");
  status_app->add_flag("--watch", status.watch, "again every second until it is complete");

  CLI::App* show_app = app.add_subcommand("show", "show tables and pictures of a run");
  show_app->add_option("DIR", show.folder, "folder of the results")->required()->type_name("");
  show_app->add_option("--by", show.by, "settings that make rows, columns and panels")
      ->delimiter(',')
      ->type_name("SETTING,...");
  show_app->add_flag("--layers", show.layers,
                     "pictures of each layer, before and after training; --format csv has numbers");
  show_app->add_option("--best-over", show.best_over, "of cells that differ in it alone, only the best")
      ->type_name("SETTING");
  repeated(show_app, "--filter", show.filters, "only these cells")->type_name("KEY=VALUE");

  CLI::App* check_app = app.add_subcommand("check", "say whether the claims of a sweep hold and results regressed");
  check_app->add_option("DIR", check.folder, "folder of the results")->required()->type_name("");
  check_app->add_option("--baseline", check.baseline, "accepted results, or a folder of results, to compare with")
      ->type_name("BASE");
  check_app->add_flag("--locate", check.locate,
                      "where digests differ, say which number differs first; BASE must be a folder of results");
  check_app->add_option("--junit", check.junit, "write JUnit XML there")->type_name("FILE");
  check_app->add_option("--markdown", check.markdown, "write Markdown there, for a pull request")->type_name("FILE");

  CLI::App* report_app = app.add_subcommand("report", "write one page of HTML with pictures, tables and data");
  report_app->add_option("DIR", report.folders, "folders of results; the others are compared with the first")
      ->required()
      ->type_name("");
  report_app->add_option("-o,--output", report.output, "the page (default: report.html in the first folder)")
      ->type_name("FILE");
  report_app->add_option("--baseline", report.baseline, "accepted results, or a folder of results, to compare with")
      ->type_name("BASE");
  repeated(report_app, "--filter", report.filters, "only these cells")->type_name("KEY=VALUE");
  report_app->add_flag("--static", report.still, "still pictures alone, without scripts");

  CLI::App* plot_app = app.add_subcommand("plot", "draw one picture as SVG, for a paper or a pull request");
  const std::vector<std::string> plots = plottable();
  const std::vector<std::string_view> plot_names(plots.begin(), plots.end());
  plot_app->add_option("DIR", plot.folders, "folders of results, side by side")->required()->type_name("");
  plot_app->add_option("--what", plot.what, joined(plot_names))->required()->type_name("PICTURE");
  plot_app->add_option("-o,--output", plot.output, "the file")->required()->type_name("FILE");
  plot_app->add_option("--tensor", plot.tensor, "of layers: delta (if not given), weight_gradient or activation")
      ->type_name("NAME");
  plot_app->add_option("--at", plot.at, "of layers: start (if not given) or end of training")->type_name("WHEN");
  repeated(plot_app, "--filter", plot.filters, "only these cells")->type_name("KEY=VALUE");
  plot_app->add_flag("--bare", plot.bare, "leave title and note out: the paper has a caption");

  CLI::App* baseline_app = app.add_subcommand("baseline", "keep results to compare with later");
  baseline_app->require_subcommand(1);
  CLI::App* accept_app = baseline_app->add_subcommand("accept", "make results the baseline; shows what changes");
  accept_app->add_option("DIR", accept.folder, "folder of the results")->required()->type_name("");
  accept_app->add_option("-o,--output", accept.baseline, "BASE.csv and BASE.yaml are written")
      ->required()
      ->type_name("BASE");
  accept_app->add_option("--reason", accept.reason, "why, for who reads the baseline later")
      ->required()
      ->type_name("TEXT");
  accept_app->add_flag("--replace", accept.replace, "although data or settings differ from the old baseline's");
  accept_app->add_flag("--dry-run", accept.dry_run, "show what would change, write nothing");

  CLI::App* data_app = app.add_subcommand("data", "get, find and check data sets");
  data_app->require_subcommand(1);
  const std::pair<const char*, DataArguments::Action> actions[] = {{"fetch", DataArguments::Action::fetch},
                                                                   {"verify", DataArguments::Action::verify},
                                                                   {"path", DataArguments::Action::path}};
  const char* action_help[] = {"find it, or download and check it; prints its folder", "check its SHA-256",
                               "print its folder"};
  for (std::size_t i = 0; i < std::size(actions); ++i) {
    CLI::App* action = data_app->add_subcommand(actions[i].first, action_help[i]);
    action->add_option("NAME", data.name, "mnist, fashion_mnist (verify: idx:FOLDER too)")->required()->type_name("");
    action->callback([&data, chosen = actions[i].second] { data.action = chosen; });
    add_common(action, common);
  }

  CLI::App* theory_app = app.add_subcommand("theory", "show what mean-field theory says of activations and variances");
  add_theory(theory_app, theory);

  CLI::App* list_app = app.add_subcommand("list", "show what there is, with formula, default and source");
  const std::vector<std::string> lists = listable();
  const std::vector<std::string_view> list_names(lists.begin(), lists.end());
  list_app->add_option("WHAT", list.what, joined(list_names))->required()->type_name("");

  for (CLI::App* command : {run_app, probe_app, plan_app, status_app, show_app, check_app, report_app, plot_app,
                            baseline_app, accept_app, data_app, theory_app, list_app})
    add_common(command, common);
  app.allow_extras();  // so that a misspelt command gets a better answer than CLI11's; commands would inherit it

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion& version) {
    return std::string(version.what()) + "\n";
  } catch (const CLI::CallForHelp&) {
    return app.help();
  } catch (const CLI::ParseError& error) {
    rethrow_as_usage(error, app);
  }
  if (!raw.shard.empty()) later("--shard");

  run.probe = probe_app->parsed();
  const bool is_run = run_app->parsed() || run.probe;
  if (is_run || plan_app->parsed()) (is_run ? run.sweep : plan.sweep).threads = threads_of(raw.threads);
  if (!raw.max_failures.empty()) run.max_failures = count_of("--max-failures", raw.max_failures, 1'000'000'000);
  if (is_run)
    arguments.command = std::move(run);
  else if (plan_app->parsed())
    arguments.command = std::move(plan);
  else if (status_app->parsed())
    arguments.command = std::move(status);
  else if (show_app->parsed())
    arguments.command = std::move(show);
  else if (check_app->parsed())
    arguments.command = std::move(check);
  else if (report_app->parsed())
    arguments.command = std::move(report);
  else if (plot_app->parsed())
    arguments.command = std::move(plot);
  else if (accept_app->parsed())
    arguments.command = std::move(accept);
  else if (data_app->parsed())
    arguments.command = std::move(data);
  else if (theory_app->parsed())
    arguments.command = std::move(theory);
  else if (list_app->parsed())
    arguments.command = std::move(list);
  else
    no_command(app);
  return arguments;
}

}  // namespace initsweep
