"""Whether the engine still has just the images that a build would make: then there is nothing to do.

BuildKit finds that out too, but only after it has compared each file of each context: most of the time that
a build took that changed nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from builder.errors import writing
from builder.hashing import file_hash
from builder.shell import Runner

FILE = "unchanged.json"
TREES = ("base", "builder", "lua-scripts", "plugins", "probes", "variants")
"""The folders of the repository that a build reads, or whose code lays out what it reads."""
_LEFT_OUT = "__pycache__"


def mark(root: Path, inputs: Iterable[str]) -> str:
    """Return a mark that differs when anything differs that the images are made from.

    That is `inputs` (the plan with the digest of each package, the Dockerfile, the bake file, how it is
    built) and the name, mode and content of each file in `TREES` below `root`.
    """
    found = hashlib.sha256()
    for line in (*inputs, *_files(root)):
        found.update(f"{len(line)} {line}".encode())
    return found.hexdigest()


def _files(root: Path) -> Iterable[str]:
    for tree in TREES:
        for folder, folders, names in os.walk(root / tree):
            folders[:] = sorted(set(folders) - {_LEFT_OUT})
            for name in sorted(names):
                path = Path(folder, name)
                content = str(path.readlink()) if path.is_symlink() else file_hash(path)
                yield f"{path.relative_to(root)} {path.lstat().st_mode:o} {content}"


def forget(out: Path) -> None:
    """Forget what was built last: something in the folder `out` is about to change."""
    with writing(out):
        (out / FILE).unlink(missing_ok=True)


def remember(out: Path, made: str, images: Mapping[str, str]) -> None:
    """Note in `out` the mark of a build, and the identifiers of the images that it made, by their tags."""
    with writing(out):
        (out / FILE).write_text(json.dumps({"mark": made, "images": images}) + "\n", encoding="utf-8")


def same(out: Path, made: str, client: str, runner: Runner) -> Mapping[str, str] | None:
    """Return the identifiers of the images by tag, if the last build had this mark and they are all there.

    `client` is asked for the images; a tag that has become another image's is not there.
    """
    path = out / FILE
    if not path.exists():
        return None
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        images: dict[str, str] = noted["images"]
        if noted["mark"] != made:
            return None
    except (ValueError, KeyError, TypeError):
        return None  # half-written: as if there were none
    done = runner([client, "image", "inspect", "--format", "{{.Id}}", *images], check=False)
    return images if not done.code and done.stdout.split() == [*images.values()] else None
