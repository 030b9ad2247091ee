"""The archive of one series, a ZIP file: what it holds, and whether all of it is sound.

Nothing of it is unpacked to the disk. The names in it are never used as paths.
"""

from __future__ import annotations

import csv
import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

HASHES = "md5hashes.csv"
"""The member with the MD5 of each other one."""

PIECE = 1 << 20

LARGEST_FILE = (1 << 31) - 1
"""The most that an instance may have, in bytes: Orthanc takes it as a whole."""

LARGEST_DIRECTORY = 64 << 20
"""The most that the list of members may have, in bytes: it is read as a whole."""

_END, _END64 = b"PK\x05\x06", b"PK\x06\x06"
_TAIL = 22 + 65535 + 20 + 56


class DamagedError(Exception):
    """An archive that is not as it should be, and why."""


class Archive:
    """An archive in an open file."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        """Read the list of its members, of which all together may have `limit` bytes.

        Raises:
            DamagedError: there is none, or it cannot be right.
        """
        if directory_size(file) > LARGEST_DIRECTORY:
            raise DamagedError("its list of files is too long")
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as error:
            raise DamagedError("it is no ZIP file, or not all of it has arrived") from error
        self._members = [one for one in self._zip.infolist() if not one.is_dir()]
        self._hashes: dict[str, str] = {}
        self.instances: list[str] = []
        names = set()
        for one in self._members:
            name = one.filename
            if name.startswith(("/", "\\")) or ":" in name or ".." in name.replace("\\", "/").split("/"):
                raise DamagedError(f"it has a file outside of itself, {name!r}")
            if name in names:
                raise DamagedError(f"it has {name!r} twice")
            if one.file_size > LARGEST_FILE:
                raise DamagedError(f"{name!r} has more than {LARGEST_FILE} bytes")
            names.add(name)
        if sum(one.file_size for one in self._members) > limit:
            raise DamagedError(f"its files have more than {limit} bytes, unpacked")

    def verified(self) -> Iterator[None]:
        """Read all of it, in pieces, and fill `instances` with the names of those that are DICOM.

        Raises:
            DamagedError: something in it is wrong.
        """
        self._hashes = self._hashes_inside()
        found = []
        for one in self._members:
            head, digest = b"", hashlib.md5(usedforsecurity=False)
            for piece in self._pieces(one):
                head = head or piece[:132]
                digest.update(piece)
                yield
            if self._hashes.get(one.filename, digest.hexdigest()) != digest.hexdigest():
                raise DamagedError(f"{one.filename!r} is not as {HASHES} says")
            if head[128:] == b"DICM":
                found.append(one.filename)
            elif one.filename.lower().endswith(".dcm"):
                raise DamagedError(f"{one.filename!r} is no DICOM file")
        missing = sorted(set(self._hashes) - {one.filename for one in self._members})
        if missing:
            raise DamagedError(f"it lacks {missing[0]!r}, which {HASHES} names")
        self.instances = found

    def content(self, name: str) -> bytes:
        """Return a whole member.

        Raises:
            DamagedError: it cannot be read.
        """
        return b"".join(self._pieces(self._zip.getinfo(name)))

    def _pieces(self, member: zipfile.ZipInfo) -> Iterator[bytes]:
        """Return a member in pieces; its checksum is known to be right after the last."""
        try:
            with self._zip.open(member) as file:
                while piece := file.read(PIECE):
                    yield piece
        except (NotImplementedError, RuntimeError) as error:
            raise DamagedError(f"{member.filename!r} in it is encrypted or packed unusually") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error) as error:
            raise DamagedError(f"{member.filename!r} in it is damaged") from error

    def _hashes_inside(self) -> dict[str, str]:
        member = next((one for one in self._members if one.filename == HASHES), None)
        if member is None:
            return {}
        if member.file_size > LARGEST_DIRECTORY:
            raise DamagedError(f"its {HASHES} is too long")
        text = b"".join(self._pieces(member)).decode(errors="replace")
        rows = [row for row in csv.reader(text.splitlines()) if len(row) == 2]
        return {name: value.lower() for name, value in rows[1:] if value}


def directory_size(file: IO[bytes]) -> int:
    """Return how many bytes the list of members has, as the end of the file says; 0 where it says nothing."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    at = tail.rfind(_END)
    found = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if found == 0xFFFFFFFF:
        at = tail.rfind(_END64, 0, at)
        found = int.from_bytes(tail[at + 40 : at + 48], "little") if at >= 0 else found
    return found
