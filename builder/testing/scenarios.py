"""The results of the tests of several containers: scenarios with figures, from pytest's results."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from builder.errors import writing
from builder.testing import results
from builder.testing.results import CaseResult

FILE = "report.json"


@dataclass(frozen=True)
class Scenario:
    """One test: its subject and name, how it ended (passed, failed or skipped), seconds, and its figures."""

    subject: str
    name: str
    verdict: str
    seconds: float
    figures: dict[str, str] = field(default_factory=dict)

    @property
    def row(self) -> tuple[str, str, str, str, str]:
        """Return the scenario as a row of a table."""
        figures = ", ".join(f"{name}: {value}" for name, value in self.figures.items())
        return self.subject, self.name, self.verdict, f"{self.seconds:.0f} s", figures


HEAD = ("subject", "scenario", "verdict", "time", "figures")

TOTALS = {
    "instances acknowledged": ("instances acknowledged", "instances kept"),
    "instances lost": ("instances lost",),
    "faults survived": ("kills", "outages", "full disks", "restarts", "uploads cut", "bombs", "slow clients"),
    "inputs tried": ("inputs tried", "requests without credentials"),
}
"""A total to the figures that it adds up."""


def read(path: Path) -> list[Scenario]:
    """Return the scenarios in a JUnit file of pytest's, in its order."""
    return [_scenario(case) for case in results.read(path).cases]


def load(path: Path) -> list[Scenario]:
    """Return the scenarios that were written to `path`; none if the file does not exist."""
    rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return [Scenario(**row) for row in rows]


def write(scenarios: Iterable[Scenario], path: Path) -> None:
    """Write the scenarios to `path`, as a JSON list."""
    text = json.dumps([asdict(one) for one in scenarios], indent=2, ensure_ascii=False)
    with writing(path):
        path.write_text(text + "\n", encoding="utf-8")


def total(scenarios: Iterable[Scenario]) -> Scenario:
    """Return all scenarios as one: how many, whether all passed, their time, and sums of their figures."""
    found = list(scenarios)
    verdicts = [one.verdict for one in found]
    failed, passed = verdicts.count("failed"), verdicts.count("passed")
    figures = {
        name: str(sum(_number(one.figures.get(part, "")) for one in found for part in parts))
        for name, parts in TOTALS.items()
    }
    seconds = sum(one.seconds for one in found)
    return Scenario(
        "total", f"{passed} of {len(found)} passed", "failed" if failed else "passed", seconds, figures
    )


def _number(figure: str) -> int:
    """Return a figure as a number; 0 for a missing one."""
    return int(figure or 0)


def _scenario(case: CaseResult) -> Scenario:
    subject = case.place.rpartition(".")[2].removeprefix("test_")
    name = case.name.removeprefix("test_").replace("_", " ")
    return Scenario(subject.replace("_", " "), name, case.verdict, case.seconds, dict(case.figures))
