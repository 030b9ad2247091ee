"""Pieces of Markdown: tables and blocks of code."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return `rows` below `head` as a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def code_block(value: object) -> str:
    """Return a value as a block of JSON."""
    return f"```json\n{json.dumps(value, indent=2)}\n```"
