"""Scripts for Slurm, without Slurm: what stands in them, what is refused, and what they do when a shell runs them with
Slurm's variables set. tests/slurm has the real thing."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from harness import BINARY, RESULTS, SHORT_JOBS, SWEEP, ProgramTest, write_idx_folder

SAME_BYTES = RESULTS + ["datapackage.json"]
NOT_MERGED = ("9 2", "9 5")  # with jobs missing, or whole shards

# Runs what it is given at once: first come the tasks of an array, one after another and again as often as scontrol puts
# them back; a job that depends on them comes when sbatch is called next. Notes each end as "job exit-code".
SBATCH = """\
#!{python}
import os, re, shlex, subprocess, sys
here = os.path.dirname(os.path.abspath(__file__))
dependencies = [word for word in sys.argv[1:-1] if word.startswith("--dependency=")]
assert sys.argv[1] == "--parsable" and len(sys.argv) == 3 + len(dependencies), sys.argv
script = open(sys.argv[-1]).read()
options = [word for line in re.findall("^#SBATCH (.*)", script, re.M) for word in shlex.split(line)]
array = [word.split("-")[-1] for word in options if word.startswith("--array=")]
output = [word.partition("=")[2] for word in options if word.startswith("--output=")][-1]
job = {{True: "7", False: "9"}}[bool(array)]
open(here + "/log", "a").write(f"sbatch {{dependencies}}\\n")

def run(name, log, **variables):
    for restarts in range(9):
        environment = dict(os.environ, SLURM_JOB_ID=job, SLURM_CPUS_ON_NODE="2", SLURM_RESTART_COUNT=str(restarts))
        with open(log.replace("%%", "%"), "a") as out:
            code = subprocess.run(["sh", "-s"], input=script, text=True, stdout=out, stderr=out, cwd="/",
                                  env=environment | variables).returncode
        lines = open(here + "/log").readlines()
        open(here + "/log", "a").write(f"{{name}} {{code}}\\n")
        if not lines[-1].startswith(f"requeue {{name}}"):
            return

for task in range(1, int(array[0]) + 1) if array else ():
    run(f"7_{{task}}", output.replace("%A", "7").replace("%a", str(task)), SLURM_ARRAY_JOB_ID="7",
        SLURM_ARRAY_TASK_ID=str(task))
if not array:
    run("9", output.replace("%j", "9"))
print(job + ";cluster")
"""

SCONTROL = """\
#!/bin/sh
echo "$@" >>"$(dirname "$0")/log"
"""

# A job that is over at once, and one that never is.
ENDLESS = SWEEP.replace("epochs: 2", "steps: 1").replace("[relu, tanh]", "[relu]") + """\
include:
  - {{activation: tanh, steps: 1000000000, batch_size: 1}}
record: {{layers: {{every: never}}}}
"""

CLAIM = """\
expect:
  - claim: nets of four units tell the digits apart
    metric: test_accuracy
    where: {{activation: relu}}
    over: every_seed
    at_least: {bound}
"""


class SubmitTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.tools = self.folder / "tools"
        self.tools.mkdir()
        for name, text in (("sbatch", SBATCH.format(python=sys.executable)), ("scontrol", SCONTROL)):
            (self.tools / name).write_text(text)
            (self.tools / name).chmod(0o755)
        (self.tools / "log").touch()

    def environment(self):
        environment = super().environment()
        return environment | {"PATH": f"{self.tools}:{environment['PATH']}"}

    def submit(self, *arguments, shards=3):
        return self.run_program("submit", "sweep.yaml", "--shards", shards, *arguments)

    def slurm(self, name, results="out"):
        return (self.folder / results / "slurm" / name).read_text()

    def go(self, line):
        """What a shell makes of the answer."""
        return subprocess.run(["sh"], input=line, cwd=self.folder, env=self.environment(), capture_output=True,
                              text=True, timeout=120)

    def log(self):
        return (self.tools / "log").read_text().splitlines()

    def task_environment(self, task=1):
        return self.environment() | {"SLURM_ARRAY_JOB_ID": "7", "SLURM_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": str(task),
                                     "SLURM_CPUS_ON_NODE": "2"}

    def start_task(self, shell="sh", task=1):
        process = subprocess.Popen([shell, "out/slurm/array.sh"], cwd=self.folder, env=self.task_environment(task),
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)

        def end():
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.communicate()

        self.addCleanup(end)
        return process

    def n_finished(self, task=1, n=1):
        journal = self.folder / f"out/shards/{task}-of-{n}/journal.ndjson"
        return journal.read_bytes().count(b"\n") - 1 if journal.exists() else 0


class Scripts(SubmitTest):
    def test_the_answer_is_a_line_that_puts_it_into_the_queue(self):
        self.write_sweep(SHORT_JOBS)
        result = self.submit()
        self.check(result, 0)
        self.assertEqual(result.stdout, "sh results/short-jobs/slurm/submit.sh\n")
        self.assertRegex(result.stderr, r"96 jobs in 3 shards of \d+ to \d+ jobs")
        self.assertEqual(sorted(os.listdir(self.folder / "results/short-jobs")), ["slurm"])
        self.assertEqual(sorted(os.listdir(self.folder / "results/short-jobs/slurm")),
                         ["array.sh", "merge.sh", "submit.sh", "sweep.yaml"])

    def test_what_stands_in_them(self):
        self.write_sweep()
        (self.folder / "more").mkdir()
        self.check(self.submit("-o", "out", "--set", "epochs=3", "--isa", "portable", "--data", "more"), 0)
        array, merge = self.slurm("array.sh"), self.slurm("merge.sh")
        self.assertEqual(array.splitlines()[:9], [
            "#!/bin/sh",
            "# Trains the shards of tiny, one a task. Written by `initsweep submit`, which writes it anew.",
            "#SBATCH --job-name=tiny",
            "#SBATCH --array=1-3",
            "#SBATCH --nodes=1 --ntasks=1",
            "#SBATCH --requeue --open-mode=append",
            "#SBATCH --signal=B:USR1@60",
            f"#SBATCH --output={self.folder}/out/slurm/%A_%a.log",
            ""])
        self.assertIn(f"\nprogram={BINARY}\nfolder={self.folder}/out\ncd {self.folder} || exit 5", array)
        self.assertIn(f'''\
"$program" run "$folder/slurm/sweep.yaml" --set epochs=3 --shard "$shard/3" -o "$results" \\
  -j "${{SLURM_CPUS_ON_NODE:-auto}}" --isa portable --data {self.folder}/more $retry_failed &
''', array)
        self.assertNotIn("--array", merge)
        self.assertIn("nothing to check", merge)
        self.assertEqual(self.slurm("sweep.yaml"), (self.folder / "sweep.yaml").read_text())
        for script in (array, merge, self.slurm("submit.sh")):
            self.assertIsNone(re.search(r"(?<!\$)\{[a-z]", script), "a blank is not filled")

    def test_options_for_sbatch_come_last_in_both_and_keep_their_words(self):
        self.write_sweep()
        self.check(self.submit("-o", "out", "--", "-p", "short", "--comment=two \"words\" of #1", "--time=5"), 0)
        line = '#SBATCH -p short "--comment=two \\"words\\" of #1" --time=5'
        for name in ("array.sh", "merge.sh"):
            lines = self.slurm(name).splitlines()
            self.assertEqual([each for each in lines if each.startswith("#SBATCH")][-1], line)
        self.assertNotIn("#SBATCH", self.slurm("submit.sh"))

    def test_the_same_again_rewrites(self):
        self.write_sweep()
        self.check(self.submit("-o", "out", "--", "--partition=old"), 0)
        self.check(self.submit("-o", "out/", "--", "--partition=new"), 0)
        self.assertIn("#SBATCH --partition=new\n", self.slurm("array.sh"))
        self.assertNotIn("=old", self.slurm("array.sh"))


class Refusals(SubmitTest):
    def refused(self, message, *arguments, code=2, **options):
        result = self.submit(*arguments, **options)
        self.check(result, code)
        self.assertIn(message, result.stderr)
        self.assertEqual(result.stdout, "")

    def test_a_bad_sweep_is_refused_before_anything_is_written(self):
        self.write_sweep(SWEEP.replace("relu", "rleu"))
        self.refused("sweep.yaml:5:16: error: unknown activation 'rleu'", "-o", "out")
        self.assertFalse((self.folder / "out").exists())

    def test_options_that_the_scripts_must_set_themselves(self):
        self.write_sweep()
        for option in ("--array=1-9", "--arr=2", "-a", "-a1-3"):
            self.refused(f"--shards says how many tasks the array has; '{option}' is no option here", "--", option)
        self.refused("the scripts are what runs", "--", "--wrap=hostname")
        self.refused("what follows -- are options for sbatch", "--", "short")
        self.refused("control character", "--", "--comment=a\nb")
        self.check(self.submit("--", "--account=a", "-Ame"), 0)

    def test_names_that_slurm_reads_otherwise(self):
        self.write_sweep()
        self.refused("Slurm cannot write its logs into", "-o", "back\\slash")
        self.refused("Slurm cannot write its logs into", "-o", "line\nbreak")

    def test_a_baseline_that_is_not_there(self):
        self.write_sweep()
        self.refused("there is no baseline nowhere", "--baseline", "nowhere")

    def test_another_sweep_for_a_folder_that_has_scripts(self):
        self.write_sweep()
        self.check(self.submit("-o", "out", "--isa", "portable"), 0)
        before = self.slurm("array.sh")
        there = "out/slurm has scripts for 3 shards, --isa portable; here it is "
        self.refused(there + "2 shards, --isa portable; choose another folder with -o\n", "-o", "out", "--isa", "portable",
                     shards=2)
        self.refused(there + "3 shards, --isa portable, --set 'grid.depth=[1, 2]'; choose", "-o", "out", "--isa", "portable",
                     "--set", "grid.depth=[1, 2]")
        self.write_sweep(SWEEP.replace("width: 4", "width: 5"))
        self.refused("out/slurm has scripts for another sweep file, or another version of this one\n", "-o", "out",
                     "--isa", "portable")
        self.assertEqual(self.slurm("array.sh"), before)

    def test_a_folder_with_jobs_that_merge_would_lose(self):
        self.write_sweep()
        self.check(self.run_program("run", "sweep.yaml", "-o", "out", "--set", "seeds=2"), 0)
        self.refused("out holds 2 finished jobs that are not of this sweep; choose another folder", "-o", "out")
        self.refused("out holds 4 finished jobs of a whole run, which shards would train again; choose another folder",
                     "-o", "out", "--set", "seeds=3")
        (self.folder / "out/journal.ndjson").unlink()
        self.refused("out holds results without a journal, which a merge would replace", "-o", "out", "--set",
                     "seeds=3")

    def test_a_folder_with_shards_of_another_number(self):
        self.write_sweep()
        self.check(self.run_program("run", "sweep.yaml", "--shard", "1/4", "-o", "out/shards/1-of-4"), 0)
        self.refused("out/shards/1-of-4 is shard 1/4, and one of 3 would train its jobs again: take --shards 4; choose",
                     "-o", "out")
        self.check(self.submit("-o", "out", shards=4), 0)

    def test_a_signal_that_the_scripts_do_not_wait_for(self):
        self.write_sweep()
        self.refused("--signal=B:USR1@SECONDS says how long before; got '--signal=USR2@30'", "--", "--signal=USR2@30")
        self.refused("'--test-only' is no option here", "--", "--test-only")
        self.check(self.submit("--", "--signal=B:USR1@300"), 0)


class Queue(SubmitTest):
    """Through `sh` and a sbatch that runs everything at once."""

    def test_ends_in_the_bytes_of_one_run(self):
        self.write_sweep(SHORT_JOBS)
        self.check(self.run_program("run", "sweep.yaml", "-o", "one"), 0)
        ended = self.go(self.submit("-o", "out").stdout)
        self.check(ended, 0)
        self.assertEqual(ended.stdout, f"job 7 trains 3 shards; logs are in {self.folder}/out/slurm\n"
                         "then job 9 merges them\n")
        self.assertEqual(self.log(), ["sbatch []", "7_1 0", "7_2 0", "7_3 0",
                                      "sbatch ['--dependency=afterany:7']", "9 0"])
        for name in SAME_BYTES:
            self.assertEqual((self.folder / "out" / name).read_bytes(), (self.folder / "one" / name).read_bytes(), name)
        self.assertRegex(self.slurm("7_2.log"), r"training \d+ jobs on 2 threads")
        self.assertIn("\npassed: 4 hold\n", self.slurm("9-merge.log"))
        self.assertIn("<testsuite", (self.folder / "out/checks.xml").read_text())
        self.assertIn("short-jobs", (self.folder / "out/checks.md").read_text())

        self.check(self.go(self.submit("-o", "out").stdout), 0)  # once more: nothing is trained again
        self.assertIn("nothing to train", self.slurm("7_1.log"))

    def test_awkward_names(self):
        self.write_sweep()
        folder = "it's 50% of \"é\" #1"
        result = self.submit("-o", folder, "--set", "grid.activation=[ relu , tanh ]", shards=2)
        self.check(result, 0)
        self.check(self.go(result.stdout), 0)
        self.assertEqual(self.log(), ["sbatch []", "7_1 0", "7_2 0", "sbatch ['--dependency=afterany:7']", "9 0"])
        self.assertEqual(len(self.rows(folder, "jobs.csv")), 2)

    def test_who_edits_the_sweep_later_does_not_change_what_was_submitted(self):
        self.write_sweep()
        line = self.submit("-o", "out", shards=2).stdout
        self.write_sweep(SWEEP.replace("epochs: 2", "epochs: 9"))
        self.check(self.go(line), 0)
        self.assertEqual({row["epochs_run"] for row in self.rows("out", "jobs.csv")}, {"2"})

    def test_what_the_check_says_is_what_the_last_job_ends_with(self):
        for bound, code in (("0.01", "9 0"), ("1.0", "9 1")):
            with self.subTest(bound=bound):
                self.write_sweep(SWEEP + CLAIM.replace("{bound}", bound))
                self.check(self.go(self.submit("-o", f"out-{bound}", shards=1).stdout), 0)
                self.assertEqual(self.log()[-4:], ["sbatch []", "7_1 0", "sbatch ['--dependency=afterany:7']", code])

    def test_compares_with_the_baseline(self):
        self.write_sweep()
        self.check(self.run_program("run", "sweep.yaml", "-o", "one"), 0)
        self.check(self.run_program("baseline", "accept", "one", "-o", "base", "--reason", "first"), 0)
        self.check(self.go(self.submit("-o", "out", "--baseline", "base", shards=2).stdout), 0)
        self.assertEqual(self.log()[-1], "9 0")
        self.assertIn("2 of 2 jobs of both have the same digest", self.slurm("9-merge.log"))

    def test_failed_jobs_are_tried_twice_more_and_merged(self):
        self.write_sweep(ENDLESS + "limits: {{job_timeout: 0.3}}\n")
        self.check(self.go(self.submit("-o", "out", shards=1).stdout), 0)
        self.assertEqual(self.log(), ["sbatch []"] + ["requeue 7_1", "7_1 3"] * 2 +
                         ["7_1 3", "sbatch ['--dependency=afterany:7']", "9 3"])
        output = self.slurm("7_1.log")
        self.assertEqual(output.count("training 1 job on 2 threads; 1 finished before"), 2, output)
        self.assertIn("task 7_1: failed with exit code 3, and not for the first time", output)
        self.assertEqual(sorted(row["status"] for row in self.rows("out", "jobs.csv")), ["ok", "timeout"])

    def test_a_failing_environment_is_tried_twice_more_and_nothing_is_merged(self):
        self.write_sweep()
        line = self.submit("-o", "out", shards=2).stdout
        shutil.rmtree(self.data)
        self.check(self.go(line), 0)
        thrice = [line for task in ("7_1", "7_2") for line in [f"requeue {task}", f"{task} 5"] * 2 + [f"{task} 5"]]
        self.assertEqual(self.log()[:-1], ["sbatch []"] + thrice + ["sbatch ['--dependency=afterany:7']"])
        self.assertIn(self.log()[-1], NOT_MERGED)
        self.assertRegex(self.slurm("9-merge.log"), "merge.sh: no results yet .exit code [25] of merge.; this goes on "
                         f"with what is missing:\n  sh {self.folder}/out/slurm/submit.sh\n")
        self.assertFalse((self.folder / "out/jobs.csv").exists())

        write_idx_folder(self.data)
        self.check(self.go(line), 0)
        self.assertEqual(self.log()[-1], "9 0")

    def test_wrong_usage_is_not_tried_again(self):
        self.write_sweep()
        line = self.submit("-o", "out", shards=1).stdout
        with open(self.folder / "out/slurm/sweep.yaml", "a") as file:
            file.write("wrong: 1\n")
        self.check(self.go(line), 0)
        self.assertEqual(self.log()[:-1], ["sbatch []", "7_1 2", "sbatch ['--dependency=afterany:7']"])
        self.assertIn(self.log()[-1], NOT_MERGED)


class Signals(SubmitTest):
    SHELLS = [shell for shell in ("sh", "bash") if shutil.which(shell)]

    def setUp(self):
        super().setUp()
        self.write_sweep(ENDLESS)
        self.check(self.submit("-o", "out", shards=1), 0)

    def started(self, n=1, shell="sh"):
        """A task whose endless job is under way, with n others finished."""
        process = self.start_task(shell)
        self.wait_for(lambda: self.n_finished() == n, process)
        return process

    def end(self, process):
        output = process.communicate(timeout=60)[0]
        return process.returncode, output

    def training(self, process):
        """The program below the shell; None before it is there."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == process.pid and (folder / "comm").read_text() == "initsweep\n":
                    return int(folder.name)
            except OSError:  # it has ended meanwhile
                pass
        return None

    def test_sigterm_keeps_what_is_finished_and_puts_nothing_back(self):
        for shell in self.SHELLS:
            with self.subTest(shell=shell):
                shutil.rmtree(self.folder / "out/shards", ignore_errors=True)
                process = self.started(shell=shell)
                process.terminate()
                code, output = self.end(process)
                self.assertEqual(code, 143, output)
                self.assertIn("stopped by SIGTERM", output)
                self.assertEqual(self.log(), [])
                self.assertEqual(self.n_finished(), 1)
                again = self.started(shell=shell)
                time.sleep(0.2)
                os.killpg(again.pid, signal.SIGTERM)  # as Slurm does: to all processes of the task
                code, output = self.end(again)
                self.assertEqual((code, self.log()), (143, []), output)
                self.assertIn("training 1 job on 2 threads; 1 finished before", output)

    def test_near_its_end_a_task_is_put_back_if_this_go_has_finished_something(self):
        for shell in self.SHELLS:
            with self.subTest(shell=shell):
                shutil.rmtree(self.folder / "out/shards", ignore_errors=True)
                (self.tools / "log").write_text("")
                process = self.started(shell=shell)
                process.send_signal(signal.SIGUSR1)
                code, output = self.end(process)
                self.assertEqual((code, self.log()), (143, ["requeue 7_1"]), output)
                self.assertIn("task 7_1: its time is nearly over; it goes back into the queue", output)

                process = self.start_task(shell)
                while "finished before" not in (line := process.stdout.readline()):
                    self.assertNotEqual(line, "")
                process.send_signal(signal.SIGUSR1)
                code, output = self.end(process)
                self.assertEqual((code, self.log()), (143, ["requeue 7_1"]), output)
                self.assertIn("task 7_1: the time limit is too short for a single job", output)

    def test_a_cancelled_task_stays_cancelled_although_its_end_is_near(self):
        for signals in ((signal.SIGUSR1, signal.SIGTERM), (signal.SIGTERM, signal.SIGUSR1)):
            with self.subTest(signals=signals):
                shutil.rmtree(self.folder / "out/shards", ignore_errors=True)
                process = self.started()
                training = self.training(process)
                os.kill(training, signal.SIGSTOP)  # so that both come before it ends
                for each in signals:
                    process.send_signal(each)
                    time.sleep(0.1)
                os.kill(training, signal.SIGCONT)
                code, output = self.end(process)
                self.assertEqual((code, self.log()), (143, []), output)

    def test_a_program_that_is_killed_is_put_back_twice(self):
        process = self.started()
        os.kill(self.training(process), signal.SIGKILL)
        self.assertEqual(self.end(process)[0], 137)
        for _ in range(2):
            again = self.start_task()
            self.wait_for(lambda: self.training(again), again)
            os.kill(self.training(again), signal.SIGKILL)
            self.assertEqual(self.end(again)[0], 137)
            self.assertEqual(self.log(), ["requeue 7_1"] * 2)


if __name__ == "__main__":
    unittest.main()
