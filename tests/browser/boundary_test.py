"""What a report shows beside the measured, in Chromium: where theory sees an end, and what others published."""

import json
import unittest

from browser import Browser, needs_browser
import harness

# With this bias variance tanh nets are at the edge of chaos at a weight variance of 1.76; six depth scales are 22
# layers at 1, and 42 at 4.
SWEEP = """\
version: 1
name: deep
settings: {{dataset: "idx:{data}", width: 8, epochs: 1, batch_size: 32, activation: tanh}}
grid:
  initializer: [{{mean_field: {{bias_variance: 0.05}}}}]
  mean_field.weight_variance: [1, 1.76, 4]
  depth: [2, 30, 60]
seeds: 2
expect:
  - {{claim: a, where: {{depth: 2}}, metric: layers.delta.rms, layer: 1, over: every_seed, at_least: 0, published: 0.2}}
  - {{claim: b, where: {{depth: 2}}, metric: layers.delta.rms, layer: 2, over: every_seed, at_least: 0, published: 0.5}}
"""

SIDES = "return arguments[0].querySelectorAll('.drawn .mark-rule.role-mark line').length"
DIAMONDS = """return [...arguments[0].querySelectorAll('.drawn .mark-symbol.role-mark path')]
  .map((path) => path.__data__.datum).filter((point) => point.published).map((point) => [point.x, point.y])"""


@needs_browser
class Beside(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = harness.ProgramTest()
        cls.program.setUp()
        cls.addClassCleanup(cls.program.doCleanups)
        cls.program.check(cls.program.run_program("run", cls.program.write_sweep(SWEEP), "-q"), 0)
        cls.program.check(cls.program.run_program("report", "results/deep", "-o", "report.html"), 0)
        cls.page = cls.program.folder / "report.html"
        text = cls.page.read_text()
        if '<script type="module">' not in text:
            raise unittest.SkipTest("this build had no npm: its reports are still pictures")
        begin, end = '<script type="application/json" id="data">', "</script>"
        data = json.loads(text.split(begin)[1].split(end)[0])
        cls.place = {picture["id"]: i for i, picture in enumerate(data["pictures"])}
        cls.initializers = next(axis["values"] for axis in data["axes"] if axis["name"] == "initializer")
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def figure(self, name):
        return self.browser.find(f'figure[data-picture="{self.place[name]}"]')

    def filter(self, axis, values):
        self.browser.run("location.hash = `#${arguments[0]}=${arguments[1].map(encodeURIComponent).join(',')}`", axis,
                         values)
        self.browser.wait("document.documentElement.dataset.charts === 'some'")
        self.browser.settled()

    def sides(self, depths):
        """How many sides of squares lie between a net within six depth scales and one beyond."""
        scales = {}
        for row in self.program.rows("results/deep", "cells.csv"):
            scale = float(row["predicted_xi_c"] or "inf")
            scales[float(row["initializer"].split("weight_variance=")[1].split(";")[0].rstrip(")"))] = scale
        rows = [[depth > 6 * scale for depth in depths] for _, scale in sorted(scales.items())]
        self.assertEqual(len(rows), 3)
        pairs = [pair for row in rows for pair in zip(row, row[1:])]
        pairs += [pair for row, next_row in zip(rows, rows[1:]) for pair in zip(row, next_row)]
        return sum(a != b for a, b in pairs)

    def test_the_boundary_follows_the_filters(self):
        self.browser.open(self.page)
        figure = self.figure("accuracy")
        self.assertIn("six depth scales", figure.text)
        self.assertIn("too deep to train", figure.get_attribute("aria-label"))
        for depths, expected in (([2, 30, 60], 5), ([2, 60], 4), ([2], 0)):
            with self.subTest(depths):
                self.filter("depth", depths)
                self.assertEqual(self.sides(depths), expected)
                self.assertEqual(self.browser.run(SIDES, figure), 2 * expected)  # a line in a seam
        self.assertEqual(self.browser.complaints(), [])

    def test_published_points_stand_beside_the_measured(self):
        self.browser.open(self.page)
        figure = self.figure("published")
        points = self.browser.run(DIAMONDS, figure)
        self.assertEqual(sorted(points), sorted([[1, 0.2], [2, 0.5]] * 3 * 2))  # of three cells, in a seam each
        self.assertIn("◇ published", figure.text)
        self.filter("initializer", self.initializers[-1:])
        self.assertEqual(len(self.browser.run(DIAMONDS, self.figure("published"))), 2 * 2)
        self.assertEqual(self.browser.complaints(), [])


if __name__ == "__main__":
    unittest.main()
