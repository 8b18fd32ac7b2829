"""What is committed of the experiments, read and written: for each in experiments/chapter and experiments/published

    results/<chapter|published>/<name>/jobs.csv, cells.csv, checks.csv    as `initsweep run` wrote them
    results/<chapter|published>/index.csv                                 what it is about, as its sweep file says
    results/<chapter|published>/times.csv                                 what it cost to measure, and where
"""
import csv
import dataclasses
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
KINDS = ["chapter", "published"]
RESULTS = ["jobs.csv", "cells.csv", "checks.csv"]
ABOUT = ["name", "file", "claim", "source", "verdict", "condition"]
INDEX = [*ABOUT, "sweep_sha256"]  # of the bytes of the sweep file that was measured
TIMES = ["name", "jobs", "minutes", "instruction_set"]


class Missing(Exception):
    """Something that ought to be committed is not there."""


def read_csv(path):
    try:
        with open(path, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    except FileNotFoundError:
        raise Missing(f"{path}: no such file; experiments/measure writes it") from None


def write_row(path, header, row):
    """The row takes the place of the one of its name; rows are sorted by name."""
    rows = {known["name"]: known for known in read_csv(path)} if path.exists() else {}
    rows[row["name"]] = row
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[name] for name in sorted(rows))


def in_reading_order(file):
    """E2 stands before E10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", file)]


@dataclasses.dataclass
class Claim:
    """An expectation of a sweep with the rows of checks.csv it has: one for each cell it is judged for."""
    id: str
    rows: list

    @property
    def verdict(self):
        """The worst of its rows."""
        found = {row["verdict"] for row in self.rows}
        return next(v for v in ["fails", "inconclusive", "not_run", "holds"] if v in found)


@dataclasses.dataclass
class Experiment:
    name: str
    file: str
    claim: str
    source: str
    verdict: str
    condition: str
    minutes: float  # of one processor
    claims: list    # of Claim

    @property
    def command(self):
        return f"build/initsweep run {self.file}"

    @property
    def n_holding(self):
        return sum(claim.verdict == "holds" for claim in self.claims)


def claims_of(checks):
    by_id = {}
    for row in checks:
        by_id.setdefault(row["id"], Claim(row["id"], [])).rows.append(row)
    return list(by_id.values())


def experiments_of(results, kind):
    """All that are committed of one kind, in the order of their files."""
    minutes = {row["name"]: float(row["minutes"]) for row in read_csv(results / kind / "times.csv")}
    found = []
    for row in read_csv(results / kind / "index.csv"):
        if row["name"] not in minutes:
            raise Missing(f"{results / kind / 'times.csv'}: nothing about {row['name']}; "
                          f"run experiments/measure {row['name']}")
        checks = read_csv(results / kind / row["name"] / "checks.csv")
        found.append(Experiment(minutes=minutes[row["name"]], claims=claims_of(checks),
                                **{key: row[key] for key in ABOUT}))
    return sorted(found, key=lambda experiment: in_reading_order(experiment.file))
