"""What a bundle says of itself: the commit that it was made from, and each file in it with its hash."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from builder.errors import UsageError
from builder.hashing import file_hash

FOLDER = "bundle"
FILE = f"{FOLDER}/bundle.json"
WHEELS = f"{FOLDER}/wheels"
PYTHONS = f"{FOLDER}/pythons"
"""The versions of Python that the wheels are for, with blanks; ./inv reads it."""
SERVICES = f"{FOLDER}/services.tar.gz"
STORE = f"{FOLDER}/store"
FORMAT = 1


@dataclass(frozen=True)
class ManifestEntry:
    """One file of a bundle; `size` is in bytes."""

    sha256: str
    size: int
    executable: bool = False


@dataclass(frozen=True)
class Manifest:
    """All of bundle.json. `revision` and `seconds` are the hash and the time of the commit."""

    name: str
    version: str
    revision: str
    seconds: int
    platforms: tuple[str, ...]
    variants: tuple[str, ...]
    pythons: tuple[str, ...]
    services: tuple[str, ...]
    """The names of the images in services.tar.gz; none where the tests' services were left out."""
    files: Mapping[str, ManifestEntry]

    @property
    def folder(self) -> str:
        """Return the name of the folder that a bundle unpacks to."""
        return f"{self.name}-images-{self.version}"

    @property
    def tree(self) -> dict[str, ManifestEntry]:
        """Return the files of the repository itself."""
        return {path: held for path, held in self.files.items() if not path.startswith(f"{FOLDER}/")}

    @property
    def carried(self) -> dict[str, ManifestEntry]:
        """Return what came with them."""
        return {path: held for path, held in self.files.items() if path.startswith(f"{FOLDER}/")}


def text(contents: Manifest) -> str:
    """Return `contents` as bundle.json."""
    return json.dumps({"format": FORMAT, **asdict(contents)}, indent=1, sort_keys=True) + "\n"


def read(content: bytes, place: str) -> Manifest:
    """Return what bundle.json says; `place` is the bundle, for messages.

    Raises:
        UsageError: when it is none of ours, or of a format that is not known here.
    """
    try:
        data: dict[str, Any] = json.loads(content)
        number = data.pop("format")
        if number == FORMAT:
            files = {_below(path): ManifestEntry(**held) for path, held in data.pop("files").items()}
            lists = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
            return Manifest(**{**data, **lists}, files=files)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise not_a_bundle(place) from error
    remedy = "Unpack it, and run the ./inv inside it"
    raise UsageError(
        f"{place}: is a bundle of format {number!r}, but this toolkit reads format {FORMAT}", remedy=remedy
    )


def not_a_bundle(place: str) -> UsageError:
    """Return the error for what is no bundle."""
    return UsageError(
        f"{place}: is not a bundle",
        remedy="Name a file that ./inv bundle wrote, or the folder it was unpacked to",
    )


def find(root: Path) -> Manifest | None:
    """Return what the bundle says that `root` was unpacked from; None when it is a clone."""
    path = root / FILE
    return read(path.read_bytes(), str(path)) if path.exists() else None


def changed(contents: Manifest, root: Path) -> bool:
    """Tell whether the files below `root` are others than those of the commit, as git status would."""
    return {path: held.sha256 for path, held in contents.tree.items()} != {
        path: file_hash(root / path) for path in files(contents, root)
    }


def files(contents: Manifest, root: Path) -> list[str]:
    """Return the files of the repository below `root`, new ones included, but none that is ignored."""
    ignored = root / ".gitignore"
    lines = ignored.read_text(encoding="utf-8").splitlines() if ignored.exists() else []
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 # costs 0.03 s, and a build in a clone needs none

    spec = GitIgnoreSpec.from_lines([*lines, f"/{FOLDER}/", ".git/"])
    return sorted(path for path in _walked(root) if path in contents.tree or not spec.match_file(path))


def _walked(root: Path) -> Iterator[str]:
    for place, folders, names in os.walk(root):
        below = Path(place).relative_to(root)
        if below == Path():
            folders[:] = [one for one in folders if one not in (FOLDER, ".git", ".venv", "out")]
        yield from ((below / name).as_posix() for name in names)


def _below(path: str) -> str:
    """Return `path` when it stays below the folder that it is relative to."""
    parts = path.split("/")
    if not all(parts) or {".", ".."} & {*parts}:
        raise ValueError(path)
    return path
