"""limits.memory, measured: running jobs together stay below it, beside the program with its data."""

import random
import struct
import unittest

from harness import ProgramTest

MEBIBYTE = 1 << 20
LIMIT = 128 * MEBIBYTE

WIDE = """\
version: 1
name: wide
settings: {{dataset: "idx:{data}", steps: 20, batch_size: 50, learning_rate: 0.001}}
grid:
  - width: [500, 700, 900, 1100]
    depth: [1, 2, 3]
    optimizer: [sgd, adam]
  - width: [300, 600]
    depth: 2
    initializer: [orthogonal, lsuv]
    batch_size: [1, 256]
    gradient_clip: 1
"""


def write_large_images(folder, n_train=256, n_test=64):
    """MNIST's shape and share of zeros."""
    draw = random.Random(11)
    for prefix, n in (("train", n_train), ("t10k", n_test)):
        pixels = bytes(draw.randrange(1, 256) if draw.random() < 0.19 else 0 for _ in range(n * 784))
        (folder / f"{prefix}-images-idx3-ubyte").write_bytes(struct.pack(">4I", 0x803, n, 28, 28) + pixels)
        labels = bytes(i % 10 for i in range(n))
        (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, n) + labels)


class Memory(ProgramTest):
    def setUp(self):
        super().setUp()
        write_large_images(self.data)

    def base(self):
        """The program with its data: a run of one unit that sees one sample at a time."""
        return self.peak_memory("run", self.write_sweep("version: 1\nname: base\nsettings: {{dataset: \"idx:{data}\", steps: 1, "
                                          "width: 1, depth: 1, batch_size: 1}}\n", "base.yaml"), "-j4")

    def test_jobs_of_many_shapes_stay_below_the_limit(self):
        sweep = self.write_sweep(WIDE)
        limited = self.peak_memory("run", sweep, "-j4", "--set", f"limits.memory={LIMIT // MEBIBYTE}MiB")
        free = self.peak_memory("run", sweep, "-j4", "--fresh")
        base = self.base()
        self.assertLessEqual(limited - base, LIMIT)
        self.assertGreater(free - base, 1.2 * LIMIT)  # so the limit was what kept it

    def test_what_a_job_needs_alone_is_bounded_but_not_by_much(self):
        tapered = "width: {{from: 1500, to: 700}}, depth: 4, steps: 3"
        for name, factor, settings in [
                ("sgd", 1.5, tapered), ("adam", 1.5, tapered + ", optimizer: adam, gradient_clip: 1"),
                ("lsuv", 1.5, "width: 1500, depth: 2, initializer: lsuv, steps: 1"),
                # A row's text is shorter than it may be, and a vector that doubles seldom just has.
                ("rows", 3, "width: 4, depth: 300, steps: 80, batch_size: 8")]:
            sweep = self.write_sweep(f"version: 1\nname: {name}\nsettings: {{{{dataset: \"idx:{{data}}\", "
                                     f"{settings}}}}}\nrecord: {{{{layers: {{{{every: {{{{steps: 1}}}}}}}}}}}}\n")
            plan = self.run_program("plan", sweep, "--format", "csv").stdout.splitlines()
            estimate = float(plan[1].split(",")[plan[0].split(",").index("memory_bytes")])
            needed = self.peak_memory("run", sweep) - self.base()
            with self.subTest(name):
                self.assertLessEqual(needed, estimate)
                self.assertLessEqual(estimate, factor * needed)

    def test_jobs_above_the_limit_are_told_of_and_run(self):
        sweep = self.write_sweep(WIDE)
        said = "limits.memory is 1 MiB, but 32 jobs need more, the largest "
        for arguments in (["plan", sweep], ["run", sweep, "-q", "--log-level", "warn"]):
            result = self.run_program(*arguments, "--set", "limits.memory=1MiB", "--set", "settings.steps=1")
            self.check(result, 0)
            self.assertIn(said, result.stderr)
            self.assertIn("; each runs alone, above the limit\n", result.stderr)
        one = ["--set", "limits.memory=1MiB", "--set", "settings.steps=1", "--filter", "width=1100", "--filter",
               "depth=3", "--filter", "optimizer=adam"]
        self.assertRegex(self.run_program("plan", sweep, *one).stderr,
                         r"limits.memory is 1 MiB, but 1 job needs [0-9.]+ MiB; it runs alone, above the limit\n")


if __name__ == "__main__":
    unittest.main()
