"""Usage: help, version, and what is said to a wrong command line."""

import json
import subprocess
import unittest

from harness import BINARY, ProgramTest

COMMANDS = ["run", "probe", "plan", "status", "show", "data", "theory", "list"]
USAGE = "'initsweep{0} --help' shows how it is used\n"


class Arguments(ProgramTest):
    def test_help_lists_every_command_on_stdout(self):
        result = self.run_program("--help")
        self.check(result, 0, stderr="")
        for command in COMMANDS:
            self.assertRegex(result.stdout, rf"(?m)^  {command} ")

    def test_each_command_has_help(self):
        for command in COMMANDS:
            with self.subTest(command):
                result = self.run_program(command, "--help")
                self.check(result, 0, stderr="")
                self.assertIn("--format", result.stdout)

    def test_version_is_one_line_on_stdout(self):
        result = self.run_program("--version")
        self.check(result, 0, stderr="")
        self.assertRegex(result.stdout, r"\Ainitsweep \S+\n\Z")

    def test_a_misspelt_command_gets_the_nearest_name(self):
        self.check(self.run_program("rnu", "sweep.yaml"), 2,
                   "initsweep: error: unknown command 'rnu', expected one of: run, probe, plan, merge, submit, status, show, check, report, plot, baseline, data, theory, list, completion; "
                   "did you mean 'run'?\n")

    def test_no_command_is_an_error(self):
        self.check(self.run_program(), 2,
                   "initsweep: error: no command given, expected one of: run, probe, plan, merge, submit, status, show, check, report, plot, baseline, data, theory, list, completion\n")

    def test_a_shard_is_a_part_of_so_many(self):
        for shard in ["0/3", "4/3", "2", "1/x", "1/100001", "-1/3", "/"]:
            with self.subTest(shard):
                self.check(self.run_program("run", "x.yaml", "--shard", shard), 2,
                           "initsweep: error: --shard takes I/N, part I of N, as in --shard 1/3 "
                           f"(1 <= I <= N <= 100000); got '{shard}'\n")

    def test_a_misspelt_option_gets_the_nearest_name(self):
        self.check(self.run_program("run", "x.yaml", "--fitler", "depth=2"), 2,
                   "initsweep: error: initsweep run: unknown option '--fitler'; did you mean '--filter'?\n"
                   + USAGE.format(" run"))

    def test_probe_trains_nothing_so_it_has_no_failures_to_retry(self):
        self.check(self.run_program("probe", "x.yaml", "--retry-failed"), 2,
                   "initsweep: error: initsweep probe: unknown option '--retry-failed'\n" + USAGE.format(" probe"))

    def test_a_number_of_threads_is_checked(self):
        for command, threads in [("run", "0"), ("run", "x"), ("probe", "1.5"), ("plan", "-1")]:
            with self.subTest(threads):
                self.check(self.run_program(command, "x.yaml", f"-j{threads}"), 2,
                           "initsweep: error: -j takes a whole number from 1 to 1024, got "
                           f"'{threads}'\n")

    def test_options_of_every_command_stand_before_or_behind_it(self):
        before = self.run_program("--format", "csv", "list", "optimizers")
        behind = self.run_program("list", "optimizers", "--format", "csv")
        self.check(before, 0)
        self.assertEqual(before.stdout, behind.stdout)
        self.assertTrue(before.stdout.startswith("name,formula,parameters,source\n"))

    def test_a_sweep_file_that_is_not_there(self):
        self.check(self.run_program("run", "nowhere.yaml"), 2,
                   "initsweep: error: cannot open the sweep file 'nowhere.yaml': No such file or directory\n")
        self.check(self.run_program("run", "data"), 2,
                   "initsweep: error: 'data' is a folder, expected a sweep file\n")


class List(ProgramTest):
    def test_everything_listable_is_a_table_in_three_formats(self):
        for what in ["initializers", "activations", "optimizers", "statistics", "settings", "isa"]:
            for form in ["table", "csv", "json"]:
                with self.subTest(what=what, form=form):
                    result = self.run_program("list", what, "--format", form)
                    self.check(result, 0, stderr="")
                    self.assertGreater(len(result.stdout.splitlines()), 2)

    def test_experiments_are_those_beside_the_current_folder(self):
        (self.folder / "experiments" / "chapter").mkdir(parents=True)
        self.write_sweep(name="experiments/chapter/one.yaml")
        (self.folder / "experiments" / "broken.yaml").write_text("version: 2\n")
        result = self.run_program("list", "experiments", "--format", "csv")
        self.check(result, 0)
        self.assertEqual(result.stdout, "file,name,claim,verdict,jobs,claims,tflop,minutes\n"
                                        "experiments/chapter/one.yaml,tiny,,,2,0,,\n")
        self.assertIn("experiments/broken.yaml is left out", result.stderr)

    def test_experiments_say_what_they_claim_and_cost_before_any_data_is_there(self):
        # 60,000 samples: forward and weight gradients 4 * 7,940 weights, deltas 2 * 100 of them, and the 300 of a
        # record; forward alone for 10,000 test samples, before and behind.
        (self.folder / "experiments" / "published").mkdir(parents=True)
        claim = "a claim of many words, " * 5 + "and its end"
        (self.folder / "experiments" / "published" / "e.yaml").write_text(
            f"version: 1\nname: e\ndescription: d\nabout: {{claim: '{claim}', verdict: not so}}\n"
            "settings: {width: 10, depth: 1, epochs: 1, batch_size: 100}\nseeds: 2\n"
            "expect: [{claim: c, status: ok}]\n")
        (self.folder / "experiments" / "b.yaml").write_text(
            "version: 1\nname: b\ndescription: as described\nsettings: {depth: 1}\n")
        listed = json.loads(self.run_program("list", "experiments", "--format", "json").stdout)
        self.assertEqual([row["file"] for row in listed], ["experiments/b.yaml", "experiments/published/e.yaml"])
        self.assertEqual(listed[0]["claim"], "as described")
        minutes, tflop = listed[1].pop("minutes"), listed[1].pop("tflop")
        self.assertEqual(listed[1], {"file": "experiments/published/e.yaml", "name": "e", "claim": claim,
                                     "verdict": "not so", "jobs": 2, "claims": 1})
        self.assertAlmostEqual(tflop, 2 * (60_600 * (4 * 7_940 + 2 * 100) + 20_000 * 2 * 7_940) / 1e12,
                               delta=0.005 * tflop)  # it has three digits
        self.assertTrue(0 < minutes < 1, minutes)
        table = self.run_program("list", "experiments").stdout
        self.assertNotIn("and its end", table)
        self.assertIn("minutes: an estimate for two cores", table)

    def test_an_unknown_list_gets_the_nearest_name(self):
        result = self.run_program("list", "activatoins")
        self.check(result, 2)
        self.assertIn("did you mean 'activations'?", result.stderr)

    def test_a_closed_stdout_is_quiet(self):
        for closed in ("| true", ">&-"):
            with self.subTest(closed):
                shell = subprocess.run(["sh", "-c", f"'{BINARY}' list settings {closed}"], capture_output=True,
                                       text=True, env=self.environment(), timeout=60)
                self.assertEqual((shell.returncode, shell.stdout, shell.stderr), (0, "", ""))

    def test_a_full_stdout_is_an_error(self):
        with open("/dev/full", "w") as full:
            result = self.run_program("list", "settings", stdout=full, stderr=subprocess.PIPE)
        self.check(result, 5, "standard output: error: cannot write: No space left on device\n")


class Data(ProgramTest):
    def test_a_sound_folder_verifies(self):
        result = self.run_program("data", "verify", f"idx:{self.data}")
        self.check(result, 0, stderr="")
        self.assertIn("64 training and 32 test images of 4 x 4, 3 classes, SHA-256 ", result.stdout)

    def test_a_damaged_folder_does_not(self):
        file = self.data / "train-labels-idx1-ubyte"
        file.write_bytes(file.read_bytes()[:-1])
        result = self.run_program("data", "verify", f"idx:{self.data}")
        self.check(result, 5)
        self.assertIn("train-labels-idx1-ubyte: error: ", result.stderr)

    def test_path_of_a_set_that_is_nowhere_names_the_command_that_gets_it(self):
        result = self.run_program("data", "path", "mnist")
        self.check(result, 5)
        self.assertTrue(result.stderr.startswith("mnist: error: not found; looked in\n"), result.stderr)
        self.assertTrue(result.stderr.endswith("\nget it with: initsweep data fetch mnist\n"), result.stderr)

    def test_an_unknown_set_gets_the_nearest_name(self):
        result = self.run_program("data", "path", "minst")
        self.check(result, 2)
        self.assertIn("did you mean 'mnist'?", result.stderr)


if __name__ == "__main__":
    unittest.main()
