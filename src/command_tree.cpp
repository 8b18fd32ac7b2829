#include "command_tree.hpp"

#include <CLI/CLI.hpp>
#include <utility>

#include "completion.hpp"
#include "initsweep/fetch.hpp"
#include "initsweep/instruction_set.hpp"
#include "initsweep/kinds.hpp"
#include "initsweep/setting.hpp"

#ifndef INITSWEEP_VERSION
#define INITSWEEP_VERSION "unknown"
#endif

namespace initsweep {
namespace {

using Words = std::vector<std::string>;

// "table, csv or json".
std::string either(const Words& words) {
  std::string text = words.front();
  for (std::size_t i = 1; i < words.size(); ++i) text += (i + 1 < words.size() ? ", " : " or ") + words[i];
  return text;
}

template <class Kind>
Words names_of_kind() {
  Words names;
  for (const KindInfo& info : kind_table<Kind>()) names.emplace_back(info.name);
  return names;
}

Words names_of_columns() {
  Words names;
  for (const Setting setting : columns_by_name()) names.emplace_back(setting_info(setting).name);
  return names;
}

Words names_of_instruction_sets() {
  Words names;
  for (const InstructionSet set : kInstructionSets) names.emplace_back(to_text(set));
  return names;
}

Words names_of_datasets() {
  Words names;
  for (const NamedDataset& set : named_datasets()) names.emplace_back(set.name);
  return names;
}

// Adds the commands one by one, each into its own part of the line.
class TreeOfCommands {
 public:
  TreeOfCommands(CLI::App& app, CommandLine& line) : app_(app), line_(line) {}
  OfferedWords add_all();

 private:
  // An option that may come again, each time with one value (CLI11 would let it swallow what follows).
  static CLI::Option* repeated(CLI::App* command, const std::string& names, Words& values, const std::string& help) {
    return command->add_option(names, values, help)->allow_extra_args(false)->take_all();
  }
  // Only offered: who takes the value says better than CLI11 what is wrong with others.
  void offer(const CLI::Option* option, Words words) { words_[option] = std::move(words); }
  // The help names the words already.
  void one_of(CLI::Option* option, const Words& words) {
    option->check(CLI::IsMember(words).description(""));
    offer(option, words);
  }
  void add_common(CLI::App* command);
  void add_file(CLI::App* command, std::string& file, Words& overrides);
  void add_sweep(CLI::App* command, SweepArguments& sweep);
  void add_started(CLI::App* command, const char* default_folder);
  void add_run();
  void add_merge();
  void add_submit();
  void add_status();
  void add_show();
  void add_check();
  void add_report();
  void add_plot();
  void add_baseline();
  void add_data();
  void add_theory();
  void add_list();
  void add_completion();

  CLI::App& app_;
  CommandLine& line_;
  OfferedWords words_;
};

void TreeOfCommands::add_common(CLI::App* command) {
  CommonArguments& common = line_.common;
  const auto words_option = [&](const char* name, std::string& value, const Words& words, const char* before,
                                const char* behind) {
    CLI::Option* option = command->add_option(name, value, before + either(words) + behind)->group(kCommonGroup);
    one_of(option, words);
    return option;
  };
  command->add_flag("-q,--quiet", common.quiet, "say only errors; the answer still comes")->group(kCommonGroup);
  command->add_flag("-v,--verbose", common.verbose, "say more: each job that starts and ends")->group(kCommonGroup);
  words_option("--log-level", common.log_level, {"trace", "debug", "info", "warn", "error", "off"}, "", "")
      ->type_name("LEVEL");
  command->add_option("--log-file", common.log_file, "write the log there too")->type_name("FILE")->group(kCommonGroup);
  words_option("--progress", common.progress, {"auto", "bar", "plain", "none"}, "", "")->type_name("MODE");
  words_option("--color", common.color, {"auto", "always", "never"}, "", " (NO_COLOR is honoured)")->type_name("WHEN");
  words_option("--format", common.format, {"table", "csv", "json"}, "of tables: ", "")->type_name("FORMAT");
  command->add_option("--data", common.data, "where data sets are ($INITSWEEP_DATA)")
      ->type_name("DIR")
      ->group(kCommonGroup);
  offer(command->add_option("--isa", common.isa, "instruction set of the arithmetic (default: the widest; 'list isa')")
            ->envname("INITSWEEP_ISA")
            ->type_name("NAME")
            ->group(kCommonGroup),
        names_of_instruction_sets());
}

void TreeOfCommands::add_file(CLI::App* command, std::string& file, Words& overrides) {
  command->add_option("SWEEP", file, "the sweep file")->required()->type_name("FILE");
  repeated(command, "--set", overrides, "replace a value of the file: --set epochs=1 --set grid.depth=[2,5]")
      ->type_name("KEY=VALUE");
}

void TreeOfCommands::add_sweep(CLI::App* command, SweepArguments& sweep) {
  add_file(command, sweep.file, sweep.overrides);
  command->add_option("-j,--jobs", line_.threads, "jobs at once (default: what the machine leaves to us)")
      ->type_name("N");
  repeated(command, "--filter", sweep.filters, "only these jobs; same key: either, different keys: all of them")
      ->type_name("KEY=VALUE");
  repeated(command, "--job", sweep.job_ids, "only this job, by its job_id")->type_name("ID");
  command->add_option("--shard", line_.shard, "only part I of N; 'merge' makes one result of all parts")
      ->type_name("I/N");
}

// What `run` and `probe` have in common.
void TreeOfCommands::add_started(CLI::App* command, const char* default_folder) {
  RunArguments& run = line_.run;
  add_sweep(command, run.sweep);
  command
      ->add_option(
          "-o,--output", run.folder,
          std::string("folder of the results (default: ") + default_folder + "; of a shard, shards/I-of-N in it)")
      ->type_name("DIR");
  command->add_flag("--fresh", run.fresh, "start over; an old folder is renamed to DIR.1, DIR.2, ...");
  command->add_flag("--replan", run.replan, "go on although finished jobs lie outside the present plan");
  command->add_flag("--dry-run", run.dry_run, "show the plan, run nothing");
}

void TreeOfCommands::add_run() {
  CLI::App* run = app_.add_subcommand("run", "train what is missing, write the CSVs, show what came out");
  add_started(run, "results/<name>");
  run->add_flag("--retry-failed", line_.run.retry_failed, "train failed and timed-out jobs again");
  run->add_option("--max-failures", line_.max_failures, "start nothing new after this many")->type_name("N");

  add_started(app_.add_subcommand("probe", "look at every net before training: forward and backward, no steps"),
              "results/<name>-probe");
  add_sweep(app_.add_subcommand("plan", "show the jobs, what was folded and why, cost and time"), line_.plan.sweep);
}

void TreeOfCommands::add_merge() {
  MergeArguments& merge = line_.merge;
  CLI::App* command =
      app_.add_subcommand("merge", "make of shards what one run would have left: the same CSVs, judged claims");
  command->add_option("SHARD", merge.shards, "folders of all the shards (default: those in DIR/shards)")->type_name("");
  command->add_option("-o,--output", merge.folder, "folder of the results")->required()->type_name("DIR");
  command->add_flag("--partial", merge.partial, "although shards or jobs are missing");
  command
      ->add_option("-j,--jobs", line_.threads, "threads that write the CSVs (default: what the machine leaves to us)")
      ->type_name("N");
}

void TreeOfCommands::add_submit() {
  SubmitArguments& submit = line_.submit;
  CLI::App* command = app_.add_subcommand("submit", "write scripts for Slurm: an array of shards, a merge and check");
  add_file(command, submit.file, submit.overrides);
  command->add_option("--shards", line_.n_shards, "tasks of the job array")->required()->type_name("N");
  command->add_option("-o,--output", submit.folder, "folder of the results (default: results/<name>)")
      ->type_name("DIR");
  command->add_option("--baseline", submit.baseline, "what the check at the end compares with")->type_name("BASE");
  command->add_option("SBATCH", submit.sbatch_options, "after --: options for sbatch, as in -- --partition=short -c 8")
      ->type_name("");
}

void TreeOfCommands::add_status() {
  CLI::App* command = app_.add_subcommand("status", "show what of a run is done, failed, diverged, missing");
  command->add_option("DIR", line_.status.folders, "folder of the results, or folders of shards")
      ->required()
      ->type_name("");
  command->add_flag("--watch", line_.status.watch, "again every second until it is complete");
}

void TreeOfCommands::add_show() {
  ShowArguments& show = line_.show;
  CLI::App* command = app_.add_subcommand("show", "show tables and pictures of a run");
  command->add_option("DIR", show.folder, "folder of the results")->required()->type_name("");
  offer(command->add_option("--by", show.by, "settings that make rows, columns and panels")
            ->delimiter(',')
            ->type_name("SETTING,..."),
        names_of_columns());
  command->add_flag("--layers", show.layers,
                    "pictures of each layer, before and after training; --format csv has numbers");
  offer(command->add_option("--best-over", show.best_over, "of cells that differ in it alone, only the best")
            ->type_name("SETTING"),
        names_of_columns());
  repeated(command, "--filter", show.filters, "only these cells")->type_name("KEY=VALUE");
}

void TreeOfCommands::add_check() {
  CheckArguments& check = line_.check;
  CLI::App* command = app_.add_subcommand("check", "say whether the claims of a sweep hold and results regressed");
  command->add_option("DIR", check.folder, "folder of the results")->required()->type_name("");
  command->add_option("--baseline", check.baseline, "accepted results, or a folder of results, to compare with")
      ->type_name("BASE");
  command->add_flag("--locate", check.locate,
                    "where digests differ, say which number differs first; BASE must be a folder of results");
  command->add_option("--junit", check.junit, "write JUnit XML there")->type_name("FILE");
  command->add_option("--markdown", check.markdown, "write Markdown there, for a pull request")->type_name("FILE");
}

void TreeOfCommands::add_report() {
  ReportArguments& report = line_.report;
  CLI::App* command = app_.add_subcommand("report", "write one page of HTML with pictures, tables and data");
  command->add_option("DIR", report.folders, "folders of results; the others are compared with the first")
      ->required()
      ->type_name("");
  command->add_option("-o,--output", report.output, "the page (default: report.html in the first folder)")
      ->type_name("FILE");
  command->add_option("--baseline", report.baseline, "accepted results, or a folder of results, to compare with")
      ->type_name("BASE");
  repeated(command, "--filter", report.filters, "only these cells")->type_name("KEY=VALUE");
  command->add_flag("--static", report.still, "still pictures alone, without scripts");
}

void TreeOfCommands::add_plot() {
  PlotArguments& plot = line_.plot;
  CLI::App* command = app_.add_subcommand("plot", "draw one picture as SVG, for a paper or a pull request");
  command->add_option("DIR", plot.folders, "folders of results, side by side")->required()->type_name("");
  offer(command->add_option("--what", plot.what, joined(plottable()))->required()->type_name("PICTURE"), plottable());
  command->add_option("-o,--output", plot.output, "the file")->required()->type_name("FILE");
  offer(command->add_option("--tensor", plot.tensor, "of layers: delta (if not given), weight_gradient or activation")
            ->type_name("NAME"),
        {"delta", "weight_gradient", "activation"});
  offer(command->add_option("--at", plot.at, "of layers: start (if not given) or end of training")->type_name("WHEN"),
        {"start", "end"});
  repeated(command, "--filter", plot.filters, "only these cells")->type_name("KEY=VALUE");
  command->add_flag("--bare", plot.bare, "leave title and note out: the paper has a caption");
}

void TreeOfCommands::add_baseline() {
  AcceptArguments& accept = line_.accept;
  CLI::App* baseline = app_.add_subcommand("baseline", "keep results to compare with later");
  baseline->require_subcommand(1);
  CLI::App* command = baseline->add_subcommand("accept", "make results the baseline; shows what changes");
  command->add_option("DIR", accept.folder, "folder of the results")->required()->type_name("");
  command->add_option("-o,--output", accept.baseline, "BASE.csv and BASE.yaml are written")
      ->required()
      ->type_name("BASE");
  command->add_option("--reason", accept.reason, "why, for who reads the baseline later")
      ->required()
      ->type_name("TEXT");
  command->add_flag("--replace", accept.replace, "although data or settings differ from the old baseline's");
  command->add_flag("--dry-run", accept.dry_run, "show what would change, write nothing");
}

void TreeOfCommands::add_data() {
  CLI::App* data = app_.add_subcommand("data", "get, find and check data sets");
  data->require_subcommand(1);
  const auto add = [&](const char* name, DataArguments::Action action, const char* help) {
    CLI::App* command = data->add_subcommand(name, help);
    offer(command->add_option("NAME", line_.data.name, joined(names_of_datasets()) + " (verify: idx:FOLDER too)")
              ->required()
              ->type_name(""),
          names_of_datasets());
    command->callback([&line = line_, action] { line.data.action = action; });
  };
  add("fetch", DataArguments::Action::fetch, "find it, or download and check it; prints its folder");
  add("verify", DataArguments::Action::verify, "check its SHA-256");
  add("path", DataArguments::Action::path, "print its folder");
}

void TreeOfCommands::add_theory() {
  TheoryArguments& theory = line_.theory;
  CLI::App* command = app_.add_subcommand("theory", "show what mean-field theory says of activations and variances");
  offer(repeated(command, "--activation", theory.activations,
                 "as in a sweep file: tanh,relu or '{leaky_relu: {slope: 0.2}}'")
            ->required()
            ->type_name("NAME,..."),
        names_of_kind<ActivationKind>());
  repeated(command, "--weight-variance", theory.weight_variances, "fan_in times the variance of a weight")
      ->type_name("X,...");
  repeated(command, "--bias-variance", theory.bias_variances, "goes with it (default: 0); every combination is a row")
      ->type_name("X,...");
  repeated(command, "--q", theory.qs, "instead: the edge of chaos at which preactivations have this variance")
      ->type_name("X,...");
  offer(
      repeated(command, "--initializer", theory.initializers, "instead: the variances of this one, as in a sweep file")
          ->type_name("NAME,..."),
      names_of_kind<InitializerKind>());
  command->add_option("--width", theory.width, "units of the square layers that --initializer is for (default: 300)")
      ->type_name("N");
}

void TreeOfCommands::add_list() {
  CLI::App* command = app_.add_subcommand("list", "show what there is, with formula, default and source");
  offer(command->add_option("WHAT", line_.list.what, joined(listable()))->required()->type_name(""), listable());
}

void TreeOfCommands::add_completion() {
  const Words shells = completed_shells();
  CLI::App* command =
      app_.add_subcommand("completion", "print what completes command lines in a shell, for it to read");
  offer(command->add_option("SHELL", line_.shell, either(shells))->required()->type_name(""), shells);
}

// A command and those inside it.
void visit(CLI::App* command, const std::function<void(CLI::App*)>& action) {
  action(command);
  for (CLI::App* inner : command->get_subcommands([](const CLI::App*) { return true; })) visit(inner, action);
}

OfferedWords TreeOfCommands::add_all() {
  app_.name("initsweep");
  app_.description("Trains small nets over a grid of initializers, activations and depths, and says which learn.");
  app_.set_version_flag("--version", "initsweep " INITSWEEP_VERSION, "show the version");
  app_.set_help_flag("-h,--help", "show this help");
  app_.add_flag("--man", line_.manual, "show the manual, for man to set: initsweep --man | man -l -");
  add_run();
  add_merge();
  add_submit();
  add_status();
  add_show();
  add_check();
  add_report();
  add_plot();
  add_baseline();
  add_data();
  add_theory();
  add_list();
  add_completion();
  visit(&app_, [this](CLI::App* command) { add_common(command); });
  // One command alone: else a folder named like another command would be taken for it.
  app_.require_subcommand(0, 1);
  app_.allow_extras();  // so that a misspelt command gets a better answer than CLI11's; commands would inherit it
  return std::move(words_);
}

}  // namespace

OfferedWords add_commands(CLI::App& app, CommandLine& line) { return TreeOfCommands(app, line).add_all(); }

}  // namespace initsweep
