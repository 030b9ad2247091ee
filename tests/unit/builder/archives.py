"""Small layers and images, as an engine saves them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

LABELS = {
    "org.opencontainers.image.title": "Orthanc",
    "org.opencontainers.image.revision": "c0ffee",
    "org.orthanc-images.variant": "default",
}


def entry(name: str, kind: bytes = tarfile.REGTYPE, content: bytes = b"", **facts: Any) -> tarfile.TarInfo:
    """Return one entry; of a regular file, `content` only gives the size."""
    made = tarfile.TarInfo(name)
    made.type, made.size, made.mtime = kind, len(content), 1000
    for fact, value in facts.items():
        setattr(made, fact, value)
    return made


def tar(entries: Iterable[tuple[tarfile.TarInfo, bytes]], form: int = tarfile.PAX_FORMAT) -> bytes:
    """Return a tar of `entries`."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for one, content in entries:
            archive.addfile(one, io.BytesIO(content) if one.isreg() else None)
    return out.getvalue()


def layer(files: Mapping[str, str], time: int = 1000) -> bytes:
    """Return the tar of some files with their texts."""
    return tar(
        (entry(name, content=text.encode(), mtime=time), text.encode()) for name, text in files.items()
    )


def saved(layers: Iterable[bytes], target: Path, *, compressed: bool = False, **config: Any) -> None:
    """Write what `docker image save` makes of an image to `target`."""
    contents = list(layers)
    described = {
        "architecture": "amd64",
        "os": "linux",
        "created": "2020-01-01T00:00:00Z",
        "config": {"User": "999:999", "Labels": LABELS, "OnBuild": None, **config},
        "history": [{"created": "2020-01-01T00:00:00Z", "created_by": "chance"}],
        "rootfs": {
            "type": "layers",
            "diff_ids": [f"sha256:{hashlib.sha256(one).hexdigest()}" for one in contents],
        },
    }
    blobs = {
        f"blobs/{number}": gzip.compress(one) if compressed else one for number, one in enumerate(contents)
    }
    listed = [{"Config": "config", "RepoTags": ["orthanc:latest"], "Layers": list(blobs)}]
    blobs |= {"config": json.dumps(described).encode(), "manifest.json": json.dumps(listed).encode()}
    target.write_bytes(tar((entry(name, content=content), content) for name, content in blobs.items()))
