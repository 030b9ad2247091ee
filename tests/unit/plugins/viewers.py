"""What the tests of the viewers share: a viewer's files, and Orthanc with routes, metadata and instances."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.unit.plugins.orthanc import Orthanc

TEXT = b"let a = 1;\n" * 100
HASH = hashlib.sha256(TEXT).hexdigest()


class Output:
    """What an answer came to."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 0, dict[str, str](), b""

    def AnswerBuffer(self, answer: bytes, mime: str) -> None:
        self.status, self.body, self.headers["Content-Type"] = 200, answer, mime

    def SendHttpStatusCode(self, status: int) -> None:
        self.status = status

    def SendHttpStatus(self, status: int, body: bytes) -> None:
        self.status, self.body = status, body

    def SendMethodNotAllowed(self, allowed: str) -> None:
        self.status, self.headers["Allow"] = 405, allowed

    def SetHttpHeader(self, key: str, value: str) -> None:
        self.headers[key] = value


def scripts(folder: Path, viewer: str = "ohif") -> Path:
    """Lay out a stand-in for the bundled buttons of a viewer below `folder`."""
    path = folder / "viewers" / viewer / "main.js"
    path.parent.mkdir(parents=True)
    path.write_text(f"buttons('{viewer}', IS_DICOM_WEB);\n")
    return folder


def laid_out(home: Path, viewer: str = "ohif") -> Path:
    """Lay out a viewer of two files, and the page, below `home`."""
    folder = home / viewer
    folder.mkdir(parents=True)
    common = {"size": len(TEXT), "sha256": HASH}
    index = {
        "a.12345678.js": {**common, "type": "text/javascript", "gzip": True, "lasting": True},
        "index.html": {**common, "type": "text/html", "gzip": True, "lasting": False},
        "b.png": {**common, "type": "image/png", "gzip": False, "lasting": False},
    }
    (folder / "index.json").write_text(json.dumps(index))
    for name in ("a.12345678.js.gz", "index.html.gz"):
        (folder / name).write_bytes(gzip.compress(TEXT))
    (folder / "b.png").write_bytes(TEXT)
    return home


class OrthancException(Exception):  # noqa: N818 # Orthanc's name
    """Orthanc's answer to what it cannot do."""


class ChangeType:
    """The kinds of changes that matter here, with numbers of their own."""

    ORTHANC_STARTED, ORTHANC_STOPPED, NEW_INSTANCE = 1, 2, 3


class Server(Orthanc):
    """Orthanc with some instances: their tags in short form, by their identifiers, all of the study "s"."""

    OrthancException, ChangeType = OrthancException, ChangeType

    def __init__(self, tags: dict[str, dict[str, Any]] | None = None, **configuration: Any) -> None:
        super().__init__(**configuration)
        self.tags = tags or {}
        self.metadata: dict[str, bytes] = {}
        self.syntaxes: dict[str, str] = {}
        self.videos: dict[str, bytes] = {}
        self.routes: dict[str, Callable[..., None]] = {}
        self.asked: list[str] = []

    def RegisterRestCallback(self, route: str, callback: Callable[..., None]) -> None:
        self.routes[route] = callback

    def RestApiGet(self, path: str) -> bytes:
        self.asked.append(path)
        if path == "/studies/s/instances":
            return json.dumps([{"ID": name} for name in self.tags]).encode()
        _, kind, name, what, *more = [*path.split("/"), ""]
        if more[:1] == ["TransferSyntax"] and name in self.syntaxes:
            return self.syntaxes[name].encode()
        if what == "frames" and name in self.videos:
            return self.videos[name]
        if kind == "instances" and what == "pdf" and name in self.tags:
            return b"%PDF"
        if kind == "instances" and what == "metadata" and more[0] == "4202" and name in self.metadata:
            return self.metadata[name]
        if kind == "instances" and what == "tags?short" and name in self.tags:
            return json.dumps(self.tags[name]).encode()
        raise OrthancException("Unknown resource")

    def RestApiPut(self, path: str, content: bytes) -> None:
        self.metadata[path.split("/")[2]] = content

    def get(
        self, route: str, *groups: str, method: str = "GET", headers: dict[str, str] | None = None
    ) -> Output:
        """Return the answer of a route to a request."""
        output = Output()
        self.routes[route](output, "", method=method, groups=groups, headers=headers or {}, get={})
        return output
