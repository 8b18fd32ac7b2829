"""What must hold when a run meets another binary's folder, a file size limit, a change of mind or a slip."""

import json
import resource
import unittest

from harness import SWEEP, ProgramTest

NORMALS = """\
version: 1
name: normals
settings: {{dataset: "idx:{data}", depth: 1, width: 4, epochs: 1, batch_size: 16}}
grid:
  initializer: [{{normal: {{stddev: 0.01}}}}, he_normal]
"""


class OtherNumerics(ProgramTest):
    def pretend_other_instruction_set(self):
        journal = self.folder / "results/tiny/journal.ndjson"
        lines = journal.read_text().splitlines(keepends=True)
        header = json.loads(lines[0])
        header["numerics"]["instruction_set"] = "other"
        journal.write_text(json.dumps(header, separators=(",", ":")) + "\n" + "".join(lines[1:]))

    def test_are_refused_even_when_nothing_is_missing(self):
        sweep = self.write_sweep()
        self.check(self.run_program("run", sweep), 0)
        before = (self.folder / "results/tiny/run.json").read_bytes()
        self.pretend_other_instruction_set()
        result = self.run_program("run", sweep)
        self.check(result, 5)
        self.assertIn("--fresh", result.stderr)
        self.assertEqual((self.folder / "results/tiny/run.json").read_bytes(), before)

    def test_come_before_the_question_of_the_plan(self):
        sweep = self.write_sweep()
        self.check(self.run_program("run", sweep), 0)
        self.pretend_other_instruction_set()
        self.check(self.run_program("run", sweep, "--set", "epochs=1"), 5)


class FullDisk(ProgramTest):
    def test_leaves_the_files_of_the_last_time_all_of_them(self):
        sweep = self.write_sweep()
        self.check(self.run_program("run", sweep, "--set", "seeds=1"), 0)
        before = self.digests("results/tiny")
        # The journal has two jobs and room for no third; jobs.csv would fit, layers.csv would not.
        size = (self.folder / "results/tiny/journal.ndjson").stat().st_size
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, size + 100))  # noqa: E731
        result = self.run_program("run", sweep, "--set", "seeds=3", preexec_fn=limit)
        self.check(result, 5)
        self.assertIn("to resume:", result.stderr)
        self.assertEqual(self.digests("results/tiny"), before)
        self.assertFalse([p.name for p in (self.folder / "results/tiny").iterdir() if "initsweep-" in p.name])
        self.check(self.run_program("run", sweep, "--set", "seeds=3"), 0)
        self.assertEqual(len(self.rows("results/tiny", "jobs.csv")), 6)


class ChangesOfMind(ProgramTest):
    def test_going_back_to_an_earlier_record_trains_nothing(self):
        sweep = self.write_sweep()
        self.check(self.run_program("run", sweep), 0)
        before = self.digests("results/tiny")
        self.check(self.run_program("run", sweep, "--set", "record.layers.probe=8"), 0)
        self.assertNotEqual(self.digests("results/tiny")["layers.csv"], before["layers.csv"])
        result = self.run_program("run", sweep)
        self.check(result, 0)
        self.assertIn("nothing to train", result.stderr)
        self.assertEqual(self.digests("results/tiny"), before)

    def test_a_folder_with_a_slash_is_the_same_folder(self):
        sweep = self.write_sweep()
        self.check(self.run_program("run", sweep, "-o", "out/"), 0)
        self.check(self.run_program("run", sweep, "-o", "out/", "--fresh"), 0)
        self.assertTrue((self.folder / "out.1/jobs.csv").exists())

    def test_leftovers_of_a_killed_run_go(self):
        sweep = self.write_sweep()
        self.check(self.run_program("run", sweep), 0)
        (self.folder / "results/tiny/.layers.csv.initsweep-1-0").write_text("half")
        self.check(self.run_program("run", sweep), 0)
        self.assertEqual(sorted(p.name for p in (self.folder / "results/tiny").iterdir() if "tmp" in p.name), [])

    def test_set_of_a_parameter_reaches_structured_values(self):
        sweep = self.write_sweep(NORMALS)
        self.check(self.run_program("run", sweep, "--set", "normal.stddev=0.5"), 0)
        self.assertEqual([row["initializer"] for row in self.rows("results/normals", "jobs.csv")],
                         ["normal(mean=0;stddev=0.5)", "he_normal"])

    def test_a_filter_takes_what_tables_show(self):
        sweep = self.write_sweep(NORMALS)
        self.check(self.run_program("run", sweep, "--filter", "initializer=normal(mean=0;stddev=0.01)"), 0)
        self.assertEqual(len(self.rows("results/normals", "jobs.csv")), 1)

    def test_a_part_says_what_is_not_trained_yet(self):
        result = self.run_program("run", self.write_sweep(), "--filter", "activation=relu")
        self.check(result, 0)
        self.assertIn("1 ok, 0 diverged, 1 not trained yet", result.stdout)


class Slips(ProgramTest):
    def test_more_samples_than_mnist_has_are_located(self):
        (self.folder / "big.yaml").write_text(
            "version: 1\nname: big\nsettings: {epochs: 1}\ngrid:\n  train_samples: [100, 70000]\n")
        self.check(self.run_program("plan", "big.yaml"), 2,
                   "big.yaml:5:24: error: train_samples 70000 is more than the 60000 training samples of mnist\n"
                   "    5 |   train_samples: [100, 70000]\n"
                   "      |                        ^~~~~\n")

    def test_a_data_folder_that_is_none_is_told(self):
        self.check(self.run_program("data", "path", "mnist", "--data", "nowhere"), 5,
                   "nowhere: error: --data names no folder\n")

    def test_show_does_not_take_seeds(self):
        sweep = self.write_sweep()
        self.check(self.run_program("run", sweep), 0)
        self.check(self.run_program("show", "results/tiny", "--filter", "seed=1"), 2,
                   "initsweep: error: show --filter takes settings; its rows are over all seeds of a cell\n")

    def test_two_excludes_may_match_the_same(self):
        sweep = self.write_sweep(SWEEP + "  depth: [1, 2]\nexclude:\n  - {{activation: relu}}\n"
                                         "  - {{activation: relu, depth: 2}}\n")
        self.check(self.run_program("plan", sweep), 0, stderr="")

    def test_an_exclude_of_the_command_line_is_named_so(self):
        sweep = self.write_sweep()
        result = self.run_program("plan", sweep, "--set", "exclude=[{activation: relu}]")
        self.assertIn("by the pattern in --set:1", result.stdout)

    def test_csv_numbers_have_all_their_digits(self):
        sweep = self.write_sweep()
        self.check(self.run_program("run", sweep), 0)
        shown = self.run_program("show", "results/tiny", "--format", "csv").stdout.splitlines()[1].split(",")
        cells = self.rows("results/tiny", "cells.csv")[0]
        self.assertIn(cells["test_accuracy_mean"], shown)


if __name__ == "__main__":
    unittest.main()
