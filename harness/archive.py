"""What a test sent to a server, how the server answered, and what is stored afterwards."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

import requests
from pydicom.dataset import Dataset

from harness import dicom, peers
from harness.containers import NotReadyError, Orthanc


class Way(NamedTuple):
    """How instances get to a server, and what must be the same afterwards.

    `give` returns whether the server acknowledged the instance. `mark` returns a mark of a file: of all its
    bytes, or of the pixels only where the server rewrites the file.
    """

    give: Callable[[Orthanc, Dataset], bool]
    mark: Callable[[bytes], str]


def _posted(server: Orthanc, dataset: Dataset) -> bool:
    try:
        return server.post("/instances", dicom.encoded(dataset), timeout=20).status_code == 200
    except requests.RequestException:
        return False


def _stored(server: Orthanc, dataset: Dataset) -> bool:
    try:
        return peers.store(server, [dataset]) == [0]
    except (NotReadyError, AssertionError, AttributeError, OSError, RuntimeError, ValueError):
        return False  # no association, or one that was cut


def _stowed(server: Orthanc, dataset: Dataset) -> bool:
    body, kind = multipart(dicom.encoded(dataset))
    try:
        answer = server.post("/dicom-web/studies", body, headers={"Content-Type": kind}, timeout=20)
    except requests.RequestException:
        return False
    return answer.status_code == 200


def multipart(file: bytes) -> tuple[bytes, str]:
    """Return a file as the body of STOW-RS, and its content type."""
    head = b"--part\r\nContent-Type: application/dicom\r\n\r\n"
    return head + file + b"\r\n--part--\r\n", 'multipart/related; type="application/dicom"; boundary=part'


def _bytes(file: bytes) -> str:
    return hashlib.sha256(file).hexdigest()


def _pixels(file: bytes) -> str:
    return hashlib.sha256(dicom.decoded(file).PixelData).hexdigest()


REST = Way(_posted, _bytes)
STORE = Way(_stored, _pixels)
STOW = Way(_stowed, _bytes)


class Ledger:
    """The instances that a server acknowledged, which it must keep for ever."""

    def __init__(self, patient: str = "LEDGER") -> None:
        self.patient = patient
        self.kept: dict[str, tuple[Way, str]] = {}
        self.refused = 0
        self._number = 0
        self._lock = threading.Lock()

    def fresh(self) -> Dataset:
        """Return an instance that nobody has sent yet."""
        with self._lock:
            self._number += 1
            number = self._number
        return dicom.ct(number, patient=self.patient, study="ledger", series=f"ledger-{number % 7}", size=32)

    def give(self, server: Orthanc, way: Way = REST) -> bool:
        """Send one more instance, and record the server's answer."""
        dataset = self.fresh()
        mark = way.mark(dicom.encoded(dataset))
        acknowledged = way.give(server, dataset)
        with self._lock:
            if acknowledged:
                self.kept[str(dataset.SOPInstanceUID)] = way, mark
            else:
                self.refused += 1
        return acknowledged

    def fill(self, server: Orthanc, count: int, way: Way = REST, clients: int = 4) -> None:
        """Send this number of instances, several at once; each must be acknowledged."""
        with ThreadPoolExecutor(clients) as pool:
            assert all(pool.map(lambda _: self.give(server, way), range(count)))

    @contextmanager
    def load(self, server: Orthanc, *ways: Way, clients: int = 2) -> Iterator[None]:
        """Send instances as fast as they are taken, by this number of clients for each way, until the end."""
        stop = threading.Event()

        def work(way: Way) -> None:
            while not stop.is_set():
                if not self.give(server, way):
                    stop.wait(0.2)

        threads = [threading.Thread(target=work, args=(way,)) for way in (ways or (REST,)) * clients]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(90)

    def grow(self, count: int, timeout: float = 60) -> None:
        """Return once so many more instances were acknowledged, under a load that goes on."""
        wanted, end = len(self.kept) + count, time.monotonic() + timeout
        while len(self.kept) < wanted:
            assert time.monotonic() < end, f"{len(self.kept)} of {wanted} acknowledged within {timeout} s"
            time.sleep(0.02)

    def lost(self, server: Orthanc, first: int = 0) -> list[str]:
        """Return the UIDs of acknowledged instances that `server` lacks, or has with other bytes.

        Those before the `first` one, in the order in which they were acknowledged, are only looked for.
        """
        found = {
            one["MainDicomTags"]["SOPInstanceUID"]: one["ID"] for one in server.json("/instances?expand")
        }
        known = list(self.kept)

        def right(uid: str) -> bool:
            way, mark = self.kept[uid]
            answer = server.get(f"/instances/{found[uid]}/file")
            return answer.status_code == 200 and way.mark(answer.content) == mark

        gone = [uid for uid in known if uid not in found]
        read = [uid for uid in known[first:] if uid in found]
        with ThreadPoolExecutor(4) as pool:
            return gone + [uid for uid, whole in zip(read, pool.map(right, read), strict=True) if not whole]


def unreadable(server: Orthanc, ledger: Ledger) -> list[str]:
    """Return the instances that the server lists, did not acknowledge, and cannot deliver: half-stored."""

    def whole(identifier: str) -> bool:
        return all(
            server.get(f"/instances/{identifier}/{part}").status_code == 200 for part in ("file", "tags")
        )

    return [
        one["ID"]
        for one in server.json("/instances?expand")
        if one["MainDicomTags"]["SOPInstanceUID"] not in ledger.kept and not whole(one["ID"])
    ]
