"""A gateway of the tests between Orthanc and a store: slow, busy, or broken when a test wants it so."""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import docker

from harness import peers
from harness.containers import HOST

BUSY = 503
"""What a store answers that has too much to do, and asks to slow down."""

CUT = 0
"""A connection that ends before the answer."""

HALF = -1
"""A connection that ends in the middle of the answer."""


class Passed(NamedTuple):
    """A request that went through: method, path with query, its Range, and bytes of the answer."""

    method: str
    path: str
    range: str
    size: int


class Gateway:
    """An HTTP server that hands requests on to `target`.

    `delay` is waited before each request, in seconds; `faults` are what the next requests meet instead of an
    answer (BUSY, CUT, HALF or another status, with the text `says`), one each; `passed` are the requests that
    were answered.
    """

    def __init__(self, address: str, target: tuple[str, int]) -> None:
        self.target = target
        self.delay = 0.0
        self.faults: list[int] = []
        self.says = b""
        self.passed: list[Passed] = []
        self.server = ThreadingHTTPServer((address, 0), partial(GatewayHandler, self))
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def inside(self) -> str:
        """Return host and port, seen from a container."""
        return f"{HOST}:{self.server.server_port}"

    def fault(self) -> int | None:
        """Return the fault for this request."""
        try:
            return self.faults.pop(0)
        except IndexError:
            return None

    @classmethod
    @contextlib.contextmanager
    def on(cls, client: docker.DockerClient, target: tuple[str, int]) -> Iterator[Gateway]:
        """Yield a gateway that containers reach, to a service on this machine."""
        made = cls(peers.bridge(client), target)
        try:
            yield made
        finally:
            made.server.shutdown()
            made.server.server_close()
            made.thread.join(timeout=5)


class GatewayHandler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, gateway: Gateway, *arguments: object) -> None:
        self.gateway = gateway
        super().__init__(*arguments)  # type: ignore[arg-type]

    def log_message(self, *_: object) -> None:
        """Log nothing: `passed` has the request."""

    def handle(self) -> None:
        """Answer requests until the client is gone, which is no trouble of ours."""
        with contextlib.suppress(ConnectionError):
            super().handle()

    def hand_on(self) -> None:
        """Answer as the store does, or fail as the test wants."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        time.sleep(self.gateway.delay)
        fault = self.gateway.fault()
        if fault == CUT:
            self.close_connection = True
            return
        if fault is not None and fault != HALF:
            self.send_response(fault)
            self.send_header("Content-Length", str(len(self.gateway.says)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(self.gateway.says)
            return
        store = http.client.HTTPConnection(*self.gateway.target, timeout=60)
        try:
            store.request(self.command, self.path, body, dict(self.headers.items()))
            answer = store.getresponse()
            content = answer.read()
        except OSError:
            self.close_connection = True
            return
        finally:
            store.close()
        self.answer(answer, content, half=fault == HALF)

    def answer(self, answer: http.client.HTTPResponse, content: bytes, *, half: bool) -> None:
        """Send the store's answer to the client."""
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        if answer.status != 204 and length is not None:
            self.send_header("Content-Length", length)
        # Noted before it is sent: whoever has the answer may look at once at what has passed, or forget it.
        seen = Passed(self.command, self.path, self.headers.get("Range", ""), len(content))
        self.gateway.passed.append(seen)
        self.end_headers()
        self.close_connection = self.close_connection or half
        self.wfile.write(content[: len(content) // 2] if half else content)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = hand_on  # noqa: N815 - names that http.server looks for
