"""build.lock as frozen dataclasses: exactly which files the images are made of, for each platform."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from builder.errors import LockError, Problems
from builder.reading import Notes, Table, document
from builder.spec.artifact import ANY, Absence, Artifact
from builder.spec.component import PROVIDERS, SYSTEM, Component
from builder.spec.model import TIMESTAMP, Definition

FILE = "build.lock"
FORMAT = 1
SHA256 = "sha256"

Row = Artifact | Absence
T = TypeVar("T", Artifact, Absence)

_LENGTHS = {SHA256: 64, "sha512": 128}
_HEADER = """\
# Exactly which files the images are made of. Written by `./inv lock`; people edit build.toml instead.
"""


@dataclass(frozen=True)
class Lock:
    """All of build.lock: the files, and what was asked for when they were resolved.

    `layers` has the packages of each layer by platform, and `components` the files of components by platform,
    among them ANY; both are sorted.
    """

    suite: str
    snapshot: str
    wanted: Mapping[str, tuple[str, ...]]
    layers: Mapping[str, Mapping[str, tuple[Artifact, ...]]] = field(default_factory=dict)
    components: Mapping[str, tuple[Artifact, ...]] = field(default_factory=dict)
    absent: Mapping[str, tuple[Absence, ...]] = field(default_factory=dict)

    @property
    def epoch(self) -> int:
        """Return the time of the snapshot in seconds since 1970: the latest time of any file in an image."""
        return int(datetime.strptime(self.snapshot, TIMESTAMP).replace(tzinfo=UTC).timestamp())

    def packages(self, platform: str) -> Mapping[str, Artifact]:
        """Return the packages of all layers for `platform`, by name."""
        return self._packages.get(platform, {})

    @cached_property
    def _packages(self) -> dict[str, dict[str, Artifact]]:
        return {
            platform: {one.name: one for held in layers.values() for one in held}
            for platform, layers in self.layers.items()
        }

    def held(self, provider: str, component: Component, platform: str) -> tuple[Artifact, ...]:
        """Return the files of `component` from `provider`: of packages, the one that gives it its version."""
        if provider == SYSTEM:
            package = self.packages(platform).get(component.versioned_by)
            return (package,) if package else ()
        found = (*self.components.get(platform, ()), *self.components.get(ANY, ()))
        return tuple(one for one in found if (one.provider, one.component) == (provider, component.name))

    def absence(self, component: str, platform: str) -> Absence | None:
        """Return why the libraries of `component` are not locked for `platform`; None if never tried."""
        return next((one for one in self.absent.get(platform, ()) if one.component == component), None)

    def has(self, provider: str, component: Component, platform: str) -> bool:
        """Tell whether what `component` needs from `provider` is locked for `platform`, or needs no lock."""
        return not PROVIDERS[provider].locked or bool(self.held(provider, component, platform))

    def provider(self, component: Component, platform: str) -> str:
        """Return the first provider of `component` whose files are locked for `platform`; empty for none."""
        return next((one for one in component.providers if self.has(one, component, platform)), "")


def wanted(definition: Definition) -> dict[str, tuple[str, ...]]:
    """Return the requests of `definition` to the providers, by layer or component."""
    asked = {layer: tuple(sorted(names)) for layer, names in definition.layers().items()}
    for component in definition.components.values():
        requests = tuple(one for name in component.providers for one in PROVIDERS[name].requests(component))
        if requests:
            asked[component.name] = requests
    return asked


def stale(lock: Lock, definition: Definition) -> list[str]:
    """Return how `lock` differs from what `definition` needs, a line each; nothing if it matches."""
    found = []
    if lock.suite != definition.debian.suite:
        found.append(f"suite: {definition.debian.suite!r} is wanted, {lock.suite!r} is locked")
    asked = wanted(definition)
    for key in sorted({*asked, *lock.wanted}):
        now, then = set(asked.get(key, ())), set(lock.wanted.get(key, ()))
        found += [f"{key}: {name!r} is wanted but not locked" for name in sorted(now - then)]
        found += [f"{key}: {name!r} is locked but no longer wanted" for name in sorted(then - now)]
    for platform in definition.platforms:
        if platform in lock.layers:
            lacks = _lacks(lock, definition, platform)
            found += [f"{platform}: {name} is wanted but not locked" for name in lacks]
        else:
            found.append(f"{platform}: is wanted but not locked")
    held = {*lock.layers, *lock.components, *lock.absent} - {ANY}
    gone = sorted(held - {*definition.platforms})
    return found + [f"{platform}: is locked but no longer wanted" for platform in gone]


def _lacks(lock: Lock, definition: Definition, platform: str) -> Iterator[str]:
    """Yield the layers, and what components want from each of their providers, that `lock` lacks."""
    layers = lock.layers[platform]
    yield from (f"the layer {name!r}" for name in definition.layers() if name not in layers)
    for component in definition.components.values():
        for name in component.providers:
            if not _settled(lock, definition, name, component, platform):
                yield f"{PROVIDERS[name].what} for components.{component.name}"


def _settled(lock: Lock, definition: Definition, provider: str, component: Component, platform: str) -> bool:
    """Tell whether `lock` has what `component` wants from `provider`, or says why it does not."""
    if not PROVIDERS[provider].precompiled:
        return lock.has(provider, component, platform)
    found = {one.file: one.origin for one in lock.held(provider, component, platform)}
    if not definition.serves(provider, platform):
        return not found
    if found:
        return found == definition.upstream.addresses(component)
    return lock.absence(component.name, platform) is not None


def load(path: Path) -> Lock:
    """Return the lock in the file at `path`.

    Raises:
        LockError: when the file does not exist.
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
    """Return the lock in the file at `path`, which must match `definition`."""
    lock = load(path)
    reasons = stale(lock, definition)
    if reasons:
        message = f"{path.name}: does not match build.toml"
        raise LockError(message, details=reasons, remedy="Rewrite it with: ./inv lock")
    return lock


def text(lock: Lock) -> str:
    """Return the text of build.lock: one line per file, in order of name, so that diffs are readable."""
    return "\n".join(_lines(lock)) + "\n"


def _lines(lock: Lock) -> Iterator[str]:
    yield _HEADER
    yield f"format = {FORMAT}"
    yield f"suite = {_quoted(lock.suite)}"
    yield f"snapshot = {_quoted(lock.snapshot)}"
    yield "\n[wanted]"
    for key, names in sorted(lock.wanted.items()):
        yield f"{key} = [{', '.join(map(_quoted, names))}]"
    for platform, layers in sorted(lock.layers.items()):
        yield f"\n[{SYSTEM}.{_quoted(platform)}]"
        for layer, packages in layers.items():
            yield from _list(layer, packages)
    for name, terms in PROVIDERS.items():
        held = lock.components.items()
        yield from _section(name, {key: [one for one in rows if one.provider == name] for key, rows in held})
        if terms.precompiled:
            yield from _section("absent", lock.absent)


def _section(name: str, rows: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    if any(rows.values()):
        yield f"\n[{name}]"
    for platform, held in sorted(rows.items()):
        if held:
            yield from _list(_quoted(platform), held)


def _list(key: str, rows: Iterable[Row]) -> Iterator[str]:
    yield f"{key} = ["
    yield from (f"    {_row(one)}," for one in sorted(rows))
    yield "]"


def _row(one: Row) -> str:
    facts = asdict(one) if isinstance(one, Absence) else _facts(one)
    return "{ " + ", ".join(f"{key} = {_quoted(value)}" for key, value in facts.items()) + " }"


def _facts(one: Artifact) -> dict[str, str | int]:
    """Return the keys and values of a row; what is empty, or follows from another value, is left out."""
    algorithm, value = one.hashed
    packaged = bool(one.architecture)
    addressed = not packaged and bool(one.origin)
    found: dict[str, str | int] = {
        "component": one.component,
        "name": "" if addressed and one.name == one.file else one.name,
        "version": one.version,
        "architecture": one.architecture,
        "path": one.origin if packaged else "",
        "file": one.file if not packaged else "",
        "url": one.origin if not packaged else "",
        "size": one.size,
        algorithm: value,
        "date": one.date,
    }
    return {key: value for key, value in found.items() if value != ""}


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
    asked, absent = root.table("wanted"), root.table("absent", required=False)
    lock = Lock(
        suite=root.text("suite"),
        snapshot=_timestamp(root),
        wanted={key: asked.texts(key, ()) for key in asked.names()},
        layers={
            platform: {layer: _sorted(map(_package, layers.rows(layer))) for layer in layers.names()}
            for platform, layers in root.tables(SYSTEM)
        },
        components=_components(root),
        absent={name: _sorted(map(_absence, absent.rows(name))) for name in absent.names()},
    )
    root.done()
    return lock


def _components(root: Table) -> dict[str, tuple[Artifact, ...]]:
    found: dict[str, list[Artifact]] = {}
    for provider in (name for name, terms in PROVIDERS.items() if terms.locked and name != SYSTEM):
        section = root.table(provider, required=False)
        for platform in section.names():
            found.setdefault(platform, []).extend(_file(provider, row) for row in section.rows(platform))
    return {platform: _sorted(held) for platform, held in found.items()}


def _sorted(rows: Iterable[T]) -> tuple[T, ...]:
    return tuple(sorted(rows))


def _timestamp(root: Table) -> str:
    value = root.text("snapshot")
    try:
        right = datetime.strptime(value, TIMESTAMP).strftime(TIMESTAMP) == value
    except ValueError:
        right = False
    if value and not right:
        root.notes.add("snapshot", f"{value!r} is not a time", "Write it as 20261123T000000Z")
    return value


def _package(row: Table) -> Artifact:
    path = row.text("path")
    package = Artifact(
        provider=SYSTEM,
        component="",
        name=row.text("name"),
        version=row.text("version"),
        file=path.rpartition("/")[2],
        size=row.integer("size"),
        digest=_digest(row, SHA256),
        origin=path,
        architecture=row.text("architecture"),
    )
    if path.startswith("/") or ".." in path.split("/"):
        row.notes.add(row.at("path"), f"{path!r} leaves the mirror", "Rewrite the lock with: ./inv lock")
    row.done()
    return package


def _file(provider: str, row: Table) -> Artifact:
    """Return the file of a component in `row`; one with an address has a day too, and needs no name."""
    name, addressed = row.text("file"), "url" in row.names()
    found = Artifact(
        provider=provider,
        component=row.text("component"),
        name=row.text("name", name if addressed else None),
        version=row.text("version"),
        file=name,
        size=row.integer("size"),
        digest=_digest(row, next((one for one in _LENGTHS if one in row.names()), SHA256)),
        origin=row.text("url", ""),
        date=_day(row) if addressed else "",
    )
    if "/" in name:
        row.notes.add(
            row.at("file"), f"{name!r} is not a bare file name", "Rewrite the lock with: ./inv lock"
        )
    row.done()
    return found


def _absence(row: Table) -> Absence:
    absence = Absence(row.text("component"), row.text("reason"), _day(row))
    row.done()
    return absence


def _day(row: Table) -> str:
    value = row.text("date")
    if value and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        row.notes.add(row.at("date"), f"{value!r} is not a day", "Write it as 2026-11-24")
    return value


def _digest(row: Table, algorithm: str) -> str:
    value = row.text(algorithm)
    if value and (len(value) != _LENGTHS[algorithm] or set(value) - set("0123456789abcdef")):
        row.notes.add(
            row.at(algorithm), f"{value!r} is not a {algorithm}", "Rewrite the lock with: ./inv lock"
        )
    return f"{algorithm}:{value}"
