"""Running, resuming, and never losing what is finished."""

import json
import re
import shutil
import unittest

from harness import RESULTS, SWEEP, ProgramTest

# Twelve jobs of unequal length.
TWELVE = """\
version: 1
name: twelve
settings: {{dataset: "idx:{data}", width: 8, epochs: 3, batch_size: 8}}
grid:
  initializer: [he_normal, glorot_uniform]
  depth: [1, 2, 3]
seeds: 2
"""


class Run(ProgramTest):
    def test_two_jobs_end_in_csvs_and_their_paths(self):
        result = self.run_program("run", self.write_sweep())
        self.check(result, 0)
        for name in RESULTS + ["trace.csv", "run.json", "datapackage.json", "journal.ndjson"]:
            self.assertTrue((self.folder / "results/tiny" / name).is_file(), name)
        for name in RESULTS:
            self.assertIn(f"\nresults/tiny/{name}\n", result.stdout)
        self.assertTrue(result.stdout.endswith("\nresults/tiny: 2 ok, 0 diverged\n"), result.stdout)
        jobs = self.rows("results/tiny", "jobs.csv")
        self.assertEqual([(row["activation"], row["status"]) for row in jobs], [("relu", "ok"), ("tanh", "ok")])
        self.assertEqual(len(self.rows("results/tiny", "epochs.csv")), 2 * 3)
        traces = self.rows("results/tiny", "trace.csv")
        self.assertEqual(len(traces), 2)
        self.assertGreater(float(traces[0]["samples_per_s"]), 0)

    def test_a_second_run_trains_nothing_and_says_the_same(self):
        sweep = self.write_sweep()
        first = self.run_program("run", sweep)
        before = self.digests("results/tiny")
        again = self.run_program("run", sweep)
        self.check(again, 0)
        self.assertIn("nothing to train: results/tiny has all of 2 jobs", again.stderr)
        self.assertEqual(again.stdout, first.stdout)
        self.assertEqual(self.digests("results/tiny"), before)
        self.assertEqual(len(self.rows("results/tiny", "trace.csv")), 2)

    def test_same_bytes_for_any_number_of_threads(self):
        sweep = self.write_sweep(TWELVE)
        for threads in (1, 2, 3, 8, 32):
            self.check(self.run_program("run", sweep, "-o", f"out{threads}", f"-j{threads}"), 0)
            self.assertEqual(self.digests("out1"), self.digests(f"out{threads}"))

    def test_a_filter_trains_some_and_later_the_rest(self):
        sweep = self.write_sweep(TWELVE)
        self.check(self.run_program("run", sweep, "-o", "whole"), 0)
        some = self.run_program("run", sweep, "-o", "parts", "--filter", "depth=1", "--filter", "depth=3",
                                "--filter", "seed=2")
        self.check(some, 0)
        self.assertEqual(sorted({(row["depth"], row["seed"]) for row in self.rows("parts", "jobs.csv")}),
                         [("1", "2"), ("3", "2")])
        one = self.rows("whole", "jobs.csv")[2]["job_id"]
        self.check(self.run_program("run", sweep, "-o", "parts", "--job", one), 0)
        self.assertEqual(len(self.rows("parts", "jobs.csv")), 5)
        self.check(self.run_program("run", sweep, "-o", "parts"), 0)
        self.assertEqual(self.digests("parts"), self.digests("whole"))

    def test_a_filter_that_selects_nothing_is_an_error(self):
        sweep = self.write_sweep()
        self.check(self.run_program("run", sweep, "--filter", "depth=7"), 2,
                   "initsweep: error: the filter selects none of the 2 jobs; 'initsweep plan' shows what there is\n")
        self.assertFalse((self.folder / "results").exists())
        self.check(self.run_program("run", sweep, "--filter", "dpeth=7"), 2,
                   "initsweep: error: --filter knows no setting 'dpeth'; did you mean 'depth'?\n")

    def test_diverged_jobs_are_finished(self):
        sweep = self.write_sweep(SWEEP.replace("activation: [relu, tanh]", "learning_rate: [0.01, 1.0e+30]"))
        result = self.run_program("run", sweep)
        self.check(result, 0)
        self.assertEqual([row["status"] for row in self.rows("results/tiny", "jobs.csv")], ["ok", "diverged"])

    def test_jobs_over_their_time_make_exit_code_3_and_can_be_retried(self):
        sweep = self.write_sweep(SWEEP + "limits: {{job_timeout: 0.001ms}}\n")
        result = self.run_program("run", sweep)
        self.check(result, 3)
        self.assertEqual({row["status"] for row in self.rows("results/tiny", "jobs.csv")}, {"timeout"})
        self.write_sweep()  # the limit is not a setting: the jobs stay the same
        self.check(self.run_program("run", sweep), 3)
        self.check(self.run_program("run", sweep, "--retry-failed"), 0)
        self.assertEqual({row["status"] for row in self.rows("results/tiny", "jobs.csv")}, {"ok"})
        self.assertEqual(len(self.rows("results/tiny", "trace.csv")), 4)

    def test_too_many_failures_end_the_run(self):
        sweep = self.write_sweep(TWELVE + "limits: {{job_timeout: 0.001ms}}\n")
        result = self.run_program("run", sweep, "--max-failures", "3", "-j1")
        self.check(result, 3)
        self.assertEqual(len(self.rows("results/twelve", "jobs.csv")), 3)
        self.assertIn("stopped after 3 failed jobs (--max-failures)\n", result.stderr)

    def test_the_log_file_tells_more_than_the_screen(self):
        result = self.run_program("run", self.write_sweep(), "-q", "--log-file", "run.log")
        self.check(result, 0, stderr="")
        self.assertIn("starts relu/seed=1", (self.folder / "run.log").read_text())

    def test_tables_come_as_json(self):
        result = self.run_program("run", self.write_sweep(), "--format", "json", "-q")
        self.assertEqual([row["activation"] for row in json.loads(result.stdout)], ["relu", "tanh"])


class NothingIsLost(ProgramTest):
    def test_finished_jobs_outside_the_plan_are_not_hidden(self):
        sweep = self.write_sweep()
        self.check(self.run_program("run", sweep), 0)
        before = self.digests("results/tiny")
        result = self.run_program("run", sweep, "--set", "epochs=1")
        self.check(result, 2,
                   "initsweep: error: 2 finished jobs in results/tiny lie outside the present plan, "
                   "so its CSVs would lose them\n"
                   "  --replan  go on here; the journal keeps them, and a plan that has them shows them again\n"
                   "  -o DIR    put this plan's results into DIR\n"
                   "  --fresh   start over; results/tiny is renamed to results/tiny.1 "
                   "or the next number that is free\n")
        self.assertEqual(self.digests("results/tiny"), before)

        self.check(self.run_program("run", sweep, "--set", "epochs=1", "--replan"), 0)
        self.assertEqual({row["epochs"] for row in self.rows("results/tiny", "jobs.csv")}, {"1"})
        again = self.run_program("run", sweep, "--replan")
        self.check(again, 0)
        self.assertIn("nothing to train", again.stderr)
        self.assertEqual(self.digests("results/tiny"), before)

    def test_fresh_puts_the_old_folder_aside(self):
        sweep = self.write_sweep()
        for _ in range(3):
            self.check(self.run_program("run", sweep, "--fresh"), 0)
        self.assertEqual(sorted(p.name for p in (self.folder / "results").iterdir()), ["tiny", "tiny.1", "tiny.2"])
        self.assertEqual(self.digests("results/tiny"), self.digests("results/tiny.1"))

    def test_other_record_options_train_again(self):
        sweep = self.write_sweep()
        self.check(self.run_program("run", sweep), 0)
        before = [row["digest"] for row in self.rows("results/tiny", "jobs.csv")]
        self.write_sweep(SWEEP + "record: {{layers: {{every: never}}}}\n")
        result = self.run_program("run", sweep)
        self.check(result, 0)
        self.assertIn("training 2 jobs", result.stderr)
        self.assertEqual([row["digest"] for row in self.rows("results/tiny", "jobs.csv")], before)
        self.assertEqual({row["step"] for row in self.rows("results/tiny", "layers.csv")}, {"0"})

    def test_a_torn_last_line_costs_its_job_alone(self):
        sweep = self.write_sweep(TWELVE)
        self.check(self.run_program("run", sweep), 0)
        before = self.digests("results/twelve")
        journal = self.folder / "results/twelve/journal.ndjson"
        journal.write_bytes(journal.read_bytes()[:-5])
        result = self.run_program("run", sweep)
        self.check(result, 0)
        self.assertIn("journal.ndjson: a kill or a power cut has cost a part of it", result.stderr)
        self.assertIn("training 1 job on", result.stderr)
        self.assertEqual(self.digests("results/twelve"), before)


    def test_a_damaged_line_inside_is_refused_and_without_it_the_rest_is_there(self):
        sweep = self.write_sweep(TWELVE)
        self.check(self.run_program("run", sweep), 0)
        before = self.digests("results/twelve")
        journal = self.folder / "results/twelve/journal.ndjson"
        lines = journal.read_bytes().splitlines(keepends=True)
        lines[4] = lines[4].replace(b'"digest"', b'"digets"')
        journal.write_bytes(b"".join(lines))
        message = ("results/twelve/journal.ndjson:5: error: damaged line (its checksum does not fit); delete that "
                   "line, and its job alone is trained again\n")
        for command in (["run", sweep], ["status", "results/twelve"], ["show", "results/twelve"]):
            self.check(self.run_program(*command, "-q"), 5, message)
        self.assertEqual(self.digests("results/twelve"), before)
        journal.write_bytes(b"".join(lines[:4] + lines[5:]))
        result = self.run_program("run", sweep)
        self.check(result, 0)
        self.assertIn("training 1 job on", result.stderr)
        self.assertEqual(self.digests("results/twelve"), before)

    def test_a_journal_of_another_version_is_told_not_misread(self):
        sweep = self.write_sweep()
        self.check(self.run_program("run", sweep), 0)
        journal = self.folder / "results/tiny/journal.ndjson"
        for other in ("0", "1"):
            journal.write_text(re.sub(r'"initsweep_journal":\d+', f'"initsweep_journal":{other}', journal.read_text()))
            for command in (["run", sweep], ["status", "results/tiny"]):
                self.check(self.run_program(*command, "-q"), 5,
                           f"results/tiny/journal.ndjson: error: the journal has format {other}, this version of "
                           "initsweep reads format 2; use the version that wrote it, --fresh to train anew, or another "
                           "folder with -o\n")

    def test_a_filter_drops_no_rows_of_finished_jobs(self):
        sweep = self.write_sweep(TWELVE)
        self.check(self.run_program("run", sweep), 0)
        before = self.digests("results/twelve")
        for part in (["--filter", "depth=1"], ["--job", self.rows("results/twelve", "jobs.csv")[7]["job_id"]]):
            self.check(self.run_program("run", sweep, *part), 0)
            self.assertEqual(self.digests("results/twelve"), before)

    def test_a_folder_named_with_o_shows_the_present_plan_and_keeps_the_rest(self):
        sweep = self.write_sweep()
        self.check(self.run_program("run", sweep, "-o", "out"), 0)
        before = self.digests("out")
        other = self.run_program("run", sweep, "-o", "out", "--set", "epochs=1")
        self.check(other, 0)
        self.assertIn("2 finished jobs in out lie outside the present plan; the CSVs leave out what the journal keeps\n",
                      other.stderr)
        self.assertEqual([row["epochs"] for row in self.rows("out", "jobs.csv")], ["1", "1"])
        again = self.run_program("run", sweep, "-o", "out")
        self.check(again, 0)
        self.assertIn("nothing to train", again.stderr)
        self.assertEqual(self.digests("out"), before)


class Environment(ProgramTest):
    def test_missing_data_names_the_command_that_gets_it(self):
        sweep = self.write_sweep("version: 1\nname: tiny\nsettings: {{epochs: 1}}\n")
        result = self.run_program("run", sweep)
        self.check(result, 5)
        self.assertTrue(result.stderr.endswith("\nget it with: initsweep data fetch mnist\n"), result.stderr)
        self.assertFalse((self.folder / "results").exists())

    def test_a_results_folder_that_is_a_file(self):
        (self.folder / "file").write_text("")
        sweep = self.write_sweep()
        self.check(self.run_program("run", sweep, "-q", "-o", "file"), 5,
                   "file: error: this is a file, not a folder; choose another folder with -o\n")
        result = self.run_program("run", sweep, "-q", "-o", "file/below")
        self.check(result, 5)
        self.assertIn("file/below: error: ", result.stderr)

    def test_other_numerics_are_refused_and_nothing_is_touched(self):
        sweep = self.write_sweep()
        self.check(self.run_program("run", sweep), 0)
        journal = self.folder / "results/tiny/journal.ndjson"
        header = journal.read_text().splitlines()[0]
        self.assertIn('"initsweep"', header)
        journal.write_text(header.replace('"initsweep"', '"other"') + "\n")
        before = (self.folder / "results/tiny/run.json").read_bytes()
        result = self.run_program("run", sweep)
        self.check(result, 5)
        self.assertIn("--fresh", result.stderr)
        self.assertEqual((self.folder / "results/tiny/run.json").read_bytes(), before)


class BrokenSweeps(ProgramTest):
    def test_everything_wrong_is_said_at_once(self):
        sweep = self.write_sweep("version: 1\nname: tiny\nsettings: {{epochs: -1}}\n"
                                 "grid:\n  initializer: [he_norml]\n")
        result = self.run_program("run", sweep)
        self.check(result, 2, BROKEN)
        self.assertEqual(result.stdout, "")
        self.assertFalse((self.folder / "results").exists())


BROKEN = """\
sweep.yaml:3:20: error: epochs must be at least 0, got -1
    3 | settings: {epochs: -1}
      |                    ^~
sweep.yaml:5:17: error: unknown initializer 'he_norml'
    5 |   initializer: [he_norml]
      |                 ^~~~~~~~
  expected one of: by_activation, constant, edge_of_chaos, glorot2010_standard, glorot_normal, glorot_uniform, \
he_normal, he_uniform, identity, lecun_normal, lecun_uniform, lsuv, mean_field, normal, orthogonal, torch_default, \
truncated_normal, uniform, variance_scaling, zeros
  did you mean 'he_normal'?
"""


class Plan(ProgramTest):
    def test_the_table_shows_cells_folds_exclusions_and_totals(self):
        sweep = self.write_sweep(TWELVE.replace("[he_normal, glorot_uniform]", "[he_normal, glorot_uniform, normal]")
                                 + "exclude:\n  - {{initializer: normal, depth: 3}}\n")
        text = (self.folder / sweep).read_text().replace("grid:\n", "grid:\n  mode: [fan_in, fan_out]\n")
        (self.folder / sweep).write_text(text)
        result = self.run_program("plan", sweep, "-j2")
        self.check(result, 0, stderr="")
        self.assertIn("normal", result.stdout)
        self.assertIn("folded: 2 combinations", result.stdout)
        self.assertIn("mode has no meaning for normal", result.stdout)
        self.assertIn("by the pattern in sweep.yaml:", result.stdout)
        self.assertRegex(result.stdout, r"\n18 combinations - 2 excluded - 2 folded = 14 cells, 28 jobs\n")
        self.assertRegex(result.stdout, r"\nabout [0-9.]+ s with -j 2 \(an estimate, ")
        self.assertFalse((self.folder / "results").exists())

    def test_dry_run_is_the_plan(self):
        sweep = self.write_sweep(TWELVE)
        rows = []
        for command in (["plan"], ["run", "--dry-run"]):
            result = self.run_program(*command, sweep, "--format", "csv", "--filter", "seed=1")
            self.check(result, 0, stderr="")
            rows.append([line.split(",")[:3] for line in result.stdout.splitlines()])
        self.assertEqual(rows[0], rows[1])
        self.assertEqual(len(rows[0]), 1 + 6)
        self.assertFalse((self.folder / "results").exists())

    def test_the_jobs_of_the_plan_are_those_of_the_run(self):
        sweep = self.write_sweep(TWELVE)
        plan = json.loads(self.run_program("plan", sweep, "--format", "json").stdout)
        self.check(self.run_program("run", sweep), 0)
        self.assertEqual([job["job_id"] for job in plan["plan"]],
                         [row["job_id"] for row in self.rows("results/twelve", "jobs.csv")])
        self.assertEqual(plan["jobs"], 12)
        self.assertGreater(plan["estimated_s"], 0)

    def test_a_named_set_need_not_be_there(self):
        sweep = self.write_sweep("version: 1\nname: tiny\n")
        result = self.run_program("plan", sweep, "--format", "csv")
        self.check(result, 0, stderr="")
        self.assertEqual(len(result.stdout.splitlines()), 2)


class StatusAndShow(ProgramTest):
    def test_status_counts_and_show_draws(self):
        sweep = self.write_sweep(TWELVE)
        self.check(self.run_program("run", sweep, "--filter", "depth=3"), 0)
        status = self.run_program("status", "results/twelve", "--format", "json")
        self.check(status, 0, stderr="")
        self.assertEqual(json.loads(status.stdout),
                         [{"total": 12, "ok": 4, "diverged": 0, "failed": 0, "timeout": 0, "missing": 8}])
        table = self.run_program("status", "results/twelve").stdout
        self.assertTrue(table.startswith("twelve in results/twelve: 8 jobs missing\n"), table)

        show = self.run_program("show", "results/twelve", "--by", "depth", "--format", "csv")
        self.check(show, 0, stderr="")
        self.assertTrue(show.stdout.startswith("depth,"), show.stdout)
        layers = json.loads(self.run_program("show", "results/twelve", "--layers", "--format", "json").stdout)
        # Two initializers of depth 3: the input, three hidden layers, the output.
        self.assertEqual([row["layer"] for row in layers], [0, 1, 2, 3, 4] * 2)
        self.assertGreater(layers[1]["delta_rms"], 0)

    def test_watch_ends_when_the_run_is_complete(self):
        self.check(self.run_program("run", self.write_sweep()), 0)
        result = self.run_program("status", "results/tiny", "--watch")
        self.check(result, 0)
        self.assertIn("complete", result.stdout)

    def test_best_over_keeps_one_cell_of_each_family(self):
        sweep = self.write_sweep(SWEEP + "  learning_rate: [0.001, 0.1]\n")
        self.check(self.run_program("run", sweep), 0)
        best = self.run_program("show", "results/tiny", "--best-over", "learning_rate", "--by",
                                "activation,learning_rate", "--format", "json")
        self.check(best, 0)
        self.assertEqual(len(json.loads(best.stdout)), 2)

    def test_a_folder_without_a_run(self):
        for command in ("status", "show"):
            result = self.run_program(command, "data")
            self.check(result, 5)
            self.assertIn("data", result.stderr)

    def test_unknown_settings_get_the_nearest_name(self):
        self.check(self.run_program("show", "x", "--by", "dpeth"), 2,
                   "initsweep: error: --by takes settings; there is none named 'dpeth'; did you mean 'depth'?\n")

    def test_status_lists_what_failed(self):
        sweep = self.write_sweep(SWEEP + "limits: {{job_timeout: 0.001ms}}\n")
        self.check(self.run_program("run", sweep), 3)
        result = self.run_program("status", "results/tiny")
        self.assertIn("\nfailed or timed out:\n  relu/seed=1 (j_", result.stdout)
        shutil.rmtree(self.data)  # status needs no data
        self.check(self.run_program("status", "results/tiny"), 0)


if __name__ == "__main__":
    unittest.main()
