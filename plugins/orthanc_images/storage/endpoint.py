"""Addresses of stores, as people write them."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple
from urllib.parse import urlsplit


class Endpoint(NamedTuple):
    """The address of a service: its scheme, its host with the port, and what follows, without a final '/'."""

    scheme: str
    host: str
    path: str = ""

    @property
    def url(self) -> str:
        """Return the whole address."""
        return f"{self.scheme}://{self.host}{self.path}"

    @property
    def plain(self) -> bool:
        """Tell whether it is without TLS."""
        return self.scheme == "http"

    @property
    def numeric(self) -> bool:
        """Tell whether the host is an IP address, which has no names below it."""
        try:
            ipaddress.ip_address(self.name)
        except ValueError:
            return False
        return True

    @property
    def name(self) -> str:
        """Return the host without its port."""
        return urlsplit(self.url).hostname or ""

    @property
    def authority(self) -> str:
        """Return the host as the header `Host` has it: with the port unless that is the usual one."""
        return self.host.lower().removesuffix(":80" if self.plain else ":443")

    def below(self, name: str) -> Endpoint:
        """Return the address with `name` as part of the host."""
        return self._replace(host=f"{name}.{self.host}")


def parsed(text: str) -> Endpoint | None:
    """Return the address, with HTTPS unless the text says otherwise; None when the text is not one."""
    try:
        found = urlsplit(text if "://" in text else f"https://{text}")
        port = found.port
    except ValueError:
        return None
    del port
    if found.scheme not in ("http", "https") or not found.hostname or found.username or found.query:
        return None
    return Endpoint(found.scheme, found.netloc, found.path.rstrip("/"))
