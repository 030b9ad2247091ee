"""The file system as a place: the same folders and names as Orthanc's own storage."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from orthanc_images.storage.content import PART, Content, MissingError, StorageError, Stored
from orthanc_images.storage.keys import Attachment
from orthanc_images.storage.place import FILES


class Disk:
    """Files below the folder `root`, as `ab/cd/<uuid>`; with `sync` each is on the disk before it counts."""

    name = FILES

    def __init__(self, root: Path, *, sync: bool = True) -> None:
        self._root = root
        self._sync = sync

    def path(self, attachment: Attachment) -> Path:
        """Return where the file is."""
        uuid = attachment.uuid
        return self._root / uuid[:2] / uuid[2:4] / uuid

    def write(self, attachment: Attachment, content: Content) -> None:
        """Write the file beside its place, then put it there: nobody sees a part of it."""
        path = self.path(attachment)
        draft = path.with_name(path.name + ".part")
        try:
            with _created(draft) as file:
                for part in content.parts():
                    file.write(part)
                if self._sync:
                    file.flush()
                    os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}") from error
        finally:
            with contextlib.suppress(OSError):
                draft.unlink()

    def read_into(self, attachment: Attachment, start: int, target: memoryview) -> None:
        """Fill `target` with the bytes of the file from `start` on."""
        with self._opened(attachment) as file:
            try:
                file.seek(start)
                count = file.readinto(target)  # type: ignore[attr-defined]
            except OSError as error:
                raise StorageError(f"{self.path(attachment)}: {error.strerror}") from error
        if count != len(target):
            raise StorageError(f"{count} bytes came, where {len(target)} were asked for")

    def open(self, attachment: Attachment) -> Stored:
        """Return the whole content of the file."""
        file = self._opened(attachment)
        return Stored(os.fstat(file.fileno()).st_size, _chunks(file))

    def has(self, attachment: Attachment) -> bool:
        """Tell whether there is such a file."""
        return self.path(attachment).is_file()

    def remove(self, attachment: Attachment) -> None:
        """Remove the file, and its two folders when they are empty."""
        path = self.path(attachment)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}") from error
        with contextlib.suppress(OSError):
            path.parent.rmdir()
            path.parent.parent.rmdir()

    def _opened(self, attachment: Attachment) -> BinaryIO:
        path = self.path(attachment)
        try:
            return path.open("rb")
        except FileNotFoundError as error:
            raise MissingError(f"there is no file {path}") from error
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}") from error


def _created(path: Path) -> BinaryIO:
    """Open a new file, in folders that somebody may remove at the same time because they are empty."""
    for _ in range(10):
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            return path.open("wb")
    return path.open("wb")


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(PART):
            yield chunk
