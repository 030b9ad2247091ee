"""requirements.lock pins all of requirements.in by version and hash, and names no host."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
LOCKED = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_everything_that_is_wanted_is_locked() -> None:
    lines = (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    wanted = {match.group() for line in lines if (match := re.match(r"[a-z][a-z0-9-]*", line))}
    assert wanted - set(re.findall(r"^([a-z][a-z0-9-]*)==", LOCKED, re.MULTILINE)) == set()
    assert len(wanted) > 10


def test_everything_that_is_locked_has_a_hash() -> None:
    blocks = re.split(r"\n(?=[a-z])", re.sub(r"^#.*\n", "", LOCKED, flags=re.MULTILINE))
    assert len(blocks) > 30
    assert [block.split()[0] for block in blocks if not re.search(r"--hash=sha256:[0-9a-f]{64}", block)] == []
    assert [block.split()[0] for block in blocks if not re.match(r"[a-z0-9-]+==\S+ ", block)] == []


def test_the_lock_leaves_the_index_to_the_machine() -> None:
    assert re.findall(r"https?:|file:|--(?:extra-)?index|--find-links|@ ", LOCKED) == []
