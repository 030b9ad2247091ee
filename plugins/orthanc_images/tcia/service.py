"""The archive's service, called by HTTP: short answers as a whole, and archives of series in pieces."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote, urlencode

from orthanc_images.tcia.options import TciaOptions

PIECE = 256 << 10

LARGEST_ANSWER = 64 << 20
"""The most that a short answer may have, in bytes."""

LONGEST = 300.0
"""Seconds that a short answer may take."""

CHECKED, PLAIN = "getImageWithMD5Hash", "getImage"
"""What gives the archive of a series: with the MD5 of each file in it, and without."""

NOT_FOUND = 404

_SHOWN = 200


class ServiceError(Exception):
    """The service gave no good answer, and why; `status` is that of its answer, 0 without one."""

    def __init__(self, what: str, status: int = 0) -> None:
        super().__init__(what)
        self.status = status


class ServiceAnswer(NamedTuple):
    """A short answer."""

    body: bytes
    mime: str


class ArchiveService:
    """The service below one address."""

    def __init__(self, options: TciaOptions) -> None:
        self._base = options.base
        self._patience = options.patience
        proxy = options.proxy if "://" in options.proxy or not options.proxy else f"http://{options.proxy}"
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler({"http": proxy, "https": proxy} if proxy else None),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(context=options.trust),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPRedirectHandler(),
            urllib.request.HTTPErrorProcessor(),
        ):
            self._opener.add_handler(handler)

    def address(self, path: str, arguments: Mapping[str, str]) -> str:
        """Return the address of what is at `path` below the service's own."""
        query = urlencode(arguments, quote_via=quote)
        return f"{self._base}/{quote(path)}" + (f"?{query}" if query else "")

    def answer(self, address: str) -> ServiceAnswer:
        """Return a short answer.

        Raises:
            ServiceError: there is none.
        """
        end = time.monotonic() + LONGEST
        body = bytearray()
        kind = ""
        for mime, piece in self._pieces(address):
            kind = mime
            body += piece
            if len(body) > LARGEST_ANSWER:
                raise ServiceError(f"{address}: the answer has more than {LARGEST_ANSWER} bytes")
            if time.monotonic() > end:
                raise ServiceError(f"{address}: the answer takes more than {LONGEST:.0f} seconds")
        return ServiceAnswer(bytes(body), kind)

    def archive(self, uid: str) -> Iterator[bytes]:
        """Return the archive of a series in pieces, the first ones of which may be empty.

        Raises:
            ServiceError: the service does not give it, or not all of it.
        """
        try:
            for _, piece in self._pieces(self.address(CHECKED, {"SeriesInstanceUID": uid})):
                yield piece
        except ServiceError as error:
            if error.status != NOT_FOUND:
                raise
            for _, piece in self._pieces(self.address(PLAIN, {"SeriesInstanceUID": uid})):
                yield piece

    def _pieces(self, address: str) -> Iterator[tuple[str, bytes]]:
        """Return the type of an answer with each piece of it, at least once."""
        request = urllib.request.Request(address, headers={"User-Agent": "Orthanc", "Accept": "*/*"})
        try:
            with self._opener.open(request, timeout=self._patience) as answer:
                mime = answer.headers.get("Content-Type", "application/octet-stream")
                expected, got = answer.length, 0
                yield mime, b""
                while piece := answer.read1(PIECE):
                    got += len(piece)
                    yield mime, piece
        except urllib.error.HTTPError as error:
            said = error.read(_SHOWN).decode(errors="replace").strip().replace("\n", " ")
            error.close()
            raise ServiceError(f"{address}: the service answers {error.code}: {said}", error.code) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ServiceError(f"{address}: {reason(error)}") from error
        if expected is not None and got < expected:
            raise ServiceError(f"{address}: the answer ended after {got} bytes of {expected}")


def reason(error: Exception) -> str:
    """Return what went wrong on the way to the service, without what a proxy's address may hold."""
    inner = getattr(error, "reason", error)
    if isinstance(inner, TimeoutError):
        return "it does not answer in time. Set HttpTimeout higher if it is slow"
    if isinstance(error, http.client.IncompleteRead):
        return "the answer ended too early"
    return f"it cannot be reached: {inner}. See that this server may reach it, if need be through HttpProxy"
