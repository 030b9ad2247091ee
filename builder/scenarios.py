"""What the tests of several containers found out: scenarios with figures, from pytest's results."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from builder.errors import writing

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


def read(results: Path) -> list[Scenario]:
    """Return the scenarios in a JUnit file of pytest's, in its order."""
    return [_scenario(case) for case in ElementTree.parse(results).getroot().iter("testcase")]


def write(scenarios: Iterable[Scenario], path: Path) -> None:
    """Write the scenarios to `path`, as a JSON list."""
    text = json.dumps([asdict(one) for one in scenarios], indent=2, ensure_ascii=False)
    with writing(path):
        path.write_text(text + "\n", encoding="utf-8")


def _scenario(case: ElementTree.Element) -> Scenario:
    subject = case.get("classname", "").rpartition(".")[2].removeprefix("test_")
    name = case.get("name", "").removeprefix("test_").replace("_", " ")
    figures = {one.get("name", ""): one.get("value", "") for one in case.iter("property")}
    return Scenario(subject.replace("_", " "), name, _verdict(case), float(case.get("time", 0)), figures)


def _verdict(case: ElementTree.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "passed" if case.find("skipped") is None else "skipped"
