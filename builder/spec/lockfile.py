"""build.lock as frozen dataclasses: exactly which files the images are made of, for each platform."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from builder.errors import LockError, Problems
from builder.reading import Notes, Table, document
from builder.spec.model import TIMESTAMP, Component, Definition

FILE = "build.lock"
FORMAT = 1

_HEADER = """\
# Exactly which files the images are made of. Written by `./inv lock`; people edit build.toml instead.
"""


@dataclass(frozen=True, order=True)
class Package:
    """One Debian package: `path` lies below the root of any mirror; `size` is in bytes."""

    name: str
    version: str
    architecture: str
    path: str
    size: int
    sha256: str

    @property
    def file(self) -> str:
        """Return the file name, without the epoch, as in the pool."""
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, order=True)
class Wheel:
    """One file from the Python index, for one component; `size` is in bytes."""

    component: str
    name: str
    version: str
    file: str
    size: int
    sha256: str


@dataclass(frozen=True, order=True)
class Library:
    """One of Orthanc's own precompiled libraries, for one component; `size` is in bytes.

    Its address is its identity; `date` is the day (2026-11-24) on which it was fetched and hashed.
    """

    component: str
    version: str
    file: str
    url: str
    size: int
    sha256: str
    date: str


@dataclass(frozen=True, order=True)
class Absence:
    """Why the libraries of one component are not locked, and the day (2026-11-24) of the last try."""

    component: str
    reason: str
    date: str

    def __str__(self) -> str:
        """Return the reason, and when that was so."""
        return f"its library was not available when the lock was made ({self.date}): {self.reason}"


@dataclass(frozen=True, order=True)
class Bundle:
    """One archive from the npm registry, for one component, the same on all platforms; `size` is in bytes."""

    component: str
    name: str
    version: str
    file: str
    size: int
    sha512: str


Row = Package | Wheel | Library | Absence | Bundle


@dataclass(frozen=True)
class Lock:
    """All of build.lock: files by platform (and layer), and what was asked for when they were found."""

    suite: str
    snapshot: str
    wanted: Mapping[str, tuple[str, ...]]
    packages: Mapping[str, Mapping[str, tuple[Package, ...]]] = field(default_factory=dict)
    wheels: Mapping[str, tuple[Wheel, ...]] = field(default_factory=dict)
    libraries: Mapping[str, tuple[Library, ...]] = field(default_factory=dict)
    absent: Mapping[str, tuple[Absence, ...]] = field(default_factory=dict)
    bundles: tuple[Bundle, ...] = ()

    @property
    def epoch(self) -> int:
        """Return the time of the snapshot in seconds since 1970: the latest time of any file in an image."""
        return int(datetime.strptime(self.snapshot, TIMESTAMP).replace(tzinfo=UTC).timestamp())

    def packages_by_name(self, platform: str) -> dict[str, Package]:
        """Return the packages of all layers for `platform`, by name."""
        return {one.name: one for layer in self.packages.get(platform, {}).values() for one in layer}

    def libraries_of(self, component: str, platform: str) -> tuple[Library, ...]:
        """Return the precompiled libraries of `component` for `platform`."""
        return tuple(one for one in self.libraries.get(platform, ()) if one.component == component)

    def absence(self, component: str, platform: str) -> Absence | None:
        """Return why the libraries of `component` are not locked for `platform`; None when nobody tried."""
        return next((one for one in self.absent.get(platform, ()) if one.component == component), None)

    def has(self, provider: str, component: Component, platform: str) -> bool:
        """Tell whether what `component` needs from `provider` is locked for `platform`."""
        if provider == "debian":
            return component.versioned_by in self.packages_by_name(platform)
        if provider == "pypi":
            return any(one.component == component.name for one in self.wheels.get(platform, ()))
        if provider == "npm":
            return any(one.component == component.name for one in self.bundles)
        if provider == "upstream":
            return bool(self.libraries_of(component.name, platform))
        return provider == "tree"

    def provider(self, component: Component, platform: str) -> str:
        """Return the first provider of `component` whose files are locked for `platform`; empty for none."""
        return next((one for one in component.providers if self.has(one, component, platform)), "")


def wanted(definition: Definition) -> dict[str, tuple[str, ...]]:
    """Return what `definition` asks the providers for, by layer, and by component for wheels and bundles."""
    asked = {layer: tuple(sorted(names)) for layer, names in definition.layers().items()}
    for component in (*definition.components_from("pypi"), *definition.components_from("npm")):
        asked[component.name] = (f"{component.packages[0]} {component.version}",)
    for component in definition.components_from("upstream"):
        paths = (f"{component.folder}/{component.version}/{name}" for name in component.libraries)
        asked[component.name] = (*asked.get(component.name, ()), *paths)
    return asked


def stale(lock: Lock, definition: Definition) -> list[str]:
    """Return in what way `lock` is not that of `definition`, a line each; nothing when it is."""
    found = []
    if lock.suite != definition.debian.suite:
        found.append(f"suite: {definition.debian.suite!r} is wanted, {lock.suite!r} is locked")
    asked = wanted(definition)
    for key in sorted({*asked, *lock.wanted}):
        now, then = set(asked.get(key, ())), set(lock.wanted.get(key, ()))
        found += [f"{key}: {name!r} is wanted but not locked" for name in sorted(now - then)]
        found += [f"{key}: {name!r} is locked but no longer wanted" for name in sorted(then - now)]
    for platform in definition.platforms:
        if platform in lock.packages:
            found += [
                f"{platform}: {name} is wanted but not locked" for name in _absent(lock, definition, platform)
            ]
        else:
            found.append(f"{platform}: is wanted but not locked")
    held = {*lock.packages, *lock.wheels, *lock.libraries, *lock.absent}
    gone = sorted(held - {*definition.platforms})
    return found + [f"{platform}: is locked but no longer wanted" for platform in gone]


def _absent(lock: Lock, definition: Definition, platform: str) -> Iterator[str]:
    """Yield the layers, and the files that give a component its version, that `lock` lacks for `platform`."""
    layers = lock.packages[platform]
    yield from (f"the layer {name!r}" for name in definition.layers() if name not in layers)
    for component in definition.components.values():
        if "debian" in component.providers and not lock.has("debian", component, platform):
            yield f"{component.versioned_by!r}, for components.{component.name},"
        if "pypi" in component.providers and not lock.has("pypi", component, platform):
            yield f"a wheel for components.{component.name}"
        if "npm" in component.providers and not lock.has("npm", component, platform):
            yield f"a bundle for components.{component.name}"
        if "upstream" in component.providers and not _settled(lock, definition, component, platform):
            yield f"an answer of upstream for components.{component.name}"


def _settled(lock: Lock, definition: Definition, component: Component, platform: str) -> bool:
    """Tell whether `lock` has what `component` wants from upstream, or says why it has not."""
    found = {one.file: one.url for one in lock.libraries_of(component.name, platform)}
    if platform not in definition.upstream.platforms:
        return not found
    if found:
        return found == definition.upstream.addresses(component)
    return lock.absence(component.name, platform) is not None


def load(path: Path) -> Lock:
    """Return the lock in the file at `path`.

    Raises:
        LockError: when there is none.
        Problems: with every mistake of the file, each with its place.
    """
    if not path.exists():
        raise LockError(f"{path.name}: does not exist", remedy="Create it with: ./inv lock")
    notes = Notes(path.name)
    root = document(path, notes)
    if root is not None:
        lock = _lock(root)
        if not notes.problems:
            return lock
    raise Problems(notes.problems, remedy="Rewrite it with: ./inv lock", exit_code=LockError.exit_code)


def current(path: Path, definition: Definition) -> Lock:
    """Return the lock in the file at `path`, which must be that of `definition`."""
    lock = load(path)
    reasons = stale(lock, definition)
    if reasons:
        message = f"{path.name}: does not match build.toml"
        raise LockError(message, details=reasons, remedy="Rewrite it with: ./inv lock")
    return lock


def text(lock: Lock) -> str:
    """Return the text of build.lock: one line a file, in order of name, so that a change reads well."""
    return "\n".join(_lines(lock)) + "\n"


def _lines(lock: Lock) -> Iterator[str]:
    yield _HEADER
    yield f"format = {FORMAT}"
    yield f"suite = {_quoted(lock.suite)}"
    yield f"snapshot = {_quoted(lock.snapshot)}"
    yield "\n[wanted]"
    for key, names in sorted(lock.wanted.items()):
        yield f"{key} = [{', '.join(map(_quoted, names))}]"
    for platform, layers in sorted(lock.packages.items()):
        yield f"\n[debian.{_quoted(platform)}]"
        for layer, packages in layers.items():
            yield f"{layer} = ["
            yield from (f"    {_row(package)}," for package in sorted(packages))
            yield "]"
    yield from _section("pypi", lock.wheels)
    if lock.libraries:
        yield from _section("upstream", lock.libraries)
    if lock.absent:
        yield from _section("absent", lock.absent)
    if lock.bundles:
        yield from _section("npm", {"any": lock.bundles})


def _section(name: str, rows: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    yield f"\n[{name}]"
    for platform, found in sorted(rows.items()):
        yield f"{_quoted(platform)} = ["
        yield from (f"    {_row(one)}," for one in sorted(found))
        yield "]"


def _row(one: Row) -> str:
    pairs = (f"{key} = {_quoted(value)}" for key, value in vars(one).items())
    return "{ " + ", ".join(pairs) + " }"


def _quoted(value: str | int) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _lock(root: Table) -> Lock:
    number = root.integer("format")
    if number != FORMAT and not root.notes.problems:
        root.notes.add(
            "format",
            f"is {number}, but this toolkit reads {FORMAT}",
            "Use the version of the toolkit that wrote the lock",
        )
    asked, debian = root.table("wanted"), root.table("debian")
    pypi, upstream, absent, npm = (
        root.table(name, required=False) for name in ("pypi", "upstream", "absent", "npm")
    )
    lock = Lock(
        suite=root.text("suite"),
        snapshot=_timestamp(root),
        wanted={key: asked.texts(key, ()) for key in asked.names()},
        packages={
            platform: {layer: tuple(map(_package, layers.rows(layer))) for layer in layers.names()}
            for platform, layers in ((name, debian.table(name)) for name in debian.names())
        },
        wheels={platform: tuple(map(_wheel, pypi.rows(platform))) for platform in pypi.names()},
        libraries={name: tuple(map(_library, upstream.rows(name))) for name in upstream.names()},
        absent={name: tuple(map(_absence, absent.rows(name))) for name in absent.names()},
        bundles=tuple(map(_bundle, npm.rows("any"))),
    )
    npm.done()
    root.done()
    return lock


def _timestamp(root: Table) -> str:
    value = root.text("snapshot")
    try:
        right = datetime.strptime(value, TIMESTAMP).strftime(TIMESTAMP) == value
    except ValueError:
        right = False
    if value and not right:
        root.notes.add("snapshot", f"{value!r} is not a time", "Write it as 20261123T000000Z")
    return value


def _package(row: Table) -> Package:
    package = Package(
        row.text("name"),
        row.text("version"),
        row.text("architecture"),
        row.text("path"),
        row.integer("size"),
        _sha256(row),
    )
    if package.path.startswith("/") or ".." in package.path.split("/"):
        row.notes.add(
            row.at("path"), f"{package.path!r} leaves the mirror", "Rewrite the lock with: ./inv lock"
        )
    row.done()
    return package


def _wheel(row: Table) -> Wheel:
    wheel = Wheel(
        row.text("component"),
        row.text("name"),
        row.text("version"),
        row.text("file"),
        row.integer("size"),
        _sha256(row),
    )
    if "/" in wheel.file:
        row.notes.add(
            row.at("file"), f"{wheel.file!r} is not a bare file name", "Rewrite the lock with: ./inv lock"
        )
    row.done()
    return wheel


def _library(row: Table) -> Library:
    library = Library(
        row.text("component"),
        row.text("version"),
        row.text("file"),
        row.text("url"),
        row.integer("size"),
        _sha256(row),
        _day(row),
    )
    if "/" in library.file:
        row.notes.add(
            row.at("file"), f"{library.file!r} is not a bare file name", "Rewrite the lock with: ./inv lock"
        )
    row.done()
    return library


def _bundle(row: Table) -> Bundle:
    bundle = Bundle(
        row.text("component"),
        row.text("name"),
        row.text("version"),
        row.text("file"),
        row.integer("size"),
        _hash(row, "sha512", 128),
    )
    if "/" in bundle.file:
        row.notes.add(
            row.at("file"), f"{bundle.file!r} is not a bare file name", "Rewrite the lock with: ./inv lock"
        )
    row.done()
    return bundle


def _absence(row: Table) -> Absence:
    absence = Absence(row.text("component"), row.text("reason"), _day(row))
    row.done()
    return absence


def _day(row: Table) -> str:
    value = row.text("date")
    if value and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        row.notes.add(row.at("date"), f"{value!r} is not a day", "Write it as 2026-11-24")
    return value


def _sha256(row: Table) -> str:
    return _hash(row, "sha256", 64)


def _hash(row: Table, kind: str, length: int) -> str:
    value = row.text(kind)
    if value and (len(value) != length or set(value) - set("0123456789abcdef")):
        row.notes.add(row.at(kind), f"{value!r} is not a {kind}", "Rewrite the lock with: ./inv lock")
    return value
