"""Stand-ins for what the toolkit acts on: programs, time."""
# ruff: noqa: ARG002 # the signature is that of Runner

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from builder.errors import ShellError
from builder.shell import Completed, OnLine

Reply = Completed | Callable[[], Completed]


def said(stdout: str = "", code: int = 0, stderr: str = "") -> Completed:
    """Return what a program left behind."""
    return Completed(stdout, stderr, code)


class FakeRunner:
    """Runs nothing: replies by pattern to whole command lines, the last rule first, and notes them."""

    def __init__(self, *rules: tuple[str, Reply]) -> None:
        self.rules = list(rules)
        self.ran: list[str] = []

    def __call__(
        self,
        argv: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        input: str | None = None,  # noqa: A002 # the word that subprocess uses
        check: bool = True,
        capture: bool = True,
        on_line: OnLine | None = None,
        timeout: float | None = None,
    ) -> Completed:
        line = " ".join(map(str, argv))
        self.ran.append(line)
        for pattern, reply in reversed(self.rules):
            if re.search(pattern, line):
                completed = reply() if callable(reply) else reply
                if check and completed.code:
                    error = ShellError(f"{line}: ended with exit code {completed.code}")
                    error.details = tuple(completed.stderr.splitlines())
                    raise error
                return completed
        raise AssertionError(f"nobody said what {line!r} replies")


class FakeClock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float, /) -> None:
        self.now += seconds
