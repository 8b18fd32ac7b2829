"""What continuous integration expects of a JUnit report."""

import subprocess
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

SCHEMA = Path(__file__).resolve().parent.parent / "data" / "junit" / "report.rng"


def assert_valid_junit(path):
    """Raises AssertionError, saying why, unless Jenkins, GitLab and GitHub's actions would all read it whole."""
    try:
        checked = subprocess.run(["xmllint", "--noout", "--nonet", "--relaxng", str(SCHEMA), str(path)],
                                 capture_output=True, text=True, errors="backslashreplace", timeout=60, check=False)
    except FileNotFoundError as error:
        raise AssertionError("xmllint is missing: it is in Debian's package libxml2-utils") from error
    if checked.returncode != 0:
        raise AssertionError(checked.stderr)
    suites = ElementTree.parse(path).getroot()
    for i, suite in enumerate(suites):
        _equal(suite, "id", i)
        _equal(suite, "tests", len(suite.findall("testcase")))
        for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            _equal(suite, attribute, len(suite.findall(f"testcase/{element}")))
    # GitLab knows a case by these two, and keeps one of two that are equal.
    names = Counter((case.get("classname"), case.get("name")) for case in suites.iter("testcase"))
    for name, n in names.items():
        if n > 1:
            raise AssertionError(f"{path}: {n} cases are called {name}")


def _equal(suite, attribute, expected):
    if int(suite.get(attribute)) != expected:
        raise AssertionError(f"suite {suite.get('name')}: {attribute} is {suite.get(attribute)}, expected {expected}")
