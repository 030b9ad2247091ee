"""One thing measured, beside its baseline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

HEAD = ("measured", "ours", "baseline", "ratio", "expected")


@dataclass(frozen=True)
class Figure:
    """One thing measured: ours, the baseline's (None where it has no counterpart), and what is expected."""

    what: str
    ours: float
    baseline: float | None
    expected: str
    text: Callable[[float], str]

    @property
    def row(self) -> tuple[str, str, str, str, str]:
        """Return the figure as a row of a table, with the ratio of ours to the baseline's."""
        if self.baseline is None:
            return self.what, self.text(self.ours), "", "", self.expected
        ratio = f"{self.ours / self.baseline:.2f}"
        return self.what, self.text(self.ours), self.text(self.baseline), ratio, self.expected
