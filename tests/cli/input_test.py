"""Input that means harm, or only looks like it: files without end, bombs, names that lead elsewhere, escape sequences."""

import json
import os
import resource
import shutil
import subprocess
import sys
import unicodedata
import unittest

from harness import BINARY, MEASURE, SWEEP, ProgramTest, write_idx_folder

HEAD = "version: 1\nname: t\nsettings: {dataset: mnist}\n"
# Far above what any of these takes (30 MB; three times that with sanitizers), far below what they took.
MOST_MEMORY = 600 << 20


def unshowable(text):
    """The characters of a text that a terminal obeys, or that nobody sees."""
    return [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]


class InputTest(ProgramTest):
    def run_measured(self, *arguments):
        """Exit code, standard output, standard error, and the most memory that was held."""
        with open(self.folder / "out", "w+b") as out, open(self.folder / "err", "w+b") as err:
            done = subprocess.run([sys.executable, "-I", "-S", "-c", MEASURE, BINARY, *map(str, arguments)],
                                  cwd=self.folder, env=self.environment(), stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=err, timeout=120, check=False)
            out.seek(0), err.seek(0)
            *said, kilobytes = err.read().decode().splitlines(keepends=True)
            return done.returncode, out.read().decode(), "".join(said), int(kilobytes) * 1024

    def check_refused(self, first_line, *arguments, code=2):
        found, stdout, stderr, memory = self.run_measured(*arguments)
        self.assertEqual((found, stdout), (code, ""), stderr[:1000])
        self.assertEqual(stderr.splitlines()[0], first_line)
        self.assertLess(len(stderr), 200_000)
        self.assertLess(memory, MOST_MEMORY)
        self.assertFalse((self.folder / "results").exists())

    def check_showable(self, text):
        self.assertEqual(unshowable(text), [], text)

    def tree(self):
        return sorted(str(path) for path in self.folder.rglob("*"))


class Bombs(InputTest):
    def check_file(self, content, first_line):
        (self.folder / "s.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
        with self.subTest(first_line):
            self.check_refused(first_line, "run", "s.yaml")

    def test_anchors_that_expand(self):
        text = HEAD + "a: &a [x, x, x, x, x, x, x, x, x]\n"
        for before, key in zip("abcdefghijk", "bcdefghijkl"):
            text += f"{key}: &{key} [{', '.join(['*' + before] * 9)}]\n"
        self.check_file(text, "s.yaml:9:8: error: this is more than a sweep file can hold (do aliases multiply it?)")

    def test_nesting(self):
        self.check_file("[" * 9000, "s.yaml:1:33: error: lists and maps are nested more than 64 deep")
        self.check_file("- " * 40_000, "s.yaml:1:129: error: lists and maps are nested more than 64 deep")
        self.check_file("? " * 40_000, "s.yaml:1:129: error: lists and maps are nested more than 64 deep")
        self.check_file("[\n" * 300_000, "s.yaml:10001:1: error: far more brackets are opened than closed")

    def test_a_scalar_of_ten_megabytes(self):
        self.check_file(HEAD + "description: " + "x" * (10 << 20),
                        "s.yaml: error: the file is too long; a sweep file has at most 1048576 bytes")

    def test_a_number_of_many_digits(self):
        self.check_file(f"version: 1\nname: t\nsettings: {{depth: {'1' * 90_000}}}\n",
                        f"s.yaml:3:19: error: depth must be at most 10000, got {'1' * 60}...")

    def test_what_is_no_text(self):
        self.check_file(b"version: 1\nname: t\0\n", "s.yaml:2:8: error: a NUL byte; a sweep file is text")
        self.check_file(b"version: 1\nname: t\xff\n",
                        "s.yaml:2:8: error: this is not UTF-8 text; save the file as UTF-8")
        self.check_file("version: 1\nname: \x9bt\n", "s.yaml:2:7: error: a control character; a sweep file is text")
        self.check_file(HEAD.encode("utf-16"), "s.yaml: error: the file is UTF-16; save it as UTF-8")
        self.check_file(b"", "s.yaml:1:1: error: the sweep file is empty")

    def test_grids_that_are_too_large_to_expand(self):
        axis = "{range: [1, 700], step: 1}"
        self.check_file(HEAD + f"grid:\n  depth: {axis}\n  batch_size: {axis}\n  steps: {axis}\n",
                        "s.yaml:5:3: error: the grid has more than 500 000 combinations; is there an axis too many?")
        self.check_file(HEAD + f"grid:\n  depth: {axis}\n  batch_size: {axis}\n",
                        "s.yaml:5:3: error: this grid takes too long to expand; give it fewer combinations, "
                        "conditions or layers")
        self.check_file(HEAD + "grid:\n  learning_rate: {linear: [0.1, 1], num: 300}\n  batch_size: {range: [1, 300], "
                        "step: 1}\n", "s.yaml:5:3: error: the sweep has 90000 jobs, more than limits.max_jobs (10000); "
                        "raise it, or narrow the grid")
        self.check_file(HEAD + "grid: {depth: [1, 2]}\nseeds: 1000000\nlimits: {max_jobs: 1000000000}\n",
                        "s.yaml:6:20: error: the sweep has 2000000 jobs, more than 1000000, the most that a sweep can "
                        "have; narrow the grid")

    def test_thousands_of_warnings_on_a_long_line(self):
        self.check_file(HEAD + "grid: {depth: [1, 2]}\nexclude: [" + "{depth: 9}," * 8000 + "]\nseeds: 9\n"
                        "expect: [{claim: c, where: {depth: 3}, status: ok}]\n",
                        "s.yaml:5:11: warning: this exclude matches no combination")

    def test_thousands_of_claims(self):
        self.check_file(HEAD + "expect: [&a {claim: c, where: {depth: 3}, status: ok}" + ", *a" * 5000 + "]\n",
                        "s.yaml:4:9: error: expect has 5001 claims; at most 1000 are checked")


class NoFiles(InputTest):
    def test_a_device_without_end(self):
        self.check_refused("/dev/zero: error: the file is too long; a sweep file has at most 1048576 bytes",
                           "run", "/dev/zero")
        self.check_refused("/dev/null:1:1: error: the sweep file is empty", "run", "/dev/null")

    def test_a_pipe_that_nobody_writes_to(self):
        os.mkfifo(self.folder / "pipe")
        self.check_refused("pipe:1:1: error: the sweep file is empty", "run", "pipe")

    def test_a_pipe_is_read(self):
        sweep = SWEEP.format(data=self.data)
        piped = subprocess.run([BINARY, "plan", "/dev/stdin", "--format", "csv"], input=sweep, cwd=self.folder,
                               env=self.environment(), capture_output=True, text=True, timeout=120)
        self.check(piped, 0, stderr="")
        plain = self.run_program("plan", self.write_sweep(), "--format", "csv")
        self.assertEqual(ids(piped.stdout), ids(plain.stdout))

    def test_a_folder_of_results_with_devices_in_it(self):
        for name, first_line in (("run.json", "r/run.json: error: is damaged; run the sweep again to write it anew"),
                                 ("journal.ndjson", "r/journal.ndjson: error: this is not a regular file; move it away")):
            with self.subTest(name):
                shutil.rmtree(self.folder / "r", ignore_errors=True)
                self.check(self.run_program("run", self.write_sweep(), "-o", "r"), 0)
                (self.folder / "r" / name).unlink()
                (self.folder / "r" / name).symlink_to("/dev/zero")
                self.check_refused(first_line, "status", "r", code=5)
                (self.folder / "r" / name).unlink()
                os.mkfifo(self.folder / "r" / name)
                self.assertEqual(self.run_measured("status", "r")[0], 5)


def ids(plan):
    """The job ids of a plan as CSV; its time estimates differ from call to call."""
    return [line.split(",")[0] for line in plan.splitlines()]


class OtherText(InputTest):
    def test_crlf_and_a_byte_order_mark_change_nothing(self):
        plain = SWEEP.format(data=self.data).encode()
        (self.folder / "plain.yaml").write_bytes(plain)
        expected = self.run_program("plan", "plain.yaml", "--format", "csv")
        self.check(expected, 0, stderr="")
        self.assertEqual(len(ids(expected.stdout)), 3)
        for name, content in (("crlf", plain.replace(b"\n", b"\r\n")), ("mark", b"\xef\xbb\xbf" + plain),
                              ("both", b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n"))):
            with self.subTest(name):
                (self.folder / "other.yaml").write_bytes(content)
                result = self.run_program("plan", "other.yaml", "--format", "csv")
                self.check(result, 0, stderr="")
                self.assertEqual(ids(result.stdout), ids(expected.stdout))


class Names(InputTest):
    FORM = "s.yaml:2:7: error: name must be made of a-z, 0-9 and '-', and not start with '-', got "

    def test_lead_nowhere_else(self):
        for name, said in (("../x", "'../x'"), ("/etc/x", "'/etc/x'"), ("a/../../b", "'a/../../b'"), ("..", "'..'"),
                           (".", "'.'"), ("", "''"), ("-o", "'-o'"), ("A", "'A'"), ("a b", "'a b'"),
                           ("a\\0b", "'a\\x00b'"), ("a\\n", "'a\\x0a'"), ("é", "'é'"), ("~", "'~'")):
            with self.subTest(name):
                (self.folder / "s.yaml").write_text(f'version: 1\nname: "{name}"\n')
                before = self.tree()
                self.check_refused(self.FORM + said, "run", "s.yaml")
                self.assertEqual([path for path in self.tree() if path not in before + self.output_files()], [])

    def output_files(self):
        return [str(self.folder / "out"), str(self.folder / "err")]

    def test_of_the_command_line_neither(self):
        sweep = self.write_sweep()
        self.check_refused("--set:1:6: error: name must be made of a-z, 0-9 and '-', and not start with '-', got "
                           "'../x'", "run", sweep, "--set", "name=../x")
        self.assertFalse((self.folder.parent / "x").exists())

    def test_have_an_end(self):
        (self.folder / "s.yaml").write_text(f"version: 1\nname: {'a' * 101}\n")
        self.check_refused("s.yaml:2:7: error: name must have at most 100 characters, got 101", "run", "s.yaml")


# A folder name, as a sweep file writes it and as it is.
WRITTEN, MEANT = "d\\e[2J\\x9b31m\\u202e\\r\\n\\x07é", "d\x1b[2J\x9b31m\u202e\r\n\x07é"
HOSTILE = """\
version: 1
name: hostile
description: "\\e[2J\\x07\\u202e\\u200b\\r \\x9b31m"
settings: {depth: 1, width: 4, epochs: 1, batch_size: 16}
grid:
  dataset: ["idx:%s", "idx:data"]
exclude:
  - {activation: tanh, dataset: "idx:%s"}
""" % (WRITTEN, WRITTEN)


class Escapes(InputTest):
    def setUp(self):
        super().setUp()
        write_idx_folder(self.folder / MEANT, n_train=48)
        (self.folder / "s.yaml").write_text(HOSTILE)

    def run_shown(self, *arguments, code=0, **options):
        """What a run of the program shows, which must all be showable."""
        result = subprocess.run([BINARY, *arguments], cwd=self.folder, env=self.environment(), capture_output=True,
                                timeout=120, **options)
        out, err = result.stdout.decode(), result.stderr.decode()  # strictly UTF-8
        self.assertEqual(result.returncode, code, err)
        self.check_showable(out)
        self.check_showable(err)
        return out, err

    def test_the_checker_sees_them(self):
        for bad in ("\x1b[2J", "a\x07", "\x9b31m", "\u202egpj", "a\u200bb", "a\rb", "\x7f", "\u2028", MEANT):
            with self.assertRaises(AssertionError, msg=ascii(bad)):
                self.check_showable(bad)
        self.check_showable("größe 层 \\x1b[2J\n")

    def test_of_a_sweep_stay_out_of_everything_shown_and_written(self):
        shown = "d\\x1b[2J\\u009b31m\\u202e\\x0d\\x0a\\x07é"
        out, err = self.run_shown("run", "s.yaml", "-v", "--log-file", "log")
        self.assertIn(shown, out)
        self.assertIn(f"idx:{shown}: 48 training and 32 test images", err)
        self.check_showable((self.folder / "log").read_text())
        for file in (self.folder / "results/hostile").iterdir():
            with self.subTest(file.name):
                self.check_showable(file.read_bytes().decode())
        self.assertEqual({row["dataset"] for row in self.rows("results/hostile", "jobs.csv")},
                         {f"idx:{shown}", "idx:data"})
        for arguments in (["plan", "s.yaml"], ["show", "results/hostile"], ["show", "results/hostile", "--layers"],
                          ["status", "results/hostile"]):
            for form in ("table", "csv", "json"):
                with self.subTest(" ".join(arguments), form=form):
                    out, _ = self.run_shown(*arguments, "--format", form)
                    if form == "json":
                        json.loads(out)

    def test_come_back_whole_from_json(self):
        plan = json.loads(self.run_shown("plan", "s.yaml", "--format", "json")[0])
        self.assertEqual(plan["plan"][0]["dataset"], f"idx:{MEANT}")
        self.run_shown("run", "s.yaml")
        run = json.loads((self.folder / "results/hostile/run.json").read_text())
        self.assertEqual(run["sweep"]["text"], HOSTILE)
        package = json.loads((self.folder / "results/hostile/datapackage.json").read_text())
        self.assertEqual(package["description"], "\x1b[2J\x07\u202e\u200b\r \x9b31m")

    def test_stay_out_of_errors(self):
        for name, text in (("unknown name", HOSTILE.replace("depth: 1", '"\\e[2Jdepth\\u202e": 1')),
                           ("in the line", HOSTILE.replace("depth: 1", "depth: 0 # \u202e\u2028")),
                           ("no folder", HOSTILE.replace("idx:data", "idx:\\e[31mnowhere\\n")),
                           ("no claim", HOSTILE + 'expect: [{claim: "\\e[2J", where: {depth: 3}, status: ok}]\n')):
            with self.subTest(name):
                (self.folder / "bad.yaml").write_text(text)
                self.run_shown("run", "bad.yaml", code=5 if name == "no folder" else 2)

    def test_of_file_names_and_options_too(self):
        (self.folder / MEANT / "s.yaml").write_text(HOSTILE.replace("depth: 1", "depth: 0"))
        self.run_shown("run", f"{MEANT}/s.yaml", code=2)
        self.run_shown("run", f"{MEANT}/none.yaml", code=2)
        self.run_shown("run", MEANT, code=2)
        self.run_shown("run", "s.yaml", "--set", f"{MEANT}=1", code=2)
        self.run_shown("run", "s.yaml", "--filter", f"dataset={MEANT}", code=2)
        self.run_shown("run", "s.yaml", "-o", f"{MEANT}/r")
        self.run_shown("run", "s.yaml", "-o", f"{MEANT}/r", "--fresh")
        self.run_shown("status", f"{MEANT}/r")
        self.run_shown("status", MEANT, code=5)
        self.run_shown("data", "verify", f"idx:{MEANT}")
        (self.folder / "experiments").mkdir()
        (self.folder / "experiments" / f"{MEANT}.yaml").write_text(HOSTILE)
        for form in ("table", "csv", "json"):
            self.assertIn("hostile", self.run_shown("list", "experiments", "--format", form)[0])

    def test_of_a_folder_of_results_too(self):
        self.run_shown("run", "s.yaml", "-o", "r")
        journal = self.folder / "r/journal.ndjson"
        lines = journal.read_text().splitlines(keepends=True)
        header = json.loads(lines[0])
        header["numerics"]["instruction_set"] = MEANT
        journal.write_text(json.dumps(header) + "\n" + "".join(lines[1:]))
        self.run_shown("run", "s.yaml", "-o", "r", code=5)
        run = json.loads((self.folder / "r/run.json").read_text())
        run["sweep"].update(file=MEANT, text="name: 1\n")
        (self.folder / "r/run.json").write_text(json.dumps(run))
        self.run_shown("status", "r", code=2)

    def test_the_line_to_resume_is_the_command(self):
        name = "it's \\ \x1b[2J\n\u202e.yaml"
        (self.folder / name).write_text(SWEEP.format(data=self.data))
        self.run_shown("run", name, "-o", "r", "--set", "seeds=1")
        size = (self.folder / "r/journal.ndjson").stat().st_size
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, size + 100))  # noqa: E731
        _, err = self.run_shown("run", name, "-o", "r", "--set", "seeds=3", code=5, preexec_fn=limit)
        line = err[err.index("to resume:\n") + len("to resume:\n"):].strip()
        words = subprocess.run(["bash", "-c", f"printf '%s\\0' {line}"], capture_output=True, text=True, check=True)
        self.assertEqual(words.stdout.split("\0")[:-1], [BINARY, "run", name, "-o", "r", "--set", "seeds=3"])


if __name__ == "__main__":
    unittest.main()
