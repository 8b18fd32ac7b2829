"""Running the program with calls that go wrong (faults.cpp, built as the library that $INITSWEEP_FAULTS names)."""

import json
import os
import re
import unittest
import zlib

from harness import RESULTS, ProgramTest

LIBRARY = os.environ.get("INITSWEEP_FAULTS", "")

# Four jobs of some milliseconds.
FOUR = """\
version: 1
name: four
settings: {{dataset: "idx:{data}", depth: 1, width: 4, epochs: 2, batch_size: 16}}
grid:
  activation: [relu, tanh]
seeds: 2
"""


def journal_lines(path):
    """The jobs of a journal, read by other code than the program's: (whole job lines, bytes behind them)."""
    if not path.exists():
        return [], b""
    *lines, rest = path.read_bytes().split(b"\n")
    jobs = []
    for line in lines[1:]:
        text, check = re.fullmatch(rb'(.*),"crc32":"([0-9a-f]{8})"\}', line).groups()
        assert zlib.crc32(text) == int(check, 16), "the checksum of a whole line does not fit"
        jobs.append(json.loads(line)["job"])
    return jobs, rest


@unittest.skipUnless(LIBRARY, "INITSWEEP_FAULTS names no library (not built with sanitizers)")
class FaultyTest(ProgramTest):
    def faults(self, out, how="", at="", log=None):
        """The variables that let a call below the folder `out` go wrong."""
        return {"LD_PRELOAD": LIBRARY, "FAULTS_FOLDER": str(self.folder / out), "FAULTS_HOW": how,
                "FAULTS_AT": at, "FAULTS_LOG": str(self.folder / log) if log else ""}

    def run_faulty(self, *arguments, out, how="", at="", log=None):
        """Runs into `out` with such a call."""
        return self.run_program(*arguments, "-o", out, env=self.faults(out, how, at, log))

    def calls(self, log):
        """The counted calls of a log, in order: (name, path, where that is for $FAULTS_AT), and the size of the file
        after each."""
        begun, sizes, counts = [], {}, {}
        out = str(self.folder / log.removesuffix(".log"))
        for line in (self.folder / log).read_text().splitlines():
            moment, n, name, path, *size = line.split(" ")
            if moment == "begin":
                key = f"{name} {path.removeprefix(out).split('.initsweep-')[0]}"
                counts[key] = counts.get(key, 0) + 1
                begun.append((name, path, f"{key} {counts[key]}"))
            else:
                sizes[int(n)] = int(size[0])
        return begun, [sizes.get(n + 1) for n in range(len(begun))]

    def undisturbed(self, sweep, out="undisturbed", options=()):
        """Runs without a fault: the digests to compare with, and the calls that can go wrong."""
        self.check(self.run_faulty("run", sweep, "-j1", *options, out=out, log=out + ".log"), 0)
        return self.digests(out), self.sure_calls(out + ".log")

    def sure_calls(self, log):
        """The calls that come in any run, however long it takes: of the journal's syncs, one a second, the first."""
        return [call for call in self.calls(log)[0] if call[0] != "fdatasync" or call[2].endswith(" 1")]

    def finished(self, out):
        """Ids of the jobs that the journal has whole; each is there once."""
        ids = [job["job_id"] for job in journal_lines(self.folder / out / "journal.ndjson")[0]]
        self.assertEqual(len(ids), len(set(ids)), "a job was trained twice")
        return set(ids)

    def check_readable(self, out, n_jobs):
        """What a fault left: the program's own reader agrees with ours, and no result file is half there."""
        folder = self.folder / out
        status = self.run_program("status", out, "--format", "json")
        if (folder / "run.json").exists():
            self.check(status, 0)
            counts = json.loads(status.stdout)[0]
            self.assertEqual(counts["ok"], len(self.finished(out)))
            self.assertEqual(counts["ok"] + counts["missing"], n_jobs)
            self.check(self.run_program("show", out, "-q"), 0)
        else:
            self.check(status, 5)
        for name in RESULTS:
            if (folder / name).exists():
                self.assertTrue((folder / name).read_bytes().endswith(b"\n"), name)
                self.rows(out, name)

    def check_resume(self, sweep, out, digests, n_jobs, options=()):
        """The same command again trains what is missing, and only that, and ends in the bytes of an undisturbed run."""
        before = self.finished(out)
        result = self.run_program("run", sweep, "-o", out, *options)
        self.check(result, 0)
        n_missing = n_jobs - len(before)
        said = f"training {n_missing} job" if n_missing > 0 else f"nothing to train: {out} has all of {n_jobs} jobs"
        self.assertIn(said, result.stderr)
        self.assertLessEqual(before, self.finished(out), "a finished job was lost")
        self.assertEqual(self.digests(out), digests)
        self.assertEqual(len(self.rows(out, "trace.csv")), n_jobs)
        self.assertEqual([p.name for p in (self.folder / out).iterdir() if "initsweep-" in p.name], [], "leftovers")
