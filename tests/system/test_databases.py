"""PostgreSQL and MariaDB as index, and as index and storage: nothing that was acknowledged is ever lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

import docker
import pytest

from harness.archive import REST, STORE, STOW, Ledger
from harness.containers import LABEL, Orthanc
from services import running
from services.fixtures import Serve, Tool
from services.running import Service
from tests.image.conftest import Start
from tests.system.conftest import Figure
from tests.system.databases import DATA, KINDS, SERVERS, DatabaseKind, eventually, settings

Connect = Callable[..., Orthanc]
EVERY = pytest.mark.parametrize("kind", KINDS, indirect=True)
SHARED = pytest.mark.parametrize("kind", SERVERS, indirect=True)
STORAGE = pytest.mark.parametrize("storage", [False, True], ids=["index", "index and storage"])


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> DatabaseKind:
    """Return a database by its name."""
    return KINDS[request.param]


@pytest.fixture
def connect(
    kind: DatabaseKind, volume: str, start: Start, tool: Tool, client: docker.DockerClient, network: str
) -> Connect:
    """Return a function that starts a server on a database; with kept=True a volume has its files."""

    def begin(
        database: Service | None,
        *,
        kept: bool = False,
        storage: bool = False,
        password: str = "",
        environment: Mapping[str, str] | None = None,
        **options: object,
    ) -> Orthanc:
        given = settings(kind, database.name if database else "", storage=storage, password=password)
        volumes = {volume: {"bind": DATA, "mode": "rw"}} if kept else {}
        image = {"image": tool("odbc")} if kind.odbc else {}
        more = {"volumes": volumes, **image, **running.on(client, network), **options}
        return start({**given, **(environment or {})}, **more)

    return begin


@pytest.mark.timeout(240)
@EVERY
@STORAGE
def test_restarts(kind: DatabaseKind, storage: bool, serve: Serve, connect: Connect, figure: Figure) -> None:
    """What REST, C-STORE and STOW-RS stored is there after restarts of Orthanc, of the database, of both."""
    database = serve(kind.stage) if kind.stage else None
    server = connect(database, storage=storage, kept=True)
    assert set(kind.plugins[: 1 + storage]) <= server.plugins()
    ledger = Ledger()
    for way in (REST, STORE, STOW):
        ledger.fill(server, 10, way)
    acts: list[Callable[[], None]] = [lambda: restarted(server)]
    if database:
        acts += [lambda: reopened(database), lambda: both(server, database)]
    for act in acts:
        act()
        assert eventually(server)
        assert ledger.lost(server) == []
    ledger.fill(server, 5)
    assert ledger.lost(server) == []
    figure("restarts", len(acts))
    figure("instances kept", len(ledger.kept))
    figure("instances lost", 0)


def restarted(server: Orthanc) -> None:
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


@pytest.mark.timeout(180)
@SHARED
def test_database_comes_late(kind: DatabaseKind, serve: Serve, connect: Connect, figure: Figure) -> None:
    """Orthanc waits for a database that starts seconds after it."""
    database = serve(kind.stage)
    database.stop()
    server = connect(database, wait=False)
    time.sleep(4)
    assert server.running, server.logs()
    began = time.monotonic()
    database.start_again()
    server.wait_until_ready(90)
    figure("seconds from the database to the first answer", round(time.monotonic() - began, 1))
    ledger = Ledger()
    ledger.fill(server, 3)
    assert ledger.lost(server) == []


@pytest.mark.timeout(240)
@SHARED
@STORAGE
def test_outage_under_load(
    kind: DatabaseKind, storage: bool, serve: Serve, connect: Connect, figure: Figure
) -> None:
    """The database goes away under load and comes back: what was acknowledged before and after is there."""
    database = serve(kind.stage)
    server = connect(database, storage=storage, kept=True)
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
@SHARED
def test_two_servers_on_one_index(kind: DatabaseKind, serve: Serve, connect: Connect, figure: Figure) -> None:
    """Two servers on one database write at the same time; each shows and delivers everything."""
    database = serve(kind.stage)
    first, second = (connect(database, storage=True) for _ in range(2))
    ledger = Ledger()
    with ledger.load(first, REST), ledger.load(second, REST, STORE):
        ledger.grow(60)
    for server in (first, second):
        assert ledger.lost(server) == []
    assert first.json("/statistics")["CountInstances"] == len(ledger.kept)
    figure("instances acknowledged", len(ledger.kept))
    figure("instances lost", 0)


@pytest.mark.timeout(240)
@SHARED
def test_one_of_two_servers_is_killed(
    kind: DatabaseKind, serve: Serve, connect: Connect, figure: Figure
) -> None:
    """Of two servers on one database, each is killed under load: the other goes on, nothing is lost."""
    database = serve(kind.stage)
    first, second = (connect(database, storage=True) for _ in range(2))
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
    """Yield the name of a volume in memory with 240 MiB; it is lost when no container has it any more."""
    options = {"type": "tmpfs", "device": "tmpfs", "o": "size=240m,mode=1777"}
    made = client.volumes.create(driver_opts=options, labels={LABEL: "volume"})
    yield str(made.name)
    made.remove(force=True)


@pytest.mark.timeout(240)
@SHARED
def test_database_without_room(
    kind: DatabaseKind, small: str, serve: Serve, connect: Connect, start: Start, figure: Figure
) -> None:
    """The database's disk is full under load: clients get errors, and with room nothing is missing."""
    volumes = {small: {"bind": "/small", "mode": "rw"}}
    disk = start(arguments=["sleep", "600"], wait=False, volumes=volumes, init=True)
    database = serve(
        kind.stage, environment={"PGDATA": "/small/data", "MYSQL_DATADIR": "/small/data"}, volumes=volumes
    )
    server = connect(database, storage=True)
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
