"""What Orthanc's index in SQLite is given, when it gets it, and that it stays an index of any Orthanc."""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import docker
import docker.errors
import pytest

from harness import containers, dicom, index
from harness.containers import USERS, Orthanc
from services.fixtures import Serve

pytestmark = pytest.mark.inherited

INDEXES = {
    "OrthancImagesLookup": "publicId, resourceType",
    "OrthancImagesListing": "resourceType, publicId",
}
TABLES = {"Resources", "Metadata", "MainDicomTags", "DicomIdentifiers", "AttachedFiles", "Labels"}
BEFORE = "The SQLite index gets what keeps it quick, for 104 resources."
AFTER = r"The SQLite index got it in \d+\.\d s\."
FAILED = "The SQLite index stays as it is, and slows down as it grows: "
OFF = {"SQLITE_INDEX_TUNING": "false"}
INSTANCES = 20_000

Begin = Callable[..., Orthanc]


@pytest.fixture(scope="module")
def begin(client: docker.DockerClient, image: str) -> Iterator[Begin]:
    """Yield a function that starts a server with variables, and with an index if one is given."""
    begun: list[Orthanc] = []

    def begin(environment: dict[str, str], given: Path | None = None) -> Orthanc:
        ports = {containers.HTTP_PORT: ("127.0.0.1", None)}
        options = {"environment": {**USERS, **environment}, "ports": ports}
        server = Orthanc(containers.create(client, image, [], options))
        begun.append(server)
        if given is not None:
            index.put(server.container, given)
        server.container.start()
        server.wait_until_ready()
        return server

    yield begin
    for server in begun:
        with contextlib.suppress(docker.errors.NotFound):
            server.remove()


@pytest.fixture(scope="module")
def empty(begin: Begin, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an index without instances as Orthanc alone makes it."""
    path = kept(begin(OFF), tmp_path_factory.mktemp("empty") / "index")
    assert tuned(path) == ({}, set())
    return path


@pytest.fixture(scope="module")
def bare(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return such an index with a hundred instances."""
    path = tmp_path_factory.mktemp("bare") / "index"
    shutil.copy(empty, path)
    index.fill(path, 100)
    return path


@pytest.fixture(scope="module")
def first(begin: Begin, bare: Path) -> Orthanc:
    """Return a server that has begun with it, and has ended."""
    server = begin({}, bare)
    assert len(server.json("/instances")) == 100
    server.container.stop(timeout=30)
    return server


@pytest.fixture
def whole(first: Orthanc, tmp_path: Path) -> Path:
    """Return the index that it left, with everything that the images add."""
    path = tmp_path / "index"
    path.write_bytes(index.taken(first.container))
    return path


def tuned(path: Path) -> tuple[dict[str, str], set[str]]:
    """Return what an index in SQLite was given: indexes with their columns, tables with statistics."""
    with closing(sqlite3.connect(path)) as database:
        made = database.execute("SELECT name, sql FROM sqlite_schema WHERE name LIKE 'OrthancImages%'")
        indexes = {name: re.sub(r".*ON Resources\((.*)\)", r"\1", sql) for name, sql in made}
        known = database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'").fetchone()
        tables = database.execute("SELECT tbl FROM sqlite_stat1") if known else []
        return indexes, {table for (table,) in tables}


def kept(server: Orthanc, path: Path) -> Path:
    """Stop a server, write its index to a path, and return that."""
    server.container.stop(timeout=30)
    path.write_bytes(index.taken(server.container))
    return path


def said(server: Orthanc) -> list[str]:
    """Return the lines of the log about the index."""
    return [line for line in server.logs().splitlines() if line.startswith("The SQLite index")]


def test_new_volume(begin: Begin, tmp_path: Path) -> None:
    """The first start of an empty volume has it, without a word, and the next one has nothing to add."""
    server = begin({})
    server.upload(dicom.encoded(dicom.ct()))
    assert tuned(kept(server, tmp_path / "first")) == (INDEXES, TABLES)
    server.start_again()
    assert len(server.json("/instances")) == 1
    assert said(server) == []
    assert tuned(kept(server, tmp_path / "second")) == (INDEXES, TABLES)


def test_index_that_exists(first: Orthanc, whole: Path) -> None:
    """An index without it gets it at the start, and the log says so, once."""
    told, done = said(first)
    assert told == BEFORE
    assert re.fullmatch(AFTER, done)
    assert tuned(whole) == (INDEXES, TABLES)


@pytest.mark.parametrize("environment", [OFF, {"ORTHANC__READ_ONLY": "true"}], ids=["off", "read-only"])
def test_index_that_stays(environment: dict[str, str], begin: Begin, bare: Path, tmp_path: Path) -> None:
    """With SQLITE_INDEX_TUNING=false, and with ReadOnly, the index stays as Orthanc makes it."""
    server = begin(environment, bare)
    assert len(server.json("/instances")) == 100
    assert said(server) == []
    assert tuned(kept(server, tmp_path / "index")) == ({}, set())


def test_index_that_refuses(begin: Begin, bare: Path, tmp_path: Path) -> None:
    """Where it cannot be added, nothing is; the log gives the reason, and Orthanc runs."""
    path = tmp_path / "index"
    shutil.copy(bare, path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE OrthancImagesListing(x)")
    server = begin({}, path)
    assert len(server.json("/instances")) == 100
    server.upload(dicom.encoded(dicom.ct()))
    assert said(server) == [
        BEFORE, FAILED + "there is already a table named OrthancImagesListing. See docs/sqlite.md.",
    ]  # fmt: skip
    with closing(sqlite3.connect(kept(server, path))) as database:
        assert database.execute(
            "SELECT sql FROM sqlite_schema WHERE name LIKE 'OrthancImages%'"
        ).fetchall() == [("CREATE TABLE OrthancImagesListing(x)",)]
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_statistics_of_others(begin: Begin, whole: Path, tmp_path: Path) -> None:
    """What ANALYZE has written about Orthanc's tables makes room for what is known of large ones."""
    with closing(sqlite3.connect(whole)) as database:
        wanted = set(database.execute("SELECT * FROM sqlite_stat1"))
        database.execute("ANALYZE")
        assert set(database.execute("SELECT * FROM sqlite_stat1")) & wanted == set()
    server = begin({}, whole)
    with closing(sqlite3.connect(kept(server, tmp_path / "later"))) as database:
        found = set(database.execute("SELECT * FROM sqlite_stat1"))
    assert {row for row in found if row[0] in TABLES} == wanted


def test_other_orthanc(begin: Begin, whole: Path, serve: Serve, tmp_path: Path) -> None:
    """Debian's Orthanc opens the index, finds what is in it, stores and deletes; then it is ours again."""
    service = serve("earlier", arguments=["forky"])
    plain = Orthanc(service.container)
    service.stop(timeout=30)
    index.put(service.container, whole, f"/forky{index.FOLDER}", uid=0)
    service.container.start()
    plain.wait_until_ready()
    assert len(plain.json("/instances")) == 100
    stored = plain.upload(dicom.encoded(dicom.ct()))
    plain.delete(f"/series/{index.named(0).public(3)}").raise_for_status()
    service.stop(timeout=30)
    (tmp_path / "later").write_bytes(index.taken(service.container, f"/forky{index.FOLDER}"))
    assert tuned(tmp_path / "later") == (INDEXES, TABLES)
    server = begin({}, tmp_path / "later")
    assert server.json(f"/instances/{stored['ID']}")["Type"] == "Instance"
    assert len(server.json("/instances")) == 51
    assert said(server) == []


def test_gain(begin: Begin, empty: Path, tmp_path: Path) -> None:
    """Among 20,000 instances, metadata of series take a third of the time, on the processor."""
    path = tmp_path / "index"
    shutil.copy(empty, path)
    index.fill(path, INSTANCES)
    spent = {}
    for name, environment in (("with", {}), ("without", OFF)):
        server = begin({"DICOM_WEB_PLUGIN_ENABLED": "true", **environment}, path)
        before = ticks(server)
        for number in (0, INSTANCES // 2):
            names = index.named(number)
            found = server.json(f"/dicom-web/studies/{names.study}/series/{names.series}/metadata")
            assert len(found) == index.IN_SERIES
        spent[name] = ticks(server) - before
        server.remove()
    assert spent["with"] < spent["without"] / 3


def ticks(server: Orthanc) -> int:
    """Return the processor time that a server's process has taken, in hundredths of a second."""
    user, system = server.read("/proc/1/stat").decode().rpartition(")")[2].split()[11:13]
    return int(user) + int(system)
