"""Files in an object store: stored, read, in ranges, removed, found again after a restart."""

from __future__ import annotations

import secrets

import numpy as np
import pytest

from harness import dicom
from harness.containers import Orthanc
from harness.stores import AnyBucket
from tests.image.default.conftest import Keep

Kept = tuple[Orthanc, AnyBucket]


def patient() -> str:
    """Return a patient whom no other test knows."""
    return secrets.token_hex(6)


def uuid(server: Orthanc, instance: str, attachment: str = "dicom") -> str:
    """Return the name that Orthanc gave to a file."""
    return str(server.json(f"/instances/{instance}/attachments/{attachment}/info")["Uuid"])


def test_file_is_an_object_as_it_was_sent(kept: Kept) -> None:
    """The object has the name that the official plugins give it, and the bytes of the upload."""
    server, bucket = kept
    content = dicom.encoded(dicom.ct(patient=patient()))
    said = server.upload(content)
    name = f"{uuid(server, said['ID'])}.dcm"
    assert content == bucket.stored.read(name)
    assert content == server.get(f"/instances/{said['ID']}/file").content


def test_every_tag_and_pixel_is_read(kept: Kept) -> None:
    """What Orthanc reads of a file in parts is right: header, tags, and a frame."""
    server, _ = kept
    dataset = dicom.ultrasound(4, patient=patient(), size=64)
    said = server.upload(dicom.encoded(dataset))
    assert server.json(f"/instances/{said['ID']}/simplified-tags")["NumberOfFrames"] == "4"
    frame = server.get(f"/instances/{said['ID']}/frames/2/raw").content
    assert dataset.pixel_array[2].tobytes() == frame


@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 5000], ids=["empty", "byte", "megabyte"])
def test_attachment_of_a_user_is_an_object(kept: Kept, content: bytes) -> None:
    """Its name ends with .unk, it may be empty, and it comes back."""
    server, bucket = kept
    instance = server.upload(dicom.encoded(dicom.ct(patient=patient())))["ID"]
    server.put(f"/instances/{instance}/attachments/1024", content).raise_for_status()
    name = f"{uuid(server, instance, '1024')}.unk"
    assert content == bucket.stored.read(name)
    assert content == server.get(f"/instances/{instance}/attachments/1024/data").content


def test_removed_file_is_no_object_any_more(kept: Kept) -> None:
    """Removing an instance removes its objects, and only these."""
    server, bucket = kept
    other = server.upload(dicom.encoded(dicom.ct(patient=patient())))["ID"]
    before = bucket.stored.names()
    said = server.upload(dicom.encoded(dicom.ct(patient=patient())))
    assert {f"{uuid(server, said['ID'])}.dcm"} == bucket.stored.names() - before
    server.delete(f"/instances/{said['ID']}").raise_for_status()
    assert before == bucket.stored.names()
    assert server.get(f"/instances/{other}/file").status_code == 200


def test_removing_what_is_gone_already_is_no_error(kept: Kept) -> None:
    """An object that somebody else has removed does not keep an instance from being removed."""
    server, bucket = kept
    instance = server.upload(dicom.encoded(dicom.ct(patient=patient())))["ID"]
    name = uuid(server, instance)
    bucket.stored.remove(f"{name}.dcm")
    server.delete(f"/instances/{instance}").raise_for_status()
    assert f"failed to delete object {name}" not in server.logs()


def test_lost_object_is_an_error_that_is_named(kept: Kept) -> None:
    """Reading a file whose object is gone fails, and the log has its name."""
    server, bucket = kept
    instance = server.upload(dicom.encoded(dicom.ct(patient=patient())))["ID"]
    name = uuid(server, instance)
    bucket.stored.remove(f"{name}.dcm")
    assert server.get(f"/instances/{instance}/file").status_code == 500
    server.wait_for_log(f"{bucket.plugin}: failed to read object {name}")


def test_short_object_is_an_error(kept: Kept) -> None:
    """An object that was cut off is never handed out."""
    server, bucket = kept
    content = dicom.encoded(dicom.ct(patient=patient()))
    instance = server.upload(content)["ID"]
    name = f"{uuid(server, instance)}.dcm"
    bucket.stored.write(name, content[:-100])
    assert server.get(f"/instances/{instance}/file").status_code == 500


def test_long_file_comes_back_whole(kept: Kept) -> None:
    """A file of 40 MB, which goes in parts, is the same on its way back."""
    server, bucket = kept
    noise = np.random.default_rng(1).integers(0, 256, (40, 1024, 1024), "u1")
    content = dicom.encoded(dicom.add_pixels(dicom.instance(
        "1.2.840.10008.5.1.4.1.1.7.2", patient=patient(), study="long", series="s", number=1, modality="OT",
    ), noise))  # fmt: skip
    instance = server.upload(content)["ID"]
    assert content == bucket.stored.read(f"{uuid(server, instance)}.dcm")
    assert content == server.get(f"/instances/{instance}/file", timeout=60).content
    assert noise[39].tobytes() == server.get(f"/instances/{instance}/frames/39/raw").content


def test_server_finds_its_files_after_a_restart(bucket: AnyBucket, keep: Keep) -> None:
    """A server that was stopped reads what it stored before, and stores on."""
    server = keep(bucket)
    content = dicom.encoded(dicom.ct(patient=patient()))
    instance = server.upload(content)["ID"]
    server.stop()
    server.start_again()
    assert content == server.get(f"/instances/{instance}/file").content
    server.upload(dicom.encoded(dicom.ct(2, patient=patient())))
    assert len(bucket.stored.names()) == 2


@pytest.mark.parametrize("root", ["", "hospital/images", "slash/"])
@pytest.mark.parametrize("structure", ["flat", "legacy"])
def test_names_follow_root_and_structure(bucket: AnyBucket, keep: Keep, root: str, structure: str) -> None:
    """Names are those of the official plugins: root, then the file's name, flat or in two folders."""
    server = keep(bucket, {"RootPath": root, "StorageStructure": structure}, StorageCompression=True)
    instance = server.upload(dicom.encoded(dicom.ct(patient=patient())))["ID"]
    server.put(f"/instances/{instance}/attachments/1024", b"mine").raise_for_status()
    names = {
        "dicom": ".dcm",
        "dicom-until-pixel-data": ".dcm.head",
        "1024": ".unk",
    }
    below = f"{root.rstrip('/')}/" if root else ""
    found = {uuid(server, instance, kind): suffix for kind, suffix in names.items()}
    expected = {
        "flat": {f"{below}{name}{suffix}" for name, suffix in found.items()},
        "legacy": {f"{below}{name[:2]}/{name[2:4]}/{name}" for name in found},
    }
    assert expected[structure] == bucket.stored.names()
    assert server.get(f"/instances/{instance}/attachments/1024/data").content == b"mine"


def test_headers_of_an_old_version_are_found(bucket: AnyBucket, keep: Keep) -> None:
    """With EnableLegacyUnknownFiles, a header that is called .unk is read, and removed in the end."""
    server = keep(bucket, {"EnableLegacyUnknownFiles": True}, StorageCompression=True)
    instance = server.upload(dicom.encoded(dicom.ct(patient=patient())))["ID"]
    name = uuid(server, instance, "dicom-until-pixel-data")
    content = bucket.stored.read(f"{name}.dcm.head")
    bucket.stored.remove(f"{name}.dcm.head")
    bucket.stored.write(f"{name}.unk", content)
    read = server.get(f"/instances/{instance}/attachments/dicom-until-pixel-data/data")
    assert (read.status_code, len(read.content) > 100) == (200, True)
    server.delete(f"/instances/{instance}").raise_for_status()
    assert bucket.stored.names() == set()
