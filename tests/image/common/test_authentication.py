"""Whatever the server and its plugins have registered, nothing answers without credentials."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from harness import definition
from harness.containers import Orthanc
from startup.plugins import PLUGINS
from tests.image.common.test_start import SWITCHES
from tests.image.conftest import Run, Start

pytestmark = pytest.mark.inherited

METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PROPFIND")

ROUTES = """
/ /app/explorer.html /app/images/orthanc-logo.png /plugins /plugins/explorer.js /system /statistics
/instances/x/file /tools/now /tools/metrics-prometheus /patients /studies /series /webdav /webdav/
/webdav/by-uids
/nowhere /..%2f..%2fetc/passwd //system /system/ /%73ystem /./system /app/../system /system?auth=demo:demo
/SYSTEM /tools/../system;x=1
"""
"""What no list has: pages, folders, and ways round a filter."""

INTRUDERS: dict[str, Any] = {
    "nobody": lambda request: request,
    "a wrong user": ("nobody", "wrong"),
    "a wrong password": ("demo", "wrong"),
}
VIEWERS = [each.switch for each in PLUGINS if each.package and not each.defaults()]
"""Bundled plugins that can be enabled as they are: those that need no store."""


def filled(route: str) -> str:
    """Return a path that fits a route of OpenAPI, or a regular expression of a plugin."""
    path = re.sub(r"\{\w+\}|\((?:[^()]|\([^()]*\))*\)", "1", route)
    return re.sub(r"[\\^$]", "", path)


def documented(run: Run) -> Iterator[str]:
    """Yield the routes of the server itself, from its own description of them."""
    said = run("--openapi=-", timeout=90)
    assert said.code == 0, said.stderr
    yield from json.loads(said.stdout)["paths"]


def registered(log: str) -> Iterator[str]:
    """Yield the routes of plugins, of which a verbose log has a line each."""
    for line in log.splitlines():
        if found := re.search(r"registered a REST callback .* on: (\S+)", line):
            yield found[1]


def listed(server: Orthanc) -> Iterator[str]:
    """Yield the routes that the server lists below others."""
    for folder in ("/tools", "/modalities/x", "/peers/x", "/plugins"):
        yield from (f"{folder}/{name}" for name in server.json(folder))


@pytest.fixture
def server(start: Start, variant: str) -> Orthanc:
    """Return a server with every plugin that needs no service, of which each says what it registers."""
    environment = {
        **dict.fromkeys((*SWITCHES, *VIEWERS), "true"),
        "VERBOSE_ENABLED": "true",
        "ORTHANC__DICOM_MODALITIES": '{"x": ["X", "localhost", 104]}',
        "ORTHANC__ORTHANC_PEERS": '{"x": ["http://localhost:9/"]}',
        "ORTHANC__SERVE_FOLDERS": '{"/site": "/lua-scripts"}',
    }
    there = definition.plugins(definition.sure(variant))
    return start({name: text for name, text in environment.items() if switched(name, there)})


def switched(name: str, there: list[str]) -> bool:
    """Tell whether a variable is no switch of a plugin, or that of one which is there."""
    return name not in {each.switch for each in PLUGINS if each.name not in there}


@pytest.mark.timeout(240)
def test_nothing_answers_without_credentials(server: Orthanc, run: Run, record_property: Any) -> None:
    """Each route of the server, its plugins and pages asks nobody and intruders for a password."""
    plugins = {*registered(server.logs())}
    core = {*documented(run), *listed(server)}
    assert len(plugins) > 60
    assert len(core) > 180
    paths = sorted({*map(filled, plugins | core), *ROUTES.split()})
    asked = [(path, method, "nobody") for path in paths for method in METHODS]
    asked += [(path, "GET", intruder) for path in paths for intruder in INTRUDERS]

    def code(one: tuple[str, str, str]) -> int:
        path, method, intruder = one
        return server.request(method, path, auth=INTRUDERS[intruder], allow_redirects=False).status_code

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(code, asked))
    record_property("routes", len(paths))
    record_property("requests without credentials", len(asked))
    answered = [(*one, code) for one, code in zip(asked, codes, strict=True) if code != 401]
    assert answered == []
    assert server.get("/system").status_code == 200
