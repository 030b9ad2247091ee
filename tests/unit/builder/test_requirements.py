"""requirements.lock pins all that pyproject.toml wants by version and hash, and names no host."""

from __future__ import annotations

import os
import re
from pathlib import Path

import tomli
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[3]
FEW = (ROOT / "requirements.build.lock").read_text(encoding="utf-8")
LOCKED = (ROOT / "requirements.lock").read_text(encoding="utf-8")
TEXT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PROJECT = tomli.loads(TEXT)
GROUPS = PROJECT["dependency-groups"]


def test_everything_that_is_wanted_is_locked_in_a_version_that_will_do() -> None:
    lines = [*PROJECT["project"]["dependencies"]]
    lines += [one for group in GROUPS.values() for one in group if isinstance(one, str)]
    wanted = [Requirement(line) for line in lines]
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", LOCKED, re.MULTILINE))
    assert [one.name for one in wanted if locked.get(one.name, "") not in one.specifier] == []
    assert len(wanted) > 30


def test_what_is_locked_are_all_the_groups() -> None:
    assert GROUPS["development"] == [{"include-group": name} for name in GROUPS if name != "development"]


def test_the_lock_and_pyproject_say_how_it_is_made() -> None:
    assert LOCKED.splitlines()[1] == "#    .ci/requirements"
    assert os.access(ROOT / ".ci/requirements", os.X_OK)
    assert ".ci/requirements writes requirements.lock" in TEXT


def test_the_lock_for_builds_is_the_part_of_the_lock_that_the_project_depends_on() -> None:
    blocks = [
        re.split(r"\n(?=[a-z])", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())
        for text in (FEW, LOCKED)
    ]
    assert [block.split()[0] for block in blocks[0] if block not in blocks[1]] == []
    wanted = [Requirement(line).name for line in PROJECT["project"]["dependencies"]]
    locked = [block.partition("=")[0] for block in blocks[0]]
    assert [name for name in wanted if name not in locked] == []
    assert len(locked) < len(blocks[1]) / 4


def test_everything_that_is_locked_has_a_hash() -> None:
    blocks = re.split(r"\n(?=[a-z])", re.sub(r"^#.*\n", "", LOCKED, flags=re.MULTILINE))
    assert len(blocks) > 30
    assert [block.split()[0] for block in blocks if not re.search(r"--hash=sha256:[0-9a-f]{64}", block)] == []
    assert [block.split()[0] for block in blocks if not re.match(r"[a-z0-9-]+==\S+ ", block)] == []


def test_the_lock_leaves_the_index_to_the_machine() -> None:
    assert re.findall(r"https?:|file:|--(?:extra-)?index|--find-links|@ ", LOCKED) == []
