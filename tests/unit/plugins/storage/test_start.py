"""The start of the plugin: what Orthanc is given, and what ends it."""

from collections.abc import Callable
from typing import Any

import pytest

from orthanc_images import storage
from orthanc_images.api import Api
from orthanc_images.errors import PluginError
from orthanc_images.storage.area import Area
from orthanc_images.storage.move import Mover
from tests.unit.plugins.orthanc import Orthanc
from tests.unit.plugins.storage.answering import answering, error

LISTING = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"


class Taken:
    """Stands in for the native part, and keeps what it was given."""

    def __init__(self, plugin: str, *, report: Callable[[str], None]) -> None:
        self.area: tuple[Area, bool] | None = None
        self.mover: Mover | None = None
        self.settings = ""
        made.append(self)

    def read_directly(self, settings: str) -> bool:
        self.settings = settings
        return True

    def store(self, area: Area, *, ranges: bool) -> None:
        self.area = (area, ranges)

    def work_by(self, kind: str, jobs: Mover) -> None:
        assert kind == "MoveStorage"
        self.mover = jobs


made: list[Taken] = []


class Server(Orthanc):
    """An Orthanc that keeps the route it is given."""

    routes: tuple[str, ...] = ()

    def RegisterRestCallback(self, route: str, _: object) -> None:  # noqa: N802 # Orthanc's own name
        self.routes = (*self.routes, route)


@pytest.fixture(autouse=True)
def native(monkeypatch: pytest.MonkeyPatch) -> None:
    made.clear()
    monkeypatch.setattr(storage, "Native", Taken)


def started(url: str, **more: Any) -> Server:
    server = Server()
    section = {"BucketName": "b", "Region": "r", "Endpoint": url, "VirtualAddressing": False}
    section |= {"AccessKey": "a", "SecretKey": "s", **more}
    storage.start(Api(server), {"AwsS3Storage": section, "StorageDirectory": "/d"}, "AwsS3Storage")
    return server


def test_files_in_clear_are_read_in_ranges() -> None:
    with answering((200, LISTING)) as answers:
        server = started(answers.url)
    assert made[0].area is not None
    assert made[0].area[1]
    assert (made[0].mover, server.routes) == (None, ())
    where = f"the bucket 'b' at {answers.url}"
    assert server.lines == [
        f"W AwsS3Storage: files are kept in {where}, in clear, read directly; hybrid mode: Disabled"
    ]
    assert f'"{answers.url}/b"' in made[0].settings


@pytest.mark.parametrize("mode", ["WriteToFileSystem", "WriteToObjectStorage"])
def test_the_hybrid_mode_brings_the_route(mode: str) -> None:
    with answering((200, LISTING)) as answers:
        server = started(answers.url, HybridMode=mode)
    assert made[0].mover is not None
    assert server.routes == ("/move-storage",)
    how = "read by way of Python: files may be in the file system, too"
    assert server.lines[-1].endswith(f", {how}; hybrid mode: {mode}")
    assert made[0].settings == ""


def test_notes_come_before_the_start() -> None:
    with answering((200, LISTING)) as answers:
        server = started(answers.url, EnableAwsSdkLogs=True, MigrationFromFileSystemEnabled=True, Bucket="b")
    assert server.lines[:-1] == [
        "W AwsS3Storage.MigrationFromFileSystemEnabled: a former name."
        " Set HybridMode to WriteToObjectStorage instead.",
        "W AwsS3Storage.EnableAwsSdkLogs: has no effect, as the AWS library is not used here.",
        "W AwsS3Storage.Bucket: there is no such setting. Did you mean BucketName?",
    ]


def test_a_store_that_is_away_is_an_error_in_the_log_only() -> None:
    with answering((200, "")) as answers:
        pass
    server = started(answers.url, MaxRetries=0)
    assert made[0].area is not None
    assert [line[0] for line in server.lines] == ["E", "W"]


def test_a_store_that_does_not_list_its_files_is_a_warning() -> None:
    with answering((403, error("AccessDenied"))) as answers:
        server = started(answers.url)
    assert [line.partition("let us list")[0] for line in server.lines] == [
        f"W AwsS3Storage: the bucket 'b' at {answers.url} does not ",
        f"W AwsS3Storage: files are kept in the bucket 'b' at {answers.url},"
        " in clear, read directly; hybrid mode: Disabled",
    ]


@pytest.mark.parametrize("encryption", [{}, {"MasterKey": [1, "/nowhere"]}])
def test_no_file_goes_out_in_clear_by_mistake(encryption: dict[str, Any]) -> None:
    """Encryption that is asked for and cannot be had ends the start."""
    with answering((200, LISTING)) as answers, pytest.raises(PluginError) as raised:
        started(answers.url, StorageEncryption=encryption, RootPath="/x")
    assert str(raised.value).startswith("AwsS3Storage.RootPath: it begins with '/'")
    assert " AwsS3Storage.StorageEncryption.MasterKey: " in str(raised.value)
    assert (made, answers.requests) == ([], [])
