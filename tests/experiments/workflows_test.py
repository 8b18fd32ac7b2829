"""The workflows in .github, run here: their shell steps as they stand, for each value of a matrix, artifacts copied."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
from harness import BINARY, RESULTS, ProgramTest  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What the sweep of the workflows is here, with the numbers of a blink.
SWEEP = """\
version: 1
name: ci
settings: {{dataset: "idx:{data}", depth: 1, width: 4, epochs: 1}}
grid: {{activation: [relu, tanh], learning_rate: [0.1, 0.01]}}
seeds: 5
expect:
  - {{claim: all is well, status: {status}}}
"""


class Runner:
    """Of one workflow: a clone for each job, its `uses` played by hand, its `run` by bash as GitHub's runners do."""

    def __init__(self, name, test, lost=()):
        self.workflow = yaml.safe_load((ROOT / ".github/workflows" / name).read_text())
        self.test = test
        self.lost = lost  # folders of jobs whose machine dies before it has done anything
        self.artifacts = {}
        self.log = []

    def run(self):
        """What became of each job, a list for the values of its matrix. Jobs wait for those that they need."""
        done = {}
        for name, job in self.workflow["jobs"].items():
            needs = job.get("needs", [])
            for needed in [needs] if isinstance(needs, str) else needs:
                self.test.assertIn(needed, done, "a job needs one that stands below it")
            failed = any(one != "success" for other in ([needs] if isinstance(needs, str) else needs)
                         for one in done[other])
            done[name] = self.run_job(name, job) if self.holds(job.get("if"), failed, {}) else ["skipped"]
        return done

    def run_job(self, name, job):
        if any(step.get("uses", "").startswith("actions/download-artifact") for step in job["steps"]):
            self.test.assertIn("needs", job, "it would begin before there are artifacts")
        matrix = job.get("strategy", {}).get("matrix", {})
        self.test.assertLessEqual(len(matrix), 1)
        key, values = next(iter(matrix.items()), (None, [None]))
        return [self.run_steps(f"{name}-{number}", job["steps"],
                               {f"matrix.{key}": value, "strategy.job-total": len(values)})
                for number, value in enumerate(values)]

    def holds(self, condition, failed, outcomes):
        """Of the conditions that stand in the workflows; without one, nothing may have failed."""
        if condition is None:
            return not failed
        told = re.fullmatch(r"\$\{\{ !cancelled\(\)(?: && steps\.(\w+)\.outcome (==|!=) '(\w+)')? \}\}", condition)
        if told is None:
            self.test.assertEqual(condition, "${{ steps.cached.outputs.cache-hit != 'true' }}")
            return not failed
        step, operator, outcome = told.groups()
        return step is None or (outcomes.get(step) == outcome) == (operator == "==")

    def run_steps(self, folder, steps, values):
        if folder in self.lost:
            return "failure"
        clone = self.test.folder / folder
        (clone / "build").mkdir(parents=True)
        (clone / "build/initsweep").symlink_to(BINARY)
        shutil.copytree(self.test.folder / "repository", clone, dirs_exist_ok=True)
        failed, outcomes = False, {}
        for step in steps:
            outcome = "skipped"
            if self.holds(step.get("if"), failed, outcomes):
                outcome = "success" if self.do(step, clone, values) else "failure"
            outcomes[step.get("id", step.get("name"))] = outcome
            failed = failed or outcome == "failure"
        self.outcomes = outcomes
        return "failure" if failed else "success"

    def do(self, step, clone, values):
        if "run" in step:
            return self.shell(self.written_out(step["run"], values), clone)
        action, options = step["uses"].split("@")[0], step.get("with", {})
        if action == "actions/upload-artifact":
            for path in self.written_out(options["path"], values).split():
                if (clone / path).exists():
                    self.artifacts.setdefault(self.written_out(options["name"], values), {})[path] = clone / path
        elif action == "actions/download-artifact":
            for name in sorted(self.artifacts):
                if pathlib.PurePath(name).match(options["pattern"]):
                    for path in self.artifacts[name].values():
                        shutil.copytree(path, clone / options["path"] / name)
        else:
            self.test.assertIn(action, ("actions/checkout", "actions/cache", "actions/cache/restore",
                                        "actions/cache/save"))
        return True

    def written_out(self, text, values):
        known = values | {f"env.{key}": value for key, value in self.workflow["env"].items()}
        return re.sub(r"\$\{\{ *([\w.-]+) *\}\}", lambda match: str(known[match[1]]), text)

    def shell(self, script, clone):
        if script.split() in ([".ci/setup"], ["build/initsweep", "data", "fetch", "mnist"]):
            return True  # there is a program, and data of its own
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=clone, capture_output=True, text=True,
                              check=False, timeout=600,
                              env=self.test.environment() | self.workflow["env"] | {"INITSWEEP_ISA": "portable"})
        self.log.append(f"{script}\n-> {done.returncode}\n{done.stdout}{done.stderr}")
        return done.returncode == 0


class Workflows(ProgramTest):
    def setUp(self):
        super().setUp()
        self.repository = self.folder / "repository"
        (self.repository / "experiments").mkdir(parents=True)
        self.write("ok")

    def write(self, status):
        (self.repository / "experiments/ci.yaml").write_text(SWEEP.format(data=self.data, status=status))

    def initsweep(self, *arguments):
        return subprocess.run([BINARY, *arguments], cwd=self.repository, capture_output=True, text=True, check=False,
                              timeout=120, env=self.environment() | {"INITSWEEP_ISA": "portable"})

    def accept(self):
        self.check(self.initsweep("run", "experiments/ci.yaml", "-o", "one"), 0)
        self.check(self.initsweep("baseline", "accept", "one", "-o", "results/baselines/ci", "--reason", "first"), 0)

    def work(self, name, lost=()):
        runner = Runner(name, self, lost)
        return runner.run(), runner

    def test_each_trains_checks_and_keeps_the_results(self):
        self.accept()
        for name in sorted(os.listdir(ROOT / ".github/workflows")):
            with self.subTest(name):
                outcomes, runner = self.work(name)
                self.assertEqual({one for job in outcomes.values() for one in job}, {"success"}, "\n".join(runner.log))
                self.assertEqual(set(runner.artifacts["results"]), {"results/ci", "results/ci.xml", "results/ci.md"})
                kept = runner.artifacts["results"]["results/ci"]
                for file in RESULTS:
                    self.assertEqual((kept / file).read_bytes(), (self.repository / "one" / file).read_bytes(), file)
                self.assertTrue((kept / "report.html").exists())

    def test_a_claim_that_fails_is_red_after_all_is_merged(self):
        self.accept()
        self.write("diverged")
        outcomes, runner = self.work("shards.yml")
        self.assertEqual(outcomes, {"train": ["success"] * 4, "merge": ["failure"]}, "\n".join(runner.log))
        self.assertEqual([name for name, outcome in runner.outcomes.items() if outcome == "failure"], ["Check"])
        self.assertIn("results/ci.xml", runner.artifacts["results"])
        self.assertTrue((runner.artifacts["results"]["results/ci"] / "report.html").exists())
        self.assertEqual(sorted(name for name in runner.artifacts if name.startswith("shard-")),
                         ["shard-1", "shard-2", "shard-3", "shard-4"])

    def test_a_shard_that_is_lost_is_red_and_named_and_the_rest_is_kept(self):
        self.accept()
        outcomes, runner = self.work("shards.yml", lost=["train-2"])
        self.assertEqual(outcomes, {"train": ["success", "success", "failure", "success"], "merge": ["failure"]})
        self.assertEqual([name for name, outcome in runner.outcomes.items() if outcome == "failure"], ["merge"])
        self.assertIn("shard 3/4 is not among them", "\n".join(runner.log))
        self.assertNotIn("results", runner.artifacts)
        self.assertIn("shard-4", runner.artifacts)


if __name__ == "__main__":
    unittest.main()
