"""The manifest of a bundle: the commit that it was made from, and each file in it with its hash."""

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
"""The versions of Python that the wheels are for, separated by spaces; ./inv reads it."""
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
    """The names of the images in services.tar.gz; none if the test services were left out."""
    files: Mapping[str, ManifestEntry]

    @property
    def folder(self) -> str:
        """Return the name of the folder that the bundle unpacks to."""
        return f"{self.name}-images-{self.version}"

    @property
    def tree(self) -> dict[str, ManifestEntry]:
        """Return the files of the repository itself."""
        return {path: held for path, held in self.files.items() if not path.startswith(f"{FOLDER}/")}

    @property
    def carried(self) -> dict[str, ManifestEntry]:
        """Return the other files: those that come with the repository."""
        return {path: held for path, held in self.files.items() if path.startswith(f"{FOLDER}/")}


def text(bundle: Manifest) -> str:
    """Return `bundle` as bundle.json."""
    return json.dumps({"format": FORMAT, **asdict(bundle)}, indent=1, sort_keys=True) + "\n"


def read(content: bytes, place: str) -> Manifest:
    """Return the manifest in `content`, a bundle.json; `place` is the bundle, for messages.

    Raises:
        UsageError: when it is not one of ours, or has an unknown format.
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
    """Return the error for something that is not a bundle."""
    return UsageError(
        f"{place}: is not a bundle",
        remedy="Name a file that ./inv bundle wrote, or the folder it was unpacked to",
    )


def find(root: Path) -> Manifest | None:
    """Return the manifest of the bundle that `root` was unpacked from; None when it is a clone."""
    path = root / FILE
    return read(path.read_bytes(), str(path)) if path.exists() else None


def changed(bundle: Manifest, root: Path) -> bool:
    """Tell whether the files below `root` differ from the commit, as git status would."""
    return {path: held.sha256 for path, held in bundle.tree.items()} != {
        path: file_hash(root / path) for path in files(bundle, root)
    }


def files(bundle: Manifest, root: Path) -> list[str]:
    """Return the files of the repository below `root`, including new ones, without ignored ones."""
    ignored = root / ".gitignore"
    lines = ignored.read_text(encoding="utf-8").splitlines() if ignored.exists() else []
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 # costs 0.03 s, and a build in a clone needs none

    spec = GitIgnoreSpec.from_lines([*lines, f"/{FOLDER}/", ".git/"])
    return sorted(path for path in _walked(root) if path in bundle.tree or not spec.match_file(path))


def _walked(root: Path) -> Iterator[str]:
    for place, folders, names in os.walk(root):
        below = Path(place).relative_to(root)
        if below == Path():
            folders[:] = [one for one in folders if one not in (FOLDER, ".git", ".venv", "out")]
        yield from ((below / name).as_posix() for name in names)


def _below(path: str) -> str:
    """Return `path` if it stays below the folder that it is relative to; raises ValueError otherwise."""
    parts = path.split("/")
    if not all(parts) or {".", ".."} & {*parts}:
        raise ValueError(path)
    return path
