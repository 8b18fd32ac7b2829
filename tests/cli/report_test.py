"""`report` and `plot` as files: what they say, refuse and leave behind. tests/browser opens the page."""

import os
import re
import xml.etree.ElementTree as ElementTree

from harness import ProgramTest

SWEEP = """\
version: 1
name: pictured
description: Which of these <b>learn</b> & why?
settings: {{dataset: "idx:{data}", width: 8, epochs: 2, batch_size: 16, learning_rate: 0.1}}
grid:
  initializer: [{{normal: {{stddev: 0.5}}}}, he_normal]
  activation: [relu, tanh]
  depth: [2, 3]
seeds: 2
"""
CLAIMED = SWEEP.replace("name: pictured", "name: claimed") + """\
expect:
  - {{claim: a, where: {{depth: 2}}, metric: layers.delta.rms, layer: 1, over: every_seed, at_least: 0, published: 0.2}}
  - {{claim: b, where: {{depth: 2}}, metric: layers.delta.rms, layer: 2, over: every_seed, at_least: 0, published: 0.5}}
"""
PLOTS = ["heatmap", "layers", "curves", "losses", "shares", "health", "cost", "timeline"]


def svg_texts(path):
    """Every text that the picture shows; fails where it is not well-formed."""
    return [element.text for element in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")]


class Report(ProgramTest):
    def setUp(self):
        super().setUp()
        self.check(self.run_program("run", self.write_sweep(SWEEP), "-q"), 0)
        self.results = "results/pictured"

    def test_a_report_is_one_file_beside_the_results(self):
        before = set(os.listdir(self.folder / self.results))
        result = self.run_program("report", self.results, "-q")
        self.check(result, 0, stderr="")
        self.assertEqual(result.stdout, "results/pictured/report.html\n")
        self.assertEqual(set(os.listdir(self.folder / self.results)) - before, {"report.html"})
        page = (self.folder / self.results / "report.html").read_text()
        self.assertIn("Which of these &lt;b&gt;learn&lt;/b&gt; &amp; why?", page)
        self.assertNotIn("<b>learn", page)
        self.assertLess(len(page), 3_000_000)
        self.assertNotRegex(page, r'(?:src|href)="(?!#|data:)')  # nothing from elsewhere

    def test_the_same_results_give_the_same_bytes(self):
        for name in ["a.html", "b.html"]:
            self.check(self.run_program("report", self.results, "-o", name), 0)
        self.assertEqual((self.folder / "a.html").read_bytes(), (self.folder / "b.html").read_bytes())

    def test_still_pictures_need_no_scripts(self):
        self.check(self.run_program("report", self.results, "-o", "still.html", "--static", "-q"), 0, stderr="")
        page = (self.folder / "still.html").read_text()
        self.assertNotIn("<script", page)
        self.assertGreaterEqual(page.count("<svg"), 10)
        ids = re.findall(r' id="([^"]*)"', page)
        self.assertEqual(sorted(ids), sorted(set(ids)))

    def test_each_plot_is_well_formed_and_says_its_question(self):
        questions = set()
        for what in PLOTS:
            with self.subTest(what):
                result = self.run_program("plot", self.results, "--what", what, "-o", f"{what}.svg")
                self.check(result, 0, stderr="")
                self.assertEqual(result.stdout, f"{what}.svg\n")
                texts = svg_texts(self.folder / f"{what}.svg")
                questions.add(next(text for text in texts if text and "?" in text))
        self.assertEqual(len(questions), len(PLOTS))

    def test_a_heat_map_has_the_accuracies_of_cells_csv(self):
        self.check(self.run_program("plot", self.results, "--what", "heatmap", "-o", "map.svg"), 0)
        means = sorted(f"{float(row['test_accuracy_mean']):.2f}" for row in self.rows(self.results, "cells.csv"))
        shown = [text for text in svg_texts(self.folder / "map.svg") if text and re.fullmatch(r"\d\.\d\d", text)]
        self.assertEqual(sorted(shown), means)

    def test_layers_of_each_tensor_at_the_start_and_the_end(self):
        pictures = set()
        for tensor in ["delta", "weight_gradient", "activation"]:
            for at in ["start", "end"]:
                self.check(self.run_program("plot", self.results, "--what", "layers", "--tensor", tensor, "--at", at,
                                            "-o", "layers.svg"), 0)
                pictures.add((self.folder / "layers.svg").read_bytes())
        self.assertEqual(len(pictures), 6)

    def test_what_is_published_stands_beside_the_measured(self):
        refused = self.run_program("plot", self.results, "--what", "published", "-o", "published.svg")
        self.check(refused, 2)
        self.assertIn("this picture is of claims with `published` about two layers or more", refused.stderr)
        self.check(self.run_program("run", self.write_sweep(CLAIMED), "-q"), 0)
        self.check(self.run_program("plot", "results/claimed", "--what", "published", "-o", "published.svg"), 0)
        self.assertIn("layers.delta.rms", svg_texts(self.folder / "published.svg"))
        drawing = (self.folder / "published.svg").read_text()
        self.assertEqual([drawing.count(f"published: {value}<") for value in ("0.2", "0.5")], [4, 4])  # of each cell

    def test_a_picture_for_a_paper_has_no_title_but_says_it_to_readers_of_screens(self):
        self.check(self.run_program("plot", self.results, "--what", "curves", "--bare", "-o", "bare.svg"), 0)
        self.assertNotIn("?", "".join(text or "" for text in svg_texts(self.folder / "bare.svg")))
        self.assertIn("How does it get there?", (self.folder / "bare.svg").read_text())

    def test_a_filter_leaves_what_it_selects(self):
        self.check(self.run_program("plot", self.results, "--what", "heatmap", "--filter", "activation=relu",
                                    "--filter", "depth=2", "-o", "map.svg"), 0)
        shown = [text for text in svg_texts(self.folder / "map.svg") if text and re.fullmatch(r"\d\.\d\d", text)]
        self.assertEqual(len(shown), 2)
        self.check(self.run_program("report", self.results, "--filter", "depth=2", "--static", "-o", "two.html"), 0)
        page = (self.folder / "two.html").read_text()
        self.assertIn("pictured · 8 of 8 trainings · only depth=2", page)
        self.assertNotIn("depth=3", page)
        result = self.run_program("report", self.results, "--filter", "depth=9")
        self.check(result, 2)
        self.assertIn("selects none", result.stderr)
        self.check(self.run_program("report", self.results, "--filter", "seed=1"), 2,
                   "initsweep: error: --filter takes settings here; pictures are over all seeds of a cell\n")

    def test_two_folders_stand_side_by_side_with_what_changed(self):
        self.check(self.run_program("run", "sweep.yaml", "-q", "--set", "learning_rate=0.5", "-o", "faster"), 0)
        self.check(self.run_program("report", self.results, "faster", "-o", "both.html", "-q"), 0, stderr="")
        page = (self.folder / "both.html").read_text()
        for expected in ["What changed?", "depth 2 · pictured", "depth 2 · faster"]:
            self.assertIn(expected, page)
        self.check(self.run_program("report", self.results, self.results + "/"), 2,
                   "initsweep: error: a folder is named twice; nothing would differ\n")

    def test_a_baseline_is_compared_with(self):
        self.check(self.run_program("baseline", "accept", self.results, "-o", "base", "--reason", "first"), 0)
        self.check(self.run_program("report", self.results, "--baseline", "base", "-q"), 0, stderr="")
        page = (self.folder / self.results / "report.html").read_text()
        self.assertIn("The gate: pictured against base passed, ", page)
        self.check(self.run_program("report", self.results, "--baseline", "nowhere"), 2,
                   "initsweep: error: there is no baseline nowhere; 'initsweep baseline accept' makes one, or name a "
                   "folder of results\n")

    def test_wrong_names_get_the_nearest(self):
        self.check(self.run_program("plot", self.results, "--what", "heatmaps", "-o", "x.svg"), 2,
                   "initsweep: error: --what takes one of: " + ", ".join([*PLOTS, "published"]) +
                   "; got 'heatmaps', did you mean 'heatmap'?\n")
        self.check(self.run_program("plot", self.results, "--what", "layers", "--tensor", "weight", "-o", "x.svg"), 2)
        self.check(self.run_program("plot", self.results, "--what", "layers", "--at", "noon", "-o", "x.svg"), 2)
        self.check(self.run_program("plot", self.results, "--what", "curves", "--at", "end", "-o", "x.svg"), 2,
                   "initsweep: error: --at is for --what layers alone\n")
        self.check(self.run_program("plot", self.results, "--what", "curves", "-o", "x.png"), 2,
                   "initsweep: error: plot writes SVG; 'x.png' ends in '.png', expected '.svg'\n")
        self.assertFalse((self.folder / "x.svg").exists())
        self.check(self.run_program("report", "nowhere"), 5)
        self.check(self.run_program("report", self.results, "-o", "no/such/folder.html"), 5)

    def test_without_layers_there_is_no_layer_chart(self):
        self.write_sweep(SWEEP + "record: {{layers: {{every: never, at_start: false}}}}\n", name="bare.yaml")
        self.check(self.run_program("run", "bare.yaml", "-q", "-o", "bare"), 0)
        result = self.run_program("plot", "bare", "--what", "layers", "--at", "end", "-o", "x.svg")
        self.check(result, 2)
        self.assertIn("no layers were recorded at the end in bare", result.stderr)
        self.check(self.run_program("report", "bare", "-q"), 0, stderr="")

    def test_a_run_under_way_and_one_without_any_job_have_a_page(self):
        self.check(self.run_program("run", "sweep.yaml", "-q", "--filter", "depth=2", "-o", "half"), 0)
        self.check(self.run_program("report", "half", "-q"), 0, stderr="")
        (self.folder / "half" / "journal.ndjson").unlink()
        self.check(self.run_program("report", "half", "-q"), 0, stderr="")
        for what in PLOTS:
            if what != "layers":
                self.check(self.run_program("plot", "half", "--what", what, "-o", "x.svg"), 0, stderr="")
                svg_texts(self.folder / "x.svg")

    def test_one_combination_alone_has_every_picture(self):
        self.check(self.run_program("run", "sweep.yaml", "-q", "-o", "one", "--set", "initializer=he_normal", "--set",
                                    "activation=relu", "--set", "depth=2"), 0)
        self.check(self.run_program("report", "one", "-q"), 0, stderr="")
        for what in PLOTS:
            self.check(self.run_program("plot", "one", "--what", what, "-o", "x.svg"), 0, stderr="")
            svg_texts(self.folder / "x.svg")

    def test_a_full_disk_leaves_the_old_page(self):
        path = self.folder / self.results / "report.html"
        path.write_text("the old page")
        result = self.run_program("report", self.results, preexec_fn=limit_file_size)
        self.check(result, 5)
        self.assertEqual(path.read_text(), "the old page")
        self.assertEqual([name for name in os.listdir(path.parent) if name.startswith("report")], ["report.html"])


def limit_file_size():
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
