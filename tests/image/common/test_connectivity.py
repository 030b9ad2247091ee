"""ConnectivityChecks: which servers answer, on a page, in JSON and as metrics."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import docker
import pytest

from harness.containers import LOGIN, Orthanc
from harness.explorer import DESKTOP, PHONE, findings, opened, shows, text
from services import running
from services.fixtures import Services
from tests.image.conftest import Start

pytestmark = pytest.mark.inherited

ODD = 'ü"é q?x=1 p%20q'

SETTINGS: dict[str, Any] = {
    "DicomModalities": {"self": ["ORTHANC", "127.0.0.1", 4242], "dead": ["DEAD", "127.0.0.1", 9]},
    "OrthancPeers": {"gone": ["http://127.0.0.1:9/"]},
}

WITHOUT = {"CONNECTIVITY_CHECKS_PLUGIN_ENABLED": "true", "ORTHANC_JSON": json.dumps(SETTINGS)}


HANGING = """
import os, socket, time
server = socket.create_server(('127.0.0.1', 9999))
os.fork() or time.sleep(60)
"""
"""Ends once it listens; what it leaves behind takes no connection out of the queue."""

WIDTHS = "return [innerWidth, document.documentElement.scrollWidth <= innerWidth]"


def environment() -> dict[str, str]:
    """Return that of a server with DICOMweb, at another address than usual, which knows itself there."""
    url = "http://127.0.0.1:8042/dw/"
    there = [url, *LOGIN]
    web = {"Root": "/dw/", "Servers": {"self": there, ODD: there, "a/b": there}}
    return {
        **WITHOUT,
        "DICOM_WEB_PLUGIN_ENABLED": "true",
        "ORTHANC_JSON": json.dumps({**SETTINGS, "DicomWeb": web}),
    }


def metrics(orthanc: Orthanc) -> dict[str, str]:
    """Return the metrics of the plugin, by their names with labels."""
    lines = orthanc.get("/tools/metrics-prometheus").content.decode().splitlines()
    found = (re.fullmatch(r"(orthanc_connectivity_\w+\{.*\}) (\S+) \d+", line) for line in lines)
    return {one[1]: one[2] for one in found if one}


def test_status_and_metrics(start: Start) -> None:
    """A server that answers is up, one that does not is down, with the reason; names may be odd."""
    orthanc = start(environment())
    status = orthanc.get("/connectivity-checks/status").json()
    up = {f"{kind} {name}": one["Up"] for kind, all_ in status.items() for name, one in all_.items()}
    assert up == {
        "Modalities self": True,
        "Modalities dead": False,
        "Peers gone": False,
        "DicomWebServers self": True,
        f"DicomWebServers {ODD}": True,
        "DicomWebServers a/b": False,
    }
    assert status["Modalities"]["self"]["Error"] == ""
    assert status["Modalities"]["dead"]["Error"].startswith("POST /modalities/dead/echo: ")
    assert "slash" in status["DicomWebServers"]["a/b"]["Error"]
    told = metrics(orthanc)
    assert told['orthanc_connectivity_up{kind="modality",name="self"}'] == "1"
    assert told['orthanc_connectivity_up{kind="peer",name="gone"}'] == "0"
    odd = ODD.replace('"', '\\"')
    assert told[f'orthanc_connectivity_up{{kind="dicom_web",name="{odd}"}}'] == "1"
    assert 0 <= float(told['orthanc_connectivity_seconds{kind="modality",name="self"}']) < 10


def test_a_server_that_hangs_keeps_nobody(start: Start) -> None:
    """One that takes connections and says nothing is down after five seconds, and the others are told."""
    orthanc = start(
        {
            **WITHOUT,
            "ORTHANC__DICOM_MODALITIES__hung": '["HUNG", "127.0.0.1", 9999]',
            "ORTHANC__ORTHANC_PEERS__hung": '["http://127.0.0.1:9999/"]',
        }
    )
    assert orthanc.run("sh", "-c", f'python3 -c "{HANGING}" > /dev/null 2>&1').code == 0
    status = orthanc.get("/connectivity-checks/status").json()
    assert status["Modalities"]["self"]["Up"] is True
    for kind in ("Modalities", "Peers"):
        one = status[kind]["hung"]
        assert (one["Up"], 4 < one["Seconds"] < 6) == (False, True)


def test_only_reading_is_allowed(start: Start) -> None:
    """Other methods are refused with 405, as by the official plugin; what is not there with 404."""
    orthanc = start(WITHOUT)
    assert orthanc.get("/plugins/connectivity-checks").json()["RootUri"].endswith("app/index.html")
    assert orthanc.post("/connectivity-checks/status", data="").status_code == 405
    assert orthanc.post("/connectivity-checks/app/index.html", data="").status_code == 405
    assert orthanc.get("/connectivity-checks/app/none.js").status_code == 404


@pytest.mark.timeout(400)
def test_page(start: Start, client: docker.DockerClient, network: str, services: Services) -> None:
    """Light and dark, on a phone and a desktop: all is shown, axe finds nothing, and no request fails."""
    start(environment(), **running.on(client, network, "orthanc"))
    with opened(services("chromium")) as window:
        for size, dark in itertools.product((DESKTOP, PHONE), (False, True)):
            window.look(size, dark=dark)
            window.open("/connectivity-checks/app/index.html")
            shows(window, "3 of 6 servers answer.")
            assert findings(window) == []
            assert window.run(WIDTHS) == [size[0], True]
            words = text(window)
            for one in ("DEAD, 127.0.0.1:9", "http://127.0.0.1:8042/dw/", ODD, "Connected", "slash"):
                assert one in words
        window.run("localStorage.setItem('orthanc-explorer-language', 'de')")
        window.open("/connectivity-checks/app/index.html")
        shows(window, "3 von 6 Servern antworten.")
        assert window.run("return [document.title, document.documentElement.lang]") == [
            "Verbindungstests",
            "de",
        ]
