"""The pages at the address of Orthanc Explorer 2: their routes, and what people do in a real browser."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import pydicom
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from builder.testing import pages
from harness import browser, viewers
from harness.browser import Browser
from harness.containers import Orthanc
from services import running
from services.fixtures import Serve, Services
from tests.image.conftest import Start

ROOT = Path(__file__).resolve().parents[3]

ORIGIN = "http://orthanc:8042"

DESKTOP, PHONE = (1280, 800), (390, 844)

NAMES = ("Doe^Jane", "Yamada^Tarou=山田^太郎", "Müller^Jürgen", "Иванов^Иван")


def explorer(**settings: Any) -> dict[str, str]:
    """Return the environment of a server with these settings of the pages."""
    return {"ORTHANC__ORTHANC_EXPLORER_2": json.dumps(settings)} if settings else {}


def study(orthanc: Orthanc, name: str, number: int) -> str:
    """Upload a study of one CT slice of a patient, and return its Orthanc identifier."""
    dataset = pydicom.dcmread(viewers.path())
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName, dataset.PatientID = name, f"P{number}"
    dataset.StudyDate, dataset.StudyDescription = f"2026010{number % 9 + 1}", f"Study {number}"
    dataset.AccessionNumber = f"A{number}"
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        dataset[keyword].value = f"{dataset[keyword].value[:40].rstrip('.')}.{number + 1}"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    with pydicom.filebase.DicomBytesIO() as file:
        pydicom.dcmwrite(file, dataset, enforce_file_format=True)
        return str(orthanc.upload(file.getvalue())["ParentStudy"])


@contextmanager
def opened(services: Services, size: tuple[int, int] = DESKTOP) -> Iterator[Browser]:
    """Yield a signed-in window of this size; nothing may have failed or gone elsewhere at its end."""
    with viewers.signed_in(services("chromium"), ORIGIN) as window:
        window.driver.set_window_size(*size)
        yield window
        assert browser.wrong(window.requests(), ORIGIN) == []
        assert "SEVERE" not in window.said()


def text(window: Browser) -> str:
    """Return what the page says."""
    return str(window.run("return document.body.innerText"))


def shows(window: Browser, words: str) -> None:
    """Wait until the page says these words."""
    window.until(lambda: words in text(window), f"the words {words}")


def findings(window: Browser) -> list[str]:
    """Return what axe finds against WCAG 2.2 AA in the page that is open."""
    modules = pages.prepare(ROOT, os.environ)
    window.run((modules / "axe-core/axe.min.js").read_text(encoding="utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    script = "const done = arguments[1]; axe.run({runOnly: arguments[0]}).then((all) => done(all.violations))"
    found = window.driver.execute_async_script(script, tags)
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def test_the_root_leads_to_the_pages_where_that_is_wanted(start: Start) -> None:
    """With the arguments of the address, and whatever the root is."""
    orthanc = start(explorer(IsDefaultOrthancUI=True, Root="/a/b/"))
    answer = orthanc.get("/?token=x%20y", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (307, "a/b/app/index.html?token=x%20y")
    assert 'data-up="../../../"' in orthanc.get("/a/b/app/index.html").text
    assert orthanc.get("/a/b/app", allow_redirects=False).headers["Location"] == "index.html"
    assert orthanc.get("/a/b/index.html", allow_redirects=False).headers["Location"] == "app/index.html"


def test_the_pages_are_on_by_default_beside_the_former_ones(start: Start) -> None:
    orthanc = start({})
    assert orthanc.get("/", allow_redirects=False).headers["Location"].endswith("app/explorer.html")
    assert orthanc.get("/plugins").json().count("orthanc-explorer-2") == 1
    about = orthanc.get("/plugins/orthanc-explorer-2").json()
    assert (about["Version"], about["RootUri"]) == ("1.14.1", "../ui/app/")
    assert "/ui/app/index.html" in orthanc.get("/plugins/explorer.js").text


def test_files_are_compressed_kept_and_guarded(start: Start) -> None:
    """Nobody gets them twice, nothing else runs in them, and what is none is not there."""
    orthanc = start({})
    page = orthanc.get("/ui/app/index.html")
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy
    script = orthanc.get("/ui/app/assets/main.js", headers={"Accept-Encoding": "gzip"})
    assert (script.headers["Content-Encoding"], script.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert script.headers["Cache-Control"] == "no-cache"
    again = orthanc.get("/ui/app/assets/main.js", headers={"If-None-Match": script.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = orthanc.get("/ui/app/assets/main.js", headers={"Accept-Encoding": "identity"})
    assert ("Content-Encoding" in plain.headers, plain.text) == (False, script.text)
    assert orthanc.get("/ui/app/assets/none.js").status_code == 404
    assert orthanc.get("/ui/app/worklists").text == page.text
    assert orthanc.post("/ui/app/index.html").status_code == 405
    assert orthanc.get("/ui/app/customizable/custom-logo").status_code == 404


def test_other_programs_read_the_configuration(start: Start) -> None:
    """As they do with the official plugin; what is secret is not in it."""
    secret = {"Emails": {"Server": {"Url": "http://mail", "Password": "hidden"}}}
    ui = {"EnableShares": True, "MaxStudiesDisplayed": 7, "EnableAnonimization": False}
    answer = start(explorer(UiOptions=ui, CustomTitle="Ours", **secret)).get("/ui/api/configuration")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "hidden" not in answer.text
    said = answer.json()
    assert said["CustomTitle"] == "Ours"
    options = said["UiOptions"]
    assert (options["EnableShares"], options["MaxStudiesDisplayed"], options["PageLoadSize"]) == (True, 7, 50)
    assert options["EnableAnonymization"] is False
    assert options["EnableOpenInOhifViewer3"] is False
    assert said["Tokens"] == {
        "InstantLinksValidity": 200,
        "ShareType": "stone-viewer-publication",
        "RequiredForLinks": False,
    }
    assert said["Plugins"]["orthanc-explorer-2"]["Enabled"] is True
    assert "explorer.js" not in said["Plugins"]


def test_before_the_login_little_is_told(start: Start) -> None:
    keycloak = {"Enable": True, "Url": "http://login:8080/x", "Realm": "r", "ClientId": "c"}
    orthanc = start(explorer(Keycloak=keycloak, Inbox={"Enable": True, "Title": "Send"}))
    said = orthanc.get("/ui/api/pre-login-configuration").json()
    assert (said["Keycloak"]["Realm"], said["Inbox"]["Title"]) == ("r", "Send")
    assert said["TokensLandingOptions"] is None
    policy = orthanc.get("/ui/app/index.html").headers["Content-Security-Policy"]
    assert "connect-src 'self' http://login:8080;" in policy


def test_on_a_server_that_cannot_be_written_to_nothing_is_offered_that_writes(
    start: Start, client: docker.DockerClient
) -> None:
    orthanc = start({"ORTHANC__READ_ONLY": "true"})
    options = orthanc.get("/ui/api/configuration").json()["UiOptions"]
    assert not any(options[one] for one in ("EnableUpload", "EnableDeleteResources", "EnableEditLabels"))
    assert options["EnableStudyList"]


def test_they_can_be_off(start: Start) -> None:
    orthanc = start({"ORTHANC_EXPLORER_2_ENABLED": "false"})
    assert orthanc.get("/ui/app/index.html").status_code == 404


def test_the_users_own_style_and_logo_are_shown(start: Start) -> None:
    files = {"/etc/looks/my.css": "h1 { color: teal; }", "/etc/looks/my.svg": "<svg/>"}
    settings = explorer(CustomCssPath="/etc/looks/my.css", CustomLogoPath="/etc/looks/my.svg", Theme="dark")
    orthanc = start(settings, files=files)
    style = orthanc.get("/ui/app/customizable/custom.css")
    assert style.text == ":root { color-scheme: dark; }\nh1 { color: teal; }"
    logo = orthanc.get("/ui/app/customizable/custom-logo")
    assert (logo.text, logo.headers["Content-Type"]) == ("<svg/>", "image/svg+xml")
    assert orthanc.get("/ui/api/configuration").json()["HasCustomLogo"] is True


@pytest.mark.timeout(400)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_people_work_with_studies(
    start: Start, client: docker.DockerClient, network: str, services: Services, size: tuple[int, int]
) -> None:
    """They find, open, look at, label and delete studies; axe has nothing to say on any page."""
    orthanc = start({}, **running.on(client, network, "orthanc"))
    for number, name in enumerate(NAMES):
        study(orthanc, name, number)
    with opened(services, size) as window:
        window.open("/ui/app/")
        shows(window, "Studies: 4")
        shows(window, "Yamada, Tarou · 山田, 太郎")
        assert findings(window) == []
        viewers.kept(window, f"explorer-list-{size[0]}")

        field = window.driver.find_element(By.CSS_SELECTOR, "input[aria-label*='name']")
        window.run("arguments[0].focus()", field)
        field.send_keys("doe")
        shows(window, "Studies: 1")
        assert "PatientName=*doe*" in window.address()
        window.driver.back()
        shows(window, "Studies: 4")

        rows = window.driver.find_element(By.CSS_SELECTOR, ".rows")
        rows.send_keys(Keys.HOME, Keys.ARROW_DOWN, Keys.ENTER)
        window.until(lambda: "study?id=" in window.address(), "the page of the second study")
        shows(window, "Patient ID")
        window.until(lambda: window.run(LOADED), "the image")
        assert findings(window) == []
        viewers.kept(window, f"explorer-study-{size[0]}")

        window.click_text("Labels")
        window.driver.find_element(By.CSS_SELECTOR, "dialog input").send_keys("urgent", Keys.ENTER)
        window.until(lambda: orthanc.get("/tools/labels").json() == ["urgent"], "the label")
        assert findings(window) == []
        window.driver.find_element(By.CSS_SELECTOR, "dialog").send_keys(Keys.ESCAPE)

        window.click_text("Delete")
        shows(window, "This deletes 1 from the server for good:")
        window.click_text("Delete for good")
        window.until(lambda: len(orthanc.get("/studies").json()) == 3, "the deletion")
        shows(window, "Studies: 3")


LOADED = "const one = document.querySelector('.preview img'); return !!one && one.naturalWidth === 128"


@pytest.mark.timeout(400)
def test_people_upload_files(
    start: Start, client: docker.DockerClient, network: str, services: Services
) -> None:
    """What is no DICOM is reported by its name; what has come is linked."""
    orthanc = start({}, **running.on(client, network, "orthanc"))
    with opened(services) as window:
        window.open("/ui/app/upload")
        shows(window, "Drop files")
        assert findings(window) == []
        content = base64.b64encode(Path(viewers.path()).read_bytes()).decode()
        window.run(DROP, content)
        shows(window, "2 of 2 files.")
        shows(window, "Failed: 1.")
        shows(window, "odd.txt")
        assert len(orthanc.get("/instances").json()) == 1
        window.until(
            lambda: window.run("return document.querySelectorAll('main li a').length") == 1, "the link"
        )
        bad = [one for one in window.requests() if one.status >= 400]
        assert [one.url.removeprefix(ORIGIN) for one in bad] == ["/instances"]
        assert "400" in window.said()


LINKS = "return document.querySelectorAll('main li a').length"

DROP = """
const bytes = Uint8Array.from(atob(arguments[0]), (one) => one.charCodeAt(0));
const files = new DataTransfer();
files.items.add(new File([bytes], "ct.dcm"));
files.items.add(new File(["no DICOM"], "odd.txt"));
const input = document.querySelector("input[type=file]");
input.files = files.files;
input.dispatchEvent(new Event("change", { bubbles: true }));
"""


@pytest.mark.timeout(400)
def test_every_other_page_opens(
    start: Start, client: docker.DockerClient, network: str, services: Services
) -> None:
    """Jobs, settings, metrics, a modality, the inbox and a link that is not valid; in each language, too."""
    modalities = {"DicomModalities": {"self": ["ORTHANC", "127.0.0.1", 4242]}}
    settings = {"ORTHANC_JSON": json.dumps({**modalities, "OrthancExplorer2": {"Inbox": {"Enable": True}}})}
    orthanc = start(settings, **running.on(client, network, "orthanc"))
    study(orthanc, NAMES[0], 0)
    with opened(services) as window:
        for page, words in (
            ("jobs", "There are no jobs."),
            ("settings", "orthanc-explorer-2"),
            ("settings-metrics", "orthanc_up_time_s"),
            ("inbox.html", "Send images"),
            ("nothing", "There is no page named nothing."),
        ):
            window.open(f"/ui/app/{page}")
            shows(window, words)
            assert findings(window) == [], page
        window.open("/ui/app/filtered-studies?source-type=dicom&remote-source=self")
        window.click_text("Search")
        shows(window, "Doe, Jane")
        assert findings(window) == []
        for code, words in (("de", "Studien"), ("ja", "検査"), ("fr", "Examens")):
            window.run("localStorage.setItem('orthanc-explorer-language', arguments[0])", code)
            window.open("/ui/app/")
            shows(window, words)


@pytest.mark.timeout(400)
def test_the_pages_work_behind_a_prefix(
    start: Start, client: docker.DockerClient, network: str, services: Services, serve: Serve
) -> None:
    orthanc = start({}, **running.on(client, network, "orthanc"))
    study(orthanc, NAMES[0], 0)
    nginx = (ROOT / "services/nginx/nginx.conf").read_text(encoding="utf-8")
    there = nginx.replace("location / {", "location /pacs/ {")
    there = there.replace("proxy_pass $orthanc;", "rewrite ^/pacs(/.*)$ $1 break; proxy_pass $orthanc;")
    serve("nginx", name="proxy", files={"/service/nginx.conf": there})
    with viewers.signed_in(services("chromium"), "http://proxy/pacs") as window:
        window.open("/ui/app/index.html")
        shows(window, "Doe, Jane")
        window.click_text("Doe, Jane")
        shows(window, "Patient ID")
        assert browser.wrong(window.requests(), "http://proxy/pacs") == []
