"""Sequences nested 10 to 1,000,000 deep, through every door that a file can enter by (CVE-2026-10528)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.filereader import read_file_meta_info
from pynetdicom import AE, _config

from harness import dicom
from harness.containers import Orthanc
from tests.image.compat import nested
from tests.image.compat.nested import DEEPEST, Encoding

pytestmark = pytest.mark.inherited

DEPTHS = [10, 60, DEEPEST, DEEPEST + 1, DEEPEST + 2, 1_000, 10_000, 100_000, 1_000_000]
BOUNDARY = "frontier"

Door = Callable[[Orthanc, bytes, Path], int | None]


def rest(server: Orthanc, content: bytes, folder: Path) -> int | None:
    """Return the status of POST /instances."""
    return server.post("/instances", content, timeout=60).status_code


def stow(server: Orthanc, content: bytes, folder: Path) -> int | None:
    """Return the status of STOW-RS."""
    head = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    kind = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
    return server.post(
        "/dicom-web/studies",
        head + content + f"\r\n--{BOUNDARY}--\r\n".encode(),
        headers={"Content-Type": kind, "Accept": "application/dicom+json"},
        timeout=60,
    ).status_code


def c_store(server: Orthanc, content: bytes, folder: Path) -> int | None:
    """Return the status of a C-STORE of the file as it is; None if the association ended before it."""
    path = folder / "nested.dcm"
    path.write_bytes(content)
    meta = read_file_meta_info(path)
    entity = AE("CLIENT")
    entity.dimse_timeout = entity.network_timeout = 60
    entity.add_requested_context(meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID)
    host, port = server.dicom_address
    association = entity.associate(host, port, ae_title=server.aet)
    assert association.is_established
    answer = association.send_c_store(path)
    if association.is_established:
        association.release()
    status: int | None = answer.get("Status")
    return status


def stored(server: Orthanc, uid: str) -> bool:
    """Tell whether Orthanc holds the instance."""
    answer = server.post("/tools/lookup", uid)
    answer.raise_for_status()
    return bool(answer.json())


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """After data that it cannot read, DCMTK waits for more until its timeout: not for 30 seconds here."""
    return {"DICOM_WEB_PLUGIN_ENABLED": "true", "ORTHANC__DICOM_SCP_TIMEOUT": "1"}


@pytest.mark.parametrize("encoding", nested.ENCODINGS, ids=str)
@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("door", [rest, stow, c_store])
def test_depth(
    server: Orthanc,
    door: Door,
    depth: int,
    encoding: Encoding,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file is kept up to the limit, refused beyond, and the server goes on."""
    monkeypatch.setattr(_config, "STORE_SEND_CHUNKED_DATASET", True)
    uid, content = nested.file(depth, encoding, door.__name__)
    status = door(server, content, tmp_path)
    accepted = 0x0000 if door is c_store else 200
    assert (status == accepted) is (depth <= DEEPEST), f"status {status}"
    assert stored(server, uid) is (depth <= DEEPEST)


@pytest.mark.parametrize("encoding", nested.ENCODINGS, ids=str)
def test_what_was_kept_is_whole(server: Orthanc, encoding: Encoding, tmp_path: Path) -> None:
    """The innermost element of the deepest file that is kept can be read back."""
    _, content = nested.file(DEEPEST, encoding, "whole")
    instance = server.upload(content)["ID"]
    innermost = "/ContentSequence/0" * DEEPEST + "/TextValue"
    assert server.get(f"/instances/{instance}/content{innermost}").text.rstrip("\0 ") == "leaf"


DICOMWEB = "/dicom-web/studies/{study}/series/{series}/instances/{sop}"
READERS = {
    "tags": ("/instances/{id}/tags", "*/*"),
    "simplified-tags": ("/instances/{id}/simplified-tags", "*/*"),
    "short-tags": ("/instances/{id}/tags?short", "*/*"),
    "header": ("/instances/{id}/header", "*/*"),
    "file": ("/instances/{id}/file", "*/*"),
    "preview": ("/instances/{id}/preview", "image/png"),
    "rendered": ("/instances/{id}/rendered", "image/png"),
    "pixels": ("/instances/{id}/numpy", "*/*"),
    "shared-tags": ("/series/{orthanc-series}/shared-tags", "*/*"),
    "series-tags": ("/series/{orthanc-series}/instances-tags", "*/*"),
    "archive": ("/series/{orthanc-series}/archive", "*/*"),
    "media": ("/series/{orthanc-series}/media", "*/*"),
    "requested-tags": ("/instances/{id}?requestedTags=ContentSequence", "*/*"),
    "wado-json": (DICOMWEB + "/metadata", "application/dicom+json"),
    "wado-xml": (DICOMWEB + "/metadata", 'multipart/related; type="application/dicom+xml"'),
    "wado-dicom": (DICOMWEB, 'multipart/related; type="application/dicom"'),
    "wado-rendered": (DICOMWEB + "/rendered", "image/png"),
    "wado-frame": (DICOMWEB + "/frames/1", 'multipart/related; type="application/octet-stream"'),
    "wado-jpeg-2000": (
        DICOMWEB,
        'multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.4.90',
    ),
    "wado-jpeg-ls": (
        DICOMWEB,
        'multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.4.80',
    ),
    "qido-all": ("/dicom-web/studies/{study}/instances?includefield=all", "application/dicom+json"),
    "qido-sequence": (
        "/dicom-web/studies/{study}/instances?includefield=0040A730",
        "application/dicom+json",
    ),
}

WRITERS = {
    "reconstruct": ("/instances/{id}/reconstruct", {}),
    "modify": ("/instances/{id}/modify", {"Replace": {"PatientName": "other"}}),
    "modify-inside": (
        "/instances/{id}/modify",
        {"Replace": {"ContentSequence[*]" + ".ContentSequence[*]" * (DEEPEST - 1) + ".TextValue": "other"}},
    ),
    "anonymize": ("/instances/{id}/anonymize", {}),
    "modify-series": ("/series/{orthanc-series}/modify", {"Replace": {"SeriesDescription": "other"}}),
    "anonymize-series": ("/series/{orthanc-series}/anonymize", {}),
    "transcode-jpeg-2000": ("/instances/{id}/modify", {"Transcode": "1.2.840.10008.1.2.4.90"}),
    "transcode-jpeg-ls": ("/instances/{id}/modify", {"Transcode": "1.2.840.10008.1.2.4.80"}),
    "find": (
        "/tools/find",
        {"Level": "Instance", "Query": {}, "RequestedTags": ["ContentSequence"], "Expand": True},
    ),
}


@pytest.fixture
def deepest(server: Orthanc) -> dict[str, str]:
    """Return the names in Orthanc and in DICOMweb of the deepest file that is kept."""
    uid, content = nested.file(DEEPEST, nested.ENCODINGS[1], "routes")
    said = server.upload(content)
    dataset = dicom.decoded(content.split(b"\x40\x00\x30\xa7", 1)[0])
    return {
        "id": said["ID"],
        "orthanc-series": said["ParentSeries"],
        "study": dataset.StudyInstanceUID,
        "series": dataset.SeriesInstanceUID,
        "sop": uid,
    }


@pytest.mark.parametrize("name", READERS)
def test_reading_the_deepest(server: Orthanc, deepest: dict[str, str], name: str) -> None:
    """Each route that walks through the sequences of the deepest file ends, and well."""
    path, accept = READERS[name]
    answer = server.get(path.format_map(deepest), headers={"Accept": accept})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("name", WRITERS)
def test_changing_the_deepest(server: Orthanc, deepest: dict[str, str], name: str) -> None:
    """Each route that copies, changes or compares the deepest file ends, and well."""
    path, body = WRITERS[name]
    answer = server.post(path.format_map(deepest), json=body)
    assert answer.status_code == 200, answer.text
