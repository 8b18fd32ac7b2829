"""experiments/measure, with the program named by $INITSWEEP and sweeps of a blink."""
import hashlib
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
from harness import BINARY, ProgramTest  # noqa: E402

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "experiments/measure"
SWEEP = """\
version: 1
name: {name}
description: d
about: {{claim: it learns, source: nobody, verdict: not so}}
settings: {{dataset: "idx:data", depth: 1, width: 4, epochs: 1}}
grid: {{activation: [relu, tanh]}}
seeds: 2
expect:
  - {{claim: all is well, status: ok}}
  - {{claim: it knows all, metric: test_accuracy, at_least: 1.5}}
  - {{claim: it knows half, metric: test_accuracy, equals: 0.5, atol: 0.6}}
"""


class Measure(ProgramTest):
    def setUp(self):
        super().setUp()
        for kind, name in (("chapter", "s7"), ("published", "e1")):
            (self.folder / "experiments" / kind).mkdir(parents=True)
            (self.folder / f"experiments/{kind}/{name}.yaml").write_text(SWEEP.format(name=name))

    def measure(self, *options):
        return subprocess.run([sys.executable, SCRIPT, "--root", self.folder, "--initsweep", BINARY, *options],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                              env=self.environment(), timeout=120)

    def test_keeps_what_a_run_gives_and_finds_what_is_not_it(self):
        self.check(self.measure(), 0)
        kept = self.folder / "results/published/e1"
        self.assertEqual(sorted(file.name for file in kept.iterdir()), ["cells.csv", "checks.csv", "jobs.csv"])
        self.assertEqual((kept / "index.csv").exists(), False)
        self.assertEqual((self.folder / "results/published/index.csv").read_text(),
                         "name,file,claim,source,verdict,condition,sweep_sha256\n"
                         "e1,experiments/published/e1.yaml,it learns,nobody,not so,,"
                         f"{hashlib.sha256(SWEEP.format(name='e1').encode()).hexdigest()}\n")
        self.assertEqual([(row["name"], row["jobs"]) for row in self.rows("results/published", "times.csv")],
                         [("e1", "4")])
        same = self.measure("--check")
        self.check(same, 0, stderr="")
        self.assertIn("2 gave the same bytes", same.stdout)

        checks = kept / "checks.csv"
        checks.write_text(checks.read_text().replace("fails", "holds"))
        edited = self.measure("--check", "e1")
        self.check(edited, 1)
        self.assertIn(f"measure: e1: {checks} is not what comes out now, from line ", edited.stderr)

        # On an instruction set that rounds otherwise, the verdicts alone are to be the same.
        times = self.folder / "results/chapter/times.csv"
        here = self.rows("results/chapter", "times.csv")[0]["instruction_set"]
        times.write_text(times.read_text().replace(here, "abacus"))
        self.assertIn("1, on another instruction set, the same verdicts", self.measure("--check", "s7").stdout)
        checks = self.folder / "results/chapter/s7/checks.csv"
        checks.write_text(checks.read_text().replace("fails", "holds"))
        self.assertIn("s7: other verdicts on ", self.measure("--check", "s7").stderr)

    def test_results_of_another_sweep_file_are_found_without_running(self):
        self.check(self.measure(), 0)
        e1 = self.folder / "experiments/published/e1.yaml"
        for old, new in (("epochs: 1", "epochs: 2"), ("verdict: not so", "verdict: so"),
                         ("atol: 0.6", "atol: 0.7"), ("seeds: 2", "record: {layers: {probe: 10}}\nseeds: 2"),
                         ("  - {claim: all is well, status: ok}\n", "")):
            with self.subTest(new):
                e1.write_text(SWEEP.format(name="e1").replace(old, new))
                changed = self.measure("--check", "--seconds", "0", "e1")
                self.check(changed, 1)
                self.assertEqual(changed.stderr, "measure: results of e1 are of another version of "
                                 "experiments/published/e1.yaml; run experiments/measure e1\n")
        # Of the last one, the jobs are those of before: what is measured again is new all the same.
        self.check(self.measure("e1"), 0)
        self.check(self.measure("--check", "--seconds", "0", "e1"), 0, stderr="")
        # Data of another kind make other jobs of the same file.
        jobs = self.folder / "results/published/e1/jobs.csv"
        jobs.write_text(jobs.read_text().replace("j_", "j_0"))
        self.assertEqual(self.measure("--check", "--seconds", "0", "e1").stderr,
                         f"measure: e1: {self.folder}/results/published/e1 is not of experiments/published/e1.yaml as "
                         "it is now; run experiments/measure e1\n")
        e1.unlink()
        self.assertIn("has 'e1', which is no experiment", self.measure("--check", "--seconds", "0").stderr)

    def test_what_cannot_be_measured_is_said(self):
        (self.folder / "experiments/chapter/s7.yaml").write_text("version: 2\n")
        self.assertIn("experiments/chapter/s7.yaml is no sweep file", self.measure().stderr)
        (self.folder / "experiments/chapter/s7.yaml").write_text(SWEEP.format(name="s7").replace("idx:data", "idx:nowhere"))
        done = self.measure("s7")
        self.check(done, 1)
        self.assertIn("measure: s7: initsweep run experiments/chapter/s7.yaml exits with 5\n", done.stderr)
        self.assertFalse((self.folder / "results/chapter").exists())
        self.assertIn("there is no experiment 'e10'; did you mean 'e1'?", self.measure("e10").stderr)
