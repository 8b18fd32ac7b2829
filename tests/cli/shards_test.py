"""Shards, each on its own, and one result of them all."""

import hashlib
import json
import shutil
import subprocess
import unittest

from harness import BINARY, RESULTS, SWEEP, ProgramTest

# 24 jobs with claims, one of which holds, folded names and cells that diverge.
SWEEP_24 = """\
version: 1
name: parts
settings: {{dataset: "idx:{data}", width: 8, epochs: 3, batch_size: 8}}
grid:
  initializer: [he_normal, {{normal: {{stddev: 100}}}}]
  mode: [fan_in, fan_out]
  depth: [1, 2]
seeds: 4
expect:
  - {{claim: weights are there, metric: layers.weight.rms, at: start, layer: all, at_least: 0.0001}}
  - {{claim: nothing learns, metric: test_accuracy, where: {{initializer: he_normal, depth: 1}}, at_most: 0.1}}
"""
SAME = RESULTS + ["datapackage.json"]


class Shards(ProgramTest):
    def setUp(self):
        super().setUp()
        self.sweep = self.write_sweep(SWEEP_24)

    def run_shards(self, count, results="parts", only=None, *options):
        for index in only or range(1, count + 1):
            self.check(self.run_program("run", self.sweep, "--shard", f"{index}/{count}",
                                        "-o", f"{results}/shards/{index}-of-{count}", *options), 0)
        return sorted(str(path.relative_to(self.folder)) for path in (self.folder / results / "shards").iterdir())

    def digests(self, results):
        return {name: hashlib.sha256((self.folder / results / name).read_bytes()).hexdigest() for name in SAME}

    def write_journal(self, shard, change):
        """The journal of a shard, changed."""
        path = self.folder / shard / "journal.ndjson"
        path.write_text(change(path.read_text()))

    def refused(self, result, code, *sentences):
        self.check(result, code)
        for sentence in sentences:
            self.assertIn(sentence, result.stderr)
        self.assertFalse((self.folder / "merged/jobs.csv").exists())

    def test_any_number_of_shards_merges_into_the_bytes_of_one_run(self):
        one = self.run_program("run", self.sweep, "-o", "one")
        self.check(one, 1)  # a claim fails
        for count in (1, 2, 3, 7):
            with self.subTest(count):
                shards = self.run_shards(count, f"of{count}") if count > 1 else ["one"]
                merged = self.run_program("merge", "-o", f"merged{count}", *reversed(shards), f"-j{count}")
                self.check(merged, 1)
                self.assertEqual(self.digests("one"), self.digests(f"merged{count}"))
                self.assertEqual(one.stdout.replace("one/", f"merged{count}/").replace("one:", f"merged{count}:"), merged.stdout)
                self.assertEqual(len(self.rows(f"merged{count}", "trace.csv")), 24)

    def test_without_shards_named_those_beneath_the_folder_are_merged(self):
        for index in (1, 2):
            self.check(self.run_program("run", self.sweep, "--shard", f"{index}/2"), 0)
        self.check(self.run_program("merge", "-o", "results/parts"), 1)
        self.check(self.run_program("run", self.sweep, "-o", "one"), 1)
        self.assertEqual(self.digests("one"), self.digests("results/parts"))

    def test_what_was_merged_is_a_folder_like_any_other(self):
        self.run_shards(3)
        self.run_program("merge", "-o", "parts")
        self.run_program("run", self.sweep, "-o", "one")
        again = self.run_program("run", self.sweep, "-o", "parts")
        self.assertIn("nothing to train", again.stderr)
        self.assertEqual(self.digests("one"), self.digests("parts"))
        self.check(self.run_program("check", "parts"), 1)
        self.check(self.run_program("check", "parts", "--baseline", "one", "--locate"), 1)
        self.check(self.run_program("report", "parts", "--static"), 0)
        self.assertEqual(json.loads((self.folder / "one/run.json").read_text()),
                         json.loads((self.folder / "parts/run.json").read_text()))

    def test_a_shard_has_its_own_jobs_alone_and_its_claims_wait(self):
        plan = json.loads(self.run_program("plan", self.sweep, "--format", "json").stdout)
        planned = [job["job_id"] for job in plan["plan"]]
        found = []
        for index in (1, 2, 3):
            shard = self.run_program("run", self.sweep, "--shard", f"{index}/3")
            self.check(shard, 0)  # though a claim of the sweep fails
            folder = f"results/parts/shards/{index}-of-3"
            ids = [job["job_id"] for job in self.rows(folder, "jobs.csv")]
            self.assertEqual(ids, [one for one in planned if int(one[2:], 16) % 3 + 1 == index])
            found += ids
            self.assertEqual({check["verdict"] for check in self.rows(folder, "checks.csv")}, {"not_run"})
            cells = {job["cell_id"] for job in self.rows(folder, "jobs.csv")}
            self.assertEqual({cell["cell_id"] for cell in self.rows(folder, "cells.csv")}, cells)
            checked = self.run_program("check", folder)
            self.check(checked, 4)
            self.assertIn(f"this is shard {index}/3 alone", checked.stdout)
            accepted = self.run_program("baseline", "accept", folder, "-o", "base", "--reason", "first")
            self.check(accepted, 4)
            self.assertIn(f"shard {index}/3 alone", accepted.stderr)
            only = self.run_program("plan", self.sweep, "--shard", f"{index}/3", "--format", "csv").stdout
            self.assertEqual([line.split(",")[0] for line in only.splitlines()[1:]], ids)
        self.assertEqual(sorted(found), sorted(planned))

    def test_an_empty_shard_writes_headers(self):
        result = self.run_program("run", self.sweep, "--shard", "99991/100000", "-o", "empty")
        self.check(result, 0)
        self.assertIn("no job that is asked for falls to shard 99991/100000", result.stderr)
        self.assertEqual(result.stdout, "empty: 0 ok, 0 diverged (shard 99991/100000 alone; 'initsweep merge' makes one "
                                        "result of all)\n")
        for name in ("jobs.csv", "epochs.csv", "layers.csv", "cells.csv", "trace.csv"):
            self.assertEqual((self.folder / "empty" / name).read_text().count("\n"), 1, name)
        self.check(self.run_program("run", self.sweep, "--shard", "99991/100000", "-o", "empty"), 0)
        self.check(self.run_program("status", "empty"), 0)

    def test_a_filter_holds_within_the_shard(self):
        for index in (1, 2):
            self.check(self.run_program("run", self.sweep, "--shard", f"{index}/2", "--filter", "depth=2"), 0)
        self.check(self.run_program("run", self.sweep, "--shard", "1/2", "--filter", "depth=9"), 2)
        plan = json.loads(self.run_program("plan", self.sweep, "--format", "json").stdout)["plan"]
        of_second = next(job["job_id"] for job in plan if int(job["job_id"][2:], 16) % 2 == 1)
        self.check(self.run_program("run", self.sweep, "--shard", "1/2", "--job", of_second), 2,
                   f"initsweep: error: --job {of_second} is of shard 2/2, not of 1/2\n")
        self.check(self.run_program("merge", "-o", "merged", "--partial", *self.found("results/parts")), 0)
        self.assertEqual({job["depth"] for job in self.rows("merged", "jobs.csv")}, {"2"})

    def found(self, results):
        return sorted(str(path.relative_to(self.folder)) for path in (self.folder / results / "shards").iterdir())

    def test_a_folder_is_of_one_shard(self):
        self.run_shards(2, "parts", [1])
        own = "parts/shards/1-of-2"
        ways_out = "choose another folder with -o, or start over with --fresh\n"
        self.check(self.run_program("run", self.sweep, "--shard", "2/2", "-o", own), 2,
                   f"initsweep: error: {own} holds shard 1/2, and this is shard 2/2: go on with --shard 1/2, {ways_out}")
        self.check(self.run_program("run", self.sweep, "-o", own), 2,
                   f"initsweep: error: {own} holds shard 1/2, and this is a whole run: go on with --shard 1/2, {ways_out}")
        self.run_program("run", self.sweep, "-o", "one")
        self.check(self.run_program("run", self.sweep, "--shard", "2/2", "-o", "one"), 2,
                   f"initsweep: error: one holds a whole run, and this is shard 2/2: {ways_out}")
        (self.folder / own / "run.json").write_text("damaged")
        self.check(self.run_program("run", self.sweep, "--shard", "1/2", "-o", own), 0)  # which writes it anew
        self.check(self.run_program("status", own), 0)

    def test_starting_over_leaves_shards_where_they_are(self):
        self.run_shards(2)
        self.run_program("merge", "-o", "parts")
        fresh = self.run_program("run", self.sweep, "-o", "parts", "--fresh")
        self.check(fresh, 2)
        self.assertIn("--fresh would move parts/shards away too", fresh.stderr)
        self.assertEqual(len(self.found("parts")), 2)

    def test_a_missing_shard_is_named(self):
        shards = self.run_shards(3)
        self.refused(self.run_program("merge", "-o", "merged", *shards[:2]), 2, "shard 3/3 is not among them")
        partial = self.run_program("merge", "-o", "merged", "--partial", *shards[:2])
        self.check(partial, 1)  # a claim about what is there fails
        self.assertIn("warning: shard 3/3 is not among them", partial.stderr)
        self.assertIn("not trained yet; of its claims", partial.stdout)
        self.check(self.run_program("merge", "-o", "merged", *shards), 1)  # the rest came later
        self.check(self.run_program("run", self.sweep, "-o", "one"), 1)
        self.assertEqual(self.digests("one"), self.digests("merged"))
        self.check(self.run_program("merge", "-o", "merged", "--partial", *shards[:2]), 1)
        self.assertEqual(self.digests("one"), self.digests("merged"), "what was merged before stays")

    def test_a_merge_never_loses_what_its_folder_has(self):
        shards = self.run_shards(2)
        self.check(self.run_program("run", self.write_sweep(SWEEP, "other.yaml"), "-o", "merged"), 0)
        before = self.digests("merged")
        lost = self.run_program("merge", "-o", "merged", *shards)
        self.check(lost, 2)
        self.assertIn("merged holds 2 finished jobs that are not of this sweep; choose another folder", lost.stderr)
        self.assertEqual(self.digests("merged"), before)
        (self.folder / "merged/journal.ndjson").unlink()
        lost = self.run_program("merge", "-o", "merged", *shards)
        self.check(lost, 2)
        self.assertIn("merged holds results without a journal", lost.stderr)
        self.assertEqual(self.digests("merged"), before)

    def test_what_was_trained_after_a_merge_stays_after_the_next(self):
        slow = ("--set", "limits.job_timeout=0.001ms", "--set", "seeds=1")
        for index in (1, 2):
            self.check(self.run_program("run", self.sweep, "--shard", f"{index}/2", *slow), 3)
        self.check(self.run_program("merge", "-o", "results/parts"), 3)
        self.check(self.run_program("run", self.sweep, "--set", "limits.job_timeout=1h", "--set", "seeds=1",
                                    "-o", "results/parts", "--retry-failed"), 4)
        trained = self.digests("results/parts")
        merged = self.run_program("merge", "-o", "results/parts")
        self.check(merged, 4)
        self.assertEqual({job["status"] for job in self.rows("results/parts", "jobs.csv")}, {"ok"})
        self.assertEqual(self.digests("results/parts"), trained)
        self.assertEqual(len(self.rows("results/parts", "trace.csv")), 12, "each attempt once, the failed ones too")

    def test_a_shard_that_is_not_finished_is_named(self):
        shards = self.run_shards(2)
        self.write_journal(shards[1], lambda text: "".join(text.splitlines(keepends=True)[:-1]))
        self.refused(self.run_program("merge", "-o", "merged", *shards), 2, f"{shards[1]}: 1 of ", "is not finished")
        self.run_shards(2)
        self.check(self.run_program("merge", "-o", "merged", *shards), 1)

    def test_a_shard_given_twice_is_named(self):
        shards = self.run_shards(2)
        shutil.copytree(self.folder / shards[0], self.folder / "copy")
        self.refused(self.run_program("merge", "-o", "merged", *shards, "copy"), 2,
                     f"copy is shard 1/2 again, as {shards[0]} is")
        self.refused(self.run_program("merge", "-o", "merged", *shards, shards[1] + "/"), 2,
                     f"{shards[1]}/ is named twice")

    def test_shards_of_other_numbers_and_whole_runs_are_named(self):
        self.run_program("run", self.sweep, "-o", "one")
        first = self.run_shards(2)
        other = self.run_shards(3, "others")
        self.refused(self.run_program("merge", "-o", "merged", *first, other[1], "one"), 2,
                     f"{other[1]} is shard 2/3, the first is shard 1/2", "one is a whole run, the first is shard 1/2")

    def test_a_shard_of_another_sweep_is_named(self):
        shards = self.run_shards(2)
        other = self.write_sweep(SWEEP, "other.yaml")
        self.check(self.run_program("run", other, "--shard", "2/2", "-o", "foreign"), 0)
        self.refused(self.run_program("merge", "-o", "merged", shards[0], "foreign"), 2,
                     "foreign is of another sweep: 'tiny', the first of 'parts'")
        shutil.copytree(self.data, self.folder / "elsewhere")
        labels = self.folder / "elsewhere/train-labels-idx1-ubyte"
        labels.write_bytes(labels.read_bytes()[:-1] + b"\x02")
        other = self.write_sweep(SWEEP.replace("idx:{data}", f"idx:{self.folder}/elsewhere"), "elsewhere.yaml")
        self.check(self.run_program("run", other, "--shard", "2/2", "-o", "farther"), 0)
        self.refused(self.run_program("merge", "-o", "merged", shards[0], "farther"), 2,
                     "farther is of another sweep: 'tiny', the first of 'parts'")  # rather than on other data

    def test_a_shard_with_other_settings_is_named(self):
        shards = self.run_shards(2)
        self.check(self.run_program("run", self.sweep, "--shard", "2/2", "--set", "epochs=1", "-o", "set"), 0)
        changed = self.write_sweep(SWEEP_24.replace("epochs: 3", "epochs: 2"), "changed.yaml")
        self.check(self.run_program("run", changed, "--shard", "2/2", "-o", "changed"), 0)
        self.refused(self.run_program("merge", "-o", "merged", shards[0], "set", "changed"), 2,
                     "set has other settings: it was run with --set epochs=1, the first with no --set",
                     "changed has other settings: line 3 of the sweep is")

    def test_a_shard_on_other_data_is_named(self):
        shards = self.run_shards(2)
        labels = self.data / "train-labels-idx1-ubyte"
        labels.write_bytes(labels.read_bytes()[:-1] + b"\x02")
        self.check(self.run_program("run", self.sweep, "--shard", "2/2", "-o", "data2"), 0)
        self.refused(self.run_program("merge", "-o", "merged", shards[0], "data2"), 2,
                     "data2 was trained on other data: the SHA-256 of idx:")

    def test_a_shard_with_other_numerics_is_named(self):
        shards = self.run_shards(2)
        self.check(self.run_program("run", self.sweep, "--shard", "2/2", "-o", "portable", "--isa", "portable"), 0)
        self.refused(self.run_program("merge", "-o", "merged", shards[0], "portable"), 5,
                     "portable: instruction set portable, ", "trained with other numerics")

    def test_a_damaged_shard_is_named_and_nothing_is_written(self):
        shards = self.run_shards(2)
        self.write_journal(shards[1], lambda text: text.replace('"status":"ok"', '"status":"OK"', 1))
        self.refused(self.run_program("merge", "-o", "merged", *shards), 5, f"{shards[1]}/journal.ndjson:", "damaged")
        self.refused(self.run_program("merge", "-o", "merged", shards[0], "nowhere"), 5, "there is no such folder")

    def test_a_folder_does_not_merge_into_a_shard(self):
        shards = self.run_shards(2)
        self.check(self.run_program("merge", "-o", shards[0] + "/", *shards), 2)
        self.refused(self.run_program("merge", "-o", "merged"), 2, "no shards to merge: merged/shards holds none")

    def test_jobs_that_timed_out_are_merged_as_such(self):
        endless = ("--set", "epochs=1000000", "--set", "limits.job_timeout=50ms", "--set", "seeds=1")
        for index in (1, 2):
            self.check(self.run_program("run", self.sweep, "--shard", f"{index}/2", *endless), 3)
        merged = self.run_program("merge", "-o", "results/parts")
        self.check(merged, 3)
        self.assertIn("'initsweep run' with --retry-failed trains them again", merged.stderr)
        self.assertEqual({job["status"] for job in self.rows("results/parts", "jobs.csv")}, {"timeout"})

    def test_status_shows_the_union(self):
        nothing = self.run_program("status", "parts")
        self.check(nothing, 5)
        self.run_shards(3, "parts", [2])
        plan = json.loads(self.run_program("plan", self.sweep, "--format", "json").stdout)["plan"]
        sizes = [sum(int(job["job_id"][2:], 16) % 3 == rest for job in plan) for rest in range(3)]
        status = self.run_program("status", "parts")
        self.check(status, 0)
        self.assertIn(f"parts in 3 shards: {24 - sizes[1]} jobs missing, {sizes[1]} ended in the last minute\n",
                      status.stdout)
        table = json.loads(self.run_program("status", "parts", "--format", "json").stdout)
        self.assertEqual([(row["shard"], row["total"], row["missing"], row["state"], row["folder"]) for row in table],
                         [("2/3", sizes[1], 0, "complete", "parts/shards/2-of-3"),
                          ("1/3", sizes[0], sizes[0], "not begun", None),
                          ("3/3", sizes[2], sizes[2], "not begun", None)])
        self.check(self.run_program("merge", "-o", "parts", "--partial"), 0)
        self.assertIn("parts in 3 shards:", self.run_program("status", "parts").stdout, "more is to come than was merged")
        self.run_shards(3)
        watched = self.run_program("status", "--watch", *(f"parts/shards/{i}-of-3" for i in (3, 1, 2)))
        self.check(watched, 0)
        self.assertIn("parts in 3 shards: complete", watched.stdout)
        self.run_program("merge", "-o", "parts")
        self.assertIn("parts in parts: complete", self.run_program("status", "parts").stdout)

    def test_a_watch_goes_on_through_a_merge(self):
        self.run_shards(2, "parts", [1])
        watch = self.start_program("status", "--watch", "parts")
        self.assertIn("parts in 2 shards", watch.stdout.readline())
        self.run_program("merge", "-o", "parts", "--partial")
        self.run_shards(2, "parts", [2])
        self.run_program("merge", "-o", "parts")
        out, _ = watch.communicate(timeout=60)
        self.assertEqual(watch.returncode, 0)
        self.assertRegex(out, "complete")

    def test_more_shards_than_files_may_be_open_by_default(self):
        for index in range(1, 301):
            folder = self.folder / f"parts/shards/{index}-of-300"
            if index > 1:
                shutil.copytree(self.folder / "parts/shards/1-of-300", folder)
                info = json.loads((folder / "run.json").read_text())
                (folder / "run.json").write_text(json.dumps(info | {"shard": f"{index}/300"}))
            else:
                self.run_program("run", self.sweep, "--shard", "1/300", "--filter", "seed=1",
                                 "-o", "parts/shards/1-of-300")
        few = subprocess.run(["sh", "-c", f"ulimit -Sn 128; '{BINARY}' status parts"], cwd=self.folder,
                             env=self.environment(), capture_output=True, text=True, check=False, timeout=120)
        self.check(few, 0)
        self.assertTrue(few.stdout.startswith("parts in 300 shards: 24 jobs missing\n"), few.stdout[:200])

    def test_a_shard_is_no_baseline(self):
        self.run_shards(2)
        self.run_program("merge", "-o", "parts")
        checked = self.run_program("check", "parts", "--baseline", "parts/shards/1-of-2")
        self.assertIn("parts/shards/1-of-2 is shard 1/2 alone, no baseline", checked.stdout)
        self.check(checked, 1)  # a claim of the sweep fails; else it would be 4


if __name__ == "__main__":
    unittest.main()
