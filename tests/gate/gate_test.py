"""This project's own gate: it passes what is right, on any instruction set, and goes red over a sabotaged engine.

Needs the variables INITSWEEP (the binary), INITSWEEP_WIDE_START and INITSWEEP_WRONG_SIGN (the sabotaged ones, see
CMakeLists.txt) and MNIST where the binary looks for data; skips by naming what is missing.
"""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.path.abspath(os.environ["INITSWEEP"])
SWEEP = ROOT / "experiments/ci.yaml"
BASELINE = ROOT / "results/baselines/ci"

LOOK_UP = subprocess.run([BINARY, "data", "path", "mnist"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@unittest.skipIf(LOOK_UP.returncode != 0, "MNIST is missing: " + LOOK_UP.stderr.strip())
class Gate(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="initsweep-gate-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def train(self, binary, out, *options):
        done = subprocess.run([binary, "run", SWEEP, "-o", self.folder / out, "-q", *options], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        self.assertIn(done.returncode, (0, 1), done.stderr)  # 1: a claim of the sweep may fail over sabotage
        return self.folder / out

    def check(self, results, code, baseline=BASELINE, *options):
        done = subprocess.run([BINARY, "check", results, "--baseline", baseline, "--format", "json", *options],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def regressed(self, findings):
        return sorted((f["cell"], f["quantity"]) for f in findings if f["verdict"] == "regressed")

    def n_same_digests(self, results):
        done = subprocess.run([BINARY, "check", results, "--baseline", BASELINE], stdout=subprocess.PIPE, text=True)
        same, _, both = done.stdout.splitlines()[1].split()[:3]
        return int(same), int(both)

    def test_the_program_as_it_is_passes_by_digests_or_by_statistics(self):
        results = self.train(BINARY, "as-it-is")
        findings = self.check(results, 0)
        self.assertEqual({f["verdict"] for f in findings}, {"holds", "pass"})
        with open(results / "run.json", encoding="utf-8") as file:
            instruction_set = json.load(file)["numerics"]["instruction_set"]
        if instruction_set in ("x86-64-v3", "x86-64-v4"):  # the baseline's; they agree to the bit
            same, both = self.n_same_digests(results)
            self.assertEqual(same, both)

    @unittest.skipUnless(os.environ.get("INITSWEEP_LONG"), "two minutes of slower instructions: with INITSWEEP_LONG=1")
    def test_another_instruction_set_passes_by_statistics_alone(self):
        results = self.train(BINARY, "other", "--isa", "x86-64-v2")
        findings = self.check(results, 0)
        self.assertEqual(self.n_same_digests(results)[0], 0)
        tolerance = [f for f in findings if f["quantity"] == "delta_slope_start, each seed"]
        self.assertTrue(tolerance and all(f["effect"] != 0 for f in tolerance), "tier 1 had nothing to do")
        accuracies = [f for f in findings if f["quantity"] == "test_accuracy"]
        self.assertTrue(any(f["low"] is not None and f["low"] < 0 for f in accuracies), "tier 2 had nothing to do")

    def test_a_start_10_percent_too_wide_goes_red_in_its_cells_and_weights(self):
        some = ["--filter", "initializer=torch_default", "--filter", "initializer=lecun_uniform"]
        results = self.train(os.environ["INITSWEEP_WIDE_START"], "wide", *some)
        regressed = self.regressed(self.check(results, 1))
        self.assertEqual({cell for cell, _ in regressed},
                         {f"torch_default/{f}/depth={depth}" for f in ("relu", "tanh") for depth in (2, 4)})
        self.assertEqual({quantity.split(",")[0] for _, quantity in regressed}, {"weight_rms", "delta_slope_start"})
        located = self.check(results, 1, self.train(BINARY, "right", *some), "--locate")
        self.assertEqual({(d["epoch"], d["layer"], d["tensor"]) for d in located}, {(0, 1, "weight")})
        self.assertEqual(len(located), 4 * 5)
        # A variance 10 % larger is an rms 4.88 % larger.
        for difference in located:
            self.assertAlmostEqual(difference["now"] / difference["before"], 1.1 ** 0.5, places=6)

    def test_a_wrong_sign_in_one_activation_goes_red_there_and_says_where(self):
        some = ["--filter", "initializer=he_normal"]
        results = self.train(os.environ["INITSWEEP_WRONG_SIGN"], "wrong", *some)
        self.assertEqual(self.regressed(self.check(results, 1)), [("he_normal/fan_in/softsign/depth=3", "test_accuracy")])
        located = self.check(results, 1, self.train(BINARY, "right", *some), "--locate")
        # The last hidden layer is the first whose delta has the derivative in it.
        self.assertEqual({(d["cell"], d["epoch"], d["layer"], d["tensor"]) for d in located},
                         {("he_normal/fan_in/softsign/depth=3", 0, 3, "delta")})
        self.assertEqual(len(located), 5)


if __name__ == "__main__":
    unittest.main()
