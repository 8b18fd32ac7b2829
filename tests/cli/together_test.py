"""Others at the same folder while a run writes it: a second run, `status`, `show`, and readers of its CSVs."""

import os
import re
import shutil
import signal
import time
import unittest

from faulty import FOUR, LIBRARY, FaultyTest
from harness import RESULTS, SHORT_JOBS, ProgramTest
from signals_test import ENDLESS

IN_USE = r"results/endless: error: in use by process {} on \S+ since \S+; wait for it, or choose another folder with -o\n"


class SecondRun(ProgramTest):
    def start(self):
        process = self.start_program("run", self.write_sweep(ENDLESS), "-j2", "--progress", "none")
        self.wait_for((self.folder / "results/endless/run.json").exists, process)
        return process

    def test_names_the_first_and_touches_nothing(self):
        process = self.start()
        before = (self.folder / "results/endless/run.json").read_bytes()
        for options in ([], ["--fresh"], ["--replan", "--set", "steps=5"]):
            result = self.run_program("run", "sweep.yaml", "-q", *options)
            self.check(result, 5)
            self.assertRegex(result.stderr, rf"\A{IN_USE.format(process.pid)}\Z")
        self.assertEqual((self.folder / "results/endless/run.json").read_bytes(), before)
        self.assertEqual([p.name for p in (self.folder / "results").iterdir()], ["endless"])
        self.assertIsNone(process.poll())

    def test_is_refused_even_when_the_lock_file_was_deleted(self):
        process = self.start()
        (self.folder / "results/endless/.lock").unlink()
        self.check(self.run_program("run", "sweep.yaml", "-q"), 5,
                   "results/endless/journal.ndjson: error: another process is writing it; wait for it, or choose "
                   "another folder with -o\n")
        self.assertIsNone(process.poll())

    def test_takes_over_the_lock_of_a_dead_process(self):
        process = self.start()
        process.kill()
        process.wait()
        self.assertIn(str(process.pid), (self.folder / "results/endless/.lock").read_text())
        self.write_sweep(ENDLESS.replace("steps: 100000000", "steps: 1"))
        self.check(self.run_program("run", "sweep.yaml", "--replan"), 0)


@unittest.skipUnless(LIBRARY, "INITSWEEP_FAULTS names no library")
class Readers(FaultyTest):
    def test_see_whole_files_at_every_moment_of_a_run(self):
        """A second run adds two jobs to a folder of two, and is stopped at each call on a file, within it."""
        sweep = self.write_sweep(FOUR)
        half = ("--set", "seeds=1")
        self.check(self.run_program("run", sweep, "-o", "half", *half), 0)
        digests, _ = self.undisturbed(sweep)
        shutil.copytree(self.folder / "half", self.folder / "counted")
        self.check(self.run_faulty("run", sweep, "-j1", out="counted", log="counted.log"), 0)
        states = {name: {(self.folder / out / name).read_bytes() for out in ("half", "counted")} for name in RESULTS}
        for n, (_, _, at) in enumerate(self.sure_calls("counted.log"), start=1):
            with self.subTest(call=at):
                out = f"stopped-{n}"
                shutil.copytree(self.folder / "half", self.folder / out)
                process = self.start_program("run", sweep, "-o", out, "-j1", "-q", env=self.faults(out, "stop", at))
                self.assertTrue(os.WIFSTOPPED(os.waitpid(process.pid, os.WUNTRACED)[1]))
                for name in RESULTS:
                    self.assertIn((self.folder / out / name).read_bytes(), states[name], name)
                status = self.run_program("status", out, "--format", "csv")
                self.check(status, 0, stderr="")
                self.assertRegex(status.stdout, r"\n(2,2|4,[234]),0,0,0,[0-2]\n\Z")
                self.check(self.run_program("show", out), 0, stderr="")
                if n > 2:  # the lock is taken by then
                    self.check(self.run_program("run", sweep, "-o", out, "-q"), 5)
                process.send_signal(signal.SIGCONT)
                self.assertEqual(process.communicate(timeout=60)[1], "")
                self.assertEqual(process.returncode, 0)
                self.assertEqual(self.digests(out), digests)

    def test_status_only_ever_grows(self):
        sweep = self.write_sweep(SHORT_JOBS)
        process = self.start_program("run", sweep, "-o", "out", "-q", "-j1", env=self.faults("out", how="slow"))
        self.wait_for((self.folder / "out/run.json").exists, process)
        counts = []
        while process.poll() is None:
            process.send_signal(signal.SIGSTOP)  # so that many looks fit into it, however slow they are
            status = self.run_program("status", "out", "--format", "csv")
            process.send_signal(signal.SIGCONT)
            time.sleep(0.02)
            self.check(status, 0, stderr="")
            counts.append(int(re.search(r"\n96,(\d+),", status.stdout)[1]))
        self.assertEqual(process.returncode, 0)
        self.assertEqual(counts, sorted(counts))
        self.assertGreater(len(set(counts)), 2, "the run was looked at in its midst")


if __name__ == "__main__":
    unittest.main()
