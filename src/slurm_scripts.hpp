// A sweep as scripts for Slurm: an array whose tasks train a shard each, and a job after it that merges and checks.
//
// What Slurm does to a task, and what the script makes of it (tests/slurm tries preemption, scancel, the end of the
// time and a node that dies on a real cluster; the rest was tried by hand):
// - Preemption, scancel, `scontrol requeue` and the end of the time send SIGTERM to all processes of the task, and
//   SIGKILL KillWait seconds later. The program keeps what is finished and ends. Whether the task comes back Slurm has
//   decided already: of what was preempted or put back yes, of what was cancelled no.
// - A minute or two before the end of the time comes SIGUSR1, to the script alone, because it asks for that; where the
//   site says preempt_send_user_signal, at the start of a preemption too. It stops the program and puts the task back
//   itself, as long as each go finishes at least one job.
// - A node that dies puts its tasks back after SlurmdTimeout. Nobody is told.
// - A go that fails puts its task back twice, failed jobs included; wrong usage never, it would be wrong again.
// The program runs without srun, which a preemption with GraceTime stops as soon as that begins instead of ends.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace initsweep {

struct SlurmSubmission {
  std::string name;                                       // of the sweep
  int shards = 1;                                         // tasks of the array
  std::filesystem::path program, folder, working_folder;  // absolute; of the results; that paths in a sweep start from
  std::vector<std::string> overrides;                     // --set
  std::string instruction_set;                            // --isa
  std::string data, baseline;                             // absolute; "" if not given
  bool has_check = true;                                  // there is something to check: claims or a baseline
  std::vector<std::string> sbatch_options;                // of the user, for both jobs
};

// Where they are: DIR/slurm/array.sh, merge.sh, submit.sh, and the sweep itself as sweep.yaml.
[[nodiscard]] std::filesystem::path slurm_folder(const std::filesystem::path& results);

// Throws UsageError for what scripts cannot say: an option that they must set themselves, or words that Slurm would
// take apart.
void check_slurm_submission(const SlurmSubmission& submission);

[[nodiscard]] std::string array_script(const SlurmSubmission& submission);
[[nodiscard]] std::string merge_script(const SlurmSubmission& submission);
[[nodiscard]] std::string submit_script(const SlurmSubmission& submission);

// What has to be the same for tasks of old scripts and of new ones to work on one sweep, besides its text, as
// array_script writes it: "4 shards, --isa x86-64-v3, --set epochs=1".
[[nodiscard]] std::string identity_of(const SlurmSubmission& submission);
// The same, read back from an array script; "" if it has none.
[[nodiscard]] std::string identity_in(std::string_view array_script);

// A word of a line that starts with #SBATCH.
[[nodiscard]] std::string quoted_for_sbatch(std::string_view word);

}  // namespace initsweep
