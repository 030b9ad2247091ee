"""Reading objects without Python: what the native part is told, and when it is not.

The native part (plugins/native/storage/) asks a store for an object once, and hands on to Python whatever
does not go as it should. So everything here is about the plain case; in doubt, Python reads.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from orthanc_images.storage import options
from orthanc_images.storage.keys import LEGACY

if TYPE_CHECKING:
    from orthanc_images.storage.endpoint import Endpoint
    from orthanc_images.storage.keys import Keys
    from orthanc_images.storage.options import Options
    from orthanc_images.storage.store import StoreSettings

AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
"""The authorities of the system."""

PAUSE = 10
"""Seconds for which Python reads alone after a fault of the store that may last."""

AGAIN = 60
"""Seconds until credentials are asked for again where there were none."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PLAIN_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")
_PLAIN_HOST = re.compile(r"[a-z0-9._-]+(:\d+)?|\[[0-9a-f:]+\](:\d+)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Credentials(NamedTuple):
    """What the native part signs with (plugins/native/storage/signer.h), and until when it may.

    `until` is in seconds since 1970; 0 stands for no end.
    """

    content: Mapping[str, Any]
    until: float = 0


class Route(NamedTuple):
    """How objects are reached: the address of the bucket, and who asks.

    `slashes` tells whether an address has the slashes of a name as they are.
    """

    address: Endpoint
    credentials: Callable[[], Credentials]
    slashes: bool = True


class Reader(Protocol):
    """The native part."""

    def read_directly(self, settings: str) -> bool:
        """Have it read objects itself; false when it cannot."""

    def renew(self, credentials: str) -> bool:
        """Have it go on with other credentials."""

    def take(self, size: int) -> None:
        """Wait until so many bytes of encrypted files may be on their way."""

    def give(self, size: int) -> None:
        """Give them back."""


class SharedBudget:
    """The budget of the native part, which Python shares (encryption.Budget)."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        """Have `size` bytes for as long as the context lasts."""
        self._reader.take(size)
        try:
            yield
        finally:
            self._reader.give(size)


class Renewal:
    """Gives the native part new credentials when the old ones have ended; it hands reads on until then.

    `report` is told when there are none.
    """

    def __init__(
        self,
        reader: Reader,
        route: Route,
        report: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._reader = reader
        self._route = route
        self._report = report
        self._clock = clock
        self._lock = threading.Lock()
        self._until = 0.0

    def first(self) -> Credentials:
        """Return the credentials to begin with."""
        found = self._route.credentials()
        self._until = found.until
        return found

    def renew(self) -> None:
        """Give it new ones if it is time; one thread does that, and no other waits for it."""
        if not self._until or self._clock() < self._until or not self._lock.acquire(blocking=False):
            return
        try:
            self._reader.renew(json.dumps(content(self.first())))
        except (OSError, ValueError) as error:
            self._until = self._clock() + AGAIN
            self._report(f"files are read by way of Python for the time being: {error}")
        finally:
            self._lock.release()


def content(credentials: Credentials) -> dict[str, Any]:
    """Return credentials as the native part wants them."""
    return {**credentials.content, "until": int(credentials.until)}


def obstacle(
    address: Endpoint,
    names: Collection[str],
    environment: Mapping[str, str],
    prefix: str,
    known: Collection[str],
) -> str:
    """Return why the native part cannot reach a store as Python does; empty when it can.

    `names` stand in addresses. Of the variables that begin with `prefix`, the library behind Python reads
    many; those in `known` have no effect on reading, or one that the caller looks after.
    """
    if not all(map(_PLAIN_NAME.fullmatch, names)) or not _PLAIN_PATH.fullmatch(address.path):
        return "its name has unusual characters"
    if not _PLAIN_HOST.fullmatch(address.host.lower()):
        return "its host has unusual characters"
    given = {name.upper(): value for name, value in environment.items() if value}
    unknown = sorted(name for name in given if name.startswith(prefix) and name not in known)
    if not address.plain:
        unknown += [name for name in ("SSL_CERT_DIR", "SSL_CERT_FILE") if name in given]
    if unknown:
        return f"the variable {unknown[0]} is set"
    proxies = [name for name in (f"{address.scheme.upper()}_PROXY", "ALL_PROXY") if name in given]
    if proxies and not _bypassed(address, given.get("NO_PROXY", "")):
        return f"there is a proxy ({proxies[0]})"
    return ""


def _bypassed(address: Endpoint, exceptions: str) -> bool:
    """Tell whether the host is one of those that are asked without a proxy."""
    host = address.name
    for exception in (text.strip().lower().lstrip(".") for text in exceptions.split(",")):
        if exception and (
            exception in ("*", host) or (not address.numeric and host.endswith(f".{exception}"))
        ):
            return True
    return False


def hindrance(store: StoreSettings, shared: Options) -> str:
    """Return why Python reads; empty when the native part can."""
    if not store.directly:
        return "ReadDirectly is false"
    if shared.hybrid != options.DISABLED:
        return "files may be in the file system, too"
    parts = shared.keys.root.rstrip("/").split("/") if shared.keys.root else []
    if any(part in ("", ".", "..") for part in parts) or _CONTROL.search(shared.keys.root):
        return "RootPath has unusual characters"
    return "" if isinstance(store.route, Route) else store.route


def prefix(keys: Keys) -> str:
    """Return what the names of all files begin with."""
    return f"{keys.root.rstrip('/')}/" if keys.root else ""


def settings(
    store: StoreSettings,
    route: Route,
    shared: Options,
    credentials: Credentials,
    authorities: str = AUTHORITIES,
) -> str:
    """Return what the native part is told, in JSON; plugins/native/storage/direct.h describes it.

    Raises:
        OSError: the authorities of the system cannot be read.
    """
    keys, keyring = shared.keys, shared.keyring
    trusted = ""
    if store.authorities and not route.address.plain:
        system = Path(authorities).read_text(encoding="ascii", errors="ignore")
        trusted = f"{system}\n{store.authorities.decode('ascii', 'ignore')}"
    return json.dumps(
        {
            "plugin": store.plugin,
            "address": route.address.url,
            "host": route.address.authority,
            "slashes": route.slashes,
            "file": authorities,
            "authorities": trusted,
            "connect": store.patience.connect,
            "request": store.patience.request,
            "pause": PAUSE,
            "connections": store.patience.connections,
            "prefix": prefix(keys),
            "legacy": keys.structure == LEGACY,
            "encrypted": keys.encrypted,
            "keys": {str(number): key.hex() for number, key in keyring.all.items()} if keyring else {},
            "limit": keyring.limit if keyring else 0,
            "credentials": content(credentials),
        }
    )


class Begun(NamedTuple):
    """What came of it: who reads, for the log, and what the area needs when the native part does."""

    words: str
    budget: SharedBudget | None = None
    renew: Callable[[], None] | None = None


def begin(reader: Reader, store: StoreSettings, shared: Options, report: Callable[[str], None]) -> Begun:
    """Have the native part read objects, if it can; `report` is told what happens to that later."""
    reason = hindrance(store, shared)
    if reason or not isinstance(store.route, Route):
        return Begun(f"read by way of Python: {reason}")
    renewal = Renewal(reader, store.route, lambda line: report(f"{store.plugin}: {line}"))
    try:
        told = settings(store, store.route, shared, renewal.first())
    except (OSError, ValueError) as error:
        return Begun(f"read by way of Python: {error}")
    if not reader.read_directly(told):
        return Begun("read by way of Python: the native part does not take the settings")
    return Begun("read directly", SharedBudget(reader) if shared.keyring else None, renewal.renew)
