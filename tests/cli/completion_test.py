"""Completions, in those of bash, zsh and fish that are installed, and the manual: they know what --help knows."""

import os
import pty
import re
import shutil
import subprocess
import threading
import time
import unittest
from pathlib import Path

from harness import ProgramTest

BASH_COMPLETION = Path("/usr/share/bash-completion/bash_completion")
END = "== end =="
COMMANDS = ["run", "probe", "plan", "merge", "submit", "status", "show", "check", "report", "plot", "baseline accept",
            "data fetch", "data verify", "data path", "theory", "list", "completion"]

# Interactive shells that write what they offer to $OFFERED, a line each, and the words of a line to $WORDS.
BASH = """\
PS1= PS2=
bind 'set bell-style none'
bind 'set enable-bracketed-paste off'
words() {{ printf '%s\\n' "$@" {end} >>"$WORDS"; echo {end} >>"$OFFERED"; }}
listed() {{ _initsweep "$@"; printf '%s\\n' "${{COMPREPLY[@]}}" >>"$OFFERED"; }}
{setup}
"""
ZSH = """\
PS1= PS2= RPS1=
unsetopt prompt_cr prompt_sp beep auto_list auto_menu
bindkey -e
bindkey '^I' complete-word
words() {{ print -rl -- "$@" {end} >>"$WORDS"; print -- {end} >>"$OFFERED" }}
{setup}
compadd() {{
  local -a found
  if [[ ${{@[1,(i)(-|--)]}} != *-[OAD]\\ * ]]; then
    builtin compadd -A found "$@"
    print -rl -- $found >>"$OFFERED"
  fi
  builtin compadd "$@"
}}
"""
FISH = """\
source script.fish
for line in $argv
    complete -C $line
    echo {end}
end
"""

# What is offered for the last word of a line, in all shells.
CASES = [
    ("initsweep rep", {"report"}),
    ("initsweep --progress plain li", {"list"}),
    ("initsweep run --pro", {"--progress"}),
    ("initsweep run --progress ", {"auto", "bar", "plain", "none"}),
    ("initsweep run --progress=", {"auto", "bar", "plain", "none"}),
    ("initsweep run --progress=pl", {"plain"}),
    ("initsweep list is", {"isa"}),
    ("initsweep list --format c", {"csv"}),
    ("initsweep plot --what he", {"heatmap", "health"}),
    ("initsweep plot results --at ", {"start", "end"}),
    ("initsweep data ", {"fetch", "verify", "path"}),
    ("initsweep data fetch ", {"mnist", "fashion_mnist"}),
    ("initsweep baseline acc", {"accept"}),
    ("initsweep completion ", {"bash", "zsh", "fish"}),
    ("initsweep show results --best-over learning", {"learning_rate"}),
    ("initsweep theory --activation relu,ta", {"tanh"}),
    ("initsweep theory --activation=relu,ta", {"tanh"}),
    ("initsweep run ", {"a b.yaml", "other.yaml", "results", "run", "sweep.yaml"}),  # neither notes.txt nor commands
    ("initsweep run sw", {"sweep.yaml"}),
    ("initsweep run sweep.yaml ", set()),
    ("initsweep run --set epochs=1 --set seeds=2 -q sw", {"sweep.yaml"}),
    ("initsweep run --set ", set()),
    ("initsweep run -j 2 -o re", {"results"}),
    ("initsweep run --output=re", {"results"}),
    ("initsweep status re", {"results"}),
    ("initsweep status results ru", {"run"}),  # a folder here, not the command
    ("initsweep check results --junit no", {"notes.txt"}),
    ("initsweep submit sweep.yaml --shards 2 -- --sh", set()),
]


def names_in(help_text):
    """The options and commands that --help lists."""
    names = set(re.findall(r"^  ([a-z]+) ", help_text.partition("Subcommands:")[2], re.MULTILINE))
    for line in re.findall(r"^  (-\S*)", help_text, re.MULTILINE):
        names.update(line.split(","))
    return names


def missing(help_text, known):
    return sorted(names_in(help_text) - set(known))


def bare(candidate):
    """Without what shells put before the last part of a value, behind a folder, and around a blank."""
    return re.sub(r"^--[a-z-]+=|.*,", "", candidate).rstrip("/").replace("\\", "")


class ShellTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.home = self.folder / "home"
        self.place = self.folder / "place"  # the current folder of shells
        for folder in (self.home, self.place / "results", self.place / "run"):
            folder.mkdir(parents=True)
        for name in ("sweep.yaml", "other.yaml", "notes.txt", "a b.yaml"):
            (self.place / name).touch()

    def help_of(self, command):
        result = self.run_program(*command.split(), "--help")
        self.check(result, 0, stderr="")
        return result.stdout

    def script(self, shell):
        if not shutil.which(shell):
            self.skipTest(f"{shell} is not installed")
        result = self.run_program("completion", shell)
        self.check(result, 0, stderr="")
        return result.stdout

    def in_terminal(self, command, lines):
        """For each line: what the shell offers when Tab is hit behind it, and the words of the line that this makes."""
        offered, words = self.folder / "offered", self.folder / "words"
        for file in (offered, words):
            file.write_text("")
        environment = self.environment() | {"HOME": str(self.home), "ZDOTDIR": str(self.home), "TERM": "dumb",
                                            "INPUTRC": "/dev/null", "OFFERED": str(offered), "WORDS": str(words)}
        controller, terminal = pty.openpty()
        shell = subprocess.Popen(command, cwd=self.place, env=environment, stdin=terminal, stdout=terminal,
                                 stderr=terminal, start_new_session=True)
        os.close(terminal)
        said = []

        def listen():
            try:
                while part := os.read(controller, 65536):
                    said.append(part)
            except OSError:  # the shell has closed its side
                pass

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            for i, line in enumerate(lines):
                # Ctrl-A, and the line becomes the arguments of a function that writes them down.
                os.write(controller, f"{line}\t\x01words \n".encode())
                deadline = time.monotonic() + 60
                while offered.read_text().count(END) <= i:
                    if shell.poll() is not None or time.monotonic() > deadline:
                        self.fail(f"no answer to '{line}': {b''.join(said).decode(errors='replace')}")
                    time.sleep(0.005)
        finally:
            shell.kill()
            shell.wait()
            listener.join()
            os.close(controller)
        return list(zip(self.parts(offered.read_text()), self.parts(words.read_text())))

    @staticmethod
    def parts(text):
        return [[line for line in part.splitlines() if line] for part in text.split(END)[:-1]]

    def bash(self, lines, setup=None):
        if setup is None:
            (self.home / "script").write_text(self.script("bash"))
            setup = f". {self.home}/script\ncomplete -F listed initsweep"
        (self.home / "bashrc").write_text(BASH.format(end=repr(END), setup=setup))
        return self.in_terminal(["bash", "--noprofile", "--rcfile", str(self.home / "bashrc"), "-i"], lines)

    def zsh(self, lines, setup=None):
        (self.home / "_initsweep").write_text(self.script("zsh"))
        setup = setup or f"fpath=({self.home} $fpath)\nautoload -U compinit\ncompinit -u -D"
        (self.home / ".zshrc").write_text(ZSH.format(end=repr(END), setup=setup))
        return self.in_terminal(["zsh", "-d", "-i"], lines)

    def fish(self, lines):
        (self.place / "script.fish").write_text(self.script("fish"))
        result = subprocess.run(["fish", "--no-config", "-c", FISH.format(end=repr(END)), *lines], cwd=self.place,
                                env=self.environment() | {"HOME": str(self.home)}, capture_output=True, text=True,
                                timeout=120)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        offered = [[line.split("\t")[0] for line in part] for part in self.parts(result.stdout)]
        return [(candidates, None) for candidates in offered]

    def check_cases(self, answers):
        for (line, expected), (offered, _) in zip(CASES, answers, strict=True):
            if not line.rpartition(" ")[2].startswith("-"):  # zsh offers options where nothing else can follow
                offered = [candidate for candidate in offered if not candidate.startswith("-")]
            with self.subTest(line):
                self.assertEqual({bare(candidate) for candidate in offered}, expected)

    def check_names(self, complete):
        """Every option and command that --help lists is offered."""
        commands = ["", "baseline", "data", *COMMANDS]
        answers = complete([f"initsweep {command} -".replace("  ", " ") for command in commands])
        answers += complete([f"initsweep {command}".rstrip() + " " for command in commands[:3]])
        for i, command in enumerate(commands):
            offered = answers[i][0] + (answers[len(commands) + i][0] if i < 3 else [])
            with self.subTest(command):
                self.assertEqual(missing(self.help_of(command), offered), [])


class Bash(ShellTest):
    def test_offers_what_fits(self):
        self.check_cases(self.bash([line for line, _ in CASES]))

    def test_offers_every_option_and_command(self):
        self.check_names(self.bash)

    def test_an_option_that_is_not_offered_is_noticed(self):
        (self.home / "script").write_text(self.script("bash").replace(" --replan", ""))
        (offered, _), = self.bash(["initsweep run -"], f". {self.home}/script\ncomplete -F listed initsweep")
        self.assertEqual(missing(self.help_of("run"), offered), ["--replan"])

    def test_writes_the_one_that_fits(self):
        lines = ["initsweep run --progress=pl", "initsweep run -o re", "initsweep run a", "initsweep run 'a",
                 "initsweep run a\\ ", "initsweep run ~/m", "initsweep theory --activation=relu,ta"]
        (self.home / "mine.yaml").touch()
        self.assertEqual([words[-1] for _, words in self.bash(lines)],
                         ["--progress=plain", "results/", "a b.yaml", "a b.yaml", "a b.yaml",
                          str(self.home / "mine.yaml"), "--activation=relu,tanh"])

    def test_words_need_not_break_at_equals_signs(self):
        (self.home / "script").write_text(self.script("bash"))
        setup = f". {self.home}/script\nCOMP_WORDBREAKS=' \t\n'"
        (_, words), = self.bash(["initsweep run --progress=pl"], setup.replace("\n'", "'"))
        self.assertEqual(words[-1], "--progress=plain")

    @unittest.skipUnless(BASH_COMPLETION.exists(), "bash-completion is not installed")
    def test_is_found_by_bash_completion(self):
        folder = self.home / "completions"
        folder.mkdir()
        (folder / "initsweep").write_text(self.script("bash"))
        setup = f"BASH_COMPLETION_USER_DIR={self.home}\n. {BASH_COMPLETION}"
        answers = self.bash(["initsweep run --progress=pl", "initsweep run sw"], setup)
        self.assertEqual([words[-1] for _, words in answers], ["--progress=plain", "sweep.yaml"])


class Zsh(ShellTest):
    def test_offers_what_fits(self):
        self.check_cases(self.zsh([line for line, _ in CASES]))

    def test_offers_every_option_and_command(self):
        self.check_names(self.zsh)

    def test_may_be_read_by_source(self):
        setup = f"autoload -U compinit\ncompinit -u -D\n. {self.home}/_initsweep"
        (_, words), = self.zsh(["initsweep run --progress=pl"], setup)
        self.assertEqual(words[-1], "--progress=plain")


class Fish(ShellTest):
    def test_offers_what_fits(self):
        self.check_cases(self.fish([line for line, _ in CASES]))

    def test_offers_every_option_and_command(self):
        self.check_names(self.fish)


class Completion(ProgramTest):
    def test_other_shells_have_none(self):
        self.check(self.run_program("completion", "fisch"), 2,
                   "initsweep: error: there is no completion for 'fisch', expected one of: bash, zsh, fish; did you "
                   "mean 'fish'?\n")


class Manual(ShellTest):
    def setUp(self):
        super().setUp()
        result = self.run_program("--man")
        self.check(result, 0, stderr="")
        self.source = result.stdout
        self.text = re.sub(r"\\f[BIR]|\\&", "", self.source.replace("\\-", "-"))

    def section(self, name):
        self.assertIn(f"\n{name}\n", self.text)
        return re.split(r"\n\.S[HS] ", self.text.partition(f"\n{name}\n")[2])[0]

    def words_of(self, *sections):
        """The options in the tags of the sections."""
        return {word.rstrip(",") for name in sections for word in self.section(name).split() if word.startswith("-")}

    def test_describes_every_option_of_every_command(self):
        shared = self.words_of(".SH OPTIONS OF EVERY COMMAND", ".SH OPTIONS WITHOUT A COMMAND")
        for command in COMMANDS:
            with self.subTest(command):
                self.assertEqual(missing(self.help_of(command), shared | self.words_of(f".SS {command}")), [])
        commands = {command.split()[0] for command in COMMANDS}
        self.assertEqual(missing(self.help_of(""), shared | commands), [])

    def test_an_option_that_it_lacks_is_noticed(self):
        self.text = self.text.replace("--replan", "--plan")
        known = self.words_of(".SH OPTIONS OF EVERY COMMAND", ".SH OPTIONS WITHOUT A COMMAND", ".SS run")
        self.assertEqual(missing(self.help_of("run"), known), ["--replan"])

    def test_says_every_exit_status(self):
        tags = re.findall(r"^\.TP\n(.*)$", self.section(".SH EXIT STATUS"), re.MULTILINE)
        self.assertEqual(", ".join(tags), "0, 1, 2, 3, 4, 5, 70, 129, 130, 143")

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_groff_has_nothing_against_it(self):
        self.assertEqual(self.said_by("groff", "-man", "-ww", "-z"), (0, ""))

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_mandoc_finds_no_error(self):
        self.assertEqual(self.said_by("mandoc", "-Tlint", "-Werror"), (0, ""))

    def said_by(self, *command):
        result = subprocess.run(command, input=self.source, capture_output=True, text=True, timeout=60)
        return result.returncode, result.stdout + result.stderr


if __name__ == "__main__":
    unittest.main()
