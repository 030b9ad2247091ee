"""Places and logs for tests: a store in memory, and what was written to the log."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import obstore
from obstore.store import MemoryStore

from orthanc_images.storage.content import PART
from orthanc_images.storage.disk import Disk
from orthanc_images.storage.keys import Attachment, Keys
from orthanc_images.storage.objects import Objects
from orthanc_images.storage.store import Transfer

UUID = "3fa1c0de-0b1c-4d2e-8f3a-5b6c7d8e9f00"
DICOM = Attachment(UUID, 1)


class Lines:
    """A log that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, line: str) -> None:
        self.lines.append(f"I {line}")

    def warning(self, line: str) -> None:
        self.lines.append(f"W {line}")

    def error(self, line: str) -> None:
        self.lines.append(f"E {line}")


class Bytes(NamedTuple):
    """Content for a place; its parts are as small as asked for."""

    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    def parts(self, size: int = PART) -> Iterator[bytes]:
        for start in range(0, len(self.content), size):
            yield self.content[start : start + size]


class Bucket:
    """A bucket in memory: the place, and what is in it."""

    def __init__(self, keys: Keys | None = None, transfer: Transfer | None = None) -> None:
        self.store = MemoryStore()
        self.place = Objects(self.store, keys or Keys(), transfer or Transfer())

    def put(self, name: str, content: bytes) -> None:
        obstore.put(self.store, name, content)

    def names(self) -> list[str]:
        return sorted(item["path"] for batch in obstore.list(self.store) for item in batch)

    def get(self, name: str) -> bytes:
        return bytes(obstore.get(self.store, name).bytes())


def disk(folder: Path) -> Disk:
    """A file system of Orthanc's."""
    return Disk(folder, sync=False)


def content(place: Objects | Disk, attachment: Attachment = DICOM) -> bytes:
    """The whole content of a file."""
    return b"".join(place.open(attachment).parts())
