"""The pixels of every kind of image through every transfer syntax: decoded, transcoded, and kept."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import docker
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from harness import containers, dicom
from harness.containers import Orthanc
from tests.image.common.test_dicomweb import at, parts
from tests.image.conftest import steady
from tests.image.default.pictures import (
    KINDS,
    LOSSLESS,
    LOSSY,
    NATIVE,
    RESTING,
    bits,
    colour,
    floats,
    pixels_of,
    reading,
    secondary,
)

pytestmark = pytest.mark.inherited

SAMPLES = Path(str(files("pydicom"))) / "data" / "test_files"
ENCAPSULATED = set(LOSSLESS) - set(NATIVE)


@pytest.fixture(scope="module")
def launched(client: docker.DockerClient, image: str) -> Iterator[Orthanc]:
    """Yield the server that the tests of this module share."""
    server = containers.launch(client, image, {"DICOM_WEB_PLUGIN_ENABLED": "true"})
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.remove()


@pytest.fixture
def server(request: pytest.FixtureRequest, launched: Orthanc) -> Iterator[Orthanc]:
    """Yield the module's server, which is the same process after the test."""
    yield from steady(request, launched)


def transcoded(server: Orthanc, content: bytes, syntax: str) -> bytes | None:
    """Return the file in another syntax, None where it is refused with an error."""
    instance = server.upload(content)["ID"]
    try:
        answer = server.get(f"/instances/{instance}/file?transcode={syntax}")
        assert answer.status_code in {200, 500}, answer.text
        if answer.status_code != 200:
            return None
        assert reading(answer.content).file_meta.TransferSyntaxUID == syntax
        return answer.content
    finally:
        server.delete(f"/instances/{instance}")


def holds(kind: str, syntax: str) -> bool:
    """Tell whether images of a kind can be stored in a syntax."""
    refused = {
        "1 bit": ENCAPSULATED | set(LOSSY),
        "numbers": ENCAPSULATED | set(LOSSY),
        "32 bits": (ENCAPSULATED | set(LOSSY)) - {"rle"},
        "palette": set(LOSSY),
    }
    few = {"jpeg-baseline", "jpeg-extended"}
    if syntax == "jpeg-baseline" and kind.startswith("12 of"):
        return False
    if "with sign" in kind and syntax in {*few, "jpeg-ls-near"}:
        return False
    if kind in ("16 bits", "one pixel", "colour of 16 bits") and syntax in few:
        return False
    return syntax not in refused.get(kind, set())


@pytest.mark.parametrize("kind", KINDS)
def test_every_pair_of_lossless_syntaxes(server: Orthanc, kind: str) -> None:
    """What can hold the pixels holds them bit for bit, whatever they come from; the rest is refused."""
    original = dicom.encoded(KINDS[kind]())
    there = pixels_of(original)
    for source, uid in LOSSLESS.items():
        first = transcoded(server, original, uid)
        assert (first is not None) is holds(kind, source), source
        if first is None:
            continue
        assert np.array_equal(pixels_of(first), there), source
        for target in LOSSLESS:
            second = transcoded(server, first, LOSSLESS[target])
            assert (second is not None) is holds(kind, target), (source, target)
            if second is not None and turned(second):  # pydicom leaves the bytes of each word where they are
                second = transcoded(server, second, LOSSLESS["explicit"])
            if second is not None:
                assert np.array_equal(pixels_of(second), there), (source, target)


def turned(content: bytes) -> bool:
    """Tell whether the pixels are bits in words whose bytes are turned around."""
    dataset = reading(content)
    big = dataset.file_meta.TransferSyntaxUID == LOSSLESS["big-endian"]
    return bool(big and dataset.get("BitsAllocated") == 1 and dataset["PixelData"].VR == "OW")


@pytest.mark.parametrize("kind", KINDS)
def test_lossy_syntaxes_lose_little(server: Orthanc, kind: str) -> None:
    """The mean difference is small, the attributes say so, and it is another instance."""
    original = dicom.encoded(KINDS[kind]())
    there = pixels_of(original).astype("f8")
    stored = reading(original).get("BitsStored", 32)
    for name, uid in LOSSY.items():
        made = transcoded(server, original, uid)
        assert (made is not None) is holds(kind, name), name
        if made is None:
            continue
        dataset = reading(made)
        assert dataset.LossyImageCompression == "01"
        assert dataset.SOPInstanceUID == dataset.file_meta.MediaStorageSOPInstanceUID
        assert dataset.SOPInstanceUID != reading(original).SOPInstanceUID
        back = transcoded(server, made, LOSSLESS["explicit"])
        assert back is not None
        off = np.abs(pixels_of(back).astype("f8") - there)
        part = 0.2 if name.startswith("jpeg-") and "colour" in kind else 0.03
        bound = 1 if name == "jpeg-ls-near" else 2 + part * 2**stored
        assert off.mean() <= bound, (name, off.mean())
    for uid in RESTING.values():
        assert transcoded(server, original, uid) is None


def test_files_of_others(server: Orthanc) -> None:
    """All of pydicom's own files that Orthanc takes: the pixels are pydicom's, in every syntax."""
    seen = 0
    for path in sorted(SAMPLES.glob("*.dcm")):
        answer = server.post("/instances", path.read_bytes())
        if not answer.ok:
            continue
        instance = answer.json()["ID"]
        stored = server.get(f"/instances/{instance}/file").content
        server.delete(f"/instances/{instance}")
        try:
            there = pixels_of(stored)
        except Exception:
            continue
        seen += 1
        plain = transcoded(server, stored, LOSSLESS["explicit"])
        assert plain is not None, path.name
        shown = pixels_of(plain)
        dataset = reading(stored)
        if ".4.5" in dataset.file_meta.TransferSyntaxUID and not dataset.file_meta.TransferSyntaxUID.endswith(
            "57"
        ):
            # Decoders of JPEG may differ by one; colours have become RGB.
            if dataset.PhotometricInterpretation in ("RGB", "MONOCHROME2"):
                assert np.abs(shown.astype("f8") - there).max() <= 1, path.name
            else:
                assert reading(plain).PhotometricInterpretation == "RGB"
                rgb = dataset_as_rgb(stored)
                assert np.abs(shown.astype("f8") - rgb).mean() < 2, path.name
        else:
            assert np.array_equal(shown, there), path.name
        for name, uid in LOSSLESS.items():
            made = transcoded(server, stored, uid)
            if made is not None:
                expected = there if uid == dataset.file_meta.TransferSyntaxUID else shown
                assert np.array_equal(pixels_of(made), expected), (path.name, name)
            else:
                assert dataset.BitsAllocated in (1, 32), (path.name, name)
    assert seen > 40


def dataset_as_rgb(content: bytes) -> np.ndarray[Any, Any]:
    """Return the pixels in RGB, by pydicom."""
    return reading(content).pixel_array.astype("f8")


def described() -> Dataset:
    """Return an instance with attributes of every kind around its pixels."""
    dataset = colour("attributes", "u1", 8)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "", "OTHER"]
    dataset.StudyTime = ""
    dataset.PatientName = dicom.NAME
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "1", "99X", "Zoë"
    inner = Dataset()
    inner.RequestedProcedureID = "R1"
    item.RequestAttributesSequence = [inner]
    dataset.ProcedureCodeSequence = [item, Dataset()]
    dataset.ReferencedImageSequence = []
    block = dataset.private_block(0x0009, "ORTHANC IMAGES", create=True)
    block.add_new(1, "LO", "private")
    block.add_new(2, "UN", b"\1\2\3\4")
    block.add_new(3, "OB", b"\5\6")
    dataset.LossyImageCompressionRatio = None
    dataset.add_new(0x60000010, "US", 4)
    dataset.add_new(0x60000011, "US", 4)
    dataset.add_new(0x60003000, "OW", b"\xf0\x0f")
    dataset.IconImageSequence = [icon()]
    return dataset


def icon() -> Dataset:
    """Return an icon, whose pixels are none of the image."""
    made = Dataset()
    made.Rows = made.Columns = 2
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit, made.PixelRepresentation = 7, 0
    made.PixelData = b"\1\2\3\4"
    return made


def elements(dataset: Dataset, *without: str) -> dict[str, str]:
    """Return every element by its tag, with its representation and value, as text."""
    skipped = {pydicom.datadict.tag_for_keyword(each) for each in without}
    return {str(each.tag): f"{each.VR} {each.value!r}" for each in dataset if each.tag not in skipped}


@pytest.mark.parametrize("syntax", [*LOSSLESS, *LOSSY])
def test_nothing_else_changes(server: Orthanc, syntax: str) -> None:
    """Elements around the pixels are the same, but for those that must follow from them."""
    original = dicom.encoded(described())
    uid = {**LOSSLESS, **LOSSY}[syntax]
    made = transcoded(server, original, uid)
    assert made is not None
    changed = ["PixelData"]
    if syntax in ENCAPSULATED | set(LOSSY):
        changed += ["PhotometricInterpretation"]
    if syntax in LOSSY:
        changed += [
            "LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod",
            "SOPInstanceUID",
        ]  # fmt: skip
    before, after = reading(original), reading(made)
    icons = [each.IconImageSequence[0].PixelData for each in (before, after)]
    assert icons[0] == icons[1]
    if syntax == "big-endian":  # pydicom leaves the bytes of each word where they are
        del before[0x60003000], after[0x60003000]
    if syntax == "implicit":  # where private elements have no representation
        for each in (before, after):
            del each[0x00091001], each[0x00091002], each[0x00091003]
    assert elements(after, *changed) == elements(before, *changed)
    space = {
        "jpeg-baseline": "YBR_FULL_422", "jpeg-extended": "YBR_FULL_422",
        "jpeg-2000": "YBR_RCT", "htj2k": "YBR_RCT", "htj2k-by-resolution": "YBR_RCT",
        "jpeg-2000-lossy": "YBR_ICT", "htj2k-lossy": "YBR_ICT",
    }  # fmt: skip
    assert after.PhotometricInterpretation == space.get(syntax, "RGB")


def frames_of(server: Orthanc, dataset: Dataset) -> list[np.ndarray[Any, Any]]:
    """Return the first and the last frame as they are shown, of which pictures can be had too."""
    instance = server.upload(dicom.encoded(dataset))["ID"]
    last = int(dataset.get("NumberOfFrames", 1)) - 1
    found = []
    for frame in (0, last):
        array = np.load(
            io.BytesIO(server.get(f"/instances/{instance}/frames/{frame}/numpy?rescale=false").content)
        )
        if dataset.BitsAllocated > 1 or dataset.Columns % 8 == 0:  # else Orthanc asks nobody: docs/limits.md
            answer = server.get(f"/instances/{instance}/frames/{frame}/preview")
            assert answer.status_code == 200, answer.text
            assert np.array(Image.open(io.BytesIO(answer.content))).shape[:2] == array.shape[:2]
        found.append(array)
    server.delete(f"/instances/{instance}")
    return found


def test_frames_that_end_amid_a_byte(server: Orthanc) -> None:
    """Segmentations of 510 by 510 with one bit: the second frame begins amid a byte."""
    dataset = bits("510", 510, 3)
    first, last = frames_of(server, dataset)
    there = pixels_of(dicom.encoded(dataset))
    assert np.array_equal(first[..., 0], there[0] * 255)
    assert np.array_equal(last[..., 0], there[2] * 255)


def test_frames_of_deflated_segmentations(server: Orthanc) -> None:
    """A segmentation whose frames are deflated one by one."""
    dataset = bits("deflated", 24, 3)
    packed = dataset.PixelData
    each = 24 * 24 // 8
    streams = []
    for number in range(3):
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        stream = packer.compress(packed[number * each : (number + 1) * each]) + packer.flush()
        streams.append(stream + b"\0" * (len(stream) % 2))
    there = pixels_of(dicom.encoded(dataset))
    dataset.PixelData = encapsulate(streams)
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = UID("1.2.840.10008.1.2.8.1")
    first, last = frames_of(server, dataset)
    assert np.array_equal(first[..., 0], there[0] * 255)
    assert np.array_equal(last[..., 0], there[2] * 255)


def test_numbers_of_parametric_maps(server: Orthanc) -> None:
    """Floating-point pixels are given as they are."""
    dataset = floats("map", 3)
    there = np.frombuffer(dataset.FloatPixelData, "<f4").reshape(3, 9, 7)
    instance = server.upload(dicom.encoded(dataset))["ID"]
    array = np.load(io.BytesIO(server.get(f"/instances/{instance}/numpy").content))
    assert np.array_equal(array[..., 0], there)
    server.delete(f"/instances/{instance}")


def test_half_of_the_colours(server: Orthanc) -> None:
    """YBR_FULL_422 that is not compressed: two pixels share their colours."""
    dataset = colour("422", "u1", 8, size=8)
    luma = np.arange(64, dtype="u1").reshape(8, 8) * 3
    data = np.empty((8, 4, 4), "u1")
    data[..., 0], data[..., 1], data[..., 2], data[..., 3] = luma[:, ::2], luma[:, 1::2], 100, 160
    dataset.PhotometricInterpretation, dataset.PixelData = "YBR_FULL_422", data.tobytes()
    first, _ = frames_of(server, dataset)
    # PS3.3, C.7.6.3.1.2
    red = np.clip(np.rint(luma + 1.402 * 32), 0, 255)
    blue = np.clip(np.rint(luma - 1.772 * 28), 0, 255)
    assert np.abs(first[..., 0] - red).max() <= 1
    assert np.abs(first[..., 2] - blue).max() <= 1


def test_frames_in_pieces_without_a_table(server: Orthanc) -> None:
    """Frames in several fragments each, and no offset table: bit streams say where they begin."""
    original = colour("pieces", "u1", 8, size=64, frames=2)
    compressed = dicom.jpeg2000(original)
    frames = list(pydicom.encaps.generate_frames(compressed.PixelData, number_of_frames=2))
    pieces = []
    for frame in frames:
        half = len(frame) // 4 * 2
        pieces += [frame[:half], frame[half:]]
    compressed.PixelData = encapsulate(pieces, has_bot=False)
    compressed["PixelData"].is_undefined_length = True
    first, last = frames_of(server, compressed)
    assert np.array_equal(first, original.pixel_array[0])
    assert np.array_equal(last, original.pixel_array[1])


def test_frames_by_dicomweb(server: Orthanc) -> None:
    """WADO-RS gives frames in another syntax, and a study in one."""
    original = dicom.ultrasound(2, patient="frames", size=64)
    server.upload(dicom.encoded(dicom.jpeg2000(original)))
    compressed = dicom.jpeg2000(original)
    accept = f"multipart/related; type=application/octet-stream; transfer-syntax={LOSSLESS['explicit']}"
    frames = parts(server.get(f"{at(compressed)}/frames/1,2", headers={"Accept": accept}))
    assert b"".join(frames) == original.pixel_array.tobytes()
    accept = f'multipart/related; type="application/dicom"; transfer-syntax={LOSSLESS["htj2k"]}'
    (content,) = parts(server.get(at(compressed), headers={"Accept": accept}))
    assert np.array_equal(pixels_of(content), original.pixel_array)


def test_arrays_of_numpy(server: Orthanc) -> None:
    """A series is one array in the order of its slices; values are rescaled, and compressed on demand."""
    slices = [dicom.ct(number, patient="numpy", size=64) for number in (2, 1, 3)]
    for each in slices:
        server.upload(dicom.encoded(dicom.jpeg2000(each)))
    (series,) = server.json(f"/patients/{patient_of(server, 'numpy')}/series")
    answer = server.get(f"/series/{series['ID']}/numpy")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    array = np.load(io.BytesIO(answer.content))
    there = np.stack([dicom.ct(number, size=64).pixel_array for number in (1, 2, 3)]).astype("f4") - 1024
    assert array.shape == (3, 64, 64, 1)
    order = array[..., 0] if array[0, 32, 32] == there[0, 32, 32] else array[::-1, ..., 0]
    assert np.array_equal(order, there)
    packed = np.load(io.BytesIO(server.get(f"/series/{series['ID']}/numpy?compress=true").content))
    assert np.array_equal(packed["arr_0"], array)
    raw = np.load(io.BytesIO(server.get(f"/series/{series['ID']}/numpy?rescale=false").content))
    assert np.array_equal(raw[..., 0].astype("f4") - 1024, array[..., 0])
    (one, *_) = server.json(f"/series/{series['ID']}")["Instances"]
    for path, status in {
        f"/instances/{one}/frames/1/numpy": 404,
        f"/instances/{one}/frames/x/numpy": 404,
        "/instances/nothing/numpy": 404,
        f"/instances/{one}/numpy?rescale=perhaps": 400,
    }.items():
        assert server.get(path).status_code == status, path


def patient_of(server: Orthanc, name: str) -> str:
    """Return Orthanc's identifier of a patient."""
    (found,) = server.post("/tools/lookup", name).json()
    return str(found["ID"])


def test_ingest_keeps_what_it_cannot_hold(client: docker.DockerClient, image: str) -> None:
    """With IngestTranscoding to JPEG 2000, pixels of 32 bits stay as they are."""
    server = containers.launch(client, image, {"ORTHANC__INGEST_TRANSCODING": LOSSLESS["jpeg-2000"]})
    try:
        server.wait_until_ready()
        for kind, make in KINDS.items():
            original = dicom.encoded(make())
            if kind == "1 bit":  # whose rows end amid a byte: Orthanc takes no such image where it transcodes
                answer = server.post("/instances", original)
                assert answer.json()["Details"] == "Bad number of columns for a black-and-white image"
                continue
            instance = server.upload(original)["ID"]
            stored = server.get(f"/instances/{instance}/file").content
            syntax = "jpeg-2000" if holds(kind, "jpeg-2000") else "explicit"
            assert reading(stored).file_meta.TransferSyntaxUID == LOSSLESS[syntax], kind
            assert np.array_equal(pixels_of(stored), pixels_of(original)), kind
    finally:
        server.remove()


def test_an_instance_without_pixels(server: Orthanc) -> None:
    """It may be in any of the native syntaxes, and in no other; what is asked for its pixels is refused."""
    original = dicom.encoded(secondary("nothing"))
    for name, uid in {**LOSSLESS, **LOSSY}.items():
        assert (transcoded(server, original, uid) is not None) is (name in NATIVE), name
    instance = server.upload(original)["ID"]
    assert server.get(f"/instances/{instance}/preview").status_code == 415
    assert server.get(f"/instances/{instance}/numpy").status_code == 400
