"""The ratios that count, and what they should be.

Every ratio is taken within a round, where both sides run one after the other, and the median over the rounds counts: a
machine may drift by a third within minutes.
"""
import dataclasses
import statistics

import tables


@dataclasses.dataclass(frozen=True)
class Measurement:
    """One row of rounds.csv: one process, or the whole of W6."""
    round: int
    workload: str
    program: str
    variant: str
    processes: int  # at once
    seconds: float  # W1..W5: an epoch of the training loop; W6: start to end; start: to the end of the first step
    pss_bytes: int  # 0 where it was not looked at


COLUMNS = [field.name for field in dataclasses.fields(Measurement)]


def measurement_from(row):
    return Measurement(int(row["round"]), row["workload"], row["program"], row["variant"], int(row["processes"]),
                       float(row["seconds"]), int(row["pss_bytes"]))


@dataclasses.dataclass(frozen=True)
class Side:
    """Of a ratio."""
    workload: str
    program: str
    variant: str
    processes: int
    field: str = "seconds"

    def by_round(self, measurements):
        """Round -> mean over the processes of that round."""
        found = {}
        for m in measurements:
            if (m.workload, m.program, m.variant, m.processes) == \
                    (self.workload, self.program, self.variant, self.processes) and getattr(m, self.field) > 0:
                found.setdefault(m.round, []).append(getattr(m, self.field))
        return {number: statistics.fmean(values) for number, values in found.items()}

    def text(self, value):
        return tables.memory(value) if self.field == "pss_bytes" else tables.number(value, " s")


@dataclasses.dataclass(frozen=True)
class Goal:
    what: str
    against: str
    over: Side
    under: Side
    respectable: float | None = None
    goal: float | None = None
    factor: int = 1                 # times the ratio
    higher_is_better: bool = False

    def verdict(self, ratio):
        for name, limit in (("goal", self.goal), ("respectable", self.respectable)):
            if limit is not None and (ratio >= limit if self.higher_is_better else ratio <= limit):
                return name
        return "missed" if self.goal is not None else ""


def ours(workload, processes, variant="training"):
    return Side(workload, "initsweep", variant, processes)


def floor(workload, processes, variant="plain"):
    return Side(workload, "floor", variant, processes)


def torch(workload, processes, variant):
    return Side(workload, "torch", variant, processes)


def memory_of(side):
    return dataclasses.replace(side, field="pss_bytes")


W6 = ours("W6", 2, "records")
GOALS = [
    Goal("W6, the main job", "PyTorch, backward pass by hand", W6, torch("W6", 2, "jit"), 0.70, 0.60),
    Goal("W6", "PyTorch, tuned", W6, torch("W6", 2, "eager"), 0.30, 0.26),
    Goal("W6", "PyTorch, the usual script", W6, torch("W6", 2, "usual"), 0.11, 0.09),
    Goal("W6, memory", "PyTorch, backward pass by hand", memory_of(W6), memory_of(torch("W6", 2, "jit")), 0.25, 0.20),
    Goal("W6", "the floor", W6, floor("W6", 2)),
    Goal("W1, two at once", "the floor", ours("W1", 2), floor("W1", 2), 1.0, 0.8),
    Goal("W2, two at once", "the floor", ours("W2", 2), floor("W2", 2), 1.1, 1.0),
    Goal("W3", "the floor, updates folded in", ours("W3", 1), floor("W3", 1, "folded"), 1.1, 1.05),
    Goal("W4, two at once", "the floor", ours("W4", 2), floor("W4", 2), 1.1, 1.0),
    Goal("W5, two at once", "the floor", ours("W5", 2), floor("W5", 2), 1.1, 1.0),
    *(Goal(f"{w}, two at once", "PyTorch, backward pass by hand", ours(w, 2), torch(w, 2, "jit"))
      for w in ("W1", "W2", "W3", "W4", "W5")),
    *(Goal(w, "PyTorch, the usual script", ours(w, 1), torch(w, 1, "usual")) for w in ("W1", "W2", "W3", "W4", "W5")),
    Goal("W6 with layer records each epoch", "without", W6, ours("W6", 2, "no records"), 1.05, 1.03),
    Goal("W2 with layer records every 50 steps", "without", ours("W2b", 1), ours("W2", 1), 1.15, 1.10),
    Goal("2 jobs on 2 cores, jobs a second", "1 job on 1", ours("cores", 1), ours("cores", 2), 1.85, 1.95, 2, True),
    Goal("16 jobs on 16 cores, jobs a second", "1 job on 1", ours("cores", 1), ours("cores", 16), 13.5, 14.5, 16, True),
    *(Goal(f"{w}, two processes, epochs a second", "one process", ours(w, 1), ours(w, 2), None, None, 2, True)
      for w in ("W1", "W2", "W3", "W4", "W5")),
    Goal("start to the end of the first step", "PyTorch", ours("start", 1), torch("start", 1, "eager"), 0.10, 0.05),
    Goal("W6, tail: one core has no job left", "the whole", ours("W6", 2, "tail"), W6, 0.05, 0.02),
    Goal("W6, a core is idle, loading and writing included", "the whole", ours("W6", 2, "idle"), W6),
]


@dataclasses.dataclass(frozen=True)
class Ratio:
    goal: Goal
    ratio: float  # median over rounds
    low: float
    high: float
    rounds: int
    over: float   # medians of both sides, in their unit
    under: float


def ratios(measurements):
    """Of the goals that were measured."""
    found = []
    for goal in GOALS:
        over, under = goal.over.by_round(measurements), goal.under.by_round(measurements)
        rounds = sorted(over.keys() & under.keys())
        if not rounds:
            continue
        each = [goal.factor * over[r] / under[r] for r in rounds]
        found.append(Ratio(goal, statistics.median(each), min(each), max(each), len(each),
                           statistics.median(over[r] for r in rounds), statistics.median(under[r] for r in rounds)))
    return found


def table(found):
    """Rows of text, header first."""
    rows = [["what", "against", "ours", "theirs", "ratio", "range", "respectable", "goal", "reached"]]
    for r in found:
        goal = r.goal
        limits = ["-" if limit is None else tables.number(limit) for limit in (goal.respectable, goal.goal)]
        rows.append([goal.what, goal.against, goal.over.text(r.over), goal.under.text(r.under), tables.number(r.ratio),
                     f"{tables.number(r.low)} to {tables.number(r.high)}", *limits, goal.verdict(r.ratio) or "-"])
    return rows
