"""The results of a run of pytest, from its JUnit file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from builder.errors import BuildError


@dataclass(frozen=True)
class CaseResult:
    """One test: its module (with dots), its name, its verdict, its seconds, and pytest's message.

    `verdict` is passed, failed or skipped; an error before or after a test counts as a failure.
    """

    place: str
    name: str
    verdict: str
    seconds: float
    message: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunResult:
    """One run: when it began, as pytest writes it, the seconds that it took, and its tests in order."""

    begun: str
    seconds: float
    cases: tuple[CaseResult, ...]

    @property
    def counts(self) -> tuple[int, int, int]:
        """Return how many tests passed, failed and were skipped."""
        verdicts = [one.verdict for one in self.cases]
        return verdicts.count("passed"), verdicts.count("failed"), verdicts.count("skipped")


def read(path: Path) -> RunResult:
    """Return the run in the JUnit file at `path`; raises BuildError when it is damaged."""
    try:
        root = ElementTree.parse(path).getroot()
        suite = root if root.tag == "testsuite" else root.find("testsuite")
    except ElementTree.ParseError as error:
        raise _damaged(path, str(error)) from error
    if suite is None:
        raise _damaged(path, "it has no suite")
    cases = tuple(_case(one) for one in root.iter("testcase"))
    return RunResult(suite.get("timestamp", ""), float(suite.get("time", 0)), cases)


def _damaged(path: Path, reason: str) -> BuildError:
    return BuildError(f"{path.name}: is damaged: {reason}", remedy="Test again: ./inv test")


def _case(case: ElementTree.Element) -> CaseResult:
    ends = [(kind, case.find(kind)) for kind in ("failure", "error", "skipped")]
    kind, end = next(((kind, end) for kind, end in ends if end is not None), ("", None))
    verdict = {"": "passed", "skipped": "skipped"}.get(kind, "failed")
    message = (end.get("message") or "") if end is not None else ""
    figures = {one.get("name", ""): one.get("value", "") for one in case.iter("property")}
    return CaseResult(
        case.get("classname", ""),
        case.get("name", ""),
        verdict,
        float(case.get("time", 0)),
        message,
        figures,
    )
