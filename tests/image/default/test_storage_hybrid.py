"""Files in two places, the store and the file system, and moving them from one to the other."""

from __future__ import annotations

import time
from typing import Any

import pytest

from harness import dicom
from harness.containers import Orthanc
from harness.gateway import Gateway
from harness.stores import AnyBucket
from tests.image.conftest import Start
from tests.image.default.conftest import Keep, Volume
from tests.image.default.test_storage import uuid

FOLDER = "/var/lib/orthanc/db"
BOTH = ("WriteToObjectStorage", "WriteToFileSystem")


def on_disk(server: Orthanc) -> set[str]:
    """Return the names of the files in Orthanc's own folder."""
    found = server.run("find", FOLDER, "-type", "f", "-path", f"{FOLDER}/*/*/*", "-printf", "%f\\n")
    return set(found.stdout.split())


def upload(server: Orthanc, numbers: range, study: str = "study") -> dict[str, bytes]:
    """Store so many slices of one study: their identifiers, and what was sent."""
    sent = [dicom.encoded(dicom.ct(number, patient="hybrid", study=study)) for number in numbers]
    return {server.upload(each)["ID"]: each for each in sent}


def read(server: Orthanc, instances: dict[str, bytes]) -> dict[str, bytes]:
    """Return what the server hands out for these instances."""
    return {one: server.get(f"/instances/{one}/file").content for one in instances}


def move(server: Orthanc, target: str, *resources: str, **more: Any) -> Any:
    """Return Orthanc's answer to a request to move these to the other place."""
    body = {"Resources": list(resources), "TargetStorage": target, **more}
    answer = server.post("/move-storage", json=body, timeout=120)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("mode", BOTH)
def test_files_of_before_are_found(
    bucket: AnyBucket, keep: Keep, start: Start, volume: Volume, mode: str
) -> None:
    """An archive on disk goes on in hybrid mode: old files are read, new ones go where the mode says."""
    before = start(volumes=volume)
    old = upload(before, range(1, 3))
    before.stop()
    server = keep(bucket, {"HybridMode": mode}, volumes=volume)
    new = upload(server, range(3, 5))
    assert {**old, **new} == read(server, {**old, **new})
    names = {uuid(server, one) for one in new}
    if mode == "WriteToObjectStorage":
        assert {f"{name}.dcm" for name in names} == bucket.stored.names()
    else:
        assert names < on_disk(server)
        assert bucket.stored.names() == set()


@pytest.mark.parametrize("mode", BOTH)
def test_files_are_removed_wherever_they_are(
    bucket: AnyBucket, keep: Keep, start: Start, volume: Volume, mode: str
) -> None:
    """Removing a study removes its files from both places, without an error for what is in one only."""
    before = start(volumes=volume)
    old = upload(before, range(1, 3))
    before.stop()
    server = keep(bucket, {"HybridMode": mode}, volumes=volume)
    upload(server, range(3, 5))
    study = server.json(f"/instances/{next(iter(old))}/study")["ID"]
    server.delete(f"/studies/{study}").raise_for_status()
    assert (on_disk(server), bucket.stored.names()) == (set(), set())
    assert "failed to delete" not in server.logs()


@pytest.mark.parametrize("mode", BOTH)
def test_move_and_back(bucket: AnyBucket, keep: Keep, mode: str) -> None:
    """A study is moved to the other place and back, with every attachment, and stays readable."""
    server = keep(bucket, {"HybridMode": mode})
    sent = upload(server, range(1, 4))
    one = next(iter(sent))
    server.put(f"/instances/{one}/attachments/1024", b"mine").raise_for_status()
    study = server.json(f"/instances/{one}/study")["ID"]
    files = {uuid(server, each) for each in sent} | {uuid(server, one, "1024")}
    for target in ("file-system", "object-storage", "file-system"):
        assert move(server, target, study) == {"Studies": [study]}
        there, gone = (on_disk(server), bucket.stored.names())[:: 1 if target == "file-system" else -1]
        assert {name.partition(".")[0] for name in there} == files
        assert gone == set()
        assert sent == read(server, sent)


def test_move_is_a_job(bucket: AnyBucket, keep: Keep) -> None:
    """It has a type, progress and content, and says what was asked for, by level."""
    server = keep(bucket, {"HybridMode": "WriteToObjectStorage"})
    sent = list(upload(server, range(1, 4)))
    series = server.json(f"/instances/{sent[0]}/series")["ID"]
    said = move(server, "file-system", sent[1], series, Asynchronous=True)
    assert said["Path"] == f"/jobs/{said['ID']}"
    job = reached(server, said["ID"], "Success")
    assert (job["Type"], job["Progress"]) == ("MoveStorage", 100)
    assert job["Content"] == {"Instances": [sent[1]], "Series": [series]}


def reached(server: Orthanc, job: str, state: str) -> dict[str, Any]:
    """Return what Orthanc says of a job, once it is in that state."""
    end = time.monotonic() + 30
    while True:
        said: dict[str, Any] = server.json(f"/jobs/{job}")
        if said["State"] == state:
            return said
        assert time.monotonic() < end, said
        time.sleep(0.05)


@pytest.fixture
def hybrid(bucket: AnyBucket, keep: Keep) -> Orthanc:
    """Return an empty server in hybrid mode."""
    return keep(bucket, {"HybridMode": "WriteToObjectStorage"})


REQUESTS = (
    ("nonsense", 400),
    ("[]", 400),
    ('{"Resources": [], "TargetStorage": "moon"}', 400),
    ('{"Resources": "x", "TargetStorage": "file-system"}', 400),
    ('{"TargetStorage": "file-system"}', 400),
    ('{"Resources": ["nobody"], "TargetStorage": "file-system"}', 404),
)


def test_wrong_requests_are_refused(hybrid: Orthanc) -> None:
    """What is no request, what is not there, and other methods have the documented answers."""
    statuses = {body: hybrid.post("/move-storage", body).status_code for body, _ in REQUESTS}
    assert dict(REQUESTS) == statuses
    answer = hybrid.get("/move-storage")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_job_can_be_stopped_and_goes_on(bucket: AnyBucket, gateway: Gateway, keep: Keep) -> None:
    """Paused and resumed, cancelled and submitted again: in the end every file is at its target."""
    server = keep(bucket, {"HybridMode": "WriteToFileSystem"})
    sent = upload(server, range(1, 21))
    study = server.json(f"/instances/{next(iter(sent))}/study")["ID"]
    gateway.delay = 0.1
    job = move(server, "object-storage", study, Asynchronous=True)["ID"]
    server.post(f"/jobs/{job}/pause").raise_for_status()
    reached(server, job, "Paused")
    server.post(f"/jobs/{job}/resume").raise_for_status()
    reached(server, job, "Running")
    server.post(f"/jobs/{job}/cancel").raise_for_status()
    said = reached(server, job, "Failure")
    assert (said["ErrorDescription"], 0 <= said["Progress"] < 100) == ("This job was canceled", True)
    assert sent == read(server, sent)
    gateway.delay = 0
    server.post(f"/jobs/{job}/resubmit").raise_for_status()
    reached(server, job, "Success")
    assert (on_disk(server), len(bucket.stored.names())) == (set(), 20)
    assert sent == read(server, sent)


@pytest.mark.parametrize("ended", ["killed", "stopped"])
def test_job_goes_on_after_a_restart(bucket: AnyBucket, gateway: Gateway, keep: Keep, ended: str) -> None:
    """A job that was running when the server ended is there again after its start, and moves the rest."""
    server = keep(bucket, {"HybridMode": "WriteToFileSystem"})
    sent = upload(server, range(1, 16))
    study = server.json(f"/instances/{next(iter(sent))}/study")["ID"]
    gateway.delay = 0.5
    job = move(server, "object-storage", study, Asynchronous=True)["ID"]
    reached(server, job, "Running")
    time.sleep(1)
    server.container.kill("SIGKILL" if ended == "killed" else "SIGTERM")
    server.wait_for_exit()
    assert 0 < len(bucket.stored.names()) < 15
    gateway.delay = 0
    server.start_again()
    reached(server, job, "Success")
    assert (on_disk(server), len(bucket.stored.names())) == (set(), 15)
    assert sent == read(server, sent)


def test_outage_fails_the_job_and_loses_nothing(bucket: AnyBucket, gateway: Gateway, keep: Keep) -> None:
    """A store that refuses a file fails the job; every file is still read, and a new job moves the rest."""
    server = keep(bucket, {"HybridMode": "WriteToFileSystem"})
    sent = upload(server, range(1, 6))
    study = server.json(f"/instances/{next(iter(sent))}/study")["ID"]
    gateway.faults = [403]
    job = move(server, "object-storage", study, Asynchronous=True)["ID"]
    reached(server, job, "Failure")
    assert sent == read(server, sent)
    move(server, "object-storage", study)
    assert (on_disk(server), len(bucket.stored.names())) == (set(), 5)
    assert sent == read(server, sent)
