"""build.toml as frozen dataclasses: what is wanted, before it is resolved to files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from builder.errors import Problems
from builder.reading import Notes, Table, document, guess
from builder.spec.component import KEYS, PROVIDERS, SYSTEM, Component

FILE = "build.toml"
PLATFORMS = {"linux/amd64": "amd64", "linux/arm64": "arm64"}
BASE, TOOLS, COMPILER, CHECKER = "base", "tools", "compiler", "checker"
WEB, WEB_TOOLS = "web", "web-tools"

_VERSION = re.compile(r"\d{2}\.(?:[1-9]|1[0-2])\.\d+")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")
_PART = re.compile(r"[a-z0-9][a-z0-9-]*")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_FOLDER = re.compile(rf"{_PLAIN.pattern}(?:/{_PLAIN.pattern})*")
_SHARED = re.compile(r"lib[A-Za-z0-9_-]+\.so")
_SUFFIX = re.compile(r"[A-Za-z0-9_.-]*")
_LAYERS = (BASE, TOOLS, COMPILER, CHECKER, WEB, WEB_TOOLS)

TIMESTAMP = "%Y%m%dT%H%M%SZ"
"""The time of a release, as in the addresses of Debian's snapshot archive."""
IMPORT = timedelta(hours=12)
"""After that time a release is in Debian's snapshot archive."""


@dataclass(frozen=True)
class Variant:
    """One kind of image; it has the components of the variant that it extends, and its own.

    `budget` is its largest compressed size allowed, in MB (0: no limit).
    """

    name: str
    summary: str
    suffix: str
    extends: str | None
    components: tuple[str, ...]
    budget: int = 0


@dataclass(frozen=True)
class Debian:
    """The Debian suite, its archive of old versions, and the packages that belong to no component.

    `checker` has what the tests of native code need besides the `compiler`; no build needs it.
    """

    suite: str
    snapshot: str
    base: tuple[str, ...]
    tools: tuple[str, ...]
    compiler: tuple[str, ...]
    checker: tuple[str, ...] = ()

    def archive(self, timestamp: str) -> str:
        """Return the address of the archive that holds the release of `timestamp`, ending in a slash.

        The archive serves the last import before the requested time, and a release is imported some hours
        after it was made; its packages stay in the pool for longer than that.
        """
        released = datetime.strptime(timestamp, TIMESTAMP).replace(tzinfo=UTC)
        imported = (released + IMPORT).strftime(TIMESTAMP)
        return self.snapshot.replace("{timestamp}", imported).rstrip("/") + "/"


@dataclass(frozen=True)
class Upstream:
    """The site of Orthanc's own precompiled libraries: its address, and the platforms that it supports."""

    base: str = ""
    platforms: tuple[str, ...] = ()

    def addresses(self, component: Component) -> dict[str, str]:
        """Return the address of each library of `component`, by its file name."""
        folder = f"{self.base}{component.folder}/{component.version}/"
        names = zip(component.libraries, component.site_names, strict=True)
        return {name: folder + there for name, there in names}


@dataclass(frozen=True)
class Npm:
    """The packages of npm that only the build of our own pages needs, at least one for each platform."""

    tools: tuple[str, ...] = ()


@dataclass(frozen=True)
class Definition:
    """All of build.toml."""

    name: str
    title: str
    description: str
    version: str
    source: str
    licences: str
    platforms: tuple[str, ...]
    debian: Debian
    upstream: Upstream
    npm: Npm
    components: Mapping[str, Component]
    variants: Mapping[str, Variant]

    def lineage(self, variant: str) -> tuple[Variant, ...]:
        """Return `variant` and what it extends, the first ancestor first."""
        found = self.variants[variant]
        return (*(self.lineage(found.extends) if found.extends else ()), found)

    def components_from(self, provider: str) -> tuple[Component, ...]:
        """Return every component that may come from `provider`."""
        return tuple(one for one in self.components.values() if provider in one.providers)

    def serves(self, provider: str, platform: str) -> bool:
        """Tell whether `provider` can have something for `platform`."""
        limited = PROVIDERS[provider].precompiled
        return platform in self.platforms and (not limited or platform in self.upstream.platforms)

    def components_of(self, variant: str) -> tuple[Component, ...]:
        """Return every component of `variant`, inherited ones first."""
        return tuple(self.components[name] for one in self.lineage(variant) for name in one.components)

    def layers(self) -> Mapping[str, tuple[str, ...]]:
        """Return the packages wanted in each layer, after the layers that it lies on."""
        wanted = {BASE: self.debian.base, TOOLS: self.debian.tools, COMPILER: self.debian.compiler}
        wanted |= {CHECKER: self.debian.checker} if self.debian.checker else {}
        for variant in sorted(self.variants.values(), key=lambda one: len(self.lineage(one.name))):
            wanted[variant.name] = tuple(dict.fromkeys(self._debian_packages(variant)))
        return wanted

    def below(self, layer: str) -> tuple[str, ...]:
        """Return the layers that `layer` lies on, lowest first."""
        if layer == CHECKER:
            return (TOOLS, COMPILER)
        if layer == COMPILER:
            return (TOOLS,)
        if layer in (BASE, TOOLS):
            return ()
        return (BASE, *(one.name for one in self.lineage(layer)[:-1]))

    def _debian_packages(self, variant: Variant) -> Iterator[str]:
        for component in (self.components[name] for name in variant.components):
            if SYSTEM in component.providers:
                yield from component.packages


def load(path: Path) -> Definition:
    """Return the definition in the file at `path`.

    Raises:
        Problems: with every mistake in the file, each with its place.
    """
    notes = Notes(path.name)
    root = document(path, notes)
    if root is not None:
        definition, further = _definition(root), Notes(path.name)
        _check(definition, further)
        known = {one.where for one in notes.problems}
        notes.problems += [one for one in further.problems if one.where not in known]
        if not notes.problems:
            return definition
    raise Problems(notes.problems)


def _definition(root: Table) -> Definition:
    definition = Definition(
        name=root.text("name"),
        title=root.text("title"),
        description=root.text("description"),
        version=root.text("version"),
        source=root.text("source"),
        licences=root.text("licences"),
        platforms=root.texts("platforms"),
        debian=_debian(root.table("debian")),
        upstream=_upstream(root.table("upstream", required=False)),
        npm=_npm(root.table("npm", required=False)),
        components={name: _component(name, table) for name, table in root.tables("components")},
        variants={name: _variant(name, table) for name, table in root.tables("variants")},
    )
    root.done()
    return definition


def _debian(table: Table) -> Debian:
    debian = Debian(
        suite=table.text("suite"),
        snapshot=table.text("snapshot"),
        base=table.texts("base"),
        tools=table.texts("tools"),
        compiler=table.texts("compiler"),
        checker=table.texts("checker", ()),
    )
    table.done()
    if debian.snapshot and "{timestamp}" not in debian.snapshot:
        table.notes.add(table.at("snapshot"), "has no {timestamp}", "Put it where the address has the time")
    return debian


def _upstream(table: Table) -> Upstream:
    if not table.names():
        return Upstream()
    base, platforms = table.text("base"), table.texts("platforms")
    table.done()
    if base and not re.fullmatch(r"https?://[^\s?#]+/", base):
        table.notes.add(table.at("base"), f"{base!r} is not the address of a folder", "End it with a slash")
    return Upstream(base, platforms)


def _npm(table: Table) -> Npm:
    found = Npm(table.texts("tools", ()))
    table.done()
    return found


def _component(name: str, table: Table) -> Component:
    providers = table.choices("provider", PROVIDERS)
    found = Component(name, table.text("summary"), providers, plugins=table.texts("plugins", ()))
    for provider in providers:
        if provider in PROVIDERS:
            found = PROVIDERS[provider].read(found, table)
    table.done(() if found.providers and set(providers) <= {*PROVIDERS} else KEYS)
    return found


def _variant(name: str, table: Table) -> Variant:
    variant = Variant(
        name=name,
        summary=table.text("summary"),
        suffix=table.text("suffix", ""),
        extends=table.text("extends", "") or None,
        components=table.texts("components"),
        budget=table.integer("budget", 0),
    )
    table.done()
    return variant


def _check(definition: Definition, notes: Notes) -> None:
    """Record what is wrong with values of the right type, and between the parts of a definition.

    Malformed parts were recorded before, and have neutral values here.
    """
    if not _NAME.fullmatch(definition.name):
        notes.add("name", f"{definition.name!r} cannot name an image", "Use a-z, 0-9, dot and dash")
    if not _VERSION.fullmatch(definition.version):
        notes.add("version", f"{definition.version!r} is not a calendar version", "Write it as 26.11.0")
    for number, platform in enumerate(definition.platforms):
        if platform not in PLATFORMS:
            notes.add(f"platforms[{number}]", f"{platform!r} is not known", guess(platform, PLATFORMS))
    _check_components(definition, notes)
    _check_variants(definition, notes)


def _check_components(definition: Definition, notes: Notes) -> None:
    for component in definition.components.values():
        place = f"components.{component.name}"
        _check_name(place, component.name, notes)
        if _requests(component) and component.name in (*_LAYERS, *definition.variants):
            notes.add(place, f"{component.name!r} is the name of a layer", "Choose another name")
        if component.packages and component.versioned_by not in ("", *component.packages):
            remedy = guess(component.versioned_by, component.packages)
            notes.add(f"{place}.versioned-by", f"{component.versioned_by!r} is not in its packages", remedy)
        if component.folder or component.libraries:
            _check_address(component, notes)
        if len(component.site_names) != len(component.libraries):
            what = f"has {len(component.site_names)} names, where libraries has {len(component.libraries)}"
            notes.add(
                f"{place}.site-names", what, "Give the name of each library on the site, in their order"
            )
    if not definition.upstream.base and any(one.libraries for one in definition.components.values()):
        notes.add("upstream.base", "is missing", "Add it: the address of the folder that holds the libraries")
    for key in ("plugins", "libraries"):
        _check_owners(definition, key, notes)


def _requests(component: Component) -> list[str]:
    """Return the requests for `component` to all of its providers."""
    known = (PROVIDERS[name] for name in component.providers if name in PROVIDERS)
    return [one for terms in known for one in terms.requests(component)]


def _check_address(component: Component, notes: Notes) -> None:
    """Record what cannot be part of the address of a library, or the name of one in the image."""
    place = f"components.{component.name}"
    for key, text, pattern in (
        ("folder", component.folder, _FOLDER),
        ("version", component.version, _PLAIN),
        *((f"libraries[{number}]", name, _SHARED) for number, name in enumerate(component.libraries)),
        *((f"site-names[{number}]", name, _SHARED) for number, name in enumerate(_renamed(component))),
    ):
        if text and not pattern.fullmatch(text):
            remedy = "Write it as the site has it, such as orthanc-stl, 1.4 and libOrthancSTL.so"
            notes.add(f"{place}.{key}", f"{text!r} cannot be part of an address", remedy)


def _renamed(component: Component) -> tuple[str, ...]:
    return component.site_names if component.site_names != component.libraries else ()


def _check_owners(definition: Definition, key: str, notes: Notes) -> None:
    """Record a plugin or library that belongs to two components."""
    owners: dict[str, str] = {}
    for component in definition.components.values():
        for name in getattr(component, key):
            first = owners.setdefault(name, component.name)
            if first != component.name:
                place = f"components.{component.name}.{key}"
                notes.add(
                    place, f"{name!r} already belongs to components.{first}", "Remove it from one of them"
                )


def _check_variants(definition: Definition, notes: Notes) -> None:
    if not definition.variants:
        notes.add("variants", "is empty", "Describe at least one variant")
    suffixes: dict[str, str] = {}
    for variant in definition.variants.values():
        place = f"variants.{variant.name}"
        _check_name(place, variant.name, notes)
        if not _SUFFIX.fullmatch(variant.suffix):
            remedy = "Use letters, digits, dot, dash and underscore"
            notes.add(f"{place}.suffix", f"{variant.suffix!r} cannot end a tag", remedy)
        if variant.name in _LAYERS:
            notes.add(place, f"{variant.name!r} is the name of a layer", "Choose another name")
        for number, name in enumerate(variant.components):
            if definition.components and name not in definition.components:
                remedy = guess(name, definition.components)
                notes.add(f"{place}.components[{number}]", f"{name!r} is not a component", remedy)
        first = suffixes.setdefault(variant.suffix, variant.name)
        if first != variant.name:
            remedy = "Give each variant its own suffix"
            notes.add(f"{place}.suffix", f"{variant.suffix!r} is also the suffix of variants.{first}", remedy)
        _check_ancestors(definition, variant, notes)


def _check_name(place: str, name: str, notes: Notes) -> None:
    """Record a name that cannot be that of a folder, a stage of a Dockerfile and a key of the lock."""
    if not _PART.fullmatch(name):
        notes.add(place, f"{name!r} cannot be a name here", "Use a-z, 0-9 and dash")


def _check_ancestors(definition: Definition, variant: Variant, notes: Notes) -> None:
    """Record an unknown or circular `extends`, and a component that an ancestor already has."""
    place, seen, current = f"variants.{variant.name}", [variant.name], variant
    while current.extends is not None:
        if current.extends not in definition.variants:
            if current is variant:
                remedy = guess(current.extends, definition.variants)
                notes.add(f"{place}.extends", f"{current.extends!r} is not a variant", remedy)
            return
        if current.extends in seen:
            circle = " → ".join([*seen, current.extends])
            notes.add(f"{place}.extends", f"goes round in a circle: {circle}", "Take one of them out")
            return
        current = definition.variants[current.extends]
        seen.append(current.name)
        for name in _shared(variant.components, current.components):
            notes.add(
                f"{place}.components", f"{name!r} comes with {current.name!r} already", "Remove it here"
            )


def _shared(first: Iterable[str], second: Iterable[str]) -> list[str]:
    return sorted(set(first) & set(second))
