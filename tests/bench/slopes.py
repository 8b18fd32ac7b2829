"""How time and memory grow with one factor: y ~ x^exponent, between neighbours and overall."""
import dataclasses
import itertools
import math

import tables

COLUMNS = ["factor", "value", "seconds", "bytes", "seconds_per_unit"]
FACTORS = ["width", "depth", "batch_size", "train_samples", "jobs", "threads"]
BEND = 0.15  # a neighbour's exponent this far from the overall one


@dataclasses.dataclass(frozen=True)
class Point:
    """One row of growth.csv: medians over the rounds."""
    factor: str
    value: int
    seconds: float
    bytes: float

    def seconds_per_unit(self):
        """What one unit costs; with threads, what all of them cost together."""
        return self.seconds * self.value if self.factor == "threads" else self.seconds / self.value


def points_from(rows):
    return [Point(row["factor"], int(row["value"]), float(row["seconds"]), float(row["bytes"])) for row in rows]


def slope(xs, ys):
    """Least squares through (log x, log y)."""
    xs, ys = [math.log(x) for x in xs], [math.log(y) for y in ys]
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys)) / sum((x - x_mean) ** 2 for x in xs)


@dataclasses.dataclass(frozen=True)
class Growth:
    points: list
    overall: float      # exponent of seconds
    neighbours: list    # between points i and i + 1
    memory: float       # exponent of bytes, overall

    def bends(self):
        """(from, to, exponent) where it differs from the overall one."""
        pairs = itertools.pairwise(self.points)
        return [(a.value, b.value, exponent) for (a, b), exponent in zip(pairs, self.neighbours)
                if abs(exponent - self.overall) > BEND]


def growths(points):
    """Factor -> Growth, of those with two points or more."""
    found = {}
    for factor in FACTORS:
        of_it = sorted((p for p in points if p.factor == factor), key=lambda p: p.value)
        if len(of_it) < 2:
            continue
        values, seconds = [p.value for p in of_it], [p.seconds for p in of_it]
        neighbours = [slope([a.value, b.value], [a.seconds, b.seconds]) for a, b in itertools.pairwise(of_it)]
        found[factor] = Growth(of_it, slope(values, seconds), neighbours, slope(values, [p.bytes for p in of_it]))
    return found


def bends_text(growth):
    return ", ".join(f"{exponent:.2f} from {a} to {b}" for a, b, exponent in growth.bends()) or "nowhere"


def full_table(found):
    """Rows of text, header first: every point, its exponent being that from the point before."""
    rows = [["factor", "value", "time", "per unit", "exponent", "memory", "bends"]]
    for factor, growth in found.items():
        for i, point in enumerate(growth.points):
            exponent = growth.neighbours[i - 1] if i else None
            bent = exponent is not None and abs(exponent - growth.overall) > BEND
            rows.append([factor, str(point.value), tables.number(point.seconds, " s"),
                         f"{point.seconds_per_unit():.2e} s", "" if exponent is None else f"{exponent:.2f}",
                         tables.memory(point.bytes), "here" if bent else ""])
        rows.append([factor, "overall", "", "", f"{growth.overall:.2f}", f"exponent {growth.memory:.2f}", ""])
    return rows


def short_table(found):
    """Rows of text, header first: one a factor."""
    rows = [["factor", "from, to", "time", "exponent", "bends", "memory"]]
    for factor, growth in found.items():
        first, last = growth.points[0], growth.points[-1]
        rows.append([factor.replace("_", " "), f"{first.value}, {last.value}",
                     f"{tables.number(first.seconds)} to {tables.number(last.seconds)} s", f"{growth.overall:.2f}",
                     bends_text(growth), f"{tables.memory(first.bytes)} to {tables.memory(last.bytes)}"])
    return rows
