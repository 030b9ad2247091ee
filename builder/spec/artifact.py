"""One file in the lock, whichever provider has it."""

from __future__ import annotations

from dataclasses import dataclass

ANY = "any"
"""Stands in the lock for all platforms, where a file is the same on each."""


@dataclass(frozen=True, order=True)
class Artifact:
    """One locked file of a provider: exactly what is fetched, checked and built in.

    `size` is in bytes, 0 if unknown. `component` is empty for the files of a layer, Debian packages, whose
    `architecture` may be `all`. `digest` is `sha256:…` or `sha512:…`. `origin` is where
    the provider has it, a path below each of its mirrors or an address; it is empty where name and version
    say enough. `date` is the day (2026-11-24) on which it was fetched, for what might be replaced at its
    address.
    """

    provider: str
    component: str
    name: str
    version: str
    file: str
    size: int
    digest: str
    origin: str = ""
    architecture: str = ""
    date: str = ""

    @property
    def hashed(self) -> tuple[str, str]:
        """Return the algorithm of the digest, and the hash in hexadecimal digits."""
        algorithm, _, value = self.digest.partition(":")
        return algorithm, value


@dataclass(frozen=True, order=True)
class Absence:
    """Why the libraries of one component are not locked, and the date (2026-11-24) of the last attempt."""

    component: str
    reason: str
    date: str

    def __str__(self) -> str:
        """Return the reason, and when that was so."""
        return f"its library was not available when the lock was made ({self.date}): {self.reason}"
