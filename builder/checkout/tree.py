"""Copies of the repository, to build from without touching it or its images."""

from __future__ import annotations

import shutil
from pathlib import Path

from builder.checkout import manifest
from builder.errors import BuildError
from builder.shell import Runner, run
from builder.spec.model import FILE, load


def files(root: Path, runner: Runner = run) -> list[str]:
    """Return the existing files of the repository `root`, including new ones, without ignored ones.

    They come from git, or from the manifest where the repository was unpacked from a bundle.
    """
    bundle = manifest.find(root)
    if bundle:
        return manifest.files(bundle, root)
    words = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    return sorted(one for one in runner(words).stdout.split("\0") if one and (root / one).exists())


def copied(root: Path, target: Path, name: str, runner: Runner = run) -> Path:
    """Copy the files of the repository from `root` to `target`; return `target`.

    The images of the copy are called `name`.
    """
    for one in files(root, runner):
        (target / one).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / one, target / one)
    file = target / FILE
    old, text = load(file).name, file.read_text(encoding="utf-8")
    file.write_text(text.replace(f'name = "{old}"', f'name = "{name}"', 1), encoding="utf-8")
    if load(file).name != name:
        raise BuildError(f'{FILE}: has no line name = "{old}"', remedy="Add that line")
    return target
