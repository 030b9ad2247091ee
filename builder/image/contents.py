"""What is inside an image: every file of its layers, with size, hashes and the package that owns it."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from debian.deb822 import Deb822, PkgRelation

from builder.errors import BuildError
from builder.image import layers
from builder.image.oci import Layout

STATUS = "var/lib/dpkg/status"
LISTS = "var/lib/dpkg/info/"
DOCUMENTS = "usr/share/doc/"
COMPONENTS = "usr/share/orthanc/components.json"

_DELETED = ".wh."
_COMPILED = ("Built-Using", "Static-Built-Using")


@dataclass(frozen=True)
class File:
    """One regular file: the number of its layer (from 0), its size in bytes, mode, and hashes in hex."""

    layer: int
    size: int
    mode: int
    sha1: str
    sha256: str


@dataclass(frozen=True)
class Contents:
    """The root file system of an image: files, links and their targets, and the texts that were asked for."""

    files: Mapping[str, File]
    links: Mapping[str, str]
    texts: Mapping[str, bytes]

    def text(self, path: str) -> str:
        """Return the text of the file at `path`, through links; raises BuildError when there is none."""
        content = self.texts.get(self.real(path))
        if content is None:
            raise BuildError(f"the image has no /{path}", remedy="Rebuild it with: ./inv build")
        return content.decode("utf-8", "replace")

    def real(self, path: str) -> str:
        """Return the path with its links resolved: `bin/sh` becomes `usr/bin/dash`."""
        parts, seen = path.split("/"), 0
        done: list[str] = []
        while parts and seen < 40:  # as Linux does: more links than that are a loop
            part = parts.pop(0)
            if part in ("", "."):
                continue
            if part == "..":
                done = done[:-1]
                continue
            target = self.links.get("/".join([*done, part]))
            if target is None:
                done.append(part)
                continue
            seen += 1
            done = [] if target.startswith("/") else done
            parts = target.split("/") + parts
        return "/".join(done)


@dataclass(frozen=True)
class Installed:
    """One Debian package in an image, as dpkg lists it, with its source package and the version of that.

    `needs` are the packages that it depends on, with all alternatives, by names that may be provided ones.
    """

    name: str
    version: str
    architecture: str
    source: str
    source_version: str
    maintainer: str
    homepage: str
    files: tuple[str, ...]
    compiled_in: tuple[tuple[str, str], ...] = ()
    """Other source packages that parts of it come from, such as crates, with their versions."""
    needs: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()


def read(layout: Layout, wanted: Callable[[str], bool] | None = None) -> Contents:
    """Return what is inside the image in `layout`, with the texts of dpkg and those that are `wanted`."""
    blobs = (layout.path(layer["digest"]).open("rb") for layer in layout.manifest["layers"])
    return unpacked(blobs, wanted)


def unpacked(sources: Iterable[IO[bytes]], wanted: Callable[[str], bool] | None = None) -> Contents:
    """Return what is inside the image whose layers are the tars `sources`, the lowest first; closes them."""
    files: dict[str, File] = {}
    links: dict[str, str] = {}
    texts: dict[str, bytes] = {}
    for number, source in enumerate(sources):
        with source, layers.opened(source) as archive:
            for entry in archive:
                _take(entry, archive, number, files, links, texts, wanted)
    return Contents(files, links, texts)


def installed(contents: Contents) -> list[Installed]:
    """Return the Debian packages in an image, in order of name."""
    return sorted(_installed(contents), key=lambda one: (one.name, one.architecture))


def owners(contents: Contents, packages: Iterable[Installed]) -> dict[str, str]:
    """Return the Debian package that owns each file; bytecode belongs to the package of its source."""
    held = {path: package.name for package in packages for path in package.files}
    named = ((path, path if path in held else _source(path)) for path in contents.files)
    return {path: held[source] for path, source in named if source and source in held}


def _source(path: str) -> str:
    """Return the path of the source of Python's bytecode."""
    folder, _, name = path.rpartition("/__pycache__/")
    return f"{folder}/{name.split('.', maxsplit=1)[0]}.py" if folder and name.endswith(".pyc") else ""


def _installed(contents: Contents) -> Iterator[Installed]:
    for entry in Deb822.iter_paragraphs(contents.text(STATUS), use_apt_pkg=False):
        if not entry.get("Status", "").endswith(" installed"):
            continue
        name, architecture = entry["Package"], entry["Architecture"]
        source, _, version = entry.get("Source", name).partition(" ")
        yield Installed(
            name=name,
            version=entry["Version"],
            architecture=architecture,
            source=source,
            source_version=version.strip("()") or entry["Version"],
            maintainer=entry.get("Maintainer", ""),
            homepage=entry.get("Homepage", ""),
            files=_files(contents, name, architecture),
            compiled_in=tuple(sorted(set(_compiled_in(entry)))),
            needs=_named(entry.get("Pre-Depends", ""), entry.get("Depends", "")),
            provides=_named(entry.get("Provides", "")),
        )


def _compiled_in(entry: Deb822) -> Iterator[tuple[str, str]]:
    """Yield source packages by deb-control(5): static libraries, crates and the like leave no other trace."""
    for field in _COMPILED:
        for one in filter(None, (part.strip() for part in entry.get(field, "").split(","))):
            name, _, version = one.partition(" ")
            yield name, version.strip("(= )")


def _named(*relations: str) -> tuple[str, ...]:
    """Return the names in relations such as `libc6 (>= 2.43), debconf (>= 0.5) | debconf-2.0`."""
    read = (choice for text in relations if text for choice in PkgRelation.parse_relations(text))
    return tuple(dict.fromkeys(str(one["name"]) for choice in read for one in choice))


def _files(contents: Contents, name: str, architecture: str) -> tuple[str, ...]:
    for file in (f"{LISTS}{name}.list", f"{LISTS}{name}:{architecture}.list"):
        if file in contents.texts:
            lines = contents.texts[file].decode().splitlines()
            return tuple(sorted({contents.real(line) for line in lines}))
    return ()


def _take(
    entry: tarfile.TarInfo,
    archive: tarfile.TarFile,
    number: int,
    files: dict[str, File],
    links: dict[str, str],
    texts: dict[str, bytes],
    wanted: Callable[[str], bool] | None,
) -> None:
    """Record one entry of a layer, which replaces what lower layers have under its name."""
    folder, _, name = entry.name.rpartition("/")
    if name.startswith(_DELETED):
        gone = "/".join(part for part in (folder, name.removeprefix(_DELETED)) if part)
        for held in (files, links, texts):
            for path in [path for path in held if path == gone or path.startswith(f"{gone}/")]:
                del held[path]
        return
    for held in (files, links, texts):
        held.pop(entry.name, None)
    if entry.issym():
        links[entry.name] = entry.linkname
    content = archive.extractfile(entry) if entry.isreg() or entry.islnk() else None
    if content is not None:
        keep = _needed(entry.name) or (wanted is not None and wanted(entry.name))
        files[entry.name], text = _file(content, number, entry, keep)
        if keep:
            texts[entry.name] = text


def _needed(path: str) -> bool:
    return (
        path in (STATUS, COMPONENTS)
        or (path.startswith(LISTS) and path.endswith(".list"))
        or (path.startswith(DOCUMENTS) and path.endswith("/copyright"))
    )


def _file(content: IO[bytes], number: int, entry: tarfile.TarInfo, keep: bool) -> tuple[File, bytes]:
    """Return the facts of a file, and (with `keep`) its bytes; a further name of a file has no size."""
    one, other, text = hashlib.sha1(usedforsecurity=False), hashlib.sha256(), bytearray()
    with content:
        while chunk := content.read(1 << 20):
            one.update(chunk)
            other.update(chunk)
            if keep:
                text += chunk
    return File(number, entry.size, entry.mode, one.hexdigest(), other.hexdigest()), bytes(text)
