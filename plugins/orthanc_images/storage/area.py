"""The storage area: what Orthanc asks for, done in the places where files can lie, and told in its log."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from orthanc_images.storage.content import Clear, MissingError, StorageError, Stored
from orthanc_images.storage.encryption import OVERHEAD, Budget, EncryptedFile, Keyring, unsealed
from orthanc_images.storage.keys import Attachment
from orthanc_images.storage.place import Place


class Log(Protocol):
    """Orthanc's log."""

    def info(self, line: str) -> None:
        """Write an INFO line."""

    def warning(self, line: str) -> None:
        """Write a WARNING line."""

    def error(self, line: str) -> None:
        """Write an ERROR line."""


class Limit(Protocol):
    """How many bytes of encrypted files may be on their way."""

    def taken(self, size: int) -> AbstractContextManager[None]:
        """Have `size` bytes for as long as the context lasts."""


class Area:
    """The files of Orthanc in one place, or in the first of two, where the second may have older ones.

    Every method returns whether it did its work, and says in the log why it did not. Nothing is locked while
    a store answers, so that as many files are on their way as Orthanc has threads.

    `limit` stands in for a budget of its own. `handed_on` is called before each read: where the native part
    reads as well, it has handed that one on.
    """

    def __init__(
        self,
        plugin: str,
        places: tuple[Place, ...],
        log: Log,
        keyring: Keyring | None = None,
        *,
        limit: Limit | None = None,
        handed_on: Callable[[], None] | None = None,
    ) -> None:
        self._places = places
        self._log = log
        self._keyring = keyring
        self._budget: Limit | None = limit or Budget(keyring.limit) if keyring else None
        self._handed_on = handed_on
        ranks = ("Primary", "Secondary")
        hybrid = len(places) > 1
        self._names = [
            f"{plugin} ({rank}: {place.name})" if hybrid else plugin
            for rank, place in zip(ranks, places, strict=False)
        ]

    def create(self, uuid: str, kind: int, content: memoryview) -> bool:
        """Store a file in the first place, encrypted if there are keys; true once it is there for good."""
        name, attachment = self._names[0], Attachment(uuid, kind)
        self._log.info(f"{name}: creating attachment {uuid} of type {kind}")
        began = time.monotonic()
        try:
            self._write(attachment, Clear(content))
        except Exception as error:  # Orthanc must be told, whatever it is
            self._log.error(f"{name}: error while creating object {uuid}: {_cause(error)}")
            return False
        self._log.info(f"{name}: created attachment {uuid} ({speed(len(content), time.monotonic() - began)})")
        return True

    def read(self, uuid: str, kind: int, start: int, target: memoryview) -> bool:
        """Fill `target` with the bytes of a file from `start` on, from the first place that has them."""
        attachment = Attachment(uuid, kind)
        return self._read(attachment, lambda place: _filled(place, attachment, start, target))

    def whole(self, uuid: str, kind: int, allocate: Callable[[int], memoryview]) -> bool:
        """Decrypt a file into the memory that `allocate` returns, from the first place that has it."""
        attachment = Attachment(uuid, kind)
        memory: list[memoryview] = []

        def once(size: int) -> memoryview:
            """Return the same memory again when the second place is asked."""
            if not memory:
                memory.append(allocate(size))
            if len(memory[0]) != size:
                raise StorageError(
                    f"it would have {size} bytes, where {len(memory[0])} were announced before"
                )
            return memory[0]

        return self._read(attachment, lambda place: self._decrypted(place.open(attachment), once))

    def remove(self, uuid: str, kind: int) -> bool:
        """Remove a file from every place; true when it is in none of them any more."""
        attachment, done = Attachment(uuid, kind), True
        for name, place in zip(self._names, self._places, strict=True):
            self._log.info(f"{name}: deleting attachment {uuid} of type {kind}")
            try:
                place.remove(attachment)
            except Exception as error:  # Orthanc must be told, whatever it is
                self._log.error(f"{name}: failed to delete object {uuid}: {_cause(error)}")
                done = False
        return done

    def _write(self, attachment: Attachment, content: Clear) -> None:
        if self._keyring is None or self._budget is None:
            self._places[0].write(attachment, content)
            return
        with self._budget.taken(content.size):
            self._places[0].write(attachment, EncryptedFile(content, self._keyring.current))

    def _decrypted(self, stored: Stored, allocate: Callable[[int], memoryview]) -> int:
        assert self._keyring is not None
        assert self._budget is not None
        with self._budget.taken(stored.size):
            unsealed(stored, self._keyring.all, allocate)
        return stored.size - OVERHEAD

    def _read(self, attachment: Attachment, act: Callable[[Place], int]) -> bool:
        """Do `act` in one place after the other until it works; it returns the number of bytes.

        A file that is in neither place may be on its way from the second to the first: that is asked again.
        """
        if self._handed_on is not None:
            self._handed_on()
        pairs = list(zip(self._names, self._places, strict=True))
        causes: list[Exception] = []
        for name, place in pairs:
            cause = self._tried(name, place, attachment, act)
            if cause is None:
                return True
            causes.append(cause)
        if len(pairs) > 1 and all(isinstance(cause, MissingError) for cause in causes):
            cause = self._tried(*pairs[0], attachment, act)
            if cause is None:
                return True
            causes[-1] = cause
        self._log.error(f"{self._names[-1]}: failed to read object {attachment.uuid}: {_cause(causes[-1])}")
        return False

    def _tried(
        self, name: str, place: Place, attachment: Attachment, act: Callable[[Place], int]
    ) -> Exception | None:
        """Do `act` in a place; return why it did not work. A file in the other place causes no warning."""
        uuid = attachment.uuid
        self._log.info(f"{name}: reading attachment {uuid} of type {attachment.type}")
        began = time.monotonic()
        try:
            size = act(place)
        except Exception as error:  # Orthanc must be told, whatever it is
            if len(self._places) > 1:
                say = self._log.info if isinstance(error, MissingError) else self._log.warning
                say(f"{name}: failed to read object {uuid}: {_cause(error)}")
            return error
        self._log.info(f"{name}: read attachment {uuid} ({speed(size, time.monotonic() - began)})")
        return None


def _filled(place: Place, attachment: Attachment, start: int, target: memoryview) -> int:
    place.read_into(attachment, start, target)
    return len(target)


def _cause(error: Exception) -> str:
    if isinstance(error, (StorageError, MissingError)):
        return str(error)
    return f"{type(error).__name__}: {error}"


def speed(size: int, seconds: float) -> str:
    """Return how much went in which time, as in `26.45MB in 2.25s = 94.04Mbps`."""
    megabits = size * 8 / 1e6 / seconds if seconds > 0 else 0.0
    return f"{_amount(size)} in {_duration(seconds)} = {megabits:.2f}Mbps"


def _amount(size: int) -> str:
    if size >= 1e6:
        return f"{size / 1e6:.2f}MB"
    return f"{size / 1e3:.2f}kB" if size >= 1000 else f"{size}bytes"


def _duration(seconds: float) -> str:
    return f"{seconds:.2f}s" if seconds >= 1 else f"{seconds * 1000:.2f}ms"
