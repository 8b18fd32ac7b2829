"""Jobs whose numbers are at their worst: what the files say of them is true, and every reader can load it."""

import csv
import json
import math
import unittest

from harness import RESULTS, ProgramTest, write_idx_folder

EXTREMES = """\
version: 1
name: extremes
settings: {{dataset: "idx:{data}", depth: 2, width: 5, epochs: 3, batch_size: 16}}
grid:
  - optimizer: [sgd, momentum, nesterov, rmsprop, adam]
    loss: [softmax_cross_entropy, sigmoid_cross_entropy]
    learning_rate: [1e30, 1e-40, 0]
    epsilon: [0, 1e-8]
    gradient_clip: [none, 1]
  - initializer: [zeros, {{constant: {{value: -1}}}}, {{constant: {{value: 1e300}}}}, {{normal: {{stddev: 1e30}}}},
                  lsuv, identity, {{orthogonal: {{gain: 1e30}}}},
                  {{mean_field: {{weight_variance: 1e60, bias_variance: 1e60}}}}]
    input_scaling: [unit, standardize, {{subtract: 0, divide: 1e-30}}, {{subtract: 1e300, divide: 1}}]
    width: [1, 5]
  - batch_size: [1, 1000000]
    train_samples: [1, all]
record: {{layers: {{every: {{steps: 3}}, probe: 1000}}}}
"""

MOMENTS = ["mean", "std", "rms", "l2", "min", "max", "q01", "q50", "q99"]


class Extremes(ProgramTest):
    def run_extremes(self):
        self.check(self.run_program("run", self.write_sweep(EXTREMES)), 0)
        return "results/extremes"

    def test_every_job_is_ok_or_diverged_with_truthful_rows(self):
        results = self.run_extremes()
        jobs = self.rows(results, "jobs.csv")
        self.assertEqual({job["status"] for job in jobs}, {"ok", "diverged"})
        epochs = {}
        for row in self.rows(results, "epochs.csv"):
            epochs.setdefault(row["job_id"], []).append(row)
        for job in jobs:
            final = [job[name] for name in ("train_loss", "test_loss", "test_accuracy", "best_test_accuracy")]
            kept = epochs.get(job["job_id"], [])
            self.assertEqual([int(row["epoch"]) for row in kept], list(range(len(kept))))
            self.assertTrue(job["digest"].startswith("d_"))
            if job["status"] == "ok":
                self.assertNotIn("", final)
                self.assertEqual(job["diverged_step"], "")
                self.assertEqual(len(kept), 4)
                self.assertEqual(job["test_loss"], kept[-1]["test_loss"])
            else:
                self.assertEqual(set(final), {""})
                self.assertIn(int(job["diverged_step"]) - int(job["steps_run"]), (0, 1))
                self.assertLess(len(kept), 4)
        layers = self.rows(results, "layers.csv")
        self.assertTrue(any(int(row["nonfinite"]) > 0 for row in layers))
        for row in layers:
            for name in MOMENTS:
                self.assertEqual(row[name] == "", int(row["nonfinite"]) > 0, row)
            self.assertNotEqual(row["zero_fraction"], "")

    def test_no_cell_is_a_word_for_what_is_not_finite(self):
        results = self.run_extremes()
        for name in RESULTS + ["trace.csv"]:
            with open(self.folder / results / name, newline="") as file:
                for row in csv.reader(file):
                    self.assertFalse({cell.lower().lstrip("+-") for cell in row} & {"nan", "inf", "infinity", "null"})

    def test_the_files_are_the_same_for_any_number_of_threads(self):
        results = self.run_extremes()
        before = self.digests(results)
        self.check(self.run_program("run", "sweep.yaml", "--fresh", "-j4"), 0)
        self.assertEqual(self.digests(results), before)

    def test_what_is_shown_of_them_does_not_fail(self):
        results = self.run_extremes()
        for arguments in (["show", results], ["show", results, "--layers"], ["show", results, "--format", "json"],
                          ["status", results]):
            self.check(self.run_program(*arguments), 0)
        for row in json.loads(self.run_program("show", results, "--format", "json").stdout):
            for value in row.values():
                self.assertTrue(value is None or not isinstance(value, float) or math.isfinite(value))


ONE = """\
version: 1
name: one
settings: {{dataset: "idx:{data}", epochs: 2, width: 4}}
"""


class Corners(ProgramTest):
    def test_one_class_costs_nothing_and_is_always_right(self):
        write_idx_folder(self.data, classes=1)
        self.check(self.run_program("run", self.write_sweep(ONE)), 0)
        [job] = self.rows("results/one", "jobs.csv")
        self.assertEqual((job["status"], job["test_loss"], job["test_accuracy"]), ("ok", "0.0", "1.0"))
        self.assertEqual(job["delta_slope_end"], "")
        deltas = [row for row in self.rows("results/one", "layers.csv") if row["tensor"] == "delta"]
        self.assertEqual({row["rms"] for row in deltas}, {"0.0"})

    def test_one_image_of_each_kind_is_enough(self):
        write_idx_folder(self.data, n_train=1, n_test=1)
        self.check(self.run_program("run", self.write_sweep(ONE)), 0)
        [job] = self.rows("results/one", "jobs.csv")
        self.assertEqual((job["status"], job["steps_run"]), ("ok", "2"))
        spread = {row["between_sample_std"] for row in self.rows("results/one", "layers.csv")}
        self.assertEqual(spread, {"", "0.0"})

    def test_dead_nets_have_zeros_that_are_real_and_no_slope(self):
        sweep = self.write_sweep("version: 1\nname: dead\nsettings: {{dataset: \"idx:{data}\", epochs: 1, width: 4, "
                                 "depth: 5, initializer: {{constant: {{value: -1}}}}}}\n")
        self.check(self.run_program("run", sweep), 0)
        [job] = self.rows("results/dead", "jobs.csv")
        self.assertEqual((job["status"], job["delta_slope_start"]), ("ok", ""))
        self.assertGreater(float(job["test_loss"]), 0.5)
        hidden = [row for row in self.rows("results/dead", "layers.csv") if 1 <= int(row["layer"]) <= 5]
        self.assertEqual({row["dead_fraction"] for row in hidden if row["tensor"] == "preactivation"}, {"1.0"})
        self.assertEqual({row["rms"] for row in hidden if row["tensor"] == "delta"}, {"0.0"})
        self.assertEqual({row["health"] for row in self.rows("results/dead", "cells.csv")}, {"dead"})

    def test_a_thousand_layers_end_well(self):
        sweep = self.write_sweep("version: 1\nname: deep\nsettings: {{dataset: \"idx:{data}\", steps: 2, width: 2, "
                                 "depth: 1000, activation: tanh, initializer: orthogonal}}\n")
        self.check(self.run_program("run", sweep), 0)
        [job] = self.rows("results/deep", "jobs.csv")
        self.assertEqual(job["status"], "ok")
        self.assertEqual(len(self.rows("results/deep", "layers.csv")), 3 * (1 + 6 * 1001))


if __name__ == "__main__":
    unittest.main()
