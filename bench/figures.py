"""One thing measured, beside its baseline."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from builder.console import Console

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


def record(rows: Sequence[Sequence[str]], head: Sequence[str], path: Path, console: Console) -> None:
    """Write `rows` below `head` to `path`, as a JSON list of objects, and show them."""
    path.parent.mkdir(exist_ok=True)
    found = [dict(zip(head, row, strict=True)) for row in rows]
    path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    console.table(rows, head)
