"""build.lock as frozen dataclasses: exactly which files the images are made of, for each platform."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from builder.errors import LockError, Problems
from builder.model import Definition
from builder.reading import Notes, Table, document

FILE = "build.lock"
FORMAT = 1
TIMESTAMP = "%Y%m%dT%H%M%SZ"

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


@dataclass(frozen=True)
class Lock:
    """All of build.lock: files by platform (and layer), and what was asked for when they were found."""

    suite: str
    snapshot: str
    wanted: Mapping[str, tuple[str, ...]]
    packages: Mapping[str, Mapping[str, tuple[Package, ...]]] = field(default_factory=dict)
    wheels: Mapping[str, tuple[Wheel, ...]] = field(default_factory=dict)

    @property
    def epoch(self) -> int:
        """Return the time of the snapshot in seconds since 1970: the latest time of any file in an image."""
        return int(datetime.strptime(self.snapshot, TIMESTAMP).replace(tzinfo=UTC).timestamp())


def wanted(definition: Definition) -> dict[str, tuple[str, ...]]:
    """Return what `definition` asks the providers for, by layer, and by component for wheels."""
    asked = {layer: tuple(sorted(names)) for layer, names in definition.layers().items()}
    for component in definition.components.values():
        if component.provider == "pypi":
            asked[component.name] = (f"{component.packages[0]} {component.version}",)
    return asked


def stale(lock: Lock, definition: Definition) -> list[str]:
    """Return in what way `lock` is not that of `definition`, a line each; nothing when it is."""
    found = []
    if lock.suite != definition.debian.suite:
        found.append(f"suite: {definition.debian.suite!r} is wanted, {lock.suite!r} is locked")
    asked = wanted(definition)
    for key in sorted({*asked, *lock.wanted}):
        now, then = set(asked.get(key, ())), set(lock.wanted.get(key, ()))
        found += [f"{key}: {name!r} is wanted and not locked" for name in sorted(now - then)]
        found += [f"{key}: {name!r} is locked and no longer wanted" for name in sorted(then - now)]
    for platform in definition.platforms:
        if platform in lock.packages:
            found += [
                f"{platform}: {name} is wanted and not locked" for name in _absent(lock, definition, platform)
            ]
        else:
            found.append(f"{platform}: is wanted and not locked")
    gone = sorted({*lock.packages, *lock.wheels} - {*definition.platforms})
    return found + [f"{platform}: is locked and no longer wanted" for platform in gone]


def _absent(lock: Lock, definition: Definition, platform: str) -> Iterator[str]:
    """Yield the layers, and the files that give a component its version, that `lock` lacks for `platform`."""
    layers = lock.packages[platform]
    yield from (f"the layer {name!r}" for name in definition.layers() if name not in layers)
    packages = {one.name for layer in layers.values() for one in layer}
    wheels = {one.component for one in lock.wheels.get(platform, ())}
    for component in definition.components.values():
        if component.provider == "debian" and component.versioned_by not in packages:
            yield f"{component.versioned_by!r}, for components.{component.name},"
        if component.provider == "pypi" and component.name not in wheels:
            yield f"a wheel for components.{component.name}"


def load(path: Path) -> Lock:
    """Return the lock in the file at `path`.

    Raises:
        LockError: when there is none.
        Problems: with every mistake of the file, each with its place.
    """
    if not path.exists():
        raise LockError(f"{path.name}: is not there", remedy="Make it with: ./inv lock")
    notes = Notes(path.name)
    root = document(path, notes)
    if root is not None:
        lock = _lock(root)
        if not notes.problems:
            return lock
    raise Problems(notes.problems, remedy="Write it anew with: ./inv lock", exit_code=LockError.exit_code)


def current(path: Path, definition: Definition) -> Lock:
    """Return the lock in the file at `path`, which must be that of `definition`."""
    lock = load(path)
    reasons = stale(lock, definition)
    if reasons:
        message = f"{path.name}: does not fit build.toml"
        raise LockError(message, details=reasons, remedy="Write it anew with: ./inv lock")
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
    yield "\n[pypi]"
    for platform, wheels in sorted(lock.wheels.items()):
        yield f"{_quoted(platform)} = ["
        yield from (f"    {_row(wheel)}," for wheel in sorted(wheels))
        yield "]"


def _row(one: Package | Wheel) -> str:
    pairs = (f"{key} = {_quoted(value)}" for key, value in vars(one).items())
    return "{ " + ", ".join(pairs) + " }"


def _quoted(value: str | int) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _lock(root: Table) -> Lock:
    number = root.integer("format")
    if number != FORMAT and not root.notes.problems:
        root.notes.add(
            "format", f"is {number}, and this toolkit reads {FORMAT}", "Use the toolkit of that lock"
        )
    asked, debian, pypi = root.table("wanted"), root.table("debian"), root.table("pypi", required=False)
    lock = Lock(
        suite=root.text("suite"),
        snapshot=_timestamp(root),
        wanted={key: asked.texts(key, ()) for key in asked.names()},
        packages={
            platform: {layer: tuple(map(_package, layers.rows(layer))) for layer in layers.names()}
            for platform, layers in ((name, debian.table(name)) for name in debian.names())
        },
        wheels={platform: tuple(map(_wheel, pypi.rows(platform))) for platform in pypi.names()},
    )
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
        row.notes.add(row.at("path"), f"{package.path!r} leaves the mirror", "Write the lock anew")
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
        row.notes.add(row.at("file"), f"{wheel.file!r} is not a bare file name", "Write the lock anew")
    row.done()
    return wheel


def _sha256(row: Table) -> str:
    value = row.text("sha256")
    if value and (len(value) != 64 or set(value) - set("0123456789abcdef")):
        row.notes.add(row.at("sha256"), f"{value!r} is not a sha256", "Write the lock anew")
    return value
