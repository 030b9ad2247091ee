"""What the tests of Tcia share: an Orthanc with instances of a few words, and the stand-in of the archive."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import tcia
from harness.tcia import TciaService
from orthanc_images.api import Api
from orthanc_images.native import MORE
from orthanc_images.tcia import jobs, options
from orthanc_images.tcia.jobs import Importer
from orthanc_images.tcia.options import TciaOptions
from orthanc_images.tcia.service import ArchiveService
from tests.unit.plugins.orthanc import Orthanc


def instance(series: str, number: int, *, spare: int = 0) -> bytes:
    """Return what counts as an instance here."""
    text = json.dumps({"0020,000e": series, "number": number})
    return bytes(128) + b"DICM" + text.encode() + b" " * spare


class OrthancException(Exception):  # noqa: N818 # Orthanc's name
    """Orthanc's answer to what it cannot do."""


class Format:
    """The one format that is asked for."""

    SHORT = 1


class Flags:
    """The one flag."""

    NONE = 0


class ChangeType:
    """The kinds of changes that matter here."""

    ORTHANC_STARTED, ORTHANC_STOPPED = 1, 2


class Server(Orthanc):
    """An Orthanc with instances by their series."""

    OrthancException, ChangeType = OrthancException, ChangeType
    DicomToJsonFormat, DicomToJsonFlags = Format, Flags

    def __init__(self) -> None:
        super().__init__()
        self.stored: dict[str, set[bytes]] = {}
        self.refuses = False
        self.routes: dict[str, Callable[..., None]] = {}
        self.root: tuple[str, ...] = ()
        self.jobs: dict[str, Any] = {}

    def RegisterRestCallback(self, route: str, callback: Callable[..., None]) -> None:
        self.routes[route] = callback

    def SetRootUri2(self, *root: str) -> None:
        self.root = root

    def DicomBufferToJson(self, content: bytes, *how: int) -> str:
        assert how == (1, 0, 0)
        if not content[132:].strip():
            raise OrthancException("Bad file format")
        return content[132:].decode()

    def RestApiGet(self, path: str) -> bytes:
        return json.dumps(self.jobs[path]).encode()

    def RestApiPost(self, path: str, body: bytes) -> bytes:
        if path == "/tools/count-resources":
            query = json.loads(body)
            assert query["Level"] == "Instance"
            found = self.stored.get(query["Query"]["SeriesInstanceUID"], set())
            return json.dumps({"Count": len(found)}).encode()
        assert path == "/instances"
        if self.refuses:
            raise OrthancException("Full storage")
        self.stored.setdefault(json.loads(body[132:])["0020,000e"], set()).add(body)
        return b"{}"

    def count(self, series: str) -> int:
        """Return how many instances of a series are stored."""
        return len(self.stored.get(series, ()))


class World:
    """An archive, an Orthanc, and the jobs between them."""

    def __init__(self, archive: TciaService, folder: Path) -> None:
        self.archive, self.folder = archive, folder
        self.server = Server()
        self.api = Api(self.server)
        self.service = ArchiveService(chosen(archive.local))
        self.importer = Importer(self.api, self.service, str(folder))

    def held(self, uid: str, count: int = 3, **where: str) -> tcia.Held:
        """Give the archive a series."""
        return self.archive.add([instance(uid, number) for number in range(count)], uid, **where)

    def run(self, job: int) -> int:
        """Do a job until it ends; return how it ended."""
        while (answer := self.importer.step(job)) == MORE:
            pass
        return answer

    def shown(self, job: int) -> dict[str, Any]:
        """Return what a user sees of a job."""
        found: dict[str, Any] = json.loads(self.importer.describe(job, saved=False))
        return found

    def failure(self, job: int) -> str:
        """Return why a job failed, without the address of the archive."""
        return str(self.shown(job)["Failure"]).replace(self.archive.local, "ARCHIVE")


def chosen(base: str, **more: Any) -> TciaOptions:
    """Return the options for an archive at this address."""
    return options.read({"Tcia": {"Enable": True, "BaseUrl": base}, "HttpTimeout": 5, **more})


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Yield a world in which nobody waits before trying again."""
    monkeypatch.setattr(jobs, "PAUSE", 0.0)
    with tcia.running("127.0.0.1") as archive:
        yield World(archive, tmp_path)
