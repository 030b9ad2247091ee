"""Images as folders of blobs: the OCI image layout, read and written.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from builder.errors import BuildError
from builder.hashing import SHA256, digest_of, file_hash
from builder.spec.model import PLATFORMS

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd"
STATEMENT = "application/vnd.in-toto+json"

REBUILD = "Rebuild it with: ./inv build --reproducible"

_VERSION = {"imageLayoutVersion": "1.0.0"}


@dataclass(frozen=True)
class Descriptor:
    """A pointer to a blob: its media type, digest (`sha256:…`) and size in bytes."""

    media_type: str
    digest: str
    size: int
    platform: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> dict[str, Any]:
        """Return it as it stands in an index or a manifest."""
        found: dict[str, Any] = {"mediaType": self.media_type, "digest": self.digest, "size": self.size}
        if self.platform:
            found["platform"] = dict(self.platform)
        if self.annotations:
            found["annotations"] = dict(self.annotations)
        return found


class Layout:
    """One folder of blobs with its index."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        """Return the path at which the blob with `digest` lies, or would lie."""
        algorithm, _, value = digest.partition(":")
        return self.root / "blobs" / algorithm / value

    def add(self, content: bytes, media_type: str, **facts: Mapping[str, str]) -> Descriptor:
        """Write `content` as a blob and return its descriptor."""
        digest = digest_of(content)
        path = self.path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return Descriptor(media_type, digest, len(content), **facts)

    def write(self, index: Sequence[Descriptor]) -> None:
        """Write the index, which makes the folder a layout."""
        (self.root / "oci-layout").write_bytes(encoded(_VERSION))
        (self.root / "index.json").write_bytes(encoded(index_of(index)))

    def index(self) -> list[dict[str, Any]]:
        """Return the entries of the index."""
        found: list[dict[str, Any]] = self._document(self.root / "index.json")["manifests"]
        return found

    def json(self, digest: str) -> dict[str, Any]:
        """Return the JSON document with `digest`, which is checked."""
        return self._document(self.path(digest), digest)

    @property
    def digest(self) -> str:
        """Return the digest of the only image in it."""
        entries = self.index()
        if len(entries) != 1:
            raise BuildError(f"{self.root}: holds {len(entries)} images instead of one", remedy=REBUILD)
        return str(entries[0]["digest"])

    @property
    def manifest(self) -> dict[str, Any]:
        """Return the manifest of the only image in it."""
        return self.json(self.digest)

    @property
    def config(self) -> dict[str, Any]:
        """Return the configuration of the only image in it."""
        return self.json(self.manifest["config"]["digest"])

    def check(self) -> None:
        """Check that every blob of the image matches its digest; raises BuildError otherwise."""
        manifest = self.manifest
        for entry in (manifest["config"], *manifest["layers"]):
            path = self.path(entry["digest"])
            if not path.is_file() or f"{SHA256}:{file_hash(path)}" != entry["digest"]:
                raise BuildError(f"{self.root}: {entry['digest']} is missing or damaged", remedy=REBUILD)

    def _document(self, path: Path, digest: str = "") -> dict[str, Any]:
        try:
            content = path.read_bytes()
            if digest and digest_of(content) != digest:
                raise BuildError(f"{path}: is damaged", remedy=REBUILD)
            found: dict[str, Any] = json.loads(content)
        except (OSError, ValueError) as error:
            raise BuildError(f"{path}: cannot be read: {error}", remedy=REBUILD) from error
        return found


def index_of(entries: Sequence[Descriptor], annotations: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return an index of `entries`."""
    found: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [one.json for one in entries],
    }
    return {**found, "annotations": dict(annotations)} if annotations else found


def manifest_of(
    config: Descriptor, layers: Sequence[Descriptor], annotations: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the manifest of an image."""
    found: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": config.json,
        "layers": [one.json for one in layers],
    }
    return {**found, "annotations": dict(annotations)} if annotations else found


def platform_of(name: str) -> dict[str, str]:
    """Return a platform such as linux/arm64 as an index writes it."""
    system, architecture = name.split("/", maxsplit=1)[0], PLATFORMS[name]
    return {"architecture": architecture, "os": system}


def encoded(content: Any) -> bytes:
    """Return `content` as JSON whose bytes depend on nothing else."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def emptied(folder: Path) -> Path:
    """Return `folder` after creating or emptying it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
