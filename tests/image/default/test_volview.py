"""VolView: its page opens studies in a real browser, with nothing from elsewhere."""

from __future__ import annotations

import re

import docker
import pytest

from harness import browser, viewers
from services import running
from services.fixtures import Serve, Services
from tests.image.conftest import Start

pytestmark = pytest.mark.inherited

ON = {"VOLVIEW_PLUGIN_ENABLED": "true"}

ORIGIN = "http://proxy"


@pytest.mark.timeout(400)
def test_a_study_is_drawn(
    start: Start, client: docker.DockerClient, network: str, services: Services, serve: Serve
) -> None:
    """The button in Orthanc Explorer leads to the page, which shows the pixels of the file.

    Every request is answered, those of its threads too, which a proxy sees; and none goes to another host.
    """
    orthanc = start(ON, **running.on(client, network, "orthanc"))
    study = viewers.uploaded(orthanc)
    proxy = serve("nginx", name="proxy")
    with viewers.signed_in(services("chromium"), ORIGIN) as window:
        before = len(proxy.logs())
        window.open(f"/app/explorer.html#study?uuid={study}")
        window.click("#study-volview")
        window.requests()
        href = window.run("return document.querySelector('#study-volview').href")
        assert href == f"{ORIGIN}/volview/index.html?names=[archive.zip]&urls=[../studies/{study}/archive]"
        window.open(href.removeprefix(ORIGIN))
        viewers.drawn(window)
        viewers.kept(window, "volview")
        asked = window.requests()
    assert browser.wrong(asked, ORIGIN) == []
    assert any(".woff2" in one.url for one in asked)
    answers = re.findall(r'"GET (\S+) HTTP/1.1" (\d+)', proxy.logs()[before:])
    assert [one for one in answers if int(one[1]) >= 400] == []
    assert any(path.endswith(".wasm.zst") for path, _ in answers)


def test_other_programs_find_it_among_the_plugins(start: Start) -> None:
    """Under the name that the official plugin has; switched off, the pages have no button for it."""
    orthanc = start(ON)
    assert "volview" in orthanc.get("/plugins").json()
    assert orthanc.get("/ui/api/configuration").json()["Plugins"]["volview"]["Enabled"] is True
    orthanc = start({**ON, "ORTHANC__VOL_VIEW__ENABLE": "false"})
    assert orthanc.get("/ui/api/configuration").json()["Plugins"]["volview"]["Enabled"] is False


@pytest.mark.timeout(200)
def test_its_short_address_leads_to_the_page(
    start: Start, client: docker.DockerClient, network: str, services: Services
) -> None:
    """With a slash at the end, and without."""
    start(ON, **running.on(client, network, "orthanc"))
    origin = "http://orthanc:8042"
    with viewers.signed_in(services("chromium"), origin) as window:
        for path in ("/volview", "/volview/"):
            window.open(path)
            window.until(lambda: window.address() == "/volview/index.html", "the page")
        assert browser.wrong(window.requests(), origin) == []


def test_files_have_their_types_and_nothing_else_is_there(start: Start) -> None:
    """What the page unpacks itself is not said to be compressed on its way."""
    orthanc = start(ON)
    answer = orthanc.get("/volview/itk/pipelines/dicom.wasm.zst", headers={"Accept-Encoding": "gzip, zstd"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zstd")
    assert "Content-Encoding" not in answer.headers
    assert answer.content.startswith(b"\x28\xb5\x2f\xfd")
    assert orthanc.get("/volview/index.html").headers["Content-Type"] == "text/html; charset=utf-8"
    assert orthanc.get("/volview/nothing").status_code == 404


def test_it_can_be_off(start: Start) -> None:
    """VolView.Enable is for a configuration whose variable is elsewhere."""
    orthanc = start({**ON, "ORTHANC__VOL_VIEW__ENABLE": "false"})
    assert orthanc.get("/volview/index.html").status_code == 404
    assert "volview" not in orthanc.get("/app/plugins.js").text
