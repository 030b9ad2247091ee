"""Where files can lie: what the object store and the file system have in common."""

from __future__ import annotations

from typing import Protocol

from orthanc_images.storage.content import Content, Stored
from orthanc_images.storage.keys import Attachment

OBJECTS, FILES = "object-storage", "file-system"


class Place(Protocol):
    """Where files can lie."""

    @property
    def name(self) -> str:
        """Return what the log and `/move-storage` call the place."""

    def write(self, attachment: Attachment, content: Content) -> None:
        """Write the file; when that returns, the place has it for good.

        Raises:
            StorageError: it could not be written.
        """

    def read_into(self, attachment: Attachment, start: int, target: memoryview) -> None:
        """Fill `target` with the bytes of the file from `start` on.

        Raises:
            MissingError: there is no such file.
            StorageError: it could not be read, or has too few bytes.
        """

    def open(self, attachment: Attachment) -> Stored:
        """Return the whole content of the file.

        Raises:
            MissingError: there is no such file.
            StorageError: it could not be read.
        """

    def has(self, attachment: Attachment) -> bool:
        """Tell whether there is such a file.

        Raises:
            StorageError: nobody can tell now.
        """

    def remove(self, attachment: Attachment) -> None:
        """Remove the file, if there is one.

        Raises:
            StorageError: it could not be removed.
        """
