"""An image as an engine saves it: its configuration, and its layers as tars."""

from __future__ import annotations

import json
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from builder.engine.installation import Engine
from builder.errors import BuildError
from builder.shell import Runner, run


@dataclass(frozen=True)
class Saved:
    """One image in an open `archive` from an engine: its configuration, and the names of its layers there."""

    archive: tarfile.TarFile
    config: Mapping[str, Any]
    layers: tuple[str, ...]

    def opened(self, name: str) -> IO[bytes]:
        """Return the file `name` of the archive, such as a layer, for reading."""
        return _opened(self.archive, name)


@contextmanager
def saved(
    engine: Engine, identifier: str, place: Path | None = None, runner: Runner = run
) -> Iterator[Saved]:
    """Yield the image with `identifier` in the engine; its archive lies in `place` during the block.

    Raises:
        ShellError: when the engine does not have it.
    """
    with tempfile.TemporaryDirectory(dir=place) as folder:
        path = Path(folder) / "saved.tar"
        runner([engine.client, "image", "save", "--output", path, identifier])
        with tarfile.open(path, "r:") as archive:
            listed = json.load(_opened(archive, "manifest.json"))[0]
            config = json.load(_opened(archive, listed["Config"]))
            yield Saved(archive, config, tuple(listed["Layers"]))


def _opened(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    file = archive.extractfile(name)
    if file is None:
        raise BuildError(f"the engine did not save {name} as a file", remedy="Rebuild it with: ./inv build")
    return file
