"""Claims and the regression gate as a user meets them: exit codes, files, and what is said."""

import csv
import json
import os
import re
import stat

from harness import ProgramTest
from junit import assert_valid_junit

SWEEP = """\
version: 1
name: gated
settings: {{dataset: "idx:{data}", width: 8, epochs: 2, batch_size: 16, learning_rate: 0.1}}
grid:
  activation: [relu, tanh]
  depth: [1, 2]
seeds: 3
"""

HOLDS = """\
  - claim: nets have weights
    metric: layers.weight.rms
    layer: all
    at_least: 0.01
"""
FAILS = """\
  - id: too-much
    claim: nets are | perfect
    metric: test_accuracy
    where: {{activation: relu}}
    at_least: 2
"""
UNDECIDED = """\
  - claim: a coin toss
    metric: test_accuracy
    where: {{activation: relu, depth: 1}}
    at_least: {mean}
"""


class Claims(ProgramTest):
    def run_with(self, claims, *options, **more):
        return self.run_program("run", self.write_sweep(SWEEP + "expect:\n" + claims), "-q", *options, **more)

    def verdicts(self, out="results/gated"):
        return [row["verdict"] for row in self.rows(out, "checks.csv")]

    def test_claims_that_hold_are_counted(self):
        result = self.run_with(HOLDS)
        self.check(result, 0, stderr="")
        self.assertTrue(result.stdout.endswith("results/gated: 12 ok, 0 diverged; of its claims 4 hold\n"))
        self.assertEqual(self.verdicts(), ["holds"] * 4)

    def test_a_claim_that_fails_is_exit_1_and_says_by_how_much(self):
        result = self.run_with(HOLDS + FAILS)
        self.check(result, 1, stderr="")
        self.assertEqual(self.verdicts(), ["holds"] * 4 + ["fails"] * 2)
        line = next(line for line in result.stdout.splitlines() if re.match("fails +too-much", line))
        self.assertRegex(line, r"relu/depth=1 +test_accuracy +at least 2 +0\.")
        row = self.rows("results/gated", "checks.csv")[-1]
        self.assertEqual((row["id"], row["claim"], row["n"], row["expected"]),
                         ("too-much", "nets are | perfect", "3", "at least 2"))
        accuracies = [float(job["test_accuracy"]) for job in self.rows("results/gated", "jobs.csv")
                      if job["cell_id"] == row["cell_id"]]
        self.assertAlmostEqual(float(row["observed"]), sum(accuracies) / 3, places=14)

    def test_a_claim_that_seeds_cannot_decide_is_exit_4(self):
        self.check(self.run_with(HOLDS), 0)
        values = [float(job["test_accuracy"]) for job in self.rows("results/gated", "jobs.csv")[:3]]
        self.assertGreater(max(values), min(values), "the test needs seeds that differ")
        mean = sum(values) / 3
        self.check(self.run_with(UNDECIDED.replace("{mean}", repr(mean))), 4)
        self.assertEqual(self.verdicts(), ["inconclusive"])
        # No is worse than undecided.
        self.check(self.run_with(UNDECIDED.replace("{mean}", repr(mean)) + FAILS), 1)

    def test_jobs_that_failed_come_first(self):
        claims = FAILS.replace("test_accuracy", "best_test_accuracy") + "limits: {{job_timeout: 1ms}}\n"
        result = self.run_with(claims, "--set", "epochs=100000")
        self.check(result, 3)
        self.assertEqual(set(self.verdicts()), {"inconclusive"})

    def test_what_a_filter_leaves_out_is_not_run(self):
        self.check(self.run_with(FAILS, "--filter", "activation=tanh"), 0)
        self.assertEqual(self.verdicts(), ["not_run", "not_run"])
        self.check(self.run_with(FAILS), 1)

    def test_a_claim_that_set_takes_the_cells_from_is_not_run(self):
        result = self.run_with(FAILS, "--set", "grid.activation=[tanh]")
        self.check(result, 0)
        self.assertEqual(self.verdicts(), ["not_run"])
        self.assertIn("of its claims 1 not run", result.stdout)

    def test_a_slip_in_a_claim_is_found_with_set_too(self):
        result = self.run_with(FAILS.replace("activation: relu", "activation: elu"), "--set", "epochs=1")
        self.check(result, 2)
        self.assertIn("this where matches no cell of the sweep", result.stderr)

    def test_a_claim_about_nothing_is_an_error_when_it_is_read(self):
        result = self.run_with(FAILS.replace("activation: relu", "activation: elu"))
        self.check(result, 2)
        self.assertIn("sweep.yaml:12:12: error: this where matches no cell of the sweep\n", result.stderr)
        self.assertFalse((self.folder / "results").exists())

    def test_github_gets_annotations_at_the_claim_and_a_summary(self):
        summary = self.folder / "summary.md"
        summary.write_text("before\n")
        github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
        result = self.run_with(FAILS, env=github)
        self.check(result, 1)
        self.assertEqual(summary.read_text(), "before\n")  # which check has more to say for
        self.check(self.run_program("check", "results/gated", env=github), 1)
        lines = [line for line in result.stderr.splitlines() if line.startswith("::")]
        self.assertEqual(len(lines), 2)
        self.assertRegex(lines[0], r"^::error file=sweep.yaml,line=9,col=5,title=too-much%3A nets are \| perfect \(relu/depth=1\)::"
                                   r"test_accuracy fails: value 0\.")
        self.assertTrue(summary.read_text().startswith("before\n"))
        self.assertIn("nets are &#124; perfect", summary.read_text())

    def test_check_says_again_what_run_said(self):
        self.check(self.run_with(HOLDS + FAILS), 1)
        result = self.run_program("check", "results/gated")
        self.check(result, 1, stderr="")
        self.assertIn("failed: 2 fail, 4 hold\n", result.stdout)
        self.assertEqual(json.loads(self.run_program("check", "results/gated", "--format", "json").stdout)[0]["id"],
                         "too-much")


class Gate(ProgramTest):
    def setUp(self):
        super().setUp()
        self.sweep = self.write_sweep(SWEEP)
        self.check(self.run_program("run", self.sweep, "-o", "now", "-q"), 0)

    def accept(self, *options, folder="now", base="base/ci", reason="first"):
        return self.run_program("baseline", "accept", folder, "-o", base, "--reason", reason, *options)

    def gate(self, *options, folder="now", base="base/ci"):
        return self.run_program("check", folder, "--baseline", base, *options)

    def findings(self, code, **options):
        result = self.gate("--format", "json", **options)
        self.check(result, code)
        return json.loads(result.stdout)

    def edit(self, change, file="base/ci.csv"):
        """Lets `change` alter each row of the baseline, or leave it out."""
        with open(self.folder / file, newline="", encoding="utf-8") as opened:
            reader = csv.DictReader(opened)
            rows = [row for row in map(change, reader) if row is not None]
        with open(self.folder / file, "w", newline="", encoding="utf-8") as opened:
            writer = csv.DictWriter(opened, reader.fieldnames, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        yaml = (self.folder / file).with_suffix(".yaml")
        yaml.write_text(re.sub(r"^jobs: .*$", f"jobs: {len(rows)}", yaml.read_text(), flags=re.MULTILINE))

    def test_accepted_results_pass_by_their_digests(self):
        result = self.accept()
        self.check(result, 0, stderr="")
        self.assertEqual(result.stdout, "a new baseline: 4 cells, 12 jobs\nbase/ci.csv\nbase/ci.yaml\n")
        result = self.gate()
        self.check(result, 0, stderr="")
        self.assertIn("12 of 12 jobs of both have the same digest; ", result.stdout)
        self.assertTrue(result.stdout.endswith("\npassed: 6 pass\n"), result.stdout)
        for name in ("base/ci.csv", "base/ci.yaml"):  # any of the names
            self.check(self.gate(base=name), 0)

    def test_lower_accuracy_is_exit_1_and_named_first(self):
        self.accept()

        def raise_relu(row):
            row["digest"] = "d_" + "0" * 16
            if row["activation"] == "relu" and row["depth"] == "2":
                row["test_accuracy"] = str(float(row["test_accuracy"]) + 0.6 + 0.001 * int(row["seed"]))
            return row

        self.edit(raise_relu)
        found = self.findings(1)
        self.assertEqual([(f["verdict"], f["cell"], f["quantity"]) for f in found if f["verdict"] != "pass"],
                         [("regressed", "relu/depth=2", "test_accuracy")])
        self.assertEqual(found[0]["verdict"], "regressed")
        self.assertLess(found[0]["p_value"], 0.05)
        self.assertEqual(found[0]["n"], 3)
        self.assertAlmostEqual(found[0]["effect"], -0.602, places=12)

    def test_reports_are_written_for_machines_and_people(self):
        self.accept()
        self.edit(lambda row: {**row, "digest": "d_0", "status": "ok", "test_accuracy": "5.0"})
        result = self.gate("--junit", "out.xml", "--markdown", "out.md")

        self.check(result, 1)
        assert_valid_junit(self.folder / "out.xml")
        self.assertIn("regressed", (self.folder / "out.xml").read_text())
        self.assertIn("| regressed |", (self.folder / "out.md").read_text())
        result = self.gate("--junit", "no/such/folder.xml")
        self.check(result, 5)

    def test_no_baseline_never_passes(self):
        result = self.gate("--junit", "out.xml", base="nowhere")
        self.check(result, 4)
        self.assertIn("there is no baseline nowhere; `initsweep baseline accept now -o nowhere", result.stdout)
        assert_valid_junit(self.folder / "out.xml")
        result = self.run_program("check", "now")
        self.check(result, 4)
        self.assertIn("there is nothing to check", result.stdout)
        self.check(self.run_program("run", self.write_sweep(SWEEP + "expect:\n" + FAILS), "-o", "now", "-q"), 1)
        self.check(self.gate(base="nowhere"), 1)  # a claim that fails is not hidden
        result = self.gate(base="sweep.yaml")
        self.check(result, 2)
        self.assertIn("sweep.yaml is neither a baseline (sweep.csv and sweep.yaml) nor a folder of results", result.stderr)

    def test_accepting_overwrites_nothing_but_baselines(self):
        before = (self.folder / "sweep.yaml").read_bytes()
        for base in ("sweep", "sweep.yaml", "now", "now/jobs"):
            self.check(self.accept(base=base), 2)
        self.assertEqual((self.folder / "sweep.yaml").read_bytes(), before)

    def test_fewer_seeds_are_accepted_only_when_told(self):
        self.accept()
        self.check(self.run_program("run", self.sweep, "-o", "one", "-q", "--set", "seeds=1"), 0)
        result = self.accept(folder="one")
        self.check(result, 4)
        self.assertIn("has more seeds in 4 cells; --replace", result.stderr)
        self.assertIn("seeds 1 to 3 then, 1 now", self.gate(folder="one").stdout)

    def test_jobs_that_failed_are_exit_3(self):
        self.accept()
        sweep = self.write_sweep(SWEEP + "limits: {{job_timeout: 0.001ms}}\n", "slow.yaml")
        self.check(self.run_program("run", sweep, "-o", "slow", "-q"), 3)
        result = self.gate(folder="slow")
        self.check(result, 3)
        self.assertIn("12 of 12 jobs failed or timed out", result.stdout)

    def test_a_folder_without_its_journal_says_so(self):
        self.accept()
        (self.folder / "bare").mkdir()
        (self.folder / "bare/run.json").write_bytes((self.folder / "now/run.json").read_bytes())
        result = self.gate(folder="bare")
        self.check(result, 4)
        self.assertIn("nothing trained now", result.stdout)

    def test_what_is_not_there_never_passes(self):
        self.accept()
        self.check(self.run_program("run", self.sweep, "-o", "part", "-q", "--filter", "activation=relu"), 0)
        self.assertEqual({f["verdict"] for f in self.findings(4, folder="part")}, {"missing", "pass"})
        self.check(self.run_program("run", self.sweep, "-o", "fewer", "-q", "--set", "grid.activation=[relu]"), 0)
        self.assertIn("missing", {f["verdict"] for f in self.findings(4, folder="fewer")})
        self.check(self.run_program("run", self.sweep, "-o", "more", "-q", "--set", "grid.depth=[1,2,3]"), 0)
        self.assertEqual({f["verdict"] for f in self.findings(4, folder="more")}, {"extra", "pass"})
        self.check(self.run_program("run", self.sweep, "-o", "other", "-q", "--set", "epochs=1"), 0)
        reasons = [f["reason"] for f in self.findings(4, folder="other")]
        self.assertIn("other settings: epochs was 2, is 1", reasons)

    def test_other_data_never_passes(self):
        self.accept()
        (self.data / "t10k-labels-idx1-ubyte").write_bytes((self.data / "t10k-labels-idx1-ubyte").read_bytes()[:-1] + b"\0")
        self.check(self.run_program("run", self.sweep, "-o", "other", "-q"), 0)
        self.assertTrue(any("other data" in (f["reason"] or "") for f in self.findings(4, folder="other")))
        result = self.accept(folder="other")
        self.check(result, 4)
        self.assertIn("--replace lets these results take its place", result.stderr)

    def test_data_that_moved_are_the_same_data(self):
        self.accept()
        os.rename(self.data, self.folder / "moved")
        self.data = self.folder / "moved"
        self.check(self.run_program("run", self.write_sweep(SWEEP, "moved.yaml"), "-o", "moved-out", "-q"), 0)
        self.check(self.gate(folder="moved-out"), 0)

    def test_accepting_shows_what_changes_and_keeps_the_gate(self):
        self.accept()
        yaml = self.folder / "base/ci.yaml"
        yaml.write_text(yaml.read_text().replace("gate: {}", "gate:\n  test_loss: {atol: 0.5}"))
        self.edit(lambda row: {**row, "digest": "d_0", "test_accuracy": "5.0"})
        before = {name: (self.folder / "base" / name).read_bytes() for name in ("ci.csv", "ci.yaml")}
        result = self.accept("--dry-run")
        self.check(result, 0)
        self.assertIn("0 of 12 jobs of both have the same digest\n", result.stdout)
        self.assertIn("regressed  relu/depth=1  test_accuracy", result.stdout)
        self.assertEqual({name: (self.folder / "base" / name).read_bytes() for name in before}, before)
        self.check(self.accept(reason='said "so": # {twice}'), 0)
        self.assertIn("test_loss: {rtol: 0, atol: 0.5}", yaml.read_text())
        result = self.gate()
        self.check(result, 0)
        self.assertIn('said "so": # {twice}', result.stdout)

    def test_accepting_refuses_what_is_not_a_whole_result(self):
        result = self.run_program("baseline", "accept", "now", "-o", "base/ci")
        self.check(result, 2)
        self.assertIn("--reason is required", result.stderr)
        self.check(self.accept(reason="  "), 2)
        self.check(self.run_program("run", self.sweep, "-o", "part", "-q", "--filter", "seed=1"), 0)
        result = self.accept(folder="part")
        self.check(result, 4)
        self.assertIn("part: error: 8 jobs are not finished or failed; a baseline is complete", result.stderr)
        self.assertFalse((self.folder / "base").exists())

    def test_other_settings_are_accepted_only_when_told(self):
        self.accept()
        self.check(self.run_program("run", self.sweep, "-o", "other", "-q", "--set", "epochs=1"), 0)
        result = self.accept(folder="other")
        self.check(result, 4)
        self.assertIn("base/ci: error: is of other settings: epochs was 2, is 1; --replace", result.stderr)
        self.check(self.accept("--replace", folder="other"), 0)
        self.check(self.gate(folder="other"), 0)

    def test_baselines_do_not_depend_on_the_order_of_the_grid_or_threads(self):
        self.accept()
        turned = SWEEP.replace("[relu, tanh]\n  depth: [1, 2]", "[tanh, relu]").replace("grid:\n", "grid:\n  depth: [2, 1]\n")
        self.check(self.run_program("run", self.write_sweep(turned, "turned.yaml"), "-o", "turned", "-q", "-j1"), 0)
        self.check(self.accept(folder="turned", base="base/turned"), 0)
        self.assertEqual((self.folder / "base/turned.csv").read_bytes(), (self.folder / "base/ci.csv").read_bytes())

    def test_damaged_baselines_are_told_with_their_place(self):
        self.accept()
        yaml, table = self.folder / "base/ci.yaml", self.folder / "base/ci.csv"
        good_yaml, good_table = yaml.read_text(), table.read_text()
        yaml.write_text(good_yaml.replace("gate: {}", "gate:\n  test_los: {atol: 0.5}"))
        result = self.gate()
        self.check(result, 2)
        self.assertRegex(result.stderr, r"^base/ci.yaml:\d+:3: error: unknown column 'test_los' in gate\n")
        self.assertIn("did you mean 'test_loss'?", result.stderr)
        yaml.write_text(good_yaml)
        for damaged in (good_table.rsplit("\n", 2)[0] + "\n", good_table.replace("seed,", "sed,", 1),
                        good_table.replace(",ok,", ",okay,", 1), ""):
            table.write_text(damaged)
            result = self.gate()
            self.check(result, 5)
            self.assertTrue(result.stderr.startswith("base/ci.csv"), result.stderr)

    def test_two_folders_compare_and_locate(self):
        result = self.gate("--locate", base="now")
        self.check(result, 0)
        self.assertIn("none of the 12 jobs that both have differs in anything recorded", result.stdout)
        self.accept()
        result = self.gate("--locate")
        self.check(result, 2)
        self.assertIn("--locate compares two folders of results", result.stderr)
        self.check(self.run_program("run", self.sweep, "-o", "portable", "-q", "--isa", "portable"), 0)
        found = self.run_program("check", "portable", "--baseline", "now", "--locate", "--format", "csv")
        rows = list(csv.DictReader(found.stdout.splitlines()))
        self.assertTrue(rows, "the test needs results that differ")
        self.assertEqual({row["step"] for row in rows} - {"0", "4", "8"}, set())
        self.assertTrue(all(row["statistic"] for row in rows))

    def test_check_writes_nothing_where_it_looks(self):
        self.accept()
        folders = (self.folder / "now", self.folder / "base")
        names = [sorted(p.name for p in folder.iterdir()) for folder in folders]
        for folder in folders:
            folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
            self.addCleanup(folder.chmod, stat.S_IRWXU)
        self.check(self.gate(), 0)
        self.assertEqual([sorted(p.name for p in folder.iterdir()) for folder in folders], names)
