"""Layers whose bytes depend only on the files in them: not on the engine, the machine or the time."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import cramjam

from builder.image.oci import LAYER, LAYER_ZSTD, Descriptor

if TYPE_CHECKING:
    from typing_extensions import Buffer

CHUNK = 1 << 20
GZIP, ZSTD = "gzip", "zstd"
MEDIA_TYPES = {GZIP: LAYER, ZSTD: LAYER_ZSTD}
LEVELS = {GZIP: 6, ZSTD: 16}
"""The effort of each compressor: zstd takes six times as long for layers that are a sixth smaller."""

_KEPT = ("SCHILY.xattr.", "LIBARCHIVE.xattr.")
# Extended attributes, such as the capabilities of a program, are part of the image; other headers (times with
# fractions, names of owners) differ from one engine to the next.


@dataclass(frozen=True)
class ImageLayer:
    """One layer: the descriptor of its blob, and the digest of its tar before compression."""

    descriptor: Descriptor
    diff: str


def write(source: IO[bytes], blobs: Path, epoch: int, compressor: str = GZIP) -> ImageLayer:
    """Rewrite the layer in the tar `source`, compressed or not, as a blob in the folder `blobs`.

    Entries are in order of name, no time is later than `epoch` (in seconds since 1970), and the `compressor`
    is that of requirements.lock, which gives the same bytes on every processor.
    """
    blobs.mkdir(parents=True, exist_ok=True)
    partial = blobs / "layer.part"
    try:
        with partial.open("wb") as file:
            out = _Compressed(file, compressor)
            form = tarfile.PAX_FORMAT
            with opened(source) as before, tarfile.open(fileobj=out, mode="w|", format=form) as after:
                for entry, content in entries(before, epoch):
                    after.addfile(entry, content)
            layer = out.finished()
        partial.replace(blobs / layer.descriptor.digest.removeprefix("sha256:"))
    finally:
        partial.unlink(missing_ok=True)
    return layer


def opened(source: IO[bytes]) -> tarfile.TarFile:
    """Return the tar in `source`, compressed by gzip or zstd or not, for reading in any order."""
    start = source.read(4)
    source.seek(0)
    if start == b"\x28\xb5\x2f\xfd":
        return tarfile.open(fileobj=io.BytesIO(bytes(cramjam.zstd.decompress(source.read()))), mode="r:")
    if start[:2] != b"\x1f\x8b":
        return tarfile.open(fileobj=source, mode="r:")
    return tarfile.open(fileobj=gzip.GzipFile(fileobj=source), mode="r:")


def entries(archive: tarfile.TarFile, epoch: int) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
    """Yield the entries of `archive` in order of name with their content, without anything accidental.

    Of a file with several names, the first name has the content, and the others are links to it.
    """
    found = {_name(entry.name): entry for entry in archive}
    found.pop("", None)
    firsts = _firsts(found)
    for name in sorted(found, key=lambda one: one.split("/")):
        entry, first = found[name], firsts.get(name, name)
        held = _held(found, name)
        clean = _cleared(held if entry.islnk() else entry, name, epoch)
        if first != name:
            clean.type, clean.linkname, clean.size = tarfile.LNKTYPE, first, 0
        yield clean, archive.extractfile(held) if clean.isreg() else None


def _name(name: str) -> str:
    return "/".join(part for part in name.split("/") if part not in ("", "."))


def _held(found: dict[str, tarfile.TarInfo], name: str) -> tarfile.TarInfo:
    """Return the entry that has the content of `name`, through links to it."""
    entry = found[name]
    while entry.islnk():
        entry = found[_name(entry.linkname)]
    return entry


def _firsts(found: dict[str, tarfile.TarInfo]) -> dict[str, str]:
    """Return, for each name of a file with several names, the first of them."""
    groups: dict[int, list[str]] = {}
    for name in found:
        groups.setdefault(id(_held(found, name)), []).append(name)
    return {
        name: min(names, key=lambda one: one.split("/"))
        for names in groups.values()
        if len(names) > 1
        for name in names
    }


def _cleared(entry: tarfile.TarInfo, name: str, epoch: int) -> tarfile.TarInfo:
    clean = tarfile.TarInfo(name)
    clean.type, clean.linkname = entry.type, entry.linkname if entry.issym() else ""
    clean.mode, clean.uid, clean.gid = entry.mode & 0o7777, entry.uid, entry.gid
    clean.mtime = min(int(entry.mtime), epoch)
    clean.size = entry.size if entry.isreg() else 0
    clean.devmajor, clean.devminor = entry.devmajor, entry.devminor
    clean.pax_headers = {
        key: value for key, value in sorted(entry.pax_headers.items()) if key.startswith(_KEPT)
    }
    return clean


class _Compressed(io.RawIOBase):
    """Compresses what is written to it in chunks of one size, and hashes both sides."""

    def __init__(self, file: IO[bytes], compressor: str) -> None:
        super().__init__()
        self._file = file
        self._pending = bytearray()
        self._media_type = MEDIA_TYPES[compressor]
        self._compressor = getattr(cramjam, compressor).Compressor(level=LEVELS[compressor])
        self._before, self._after, self._size = hashlib.sha256(), hashlib.sha256(), 0

    def write(self, data: Buffer) -> int:
        """Take some bytes of the tar."""
        data = bytes(data)
        self._before.update(data)
        self._pending += data
        # Only chunks of one size make the same bytes: the compressor flushes where a chunk ends.
        while len(self._pending) >= CHUNK:
            self._compressor.compress(bytes(self._pending[:CHUNK]))
            del self._pending[:CHUNK]
            self._put(bytes(self._compressor.flush()))
        return len(data)

    def finished(self) -> ImageLayer:
        """Write what is left, and return the layer."""
        self._compressor.compress(bytes(self._pending))
        self._put(bytes(self._compressor.finish()))
        digest = f"sha256:{self._after.hexdigest()}"
        return ImageLayer(
            Descriptor(self._media_type, digest, self._size), f"sha256:{self._before.hexdigest()}"
        )

    def _put(self, data: bytes) -> None:
        self._after.update(data)
        self._size += len(data)
        self._file.write(data)
