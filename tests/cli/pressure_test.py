"""Thousands of jobs in little memory, and no more threads than the machine grants."""

import os
import re
import subprocess
import unittest
from pathlib import Path

from harness import BINARY, LONG, ProgramTest

TINY = """\
version: 1
name: many
settings: {{dataset: "idx:{data}", depth: 1, width: 4, steps: 1, batch_size: 16}}
seeds: 10
limits: {{max_jobs: 20000}}
"""


@unittest.skipIf(os.environ.get("INITSWEEP_SANITIZERS"), "sanitizers need memory of their own")
class Memory(ProgramTest):
    def test_stays_flat_over_thousands_of_jobs(self):
        """What is kept of a job, its place in the plan and in the journal, is far below its line in the journal."""
        sweep = self.write_sweep(TINY)
        numbers = (100, 1000, 10000) if LONG else (100, 2000)
        peaks = {}
        for n in numbers:
            peaks[n] = self.peak_memory("run", sweep, "-q", "-j2", "-o", f"out{n}", "--set", f"seeds={n}")
            self.assertEqual(len(self.rows(f"out{n}", "jobs.csv")), n)
            journal = (self.folder / f"out{n}/journal.ndjson").stat().st_size
            print(f"\n{n} jobs: peak {peaks[n] / 2**20:.1f} MiB, journal {journal / 2**20:.1f} MiB")
        per_job = (peaks[numbers[-1]] - peaks[100]) / (numbers[-1] - 100)
        self.assertLess(per_job, journal / numbers[-1] / 2)


class Processors(ProgramTest):
    def threads(self, command):
        """How many threads the plan reckons with, run as `command` of the shell with "$@" for the program."""
        sweep = self.write_sweep(TINY)
        done = subprocess.run(["sh", "-c", command, "sh", BINARY, "plan", sweep], cwd=self.folder,
                              env=self.environment(), capture_output=True, text=True, timeout=60, check=True)
        return int(re.search(r"with -j (\d+)", done.stdout)[1])

    def test_the_affinity_mask_is_seen(self):
        first = min(os.sched_getaffinity(0))
        self.assertEqual(self.threads(f"taskset -c {first} \"$@\""), 1)
        self.assertLessEqual(self.threads('"$@"'), len(os.sched_getaffinity(0)))

    def make_group(self, mount, files):
        group = Path(mount) / f"initsweep-test-{os.getpid()}"
        try:
            group.mkdir()
            self.addCleanup(group.rmdir)
            for name, text in files.items():
                (group / name).write_text(text)
        except OSError as error:
            self.skipTest(f"no cgroup with a CPU quota can be made here: {error}")
        return group

    def test_a_real_cgroup_quota_of_one_processor_is_seen(self):
        if self.threads('"$@"') < 2:
            self.skipTest("there is but one processor anyhow")
        if Path("/sys/fs/cgroup/cgroup.controllers").exists():
            group = self.make_group("/sys/fs/cgroup", {"cpu.max": "100000 100000"})
        else:
            group = self.make_group("/sys/fs/cgroup/cpu", {"cpu.cfs_period_us": "100000",
                                                           "cpu.cfs_quota_us": "100000"})
        self.assertEqual(self.threads(f'echo $$ >"{group}/cgroup.procs" && exec "$@"'), 1)
        self.assertGreater(self.threads('"$@"'), 1)


if __name__ == "__main__":
    unittest.main()
