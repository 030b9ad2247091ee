"""A build does not wait for the libraries of other tasks, nor for those that it needs in rare cases."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = {
    "cramjam",
    "cyclonedx",
    "debian",
    "docker",
    "elftools",
    "jinja2",
    "packageurl",
    "pathspec",
    "requests",
}
HEAVY |= {"rich", "spdx_tools", "squarify", "tomllib", "urllib3"}
PROGRAM = """
import sys
from builder.build import pipeline
from builder.console import Console
Console().say("a line")
print(*sys.modules)
"""


def test_a_build_imports_nothing_that_it_may_not_need() -> None:
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=root, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "tomli" in loaded
    assert loaded & HEAVY == set()
