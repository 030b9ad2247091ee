"""Files that are encrypted before they leave Orthanc."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from harness import dicom
from harness.containers import CommandOutput, Orthanc
from harness.stores import S3, AnyBucket
from tests.image.conftest import Run
from tests.image.default import sealed
from tests.image.default.conftest import Keep, Volume
from tests.image.default.test_storage import uuid

KEYS = {number: bytes((7 * number + place) % 256 for place in range(32)) for number in (1, 2)}
FILES: dict[str, bytes | str] = {
    **{f"/run/secrets/key-{number}": base64.b64encode(key) for number, key in KEYS.items()},
    "/run/secrets/key-3": base64.b64encode(sealed.OFFICIAL_KEY),
    "/run/secrets/short": base64.b64encode(bytes(16)),
}


def encryption(current: int, *previous: int) -> dict[str, Any]:
    """Return the setting with these master keys."""
    keys = {number: [number, f"/run/secrets/key-{number}"] for number in (current, *previous)}
    return {
        "StorageEncryption": {
            "MasterKey": keys[current],
            "PreviousMasterKeys": [keys[number] for number in previous],
        }
    }


@pytest.fixture
def server(bucket: AnyBucket, keep: Keep) -> Orthanc:
    """Return a server that encrypts with key 1."""
    return keep(bucket, encryption(1), files=FILES)


def test_objects_are_as_documented(server: Orthanc, bucket: AnyBucket) -> None:
    """Names end with .enc, and each object opens with the master key by the documented format."""
    content = dicom.encoded(dicom.ct(patient="SECRET-NAME"))
    instance = server.upload(content)["ID"]
    server.put(f"/instances/{instance}/attachments/1024", b"mine").raise_for_status()
    kinds = {"dicom": ".dcm", "dicom-until-pixel-data": ".dcm.head", "1024": ".unk"}
    names = {f"{uuid(server, instance, kind)}{suffix}.enc": kind for kind, suffix in kinds.items()}
    assert set(names) == bucket.stored.names()
    found = {kind: sealed.opened(bucket.stored.read(name), KEYS[1]) for name, kind in names.items()}
    assert {one.number for one in found.values()} == {1}
    assert (content, b"mine") == (found["dicom"].content, found["1024"].content)
    assert content.startswith(found["dicom-until-pixel-data"].content)
    assert not any(b"SECRET-NAME" in bucket.stored.read(name) for name in names)


def test_encrypted_files_come_back(server: Orthanc) -> None:
    """The server reads file, frame, tags, and an empty attachment."""
    dataset = dicom.ultrasound(3, patient="back")
    content = dicom.encoded(dataset)
    instance = server.upload(content)["ID"]
    server.put(f"/instances/{instance}/attachments/1024", b"").raise_for_status()
    assert content == server.get(f"/instances/{instance}/file").content
    assert dataset.pixel_array[1].tobytes() == server.get(f"/instances/{instance}/frames/1/raw").content
    assert server.json(f"/instances/{instance}/simplified-tags")["PatientID"] == "back"
    empty = server.get(f"/instances/{instance}/attachments/1024/data")
    assert (empty.status_code, empty.content) == (200, b"")


def test_file_of_the_official_plugin_is_read(bucket: AnyBucket, keep: Keep) -> None:
    """What the official plugins have written is read: key, vector and tag of another implementation."""
    server = keep(bucket, encryption(3), files=FILES)
    instance = server.upload(dicom.encoded(dicom.ct(patient="official")))["ID"]
    attachment = f"/instances/{instance}/attachments/1024"
    server.put(attachment, sealed.OFFICIAL_TEXT).raise_for_status()
    bucket.stored.write(f"{uuid(server, instance, '1024')}.unk.enc", sealed.OFFICIAL)
    read = server.get(f"{attachment}/data")
    assert (read.status_code, read.content) == (200, sealed.OFFICIAL_TEXT)


def test_keys_can_be_changed(bucket: AnyBucket, keep: Keep, volume: Volume) -> None:
    """After a rotation, old files are read with the previous key, and new ones have the new one."""
    first = keep(bucket, encryption(1), files=FILES, volumes=volume)
    old = dicom.encoded(dicom.ct(1, patient="rotation"))
    before = first.upload(old)["ID"]
    first.stop()
    names = bucket.stored.names()
    second = keep(bucket, encryption(2, 1), files=FILES, volumes=volume)
    new = dicom.encoded(dicom.ct(2, patient="rotation"))
    after = second.upload(new)["ID"]
    assert old == second.get(f"/instances/{before}/file").content
    assert new == second.get(f"/instances/{after}/file").content
    numbers = {name: sealed.opened(bucket.stored.read(name), KEYS[2]).number
               for name in bucket.stored.names() - names}  # fmt: skip
    assert set(numbers.values()) == {2}
    second.stop()
    third = keep(bucket, encryption(2), files=FILES, volumes=volume)
    assert third.get(f"/instances/{before}/file").status_code == 500
    assert new == third.get(f"/instances/{after}/file").content


@pytest.mark.parametrize("place", [3, 10, 50, 80, -1], ids=["number", "vector", "key", "content", "tag"])
def test_changed_object_is_refused(server: Orthanc, bucket: AnyBucket, place: int) -> None:
    """One bit that is different anywhere, and nothing of the file is handed out."""
    instance = server.upload(dicom.encoded(dicom.ct(patient="changed")))["ID"]
    name = uuid(server, instance)
    changed = bytearray(bucket.stored.read(f"{name}.dcm.enc"))
    changed[place] ^= 1
    bucket.stored.write(f"{name}.dcm.enc", bytes(changed))
    assert server.get(f"/instances/{instance}/file").status_code == 500
    server.wait_for_log(f"{bucket.plugin}: failed to read object {name}")


MAKE = "Make a key with: openssl rand -base64 32."
WRITE = 'Write it as [1, "/run/secrets/master.key"], with a number of its own and the file of the key.'
GOOD = [1, "/run/secrets/key-1"]


@pytest.mark.inherited
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"MasterKey": [1, "/run/secrets/short"]},
            f".MasterKey: the file /run/secrets/short holds 16 bytes in base64, where a key has 32. {MAKE}",
        ),
        ({"MasterKey": ["1", "/x"]}, f".MasterKey': it is not the number and the file of a key. {WRITE}"),
        ({"Enable": True}, f"': 'MasterKey' is not given. {WRITE}"),
        (
            {"MasterKey": GOOD, "PreviousMasterKeys": [["2"]]},
            f".PreviousMasterKeys': it is not the number and the file of a key. {WRITE}",
        ),
    ],
    ids=["short", "text", "none", "previous"],
)
def test_wrong_keys_end_the_start(run: Run, settings: dict[str, Any], said: str) -> None:
    """Nothing is ever stored in clear by mistake: the container ends before Orthanc listens.

    What the settings show is found before Orthanc starts, what is in the files by the plugin.
    """
    section = {"BucketName": "b", "Region": "r", "Endpoint": "http://127.0.0.1:1"}
    environment = {
        "ORTHANC_JSON": json.dumps({S3.plugin: {**section, "StorageEncryption": settings}}),
        "ORTHANC_PASSWORD": "p",
    }
    output = run(environment=environment, files=FILES)
    place = "AwsS3Storage.StorageEncryption"
    found = [line.partition("ORTHANC_JSON, '")[2] for line in output.stderr.splitlines() if place in line]
    assert (output.code, errors(output) or found) == (78, [f"{place}{said}"])


def errors(output: CommandOutput) -> list[str]:
    """Return what Orthanc logged as errors."""
    lines = (output.stdout + output.stderr).splitlines()
    return [line.partition("] ")[2] for line in lines if line.startswith("E")]
