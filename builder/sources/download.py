"""One file over HTTP: resumed after an interruption, retried where that may help, and verified."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import requests

CHUNK = 64 * 1024
DELAYS = (0.5, 1.0, 3.0)
"""Seconds before each further attempt: a mirror that is busy or restarts answers again within these."""
LONGEST_DELAY = 30.0
"""The longest that a server may ask to wait, in seconds; a longer pause would look like a hang."""
TIMEOUT = (10.0, 30.0)
"""Seconds to connect, and between two pieces of an answer; not for a whole file, which may take long."""

UNREACHABLE, MISSING, WRONG = "unreachable", "missing", "wrong"

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_LENGTHS = {"sha256": 64, "sha512": 128}


@dataclass(frozen=True)
class Digest:
    """What a file must hash to: the algorithm, and the hash in lower-case hexadecimal digits."""

    algorithm: str
    value: str

    @classmethod
    def read(cls, text: str) -> Digest:
        """Return the digest in `text`: `sha256:<hex>`, `sha512:<hex>`, or npm's `sha512-<base64>`."""
        algorithm, mark, value = text.partition("-") if "-" in text else text.partition(":")
        if mark == "-":
            value = _hexadecimal(value)
        value = value.lower()
        if len(value) != _LENGTHS.get(algorithm) or not re.fullmatch("[0-9a-f]+", value):
            raise ValueError(f"{text!r} is not a digest such as 'sha256:' and 64 hexadecimal digits")
        return cls(algorithm, value)

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.value}"


@dataclass(frozen=True)
class Failure:
    """Why one server did not deliver one file: a kind (unreachable, missing, wrong) and a text."""

    kind: str
    text: str


class Stopped(Exception):  # noqa: N818 # not an error: the fetch was cancelled
    """The fetch was cancelled: because another file failed, or by the user."""


class _Final(Exception):  # noqa: N818 # internal: another attempt at this server would not help
    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind, self.reason = kind, reason


class _Broken(_Final):
    """Internal: another attempt at this server may help, after `pause` seconds if it asked for that."""

    def __init__(self, kind: str, reason: str, pause: float = 0.0) -> None:
        super().__init__(kind, reason)
        self.pause = pause


class Partial:
    """The part of one file that has arrived so far, hashed as it grows."""

    def __init__(
        self, file: io.FileIO, digest: Digest, size: int | None, on_change: Callable[[int], None]
    ) -> None:
        """Continue after the content of `file`; `on_change` gets the difference in bytes at each change."""
        self._file, self._digest, self._size, self._on_change = file, digest, size, on_change
        self._hash = hashlib.new(digest.algorithm)
        self.length = 0
        file.seek(0)
        while chunk := file.read(CHUNK):
            self._count(chunk)
        if size is not None and self.length > size:
            self.restart()

    def append(self, chunk: bytes) -> None:
        """Append `chunk`; raises OSError when it cannot be written."""
        rest = memoryview(chunk)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._count(chunk)

    def restart(self) -> None:
        """Discard everything that has arrived."""
        self._file.seek(0)
        self._file.truncate()
        self._hash = hashlib.new(self._digest.algorithm)
        self._on_change(-self.length)
        self.length = 0

    @property
    def right(self) -> bool:
        """Tell whether this is the complete, correct file."""
        return self.found == str(self._digest)

    @property
    def short(self) -> bool:
        """Tell whether bytes are missing at the end, as far as the size is known."""
        return self._size is not None and self.length < self._size

    @property
    def long(self) -> bool:
        """Tell whether there are more bytes than the file has."""
        return self._size is not None and self.length > self._size

    @property
    def found(self) -> str:
        """Return the digest of what has arrived."""
        return f"{self._digest.algorithm}:{self._hash.hexdigest()}"

    @property
    def lack(self) -> str:
        """Return how this differs from the wanted file."""
        if self.short or self.long:
            return f"{self.length} bytes instead of {self._size}"
        return f"{self.found} instead of {self._digest}"

    def _count(self, chunk: bytes) -> None:
        self._hash.update(chunk)
        self.length += len(chunk)
        self._on_change(len(chunk))


class Fresh(Partial):
    """A file of which nothing is known yet: it is correct when the server says that it is complete."""

    def __init__(self, file: io.FileIO) -> None:
        """Begin with an empty `file`."""
        super().__init__(file, Digest("sha256", "0" * 64), None, lambda _: None)

    @property
    def right(self) -> bool:
        """Tell whether anything has arrived; an interruption is reported by the connection itself."""
        return self.length > 0

    @property
    def lack(self) -> str:
        """Return how this differs from a file."""
        return "nothing"


class Downloader:
    """Requests files from servers, in any number of threads; servers that answer nobody are skipped."""

    def __init__(
        self,
        *,
        stop: threading.Event,
        delays: Sequence[float] = DELAYS,
        timeout: tuple[float, float] = TIMEOUT,
        secure: bool = False,
    ) -> None:
        """Ask each address again after each of `delays`; `timeout` is for connecting and for each read.

        Both are in seconds. Setting `stop` cancels everything. With `secure`, redirects from https to http
        are refused: that is for files whose hash is not known yet.
        """
        self._secure = secure
        self._stop, self._delays, self._timeout = stop, tuple(delays), timeout
        self._threads = threading.local()
        self._answered: dict[str, float] = {}
        self._down: dict[str, Failure] = {}

    def fetch(self, urls: Sequence[str], partial: Partial) -> tuple[Failure, ...]:
        """Complete `partial` from the first of `urls` that can; return nothing, or why each could not.

        Raises Stopped when cancelled, OSError when the disk cannot be written.
        """
        if partial.length and partial.right:
            return ()
        failures = []
        for url in urls:
            failure = self._from(url, partial)
            if failure is None:
                return ()
            failures.append(failure)
        return tuple(dict.fromkeys(failures))

    def _from(self, url: str, partial: Partial) -> Failure | None:
        server, began = urlsplit(url).netloc.rpartition("@")[2], time.monotonic()
        if server in self._down:
            return self._down[server]
        delays = iter(self._delays)
        while True:
            before = partial.length
            try:
                self._attempt(url, server, partial)
                return None
            except _Broken as error:
                if partial.length >= before + CHUNK:
                    delays = iter(self._delays)  # there is progress, however slow
                failure = Failure(error.kind, f"{server} {error.reason}")
                delay = next(delays, None)
                if delay is None:
                    break
                if self._stop.wait(max(delay, error.pause)):
                    raise Stopped from None
            except _Final as error:
                return Failure(error.kind, f"{server} {error.reason}")
        if failure.kind == UNREACHABLE and self._answered.get(server, 0.0) < began:
            self._down[server] = (
                failure  # it answered no thread during all these attempts: spare the other files the wait
            )
        return failure

    def _attempt(self, url: str, server: str, partial: Partial) -> None:
        """Request the missing part from `url` once; return when `partial` is the complete file."""
        begun = partial.length
        with self._response(url, server, begun) as response:
            resumed = begun > 0 and _continues(response, begun)
            if not resumed:
                partial.restart()
            if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                raise _Broken(WRONG, f"has nothing from byte {begun} on")
            self._receive(response, partial)
        if partial.right:
            return
        lack = partial.lack
        if partial.short:
            raise _Broken(WRONG, f"sent {lack}")
        partial.restart()
        if resumed:
            raise _Broken(
                WRONG, f"sent {lack}"
            )  # the part from before may have been wrong: fetch the whole file
        raise _Final(WRONG, f"sent {lack}")

    def _receive(self, response: requests.Response, partial: Partial) -> None:
        for chunk in _chunks(response):
            partial.append(chunk)
            if partial.long:
                return
            if self._stop.is_set():
                raise Stopped

    def _response(self, url: str, server: str, begun: int) -> requests.Response:
        headers = {"Range": f"bytes={begun}-"} if begun else {}
        with _network():
            response = self._session().get(url, stream=True, timeout=self._timeout, headers=headers)
        if self._secure and url.startswith("https:") and _unprotected(response):
            response.close()
            raise _Final(WRONG, "redirects from https to http")
        status = response.status_code
        if status < HTTPStatus.BAD_REQUEST or (
            begun and status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        ):
            self._answered[server] = time.monotonic()
            return response
        response.close()
        if status in _AGAIN:
            raise _Broken(UNREACHABLE, f"answers {_named(status)}", _pause(response))
        self._answered[server] = time.monotonic()
        raise _Final(MISSING, f"does not have it ({_named(status)})")

    def _session(self) -> requests.Session:
        if not hasattr(self._threads, "session"):
            import requests  # noqa: PLC0415 # costs 0.2 s, and a build with a full store needs none

            session = requests.Session()
            session.headers.update({"Accept-Encoding": "identity", "User-Agent": "orthanc-images"})
            self._threads.session = session
        held: requests.Session = self._threads.session
        return held


def _hexadecimal(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).hex()
    except binascii.Error:
        return ""


def _chunks(response: requests.Response) -> Iterator[bytes]:
    # As sent: some servers call a .gz file a compressed answer, and requests would then unpack it.
    stream = response.raw.stream(CHUNK, decode_content=False)
    while True:
        with _network():
            chunk = next(stream, b"")
        if not chunk:
            return
        yield chunk


@contextmanager
def _network() -> Iterator[None]:
    """Turn every network error into _Broken; disk errors must not occur in the block."""
    import requests  # noqa: PLC0415 # as above
    import urllib3  # noqa: PLC0415 # as above

    try:
        yield
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise _Broken(UNREACHABLE, f"cannot be reached ({_plain(error)})") from error


def _continues(response: requests.Response, begun: int) -> bool:
    """Tell whether the answer continues from byte `begun` (RFC 9110, 14.4)."""
    partial = response.status_code == HTTPStatus.PARTIAL_CONTENT
    return partial and response.headers.get("Content-Range", "").startswith(f"bytes {begun}-")


def _unprotected(response: requests.Response) -> bool:
    return any(one.url.startswith("http:") for one in (*response.history, response))


def _pause(response: requests.Response) -> float:
    """Return the seconds that the server asks to wait, up to a limit."""
    text = response.headers.get("Retry-After", "")
    return min(float(text), LONGEST_DELAY) if text.isdecimal() else 0.0


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _plain(error: BaseException) -> str:
    """Return the innermost cause of `error` in a few words."""
    chain = list(_chain(error))
    names = [type(link).__name__ for link in chain]
    if any("NameResolution" in name or name == "gaierror" for name in names):
        return "its name cannot be resolved"
    if any("Timeout" in name for name in names):
        return "no answer in time"
    if any("IncompleteRead" in name for name in names):
        return "the connection broke off"
    for link in reversed(chain):
        if isinstance(link, OSError) and link.strerror:
            return link.strerror
    return str(chain[-1]) or names[-1]


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: object = error
    while isinstance(link, BaseException) and id(link) not in seen:
        seen.add(id(link))
        yield link
        inner = [
            item for item in (getattr(link, "reason", None), *link.args) if isinstance(item, BaseException)
        ]
        link = inner[0] if inner else link.__cause__ or link.__context__
