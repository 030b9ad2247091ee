"""32 clients at once over REST, C-STORE and DICOMweb, for a bounded time; memory comes to rest."""

from __future__ import annotations

import time

import pytest

from harness.archive import REST, STORE, STOW, Ledger, Way
from harness.containers import Orthanc
from tests.image.conftest import Start
from tests.system.conftest import Figure

WAYS = {"REST": REST, "C-STORE": STORE, "DICOMweb": STOW}
CLIENTS = 32
SECONDS = 8
PLATEAU = 64
"""How much more memory a second round of the same load may leave, in MiB."""


def resident(server: Orthanc) -> float:
    """Return the memory of Orthanc's process, in MiB."""
    status = server.read("/proc/1/status").decode()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def loaded(server: Orthanc, way: Way) -> Ledger:
    """Return what was sent in one round of load, which all must have been acknowledged."""
    ledger = Ledger()
    with ledger.load(server, way, clients=CLIENTS):
        time.sleep(SECONDS)
    return ledger


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", WAYS)
def test_clients(name: str, start: Start, figure: Figure) -> None:
    """Everything is acknowledged and kept, and a second round leaves hardly more memory than the first."""
    server = start({"DICOM_WEB_PLUGIN_ENABLED": "true"})
    memory = [resident(server)]
    for _ in range(2):
        ledger = loaded(server, WAYS[name])
        memory.append(resident(server))
        figure("instances per second", round(len(ledger.kept) / SECONDS))
        figure("errors", ledger.refused)
        assert ledger.refused == 0
        assert ledger.lost(server) == []
        server.delete(f"/patients/{server.json('/patients')[0]}")
    for when, amount in zip(("at rest", "after one round", "after two"), memory, strict=True):
        figure(f"MiB {when}", round(amount))
    assert memory[2] - memory[1] < PLATEAU
