// Tables from the commands themselves, between prose that stands here. Roff: a line that begins with a dot is a macro
// of man(7), \fB, \fI and \fR choose bold, italic and roman, \- is the minus sign that options begin with, and \e a
// backslash.
#include "manual.hpp"

#include <algorithm>
#include <cctype>

#include "commands.hpp"

namespace initsweep {
namespace {

constexpr const char* kDescription = R"roff(.SH DESCRIPTION
A sweep file, written in YAML, spans a grid of initializers, activations, depths, fan modes and other settings.
Every cell of the grid is trained under several seeds, in parallel.
CSVs hold the accuracies and, layer by layer, what happened to signals and gradients.
They are the same to the byte for any number of threads, any split into shards, and after any kill and resume.
.PP
A sweep may also hold claims; they are checked when it is done, and the exit status tells whether they hold.
.PP
Standard output carries the answer, standard error the log and the progress.
)roff";

constexpr const char* kExitStatusEnd = R"roff(.PP
When several apply: a stopping signal, 70, 5, 3, 1, 4, 0.
)roff";

constexpr const char* kFiles = R"roff(.SH FILES
A folder of results, by default
.IR results/NAME ,
holds:
.TP
.I jobs.csv
a row for each finished job: its settings, how it ended, losses and accuracies
.TP
.I epochs.csv
a row for each job and epoch
.TP
.I layers.csv
a row for each job, record, layer and tensor: the statistics of signals and gradients
.TP
.I cells.csv
a row for each cell under each of its names: means, deviations and confidence intervals over its seeds
.TP
.I checks.csv
a row for each claim and cell, with its verdict
.TP
.I trace.csv
a row for each attempt at a job: all that changes from run to run, such as durations
.TP
.I run.json
the sweep as it was resolved, versions, compiler flags and the digest of the data
.TP
.I datapackage.json
a Frictionless Table Schema of every column above
.TP
.I journal.ndjson
an event on each line: what a run resumes from
.TP
.I shards/I\-of\-N/
a folder of the same kind for each shard that
.B run \-\-shard
trains; what
.B merge
makes one result of
.TP
.I slurm/
what
.B submit
writes: scripts, a copy of the sweep, logs of the tasks
.PP
Sweep files that come with the program are listed by
.BR "initsweep list experiments" .
)roff";

constexpr const char* kEnvironment = R"roff(.SH ENVIRONMENT
.TP
.B INITSWEEP_DATA
a folder with data sets, looked at after the one of
.B \-\-data
.TP
.B INITSWEEP_ISA
the instruction set of the arithmetic, where
.B \-\-isa
is not given
.TP
.BR XDG_CACHE_HOME ", " HOME
where data sets are kept:
.I $XDG_CACHE_HOME/initsweep
or
.I ~/.cache/initsweep
.TP
.B NO_COLOR
where it is set, nothing is coloured
.TP
.B CI
where it is set, progress is plain lines
.TP
.B GITHUB_ACTIONS
where it is true, claims are annotated in the sweep file
.TP
.B GITHUB_STEP_SUMMARY
a file that
.B check
appends its answer to, in Markdown
.TP
.BR LC_ALL ", " LC_CTYPE ", " LANG
whether pictures in the terminal may use UTF\-8
)roff";

constexpr const char* kExamples = R"roff(.SH EXAMPLES
Train a sweep, look at it, and write a page about it:
.PP
.RS 4
.EX
initsweep data fetch mnist
initsweep run sweep.yaml \-o results/first
initsweep show results/first \-\-by initializer,depth
initsweep report results/first
.EE
.RE
.PP
Change a value of the sweep without editing it, and see the plan first:
.PP
.RS 4
.EX
initsweep plan sweep.yaml \-\-set epochs=1 \-\-set grid.depth=[2,5]
.EE
.RE
.PP
Split a sweep between two machines, and make one result of both:
.PP
.RS 4
.EX
initsweep run sweep.yaml \-\-shard 1/2 \-o results/part1
initsweep run sweep.yaml \-\-shard 2/2 \-o results/part2
initsweep merge \-o results/whole results/part1 results/part2
.EE
.RE
.PP
Keep results, and compare later ones with them:
.PP
.RS 4
.EX
initsweep baseline accept results/first \-o accepted \-\-reason "first results"
initsweep check results/second \-\-baseline accepted
.EE
.RE
.PP
Complete command lines in this shell:
.PP
.RS 4
.EX
\&. <(initsweep completion bash)
.EE
.RE
.SH SEE ALSO
.BR mlr (1),
.BR sbatch (1)
)roff";

struct Exit {
  int code;
  const char* meaning;
};
constexpr Exit kExits[] = {
    {kExitDone, "done; all jobs finished (a diverged job is finished) and all expectations hold"},
    {kExitNo, "the answer is no: an expectation failed, or a result regressed"},
    {kExitUsage, "usage, or a wrong sweep file, or a filter that selects nothing; nothing ran"},
    {kExitJobsFailed, "some jobs failed or timed out; the rest is written"},
    {kExitUndecided, "cannot decide: no baseline, different data or settings, too few seeds"},
    {kExitEnvironment,
     "environment: data missing or damaged, disk full, folder unreadable or in use, other numerics than the folder's"},
    {kExitInternal, "internal error"},
};
// The signals that stop a run, with their numbers on Linux.
constexpr Exit kStops[] = {{1, "SIGHUP"}, {2, "SIGINT"}, {15, "SIGTERM"}};

// Text as it is to be read: no request at the beginning of a line, no escape in it.
std::string text(std::string_view words) {
  std::string safe = words.starts_with(".") || words.starts_with("'") ? "\\&" : "";
  for (const char c : words) {
    if (c == '\\')
      safe += "\\e";
    else if (c == '-')
      safe += "\\-";
    else
      safe += c;
  }
  return safe;
}

std::string bold(std::string_view words) { return "\\fB" + text(words) + "\\fR"; }
std::string italic(std::string_view words) { return "\\fI" + text(words) + "\\fR"; }

std::string section(const std::string& name) { return ".SH " + name + "\n"; }
std::string entry(const std::string& tag, const std::string& meaning) { return ".TP\n" + tag + "\n" + meaning + "\n"; }

std::string in_capitals(std::string word) {
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::toupper(c); });
  return word;
}

// "\fB-o\fR, \fB--output\fR \fIDIR\fR"
std::string option_tag(const OptionInfo& option) {
  std::string tag;
  for (const std::string& name : option.names) tag += (tag.empty() ? "" : ", ") + bold(name);
  return option.kind == ValueKind::none ? tag : tag + " " + italic(option.value);
}

std::string option_entry(const OptionInfo& option) {
  std::string meaning = text(option.help);
  if (!option.variable.empty()) meaning += "; without it, what " + bold(option.variable) + " says";
  return entry(option_tag(option), meaning);
}

std::string argument_tag(const OptionInfo& argument) {
  return italic(argument.names.front()) + (argument.repeats ? "\\&..." : "");
}

// What must be given stands there, the other options are a word.
std::string usage(const std::string& words, const CommandInfo& command) {
  std::string line = bold(words) + " [" + italic("OPTION") + "\\&...]";
  for (const OptionInfo& option : command.options)
    if (option.is_required) line += " " + bold(option.names.front()) + " " + italic(option.value);
  for (const OptionInfo& argument : command.positionals)
    line += argument.is_required ? " " + argument_tag(argument) : " [" + argument_tag(argument) + "]";
  return line;
}

std::string synopsis(const CommandInfo& program) {
  std::string lines;
  for_each_command(program, [&](const std::string& words, const CommandInfo& command) {
    if (command.subcommands.empty()) lines += (lines.empty() ? "" : ".br\n") + usage(words, command) + "\n";
  });
  return section("SYNOPSIS") + lines;
}

// Options that the program itself has too are described once, with it.
bool has_option(const CommandInfo& program, const OptionInfo& option) {
  return std::any_of(program.options.begin(), program.options.end(),
                     [&](const OptionInfo& known) { return known.names == option.names; });
}

std::string commands(const CommandInfo& program) {
  std::string lines = section("COMMANDS");
  for_each_command(program, [&](const std::string& words, const CommandInfo& command) {
    if (!command.subcommands.empty()) return;
    lines += ".SS " + text(words_behind(program, words)) + "\n" + text(command.help) + "\n";
    for (const OptionInfo& argument : command.positionals) lines += entry(argument_tag(argument), text(argument.help));
    for (const OptionInfo& option : command.options)
      if (!has_option(program, option)) lines += option_entry(option);
  });
  return lines;
}

std::string options(const CommandInfo& program) {
  std::string own, of_every_command;
  for (const OptionInfo& option : program.options)
    (option.is_of_every_command ? of_every_command : own) += option_entry(option);
  return section("OPTIONS OF EVERY COMMAND") + "They may stand before the command or behind it.\n" + of_every_command +
         section("OPTIONS WITHOUT A COMMAND") + own;
}

std::string exit_status() {
  std::string lines = section("EXIT STATUS");
  for (const Exit& exit : kExits) lines += entry(bold(std::to_string(exit.code)), text(exit.meaning));
  std::string codes, names;
  for (const Exit& stop : kStops) {
    codes += (codes.empty() ? "" : ", ") + bold(std::to_string(kExitSignal + stop.code));
    names += (names.empty() ? "" : ", ") + std::string(stop.meaning);
  }
  return lines + entry(codes, "stopped by " + names + "; what was finished is kept and the line to resume is printed") +
         kExitStatusEnd;
}

// "initsweep \- trains small nets ...": a phrase without a capital or a full stop.
std::string name(const CommandInfo& program) {
  std::string phrase = program.help;
  phrase.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(phrase.front())));
  if (phrase.ends_with(".")) phrase.pop_back();
  return section("NAME") + program.name + " \\- " + text(phrase) + "\n";
}

}  // namespace

std::string manual(const CommandInfo& program, std::string_view version) {
  // Without a date: the same sources give the same page.
  return ".TH " + in_capitals(program.name) + " 1 \"\" \"" + std::string(version) + "\" \"User Commands\"\n" +
         name(program) + synopsis(program) + kDescription + commands(program) + options(program) + exit_status() +
         kFiles + kEnvironment + kExamples;
}

}  // namespace initsweep
