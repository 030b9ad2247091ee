"""`./inv bench`: the benchmarks by name, each of which is imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path

from builder.console import Console


def command(root: Path, names: Iterable[str], environment: Mapping[str, str], console: Console) -> None:
    """Run the benchmarks with these names in the repository `root`, and report their figures."""
    for name in names:
        import_module(f"bench.{name}").command(root, environment, console)
