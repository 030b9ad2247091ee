"""Files, requests and clients that mean no good: the server stays up, healthy, and keeps what it has."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
import socket
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
from pynetdicom import _config

from harness import dicom, peers
from harness.archive import REST, STORE, STOW, Ledger, multipart, unreadable
from harness.containers import DICOM_PORT, HTTP_PORT, Orthanc
from tests.image.conftest import Start
from tests.system.conftest import Figure

MUTANTS = 300
PROBE = "/probes/test-aliveness.py"
META = 132 + 12 + int.from_bytes(dicom.encoded(dicom.ct())[140:144], "little")
"""Where the dataset begins in the files of these tests."""

LENGTHS = (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", bytes(4))
HEAD = (
    "POST /instances HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ZGVtbzpkZW1v\r\nContent-Length: {}\r\n\r\n"
)


@pytest.fixture
def memory() -> str:
    """Return how much memory the server has."""
    return "1g"


@pytest.fixture
def server(start: Start, memory: str) -> Iterator[tuple[Orthanc, Ledger]]:
    """Yield a server with a few instances; afterwards the same process, healthy, has them."""
    quick = {"DICOM_WEB_PLUGIN_ENABLED": "true", "ORTHANC__DICOM_SCP_TIMEOUT": "2"}
    begun = start(quick, mem_limit=memory, memswap_limit=memory)
    ledger, before = Ledger(), begun.process
    ledger.fill(begun, 5)
    yield begun, ledger
    assert begun.exit_code is None, "the server has ended"
    assert begun.process == before
    assert begun.run(PROBE).code == 0
    for way in (REST, STORE, STOW):
        ledger.fill(begun, 2, way)
    assert ledger.lost(begun) == []
    assert unreadable(begun, ledger) == []


def mutants(count: int) -> Iterator[bytes]:
    """Yield DICOM files, each damaged in one way: bytes changed, removed, doubled or cut off."""
    chance = random.Random("mutants")
    seeds = [
        dicom.encoded(one) for one in (dicom.ct(), dicom.ultrasound(), dicom.jpeg2000(dicom.mr(patient="J")))
    ]
    for _ in range(count):
        yield damaged(chance.choice(seeds), chance, 132)


def damaged(file: bytes, chance: random.Random, begin: int) -> bytes:
    """Return the file with bytes changed, removed, doubled or cut off, mostly in its head, after `begin`."""
    data = bytearray(file)
    head = chance.random() < 0.7
    for _ in range(chance.choice((1, 1, 2, 8, 40))):
        place = chance.randrange(begin, min(len(data), 1400) if head else len(data))
        match chance.randrange(5):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                del data[place : place + chance.randrange(1, 16)]
            case 2:
                data[place:place] = data[place : place + chance.randrange(1, 64)]
            case 3:
                data[place : place + 4] = chance.choice(LENGTHS)
            case _:
                del data[max(place, begin + 68) :]
    return bytes(data)


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "memory", ["10g"]
)  # see docs/limits.md: Orthanc believes what a file says of its length
def test_damaged_files(server: tuple[Orthanc, Ledger], figure: Figure) -> None:
    """Hundreds of damaged files through REST and STOW-RS get an answer each; what is kept can be read."""
    orthanc, _ = server
    answers: dict[int, int] = {}

    def send(item: tuple[int, bytes]) -> int:
        number, data = item
        if number % 3:
            return orthanc.post("/instances", data, timeout=60).status_code
        body, kind = multipart(data)
        return orthanc.post(
            "/dicom-web/studies", body, headers={"Content-Type": kind}, timeout=60
        ).status_code

    with ThreadPoolExecutor(2) as pool:
        for code in pool.map(send, enumerate(mutants(MUTANTS))):
            answers[code] = answers.get(code, 0) + 1
    figure("inputs tried", MUTANTS)
    figure("accepted", answers.get(200, 0))
    figure("refused", MUTANTS - answers.get(200, 0))
    peak = orthanc.read("/proc/1/status").decode().partition("VmHWM:")[2].split()[0]
    figure("MiB at most", int(peak) // 1024)
    assert {code // 100 for code in answers} <= {2, 4, 5}
    for identifier in orthanc.json("/instances"):
        for part in ("tags", "preview", "rendered", "header"):
            orthanc.get(f"/instances/{identifier}/{part}", timeout=60)


DATASETS = 40


def sent(server: Orthanc, file: Path) -> int:
    """Return the status of a C-STORE of the dataset in the file as it is; -1 if the association ended."""
    with peers.association(server, [(CTImageStorage, ExplicitVRLittleEndian)]) as link:
        return int(link.send_c_store(file).get("Status", -1))


def damaged_ct(number: int) -> Dataset:
    """Return an instance to be damaged."""
    return dicom.ct(number, patient="DAMAGED", study="damaged")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("memory", ["10g"])
def test_damaged_datasets(
    server: tuple[Orthanc, Ledger], figure: Figure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Damaged datasets over a real association are refused, or kept readable; nothing else is kept."""
    monkeypatch.setattr(_config, "STORE_SEND_CHUNKED_DATASET", True)  # the bytes of the file, unread
    orthanc, ledger = server
    chance = random.Random("datasets")
    files = [tmp_path / f"{number}.dcm" for number in range(DATASETS)]
    for number, file in enumerate(files):
        whole = dicom.encoded(damaged_ct(number))
        file.write_bytes(whole[:META] + damaged(whole[META:], chance, 60))
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(sent, [orthanc] * DATASETS, files))
    figure("inputs tried", DATASETS)
    figure("accepted", statuses.count(0))
    assert 0 < statuses.count(0) < DATASETS
    kept = orthanc.json("/instances")
    assert len(kept) == len(ledger.kept) + statuses.count(0)
    for identifier in kept:
        assert orthanc.json(f"/instances/{identifier}/tags")
    assert ledger.lost(orthanc) == []


def test_wrong_units_in_an_association(server: tuple[Orthanc, Ledger], figure: Figure) -> None:
    """What has no place in an association (unknown, oversized, out of turn) ends it, and only it."""
    orthanc, _ = server
    units = [
        b"\x63\0\0\0\0\x04abcd",  # of no known type
        b"\x04\0\xff\xff\xff\xff" + bytes(200),  # longer than agreed
        b"\x04\0\0\0\0\x02ab",  # too short to hold anything
        b"\x04\0\0\0\0\x06\0\0\0\x02\x09\x03",  # of a context that was not agreed
        b"\x04\0\0\0\0\x0a\xff\xff\xff\xf0\x01\x03abcd",  # whose parts are longer than itself
        b"\x01\0\0\0\0\x04abcd",  # a second request for an association
        b"\x06\0\0\0\0\x04\0\0\0\0",  # an answer to a release that nobody asked for
        b"\x07\0\0\0\0\x04\0\0\xff\xff",  # an abort for no known reason
        bytes(1000),
    ]
    for unit in units:
        with peers.association(orthanc, [(CTImageStorage, ExplicitVRLittleEndian)]) as link:
            assert link.dul.socket is not None
            link.dul.socket.send(unit)
            time.sleep(0.1)
            link.abort()
    figure("inputs tried", len(units))
    assert peers.echo(orthanc) == 0


def test_wrong_parts(server: tuple[Orthanc, Ledger], figure: Figure) -> None:
    """STOW-RS with wrong boundaries, missing ends, huge headers and parts without number stores nothing."""
    orthanc, ledger = server
    file = dicom.encoded(dicom.ct(patient="PARTS"))
    whole, kind = multipart(file)
    bodies = [
        (whole, kind.replace("boundary=part", "boundary=other")),
        (whole, kind.replace("boundary=part", "boundary=")),
        (whole, kind.partition(";")[0]),
        (whole, kind.replace("boundary=part", "boundary=" + "x" * 5000)),
        (b"--part--\r\n", kind),
        (b"--part\r\n" * 20_000, kind),
        (b"--part\r\nContent-Length: 99999999999\r\n\r\n" + file[:100], kind),
        (b"--part\r\nContent-Length: -1\r\n\r\n" + file[:100], kind),
        (b"--part\r\n" + b"X-Long: " + b"y" * 3_000_000 + b"\r\n\r\n" + file[:100] + b"\r\n--part--", kind),
        (b"", kind),
    ]
    before = orthanc.json("/statistics")["CountInstances"]
    for body, name in bodies:
        with contextlib.suppress(requests.ConnectionError):
            answer = orthanc.post("/dicom-web/studies", body, headers={"Content-Type": name}, timeout=60)
            assert answer.status_code // 100 in (2, 4, 5), name
    figure("inputs tried", len(bodies))
    assert orthanc.json("/statistics")["CountInstances"] == before
    assert ledger.lost(orthanc) == []


@pytest.mark.timeout(120)
def test_cut_uploads(server: tuple[Orthanc, Ledger], figure: Figure) -> None:
    """Uploads whose sender goes away in the middle leave nothing behind."""
    orthanc, ledger = server
    before = orthanc.json("/statistics")["CountInstances"]
    file = dicom.encoded(dicom.ct(patient="CUT", size=512))
    for number in range(40):
        with socket.create_connection(orthanc.address(HTTP_PORT), 10) as link:
            link.sendall(HEAD.format(len(file)).encode() + file[: len(file) * number // 40])
    for number in range(20):
        with socket.create_connection(orthanc.address(DICOM_PORT), 10) as link:
            link.sendall(b"\x01\x00\x00\x00\x00\xcd\x00\x01\x00\x00" + bytes(number * 9))
    time.sleep(1)
    figure("uploads cut", 60)
    assert orthanc.json("/statistics")["CountInstances"] == before
    assert ledger.lost(orthanc) == []


def bomb(megabytes: int) -> bytes:
    """Return a ZIP of a thousandth of the size that it unpacks to."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("zeros.dcm", "w", force_zip64=True) as file,
    ):
        for _ in range(megabytes):
            file.write(bytes(1 << 20))
    return buffer.getvalue()


@pytest.mark.timeout(240)
def test_zip_bombs(server: tuple[Orthanc, Ledger], figure: Figure) -> None:
    """Archives that unpack to hundreds of times their size are refused, by a server with 1 GiB of memory."""
    orthanc, _ = server
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(2_000):
            archive.writestr(f"{number}", b"")
    bombs = {
        "one large file": bomb(100),
        "many empty files": many.getvalue(),
        "a bomb in a bomb": zipped(bomb(10)),
        "gzip": gzip.compress(bytes(50 << 20)),
    }
    for name, content in bombs.items():
        headers = {"Content-Encoding": "gzip"} if name == "gzip" else {}
        answer = orthanc.post("/instances", content, headers=headers, timeout=120)
        assert answer.status_code // 100 in (2, 4, 5), name
        assert "ID" not in answer.text, name
    figure("bombs", len(bombs))


def zipped(content: bytes) -> bytes:
    """Return a ZIP with this one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.zip", content)
    return buffer.getvalue()


@pytest.mark.timeout(120)
def test_slow_clients(server: tuple[Orthanc, Ledger], figure: Figure) -> None:
    """Forty clients that send a byte now and then do not keep others, or the probe, from being answered."""
    orthanc, ledger = server
    address, slow = orthanc.address(HTTP_PORT), []
    with contextlib.ExitStack() as stack:
        for _ in range(40):
            link = stack.enter_context(socket.create_connection(address, 10))
            link.sendall(b"POST /instances HTTP/1.1\r\nHost: x\r\nContent-Le")
            slow.append(link)
        longest = 0.0
        for _ in range(6):
            for link in slow:
                with contextlib.suppress(OSError):
                    link.sendall(b"n")
            began = time.monotonic()
            assert orthanc.run(PROBE).code == 0
            ledger.fill(orthanc, 2)
            longest = max(longest, time.monotonic() - began)
            time.sleep(0.5)
    figure("slow clients", len(slow))
    figure("longest wait of the others in seconds", round(longest, 2))


@pytest.mark.timeout(120)
def test_nonsense_on_both_ports(server: tuple[Orthanc, Ledger], figure: Figure) -> None:
    """Random bytes, wrong protocols and endless headers end their own connection at most."""
    orthanc, _ = server
    chance = random.Random("nonsense")
    inputs = [chance.randbytes(chance.randrange(1, 4000)) for _ in range(60)]
    inputs += [
        b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 70_000,
        b"GET " + b"/a" * 40_000 + b" HTTP/1.1\r\n\r\n",
    ]
    inputs += [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
        b"\x01\x00\xff\xff\xff\xff" + bytes(99),
    ]
    for port in (HTTP_PORT, DICOM_PORT):
        for data in inputs:
            with contextlib.suppress(OSError), socket.create_connection(orthanc.address(port), 10) as link:
                link.sendall(data)
    for path in ("/instances/..", "/%00", "/tools/find", "/" + "x" * 5000, "/changes?since=-1&limit=x"):
        with contextlib.suppress(requests.ConnectionError):
            assert orthanc.post(path, b"{" * 100).status_code != 200
    figure("inputs tried", 2 * len(inputs) + 5)
