"""What the tests of the program share: tiny data, tiny sweeps, and running the binary named by $INITSWEEP."""

import csv
import hashlib
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

BINARY = os.environ["INITSWEEP"]
LONG = bool(os.environ.get("INITSWEEP_LONG"))  # as .ci/run long asks
RESULTS = ["jobs.csv", "epochs.csv", "layers.csv", "cells.csv", "checks.csv"]

SWEEP = """\
version: 1
name: tiny
settings: {{dataset: "idx:{data}", depth: 1, width: 4, epochs: 2, batch_size: 16}}
grid:
  activation: [relu, tanh]
"""

# Linux counts what its parent has into a process' peak, so the parent is one that has little.
MEASURE = """\
import os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(pid, 0)
print(usage.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""

# 96 jobs of about ten milliseconds.
SHORT_JOBS = """\
version: 1
name: short-jobs
settings: {{dataset: "idx:{data}", width: 8, epochs: 20, batch_size: 4}}
grid:
  initializer: [he_normal, glorot_uniform]
  activation: [relu, tanh, sigmoid]
  depth: [1, 2]
seeds: 8
expect:
  - claim: each layer has a weight that is not zero
    metric: layers.weight.rms
    where: {{activation: tanh}}
    at: end
    layer: all
    at_least: 0.001
"""


def write_idx_folder(folder, n_train=64, n_test=32, classes=3):
    """Four IDX files of 4 x 4 images whose brightness tells the class."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(7)
    for prefix, n in (("train", n_train), ("t10k", n_test)):
        labels = [i % classes for i in range(n)]
        pixels = bytes(min(255, 60 * label + draw.randrange(60)) for label in labels for _ in range(16))
        (folder / f"{prefix}-images-idx3-ubyte").write_bytes(struct.pack(">4I", 0x803, n, 4, 4) + pixels)
        (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, n) + bytes(labels))


class ProgramTest(unittest.TestCase):
    """Each test has a folder of its own, with data in `data` and nothing else."""

    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="initsweep-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.data = self.folder / "data"
        write_idx_folder(self.data)

    def environment(self):
        kept = {key: value for key, value in os.environ.items() if key in ("PATH", "LD_LIBRARY_PATH")}
        return kept | {"HOME": str(self.folder), "LC_ALL": "C.UTF-8", "CI": "1", **sanitizer_options()}

    def run_program(self, *arguments, **options):
        """Standard output and error as text, and the exit code."""
        return subprocess.run(
            [BINARY, *map(str, arguments)], cwd=self.folder, env=self.environment() | options.pop("env", {}),
            capture_output="stdout" not in options, text=True, timeout=120, **options)

    def peak_memory(self, *arguments):
        """The largest resident set of a run that ends well, in bytes."""
        measured = subprocess.run([sys.executable, "-I", "-S", "-c", MEASURE, BINARY, *arguments], cwd=self.folder,
                                  env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                  timeout=600)
        self.assertEqual(measured.returncode, 0, measured.stderr)
        return 1024 * int(measured.stderr.splitlines()[-1])

    def start_program(self, *arguments, env=None):
        process = subprocess.Popen([BINARY, *map(str, arguments)], cwd=self.folder,
                                   env=self.environment() | (env or {}),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

        def end():
            process.kill()
            process.communicate()

        self.addCleanup(end)
        return process

    def wait_for(self, condition, process):
        """Until the condition holds; fails if it does not within a minute, or once the process has ended."""
        for _ in range(3000):
            if condition():
                return
            if process.poll() is not None:
                self.fail(f"the program ended early, with {process.returncode}: {process.communicate()[1]}")
            time.sleep(0.02)
        self.fail("waited for a minute")

    def write_sweep(self, text=SWEEP, name="sweep.yaml"):
        path = self.folder / name
        path.write_text(text.format(data=self.data))
        return name

    def digests(self, results):
        """SHA-256 of each result file that holds nothing volatile."""
        folder = self.folder / results
        return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in RESULTS}

    def rows(self, results, name):
        with open(self.folder / results / name, newline="") as file:
            return list(csv.DictReader(file))

    def check(self, result, code, stderr=None):
        self.assertEqual(result.returncode, code, f"\nstdout:\n{result.stdout}\nstderr:\n{result.stderr}")
        if stderr is not None:
            self.assertEqual(result.stderr, stderr)


def sanitizer_options():
    return {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")}
