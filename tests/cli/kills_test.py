"""SIGKILL: at every call that changes a file, and at random moments. A resume loses no finished job, trains none twice,
and ends in the bytes of an undisturbed run."""

import random
import signal
import subprocess
import unittest

from faulty import FOUR, FaultyTest, journal_lines
from harness import BINARY, LONG, SHORT_JOBS


class EveryCall(FaultyTest):
    def kill_at(self, sweep, n, at, how, digests):
        out = f"{how}-{n}"
        result = self.run_faulty("run", sweep, "-j1", out=out, how=how, at=at)
        self.assertEqual(result.returncode, -signal.SIGKILL, result.stderr)
        self.check_readable(out, 4)
        self.check_resume(sweep, out, digests, 4)

    def test_killed_before_within_and_after_every_call(self):
        sweep = self.write_sweep(FOUR)
        digests, calls = self.undisturbed(sweep)
        names = {name for name, _, _ in calls}
        self.assertLessEqual({"mkdir", "open", "write", "pwrite", "fsync", "fdatasync", "rename"}, names)
        for n, (name, _, at) in enumerate(calls, start=1):
            for how in ("kill-before", "kill-within", "kill-after"):
                if how == "kill-within" and name not in ("write", "pwrite"):
                    continue
                with self.subTest(call=at, how=how):
                    self.kill_at(sweep, n, at, how, digests)

    def test_killed_while_a_torn_end_is_cut_off_and_csvs_are_replaced(self):
        """A second run, of which the first has left files, and a third after it."""
        sweep = self.write_sweep(FOUR)
        digests, calls = self.undisturbed(sweep)
        last = [at for name, _, at in calls if name == "pwrite"][-1]
        self.assertEqual(self.run_faulty("run", sweep, "-j1", out="again", how="kill-within", at=last).returncode, -9)
        self.assertNotEqual(journal_lines(self.folder / "again/journal.ndjson")[1], b"", "there is a torn end")
        self.check(self.run_faulty("run", sweep, "-j1", out="again", log="again.log"), 0)
        again = self.sure_calls("again.log")
        self.assertIn("ftruncate", {name for name, _, _ in again})
        for n, (_, _, at) in enumerate(again, start=1):
            out = f"again-{n}"
            with self.subTest(call=at):
                self.run_faulty("run", sweep, "-j1", out=out, how="kill-within", at=last)
                result = self.run_faulty("run", sweep, "-j1", out=out, how="kill-within", at=at)
                self.assertEqual(result.returncode, -signal.SIGKILL, result.stderr)
                self.check_readable(out, 4)
                self.check_resume(sweep, out, digests, 4)

    def test_the_checks_notice_a_job_lost_and_a_job_trained_twice(self):
        sweep = self.write_sweep(FOUR)
        digests, _ = self.undisturbed(sweep)
        journal = self.folder / "undisturbed/journal.ndjson"
        whole = journal.read_bytes()
        lines = whole.splitlines(keepends=True)
        journal.write_bytes(whole + lines[-1])
        with self.assertRaisesRegex(AssertionError, "trained twice"):
            self.finished("undisturbed")
        journal.write_bytes(b"".join(lines[:-1]))
        with self.assertRaises(AssertionError):
            self.check_resume(sweep, "undisturbed", digests | {"jobs.csv": "other"}, 4)
        journal.write_bytes(whole[:-40] + b"x" + whole[-39:])
        with self.assertRaisesRegex(AssertionError, "checksum"):
            journal_lines(journal)


class RandomMoments(FaultyTest):
    N_KILLS = 600 if LONG else 60

    def test_many_kills_lose_nothing(self):
        """Every call on a file takes 2 ms more, so that many of the kills hit the journal's write and the renames."""
        sweep = self.write_sweep(SHORT_JOBS)
        digests, _ = self.undisturbed(sweep)
        seed = random.randrange(10**9)
        draw = random.Random(seed)
        n_kills, sweeps, inside = 0, 0, {}
        with self.subTest(seed=seed):
            while n_kills < self.N_KILLS:
                sweeps += 1
                out = f"sweep-{sweeps}"
                before = set()
                latest = 0.3  # seconds; later each time, so that the sweep ends on any machine
                while self.run_and_kill(sweep, out, draw.uniform(0, latest), draw.choice((1, 2, 3, 8))):
                    n_kills += 1
                    latest *= 1.1
                    self.count_unfinished(out, inside)
                    finished = self.finished(out)
                    self.assertLessEqual(before, finished, "a finished job was lost")
                    before = finished
                self.check_resume(sweep, out, digests, 96)
        print(f"\n{n_kills} SIGKILLs in {sweeps} sweeps of 96 jobs; inside a call: "
              + ", ".join(f"{count} {name}" for name, count in sorted(inside.items())))

    def run_and_kill(self, sweep, out, moment, threads):
        """False if the run ended before the moment came."""
        environment = self.environment() | self.faults(out, how="slow", log="calls.log")
        (self.folder / "calls.log").unlink(missing_ok=True)
        with subprocess.Popen([BINARY, "run", sweep, "-o", out, "-q", f"-j{threads}"], cwd=self.folder,
                              env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            try:
                _, stderr = process.communicate(timeout=moment)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                return True
            self.assertEqual(process.returncode, 0, stderr)
            return False

    def count_unfinished(self, out, inside):
        """The call, if any, that had begun and not ended when the program died."""
        log = self.folder / "calls.log"
        lines = log.read_text().splitlines() if log.exists() else []
        ended = {line.split()[1] for line in lines if line.startswith("end")}
        for line in lines:
            moment, n, name, path = line.split()[:4]
            if moment == "begin" and n not in ended:
                key = f"{name} of " + ("the journal" if "journal" in path else "a result file")
                inside[key] = inside.get(key, 0) + 1


class PowerCut(FaultyTest):
    N_JOBS = 96 * 3
    MORE = ("--set", "seeds=24")

    def setUp(self):
        super().setUp()
        self.sweep = self.write_sweep(SHORT_JOBS)
        self.before = self.undisturbed(self.sweep, options=self.MORE)[0]
        # With 2 ms more a call the run takes some seconds, so that syncs lie in its midst.
        self.run_faulty("run", self.sweep, "-j1", *self.MORE, out="cut", how="slow", log="cut.log")
        begun, sizes = self.calls("cut.log")
        self.synced = [size for (name, _, _), size in zip(begun, sizes) if name == "fdatasync"]
        self.whole = (self.folder / "cut/journal.ndjson").read_bytes()

    def check_after_cut(self, left):
        """With `left` for a journal, all but the jobs that can be read in it are trained again."""
        for name in self.folder.glob("cut/*.csv"):
            name.unlink()
        (self.folder / "cut/journal.ndjson").write_bytes(left)
        kept = sum(b"\0" not in line for line in left.split(b"\n")[1:-1])
        result = self.run_program("run", self.sweep, "-o", "cut", *self.MORE)
        self.check(result, 0)
        self.assertIn("journal.ndjson: a kill or a power cut has cost a part of it", result.stderr)
        self.assertIn(f"training {self.N_JOBS - kept} job", result.stderr)
        self.assertEqual(self.digests("cut"), self.before)

    def test_what_was_not_synced_is_trained_again(self):
        self.assertEqual(self.synced[-1], len(self.whole), "all is synced at the end")
        self.assertGreaterEqual(len(set(self.synced)), 3, "and in between")
        for size in self.synced[:-1]:
            self.check_after_cut(self.whole[:size] + bytes(min(5000, len(self.whole) - size)))

    def test_what_stands_behind_a_block_that_never_came_to_the_disk_is_kept(self):
        block = 4096
        for start in (block, len(self.whole) // (2 * block) * block, (len(self.whole) - 1) // block * block):
            left = bytearray(self.whole)
            left[start:start + block] = bytes(len(left[start:start + block]))
            self.check_after_cut(bytes(left))

    def test_a_job_is_synced_though_the_next_one_does_not_end(self):
        text = FOUR.replace("epochs: 2", "steps: 1").replace("[relu, tanh]", "[relu]").replace("seeds: 2\n", (
            "include:\n  - {{activation: tanh, steps: 1000000000, batch_size: 1}}\n"
            "record: {{layers: {{every: never}}}}\n"))
        self.write_sweep(text)
        process = self.start_program("run", "sweep.yaml", "-o", "out", "-j2", "-q",
                                     env=self.faults("out", log="calls.log"))
        log, journal = self.folder / "calls.log", self.folder / "out/journal.ndjson"

        def is_synced():
            calls = zip(*self.calls("calls.log")) if log.exists() else ()
            synced = [size for (name, _, _), size in calls if name == "fdatasync"]
            return len(self.finished("out")) == 1 and journal.stat().st_size in synced

        self.wait_for(is_synced, process)


if __name__ == "__main__":
    unittest.main()
