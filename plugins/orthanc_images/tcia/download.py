"""The archive of a series on its way to the disk, on a thread of its own, since the service may be slow.

Its file has no name: it is gone with the program, whatever that ends with.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import IO

from orthanc_images.tcia.cart import Series
from orthanc_images.tcia.service import ArchiveService, ServiceError

LARGEST = 64 << 30
"""The most that an archive may have whose size nobody told, in bytes."""

SPARE = 64 << 20
"""What an archive, or its files, may have beside twice the size that was told, in bytes."""


class DiskError(Exception):
    """The file cannot be written, and what to do."""


class Download:
    """One download; a context manager, which gives it up where it has not ended."""

    def __init__(self, service: ArchiveService, series: Series, folder: str) -> None:
        """Begin it.

        Raises:
            DiskError: there is no room for it.
        """
        self.limit = 2 * series.size + SPARE if series.size else LARGEST
        self.received = 0
        self._service, self._series = service, series
        self._folder = folder
        self.file = self._made()
        self._failure: Exception | None = None
        self._over = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tcia-download", daemon=True)

    def __enter__(self) -> Download:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        if self._ended.is_set():
            self.file.close()

    def ended(self, seconds: float) -> bool:
        """Wait for the end for a while; tell whether all of it is there.

        Raises:
            ServiceError: the service did not give it.
            DiskError: the disk did not take it.
        """
        ended = self._ended.wait(seconds)
        if ended and self._failure:
            raise self._failure
        return ended

    def join(self, seconds: float) -> None:
        """Give it up, and wait for a while until it has noticed."""
        self._over = True
        self._thread.join(seconds)

    def _made(self) -> IO[bytes]:
        size = self._series.size
        try:
            self._folder = self._folder or tempfile.gettempdir()
            about = os.statvfs(self._folder)
            if size > about.f_bavail * about.f_frsize:
                raise DiskError(f"{self._folder}: has no room for {size} bytes. {_remedy()}")
            return tempfile.TemporaryFile(dir=self._folder)
        except OSError as error:
            where = self._folder or "the folder for temporary files"
            raise DiskError(f"{where}: no file can be made there: {error.strerror}. {_remedy()}") from error

    def _run(self) -> None:
        try:
            self._write(self._service.archive(self._series.uid))
        except Exception as error:  # whoever waits is told
            self._failure = error
        finally:
            self._ended.set()
            if self._over:
                self.file.close()

    def _write(self, pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            if self._over:
                return
            self.received += len(piece)
            if self.received > self.limit:
                what = f"the archive has more than {self.limit} bytes"
                told = f"where {self._series.size} were told" if self._series.size else "which is too much"
                raise ServiceError(f"{what}, {told}")
            self._wrote(piece)
        self._wrote(b"")

    def _wrote(self, piece: bytes) -> None:
        """Write a piece, and after the last one what is left in memory."""
        try:
            self.file.write(piece)
            if not piece:
                self.file.flush()
        except OSError as error:
            raise DiskError(f"{self._folder}: {error.strerror}. {_remedy()}") from error


def _remedy() -> str:
    return "Make room there, or set TemporaryDirectory to another folder."
