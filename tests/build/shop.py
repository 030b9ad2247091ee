"""A site with the layout of Orthanc's download site, on the loopback, with its moods."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = Callable[[BaseHTTPRequestHandler], None]


def whole(content: bytes, *, sent: int | None = None, pause: float = 0.0) -> Reply:
    """Send the content, or only `sent` bytes of it, after `pause` seconds before and in the middle."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        part = content[:sent]
        for half in (part[: len(part) // 2], part[len(part) // 2 :]):
            time.sleep(pause)
            request.wfile.write(half)

    return reply


def moved(address: str) -> Reply:
    """Send to another address."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", address)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return reply


def failing(times: int, then: Reply) -> Reply:
    """Fail that many times."""
    left = [times]

    def reply(request: BaseHTTPRequestHandler) -> None:
        left[0] -= 1
        request.send_error(503) if left[0] >= 0 else then(request)

    return reply


@contextmanager
def opened(replies: Mapping[str, Reply]) -> Iterator[str]:
    """Serve each path with its reply, and no others; yield the address, ending in a slash."""

    class ShopHandler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the base class's word
            reply = replies.get(self.path)
            reply(self) if reply else self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base class's word
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), ShopHandler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
