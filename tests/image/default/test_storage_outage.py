"""A store that is busy, cuts connections, or is away: nothing that a client was told is stored is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from harness import dicom
from harness.containers import LOGIN, Orthanc
from harness.gateway import BUSY, CUT, HALF, Gateway
from harness.stores import S3, AnyBucket, Azure
from services.fixtures import Serve
from tests.image.default.conftest import Keep


@pytest.fixture
def server(bucket: AnyBucket, gateway: Gateway, keep: Keep) -> Iterator[Orthanc]:
    """Yield a server whose requests go through the gateway."""
    yield keep(bucket)
    gateway.faults.clear()


@pytest.mark.parametrize("fault", [BUSY, 429, CUT], ids=["busy", "throttled", "cut"])
def test_store_that_is_busy_is_asked_again(
    server: Orthanc, bucket: AnyBucket, gateway: Gateway, fault: int
) -> None:
    """Storing, reading and removing go on after two refusals, without the client's noticing."""
    content = dicom.encoded(dicom.ct(patient="busy"))
    gateway.faults = [fault] * 2
    instance = server.upload(content)["ID"]
    assert gateway.faults == []
    gateway.faults = [fault] * 2
    assert content == server.get(f"/instances/{instance}/file").content
    assert gateway.faults == []
    gateway.faults = [fault] * 2
    server.delete(f"/instances/{instance}").raise_for_status()
    assert (gateway.faults, bucket.stored.names()) == ([], set())


def test_answer_that_ends_early_is_never_handed_out(
    server: Orthanc, bucket: AnyBucket, gateway: Gateway
) -> None:
    """A connection that is cut in the middle of a file leads to the whole file, or to an error."""
    content = dicom.encoded(dicom.ct(patient="half", size=512))
    instance = server.upload(content)["ID"]
    gateway.faults = [HALF]
    read = server.get(f"/instances/{instance}/file")
    assert (read.status_code, read.content) in ((200, content), (500, read.content))
    assert gateway.faults == []
    assert content == server.get(f"/instances/{instance}/file").content


def test_only_what_is_needed_is_read(server: Orthanc, gateway: Gateway) -> None:
    """The tags of a large file are read as a range, without its pixels."""
    content = dicom.encoded(dicom.ultrasound(40, patient="range", size=256))
    instance = server.upload(content)["ID"]
    gateway.passed.clear()
    assert server.json(f"/instances/{instance}/simplified-tags")["PatientID"] == "range"
    assert {one.range.partition("=")[0] for one in gateway.passed} == {"bytes"}
    assert sum(one.size for one in gateway.passed) < len(content) / 100


def test_refused_file_is_an_error_for_the_client(
    server: Orthanc, bucket: AnyBucket, gateway: Gateway
) -> None:
    """A store that does not take a file: the client hears of it, and Orthanc knows no such instance."""
    gateway.faults = [403]
    answer = server.post("/instances", dicom.encoded(dicom.ct(patient="refused")))
    assert answer.status_code == 500
    assert (server.json("/instances"), bucket.stored.names()) == ([], set())
    server.wait_for_log(f"{bucket.plugin}: error while creating object ")


def test_outage_under_load_loses_nothing(store: type[AnyBucket], serve: Serve, keep: Keep) -> None:
    """While clients store, the store goes away and comes back: what was acknowledged is there, complete."""
    bucket = store(serve(store.kind), "tests-outage")
    bucket.make()
    server = keep(bucket, {"RequestTimeout": 6, "ConnectTimeout": 2} if store is S3 else {})
    server.upload(dicom.encoded(dicom.ct(1000, patient="outage")))
    stored: dict[str, bytes] = {}
    failed: list[str] = []
    away, back = threading.Event(), threading.Event()

    def client(number: int) -> None:
        """Store files until the store has been away and is back, and record the answers."""
        count = 0
        while not (back.is_set() and count % 5 == 0):
            count += 1
            content = dicom.encoded(dicom.ct(number * 1000 + count, patient="outage"))
            try:
                answer = requests.post(f"{server.url}/instances", data=content, auth=LOGIN, timeout=120)
            except requests.RequestException as error:
                failed.append(str(error))
                continue
            if answer.ok:
                stored[answer.json()["ID"]] = content
            else:
                failed.append(answer.text)
            away.wait(0.05)

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(client, number) for number in range(1, 5)]
        time.sleep(1)
        bucket.service.pause() if store is not Azure else bucket.service.stop()
        away.set()
        time.sleep(4)
        bucket.service.unpause() if store is not Azure else bucket.service.start_again()
        time.sleep(1)
        back.set()
        for one in running:
            one.result(timeout=150)
    assert len(stored) > 20
    known = set(server.json("/instances"))
    assert set(stored) <= known
    assert all(stored[one] == server.get(f"/instances/{one}/file").content for one in stored)
    assert len(bucket.stored.names()) >= len(known)
