"""Content on its way to or from a place: its size, and its bytes in parts, so that none is held twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

MEGABYTE = 1024 * 1024
PART = 8 * MEGABYTE


class MissingError(Exception):
    """A file is not where it was looked for; the message says where that was."""


class StorageError(Exception):
    """A file could not be written, read or removed; the message says why."""


class Content(Protocol):
    """What can be written to a place."""

    @property
    def size(self) -> int:
        """Return the size in bytes."""

    def parts(self, size: int = PART) -> Iterator[bytes]:
        """Return all bytes in order, in parts of about `size` bytes, each copied when it is asked for."""


class Clear(NamedTuple):
    """Content in memory that is somebody else's, and theirs again as soon as it is written."""

    view: memoryview

    @property
    def size(self) -> int:
        """Return the size in bytes."""
        return self.view.nbytes

    def parts(self, size: int = PART) -> Iterator[bytes]:
        """Return copies of the parts: a network library may keep what it was given after a failure."""
        for start in range(0, self.view.nbytes, size):
            yield bytes(self.view[start : start + size])


class Stored(NamedTuple):
    """Content of a file that lies in a place: its size there, and its bytes, which can be read once."""

    size: int
    chunks: Iterator[bytes | memoryview]

    def parts(self, size: int = PART) -> Iterator[bytes]:
        """Return the parts as the place gives them.

        Raises:
            StorageError: the file had more or fewer bytes than the place said.
        """
        del size
        seen = 0
        for chunk in self.chunks:
            seen += len(chunk)
            yield bytes(chunk)
        if seen != self.size:
            raise StorageError(f"{seen} bytes came, where {self.size} were announced")


def whole(content: Content) -> bytes:
    """Return all bytes of a small content."""
    return b"".join(content.parts(max(content.size, 1)))
