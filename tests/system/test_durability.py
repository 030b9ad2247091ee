"""Killed servers and full disks: what was acknowledged stays, and nothing is left half-stored."""

from __future__ import annotations

import random
import time

import docker
import pytest

from harness.archive import REST, STORE, Ledger, unreadable
from harness.containers import Orthanc
from services import running
from services.fixtures import Serve, Tool
from tests.image.conftest import Start
from tests.system.conftest import Figure
from tests.system.databases import KINDS, SERVERS, eventually, settings, sql
from tests.system.integrity import broken, miscounted

KILLS = 20


def killed(server: Orthanc, number: int) -> None:
    """Kill Orthanc's process, or the container with all that is in it, in turn; then start it again."""
    if number % 2:
        server.container.kill("SIGKILL")
    else:
        server.container.exec_run(["sh", "-c", "kill -KILL -1"], detach=True)  # all but the first process
    server.container.wait(timeout=30)
    server.container.start()
    server.container.reload()
    server.wait_until_ready(60)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("index", ["SQLite", "PostgreSQL"])
def test_kills(
    index: str,
    volume: str,
    serve: Serve,
    start: Start,
    client: docker.DockerClient,
    network: str,
    figure: Figure,
) -> None:
    """After each of 20 kills amid REST and C-STORE, every acknowledged instance is there, whole.

    Those of earlier kills are read once more in the end.
    """
    environment = {}
    if index == "PostgreSQL":
        environment = settings(KINDS[index], serve("postgresql").name)
    volumes = {volume: {"bind": "/var/lib/orthanc/db", "mode": "rw"}}
    server = start(environment, volumes=volumes, init=True, **running.on(client, network))
    ledger, chance = Ledger(), random.Random(index)
    read = 0
    for number in range(KILLS):
        with ledger.load(server, REST, STORE):
            ledger.grow(3)
            time.sleep(chance.uniform(0, 0.2))
            killed(server, number)
        assert ledger.lost(server, read) == [], f"after kill {number + 1}"
        assert unreadable(server, ledger) == [], f"after kill {number + 1}"
        read = len(ledger.kept)
    assert ledger.lost(server) == []
    figure("kills", KILLS)
    figure("instances acknowledged", len(ledger.kept))
    figure("sends cut", ledger.refused)
    figure("instances lost", 0)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SERVERS)
def test_kills_of_servers_and_database(
    name: str,
    serve: Serve,
    start: Start,
    tool: Tool,
    client: docker.DockerClient,
    network: str,
    figure: Figure,
) -> None:
    """Kills of Orthanc and of the database under load from two servers lose nothing, and leave no orphans."""
    kind, chance = SERVERS[name], random.Random(name)
    kills = (
        KILLS if not kind.odbc else KILLS // 4
    )  # the schemas are what the kills try, and the drivers a little
    database = serve(kind.stage)
    options = {"init": True, "timeout": 60, **running.on(client, network)}
    if kind.odbc:
        options["image"] = tool("odbc")
    servers = [start(settings(kind, database.name, storage=True), **options) for _ in range(2)]
    ledgers = [Ledger(patient) for patient in ("FIRST", "SECOND")]
    with ledgers[0].load(servers[0], REST, STORE), ledgers[1].load(servers[1], REST, STORE):
        for number in range(2 * kills):
            for ledger in ledgers:
                ledger.grow(2)
            time.sleep(chance.uniform(0, 0.2))
            if number % 2:
                killed(servers[number // 2 % 2], number // 4)
            else:
                database.container.kill("SIGKILL")
                database.container.wait(timeout=30)
                database.start_again()
            assert all(map(eventually, servers)), f"after kill {number + 1}"
    for server in servers:
        for ledger in ledgers:
            assert ledger.lost(server) == []
    own = not kind.odbc and kind.stage == "postgresql"
    # Files aside: where the answer to a commit is cut, Orthanc removes the file, as not acknowledged.
    assert (
        broken(lambda text: sql(database, text), storage=False, child_counts=own, labels=not kind.odbc) == {}
    )
    for server in servers:
        assert miscounted(server, lambda text: sql(database, text)) == {}
    figure("kills of Orthanc", kills)
    figure("kills of the database", kills)
    figure("instances acknowledged", sum(len(ledger.kept) for ledger in ledgers))
    figure("sends cut", sum(ledger.refused for ledger in ledgers))
    figure("instances lost", 0)


@pytest.mark.timeout(120)
def test_full_disk(start: Start, figure: Figure) -> None:
    """On a full disk clients get errors and nothing is lost; with room again, the server goes on."""
    server = start(tmpfs={"/var/lib/orthanc/db": "size=6m,uid=999"})
    ledger = Ledger()
    server.run("dd", "if=/dev/zero", "of=/var/lib/orthanc/db/ballast", "bs=1M", "count=2")
    while ledger.refused < 8 and len(ledger.kept) < 5000:
        ledger.give(server, (REST, STORE)[len(ledger.kept) % 2])
    assert ledger.refused == 8
    assert server.running
    assert ledger.lost(server) == []
    assert unreadable(server, ledger) == []
    server.run("rm", "/var/lib/orthanc/db/ballast")
    ledger.fill(server, 10)
    assert ledger.lost(server) == []
    figure("full disks", 1)
    figure("instances acknowledged", len(ledger.kept))
    figure("instances lost", 0)
