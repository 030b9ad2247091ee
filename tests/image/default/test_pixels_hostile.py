"""JPEG 2000 through GDCM on the threads of the HTTP server, sound files and broken ones."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames

from harness import dicom
from harness.containers import Orthanc
from tests.image.common.test_dicomweb import at, parts

SOURCES: dict[str, Callable[[], Dataset]] = {
    "grey": lambda: dicom.ct(7, patient="J2K", size=512),
    "colour-frames": lambda: dicom.ultrasound(4, patient="J2K-US", size=128),
}
JPEG_2000 = "1.2.840.10008.1.2.4.90"
EXPLICIT = "1.2.840.10008.1.2.1"


@pytest.fixture(scope="module")
def memory() -> str:
    """Return less memory than an enormous image would take, and more than all others need."""
    return "4g"


@pytest.mark.parametrize("syntax", [EXPLICIT, JPEG_2000, "*"])
@pytest.mark.parametrize("kind", SOURCES)
def test_wado_rs_of_jpeg_2000(server: Orthanc, kind: str, syntax: str) -> None:
    """WADO-RS of an instance in JPEG 2000 gives the original pixels, transcoded or as it is."""
    original = SOURCES[kind]()
    compressed = dicom.jpeg2000(original)
    server.upload(dicom.encoded(compressed))
    accept = f'multipart/related; type="application/dicom"; transfer-syntax={syntax}'
    (content,) = parts(server.get(at(compressed), headers={"Accept": accept}))
    assert np.array_equal(dicom.decoded(content).pixel_array, original.pixel_array)


@pytest.mark.parametrize("kind", SOURCES)
def test_wado_rs_into_jpeg_2000(server: Orthanc, kind: str) -> None:
    """WADO-RS compresses an instance to JPEG 2000 on demand, without loss."""
    original = SOURCES[kind]()
    server.upload(dicom.encoded(original))
    accept = f'multipart/related; type="application/dicom"; transfer-syntax={JPEG_2000}'
    (content,) = parts(server.get(at(original), headers={"Accept": accept}))
    dataset = dicom.decoded(content)
    assert dataset.file_meta.TransferSyntaxUID == JPEG_2000
    assert np.array_equal(dataset.pixel_array, original.pixel_array)


@pytest.mark.parametrize("kind", SOURCES)
def test_study_of_jpeg_2000_at_once(server: Orthanc, kind: str) -> None:
    """WADO-RS of a whole study transcodes on the threads that load, not only on those of HTTP."""
    compressed = dicom.jpeg2000(SOURCES[kind]())
    server.upload(dicom.encoded(compressed))
    accept = f'multipart/related; type="application/dicom"; transfer-syntax={EXPLICIT}'
    answer = server.get(f"/dicom-web/studies/{compressed.StudyInstanceUID}", headers={"Accept": accept})
    assert len(parts(answer)) >= 1


@pytest.mark.parametrize("kind", SOURCES)
def test_jpeg_2000_in_a_jp2_file(server: Orthanc, kind: str) -> None:
    """A codestream with the boxes of a JP2 file around it, as some machines write it, is decoded."""
    original = SOURCES[kind]()
    dataset = dicom.jpeg2000(original)
    frames = generate_frames(dataset.PixelData, number_of_frames=int(dataset.get("NumberOfFrames", 1)))
    dataset.PixelData = encapsulate([boxed(frame) for frame in frames])
    file = named(dataset, kind, "jp2")
    instance = server.upload(file)["ID"]
    content = server.get(f"/instances/{instance}/file?transcode={EXPLICIT}").content
    assert np.array_equal(dicom.decoded(content).pixel_array, original.pixel_array)


def named(dataset: Dataset, *names: str) -> bytes:
    """Return the file of the dataset, as it is, under an identifier of its own."""
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = dicom.uid(*names)
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def changed(**elements: object) -> Callable[[Dataset], None]:
    """Return a change of elements that the codestream does not agree with."""

    def change(dataset: Dataset) -> None:
        for keyword, value in elements.items():
            setattr(dataset, keyword, value)

    return change


def first_of(change: Callable[[bytes], bytes]) -> Callable[[Dataset], None]:
    """Return a change of the first codestream."""

    def changes(dataset: Dataset) -> None:
        first, *others = generate_frames(
            dataset.PixelData, number_of_frames=int(dataset.get("NumberOfFrames", 1))
        )
        dataset.PixelData = encapsulate([change(first), *others])

    return changes


def garbled(seed: int) -> Callable[[bytes], bytes]:
    """Return a change of twenty bytes."""

    def change(codestream: bytes) -> bytes:
        broken, dice = bytearray(codestream), random.Random(seed)
        for _ in range(20):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        return bytes(broken)

    return change


def cut(dataset: Dataset) -> None:
    """Return half of the first codestream, and nothing after it."""
    first = next(generate_frames(dataset.PixelData, number_of_frames=int(dataset.get("NumberOfFrames", 1))))
    dataset.PixelData = encapsulate([first[: len(first) // 4 * 2]])


def leading_out(codestream: bytes) -> bytes:
    """Markers from the header of the first tile on, each 64 KiB long, over 4 MB: the last leads out of them.

    What reads the main header alone takes it for sound.
    """
    header = codestream[: codestream.index(b"\xff\x90") + 12]
    return header + b"\xff" * 4_000_000 + b"\xff\xd9"


def enormous(codestream: bytes) -> bytes:
    """Return the same with a width of four million, in more tiles: over 6 GB, if anything were in them."""
    place = codestream.index(b"\xff\x51") + 6
    return codestream[:place] + (1 << 22).to_bytes(4, "big") + codestream[place + 4 :]


def box(kind: bytes, content: bytes, length: int = 0) -> bytes:
    """Return a box of a JP2 file, of the length that is right unless another one is given."""
    return (length or 8 + len(content)).to_bytes(4, "big") + kind + content


def boxed(codestream: bytes, *, header: int = 0, length: int = 0, kind: bytes = b"jp2c") -> bytes:
    """Return a JP2 file with this codestream in its last box, and a header that is right but for lengths."""
    size = codestream[codestream.index(b"\xff\x51") + 6 :]
    wide, high = size[:4], size[4:8]
    components = int.from_bytes(size[32:34], "big")
    space = b"\1\0\0" + (17 if components == 1 else 16).to_bytes(4, "big")
    image = box(b"ihdr", high + wide + size[32:34] + bytes([size[34], 7, 0, 0])) + box(b"colr", space)
    start = box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 \0\0\0\0jp2 ")
    file = start + box(b"jp2h", image, header) + box(kind, codestream, length)
    return file + b"\0" * (len(file) % 2)


BROKEN: dict[str, Callable[[Dataset], None]] = {
    "no-colour-space": changed(PhotometricInterpretation="NONSENSE"),
    "palette-without-palette": changed(PhotometricInterpretation="PALETTE COLOR", SamplesPerPixel=1),
    "cmyk": changed(PhotometricInterpretation="CMYK", SamplesPerPixel=4),
    "half-chroma": changed(PhotometricInterpretation="YBR_FULL_422", SamplesPerPixel=3),
    "one-sample": changed(SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2"),
    "three-samples": changed(SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=1),
    "eight-bits": changed(BitsAllocated=8, BitsStored=8, HighBit=7),
    "sixteen-bits": changed(BitsAllocated=16, BitsStored=16, HighBit=15),
    "one-bit": changed(BitsAllocated=1, BitsStored=1, HighBit=0),
    "no-bits": changed(BitsAllocated=16, BitsStored=0, HighBit=0),
    "more-frames": changed(NumberOfFrames=9),
    "no-rows": changed(Rows=0),
    "large": changed(Rows=2000, Columns=2000),
    "cut": cut,
    "leading-out": first_of(leading_out),
    "enormous": first_of(enormous),
    "enormous-in-a-box": first_of(lambda one: boxed(enormous(one))),
    "box-leads-out": first_of(lambda one: boxed(one, header=0x7FFFFFF0)),
    "box-leads-back": first_of(lambda one: boxed(one, header=4)),
    "box-too-long": first_of(lambda one: boxed(leading_out(one), length=0x7FFFFFF0)),
    "no-box-of-pixels": first_of(lambda one: boxed(one, kind=b"free")),
    **{f"garbled-{seed}": first_of(garbled(seed)) for seed in range(12)},
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("kind", SOURCES)
def test_broken_jpeg_2000(server: Orthanc, kind: str, name: str) -> None:
    """Whatever is wrong in a file, every way to decode it ends with an answer, and no crash."""
    dataset = dicom.jpeg2000(SOURCES[kind]())
    BROKEN[name](dataset)
    file = named(dataset, kind, name)
    said = server.post("/instances", file)
    if said.status_code != 200:
        return
    instance = said.json()["ID"]
    statuses = [
        server.get(f"/instances/{instance}/preview").status_code,
        server.get(f"/instances/{instance}/numpy").status_code,
        server.get(f"/instances/{instance}/file?transcode={EXPLICIT}").status_code,
        server.get(f"/instances/{instance}/file?transcode=1.2.840.10008.1.2.4.91").status_code,
        server.get(f"{at(dataset)}/rendered").status_code,
    ]
    assert set(statuses) <= {200, 400, 404, 415, 500}


def threads(server: Orthanc) -> int:
    """Return how many threads Orthanc has."""
    return int(server.read("/proc/1/status").decode().partition("Threads:")[2].split()[0])


def test_broken_files_leave_no_threads(server: Orthanc) -> None:
    """A decoder that cannot read the header of a file ends with its threads, each time."""
    dataset = dicom.jpeg2000(dicom.ct(8, patient="J2K", size=64))
    first_of(lambda one: one.replace(b"\xff\x51", b"\xff\x50", 1))(dataset)  # where its sizes should be
    file = named(dataset, "threads")
    preview = f"/instances/{server.upload(file)['ID']}/preview"
    assert server.get(preview).status_code == 415
    before = threads(server)
    for _ in range(25):
        assert server.get(preview).status_code == 415
    assert threads(server) < before + 25
