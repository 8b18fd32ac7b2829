"""What `initsweep submit` writes, on a real Slurm: two nodes on this machine (cluster.py).

Nodes die, tasks are preempted, killed, cancelled and run out of time. No finished job is trained again, and in the end
stand the bytes of a run on one machine. Takes minutes, most of them Slurm's own delays, so only with INITSWEEP_LONG.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
from cluster import Cluster, kill, why_not  # noqa: E402
from harness import BINARY, LONG, RESULTS, ProgramTest, write_idx_folder  # noqa: E402

WHY_NOT = "it takes minutes; INITSWEEP_LONG is not set" if not LONG else why_not()
SAME_BYTES = RESULTS + ["datapackage.json"]

# Four cells; a job takes a tenth of a second or two.
SWEEP = """\
version: 1
name: on-slurm
settings: {{dataset: "idx:{data}", width: 8, epochs: 60, batch_size: 4}}
grid:
  activation: [relu, tanh]
  depth: [1, 2]
seeds: {seeds}
record: {{layers: {{every: never}}}}
expect:
  - claim: a net learns something
    metric: test_accuracy
    where: {{activation: tanh}}
    at_least: 0.2
"""


def shard_of(job_id, n=2):
    return int(job_id[2:], 16) % n + 1


@unittest.skipIf(WHY_NOT, WHY_NOT)
class SlurmTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="initsweep-slurm-")
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.cluster = Cluster(folder)
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()

    def setUp(self):
        super().setUp()
        write_idx_folder(self.data, n_train=1000)
        self.addCleanup(self.empty_queue)
        self.addCleanup(self.show_logs)

    def environment(self):
        return super().environment() | {"SLURM_CONF": str(self.cluster.folder / "slurm.conf")}

    def empty_queue(self):
        self.cluster.run("scancel", "--user=root")
        self.wait_until(lambda: not self.queue(), "the queue is empty")

    def show_logs(self):
        """After a failure, what the tasks said and what the queue looks like."""
        if not self._outcome.success:
            for path in sorted(self.folder.glob("*/slurm/*.log")):
                print(f"== {path}\n{path.read_text()}", file=sys.stderr)
            print(self.cluster.run("squeue"), self.cluster.logs(), file=sys.stderr)

    def wait_until(self, condition, what):
        self.cluster.wait_for(condition, what, seconds=300)

    def prepare(self, seconds):
        """A sweep that keeps one processor busy for so long, and what one run makes of it."""
        self.run_once(seeds=2)
        busy = sum(float(row["cpu_s"]) for row in self.rows("one", "trace.csv"))
        shutil.rmtree(self.folder / "one")
        self.run_once(seeds=round(2 * seconds / busy))

    def run_once(self, seeds):
        (self.folder / "sweep.yaml").write_text(SWEEP.format(data=self.data, seeds=seeds))
        self.check(self.run_program("run", "sweep.yaml", "-o", "one"), 0)

    def submit(self, *options, shards=2):
        """Ids of the array and of the job that merges."""
        line = self.run_program("submit", "sweep.yaml", "-o", "out", "--shards", shards, "--", *options).stdout
        said = subprocess.run(["sh"], input=line, cwd=self.folder, env=self.environment(), capture_output=True,
                              text=True, check=True).stdout
        return re.match(r"job (\d+) trains \d+ shards; [^\n]*\nthen job (\d+) merges them", said).groups()

    def queue(self):
        """Of each job that waits or runs: state, node."""
        lines = self.cluster.run("squeue", "--noheader", "--array", "--format=%i %T %N").splitlines()
        return {line.split()[0]: line.split()[1:] for line in lines}

    def job(self, job):
        """What Slurm knows of it, by name."""
        text = self.cluster.run("scontrol", "--oneliner", "show", "job", job)
        return dict(word.split("=", 1) for word in text.split() if "=" in word)

    def journal(self, shard, n=2):
        """Ids of its finished jobs, as often as they were trained."""
        path = self.folder / f"out/shards/{shard}-of-{n}/journal.ndjson"
        lines = path.read_bytes().split(b"\n")[1:-1] if path.exists() else []
        return [json.loads(line)["job"]["job_id"] for line in lines]

    def wait_for_jobs(self, *shards, at_least=2, n=2):
        """Until some of each shard's jobs are finished."""
        self.wait_until(lambda: all(len(self.journal(shard, n)) >= at_least for shard in shards), "jobs are finished")
        return {shard: self.journal(shard, n) for shard in shards}

    def wait_for_end(self):
        self.wait_until(lambda: not self.queue(), "the queue is empty")

    def status(self):
        return self.run_program("status", "out").stdout

    def log(self, job):
        return "".join(path.read_text() for path in self.folder.glob(f"out/slurm/{job}*.log"))

    def nodes_running(self, array):
        return {value[1]: job for job, value in self.queue().items() if job.startswith(array) and value[0] == "RUNNING"}

    def check_same_as_one_run(self, merge, n=2):
        self.assertEqual(self.job(merge)["JobState"], "COMPLETED", self.log(merge))
        for name in SAME_BYTES:
            self.assertEqual((self.folder / "out" / name).read_bytes(), (self.folder / "one" / name).read_bytes(), name)
        trained = [job for shard in range(1, n + 1) for job in self.journal(shard, n)]
        planned = [row["job_id"] for row in self.rows("one", "jobs.csv")]
        self.assertEqual(sorted(trained), sorted(planned), "each job is trained once")
        self.assertEqual(sorted(row["job_id"] for row in self.rows("out", "trace.csv")), sorted(planned))
        self.assertIn("passed: 2 hold", self.log(merge))

    def program_of(self, task):
        """The id of the process that trains the task's shard."""
        for pid in self.cluster.processes_of():
            environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            is_its = f"SLURM_ARRAY_TASK_ID={task}".encode() in environment
            if is_its and Path(f"/proc/{pid}/comm").read_text() == "initsweep\n":
                return pid
        raise LookupError(task)

    def test_a_node_dies(self):
        self.prepare(seconds=14)
        array, merge = self.submit()
        self.wait_until(lambda: set(self.nodes_running(array)) == {"n1", "n2"}, "both nodes train")
        victim = int(self.nodes_running(array)["n1"].partition("_")[2])
        before = self.wait_for_jobs(victim, at_least=3)[victim]
        self.cluster.kill_node("n1")
        killed_with = self.journal(victim)
        planned = [row["job_id"] for row in self.rows("one", "jobs.csv")]
        self.assertLess(len(killed_with), sum(shard_of(job) == victim for job in planned), "it was killed in the midst")
        self.assertRegex(self.status(), fr"(?m)^all +{len(planned)} ")
        self.wait_until(lambda: self.cluster.node_states()["n1"].startswith("down"), "Slurm notices")
        self.wait_for_end()
        self.assertEqual(self.journal(victim)[:len(before)], before)
        self.assertIn(f"; {len(killed_with)} finished before", self.log(f"{array}_{victim}"))
        self.assertEqual(self.job(f"{array}_{victim}")["Restarts"], "1")
        self.assertEqual(self.job(f"{array}_{victim}")["NodeList"], "n2")
        self.check_same_as_one_run(merge)
        self.cluster.start_node("n1")
        self.wait_until(lambda: self.cluster.node_states()["n1"] == "idle", "n1 is back")

    def test_tasks_are_preempted_and_one_is_killed(self):
        self.prepare(seconds=18)
        array, merge = self.submit("--partition=low", "--comment=two words")
        before = self.wait_for_jobs(1, 2)
        urgent = self.cluster.run("sbatch", "--parsable", "--partition=high", "--nodes=2", "--output=/dev/null",
                                  "--wrap=sleep 1").strip()
        self.wait_until(lambda: self.job(urgent)["JobState"] == "COMPLETED", "the urgent job is done")
        stopped = {task: self.journal(task) for task in (1, 2)}
        for task in (1, 2):
            self.assertEqual(stopped[task][:len(before[task])], before[task])
            self.assertIn("stopped by SIGTERM", self.log(f"{array}_{task}"))
            self.assertEqual(self.job(f"{array}_{task}")["Comment"], "two")  # words, split at the space by job()
        # The last task, since its job id is that of the whole array: only it goes back.
        self.wait_until(lambda: len(self.journal(2)) > len(stopped[2]), "the second shard goes on")
        kill(self.program_of(2))
        self.wait_for_end()
        self.assertIn("failed with exit code 137; it goes back into the queue", self.log(f"{array}_2"))
        self.assertEqual([self.job(f"{array}_{task}")["Restarts"] for task in (1, 2)], ["1", "2"])
        self.check_same_as_one_run(merge)

    def test_a_cancelled_task_stays_cancelled_until_it_is_submitted_again(self):
        self.prepare(seconds=10)
        array, merge = self.submit()
        self.wait_for_jobs(1, 2)
        self.cluster.run("scancel", f"{array}_1")
        self.wait_for_end()
        self.assertEqual(self.job(f"{array}_1")["JobState"], "CANCELLED")
        self.assertEqual(self.job(f"{array}_2")["JobState"], "COMPLETED")
        self.assertEqual((self.job(merge)["JobState"], self.job(merge)["ExitCode"]), ("FAILED", "2:0"))
        self.assertIn("merge.sh: no results yet", self.log(merge))
        n_kept = len(self.journal(1))
        self.assertGreaterEqual(n_kept, 2)
        again, merge = self.submit()
        self.wait_for_end()
        self.assertIn(f"; {n_kept} finished before", self.log(f"{again}_1"))
        self.check_same_as_one_run(merge)

    def test_a_time_limit_that_is_too_short_means_several_goes(self):
        self.prepare(seconds=48)  # a go has 15 to 45: Slurm looks twice a minute
        array, merge = self.submit("--time=1", "--signal=B:USR1@15", shards=1)
        self.wait_for_end()
        output = self.log(f"{array}_1")
        self.assertIn("its time is nearly over; it goes back into the queue", output)
        self.assertNotIn("DUE TO TIME LIMIT", output)
        self.assertGreaterEqual(int(self.job(f"{array}_1")["Restarts"]), 1)
        self.check_same_as_one_run(merge, n=1)


if __name__ == "__main__":
    unittest.main()
