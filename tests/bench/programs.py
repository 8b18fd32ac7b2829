"""The programs that are measured, as cases: ours, the floor, and PyTorch where it is installed."""
import collections
import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from typing import Callable

import machine
import measure
import tables

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
QUICK_SAMPLES = 1280


@dataclasses.dataclass
class Case:
    workload: str
    program: str
    variant: str
    processes: int
    take: Callable  # -> {variant: [(seconds, pss_bytes), ...]}


def build(folder):
    if not (folder / "CMakeCache.txt").exists() and folder != ROOT / "build/release":
        sys.exit(f"bench: {folder} is no build folder; make it with cmake, or leave out --build")
    configure = [] if (folder / "CMakeCache.txt").exists() else [["cmake", "--preset", "release"]]
    for command in [*configure, ["cmake", "--build", folder, "--target", "bench"]]:
        if subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=False).returncode != 0:
            sys.exit("bench: the build failed; see above")


def mnist(initsweep):
    looked = subprocess.run([initsweep, "data", "path", "mnist"], capture_output=True, text=True, check=False)
    if looked.returncode != 0:
        sys.exit(f"bench: {looked.stderr.strip()}\nbench: get it with '{initsweep} data fetch mnist'")
    return looked.stdout.strip()


def find_torch():
    """(python, what `peers.py version` says), or (None, why not)."""
    for python in dict.fromkeys([sys.executable, "/usr/bin/python3"]):
        asked = subprocess.run([python, HERE / "peers.py", "version"], capture_output=True, text=True, check=False,
                               env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        if asked.returncode != 0:
            continue
        version = json.loads(asked.stdout)
        if version["BLAS"] == "reference BLAS":
            return None, ("PyTorch is installed without a fast BLAS library, twenty times slower than it can be; "
                          "Debian's is libopenblas0")
        return python, version
    return None, "PyTorch is not installed (Debian's packages: python3-torch, python3-joblib, libopenblas0)"


class Programs:
    def __init__(self, folder, quick, all_of_w6, with_peers):
        self.bench = folder / "tests/bench"
        self.initsweep, self.workload, self.floor = \
            folder / "initsweep", self.bench / "initsweep_workload", self.bench / "initsweep_floor"
        self.quick, self.skipped, self.versions = quick, [], {}
        self.data = mnist(self.initsweep)
        self.part = 16 if quick else 1 if all_of_w6 else 4
        self.python, answer = find_torch() if with_peers else (None, "--without-peers")
        if self.python:
            self.versions.update(answer)
        else:
            self.skipped.append(f"PyTorch: {answer}")
        self.has_floor = self.floor.exists()
        if not self.has_floor:
            self.skipped.append("the floor: oneDNN was not found when the build was configured (libdnnl-dev)")
        # OpenBLAS takes a processor younger than itself for one without AVX-512.
        self.tuned = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
                      **({"OPENBLAS_CORETYPE": "SkylakeX"} if "avx512f" in machine.cpu_flags() else {})}

    def samples(self):
        return ["--samples", str(QUICK_SAMPLES)] if self.quick else []

    def at_once(self, workload, program, variant, processes, command):
        def take():
            answers = measure.together(command, processes)
            for key in ("instruction_set", "gemm", "oneDNN"):
                if key in answers[0]:
                    self.versions[key] = answers[0][key]
            return {variant: [(answer["seconds"], 0) for answer in answers]}
        return Case(workload, program, variant, processes, take)

    def our_loop(self, workload, processes, *options, name=None):
        command = measure.Command([self.workload, workload, "--data", self.data, *self.samples(), *options])
        return self.at_once(name or workload, "initsweep", "training", processes, command)

    def floor_loop(self, workload, processes, variant):
        fold = ["--fold"] if variant == "folded" else []
        command = measure.Command([self.floor, workload, *fold, *self.samples()], {"OMP_NUM_THREADS": "1"})
        return self.at_once(workload, "floor", variant, processes, command)

    def torch_command(self, workload, variant, *options):
        usual = variant == "usual"  # as installed: nothing pinned
        return measure.Command([self.python, HERE / "peers.py", variant, workload, "--data", self.data,
                                *([] if usual else ["--tuned"]), *self.samples(), *options],
                               {"PYTHONDONTWRITEBYTECODE": "1", **({} if usual else self.tuned)})

    def torch_loop(self, workload, processes, variant, *options, name=None):
        command = self.torch_command(workload, variant, *options)
        return self.at_once(name or workload, "torch", variant, processes, command)

    @contextlib.contextmanager
    def run_of_ours(self, sweep, jobs, *options):
        """(Whole, rows of trace.csv) of a sweep that the program itself runs, and the folder while it lasts."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="initsweep-bench-"))
        try:
            less = ["--set", f"train_samples={QUICK_SAMPLES}"] if self.quick else []
            command = measure.Command([self.initsweep, "run", HERE / sweep, "-o", folder / "results", "-j", str(jobs),
                                       "--quiet", "--progress", "none", "--data", self.data, *less, *options])
            whole = measure.whole(command)
            yield whole, tables.read_csv(folder / "results/trace.csv"), folder / "results"
        finally:
            shutil.rmtree(folder)

    def our_main_job(self, variant):
        without = ["--set", "record.layers.every=never", "--set", "record.layers.probe=1"]
        options = [*(without if variant == "no records" else []), *(["--filter", "depth=2"] if self.quick else [])]

        def take():
            with self.run_of_ours("w6.yaml", 2, *options) as (whole, trace, folder):
                # Its own peak counts where it is more: it may lie between two looks.
                peak = int(max(whole.pss_bytes, *(float(job["peak_memory_bytes"]) for job in trace)))
                measured = {variant: [(whole.seconds, peak)]}
                if variant == "records":
                    diverged = sum(job["status"] == "diverged" for job in tables.read_csv(folder / "jobs.csv"))
                    self.versions["diverged jobs of W6"] = str(diverged)
                    # A thread starts its next job at once, so that the sum over its jobs says when it ended.
                    busy = collections.Counter({"0": 0.0, "1": 0.0})
                    for job in trace:
                        busy[job["thread"]] += float(job["duration_s"])
                    measured["tail"] = [(max(busy.values()) - min(busy.values()), 0)]
                    measured["idle"] = [(whole.seconds - min(busy.values()), 0)]
                return measured
        return Case("W6", "initsweep", variant, 2, take)

    def floor_of_main_job(self):
        def take():
            seconds = 0.0
            for workload in ("D2", "D5", "D10", "D20"):  # 24 jobs each, two at once
                answers = self.floor_loop(workload, 2, "plain").take()["plain"]
                seconds += 24 / 2 * sum(each for each, _ in answers) / len(answers)
            return {"plain": [(seconds, 0)]}
        return Case("W6", "floor", "plain", 2, take)

    def torch_main_job(self, variant):
        part = 1 if variant == "jit" and not self.quick else self.part

        def take():
            whole = measure.whole(self.torch_command("W6", variant, "--part", str(part)))
            answer = whole.answer
            grid = answer["seconds"]
            return {variant: [(whole.seconds - grid + grid * answer["of"] / answer["jobs"], whole.pss_bytes)]}
        return Case("W6", "torch", variant, 2, take)

    def on_cores(self, jobs):
        def take():
            with self.run_of_ours("cores.yaml", jobs, "--set", f"seeds={jobs}") as (_, trace, _):
                return {"training": [(max(float(job["duration_s"]) for job in trace), 0)]}
        return Case("cores", "initsweep", "training", jobs, take)

    def cases(self, only):
        """Of one round, in the order they run; `only`: workloads, or all of them."""
        for workload in ("W1", "W2", "W3", "W4", "W5"):
            if workload in only:
                for processes in (1, 2):
                    yield self.our_loop(workload, processes)
                    if workload == "W2" and processes == 1 and "W2b" in only:
                        yield from self.with_records()
                    if self.has_floor:
                        yield self.floor_loop(workload, processes, "plain")
                        yield self.floor_loop(workload, processes, "folded")
                    if self.python:
                        yield self.torch_loop(workload, processes, "jit")
                        yield self.torch_loop(workload, processes, "eager")
                        if processes == 1:
                            yield self.torch_loop(workload, 1, "usual")
        if "W6" in only:
            yield self.our_main_job("records")
            yield self.our_main_job("no records")
            if self.has_floor:
                yield self.floor_of_main_job()
            if self.python:
                yield from (self.torch_main_job(variant) for variant in ("jit", "eager", "usual"))
        if "cores" in only:
            for jobs in (1, 2, 16):
                if jobs <= len(os.sched_getaffinity(0)):
                    yield self.on_cores(jobs)
        if "start" in only:
            yield self.our_loop("W2", 1, "--first-step", name="start")
            if self.python:
                yield self.torch_loop("W2", 1, "eager", "--first-step", name="start")

    def with_records(self):
        yield self.our_loop("W2", 1, "--record-every-steps", "50", "--probe", "64", name="W2b")
        if self.python:
            yield self.torch_loop("W2", 1, "jit", "--statistics", name="W2b")
            yield self.torch_loop("W2", 1, "eager", "--statistics", name="W2b")
