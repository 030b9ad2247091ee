"""AdvancedStorage and Indexer: names, storages, folders that are indexed, and what Indexer had before."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from harness import dicom
from harness.containers import LABEL, Orthanc
from tests.image.conftest import Start

pytestmark = pytest.mark.inherited

ON = "ADVANCED_STORAGE_PLUGIN_ENABLED"
STORAGE = "/var/lib/orthanc/db"


@pytest.fixture
def volume(client: docker.DockerClient) -> Iterator[str]:
    """Yield the name of a volume that is there for as long as the test."""
    made = client.volumes.create(f"orthanc-tests-{secrets.token_hex(5)}", labels={LABEL: "volume"})
    yield str(made.name)
    made.remove(force=True)


def settings(**section: Any) -> dict[str, str]:
    return {ON: "true", "ORTHANC__ADVANCED_STORAGE": json.dumps(section)}


def until(true: Callable[[], object]) -> None:
    """Return once something holds."""
    end = time.monotonic() + 40
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def info(orthanc: Orthanc, instance: str) -> dict[str, Any]:
    found: dict[str, Any] = orthanc.json(f"/instances/{instance}/attachments/dicom/info")
    return found


def content(orthanc: Orthanc, instance: str) -> bytes:
    return orthanc.get(f"/instances/{instance}/file").content


def found(orthanc: Orthanc, folder: str) -> list[str]:
    """Return the files below a folder of the container."""
    return sorted(orthanc.run("find", folder, "-type", "f").stdout.splitlines())


def mounted(volume: str) -> dict[str, Any]:
    return {"volumes": {volume: {"bind": STORAGE, "mode": "rw"}}}


def test_names_are_harmless_and_outlive_the_scheme(volume: str, start: Start) -> None:
    """What was stored before, with the scheme, and after it is read and deleted, each where it is."""
    one, two, three = (dicom.encoded(dicom.ct(patient=name)) for name in ("one", "../..", "a" * 64))
    server = start(**mounted(volume))
    first = server.upload(one)["ID"]
    server.stop()
    server = start(
        settings(NamingScheme=f"{{PatientID}}/{'{PatientID}' * 4}/{{UUID}}{{.ext}}"), **mounted(volume)
    )
    second = server.upload(two)["ID"]
    third = server.upload(three)["ID"]
    uuid = info(server, second)["Uuid"]
    path = f"{STORAGE}/.._../{'.._..' * 4}/{uuid}.dcm"
    assert info(server, second)["Path"] == path
    assert path in found(server, STORAGE)
    # Too long: Orthanc's own name.
    assert info(server, third)["Path"].endswith(info(server, third)["Uuid"])
    assert "is too long" in server.logs()
    server.stop()
    server = start({ON: "true"}, **mounted(volume))
    assert [content(server, each) for each in (first, second, third)] == [one, two, three]
    for each in (first, second, third):
        assert server.delete(f"/instances/{each}").status_code == 200
    assert [path for path in found(server, STORAGE) if "/index" not in path] == []


def test_files_move_between_storages_by_a_job(start: Start) -> None:
    """The answer comes when all is moved, and everything is read while it is."""
    several = {"Storages": {"a": f"{STORAGE}/a", "b": f"{STORAGE}/b"}, "CurrentWriteStorage": "a"}
    server = start(settings(MultipleStorages=several, DelayedDeletion={"Enable": True}))
    files = [dicom.encoded(dicom.ct(number)) for number in range(1, 21)]
    sent = [server.upload(each) for each in files]
    study = sent[0]["ParentStudy"]
    route = "/plugins/advanced-storage/move-storage"
    answer = server.post(route, json.dumps({"Resources": [study], "TargetStorageId": "b"}))
    assert answer.status_code == 200, answer.text
    assert {info(server, each["ID"])["StorageId"] for each in sent} == {"b"}
    assert [content(server, each["ID"]) for each in sent] == files
    status = "/plugins/advanced-storage/status"
    until(lambda: server.json(status)["FilesPendingDeletion"] == 0)
    assert found(server, f"{STORAGE}/a") == []
    later = server.post(
        route, json.dumps({"Resources": [study], "TargetStorageId": "", "Asynchronous": True})
    ).json()
    until(lambda: server.json(later["Path"])["State"] == "Success")
    assert info(server, sent[0]["ID"])["StorageId"] == ""
    assert server.post(route, json.dumps({"Resources": [study], "TargetStorageId": "c"})).status_code == 400
    assert server.post(route, json.dumps({"Resources": ["x"], "TargetStorageId": "a"})).status_code == 404


def test_one_file_is_adopted_and_abandoned(start: Start) -> None:
    """It stays where it is; what is wrong is answered with a sentence."""
    server = start({ON: "true"}, files={"/files/one.dcm": dicom.encoded(dicom.ct()), "/files/text": "no"})
    adopt, abandon = (f"/plugins/advanced-storage/{name}-instance" for name in ("adopt", "abandon"))
    said = server.post(adopt, json.dumps({"Path": "/files/one.dcm"})).json()
    assert said["Status"] == "Success"
    told = info(server, said["InstanceId"])
    assert (told["Path"], told["IsOwnedByOrthanc"], told["Uuid"]) == (
        "/files/one.dcm",
        False,
        said["AttachmentUuid"],
    )
    assert server.post(adopt, json.dumps({"Path": "/files/one.dcm"})).json()["Status"] == "AlreadyStored"
    moved = {"Resources": [said["InstanceId"]], "TargetStorageId": ""}
    assert server.post("/plugins/advanced-storage/move-storage", json.dumps(moved)).status_code == 400
    assert server.post(abandon, json.dumps({"Path": "/files/one.dcm"})).status_code == 200
    assert server.json("/instances") == []
    assert found(server, "/files") == ["/files/one.dcm", "/files/text"]
    assert server.post(abandon, json.dumps({"Path": "/files/one.dcm"})).status_code == 404
    for path in ("/files/text", "/files/none", f"{STORAGE}/index", "one.dcm"):
        refused = server.post(adopt, json.dumps({"Path": path}))
        assert refused.status_code >= 400, path
        assert refused.json()["Details"], path


@pytest.mark.parametrize("plugin", ["AdvancedStorage", "Indexer"])
def test_a_folder_is_indexed_where_it_is(volume: str, start: Start, plugin: str) -> None:
    """New files come, changed ones are read anew, and instances go with their files; nothing is copied."""
    section: dict[str, Any] = {"Folders": ["/files"], "Interval": 2}
    environment = (
        settings(Indexer={"Enable": True, **section})
        if plugin == "AdvancedStorage"
        else {"INDEXER_PLUGIN_ENABLED": "true", "ORTHANC__INDEXER": json.dumps(section)}
    )
    one, two, changed = (dicom.encoded(dicom.ct(number)) for number in (1, 2, 3))
    first = {"/files/a/one.dcm": one, "/files/text.txt": "no DICOM"}
    server = start(environment, files=first, **mounted(volume))
    until(lambda: len(server.json("/instances")) == 1)
    (instance,) = server.json("/instances")
    assert content(server, instance) == one
    server.write("/files/b/two.dcm", two)
    until(lambda: len(server.json("/instances")) == 2)
    server.write("/files/a/one.dcm", changed)
    assert server.run("touch", "/files/a/one.dcm").code == 0
    until(lambda: instance not in server.json("/instances") and len(server.json("/instances")) == 2)
    assert {content(server, each) for each in server.json("/instances")} == {changed, two}
    # Renamed: the instance stays, with what a user gave it.
    kept = next(each for each in server.json("/instances") if content(server, each) == two)
    server.put(f"/instances/{kept}/labels/mine")
    assert server.run("mv", "/files/b/two.dcm", "/files/three.dcm", user="root").code == 0
    time.sleep(4)
    assert server.json(f"/instances/{kept}/labels") == ["mine"]
    assert content(server, kept) == two
    assert [path for path in found(server, STORAGE) if "/index" not in path] == []
    server.run("rm", "/files/three.dcm", user="root")
    until(lambda: len(server.json("/instances")) == 1)
    # What a user deletes stays away, and its file stays.
    (last,) = server.json("/instances")
    server.delete(f"/instances/{last}")
    time.sleep(4)
    assert server.json("/instances") == []
    assert found(server, "/files") == ["/files/a/one.dcm", "/files/text.txt"]


def test_indexers_own_file_is_taken_over(volume: str, start: Start, tmp_path: Path) -> None:
    """What its SQLite file links is in the index afterwards, and no file is indexed twice."""
    one = dicom.encoded(dicom.ct(1))
    server = start(**mounted(volume))
    instance = server.upload(one)["ID"]
    uuid = info(server, instance)["Uuid"]
    # As the official plugin has it: no copy, and two rows.
    made = tmp_path / "indexer-plugin.db"
    database = sqlite3.connect(made)
    for statement, values in (
        ("CREATE TABLE Files(path TEXT PRIMARY KEY, time INT, size INT, isDicom INT, instanceId TEXT)", ()),
        ("CREATE TABLE Attachments(uuid TEXT PRIMARY KEY, instanceId TEXT)", ()),
        ("INSERT INTO Files VALUES ('/files/one.dcm', 0, ?, 1, ?)", (len(one), instance)),
        ("INSERT INTO Attachments VALUES (?, ?)", (uuid, instance)),
    ):
        database.execute(statement, values)
    database.commit()
    database.close()
    server.write(f"{STORAGE}/indexer-plugin.db", made.read_bytes())
    assert server.run("rm", f"{STORAGE}/{uuid[:2]}/{uuid[2:4]}/{uuid}").code == 0
    server.stop()
    server = start(
        {"INDEXER_PLUGIN_ENABLED": "true", "ORTHANC__INDEXER__FOLDERS": '["/files"]'},
        files={"/files/one.dcm": one},
        **mounted(volume),
    )
    assert content(server, instance) == one
    server.wait_for_log("has been taken over into Orthanc's index: 1 instances and 1 files")
    assert content(server, instance) == one
    time.sleep(3)
    assert server.json("/instances") == [instance]
    assert info(server, instance)["Uuid"] == uuid
    assert f"{STORAGE}/indexer-plugin.db.taken-over" in found(server, STORAGE)


def test_two_storages_do_not_start(start: Start) -> None:
    """What to turn off is named."""
    server = start(
        {**settings(), "INDEXER_PLUGIN_ENABLED": "true", "ORTHANC__INDEXER__FOLDERS": '["/files"]'},
        files={"/files/text": "x"},
        wait=False,
    )
    assert server.wait_for_exit() != 0
    assert "Orthanc can have only one storage, and these are enabled" in server.logs()
    assert "ORTHANC__INDEXER__ENABLE=false or ORTHANC__ADVANCED_STORAGE__ENABLE=false" in server.logs()
