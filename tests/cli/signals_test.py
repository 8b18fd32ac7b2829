"""Kills, stops, two runs at once, and readers that go away."""

import random
import re
import signal
import subprocess
import time
import unittest

from harness import BINARY, LONG, SHORT_JOBS, ProgramTest
from run_test import TWELVE

# Jobs that do not end by themselves while a test looks on.
ENDLESS = """\
version: 1
name: endless
settings: {{dataset: "idx:{data}", depth: 1, width: 4, steps: 100000000, batch_size: 1}}
grid: {{activation: [relu, tanh, elu]}}
record: {{layers: {{every: never}}}}
"""
# 300 jobs: three kills within a tenth of a second cannot come to their end.
MANY = TWELVE.replace("seeds: 2", "seeds: 50").replace("epochs: 3", "epochs: 60")


class Signals(ProgramTest):
    def start_and_wait(self, *arguments):
        """The program, once its jobs are training."""
        process = self.start_program(*arguments, "-v", "--progress", "none")
        for line in process.stderr:
            if "starts " in line:
                return process
        self.fail("the program ended before it trained anything")

    def test_sigkill_in_the_middle_and_a_resume_end_in_the_same_bytes(self):
        sweep = self.write_sweep(MANY)
        self.check(self.run_program("run", sweep, "-o", "undisturbed"), 0)
        draw = random.Random()
        killed = 0
        for _ in range(3):
            process = self.start_and_wait("run", sweep, "-o", "killed")
            time.sleep(draw.uniform(0, 0.1))
            process.kill()
            killed += process.wait() == -signal.SIGKILL
            if (self.folder / "killed/jobs.csv").exists():
                break
        self.assertGreater(killed, 0, "the sweep is too short to be killed")
        self.check(self.run_program("run", sweep, "-o", "killed"), 0)
        self.assertEqual(self.digests("killed"), self.digests("undisturbed"))
        self.assertEqual(len({row["job_id"] for row in self.rows("killed", "trace.csv")}), 300)
        self.assertEqual(len(self.rows("killed", "trace.csv")), 300, "no finished job is trained twice")

    def test_sigterm_and_sighup_stop_at_the_next_batch_and_print_the_line_to_resume(self):
        sweep = self.write_sweep(ENDLESS)
        for number, code in ((signal.SIGTERM, 143), (signal.SIGHUP, 129)):
            with self.subTest(number):
                process = self.start_and_wait("run", sweep, "-j2")
                process.send_signal(number)
                _, stderr = process.communicate(timeout=30)
                self.assertEqual(process.returncode, code, stderr)
                self.assertTrue(stderr.endswith(
                    f"stopped by {number.name}\nwhat is finished is kept in results/endless; to resume:\n"
                    f"  {BINARY} run sweep.yaml -j2 -v --progress none\n"), stderr)
                self.assertEqual(self.rows("results/endless", "jobs.csv"), [])

    def test_sigint_once_finishes_what_runs(self):
        sweep = self.write_sweep(MANY)
        process = self.start_and_wait("run", sweep, "-j1")
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, stderr)
        n = len(self.rows("results/twelve", "jobs.csv"))
        self.assertTrue(0 < n < 300, n)
        self.check(self.run_program("run", sweep), 0)

    def test_sigint_twice_stops_at_the_next_batch_and_three_times_at_once(self):
        sweep = self.write_sweep(ENDLESS)
        process = self.start_and_wait("run", sweep)
        process.send_signal(signal.SIGINT)
        for line in process.stderr:
            if line.startswith("SIGINT: starting nothing new"):
                break
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130, stderr)
        self.assertIn("SIGINT: stopping at the next mini-batch\n", stderr)

        process = self.start_and_wait("run", sweep)
        for _ in range(600):  # signals of one kind that meet are one
            if process.poll() is not None:
                break
            process.send_signal(signal.SIGINT)
            time.sleep(0.05)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130)

    def test_sigusr1_prints_the_status(self):
        process = self.start_and_wait("run", self.write_sweep(ENDLESS), "-j2")
        process.send_signal(signal.SIGUSR1)
        line = next(line for line in process.stderr if "done" in line)
        self.assertRegex(line, r"\A0/3 done, 2 running, 0 failed, 0 diverged, [0-9.]+ s\n\Z")
        self.assertIsNone(process.poll())

    def test_a_closed_stdout_ends_quietly_after_the_work_is_done(self):
        sweep = self.write_sweep()
        shell = subprocess.run(["sh", "-c", f"'{BINARY}' run {sweep} -q | true"], cwd=self.folder, timeout=60,
                               capture_output=True, text=True, env=self.environment())
        self.assertEqual(shell.stderr, "")
        for _ in range(100):  # `true` has ended, and so the shell, before the program has
            if (self.folder / "results/tiny/datapackage.json").exists():
                break
            time.sleep(0.05)
        self.assertEqual(len(self.rows("results/tiny", "jobs.csv")), 2)

    def test_plain_progress_is_whole_lines(self):
        result = self.run_program("run", self.write_sweep(), "--progress", "plain")
        self.check(result, 0)
        self.assertTrue(re.search(r"(?m)^2/2 done, 0 running, 0 failed, 0 diverged, [0-9.]+ s", result.stderr),
                        result.stderr)
        self.assertNotIn("\r", result.stderr)


class RandomMoments(ProgramTest):
    N_STOPS = 300 if LONG else 30

    def test_stops_lose_nothing_and_exit_as_promised(self):
        sweep = self.write_sweep(SHORT_JOBS)
        self.check(self.run_program("run", sweep, "-o", "undisturbed"), 0)
        digests = self.digests("undisturbed")
        seed = random.randrange(10**9)
        draw = random.Random(seed)
        n_stopped = 0
        with self.subTest(seed=seed):
            for attempt in range(self.N_STOPS):
                out = f"out-{attempt // 5}"  # several stops of one sweep
                number, times = draw.choice(((signal.SIGINT, 1), (signal.SIGINT, 2), (signal.SIGINT, 3),
                                             (signal.SIGTERM, 1), (signal.SIGTERM, 2), (signal.SIGHUP, 1)))
                process = self.start_program("run", sweep, "-o", out, f"-j{draw.choice((1, 2, 8))}", "-q")
                if attempt % 2 == 0:  # half of them when it surely runs, however slow the machine
                    self.wait_for((self.folder / out / "run.json").exists, process)
                time.sleep(draw.uniform(0, 0.3))
                for _ in range(times):
                    process.send_signal(number)
                    time.sleep(0.005)
                _, stderr = process.communicate(timeout=60)
                # 0: the run was over, or all that was left ran already; -number: before the handlers were in place.
                self.assertIn(process.returncode, (128 + number, 0, -number), stderr)
                n_stopped += process.returncode == 128 + number
                if process.returncode == 128 + number and times < 3:
                    self.assertIn(f"stopped by {number.name}\nwhat is finished is kept in {out}; to resume:\n", stderr)
                if attempt % 5 == 4:
                    self.check(self.run_program("run", sweep, "-o", out), 0)
                    self.assertEqual(self.digests(out), digests)
                    self.assertEqual(len(self.rows(out, "trace.csv")), 96, "no finished job is trained twice")
        self.assertGreater(n_stopped, 0)


if __name__ == "__main__":
    unittest.main()
