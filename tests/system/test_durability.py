"""Killed servers and full disks: what was acknowledged stays, and nothing is left half-stored."""

from __future__ import annotations

import random
import time

import docker
import pytest

from harness.archive import REST, STORE, Ledger, unreadable
from harness.containers import Orthanc
from services import running
from services.fixtures import Serve
from tests.image.conftest import Start
from tests.system.conftest import Figure
from tests.system.test_databases import KINDS, settings

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
    """After each of 20 kills amid REST and C-STORE, every acknowledged instance is there, whole."""
    environment = {}
    if index == "PostgreSQL":
        environment = settings(KINDS[index], serve("postgresql").name)
    volumes = {volume: {"bind": "/var/lib/orthanc/db", "mode": "rw"}}
    server = start(environment, volumes=volumes, init=True, **running.on(client, network))
    ledger, chance = Ledger(), random.Random(index)
    for number in range(KILLS):
        with ledger.load(server, REST, STORE):
            ledger.grow(3)
            time.sleep(chance.uniform(0, 0.2))
            killed(server, number)
        assert ledger.lost(server) == [], f"after kill {number + 1}"
        assert unreadable(server, ledger) == [], f"after kill {number + 1}"
    figure("kills", KILLS)
    figure("instances acknowledged", len(ledger.kept))
    figure("sends cut", ledger.refused)
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
