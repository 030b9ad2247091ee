"""The layers of an image by what they hold, whatever order the engine lists it in.

Docker's classic image store lists the files of a layer in one of two orders. Which one depends on what else
the engine holds: a base layer that was rebuilt with the same bytes changes the order of the layers above it.
`./inv build --reproducible` puts every layer into one order (docs/release.md).
"""

from __future__ import annotations

import hashlib
import tarfile

import docker

from builder.engine.client import find
from builder.engine.saved import saved
from builder.image import layers

CHUNK = 1 << 20
FAR = 1 << 40
"""A time that no file has reached, so that times stay what they are."""

_known: dict[str, str] = {}
# What the engine calls a layer, and what it holds: most layers of two builds are the same.


def held(client: docker.DockerClient, tag: str) -> list[str]:
    """Return the digest of what each layer of the image `tag` holds, lowest first."""
    names: list[str] = client.images.get(tag).attrs["RootFS"]["Layers"]
    if not set(names) <= _known.keys():
        with saved(find(), tag) as image:
            for name, file in zip(names, image.layers, strict=True):
                if name not in _known:
                    with image.opened(file) as source, layers.opened(source) as archive:
                        _known[name] = _digest(archive)
    return [_known[name] for name in names]


def _digest(archive: tarfile.TarFile) -> str:
    found = hashlib.sha256()
    for entry, content in layers.entries(archive, FAR):
        found.update(entry.tobuf())
        while chunk := content.read(CHUNK) if content else b"":
            found.update(chunk)
    return found.hexdigest()
