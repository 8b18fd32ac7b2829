"""Disks that fill up, fail, are read-only or go away: exit code 5, a folder that can be read, and a resume that ends in
the bytes of an undisturbed run."""

import os
import shutil
import subprocess
import unittest

from faulty import FOUR, FaultyTest, journal_lines
from harness import BINARY, LONG, ProgramTest
from signals_test import ENDLESS

FAILING = {"enospc": "No space left on device", "eio": "Input/output error"}


class EveryCallFails(FaultyTest):
    def test_a_full_or_failing_disk_is_told_and_loses_nothing(self):
        sweep = self.write_sweep(FOUR)
        digests, calls = self.undisturbed(sweep)
        for n, (name, path, at) in enumerate(calls, start=1):
            for how, reason in FAILING.items():
                with self.subTest(call=at, how=how):
                    out = f"{how}-{n}"
                    result = self.run_faulty("run", sweep, "-j1", out=out, how=how, at=at)
                    takes_space = name not in ("rename", "ftruncate") and not path.endswith("/journal.ndjson")
                    if how == "enospc" and not takes_space and result.returncode == 0:
                        continue  # the last renames need no space
                    self.check(result, 5)
                    self.assertIn(f"error: cannot {'make this folder' if name == 'mkdir' else 'write'}: {reason}"
                                  if name != "open" else reason, result.stderr)
                    self.assertEqual([p.name for p in self.folder.glob(f"{out}/.*initsweep-*")], [], "leftovers")
                    if (self.folder / out).exists():
                        self.check_readable(out, 4)
                    self.check_resume(sweep, out, digests, 4)


# A private mount namespace: as root, or where users may have namespaces.
UNSHARE = ["unshare", "--user", "--map-root-user", "--mount"]
HAS_MOUNTS = subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0 if shutil.which(
    "unshare") else False


@unittest.skipUnless(HAS_MOUNTS, "unshare cannot make a mount namespace here")
class SmallDisk(ProgramTest):
    """A tmpfs of a few pages, mounted for one shell script and gone after it."""

    def script(self, size, text):
        """Runs with DIR on a tmpfs of `size` bytes; $RUN is the program with the sweep. What lies in DIR at the end
        comes back in `kept`."""
        (self.folder / "small").mkdir(exist_ok=True)
        kept = self.folder / "kept"
        shutil.rmtree(kept, ignore_errors=True)
        setup = f"set -u; mount -t tmpfs -o size={size} tmpfs small; run() {{ '{BINARY}' \"$@\"; }}\n"
        done = subprocess.run([*UNSHARE, "sh", "-c", setup + text + "\ncp -a small kept\n"], cwd=self.folder,
                              env=self.environment(), capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def test_fills_up_is_read_gets_space_and_is_resumed(self):
        sweep = self.write_sweep(FOUR.replace("seeds: 2", "seeds: 20"))
        self.check(self.run_program("run", sweep, "-o", "undisturbed"), 0)
        size = sum(p.stat().st_size for p in (self.folder / "undisturbed").iterdir())
        for share in range(1, 100, 3 if LONG else 12):
            with self.subTest(percent=share):
                done = self.script(size * share // 100, f"""
                    run run {sweep} -o small/out -q >out.txt 2>err.txt; echo first $?
                    ls -A small/out
                    run status small/out --format csv 2>&1; echo status $?
                    mount -o remount,size=20m small
                    run run {sweep} -o small/out -q >/dev/null; echo second $?""")
                self.assertIn("first 5\n", done.stdout)
                self.assertRegex((self.folder / "err.txt").read_text(), "error: cannot (write|open|make this folder): "
                                                                        "No space left on device")
                self.assertNotIn("initsweep-", done.stdout, "half a file was left")
                if "run.json" in done.stdout:
                    self.assertRegex(done.stdout, r"total,ok,.*\n40,\d+,0,0,0,\d+\nstatus 0\n")
                self.assertIn("second 0\n", done.stdout)
                self.assertEqual(self.digests("kept/out"), self.digests("undisturbed"))
                self.assertEqual(len(self.rows("kept/out", "trace.csv")), 40, "no finished job is trained twice")

    def test_a_merge_that_finds_no_space_leaves_nothing_half_and_is_done_again(self):
        sweep = self.write_sweep(FOUR.replace("seeds: 2", "seeds: 20"))
        self.check(self.run_program("run", sweep, "-o", "undisturbed"), 0)
        for index in (1, 2):
            self.check(self.run_program("run", sweep, "--shard", f"{index}/2", "-o", f"shard{index}"), 0)
        size = sum(p.stat().st_size for p in (self.folder / "undisturbed").iterdir())
        for share in range(2, 100, 8 if LONG else 24):
            with self.subTest(percent=share):
                done = self.script(size * share // 100, """
                    run merge -o small/out shard1 shard2 -q >out.txt 2>err.txt; echo first $?
                    ls -A small/out
                    mount -o remount,size=20m small
                    run merge -o small/out shard1 shard2 -q >/dev/null; echo second $?""")
                self.assertIn("first 5\n", done.stdout)
                self.assertRegex((self.folder / "err.txt").read_text(), "error: .*No space left on device")
                self.assertNotIn("initsweep-", done.stdout, "half a file was left")
                self.assertIn("second 0\n", done.stdout)
                self.assertEqual(self.digests("kept/out"), self.digests("undisturbed"))

    def test_a_read_only_folder_is_told_and_can_be_looked_at(self):
        sweep = self.write_sweep(FOUR)
        done = self.script("20m", f"""
            run run {sweep} -o small/out -q >/dev/null
            mount -o remount,ro small
            run run {sweep} -o small/out -q 2>&1; echo again $?
            run run {sweep} -o small/new -q 2>&1; echo new $?
            run status small/out --format csv; run show small/out -q >/dev/null; echo show $?""")
        self.assertEqual(done.stdout, (
            "small/out: error: cannot read and write in this folder: Read-only file system; choose another folder with "
            "-o\nagain 5\n"
            "small/new: error: cannot make this folder: Read-only file system; choose another folder with -o\nnew 5\n"
            "total,ok,diverged,failed,timeout,missing\n4,4,0,0,0,0\nshow 0\n"))


class NoWayThere(ProgramTest):
    def test_paths_that_cannot_be_followed_are_told(self):
        sweep = self.write_sweep(FOUR)
        (self.folder / "loop").symlink_to("loop")
        loop, long = "Too many levels of symbolic links", "File name too long"
        for path, reason in (("loop/x", loop), ("x" * 300, long)):
            for command in (["run", sweep, "-o", path], ["status", path], ["show", path]):
                with self.subTest(command):
                    result = self.run_program(*command, "-q")
                    self.check(result, 5)
                    self.assertRegex(result.stderr, rf"\A{path}: error: (cannot read: )?{reason}\n\Z")

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("setpriv"), "needs root, to become somebody else")
    def test_a_folder_above_that_may_not_be_looked_into_is_told(self):
        (self.folder / "closed/results").mkdir(parents=True)
        (self.folder / "closed").chmod(0o700)
        self.folder.chmod(0o755)
        for command in (["run", self.write_sweep(FOUR), "-o", "closed/results"], ["status", "closed/results"]):
            done = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", BINARY, *command, "-q"],
                                  cwd=self.folder, env=self.environment(), capture_output=True, text=True, timeout=60,
                                  check=False)
            self.check(done, 5)
            self.assertRegex(done.stderr, r"\Aclosed/results.*: error: .*Permission denied.*\n\Z")


class FullStreams(ProgramTest):
    def test_a_full_stdout_is_exit_5_and_costs_no_result(self):
        sweep = self.write_sweep(FOUR)
        with open("/dev/full", "w") as full:
            result = self.run_program("run", sweep, "-q", stdout=full, stderr=subprocess.PIPE)
        self.check(result, 5)
        self.assertTrue(result.stderr.startswith("standard output: error: cannot write: No space left on device\n"))
        self.assertEqual(len(self.rows("results/four", "jobs.csv")), 4)

    def test_a_full_stderr_costs_nothing(self):
        with open("/dev/full", "w") as full:
            result = self.run_program("run", self.write_sweep(FOUR), "-v", stdout=subprocess.PIPE, stderr=full)
        self.check(result, 0)
        self.assertEqual(len(self.rows("results/four", "jobs.csv")), 4)

    def test_a_full_log_file_costs_nothing(self):
        result = self.run_program("run", self.write_sweep(FOUR), "--log-file", "/dev/full")
        self.check(result, 0)
        self.assertEqual(len(self.rows("results/four", "jobs.csv")), 4)

    def test_streams_that_the_caller_closed_do_not_end_up_in_the_results(self):
        sweep = self.write_sweep(FOUR)
        self.check(self.run_program("run", sweep, "-o", "open"), 0)
        for closed in (">&- 2>&-", "<&- >&- 2>&-", "2>&-", "<&-"):
            with self.subTest(closed):
                shutil.rmtree(self.folder / "closed", ignore_errors=True)
                shell = subprocess.run(["sh", "-c", f"'{BINARY}' run {sweep} -o closed -v {closed}"], cwd=self.folder,
                                       env=self.environment(), timeout=60, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, check=False)
                self.assertEqual(shell.returncode, 0)
                self.assertEqual(len(journal_lines(self.folder / "closed/journal.ndjson")[0]), 4)
                self.assertEqual(self.digests("closed"), self.digests("open"))
                self.check(self.run_program("run", sweep, "-o", "closed"), 0)


class StalledStreams(ProgramTest):
    def test_a_stderr_that_nobody_reads_holds_up_no_training(self):
        """As a paused terminal does: its pipe is full, and -v has far more to say."""
        sweep = self.write_sweep(FOUR.replace("seeds: 2", "seeds: 400"))
        process = self.start_program("run", sweep, "-v", "-j2", "-o", "out")
        journal = self.folder / "out/journal.ndjson"
        self.wait_for(lambda: journal.exists() and len(journal_lines(journal)[0]) == 800, process)
        self.assertEqual(process.wait(timeout=60), 0)
        self.assertEqual(len(self.rows("out", "jobs.csv")), 800)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("setpriv") and shutil.which("prlimit"),
                         "needs root, to become somebody whose threads are counted")
    def test_too_few_threads_are_told(self):
        sweep = self.write_sweep(FOUR)
        (self.folder / "out").mkdir()
        for path in (self.folder, self.folder / "out"):
            path.chmod(0o777)
        for limit in (1, 2, 3, 4):
            done = subprocess.run(["prlimit", f"--nproc={limit}", "setpriv", "--reuid=65533", "--clear-groups", BINARY,
                                   "run", sweep, "-o", "out", "-q", "-j8"], cwd=self.folder, env=self.environment(),
                                  capture_output=True, text=True, timeout=60, check=False)
            self.check(done, 5)
            self.assertIn("the system grants no more threads (Resource temporarily unavailable); what was finished is "
                          "kept, run it again with a smaller -j\n", done.stderr)


class FolderGone(ProgramTest):
    """The folder goes away while jobs run that would not end by themselves."""

    TEXT = ENDLESS.replace("grid: {{activation: [relu, tanh, elu]}}",
                           "include:\n  - {{activation: relu}}\n  - {{activation: tanh, steps: 1}}")

    def start(self):
        sweep = self.write_sweep(self.TEXT)
        process = self.start_program("run", sweep, "-j2", "--progress", "none")
        journal = self.folder / "results/endless/journal.ndjson"
        self.wait_for(lambda: journal.exists() and len(journal_lines(journal)[0]) == 1, process)
        return process

    def check_end(self, process):
        _, stderr = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 5, stderr)
        self.assertIn("results/endless/journal.ndjson: error: the journal is no longer there; it, or its folder, was "
                      "moved or removed during the run\n", stderr)
        return stderr

    def test_removed(self):
        process = self.start()
        shutil.rmtree(self.folder / "results/endless")
        stderr = self.check_end(process)
        self.assertIn("what was finished is in results/endless, wherever that is now; bring it back", stderr)
        self.assertEqual(list((self.folder / "results").iterdir()), [], "nothing half-made takes its place")

    def test_moved(self):
        process = self.start()
        (self.folder / "results/endless").rename(self.folder / "moved")
        self.assertIn("or name its new place with -o\n", self.check_end(process))
        short = self.write_sweep(self.TEXT.replace("steps: 100000000", "steps: 2"))
        result = self.run_program("run", short, "-o", "moved", "--replan")
        self.check(result, 0)
        self.assertIn("training 1 job on", result.stderr, "the one that had finished is still there")

    def test_journal_removed(self):
        process = self.start()
        (self.folder / "results/endless/journal.ndjson").unlink()
        self.check_end(process)


if __name__ == "__main__":
    unittest.main()
