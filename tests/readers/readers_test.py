"""The result files load in pandas, R, Miller and DuckDB with no options: numbers numeric, names text.

Needs the variables INITSWEEP (the binary) and DUCKDB_FOLDER (where tests/readers/install put DuckDB). What each column
should be comes from datapackage.json. A wholly empty column has no type in any reader; a width may be a number (100) or
a text (300x100), as the sweep has it.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
from harness import write_idx_folder  # noqa: E402

SWEEP = """
version: 1
name: readers
settings: {{dataset: 'idx:{data}', batch_size: 10, validation_samples: 20}}
grid:
  - initializer: [he_normal, {{normal: {{stddev: 0.01}}}}]
    activation: [relu, {{leaky_relu: {{slope: 0.2}}}}, sigmoid]
    depth: [1, 3]
    epochs: [1, 2]
  - optimizer: [adam, momentum]
    width: [[20, 12, 10], 30]
    gradient_clip: [none, 1.5]
    input_scaling: [standardize, {{subtract: 100, divide: 50}}]
    steps: [7]
    shuffle: [true, false]
  - learning_rate: [1.0e+30]
seeds: 2
record: {{layers: {{jacobian: 2}}}}
expect:
  - claim: "every layer has weights, and this sentence a comma, and a \\"quote\\""
    metric: layers.weight.rms
    where: {{initializer: he_normal, activation: relu}}
    layer: all
    at_least: 0
  - claim: one layer's deltas, as somebody printed them
    metric: layers.delta.rms
    higher: {{activation: relu}}
    than: {{activation: sigmoid}}
    layer: 1
    at: epoch 1
    published: 0.5
  - claim: too large a step
    where: {{learning_rate: 1.0e+30}}
    status: diverged
"""
FILES = ["jobs.csv", "epochs.csv", "layers.csv", "cells.csv", "checks.csv", "trace.csv"]


def types_of(command, **environment):
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True,
                             env={**os.environ, **environment}).stdout
    types = {}
    for line in printed.splitlines():
        file, column, kind = line.split("\t")
        types.setdefault(file, {})[column] = kind
    return types


class Readers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="initsweep-readers-")
        data = os.path.join(cls.folder, "data")
        write_idx_folder(pathlib.Path(data), n_train=120, n_test=40)
        sweep = os.path.join(cls.folder, "readers.yaml")
        with open(sweep, "w", encoding="utf-8") as file:
            file.write(SWEEP.format(data=data))
        cls.results = os.path.join(cls.folder, "results")
        subprocess.run([os.environ["INITSWEEP"], "run", sweep, "-o", cls.results, "-q"], check=True,
                       stdout=subprocess.DEVNULL)
        cls.paths = [os.path.join(cls.results, file) for file in FILES]
        with open(os.path.join(cls.results, "datapackage.json"), encoding="utf-8") as file:
            package = json.load(file)
        cls.expected = {resource["path"]: {field["name"]: field["type"] for field in resource["schema"]["fields"]}
                        for resource in package["resources"]}

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    # What no job of this sweep has: a reader may give an empty column any type.
    EMPTY = {"jobs.csv": {"rho", "train_samples"}, "epochs.csv": set(), "layers.csv": set(), "cells.csv": {"rho", "train_samples"},
             "checks.csv": set(), "trace.csv": set()}

    def check(self, types, text_booleans=False):
        self.assertEqual(sorted(types), sorted(FILES))
        wanted = {"integer": "number", "number": "number", "string": "text", "boolean": "boolean"}
        for file, columns in types.items():
            self.assertEqual(list(columns), list(self.expected[file]), file)
            for column, kind in columns.items():
                allowed = {"empty"} if column in self.EMPTY[file] else {wanted[self.expected[file][column]]}
                if self.expected[file][column] == "boolean" and text_booleans:
                    allowed.add("text")
                if column == "width":
                    allowed.add("number")
                self.assertIn(kind, allowed, f"{file}: {column}")

    def test_pandas(self):
        self.check(types_of(["/usr/bin/python3", os.path.join(HERE, "types_pandas.py"), *self.paths]))

    def test_r(self):
        self.check(types_of(["Rscript", os.path.join(HERE, "types.R"), *self.paths]), text_booleans=True)  # R wants TRUE

    def test_duckdb(self):
        self.check(types_of(["node", os.path.join(HERE, "types_duckdb.js"), *self.paths]))

    def test_miller(self):
        types = {}
        for path in self.paths:
            printed = subprocess.run(["mlr", "--icsv", "--ojson", "cat", path], check=True, stdout=subprocess.PIPE).stdout
            rows = json.loads(printed)
            columns = types.setdefault(os.path.basename(path), {})
            for column in rows[0]:
                values = [row[column] for row in rows if row[column] != ""]
                if not values:
                    columns[column] = "empty"
                elif all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
                    columns[column] = "number"
                elif all(value in (True, False, "true", "false") for value in values):
                    columns[column] = "boolean"
                else:
                    columns[column] = "text"
        self.check(types)

    def test_widths_that_could_be_dates_are_text(self):
        sweep = os.path.join(self.folder, "dates.yaml")
        with open(sweep, "w", encoding="utf-8") as file:
            file.write(f"version: 1\nname: dates\nsettings: {{dataset: 'idx:{self.folder}/data', epochs: 1}}\n"
                       "grid: {width: [[1000, 10, 10], [300, 12, 31]]}\n")
        results = os.path.join(self.folder, "dates")
        subprocess.run([os.environ["INITSWEEP"], "run", sweep, "-o", results, "-q"], check=True,
                       stdout=subprocess.DEVNULL)
        path = os.path.join(results, "jobs.csv")
        types = types_of(["node", os.path.join(HERE, "types_duckdb.js"), path])
        self.assertEqual(types["jobs.csv"]["width"], "text")

    def test_a_wrong_type_is_found(self):
        types = {file: {column: "text" for column in columns} for file, columns in self.expected.items()}
        with self.assertRaises(AssertionError):
            self.check(types)


if __name__ == "__main__":
    unittest.main()
