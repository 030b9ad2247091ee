"""The two servers of the differential test, what one asks them, and what of their answers is compared."""

from __future__ import annotations

import hashlib
import http.client
import json
import time
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, NamedTuple

from harness.containers import LOGIN, Orthanc
from tests.system.differential.content import LEVELS, PROPERTIES, QUEUES, STORES, Request

IDLE = 0.4
"""Orthanc ends a connection that was idle for a second; after so many seconds we open another."""

VOLATILE = frozenset({"LastUpdate", "ReceptionDate", "Date", "RemoteIP", "Uuid", "FileUuid"})
"""What holds a time or a random number of a server."""
SETS = frozenset(
    {"Studies", "Series", "Instances", "Labels", "Attachments", "Resources", "AncestorResources"}
)
"""Lists whose order means nothing."""
ORDER_OF_PATIENTS = frozenset({"PatientRecyclingOrder", "IsProtected"})


class Difference(NamedTuple):
    """A difference that is right: what is left out of the comparison, and why."""

    names: frozenset[str]
    reason: str


EXPLAINED: Mapping[str, tuple[Difference, ...]] = {
    "PostgreSQL": (
        Difference(
            ORDER_OF_PATIENTS,
            "the plugin's schema keeps the order of recycling and the protection of patients as metadata "
            "since revision 6, and Orthanc shows all metadata",
        ),
    ),
}
"""By kind of database. There are no other differences."""


class Answer(NamedTuple):
    """What a server answered: status, revision (ETag), and the body in the form that is compared."""

    status: int
    revision: str
    body: Any


class Side:
    """One of the servers, on a connection that stays open."""

    def __init__(self, server: Orthanc, left_out: frozenset[str]) -> None:
        self.server = server
        self._left_out = left_out | VOLATILE
        self._line: http.client.HTTPConnection | None = None
        self._used = 0.0
        word = b64encode(":".join(LOGIN).encode()).decode()
        self._headers = {"Authorization": f"Basic {word}"}

    def raw(self, request: Request) -> tuple[int, str, bytes]:
        """Return status, ETag and body of an answer."""
        headers = self._headers | dict(request.headers)
        if headers.get("If-Match") == "current":
            part = "/data" if "/attachments/" in request.path else ""
            revision = self.raw(Request("", "GET", request.path + part))[1]
            headers = headers | {"If-Match": revision} if revision else self._headers
        path = self.path(request.path)
        if self._line is None or time.monotonic() - self._used > IDLE:
            host, port = self.server.address("8042/tcp")
            if self._line is not None:
                self._line.close()
            self._line = http.client.HTTPConnection(host, port, timeout=60)
        self._line.request(request.method, path, request.body or None, headers)
        answer = self._line.getresponse()
        body = answer.read()
        self._used = time.monotonic()
        if answer.will_close:
            self._line.close()
            self._line = None
        return answer.status, answer.headers.get("ETag", ""), body

    def path(self, path: str) -> str:
        """Return the path with the server's own number of the change that it names."""
        before, found, rest = path.partition("{change:")
        if not found:
            return path
        which, _, after = rest.partition("}")
        numbers = self.numbers()
        at = (
            numbers[int(which) - 1]
            if 0 < int(which) <= len(numbers)
            else (numbers or [0])[-1] * (int(which) > 0)
        )
        return f"{before}{at}{after}"

    def numbers(self) -> list[int]:
        """Return the numbers of all changes."""
        _, _, body = self.raw(Request("", "GET", "/changes?limit=0"))
        return [one["Seq"] for one in json.loads(body)["Changes"]]

    def ask(self, request: Request) -> Answer:
        """Return what is compared of the answer to a request."""
        status, revision, body = self.raw(request)
        if "changes" in request.label or "change" in request.label or "export" in request.label:
            return Answer(status, "", _unnumbered(self._plain(_parsed(body))))
        if status >= 400:
            said = _parsed(body)
            return Answer(status, "", said.get("OrthancStatus") if isinstance(said, dict) else "")
        return Answer(status, revision, self._plain(_sorted(request, _parsed(body))))

    def _plain(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._plain(one, key) for key, one in value.items() if key not in self._left_out}
        if isinstance(value, list):
            shown = [
                self._plain(one) for one in value if not (isinstance(one, str) and one in self._left_out)
            ]
            return sorted(shown, key=json.dumps) if name in SETS else shown
        return value

    def state(self) -> dict[str, Any]:
        """Return all that the server has, in the form that is compared."""
        requests = [
            *(Request("list", "GET", f"/{level}?expand") for level in LEVELS),
            Request("changes", "GET", "/changes?limit=0"),
            Request("exports", "GET", "/exports?limit=0"),
            *(Request("", "GET", path) for path in ("/statistics", "/tools/labels", "/modalities?expand")),
            *(called("pairs", name) for name in STORES),
            *(called("length", name) for name in QUEUES),
            *(called("props", number) for number in PROPERTIES),
            called("found"),
        ]
        found = {repr(one): self.ask(one).body for one in requests}
        for level in LEVELS:
            for one in self.ids(level):
                for detail in ("metadata?expand", "attachments?full", "statistics"):
                    path = f"/{level}/{one}/{detail}"
                    found[path] = self.ask(Request("detail", "GET", path)).body
        return found

    def ids(self, level: str) -> list[str]:
        """Return the identifiers of all resources of a level."""
        found: list[str] = sorted(json.loads(self.raw(Request("", "GET", f"/{level}"))[2]))
        return found

    def clear(self) -> None:
        """Take everything away but the numbers that count up."""
        for one in self.ids("patients"):
            self.raw(Request("", "DELETE", f"/patients/{one}"))
        for path in ("/changes", "/exports", "/modalities/m", "/modalities/M"):
            self.raw(Request("", "DELETE", path))
        self.raw(called("clear", list(STORES), list(QUEUES), list(PROPERTIES)))


def called(name: str, *arguments: Any) -> Request:
    """Return the request that calls a function of the script."""
    return Request(f"plugin: {name}", "POST", "/proof", json.dumps([name, *arguments]).encode())


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return hashlib.sha256(body).hexdigest() if len(body) > 200 else body.decode("latin-1")


def _sorted(request: Request, value: Any) -> Any:
    """Return a list in an order of ours where Orthanc promises none."""
    asked = request.body.decode("latin-1") if request.label == "find" else request.path
    ordered = (
        "OrderBy" in asked or '"Limit"' in asked or "since=" in asked or request.label.startswith("plugin")
    )
    if isinstance(value, list) and not ordered:
        return sorted(
            value, key=lambda one: one["ID"] if isinstance(one, dict) and "ID" in one else json.dumps(one)
        )
    return value


def _unnumbered(value: Any) -> Any:
    """Return changes or exports without their numbers, which may have gaps."""
    if not isinstance(value, dict):
        return value
    rows = [
        {key: one for key, one in row.items() if key != "Seq"}
        for row in (value.get("Changes") or value.get("Exports") or [])
    ]
    return {"rows": rows, "done": value.get("Done")}


def differing(ours: Any, expected: Any, where: str = "answer") -> Iterator[str]:
    """Yield where two values differ, and how."""
    if isinstance(ours, dict) and isinstance(expected, dict):
        for name in sorted({*ours, *expected}, key=str):
            yield from differing(ours.get(name), expected.get(name), f"{where}.{name}")
    elif isinstance(ours, list) and isinstance(expected, list) and len(ours) == len(expected):
        for number, both in enumerate(zip(ours, expected, strict=True)):
            yield from differing(*both, f"{where}[{number}]")
    elif ours != expected:
        yield f"{where}: {ours!r}, with SQLite {expected!r}"


class Pair:
    """Both servers: what one is asked, the other one is asked at the same time."""

    def __init__(self, reference: Orthanc, ours: Orthanc, kind: str) -> None:
        left_out = frozenset(name for one in EXPLAINED.get(kind, ()) for name in one.names)
        self.sides = Side(reference, left_out), Side(ours, left_out)
        self.asked = 0
        self.reached: dict[str, int] = {}
        self._pool = ThreadPoolExecutor(2)

    def both(self, act: str, *arguments: Any) -> list[Any]:
        """Return what both sides return of a method."""
        asked = [self._pool.submit(getattr(side, act), *arguments) for side in self.sides]
        wait(asked)  # a connection has one request at a time, whatever becomes of the other
        return [one.result() for one in asked]

    def compare(self, requests: Iterable[Request]) -> None:
        """Ask both the same, one request after another; the answers must be the same."""
        for request in requests:
            expected, ours = self.both("ask", request)
            self.asked += 1
            if expected.status < 400 and not (isinstance(expected.body, dict) and "error" in expected.body):
                self.reached[request.label] = self.reached.get(request.label, 0) + 1
            found = list(differing(ours._asdict(), expected._asdict()))
            assert not found, "\n".join([repr(request), *found])

    def compare_all(self) -> None:
        """Compare all that both have."""
        expected, ours = self.both("state")
        self.asked += len(expected)
        found = list(differing(ours, expected))
        assert not found, "\n".join(found)
        files, kept = ours[repr(called("found"))], sum("attachments?full" in name for name in ours)
        assert files["faults"] == [], files
        assert files["files"] >= kept - sum(not ours[name] for name in ours if "attachments?full" in name)
