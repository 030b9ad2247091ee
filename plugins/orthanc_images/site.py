"""Answers to browsers: the files of a viewer, as the build compressed them, and pages made here."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from orthanc_images.errors import PluginError

HOME = Path("/usr/share/orthanc/viewers")

PAGES = Path("/usr/lib/orthanc-image/web")
"""Our own scripts and pages, as the build bundled them from plugins/web."""

LASTING = "max-age=31536000, immutable"
"""For a file whose name changes with its content: a browser asks for it once."""

FRESH = "no-cache"
"""For everything else: a browser keeps it, and asks each time whether it is still the same."""

POLICY = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "object-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""For our own pages: no code but ours, no frame of others around it, and no other server."""

ENTRANCE = """\
<!doctype html>
<title>TITLE</title>
<script>
  location.replace(location.pathname.replace(/\\/*$/, "/index.html") + location.search + location.hash);
</script>
<noscript>TITLE needs JavaScript.</noscript>
"""


class Output(Protocol):
    """The part of Orthanc's RestOutput that is used here."""

    def AnswerBuffer(self, answer: bytes, mime: str) -> None:  # noqa: N802 # Orthanc's name
        """Answer with 200 and this body."""

    def SendHttpStatusCode(self, status: int) -> None:  # noqa: N802 # Orthanc's name
        """Answer with this status and no body."""

    def SendHttpStatus(self, status: int, body: bytes) -> None:  # noqa: N802 # Orthanc's name
        """Answer with this status and this body."""

    def SendMethodNotAllowed(self, allowed: str) -> None:  # noqa: N802 # Orthanc's name
        """Answer with 405."""

    def SetHttpHeader(self, key: str, value: str) -> None:  # noqa: N802 # Orthanc's name
        """Add a header to the answer."""


class Answer(NamedTuple):
    """What a browser may get: bytes read when they are needed, their type, and how they were compressed."""

    read: Callable[[], bytes]
    type: str
    tag: str
    zipped: bool = False
    lasting: bool = False


def buttons(viewer: str, pages: Path = PAGES) -> str:
    """Return the script that adds the buttons of a viewer, or of another plugin, to Orthanc Explorer.

    Raises:
        PluginError: when it is not there.
    """
    path = pages / "viewers" / viewer / "main.js"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        what = f"{path}: cannot be read: {error.strerror}"
        raise PluginError(f"{what}. Take an image that was built with it.") from error


def page(text: str, mime: str) -> Answer:
    """Return an answer with a text that was made here."""
    content = text.encode()
    return Answer(lambda: content, f"{mime}; charset=utf-8", hashlib.sha256(content).hexdigest())


def entrance(title: str) -> Answer:
    """Return the page at the root of a viewer, which leads to its index.html.

    Orthanc does not tell /viewer from /viewer/, but for the browser the relative addresses in a page mean
    different things there. So this page loads nothing, and makes its way itself, behind any proxy.
    """
    return page(ENTRANCE.replace("TITLE", title), "text/html")


class Site:
    """The files of a viewer below one folder, which the build laid out with an index of them."""

    def __init__(self, viewer: str, headers: Mapping[str, str] | None = None, home: Path = HOME) -> None:
        """Read the index of `viewer`; every answer gets `headers`.

        Raises:
            PluginError: when the files are not there.
        """
        self._folder, self._headers = home / viewer, dict(headers or {})
        try:
            index = (self._folder / "index.json").read_text(encoding="utf-8")
        except OSError as error:
            what = f"{self._folder}: cannot be read: {error.strerror}"
            raise PluginError(f"{what}. Take an image that was built with this viewer.") from error
        self._index: dict[str, dict[str, Any]] = json.loads(index)

    def file(self, name: str) -> Answer | None:
        """Return the file of this name; None when the viewer has none."""
        held = self._index.get(name)
        if held is None:
            return None
        path = self._folder / (f"{name}.gz" if held["gzip"] else name)
        return Answer(path.read_bytes, held["type"], held["sha256"], held["gzip"], held["lasting"])

    def send(self, output: Output, answer: Answer | None, request: Mapping[str, Any]) -> None:
        """Answer a request: with 404 for no answer, with 304 when the browser has it already."""
        if request["method"] != "GET":
            output.SendMethodNotAllowed("GET")
            return
        for key, value in self._headers.items():
            output.SetHttpHeader(key, value)
        if answer is None:
            output.SendHttpStatusCode(404)
            return
        headers = request["headers"]
        zipped = answer.zipped and takes_gzip(headers.get("accept-encoding", ""))
        tag = f'"{answer.tag[:32]}{"-gzip" if zipped else ""}"'
        output.SetHttpHeader("ETag", tag)
        output.SetHttpHeader("Cache-Control", LASTING if answer.lasting else FRESH)
        if answer.zipped:
            output.SetHttpHeader("Vary", "Accept-Encoding")
        if has(headers.get("if-none-match", ""), tag):
            output.SendHttpStatusCode(304)
            return
        if zipped:
            output.SetHttpHeader("Content-Encoding", "gzip")
        content = answer.read()
        output.AnswerBuffer(
            gzip.decompress(content) if answer.zipped and not zipped else content, answer.type
        )


def takes_gzip(accepted: str) -> bool:
    """Tell whether a browser that sends this Accept-Encoding takes gzip (RFC 9110, 12.5.3)."""
    weights = {}
    for entry in accepted.lower().split(","):
        coding, *parameters = (part.strip() for part in entry.split(";"))
        weights[coding] = not any(is_nought(one) for one in parameters)
    return weights.get("gzip", weights.get("*", False))


def is_nought(parameter: str) -> bool:
    """Tell whether a parameter is a weight of nought, such as q=0.0."""
    name, _, value = parameter.partition("=")
    return name.strip() == "q" and not value.strip().strip("0.")


def has(known: str, tag: str) -> bool:
    """Tell whether a browser that sends this If-None-Match has what `tag` stands for (RFC 9110, 13.1.2)."""
    tags = (one.strip().removeprefix("W/") for one in known.split(","))
    return known.strip() == "*" or tag in tags
