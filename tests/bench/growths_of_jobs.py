"""What a number of jobs costs, phase by phase, and how it grows with them."""
import dataclasses

import slopes
import tables

COLUMNS = ["phase", "jobs", "layer_rows", "seconds", "cpu_seconds", "peak_memory_bytes", "disk_bytes"]
TITLES = {"expand": "reading and expanding the sweep, estimates",
          "plan": "`plan`",
          "journal": "a run without its training: the journal",
          "info": "reading run.json",
          "status": "`status`",
          "csvs 1": "`run` with nothing left to train: the CSVs, on 1 thread",
          "csvs 2": "the same on 2 threads",
          "check": "`check` of two claims",
          "show": "`show`",
          "report": "`report`",
          "shards": "the journals of ten shards",
          "merge": "`merge` of the ten, CSVs on 2 threads"}
PHASES = list(TITLES)
MILLION = 1_000_000


@dataclasses.dataclass(frozen=True)
class Phase:
    """One row of scale.csv."""
    name: str
    jobs: int
    layer_rows: int  # of layers.csv, a job
    seconds: float
    cpu_seconds: float
    memory: int
    disk: int  # what it leaves there

    def fields(self):
        return [self.name, self.jobs, self.layer_rows, f"{self.seconds:.4g}", f"{self.cpu_seconds:.4g}", self.memory,
                self.disk]


def phases_from(rows):
    return [Phase(row["phase"], int(row["jobs"]), int(row["layer_rows"]), float(row["seconds"]),
                  float(row["cpu_seconds"]), int(row["peak_memory_bytes"]), int(row["disk_bytes"])) for row in rows]


def of_phase(phases, name, layer_rows):
    """Those of one phase and one size of records, the fewest jobs first."""
    return sorted((p for p in phases if p.name == name and p.layer_rows == layer_rows), key=lambda p: p.jobs)


def exponent(points):
    """Of the processor's seconds, between the two largest: below them what every start costs is most of it."""
    a, b = points[-2:]
    return slopes.slope([a.jobs, b.jobs], [a.cpu_seconds, b.cpu_seconds])


def gigabytes(n_bytes):
    return tables.number(n_bytes / 1e9, " GB")


def full_table(phases):
    rows = [["rows", "phase", "jobs", "time", "cpu", "cpu a job", "memory", "disk", "exponent"]]
    for layer_rows in sorted({p.layer_rows for p in phases}, reverse=True):
        for name in PHASES:
            points = of_phase(phases, name, layer_rows)
            for i, p in enumerate(points):
                rows.append([str(layer_rows), name, str(p.jobs), tables.number(p.seconds, " s"),
                             tables.number(p.cpu_seconds, " s"), tables.number(1e6 * p.cpu_seconds / p.jobs, " µs"),
                             tables.memory(p.memory), gigabytes(p.disk) if p.disk else "",
                             f"{exponent(points[:i + 1]):.2f}" if i else ""])
    return rows


def short_table(phases):
    """Rows of text, header first: one a phase, of full records; a million where lean ones were measured."""
    full, lean = max(p.layer_rows for p in phases), min(p.layer_rows for p in phases)
    most = max(p.jobs for p in phases if p.layer_rows == full)
    has_million = any(p.jobs == MILLION for p in phases)
    rows = [["phase", f"{most:,} jobs", "a job", "exponent", "memory", "disk",
             *([f"{MILLION:,} lean", "memory, lean"] if has_million else [])]]
    for name in PHASES:
        points = of_phase(phases, name, full)
        if not points or points[-1].jobs != most:
            continue
        p = points[-1]
        row = [TITLES[name], tables.number(p.cpu_seconds, " s"), tables.number(1e6 * p.cpu_seconds / p.jobs, " µs"),
               f"{exponent(points):.2f}" if len(points) > 1 else "", tables.memory(p.memory),
               gigabytes(p.disk) if p.disk else ""]
        if has_million:
            million = [q for q in of_phase(phases, name, lean) if q.jobs == MILLION]
            row += [tables.number(q.cpu_seconds, " s") for q in million] + [tables.memory(q.memory) for q in million]
            row += [""] * (len(rows[0]) - len(row))
        rows.append(row)
    return rows


def sentence(phases):
    """What the short table shows."""
    full, lean = max(p.layer_rows for p in phases), min(p.layer_rows for p in phases)
    fewer = sorted({p.jobs for p in phases if p.layer_rows == full})
    text = (f"[Sweeps without their training](tests/bench/scale.yaml), of {fewer[0]:,} to {fewer[-1]:,} jobs of five "
            f"layers and five epochs ({full} rows of `layers.csv` each): processor time and peak memory of a process a "
            "phase (time ~ jobs^exponent, between the two largest)")
    if lean != full:
        text += f"; lean jobs record their start alone ({lean} rows)"
    return text + ":"
