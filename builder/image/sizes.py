"""What takes up space in an image: the size of each package and folder, by component and by layer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from builder.image import contents
from builder.image.contents import LISTS, Contents, Installed
from builder.spec.component import PROVIDERS, SYSTEM
from builder.spec.model import Definition
from builder.spec.planning import Part

KINDS = {
    "base": "Debian's packages of the base",
    SYSTEM: PROVIDERS[SYSTEM].title,
    "shared": "Debian's packages that several components need",
    **{name: terms.title for name, terms in PROVIDERS.items() if name != SYSTEM},
    "other": "what the build itself makes: caches, locales, lists of packages",
}
"""Why something is in an image; for files of no Debian package, it is the provider of their component."""

GROUPS = {"base": "the base system", "shared": "shared by several", "other": "made at build"}
"""The groups that belong to no single component."""

NESTED = {"usr/share/orthanc/viewers/volview/icons": "volview-icons"}
"""Folders of a component whose name is not in the path."""

TOP = "startup"
"""The layer, and the component, of the start-up code."""

COMPILED = "compiled"
"""The layer of our compiled plugins and their pages."""

PAGES = "usr/lib/orthanc-image/web/"
"""The folder of the pages, each in a folder of its own."""

PRECOMPILED = "-libraries"
"""What the name of a layer of precompiled plugins ends with, after that of its variant."""

DEPTH = 4


@dataclass(frozen=True)
class Piece:
    """A Debian package, or a folder of files of none, in one layer: its size in bytes, and its files.

    `group` is the component that needs it, or a key of GROUPS; `wanted` are the components that share it.
    """

    group: str
    kind: str
    name: str
    layer: str
    size: int
    files: int
    wanted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Home:
    """Why a piece is in the image."""

    group: str
    kind: str
    name: str
    wanted: tuple[str, ...] = ()


def of(inside: Contents, layers: Sequence[str], parts: Iterable[Part], definition: Definition) -> list[Piece]:
    """Return the pieces of an image, the biggest first; together they hold each file exactly once.

    `layers` are the names of its layers, and `parts` the components in it.
    """
    parts = tuple(parts)
    packages = contents.installed(inside)
    owners = contents.owners(inside, packages)
    homes = debian(packages, inside, parts, definition)
    folders = _folders(parts, definition)
    plugins = _plugins(parts, definition)
    sizes: Counter[tuple[Home, str]] = Counter()
    counts: Counter[tuple[Home, str]] = Counter()
    for path, file in inside.files.items():
        layer = layers[file.layer]
        home = homes.get(owners.get(path) or _listed(path)) or _own(path, layer, plugins)
        home = home or _elsewhere(path, layer, parts, folders)
        sizes[home, layer] += file.size
        counts[home, layer] += 1
    found = (
        Piece(home.group, home.kind, home.name, layer, size, counts[home, layer], home.wanted)
        for (home, layer), size in sizes.items()
    )
    return sorted(found, key=lambda one: (-one.size, one.name, one.layer))


def debian(
    packages: Sequence[Installed], inside: Contents, parts: Iterable[Part], definition: Definition
) -> dict[str, Home]:
    """Return why each Debian package is in the image, by its name.

    A package that no component names belongs to the base if it is in the lowest layer. Otherwise it belongs
    to the component that needs it, directly or not; of several, only those count that no other of them needs.
    """
    needs = _needs(packages)
    named = {
        part.name: {*definition.components[part.name].packages} & {*needs}
        for part in parts
        if part.provider == SYSTEM and part.name in definition.components
    }
    own = {package: name for name, held in named.items() for package in held}
    reach = {name: _closure(held, needs) for name, held in named.items()}
    lowest = {_listed(path) for path, file in inside.files.items() if file.layer == 0}
    found = {}
    for package in needs:
        if package in own:
            found[package] = Home(own[package], SYSTEM, package)
        elif package in lowest:
            found[package] = Home("base", "base", package)
        else:
            found[package] = _needed(package, reach, named)
    return found


def _needed(package: str, reach: Mapping[str, set[str]], named: Mapping[str, set[str]]) -> Home:
    """Return the home of a package that components need without naming it."""
    users = [name for name, held in reach.items() if package in held]
    first = [one for one in users if not any(named[other] & reach[one] for other in users if other != one)]
    if len(first) == 1:
        return Home(first[0], SYSTEM, package)
    return Home("shared", "shared", package, tuple(first))


def _needs(packages: Sequence[Installed]) -> dict[str, set[str]]:
    """Return the installed packages that each one depends on directly."""
    providers: dict[str, set[str]] = defaultdict(set)
    for one in packages:
        for name in (one.name, *one.provides):
            providers[name].add(one.name)
    return {one.name: {held for name in one.needs for held in providers.get(name, ())} for one in packages}


def _closure(start: Iterable[str], needs: Mapping[str, set[str]]) -> set[str]:
    """Return the packages of `start`, and all that they need."""
    found: set[str] = set()
    pending = [*start]
    while pending:
        one = pending.pop()
        if one not in found:
            found.add(one)
            pending += needs[one]
    return found


def _listed(path: str) -> str:
    """Return the package that the file at `path` is dpkg's metadata of; empty if it is not metadata."""
    name = path.removeprefix(LISTS)
    return name.rpartition(".")[0].partition(":")[0] if name != path else ""


def _own(path: str, layer: str, plugins: Mapping[str, Part]) -> Home | None:
    """Return why a file of our compiled plugins is in the image; None if it belongs to no single one.

    A library has the name of its plugin, and the name of a component begins as that of its program or page.
    """
    if layer != COMPILED:
        return None
    name, shown = path.rpartition("/")[2], f"/{path}"
    if part := plugins.get(name.lower()):
        return Home(part.name, part.provider, shown)
    word = name.partition("-")[0]
    if path.startswith(PAGES):
        word = path.removeprefix(PAGES).partition("/")[0]
        shown = f"/{PAGES}{word}"
    for part in plugins.values():
        if f"{part.name}-".startswith(f"{word}-"):
            return Home(part.name, part.provider, shown)
    return None


def _plugins(parts: Iterable[Part], definition: Definition) -> dict[str, Part]:
    """Return the components of plugins, by the names that their libraries may have, in lower case."""
    found: dict[str, Part] = {}
    for part in parts:
        component = definition.components.get(part.name)  # build.toml may have changed since
        names = (
            (*component.libraries, *(f"libOrthanc{one}.so" for one in component.plugins)) if component else ()
        )
        found |= {name.lower(): part for name in names}
    return found


def _elsewhere(path: str, layer: str, parts: Iterable[Part], folders: Mapping[str, Part]) -> Home:
    """Return why a file that belongs to no Debian package is in the image."""
    for part in parts:
        if path.rpartition("/")[2] in part.files:
            return Home(part.name, part.provider, f"/{path}")
    if layer in (COMPILED, TOP) and TOP in folders:
        return Home(TOP, folders[TOP].provider, _folder(path))
    for folder, name in NESTED.items():
        if path.startswith(f"{folder}/") and name in folders:
            return Home(name, folders[name].provider, f"/{folder}")
    names = path.split("/")[:-1]
    for number, name in enumerate(names, 1):
        if name in folders:
            part = folders[name]
            return Home(part.name, part.provider, "/" + "/".join(names[:number]))
    return Home("other", "other", _folder(path))


def _folders(parts: Iterable[Part], definition: Definition) -> dict[str, Part]:
    """Return the components that no Debian package brings, by the names that their folders have."""
    found: dict[str, Part] = {}
    for part in parts:
        if part.provider != SYSTEM:
            component = definition.components.get(part.name)  # build.toml may have changed since
            folders = PROVIDERS[part.provider].folders(component, part.version) if component else ()
            found |= dict.fromkeys((part.name, *folders), part)
    return found


def _folder(path: str) -> str:
    return "/" + "/".join(path.split("/")[:-1][:DEPTH])
