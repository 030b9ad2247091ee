"""Files that the native part reads itself: as Python would, and only where it can."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest

from harness import certificates, dicom
from harness.containers import HOST, Orthanc
from harness.gateway import BUSY, Gateway
from harness.stores import S3, AnyBucket
from services.fixtures import Serve
from tests.image.default.conftest import Keep
from tests.image.default.test_storage import uuid
from tests.image.default.test_storage_encryption import FILES, encryption
from tests.image.default.test_storage_start import guarded_after

ROOT = "r oot/ä+%~'()!*,;=&@:$#"
"""A beginning of names, most characters of which an address cannot have as they are."""


def reads(server: Orthanc) -> tuple[int, int]:
    """Return how many files were read directly, and by way of Python."""
    lines = server.get("/tools/metrics-prometheus").text.splitlines()
    found = {
        line.split()[0]: int(line.split()[1]) for line in lines if line.startswith("orthanc_object_store")
    }
    return found["orthanc_object_store_direct_reads"], found["orthanc_object_store_reads_by_python"]


@pytest.mark.parametrize("settings", [
    {}, {"RootPath": ROOT}, {"RootPath": "a/b/", "StorageStructure": "legacy"}, encryption(1),
    {"RootPath": ROOT, **encryption(2, 1)},
], ids=["plain", "root", "legacy", "encrypted", "both"])  # fmt: skip
def test_files_are_read_directly(bucket: AnyBucket, keep: Keep, settings: dict[str, Any]) -> None:
    """Whole files, tags, frames and attachments, under every kind of name: Python reads none of them."""
    server = keep(bucket, settings, files=FILES)
    dataset = dicom.ultrasound(4, patient="direct", size=64)
    content = dicom.encoded(dataset)
    instance = server.upload(content)["ID"]
    server.put(f"/instances/{instance}/attachments/1024", b"mine").raise_for_status()
    assert content == server.get(f"/instances/{instance}/file").content
    assert server.json(f"/instances/{instance}/simplified-tags")["NumberOfFrames"] == "4"
    assert dataset.pixel_array[2].tobytes() == server.get(f"/instances/{instance}/frames/2/raw").content
    assert server.get(f"/instances/{instance}/attachments/1024/data").content == b"mine"
    directly, by_python = reads(server)
    assert directly >= 4
    assert by_python == 0
    assert ", read directly; hybrid mode: Disabled" in server.logs()


@pytest.mark.inherited
@pytest.mark.parametrize("right", [True, False])
def test_signatures_are_checked(serve: Serve, keep: Keep, right: bool) -> None:
    """An S3 that checks signatures takes those of the native part.

    Moto does not check the look at the bucket and the upload, the first of which it would refuse by mistake.
    """
    bucket, credentials = guarded_after(6, serve)
    server = keep(bucket, credentials if right else {**credentials, "SecretKey": "another secret"})
    content = dicom.encoded(dicom.ct(patient="signed"))
    instance = server.upload(content)["ID"]
    answer = server.get(f"/instances/{instance}/file")
    assert answer.ok == right
    if right:
        assert content == answer.content
        assert reads(server)[1] == 0


def test_what_goes_wrong_is_left_to_python(bucket: AnyBucket, gateway: Gateway, keep: Keep) -> None:
    """A store that is busy once: Python reads that file, and others for a while."""
    server = keep(bucket)
    content = dicom.encoded(dicom.ct(patient="busy"))
    instance = server.upload(content)["ID"]
    gateway.faults = [BUSY]
    assert content == server.get(f"/instances/{instance}/file").content
    assert gateway.faults == []
    directly, by_python = reads(server)
    assert by_python >= 1
    assert content == server.get(f"/instances/{instance}/file").content
    assert reads(server)[0] == directly


def test_changed_file_is_refused_by_both(bucket: AnyBucket, keep: Keep) -> None:
    """What was changed is handed to Python, which says so."""
    server = keep(bucket, encryption(1), files=FILES)
    instance = server.upload(dicom.encoded(dicom.ct(patient="changed")))["ID"]
    name = uuid(server, instance)
    changed = bytearray(bucket.stored.read(f"{name}.dcm.enc"))
    changed[-20] ^= 1
    bucket.stored.write(f"{name}.dcm.enc", bytes(changed))
    assert server.get(f"/instances/{instance}/file").status_code == 500
    server.wait_for_log("its content is not what was encrypted: it was changed or damaged")


def test_python_reads_when_it_is_told_to(bucket: AnyBucket, keep: Keep) -> None:
    """The log says why, and there are no figures."""
    server = keep(bucket, {"ReadDirectly": False})
    content = dicom.encoded(dicom.ct(patient="python"))
    instance = server.upload(content)["ID"]
    assert content == server.get(f"/instances/{instance}/file").content
    assert ", read by way of Python: ReadDirectly is false; hybrid mode: Disabled" in server.logs()
    assert "orthanc_object_store" not in server.get("/tools/metrics-prometheus").text


@pytest.mark.inherited
@pytest.mark.parametrize("trusted", [True, False])
def test_certificates_are_those_that_python_trusts(
    bucket: AnyBucket, gateway: Gateway, keep: Keep, tmp_path: Path, trusted: bool
) -> None:
    """A store by HTTPS whose authority is only in HttpsCACertificates is read; another one is not."""
    if not isinstance(bucket, S3):
        pytest.skip("the settings of the others name HTTP")
    authority, certificate = certificates.issued(HOST)
    pem = tmp_path / "server.pem"
    pem.write_bytes(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    gateway.server.socket = context.wrap_socket(gateway.server.socket, server_side=True)
    settings = {"Endpoint": f"https://{gateway.inside}/", "MaxRetries": 1}
    files = {"/run/secrets/ca.pem": authority if trusted else certificates.issued(HOST)[0]}
    server = keep(bucket, settings, files=files, HttpsCACertificates="/run/secrets/ca.pem")
    content = dicom.encoded(dicom.ct(patient="tls"))
    answer = server.post("/instances", content)
    assert answer.ok == trusted
    if trusted:
        assert content == server.get(f"/instances/{answer.json()['ID']}/file").content
        assert reads(server)[1] == 0
        assert gateway.passed[-1].method == "GET"
