"""A service that says who may do what, as the plugin Authorization asks it; well, wrongly, or without end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from harness.containers import HOST

NOBODY: dict[str, Any] = {"name": "anonymous", "permissions": [], "authorized-labels": []}

PROFILES: dict[str, dict[str, Any]] = {
    "boss": {"name": "boss", "permissions": ["all", "admin-permissions"], "authorized-labels": ["*"]},
    "reader": {"name": "reader", "permissions": ["view"], "authorized-labels": ["teaching"]},
    "labeller": {
        "name": "labeller",
        "permissions": ["view", "edit-labels", "delete"],
        "authorized-labels": ["teaching"],
    },
}
"""Who each token belongs to; all others belong to nobody."""

SHARE = "share"
"""The token that opens the studies of `Authority.shared`, by StudyInstanceUID."""

PIECE = b" " * 65536


class Authority(ThreadingHTTPServer):
    """The service, on a port of this machine; its mood is well, garbage, endless or silent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("0.0.0.0", 0), Handler)
        self.mood = "well"
        self.validity = 60
        self.shared: set[str] = set()
        self.asked: list[tuple[str, Any]] = []
        self.sent = 0
        self.over = threading.Event()

    @property
    def url(self) -> str:
        """Return the address of the service for a container."""
        return f"http://{HOST}:{self.server_address[1]}/auth"

    def answer(self, path: str, body: Any) -> Any:
        """Return what the service says."""
        if path.endswith("/user/get-profile"):
            if "user-id" in body:
                return {**NOBODY, "name": f"name of {body['user-id']}", "validity": self.validity}
            return {**PROFILES.get(body["token-value"], NOBODY), "validity": self.validity}
        if path.endswith("/tokens/validate"):
            opens = body.get("token-value") == SHARE and body.get("dicom-uid") in self.shared
            return {"granted": opens, "validity": self.validity}
        if path.endswith("/tokens/decode"):
            good = body["token-value"] == SHARE
            resources = [{"dicom-uid": uid} for uid in sorted(self.shared)]
            return (
                {"token-type": "ohif-viewer-publication", "resources": resources}
                if good
                else {"error-code": "invalid"}
            )
        if path.endswith("/settings/roles"):
            return {"roles": {}, "told": body}
        return {"token": SHARE, "url": None}


class Handler(BaseHTTPRequestHandler):
    """One question."""

    protocol_version = "HTTP/1.1"
    server: Authority

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer a question without a body."""
        self.reply(None)

    def do_POST(self) -> None:
        """Answer a question; its length must be given."""
        self.reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def do_PUT(self) -> None:
        """Answer in the same way."""
        self.do_POST()

    def reply(self, body: Any) -> None:
        """Answer in the mood of the service."""
        self.server.asked.append((self.path, body))
        if self.server.mood == "silent":
            self.server.over.wait(30)
            return
        if self.server.mood == "endless":
            self.send_response(200)
            self.end_headers()
            self.close_connection = True
            with suppress(OSError):
                while not self.server.over.is_set():
                    self.server.sent += self.wfile.write(PIECE)
            return
        try:
            said = self.server.answer(self.path, body) if self.server.mood == "well" else {"name": 5}
            status = 200
        except OSError as error:
            said, status = {"error": str(error)}, 503
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def running() -> Iterator[Authority]:
    """Yield a service that answers well, until it is told otherwise."""
    service = Authority()
    threading.Thread(target=service.serve_forever, daemon=True).start()
    try:
        yield service
    finally:
        service.over.set()
        service.shutdown()
        service.server_close()
