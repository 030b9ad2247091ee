"""What the stores share: the client's options, transfers in parts, and what a connection to a store is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from orthanc_images.storage.content import PART

if TYPE_CHECKING:
    from collections.abc import Callable

    from obstore.store import ClientConfig, ObjectStore, RetryConfig

    from orthanc_images.section import Section
    from orthanc_images.storage.direct import Route

# After that, the credentials of a request that is tried again may have expired.
_LONGEST_RETRY = timedelta(minutes=3)


class Patience(NamedTuple):
    """How long to wait for a store, in seconds, how often to try again, and how many connections to keep."""

    connect: int = 30
    request: int = 1200
    retries: int = 10
    connections: int = 25

    def hurried(self) -> Patience:
        """Return the patience of somebody who only looks whether the store is there."""
        return Patience(min(self.connect, 5), min(self.request, 15), min(self.retries, 2), 1)

    def client(self, *, plain: bool, certificates: bytes | None) -> ClientConfig:
        """Return the options of the HTTP client; `plain` allows what is not TLS."""
        options: ClientConfig = {
            "connect_timeout": timedelta(seconds=self.connect),
            "timeout": timedelta(seconds=self.request),
            "pool_max_idle_per_host": str(self.connections),
            "allow_http": plain,
        }
        if certificates is not None:
            options["root_certificate"] = certificates
        return options

    def retry(self) -> RetryConfig:
        """Return when to try again: after 0.1 seconds at first, then later and later, up to 15 seconds."""
        longest = min(_LONGEST_RETRY, timedelta(seconds=self.request))
        return {"max_retries": self.retries, "retry_timeout": longest}


class Transfer(NamedTuple):
    """How files are sent: the size of parts in bytes, how many at once, and what is said of each file."""

    part: int = PART
    at_once: int = 8
    attributes: Mapping[str, str] = {}
    tags: Mapping[str, str] = {}


class StoreSettings(NamedTuple):
    """A store that was configured.

    `address` is the setting that says where it is. `connect` makes the client, with the given patience.
    `explain` returns a sentence about the mistake in the configuration behind an error, or None when it tells
    of none. `repair` makes the container when it is missing, and returns whether it could. `route` is how the
    native part reaches objects, or why it cannot; `directly` is whether it is to. `authorities` are trusted
    beside those of the system.
    """

    plugin: str
    where: str
    address: str
    connect: Callable[[Patience], ObjectStore]
    explain: Callable[[Exception], str | None]
    patience: Patience = Patience()
    transfer: Transfer = Transfer()
    repair: Callable[[], bool] | None = None
    secrets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    route: Route | str = "not known"
    directly: bool = True
    authorities: bytes | None = None


def certificates(configuration: Mapping[str, Any], section: Section) -> bytes | None:
    """Return the authorities in the file `HttpsCACertificates`, trusted beside those of the system."""
    path = configuration.get("HttpsCACertificates")
    if not path:
        return None
    try:
        content = Path(str(path)).read_bytes()
    except OSError as error:
        section.problems.append(
            f"HttpsCACertificates: the file {path} cannot be read ({error.strerror}). Correct the path."
        )
        return None
    if b"-----BEGIN CERTIFICATE-----" in content:
        return content
    section.problems.append(f"HttpsCACertificates: the file {path} holds no certificate in PEM. Correct it.")
    return None
