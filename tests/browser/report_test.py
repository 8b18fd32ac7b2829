"""The report as its readers meet it: opened from disk in Chromium, without a network."""

import csv
import io
import json
import math
import re
import time
import unittest

from browser import Browser, needs_browser
import harness

# Two initializers of which one has no mode, so that a setting without meaning is there; so wide a normal law diverges
# in relu nets.
SWEEP = """\
version: 1
name: pictured
description: "Which of these </script><img src=x onerror=window.pwned=1> learn?"
settings: {{dataset: "idx:{data}", width: 8, epochs: 2, batch_size: 16, learning_rate: 0.1}}
grid:
  initializer: [{{normal: {{stddev: 1e15}}}}, he_normal]
  mode: [fan_in, fan_out]
  activation: [relu, tanh]
  depth: [2, 3]
seeds: 2
expect:
  - claim: "relu nets </script><script>window.pwned=1</script> learn <img src=x onerror=window.pwned=1>"
    where: {{activation: relu, initializer: he_normal}}
    status: ok
"""

# 1,000 jobs of a few milliseconds, with all that makes a page heavy: profiles of twenty layers, curves of ten epochs,
# bands over five seeds.
MANY = """\
version: 1
name: many
settings: {{dataset: "idx:{data}", width: 4, epochs: 10, batch_size: 64}}
grid:
  initializer: [he_normal, he_uniform, glorot_normal, lecun_normal, orthogonal]
  activation: [relu, tanh, sigmoid, elu, gelu]
  depth: [2, 5, 10, 20]
  learning_rate: [0.01, 0.1]
seeds: 5
"""

# Of the marks of a picture: what they show, from what Vega has bound to the elements of the document.
SQUARES = """return [...arguments[0].querySelectorAll('.drawn .mark-rect.role-mark path')].map((path) => ({
  value: path.__data__.datum.value, subject: path.__data__.datum.subject, tip: path.getAttribute('aria-label'),
  color: path.getAttribute('fill')}))"""
TEXTS = "return [...arguments[0].querySelectorAll('.drawn .mark-text.role-mark text')].map((text) => text.textContent)"
POINTS = """const rows = [];
for (const group of arguments[0].querySelectorAll('.drawn .mark-line.role-mark path'))
  for (const item of group.__data__.mark?.items ?? group.__data__) rows.push({
    x: item.datum.x, y: item.datum.y, subject: item.datum.subject, predicted: item.datum.predicted});
return rows"""

PANEL_TITLES = """return [...arguments[0].querySelectorAll('.drawn .mark-text.role-mark text')]
  .filter((text) => text.getAttribute('font-weight') === '600').map((text) => text.textContent)"""
WIDTHS = "return [arguments[0].scrollWidth, arguments[0].clientWidth]"
FRAMES = """return arguments[0].querySelectorAll('.drawn .role-scope[class$="cell"] > g > path.background').length"""

PAPER = "return getComputedStyle(document.body).backgroundColor"


def four_digits(value):
    """Relative tolerance of numbers that the page rounds to four significant digits."""
    return abs(value) * 6e-4 + 1e-12


@needs_browser
class Report(unittest.TestCase):
    """One sweep and one browser for all tests; each test loads the page anew."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.program = harness.ProgramTest()
        cls.program.setUp()
        cls.addClassCleanup(cls.program.doCleanups)
        cls.folder = cls.program.folder
        cls.program.check(cls.program.run_program("run", cls.program.write_sweep(SWEEP), "-q"), 0)
        cls.program.check(cls.program.run_program("report", "results/pictured", "-o", "report.html"), 0)
        cls.page = cls.folder / "report.html"
        if '<script type="module">' not in cls.page.read_text():
            raise unittest.SkipTest("this build had no npm: its reports are still pictures")
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.browser.resize(1440, 900)
        self.browser.media()
        self.browser.driver.get("about:blank")
        self.browser.complaints(), self.browser.requests()

    def tearDown(self):
        self.assertEqual(self.browser.complaints(), [])

    def figure(self, name):
        """The figure of a picture by its id."""
        index = self.browser.run("return JSON.parse(document.getElementById('data').textContent)"
                                 ".pictures.findIndex((one) => one.id === arguments[0])", name)
        self.assertGreaterEqual(index, 0, name)
        return self.browser.find(f'figure[data-picture="{index}"]')

    def combinations(self):
        return self.browser.run("return JSON.parse(document.getElementById('data').textContent).combinations")

    def cell_ids(self):
        """The id of each combination's cell, by its subject."""
        return self.browser.run("const page = JSON.parse(document.getElementById('data').textContent);"
                                "return page.combinations.cell.map((cell) => page.cells.id[cell])")

    def cells(self):
        """The rows of cells.csv by the id of the cell."""
        return {row["cell_id"]: row for row in self.program.rows("results/pictured", "cells.csv")}

    def edited(self, change):
        """A page whose data `change` has changed in place; it is given the whole and the pictures by their ids."""
        begin, end = '<script type="application/json" id="data">', "</script>"
        before, rest = self.page.read_text().split(begin)
        text, after = rest.split(end, 1)
        data = json.loads(text)
        change(data, {picture["id"]: picture for picture in data["pictures"]})
        page = self.folder / "edited.html"
        page.write_text(before + begin + json.dumps(data).replace("<", "\\u003c") + end + after)
        return page

    def menu(self, axis):
        return self.browser.find(f'.menu[data-axis="{axis}"]')

    def tick(self, axis, *values):
        """Clicks boxes of an axis' menu."""
        menu = self.menu(axis)
        self.browser.run("window.scrollTo(0, 0)")
        self.browser.find("summary", menu).click()
        for value in values:
            self.browser.find(f'input[value="{value}"]', menu).click()
        self.browser.find("summary", menu).click()
        self.browser.settled()

    def count(self):
        return self.browser.find(".count").text

    def test_nothing_is_asked_of_the_network_and_the_console_is_silent(self):
        self.browser.open(self.page)
        self.assertEqual(self.browser.requests(), [f"file://{self.page}"])
        self.assertEqual(self.browser.complaints(), [])

    def test_every_picture_is_drawn_with_marks(self):
        self.browser.open(self.page)
        figures = self.browser.find_all("figure[data-picture]")
        self.assertGreaterEqual(len(figures), 9)
        for figure in figures:
            title = figure.get_attribute("aria-label")
            with self.subTest(title):
                marks = self.browser.find_all(".drawn .role-mark path", figure)
                self.assertGreater(len(marks), 3)
                self.assertIn("?", title)

    def test_squares_are_the_accuracies_of_cells_csv(self):
        self.browser.open(self.page)
        figure, ids, cells = self.figure("accuracy"), self.cell_ids(), self.cells()
        squares = self.browser.run(SQUARES, figure)
        self.assertEqual(len(squares), len(ids))
        shown = []
        for square in squares:
            mean = cells[ids[square["subject"]]]["test_accuracy_mean"]
            if mean:
                self.assertAlmostEqual(square["value"], float(mean), delta=four_digits(float(mean)))
                self.assertIn(f"{float(mean):.4f}", square["tip"])
                shown.append(f"{float(mean):.2f}")
            else:
                self.assertIsNone(square["value"])
                self.assertIn("diverged", square["tip"])
        self.assertTrue(any(row["n_diverged"] != "0" for row in cells.values()), "the test wants a diverged cell")
        texts = self.browser.run(TEXTS, figure)
        self.assertEqual(sorted(text for text in texts if re.fullmatch(r"\d\.\d\d", text)), sorted(shown))
        self.assertEqual(texts.count("×"), sum(row["n_diverged"] != "0" for row in map(cells.get, ids)))

    def test_lines_are_the_medians_of_layers_csv(self):
        self.browser.open(self.page)
        points = [p for p in self.browser.run(POINTS, self.figure("layers-delta")) if not p["predicted"]]
        jobs = {row["job_id"]: row["cell_id"] for row in self.program.rows("results/pictured", "jobs.csv")}
        by_place = {}
        for row in self.program.rows("results/pictured", "layers.csv"):
            if row["step"] == "0" and row["tensor"] == "delta" and row["rms"]:
                by_place.setdefault((jobs[row["job_id"]], int(row["layer"])), []).append(float(row["rms"]))
        ids = self.cell_ids()
        seen = set()
        for point in points:
            if point["y"] is None:
                continue
            values = sorted(by_place[ids[point["subject"]], point["x"]])
            median = (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2
            self.assertAlmostEqual(point["y"], median, delta=four_digits(median))
            seen.add((ids[point["subject"]], point["x"]))
        self.assertEqual(seen, {place for place, values in by_place.items() if sum(values) > 0})

    def test_curves_are_the_means_of_epochs_csv(self):
        self.browser.open(self.page)
        jobs = {row["job_id"]: row for row in self.program.rows("results/pictured", "jobs.csv")}
        by_place = {}
        for row in self.program.rows("results/pictured", "epochs.csv"):
            job = jobs[row["job_id"]]
            if job["status"] == "ok":
                by_place.setdefault((job["cell_id"], int(row["epoch"])), []).append(float(row["test_accuracy"]))
        ids, points = self.cell_ids(), self.browser.run(POINTS, self.figure("curves"))
        for point in points:
            values = by_place[ids[point["subject"]], point["x"]]
            self.assertAlmostEqual(point["y"], math.fsum(values) / len(values), delta=6e-4)
        self.assertEqual({(ids[point["subject"]], point["x"]) for point in points}, set(by_place))

    def test_a_view_is_chosen_with_a_click(self):
        self.browser.open(self.page)
        figure = self.figure("layers-delta")
        start = self.browser.run(POINTS, figure)
        self.browser.run("arguments[0].click()", self.browser.find('.views input[value="1"]', figure))
        self.browser.settled()
        end = self.browser.run(POINTS, figure)
        self.assertEqual(figure.get_attribute("data-drawn"), "at the end")
        self.assertNotEqual([p["y"] for p in start], [p["y"] for p in end])

    def test_filters_leave_what_they_say_and_keep_colours(self):
        self.browser.open(self.page)
        before = {s["subject"]: s["color"] for s in self.browser.run(SQUARES, self.figure("accuracy"))}
        n = len(before)
        self.assertEqual(self.count(), f"{n} of {n} combinations")
        self.tick("activation", "tanh")
        self.assertEqual(self.count(), f"{n // 2} of {n} combinations")
        after = {s["subject"]: s["color"] for s in self.browser.run(SQUARES, self.figure("accuracy"))}
        self.assertEqual(after, {subject: color for subject, color in before.items() if subject in after})
        labels = self.combinations()["label"]
        self.assertEqual({"relu" in labels[subject] for subject in after}, {True})
        for name in ("layers-delta", "curves"):
            subjects = {point["subject"] for point in self.browser.run(POINTS, self.figure(name))}
            self.assertLessEqual(subjects, set(after))
            self.assertTrue(subjects)
        shown = [row for row in self.browser.find_all("#ranking tbody tr") if row.is_displayed()]
        self.assertTrue(shown)
        self.assertTrue(all("relu" in row.text for row in shown))
        self.browser.find(".reset").click()
        self.browser.settled()
        self.assertEqual(self.count(), f"{n} of {n} combinations")

    def test_a_view_can_be_linked(self):
        self.browser.open(self.page, "#activation=relu&depth=3")
        n = len(self.combinations()["label"])
        self.assertEqual(self.count(), f"{n // 4} of {n} combinations")
        self.tick("depth", "2")
        self.assertIn("activation=relu", self.browser.run("return location.hash"))
        self.assertNotIn("depth", self.browser.run("return location.hash"))
        cell = self.cell_ids()[0]
        self.browser.run("location.hash = arguments[0]", f"#cell={cell}")
        self.browser.wait("!document.querySelector('.panel').hidden")
        self.assertIn(cell, self.browser.find(".panel").text)

    def test_a_click_on_a_square_opens_its_combination(self):
        self.browser.open(self.page)
        ids, cells = self.cell_ids(), self.cells()
        labels = self.combinations()["label"]
        subject = next(i for i, cell in enumerate(ids) if cells[cell]["n_ok"] == "2")
        row = cells[ids[subject]]
        square = self.browser.find(f'.mark-rect path[data-subject="{subject}"]', self.figure("accuracy"))
        self.browser.point_at(square)
        self.browser.click()
        panel = self.browser.find(".panel")
        self.assertEqual(self.browser.find("h2", panel).text, labels[subject])
        for text in (ids[subject], f"{float(row['test_accuracy_mean']):.4g}", row["health"]):
            self.assertIn(text, panel.text)
        seeds = self.browser.find_all(".seeds tbody tr", panel)
        jobs = [job for job in self.program.rows("results/pictured", "jobs.csv") if job["cell_id"] == ids[subject]]
        self.assertEqual([[field.text for field in self.browser.find_all("td", seed)][:3] for seed in seeds],
                         [[job["seed"], job["status"], f"{float(job['test_accuracy']):.4g}"] for job in jobs])
        self.browser.wait("document.querySelectorAll('.panel .mark-line path').length >= 5")
        self.assertEqual(self.browser.run("return location.hash"), f"#cell={ids[subject]}")
        self.browser.press("\ue00c")  # Escape
        self.assertFalse(panel.is_displayed())
        self.assertEqual(self.browser.run("return location.hash"), "")
        self.assertTrue(self.browser.run("return document.activeElement === arguments[0]", square))

    def test_the_nearest_line_says_its_exact_values(self):
        self.browser.open(self.page)
        figure = self.figure("curves")
        dot = self.browser.find_all(".drawn .mark-symbol.role-mark path", figure)[0]
        datum = self.browser.run("return arguments[0].__data__.datum", dot)
        self.browser.point_at(dot)
        self.browser.wait("!document.querySelector('.tip').hidden")
        text = self.browser.find(".tip").text
        said = re.fullmatch(rf"(.*): epoch {datum['x']}, ([\d.]+)(?: \(([\d.]+) to ([\d.]+)\))?", text)
        self.assertTrue(said, text)
        cell = self.cell_ids()[self.combinations()["label"].index(said[1])]
        jobs = {row["job_id"] for row in self.program.rows("results/pictured", "jobs.csv")
                if row["cell_id"] == cell and row["status"] == "ok"}
        values = [float(row["test_accuracy"]) for row in self.program.rows("results/pictured", "epochs.csv")
                  if row["job_id"] in jobs and int(row["epoch"]) == datum["x"]]
        self.assertEqual(len(values), 2)
        expected = [math.fsum(values) / 2, min(values), max(values)]
        for number, value in zip(said.groups()[1:], expected if said[3] else expected[:1]):
            self.assertAlmostEqual(float(number), value, delta=four_digits(value))
        self.assertEqual(bool(said[3]), min(values) != max(values))
        self.assertGreater(self.browser.run("return arguments[0].querySelectorAll('.sheet path').length", figure), 0)
        self.browser.click()
        self.assertTrue(self.browser.find(".panel").is_displayed())
        self.assertEqual(self.browser.find(".panel h2").text, text.split(":")[0])

    def test_the_keyboard_reaches_squares_lines_and_tables(self):
        self.browser.open(self.page)
        down, right, enter, escape, tab = "\ue015", "\ue014", "\ue007", "\ue00c", "\ue004"
        self.browser.press(tab)
        self.assertEqual(self.browser.run("return document.activeElement.className"), "skip")
        figure = self.figure("accuracy")
        stops = self.browser.find_all('.mark-rect.role-mark path[tabindex="0"]', figure)
        self.assertEqual(len(stops), 1)
        self.browser.run("arguments[0].focus()", stops[0])
        place = "const d = document.activeElement.__data__.datum; return [d.panel, d.x, d.y]"
        self.assertEqual(self.browser.run(place), [0, 0, 0])
        self.browser.press(right)
        self.assertEqual(self.browser.run(place), [0, 1, 0])
        self.browser.press(down, right)
        self.assertEqual(self.browser.run(place), [1, 0, 1])
        label = self.browser.run("return document.activeElement.getAttribute('aria-label')")
        self.assertEqual(self.browser.find(".tip").text, label)
        self.browser.press(enter)
        self.assertTrue(label.startswith(self.browser.run("return document.activeElement.textContent")))
        self.browser.press(escape)
        self.assertEqual(self.browser.run(place), [1, 0, 1])
        lines = self.browser.find(".drawn svg", self.figure("layers-delta"))
        self.browser.run("arguments[0].focus()", lines)
        self.browser.press(right, right)
        spoken = self.browser.run("return arguments[0].querySelector('[aria-live]').textContent",
                                  self.figure("layers-delta"))
        self.assertRegex(spoken, r": layer \d, ")
        self.browser.press(enter)
        self.assertTrue(self.browser.find(".panel").is_displayed())
        self.browser.press(escape)
        self.browser.run("arguments[0].focus()", self.browser.find("#ranking tbody button"))
        self.browser.press(enter)
        self.assertTrue(self.browser.find(".panel").is_displayed())

    def test_tab_stops_at_the_first_square_and_then_leaves(self):
        self.browser.open(self.page)
        active = "const a = document.activeElement; return [a.tagName, a.getAttribute('aria-label') ?? a.textContent]"
        for figure in self.browser.find_all("figure[data-picture]"):
            if not self.browser.find_all(".drawn .mark-rect path", figure):
                continue
            with self.subTest(figure.get_attribute("aria-label")):
                first = self.browser.find(".drawn .mark-rect.role-mark path", figure).get_attribute("aria-label")
                self.browser.run("arguments[0].focus()", self.browser.find('[data-form="csv"]', figure))
                self.browser.press("\ue004")  # Tab
                self.assertEqual(self.browser.run(active), ["path", first])
                self.browser.press("\ue004")
                self.assertEqual(self.browser.run(active)[0], "SUMMARY")

    def test_rankings_are_of_what_the_filters_leave(self):
        column = "return [...document.querySelectorAll('#ranking tbody tr')].map((row) => row.cells[0].textContent)"
        self.browser.open(self.page)
        whole = self.browser.run(column)
        self.browser.run("location.hash = '#activation=tanh&depth=2'")
        self.browser.settled()
        kept = [label for label in whole if "tanh" in label and "depth=2" in label]
        self.assertTrue(kept)
        self.assertEqual(self.browser.run(column), kept)
        row = self.browser.find("#ranking tbody tr")
        cell = self.cells()[self.cell_ids()[self.combinations()["label"].index(kept[0])]]
        self.assertIn(f"{float(cell['test_accuracy_mean']):.4f}", row.text)
        self.assertIn(cell["health"], row.text)
        self.browser.run("arguments[0].click()", self.browser.find("button", row))
        self.assertEqual(self.browser.find(".panel h2").text, kept[0])
        self.browser.run("location.hash = '#initializer=normal&activation=relu'")  # which diverge
        self.browser.settled()
        if not self.browser.run(column):
            self.assertTrue(self.browser.find("#ranking .nothing").is_displayed())
        self.browser.run("location.hash = ''")
        self.browser.settled()
        self.assertEqual(self.browser.run(column), whole)

    def test_what_is_about_the_whole_sweep_says_so_under_a_filter(self):
        texts = "return [...document.querySelectorAll('.whole')].map((one) => one.textContent)"
        self.browser.open(self.page)
        self.assertEqual(set(self.browser.run(texts)), {""})
        self.browser.run("location.hash = '#depth=2'")
        self.browser.settled()
        self.assertEqual(self.browser.run(texts), ["about the whole sweep, not the filter"] * 3)
        self.assertEqual(len(self.browser.find_all(".whole[aria-live]")), 1)
        self.assertEqual(len(self.browser.find_all(".whole", self.figure("shares"))), 1)

    def test_menus_close_and_say_that_none_is_all(self):
        self.browser.open(self.page)
        is_open = "return [...document.querySelectorAll('.menu[open]')].map((menu) => menu.dataset.axis)"
        for axis in ("depth", "activation"):
            self.browser.run("arguments[0].click()", self.browser.find("summary", self.menu(axis)))
            self.browser.wait("document.querySelectorAll('.menu[open]').length === 1")
            self.assertEqual(self.browser.run(is_open), [axis])
        self.browser.run("document.activeElement.blur()")
        self.browser.press("\ue00c")  # Escape
        self.assertEqual(self.browser.run(is_open), [])
        self.browser.run("arguments[0].click()", self.browser.find("summary", self.menu("depth")))
        self.browser.find("h1").click()
        self.assertEqual(self.browser.run(is_open), [])
        self.browser.find("summary", self.menu("depth")).click()
        boxes = self.browser.find_all("input", self.menu("depth"))
        for box in boxes:
            box.click()
        self.assertTrue(all(box.is_selected() for box in boxes))
        self.assertIn("all are shown", self.menu("depth").text)
        n = len(self.combinations()["label"])
        self.assertEqual(self.count(), f"{n} of {n} combinations")

    def test_tables_are_sorted_by_their_headers(self):
        self.browser.open(self.page)
        self.browser.run("arguments[0].click()", self.browser.find('#ranking th[data-name="accuracy"] button'))
        column = "return [...document.querySelectorAll('#ranking tbody tr')].map((row) => row.cells[1].textContent)"
        ascending = self.browser.run(column)
        self.assertEqual(ascending, sorted(ascending, key=float))
        self.browser.run("arguments[0].click()", self.browser.find('#ranking th[data-name="accuracy"] button'))
        self.assertEqual(self.browser.run(column), sorted(ascending, key=float, reverse=True))
        header = self.browser.find('#ranking th[data-name="accuracy"]')
        self.assertEqual(header.get_attribute("aria-sort"), "descending")

    def test_downloads_have_the_data_and_the_picture(self):
        self.browser.open(self.page, "#activation=relu")
        figure = self.figure("accuracy")
        for form in ("csv", "svg", "png"):
            self.browser.run("arguments[0].click()", self.browser.find(f'[data-form="{form}"]', figure))
        rows = list(csv.DictReader(io.StringIO(self.browser.downloaded("accuracy.csv").decode())))
        means = {(row["initializer"], row["mode"], row["depth"]): row["test_accuracy_mean"]
                 for row in self.program.rows("results/pictured", "cells.csv") if row["activation"] == "relu"}
        self.assertEqual(len(rows), len(means))
        self.assertEqual({row["activation"] for row in rows}, {"relu"})
        for row in rows:
            matching = [mean for (initializer, mode, depth), mean in means.items()
                        if initializer.startswith(row["initializer"]) and mode == row["mode"] and depth == row["depth"]]
            self.assertEqual(len(matching), 1, row)
            if row["mean test accuracy"]:
                self.assertAlmostEqual(float(row["mean test accuracy"]), float(matching[0]), delta=1e-4)
            else:
                self.assertEqual((row["mark"], matching[0]), ("×", ""))
        image = self.browser.downloaded("accuracy.svg").decode()
        self.assertIn("Who learns?", image)
        self.assertNotIn("var(--", image)
        self.assertTrue(self.browser.downloaded("accuracy.png").startswith(b"\x89PNG\r\n\x1a\n"))

    def test_each_picture_has_its_numbers_as_a_table(self):
        self.browser.open(self.page)
        for figure in self.browser.find_all("figure[data-picture]"):
            with self.subTest(figure.get_attribute("aria-label")):
                details = self.browser.find("details.data", figure)
                self.browser.run("arguments[0].open = true", details)
                self.browser.wait("document.querySelector('details.data[open] table')")
                self.assertGreater(len(self.browser.find_all("tbody tr", details)), 1)
                self.assertIn("rounded to 4 significant digits", details.text)
                self.browser.run("arguments[0].open = false", details)

    def test_light_and_dark_have_contrast(self):
        for scheme in ("light", "dark"):
            with self.subTest(scheme):
                self.browser.media(prefers_color_scheme=scheme)
                self.browser.open(self.page)
                ratios = self.browser.run("""
                  const rgb = (color) => color.match(/\\d+(\\.\\d+)?/g).slice(0, 3).map(Number);
                  const light = (color) => { const [r, g, b] = rgb(color).map((c) => (c /= 255) <= 0.03928 ? c / 12.92
                    : ((c + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05; };
                  const paper = light(getComputedStyle(document.body).backgroundColor);
                  return ['h1', '.subtitle', '.bar nav a', '.count', 'figcaption p', '.tiles dt', '.downloads button',
                    'td', 'th', 'footer dt', '.drawn .role-axis-label text'].map((selector) => {
                    const style = getComputedStyle(document.querySelector(selector));
                    const ink = light(selector.endsWith('text') ? style.fill : style.color);
                    return [selector, ink > paper ? ink / paper : paper / ink]; })""")
                self.assertEqual([name for name, ratio in ratios if ratio < 4.5], [])
                dark = self.browser.run(PAPER) != "rgb(255, 255, 255)"
                self.assertEqual(dark, scheme == "dark")

    def test_lines_are_seen_on_either_paper(self):
        # WCAG 1.4.11 asks for 3; where there are many, lines shine through to 65 %. On light paper colours are those
        # of the still pictures, the lightest of which have 2.2.
        script = """
          const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
          const rgb = (color) => { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3); };
          const light = (of) => { const [r, g, b] = of.map((c) => (c /= 255) <= 0.03928 ? c / 12.92
            : ((c + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05; };
          const paper = rgb(getComputedStyle(document.body).backgroundColor);
          const style = getComputedStyle(document.documentElement);
          const lines = JSON.parse(document.getElementById('data').textContent).colors.lines;
          return lines.map((_, i) => style.getPropertyValue(lines[i] ? `--line-${i}` : '--ink').trim()).map((color) => {
            const [a, b] = [light(rgb(color).map((c, i) => paper[i] + 0.65 * (c - paper[i]))), light(paper)];
            return [color, Math.max(a, b) / Math.min(a, b)]; })"""
        for scheme, least in (("light", 1.5), ("dark", 3)):
            with self.subTest(scheme):
                self.browser.media(prefers_color_scheme=scheme)
                self.browser.open(self.page)
                self.assertEqual([one for one in self.browser.run(script) if one[1] < least], [])
        strokes = self.browser.run("return [...document.querySelectorAll('.drawn .mark-line path')].map((path) =>"
                                   " path.getAttribute('stroke'))")
        self.assertGreater(len(strokes), 8)
        for stroke in strokes:
            self.assertRegex(stroke, r"^var\(--(line-\d|ink)\)$")

    def test_panels_have_their_titles_where_the_first_line_has_no_points(self):
        def empty(_, pictures):
            for picture in pictures.values():
                for view in picture.get("views", []):
                    for name in ("y", "low", "high"):
                        view["lines"][name][0] = -1
        self.browser.open(self.page)
        titles = self.browser.run(PANEL_TITLES, self.figure("layers-weight_gradient"))
        self.assertIn("relu · depth 2", titles)
        self.browser.open(self.edited(empty))
        self.assertEqual(self.browser.run(PANEL_TITLES, self.figure("layers-weight_gradient")), titles)

    def test_panels_say_the_setting_of_a_number(self):
        def number(_, pictures):
            pictures["curves"].update(column_title="learning_rate", columns=["0.001", "relu"], rows=["", "3"])
        self.browser.open(self.edited(number))
        self.assertEqual(sorted(self.browser.run(PANEL_TITLES, self.figure("curves"))),
                         ["learning_rate 0.001 · depth (none)", "learning_rate 0.001 · depth 3",
                          "relu · depth (none)", "relu · depth 3"])

    def test_more_colours_than_there_are_go_on_with_dashes(self):
        def ninth(_, pictures):
            pictures["curves"]["colors"] = [f"law {i}" for i in range(10)]
            lines = pictures["curves"]["views"][0]["lines"]
            lines["color"] = [8 if i == 0 else 0 for i in range(len(lines["color"]))]
            lines["dash"] = [0] * len(lines["color"])
            pictures["curves"]["dashes"] = [""]
        self.browser.open(self.edited(ninth))
        figure = self.figure("curves")
        entries = self.browser.run("""return [...arguments[0].querySelectorAll('.drawn .role-legend-symbol path')].map(
          (path) => [path.getAttribute('stroke'), path.getAttribute('stroke-dasharray')])""", figure)
        self.assertEqual(len(entries), 10)
        self.assertEqual(entries[0][0], entries[8][0])
        self.assertNotEqual(entries[0][1], entries[8][1])
        lines = self.browser.run("""return [...arguments[0].querySelectorAll('.drawn .mark-line.role-mark path')].map(
          (path) => path.getAttribute('stroke-dasharray'))""", figure)
        self.assertEqual(set(lines), {entries[0][1], entries[8][1]})

    def test_line_charts_are_no_wider_than_the_page_and_have_no_empty_frames(self):
        def seven(_, pictures):
            for picture in pictures.values():
                if picture["kind"] != "lines":
                    continue
                picture.update(columns=[f"law{i}" for i in range(7)], rows=[""])
                for view in picture["views"]:
                    lines = view["lines"]
                    n = len(lines["y"])
                    for name in lines:
                        lines[name] = [lines[name][i % n] for i in range(7 * n)]
                    lines["column"], lines["row"] = [i // n for i in range(7 * n)], [0] * (7 * n)
        page = self.edited(seven)
        for width in (1440, 1200, 600, 390):
            self.browser.resize(width, 900)
            self.browser.open(page)
            for name in ("layers-delta", "layers-activation", "curves", "losses"):
                with self.subTest(width=width, picture=name):
                    plot = self.browser.find(".plot", self.figure(name))
                    self.assertLessEqual(*self.browser.run(WIDTHS, plot))
                    self.assertEqual(self.browser.run(FRAMES, plot), 7)

    def test_heat_maps_are_no_wider_than_the_page(self):
        def twelve(_, pictures):
            squares = pictures["accuracy"]["cells"]
            n = len(squares["x"])
            pictures["accuracy"].update(panels=[str(i) for i in range(12)], panel_title="learning_rate",
                                        x=["hard_sigmoid", "relu"])
            for name in squares:
                squares[name] = [squares[name][i % n] for i in range(12 * n)]
            squares["panel"] = [i // n for i in range(12 * n)]
        page = self.edited(twelve)
        for width in (1440, 1200, 600, 390):
            with self.subTest(width):
                self.browser.resize(width, 900)
                self.browser.open(page)
                plot = self.browser.find(".plot", self.figure("accuracy"))
                self.assertLessEqual(*self.browser.run(WIDTHS, plot))

    def test_long_titles_of_panels_do_not_meet(self):
        def twelve(data, pictures):
            squares = pictures["accuracy"]["cells"]
            n = len(squares["x"])
            pictures["accuracy"].update(panels=[f"depth={i} · width=100 · learning_rate=0.001" for i in range(12)])
            for name in squares:
                squares[name] = [squares[name][i % n] for i in range(12 * n)]
            squares["panel"] = [i // n for i in range(12 * n)]
        page = self.edited(twelve)
        boxes = """return [...arguments[0].querySelectorAll('.drawn .mark-text.role-mark text')]
          .filter((text) => text.getAttribute('font-weight') === '600').map((text) => text.getBoundingClientRect())
          .map(({left, right, top}) => [top, left, right])"""
        for width in (1440, 390):
            with self.subTest(width):
                self.browser.resize(width, 900)
                self.browser.open(page)
                plot = self.browser.find(".plot", self.figure("accuracy"))
                self.assertLessEqual(*self.browser.run(WIDTHS, plot))
                titles = sorted(self.browser.run(boxes, plot))
                self.assertEqual(len(titles), 12)
                for (top, _, right), (next_top, left, _) in zip(titles, titles[1:]):
                    self.assertTrue(next_top > top or left > right)

    def test_narrow_squares_have_the_letters_of_their_categories(self):
        def wide(_, pictures):
            health = pictures["health"]
            squares = health["cells"]
            n = len(squares["x"])
            health.update(x=[f"a{i}" for i in range(20)])
            for name in squares:
                squares[name] = [squares[name][i % n] for i in range(20 * n)]
            squares["x"] = [i // n for i in range(20 * n)]
        self.browser.resize(600, 900)
        self.browser.open(self.edited(wide))
        figure = self.figure("health")
        titles = set(self.browser.run(PANEL_TITLES, figure))
        texts = {text for text in self.browser.run(TEXTS, figure) if text not in titles} - {"×"}
        self.assertTrue(texts)
        self.assertLessEqual(texts, {"H", "V", "S", "D", "E"})
        labels = self.browser.run("""return [...arguments[0].querySelectorAll('.drawn .role-legend-label text')].map(
          (text) => text.textContent)""", figure)
        self.assertEqual({label.split()[0] for label in labels}, texts)
        for label in labels:
            self.assertRegex(label, r"^(H +healthy|V +vanishing|S +saturated|D +dead|E +exploding)$")

    def test_a_phone_shows_the_question_it_is_at(self):
        self.browser.resize(390, 844)
        self.browser.open(self.page)
        self.browser.run("document.getElementById('cost').scrollIntoView({behavior: 'instant'})")
        current = "document.querySelector('.bar nav a[aria-current]')"
        self.browser.wait(f"{current}?.getAttribute('href') === '#cost'")
        box = f"{current}.getBoundingClientRect()"
        self.browser.wait(f"{box}.right <= 390 && {box}.left >= 0")

    def test_axes_that_others_decide_have_no_menu(self):
        self.browser.open(self.page)
        self.assertEqual(self.browser.run("return [...document.querySelectorAll('.menu')].map((m) => m.dataset.axis)"),
                         ["initializer", "mode", "activation", "depth"])
        self.browser.open(self.edited(lambda data, _: data["axes"][1].update(tells=False)))
        self.assertEqual(self.browser.run("return [...document.querySelectorAll('.menu')].map((m) => m.dataset.axis)"),
                         ["initializer", "activation", "depth"])

    def test_a_link_leads_to_the_cell_of_its_folder(self):
        self.program.check(self.program.run_program("run", "sweep.yaml", "-q", "-o", "results/again"), 0)
        self.program.check(self.program.run_program("report", "results/pictured", "results/again", "-o", "two.html"), 0)
        page = self.folder / "two.html"
        settings = "return document.querySelector('.panel .settings')?.textContent"
        self.browser.open(page)
        of, ids = self.combinations(), self.cell_ids()
        names = self.browser.run("return JSON.parse(document.getElementById('data').textContent).folders"
                                 ".map((folder) => folder.name)")
        for folder in (0, 1):
            subject = of["folder"].index(folder)
            self.browser.open(page, f"#cell={names[folder]}/{ids[subject]}")
            self.assertIn(names[folder], self.browser.run(settings))
        square = self.browser.find(f'.mark-rect path[data-subject="{of["folder"].index(1)}"]', self.figure("accuracy"))
        self.browser.run("arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true}))", square)
        self.assertIn(names[1], self.browser.run("return decodeURIComponent(location.hash)"))

    def test_the_panel_has_what_the_page_has_room_for(self):
        def thinned(data, _):
            data["stride"] = 2
        def left_out(data, _):
            data["stride"] = 0
            del data["cells"]["curves"], data["cells"]["profiles"]
        drawn = "document.querySelectorAll('.panel .mark-line path').length >= 5"
        for change, said in ((thinned, "one point in 2"), (left_out, "as the pictures")):
            page = self.edited(change)
            self.browser.open(page)
            cells = self.cells()
            ok = next(cell for cell in self.cell_ids() if cells[cell]["n_ok"] == "2")
            self.browser.open(page, f"#cell={ok}")
            self.browser.wait(drawn)
            self.assertIn(said, self.browser.find(".panel").text)
        self.browser.open(self.page, f"#cell={ok}")
        self.browser.wait(drawn)
        self.assertNotIn("layers.csv", self.browser.find(".panel").text)

    def test_a_phone_scrolls_down_alone(self):
        self.browser.resize(390, 844)
        self.browser.open(self.page)
        self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), 390)
        self.browser.run("document.querySelector('.mark-rect path[data-subject]').dispatchEvent("
                         "new MouseEvent('click', {bubbles: true}))")
        self.assertTrue(self.browser.find(".panel").is_displayed())
        self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), 390)

    def test_another_width_draws_again(self):
        self.browser.open(self.page)
        width = "return arguments[0].querySelector('.drawn svg').getBoundingClientRect().width"
        self.assertGreater(self.browser.run(width, self.figure("layers-delta")), 800)
        self.browser.resize(600, 900)
        self.browser.wait("[...document.querySelectorAll('figure .drawn svg')].every((image) =>"
                          " image.getBoundingClientRect().width < 600)")

    def test_printing_asks_for_every_picture(self):
        self.browser.open(self.page, wait=False)
        self.browser.wait("document.documentElement.dataset.state === 'ready'")
        self.browser.run("window.dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(self.browser.find_all("figure[data-picture]:not([data-drawn])"), [])
        self.browser.command("Emulation.setEmulatedMedia", media="print")
        self.assertFalse(self.browser.find(".bar").is_displayed())
        self.assertEqual(self.browser.run(PAPER), "rgb(255, 255, 255)")
        self.browser.command("Emulation.setEmulatedMedia", media="")

    def test_text_from_outside_stays_text(self):
        self.browser.open(self.page)
        self.assertIsNone(self.browser.run("return window.pwned ?? null"))
        self.assertIn("</script><img src=x onerror=window.pwned=1>", self.browser.find("h1").text)
        self.assertIn("<img src=x", self.browser.run("return document.querySelector('main').textContent"))
        self.assertEqual(len(self.browser.find_all("img")), 0)

    def test_without_scripts_the_still_pictures_stand(self):
        plain = Browser(scripts=False)
        self.addCleanup(plain.close)
        self.program.check(self.program.run_program("report", "results/pictured", "-o", "still.html", "--static"), 0)
        for name in ("report.html", "still.html"):
            with self.subTest(name):
                plain.driver.get(f"file://{self.folder / name}")
                figures = plain.find_all("figure")
                self.assertGreaterEqual(len(figures), 9)
                for figure in figures:
                    self.assertTrue(any(svg.is_displayed() for svg in plain.find_all("svg", figure)))
                self.assertEqual([m for m in plain.complaints() if "Blocked script" not in m], [])


@needs_browser
class ManyJobs(unittest.TestCase):
    def test_a_thousand_jobs_open(self):
        program = harness.ProgramTest()
        program.setUp()
        self.addCleanup(program.doCleanups)
        program.check(program.run_program("run", program.write_sweep(MANY), "-q"), 0)
        program.check(program.run_program("report", "results/many", "-o", "report.html"), 0)
        page = program.folder / "report.html"
        self.assertLess(page.stat().st_size, 3_000_000)
        if '<script type="module">' not in page.read_text():
            self.skipTest("this build had no npm: its reports are still pictures")
        browser = Browser()
        self.addCleanup(browser.close)
        begin = time.monotonic()
        browser.open(page, wait=False)
        browser.wait("document.documentElement.dataset.state === 'ready'")
        ready = time.monotonic() - begin
        browser.settled()
        settled = time.monotonic() - begin
        marked = browser.run("return performance.getEntriesByName('ready')[0].startTime") / 1000
        print(f"\n1,000 jobs: {page.stat().st_size / 1e6:.2f} MB, first screen after {marked:.2f} s by the page's "
              f"clock ({ready:.2f} s by ours), all pictures after {settled:.2f} s")
        n = len(browser.run(SQUARES, browser.find("figure[data-picture]")))
        self.assertEqual(n, 200)
        browser.run("location.hash = '#depth=20'")
        browser.settled()
        means = sorted(float(row["test_accuracy_mean"]) for row in program.rows("results/many", "cells.csv")
                       if row["depth"] == "20" and row["n_diverged"] == "0")
        for table, expected in (("best", means[::-1][:10]), ("worst", means[:10])):
            shown = browser.run("return [...document.querySelectorAll(`#${arguments[0]} tbody tr`)].map((row) =>"
                                " Number(row.cells[1].textContent))", table)
            self.assertEqual(len(shown), 10)
            for value, mean in zip(shown, expected):
                self.assertAlmostEqual(value, mean, delta=1.1e-4)
        self.assertEqual(browser.complaints(), [])
        if harness.LONG:  # what issue 6 asks for; on an idle machine a second
            self.assertLess(marked, 3)


if __name__ == "__main__":
    unittest.main()
