"""A stand-in for The Cancer Imaging Archive: the calls of its service (NBIA, version 4), well or not.

It answers as the archive's documentation says; no test reaches the archive itself.
"""

from __future__ import annotations

import hashlib
import io
import json
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from harness.containers import HOST

PATH = "/nbia-api/services/v4"

PIECE = bytes(65536)


class Held(NamedTuple):
    """A series that the stand-in has: where it belongs, and its files."""

    collection: str
    patient: str
    study: str
    uid: str
    modality: str
    files: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(map(len, self.files))

    def order(self) -> dict[str, Any]:
        """Return what the page orders."""
        return {
            "Collection": self.collection,
            "PatientID": self.patient,
            "SeriesInstanceUID": self.uid,
            "InstancesCount": len(self.files),
            "Size": str(self.size),
        }


class TciaService(ThreadingHTTPServer):
    """The stand-in, on a port of this machine; `moods` has what goes wrong with the archive of a series.

    truncated: it ends early, with an honest length or (cut) without one. damaged: a byte is another one.
    outside: it has a file with a path outside. short: it lacks a file. other: it is of another series. text:
    a file in it is no DICOM. hash: an MD5 is wrong. endless: it never ends. slow: it needs seconds. silent:
    there is no answer. away: 503. unknown: 400, in the archive's words. plain: no call with MD5 is there.
    """

    daemon_threads = True

    def __init__(self, address: str = "0.0.0.0") -> None:
        super().__init__((address, 0), TciaHandler)
        self.series: list[Held] = []
        self.moods: dict[str, str] = {}
        self.once: set[str] = set()
        """The series that are in their mood for one request only."""
        self.asked: Counter[str] = Counter()
        self.sent = 0
        self.over = threading.Event()

    @property
    def url(self) -> str:
        """Return the address of the service for a container."""
        return f"http://{HOST}:{self.server_address[1]}{PATH}"

    @property
    def local(self) -> str:
        """Return the address of the service for this machine."""
        return f"http://127.0.0.1:{self.server_address[1]}{PATH}"

    def add(self, files: Sequence[bytes], uid: str, **where: str) -> Held:
        """Add a series of these files; `where` has its collection, patient, study and modality."""
        place = {"collection": "C", "patient": "P", "study": "1.2", "modality": "CT", **where}
        held = Held(uid=uid, files=tuple(files), **place)
        self.series.append(held)
        return held

    def rows(self, call: str, query: Mapping[str, str]) -> list[dict[str, Any]] | None:
        """Return the answer to a call; None when there is no such call."""
        names = {"Collection": "collection", "PatientID": "patient", "StudyInstanceUID": "study"}
        found = [
            one
            for one in self.series
            if all(getattr(one, names[key]) == value for key, value in query.items() if key in names)
        ]
        row: Callable[[Held], dict[str, Any]] | None = {
            "getCollectionValues": lambda one: {"Collection": one.collection},
            "getModalityValues": lambda one: {"Modality": one.modality},
            "getBodyPartValues": lambda _: {"BodyPartExamined": "CHEST"},
            "getPatient": lambda one: {
                "PatientId": one.patient, "PatientName": one.patient, "PatientSex": "O",
                "Collection": one.collection,
            },
            "getPatientStudy": lambda one: {
                "StudyInstanceUID": one.study, "StudyDate": "2001-02-03", "StudyDescription": "A study",
                "PatientID": one.patient, "Collection": one.collection,
            },
            "getSeries": lambda one: {
                "SeriesInstanceUID": one.uid, "StudyInstanceUID": one.study, "Modality": one.modality,
                "SeriesDescription": f"Series {one.uid[-4:]}", "BodyPartExamined": "CHEST",
                "Collection": one.collection, "PatientID": one.patient,
                "ImageCount": len(one.files), "FileSize": one.size,
            },
        }.get(call)  # fmt: skip
        if row is None:
            return None
        return list({json.dumps(row(one)): row(one) for one in found}.values())


def cart(series: Sequence[Held], *, former: bool = False) -> str:
    """Return a cart file of today, or one of before."""
    head = (
        "Collection Name,Subject ID,Series ID,Number of images,File Size (Bytes)"
        if former
        else "SeriesInstanceUID,Collection,PatientID,ImageCount,FileSize,License"
    )
    rows = [
        f"{one.collection},{one.patient},{one.uid},{len(one.files)},{one.size}"
        if former
        else f'{one.uid},{one.collection},{one.patient},{len(one.files)},{one.size},"CC BY 4.0, or so"'
        for one in series
    ]
    return "\r\n".join([head, *rows, ""])


def packed(held: Held, *, hashes: bool, mood: str = "") -> bytes:
    """Return the archive of a series, as the service makes it."""
    files = {f"{at:08d}.dcm": content for at, content in enumerate(held.files, 1)}
    if mood == "short":
        files.popitem()
    if mood == "text":
        files["00000001.dcm"] = b"no DICOM"
    if mood == "outside":
        files["../../etc/passwd"] = b"x"
    told = {name: hashlib.md5(content).hexdigest() for name, content in files.items()}
    if mood == "hash":
        told["00000001.dcm"] = "0" * 32
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        if hashes:
            lines = [f"{name},{value}" for name, value in told.items()]
            archive.writestr("md5hashes.csv", "\n".join(["Filename,MD5Hash", *lines]))
        else:
            archive.writestr("LICENSE", "CC BY 4.0")
    made = bytearray(buffer.getvalue())
    if mood == "damaged":
        made[50] ^= 0xFF
    return bytes(made)


class TciaHandler(BaseHTTPRequestHandler):
    """One call."""

    protocol_version = "HTTP/1.1"
    server: TciaService

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer a call."""
        parts = urlsplit(self.path)
        call, query = parts.path.removeprefix(f"{PATH}/"), dict(parse_qsl(parts.query))
        self.server.asked[f"{call}?{parts.query}"] += 1
        with suppress(OSError):
            if call.startswith("getImage"):
                self.archive(call, query.get("SeriesInstanceUID", ""))
                return
            rows = self.server.rows(call, query)
            if rows is None:
                self.say(404, b"HTTP 404 Not Found", "text/plain")
            else:
                # The archive answers with nothing where it has nothing.
                self.say(200, json.dumps(rows).encode() if rows else b"", "application/json")

    def archive(self, call: str, uid: str) -> None:
        """Answer with the archive of a series, in its mood."""
        mood = self.server.moods.get(uid, "")
        if uid in self.server.once:
            self.server.moods.pop(uid, None)
        held = next((one for one in self.server.series if one.uid == uid), None)
        if mood == "silent":
            self.server.over.wait(60)
        elif mood == "away":
            self.say(503, b"Service Unavailable", "text/plain")
        elif mood == "plain" and call != "getImage":
            self.say(404, b"HTTP 404 Not Found", "text/plain")
        elif mood == "endless":
            self.endless()
        elif held is None or mood == "unknown":
            what = "The user has not been granted the access to image with given SeriesInstanceUID"
            self.say(400, f"{what},{uid}. Please contact System Admin.".encode(), "text/plain")
        else:
            if mood == "other":
                held = next(one for one in self.server.series if one.uid != uid)
            content = packed(held, hashes=call == "getImageWithMD5Hash", mood=mood)
            self.pieces(content, mood)

    def pieces(self, content: bytes, mood: str) -> None:
        """Send an archive as the service does, in chunks; or of a known length, of which half arrives."""
        half = len(content) // 2
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        if mood == "truncated":
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:half])
            self.close_connection = True
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        parts = (content[:half],) if mood == "cut" else (content[:half], content[half:])
        for at, part in enumerate(parts):
            if at and mood == "slow":
                self.wfile.flush()
                self.server.over.wait(4)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def endless(self) -> None:
        """Send without end, or until somebody has had enough."""
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        while not self.server.over.is_set():
            self.server.sent += self.wfile.write(PIECE)

    def say(self, status: int, content: bytes, mime: str) -> None:
        """Send a short answer."""
        self.send_response(status)
        self.send_header("Content-Type", mime)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def running(address: str = "0.0.0.0") -> Iterator[TciaService]:
    """Yield a stand-in without any series."""
    service = TciaService(address)
    threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield service
    finally:
        service.over.set()
        service.shutdown()
        service.server_close()


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something is true.

    Raises:
        AssertionError: it never is.
    """
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)
