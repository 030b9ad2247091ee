"""Images that are damaged, lie about themselves, or are enormous; and workers that are killed."""

from __future__ import annotations

import io
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import docker
import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import UID

from harness import containers, dicom
from harness.containers import Orthanc
from tests.image.common.test_dicomweb import at
from tests.image.conftest import steady
from tests.image.default.pictures import LOSSLESS, LOSSY, grey, pixels_of

pytestmark = pytest.mark.inherited

SOURCES: dict[str, Callable[[], Dataset]] = {
    "grey": lambda: dicom.ct(7, patient="J2K", size=512),
    "colour-frames": lambda: dicom.ultrasound(4, patient="J2K-US", size=128),
}
EXPLICIT = LOSSLESS["explicit"]

WORKER_MEMORY = 256
"""MiB for each worker of the server."""

SETTINGS = {
    "DICOM_WEB_PLUGIN_ENABLED": "true",
    "ORTHANC__GDCM__WORKER_MEMORY": str(WORKER_MEMORY),
    "ORTHANC__GDCM__WORKER_TIME": "2",
    "ORTHANC__GDCM__THROTTLING": "2",
}


@pytest.fixture(scope="module")
def launched(client: docker.DockerClient, image: str) -> Iterator[Orthanc]:
    """Yield the server that the tests of this module share, with memory for two workers and itself."""
    limit = f"{2 * WORKER_MEMORY + 700}m"
    server = containers.launch(client, image, SETTINGS, mem_limit=limit, memswap_limit=limit)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.remove()


@pytest.fixture
def server(request: pytest.FixtureRequest, launched: Orthanc) -> Iterator[Orthanc]:
    """Yield the module's server, which is the same process after the test."""
    yield from steady(request, launched)


def test_jpeg_2000_in_a_jp2_file(server: Orthanc) -> None:
    """A codestream with the boxes of a JP2 file around it, as some machines write it, is decoded."""
    for kind, make in SOURCES.items():
        original = make()
        dataset = dicom.jpeg2000(original)
        frames = generate_frames(dataset.PixelData, number_of_frames=int(dataset.get("NumberOfFrames", 1)))
        dataset.PixelData = encapsulate([boxed(frame) for frame in frames])
        instance = server.upload(named(dataset, kind, "jp2"))["ID"]
        content = server.get(f"/instances/{instance}/file?transcode={EXPLICIT}").content
        assert np.array_equal(pixels_of(content), original.pixel_array)


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


def refusals(server: Orthanc, dataset: Dataset, *paths: str) -> list[tuple[int, str]]:
    """Return what each path below an instance is answered with, and the line of the log about it."""
    instance = server.upload(dicom.encoded(dataset))["ID"]
    found = []
    for path in paths:
        before = len(server.logs().splitlines())
        began = time.monotonic()
        status = server.get(f"/instances/{instance}/{path}").status_code
        assert time.monotonic() - began < 10, path
        time.sleep(0.1)  # until the engine has the line
        lines = [line for line in server.logs().splitlines()[before:] if " gdcm:" in line]
        found.append((status, lines[0].partition("] ")[2] if len(lines) == 1 else "\n".join(lines)))
    server.delete(f"/instances/{instance}")
    return found


def jpeg_of(size: int) -> bytes:
    """Return the beginning of a JPEG that says it is of this size, and hardly more than that."""
    high = size.to_bytes(2, "big")
    tables = b"\xff\xdb\0\x43\0" + b"\x10" * 64
    frame = b"\xff\xc0\0\x0b\x08" + high + high + b"\1\1\x11\0"
    huffman = b"\xff\xc4\0\x14\0" + b"\1" + b"\0" * 15 + b"\0" + b"\xff\xc4\0\x14\x10" + b"\1" + b"\0" * 16
    return (
        b"\xff\xd8" + tables + frame + huffman + b"\xff\xda\0\x08\1\1\0\0\x3f\0" + b"\0" * 4000 + b"\xff\xd9"
    )


def test_a_jpeg_that_says_it_is_enormous(server: Orthanc) -> None:
    """Four kilobytes of JPEG with 30,000 by 30,000 pixels: refused, by attributes or by its own header."""
    dataset = grey("bomb", "u1", 8)
    dataset.PixelData = encapsulate([jpeg_of(30_000)])
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = UID(LOSSY["jpeg-baseline"])
    ((status, line),) = refusals(server, dataset, "preview")
    assert status == 415
    assert line == (
        f"Frame 0 of the instance {dataset.SOPInstanceUID} cannot be decoded: the compressed pixels are "
        "30000 \u00d7 30000 with 1 samples, and the attributes say 23 \u00d7 19 with 1."
    )
    dataset.Rows = dataset.Columns = 30_000
    ((status, line),) = refusals(server, dataset, "preview")
    assert status == 415
    assert line.endswith(f"and a worker has {WORKER_MEMORY} MiB (Gdcm.WorkerMemory).")


def test_files_that_are_too_short_for_their_size(server: Orthanc) -> None:
    """Nine kilobytes for 65,535 by 65,535 pixels, and none at all for 512 by 512: refused, with why."""
    dataset = grey("impossible", "u1", 8, rows=90, columns=100)
    dataset.Rows = dataset.Columns = 65_535
    wanted = (f"file?transcode={LOSSY['jpeg-baseline']}", f"file?transcode={LOSSLESS['jpeg-ls']}", "preview")
    for status, line in refusals(server, dataset, *wanted):
        assert status in (415, 500)
        assert "PixelData has 9000 bytes" in line or "(Gdcm.WorkerMemory)" in line
    empty = grey("empty", "<u2", 12, rows=512, columns=512)
    empty.PixelData = b""
    for status, line in refusals(server, empty, *wanted):
        assert status in (415, 500)
        assert "there are no pixels in PixelData" in line or "holds no samples" in line


def test_jpeg_2000_of_clinical_size_to_deflated(server: Orthanc) -> None:
    """What ended the server before gives the same pixels."""
    original = dicom.ct(3, patient="clinical", size=512)
    instance = server.upload(dicom.encoded(dicom.jpeg2000(original)))["ID"]
    answer = server.get(f"/instances/{instance}/file?transcode={LOSSLESS['deflated']}")
    assert np.array_equal(pixels_of(answer.content), original.pixel_array)


def processes(server: Orthanc) -> list[str]:
    """Return the numbers of the workers in the server's container."""
    said = server.run("sh", "-c", "grep -l '^pixels-worker$' /proc/[0-9]*/comm", user="0").stdout
    return [line.split("/")[2] for line in said.split()]


def test_workers_have_nothing(server: Orthanc) -> None:
    """A worker has a filter of system calls, no new privileges, and no files but its socket."""
    instance = server.upload(dicom.encoded(dicom.jpeg2000(dicom.ct(patient="walls"))))["ID"]
    assert server.get(f"/instances/{instance}/preview").status_code == 200
    workers = processes(server)
    assert 1 <= len(workers) <= 2
    for worker in workers:
        status = server.run("cat", f"/proc/{worker}/status", user="0").stdout
        assert "Seccomp:\t2" in status
        assert "NoNewPrivs:\t1" in status
        files = server.run("ls", "-l", f"/proc/{worker}/fd", user="0").stdout
        assert {line.split(" -> ")[1].split(":")[0] for line in files.splitlines() if " -> " in line} <= {
            "/dev/null", "socket",
        }  # fmt: skip


def test_killed_workers_cost_their_own_requests(server: Orthanc) -> None:
    """Workers are killed at random under 32 clients: no wrong pixel, few errors, nothing lost."""
    originals = [dicom.ct(number, patient="kills", size=256) for number in range(1, 9)]
    instances = [server.upload(dicom.encoded(dicom.jpeg2000(each)))["ID"] for each in originals]
    there = [each.pixel_array for each in originals]
    over = threading.Event()
    kills = 0

    def kill() -> None:
        nonlocal kills
        dice = random.Random(11)
        while not over.is_set():
            for worker in processes(server):
                kills += server.run("sh", "-c", f"kill -9 {worker}", user="0").code == 0
            time.sleep(dice.random() / 10)

    def ask(number: int) -> str:
        which = number % len(instances)
        if number % 2:
            answer = server.get(f"/instances/{instances[which]}/file?transcode={LOSSLESS['rle']}")
            pixels = pixels_of(answer.content) if answer.ok else None
        else:
            answer = server.get(f"/instances/{instances[which]}/numpy?rescale=false")
            pixels = np.load(io.BytesIO(answer.content))[0, ..., 0] if answer.ok else None
        if pixels is None:
            assert answer.status_code in (400, 500)
            return "error"
        return "right" if np.array_equal(pixels, there[which]) else "wrong"

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with ThreadPoolExecutor(32) as clients:
            said = list(clients.map(ask, range(1500)))
    finally:
        over.set()
        killer.join()
    assert said.count("wrong") == 0
    assert kills > 10
    assert said.count("error") <= kills
    assert said.count("right") > 1000
    assert all(server.get(f"/instances/{each}/preview").status_code == 200 for each in instances)


def test_pixels_are_asked_for_again_after_errors(server: Orthanc) -> None:
    """A hundred images that cannot be decoded leave no process and no descriptor behind."""
    dataset = dicom.jpeg2000(dicom.ct(8, patient="J2K", size=64))
    first_of(lambda one: one.replace(b"\xff\x51", b"\xff\x50", 1))(dataset)  # where its sizes should be
    preview = f"/instances/{server.upload(named(dataset, 'leak'))['ID']}/preview"

    def held() -> int:
        return len(server.run("ls", "/proc/1/fd", user="0").stdout.split())

    assert server.get(preview).status_code == 415
    before = held()
    for _ in range(100):
        assert server.get(preview).status_code == 415
    assert held() <= before + 10
    assert len(processes(server)) <= 2
