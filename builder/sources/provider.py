"""What a provider of components does: for the lock, for a build, and for the SBOMs."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from builder.shell import Runner
from builder.sources.item import NOTHING, Item, Licence
from builder.sources.store import Store, Wanted
from builder.spec.artifact import Absence, Artifact
from builder.spec.component import Component
from builder.spec.lockfile import Lock
from builder.spec.model import Definition
from builder.spec.planning import Plan

if TYPE_CHECKING:
    from builder.image.contents import Contents  # a build reads no image, and need not wait for it

Held = Callable[[str], Path]
"""Returns the file of a digest."""


@dataclass(frozen=True)
class Request:
    """The request of `./inv lock` to every provider.

    `names` has the components to resolve again, and SYSTEM for Debian's packages; `old` is the current lock.
    `mirror` is the address of a site with upstream's layout, and `today` a date such as 2026-11-24.
    """

    definition: Definition
    names: Collection[str]
    old: Lock | None
    store: Store
    environment: Mapping[str, str]
    mirror: str
    today: str
    runner: Runner

    def components(self, provider: str) -> tuple[Component, ...]:
        """Return the components requested from `provider`."""
        return tuple(one for one in self.definition.components_from(provider) if one.name in self.names)


@dataclass(frozen=True)
class ProviderAnswer:
    """The files of a provider by platform: those of components, or the packages of layers and their time.

    `absent` says why others are missing, and `failures` has a line for each component it did not deliver.
    """

    components: Mapping[str, Sequence[Artifact]] = field(default_factory=dict)
    layers: Mapping[str, Mapping[str, tuple[Artifact, ...]]] = field(default_factory=dict)
    snapshot: str = ""
    absent: Mapping[str, tuple[Absence, ...]] = field(default_factory=dict)
    failures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delivery:
    """Where the files of a plan are fetched to, and with which settings of this machine."""

    plan: Plan
    store: Store
    environment: Mapping[str, str]
    runner: Runner


@dataclass(frozen=True)
class Listing:
    """One image whose contents are to be listed; `held` returns the locked files by digest."""

    plan: Plan
    variant: str
    definition: Definition
    contents: Contents
    held: Held

    def artifacts(self, provider: str) -> Iterator[Artifact]:
        """Yield the files of `provider` for the variant and those that it extends."""
        for layer in self.plan.lineages[self.variant]:
            yield from self.plan.artifacts(layer, provider)


class Provider(Protocol):
    """A source of components. Defaults are here; each provider overrides what is different."""

    name: str
    """The word for it in build.toml, and the name of its module."""
    folder: str = ""
    """Where its files lie among the contexts of a variant; empty where they lie nowhere."""

    def resolve(self, request: Request) -> ProviderAnswer:
        """Return the current files for the request to this provider; nothing if it is not asked.

        Raises:
            LockError: when it has nothing that matches.
        """
        del request
        return ProviderAnswer()

    def wanted(self, artifacts: Sequence[Artifact], delivery: Delivery) -> list[Wanted]:
        """Return what the store should fetch for `artifacts`, which it does not have."""
        del artifacts, delivery
        return []

    def fetch(self, artifacts: Sequence[Artifact], delivery: Delivery) -> None:
        """Store those of `artifacts` that the store cannot fetch by itself.

        Raises:
            FetchError: when one is not available, or does not match the lock.
        """
        del artifacts, delivery

    def layout(self, artifact: Artifact) -> str:
        """Return the name that a file has in the context of its variant."""
        return artifact.file

    def licence(self, component: Component, path: Path) -> str:
        """Return the text of the licence that must be accepted for the file at `path`; empty for none."""
        del component, path
        return ""

    def uri(self, artifact: Artifact) -> str:
        """Return the URI of a file in the provenance of an image."""
        return artifact.origin

    def items(self, listing: Listing) -> Iterator[Item]:
        """Yield the items of this provider in an image, and the items known to be inside of them."""


def stated(words: str, package: str) -> Licence:
    """Return the licence that a package states; a text that SPDX has no name for gets a name of its own."""
    from builder.sources.copyrights import expression  # noqa: PLC0415 # costs 0.1 s, and a build lists nothing

    if not words.strip():
        return NOTHING
    known = expression(words)
    if known:
        return Licence(known)
    name = "LicenseRef-" + re.sub(r"[^A-Za-z0-9.-]+", "-", package).strip("-")
    return Licence(name, {name: words})
