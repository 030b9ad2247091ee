"""DICOMweb through the running server: STOW-RS, QIDO-RS, WADO-RS, WADO-URI."""

from __future__ import annotations

import io

import numpy as np
import pytest
import requests
from PIL import Image
from pydicom.dataset import Dataset

from harness import dicom
from harness.containers import Orthanc
from tests.image.conftest import Start

pytestmark = pytest.mark.inherited

BOUNDARY = "frontier"
DICOM_JSON = {"Accept": "application/dicom+json"}


def multipart(contents: list[bytes], content_type: str = "application/dicom") -> bytes:
    """Return the body of a multipart/related request with these parts."""
    head = f"--{BOUNDARY}\r\nContent-Type: {content_type}\r\n\r\n".encode()
    return b"".join(head + each + b"\r\n" for each in contents) + f"--{BOUNDARY}--\r\n".encode()


def parts(answer: requests.Response) -> list[bytes]:
    """Return the parts of a multipart/related answer."""
    answer.raise_for_status()
    fields = dict(
        field.strip().split("=", 1) for field in answer.headers["Content-Type"].split(";") if "=" in field
    )
    pieces = answer.content.split(b"--" + fields["boundary"].strip('"').encode())[1:-1]
    return [piece.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n") for piece in pieces]


def stow(orthanc: Orthanc, datasets: list[Dataset]) -> requests.Response:
    """Return the answer to STOW-RS of these instances."""
    return orthanc.post(
        "/dicom-web/studies",
        multipart([dicom.encoded(each) for each in datasets]),
        headers={
            **DICOM_JSON,
            "Content-Type": f'multipart/related; type="application/dicom"; boundary={BOUNDARY}',
        },
    )


def at(dataset: Dataset) -> str:
    """Return the path of the instance in DICOMweb."""
    return (
        f"/dicom-web/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"
        f"/instances/{dataset.SOPInstanceUID}"
    )


def test_stow_stores_all_instances(orthanc: Orthanc) -> None:
    """STOW-RS keeps each instance of the request and lists them in its answer."""
    slices = [dicom.ct(number, patient="STOW") for number in (1, 2, 3)]
    answer = stow(orthanc, slices)
    assert answer.status_code == 200, answer.text
    stored = [item["00081155"]["Value"][0] for item in answer.json()["00081199"]["Value"]]
    assert sorted(each.SOPInstanceUID for each in slices) == sorted(stored)


def test_stow_of_something_else_is_refused(orthanc: Orthanc) -> None:
    """STOW-RS of a body that is not DICOM does not succeed, and the server goes on."""
    content_type = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
    answer = orthanc.post(
        "/dicom-web/studies",
        multipart([b"not DICOM at all"]),
        headers={**DICOM_JSON, "Content-Type": content_type},
    )
    assert 400 <= answer.status_code < 500 or "00081198" in answer.json()
    assert orthanc.get("/system").status_code == 200


def test_qido_finds_studies(orthanc: Orthanc) -> None:
    """QIDO-RS finds a study by its patient, with the name in UTF-8, and nothing for nobody."""
    instance = dicom.ct(patient="QIDO")
    stow(orthanc, [instance])
    (match,) = orthanc.json("/dicom-web/studies?PatientID=QIDO", headers=DICOM_JSON)
    assert [instance.StudyInstanceUID] == match["0020000D"]["Value"]
    name = match["00100010"]["Value"][0]
    assert f"{name['Alphabetic']}={name['Ideographic']}" == dicom.NAME
    assert orthanc.json("/dicom-web/studies?PatientID=nobody", headers=DICOM_JSON) == []


def test_qido_lists_instances(orthanc: Orthanc) -> None:
    """QIDO-RS lists the instances of a series."""
    slices = [dicom.ct(number, patient="QIDO-2") for number in (1, 2)]
    stow(orthanc, slices)
    found = orthanc.json(at(slices[0]).rpartition("/")[0], headers=DICOM_JSON)
    expected = {each.SOPInstanceUID for each in slices}
    assert expected == {each["00080018"]["Value"][0] for each in found}


@pytest.mark.parametrize("level", [0, 1, 2], ids=["instance", "series", "study"])
def test_wado_rs_returns_the_files(orthanc: Orthanc, level: int) -> None:
    """WADO-RS returns each instance below the resource, with its tags and pixels."""
    instance = dicom.ct(patient=f"WADO {level}")
    stow(orthanc, [instance])
    path = at(instance)
    for _ in range(level):
        path = path.rpartition("/")[0].rpartition("/")[0]
    accept = {"Accept": 'multipart/related; type="application/dicom"'}
    (content,) = parts(orthanc.get(path, headers=accept))
    fetched = dicom.decoded(content)
    assert instance == fetched
    assert np.array_equal(instance.pixel_array, fetched.pixel_array)


def test_wado_rs_returns_metadata(orthanc: Orthanc) -> None:
    """WADO-RS returns the tags as JSON, without the pixels."""
    instance = dicom.ct(patient="WADO metadata")
    stow(orthanc, [instance])
    (tags,) = orthanc.json(at(instance) + "/metadata", headers=DICOM_JSON)
    assert [instance.Rows] == tags["00280010"]["Value"]
    assert "Value" not in tags.get("7FE00010", {})


@pytest.mark.parametrize("frame", [1, 2, 3])
def test_wado_rs_returns_a_frame(orthanc: Orthanc, frame: int) -> None:
    """WADO-RS returns the pixels of the frame that was asked for."""
    loop = dicom.ultrasound(3, patient="WADO frames")
    stow(orthanc, [loop])
    accept = {"Accept": 'multipart/related; type="application/octet-stream"'}
    (pixels,) = parts(orthanc.get(f"{at(loop)}/frames/{frame}", headers=accept))
    assert loop.pixel_array[frame - 1].tobytes() == pixels


def test_wado_rs_renders(orthanc: Orthanc) -> None:
    """WADO-RS renders a frame in colour as it is."""
    loop = dicom.ultrasound(2, patient="WADO rendered")
    stow(orthanc, [loop])
    answer = orthanc.get(f"{at(loop)}/frames/2/rendered", headers={"Accept": "image/png"})
    assert answer.status_code == 200, answer.text
    assert np.array_equal(loop.pixel_array[1], np.asarray(Image.open(io.BytesIO(answer.content))))


def test_wado_rs_of_jpeg2000(orthanc: Orthanc) -> None:
    """WADO-RS decodes JPEG 2000 through Gdcm to the original pixels, and the server is still the same one."""
    before = orthanc.process
    plain = dicom.ct(patient="WADO J2K")
    compressed = dicom.jpeg2000(plain)
    stow(orthanc, [compressed])
    accept = {
        "Accept": 'multipart/related; type="application/octet-stream"; transfer-syntax=1.2.840.10008.1.2.1'
    }
    (pixels,) = parts(orthanc.get(f"{at(compressed)}/frames/1", headers=accept))
    assert plain.PixelData == pixels
    assert before == orthanc.process


def test_rendered_jpeg2000_equals_the_original(orthanc: Orthanc) -> None:
    """WADO-RS renders the same picture with and without JPEG 2000."""
    plain = dicom.ct(patient="WADO J2K rendered")
    compressed = dicom.jpeg2000(plain)
    stow(orthanc, [plain, compressed])
    pictures = [
        orthanc.get(f"{at(each)}/frames/1/rendered", headers={"Accept": "image/png"}).content
        for each in (plain, compressed)
    ]
    assert pictures[0].startswith(b"\x89PNG")
    assert pictures[0] == pictures[1]


def test_wado_uri(orthanc: Orthanc) -> None:
    """WADO-URI returns the instance as a DICOM file."""
    instance = dicom.ct(patient="WADO URI")
    stow(orthanc, [instance])
    answer = orthanc.get(
        "/wado",
        params={
            "requestType": "WADO",
            "contentType": "application/dicom",
            "studyUID": instance.StudyInstanceUID,
            "seriesUID": instance.SeriesInstanceUID,
            "objectUID": instance.SOPInstanceUID,
        },
    )
    assert instance == dicom.decoded(answer.content)


def counted(server: Orthanc, instance: Dataset) -> tuple[int, bool]:
    """Return the rows that QIDO-RS tells of an instance, and whether Orthanc has read files for that."""
    path = at(instance).rpartition("/")[0]
    (found,) = server.get(path, headers=DICOM_JSON).json()
    return found["00280010"]["Value"][0], "W001" in server.logs()


def test_search_for_instances_reads_no_file(start: Start) -> None:
    """The index of a new volume has what the answer needs, also once the container has been started again."""
    server = start({"DICOM_WEB_PLUGIN_ENABLED": "true"})
    first, second = (dicom.ct(patient=name) for name in ("QIDO first", "QIDO second"))
    stow(server, [first])
    server.stop()
    server.start_again()
    stow(server, [second])
    assert counted(server, first) == (first.Rows, False)
    assert counted(server, second) == (second.Rows, False)
