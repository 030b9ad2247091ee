"""What a provider of components does: for the lock, for a build, and for the lists of what is inside."""

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
    """What `./inv lock` asks every provider for.

    `names` has those components that are asked for anew, and SYSTEM for Debian's packages; `old` is the lock
    so far. `mirror` is the address of a site with upstream's layout, and `today` a day like 2026-11-24.
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
        """Return the components that `provider` is asked for."""
        return tuple(one for one in self.definition.components_from(provider) if one.name in self.names)


@dataclass(frozen=True)
class ProviderAnswer:
    """What a provider has, by platform: files of components, or the packages of layers and their time.

    `absent` says why it has not others, and `failures` has a line for each component that it did not give.
    """

    components: Mapping[str, Sequence[Artifact]] = field(default_factory=dict)
    layers: Mapping[str, Mapping[str, tuple[Artifact, ...]]] = field(default_factory=dict)
    snapshot: str = ""
    absent: Mapping[str, tuple[Absence, ...]] = field(default_factory=dict)
    failures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delivery:
    """Where files of a plan are fetched to, and by which settings of this machine."""

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
    """Where components come from. What is the same for most is done here; a provider does what is its own."""

    name: str
    """The word for it in build.toml, and the name of its module."""
    folder: str = ""
    """Where its files lie among the contexts of a variant; empty where they lie nowhere."""

    def resolve(self, request: Request) -> ProviderAnswer:
        """Return which files there are now for what is asked of this provider; nothing when nothing is.

        Raises:
            LockError: when it has nothing that fits.
        """
        del request
        return ProviderAnswer()

    def wanted(self, artifacts: Sequence[Artifact], delivery: Delivery) -> list[Wanted]:
        """Return what the store should fetch for `artifacts`, which it lacks."""
        del artifacts, delivery
        return []

    def fetch(self, artifacts: Sequence[Artifact], delivery: Delivery) -> None:
        """Put into the store those of `artifacts` that it cannot fetch by itself.

        Raises:
            FetchError: when one cannot be had, or is another file than the lock says.
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
        """Return what names a file in the provenance of an image."""
        return artifact.origin

    def items(self, listing: Listing) -> Iterator[Item]:
        """Yield what this provider brought into an image, and what is known to be inside of that."""


def stated(words: str, package: str) -> Licence:
    """Return the licence that a package states; a text that is no name of SPDX keeps a name of its own."""
    from builder.sources.copyrights import expression  # noqa: PLC0415 # costs 0.1 s, and a build lists nothing

    if not words.strip():
        return NOTHING
    known = expression(words)
    if known:
        return Licence(known)
    name = "LicenseRef-" + re.sub(r"[^A-Za-z0-9.-]+", "-", package).strip("-")
    return Licence(name, {name: words})
