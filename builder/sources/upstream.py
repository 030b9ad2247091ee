"""Orthanc's own precompiled libraries: downloaded by address, inspected, and recorded with their hash."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from urllib.parse import urlsplit

from builder.errors import FetchError
from builder.hashing import digest_of
from builder.sources import elf
from builder.sources.download import DELAYS, TIMEOUT, Downloader, Fresh
from builder.sources.item import Item, Licence, purl
from builder.sources.provider import Delivery, Listing, Provider, ProviderAnswer, Request
from builder.sources.store import Store, Wanted
from builder.spec.artifact import Absence, Artifact
from builder.spec.component import Component
from builder.spec.lockfile import Lock
from builder.spec.model import PLATFORMS, Definition

MIRROR = "ORTHANC_IMAGES_UPSTREAM_MIRROR"


class DownloadSite:
    """The site of the libraries, or a mirror of it with the same layout."""

    def __init__(
        self,
        base: str,
        mirror: str = "",
        *,
        delays: Sequence[float] = DELAYS,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        """Use `mirror` in place of `base`; `delays` and `timeout` are those of `Downloader`."""
        self._base, self._mirror = base, mirror.rstrip("/") + "/" if mirror else base
        self._client = Downloader(stop=threading.Event(), delays=delays, timeout=timeout, secure=True)

    def address(self, url: str) -> str:
        """Return the address at which the file of `url` is requested."""
        return self._mirror + url.removeprefix(self._base)

    def fetch(self, url: str, path: Path) -> str:
        """Write the file at `url` to `path`; return why that failed, or nothing."""
        address = self.address(url)
        with FileIO(path, "w+") as file:
            failures = self._client.fetch([address], Fresh(file))
        if not failures or self._mirror == self._base:
            return "; ".join(one.text for one in failures)
        server = urlsplit(address).netloc.rpartition("@")[
            2
        ]  # the lock is public, and the name of a mirror may be private
        return "; ".join(one.text.replace(server, "the mirror") for one in failures)


def wanted(libraries: Iterable[Artifact], base: str, mirror: str = "") -> list[Wanted]:
    """Return what the store should fetch: from `mirror`, if there is one, and from the site of `base`."""
    site = DownloadSite(base, mirror)
    return [
        Wanted(one.file, one.digest, one.size, tuple(dict.fromkeys((site.address(one.origin), one.origin))))
        for one in libraries
    ]


def resolve(
    definition: Definition,
    asked: Collection[str],
    old: Lock | None,
    site: DownloadSite,
    store: Store,
    *,
    today: str,
) -> ProviderAnswer:
    """Return the libraries of every component, after asking `site` for those of the components `asked`.

    A library that is not available stays as it is in `old`, if that has the same address; otherwise it is
    absent, with the reason. Downloaded libraries go to `store`. `today` is a date such as 2026-11-24.
    """
    request = _Request(definition, asked, old, site, store, today)
    outcomes = {
        platform: [
            request.outcome(one, platform) for one in definition.components_from(UpstreamProvider.name)
        ]
        for platform in definition.platforms
        if definition.serves(UpstreamProvider.name, platform)
    }
    libraries = {
        name: tuple(sorted(library for one in found for library in one.libraries))
        for name, found in outcomes.items()
    }
    absent = {
        name: tuple(sorted(one.absence for one in found if one.absence)) for name, found in outcomes.items()
    }
    return ProviderAnswer(
        components={name: found for name, found in libraries.items() if found},
        absent={name: found for name, found in absent.items() if found},
        failures=tuple(one.failure for found in outcomes.values() for one in found if one.failure),
    )


@dataclass(frozen=True)
class _Outcome:
    """The result for one component on one platform."""

    libraries: tuple[Artifact, ...] = ()
    absence: Absence | None = None
    failure: str = ""


@dataclass(frozen=True)
class _Request:
    """The arguments of `resolve`, used for one component and platform after the other."""

    definition: Definition
    asked: Collection[str]
    old: Lock | None
    site: DownloadSite
    store: Store
    today: str

    def outcome(self, component: Component, platform: str) -> _Outcome:
        """Request `component` from the site, if it was asked for, and return its state afterwards."""
        kept = self._kept(component, platform)
        if component.name in self.asked:
            try:
                return _Outcome(self._fetched(component, platform))
            except FetchError as error:
                failure = f"{component.name} {component.version}: {error.message}"
                if kept:
                    return _Outcome(kept, failure=f"{failure}; the locked version is kept")
                return _Outcome((), Absence(component.name, error.message, self.today), failure)
        before = self.old.absence(component.name, platform) if self.old else None
        absence = before or Absence(component.name, "it has not been asked for yet", self.today)
        return _Outcome(kept) if kept else _Outcome((), absence)

    def _kept(self, component: Component, platform: str) -> tuple[Artifact, ...]:
        """Return the locked libraries of `component`, if they have the addresses in the definition."""
        found = self.old.held(UpstreamProvider.name, component, platform) if self.old else ()
        addresses = self.definition.upstream.addresses(component)
        return found if {one.file: one.origin for one in found} == addresses else ()

    def _fetched(self, component: Component, platform: str) -> tuple[Artifact, ...]:
        """Return the libraries of `component` as the site has them now.

        Raises:
            FetchError: when one of them is not available, or is not a plugin for `platform`.
        """
        found = []
        with tempfile.TemporaryDirectory(prefix="orthanc-images-upstream-") as folder:
            for name, url in self.definition.upstream.addresses(component).items():
                path = Path(folder) / name
                trouble = self.site.fetch(url, path) or elf.fault(path, name, PLATFORMS[platform])
                if trouble:
                    raise FetchError(trouble)
                content = path.read_bytes()
                digest = digest_of(content)
                self.store.add(content, digest)
                found.append(self._library(component, name, url, content, digest))
        return tuple(found)

    def _library(self, component: Component, name: str, url: str, content: bytes, digest: str) -> Artifact:
        return Artifact(
            provider=UpstreamProvider.name,
            component=component.name,
            name=name,
            version=component.version,
            file=name,
            size=len(content),
            digest=digest,
            origin=url,
            date=self.today,
        )


class UpstreamProvider(Provider):
    """Orthanc's download site."""

    name = "upstream"
    folder = "upstream"

    def resolve(self, request: Request) -> ProviderAnswer:
        """Return the libraries of every component, after asking the site for those that are asked for."""
        mirror = request.mirror or request.environment.get(MIRROR, "")
        site = DownloadSite(request.definition.upstream.base, mirror)
        return resolve(
            request.definition, request.names, request.old, site, request.store, today=request.today
        )

    def wanted(self, artifacts: Sequence[Artifact], delivery: Delivery) -> list[Wanted]:
        """Return what the store should fetch from the site, or a mirror of it."""
        return wanted(artifacts, delivery.plan.upstream, delivery.environment.get(MIRROR, ""))

    def items(self, listing: Listing) -> Iterator[Item]:
        """Yield the libraries in an image."""
        for one in listing.artifacts(self.name):
            facts = {"download_url": one.origin, "checksum": one.digest}
            yield Item(
                self.name,
                one.name,
                one.version,
                purl("generic", one.name, one.version, **facts),
                one.digest,
                licence=Licence(listing.definition.components[one.component].licence),
                supplier="Organization: Orthanc",
                homepage=one.origin,
                download=one.origin,
                facts={"component": one.component},
            )


PROVIDER: Provider = UpstreamProvider()
