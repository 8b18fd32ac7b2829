"""What `show` and `status --watch` draw, on terminals of several sizes and into pipes."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

from harness import BINARY, SHORT_JOBS, SWEEP, ProgramTest
from run_test import TWELVE
from signals_test import ENDLESS

COLOR = "\x1b[48;5;"


class Terminal:
    """The program on a terminal of its own."""

    def __init__(self, test, *arguments, columns=100, rows=40, env=None):
        self.master, slave = pty.openpty()
        test.addCleanup(os.close, self.master)
        self.resize(columns, rows)
        self.before = termios.tcgetattr(slave)
        self.process = subprocess.Popen(
            [BINARY, *map(str, arguments)], cwd=test.folder, env=test.environment() | (env or {}), stdin=slave,
            stdout=slave, stderr=slave, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        test.addCleanup(self.end)
        os.close(slave)
        self.shown = ""

    def end(self):
        self.process.kill()
        self.process.wait()

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, until=None):
        """All that is shown, up to where the pattern appears, or the end."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if until and re.search(until, self.shown):
                return self.shown
            if not select.select([self.master], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self.master, 1 << 16)
            except OSError:  # Linux says so once nobody has the other end open
                data = b""
            if not data:
                break
            self.shown += data.decode().replace("\r\n", "\n")
        if until and not re.search(until, self.shown):
            raise AssertionError(f"{until!r} did not appear in {self.shown!r}")
        return self.shown

    def press(self, key):
        os.write(self.master, key)

    def code(self):
        self.read()
        return self.process.wait(timeout=60)


def screen_of(shown):
    """The lines that a terminal shows in the end; knows what the program sends and nothing else."""
    lines, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[[0-9;]*[A-Za-z]|\n|\r|[^\x1b\n\r]+", shown):
        if part == "\n":
            row, column = row + 1, 0
        elif part == "\r":
            column = 0
        elif part == "\x1b[K":
            lines[row] = lines[row][:column]
        elif part == "\x1b[J":
            lines[row] = lines[row][:column]
            del lines[row + 1:]
        elif part == "\x1b[H\x1b[2J" or part == "\x1b[H":
            row, column = 0, 0
        elif part == "\x1b[2J":
            lines = [""]
        elif part.startswith("\x1b[") and part.endswith("A"):
            row = max(0, row - int(part[2:-1]))
        elif part.endswith("m") and part.startswith("\x1b["):
            continue
        else:
            lines[row] = lines[row][:column].ljust(column) + part + lines[row][column + len(part):]
            column += len(part)
        while len(lines) <= row:
            lines.append("")
    return lines


class Show(ProgramTest):
    def setUp(self):
        super().setUp()
        self.check(self.run_program("run", self.write_sweep(TWELVE)), 0)

    def test_into_a_pipe_it_has_no_escapes(self):
        shown = self.run_program("show", "results/twelve")
        self.check(shown, 0, stderr="")
        self.assertNotIn("\x1b", shown.stdout)
        table, heat_map, gradients = shown.stdout.split("\n\n")
        self.assertTrue(table.startswith("initializer  "), table)
        self.assertRegex(heat_map, r"\AWho learns\? mean test accuracy by depth\n"
                                   r"initializer, mode +1 +2 +3\nhe_normal fan_in +. 0\.\d\d.*\nglorot_uniform .*\nscale 0 ▁▂▃▄▅▆▇█ 1\Z")
        self.assertTrue(gradients.startswith("Where gradients die: rms of delta before training, hidden layers 1 to 3\n"))

    def test_a_terminal_has_colours_unless_it_is_told_otherwise(self):
        for arguments, env, has_color in (([], {}, True), ([], {"NO_COLOR": "1"}, False), ([], {"NO_COLOR": ""}, True),
                                          (["--color", "never"], {}, False),
                                          (["--color", "always"], {"NO_COLOR": "1"}, True)):
            with self.subTest(arguments=arguments, env=env):
                terminal = Terminal(self, "show", "results/twelve", *arguments, env=env)
                self.assertEqual(terminal.code(), 0)
                self.assertEqual(COLOR in terminal.shown, has_color)
        self.assertIn(COLOR, self.run_program("show", "results/twelve", "--color", "always").stdout)

    def test_pictures_keep_to_the_width_of_the_terminal(self):
        for columns in (40, 80, 200):
            for what in ([], ["--layers"], ["--by", "depth,initializer"]):
                with self.subTest(columns=columns, what=what):
                    terminal = Terminal(self, "show", "results/twelve", *what, columns=columns)
                    self.assertEqual(terminal.code(), 0)
                    squares = [line for line in terminal.shown.splitlines() if COLOR in line]
                    self.assertGreater(len(squares), 4)
                    for line in squares:
                        if not line.startswith("scale"):
                            self.assertLessEqual(len(re.sub(r"\x1b\[[0-9;]*m", "", line)), columns, line)

    def test_a_locale_without_utf8_gets_ascii(self):
        for what in ([], ["--layers"]):
            shown = self.run_program("show", "results/twelve", *what, env={"LC_ALL": "C"})
            self.check(shown, 0)
            self.assertTrue(shown.stdout.isascii(), shown.stdout)

    def test_by_names_rows_and_columns(self):
        shown = self.run_program("show", "results/twelve", "--by", "depth,initializer")
        self.check(shown, 0)
        self.assertRegex(shown.stdout, r"\nWho learns\? mean test accuracy by initializer\ndepth  he_normal +glorot_uniform\n1 ")
        one = self.run_program("show", "results/twelve", "--by", "depth")
        self.assertRegex(one.stdout, r"\nWho learns\? mean test accuracy\ndepth\n1 +. 0\.\d\d\n2 .*\n3 .*\nscale")

    def test_an_axis_of_any_setting_tells_rows_apart(self):
        sweep = self.write_sweep(SWEEP.replace("[relu, tanh]", "[relu]") +
                                 "  learning_rate: [0.01, 0.1]\n  gradient_clip: [none, 1]\n", "other.yaml")
        self.check(self.run_program("run", sweep, "-o", "other"), 0)
        shown = self.run_program("show", "other")
        self.check(shown, 0, stderr="")
        self.assertRegex(shown.stdout, r"\Alearning_rate  gradient_clip  seeds .*\n +0\.01 +- .*\n +0\.01 +1 .*\n +0\.1 +- ")
        self.assertRegex(shown.stdout, r"\nWho learns\? mean test accuracy by gradient_clip\nlearning_rate +none +1\n0\.01 ")
        self.assertNotIn("is over all values", shown.stdout)
        best = self.run_program("show", "other", "--best-over", "learning_rate")
        self.assertRegex(best.stdout, r"\nWho learns\? mean test accuracy\ngradient_clip\nnone +. 0\.\d\d.*\n1 ")

    def test_too_many_rows_are_pooled_and_said(self):
        rates = "{{log: [0.001, 1], num: 501}}"  # write_sweep formats
        sweep = self.write_sweep(SWEEP.replace("[relu, tanh]", "[relu]") + f"  learning_rate: {rates}\n", "many.yaml")
        self.check(self.run_program("run", sweep, "-o", "many", "--filter", "learning_rate=0.001"), 0)
        shown = self.run_program("show", "many")
        self.check(shown, 0, stderr="")
        self.assertIn("each row is over all values of learning_rate, which would be more than 500 rows", shown.stdout)
        self.assertTrue(self.run_program("show", "many", "--format", "csv").stdout.startswith("learning_rate,"))
        self.assertNotIn("is over all", self.run_program("show", "many", "--by", "activation").stdout)

    def test_layers_are_pictures_and_numbers_for_programs(self):
        shown = self.run_program("show", "results/twelve", "--layers", "--filter", "depth=3")
        self.check(shown, 0, stderr="")
        self.assertEqual(re.findall(r"rms of (\w+)\n", shown.stdout), ["activation", "delta", "weight_gradient"])
        self.assertRegex(shown.stdout, r"at the start +at the end\n +0 +4  0 +4\nhe_normal ")
        self.assertTrue(shown.stdout.endswith("--format csv and --format json the numbers\n"), shown.stdout)
        numbers = self.run_program("show", "results/twelve", "--layers", "--filter", "depth=3", "--format", "csv")
        self.assertTrue(numbers.stdout.startswith("initializer,"), numbers.stdout)

    def test_one_cell_and_no_record_have_no_map(self):
        sweep = self.write_sweep(SWEEP.replace("[relu, tanh]", "[relu]"), "one.yaml")
        self.check(self.run_program("run", sweep, "-o", "one"), 0)
        self.assertNotIn("Who learns?", self.run_program("show", "one").stdout)
        (self.folder / "one/journal.ndjson").unlink()
        self.assertIn("no job has a layer record", self.run_program("show", "one", "--layers").stdout)


class Watch(ProgramTest):
    def start_endless(self):
        """A run that goes on, beside one job that is done."""
        sweep = self.write_sweep(ENDLESS.replace("steps: 100000000", "epochs: 1"))
        self.check(self.run_program("run", sweep, "--filter", "activation=relu"), 0)
        self.write_sweep(ENDLESS)
        run = self.start_program("run", sweep, "-q", "-o", "results/endless", "-j2")
        self.wait_for(lambda: "100000000" in (self.folder / "results/endless/run.json").read_text(), run)
        return run

    def test_status_says_who_is_at_work(self):
        run = self.start_endless()
        shown = self.run_program("status", "results/endless")
        self.check(shown, 0, stderr="")
        self.assertRegex(shown.stdout, rf"\nunder way: process {run.pid} on \S+ since \S+Z\n")
        again = self.run_program("run", "sweep.yaml", "-o", "results/endless")
        self.check(again, 5)  # and it still is
        run.kill()
        run.wait()
        self.assertIn("\nno run is under way\n", self.run_program("status", "results/endless").stdout)

    def test_ctrl_c_ends_it_and_leaves_the_terminal_as_it_was(self):
        run = self.start_endless()
        terminal = Terminal(self, "status", "results/endless", "--watch", columns=80, env={"NO_COLOR": "1"})
        terminal.read(until=r"(?s)3 jobs missing.*3 jobs missing")
        terminal.press(b"\x03")
        self.assertEqual(terminal.code(), 130)
        self.assertIsNone(run.poll(), "the run is not disturbed")
        for trash in ("\x1b[?", "\x1b7", "\x1b8", "\x1b[2J"):
            self.assertNotIn(trash, terminal.shown)
        lines = screen_of(terminal.shown)
        self.assertEqual(lines[0], "endless in results/endless: 3 jobs missing")
        self.assertEqual(lines[-1], "", "what comes next starts on a line of its own")
        self.assertEqual(sum("jobs missing" in line for line in lines), 1, "redrawn in place")

    def test_the_other_signals_have_their_codes_too(self):
        self.start_endless()
        for number, code in ((signal.SIGTERM, 143), (signal.SIGHUP, 129)):
            terminal = Terminal(self, "status", "results/endless", "--watch")
            terminal.read(until="jobs missing")
            terminal.process.send_signal(number)
            self.assertEqual(terminal.code(), code)

    def test_it_follows_a_run_to_its_end(self):
        sweep = self.write_sweep(SHORT_JOBS.replace("epochs: 20", "epochs: 200"))
        run = self.start_program("run", sweep, "-q")
        self.wait_for((self.folder / "results/short-jobs/journal.ndjson").exists, run)
        terminal = Terminal(self, "status", "results/short-jobs", "--watch", env={"NO_COLOR": "1"})
        self.assertEqual(terminal.code(), 0)
        self.assertRegex(terminal.shown, r"\[[#.]+\] \d+/96 done, \d+ running, 0 failed, 0 diverged, ")
        self.assertRegex(terminal.shown, r"under way: process \d+ on \S+ since \S+Z, \d[\d\s]* jobs a minute")
        lines = [line.rstrip() for line in screen_of(terminal.shown)]
        self.assertEqual(lines[0], "short-jobs in results/short-jobs: complete")
        self.assertIn("Who learns? mean test accuracy by activation", lines)
        self.assertNotIn("…", "\n".join(lines))

    def test_a_low_terminal_has_no_room_for_the_map(self):
        self.check(self.run_program("run", self.write_sweep(TWELVE)), 0)
        for rows in (3, 8, 30):
            terminal = Terminal(self, "status", "results/twelve", "--watch", rows=rows, columns=60)
            self.assertEqual(terminal.code(), 0)
            self.assertEqual("Who learns?" in terminal.shown, rows == 30, terminal.shown)
            self.assertLess(terminal.shown.count("\n"), rows)

    def test_a_terminal_that_is_resized_is_drawn_anew(self):
        self.start_endless()
        terminal = Terminal(self, "status", "results/endless", "--watch", columns=80)
        terminal.read(until="jobs missing")
        terminal.resize(50, 20)
        terminal.read(until=r"\x1b\[H\x1b\[2J")

    def test_into_a_pipe_it_speaks_when_something_changes(self):
        sweep = self.write_sweep(TWELVE)
        self.check(self.run_program("run", sweep, "--filter", "depth=1"), 0)
        for form, line in (("table", "twelve in results/twelve: 8 jobs missing\n"),
                           ("csv", "total,ok,diverged,failed,timeout,missing\n")):
            watch = self.start_program("status", "results/twelve", "--watch", "--format", form)
            time.sleep(2.5)
            watch.send_signal(signal.SIGINT)
            out, err = watch.communicate(timeout=30)
            self.assertEqual((watch.returncode, err), (130, ""))
            self.assertNotIn("\x1b", out)
            self.assertTrue(out.startswith(line), out)
            self.assertEqual(out.count("\n"), 4 if form == "table" else 2, "said once:\n" + out)
        watch = self.start_program("status", "results/twelve", "--watch", "--format", "csv")
        time.sleep(1)
        self.check(self.run_program("run", sweep), 0)
        out, _ = watch.communicate(timeout=30)
        self.assertEqual(watch.returncode, 0)
        self.assertTrue(out.startswith("total,ok,diverged,failed,timeout,missing\n12,4,0,0,0,8\n"), out)
        self.assertTrue(out.endswith("12,12,0,0,0,0\n"), out)


if __name__ == "__main__":
    unittest.main()
