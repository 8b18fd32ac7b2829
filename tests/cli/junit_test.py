"""The check of JUnit reports: that it takes the one that finding_test.cpp pins, and rejects what is wrong."""

import tempfile
import unittest
from pathlib import Path

from junit import SCHEMA, assert_valid_junit

GOOD = (SCHEMA.parent / "findings.xml").read_text(encoding="utf-8")

# name: what is written instead of what, and what is said of it.
WRONG = {
    "not XML": ("</testsuites>", "", "parser error"),
    "control character": ("orthogonal/tanh", "orthogonal\x01tanh", "PCDATA invalid Char value 1"),
    "invalid UTF-8": ("orthogonal/tanh", "orthogonal\udcfftanh", "Input is not proper UTF-8"),
    "unescaped": ("&lt;img", "<img", "Unescaped '<' not allowed"),
    "zone": ("2026-11-24T15:29:16\"", "2026-11-24T15:29:16Z\"", "failed to validate attributes"),
    "no message": (" message=\"not_run; no job of it was run\"", "", "skipped"),
    "no host": (" hostname=\"host\"", "", "fails to validate"),
    "no name": ("name=\"lecun_normal/selu: digest\"", "name=\"\"", "fails to validate"),
    "attribute of GitLab's": ("<testcase ", "<testcase file=\"a\" ", "fails to validate"),
    "attribute of Jenkins'": ("<testsuites>", "<testsuites name=\"ci\">", "fails to validate"),
    "failures": ("failures=\"2\"", "failures=\"3\"", "suite ci.claims: failures is 3, expected 2"),
    "errors": ("errors=\"1\"", "errors=\"0\"", "suite ci.baseline: errors is 0, expected 1"),
    "skipped": ("skipped=\"1\"", "skipped=\"0\"", "suite ci.claims: skipped is 0, expected 1"),
    "tests": ("tests=\"4\"", "tests=\"5\"", "suite ci.baseline: tests is 5, expected 4"),
    "id": ("id=\"1\"", "id=\"0\"", "suite ci.baseline: id is 0, expected 1"),
    "one name twice": ("digest (2)", "digest", "2 cases are called ('ci.baseline', 'lecun_normal/selu: digest')"),
}


class JUnit(unittest.TestCase):
    def check(self, text):
        with tempfile.TemporaryDirectory(prefix="initsweep-test-") as folder:
            path = Path(folder) / "report.xml"
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
            assert_valid_junit(path)

    def test_takes_what_the_program_writes(self):
        self.check(GOOD)
        self.check('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n</testsuites>\n')

    def test_rejects_what_is_wrong_and_says_why(self):
        for name, (old, new, said) in WRONG.items():
            with self.subTest(name):
                self.assertIn(old, GOOD)
                with self.assertRaises(AssertionError) as rejected:
                    self.check(GOOD.replace(old, new))
                self.assertIn(said, str(rejected.exception))


if __name__ == "__main__":
    unittest.main()
