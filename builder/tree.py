"""Copies of the repository, to build from without touching it or the images that it made."""

from __future__ import annotations

import shutil
from pathlib import Path

from builder.errors import BuildError
from builder.model import FILE, load
from builder.shell import Runner, run


def copied(root: Path, target: Path, name: str, runner: Runner = run) -> Path:
    """Copy the files that git knows, or would know, from `root` to `target`; return `target`.

    The images of the copy are called `name`.
    """
    listed = runner(
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    ).stdout
    for one in filter(None, listed.split("\0")):
        if (root / one).exists():
            (target / one).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / one, target / one)
    file = target / FILE
    old, text = load(file).name, file.read_text(encoding="utf-8")
    file.write_text(text.replace(f'name = "{old}"', f'name = "{name}"', 1), encoding="utf-8")
    if load(file).name != name:
        raise BuildError(f'{FILE}: has no line name = "{old}"', remedy="Write it like that")
    return target
