"""`probe`: every net is looked at before training, and none is trained."""

import unittest

from harness import SWEEP, ProgramTest
from run_test import TWELVE

RATES = SWEEP + "  learning_rate: [0.1, 0.2]\n"


class Probe(ProgramTest):
    def test_nets_are_looked_at_and_neither_trained_nor_evaluated(self):
        sweep = self.write_sweep(
            RATES + "expect:\n"
            "  - {{claim: it learns, metric: test_accuracy, at_least: 0, over: every_seed}}\n"
            "  - {{claim: it has weights, metric: layers.weight.rms, where: {{learning_rate: 0.2}}, at_least: 0.01, "
            "over: every_seed}}\n")
        done = self.run_program("probe", sweep)
        self.check(done, 0)
        self.assertNotIn("accuracy", done.stdout.splitlines()[0])
        jobs = self.rows("results/tiny-probe", "jobs.csv")
        shown = ("activation", "epochs", "learning_rate", "epochs_run", "steps_run", "test_accuracy", "status")
        self.assertEqual([tuple(job[column] for column in shown) for job in jobs],
                         [("relu", "2", "0.1", "0", "0", "", "ok"), ("tanh", "2", "0.1", "0", "0", "", "ok")])
        cells = self.rows("results/tiny-probe", "cells.csv")
        self.assertEqual([(cell["cell_id"], cell["learning_rate"]) for cell in cells],
                         [(job["cell_id"], rate) for job in jobs for rate in ("0.1", "0.2")])
        self.assertEqual(self.rows("results/tiny-probe", "epochs.csv"), [])
        verdicts = {(row["claim"], row["verdict"], row["reason"])
                    for row in self.rows("results/tiny-probe", "checks.csv")}
        why = "the nets are only looked at before training (probe: true)"
        self.assertEqual(verdicts, {("it learns", "not_run", why), ("it has weights", "holds", "")})

        # What it sees is what a run sees before it trains.
        self.check(self.run_program("run", sweep, "--set", "learning_rate=0.1"), 0)
        of_probe, of_run = self.rows("results/tiny-probe", "layers.csv"), self.rows("results/tiny", "layers.csv")
        for row in of_probe + of_run:
            del row["job_id"]
        self.assertEqual(of_probe, [row for row in of_run if row["step"] == "0"])

    def test_it_has_the_jobs_of_no_epochs(self):
        sweep = self.write_sweep(SWEEP.replace("epochs: 2", "steps: 3"))
        self.check(self.run_program("probe", sweep, "-o", "probed"), 0)
        self.check(self.run_program("run", sweep, "--set", "epochs=0", "-o", "none"), 0)
        jobs = self.rows("probed", "jobs.csv")
        self.assertEqual([(job["steps"], job["steps_run"]) for job in jobs], [("3", "0")] * 2)
        self.assertEqual([(job["job_id"], job["digest"]) for job in jobs],
                         [(job["job_id"], job["digest"]) for job in self.rows("none", "jobs.csv")])

    def test_a_filter_selects_by_any_name_of_a_net(self):
        sweep = self.write_sweep(RATES)
        self.check(self.run_program("probe", sweep, "-o", "here", "--filter", "learning_rate=0.2", "--filter",
                                    "activation=tanh"), 0)
        self.assertEqual([job["activation"] for job in self.rows("here", "jobs.csv")], ["tanh"])
        self.check(self.run_program("probe", sweep, "--filter", "learning_rate=0.3"), 2)
        for rate, code in (("0.1", 0), ("0.3", 2)):
            self.check(self.run_program("show", "here", "--filter", f"learning_rate={rate}"), code)

    def test_the_start_is_shown_whatever_at_start_says(self):
        sweep = self.write_sweep(SWEEP + "record: {{layers: {{at_start: false}}}}\n")
        self.check(self.run_program("probe", sweep), 0)
        self.assertEqual({row["step"] for row in self.rows("results/tiny-probe", "layers.csv")}, {"0"})

    def test_same_bytes_for_any_threads_and_after_a_kill(self):
        sweep = self.write_sweep(TWELVE)
        self.check(self.run_program("probe", sweep, "-o", "one", "-j1"), 0)
        self.check(self.run_program("probe", sweep, "-o", "two", "-j2"), 0)
        self.assertEqual(self.digests("two"), self.digests("one"))
        journal = self.folder / "two/journal.ndjson"
        journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:5])[:-7])
        (self.folder / "two/layers.csv").unlink()
        resumed = self.run_program("probe", sweep, "-o", "two", "-j2")
        self.check(resumed, 0)
        self.assertIn("looking at 9 jobs on 2 threads; 3 finished before\n", resumed.stderr)
        self.assertEqual(self.digests("two"), self.digests("one"))

    def test_a_folder_of_trained_nets_keeps_them_and_says_so(self):
        sweep = self.write_sweep(RATES)
        self.check(self.run_program("run", sweep, "-o", "here"), 0)
        before = self.digests("here")
        self.assertIn("4 finished jobs in here lie outside the present plan; the CSVs leave out what the journal "
                      "keeps\n", self.run_program("probe", sweep, "-o", "here").stderr)
        again = self.run_program("run", sweep, "-o", "here")
        self.assertIn("nothing to train", again.stderr)
        self.assertEqual(self.digests("here"), before)

    def test_other_commands_know_that_nothing_was_trained(self):
        sweep = self.write_sweep(RATES.replace("depth: 1", "depth: 3") + "seeds: 3\n")
        self.check(self.run_program("probe", sweep, "-o", "here"), 0)
        self.check(self.run_program("status", "here"), 0)
        shown = self.run_program("show", "here")
        self.check(shown, 0, stderr="")
        self.assertNotIn("Who learns?", shown.stdout)
        self.assertIn("Where gradients die:", shown.stdout)
        self.check(self.run_program("show", "here", "--best-over", "learning_rate"), 2,
                   "initsweep: error: --best-over chooses by test accuracy, and these nets were not trained\n")
        for what in ("heatmap", "curves", "losses", "shares"):
            with self.subTest(what):
                self.check(self.run_program("plot", "here", "--what", what, "-o", "x.svg"), 2,
                           f"initsweep: error: --what {what} is about training, and the nets of here were not trained; "
                           "--what health and --what layers show how they start\n")
        for what in ("health", "layers"):
            self.check(self.run_program("plot", "here", "--what", what, "-o", "x.svg"), 0)
        self.check(self.run_program("report", "here"), 0)

        self.check(self.run_program("baseline", "accept", "here", "-o", "base", "--reason", "first"), 0)
        passed = self.run_program("check", "here", "--baseline", "base")
        self.check(passed, 0, stderr="")
        self.assertIn("6 of 6 jobs of both have the same digest; ", passed.stdout)


if __name__ == "__main__":
    unittest.main()
