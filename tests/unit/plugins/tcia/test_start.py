"""The start of Tcia, and the answers of its routes."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.tcia import cart
from orthanc_images import tcia
from orthanc_images.native import DONE
from orthanc_images.site import POLICY
from orthanc_images.tcia import routes
from orthanc_images.tcia.jobs import Importer
from orthanc_images.tcia.routes import Cache
from orthanc_images.tcia.service import ServiceAnswer
from tests.unit.plugins.tcia.world import ChangeType, Server, World, world
from tests.unit.plugins.viewers import TEXT, Output, laid_out, scripts

__all__ = ["world"]


class Taken:
    """Stands in for the native part: it does a job at once, and shows it as Orthanc does."""

    def __init__(self, plugin: str, *, report: Callable[[str], None]) -> None:
        self.plugin, self.report = plugin, report
        made.append(self)

    def work_by(self, kind: str, jobs: Importer) -> None:
        self.kind, self.jobs = kind, jobs

    def submit(self, job: int, priority: int) -> str:
        self.priority = priority
        if self.fails:
            raise RuntimeError("Orthanc did not take the job")
        answer = 2
        while answer == 2:
            answer = self.jobs.step(job)
        servers[-1].jobs["/jobs/j"] = {
            "State": "Success" if answer == DONE else "Failure",
            "Content": json.loads(self.jobs.describe(job, saved=False)),
            "ErrorDescription": "Error",
        }
        return "j"

    fails = False


made: list[Taken] = []
servers: list[Server] = []


@pytest.fixture(autouse=True)
def native(monkeypatch: pytest.MonkeyPatch) -> None:
    made.clear()
    servers.clear()
    monkeypatch.setattr(tcia, "Native", Taken)


def started(world: World, home: Path, **section: Any) -> Server:
    pages = laid_out(scripts(home / "web", "tcia"), "tcia")
    settings = {"Enable": True, "BaseUrl": world.archive.local, **section}
    tcia.start(world.api, {"Tcia": settings, "TemporaryDirectory": str(world.folder)}, "Tcia", pages)
    servers.append(world.server)
    return world.server


def get(server: Server, route: str, group: str = "", method: str = "GET", **arguments: str) -> Output:
    output = Output()
    request = {"method": method, "groups": (group,), "headers": {}, "get": arguments, "body": b""}
    server.routes[route](output, f"/tcia/{group}", **request)
    return output


def post(server: Server, body: object) -> tuple[int, dict[str, Any]]:
    output = Output()
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    server.routes["/tcia/import"](output, "/tcia/import", method="POST", body=text)
    return output.status, json.loads(output.body)


def test_it_is_off_unless_its_section_says_otherwise(world: World, tmp_path: Path) -> None:
    server = started(world, tmp_path, Enable=False)
    assert (server.routes, made) == ({}, [])
    assert server.lines == ["I Tcia is off, as Tcia.Enable says"]


def test_orthanc_is_given_what_it_offers(world: World, tmp_path: Path) -> None:
    server = started(world, tmp_path)
    assert list(server.routes) == ["/tcia/app/(.*)", "/tcia/proxy/(.*)", "/tcia/clear-cache", "/tcia/import"]
    assert server.root == ("tcia", "/tcia/app/index.html")
    assert server.page == "buttons('tcia', IS_DICOM_WEB);\n"
    assert (made[0].plugin, made[0].kind) == ("Tcia", "TciaImportJob")
    assert server.lines == [f"W Tcia: series are imported from {world.archive.local}"]
    assert server.changed is not None
    server.changed(ChangeType.ORTHANC_STARTED, 0, "")
    server.changed(ChangeType.ORTHANC_STOPPED, 0, "")


def test_the_page_is_served_with_a_policy(world: World, tmp_path: Path) -> None:
    found = get(started(world, tmp_path), "/tcia/app/(.*)", "index.html")
    assert (found.status, found.body) == (200, TEXT)
    assert POLICY.items() <= found.headers.items()


def test_answers_of_the_service_are_kept(world: World, tmp_path: Path) -> None:
    """Until they are forgotten."""
    server = started(world, tmp_path)
    world.held("1.1", collection="A B")
    for _ in range(2):
        found = get(server, "/tcia/proxy/(.*)", "getSeries", Collection="A B")
        assert json.loads(found.body)[0]["SeriesInstanceUID"] == "1.1"
        assert found.headers["Content-Type"] == "application/json"
    assert dict(world.archive.asked) == {"getSeries?Collection=A%20B": 1}
    get(server, "/tcia/proxy/(.*)", "getSeries", Collection="A%20B")
    assert dict(world.archive.asked) == {"getSeries?Collection=A%20B": 1}
    assert get(server, "/tcia/clear-cache", method="POST").body == b""
    get(server, "/tcia/proxy/(.*)", "getSeries", Collection="A B")
    assert dict(world.archive.asked) == {"getSeries?Collection=A%20B": 2}


@pytest.mark.parametrize("path", ["", "../x", "a/../../x", "http://host/x", "a//b", ".git", "a?b", "a\r\nb"])
def test_nothing_beside_the_service_is_asked(world: World, tmp_path: Path, path: str) -> None:
    found = get(started(world, tmp_path), "/tcia/proxy/(.*)", path)
    assert json.loads(found.body) == {
        "HttpError": "Not Found",
        "HttpStatus": 404,
        "Message": f"{path!r} is not the path of a call of the service",
        "Method": "GET",
        "Uri": f"/tcia/{path}",
    }
    assert world.archive.asked == {}


def test_a_call_that_is_not_there_and_a_service_that_is_away(world: World, tmp_path: Path) -> None:
    server = started(world, tmp_path)
    assert get(server, "/tcia/proxy/(.*)", "nothing").status == 404
    world.archive.moods["1.1"] = "away"
    found = get(server, "/tcia/proxy/(.*)", "getImage", SeriesInstanceUID="1.1")
    assert found.status == 502
    assert "the service answers 503: Service Unavailable" in json.loads(found.body)["Message"]


def test_methods_are_checked(world: World, tmp_path: Path) -> None:
    server = started(world, tmp_path)
    assert get(server, "/tcia/proxy/(.*)", "getSeries", method="POST").headers["Allow"] == "GET"
    assert get(server, "/tcia/clear-cache").headers["Allow"] == "POST"
    assert get(server, "/tcia/import").headers["Allow"] == "POST"


def test_a_cart_is_imported(world: World, tmp_path: Path) -> None:
    server = started(world, tmp_path)
    text = base64.b64encode(cart([world.held("1.1")]).encode()).decode()
    body = {"Type": "NbiaClientSpreadsheet", "Content": text, "Priority": -2}
    status, answer = post(server, body)
    assert (status, answer["SeriesDone"], server.count("1.1")) == (200, 1, 3)
    assert made[0].priority == -2
    assert post(server, {**body, "Asynchronous": True}) == (200, {"ID": "j", "Path": "/jobs/j"})


def test_a_job_that_fails_fails_the_request(world: World, tmp_path: Path) -> None:
    server = started(world, tmp_path)
    world.archive.moods["1.1"] = "unknown"
    body = {"Type": "Series", "Content": [world.held("1.1").order()]}
    status, answer = post(server, body)
    assert status == 500
    assert answer["Message"].startswith("series 1.1: ")
    assert post(server, {**body, "Permissive": True})[0] == 200


def test_a_wrong_request_is_refused(world: World, tmp_path: Path) -> None:
    server = started(world, tmp_path)
    assert post(server, b"[]")[1]["Message"] == "The body is not a JSON object"
    assert post(server, b"no JSON")[0] == 400
    good = {"Type": "Series", "Content": [world.held("1.1").order()]}
    assert post(server, {**good, "Permissive": 1})[1]["Message"] == "Permissive is neither true nor false"
    assert post(server, {**good, "Priority": "x"})[1]["Message"] == "Priority is not a whole number"


def test_what_goes_wrong_within_is_no_traceback(world: World, tmp_path: Path) -> None:
    server = started(world, tmp_path)
    made[0].fails = True
    status, answer = post(server, {"Type": "Series", "Content": [world.held("1.1").order()]})
    assert (status, answer["Message"]) == (500, "Orthanc's log says why")
    assert server.lines[-1] == "E /tcia/import: RuntimeError('Orthanc did not take the job')"


def test_the_answers_asked_for_longest_ago_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "CACHE", 10)
    cache = Cache()
    cache.keep("a", ServiceAnswer(b"12345", ""))
    cache.keep("b", ServiceAnswer(b"1234", ""))
    cache.keep("b", ServiceAnswer(b"12345", ""))
    assert cache.found("a") is not None
    cache.keep("c", ServiceAnswer(b"1", ""))
    assert [name for name in "abc" if cache.found(name)] == ["a", "c"]
    cache.keep("d", ServiceAnswer(bytes(11), ""))
    assert [name for name in "abcd" if cache.found(name)] == []
