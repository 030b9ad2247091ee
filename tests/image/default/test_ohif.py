"""OHIF: its page opens studies in a real browser, anywhere, and a wrong setting is told."""

from __future__ import annotations

import base64
import gzip
import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import docker
import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.uid import VideoEndoscopicImageStorage, VideoPhotographicImageStorage

from harness import browser, dicom, viewers
from harness.browser import Browser
from harness.containers import Orthanc
from services import running
from services.fixtures import Serve, Services
from services.running import Service
from tests.image.conftest import Start

pytestmark = pytest.mark.inherited

ON = {"OHIF_PLUGIN_ENABLED": "true"}
"""It enables DicomWeb, through which OHIF reads images."""
JSON = {"OHIF_PLUGIN_ENABLED": "true", "ORTHANC__OHIF__DATA_SOURCE": "dicom-json"}

ORIGIN = "http://orthanc:8042"

PREFIX = """\
events {}
http {
    server {
        listen 80;
        client_max_body_size 0;
        location /pacs/ {
            proxy_pass http://orthanc:8042/;
            proxy_set_header Host $http_host;
        }
    }
}
"""


@pytest.mark.timeout(400)
@pytest.mark.parametrize("environment", [ON, JSON], ids=["dicom-web", "dicom-json"])
def test_a_study_is_drawn(
    start: Start, client: docker.DockerClient, network: str, services: Services, environment: dict[str, str]
) -> None:
    """A user who is signed in sees the pixels of the file, and every request that the page makes is answered.

    The page may share memory between its threads.
    """
    orthanc = start(environment, **running.on(client, network, "orthanc"))
    study = viewers.uploaded(orthanc)
    by_web, by_json = f"StudyInstanceUIDs={viewers.study_uid()}", f"url=../studies/{study}/ohif-dicom-json"
    with viewers.signed_in(services("chromium"), ORIGIN) as window:
        window.open(f"/ohif/viewer?{by_web if environment == ON else by_json}")
        window.click_text("Confirm and hide")
        window.click_text("Skip all")
        viewers.drawn(window)
        viewers.kept(window, "ohif" if environment == ON else "ohif-dicom-json")
        assert window.run("return window.crossOriginIsolated")
        asked = window.requests()
    assert browser.wrong(asked, ORIGIN) == []
    assert len(asked) > 20


SEEK = """
const asked = performance.getEntriesByType('resource').find((one) => one.name.endsWith('/ohif-video'));
window.video ??= Object.assign(document.createElement('video'), {src: asked.name, muted: true});
const place = video.readyState > 1 && !video.seeking ? video.currentTime : 0;
if (!place) video.currentTime = 1.5;
return place
"""
"""Have the browser go to a place in the video; it stays at the first frame where it cannot."""


@contextmanager
def opened(
    orthanc: Orthanc, chromium: Service, dataset: Dataset, environment: dict[str, str]
) -> Iterator[Browser]:
    """Yield a window in which OHIF shows the study of `dataset`."""
    study = orthanc.upload(dicom.encoded(dataset))["ParentStudy"]
    by_web, by_json = (
        f"StudyInstanceUIDs={dataset.StudyInstanceUID}",
        f"url=../studies/{study}/ohif-dicom-json",
    )
    with viewers.signed_in(chromium, ORIGIN) as window:
        window.open(f"/ohif/viewer?{by_web if environment == ON else by_json}")
        window.click_text("Confirm and hide")
        window.click_text("Skip all")
        yield window


def bar(window: Browser) -> float:
    """Return how wide the white bar of the clip is in the view, from 0 to 1; -1 when there is no view."""
    for shown in window.canvases():
        side = min(shown.shape)
        left = (shown.shape[1] - side) // 2
        return float((shown[shown.shape[0] // 2, left : left + side] > 128).mean())
    return -1


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("environment", "sop_class"),
    [(ON, VideoPhotographicImageStorage), (JSON, VideoEndoscopicImageStorage)],
    ids=["dicom-web", "dicom-json"],
)
def test_a_video_is_played(
    start: Start,
    client: docker.DockerClient,
    network: str,
    services: Services,
    environment: dict[str, str],
    sop_class: str,
) -> None:
    """The first frame is shown, and all others once the user lets it play.

    With dicom-web, OHIF is not told of the transfer syntax, and takes photographic video alone for one.
    """
    orthanc = start(environment, **running.on(client, network, "orthanc"))
    with opened(orthanc, services("chromium"), dicom.video(sop_class), environment) as window:
        window.until(lambda: 0.02 < bar(window) < 0.2, "the first frame")
        window.driver.switch_to.active_element.send_keys("c")
        window.click("[data-cy=cine-player-play-pause]")
        window.until(lambda: bar(window) > 0.7, "one of the last frames")
        if environment == JSON:
            window.until(lambda: window.run(SEEK) == 1.5, "a place in the midst")
        assert browser.wrong(window.requests(), ORIGIN) == []


@pytest.mark.timeout(400)
@pytest.mark.parametrize("environment", [ON, JSON], ids=["dicom-web", "dicom-json"])
def test_a_document_is_shown(
    start: Start, client: docker.DockerClient, network: str, services: Services, environment: dict[str, str]
) -> None:
    """The browser's own view of PDF files shows its page, half of which is red."""
    orthanc = start(environment, **running.on(client, network, "orthanc"))
    with opened(orthanc, services("chromium"), dicom.pdf(), environment) as window:
        view = window.shown("object[type='application/pdf']")
        window.until(lambda: red(view.screenshot_as_png) > 0.05, "the red half of the page")
        assert browser.wrong(window.requests(), ORIGIN) == []


def red(png: bytes) -> float:
    """Return how much of a picture is red, from 0 to 1."""
    red, green, blue = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=int).transpose(2, 0, 1)
    return float(((red > 200) & (green < 60) & (blue < 60)).mean())


def test_a_video_is_sent_in_parts(start: Start) -> None:
    """Browsers can only seek in one that is; OHIF shows a frame by seeking."""
    orthanc, clip = start(JSON), dicom.CLIP.read_bytes()
    path = f"/instances/{orthanc.upload(dicom.encoded(dicom.video()))['ID']}/ohif-video"
    whole = orthanc.get(path)
    assert (whole.status_code, whole.headers["Content-Type"]) == (200, "video/mp4")
    assert whole.content.rstrip(b"\0") == clip.rstrip(b"\0")
    some = orthanc.get(path, headers={"Range": "bytes=100-199"})
    assert (some.status_code, some.content) == (206, clip[100:200])
    assert some.headers["Content-Range"] == f"bytes 100-199/{len(whole.content)}"
    beyond = orthanc.get(path, headers={"Range": "bytes=9999-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(whole.content)}")


def test_other_programs_find_it_among_the_plugins(start: Start) -> None:
    """Under the name that the official plugin has; the pages have its buttons then."""
    orthanc = start(JSON)
    assert "ohif" in orthanc.get("/plugins").json()
    said = orthanc.get("/ui/api/configuration").json()
    assert (said["Plugins"]["ohif"]["Enabled"], said["Plugins"]["ohif"]["DataSource"]) == (True, "dicom-json")
    assert said["UiOptions"]["EnableOpenInOhifViewer3"] is True


@pytest.mark.timeout(400)
def test_it_works_behind_a_proxy_with_a_prefix(
    start: Start, client: docker.DockerClient, network: str, services: Services, serve: Serve
) -> None:
    """Nothing is to be set for that: the list of studies opens at its short address, and a study too."""
    orthanc = start(ON, **running.on(client, network, "orthanc"))
    viewers.uploaded(orthanc)
    proxy = serve("nginx", name="proxy", files={"/service/nginx.conf": PREFIX})
    origin = f"http://{proxy.inside.partition(':')[0]}"
    with viewers.signed_in(services("chromium"), f"{origin}/pacs") as window:
        window.open("/ohif")
        window.until(lambda: "CompressedSamples" in window.run("return document.body.innerText"), "the list")
        assert window.address() == "/ohif/"
        window.click_text("Confirm and hide")
        window.open(f"/ohif/viewer?StudyInstanceUIDs={viewers.study_uid()}")
        window.click_text("Skip all")
        viewers.drawn(window)
        assert browser.wrong(window.requests(), f"{origin}/pacs") == []


@pytest.mark.timeout(200)
def test_explorer_has_its_buttons(
    start: Start, client: docker.DockerClient, network: str, services: Services
) -> None:
    """The button of a study offers five ways to open it."""
    orthanc = start(ON, **running.on(client, network, "orthanc"))
    study, uid = viewers.uploaded(orthanc), viewers.study_uid()
    with viewers.signed_in(services("chromium"), ORIGIN) as window:
        window.open(f"/app/explorer.html#study?uuid={study}")
        window.click("#study-ohif")
        links = "return [...document.querySelectorAll('.ui-simpledialog-container li a')].map(a => a.href)"
        found = window.until(lambda: window.run(links), "the dialog")
        viewers.kept(window, "explorer-ohif")
        assert found == [
            f"{ORIGIN}/ohif/viewer?StudyInstanceUIDs={uid}",
            f"{ORIGIN}/ohif/viewer?hangingprotocolId=mprAnd3DVolumeViewport&StudyInstanceUIDs={uid}",
            f"{ORIGIN}/ohif/tmtv?StudyInstanceUIDs={uid}",
            f"{ORIGIN}/ohif/segmentation?StudyInstanceUIDs={uid}",
            f"{ORIGIN}/ohif/microscopy?StudyInstanceUIDs={uid}",
        ]
        window.open("/app/explorer.html")
        listed = window.until(lambda: window.run("return document.querySelector('#lookup-ohif')?.href"), "it")
        assert listed == f"{ORIGIN}/ohif/"


def test_files_are_sent_compressed_and_kept_by_browsers(start: Start) -> None:
    """What a browser has is not sent again; what has its hash in its name is not even asked for again."""
    orthanc = start(ON)
    index = json.loads(orthanc.read("/usr/share/orthanc/viewers/ohif/index.json"))
    wasm = next(name for name in index if name.endswith(".wasm") and index[name]["lasting"])
    for name, lasting in ((wasm, "max-age=31536000, immutable"), ("viewer", "no-cache")):
        answer = orthanc.get(f"/ohif/{name}", headers={"Accept-Encoding": "gzip"})
        headers = answer.headers
        assert (answer.status_code, headers["Content-Encoding"]) == (200, "gzip")
        assert (headers["Cache-Control"], headers["Vary"]) == (lasting, "Accept-Encoding")
        assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        known = {"Accept-Encoding": "gzip", "If-None-Match": headers["ETag"]}
        again = orthanc.get(f"/ohif/{name}", headers=known)
        assert (again.status_code, again.content) == (304, b"")
        plain = orthanc.get(f"/ohif/{name}", headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        assert (plain.content, plain.headers["ETag"] == headers["ETag"]) == (answer.content, False)
    assert orthanc.get(f"/ohif/{wasm}").headers["Content-Type"] == "application/wasm"


def test_what_is_not_there_is_not_found(start: Start) -> None:
    orthanc = start(ON)
    for path in ("/ohif/nothing.js", "/ohif/ort/ort.min.js", "/ohif/index.json"):
        assert orthanc.get(path).status_code == 404
    assert orthanc.post("/ohif/viewer", "").status_code == 405


def test_compression_of_the_server_leaves_files_as_they_are(start: Start) -> None:
    """HttpCompressionEnabled does not compress a second time."""
    orthanc = start({**ON, "ORTHANC__HTTP_COMPRESSION_ENABLED": "true"})
    answer = orthanc.get("/ohif/viewer", headers={"Accept-Encoding": "gzip"})
    assert (answer.headers["Content-Encoding"], answer.text.startswith("<!doctype html>")) == ("gzip", True)


def kept(orthanc: Any, instance: str) -> dict[str, Any]:
    """Return what is kept of an instance for OHIF."""
    answer = orthanc.get(f"/instances/{instance}/metadata/4202")
    return json.loads(gzip.decompress(base64.b64decode(answer.content))) if answer.ok else {}


def test_what_ohif_reads_is_prepared_as_files_arrive(start: Start) -> None:
    """With dicom-json; a description that is damaged or of another version is made anew."""
    orthanc = start(JSON)
    study = viewers.uploaded(orthanc)
    (instance,) = (one["ID"] for one in orthanc.json(f"/studies/{study}/instances"))
    end = time.monotonic() + 20
    while not kept(orthanc, instance) and time.monotonic() < end:
        time.sleep(0.2)
    assert kept(orthanc, instance)["0028,0010"] == 128
    right = orthanc.get(f"/studies/{study}/ohif-dicom-json").text
    for wrong in ("nonsense", base64.b64encode(gzip.compress(b'{"Version": 1}')).decode()):
        orthanc.put(f"/instances/{instance}/metadata/4202", wrong)
        assert orthanc.get(f"/studies/{study}/ohif-dicom-json").text == right
        assert kept(orthanc, instance)["Version"] == 2
    assert orthanc.get(f"/studies/{instance}/ohif-dicom-json").status_code == 404


def test_nothing_is_prepared_when_that_is_off(start: Start) -> None:
    orthanc = start({**JSON, "ORTHANC__OHIF__PRELOAD": "false"})
    study = viewers.uploaded(orthanc)
    (instance,) = (one["ID"] for one in orthanc.json(f"/studies/{study}/instances"))
    time.sleep(2)
    assert kept(orthanc, instance) == {}
    assert orthanc.json(f"/studies/{study}/ohif-dicom-json")["studies"][0]["NumInstances"] == 1
    assert kept(orthanc, instance)["Version"] == 2


def test_the_users_own_settings_come_first(start: Start) -> None:
    """They may be anything that OHIF knows; what tells it where Orthanc is comes after them."""
    script = 'window.config = { whiteLabeling: "ours" };\n'
    environment = {
        **ON,
        "ORTHANC__OHIF__USER_CONFIGURATION": "/etc/ohif.js",
        "ORTHANC__OHIF__ROUTER_BASENAME": "/pacs/ohif",
        "ORTHANC__DICOM_WEB__ROOT": "/web/",
    }
    text = start(environment, files={"/etc/ohif.js": script}).get("/ohif/app-config.js").text
    assert text.startswith(script.rstrip())
    assert 'window.config.routerBasename = "/pacs/ohif/";' in text
    assert 'const dicomWeb = root + "web";' in text


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (
            {**ON, "DICOM_WEB_PLUGIN_ENABLED": "false"},
            "Ohif: it reads images through the plugin DicomWeb, which is off. "
            "Set DICOM_WEB_PLUGIN_ENABLED=true, or ORTHANC__OHIF__DATA_SOURCE=dicom-json.",
        ),
        (
            {**ON, "ORTHANC__OHIF__USER_CONFIGURATION": "/etc/none.js"},
            "ORTHANC__OHIF__USER_CONFIGURATION: the file /etc/none.js does not exist. "
            "Mount it, or correct the path.",
        ),
        (
            {**ON, "ORTHANC__OHIF__ROUTER_BASENAME": "'; alert(1)"},
            "ORTHANC__OHIF__ROUTER_BASENAME: ''; alert(1)' is not the path of a page. "
            "Write it as '/ohif/', or leave it out.",
        ),
    ],
)
def test_a_wrong_setting_stops_the_start(start: Start, environment: dict[str, str], message: str) -> None:
    """In one line, with what to do, and with no traceback."""
    orthanc = start(environment, wait=False)
    assert orthanc.wait_for_exit() == 78
    assert message in orthanc.logs()
    assert "Traceback" not in orthanc.logs()


def test_the_viewers_are_small(start: Start) -> None:
    """At most 45 MB together, and nothing that browsers never ask for."""
    orthanc = start({})
    size = int(orthanc.run("du", "-sb", "/usr/share/orthanc/viewers").stdout.split()[0])
    assert 30e6 < size < 45e6
    found = orthanc.run("find", "/usr/share/orthanc/viewers", "-name", "*.map*", "-o", "-path", "*/ort/*")
    assert found.stdout == ""
