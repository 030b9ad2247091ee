"""Transfers with a peer that is slow, dies or lies: a stand-in that speaks as the official plugin does."""

from __future__ import annotations

import hashlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from harness import dicom
from harness.containers import HOST, Orthanc
from tests.image.conftest import Start

pytestmark = pytest.mark.timeout(200)

ENABLED = {"TRANSFERS_PLUGIN_ENABLED": "true", "ORTHANC__TRANSFERS__BUCKET_SIZE": "16"}


class Peer(ThreadingHTTPServer):
    """A peer that takes what is pushed to it, and answers `lookup` and `chunks` to who fetches."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("0.0.0.0", 0), Handler)
        self.pause = 0.0
        self.requests: list[tuple[str, str, str]] = []
        self.declared: dict[str, Any] = {}
        self.buckets: dict[str, bytes] = {}
        self.committed = 0
        self.chunks: Callable[[BaseHTTPRequestHandler], None] = lambda _handler: None
        self.lookup: dict[str, Any] = {}

    @property
    def url(self) -> str:
        """Return its address, as a container sees it."""
        return f"http://{HOST}:{self.server_address[1]}/"


class Handler(BaseHTTPRequestHandler):
    """One request to the peer."""

    server: Peer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def body(self) -> bytes:
        """Return the body, in chunks or not."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def answer(self, value: Any) -> None:
        """Answer with the value in JSON."""
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def note(self) -> bytes:
        """Note the request, and return its body."""
        content = self.body()
        self.server.requests.append((self.command, self.path, self.headers.get("sender-transfer-id", "")))
        return content

    def do_POST(self) -> None:
        """Begin or commit a push, or tell what there is."""
        content = self.note()
        if self.path == "/transfers/push":
            self.server.declared = json.loads(content)
            self.answer({"ID": "ab-cd", "Path": "/transfers/push/ab-cd"})
        elif self.path == "/transfers/lookup":
            self.answer(self.server.lookup)
        else:
            self.server.committed += 1
            self.answer({})

    def do_PUT(self) -> None:
        """Take a bucket, slowly if so wished."""
        content = self.note()
        time.sleep(self.server.pause)
        self.server.buckets[self.path.rpartition("/")[2]] = content
        self.answer({})

    def do_DELETE(self) -> None:
        """Forget a push."""
        self.note()
        self.answer({})

    def do_GET(self) -> None:
        """Answer parts of files."""
        self.note()
        self.server.chunks(self)


@pytest.fixture
def peer() -> Iterator[Peer]:
    """Yield a peer that answers until the test ends."""
    with Peer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def site(start: Start, peer: Peer, **settings: str) -> Orthanc:
    """Return a server that knows the peer."""
    return start({**ENABLED, "ORTHANC__ORTHANC_PEERS__peer": json.dumps([peer.url]), **settings})


def ended(server: Orthanc, job: str, timeout: float = 60) -> dict[str, Any]:
    """Return a job that has ended."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        found: dict[str, Any] = server.json(f"/jobs/{job}")
        if found["State"] in ("Success", "Failure"):
            return found
        time.sleep(0.2)
    raise AssertionError(f"job {job} has not ended: {found}")


def memory(server: Orthanc) -> int:
    """Return the most memory that Orthanc has had, in MiB."""
    said = server.run("cat", "/proc/1/status").stdout
    return int(re.findall(r"VmHWM:\s+(\d+) kB", said)[0]) // 1024


def left_over(server: Orthanc) -> list[str]:
    """Return the names of temporary files."""
    return re.findall(r"orthanc-transfer-\S+", server.run("ls", "/tmp").stdout)


def test_job_goes_on_after_a_restart(start: Start, peer: Peer) -> None:
    """A push that Orthanc was stopped in begins anew after the start, and is complete."""
    server = site(start, peer)
    content = dicom.encoded(dicom.ct(patient="restart"))
    identifier = server.upload(content)["ID"]
    peer.pause = 3
    wish = {"Resources": [{"Level": "Instance", "ID": identifier}], "Compression": "none", "Peer": "peer"}
    job = server.post("/transfers/send", json.dumps(wish)).json()["ID"]
    end = time.monotonic() + 20
    while not any(method == "PUT" for method, _, _ in peer.requests):
        assert time.monotonic() < end, peer.requests
        time.sleep(0.05)
    server.stop(timeout=30)
    assert peer.committed == 0
    peer.pause = 0
    peer.buckets.clear()
    server.start_again()
    assert ended(server, job)["State"] == "Success"
    assert peer.committed == 1
    assert len({sender for _, _, sender in peer.requests}) == 1
    taken = b"".join(peer.buckets[str(number)] for number in range(len(peer.buckets)))
    assert taken == content
    (declared,) = peer.declared["Instances"]
    assert declared == {
        "ID": identifier,
        "Size": str(len(content)),
        "MD5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
    }


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Answer without end."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"\0" * (1 << 20))


def dying(handler: BaseHTTPRequestHandler) -> None:
    """Answer a part of what was announced, and die."""
    handler.send_response(200)
    handler.send_header("Content-Length", "2000")
    handler.end_headers()
    handler.wfile.write(b"\0" * 1000)
    handler.connection.shutdown(socket.SHUT_RDWR)


def other(handler: BaseHTTPRequestHandler) -> None:
    """Answer other bytes than those that were announced."""
    handler.send_response(200)
    handler.send_header("Content-Length", "2000")
    handler.end_headers()
    handler.wfile.write(b"\0" * 2000)


@pytest.mark.parametrize("lie", [endless, dying, other])
def test_fetching_from_a_hostile_peer_ends(
    start: Start, peer: Peer, lie: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    """The job fails soon, with the reason; nothing is stored or left over, and memory does not grow."""
    server = site(start, peer)
    name = "-".join(["aaaaaaaa"] * 5)
    peer.lookup = {"Instances": [{"ID": name, "Size": "2000", "MD5": "0" * 32}], "Originator": "x"}
    peer.chunks = lie
    before = memory(server)
    wish = {"Resources": [{"Level": "Instance", "ID": name}], "Compression": "none", "Peer": "peer"}
    job = server.post("/transfers/pull", json.dumps(wish)).json()["ID"]
    found = ended(server, job)
    assert found["State"] == "Failure"
    assert found["Content"]["Error"]
    assert server.json("/instances") == []
    assert left_over(server) == []
    assert memory(server) < before + 100


def test_pushing_too_much_is_refused(start: Start, peer: Peer) -> None:
    """Nothing is kept of a bucket that is too long; more transfers than allowed drop the oldest."""
    server = site(start, peer, ORTHANC__TRANSFERS__MAX_PUSH_TRANSACTIONS="2")
    declared = {
        "Instances": [{"ID": "aa", "Size": "1000", "MD5": "0" * 32}],
        "Buckets": [[{"ID": "aa", "Offset": "0", "Size": "1000"}]],
        "Compression": "none",
    }
    places = [server.post("/transfers/push", json.dumps(declared)).json()["Path"] for _ in range(5)]
    assert server.put(f"{places[0]}/0", b"x" * 1000).status_code == 404
    before = memory(server)
    answer = server.put(f"{places[-1]}/0", (b"\0" * (1 << 20) for _ in range(500)))
    assert answer.status_code == 500
    assert answer.json()["Details"].endswith("is longer than it may be (1000 bytes)")
    assert memory(server) < before + 100
    assert server.put(f"{places[-1]}/0", b"x" * 1000).status_code == 200
    assert server.post(f"{places[-1]}/commit", b"").status_code == 500
    assert server.json("/instances") == []
    figures = server.get("/tools/metrics-prometheus").text
    assert re.search(r"orthanc_transfers_available_push_count 2\b", figures)
    assert re.search(r"orthanc_transfers_aborted_push_count 3\b", figures)
    assert left_over(server) == []
