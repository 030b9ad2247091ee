"""A registry in this process, as far as the protocol goes that the toolkit speaks."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USER, PASSWORD = "alice", "s3cret"  # of this test
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


class Held:
    """What a registry holds, how it behaves, and what it was asked for."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, tuple[bytes, str]] = {}
        self.asked: list[str] = []
        self.guard = ""
        """Who may come in: anybody (empty), "basic", or "bearer"."""
        self.failures: list[int] = []
        """Answers that come before the right ones."""
        self.port = 0

    @property
    def host(self) -> str:
        """Return host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def changes(self) -> list[str]:
        """Return what was asked for that changes something."""
        return [line for line in self.asked if not line.startswith(("GET", "HEAD"))]


@contextmanager
def serving() -> Iterator[Held]:
    """Run a registry on the loopback for the block."""
    held = Held()

    class Handler(_Handler):
        state = held

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: Held

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        if path == "/token":
            right = self.headers.get("Authorization") == BASIC
            self._say(200 if right else 401, json.dumps({"token": "leave"}).encode())
            return
        self.state.asked.append(f"{self.command} {path}")
        if self.state.failures:
            code = self.state.failures.pop(0)
            self._say(code, json.dumps({"errors": [{"code": "BUSY", "message": "come back"}]}).encode())
        elif not self._welcome():
            realm = f'realm="http://{self.state.host}/token",service="test"'
            scheme = "Basic realm=x" if self.state.guard == "basic" else f"Bearer {realm}"
            self._say(401, b"{}", {"WWW-Authenticate": scheme})
        else:
            self._serve(path, body)

    do_GET = do_HEAD = do_PUT = do_POST = _any  # noqa: N815 # names that http.server looks for

    def _welcome(self) -> bool:
        given = self.headers.get("Authorization", "")
        return given == {"": given, "basic": BASIC, "bearer": "Bearer leave"}[self.state.guard]

    def _serve(self, path: str, body: bytes) -> None:
        match = re.fullmatch(r"/v2/(?P<name>.+)/(?P<kind>manifests|blobs)/(?P<reference>.+)", path)
        if match is None:
            self._say(404, b"{}")
        elif match["reference"] == "uploads/":
            self._say(202, b"", {"Location": f"/v2/{match['name']}/blobs/uploads/1?state=x"})
        elif match["kind"] == "blobs":
            self._blob(match["reference"], body)
        else:
            self._manifest(match["reference"], body)

    def _blob(self, reference: str, body: bytes) -> None:
        if self.command == "PUT":
            digest = self.path.partition("digest=")[2]
            assert digest == f"sha256:{hashlib.sha256(body).hexdigest()}"
            self.state.blobs[digest] = body
            self._say(201, b"")
        else:
            known = reference in self.state.blobs
            self._say(200 if known else 404, self.state.blobs.get(reference, b"{}"))

    def _manifest(self, reference: str, body: bytes) -> None:
        if self.command == "PUT":
            digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
            for entry in json.loads(body).get("layers", ()):
                assert entry["digest"] in self.state.blobs
            for entry in json.loads(body).get("manifests", ()):
                assert entry["digest"] in self.state.manifests
            kind = self.headers["Content-Type"]
            self.state.manifests |= {reference: (body, kind), digest: (body, kind)}
            self._say(201, b"")
        elif reference in self.state.manifests:
            content, kind = self.state.manifests[reference]
            digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
            self._say(200, content, {"Docker-Content-Digest": digest, "Content-Type": kind})
        else:
            self._say(404, json.dumps({"errors": [{"code": "MANIFEST_UNKNOWN"}]}).encode())

    def _say(self, code: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
