"""How two images differ: in which settings, and in which files of which layer."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from builder.hashing import stream_hash
from builder.image import layers
from builder.image.oci import Layout

SHOWN = 40


def between(first: Layout, second: Layout) -> list[str]:
    """Return a line for each difference between the images; nothing if they are identical."""
    if first.digest == second.digest:
        return []
    one, other = first.config, second.config
    found = [*_values("configuration", one, other), *_layers(first, second)]
    found = found or list(_values("manifest", first.manifest, second.manifest))
    hidden = len(found) - SHOWN
    return found[:SHOWN] + ([f"and {hidden} more"] if hidden > 0 else [])


def _layers(first: Layout, second: Layout) -> Iterator[str]:
    pairs = zip_longest(first.manifest["layers"], second.manifest["layers"])
    for number, (one, other) in enumerate(pairs, 1):
        if one is None or other is None:
            yield f"layer {number}: only the {'first' if other is None else 'second'} has it"
        elif one["digest"] != other["digest"]:
            name = _name(first, number)
            yield from (f"layer {number}{name}: {line}" for line in _files(first, one, second, other))


def _name(layout: Layout, number: int) -> str:
    history = [step for step in layout.config.get("history", ()) if not step.get("empty_layer")]
    return f" ({history[number - 1].get('created_by', '')})" if number <= len(history) else ""


def _files(first: Layout, one: Mapping[str, Any], second: Layout, other: Mapping[str, Any]) -> Iterator[str]:
    before, after = _facts(first, one["digest"]), _facts(second, other["digest"])
    lines = [line for name in sorted({*before, *after}) for line in _file(name, before, after)]
    yield from lines or ["the same files, packed in another way"]


def _file(
    name: str, before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    one, other = before.get(name), after.get(name)
    if one is None or other is None:
        yield f"{name}: only the {'first' if other is None else 'second'} has it"
        return
    for fact in one:
        if one[fact] != other[fact]:
            yield f"{name}: {fact}: {one[fact]} and {other[fact]}"


def _facts(layout: Layout, digest: str) -> dict[str, dict[str, Any]]:
    """Return the facts to compare about each entry of a layer, by name."""
    found = {}
    with layout.path(digest).open("rb") as file, layers.opened(file) as archive:
        for entry in archive:
            found[entry.name] = {
                "kind": entry.type.decode("ascii"),
                "mode": f"{entry.mode:04o}",
                "owner": f"{entry.uid}:{entry.gid}",
                "time": entry.mtime,
                "target": entry.linkname,
                "attributes": dict(entry.pax_headers),
                "size": entry.size,
                "content": _sum(archive, entry),
            }
    return found


def _sum(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> str:
    content = archive.extractfile(entry) if entry.isreg() else None
    return stream_hash(content)[:16] if content else ""


def _values(place: str, one: Any, other: Any) -> Iterator[str]:
    """Yield the leaves in which two JSON values differ; layers are compared by their files, not digests."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other} - {"rootfs", "layers"}):
            yield from _values(f"{place}.{key}", one.get(key), other.get(key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _values(f"{place}[{number}]", left, right)
    elif one != other:
        yield f"{place}: {one!r} and {other!r}"
