"""Starts programs and says how long they took and how much memory they had."""
import dataclasses
import json
import os
import subprocess
import tempfile
import threading
import time


class Failed(Exception):
    """A program that ended badly, with what it said."""


@dataclasses.dataclass
class Command:
    arguments: list
    environment: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Whole:
    """One run of a program from its start to its end."""
    seconds: float
    pss_bytes: int  # peak of the proportional set size, summed over the process and all below it; 0 if unknown
    answer: dict    # the last JSON line it printed


def clean_environment(more):
    """Ours without what decides the threads and kernels of BLAS libraries, so that only `more` does."""
    ours = {key: value for key, value in os.environ.items()
            if not key.startswith(("OMP_", "OPENBLAS_", "MKL_", "KMP_", "GOMP_"))}
    return {**ours, **more}


def start(command, output, errors, **more):
    environment = clean_environment({**command.environment, **more, "T0": repr(time.time())})
    return subprocess.Popen(command.arguments, env=environment, stdout=output, stderr=errors, text=True)


def answer_of(command, returncode, stdout, stderr):
    if returncode != 0:
        raise Failed(f"{' '.join(map(str, command.arguments))} exits {returncode}: {stderr.strip()[-2000:]}")
    lines = [line for line in stdout.splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if lines else {}


def together(command, processes):
    """The JSON answers of `processes` runs at once; BARRIER lets them begin their timed part together."""
    with tempfile.TemporaryDirectory() as folder:
        barrier = {"BARRIER": f"{folder}:{processes}"} if processes > 1 else {}
        running = [start(command, subprocess.PIPE, subprocess.PIPE, **barrier) for _ in range(processes)]
        try:
            said = [process.communicate() for process in running]
        finally:
            for process in running:
                if process.poll() is None:
                    process.kill()
    return [answer_of(command, process.returncode, *text) for process, text in zip(running, said)]


def descendants(root):
    children = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                parent = int(file.read().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):  # it has ended meanwhile
            continue
        children.setdefault(parent, []).append(int(name))
    found, waiting = [], [root]
    while waiting:
        process = waiting.pop()
        found.append(process)
        waiting += children.get(process, [])
    return found


def pss_bytes(root):
    total = 0
    for process in descendants(root):
        try:
            with open(f"/proc/{process}/smaps_rollup", encoding="utf-8") as file:
                total += sum(1024 * int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except OSError:
            continue
    return total


class PeakMemory(threading.Thread):
    """Looks at the memory of a process and all below it every tenth of a second, or more rarely where looking takes
    longer: it takes a fiftieth of one processor at most."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.bytes, self.ended = process, 0, threading.Event()

    def run(self):
        pause = 0
        while not self.ended.wait(pause):
            before = time.perf_counter()
            self.bytes = max(self.bytes, pss_bytes(self.process))
            pause = max(0.1, 50 * (time.perf_counter() - before))

    def end(self):
        self.ended.set()
        self.join()
        return self.bytes


def whole(command):
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        with start(command, output, errors) as process:
            memory = PeakMemory(process.pid)
            memory.start()
            process.wait()
            seconds = time.perf_counter() - began
            peak = memory.end()
        output.seek(0)
        errors.seek(0)
        return Whole(seconds, peak, answer_of(command, process.returncode, output.read(), errors.read()))
