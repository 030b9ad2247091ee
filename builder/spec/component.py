"""One component of build.toml, and the terms of each provider in build.toml and build.lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from builder.reading import Table

SYSTEM = "debian"
"""The provider whose packages fill layers, and are resolved together: all else rests on them."""

KEYS = (
    *("packages", "versioned-by", "package", "version", "licence", "files", "folder", "libraries"),
    "site-names",
)
"""What any provider may read from the table of a component."""


@dataclass(frozen=True)
class Component:
    """One part of an image, such as a plugin: where it comes from and what it brings.

    `providers` are in order of preference: the lock says which one was taken. `libraries` are names in the
    image, and `site_names` those of the same files on the site of upstream.
    """

    name: str
    summary: str
    providers: tuple[str, ...]
    packages: tuple[str, ...] = ()
    versioned_by: str = ""
    version: str = ""
    licence: str = ""
    files: tuple[str, ...] = ()
    folder: str = ""
    libraries: tuple[str, ...] = ()
    site_names: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()


def _packaged(component: Component, table: Table) -> Component:
    packages = table.texts("packages")
    main = table.text("versioned-by", packages[0] if packages else "")
    return replace(component, packages=packages, versioned_by=main)


def _indexed(component: Component, table: Table) -> Component:
    return replace(component, packages=(table.text("package"),), version=table.text("version", "*"))


def _licensed(component: Component, table: Table) -> Component:
    return replace(_indexed(component, table), licence=table.text("licence", ""))


def _precompiled(component: Component, table: Table) -> Component:
    libraries = table.texts("libraries")
    return replace(
        component,
        folder=table.text("folder"),
        version=table.text("version"),
        licence=table.text("licence"),
        libraries=libraries,
        site_names=table.texts("site-names", libraries),
    )


def _own(component: Component, table: Table) -> Component:
    return replace(component, files=table.texts("files"))


def _nothing(_: Component) -> tuple[str, ...]:
    return ()


def _requirement(component: Component) -> tuple[str, ...]:
    return (f"{component.packages[0]} {component.version}",)


def _paths(component: Component) -> tuple[str, ...]:
    return tuple(f"{component.folder}/{component.version}/{name}" for name in component.site_names)


def _nowhere(_: Component, __: str) -> tuple[str, ...]:
    return ()


def _installed(component: Component, version: str) -> tuple[str, ...]:
    folder = component.packages[0].replace("-", "_")
    return folder, f"{folder}-{version}.dist-info"


@dataclass(frozen=True)
class Terms:
    """The terms of one provider in build.toml, build.lock and the page about a build.

    `what` names the file that it delivers for a component, and `title` all of them. `read` adds the keys for
    this provider to a component, and `requests` returns its entry in [wanted] of build.lock. In an image, the
    folders of a component have its name, or those that `folders` returns for a version of it.

    Without `locked`, its files are those of this repository. `precompiled` files are in the image as they
    were fetched. They exist for some platforms only, may be out of reach when the lock is made, and are
    checked before they are shipped: where one is not available, the next provider is used, or the reason is
    given.
    """

    what: str
    title: str
    read: Callable[[Component, Table], Component]
    requests: Callable[[Component], tuple[str, ...]] = _nothing
    folders: Callable[[Component, str], tuple[str, ...]] = _nowhere
    locked: bool = True
    precompiled: bool = False


PROVIDERS: Mapping[str, Terms] = {
    SYSTEM: Terms("a package", "Debian's packages of one component, and what only that needs", _packaged),
    "pypi": Terms("a wheel", "wheels", _licensed, _requirement, _installed),
    "upstream": Terms(
        "an answer of upstream", "libraries of Orthanc's site", _precompiled, _paths, precompiled=True
    ),
    "npm": Terms("an npm package", "npm packages", _indexed, _requirement),
    "tree": Terms("a file", "our own code", _own, locked=False),
}
"""The providers, by the word for them in build.toml; what one does is in builder/sources/, by that name."""
