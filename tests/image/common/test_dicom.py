"""DICOM through the running server: REST and the DICOM network protocol."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, UltrasoundMultiFrameImageStorage

from harness import dicom, peers
from harness.containers import Orthanc
from harness.peers import Receiver, query
from tests.image.conftest import Start

KINDS: dict[str, Callable[..., Dataset]] = {
    "CT of 16 bits": dicom.ct,
    "MR of 12 bits": dicom.mr,
    "colour loop": dicom.ultrasound,
    "JPEG 2000": lambda patient: dicom.jpeg2000(dicom.ct(patient=patient)),
}


def series_of(patient: str, count: int = 3) -> list[Dataset]:
    """Return the slices of one CT series of this patient."""
    return [dicom.ct(number, patient=patient) for number in range(1, count + 1)]


@pytest.mark.parametrize("kind", KINDS)
def test_upload_returns_the_same_bytes(orthanc: Orthanc, kind: str) -> None:
    """What is uploaded by REST comes back as it was."""
    content = dicom.encoded(KINDS[kind](patient=f"REST {kind}"))
    said = orthanc.upload(content)
    assert said["Status"] == "Success"
    assert content == orthanc.get(f"/instances/{said['ID']}/file").content


def test_name_survives_in_utf8(orthanc: Orthanc) -> None:
    """The letters of a patient's name are the same in REST as in the file."""
    said = orthanc.upload(dicom.encoded(dicom.ct(patient="UTF-8")))
    assert orthanc.json(f"/patients/{said['ParentPatient']}")["MainDicomTags"]["PatientName"] == dicom.NAME


def test_upload_of_something_else_is_refused(orthanc: Orthanc) -> None:
    """What is not DICOM is refused, and the server goes on."""
    assert orthanc.post("/instances", b"not DICOM at all").status_code == 400
    assert orthanc.get("/system").status_code == 200


def test_echo(orthanc: Orthanc) -> None:
    """C-ECHO succeeds."""
    assert peers.echo(orthanc) == 0x0000


@pytest.mark.parametrize("kind", KINDS)
def test_store_keeps_pixels_and_tags(orthanc: Orthanc, kind: str) -> None:
    """An instance that came by C-STORE is the one that was sent, in its transfer syntax."""
    sent = KINDS[kind](patient=f"STORE {kind}")
    assert peers.store(orthanc, [sent]) == [0x0000]
    (identifier,) = orthanc.post("/tools/lookup", str(sent.SOPInstanceUID)).json()
    kept = dicom.decoded(orthanc.get(f"/instances/{identifier['ID']}/file").content)
    assert sent == kept
    assert sent.file_meta.TransferSyntaxUID == kept.file_meta.TransferSyntaxUID
    assert np.array_equal(sent.pixel_array, kept.pixel_array)


def test_find_by_patient(orthanc: Orthanc) -> None:
    """C-FIND finds the study that was stored, by a pattern, and nothing else."""
    slices = series_of("FIND-7")
    peers.store(orthanc, slices)
    wanted = query("STUDY", PatientID="FIND-*", StudyInstanceUID="", NumberOfStudyRelatedInstances="")
    (match,) = peers.find(orthanc, wanted)
    assert match.PatientID == "FIND-7"
    assert slices[0].StudyInstanceUID == match.StudyInstanceUID
    assert match.NumberOfStudyRelatedInstances == 3
    assert peers.find(orthanc, query("STUDY", PatientID="nobody", StudyInstanceUID="")) == []


def test_find_of_instances(orthanc: Orthanc) -> None:
    """C-FIND at the level of instances lists each slice of a series."""
    slices = series_of("FIND-8")
    peers.store(orthanc, slices)
    matches = peers.find(
        orthanc,
        query(
            "IMAGE",
            StudyInstanceUID=slices[0].StudyInstanceUID,
            SeriesInstanceUID=slices[0].SeriesInstanceUID,
            SOPInstanceUID="",
            InstanceNumber="",
        ),
    )
    assert {each.SOPInstanceUID for each in slices} == {match.SOPInstanceUID for match in matches}


def test_move_sends_the_study_to_a_modality(orthanc: Orthanc, receiver: Receiver) -> None:
    """C-MOVE makes the server send each instance to a modality that it knows by name."""
    slices = series_of("MOVE")
    peers.store(orthanc, slices)
    final = peers.move(orthanc, query("STUDY", StudyInstanceUID=slices[0].StudyInstanceUID))
    assert (
        final.Status,
        final.NumberOfCompletedSuboperations,
        final.NumberOfFailedSuboperations,
    ) == (0x0000, 3, 0)
    for sent in slices:
        assert np.array_equal(sent.pixel_array, receiver.received[str(sent.SOPInstanceUID)].pixel_array)


def test_move_to_a_stranger_is_refused(orthanc: Orthanc) -> None:
    """C-MOVE to an AET that the server does not know fails."""
    slices = series_of("MOVE-2", 1)
    peers.store(orthanc, slices)
    wanted = query("STUDY", StudyInstanceUID=slices[0].StudyInstanceUID)
    assert peers.move(orthanc, wanted, destination="STRANGER").Status != 0x0000


def test_get_returns_the_study(orthanc: Orthanc) -> None:
    """C-GET brings each instance back over the same association, with equal pixels."""
    slices = series_of("GET")
    peers.store(orthanc, slices)
    received = peers.get(orthanc, query("STUDY", StudyInstanceUID=slices[0].StudyInstanceUID))
    assert {str(each.SOPInstanceUID) for each in slices} == set(received)
    for sent in slices:
        assert np.array_equal(sent.pixel_array, received[str(sent.SOPInstanceUID)].pixel_array)


def test_get_of_a_colour_loop(orthanc: Orthanc) -> None:
    """C-GET brings frames in colour back as they were."""
    loop = dicom.ultrasound(patient="GET loop")
    peers.store(orthanc, [loop])
    wanted = query("STUDY", StudyInstanceUID=loop.StudyInstanceUID)
    received = peers.get(orthanc, wanted, UltrasoundMultiFrameImageStorage)
    assert np.array_equal(loop.pixel_array, received[str(loop.SOPInstanceUID)].pixel_array)


def test_server_sends_by_itself(orthanc: Orthanc, receiver: Receiver) -> None:
    """POST /modalities/…/store makes the server a client of the modality."""
    sent = dicom.ct(patient="SEND")
    said = orthanc.upload(dicom.encoded(sent))
    orthanc.post("/modalities/tester/store", said["ID"]).raise_for_status()
    assert np.array_equal(sent.pixel_array, receiver.received[str(sent.SOPInstanceUID)].pixel_array)


def test_stranger_may_not_find(start: Start) -> None:
    """A client whose AET the server does not know gets no answer to C-FIND."""
    with pytest.raises(AssertionError):
        peers.find(start(), query("STUDY", PatientID="*", StudyInstanceUID=""))


def test_jpeg2000_is_decoded(orthanc: Orthanc) -> None:
    """The pixels of a JPEG 2000 instance that the server decodes are the original ones."""
    plain = dicom.ct(patient="J2K")
    said = orthanc.upload(dicom.encoded(dicom.jpeg2000(plain)))
    picture = orthanc.get(f"/instances/{said['ID']}/image-uint16")
    picture.raise_for_status()
    assert np.array_equal(plain.pixel_array, np.asarray(Image.open(io.BytesIO(picture.content))))


def test_jpeg2000_is_transcoded(orthanc: Orthanc) -> None:
    """A JPEG 2000 instance can be fetched without compression, with the original pixels."""
    plain = dicom.ct(patient="J2K plain")
    said = orthanc.upload(dicom.encoded(dicom.jpeg2000(plain)))
    answer = orthanc.get(f"/instances/{said['ID']}/file?transcode={ExplicitVRLittleEndian}")
    fetched = dicom.decoded(answer.content)
    assert ExplicitVRLittleEndian == fetched.file_meta.TransferSyntaxUID
    assert np.array_equal(plain.pixel_array, fetched.pixel_array)


def test_jpeg2000_preview_equals_that_of_the_original(orthanc: Orthanc) -> None:
    """The rendered picture does not depend on the compression."""
    plain = dicom.ct(patient="J2K preview")
    pictures = [
        orthanc.get(f"/instances/{orthanc.upload(dicom.encoded(each))['ID']}/preview").content
        for each in (plain, dicom.jpeg2000(plain))
    ]
    assert pictures[0].startswith(b"\x89PNG")
    assert pictures[0] == pictures[1]


def test_jpeg2000_is_decoded_by_gdcm(start: Start) -> None:
    """Without Gdcm the server cannot decode JPEG 2000: it is the plugin that does it."""
    server = start({"GDCM_PLUGIN_ENABLED": "false"})
    said = server.upload(dicom.encoded(dicom.jpeg2000(dicom.ct(patient="J2K without"))))
    assert not server.get(f"/instances/{said['ID']}/image-uint16").ok
