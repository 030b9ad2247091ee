"""Scenarios: read from pytest's own results, shown as rows, and written for others to read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from builder.testing import scenarios
from builder.testing.scenarios import Scenario

TEST = '''
import pytest

def test_two_servers(record_property):
    """Two."""
    record_property("instances lost", 0)
    record_property("seconds", 1.5)

@pytest.mark.parametrize("index", ["SQLite"])
def test_kills(index):
    assert index == "PostgreSQL"

@pytest.mark.skip(reason="no such thing")
def test_skipped():
    pass

@pytest.fixture
def broken():
    raise OSError("no")

def test_broken(broken):
    pass
'''


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Return the results of a run of pytest."""
    (tmp_path / "test_some_faults.py").write_text(TEST)
    argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--junitxml=results.xml"]
    subprocess.run(argv, cwd=tmp_path, capture_output=True, check=False)
    return tmp_path / "results.xml"


def test_scenarios_are_those_of_pytest(results: Path) -> None:
    """Names are words, verdicts are one of three, and figures are there in their order."""
    found = scenarios.read(results)
    assert [(one.subject, one.name, one.verdict, one.figures) for one in found] == [
        ("some faults", "two servers", "passed", {"instances lost": "0", "seconds": "1.5"}),
        ("some faults", "kills[SQLite]", "failed", {}),
        ("some faults", "skipped", "skipped", {}),
        ("some faults", "broken", "failed", {}),
    ]


def test_row_shows_the_figures() -> None:
    """A row has as many cells as the head."""
    row = Scenario("load", "rest", "passed", 61.7, {"per second": "40", "errors": "0"}).row
    assert row == ("load", "rest", "passed", "62 s", "per second: 40, errors: 0")
    assert len(row) == len(scenarios.HEAD)


def test_total_is_the_sum_of_the_figures() -> None:
    """What is counted is added up over all scenarios; the other figures are left alone."""
    found = [
        Scenario("durability", "kills", "passed", 60.0, {"kills": "20", "instances acknowledged": "90"}),
        Scenario("databases", "restarts", "passed", 5.5, {"instances kept": "10", "instances lost": "0"}),
        Scenario("hostile", "files", "skipped", 1.0, {"inputs tried": "300", "MiB at most": "900"}),
    ]
    figures = {
        "instances acknowledged": "100",
        "instances lost": "0",
        "faults survived": "20",
        "inputs tried": "300",
    }
    assert scenarios.total(found) == Scenario("total", "2 of 3 passed", "passed", 66.5, figures)
    failed = Scenario("load", "rest", "failed", 1.0, {"instances lost": "2"})
    assert scenarios.total([failed, *found]).verdict == "failed"
    assert scenarios.total([failed, *found]).figures["instances lost"] == "2"


def test_report_is_a_list(tmp_path: Path) -> None:
    """What is written can be read as JSON."""
    scenarios.write([Scenario("load", "rest", "passed", 1.0)], tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text()) == [
        {"subject": "load", "name": "rest", "verdict": "passed", "seconds": 1.0, "figures": {}}
    ]
