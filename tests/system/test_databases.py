"""PostgreSQL and MariaDB as index, and as index and storage: nothing that was acknowledged is ever lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import docker
import pytest

from harness.archive import REST, STORE, STOW, Ledger
from harness.containers import LABEL, Orthanc
from services import running
from services.fixtures import Serve
from services.running import Service
from tests.image.conftest import Start
from tests.system.conftest import Figure


class DatabaseKind(NamedTuple):
    """A database: its service, its section among the settings, and how Orthanc names its plugins."""

    stage: str
    section: str
    user: str
    plugins: tuple[str, str]


KINDS = {
    "PostgreSQL": DatabaseKind(
        "postgresql", "POSTGRESQL", "postgres", ("postgresql-index", "postgresql-storage")
    ),
    "MySQL": DatabaseKind("mariadb", "MYSQL", "orthanc", ("mysql-index", "mysql-storage")),
}

Connect = Callable[..., Orthanc]


def settings(kind: DatabaseKind, host: str, *, storage: bool = False, password: str = "") -> dict[str, str]:
    """Return the variables with which Orthanc uses a database."""
    prefix = f"ORTHANC__{kind.section}__"
    return {
        f"{prefix}HOST": host,
        f"{prefix}DATABASE": kind.user,
        f"{prefix}USERNAME": kind.user,
        f"{prefix}PASSWORD": password or kind.user,
        f"{prefix}ENABLE_STORAGE": str(storage).lower(),
        "DICOM_WEB_PLUGIN_ENABLED": "true",
    }


@pytest.fixture
def connect(volume: str, start: Start, client: docker.DockerClient, network: str) -> Connect:
    """Return a function that starts a server beside the services; with kept=True a volume has its files."""

    def begin(environment: dict[str, str], *, kept: bool = False, **options: object) -> Orthanc:
        volumes = {volume: {"bind": "/var/lib/orthanc/db", "mode": "rw"}} if kept else {}
        return start(environment, volumes=volumes, **running.on(client, network), **options)

    return begin


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> DatabaseKind:
    """Return each database."""
    return KINDS[request.param]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("storage", [False, True], ids=["index", "index and storage"])
def test_restarts(kind: DatabaseKind, storage: bool, serve: Serve, connect: Connect, figure: Figure) -> None:
    """What REST, C-STORE and STOW-RS stored is there after restarts of Orthanc, of the database, of both."""
    database = serve(kind.stage)
    server = connect(settings(kind, database.name, storage=storage), kept=True)
    assert set(kind.plugins[: 1 + storage]) <= server.plugins()
    ledger = Ledger()
    for way in (REST, STORE, STOW):
        ledger.fill(server, 10, way)
    for act in (restarted, lambda _, database: reopened(database), both):
        act(server, database)
        assert eventually(server)
        assert ledger.lost(server) == []
    ledger.fill(server, 5)
    assert ledger.lost(server) == []
    figure("restarts", 3)
    figure("instances kept", len(ledger.kept))
    figure("instances lost", 0)


def restarted(server: Orthanc, _database: Service) -> None:
    """Stop Orthanc, and start it again."""
    server.container.stop()
    server.start_again(60)


def reopened(database: Service) -> None:
    """Stop the database, and start it again, while Orthanc runs."""
    database.stop()
    database.start_again()


def both(server: Orthanc, database: Service) -> None:
    """Stop Orthanc and the database; Orthanc comes first."""
    server.container.stop()
    database.stop()
    server.container.start()
    server.container.reload()
    time.sleep(1)
    database.start_again()


def eventually(server: Orthanc, timeout: float = 90) -> bool:
    """Tell whether the server answers from its index in time; it is started again if it ended."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        try:
            if not server.running:
                server.container.start()
                server.container.reload()
            if server.get("/statistics", timeout=10).status_code == 200:
                return True
        except Exception:  # it is on its way
            server.container.reload()
        time.sleep(0.2)
    return False


@pytest.mark.timeout(180)
def test_database_comes_late(kind: DatabaseKind, serve: Serve, connect: Connect, figure: Figure) -> None:
    """Orthanc waits for a database that starts seconds after it."""
    database = serve(kind.stage)
    database.stop()
    server = connect(settings(kind, database.name), wait=False)
    time.sleep(4)
    assert server.running, server.logs()
    began = time.monotonic()
    database.start_again()
    server.wait_until_ready(90)
    figure("seconds from the database to the first answer", round(time.monotonic() - began, 1))
    ledger = Ledger()
    ledger.fill(server, 3)
    assert ledger.lost(server) == []


@pytest.mark.timeout(180)
def test_wrong_password(kind: DatabaseKind, serve: Serve, connect: Connect, figure: Figure) -> None:
    """A refused password ends the container with an error that says so, and never shows it."""
    database = serve(kind.stage)
    began = time.monotonic()
    given = settings(kind, database.name, password="not-the-password")
    given[f"ORTHANC__{kind.section}__MAXIMUM_CONNECTION_RETRIES"] = "1"
    server = connect(given, wait=False)
    assert server.wait_for_exit(60) != 0
    figure("seconds to the end", round(time.monotonic() - began, 1))
    log = server.logs()
    assert "password authentication failed" in log or "Access denied for user" in log
    assert "not-the-password" not in log


@pytest.mark.timeout(240)
@pytest.mark.parametrize("storage", [False, True], ids=["index", "index and storage"])
def test_outage_under_load(
    kind: DatabaseKind, storage: bool, serve: Serve, connect: Connect, figure: Figure
) -> None:
    """The database goes away under load and comes back: what was acknowledged before and after is there."""
    database = serve(kind.stage)
    server = connect(settings(kind, database.name, storage=storage), kept=True)
    ledger = Ledger()
    with ledger.load(server, REST, STORE):
        ledger.grow(10)
        database.stop(timeout=1)
        time.sleep(2)
        database.start_again()
        assert eventually(server)
        ledger.grow(10)
    figure("outages", 1)
    figure("instances acknowledged", len(ledger.kept))
    figure("sends refused", ledger.refused)
    lost = ledger.lost(server)
    figure("instances lost", len(lost))
    assert ledger.refused > 0
    assert lost == []


@pytest.mark.timeout(240)
def test_two_servers_on_one_index(serve: Serve, connect: Connect, figure: Figure) -> None:
    """Two servers on one PostgreSQL write at the same time; each shows and delivers everything."""
    kind = KINDS["PostgreSQL"]
    database = serve(kind.stage)
    first = connect(settings(kind, database.name, storage=True))
    second = connect(settings(kind, database.name, storage=True))
    ledger = Ledger()
    with ledger.load(first, REST), ledger.load(second, REST, STORE):
        ledger.grow(60)
    for server in (first, second):
        assert ledger.lost(server) == []
    assert first.json("/statistics")["CountInstances"] == len(ledger.kept)
    figure("instances acknowledged", len(ledger.kept))
    figure("instances lost", 0)


@pytest.mark.timeout(240)
def test_one_of_two_servers_is_killed(serve: Serve, connect: Connect, figure: Figure) -> None:
    """Of two servers on one PostgreSQL, each is killed under load: the other goes on, nothing is lost."""
    kind = KINDS["PostgreSQL"]
    database = serve(kind.stage)
    first, second = (connect(settings(kind, database.name, storage=True)) for _ in range(2))
    ledgers = {first: Ledger(), second: Ledger("SECOND")}
    kills = 0
    with ledgers[first].load(first, REST, STORE), ledgers[second].load(second, REST, STORE):
        for victim, other in ((first, second), (second, first)):
            ledgers[victim].grow(5)
            victim.container.kill("SIGKILL")
            kills += 1
            ledgers[other].grow(10)
            victim.container.wait(timeout=30)
            victim.start_again(60)
    for server in (first, second):
        for ledger in ledgers.values():
            assert ledger.lost(server) == []
    figure("kills", kills)
    figure("instances acknowledged", sum(len(ledger.kept) for ledger in ledgers.values()))
    figure("instances lost", 0)


@pytest.fixture
def small(client: docker.DockerClient) -> Iterator[str]:
    """Yield the name of a volume in memory with 110 MiB; it is lost when no container has it any more."""
    options = {"type": "tmpfs", "device": "tmpfs", "o": "size=110m,mode=1777"}
    made = client.volumes.create(driver_opts=options, labels={LABEL: "volume"})
    yield str(made.name)
    made.remove(force=True)


@pytest.mark.timeout(240)
def test_database_without_room(
    small: str, serve: Serve, connect: Connect, start: Start, figure: Figure
) -> None:
    """PostgreSQL's disk is full under load: clients get errors, and once there is room nothing is missing."""
    kind, volumes = KINDS["PostgreSQL"], {small: {"bind": "/small", "mode": "rw"}}
    disk = start(arguments=["sleep", "600"], wait=False, volumes=volumes, init=True)
    database = serve(kind.stage, environment={"PGDATA": "/small/data"}, volumes=volumes)
    server = connect(settings(kind, database.name, storage=True))
    ledger = Ledger()
    with ledger.load(server, REST, STORE):
        ledger.grow(10)
        assert "No space left" in disk.run("dd", "if=/dev/zero", "of=/small/ballast", "bs=64k").stderr
        end = time.monotonic() + 60
        while ledger.refused < 5 and time.monotonic() < end:
            time.sleep(0.1)
        refused = ledger.refused
        disk.run("rm", "/small/ballast")
        database.start_again()
        assert eventually(server)
        ledger.grow(10)
    lost = ledger.lost(server)
    figure("instances acknowledged", len(ledger.kept))
    figure("sends refused", ledger.refused)
    figure("instances lost", len(lost))
    figure("full disks", 1)
    assert refused >= 5
    assert lost == []
