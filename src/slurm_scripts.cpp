#include "slurm_scripts.hpp"

#include <algorithm>
#include "initsweep/diagnostic.hpp"
#include "shell_words.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIdentity = "# Made for ";

// The text with {name} replaced, for each name of a script's blanks. What is put in is not looked at again.
struct Blank {
  std::string_view name;
  std::string text;
};

std::string filled(std::string_view form, const std::vector<Blank>& blanks) {
  std::string text;
  while (!form.empty()) {
    const auto next =
        std::find_if(blanks.begin(), blanks.end(), [&](const Blank& b) { return form.starts_with(b.name); });
    text += next == blanks.end() ? std::string(1, form.front()) : next->text;
    form.remove_prefix(next == blanks.end() ? 1 : next->name.size());
  }
  return text;
}

std::string path_for_script(const fs::path& path) { return quoted_for_script(path.string()); }

// " --set epochs=1", each as the shell reads it back
std::string option_words(std::string_view option, const std::vector<std::string>& values) {
  std::string words;
  for (const std::string& value : values) words += " " + std::string(option) + " " + quoted_for_script(value);
  return words;
}

std::string option_words(std::string_view option, const std::string& value) {
  return value.empty() ? "" : option_words(option, std::vector<std::string>{value});
}

// The line with what the user has given after --, "" for nothing.
std::string user_lines(const SlurmSubmission& submission) {
  if (submission.sbatch_options.empty()) return {};
  std::string line;
  for (const std::string& word : submission.sbatch_options) line += " " + quoted_for_sbatch(word);
  return "# As given to submit. Of lines that disagree, the later one holds.\n#SBATCH" + line + "\n";
}

// Slurm puts numbers in for %A and the like; a percent sign of the path's own is doubled.
std::string log_option(const SlurmSubmission& submission, std::string_view name) {
  std::string option = "--output=";
  for (const char c : slurm_folder(submission.folder).string()) option += c == '%' ? "%%" : std::string(1, c);
  return quoted_for_sbatch(option + "/" + std::string(name));
}

// Of --array, -a 1-3 and what getopt takes for them.
bool names_array(const std::string& word) {
  if (!word.starts_with("--")) return word.starts_with("-a");
  const std::string name = word.substr(0, word.find('='));
  return name.size() >= 4 && std::string_view("--array").starts_with(name);
}

constexpr std::string_view kArrayForm = R"sh(#!/bin/sh
# Trains the shards of {name}, one a task. Written by `initsweep submit`, which writes it anew.
#SBATCH --job-name={name}
#SBATCH --array=1-{shards}
#SBATCH --nodes=1 --ntasks=1
#SBATCH --requeue --open-mode=append
#SBATCH --signal=B:USR1@60
#SBATCH {log}
{user_lines}
{identity}
program={program}
folder={folder}
cd {working_folder} || exit 5  # paths in a sweep start there

shard=$SLURM_ARRAY_TASK_ID
task=${SLURM_ARRAY_JOB_ID}_$shard  # $SLURM_JOB_ID of the last task is that of the whole array
results=$folder/shards/$shard-of-{shards}
failures=$folder/slurm/$task.failures  # a line for each go that failed

say() { echo "$(date '+%F %T') task $task: $*" >&2; }
lines() { if [ -e "$1" ]; then wc -l <"$1"; else echo 0; fi; }
finished() { lines "$results/journal.ndjson"; }  # a header, then a line a job

put_back() {
  say "$1; it goes back into the queue"
  scontrol requeue "$task"  # which does not work where --no-requeue was given
  exit "$code"
}

# A stopped program keeps what is finished. After SIGTERM nothing is put back: what was cancelled stays cancelled.
reason='' program_id=''
stop() {
  woken=1
  [ "$reason" = TERM ] || reason=$1
  [ -z "$program_id" ] || kill -s TERM "$program_id" 2>/dev/null
}
trap 'stop TERM' TERM
trap 'stop USR1' USR1

retry_failed=''
[ "$(lines "$failures")" -eq 0 ] || retry_failed=--retry-failed
before=$(finished)
[ "$before" -gt 0 ] || before=1

# One instruction set for all shards, that of the machine where submit was run: others may round otherwise, and merge
# would refuse them. As many jobs at once as the task has processors, however many its node has.
"$program" run "$folder/slurm/sweep.yaml"{overrides} --shard "$shard/{shards}" -o "$results" \
  -j "${SLURM_CPUS_ON_NODE:-auto}" --isa {isa}{data} $retry_failed &
program_id=$!
[ -z "$reason" ] || kill -s TERM "$program_id"
while :; do
  woken=''
  wait "$program_id"  # or until a signal comes
  code=$?
  [ -n "$woken" ] || break
done

case $code in
  0 | 1 | 4) exit 0 ;;  # trained; what claims say to it is the check's
  2) exit 2 ;;          # wrong usage, and still wrong the next time
esac
[ "$reason" != TERM ] || exit "$code"
if [ "$reason" = USR1 ] && [ "$code" -eq 143 ]; then
  [ "$(finished)" -gt "$before" ] || {
    say "the time limit is too short for a single job; submit again with a longer one, as in -- --time=2:00:00"
    exit "$code"
  }
  put_back "its time is nearly over"
fi
echo "$code" >>"$failures"
[ "$(lines "$failures")" -le 2 ] || {
  say "failed with exit code $code, and not for the first time"
  exit "$code"
}
put_back "failed with exit code $code"
)sh";

constexpr std::string_view kMergeForm = R"sh(#!/bin/sh
# Merges the shards of {name}{and_checks}. Written by `initsweep submit`, which writes it anew.
#SBATCH --job-name={name}-merge
#SBATCH --nodes=1 --ntasks=1
#SBATCH --requeue --open-mode=append
#SBATCH {log}
{user_lines}
program={program}
folder={folder}
cd {working_folder} || exit 5  # paths in a sweep start there

"$program" merge -o "$folder"{data} -j "${SLURM_CPUS_ON_NODE:-auto}" "$folder"/shards/*-of-{shards}
code=$?
case $code in
  0 | 1 | 3 | 4) ;;  # merged, whatever came out
  *)
    echo "merge.sh: no results yet (exit code $code of merge); this goes on with what is missing:" >&2
    echo "  sh "{submit} >&2
    exit "$code"
    ;;
esac
{check})sh";

constexpr std::string_view kCheckForm = R"sh(
"$program" check "$folder"{data}{baseline} --junit "$folder/checks.xml" --markdown "$folder/checks.md"
)sh";

constexpr std::string_view kNoCheckForm = R"sh(
# The sweep makes no claims (expect) and no --baseline was given: there is nothing to check.
exit "$code"
)sh";

constexpr std::string_view kSubmitForm = R"sh(#!/bin/sh
# Puts the jobs of {name} into Slurm's queue. Written by `initsweep submit`, which writes it anew.
set -eu
array=$(sbatch --parsable {array})
array=${array%%;*}  # JOB;CLUSTER where there are several clusters
[ -n "$array" ] || { echo "submit.sh: sbatch named no job" >&2; exit 1; }
echo "job $array trains {shards} shards; logs are in "{logs}
merge=$(sbatch --parsable --dependency="afterany:$array" {merge})
echo "then job ${merge%%;*} merges them"
)sh";

}  // namespace

fs::path slurm_folder(const fs::path& results) { return results / "slurm"; }

std::string quoted_for_sbatch(std::string_view word) {
  if (quoted_for_script(word) == word) return std::string(word);
  std::string quoted = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

void check_slurm_submission(const SlurmSubmission& submission) {
  const std::string folder = submission.folder.string();
  if (printable(folder) != folder || folder.find('\\') != std::string::npos)
    throw UsageError("Slurm cannot write its logs into " + printable(folder) +
                     ": a backslash or a control character in the name means something else to it; choose another "
                     "folder with -o");
  const std::vector<std::string>& options = submission.sbatch_options;
  if (!options.empty() && !options.front().starts_with('-'))
    throw UsageError("what follows -- are options for sbatch, as in -- --partition=short -c 8; got '" +
                     printable(options.front()) + "'");
  for (const std::string& option : options) {
    if (printable(option) != option)
      throw UsageError("an option for sbatch holds a control character: '" + printable(option) + "'");
    if (names_array(option))
      throw UsageError("--shards says how many tasks the array has; '" + printable(option) + "' is no option here");
    if (option.starts_with("--signal") && !option.starts_with("--signal=B:USR1@"))
      throw UsageError(
          "the scripts wait for USR1 before the time is up: --signal=B:USR1@SECONDS says how long before; got '" +
          printable(option) + "'");
    if (option == "--test-only")
      throw UsageError("'--test-only' is no option here: 'sbatch --test-only' on a script says when it would run");
    if (option.starts_with("--wrap"))
      throw UsageError("'" + printable(option) + "' is no option here: the scripts are what runs");
  }
}

std::string identity_of(const SlurmSubmission& submission) {
  std::string text = std::to_string(submission.shards) +
                     (submission.shards == 1 ? " shard, --isa " : " shards, --isa ") + submission.instruction_set;
  for (const std::string& one : submission.overrides) text += ", --set " + quoted_for_shell(one);
  return text;
}

std::string identity_in(std::string_view array_script) {
  const std::string line_start = "\n" + std::string(kIdentity);
  const std::size_t start = array_script.find(line_start);
  if (start == std::string_view::npos) return {};
  array_script.remove_prefix(start + line_start.size());
  return std::string(array_script.substr(0, array_script.find('\n')));
}

std::string array_script(const SlurmSubmission& s) {
  return filled(kArrayForm, {{"{name}", s.name},
                             {"{shards}", std::to_string(s.shards)},
                             {"{log}", log_option(s, "%A_%a.log")},
                             {"{user_lines}", user_lines(s)},
                             {"{identity}", std::string(kIdentity) + identity_of(s)},
                             {"{program}", path_for_script(s.program)},
                             {"{folder}", path_for_script(s.folder)},
                             {"{working_folder}", path_for_script(s.working_folder)},
                             {"{overrides}", option_words("--set", s.overrides)},
                             {"{isa}", s.instruction_set},
                             {"{data}", option_words("--data", s.data)}});
}

std::string merge_script(const SlurmSubmission& s) {
  const std::vector<Blank> blanks = {
      {"{name}", s.name},
      {"{and_checks}", s.has_check ? " and checks the result" : ""},
      {"{shards}", std::to_string(s.shards)},
      {"{log}", log_option(s, "%j-merge.log")},
      {"{user_lines}", user_lines(s)},
      {"{program}", path_for_script(s.program)},
      {"{folder}", path_for_script(s.folder)},
      {"{working_folder}", path_for_script(s.working_folder)},
      {"{submit}", quoted_for_script(path_for_script(slurm_folder(s.folder) / "submit.sh"))},
      {"{data}", option_words("--data", s.data)},
      {"{baseline}", option_words("--baseline", s.baseline)}};
  const std::string check = filled(s.has_check ? kCheckForm : kNoCheckForm, blanks);
  std::vector<Blank> all = blanks;
  all.push_back({"{check}", check});
  return filled(kMergeForm, all);
}

std::string submit_script(const SlurmSubmission& s) {
  const fs::path folder = slurm_folder(s.folder);
  return filled(kSubmitForm, {{"{name}", s.name},
                              {"{shards}", std::to_string(s.shards)},
                              {"{array}", path_for_script(folder / "array.sh")},
                              {"{merge}", path_for_script(folder / "merge.sh")},
                              {"{logs}", path_for_script(folder)}});
}

}  // namespace initsweep
