"""Data of earlier Orthancs, and folders of other users: taken over whole, or refused with the remedy."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import docker
import pytest

from harness import dicom
from harness.archive import REST, STORE, Ledger
from harness.containers import Orthanc
from services import running
from services.fixtures import Serve
from services.running import Service
from startup.errors import EXIT_CONFIGURATION
from tests.image.conftest import Start
from tests.system.conftest import Figure
from tests.system.databases import KINDS, settings, sql
from tests.system.integrity import broken, miscounted

FOLDER = "/var/lib/orthanc/db"
SUITES = {"bookworm": "1.10.1", "trixie": "1.12.7"}
"""The Debian to the version of its Orthanc."""

LEVELS = ("patients", "studies", "series", "instances")
FILES = 12


class Resource(NamedTuple):
    """What a server says of a patient, study, series or instance: tags, metadata, attached files and labels.

    When it was changed last is left out: it changes with what is added.
    """

    tags: Mapping[str, str]
    metadata: Mapping[str, str]
    attachments: Mapping[str, str]
    labels: Mapping[str, str]


def resources(server: Orthanc) -> dict[str, Resource]:
    """Return all that a server has, by level and identifier; an attached file is the hash of its bytes."""
    return {
        f"{level}/{one['ID']}": Resource(
            one["MainDicomTags"],
            lasting(server.json(f"/{level}/{one['ID']}/metadata?expand")),
            {
                name: hashlib.sha256(
                    server.get(f"/{level}/{one['ID']}/attachments/{name}/data").content
                ).hexdigest()
                for name in server.json(f"/{level}/{one['ID']}/attachments")
            },
            dict.fromkeys(one.get("Labels", []), ""),
        )
        for level in LEVELS
        for one in server.json(f"/{level}?expand")
    }


def lasting(metadata: dict[str, str]) -> dict[str, str]:
    """Return the metadata without the time of the last change."""
    return {name: text for name, text in metadata.items() if name != "LastUpdate"}


def changed(before: Mapping[str, Resource], after: Mapping[str, Resource]) -> dict[str, Any]:
    """Return what of the earlier resources is no longer there, or not the same; more may be there."""
    return {
        name: (one, after.get(name))
        for name, one in before.items()
        if name not in after
        or any(not earlier.items() <= later.items() for earlier, later in zip(one, after[name], strict=True))
    }


def fill(server: Orthanc, ledger: Ledger) -> None:
    """Give an earlier server instances, metadata and an attachment of a user, and a deleted instance."""
    ledger.fill(server, FILES)
    (patient,), (study,) = server.json("/patients"), server.json("/studies")
    server.put(f"/patients/{patient}/metadata/1030", "Zoë").raise_for_status()
    server.put(f"/studies/{study}/attachments/1031", b"\0report\xff" * 1000).raise_for_status()
    if "HasLabels" in server.json("/system"):
        server.put(f"/studies/{study}/labels/upgraded").raise_for_status()
    gone = server.upload(dicom.encoded(dicom.mr(patient="GONE")))
    server.delete(f"/instances/{gone['ID']}").raise_for_status()
    kept = server.upload(dicom.encoded(dicom.mr(patient="PROTECTED")))
    server.put(f"/patients/{kept['ParentPatient']}/protected", "1").raise_for_status()


def changes(server: Orthanc) -> set[tuple[object, ...]]:
    """Return the changes that a server lists: number, kind and resource."""
    found = server.json("/changes?limit=0")["Changes"]
    return {(one["Seq"], one["ChangeType"], one["ID"]) for one in found}


def protected(server: Orthanc) -> dict[str, str]:
    """Return whether each patient is protected."""
    return {one: server.get(f"/patients/{one}/protected").text for one in server.json("/patients")}


def own(start: Start, volume: str) -> None:
    """Give a volume that another user has written to user 999 and group 0, as the message says."""
    mounted = {volume: {"bind": FOLDER, "mode": "rw"}}
    words = ["chown", "-R", "999:0", FOLDER]
    assert start(arguments=words, wait=False, user="0", volumes=mounted).wait_for_exit() == 0


@pytest.mark.timeout(600)
@pytest.mark.parametrize("index", ["SQLite", "PostgreSQL", "MySQL"])
@pytest.mark.parametrize("suite", SUITES)
def test_data_of_an_earlier_orthanc(
    suite: str, index: str, volume: str, serve: Serve, start: Start, client: docker.DockerClient,
    network: str, figure: Figure,
) -> None:  # fmt: skip
    """A volume of Debian's Orthanc 1.10.1 and 1.12.7 is taken over: bytes, tags, metadata, attachments."""
    environment: dict[str, str] = {}
    files: dict[str, str] = {}
    if index in KINDS:
        kind = KINDS[index]
        database = serve(kind.stage)
        environment = settings(kind, database.name)
        files = {"/service/orthanc.json": json.dumps(with_index(index, database))}
    mounted = {volume: {"bind": f"/{suite}{FOLDER}", "mode": "rw"}}
    service = serve("earlier", arguments=[suite], volumes=mounted, files=files)
    earlier, ledger = Orthanc(service.container), Ledger()
    assert earlier.json("/system")["Version"] == SUITES[suite]
    fill(earlier, ledger)
    before, listed, shielded = resources(earlier), changes(earlier), protected(earlier)
    service.stop(timeout=30)
    own(start, volume)
    volumes = {volume: {"bind": FOLDER, "mode": "rw"}}
    server = start(environment, volumes=volumes, timeout=60, **running.on(client, network))
    assert len(before) == FILES + 7 + 1 + 1 + 4
    assert changed(before, resources(server)) == {}
    assert listed - changes(server) == set()
    assert sorted(shielded.values()) == ["0", "1"]
    assert protected(server) == shielded
    if index in KINDS:
        assert (
            broken(lambda text: sql(database, text), storage=False, child_counts=index == "PostgreSQL") == {}
        )
        assert miscounted(server, lambda text: sql(database, text)) == {}
    for way in (REST, STORE):
        ledger.fill(server, 5, way)
    assert ledger.lost(server) == []
    server.stop(timeout=30)
    server.start_again(60)
    assert ledger.lost(server) == []
    assert changed(before, resources(server)) == {}
    figure("from version", SUITES[suite])
    figure("instances kept", len(ledger.kept))
    figure("instances lost", 0)


def with_index(index: str, database: Service) -> dict[str, Any]:
    """Return the configuration of an earlier Orthanc that has its index in a database."""
    user = KINDS[index].user
    section: dict[str, Any] = {"EnableIndex": True, "EnableStorage": False, "Lock": False}
    if index == "MySQL":
        section["UnixSocket"] = ""
    return {
        "StorageDirectory": FOLDER,
        "RemoteAccessAllowed": True,
        "AuthenticationEnabled": False,
        "Plugins": [f"/usr/share/orthanc/plugins/libOrthanc{index}Index.so"],
        index: {
            **section,
            "Host": database.name,
            "Port": database.kind.port,
            "Database": user,
            "Username": user,
            "Password": user,
        },
    }


@pytest.mark.timeout(120)
def test_volume_of_root(volume: str, start: Start, figure: Figure) -> None:
    """A volume that root has written is refused with the ways out, and each of them keeps the data."""
    volumes = {volume: {"bind": FOLDER, "mode": "rw"}}
    server, ledger = start(user="0:0", volumes=volumes), Ledger()
    ledger.fill(server, 5)
    server.stop()
    refused = start(volumes=volumes, wait=False)
    assert refused.wait_for_exit() == EXIT_CONFIGURATION
    assert re.search(rf"{FOLDER}/\w+ cannot be written: it belongs to 0:0 ", refused.logs())
    assert f"--entrypoint chown -v {volume}:{FOLDER} IMAGE -R 999:999 {FOLDER}" in refused.logs()
    for way in ("as root", "given at the start", "given by hand"):
        if way == "given by hand":
            own(start, volume)
        environment = {"ORTHANC_FIX_OWNERSHIP": "true"} if way == "given at the start" else {}
        options = {} if way == "given by hand" else {"user": "0:0"}
        server = start(environment, volumes=volumes, **options)
        assert ledger.lost(server) == []
        ledger.fill(server, 5)
        server.stop()
    figure("instances kept", len(ledger.kept))
    figure("instances lost", 0)
